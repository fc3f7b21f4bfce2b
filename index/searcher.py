"""Search: from a query to evidence.

    query ─┬─► dense retrieval  (meaning) ─┐
           └─► sparse retrieval (words)  ──┴─► candidates ─► fused hits ─► re-ranked ─► Retrieval ─┬─► evidence, one a page
                                                                                                   └─► answer (index.answer)

Both retrievers return more passages than are shown, and each candidate is scored by both: a passage found by its words
has a cosine too. One `Retrieval` serves the list of hits and the answer, so that nothing is looked up twice. Where no
passage has enough support nothing is returned: "nothing found" is better than the least unrelated page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from index.calibration import Calibration, stored_calibration
from index.dense import Dense, nearest_sentences, nearness
from index.encoder import Encoder, Progress, Vector, Vectors, open_encoder
from index.fusion import Fused, RetrieverName, fuse, keep
from index.matches import NO_MEANING, NO_TOKENS, NO_WORDS, EncodedQuery, MeaningMatches, PassageFacts, WordMatches, join
from index.recent import Recent
from index.request import SearchRequest
from index.reranker import rerank
from index.selection import Results, Selection
from index.sparse import Sparse, WordHit
from index.tokens import Tokens, TokenSpace, open_token_space
from index.word_embeddings import WordSpace, open_word_embeddings
from kb.catalogue import Found, Passages
from kb.facets import without_filters
from kb.language.glossary import Glossary, open_glossary
from kb.model import Evidence, Hit, Language, Query, Ranking

RETRIEVERS: tuple[RetrieverName, ...] = ("dense", "sparse", "hybrid")

# Passages per retriever that fusion sees: more than are shown, since fusion can only lift passages that it gets.
DEPTH = 50
# Passages per retriever whose sentences are compared one by one; a single sentence does not lift passages that rank lower.
SENTENCES_COMPARED = 24
# The same where a query has a phrase: each passage with the phrase is a hit, up to this number.
PHRASE_DEPTH = 500
# Queries whose words are looked up while they are being encoded; each keeps two processors busy.
PARALLEL_QUERIES = 4
# Query vectors that are kept: people page back and forth, and ask the same again.
QUERY_VECTORS = 256

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

    def languages(self) -> dict[int, Language]: ...

    def listings(self) -> frozenset[int]: ...

    def dividers(self) -> frozenset[int]: ...

    def passage_ids(self, query: Query) -> npt.NDArray[np.int64] | None: ...

    def term_frequencies(self, terms: Sequence[str]) -> dict[str, int]: ...

    def found(self, ids: Sequence[int]) -> dict[int, Found]: ...


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The outcome of one retrieval: both the list of hits and the answer are made of it."""

    query: Query
    ranked: Sequence[Fused]
    """All candidates, best first."""
    relevant: Sequence[Fused]
    """Those with enough support to be shown; empty when nothing in the collection is about the query."""
    count: int
    """Number of passages searched."""
    sentences: Mapping[int, Vectors]
    """The vectors (n, d) of the sentences of the best passages."""
    selection: Selection
    """Looks the passages up and selects one for each page."""
    counting: bool
    """Whether the ranking is that of the query without filters, so that its hits can be counted by facet."""


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
        self._query_vectors = Recent[str, EncodedQuery](QUERY_VECTORS)
        self._cache = cache
        self._facts: PassageFacts | None = None
        self._pool = ThreadPoolExecutor(PARALLEL_QUERIES, "words")

    @cached_property
    def calibration(self) -> Calibration:
        """The scale of this encoder's cosines."""
        return stored_calibration(self.encoder, self._cache)

    @cached_property
    def word_space(self) -> WordSpace | None:
        """The encoder's word embeddings; None for an encoder without."""
        return open_word_embeddings(self.encoder)

    def refresh(self, progress: Progress | None = None) -> int:
        """Embed the passages that have no vector yet; returns their number."""
        return self.dense.refresh(progress)

    def search(
        self, query: Query, limit: int = 10, retriever: RetrieverName = "hybrid", *, quotable: bool = False
    ) -> tuple[Evidence, ...]:
        """At most `limit` pieces of evidence, best first; none when nothing in the knowledge base is about the query.

        `quotable`: only passages that an answer may quote, so neither speaker notes nor reference lists.
        """
        if limit < 1 or not query.text.strip():
            return ()
        return self.evidence(self.retrieve(query, retriever), limit, quotable=quotable)

    def retrieve(self, query: Query, retriever: RetrieverName = "hybrid") -> Retrieval:
        """Score and rank the passages for a query, once for all that is made of them (`evidence`, `index.answer.answer`).

        Filters choose among the hits of the query without them; where none passes, the passages that do are searched.
        """
        open_query = without_filters(query)
        retrieval = self._retrieve(open_query, query, retriever)
        if open_query == query or retrieval.selection.choose(retrieval.relevant, 1):
            return retrieval
        return self._retrieve(query, query, retriever)

    def _retrieve(self, asked: Query, query: Query, retriever: RetrieverName) -> Retrieval:
        """Rank the passages that `asked` admits, of which those are chosen that pass the filters of `query`."""
        facts = self._facts_now()
        allowed = self._passages.passage_ids(asked)
        request = SearchRequest(asked, facts.generation, facts.count, allowed)
        matches, meaning = self._matches(request, retriever)
        ranked = fuse(join(facts, matches, meaning), retriever)
        count = facts.count if allowed is None else len(allowed)
        unknown = _abbreviates(query.text) and not any(hit.by_words for hit in ranked)
        relevant = [] if unknown else ranked if query.conditions.phrases else keep(ranked, count)
        if retriever == "hybrid" and self.tokens is not None:
            ranked = rerank(ranked, self._encoded(query.text).tokens, self.dense.token_vectors)
            shown = {hit.passage_id for hit in relevant}
            relevant = [hit for hit in ranked if hit.passage_id in shown]
        selection = Selection(query, self._passages.found)
        vectors = {**meaning.vectors, **matches.sentences}
        return Retrieval(query, ranked, relevant, count, vectors, selection, counting=asked == without_filters(query))

    def evidence(self, retrieval: Retrieval, limit: int, *, quotable: bool = False) -> tuple[Evidence, ...]:
        """At most `limit` of the relevant hits as evidence, one a page and without near-duplicates.

        `quotable`: only passages that an answer may quote, so neither speaker notes nor reference lists.
        """
        chosen = retrieval.selection.choose(retrieval.relevant, limit, quotable=quotable)
        return tuple(evidence for _, evidence in chosen)

    def results(self, retrieval: Retrieval, limit: int) -> Results:
        """All relevant hits, one a page and without near-duplicates; the first `limit` as evidence."""
        return retrieval.selection.results(retrieval.relevant, limit, counting=retrieval.counting)

    def candidates(self, retrieval: Retrieval, limit: int) -> list[tuple[Fused, Evidence]]:
        """The best `limit` passages that an answer may quote, relevant or not, one a page, with their scores."""
        return retrieval.selection.choose(retrieval.ranked, limit, quotable=True)

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
        return self._encoded(text).vector

    def _encoded(self, text: str) -> EncodedQuery:
        """A query as the encoder reads it; the last QUERY_VECTORS are kept."""
        return self._query_vectors.get(text, lambda: self._encode(text))

    def _encode(self, text: str) -> EncodedQuery:
        if self.tokens is None:
            return EncodedQuery(self.encoder.encode_query(text), NO_TOKENS)
        vector, states = self.tokens.encoder.encode_query_tokens(text)
        return EncodedQuery(vector, self.tokens.reduce(states))

    def _matches(self, request: SearchRequest, retriever: RetrieverName) -> tuple[WordMatches, MeaningMatches]:
        """The passages that each retriever found; the dense one scores those of the sparse one as well."""
        text = request.query.text
        if retriever == "sparse":
            return self._match_words(request), NO_MEANING
        if retriever == "dense":
            return NO_WORDS, self._match_meaning(self.encode(text), request, NO_WORDS)
        # The encoder computes outside Python, so meanwhile the words are looked up, with all that can be read before the
        # vector is known; where the vector is known already there is nothing to wait for.
        if text in self._query_vectors:
            matches, vector = self._match_words(request), self.encode(text)
        else:
            pending = self._pool.submit(self._match_words, request)
            vector = self.encode(text)
            matches = pending.result()
        return matches, self._match_meaning(vector, request, matches)

    def _match_words(self, request: SearchRequest) -> WordMatches:
        hits = {hit.passage_id: hit for hit in self.sparse.retrieve(request, _depth(request))}
        best = _best({key: hit.score for key, hit in hits.items()})
        return WordMatches(hits, self.dense.sentence_vectors(best))

    def _match_meaning(self, vector: Vector, request: SearchRequest, matches: WordMatches) -> MeaningMatches:
        """The cosines of the nearest passages and of those that were found by words."""
        request = replace(request, vector=vector)
        cosines = {hit.passage_id: hit.score for hit in self.dense.retrieve(request, _depth(request))}
        cosines |= self.dense.cosines(request, [key for key in matches.hits if key not in cosines])
        more = self.dense.sentence_vectors([key for key in _best(cosines) if key not in matches.sentences])
        nearest = nearest_sentences(vector, {**more, **matches.sentences})
        cosines = {key: nearness(whole, nearest[key][1] if key in nearest else None) for key, whole in cosines.items()}
        return MeaningMatches(cosines, nearest, self.calibration.level(vector), self.calibration.spreads(), more)

    def state(self) -> tuple[str, ...]:
        """A value that changes with everything that a search shows."""
        return self._passages.state()

    def _facts_now(self) -> PassageFacts:
        generation = self._passages.generation()
        facts = self._facts
        if facts is None or facts.generation != generation:
            facts = self._facts = PassageFacts(
                generation,
                self._passages.passage_count(),
                self._passages.languages(),
                self._passages.listings(),
                self._passages.dividers(),
            )
        return facts


def _depth(request: SearchRequest) -> int:
    """The number of passages that each retriever gives."""
    if request.allowed is None or not request.query.conditions.phrases:
        return DEPTH
    return max(DEPTH, min(len(request.allowed), PHRASE_DEPTH))


def _best(scores: Mapping[int, float]) -> list[int]:
    """The passages whose sentences are compared one by one."""
    return sorted(scores, key=scores.__getitem__, reverse=True)[:SENTENCES_COMPARED]


def _abbreviates(text: str) -> bool:
    """Whether the query is one abbreviation: the encoder knows few, and places the others near anything short."""
    bare = text.strip(" .?!\"'")
    return bare.isalpha() and (len(bare) <= 3 or (len(bare) <= 5 and bare.isupper()))
