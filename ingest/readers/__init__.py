"""Readers: one module per format, each turning bytes into pages and knowing nothing else.

    bytes ─► read(data, filename) ─► Reading(pages, title, authors, …)

A reader raises a DocumentError when there is nothing to keep, and marks a single bad page as a page with a `problem`.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb.model import Kind, Language, Page


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a file."""

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
