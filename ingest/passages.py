"""Passages: a page becomes units of retrieval, each a stretch of one field of that page.

    page ─► text, notes ─► borders (heading > block > line > sentence > word) ─► stretches of a good length ─► passages

A slide is one passage as long as it is short: it was made to be read as one. Longer ones and pages of literature are
cut at the strongest border within reach. Stretches follow each other and leave out only blanks, so that
together they cover the field: nothing that was read is lost to search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.slides import page_headings
from kb.language import detect
from kb.language.sentences import sentence_ends
from kb.model import Field, Kind, Language, Page, Passage

FIELDS: tuple[Field, ...] = ("text", "notes")


@dataclass(frozen=True, slots=True)
class Lengths:
    """Characters of a passage: a text up to `whole` stays one; a longer one is cut into `least` to `most`."""

    whole: int
    least: int
    most: int


# A slide of 1,000 characters is some 170 words, about as much Dutch as an encoder reads in 256 word pieces.
LENGTHS: dict[Kind, Lengths] = {"deck": Lengths(1000, 500, 900), "literature": Lengths(900, 450, 900)}

# A running head, or the last words of the section before, may stand between a passage's start and its heading.
RIGHT_AFTER = 100

_BLANK = re.compile(r"\s+")
_HEADING, _BLOCK, _LINE, _STOP, _WORD = 5, 4, 3, 2, 1


def passages(pages: Sequence[Page], *, title: str, language: Language | None, kind: Kind) -> tuple[Passage, ...]:
    """All passages of a document, by page, the slide before its notes, from the top down.

    `title` is the document's and begins the context; `language` is the document's, for passages too short to tell.
    Always `passage.text == page.field(passage.field)[passage.start:passage.end]`, without blanks at its ends.
    """
    heads: Sequence[Sequence[tuple[int, str]]]
    heads = page_headings(pages) if kind == "literature" else [[] for _ in pages]
    return tuple(
        passage
        for page, above in zip(pages, heads, strict=True)
        for field in FIELDS
        for passage in _passages_of(page, field, above if field == "text" else (), title, language, LENGTHS[kind])
    )


def _passages_of(
    page: Page,
    field: Field,
    above: Sequence[tuple[int, str]],
    title: str,
    language: Language | None,
    lengths: Lengths,
) -> Iterator[Passage]:
    """The passages of one field of a page; `above` are its headings, each with its offset."""
    text = page.field(field)
    spans = list(stretches(text, lengths, above))
    # The language of a passage that is all the text of its page was detected with the page.
    known = page.language if len(spans) == 1 and field == "text" and not page.notes else None
    for start, end in spans:
        words = text[start:end]
        its_language = known or detect(words) or page.language or language
        yield Passage(page.number, start, end, words, field, its_language, context_of(page, title, above, start))


def context_of(page: Page, title: str, above: Sequence[tuple[int, str]] = (), start: int = 0) -> str:
    """Document title › section › page title, each once.

    On a page with headings of its own (`above`, each with its offset) a passage belongs to the nearest heading that
    begins before `start` or right after it, or under the heading that the page began with.
    """
    heading = next((line for offset, line in reversed(above) if offset <= start + RIGHT_AFTER), None)
    parts = [title, page.section, page.title]
    if heading is not None:
        parts = [title, heading] if page.title in [line for _, line in above] else [title, page.title, heading]
    elif page.title in [line for _, line in above]:
        parts = [title, page.section]
    seen: dict[str, str] = {}
    for part in parts:
        if part and part.strip():
            seen.setdefault(part.strip().casefold(), part.strip())
    return " › ".join(seen.values())


def stretches(text: str, lengths: Lengths, above: Sequence[tuple[int, str]] = ()) -> Iterator[tuple[int, int]]:
    """Spans, in order, that cover every character of the text that is not blank, without blanks at their ends.

    A heading (`above`: offset and line) goes with the text under it.
    """
    start, end = _trim(text, 0, len(text))
    if start < end and end - start <= lengths.whole:
        yield start, end
        return
    borders = _borders(text)
    for offset, line in above:
        borders[offset] = _HEADING
        after, _ = _trim(text, offset + len(line), len(text))
        borders[after] = _WORD
    while start < end:
        cut = _cut(text, start, end, borders, lengths)
        yield _trim(text, start, cut)
        start, _ = _trim(text, cut, end)


def _cut(text: str, start: int, end: int, borders: dict[int, int], lengths: Lengths) -> int:
    """Where the stretch that begins at `start` ends: the strongest border within reach, the last of equals."""
    if end - start <= lengths.most:
        return end
    # Two of a fair length rather than a full one and a remnant.
    most = min(lengths.most, max(lengths.least, end - start - lengths.least // 2))
    best, strength = 0, 0
    for position in range(start + lengths.least, min(end, start + most) + 1):
        found = borders.get(position, 0)
        if found and found >= strength:
            best, strength = position, found
    if strength >= _STOP:
        return best
    # A long sentence: an earlier border of a sentence is better than cutting through one.
    for position in range(start + lengths.least, start + lengths.least // 3, -1):
        if borders.get(position, 0) >= _STOP:
            return position
    return best or start + most


def _borders(text: str) -> dict[int, int]:
    """Position after a border to the strength of it."""
    borders: dict[int, int] = {}
    for blank in _BLANK.finditer(text):
        lines = blank.group().count("\n")
        borders[blank.end()] = _BLOCK if lines > 1 else _LINE if lines and _ends_line(text, blank) else _WORD
    for stop in sentence_ends(text):
        begin, _ = _trim(text, stop, len(text))
        borders[begin] = max(borders.get(begin, 0), _STOP)
    return borders


def _ends_line(text: str, blank: re.Match[str]) -> bool:
    """Whether a line's end is more than the page's edge: the next line does not go on in lower case."""
    return not text[blank.end() : blank.end() + 1].islower()


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blanks at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
