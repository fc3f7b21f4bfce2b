"""Coverage: how much of a question a text covers, word by word.

    asked words × words of a text ─► degrees (0 to 1) ─► best degree for each asked word ─► weighted share: coverage

An asked word is covered by itself (its stem), by a compound that it opens or closes, by the parts of its own compound, or
by a word near in meaning (index.word_embeddings); the kind of match gives the degree. A name, a number or an abbreviation
is covered only by itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.questions import Asked, Question
from index.word_embeddings import WordSpace
from kb.language import Word
from kb.language.terms import written_words
from kb.language.words import written
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

    def within(self) -> Degrees:
        """The best degree for each asked word in the text."""
        if not self.starts:
            return np.zeros(self.asked, dtype=np.float32)
        degrees: Degrees = self._with_compounds(self.degrees.max(axis=1)[:, None])[0]
        return degrees

    def within_each(self, spans: Sequence[Span]) -> npt.NDArray[np.float32]:
        """The best degree for each asked word in stretches of the text, shape (spans, asked)."""
        if not self.starts or not spans:
            return np.zeros((len(spans), self.asked), dtype=np.float32)
        bounds = [bisect_left(self.starts, place) for span in spans for place in (span.start, span.end)]
        # `reduceat` takes no bound behind the last word, and gives the next word for a stretch without words.
        padded = np.zeros((len(self.degrees), len(self.starts) + 1), dtype=np.float32)
        padded[:, :-1] = self.degrees
        best = np.maximum.reduceat(padded, bounds, axis=1)[:, ::2]
        best[:, [first >= last for first, last in zip(bounds[::2], bounds[1::2], strict=True)]] = 0.0
        return self._with_compounds(best)

    def _with_compounds(self, best: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Degrees (asked + parts, n) as degrees (n, asked): a compound is covered by its parts as well."""
        for whole, one, other in self.compounds:
            best[whole] = np.maximum(best[whole], BY_PARTS * (best[one] + best[other]) / 2)
        degrees: npt.NDArray[np.float32] = best[: self.asked].T
        return degrees


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
        self._forms = _Forms(self._rows)
        self._written: dict[bool, dict[str, tuple[tuple[int, int], ...]]] = {False: {}, True: {}}
        """For each word as written: where the words that it is read as begin in it, and their columns in the table of
        degrees; most are one word, one with hyphens is itself and its pieces. Apart for texts in capitals."""
        self._matches: dict[str, Matches] = {}
        """The texts matched so far: passages of one document share the titles above them."""
        self._columns: dict[tuple[str, bool], int] = {}
        """Column of a folded word and whether it is a stop word."""
        self._words: list[Word] = []
        """The word of each column."""
        self._degrees = np.zeros((len(self._rows), 0), dtype=np.float32)
        self._phrases: dict[str, list[tuple[int, Sequence[str]]]] = {}
        """By their first stem the phrases that translate an asked word, with the row of that word."""
        for row, word in enumerate(question.asked):
            for phrase in word.phrases:
                self._phrases.setdefault(phrase[0], []).append((row, phrase))
        self._openings: dict[int, list[tuple[int, Sequence[str]]]] = {}
        """The phrases that the word of a column may open; most columns have none."""
        self.weights = np.array([word.weight for word in question.asked], dtype=np.float32)
        self._shares = self.weights / (float(self.weights.sum()) or 1.0)
        squares = self.weights**2
        self._squares = squares / (float(squares.sum()) or 1.0)

    def learn(self, texts: Iterable[str]) -> None:
        """Compare the words of texts that will be matched, all at once, which is quicker than text by text."""
        if not self.question.asked:
            return
        words: dict[bool, set[str]] = {False: set(), True: set()}
        for text in texts:
            words[text.isupper()].update([word for _, word in written(text)])
        for capitals, different in words.items():
            self._read(different, capitals)

    def match(self, text: str) -> Matches:
        """Compare the words of a text with the question."""
        matches = self._matches.get(text)
        if matches is None:
            matches = self._matches[text] = self._match(text)
        return matches

    def _match(self, text: str) -> Matches:
        self.learn([text])
        known = self._written[text.isupper()]
        found = written(text) if self.question.asked else ()
        places = [(start + offset, column) for start, word in found for offset, column in known[word]]
        if not places:
            return Matches((), np.zeros((0, 0), dtype=np.float32), (), len(self.question.asked))
        starts, columns = zip(*places, strict=True)
        degrees = self._degrees[:, columns]
        if self._openings:
            self._add_phrases(degrees, columns)
        return Matches(starts, degrees, tuple(self._compounds), len(self.question.asked))

    def coverage(self, degrees: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The share of the question's weight that is covered, 0 to 1: shape (...,) of degrees of shape (..., asked)."""
        return degrees @ self._shares

    def focus(self, degrees: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """As `coverage`, by the squares of the weights: of two lines the one with the rarer word is more to the point."""
        return degrees @ self._squares

    def _read(self, words: Set[str], capitals: bool) -> None:
        """Compare words that were not met before, as they are written in a text that is in `capitals` or not."""
        known = self._written[capitals]
        unknown = {word: written_words(word, capitals) for word in words if word not in known}
        if not unknown:
            return
        self._compare({(word.text, word.stop): word for read in unknown.values() for word in read})
        columns = self._columns
        for word, read in unknown.items():
            known[word] = tuple([(each.start, columns[each.text, each.stop]) for each in read])

    def _compare(self, found: Mapping[tuple[str, bool], Word]) -> None:
        """Add a column to the table of degrees for each word that has none."""
        words = [word for key, word in found.items() if key not in self._columns]
        if not words:
            return
        degrees = np.array([self._forms.degrees(word) for word in words], dtype=np.float32).T
        by_meaning = self._by_meaning([word.text for word in words])
        if by_meaning is not None:
            by_meaning[:, [word.stop for word in words]] = 0.0
            degrees = np.maximum(degrees, by_meaning)
        for column, word in enumerate(words, len(self._words)):
            self._columns[word.text, word.stop] = column
            if opened := [each for stem in word.stems for each in self._phrases.get(stem, ())]:
                self._openings[column] = opened
        self._words += words
        self._degrees = np.concatenate([self._degrees, degrees], axis=1)

    def _by_meaning(self, words: list[str]) -> npt.NDArray[np.float32] | None:
        """Degrees by nearness of word embeddings, shape (asked, words)."""
        if self._space is None or self._vectors is None or not words:
            return None
        cosines = self._vectors @ self._space.vectors(words).T
        near = BY_MEANING * np.clip((cosines - RELATED) / (SAME - RELATED), 0.0, 1.0)
        near[self._literal] = np.where(cosines[self._literal] >= SAME_NAME, BY_MEANING, 0.0)
        return np.asarray(near, dtype=np.float32)

    def _add_phrases(self, degrees: npt.NDArray[np.float32], columns: Sequence[int]) -> None:
        """Raise the degrees where a translation of an asked word stands, of one word or of several side by side."""
        for place, column in enumerate(columns):
            for row, phrase in self._openings.get(column, ()):
                if _stands(phrase, [self._words[each] for each in columns[place : place + len(phrase)]]):
                    degrees[row, place] = max(degrees[row, place], BY_TRANSLATION)


class _Forms:
    """Compares words with the asked ones by their form; most words have nothing in common with any, which is seen at once."""

    def __init__(self, rows: Sequence[Asked]) -> None:
        self._rows = rows
        self._whole = frozenset(form for row in rows for form in (row.text, *row.stems))
        self._names = any(row.literal for row in rows)
        # Tried in the order of the letters, `_form` then decides on what is left of the word.
        self._openings = tuple({stem for row in rows for stem in row.stems if len(stem) >= SHORTEST_PART})
        self._affixes = frozenset(
            affix
            for row in rows
            for length in range(SHORTEST_PART, len(row.text))
            for affix in (row.text[:length], row.text[-length:])
        )
        self._nothing = [0.0] * len(rows)

    def degrees(self, word: Word) -> list[float]:
        """The degree to which a word covers each asked one."""
        return [_form(row, word) for row in self._rows] if self._may_match(word) else self._nothing

    def _may_match(self, word: Word) -> bool:
        if word.text in self._whole or not self._whole.isdisjoint(word.stems):
            return True
        return not word.stop and (
            (self._names and len(word.text) >= LONG_NAME - 1)
            or word.text.startswith(self._openings)
            or word.text.endswith(self._openings)
            or not self._affixes.isdisjoint(word.stems)
        )


def _stands(phrase: Sequence[str], words: Sequence[Word]) -> bool:
    return len(words) == len(phrase) and all(stem in word.stems for stem, word in zip(phrase, words, strict=True))


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
