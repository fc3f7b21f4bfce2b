"""Where a stretch of text is on the image of its page: rectangles in fractions of the image."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the image of a page, in fractions of its width and height from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Marked:
    """Where a stretch of text is on the image of its page."""

    boxes: tuple[Box, ...]
    """One for each line."""
    share: float
    """How much of the text was found on the image, from 0 to 1."""
