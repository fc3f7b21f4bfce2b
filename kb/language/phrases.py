"""Phrases: whether a text holds words exactly as typed, case and accents apart.

    "Self-efficacy", "reële" ─► plain letters, single spaces ─► found between word boundaries

Punctuation and hyphens inside a phrase count; those around it do not. No word inside a longer one, and after an apostrophe
only an ending: "maslow" is in "Maslow's", "etat" is not in "l'état".
"""

from __future__ import annotations

import re
from functools import lru_cache

from kb.language.folding import plain_letters


@lru_cache(maxsize=256)
def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?<!\w'){re.escape(phrase)}(?!\w)")


def plain_phrase(text: str) -> str:
    """The form in which phrases and texts are compared."""
    return " ".join(plain_letters(text).split())


def holds_phrase(text: str, phrase: str) -> bool:
    """Whether a text holds a phrase."""
    bare = re.sub(r"^\W+|\W+$", "", plain_phrase(phrase))
    return bool(bare) and _pattern(bare).search(plain_phrase(text)) is not None
