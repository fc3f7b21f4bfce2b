"""Choices from the list of references: which, in which order, how many."""

from __future__ import annotations

from typing import Literal, TypedDict

Only = Literal["cited", "here", "missing", "doubtful"]
Sort = Literal["author", "year", "title", "cited"]
"""By author, newest first, by title, or most cited first."""


class ReferenceChoice(TypedDict, total=False):
    """Keys that are left out mean all references, by author."""

    text: str
    """Words that authors, year, title or container hold."""
    document_id: int | None
    """Only references that this document cites or lists."""
    only: Only | None
    sort: Sort
    limit: int | None
    offset: int
