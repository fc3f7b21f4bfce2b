"""Where the words of a permanent address are now: at their old place, elsewhere on the page, or on another page.

anchor ─► its place in the page's text or notes ─► passages, sentences and lines with its digest ─► the same on other pages
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.anchor import Anchor
from kb.language import sentences
from kb.model import Field, Page, Passage, Span

FIELDS: tuple[Field, ...] = ("text", "notes")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one field of one page."""

    number: int
    field: Field
    span: Span


def find(anchor: Anchor, page: Page, passages: Sequence[Passage]) -> Place | None:
    """Where the words of an anchor are on a page; None when they are not on it."""
    for field in FIELDS:
        if anchor.names(page.field(field)[anchor.start : anchor.end]):
            return Place(page.number, field, Span(anchor.start, anchor.end))
    for field, span in stretches(page, passages):
        if anchor.names(page.field(field)[span.start : span.end]):
            return Place(page.number, field, span)
    return None


def find_elsewhere(anchor: Anchor, pages: Iterable[tuple[Page, Sequence[Passage]]], near: int) -> Place | None:
    """Where the words are on other pages of the document, nearest to page `near` first; None when they are gone."""
    others = (each for each in pages if each[0].number != near)
    for page, passages in sorted(others, key=lambda each: abs(each[0].number - near)):
        if found := find(anchor, page, passages):
            return found
    return None


def stretches(page: Page, passages: Sequence[Passage]) -> Iterator[tuple[Field, Span]]:
    """The stretches that an address may have been made for: passages, sentences, lines."""
    for passage in passages:
        yield passage.field, Span(passage.start, passage.end)
    for field in FIELDS:
        text = page.field(field)
        for span in sentences(text):
            yield field, span
        start = 0
        for line in text.splitlines(keepends=True):
            bare = line.strip()
            if bare:
                begin = start + line.index(bare)
                yield field, Span(begin, begin + len(bare))
            start += len(line)
