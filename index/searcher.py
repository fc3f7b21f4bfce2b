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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index.dense import Dense, nearest_sentences, nearness
from index.elsewhere import Elsewhere, remembered
from index.encoder import Encoder, Progress, Vector, Vectors, open_encoder
from index.fusion import Candidate, Fused, Leg, fuse, keep
from index.sentences import sentences
from index.sparse import Sparse, WordHit
from kb import language
from kb.catalogue import Found, Passages
from kb.model import Evidence, Hit, Language, Query, Ranking

LEGS: tuple[Leg, ...] = ("dense", "sparse", "hybrid")

# Fusion can only lift what it has been shown, so both legs look deeper than we answer.
DEPTH = 50
# Of so many passages of each leg the sentences are looked at one by one; what lies deeper is not lifted by one sentence.
LOOKED_INTO = 24
# Passages with this share of their letters in common are twins, unless they are so short that a word makes all the difference.
TWIN = 0.92
LONG_ENOUGH = 60
# For so many queries at once the words are looked up while they are encoded; each keeps two processors busy.
BESIDE = 4
# People page back and forth, and ask what was just searched: a query's vector is worth keeping.
REMEMBERED = 256

__all__ = ["LEGS", "Leg", "Searcher", "open_searcher"]


def open_searcher(passages: Passages, model: str | None, cache: Path) -> Searcher:
    """Search over a catalogue with the encoder for `model` (see open_encoder). Raises ModelError."""
    return Searcher(passages, open_encoder(model), cache)


@dataclass(frozen=True, slots=True)
class Facts:
    """What fusion asks of every passage, at one moment."""

    generation: int
    count: int
    """How many passages there are."""
    languages: Mapping[int, Language]
    """The language of each passage, or else of its document; left out where neither is known."""
    listings: frozenset[int]
    dividers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the words leg found for a query, and when."""

    facts: Facts
    words: Mapping[int, WordHit]
    sentences: Mapping[int, Vectors]
    """The vectors of the sentences of the best of them."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the dense leg found for a query."""

    near: Mapping[int, float]
    """How near each passage is."""
    sentences: Mapping[int, tuple[int, float]]
    """Which of its sentences is nearest, from 0, and its cosine; of the passages that were looked into."""
    level: Mapping[Language | None, float]
    spread: Mapping[Language | None, float]
    """How near texts about something else are, by language: mean and standard deviation."""

    def related(self, passage_id: int, language: Language | None) -> float:
        """How far a passage rises above texts about something else, in standard deviations; 0 where nothing is known."""
        cosine = self.near.get(passage_id)
        return 0.0 if cosine is None else (cosine - self.level[language]) / self.spread[language]


NOTHING = Meaning({}, {}, {}, {})


