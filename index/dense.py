"""Retrieval by meaning: the passages whose vectors lie nearest to the query's.

    catalogue ─► passages without a vector ─► encoder ─► vectors, kept in the catalogue batch by batch
    catalogue ─► vectors ─► Snapshot (index.snapshot) ─► nearest passages
                                └─► cache file

The catalogue holds the truth; readers search a snapshot, which is never changed: a newer one takes its place, made of the
earlier one, or of that in the cache file (index.cache), and what came and went since.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from index.cache import Cache
from index.encoder import Encoder, Progress, Vector, Vectors
from index.request import SearchRequest
from index.snapshot import Ids, Moment, Snapshot, extended, is_among, part
from index.tokens import Tokens, TokenSpace
from kb.catalogue import Passages
from kb.errors import IndexOutOfStep
from kb.language.sentences import sentences
from kb.model import Ranking

# How a passage and its context make one text, and how it is cut into sentences; part of the fingerprint of vectors.
COMPOSITION = "context-1 sentences-4"
# The weight of a passage's nearest sentence beside the passage as a whole. A slide is about several things, and its vector is
# near to none of them: on four judged collections the nearest sentence lifted nDCG@10 of this retriever by 0.03 to 0.15, with
# little difference between 0.3 and 0.7.
SENTENCE = 0.5
# No passage has more sentences than this; of a list of names only its beginning is looked at one by one.
MOST_SENTENCES = 40
# As many passages are embedded before their vectors are committed: the most that a stop in between can cost.
BATCH = 256
# Reading a new snapshot may take one part in so many of the time, however often the catalogue changes.
SELDOM = 10


def composed(text: str, context: str) -> str:
    """The text that is embedded for a passage: its context, then the passage itself."""
    return f"{context}\n{text}" if context else text


def parts(text: str) -> list[str]:
    """The sentences of a passage, embedded besides the whole, in reading order."""
    return [text[span.start : span.end] for span in sentences(text)[:MOST_SENTENCES]]


def nearness(whole: float, sentence: float | None) -> float:
    """How near a passage is: its own cosine and that of its nearest sentence, -1 to 1; None when it has none."""
    return whole if sentence is None else (whole + SENTENCE * sentence) / (1 + SENTENCE)


def nearest_sentences(vector: Vector, of: Mapping[int, Vectors]) -> dict[int, tuple[int, float]]:
    """For each passage, by the vectors (n, d) of its sentences: which one (its place, from 0) is nearest, and its cosine."""
    found: dict[int, tuple[int, float]] = {}
    for key, vectors in of.items():
        cosines = vectors @ vector
        place = int(cosines.argmax())
        found[key] = place, float(cosines[place])
    return found


class Dense:
    """The retriever by meaning: keeps vectors and catalogue in step, and finds the nearest. Safe to share between threads."""

    def __init__(self, passages: Passages, encoder: Encoder, folder: Path, tokens: TokenSpace | None = None) -> None:
        """With `tokens` the vectors of the pieces of each passage are kept too."""
        self._passages = passages
        self._encoder = encoder
        self.token_space = tokens
        self.fingerprint = f"{encoder.fingerprint}:{COMPOSITION}{f' {tokens.fingerprint}' if tokens else ''}"
        self._cache = Cache(passages, folder, self.fingerprint, encoder.dimension)
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._not_before = 0.0

    def snapshot(self, generation: int | None = None) -> Snapshot:
        """The vectors as they are now, or, while the catalogue changes fast, as they were a moment ago.

        `generation` is the catalogue's, where the caller has just asked.
        """
        current = self._snapshot
        if current is not None and time.monotonic() < self._not_before:
            return current
        if generation is None:
            generation = self._passages.generation()
        if current is not None and current.generation == generation:
            return current
        # One thread reads; the others go on with the earlier snapshot.
        if not self._lock.acquire(blocking=current is None):
            return current  # type: ignore[return-value]  # only without a snapshot do we wait for the lock
        try:
            current = self._snapshot
            if current is None or current.generation != self._passages.generation():
                started = time.monotonic()
                current = self._snapshot = self._current_snapshot()
                self._not_before = time.monotonic() + SELDOM * (time.monotonic() - started)
            return current
        finally:
            self._lock.release()

    def retrieve(self, request: SearchRequest, depth: int) -> Ranking:
        """At most `depth` passages, nearest to the request's vector first, each scored by its cosine."""
        if request.vector is None:
            return []
        return self.snapshot(request.generation).nearest(request.vector, depth, request.allowed)

    def cosines(self, request: SearchRequest, ids: Sequence[int]) -> dict[int, float]:
        """The cosines of certain passages to the request's vector; those without a vector are left out."""
        if request.vector is None:
            return {}
        return self.snapshot(request.generation).cosines_of(request.vector, ids)

    def sentence_vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """The vectors (n, d) of the sentences of passages, as `parts` cuts them; passages without are left out."""
        return self._passages.sentence_vectors(self.fingerprint, ids)

    def token_vectors(self, ids: Sequence[int]) -> dict[int, Tokens]:
        """The reduced vectors of the pieces of passages; passages without are left out."""
        if self.token_space is None:
            return {}
        return self._passages.token_vectors(self.fingerprint, ids, self.token_space.projection.shape[1])

    def _embed(self, batch: Sequence[tuple[int, str, str]], done: int, lacking: int, progress: Progress | None) -> None:
        """Embed passages (id, text, context) and their sentences; `done` of `lacking` were embedded before."""
        cut = [parts(text) for _, text, _ in batch]
        whole = [composed(text, context) for _, text, context in batch]
        # Each text once: a passage of one sentence is that sentence, and footers recur.
        wholes = list(dict.fromkeys(whole))
        others = list(
            dict.fromkeys(sentence for sentences in cut for sentence in sentences if sentence not in set(wholes))
        )
        share = len(batch) / (len(wholes) + len(others))
        encoded, tokens = self._encode_whole(wholes, _further(progress, done, lacking, share))
        if others:
            further = _further(progress, done + round(share * len(wholes)), lacking, share)
            encoded = np.concatenate([encoded, self._encoder.encode_document(others, further)])
        place = {text: at for at, text in enumerate([*wholes, *others])}
        self._passages.add_vectors(
            self.fingerprint,
            [key for key, _, _ in batch],
            encoded[[place[text] for text in whole]],
            [encoded[[place[sentence] for sentence in sentences]] for sentences in cut],
            [tokens[place[text]] for text in whole] if tokens else [],
        )

    def _encode_whole(self, texts: Sequence[str], progress: Progress | None) -> tuple[Vectors, list[Tokens]]:
        """The vectors of passages, and the reduced ones of their pieces where those are kept."""
        if self.token_space is None:
            return self._encoder.encode_document(texts, progress), []
        vectors, states = self.token_space.encoder.encode_tokens(texts, progress)
        return vectors, [self.token_space.kept(each) for each in states]

    def refresh(self, progress: Progress | None = None) -> int:
        """Embed the passages that this encoder has not seen, then search them; how many there were.

        Vectors are kept batch by batch, so that after a stop only the rest is left. Vectors of another encoder
        are dropped only once this one's are complete.
        """
        done = 0 if self._passages.embedded(self.fingerprint) else self._embed_all(progress)
        with self._lock:
            self._not_before = 0.0
            if self._snapshot is not None or not self._cache.is_near(self._moment()):
                self._snapshot = self._cache.write(self._current_snapshot())
        return done

    def _embed_all(self, progress: Progress | None) -> int:
        lacking = len(self._passages.unembedded(self.fingerprint))
        done = 0
        while batch := self._passages.unembedded(self.fingerprint, BATCH):
            self._embed(batch, done, lacking, progress)
            done += len(batch)
        # Once is enough: looking for them reads the fingerprint of each vector.
        if not self._passages.was_embedded(self.fingerprint) and self._passages.fingerprints().keys() - {
            self.fingerprint
        }:
            self._passages.drop_vectors(keep=self.fingerprint)
        self._passages.mark_embedded(self.fingerprint)
        return done

    # -- snapshots

    def _moment(self) -> Moment:
        return Moment(*self._passages.moment())

    def _current_snapshot(self) -> Snapshot:
        """The vectors as they are now: those of an earlier snapshot or of the cache file, with what came and went since."""
        moment = self._moment()  # first: a change in between is noticed next time
        earlier = self._snapshot or self._cache.read(moment)
        if earlier is None or earlier.moment.revision != moment.revision:
            return self._read_catalogue(moment)
        if earlier.moment == moment:
            return earlier
        here = self._passages.ids(earlier.ids)
        if earlier.is_outdated(here):
            return self._read_catalogue(moment)
        held = earlier.base_ids
        new = here[~is_among(here, held)]
        tail = extended(earlier.tail, here, *self._vectors(new[~is_among(new, earlier.tail_ids)]))
        return Snapshot(moment, earlier.base, tail, held[~is_among(held, here)])

    def _read_catalogue(self, moment: Moment) -> Snapshot:
        return Snapshot(moment, part(*self._vectors()))

    def _vectors(self, passages: Ids | None = None) -> tuple[Ids, Vectors]:
        """Ids (n,), ascending, and vectors (n, d) of some passages, or of all; those without a vector are left out."""
        ids, vectors = self._passages.vectors(self.fingerprint, passages)
        if len(ids) and vectors.shape[1] != self._encoder.dimension:
            raise IndexOutOfStep(
                f"the catalogue keeps vectors of {vectors.shape[1]} numbers where the encoder makes "
                f"{self._encoder.dimension}: run `kb check --repair`"
            )
        return ids, vectors


def _further(progress: Progress | None, done: int, lacking: int, share: float) -> Progress | None:
    """Progress over all passages from the encoder's own over its batch; `share` is passages per text."""
    if progress is None:
        return None
    tell: Callable[[int, int], None] = progress
    return lambda now, _of: tell(done + round(now * share), max(lacking, done + round(now * share)))
