"""Snapshots: all vectors at one moment, searched by faiss.

    base (mapped from the cache file) ────────────────┐
    tail (passages that came since)                   ├─► Snapshot ─► nearest passages
    gone (passages that were removed since)          ─┘

A snapshot is never changed, so threads may share it; a newer one shares the base with it. A change costs what it adds and
removes; where too much came and went (`is_outdated`), everything is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from index.encoder import Vector, Vectors
from kb.model import Hit, Ranking

Ids = npt.NDArray[np.int64]

# The base is made anew when more passages came and went since than this number, and than one in so many of the base.
MOST_CHANGES = 1000
CHANGED_PART = 10
_NO_IDS: Ids = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Part:
    """Vectors of some passages."""

    ids: Ids
    """Ascending."""
    index: Any
    """faiss.IndexFlatIP, an exact inner product; its rows are those of `ids`. That of the base is mapped from the cache file."""

    def nearest(self, vector: Vector, depth: int, allowed: Ids | None, gone: Ids) -> list[Hit]:
        """At most `depth` passages, nearest first, each scored by its cosine; only those `allowed`, if given, without `gone`."""
        parameters = None
        if allowed is not None or len(gone):
            bits = np.packbits(self._admitted(allowed, gone), bitorder="little")
            parameters = faiss().SearchParameters(sel=faiss().IDSelectorBitmap(bits))
        cosines, places = self.index.search(vector[None, :], min(depth, len(self.ids)), params=parameters)
        found = zip(places[0].tolist(), cosines[0].tolist(), strict=True)
        return [Hit(int(self.ids[place]), cosine) for place, cosine in found if place >= 0]

    def _admitted(self, allowed: Ids | None, gone: Ids) -> npt.NDArray[np.bool_]:
        """Whether each row may be found."""
        admitted = np.full(len(self.ids), allowed is None)
        if allowed is not None:
            admitted[self._places(allowed)] = True
        admitted[self._places(gone)] = False
        return admitted

    def _places(self, wanted: Ids) -> Ids:
        """The rows of certain passages; those of other parts are left out."""
        places: Ids = np.searchsorted(self.ids, wanted[is_among(wanted, self.ids)])
        return places

    def vectors(self, wanted: Ids) -> Vectors:
        """The vectors (n, d) of passages that are all in this part."""
        vectors: Vectors = self.index.reconstruct_batch(np.searchsorted(self.ids, wanted))
        return vectors

    def cosines_of(self, vector: Vector, wanted: Ids) -> dict[int, float]:
        """How near certain passages are; those of other parts are left out."""
        known = wanted[is_among(wanted, self.ids)]
        if len(known) == 0:
            return {}
        return dict(zip(known.tolist(), (self.vectors(known) @ vector).tolist(), strict=True))


def part(ids: Ids, vectors: Vectors) -> tuple[Part, ...]:
    """The vectors (n, d) of passages, ids ascending, as a part; nothing when there are none."""
    if len(ids) == 0:
        return ()
    index = faiss().IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    return (Part(ids, index),)


def extended(earlier: tuple[Part, ...], here: Ids, ids: Ids, vectors: Vectors) -> tuple[Part, ...]:
    """A part with the passages of an earlier one that are among those here, and with further passages and their vectors."""
    for each in earlier:
        kept = each.ids[is_among(each.ids, here)]
        if len(kept):
            held = each.vectors(kept)
            ids, vectors = np.concatenate([kept, ids]), np.concatenate([held, vectors]) if len(vectors) else held
    order = np.argsort(ids)
    return part(ids[order], vectors[order])


def is_among(wanted: Ids, ids: Ids) -> npt.NDArray[np.bool_]:
    """Whether each id is one of `ids`, which are ascending."""
    if len(ids) == 0:
        return np.zeros(len(wanted), dtype=np.bool_)
    among: npt.NDArray[np.bool_] = ids[np.searchsorted(ids, wanted).clip(max=len(ids) - 1)] == wanted
    return among


@dataclass(frozen=True, slots=True)
class Moment:
    """The state of the catalogue that vectors were read at."""

    generation: int
    revision: int
    """Another where vectors of passages that are still here were deleted, to be made anew."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All vectors at one moment; never changed, so threads may share it."""

    moment: Moment
    base: tuple[Part, ...] = ()
    """One part, or none."""
    tail: tuple[Part, ...] = ()
    """One part, or none: passages that are not in the base."""
    gone: Ids = field(default_factory=lambda: _NO_IDS)
    """Passages of the base that are here no more, ascending."""

    @property
    def generation(self) -> int:
        """The catalogue's generation."""
        return self.moment.generation

    @property
    def base_ids(self) -> Ids:
        """The passages of the base, ascending, with those that are gone."""
        return self.base[0].ids if self.base else _NO_IDS

    @property
    def tail_ids(self) -> Ids:
        """The passages of the tail, ascending."""
        return self.tail[0].ids if self.tail else _NO_IDS

    @property
    def ids(self) -> Ids:
        """The passages with a vector, ascending."""
        here = self.base_ids[~is_among(self.base_ids, self.gone)] if len(self.gone) else self.base_ids
        return np.sort(np.concatenate([here, self.tail_ids]), kind="stable")  # quick, for both are sorted

    def is_outdated(self, here: Ids) -> bool:
        """Whether the base is to be made anew, by the passages that are here, ascending."""
        held = self.base_ids
        changed = np.count_nonzero(~is_among(here, held)) + np.count_nonzero(~is_among(held, here))
        return bool(len(held) == 0 or changed > max(MOST_CHANGES, len(held) // CHANGED_PART))

    def nearest(self, vector: Vector, depth: int, allowed: Ids | None = None) -> Ranking:
        """At most `depth` passages, nearest first, each scored by its cosine; only those `allowed`, if given."""
        if depth < 1 or (allowed is not None and len(allowed) == 0):
            return []
        hits = [hit for each in self.base + self.tail for hit in each.nearest(vector, depth, allowed, self.gone)]
        return sorted(hits, key=lambda hit: -hit.score)[:depth]

    def cosines_of(self, vector: Vector, ids: Sequence[int]) -> dict[int, float]:
        """How near certain passages are; one without a vector is left out."""
        wanted = np.array(ids, dtype=np.int64)
        wanted = wanted[~is_among(wanted, self.gone)]
        return {
            key: cosine for each in self.base + self.tail for key, cosine in each.cosines_of(vector, wanted).items()
        }


def faiss() -> Any:
    """faiss, set to search in the calling thread: sharing a few milliseconds between threads costs more than they do."""
    import faiss as module

    module.omp_set_num_threads(1)
    return module
