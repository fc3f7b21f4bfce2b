"""Values that the recognisers of citations pass to each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ingest.citations.grammar import CLOCK
from kb.model import CitationForm, Field, Kind, Page

Extent = tuple[int, int]
"""Start and end of a stretch of text, `end` exclusive."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch of text that may be a citation."""

    start: int
    end: int
    form: CitationForm
    authors: tuple[str, ...] = ()
    year: str | None = None
    locator: str | None = None
    confidence: float = 1.0
    certain: bool = True
    """Whether it needs no other evidence than itself; else it is believed when its names occur elsewhere."""


@dataclass(frozen=True, slots=True)
class NameList:
    """Family names and institutions of one citation; `more` when "et al." follows them."""

    names: tuple[str, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class PageText:
    """One field of a page, with what the recognisers need to know about the document."""

    page: Page
    field: Field
    text: str
    excluded: Sequence[Extent]
    """Lines of reference lists and running heads, in order: no citation is read there."""
    labels: Collection[str]
    """Numbers of the entries of the document's numbered lists."""
    kind: Kind
    is_programme: bool
    """Whether the page holds times of the day, as an agenda does: names in brackets are then speakers."""

    @property
    def is_first_slide(self) -> bool:
        """Whether a name and a year on it may be the presenter and the date."""
        return self.page.number == 1 and self.kind == "deck"


def page_text(page: Page, field: Field, excluded: Sequence[Extent], labels: Collection[str], kind: Kind) -> PageText:
    """One field of a page as the recognisers read it."""
    text = page.field(field)
    return PageText(page, field, text, excluded, labels, kind, len(CLOCK.findall(text)) >= 2)


def cells(text: str) -> Iterator[tuple[int, str]]:
    """Lines, and the cells of rows of a table, each with the place where it starts."""
    start = 0
    for line in text.split("\n"):
        cell_start = start
        for cell in line.split(" | "):
            yield cell_start, cell
            cell_start += len(cell) + 3
        start += len(line) + 1
