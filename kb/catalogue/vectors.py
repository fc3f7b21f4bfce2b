"""Vectors: the embeddings of passages and of their sentences, by the fingerprint of the encoder that made them.

A vector belongs to the text that was embedded, by its digest, not to the passage: a page that comes back unchanged needs
no encoding. Ids are those of passages; an id that is gone is left out of the result, without an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, func, select, text

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.remembered import MOST_REMEMBERED, Remembered
from kb.catalogue.rows import batches, load_passages
from kb.catalogue.store import (
    autocommit_read,
    generation,
    new_generation,
    read_transaction,
    rows,
    write_transaction,
)
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
        passages = tables.passages.c
        first = func.min(passages.id)
        choosing = (
            select(first)
            .where(~_is_embedded(fingerprint), passages.id > bindparam("after"))
            .group_by(passages.digest + "")  # an expression: by the index on digests all passages would be read
            .order_by(first)
            .limit(limit)
        )
        with read_transaction(self._backend) as connection:
            after = _embedded_to(connection, fingerprint)
            ids = list(connection.execute(choosing, {"after": after}).scalars())
            loaded = load_passages(connection, ids)
        return [(key, loaded[key].text, loaded[key].context) for key in ids]

    def embedded(self, fingerprint: str) -> bool:
        """Whether all passages are known to have vectors of this encoder (see `mark_embedded`); reads no passage."""
        with read_transaction(self._backend) as connection:
            return _embedded_to(connection, fingerprint) >= _last(connection)

    def was_embedded(self, fingerprint: str) -> bool:
        """Whether vectors of this encoder were complete, and no others have been since."""
        with read_transaction(self._backend) as connection:
            return _embedded_to(connection, fingerprint) > 0

    def mark_embedded(self, fingerprint: str) -> None:
        """Remember that all passages up to the last have vectors of this encoder, unless some have none."""
        with write_transaction(self._backend) as connection:
            after, last = _embedded_to(connection, fingerprint), _last(connection)
            waiting = select(tables.passages.c.id).where(~_is_embedded(fingerprint), tables.passages.c.id > after)
            if last > after and connection.execute(waiting.limit(1)).first() is None:
                self._backend.upsert(connection, tables.meta, [("embedded", f"{last} {fingerprint}")])

    def moment(self) -> tuple[int, int]:
        """The generation, and how often vectors of passages that were still here have been deleted (see kb check)."""
        with read_transaction(self._backend) as connection:
            return generation(connection), vectors_revision(connection)

    def ids(self, known: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """The ids (n,) of all passages, ascending.

        `known`: those of an earlier moment, ascending; they are not read again where their number and sums are still right.
        """
        import numpy as np

        with read_transaction(self._backend) as connection:
            if known is None or len(known) == 0 or not _are_all(connection, known):
                known = np.zeros(0, dtype=np.int64)
            after = {"after": int(known[-1]) if len(known) else 0}
            later = connection.execute(_LATER, after).scalars()
            return np.concatenate([known, np.fromiter(later, dtype=np.int64)])

    def digests(self) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """The ids (n,) of all passages, ascending, and a number (n,) for the text of each, of the digest's first 8 digits."""
        import numpy as np

        with autocommit_read(self._backend) as connection:
            found = connection.exec_driver_sql("SELECT id, digest FROM passages ORDER BY id").all()
        ids = np.fromiter((row[0] for row in found), dtype=np.int64, count=len(found))
        return ids, np.fromiter(
            (int.from_bytes(row[1].encode()[:8]) for row in found), dtype=np.uint64, count=len(found)
        )

    def counts(self, passage_id: int) -> tuple[int, int]:
        """The number of passages up to an id, and of those after it."""
        statement = (
            "SELECT (SELECT count(*) FROM passages WHERE id <= :id), (SELECT count(*) FROM passages WHERE id > :id)"
        )
        with read_transaction(self._backend) as connection:
            earlier, later = rows(connection, statement, id=passage_id)[0]
        return int(earlier), int(later)

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

    def vectors(
        self, fingerprint: str, ids: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids (n,), ascending, and vectors (n, d) of the passages that this encoder has embedded; d is 0 when n is.

        Of those among `ids`, which are ascending; of all without.
        """
        import numpy as np

        with read_transaction(self._backend) as connection:
            found = _read_vectors(connection, fingerprint, None if ids is None else ids.tolist())
        known = np.fromiter((row.id for row in found), dtype=np.int64, count=len(found))
        if not found:
            return known, np.zeros((0, 0), dtype=np.float32)
        with whole_vectors():
            matrix = np.frombuffer(b"".join(row.vector for row in found), dtype="<f4").reshape(len(found), -1)
        return known, matrix.astype(np.float32)

    def fingerprints(self) -> dict[str, int]:
        """Number of vectors by encoder."""
        counting = select(tables.vectors.c.fingerprint, func.count()).group_by(tables.vectors.c.fingerprint)
        with read_transaction(self._backend) as connection:
            return {row[0]: row[1] for row in connection.execute(counting)}

    def drop_vectors(self, keep: str) -> int:
        """Delete the vectors of every other encoder; returns their number."""
        with new_generation(self._backend) as connection:
            if not _embedded_to(connection, keep):
                forget_embedded(connection)
            return connection.execute(delete(tables.vectors).where(tables.vectors.c.fingerprint != keep)).rowcount


# An id is never used again, so passages up to one only become fewer; but some of them may not be known, which have no vector yet.
_SUMS = text("SELECT count(*), sum(id), sum(id * (id % 997)) FROM passages WHERE id <= :last")
_LATER = text("SELECT id FROM passages WHERE id > :after ORDER BY id")


def _are_all(connection: Connection, known: NDArray[np.int64]) -> bool:
    """Whether ids, ascending and one or more, are those of all passages up to the last of them."""
    sums = (len(known), int(known.sum()), int((known * (known % 997)).sum()))
    return tuple(connection.execute(_SUMS, {"last": int(known[-1])}).one()) == sums


def _is_embedded(fingerprint: str) -> ColumnElement[bool]:
    """The condition that a passage has a vector of an encoder."""
    vectors = tables.vectors.c
    return exists().where(vectors.digest == tables.passages.c.digest, vectors.fingerprint == fingerprint)


def _embedded_to(connection: Connection, fingerprint: str) -> int:
    """The passage up to which all are known to have vectors of an encoder; 0 when that is not known."""
    for row in rows(connection, "SELECT value FROM meta WHERE name = 'embedded'"):
        last, _, encoder = str(row.value).partition(" ")
        return int(last) if encoder == fingerprint else 0
    return 0


def _last(connection: Connection) -> int:
    """The highest id of a passage; 0 when there is none. Ids are never used again."""
    return int(rows(connection, "SELECT coalesce(max(id), 0) FROM passages")[0][0])


def forget_embedded(connection: Connection) -> None:
    """Have all passages looked at again for vectors that are missing."""
    connection.execute(delete(tables.meta).where(tables.meta.c.name == "embedded"))


def vectors_revision(connection: Connection) -> int:
    """How often vectors of passages that were still here have been deleted."""
    found = rows(connection, "SELECT value FROM meta WHERE name = 'vectors'")
    return int(found[0][0]) if found else 0


def revise_vectors(backend: Backend, connection: Connection) -> None:
    """Have everything that was read from the vectors of passages that are still here read again."""
    forget_embedded(connection)
    backend.upsert(connection, tables.meta, [("vectors", vectors_revision(connection) + 1)])


def _read_vectors(connection: Connection, fingerprint: str, ids: Sequence[int] | None) -> list[Any]:
    choosing = (
        select(tables.passages.c.id, tables.vectors.c.vector)
        .join(tables.vectors, tables.vectors.c.digest == tables.passages.c.digest)
        .where(tables.vectors.c.fingerprint == fingerprint)
        .order_by(tables.passages.c.id)
    )
    if ids is None:
        return list(connection.execute(choosing).all())
    some = choosing.where(tables.passages.c.id.in_(bindparam("ids", expanding=True)))
    return [row for batch in batches(ids) for row in connection.execute(some, {"ids": batch})]


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
