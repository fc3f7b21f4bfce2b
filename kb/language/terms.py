"""Terms: the words and stems of a text in the full-text index, and those of a query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

from kb.language.compounds import parts
from kb.language.stems import stem, stems
from kb.language.words import PARTICLES, WORD, Piece, is_stop, text_words
from kb.model import Language

FINGERPRINT = f"words-3 snowball-{Stemmer.version()} dutch english"
"""Identifies the rules that make terms. Terms made under another fingerprint are made again."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term and the span of text it was made from; `part` when it is only a part of that, or joins several."""

    text: str
    start: int
    end: int
    part: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query: each of its `stems` may represent it in a passage."""

    text: str
    """Folded, as typed."""
    stems: tuple[str, ...]
    stop: bool
    """Whether it is a stop word."""
    start: int
    end: int
    joined: bool = False
    """Whether it is a hyphened word as a whole, beside its pieces."""


def analyse(text: str, language: Language | None) -> list[Term]:
    """The terms of `text` in reading order, each with its span; a word's parts follow the word.

    Words come as stems in `language`. Parts are: a hyphened word as a whole (its pieces are the words), the parts of a
    Dutch compound, and the English stem where the language is not known.
    """
    analysed: list[Term] = []
    for word in text_words(text):
        for piece in word.pieces:
            analysed.extend(_piece_terms(piece, language))
        if len(word.pieces) > 1:
            analysed.append(Term(stem(word.joined, language or "nl"), word.start, word.end, part=True))
    return analysed


def _piece_terms(piece: Piece, language: Language | None) -> Iterator[Term]:
    """The stem of a piece, then its parts that differ from it."""
    own = stem(piece.folded, language or "nl")
    yield Term(own, piece.start, piece.end)
    further = [stem(part, "nl") for part in parts(piece.folded)] if language != "en" else []
    if language is None:
        further.append(stem(piece.folded, "en"))
    for term in dict.fromkeys(further):
        if term != own:
            yield Term(term, piece.start, piece.end, part=True)


def terms(text: str, language: Language | None = None) -> list[str]:
    """The terms of `text`, words and parts together, in reading order."""
    return [term.text for term in analyse(text, language)]


def index_terms(text: str, language: Language | None) -> tuple[str, str]:
    """The words of `text` and, apart, its parts; each joined by spaces, for two columns of the full-text index.

    Apart, because a word weighs more than a part, and because a phrase is a row of words with nothing in between.
    """
    words: list[str] = []
    further: list[str] = []
    for match in WORD.finditer(text):
        own, parts_of_it = _terms_of_written(match.group(), language)
        words.extend(own)
        further.extend(parts_of_it)
    return " ".join(words), " ".join(further)


# Few words make most of a collection: of these the rules run once.
@lru_cache(maxsize=1 << 15)
def _terms_of_written(written: str, language: Language | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words and, apart, the parts of one written word (WORD)."""
    analysed = analyse(written, language)
    return tuple(term.text for term in analysed if not term.part), tuple(term.text for term in analysed if term.part)


def query_words(text: str) -> list[Word]:
    """The words of a query in reading order; a hyphened word gives its pieces and then itself as a whole."""
    return _words(text, text.isupper())


@lru_cache(maxsize=1 << 16)
def written_words(written: str, all_capitals: bool) -> tuple[Word, ...]:
    """The words of one written word (WORD), by their start; several when it has hyphens.

    `all_capitals`: whether the text that it comes from is in capitals, so that a word in capitals is no acronym.
    """
    return tuple(sorted(_words(written, all_capitals), key=lambda word: word.start))


def _words(text: str, all_capitals: bool) -> list[Word]:
    words: list[Word] = []
    for word in text_words(text):
        hyphened = len(word.pieces) > 1
        for piece in word.pieces:
            written = text[piece.start : piece.end]
            acronym = written.isupper() and len(written) > 1 and not all_capitals
            stop = not acronym and (is_stop(piece.folded) or (hyphened and len(piece.folded) == 1))
            words.append(Word(piece.folded, stems(piece.folded), stop, piece.start, piece.end))
        if hyphened:
            words.append(Word(word.joined, stems(word.joined), False, word.start, word.end, joined=True))
    return words


def separated(words: Sequence[Word]) -> Iterator[tuple[Word, tuple[str, ...]]]:
    """The Dutch verbs of a query whose particle may stand apart, each with its stems as a whole: "vallen … uit", "uitvallen"."""
    for place, particle in enumerate(words):
        if particle.text in PARTICLES:
            for verb in words[:place]:
                if not verb.stop and not verb.joined and verb.text.isalpha():
                    whole = stem(particle.text + verb.text, "nl"), particle.text + stem(verb.text, "nl")
                    yield verb, tuple(dict.fromkeys(whole))


def stems_in(text: str) -> Iterator[str]:
    """The stems, in both languages, of all words of a text whose language is not known."""
    for word in text_words(text):
        for piece in word.pieces:
            yield from stems(piece.folded)
