"""Search: a query goes in, evidence comes out.

query ─┬─► dense ranking  (meaning) ─┐
       └─► sparse ranking (words)  ──┴─► fused hits ─► one per page ─► evidence from the catalogue
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from kb.catalogue import Found, Match
from kb.model import Query

Leg = Literal["dense", "sparse", "hybrid"]
Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


class Catalogue(Protocol):
    """What search needs of the catalogue."""

    def generation(self) -> int:
        """A number that each change raises."""

    def passage_count(self) -> int:
        """How many live passages there are."""

    def passage_ids(self, query: Query) -> Ids | None:
        """The passages that the query's kind, language, year and document allow, in any order; None for all."""

    def match(self, phrases: Sequence[Sequence[str]], depth: int, query: Query) -> Sequence[Match]:
        """At most `depth` passages with any of the phrases (rows of terms in one column; most are of one term), best
        first, within the query's kind, language, year and document. A phrase of no terms is never given."""

    def term_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each term stands in title, words or parts; those in none may be left out."""

    def found(self, passage_ids: Sequence[int]) -> dict[int, Found]:
        """The passages that still live, by id."""

    def unembedded(self, fingerprint: str, limit: int) -> Sequence[tuple[int, str, str]]:
        """(id, text, context) of at most `limit` live passages without a vector of this encoder, lowest ids first."""

    def add_vectors(self, fingerprint: str, ids: Ids, vectors: Vectors) -> None:
        """Keep float32 vectors (n, d) for passages (n,), in one transaction; passages that no longer live are skipped."""

    def vectors(self, fingerprint: str) -> tuple[Ids, Vectors]:
        """Ids (n,) ascending and vectors (n, d) of all live passages that have one of this encoder; d is 0 when n is."""

    def drop_vectors(self, keep: str) -> int:
        """Forget the vectors of every encoder but this one; how many went."""
