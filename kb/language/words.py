"""Words of a text with their spans, and the words that carry no meaning of their own (stop words)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kb.language.folding import LONGEST, fold
from kb.model import Language

SHORTEST = 4
"""Letters of the shortest word that is looked for inside a longer one."""

PIECE = "(?:[^\\W_]++[\u0300-\u036f\u00ad]*+)++"
"""Pattern of letters and digits without hyphens or apostrophes."""
WORD = re.compile(f"{PIECE}(?:['’`´]{PIECE})*(?:[-‐‑]{PIECE}(?:['’]{PIECE})*)*")
_HYPHEN = re.compile("[-‐‑]")


def word_set(words: str) -> frozenset[str]:
    """The words of a text that lists them, separated by white space."""
    return frozenset(words.split())


_LETTERS = re.compile(r"[^\W_]+")


def word_counts(text: str) -> Counter[str]:
    """How often each run of letters and digits occurs in a text, without case: a cheap measure of what a page holds.

    Stored sketches of documents are made by it (kb.catalogue.sketches), and are made anew when their RULES change.
    """
    return Counter(_LETTERS.findall(text.casefold()))


STOP_WORDS: dict[Language, frozenset[str]] = {
    "nl": word_set(
        """aan al alle alleen als bij daar daarom dan dat de deze die dit doen doet door dus echt een eens eigenlijk en
        er ga gaan gaat geen geweest had hadden heb hebben hebt heeft heel hem hen het hier hij hoe hoeveel
        hun ik in is ja je jij jou jouw jullie kan komen komt kun kunnen kunt ligt maar mag me meer men met
        mij mijn moet moeten mogen na naar nee niet nog nu of om omdat ons onze ook op over per te tegen ten
        ter toch toe tot tussen u uit uw van vanuit veel vind voor vooral waar waarin waarom wanneer want
        waren was wat we weer wel welk welke wie wij wil word worden wordt zal ze zelf zich zij zijn zo
        zoals zonder zou zouden"""
    ),
    "en": word_set(
        """a about after all also am an and any are as at be because been before being between but by came can come
        comes could did do does doing don dont each for from get gets go goes got had has have having he her
        here him his how i if in into is it its just many me more most much my no not of on one only or
        other our out over really s should so some such t than that the their them then there these they
        this those through to too under up us very was we were what when where which while who whom whose
        why will with would you your"""
    ),
}

# First parts of separable Dutch verbs: in a main clause they stand apart, at its end.
PARTICLES = word_set(
    "aan af bij binnen door in langs los mee na om op over rond samen tegen terug toe uit vol voor weg"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A word without hyphens, or one part of a hyphened word, with its span in the text."""

    start: int
    end: int
    folded: str


@dataclass(frozen=True, slots=True)
class TextWord:
    """A word of a text with its span and its pieces between hyphens; most words are one piece."""

    start: int
    end: int
    pieces: tuple[Piece, ...]

    @property
    def joined(self) -> str:
        """The folded pieces written as one word."""
        return "".join(piece.folded for piece in self.pieces)[:LONGEST]


# The passages that answer one question often answer the next.
@lru_cache(maxsize=512)
def written(text: str) -> tuple[tuple[int, str], ...]:
    """The words of a text as they are written, each with where it starts; one with hyphens is one word."""
    return tuple([(match.start(), match.group()) for match in WORD.finditer(text)])


def is_stop(word: str) -> bool:
    """Whether a folded word is a Dutch or English stop word."""
    return word in STOP_WORDS["nl"] or word in STOP_WORDS["en"]


def text_words(text: str) -> Iterator[TextWord]:
    """The words of `text` in reading order."""
    for match in WORD.finditer(text):
        start, end, whole = match.start(), match.end(), match.group()
        if whole.isalnum() and (folded := fold(whole)):
            yield TextWord(start, end, (Piece(start, end, folded),))
        elif pieces := tuple(_pieces(whole, start)):
            yield TextWord(start, end, pieces)


def _pieces(word: str, start: int) -> Iterator[Piece]:
    """The pieces between hyphens of a word that begins at `start`."""
    begin = 0
    for hyphen in (*(match.start() for match in _HYPHEN.finditer(word)), len(word)):
        if folded := fold(word[begin:hyphen]):
            yield Piece(start + begin, start + hyphen, folded)
        begin = hyphen + 1
