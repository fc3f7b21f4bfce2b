"""Marks: where the words of a query stand in a text, by the word rules alone."""

from __future__ import annotations

from functools import lru_cache

from kb.language.folding import fold
from kb.language.stems import snowball_stem, stems
from kb.language.terms import query_words
from kb.language.words import SHORTEST, text_words, written
from kb.model import Language, Span


def matches(query: str, text: str, language: Language | None) -> tuple[Span, ...]:
    """The places in `text` where words of `query` stand, in reading order.

    A compound is marked when a word of the query is its first or last part, judged by its letters and without the word list.
    """
    marker = _marker(query)
    known = marker.plain_words.setdefault(language, {})
    spans: list[Span] = []
    for start, word in written(text):
        marked = known.get(word)
        if marked is None:
            if not word.isalnum():
                spans.extend(marker.spans_in_hyphened(word, start, language))
                continue
            marked = known[word] = marker.matches(fold(word), language)
        if marked:
            spans.append(Span(start, start + len(word)))
    return tuple(spans)


class _Marker:
    """The words of one query, and which words of passages match them: the same few recur on every page."""

    def __init__(self, query: str) -> None:
        words = query_words(query)
        content = [word for word in words if not word.stop] or words
        self.terms = frozenset(term for word in content for term in (*word.stems, word.text))
        self.inner_terms = tuple(sorted((term for term in self.terms if len(term) >= SHORTEST), key=len, reverse=True))
        self.plain_words: dict[Language | None, dict[str, bool]] = {}
        """For passages of each language: whether a word without hyphens or apostrophes, as written, is to be marked."""

    def spans_in_hyphened(self, text: str, start: int, language: Language | None) -> list[Span]:
        """The spans to mark of one word with hyphens or apostrophes at `start`: all of it, or some of its pieces."""
        spans: list[Span] = []
        for word in text_words(text):
            if len(word.pieces) > 1 and not self.terms.isdisjoint(stems(word.joined, language)):
                return [Span(start, start + word.end)]
            matched = (piece for piece in word.pieces if self.matches(piece.folded, language))
            spans.extend(Span(start + piece.start, start + piece.end) for piece in matched)
        return spans

    def matches(self, word: str, language: Language | None) -> bool:
        """Whether a folded word is one of the query's, or a compound with one of them as its first or last part."""
        if not word:
            return False
        if not self.terms.isdisjoint(stems(word, language)):
            return True
        return language != "en" and self._has_part(word)

    def _has_part(self, word: str) -> bool:
        """Whether a word of the query is the first or last part of a Dutch word."""
        # Snowball's stem only: an inflection that is stripped from a long word is not always stripped from its last part alone.
        stemmed = snowball_stem(word, "nl")
        if not (
            word.startswith(self.inner_terms) or word.endswith(self.inner_terms) or stemmed.endswith(self.inner_terms)
        ):
            return False
        for part in self.inner_terms:
            rest = len(word) - len(part)
            if rest < 3 or (rest == 3 and len(part) < 5):
                continue
            if word.startswith(part) or word.endswith(part) or stemmed.endswith(part):
                return True
        return False


@lru_cache(maxsize=64)
def _marker(query: str) -> _Marker:
    return _Marker(query)
