"""Measures of slides: boxes in points, and how much room a text takes at a font size.

Widths of letters are averages, so a text may take a little less room than computed and never visibly more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pptx.util import Emu

from kb.demonstration.source import Block, plain

WIDE, HIGH, MARGIN = 960.0, 540.0, 54.0
FULL = WIDE - 2 * MARGIN
SIZES = (24.0, 22.0, 20.0, 18.0, 16.0, 14.5, 13.0, 12.0)

# Average width of a letter and height of a line, as parts of the font size (Calibri, measured generously).
LETTER, LINE = 0.5, 1.24


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a slide, in points."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[Emu, Emu, Emu, Emu]:
        """The same in English Metric Units, as python-pptx takes it."""
        return (Emu(emu(self.left)), Emu(emu(self.top)), Emu(emu(self.width)), Emu(emu(self.height)))


def emu(points: float) -> int:
    """Points in English Metric Units, 12,700 to a point."""
    return round(points * 12700)


def scale(block: Block) -> float:
    """Font size of a block, as a part of the slide's text size."""
    return {"attribution": 0.85, "entry": 0.8}.get(block.kind, 0.88 if block.level else 1.0)


def text_height(blocks: Sequence[Block], size: float, width: float) -> float:
    """Height in points of blocks set at a font size in a column."""
    total = 0.0
    for block in blocks:
        own = size * scale(block)
        inner = width - (18 + 20 * block.level if block.kind in {"bullet", "entry"} else 0)
        total += line_count(block.lines[0], own, inner) * own * LINE + own * 0.4
    return total


def fitting_size(blocks: Sequence[Block], width: float, room: float, sizes: Sequence[float] = SIZES) -> float:
    """The largest of `sizes` at which the blocks fit in the room; the smallest where none does."""
    return next((size for size in sizes if text_height(blocks, size, width) <= room), sizes[-1])


def line_count(text: str, size: float, width: float) -> int:
    """Number of lines that a text takes, broken at spaces as PowerPoint does."""
    fits = max(1, int(width / (size * LETTER)))
    lines, used = 1, 0
    for word in plain(text).split():
        if used and used + 1 + len(word) > fits:
            lines, used = lines + 1, len(word)
        else:
            used += len(word) + (1 if used else 0)
    return lines
