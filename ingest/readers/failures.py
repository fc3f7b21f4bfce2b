"""Refusals that several readers share: too many pages, and a library's exception in a few words."""

from __future__ import annotations

from kb.errors import LockedDocument, TooBig

# The longest books and collections of slides are some 2,000 pages.
MOST_PAGES = 5_000


def too_many_pages(filename: str, count: int) -> TooBig:
    """The refusal of a document with more pages than are taken in."""
    return TooBig(f"{filename}: {count:,} pages, more than the {MOST_PAGES:,} that are taken in; split it")


def locked(filename: str, password: str | None = None) -> LockedDocument:
    """The refusal of a file that asks for a password."""
    if password:
        return LockedDocument(
            f"{filename}: the password does not open it; give another, or save a copy without password"
        )
    return LockedDocument(
        f"{filename}: asks for a password; give it with --password, or save a copy without password and take that in"
    )


def brief(error: BaseException) -> str:
    """An exception in a few words; the internal errors of a library are one phrase, as their text helps no user."""
    if isinstance(error, AttributeError | LookupError | TypeError | AssertionError):
        return "its parts do not fit together"
    words = " ".join(str(error).split()).split(" (<string>")[0]
    words = words if words.isprintable() else ascii(words)
    return f"{type(error).__name__}: {words[:120]}" if words else type(error).__name__
