"""The result of reading a file."""

from __future__ import annotations

from dataclasses import dataclass

from kb.model import Kind, Language, Page


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading a file."""

    pages: tuple[Page, ...]
    media_type: str
    kind: Kind
    """As guessed from format, page shape and words per page."""
    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None
    """ISO 8601, as far as known."""
    language: Language | None = None
    """As the file declares it."""
