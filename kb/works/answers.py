"""Answers: the stored decisions of people, looked up by the fingerprints of their works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kb.catalogue.derivation import Names, Ruling


class Answers:
    """Decisions by fingerprint: which content is one work, and which is not."""

    def __init__(self, rulings: Sequence[Ruling]) -> None:
        self.rulings = {ruling.id: ruling for ruling in rulings}
        self._sides: dict[str, list[tuple[int, int]]] = {}
        for ruling in rulings:
            for side, names in ((0, ruling.one), (1, ruling.other)):
                for name in names:
                    self._sides.setdefault(name, []).append((ruling.id, side))

    def between(self, one: Iterable[str], other: Iterable[str]) -> Ruling | None:
        """The latest decision that has one of these fingerprints on each side."""
        if not self._sides:
            return None
        first_sides = {answer for name in one for answer in self._sides.get(name, ())}
        if not first_sides:
            return None
        other_sides = {answer for name in other for answer in self._sides.get(name, ())}
        about = [number for number, side in first_sides if (number, 1 - side) in other_sides]
        return self.rulings[max(about)] if about else None

    def confirmed(self) -> list[Ruling]:
        """Confirmations about works and documents that no later decision contradicts."""
        return [
            ruling
            for ruling in self.rulings.values()
            if ruling.confirmed and ruling.kind != "citation" and self._holds(ruling)
        ]

    def same_as(self, name: str) -> Iterator[Names]:
        """Fingerprints that were confirmed to be of the same work as this one, the latest decision first."""
        for number, side in sorted(self._sides.get(name, ()), reverse=True):
            ruling = self.rulings[number]
            if ruling.confirmed and self._holds(ruling):
                yield ruling.one if side else ruling.other

    def _holds(self, ruling: Ruling) -> bool:
        """Whether no later decision is about the same two sides."""
        return self.between(ruling.one, ruling.other) is ruling
