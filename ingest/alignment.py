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

from kb.model import Span

SHORTEST = 4
"""Letters of a stretch that is looked for away from the place where it is expected."""
GAP = 2.5
"""Heights of a line; a wider gap on one line starts a new box (another column)."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in fractions of its width and height from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


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


@dataclass(frozen=True, slots=True)
class Marked:
    """Where a stretch of text is on the image of its page."""

    boxes: tuple[Box, ...]
    share: float
    """How much of the text was found on the page, from 0 to 1."""


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
    aligned: dict[int, int] = {}
    used = bytearray(len(present))
    expected = 0
    for start, end in word_runs(stored, wanted):
        expected = _place(wanted.text, present, start, end, expected, aligned, used)
    return aligned


def word_runs(stored: str, wanted: Letters) -> Iterator[tuple[int, int]]:
    """The lines of the stored text as ranges of its letters."""
    start = 0
    for at in range(1, len(wanted.places) + 1):
        if at == len(wanted.places) or "\n" in stored[wanted.places[at - 1] : wanted.places[at]]:
            yield start, at
            start = at


def _place(
    wanted: str, present: str, start: int, end: int, expected: int, aligned: dict[int, int], used: bytearray
) -> int:
    """Find wanted[start:end] whole, else in halves; returns where its continuation is expected."""
    stretch = wanted[start:end]
    at = _free(stretch, present, expected, used)
    if at is not None:
        for step in range(len(stretch)):
            aligned[start + step] = at + step
        used[at : at + len(stretch)] = b"\1" * len(stretch)
        return at + len(stretch)
    if len(stretch) <= 1:
        return expected
    middle = (start + end) // 2
    expected = _place(wanted, present, start, middle, expected, aligned, used)
    return _place(wanted, present, middle, end, expected, aligned, used)


def _free(stretch: str, present: str, expected: int, used: bytearray) -> int | None:
    """Where a stretch is found and not used yet: where it is expected, else behind it, else anywhere."""
    if present.startswith(stretch, expected) and not any(used[expected : expected + len(stretch)]):
        return expected
    if len(stretch) < SHORTEST:
        return None
    for begin in (expected, 0):
        at = present.find(stretch, begin)
        while at != -1:
            if not any(used[at : at + len(stretch)]):
                return at
            at = present.find(stretch, at + 1)
    return None


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
            current = current.joined(box)
    if current is not None:
        yield current


def _same_line(line: Box, box: Box, ratio: float) -> bool:
    """Whether a character continues a line: at the same height, and not far behind its end."""
    overlap = min(line.bottom, box.bottom) - max(line.top, box.top)
    height = min(line.bottom - line.top, box.bottom - box.top)
    near = (
        box.left - line.right < GAP * (line.bottom - line.top) * ratio and line.left - box.right < GAP * height * ratio
    )
    return near and overlap > 0.3 * height
