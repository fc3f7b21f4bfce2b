"""Alignment of a page's stored text with the characters of its PDF: which boxes on the page show a stretch of text.

    stored text ─► letters and digits ─┐
                                       ├─► words found in the page's sequence, in order ─► boxes, one per line
    PDF characters ─► the same ────────┘

The two differ in white space, hyphens, ligatures, order of columns and words joined at a line's end, so only letters and digits
are compared. The whole page is aligned, not the one passage, so that of a repeated phrase the right occurrence is marked.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.boxes import Box, Marked, PageWords
from kb.model import Span

SHORTEST = 4
"""Letters of a stretch that is looked for away from the place where it is expected."""
GAP = 2.5
"""Heights of a line; a wider gap on one line starts a new box (another column)."""


@dataclass(frozen=True, slots=True)
class PageText:
    """The characters of a page of a PDF with a box each; `ratio` is its height divided by its width."""

    text: str
    boxes: tuple[Box, ...]
    ratio: float

    @classmethod
    def parse(cls, data: bytes) -> PageText:
        """From the JSON of the drawing process."""
        value = json.loads(data)
        return cls(value["text"], tuple(Box(*box) for box in value["boxes"]), value["ratio"])

    @classmethod
    def of_words(cls, page: PageWords) -> PageText:
        """From words with a box each, which their characters share evenly."""
        letters: list[str] = []
        boxes: list[Box] = []
        for word in page.words:
            left, step = word.box.left, (word.box.right - word.box.left) / max(1, len(word.text))
            for place, letter in enumerate(word.text):
                letters.append(letter)
                boxes.append(Box(left + place * step, word.box.top, left + (place + 1) * step, word.box.bottom))
        return cls("".join(letters), tuple(boxes), page.ratio)


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters and digits of a text, in lower case without accents, and the place of each in that text."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Letters:
        """One character may give several letters ("ﬁ") or none (a space)."""
        letters, places = [], []
        for place, character in enumerate(text):
            for letter in unicodedata.normalize("NFKD", character).casefold():
                if letter.isalnum():
                    letters.append(letter)
                    places.append(place)
        return cls("".join(letters), tuple(places))


def marked(page: PageText, stored: str, spans: Sequence[Span]) -> list[Marked]:
    """For each span of the stored text its boxes, a box per line, and the share of its letters that was found."""
    wanted, present = Letters.of(stored), Letters.of(page.text)
    found = align(stored, wanted, present.text)
    results = []
    for span in spans:
        inside = [at for at, place in enumerate(wanted.places) if span.start <= place < span.end]
        places = [present.places[found[at]] for at in inside if at in found]
        share = len(places) / len(inside) if inside else 0.0
        results.append(Marked(tuple(lines(page, sorted(set(places)))), share))
    return results


def align(stored: str, wanted: Letters, present: str) -> dict[int, int]:
    """For letters of the stored text (by their index in `wanted`) the index of the same letter in `present`."""
    alignment = _Alignment(wanted.text, present)
    for start, end in word_runs(stored, wanted):
        alignment.place(start, end)
    return alignment.found


def word_runs(stored: str, wanted: Letters) -> Iterator[tuple[int, int]]:
    """The lines of the stored text as ranges of its letters."""
    start = 0
    for at in range(1, len(wanted.places) + 1):
        if at == len(wanted.places) or "\n" in stored[wanted.places[at - 1] : wanted.places[at]]:
            yield start, at
            start = at


class _Alignment:
    """Letters of a stored text, placed among those of a page stretch by stretch."""

    def __init__(self, wanted: str, present: str) -> None:
        self.wanted = wanted
        self.present = present
        self.found: dict[int, int] = {}
        self._used = bytearray(len(present))
        self._expected = 0
        """Where the next stretch begins, if the page has the same order."""

    def place(self, start: int, end: int) -> None:
        """Find wanted[start:end] whole, else in halves."""
        stretch = self.wanted[start:end]
        at = self._free(stretch)
        if at is not None:
            self.found.update(zip(range(start, end), range(at, at + len(stretch)), strict=True))
            self._used[at : at + len(stretch)] = b"\1" * len(stretch)
            self._expected = at + len(stretch)
        elif len(stretch) > 1:
            middle = (start + end) // 2
            self.place(start, middle)
            self.place(middle, end)

    def _free(self, stretch: str) -> int | None:
        """Where a stretch is found and not used yet: where it is expected, else behind that, else anywhere."""
        if self._is_free(stretch, self._expected) and self.present.startswith(stretch, self._expected):
            return self._expected
        if len(stretch) < SHORTEST:
            return None
        for begin in (self._expected, 0):
            at = self.present.find(stretch, begin)
            while at != -1:
                if self._is_free(stretch, at):
                    return at
                at = self.present.find(stretch, at + 1)
        return None

    def _is_free(self, stretch: str, at: int) -> bool:
        return not any(self._used[at : at + len(stretch)])


def lines(page: PageText, places: Sequence[int]) -> Iterator[Box]:
    """Boxes around characters of a page, given by their places in reading order: one for each line."""
    current: Box | None = None
    for place in places:
        box = page.boxes[place]
        if box.right <= box.left or box.bottom <= box.top:
            continue
        if current is None or not _same_line(current, box, page.ratio):
            if current is not None:
                yield current
            current = box
        else:
            current = joined(current, box)
    if current is not None:
        yield current


def joined(one: Box, other: Box) -> Box:
    """The smallest box around both."""
    return Box(
        min(one.left, other.left), min(one.top, other.top), max(one.right, other.right), max(one.bottom, other.bottom)
    )


def _same_line(line: Box, box: Box, ratio: float) -> bool:
    """Whether a character continues a line: at the same height, and not far behind its end."""
    overlap = min(line.bottom, box.bottom) - max(line.top, box.top)
    height = min(line.bottom - line.top, box.bottom - box.top)
    near = (
        box.left - line.right < GAP * (line.bottom - line.top) * ratio and line.left - box.right < GAP * height * ratio
    )
    return near and overlap > 0.3 * height
