"""Fusion of the dense and the sparse ranking into one. Pure functions, values in and values out.

    candidates with both scores ─► a weight for each in each ranking ─► reciprocal rank fusion ─► ranking ─► cut

Plain reciprocal rank fusion gives a retriever that found next to nothing as much weight as the other: a sparse one that
matched only "student" pulls a cross-lingual query down. So a vote is scaled by the evidence of its retriever:

* meaning, by relatedness: how far the passage's cosine rises above those of texts about something else
  (`index.calibration`), in their standard deviations;
* words, by coverage: the share of the query's weight that the passage holds, and its BM25 beside the best;
* where the query's words hardly occur in a passage's language they cannot speak for or against it, so meaning speaks for
  them there: an English question has no Dutch words to find.

The constants were tuned on the halves for tuning of `tests/judged` with an English encoder and a bilingual one at once;
they lie in the middle of a plateau, where each may change by a fifth without moving mean nDCG@10 by more than 0.01.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.model import Hit, Language, Ranking

RetrieverName = Literal["dense", "sparse", "hybrid"]

# Cormack, Clarke & Büttcher (2009).
SMOOTHING = 60.0
# The weight of the sparse ranking beside the dense one.
WORDS = 1.25
# Relatedness at which meaning says as much as it can be asked to; a translation of the query lies about there.
SURE = 10.0
# Of the words' say the half is coverage, the half coverage times BM25.
BM25 = 0.5
# How far meaning may speak for words that cannot speak.
ABROAD = 0.9
# An entry of a reference list only names a work; a page with text about it comes first.
LISTING = 0.35
# A page that only opens a section has the title, and the pages after it the text.
DIVIDER = 0.5
# An exact hit rises above any neighbour that holds few of the words.
EXACT = 0.5
# The least weight of a passage in a ranking that holds it.
LEAST = 0.02

# A passage supports the query by relatedness / SUPPORT + COVERED · coverage; about 1 is worth reading.
SUPPORT = 5.0
COVERED = 1.5
# Of n passages that have nothing to do with a query, the nearest lies √(2 ln n) deviations above their mean (the expected
# maximum of n normal draws). The best must be this much better, or it is only the least bad. So 50 of the 56 questions
# that nothing in the judged collections answers find nothing, and 2 of the 90 that have an answer find nothing too.
MARGIN = 0.25
# A hit with less than this share of the best one's support only fills the list.
SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that either retriever found, with its scores."""

    passage_id: int
    cosine: float = 0.0
    """To the query."""
    related: float = 0.0
    """How far the cosine rises above those of texts about something else, in standard deviations."""
    bm25: float = 0.0
    """0 when no word of the query is in it."""
    coverage: float = 0.0
    """The share of the query's weight in its words, 0 to 1."""
    exact: bool = False
    """Whether the query is in it as a phrase, or in its page's title."""
    language: Language | None = None
    listing: bool = False
    """Whether it is of a reference list."""
    divider: bool = False
    """Whether its page only opens a section."""
    sentence: int | None = None
    """Which of its sentences, from 0, is nearest to the query in meaning."""

    @property
    def support(self) -> float:
        """How much it has to do with the query; about 1 for a passage worth reading."""
        return support_of(self.related, self.coverage)


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage in the fused ranking, and why it is there."""

    passage_id: int
    score: float
    support: float
    by_words: bool
    by_meaning: bool
    sentence: int | None = None
    z_score: float = 0.0
    """Of its similarity to the query, in standard deviations above unrelated texts."""
    coverage: float = 0.0
    """The share of the query's weight in its words, 0 to 1."""


def reciprocal_rank_fusion(
    rankings: Sequence[Ranking], weights: Sequence[Mapping[int, float]] | None = None, smoothing: float = SMOOTHING
) -> list[Hit]:
    """One ranking out of several: score = Σ weight / (smoothing + rank), ranks from 1; of equals the lower id comes first.

    `weights` gives for each ranking a weight for each passage; 1 without it.
    """
    scores: dict[int, float] = {}
    for place, ranking in enumerate(rankings):
        for rank, hit in enumerate(ranking, 1):
            weight = 1.0 if weights is None else weights[place].get(hit.passage_id, 0.0)
            scores[hit.passage_id] = scores.get(hit.passage_id, 0.0) + weight / (smoothing + rank)
    return _ranked(scores)


