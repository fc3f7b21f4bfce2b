"""One search as retrievers need it: the query, its vector, and the state of the collection that it is answered from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.encoder import Vector
from kb.model import Query


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A query at one generation of the collection."""

    query: Query
    generation: int
    """The collection's: it rises with every change."""
    count: int
    """Number of passages in the collection."""
    allowed: npt.NDArray[np.int64] | None = None
    """Ids of the passages that the query's filters admit; None when it has none."""
    vector: Vector | None = None
    """The query's vector, float32 (d,); None for retrievers that do not need it."""
