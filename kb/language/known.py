"""Known words: those of the Dutch and the English word list of simplemma."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1 << 17)
def is_known(word: str) -> bool:
    """Whether a word in small letters, in any form, is Dutch or English."""
    import simplemma  # the two lists take most of a second and 80 MB: only where words are doubted

    return bool(simplemma.is_known(word, ("nl", "en")))
