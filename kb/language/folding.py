"""Folding: the one rule by which two spellings of a word or name are compared.

plain_letters    lower case, no accents: "Bjørn" and "Bjorn" become "bjorn"
  ├─ fold        of one word, for search: without the apostrophe and a genitive or plural ending after it
  └─ fold_text   of names and titles: letters and digits only, words separated by single spaces
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 60
"""Letters of a folded word; the start of a longer one is enough to find it by."""

# Letters that have no decomposition into a base letter and an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "ŋ": "n", "þ": "th"}
)
_SIGNS = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "\u00ad": None})
_GENITIVE = re.compile("'(?:s|ers?)$")
_WORD = re.compile(r"[^\W_]+")


def plain_letters(text: str) -> str:
    """`text` in lower case, without accents and soft hyphens, and with one kind of apostrophe."""
    if text.isascii():
        return text.lower().replace("`", "'")
    decomposed = unicodedata.normalize("NFKD", text.translate(_SIGNS).casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return letters.translate(_LETTERS).casefold()


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Fold one word, for search: `Coördinators` to `coordinators`, `hbo'ers` to `hbo`."""
    letters = plain_letters(word)
    if not letters.isalnum():
        letters = _GENITIVE.sub("", letters)
        letters = "".join(character for character in letters if character.isalnum())
    return letters[:LONGEST]


@lru_cache(maxsize=1 << 16)
def fold_text(text: str) -> str:
    """Fold a name or a title: letters and digits, apostrophes dropped, words separated by single spaces."""
    return " ".join(_WORD.findall(plain_letters(text).replace("'", "")))
