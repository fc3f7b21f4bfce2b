"""Search: a query goes in, evidence comes out.

    query ─┬─► dense ranking  (meaning) ─┐
           └─► sparse ranking (words)  ──┴─► candidates ─► fused hits ─► cut ─► one a page, no twins ─► evidence

Both legs look deeper than we answer, and each candidate is judged by both: a passage that words found has a cosine too.
Where nothing stands out, nothing is returned: an honest "nothing found" beats the least bad page.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from index.dense import Dense
from index.encoder import Encoder, Progress, Vector, open_encoder
from index.fusion import Candidate, Fused, Ground, fuse, keep
from index.sparse import Sparse
from kb import language
from kb.catalogue import Found, Passages
from kb.model import Evidence, Hit, Query, Ranking

Leg = Literal["dense", "sparse", "hybrid"]
LEGS: tuple[Leg, ...] = ("dense", "sparse", "hybrid")

# Fusion can only lift what it has been shown, so both legs look deeper than we answer.
DEPTH = 100
# People page back and forth, and ask what was just searched: a query's vector is worth keeping.
REMEMBERED = 256
# Two passages are twins when they have the same letters, or so nearly the same meaning.
TWIN = 0.985

__all__ = ["LEGS", "Leg", "Searcher", "open_searcher"]


def open_searcher(passages: Passages, model: str | None, cache: Path) -> Searcher:
    """Search over a catalogue with the encoder for `model` (see open_encoder). Raises ModelError."""
    return Searcher(passages, open_encoder(model, cache), cache)


class Searcher:
    """Searches a catalogue by meaning and by words. Safe to share between threads."""

    def __init__(self, passages: Passages, encoder: Encoder, cache: Path) -> None:
        self.encoder = encoder
        self.dense = Dense(passages, encoder, cache)
        self.sparse = Sparse(passages)
        self._passages = passages
        self._remembered: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()

    def refresh(self, progress: Progress | None = None) -> int:
        """Embed the passages that were not yet; how many there were."""
        return self.dense.refresh(progress)

    def search(self, query: Query, limit: int = 10, leg: Leg = "hybrid") -> tuple[Evidence, ...]:
        """At most `limit` pieces of evidence, best first; none when nothing in the knowledge base is about the query."""
        if limit < 1 or not query.text.strip():
            return ()
        hits = self._hits(query, leg, cut=True)
        chosen = self._one_a_page(hits, limit)
        return tuple(self._evidence(rank, hit, found, query) for rank, (hit, found) in enumerate(chosen, 1))

    def rank(self, query: Query, depth: int = DEPTH, leg: Leg = "hybrid") -> Ranking:
        """The passages as ranked, none cut off and none left out as a twin: what evaluation looks at."""
        return [Hit(hit.passage_id, hit.score) for hit in self._hits(query, leg, cut=False)][:depth]

    def encode(self, text: str) -> Vector:
        """The vector of a query, remembered for a while."""
        with self._lock:
            if text in self._remembered:
                self._remembered.move_to_end(text)
                return self._remembered[text]
        vector = self.encoder.encode_query(text)
        with self._lock:
            self._remembered[text] = vector
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return vector

    def candidates(self, query: Query, leg: Leg = "hybrid") -> tuple[list[Candidate], Ground]:
        """What either leg found, judged by both, and the ground it stands out from."""
        words = {hit.passage_id: hit for hit in self.sparse.retrieve(query, DEPTH)} if leg != "dense" else {}
        if leg == "sparse":
            return [
                Candidate(key, 0.0, hit.score, hit.coverage, hit.exact) for key, hit in words.items()
            ], Ground.nothing()
        snapshot = self.dense.snapshot()
        vector = self.encode(query.text)
        near = {hit.passage_id: hit.score for hit in snapshot.nearest(vector, DEPTH, self._passages.passage_ids(query))}
        missing = [key for key in words if key not in near]
        near.update(snapshot.cosines_of(vector, missing))
        found = [
            Candidate(key, near.get(key, 0.0), hit.score, hit.coverage, hit.exact)
            if (hit := words.get(key))
            else Candidate(key, near[key])
            for key in {**near, **words}
        ]
        return found, Ground.of(snapshot.cosines(vector))

    def _hits(self, query: Query, leg: Leg, *, cut: bool) -> list[Fused]:
        candidates, ground = self.candidates(query, leg)
        hits = fuse(candidates, ground, leg)
        return keep(hits, ground, leg) if cut else hits

    def _one_a_page(self, hits: Sequence[Fused], limit: int) -> list[tuple[Fused, Found]]:
        """The best hit of each page, without those that say what a better one said."""
        chosen: list[tuple[Fused, Found]] = []
        pages: set[tuple[int, int]] = set()
        said: set[str] = set()
        for batch in _batches(hits, 2 * limit):
            found = self._passages.found([hit.passage_id for hit in batch])
            for hit in batch:
                home = found.get(hit.passage_id)
                if home is None:  # removed since
                    continue
                page = (home.passage.document_id, home.passage.number)
                letters = re.sub(r"\W+", "", home.passage.text.casefold())
                if page in pages or (letters and letters in said):
                    continue
                pages.add(page)
                said.add(letters)
                chosen.append((hit, home))
                if len(chosen) == limit:
                    return chosen
        return chosen

    def _evidence(self, rank: int, hit: Fused, found: Found, query: Query) -> Evidence:
        matched = language.matches(query.text, found.passage.text, found.passage.language or found.document.language)
        return Evidence(
            rank=rank,
            score=hit.score,
            passage=found.passage,
            page=found.page,
            document=found.document,
            citations=found.citations,
            matched=matched,
            by_words=hit.by_words,
            by_meaning=hit.by_meaning,
        )


def _batches(hits: Sequence[Fused], size: int) -> Iterator[Sequence[Fused]]:
    for start in range(0, len(hits), size):
        yield hits[start : start + size]
