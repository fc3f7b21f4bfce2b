"""Vectors: the embeddings of passages and of their sentences, by the fingerprint of the encoder that made them.

A vector belongs to the text that was embedded, by its digest, not to the passage: a page that comes back unchanged needs
no encoding. Ids are those of passages; an id that is gone is left out of the result, without an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, delete, exists, func, select

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.remembered import MOST_REMEMBERED, Remembered
from kb.catalogue.rows import batches, load_passages
from kb.catalogue.store import new_generation, read_transaction
from kb.errors import IndexOutOfStep

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Vectors:
    """The vectors of a catalogue."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._sentences: Remembered[tuple[str, int], NDArray[np.float32]] = Remembered(MOST_REMEMBERED)
        self._tokens: Remembered[tuple[str, int], NDArray[np.int8]] = Remembered(MOST_REMEMBERED)

    def unembedded(self, fingerprint: str, limit: int | None = None) -> list[tuple[int, str, str]]:
        """(id, text, context) of passages without a vector of this encoder; one for each different text."""
        passages, vectors = tables.passages.c, tables.vectors.c
        embedded = exists().where(vectors.digest == passages.digest, vectors.fingerprint == fingerprint)
        first = func.min(passages.id)
        choosing = select(first).where(~embedded).group_by(passages.digest).order_by(first).limit(limit)
        with read_transaction(self._backend) as connection:
            ids = list(connection.execute(choosing).scalars())
            loaded = load_passages(connection, ids)
        return [(key, loaded[key].text, loaded[key].context) for key in ids]

    def add_vectors(
        self,
        fingerprint: str,
        ids: Sequence[int] | NDArray[np.int64],
        vectors: NDArray[np.float32],
        sentences: Sequence[NDArray[np.float32]] = (),
        tokens: Sequence[NDArray[np.int8]] = (),
    ) -> None:
        """Store the vectors of passages (len(ids), d), of the sentences of each (n, d), and of its pieces, bytes (n, k)."""
        pieces = [part.tobytes() for part in tokens] or [b""] * len(ids)
        parts = [part.astype("<f2").tobytes() for part in sentences] or [b""] * len(ids)
        passages = tables.passages.c
        with new_generation(self._backend) as connection:
            for batch in batches(list(zip(map(int, ids), vectors, parts, pieces, strict=True))):
                choosing = select(passages.id, passages.digest).where(passages.id.in_([key for key, *_ in batch]))
                digests = {row.id: row.digest for row in connection.execute(choosing)}
                rows = [
                    (digests[key], fingerprint, vector.astype("<f4").tobytes(), part, piece)
                    for key, vector, part, piece in batch
                    if key in digests
                ]
                self._backend.upsert(connection, tables.vectors, rows, overwrite=False)

    def sentence_vectors(self, fingerprint: str, ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """The vectors (n, d) of the sentences of passages, in reading order; passages without are left out."""

        def read(missing: list[tuple[str, int]]) -> dict[tuple[str, int], NDArray[np.float32]]:
            found = _read_sentences(connection, fingerprint, [key for _, key in missing])
            return {(fingerprint, key): vectors for key, vectors in found.items()}

        with read_transaction(self._backend) as connection:
            known = self._sentences.get(connection, [(fingerprint, key) for key in ids], read)
        return {key: vectors for (_, key), vectors in known.items()}

    def token_vectors(self, fingerprint: str, ids: Sequence[int], width: int) -> dict[int, NDArray[np.int8]]:
        """The vectors (n, width) of the pieces of passages, as bytes; passages without are left out."""
        import numpy as np

        def read(missing: list[tuple[str, int]]) -> dict[tuple[str, int], NDArray[np.int8]]:
            values = {"ids": [key for _, key in missing], "fingerprint": fingerprint}
            return {
                (fingerprint, row.id): np.frombuffer(row.tokens, dtype=np.int8).reshape(-1, width)
                for row in connection.execute(_TOKENS, values)
                if len(row.tokens) % width == 0
            }

        with read_transaction(self._backend) as connection:
            known = self._tokens.get(connection, [(fingerprint, key) for key in ids], read)
        return {key: vectors for (_, key), vectors in known.items()}

    def vectors(self, fingerprint: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids (n,), ascending, and vectors (n, d) of the passages that this encoder has embedded; d is 0 when n is."""
        import numpy as np

        with read_transaction(self._backend) as connection:
            rows = connection.execute(
                select(tables.passages.c.id, tables.vectors.c.vector)
                .join(tables.vectors, tables.vectors.c.digest == tables.passages.c.digest)
                .where(tables.vectors.c.fingerprint == fingerprint)
                .order_by(tables.passages.c.id)
            ).all()
        ids = np.fromiter((row.id for row in rows), dtype=np.int64, count=len(rows))
        if not rows:
            return ids, np.zeros((0, 0), dtype=np.float32)
        with whole_vectors():
            matrix = np.frombuffer(b"".join(row.vector for row in rows), dtype="<f4").reshape(len(rows), -1)
        return ids, matrix.astype(np.float32)

    def fingerprints(self) -> dict[str, int]:
        """Number of vectors by encoder."""
        counting = select(tables.vectors.c.fingerprint, func.count()).group_by(tables.vectors.c.fingerprint)
        with read_transaction(self._backend) as connection:
            return {row[0]: row[1] for row in connection.execute(counting)}

    def drop_vectors(self, keep: str) -> int:
        """Delete the vectors of every other encoder; returns their number."""
        with new_generation(self._backend) as connection:
            return connection.execute(delete(tables.vectors).where(tables.vectors.c.fingerprint != keep)).rowcount


@contextmanager
def whole_vectors() -> Iterator[None]:
    """Turn the error that vectors cut short give in a matrix into IndexOutOfStep."""
    try:
        yield
    except (ValueError, ZeroDivisionError) as error:
        raise IndexOutOfStep("vectors in the catalogue are damaged: run `kb check --repair`") from error


# Built once: building a statement costs more than running it.
_SENTENCES = (
    select(tables.passages.c.id, func.length(tables.vectors.c.vector).label("length"), tables.vectors.c.sentences)
    .join(tables.vectors, tables.vectors.c.digest == tables.passages.c.digest)
    .where(
        tables.vectors.c.sentences != b"",
        tables.vectors.c.fingerprint == bindparam("fingerprint"),
        tables.passages.c.id.in_(bindparam("ids", expanding=True)),
    )
)

_TOKENS = (
    select(tables.passages.c.id, tables.vectors.c.tokens)
    .join(tables.vectors, tables.vectors.c.digest == tables.passages.c.digest)
    .where(
        tables.vectors.c.tokens != b"",
        tables.vectors.c.fingerprint == bindparam("fingerprint"),
        tables.passages.c.id.in_(bindparam("ids", expanding=True)),
    )
)


def _read_sentences(connection: Connection, fingerprint: str, ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """The vectors (n, d) of the sentences of passages; passages without are left out."""
    import numpy as np

    rows = [
        row
        for batch in batches(ids)
        for row in connection.execute(_SENTENCES, {"ids": batch, "fingerprint": fingerprint})
    ]
    if not rows:
        return {}
    # One array for all passages, then split: an array for each costs more than the rest of this.
    width = rows[0].length // 4
    with whole_vectors():
        matrix = np.frombuffer(b"".join(row.sentences for row in rows), dtype="<f2").reshape(-1, width)
    ends = list(accumulate(len(row.sentences) // (2 * width) for row in rows))
    return dict(zip((row.id for row in rows), np.split(matrix.astype(np.float32), ends[:-1]), strict=True))
