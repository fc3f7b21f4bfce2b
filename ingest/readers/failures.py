"""A library's exception in a few words, for the reason that a user reads."""

from __future__ import annotations


def brief(error: BaseException) -> str:
    """An exception in a few words; the internal errors of a library are one phrase, as their text helps no user."""
    if isinstance(error, AttributeError | LookupError | TypeError | AssertionError):
        return "its parts do not fit together"
    words = " ".join(str(error).split()).split(" (<string>")[0]
    words = words if words.isprintable() else ascii(words)
    return f"{type(error).__name__}: {words[:120]}" if words else type(error).__name__
