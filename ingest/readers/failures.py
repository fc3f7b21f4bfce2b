"""Refusals that several readers share: too many pages, and a library's exception in a few words."""

from __future__ import annotations

from kb.errors import LockedDocument, TooBig
from kb.refusals import CAUSES

# The longest books and collections of slides are some 2,000 pages.
MOST_PAGES = 5_000


def too_many_pages(filename: str, count: int) -> TooBig:
    """The refusal of a document with more pages than are taken in."""
    return TooBig("too-many-pages", filename=filename, count=count, most=MOST_PAGES)


def locked(filename: str, password: str | None = None) -> LockedDocument:
    """The refusal of a file that asks for a password."""
    return LockedDocument("wrong-password" if password else "password", filename=filename)


def failed(cause: str) -> str:
    """The problem of a page that cannot be read, for a cause of `kb.refusals` or the words of a library."""
    return f"failed: {CAUSES.get(cause, cause)}"


def brief(error: BaseException) -> str:
    """An exception in a few words; the internal errors of a library are one cause, as their text helps no user."""
    if isinstance(error, AttributeError | LookupError | TypeError | AssertionError):
        return "misfit"
    words = " ".join(str(error).split()).split(" (<string>")[0]
    words = words if words.isprintable() else ascii(words)
    return f"{type(error).__name__}: {words[:120]}" if words else type(error).__name__
