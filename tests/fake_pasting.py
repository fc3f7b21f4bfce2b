"""Pasted references of the small knowledge base: read as they are, and kept in a list."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.entries import read_pasted
from kb.bibliography import same_work
from kb.catalogue import Bibliography
from kb.errors import NotInKnowledgeBase
from kb.model import Entry, Reference
from kb.pasting import FILENAME, Pasted


class FakePasting:
    """The calls of the page of pasted references; `references` gives the works that are known."""

    kept: list[Bibliography]

    def known(self) -> Sequence[Reference]:
        """The works that a pasted reference is compared with."""
        return ()

    def parse_references(self, text: str, /) -> tuple[list[Pasted], tuple[str, ...]]:
        entries, problems = read_pasted(text)
        return [self._placed(entry) for entry in entries], problems

    def _placed(self, entry: Entry) -> Pasted:
        for reference in self.known():
            verdict = same_work(entry.csl, reference.csl)
            if verdict.word != "different":
                return Pasted(entry, reference, verdict=verdict)
        return Pasted(entry)

    def add_references(self, entries: Sequence[Entry], /) -> Bibliography:
        number = max((each.id for each in self.kept), default=0) + 1
        made = Bibliography(number, FILENAME, f"pasted:{number}", "0", len(entries), (), "2026-11-22T12:00:00+00:00")
        self.kept.append(made)
        return made

    def bibliographies(self) -> list[Bibliography]:
        return self.kept

    def forget(self, bibliography_id: int, /) -> Bibliography:
        for each in self.kept:
            if each.id == bibliography_id:
                self.kept.remove(each)
                return each
        raise NotInKnowledgeBase(f"there is no imported bibliography {bibliography_id}")
