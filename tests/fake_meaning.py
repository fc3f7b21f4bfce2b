"""Meaning for the small knowledge base of the tests: a few words that mean the same."""

from __future__ import annotations

import re

from kb.model import Span

# Words that mean the same to this little encoder.
MEANING = {"liminal": "liminale", "space": "ruimte", "belonging": "thuishoren", "thuishoren": "belonging"}


def nearest(words: list[str], text: str) -> Span | None:
    """The first sentence that says in other words what is asked."""
    for found in re.finditer(r"[^.\n•]+\.", text):
        if any(MEANING.get(word, "\0") in found[0].lower() for word in words):
            return Span(found.start() + len(found[0]) - len(found[0].lstrip()), found.end())
    return None
