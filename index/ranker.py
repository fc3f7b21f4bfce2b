"""Ranking: the passages that both retrievers reach for a query, and the order of the best of them.

query ─► words, vector ─► Reached ─► sentences of the best compared ─► candidates ─► fused: Ranked
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from index.calibration import Calibration, stored_calibration
from index.dense import nearest_sentences, nearness
from index.encoder import Encoder, Progress, Vectors
from index.fusion import Fused, RetrieverName, by_support, fuse, support_of
from index.hits import Ranked, Reached, reach_of
from index.matches import (
    NO_FACTS,
    NO_MEANING,
    NO_TOKENS,
    NO_WORDS,
    EncodedQuery,
    MeaningMatches,
    PassageFacts,
    WordMatches,
    join,
)
from index.recent import Recent
from index.request import SearchRequest
from index.sparse import WordHit
from index.tokens import Tokens, TokenSpace
from kb.catalogue import Found
from kb.model import Hit, Language, Query

# Passages per retriever that fusion sees: more than are shown, since fusion can only lift passages that it gets.
DEPTH = 50
# Passages per retriever whose sentences are compared one by one; a single sentence does not lift passages that rank lower.
SENTENCES_COMPARED = 24
# Queries whose words are looked up while they are being encoded; each keeps two processors busy.
PARALLEL_QUERIES = 4
# Filters whose passages are kept: many people choose the same ones.
ADMISSIONS = 8
# Query vectors that are kept: people page back and forth, and ask the same again.
QUERY_VECTORS = 256

Scored_co = TypeVar("Scored_co", bound="Hit | WordHit", covariant=True)


class Retriever(Protocol[Scored_co]):
    """A way to rank the passages that a query admits. Higher scores are better."""

    def retrieve(self, request: SearchRequest, depth: int) -> Sequence[Scored_co]:
        """At most `depth` passages, best first."""
        ...


class VectorRetriever(Retriever[Hit], Protocol):
    """A retriever by meaning: a hit's score is its cosine to the query's vector."""

    @property
    def token_space(self) -> TokenSpace | None:
        """Where vectors of word pieces are kept; None where they are not. With them the best passages are re-ranked."""
        ...

    @property
    def fingerprint(self) -> str:
        """Another for vectors of another encoder."""
        ...

    def cosines(self, request: SearchRequest, ids: Sequence[int]) -> Mapping[int, float]:
        """The cosines of certain passages; those without a vector are left out."""
        ...

    def sentence_vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """The vectors (n, d) of the sentences of passages; passages without are left out."""
        ...

    def token_vectors(self, ids: Sequence[int]) -> Mapping[int, Tokens]:
        """The reduced vectors (n, k) of the pieces of passages; passages without are left out."""
        ...

    def refresh(self, progress: Progress | None = None) -> int:
        """Make the vectors that are missing; returns how many passages had none."""
        ...


class PassageStore(Protocol):
    """The passages of a collection, as the searcher needs them; see kb.catalogue.Passages."""

    def generation(self) -> int: ...

    def state(self) -> tuple[str, ...]: ...

    def passage_count(self) -> int: ...

    def last_id(self) -> int: ...

    def languages(self, after: int = 0) -> dict[int, Language]: ...

    def listings(self, after: int = 0) -> frozenset[int]: ...

    def dividers(self, after: int = 0) -> frozenset[int]: ...

    def passage_ids(self, query: Query) -> npt.NDArray[np.int64] | None: ...

    def names_work(self, text: str) -> bool: ...

    def term_frequencies(self, terms: Sequence[str]) -> dict[str, int]: ...

    def found(self, ids: Sequence[int]) -> dict[int, Found]: ...


class Ranker:
    """Reaches and ranks the passages of a collection. Safe to share between threads."""

    def __init__(
        self, passages: PassageStore, dense: VectorRetriever, sparse: Retriever[WordHit], encoder: Encoder, cache: Path
    ) -> None:
        self.encoder = encoder
        self.dense = dense
        self.sparse = sparse
        self.tokens = dense.token_space
        self._passages = passages
        self._cache = cache
        self._query_vectors = Recent[str, EncodedQuery](QUERY_VECTORS)
        self._facts: PassageFacts | None = None
        self._admitted = Recent[tuple[int, Query], npt.NDArray[np.int64] | None](ADMISSIONS)
        self._pool = ThreadPoolExecutor(PARALLEL_QUERIES, "words")

    @cached_property
    def calibration(self) -> Calibration:
        """The scale of this encoder's cosines."""
        return stored_calibration(self.encoder, self._cache)

    def encoded(self, text: str) -> EncodedQuery:
        """A query as the encoder reads it; the last QUERY_VECTORS are kept."""
        return self._query_vectors.get(text, lambda: self._encode(text))

    def _encode(self, text: str) -> EncodedQuery:
        if self.tokens is None:
            return EncodedQuery(self.encoder.encode_query(text), NO_TOKENS)
        vector, states, spans = self.tokens.encoder.encode_query_tokens(text)
        return EncodedQuery(vector, self.tokens.reduce(states), spans)

    def reach(self, query: Query, retriever: RetrieverName) -> Reached:
        """The passages that each retriever reaches; the dense one scores those of the sparse one as well."""
        facts = self.facts()
        request = SearchRequest(query, facts.generation, facts.count, self.admitted(query, facts.generation))
        text = query.text
        if retriever == "sparse":
            words = self._match_words(request)
            return Reached(request, facts, retriever, words.hits, {}, {}, words.sentences)
        # The encoder computes outside Python, so meanwhile the words are looked up, with all that can be read before the
        # vector is known; where the vector is known already there is nothing to wait for.
        if retriever == "dense":
            words, vector = NO_WORDS, self.encoded(text).vector
        elif text in self._query_vectors:
            words, vector = self._match_words(request), self.encoded(text).vector
        else:
            pending = self._pool.submit(self._match_words, request)
            vector = self.encoded(text).vector
            words = pending.result()
        request = replace(request, vector=vector)
        nearest = {hit.passage_id: hit.score for hit in self.dense.retrieve(request, reach_of(request))}
        others = self.dense.cosines(request, [key for key in words.hits if key not in nearest])
        return Reached(request, facts, retriever, words.hits, nearest, others, words.sentences)

    def _match_words(self, request: SearchRequest) -> WordMatches:
        hits = {hit.passage_id: hit for hit in self.sparse.retrieve(request, reach_of(request))}
        best = _best({key: hit.score for key, hit in hits.items()})
        return WordMatches(hits, self.dense.sentence_vectors(best))

    def rank(self, reached: Reached) -> Ranked:
        """The best passages that each retriever reached, as one ranking."""
        words, cosines = reached.best(DEPTH)
        compared = dict.fromkeys((*_best({key: hit.score for key, hit in words.items()}), *_best(cosines)))
        vectors = {key: reached.sentences[key] for key in compared if key in reached.sentences}
        vectors |= self.dense.sentence_vectors([key for key in compared if key not in vectors])
        candidates = join(reached.facts, words, self._meaning(reached, cosines, vectors))
        return Ranked(fuse(candidates, reached.retriever), vectors)

    def further(self, reached: Reached, ranked: Ranked, least: float) -> list[Fused]:
        """The passages with at least so much support that were reached beyond the best, most support first."""
        facts, held = reached.facts, {hit.passage_id for hit in ranked.best}
        meaning = self._meaning(reached, reached.cosines(), {})
        supported = [
            key
            for key in {**meaning.cosines, **reached.words}
            if key not in held
            and support_of(meaning.z_score(key, facts.languages.get(key)), reached.coverage(key)) >= least
        ]
        words = {key: reached.words[key] for key in supported if key in reached.words}
        cosines = {key: meaning.cosines[key] for key in supported if key in meaning.cosines}
        return by_support(join(facts, words, replace(meaning, cosines=cosines)))

    def _meaning(
        self, reached: Reached, cosines: Mapping[int, float], vectors: Mapping[int, Vectors]
    ) -> MeaningMatches:
        """How near passages are to the query, those with `vectors` of their sentences by the nearest of these too."""
        vector = reached.request.vector
        if vector is None:
            return NO_MEANING
        nearest = nearest_sentences(vector, vectors)
        near = {key: nearness(whole, nearest[key][1] if key in nearest else None) for key, whole in cosines.items()}
        return MeaningMatches(near, nearest, self.calibration.level(vector), self.calibration.spreads())

    def admitted(self, query: Query, generation: int) -> npt.NDArray[np.int64] | None:
        """Ids, ascending, of the passages that a query's filters and conditions admit; None when all are."""
        conditions = replace(query.conditions, typed="", remarks=())
        key = generation, replace(query, text="", conditions=conditions)
        return self._admitted.get(key, lambda: self._passages.passage_ids(query))

    def facts(self) -> PassageFacts:
        generation = self._passages.generation()
        facts = self._facts
        if facts is None or facts.generation != generation:
            facts = self._facts = self._current_facts(generation, facts)
        return facts

    def _current_facts(self, generation: int, earlier: PassageFacts | None) -> PassageFacts:
        """The facts at a generation: those of an earlier one, and of the passages that came since.

        A passage never changes, and facts of those that are gone are never asked for.
        """
        last, count = (
            self._passages.last_id(),
            self._passages.passage_count(),
        )  # first: what comes meanwhile is read again
        if earlier is None or earlier.generation > generation or earlier.is_mostly_gone(count):
            earlier = NO_FACTS
        return PassageFacts(
            generation,
            count,
            max(last, earlier.last),
            {**earlier.languages, **self._passages.languages(earlier.last)},
            earlier.reference_lists | self._passages.listings(earlier.last),
            earlier.section_slides | self._passages.dividers(earlier.last),
        )


def _best(scores: Mapping[int, float]) -> list[int]:
    """The passages whose sentences are compared one by one."""
    return sorted(scores, key=scores.__getitem__, reverse=True)[:SENTENCES_COMPARED]