def fuse(candidates: Sequence[Candidate], retriever: RetrieverName = "hybrid") -> list[Fused]:
    """The candidates as one ranking, best first; `retriever` chooses one retriever alone."""
    by_id = {c.passage_id: c for c in candidates}
    return [_fused(hit, by_id[hit.passage_id]) for hit in _ranking(candidates, retriever)]


def by_support(candidates: Sequence[Candidate]) -> list[Fused]:
    """Candidates that no ranking holds, most support first; of equals the lower id."""
    ordered = sorted(candidates, key=lambda c: (-c.support, c.passage_id))
    return [_fused(Hit(c.passage_id, 0.0), c) for c in ordered]


def support_of(z_score: float, coverage: float) -> float:
    """How much a passage has to do with a query; about 1 for one worth reading."""
    return max(0.0, z_score) / SUPPORT + COVERED * coverage


def _ranking(candidates: Sequence[Candidate], retriever: RetrieverName) -> list[Hit]:
    """The candidates by one retriever's scores, or by both."""
    if retriever == "dense":
        return _ranked({c.passage_id: c.cosine for c in candidates})
    if retriever == "sparse":
        return _ranked({c.passage_id: c.bm25 for c in candidates if c.bm25 > 0})
    scores = dense_scores(candidates), sparse_scores(candidates)
    hits = reciprocal_rank_fusion([_ranked(each) for each in scores], scores)
    lifted = {c.passage_id for c in candidates if c.exact and not c.listing}
    if not lifted:
        return hits
    lift = EXACT / (SMOOTHING + 1)
    return _ranked({hit.passage_id: hit.score + lift * (hit.passage_id in lifted) for hit in hits})


def _fused(hit: Hit, candidate: Candidate) -> Fused:
    return Fused(
        hit.passage_id,
        hit.score,
        candidate.support,
        by_words=candidate.bm25 > 0,
        by_meaning=candidate.related >= SUPPORT / 2,
        sentence=candidate.sentence,
        z_score=candidate.related,
        coverage=candidate.coverage,
    )


def dense_scores(candidates: Sequence[Candidate]) -> dict[int, float]:
    """The dense weight of each candidate: 1 for a clear match in meaning, near 0 for none."""
    return {c.passage_id: _weighed(c, max(LEAST, c.related / SURE)) for c in candidates}


def sparse_scores(candidates: Sequence[Candidate]) -> dict[int, float]:
    """The sparse weight of each candidate; the dense one where the query's words do not occur in its language."""
    best = max((c.bm25 for c in candidates), default=0.0) or 1.0
    own = {c.passage_id: c.coverage * (1 - BM25 + BM25 * c.bm25 / best) for c in candidates}
    best_of: dict[Language | None, float] = {}
    for c in candidates:
        if not c.listing:
            best_of[c.language] = max(best_of.get(c.language, 0.0), own[c.passage_id])
    highest = max(best_of.values(), default=0.0)
    weights = {}
    for c in candidates:
        missing = max(0.0, highest - best_of.get(c.language, 0.0))
        borrowed = ABROAD * missing * min(1.0, max(LEAST, c.related / SURE))
        weight = own[c.passage_id] + borrowed
        if weight > 0:
            weights[c.passage_id] = _weighed(c, WORDS * weight)
    return weights


def enough(count: int) -> float:
    """The support that the best of `count` passages needs to be more than the least bad."""
    return MARGIN + math.sqrt(2 * math.log(max(count, 2))) / SUPPORT


def least_support(hits: Sequence[Fused], count: int) -> float | None:
    """The support that a hit needs to be shown, of `count` passages searched; None when nothing has enough of it."""
    best = max((hit.support for hit in hits), default=0.0)
    if best < enough(count):
        return None
    # A hit that would be shown by itself is not cut because an entry of a reference list has the exact words.
    return min(SHARE * best, enough(count))


def keep(hits: Sequence[Fused], count: int) -> list[Fused]:
    """The hits worth showing of `count` passages searched: none when nothing has enough to do with the query."""
    least = least_support(hits, count)
    return [] if least is None else [hit for hit in hits if hit.support >= least]


def _weighed(candidate: Candidate, say: float) -> float:
    return say * (LISTING if candidate.listing else DIVIDER if candidate.divider else 1.0)


def _ranked(scores: Mapping[int, float]) -> list[Hit]:
    """Highest first; of equals the lower id. (A sort keeps the order of equals, in reverse too.)"""
    return [Hit(key, scores[key]) for key in sorted(sorted(scores), key=scores.__getitem__, reverse=True)]
