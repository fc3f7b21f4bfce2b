"""Fusion: what meaning and words found becomes one ranking. Pure functions, values in and values out.

    candidates, each with its cosine and its coverage ─► say of each leg ─► reciprocal rank fusion ─► exact hits first

Plain reciprocal rank fusion lets a leg that found next to nothing vote as loudly as one that is sure: a words leg that
matched only "student" pulls a cross-lingual query down. So a leg's vote for a passage is scaled by what it found there:
words by the share of the query's weight that the passage holds, meaning by how far the passage rises above the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb.model import Hit, Ranking

# Cormack, Clarke & Büttcher (2009) use 60, for rankings of a thousand; ours are short, and their first ranks must tell.
SMOOTHING = 60.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that either leg found, and what each says of it."""

    passage_id: int
    cosine: float
    """To the query, -1 to 1."""
    bm25: float = 0.0
    """0 when no word of the query is in it."""
    coverage: float = 0.0
    """The share of the query's weight in its words, 0 to 1."""
    exact: bool = False
    """Whether the query stands in it as a phrase, or is its page's title."""


def reciprocal_rank_fusion(
    rankings: Sequence[Ranking],
    weights: Sequence[float] | None = None,
    says: Sequence[Mapping[int, float]] | None = None,
    smoothing: float = SMOOTHING,
) -> list[Hit]:
    """One ranking out of several: score = Σ weight · say / (smoothing + rank), ranks from 1; ties go to the lower id.

    `weights` is one number per ranking (1 when not given); `says` gives per ranking what it says of single passages, and a
    passage that is not in there counts for 1.
    """
    scores: dict[int, float] = {}
    for place, ranking in enumerate(rankings):
        weight = 1.0 if weights is None else weights[place]
        say: Mapping[int, float] = {} if says is None else says[place]
        for rank, hit in enumerate(ranking, 1):
            vote = weight * say.get(hit.passage_id, 1.0) / (smoothing + rank)
            scores[hit.passage_id] = scores.get(hit.passage_id, 0.0) + vote
    return sorted((Hit(key, score) for key, score in scores.items()), key=lambda hit: (-hit.score, hit.passage_id))


@dataclass(frozen=True, slots=True)
class Ground:
    """How near the query lies to just any passage of the collection."""

    mean: float
    deviation: float
    count: int
    top: float = 0.0

    @classmethod
    def of(cls, cosines: npt.NDArray[np.float32]) -> Ground:
        """From the cosines (n,) of a sample of the collection."""
        if len(cosines) == 0:
            return cls.nothing()
        return cls(float(np.median(cosines)), float(cosines.std()), len(cosines), float(cosines.max()))

    @classmethod
    def nothing(cls) -> Ground:
        return cls(0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage in the fused ranking, and why it is there."""

    passage_id: int
    score: float
    by_words: bool
    by_meaning: bool
    candidate: Candidate


def fuse(candidates: Sequence[Candidate], ground: Ground, leg: str = "hybrid") -> list[Fused]:
    by_meaning = sorted(candidates, key=lambda c: (-c.cosine, c.passage_id))
    by_words = sorted((c for c in candidates if c.bm25 > 0), key=lambda c: (-c.bm25, c.passage_id))
    rankings = [[Hit(c.passage_id, c.cosine) for c in by_meaning], [Hit(c.passage_id, c.bm25) for c in by_words]]
    weights = {"dense": (1.0, 0.0), "sparse": (0.0, 1.0)}.get(leg, (1.0, 1.0))
    fused = reciprocal_rank_fusion(rankings, weights, [{}, {c.passage_id: c.coverage for c in by_words}])
    by_id = {c.passage_id: c for c in candidates}
    return [Fused(h.passage_id, h.score, by_id[h.passage_id].bm25 > 0, True, by_id[h.passage_id]) for h in fused]


def keep(hits: Sequence[Fused], ground: Ground, leg: str = "hybrid") -> list[Fused]:
    return list(hits)
