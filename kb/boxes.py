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
class Word:
    """A word on the image of a page."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words on the image of a page, in reading order."""

    words: tuple[Word, ...]
    ratio: float
    """Height of the page divided by its width."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Where a stretch of text is on the image of its page."""

    boxes: tuple[Box, ...]
    """One for each line."""
    share: float
    """How much of the text was found on the image, from 0 to 1."""
