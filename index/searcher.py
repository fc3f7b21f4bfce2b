"""Search: from a query to evidence.

    query ─┬─► dense retrieval  (meaning) ─┐         ┌─► those with enough support: the hits, whatever the filters
           └─► sparse retrieval (words)  ──┴─► Reached ─► filters ─► candidates ─► fused ─► re-ranked ─► Retrieval ─┬─► hits
                                                                                                                    └─► answer

Both retrievers reach further than is shown, and each candidate is scored by both: a passage found by its words has a cosine
too. Which passages are hits depends on the query without its filters (`index.hits`); the filters choose among them before
they are ranked, so that a list with filters is as long and as well ranked as its hits allow. One `Retrieval` serves the list
of hits and the answer, so that nothing is looked up twice. Where no passage has enough support nothing is returned:
"nothing found" is better than the least unrelated page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index.calibration import Calibration
from index.dense import Dense
from index.encoder import Encoder, Progress, Vector, Vectors, open_encoder
from index.fusion import SUPPORT, Fused, RetrieverName, least_support
from index.hits import NO_HITS, Hits, Ranked, Reached
from index.matches import EncodedQuery
from index.ranker import DEPTH, PassageStore, Ranker, Retriever, VectorRetriever
from index.request import SearchRequest
from index.reranker import Reranked, rerank
from index.selection import Results, Selection
from index.sparse import Sparse, WordHit
from index.tokens import open_token_space
from index.word_embeddings import WordSpace, open_word_embeddings
from kb.catalogue import Found, Passages
from kb.facets import filters, without_filters
from kb.language.glossary import Glossary, open_glossary
from kb.model import Evidence, Hit, Query, Ranking

RETRIEVERS: tuple[RetrieverName, ...] = ("dense", "sparse", "hybrid")

# A query of at least so many words that an entry of a reference list has word for word is a title; one with a year and at
# most so many words asks for a work too.
TITLE_WORDS = 4
YEAR_WORDS = 3
# Where filters leave no hits, a passage with this share of the query's weight in its words is one of the nearest.
NEAR = 0.5
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d[a-z]?(?!\w)")

__all__ = ["RETRIEVERS", "RetrieverName", "Retrieval", "Retriever", "Searcher", "open_searcher", "searcher_over"]


def open_searcher(
    passages: Passages, model: str | None, cache: Path, *, reranking: bool = True, glossary: Glossary | None = None
) -> Searcher:
    """Search over a catalogue with the encoder for `model` (see open_encoder). Raises ModelError."""
    return searcher_over(passages, open_encoder(model), cache, reranking=reranking, glossary=glossary)


def searcher_over(
    passages: Passages, encoder: Encoder, cache: Path, *, reranking: bool = True, glossary: Glossary | None = None
) -> Searcher:
    """Search over a catalogue: by meaning with faiss, by words with the catalogue's full-text index.

    `reranking`: put the best passages in a new order (`index.reranker`), where the encoder has what that needs.
    """
    tokens = open_token_space(encoder) if reranking else None
    glossary = open_glossary() if glossary is None else glossary
    dense, sparse = Dense(passages, encoder, cache, tokens), Sparse(passages, glossary)
    return Searcher(passages, dense, sparse, encoder, cache, glossary)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The outcome of one retrieval: both the list of hits and the answer are made of it."""

    query: Query
    ranked: Sequence[Fused]
    """The best candidates that pass the filters, best first."""
    hits: Hits
    """Those that pass the filters, best first."""
    counted: Hits
    """Those of the query without its filters, which are counted by facet; none where only passages that are no hits pass
    the filters."""
    count: int
    """Number of passages searched."""
    sentences: Mapping[int, Vectors]
    """The vectors (n, d) of the sentences of the best passages."""
    nearness: Mapping[int, Vector]
    """How near the best passages come to each piece of the query (`index.reranker.Reranked`)."""
    selection: Selection
    """Looks the passages up and selects one for each page."""


