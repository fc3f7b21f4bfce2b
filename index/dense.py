"""Retrieval by meaning: the passages whose vectors lie nearest to the query's. The only user of faiss.

    catalogue ─► passages without a vector ─► encoder ─► vectors, kept in the catalogue batch by batch
    catalogue ─► all vectors ─► Snapshot (faiss) ─► nearest passages
                                   └─► cache file, with a stamp

The catalogue holds the truth; readers search a snapshot, which is never changed: a newer one takes its place. The
cache file spares a process that starts the reading of all vectors. It is one file, stamp first, written under another
name, fsynced and renamed, so there is never half of one; whatever disagrees with its stamp is built again.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, Progress, Vector, Vectors
from index.request import SearchRequest
from index.tokens import Tokens, TokenSpace
from kb.catalogue import Passages
from kb.durable import replacing
from kb.errors import IndexOutOfStep
from kb.language.sentences import sentences
from kb.model import Hit, Ranking

Ids = npt.NDArray[np.int64]

# How a passage and its context make one text, and how it is cut into sentences; part of the fingerprint of vectors.
COMPOSITION = "context-1 sentences-3"
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


@dataclass(frozen=True, slots=True)
class Stamp:
    """The stamp of a cache file; the cache is used only where all of it is true."""

    generation: int
    fingerprint: str
    dimension: int
    count: int
    kept: int
    """Vectors that the catalogue kept, of passages now gone too."""
    checksum: str
    """SHA-256 of the faiss index that follows the stamp."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All vectors at one moment; never changed, so threads may share it."""

    generation: int
    ids: Ids
    index: Any
    """faiss.IndexIDMap2 over exact inner product; None when there are no vectors."""

    def nearest(self, vector: Vector, depth: int, allowed: Ids | None = None) -> Ranking:
        """At most `depth` passages, nearest first, each scored by its cosine; only those `allowed`, if given."""
        if self.index is None or depth < 1 or (allowed is not None and len(allowed) == 0):
            return []
        faiss = _faiss()
        parameters = None
        if allowed is not None:
            parameters = faiss.SearchParameters()
            selector = faiss.IDSelectorBatch(allowed)  # named, for it must live as long as the search
            parameters.sel = selector
        depth = min(depth, len(self.ids))
        cosines, ids = self.index.search(vector[None, :], depth, params=parameters)
        found = zip(ids[0].tolist(), cosines[0].tolist(), strict=True)
        return [Hit(key, cosine) for key, cosine in found if key >= 0]

    def cosines_of(self, vector: Vector, ids: Sequence[int]) -> dict[int, float]:
        """How near certain passages are; one without a vector is left out."""
        if self.index is None or not ids:
            return {}
        wanted = np.array(ids, dtype=np.int64)
        places = np.searchsorted(self.ids, wanted).clip(max=len(self.ids) - 1)  # ids are ascending
        known = wanted[self.ids[places] == wanted]
        if len(known) == 0:
            return {}
        cosines = self.index.reconstruct_batch(known) @ vector
        return dict(zip(known.tolist(), cosines.tolist(), strict=True))


class Dense:
    """The retriever by meaning: keeps vectors and catalogue in step, and finds the nearest. Safe to share between threads."""

    def __init__(self, passages: Passages, encoder: Encoder, folder: Path, tokens: TokenSpace | None = None) -> None:
        """With `tokens` the vectors of the pieces of each passage are kept too."""
        self._passages = passages
        self._encoder = encoder
        self.token_space = tokens
        self.fingerprint = f"{encoder.fingerprint}:{COMPOSITION}{f' {tokens.fingerprint}' if tokens else ''}"
        self._file = folder / f"dense-{hashlib.sha256(self.fingerprint.encode()).hexdigest()[:12]}.index"
        self._folder = folder
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
                current = self._snapshot = self._read_cache() or self._read_catalogue()
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
        lacking = len(self._passages.unembedded(self.fingerprint))
        done = 0
        while batch := self._passages.unembedded(self.fingerprint, BATCH):
            self._embed(batch, done, lacking, progress)
            done += len(batch)
        if self._passages.fingerprints().keys() - {self.fingerprint}:
            self._passages.drop_vectors(keep=self.fingerprint)
        with self._lock:
            self._snapshot = self._read_catalogue()
            self._not_before = 0.0
            self._write_cache(self._snapshot)
        return done

    def _read_catalogue(self) -> Snapshot:
        generation = self._passages.generation()  # first: a change in between is noticed next time
        ids, vectors = self._passages.vectors(self.fingerprint)
        if len(ids) == 0:
            return Snapshot(generation, ids, None)
        if vectors.shape[1] != self._encoder.dimension:
            raise IndexOutOfStep(
                f"the catalogue keeps vectors of {vectors.shape[1]} numbers where the encoder makes "
                f"{self._encoder.dimension}: run `kb check --repair`"
            )
        faiss = _faiss()
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        index.add_with_ids(np.ascontiguousarray(vectors), ids)
        return Snapshot(generation, ids, index)

    def _kept(self) -> int:
        return self._passages.fingerprints().get(self.fingerprint, 0)

    # -- the cache file

    def _write_cache(self, snapshot: Snapshot) -> None:
        if snapshot.index is None:
            self._file.unlink(missing_ok=True)
            return
        content = _faiss().serialize_index(snapshot.index).tobytes()
        stamp = Stamp(
            generation=snapshot.generation,
            fingerprint=self.fingerprint,
            dimension=self._encoder.dimension,
            count=len(snapshot.ids),
            kept=self._kept(),
            checksum=hashlib.sha256(content).hexdigest(),
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in self._folder.glob("dense-*"):
            if old != self._file:
                old.unlink(missing_ok=True)
        with replacing(self._file) as file:
            file.write(json.dumps(asdict(stamp)).encode() + b"\n")
            file.write(content)

    def _read_cache(self) -> Snapshot | None:
        """The snapshot in the cache file; None when there is none or it does not agree with its stamp."""
        try:
            with self._file.open("rb") as file:
                stamp = Stamp(**json.loads(file.readline(4096)))
                wanted = (self._passages.generation(), self.fingerprint, self._encoder.dimension, self._kept())
                if (stamp.generation, stamp.fingerprint, stamp.dimension, stamp.kept) != wanted:
                    return None
                content = file.read()
        except (OSError, ValueError, TypeError):
            return None
        if hashlib.sha256(content).hexdigest() != stamp.checksum:
            return None
        faiss = _faiss()
        index: Any = faiss.deserialize_index(np.frombuffer(content, dtype=np.uint8))
        ids: Ids = faiss.vector_to_array(index.id_map)
        if len(ids) != stamp.count or index.d != stamp.dimension:
            return None
        return Snapshot(stamp.generation, ids, index)


def _further(progress: Progress | None, done: int, lacking: int, share: float) -> Progress | None:
    """Progress over all passages from the encoder's own over its batch; `share` is passages per text."""
    if progress is None:
        return None
    tell: Callable[[int, int], None] = progress
    return lambda now, _of: tell(done + round(now * share), max(lacking, done + round(now * share)))


def _faiss() -> Any:
    """faiss, set to search in the calling thread: sharing a few milliseconds between threads costs more than they do."""
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss
