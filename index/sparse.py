"""Retrieval by words: BM25 over stems, and how much of the query each passage holds.

    query ─► words ─► those worth asking for, with the ways they may be written ─► FTS5 ─► matches, each with its coverage

BM25 ranks, coverage judges: the share of the query's weight (inverse document frequency) that a passage holds. A ranking
says who is best; only coverage says whether the best is any good, and fusion weighs this retriever accordingly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from index.request import SearchRequest
from kb import language
from kb.catalogue import Match, Passages
from kb.language import Word
from kb.language.glossary import Glossary

# A word in more passages than this share distinguishes none, and costs the most to look up.
COMMON = 0.2
# In a collection this small nothing is common.
FEW = 20
# The words that are looked up stand in so many passages together; more common words only score passages that rarer ones find.
MANY = 1000
# The share of a word that is only half of a compound, or is in the titles above the passage.
BY_PART = 0.6
BY_CONTEXT = 0.3
# The share where the passage has only a half of the query's compound.
BY_HALF = 0.5
# A query of no more words than this may be crowded out as a phrase.
SHORT = 3
NO_GLOSSARY = Glossary()
# More words than this are no question but a text; its rarest words speak for it.
MOST_WORDS = 32


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word of the query and the terms that may stand for it."""

    text: str
    terms: tuple[str, ...]
    """Whole: its stems in each language."""
    halves: tuple[str, ...]
    """Those of its parts that the collection knows, when it may be a compound."""
    weight: float
    """Inverse document frequency; a word that the collection does not know weighs most of all."""
    frequencies: Mapping[str, int]
    """The number of passages with each of its terms and halves; those in none are left out."""

    @property
    def frequency(self) -> int:
        """The number of passages with the whole word."""
        return max(self.frequencies.get(term, 0) for term in self.terms)


@dataclass(frozen=True, slots=True)
class WordHit:
    """A passage with words of the query."""

    passage_id: int
    score: float
    """BM25, higher is better."""
    coverage: float
    """The share of the query's weight that it holds, 0 to 1."""
    exact: bool
    """Whether the query is in it as a phrase, or is its page's title."""


class Sparse:
    """The retriever by words."""

    def __init__(self, passages: Passages, glossary: Glossary | None = None) -> None:
        """With a `glossary` a word is found by its translations too."""
        self._passages = passages
        self._glossary = glossary or NO_GLOSSARY

    def retrieve(self, request: SearchRequest, depth: int) -> list[WordHit]:
        """At most `depth` passages with words of the query, best first."""
        query, count = request.query, request.count
        words = language.query_words(query.text)
        if not words or depth < 1:
            return []
        wanted = weigh(words, self._passages, count, self._glossary)
        phrases = [[term] for term in asked(wanted, count)]
        if not phrases:
            return []
        rows = whole(words)
        # A short query is asked along as a phrase, lest many passages with its words apart crowd out those that have it whole.
        # Of a long one all words stand in such a passage, and that suffices to find it.
        short = [row for row in rows if 1 < len(row) <= SHORT]
        found = self._passages.match(phrases + short, depth, query)
        hits = [
            WordHit(
                match.passage_id, match.score, coverage(wanted, match), any(holds_phrase(row, match) for row in rows)
            )
            for match in found
        ]
        hits.sort(key=lambda hit: (-hit.score, hit.passage_id))
        return hits[:depth]


def weigh(words: Sequence[Word], passages: Passages, count: int, glossary: Glossary = NO_GLOSSARY) -> list[Wanted]:
    """The words of a query that carry it, each with its terms and its weight among `count` passages.

    Small words are left out unless there are no others. A hyphened word counts once: as a whole where the collection knows
    it whole, else by its pieces.
    """
    carrying = [word for word in words if not word.stop] or list(words)
    carrying = list({word.text: word for word in carrying}.values())[: 2 * MOST_WORDS]
    splits = {word.text: list(language.splits(word.text)) for word in carrying}
    joined = _joined(words, carrying)
    same = {start: [" ".join(row) for row in rows] for start, rows in glossary.others(words).items()}
    terms = chain(
        chain.from_iterable(word.stems for word in carrying),
        chain.from_iterable(pair for pairs in splits.values() for pair in pairs),
        chain.from_iterable(joined.values()),
        chain.from_iterable(same.values()),
    )
    frequencies = passages.term_frequencies(sorted(set(terms)))
    wanted = [
        _wanted(
            word,
            [*_with_joined(word, joined, frequencies), *_commoner(same.get(word.start, ()), word, frequencies)],
            splits[word.text],
            frequencies,
            count,
        )
        for word in _once(carrying, frequencies)
    ]
    wanted.sort(key=lambda word: -word.weight)
    return wanted[:MOST_WORDS]


def _commoner(same: Sequence[str], word: Word, frequencies: Mapping[str, int]) -> list[str]:
    """The terms of the glossary that more passages hold than the word itself.

    Where the collection has the word, its own passages come first; where it has it hardly or not at all, it says it in
    another way. A term of several words has no frequency of its own, and is looked up where the word is in no passage.
    """
    own = max(frequencies.get(term, 0) for term in word.stems)
    return [term for term in same if frequencies.get(term, 0) > own or own == 0]


def _joined(words: Sequence[Word], carrying: Sequence[Word]) -> dict[tuple[str, str], Sequence[str]]:
    """The stems of two words of the query that a collection may have as one, by these words."""
    # Written apart where the collection has it in one word: "studenten welzijn".
    neighbours = {
        (left.text, right.text): language.stems(left.text + right.text)
        for left, right in pairwise(carrying)
        if not left.joined and not right.joined
    }
    # And parted where the collection has it whole: "vallen … uit".
    return {**neighbours, **{(verb.text, parted[0]): parted for verb, parted in language.separated(words)}}


def _with_joined(
    word: Word, joined: Mapping[tuple[str, str], Sequence[str]], frequencies: Mapping[str, int]
) -> list[str]:
    """The stems of a word, and those of the words made with it that the collection holds."""
    together = (term for pair, terms in joined.items() if word.text in pair for term in terms if frequencies.get(term))
    return list(dict.fromkeys((*word.stems, *together)))


def _wanted(
    word: Word,
    terms: Sequence[str],
    splits: Sequence[tuple[str, str]],
    frequencies: Mapping[str, int],
    count: int,
) -> Wanted:
    """A word with its terms, the halves of its compound, and its weight among `count` passages."""
    frequency = max(frequencies.get(term, 0) for term in word.stems)
    halves = () if frequency == count else _halves(splits, frequencies)
    known = {term: frequencies[term] for term in (*terms, *halves) if frequencies.get(term)}
    weight = idf(max(known.get(term, 0) for term in terms), count)
    return Wanted(word.text, tuple(terms), halves, weight, known)


def _once(words: Sequence[Word], frequencies: Mapping[str, int]) -> list[Word]:
    """Without the pieces of a hyphened word that is known whole, or the whole of one that is not."""
    known = [word for word in words if word.joined and any(frequencies.get(term) for term in word.stems)]
    return [word for word in words if (word in known if word.joined else not _is_piece(word, known))]


def _is_piece(word: Word, wholes: Sequence[Word]) -> bool:
    """Whether a word lies within one of the hyphened words."""
    return any(whole.start <= word.start and word.end <= whole.end for whole in wholes)


def _halves(splits: Iterable[tuple[str, str]], frequencies: Mapping[str, int]) -> tuple[str, ...]:
    """The halves of the likeliest split, both known to the collection; the likeliest has the longer short half."""
    real = [pair for pair in splits if all(frequencies.get(half) and len(half) > 2 for half in pair)]
    return max(real, key=lambda pair: (min(map(len, pair)), len(pair[1])), default=())


def idf(frequency: int, count: int) -> float:
    """Inverse document frequency, above 0: ln(1 + (N - n + 0.5) / (n + 0.5)) (Robertson & Zaragoza, 2009, with Lucene's 1 +)."""
    return math.log(1 + (max(count - frequency, 0) + 0.5) / (frequency + 0.5))


def asked(wanted: Sequence[Wanted], count: int) -> list[str]:
    """The terms to look up: of words that are not common, unless there are no others; rarest first, within MANY.

    The two rarest in any case: a passage with both comes before one that only repeats the first. Terms that stand in no
    passage are looked up as well, for they may stand over some.
    """
    telling = [word for word in wanted if count < FEW or word.frequency <= COMMON * count]
    if not any(word.frequency for word in telling):
        telling = list(wanted)
    frequencies = {term: word.frequencies.get(term, 0) for word in telling for term in word.terms + word.halves}
    return _rarest(frequencies)


def _rarest(frequencies: Mapping[str, int]) -> list[str]:
    """The terms, rarest first, as long as MANY passages hold them; at least two that some passage holds."""
    total = taken = 0
    terms = []
    for term in sorted(frequencies, key=lambda term: (frequencies[term], term)):
        total += frequencies[term]
        if taken > 1 and total > MANY:
            break
        taken += bool(frequencies[term])
        terms.append(term)
    return terms


def whole(words: Sequence[Word]) -> list[list[str]]:
    """The query as a row of terms, in each language; none when only small words are in it."""
    row = [word for word in words if not word.joined]
    if all(word.stop for word in row):
        return []
    rows = ([language.stem(word.text, "nl") for word in row], [language.stem(word.text, "en") for word in row])
    return [rows[0]] if rows[0] == rows[1] else list(rows)


def holds_phrase(row: Sequence[str], match: Match) -> bool:
    """Whether a row of terms is in the passage, side by side, or in its page's title."""
    phrase = f" {' '.join(row)} "
    if len(row) == 1 and row[0] in match.parts.split():
        return True
    return phrase in f" {match.words} " or phrase in f" {match.title} "


def coverage(wanted: Sequence[Wanted], match: Match) -> float:
    """The share of the query's weight that a passage holds."""
    total = sum(word.weight for word in wanted)
    if total <= 0:
        return 0.0
    # Terms hold no spaces, so a term between two is a whole one: quicker than to take four texts apart.
    texts = _Texts(f" {match.words} {match.title} ", f" {match.parts} ", f" {match.context} ")
    return sum(texts.share(word) * word.weight for word in wanted) / total


@dataclass(frozen=True, slots=True)
class _Texts:
    """The terms of a passage, between spaces: its own with its title, the parts of its compounds, those of its context."""

    own: str
    parts: str
    context: str

    def share(self, word: Wanted) -> float:
        """How far the passage holds a word, from 0 to 1."""
        terms = [f" {term} " for term in word.terms]
        if any(term in self.own for term in terms):
            return 1.0
        if any(term in self.parts for term in terms):
            return BY_PART
        halves = [half for half in word.halves if f" {half} " in self.own + self.parts]
        above = BY_CONTEXT if any(term in self.context for term in terms) else 0.0
        return max(len(halves) * BY_HALF * BY_PART, above)
