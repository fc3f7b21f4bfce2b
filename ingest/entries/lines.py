"""Lines of pages, and which of them are running heads.

A page's text is cut into lines once; everything after that works on `Line`s, which know their place on the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.grammar import YEAR
from kb.bibliography.identifiers import ADDRESS_START
from kb.model import Kind, Page

LINK = re.compile(ADDRESS_START, re.IGNORECASE)
"""Where an address begins."""
_EDGE = 4
"""So many lines at the top and at the bottom of a page may be running heads."""
_PAGE_NUMBER = re.compile(rf"(?!{YEAR}\.)\W*\d{{1,4}}\W*")
"""A number alone; "2003." ends an entry."""
LineKey = tuple[int, int]
"""A page's number and the place where a line starts on it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, or a part of it: page.text[start:end] == text, without white space around it."""

    number: int
    """The page's number."""
    start: int
    end: int
    text: str
    after_empty: bool = False
    """Whether an empty line precedes it."""

    @property
    def key(self) -> LineKey:
        """The line's place in the document."""
        return self.number, self.start


def lines(page: Page) -> list[Line]:
    """The lines of a page's text that hold anything."""
    found, start, after_empty = [], 0, False
    for raw in page.text.split("\n"):
        text = raw.strip()
        if text:
            begin = start + raw.index(text[0])
            found.append(Line(page.number, begin, begin + len(text), text, after_empty))
        after_empty = not text
        start += len(raw) + 1
    return found


def running_heads(pages: Sequence[Sequence[Line]], kind: Kind) -> frozenset[LineKey]:
    """Running heads and feet: lines at the edge of a page that other pages have too, and page numbers.

    `pages` holds the lines of each page. Lines are compared without digits and spaces, so that a page number in them makes no
    difference. On slides, which are short and repeat their words, a line must be on half of them, and on four at least.
    """
    least = max(2, min(len(pages), 12) / 3) if kind == "literature" else max(4, len(pages) / 2)
    compared = {line: _without_digits(line.text) for on_page in pages for line in _edges(on_page)}
    pages_with = Counter(text for _, text in {(line.number, text) for line, text in compared.items()})
    heads = {line.key for line, text in compared.items() if len(text) >= 8 and pages_with[text] >= least}
    if kind == "literature":
        for on_page in pages:
            for ordered in (on_page, on_page[::-1]):
                heads.update(_page_number(ordered, heads))
    return frozenset(heads)


def _edges(on_page: Sequence[Line]) -> Iterator[Line]:
    for at, line in enumerate(on_page):
        if at < _EDGE or at >= len(on_page) - _EDGE:
            yield line


def _without_digits(text: str) -> str:
    """A line as it is compared with others; addresses differ in their digits alone, so they are compared whole."""
    if LINK.search(text) and len(text.split()) < 3:
        return text
    return re.sub(r"[\W\d_]+", "", text).casefold()


def _page_number(ordered: Sequence[Line], heads: set[LineKey]) -> set[LineKey]:
    """The number at the very edge of a page, or next to a running head there: "122" may also end a broken address."""
    for line in ordered[: _EDGE + 1]:
        if _PAGE_NUMBER.fullmatch(line.text):
            return {line.key}
        if line.key not in heads:
            break
    return set()