class Searcher:
    """Searches a collection by meaning and by words; it knows no database. Safe to share between threads."""

    def __init__(
        self,
        passages: PassageStore,
        dense: VectorRetriever,
        sparse: Retriever[WordHit],
        encoder: Encoder,
        cache: Path,
        glossary: Glossary | None = None,
    ) -> None:
        """`glossary` gives other ways to say the words of a question."""
        self.encoder = encoder
        self.dense = dense
        self.sparse = sparse
        self.tokens = dense.token_space
        self.glossary = glossary
        self._passages = passages
        self._ranker = Ranker(passages, dense, sparse, encoder, cache)

    @property
    def calibration(self) -> Calibration:
        """The scale of this encoder's cosines."""
        return self._ranker.calibration

    @cached_property
    def word_space(self) -> WordSpace | None:
        """The encoder's word embeddings; None for an encoder without."""
        return open_word_embeddings(self.encoder)

    def refresh(self, progress: Progress | None = None) -> int:
        """Embed the passages that have no vector yet; returns their number."""
        return self.dense.refresh(progress)

    def search(self, query: Query, limit: int = 10, retriever: RetrieverName = "hybrid") -> tuple[Evidence, ...]:
        """At most `limit` hits, best first; none when nothing in the knowledge base is about the query."""
        if limit < 1 or not query.text.strip():
            return ()
        return self.results(self.retrieve(query, retriever), limit).evidence

    def retrieve(self, query: Query, retriever: RetrieverName = "hybrid") -> Retrieval:
        """Score and rank the passages for a query, once for all that is made of them (`results`, `index.answer.answer`)."""
        open_query = without_filters(query)
        reached = self._ranker.reach(open_query, retriever)
        ranked = self._ranker.rank(reached)
        least = self._least_support(ranked, reached.request)
        hits = self._hits(ranked, least, reached)
        if open_query == query:
            return self._retrieval(query, ranked, hits, hits, reached)
        return self._filtered(query, hits, least, reached, retriever)

    def _filtered(
        self, query: Query, hits: Hits, least: float | None, reached: Reached, retriever: RetrieverName
    ) -> Retrieval:
        """Rank those of the hits that pass the filters; where there are hits and none passes, search the passages that do.

        `hits` and `reached` are those of the query without its filters, and `least` is the support that they need.
        """
        allowed = self._ranker.admitted(query, reached.facts.generation)
        if allowed is not None and hits.complete:
            within = reached.within(allowed)
            ranked = self._ranker.rank(within)
            found = hits.among(ranked.best, within)
            if found.shown or not hits.shown:
                return self._retrieval(query, ranked, found, hits, within)
        reached = self._ranker.reach(query, retriever)
        ranked = self._ranker.rank(reached)
        if hits.shown and not hits.complete and (found := self._hits(ranked, least, reached)).shown:
            return self._retrieval(query, ranked, found, hits, reached)
        found = self._hits(ranked, self._least_support(ranked, reached.request), reached)
        return self._retrieval(query, ranked, found, NO_HITS, reached)

    def results(self, retrieval: Retrieval, limit: int) -> Results:
        """All relevant hits, one a page and without near-duplicates; the first `limit` as evidence."""
        return retrieval.selection.results(retrieval.hits, retrieval.counted, limit)

    def candidates(self, retrieval: Retrieval, limit: int) -> list[tuple[Fused, Evidence]]:
        """The best `limit` passages that an answer may quote, relevant or not, with their scores."""
        return retrieval.selection.choose(retrieval.ranked, limit, quotable=True, page_once=False)

    def nearest(self, retrieval: Retrieval, limit: int) -> tuple[Evidence, ...]:
        """Where filters leave no hits, the passages that pass them and have something to do with the query, nearest first."""
        if not filters(retrieval.query):
            return ()
        near = [hit for hit in retrieval.ranked if hit.by_meaning or hit.coverage >= NEAR]
        near.sort(key=lambda hit: -hit.support)
        return tuple(evidence for _, evidence in retrieval.selection.choose(near, limit, quotable=True))

    def nearest_to(self, vector: Vector, depth: int, without: Collection[int]) -> Iterator[tuple[Found, float]]:
        """The passages nearest to a vector, each with its z-score, without some of them and without reference lists."""
        facts = self._ranker.facts()
        held = facts.reference_lists.union(without)
        request = SearchRequest(Query(""), facts.generation, facts.count, vector=vector)
        hits = [hit for hit in self.dense.retrieve(request, depth + len(held)) if hit.passage_id not in held][:depth]
        found = self._passages.found([hit.passage_id for hit in hits])
        level, spread = self.calibration.level(vector), self.calibration.spreads()
        for hit in hits:
            language = facts.languages.get(hit.passage_id)
            if hit.passage_id in found:
                yield found[hit.passage_id], (hit.score - level[language]) / spread[language]

    def sentence_vectors(self, retrieval: Retrieval, ids: Sequence[int]) -> Mapping[int, Vectors]:
        """The vectors (n, d) of the sentences of passages; passages without are left out."""
        known = retrieval.sentences
        missing = [key for key in ids if key not in known]
        return {**known, **self.dense.sentence_vectors(missing)} if missing else known

    def term_shares(self, terms: Sequence[str], count: int) -> dict[str, float]:
        """For each term the share of `count` passages that hold it, 0 to 1; terms that occur in none are left out."""
        return {term: held / max(count, 1) for term, held in self._passages.term_frequencies(terms).items()}

    def rank(self, query: Query, depth: int = DEPTH, retriever: RetrieverName = "hybrid") -> Ranking:
        """The passages as ranked, without cut-off and with near-duplicates: the ranking that is evaluated."""
        return [Hit(hit.passage_id, hit.score) for hit in self.retrieve(query, retriever).ranked][:depth]

    def encode(self, text: str) -> Vector:
        """The vector of a query."""
        return self.encoded(text).vector

    def encoded(self, text: str) -> EncodedQuery:
        """A query as the encoder reads it."""
        return self._ranker.encoded(text)

    def _least_support(self, ranked: Ranked, request: SearchRequest) -> float | None:
        """The support that a hit needs; None where nothing has enough to do with the query."""
        query, allowed = request.query, request.allowed
        if _abbreviates(query.text) and not any(hit.by_words for hit in ranked.best):
            return None
        if query.conditions.phrases:
            return 0.0
        return least_support(ranked.best, request.count if allowed is None else len(allowed))

    def _hits(self, ranked: Ranked, least: float | None, reached: Reached) -> Hits:
        """Those of the ranked passages that have enough support, without reference lists unless a work is asked for."""
        if least is None:
            return NO_HITS
        found = [hit for hit in ranked.best if hit.support >= least]
        found += self._ranker.further(reached, ranked, least)
        lists = reached.facts.reference_lists
        entries = [hit for hit in found if hit.passage_id in lists]
        if entries and not self._asks_for_work(reached, entries):
            found = [hit for hit in found if hit.passage_id not in lists]
        else:
            entries = []
        return Hits(found, entries, complete=not self._is_cut(reached, least))

    def _is_cut(self, reached: Reached, least: float) -> bool:
        """Whether further passages, beyond those that the retrievers reach, may have enough support."""
        vector = reached.request.vector
        if vector is None or least <= 0:
            return reached.ends_above(-1.0)
        level, spread = self.calibration.level(vector), self.calibration.spreads()
        return reached.ends_above(min(level[each] + least * SUPPORT * spread[each] for each in level))

    def _asks_for_work(self, reached: Reached, entries: Sequence[Fused]) -> bool:
        """Whether a query asks for a work: by a phrase, a year, an author or a title that an entry has word for word."""
        query = reached.request.query
        length = len(query.text.split())
        dated = length <= YEAR_WORDS and _YEAR.search(query.text)
        if query.conditions.phrases or dated:
            return True
        words = (reached.words.get(hit.passage_id) for hit in entries)
        titled = length >= TITLE_WORDS and any(word is not None and word.exact for word in words)
        return titled or self._passages.names_work(query.text)

    def _retrieval(self, query: Query, ranked: Ranked, hits: Hits, counted: Hits, reached: Reached) -> Retrieval:
        """The outcome, its best passages re-ranked where their token vectors are kept."""
        reranked, request = Reranked(list(ranked.best), {}), reached.request
        if reached.retriever == "hybrid" and self.tokens is not None:
            reranked = rerank(ranked.best, self._ranker.encoded(query.text).tokens, self.dense.token_vectors)
        best = reranked.hits
        count = request.count if request.allowed is None else len(request.allowed)
        selection = Selection(query, self._passages.found)
        shown = hits.in_order(best)
        return Retrieval(query, best, shown, counted, count, ranked.sentences, reranked.nearness, selection)

    def state(self) -> tuple[str, ...]:
        """A value that changes with everything that a search shows."""
        return self._passages.state()


def _abbreviates(text: str) -> bool:
    """Whether the query is one abbreviation: the encoder knows few, and places the others near anything short."""
    bare = text.strip(" .?!\"'")
    return bare.isalpha() and (len(bare) <= 3 or (len(bare) <= 5 and bare.isupper()))
