"""Hits: the passages that a query finds, whatever its filters, so that a count by facet is what choosing it gives.

    Reached (words and meaning, deep) ─► ranking of the best ─► least support ─┬─► hits of the ranking
                                   └─► those beyond it ────────────────────────┴─► further hits, most support first

A passage's support depends on the query and the passage alone. Only of the best passages are the sentences compared, which
may lift them; a passage beyond the ranking is weighed as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from index.fusion import Fused, RetrieverName
from index.matches import PassageFacts
from index.request import SearchRequest
from index.snapshot import is_among
from index.sparse import WordHit

Ids = npt.NDArray[np.int64]
Value = TypeVar("Value")

# Passages per retriever that may be hits. A query that reaches more than these finds further ones only through its filters.
REACH = 300
# The same where a query has a phrase: each passage with the phrase is a hit.
PHRASE_REACH = 10_000


@dataclass(frozen=True, slots=True)
class Reached:
    """The passages that the retrievers reach for one request, each scored by both."""

    request: SearchRequest
    """With the query's vector, where meaning was asked."""
    facts: PassageFacts
    retriever: RetrieverName
    """Which of them were asked."""
    words: Mapping[int, WordHit]
    """By words, best first."""
    nearest: Mapping[int, float]
    """By meaning, nearest first: cosines."""
    others: Mapping[int, float] = field(default_factory=dict)
    """The cosines of those that only words reached."""
    sentences: Mapping[int, Vectors] = field(default_factory=dict)
    """The vectors of the sentences of the best by words."""

    def within(self, admitted: Ids) -> Reached:
        """Those of them that are admitted; ids ascending."""
        held = set(_among([*self.nearest, *self.words], admitted))
        words, nearest, others = _only(self.words, held), _only(self.nearest, held), _only(self.others, held)
        return replace(self, words=words, nearest=nearest, others=others)

    def best(self, depth: int) -> tuple[dict[int, WordHit], dict[int, float]]:
        """The best `depth` by words, and the cosines of the nearest `depth` and of those."""
        words = dict(islice(self.words.items(), depth))
        cosines = dict(islice(self.nearest.items(), depth))
        for key in words:
            if key not in cosines and (cosine := self.cosine(key)) is not None:
                cosines[key] = cosine
        return words, cosines

    def cosine(self, passage_id: int) -> float | None:
        """The cosine of a passage to the query; None without a vector."""
        cosine = self.nearest.get(passage_id)
        return self.others.get(passage_id) if cosine is None else cosine

    def __contains__(self, passage_id: int) -> bool:
        return passage_id in self.nearest or passage_id in self.words

    def coverage(self, passage_id: int) -> float:
        """The share of the query's weight in the words of a passage."""
        hit = self.words.get(passage_id)
        return hit.coverage if hit else 0.0

    def cosines(self) -> dict[int, float]:
        """The cosines of all of them that have a vector."""
        return {**self.nearest, **self.others}

    def ends_above(self, cosine: float) -> bool:
        """Whether words reach further passages, or meaning further ones of at least this cosine."""
        reach = reach_of(self.request)
        nearest_cut = len(self.nearest) >= reach and min(self.nearest.values()) >= cosine
        return nearest_cut or len(self.words) >= reach


def reach_of(request: SearchRequest) -> int:
    """The number of passages that each retriever reaches."""
    if request.allowed is None or not request.query.conditions.phrases:
        return REACH
    return max(REACH, min(len(request.allowed) + 1, PHRASE_REACH))


def _among(ids: Sequence[int], admitted: Ids) -> Iterable[int]:
    every = np.array(ids, dtype=np.int64)
    found: list[int] = every[is_among(every, admitted)].tolist()
    return found


def _only(values: Mapping[int, Value], held: set[int]) -> dict[int, Value]:
    return {key: value for key, value in values.items() if key in held}


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best of the passages that were reached, in order."""

    best: Sequence[Fused]
    sentences: Mapping[int, Vectors]
    """The vectors (n, d) of their sentences."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The passages that a query finds."""

    shown: Sequence[Fused]
    """Best first."""
    entries: Sequence[Fused] = ()
    """Of reference lists: hits only where the query asks for a work, and else no part of `shown`."""
    complete: bool = True
    """Whether these are all; else the retrievers reach only a part of them."""

    def among(self, best: Sequence[Fused], reached: Reached) -> Hits:
        """Those of them that were reached, the best first in their order."""
        return Hits(
            [hit for hit in self.in_order(best).shown if hit.passage_id in reached],
            [hit for hit in self.entries if hit.passage_id in reached],
            self.complete,
        )

    def in_order(self, best: Sequence[Fused]) -> Hits:
        """The same, with those that are among the best first, in their order."""
        shown = {hit.passage_id for hit in self.shown}
        first = [hit for hit in best if hit.passage_id in shown]
        held = {hit.passage_id for hit in first}
        return Hits([*first, *(hit for hit in self.shown if hit.passage_id not in held)], self.entries, self.complete)


NO_HITS = Hits(())
