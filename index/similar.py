"""Similar documents: those whose passages lie nearest to the middle of a document's own.

vectors of a document's passages ─► their mean ─► nearest passages of others ─► by document, most alike first
"""

from __future__ import annotations

from statistics import fmean

import numpy as np

from index.searcher import Searcher
from kb.catalogue import Passages
from kb.model import Document, Query

# Nearest passages that are looked at.
DEPTH = 100
# The best so many of a document count, so that one passage alone does not make two documents alike.
COUNTED = 3
# A document is similar when these lie on average so many standard deviations above unrelated texts.
LEAST = 5.0


def similar(searcher: Searcher, passages: Passages, document_id: int, most: int) -> list[Document]:
    """At most `most` documents that are most like one, the most alike first; none while its passages have no vectors."""
    own, vectors = passages.vectors(
        searcher.dense.fingerprint, passages.passage_ids(Query("", document_id=document_id))
    )
    if len(own) == 0:
        return []
    middle = vectors.mean(axis=0)
    middle /= max(float(np.linalg.norm(middle)), 1e-9)
    documents: dict[int, Document] = {}
    z_scores: dict[int, list[float]] = {}
    for found, z_score in searcher.nearest_to(middle, DEPTH, without=own.tolist()):
        documents[found.document.id] = found.document
        z_scores.setdefault(found.document.id, []).append(z_score)
    alike = {key: fmean(scores[:COUNTED]) for key, scores in z_scores.items() if len(scores) >= COUNTED}
    best = sorted((key for key in alike if alike[key] >= LEAST), key=lambda key: -alike[key])
    return [documents[key] for key in best[:most]]
