"""Inquiries: the open questions about references as a person is asked them, each with all works that may be the answer.

    doubts (one citation, one work each) ─► those about the same words with the same candidates ─► one inquiry with choices

"(Strayhorn)" on five slides of two decks may mean the work of 2012 or that of 2019: that is one inquiry, not four doubts, and
one answer holds for all those places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.bibliography import fold
from kb.bibliography.names import cites_more_authors
from kb.model import Citation, Doubt, DoubtKind, Reason, Reference

InquiryOrder = Literal["likely", "reading"]
"""`likely`: the most probable yes first; `reading`: the entries that were read with the least confidence first."""
ORDERS: tuple[InquiryOrder, ...] = ("likely", "reading")

Candidate = tuple[str | None, int | None]
"""Key of a reference, or id of a document."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A work that may be meant, and the doubts that are confirmed when it is."""

    candidate: Reference | None
    document_id: int | None
    doubts: tuple[str, ...]
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question with the works that may be its answer, the most probable first."""

    kind: DoubtKind
    reference: Reference
    citations: tuple[Citation, ...]
    choices: tuple[Choice, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        """All its doubts: refused when none of the choices is meant."""
        return tuple(doubt for choice in self.choices for doubt in choice.doubts)

    @property
    def confidence(self) -> float:
        """The lowest confidence with which an entry of these works was read; 1 where none was read off print."""
        works = [self.reference, *(choice.candidate for choice in self.choices if choice.candidate)]
        read = (entry.confidence for work in works for entry in work.listed if entry.confidence is not None)
        return min(read, default=1.0)


def inquiries(doubts: Sequence[Doubt], order: InquiryOrder = "likely") -> list[Inquiry]:
    """The open questions, those with the same words and the same candidates together."""
    by_places: dict[object, list[Doubt]] = {}
    for doubt in doubts:
        by_places.setdefault(_places(doubt), []).append(doubt)
    by_words: dict[object, list[list[Doubt]]] = {}
    for asked in by_places.values():
        by_words.setdefault(_words(asked), []).append(asked)
    made = [_inquiry([doubt for asked in together for doubt in asked]) for together in by_words.values()]
    return sorted(made, key=lambda each: each.confidence) if order == "reading" else made


def _places(doubt: Doubt) -> object:
    """The places that a doubt about citations is about; a doubt about two works is a question of its own."""
    return tuple(citation.id for citation in doubt.citations) if doubt.kind == "citation" else doubt.id


def _words(asked: Sequence[Doubt]) -> object:
    """The words of the citations and the candidates: where both are equal one answer holds."""
    first = asked[0]
    if first.kind != "citation" or not first.citations:
        return first.id
    citation = first.citations[0]
    names = tuple(fold(name) for name in citation.authors)
    more = cites_more_authors(citation.text)
    return names, citation.year, more, frozenset(_candidate(doubt) for doubt in asked)


def _candidate(doubt: Doubt) -> Candidate:
    return (doubt.candidate.key if doubt.candidate else None, doubt.document_id)


def _inquiry(doubts: Iterable[Doubt]) -> Inquiry:
    ordered = sorted(doubts, key=lambda doubt: -doubt.score)
    by_candidate: dict[Candidate, list[Doubt]] = {}
    for doubt in ordered:
        by_candidate.setdefault(_candidate(doubt), []).append(doubt)
    citations = {citation.id: citation for doubt in ordered for citation in doubt.citations}
    return Inquiry(
        ordered[0].kind,
        ordered[0].reference,
        tuple(sorted(citations.values(), key=lambda each: (each.document_id, each.number, each.start))),
        tuple(_choice(each) for each in by_candidate.values()),
    )


def _choice(doubts: Sequence[Doubt]) -> Choice:
    """The choice of one candidate; `doubts` are about it, the most probable first."""
    best = doubts[0]
    return Choice(best.candidate, best.document_id, tuple(doubt.id for doubt in doubts), best.score, best.reason)
