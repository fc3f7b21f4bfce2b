"""Coverage: how much of a question a text covers, word by word.

    asked words × words of a text ─► degrees (0 to 1) ─► best degree for each asked word ─► weighted share: coverage

An asked word is covered by itself (its stem), by a compound that it opens or closes, by the parts of its own compound, or
by a word near in meaning (index.word_embeddings); the kind of match gives the degree. A name, a number or an abbreviation
is covered only by itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.questions import Asked, Question
from index.word_embeddings import WordSpace
from kb import language
from kb.language import Word
from kb.model import Span

Degrees = npt.NDArray[np.float32]
"""For each asked word how far it is covered, 0 to 1, shape (asked,)."""

# The degree of a match by: a compound that the word opens or closes; both parts of the word's own
# compound; one of them;
# a translation; a name with a letter changed.
BY_COMPOUND, BY_PARTS, BY_HALF, BY_TRANSLATION, BY_SPELLING = 0.85, 0.8, 0.4, 0.95, 0.9
# Cosine of word embeddings at which two words begin to be related, and from which they are taken as the same.
RELATED, SAME = 0.35, 0.70
BY_MEANING = 0.9
# A name in its other language: "Australia", "Australië".
SAME_NAME = 0.9
# Letters of the shortest stem that may open or close a compound, and of what is left of it.
SHORTEST_PART, SHORTEST_REST = 4, 3
# Letters of a name in which one may differ.
LONG_NAME = 7


@dataclass(frozen=True, slots=True)
class Matches:
    """A text compared with a question: the degree to which each of its words covers each asked word."""

    starts: tuple[int, ...]
    """Where each word starts, in characters, ascending."""
    degrees: npt.NDArray[np.float32]
    """Shape (asked + parts, words): after the asked words the parts of those that may be compounds."""
    compounds: tuple[tuple[int, int, int], ...] = ()
    """For each compound its row, and the rows of its two parts."""
    asked: int = 0
    """Number of asked words."""

    def within(self, span: Span | None = None) -> Degrees:
        """The best degree for each asked word in a stretch of the text, or in all of it."""
        first, last = 0, len(self.starts)
        if span is not None:
            first, last = bisect_left(self.starts, span.start), bisect_left(self.starts, span.end)
        if first >= last:
            return np.zeros(self.asked, dtype=np.float32)
        best: Degrees = self.degrees[:, first:last].max(axis=1)
        for whole, one, other in self.compounds:
            best[whole] = max(best[whole], BY_PARTS * (best[one] + best[other]) / 2)
        return best[: self.asked]


class Matcher:
    """Compares texts with one question; each different word is compared once."""

    def __init__(self, question: Question, space: WordSpace | None) -> None:
        self.question = question
        self._space = space
        self._rows = list(question.asked)
        self._compounds: list[tuple[int, int, int]] = []
        for place, word in enumerate(question.asked):
            if word.halves:
                self._compounds.append((place, len(self._rows), len(self._rows) + 1))
                self._rows += [Asked(half, (half,), 0.0) for half in word.halves]
        self._vectors = space.vectors([word.text for word in self._rows]) if space and self._rows else None
        self._literal = np.array([word.literal for word in self._rows], dtype=bool)
        self._columns: dict[str, Degrees] = {}
        self.weights = np.array([word.weight for word in question.asked], dtype=np.float32)

    def match(self, text: str) -> Matches:
        """Compare the words of a text with the question."""
        words = sorted(language.query_words(text), key=lambda word: word.start)
        if not words or not self.question.asked:
            return Matches((), np.zeros((0, 0), dtype=np.float32), (), len(self.question.asked))
        self._compare({word.text: word for word in words if word.text not in self._columns})
        degrees = np.stack([self._columns[word.text] for word in words], axis=1)
        self._add_phrases(degrees, words)
        starts = tuple(word.start for word in words)
        return Matches(starts, degrees, tuple(self._compounds), len(self.question.asked))

    def coverage(self, degrees: Degrees) -> float:
        """The share of the question's weight that is covered, 0 to 1."""
        total = float(self.weights.sum())
        return float(degrees @ self.weights) / total if total else 0.0

    def _compare(self, words: dict[str, Word]) -> None:
        """Fill the columns of words that were not met before."""
        by_meaning = self._by_meaning(list(words))
        for place, (text, word) in enumerate(words.items()):
            column = np.array([_form(each, word) for each in self._rows], dtype=np.float32)
            if by_meaning is not None and not word.stop:
                column = np.maximum(column, by_meaning[:, place])
            self._columns[text] = column

    def _by_meaning(self, words: list[str]) -> npt.NDArray[np.float32] | None:
        """Degrees by nearness of word embeddings, shape (asked, words)."""
        if self._space is None or self._vectors is None or not words:
            return None
        cosines = self._vectors @ self._space.vectors(words).T
        near = BY_MEANING * np.clip((cosines - RELATED) / (SAME - RELATED), 0.0, 1.0)
        near[self._literal] = np.where(cosines[self._literal] >= SAME_NAME, BY_MEANING, 0.0)
        return np.asarray(near, dtype=np.float32)

    def _add_phrases(self, degrees: npt.NDArray[np.float32], words: Sequence[Word]) -> None:
        """Raise the degrees where a translation of an asked word stands, of one word or of several side by side."""
        for row, asked in enumerate(self.question.asked):
            for phrase in asked.phrases:
                for place, word in enumerate(words):
                    if phrase[0] in word.stems and _stands(phrase, words, place):
                        degrees[row, place] = max(degrees[row, place], BY_TRANSLATION)


def _stands(phrase: Sequence[str], words: Sequence[Word], place: int) -> bool:
    following = words[place : place + len(phrase)]
    return len(following) == len(phrase) and all(
        stem in word.stems for stem, word in zip(phrase, following, strict=True)
    )


def _form(asked: Asked, word: Word) -> float:
    """The degree to which a word covers an asked one by its form."""
    if asked.text == word.text or not set(asked.stems).isdisjoint(word.stems):
        return 1.0
    if word.stop:
        return 0.0
    if asked.literal:
        return BY_SPELLING if _differs_in_a_letter(asked.text, word.text) else 0.0
    if any(_in_compound(stem, word.text) for stem in asked.stems):
        return BY_COMPOUND
    if any(_in_compound(stem, asked.text) for stem in word.stems):
        return BY_HALF
    return 0.0


def _in_compound(stem: str, word: str) -> bool:
    """Whether a stem opens or closes a longer word."""
    rest = len(word) - len(stem)
    if len(stem) < SHORTEST_PART or rest < SHORTEST_REST or (rest == SHORTEST_REST and len(stem) == SHORTEST_PART):
        return False
    return word.startswith(stem) or word.endswith(stem)


def _differs_in_a_letter(name: str, word: str) -> bool:
    """Whether a long name is spelled with one letter changed, added or left out."""
    if len(name) < LONG_NAME or abs(len(name) - len(word)) > 1 or not name.isalpha() or name[0] != word[0]:
        return False
    from rapidfuzz.distance import Levenshtein  # only for words as long as a long name

    return bool(Levenshtein.distance(name, word, score_cutoff=1) <= 1)
