"""Features of the words of an entry, for the sequence labeller.

An entry is cut at white space; each word is described by its letters, its shape, its punctuation and its place, and by the same
of the two words before and behind it. Teaching and labelling use the same function, so that they cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ingest.entries.patterns import JOURNAL_WORDS, MEETING, PLACES, PUBLISHERS
from ingest.grammar import PARTICLE, YEAR
from kb.bibliography import fold
from kb.bibliography.items import MONTH_NUMBERS
from kb.bibliography.names import says_institution

_PLACE = re.compile(PLACES)
_PARTICLE = re.compile(PARTICLE)
_KINDS = (
    ("year", re.compile(r"\W*(?:19|20|1[4-8])\d\d[a-z]?\W*")),
    ("pages", re.compile(r"\W*[A-Za-z]?\d+[-–—]+[A-Za-z]?\d+\W*")),
    ("number", re.compile(r"\W*\d+\W*")),
    ("roman", re.compile(r"\W*[IVXLC]{2,}\W*")),
    ("ordinal", re.compile(r"\W*\d+(?:st|nd|rd|th|e|de|ste)\W*")),
    ("initials", re.compile(r"\W*(?:[A-Z]\.-?){1,4}\W*")),
    ("letters", re.compile(r"\W*[A-Z]{1,3}\W*")),
    ("link", re.compile(r".*(?:https?:|www\.|doi|10\.\d{4}).*", re.IGNORECASE)),
    ("dated", re.compile(rf".*\b{YEAR}\b.*\d.*")),
    ("numbers", re.compile(r".*\d.*")),
    ("capitals", re.compile(r"\W*[^\W\d_a-z]{4,}\W*")),
    ("capital", re.compile(r"\W*[^\W\d_a-z].*")),
    ("lower", re.compile(r"\W*[^\W\d_].*")),
)
_OPEN_QUOTES, _CLOSE_QUOTES = '“‘"«„', '”’"»“'


def words_of(text: str) -> list[str]:
    """An entry's words, with the punctuation that touches them."""
    return text.split()


def features(words: Sequence[str]) -> list[list[str]]:
    """For each word its features."""
    state = list(_states(words))
    described = []
    for at in range(len(words)):
        found = [
            "bias",
            state[at],
            f"place={at * 8 // len(words)}",
            f"at={min(at, 4)}",
            f"left={min(len(words) - at, 4)}",
        ]
        found += _own(words[at])
        for far in (-2, -1, 1, 2):
            found += _beside(words[at + far], far) if 0 <= at + far < len(words) else (f"{far}:none",)
        described.append(found)
    return described


@lru_cache(maxsize=16384)
def _beside(word: str, far: int) -> tuple[str, ...]:
    """What a word is for the word that is so many places before it."""
    found = _own(word) if abs(far) == 1 else _own(word)[:3]
    return tuple(f"{far}:{feature}" for feature in found)


@lru_cache(maxsize=16384)
def _own(word: str) -> tuple[str, ...]:
    """What a word is in itself: its kind and punctuation first."""
    letters = fold(word)
    kind = next((name for name, pattern in _KINDS if pattern.fullmatch(word)), "signs")
    ends = re.search(r"\W*$", word)
    found = [
        f"kind={kind}",
        f"first={word[0] if not word[0].isalnum() else ''}",
        f"last={(ends.group() if ends else '')[-2:]}",
    ]
    if not any(c.isdigit() for c in word):
        found += [f"word={letters}", f"ending={letters[-3:]}"]
    if len(letters) == 1:
        found.append("single")
    found += [name for name, holds in _lists(word, letters) if holds]
    return tuple(found)


def _lists(word: str, letters: str) -> Iterator[tuple[str, bool]]:
    """Lists that a word is on."""
    yield "month", letters in MONTH_NUMBERS
    yield "journal", bool(JOURNAL_WORDS.search(word))
    yield "publisher", bool(PUBLISHERS.search(word))
    yield "city", bool(_PLACE.search(word))
    yield "meeting", bool(MEETING.search(word))
    yield "particle", bool(_PARTICLE.fullmatch(word))
    yield "institution", says_institution(word)


def _states(words: Sequence[str]) -> Iterator[str]:
    """Whether each word is inside quotation marks or brackets, and whether a title in quotation marks came before."""
    quoted, depth, closed = False, 0, False
    for word in words:
        if word[0] in _OPEN_QUOTES or word[:2] in {"(“", "(‘"}:
            quoted = True
        depth += word.count("(") + word.count("[")
        yield f"state={'quoted' if quoted else 'after' if closed else ''}{'bracket' if depth > 0 else ''}"
        depth = max(0, depth - word.count(")") - word.count("]"))
        if quoted and any(sign in word[1:] for sign in _CLOSE_QUOTES) and not re.search(r"\w[’]\w", word):
            quoted, closed = False, True