class Searcher:
    """Searches a catalogue by meaning and by words. Safe to share between threads."""

    def __init__(self, passages: Passages, encoder: Encoder, cache: Path) -> None:
        self.encoder = encoder
        self.dense = Dense(passages, encoder, cache)
        self.sparse = Sparse(passages)
        self._passages = passages
        self._remembered: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()
        self._cache = cache
        self._facts: Facts | None = None
        self._beside = ThreadPoolExecutor(BESIDE, "words")

    @cached_property
    def elsewhere(self) -> Elsewhere:
        """What a cosine is measured by, with this encoder."""
        return remembered(self.encoder, self._cache)

    def refresh(self, progress: Progress | None = None) -> int:
        """Embed the passages that were not yet; how many there were."""
        return self.dense.refresh(progress)

    def search(
        self, query: Query, limit: int = 10, leg: Leg = "hybrid", *, quotable: bool = False
    ) -> tuple[Evidence, ...]:
        """At most `limit` pieces of evidence, best first; none when nothing in the knowledge base is about the query.

        `quotable`: only passages that an answer may quote, so neither speaker notes nor reference lists.
        """
        if limit < 1 or not query.text.strip():
            return ()
        hits = self._hits(query, leg, cut=True)
        chosen = self._one_a_page(hits, limit, quotable=quotable)
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

    def _candidates(self, query: Query, leg: Leg) -> tuple[Facts, list[Candidate]]:
        """What the legs found, each passage judged by both, and by what facts."""
        if leg == "sparse":
            heard = self._heard(query)
            return heard.facts, _together(heard, NOTHING)
        if leg == "dense":
            heard = Heard(self._facts_now(), {}, {})
            return heard.facts, _together(heard, self._meaning(self.encode(query.text), query, heard))
        # The encoder computes outside Python, so meanwhile the words are looked up, and what can be read before the vector is
        # known; where it is remembered there is nothing to wait for.
        if query.text in self._remembered:
            heard, vector = self._heard(query), self.encode(query.text)
        else:
            beside = self._beside.submit(self._heard, query)
            vector = self.encode(query.text)
            heard = beside.result()
        return heard.facts, _together(heard, self._meaning(vector, query, heard))

    def _heard(self, query: Query) -> Heard:
        facts = self._facts_now()
        words = {hit.passage_id: hit for hit in self.sparse.retrieve(query, DEPTH, facts.count)}
        loudest = _best({key: hit.score for key, hit in words.items()})
        return Heard(facts, words, self.dense.sentence_vectors(loudest))

    def _meaning(self, vector: Vector, query: Query, heard: Heard) -> Meaning:
        """How near the nearest passages lie, and those that words found."""
        snapshot = self.dense.snapshot(heard.facts.generation)
        allowed = self._passages.passage_ids(query)
        near = {hit.passage_id: hit.score for hit in snapshot.nearest(vector, DEPTH, allowed)}
        near |= snapshot.cosines_of(vector, [key for key in heard.words if key not in near])
        closest = self.dense.sentence_vectors([key for key in _best(near) if key not in heard.sentences])
        nearest = nearest_sentences(vector, {**closest, **heard.sentences})
        near = {key: nearness(whole, nearest[key][1] if key in nearest else None) for key, whole in near.items()}
        return Meaning(near, nearest, self.elsewhere.level(vector), self.elsewhere.spreads())

    def _hits(self, query: Query, leg: Leg, *, cut: bool) -> list[Fused]:
        facts, candidates = self._candidates(query, leg)
        hits = fuse(candidates, leg)
        if not cut:
            return hits
        if _abbreviates(query.text) and not any(hit.by_words for hit in hits):
            return []
        allowed = self._passages.passage_ids(query)
        return keep(hits, facts.count if allowed is None else len(allowed))

    def _facts_now(self) -> Facts:
        generation = self._passages.generation()
        facts = self._facts
        if facts is None or facts.generation != generation:
            facts = self._facts = Facts(
                generation,
                self._passages.passage_count(),
                self._passages.languages(),
                self._passages.listings(),
                self._passages.dividers(),
            )
        return facts

    def _one_a_page(self, hits: Sequence[Fused], limit: int, *, quotable: bool) -> list[tuple[Fused, Found]]:
        """The best hit of each page, without those that say what a better one said."""
        chosen: list[tuple[Fused, Found]] = []
        pages: set[tuple[int, int]] = set()
        said: list[str] = []
        for batch in _batches(hits, limit + limit // 2):
            found = self._passages.found([hit.passage_id for hit in batch])
            for hit in batch:
                home = found.get(hit.passage_id)
                if home is None:  # removed since
                    continue
                if quotable and (home.passage.field != "text" or home.passage.listing):
                    continue
                page = (home.passage.document_id, home.passage.number)
                letters = re.sub(r"\W+", "", home.passage.text.casefold())
                if page in pages or _repeats(letters, said):
                    continue
                pages.add(page)
                said.append(letters)
                chosen.append((hit, home))
                if len(chosen) == limit:
                    return chosen
        return chosen

    def _evidence(self, rank: int, hit: Fused, found: Found, query: Query) -> Evidence:
        spans = sentences(found.passage.text) if hit.sentence is not None else []
        spoken = found.passage.language or found.document.language
        matched = language.matches(query.text, found.passage.text, spoken) if hit.by_words else ()
        return Evidence(
            rank=rank,
            score=hit.score,
            passage=found.passage,
            page=found.page,
            document=found.document,
            citations=found.citations,
            matched=matched,
            sentence=spans[hit.sentence] if hit.sentence is not None and hit.sentence < len(spans) else None,
            by_words=hit.by_words,
            by_meaning=hit.by_meaning,
        )


def _together(heard: Heard, meaning: Meaning) -> list[Candidate]:
    """Each passage that either leg found, with what both have to say of it."""
    facts, found = heard.facts, []
    for key in {**meaning.near, **heard.words}:
        speaks = facts.languages.get(key)
        hit = heard.words.get(key)
        sentence = meaning.sentences.get(key)
        found.append(
            Candidate(
                key,
                cosine=meaning.near.get(key, 0.0),
                related=meaning.related(key, speaks),
                bm25=hit.score if hit else 0.0,
                coverage=hit.coverage if hit else 0.0,
                exact=hit.exact if hit else False,
                language=speaks,
                listing=key in facts.listings,
                divider=key in facts.dividers,
                sentence=None if sentence is None else sentence[0],
            )
        )
    return found


def _best(scores: Mapping[int, float]) -> list[int]:
    """The passages whose sentences are looked at one by one."""
    return sorted(scores, key=scores.__getitem__, reverse=True)[:LOOKED_INTO]


def _abbreviates(text: str) -> bool:
    """Whether the query is one abbreviation. An encoder was told of few, and holds the others for like anything short."""
    bare = text.strip(" .?!\"'")
    return bare.isalpha() and (len(bare) <= 3 or (len(bare) <= 5 and bare.isupper()))


def _repeats(letters: str, said: Sequence[str]) -> bool:
    """Whether a passage, by its letters alone, says what was said already; a slide is often carried over with a word changed."""
    if letters in said:
        return bool(letters)
    like = [other for other in said if abs(len(other) - len(letters)) <= (1 - TWIN) * len(letters)]
    if len(letters) < LONG_ENOUGH or not like:
        return False
    from rapidfuzz import fuzz  # only where there is something to compare

    return any(fuzz.ratio(letters, other, score_cutoff=100 * TWIN) > 0 for other in like)


def _batches(hits: Sequence[Fused], size: int) -> Iterator[Sequence[Fused]]:
    for start in range(0, len(hits), size):
        yield hits[start : start + size]
