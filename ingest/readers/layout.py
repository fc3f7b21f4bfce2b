"""Layout: the lines of a printed page, by where they stand, become paragraphs, list items and blocks.

    pieces with place and size ─► lines ─► blocks (a gap, another size, a jump) ─► paragraphs and items, a line each

A PDF has no paragraphs, only text at places. The eye sees them by these signs: a wider gap or another size of type begins a
block; a line that begins further in begins a paragraph, except in a reference list, where it goes on with the entry
above it; a bullet begins an item and a line under the item's text continues it. A sentence is then one line
and can be quoted whole. Where places are missing or turned, `ingest.text.flow` goes by the words alone.
"""

from __future__ import annotations

import math
import re
import statistics
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ingest.raised import raised
from ingest.text import BULLETS, clean, full_length, mended, runs_on

# In lines of one paragraph the distance varies by rounding and raised figures; a gap is clearly more.
GAP = 1.35
# Type of one paragraph varies by a footnote sign; a heading is clearly larger.
OTHER_SIZE = 1.15
# Raised figures are printed smaller than the line that they belong to.
SMALL = 0.85

_BULLET = re.compile(rf"[{BULLETS}–—*-]\s")
_LABEL = re.compile(r"(?:\[\d{1,3}\]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")
_ENTRY = re.compile(
    r"(?:\[\d{1,3}\]|\d{1,3}\.)\s+\S|"
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Tt]er|[Tt]en|[Tt]e|’t|'t|[Ll]a|[Ll]e|[Dd]i|[Dd]a)\s)*"
    r"[A-ZÀ-Þ][\w’'‐-]*(?:[ -][\w’'‐-]+){0,3},\s+(?:[A-ZÀ-Þ]\.|[A-ZÀ-Þ][a-zà-ÿ]+\b[^()]{0,80}\((?:19|20)\d\d)"
)
_LOST_BULLET = re.compile(r"^[ \t]*[\x7f\x80\x83\x95](?=[ \t]|$)")
_ACCENTS = {"¨": "\u0308", "´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˚": "\u030a", "`": "\u0300"}
_LOOSE_ACCENT = re.compile(r"(?<=[^\W\d_])(?P<accent>[¨´ˆ˜ˇ˚`])(?P<letter>[aeiouıAEIOU])")
_FINAL = re.compile(r"[.!?:;…][”’\"')\]]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text as it was shown: where it begins on the page (points, y upwards) and how large it is (points)."""

    text: str
    x: float
    y: float
    size: float
    rise: float = 0.0
    """By how much it is raised above its place (the text rise of PDF, in points)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as printed. `wrapped` when it ends in the blank at which an office program broke it; `row` of a table."""

    text: str
    x: float = 0.0
    y: float = 0.0
    size: float = 0.0
    wrapped: bool = False
    row: bool = False


def piece(text: str, cm: Sequence[float], tm: Sequence[float], size: float, turned: int = 0) -> Piece | None:
    """A piece from pypdf's matrices (text into user space) on a page that is shown turned by so many degrees.

    None when the text runs askew or has no sound place.
    """
    try:
        a, b, c, d, e, f = (float(value) for value in tm)
        m, n, o, p, q, r = (float(value) for value in cm)
        matrix = (a * m + b * o, a * n + b * p, c * m + d * o, c * n + d * p, e * m + f * o + q, e * n + f * p + r)
        if not all(map(math.isfinite, (*matrix, size))):
            return None
        for _ in range(turned // 90 % 4):  # a quarter clockwise: x becomes -y, y becomes x
            matrix = (matrix[1], -matrix[0], matrix[3], -matrix[2], matrix[5], -matrix[4])
        if abs(matrix[1]) > 0.05 * abs(matrix[0]) or matrix[0] < 0:
            return None
        return Piece(text, matrix[4], matrix[5], abs(float(size)) * math.hypot(matrix[2], matrix[3]))
    except (TypeError, ValueError, OverflowError):
        return None


def points(operands: Sequence[Any]) -> float:
    """The length that an operator is given; 0 where a damaged file gives none."""
    try:
        length = float(operands[0])
    except (IndexError, TypeError, ValueError, OverflowError):
        return 0.0
    return length if math.isfinite(length) else 0.0


def clean_line(text: str) -> str:
    """A clean line.

    pypdf gives a bullet as a control character alone at its start; an accent before its letter is how
    TeX prints one ("na¨ıve").
    """
    return clean(_LOOSE_ACCENT.sub(_accented, _LOST_BULLET.sub("•", text)))


def _accented(match: re.Match[str]) -> str:
    letter = "i" if match["letter"] == "ı" else match["letter"]
    whole = unicodedata.normalize("NFC", letter + _ACCENTS[match["accent"]])
    return whole if len(whole) == 1 else match.group()


def lines_of(pieces: Sequence[Piece]) -> list[Line]:
    """Lines from the pieces of a page, which together are its text."""
    lines: list[Line] = []
    held: list[Piece] = []

    def end_line() -> None:
        solid = [found for found in held if found.text.strip()]
        text = "".join(_with_raised_figures(held, solid))
        whole = clean_line(text)
        if not solid or not whole:
            lines.append(Line(""))
        else:
            size = max(solid, key=lambda found: len(found.text.strip())).size
            lines.append(Line(whole, solid[0].x, solid[0].y, size, text[-1:].isspace()))
        held.clear()

    for found in pieces:
        first, *rest = found.text.split("\n")
        held.append(replace(found, text=first))
        for part in rest:
            end_line()
            held.append(replace(found, text=part))
    end_line()
    return lines


def _with_raised_figures(held: Sequence[Piece], solid: Sequence[Piece]) -> Iterator[str]:
    """The texts of the pieces of a line; numbers that are printed small above it as superscripts, but not at its start."""
    main = max(solid, key=lambda found: len(found.text.strip()), default=None)
    for found in held:
        is_small = main is not None and 0 < found.size <= SMALL * main.size and found is not solid[0]
        is_above = main is not None and 0.1 * main.size < found.y + found.rise - main.y < main.size
        yield raised(found.text) if is_small and is_above else found.text


def arranged(lines: Sequence[Line], words: Mapping[str, int], *, slide: bool) -> str:
    """The text of a page: a line per paragraph, item, entry or table row, a blank line between blocks.

    `words` are the document's (`ingest.text.vocabulary`). On a slide people break lines where they like, so that only
    what an office program wrapped, or what clearly runs on, is joined.
    """
    solid = _rows([line for line in lines if line.text])
    leading = _leading(solid)
    full = full_length([line.text for line in solid])
    soft = slide and _tells(solid)
    out: list[str] = []
    last: Line | None = None
    for block in _blocks(solid, leading):
        found = _paragraphs(block, words, full, slide=slide, soft=soft)
        if last is not None and _crosses(last, block[0]):
            out[-1] = mended(out[-1], found.pop(0), words)
        elif out:
            out.append("")
        out.extend(found)
        last = block[-1]
    return clean("\n".join(out))


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Lines, with the cells of a table row made one, apart by ` | `; two rows of cells or more are a table.

    A cell is right of the one before it, at about the height of its row (cells are centred each for itself); what
    stands right below a cell's line is its next line.
    """
    rows: list[list[list[Line]]] = []
    for line in lines:
        if rows and _is_next_cell(rows[-1], line):
            rows[-1].append([line])
        elif rows and _is_in_cell(rows[-1][-1], line):
            rows[-1][-1].append(line)
        else:
            rows.append([[line]])
    if sum(len(row) > 1 for row in rows) < 2:
        return list(lines)
    return [line for row in rows for line in (row[0] if len(row) == 1 else [_row_line(row)])]


def _row_line(row: Sequence[Sequence[Line]]) -> Line:
    """The cells of a table row as one line."""
    text = " | ".join(" ".join(line.text for line in cell) for cell in row)
    lowest = min(cell[-1].y for cell in row)
    return Line(text, row[0][0].x, lowest, row[0][0].size, row=True)


def _is_next_cell(row: Sequence[Sequence[Line]], line: Line) -> bool:
    left = row[-1][-1]
    top, bottom = max(cell[0].y for cell in row), min(cell[-1].y for cell in row)
    level = bottom - 0.75 * line.size < line.y < top + 1.6 * line.size
    return level and line.x > left.x + 2 * line.size and _same_size(left, line) and max(map(len, row)) < 5


def _is_in_cell(cell: Sequence[Line], line: Line) -> bool:
    above = cell[-1]
    step = above.y - line.y
    return (
        abs(line.x - above.x) < 0.4 * line.size and 0.8 * line.size < step < 1.6 * line.size and _same_size(above, line)
    )


def _crosses(above: Line, below: Line) -> bool:
    """Whether a sentence goes on at the top of the next column."""
    up = below.y - above.y > 0.5 * above.size
    return up and _same_size(above, below) and below.text[0].islower() and not _FINAL.search(above.text)


def _leading(lines: Sequence[Line]) -> float:
    """The usual distance from line to line, in sizes of type."""
    steps = [
        (above.y - below.y) / above.size
        for above, below in pairwise(lines)
        if above.size > 0 and 0.8 < (above.y - below.y) / above.size < 3 and _same_size(above, below)
    ]
    return statistics.median_low(steps) if steps else 1.2


def _same_size(above: Line, below: Line) -> bool:
    return max(above.size, below.size) <= OTHER_SIZE * min(above.size, below.size)


def _tells(lines: Sequence[Line]) -> bool:
    """Whether a blank at a line's end means that the line goes on: not when every line has one."""
    trailing = sum(line.wrapped for line in lines)
    return 0 < trailing <= 0.8 * len(lines)


def _blocks(lines: Sequence[Line], leading: float) -> list[list[Line]]:
    blocks: list[list[Line]] = []
    for line in lines:
        if blocks and not _parts(blocks[-1][-1], line, leading):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _parts(above: Line, below: Line, leading: float) -> bool:
    """Whether a block ends between two lines."""
    larger = max(above.size, below.size)
    if larger <= 0:
        return False
    if above.row and below.row:
        return above.y - below.y > 5 * larger
    step = (above.y - below.y) / larger
    return not _same_size(above, below) or step > GAP * max(leading, 1.0) or step < -0.5


def _paragraphs(block: Sequence[Line], words: Mapping[str, int], full: int, *, slide: bool, soft: bool) -> list[str]:
    """The lines of a block, joined into paragraphs, items and entries."""
    rules = _block_rules(block, full, slide=slide, soft=soft)
    out: list[str] = []
    first = block[0]
    for above, line in zip((first, *block), block, strict=False):
        opens = not out or _starts(line) or line.row or above.row
        if not opens and rules.joins(first, above, line):
            out[-1] = mended(out[-1], line.text, words)
        else:
            out.append(line.text)
            first = line
    return out


@dataclass(frozen=True, slots=True)
class _BlockRules:
    """The measures by which two lines of a block belong together."""

    left: float
    """The left edge of the block."""
    full: int
    """The length of a full line in characters."""
    listing: bool
    """Whether the lines at the left edge open entries of a list."""
    hanging: bool
    """Whether the entries are indented after their first line."""
    slide: bool
    soft: bool

    def joins(self, first: Line, above: Line, line: Line) -> bool:
        """Whether `line` continues the one above; `first` is the first line of its paragraph."""
        if _starts(first) and _under(first, line):
            return above.wrapped or not self.slide or _fits(above, line)
        if self.hanging:
            return line.x > self.left + 0.4 * line.size
        if self.slide:
            return (self.soft and above.wrapped) or runs_on(above.text, line.text, self.full)
        return _goes_on(above, line, self.full, listing=self.listing, left=self.left)


def _block_rules(block: Sequence[Line], full: int, *, slide: bool, soft: bool) -> _BlockRules:
    left = min(line.x for line in block)
    outer = [line for line in block if line.x <= left + 0.4 * line.size]
    listing = sum(_ENTRY.match(line.text) is not None for line in outer) >= max(1, 0.5 * len(outer))
    return _BlockRules(left, full, listing, listing and len(outer) < len(block), slide, soft)


def _starts(line: Line) -> bool:
    """Whether a line begins with a bullet or a label."""
    return _BULLET.match(line.text) is not None or _LABEL.match(line.text) is not None


def _under(first: Line, line: Line) -> bool:
    """Whether a line is under the text of an item, right of its bullet."""
    return first.x + 0.4 * first.size < line.x < first.x + 6 * first.size


def _fits(above: Line, line: Line) -> bool:
    """Whether two lines of a slide stand as close as lines of one paragraph do."""
    return above.size > 0 and (above.y - line.y) / above.size < 1.35


def _goes_on(above: Line, line: Line, full: int, *, listing: bool, left: float) -> bool:
    """Whether running text goes on in the next line of its block."""
    indented = line.x > above.x + 0.4 * line.size and above.x <= left + 0.4 * above.size and line.text[0].isupper()
    beside = abs(line.y - above.y) < 0.3 * line.size
    if indented or beside:
        return False
    if runs_on(above.text, line.text, full):
        return True
    if _ENTRY.match(line.text):
        return False
    if listing:
        # An entry ends in a stop, an address or a number; a line that ends otherwise is in its middle.
        return len(above.text) >= 0.6 * full and (above.text[-1].isalpha() or above.text[-1] in ",&:;(")
    return len(above.text) >= (0.85 if _FINAL.search(above.text) else 0.7) * full
