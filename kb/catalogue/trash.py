"""The trash: removed documents and replaced versions, kept for a while with their original files.

    remove, replace ─► trash ─┬─ undelete: read from the originals again (ingest.restoring)
                              └─ sweep, after some days: rows deleted, originals discarded

Pages, words and vectors are not kept: they are derived from the originals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.store import read_transaction, write_transaction
from kb.errors import NotInKnowledgeBase
from kb.model import StoredFile, TrashCause, Trashed


def put_in_trash(
    connection: Connection, document_id: int, files: Sequence[Any], cause: TrashCause, moment: str
) -> None:
    """Keep files, given as their rows, of a document whose own row is still as it was with them."""
    choosing = select(tables.documents.c.title, tables.documents.c.kind).where(tables.documents.c.id == document_id)
    document = connection.execute(choosing).one()
    take_from_trash(connection, [file.sha256 for file in files])
    for file in files:
        connection.execute(
            insert(tables.trash).values(
                sha256=file.sha256,
                document_id=document_id,
                cause=cause,
                at=moment,
                title=document.title,
                kind=document.kind,
                filename=file.filename,
                path=file.path,
                media_type=file.media_type,
                size=file.size,
                first=file.first,
            )
        )


def take_from_trash(connection: Connection, digests: Iterable[str]) -> None:
    """Forget files, by their SHA-256."""
    for sha256 in digests:
        connection.execute(delete(tables.trash).where(tables.trash.c.sha256 == sha256))


def is_in_trash(connection: Connection, sha256: str) -> bool:
    """Whether these bytes are kept in the trash."""
    return connection.execute(select(tables.trash.c.sha256).where(tables.trash.c.sha256 == sha256)).first() is not None


class Trash:
    """The trash of a catalogue."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def all(self) -> list[Trashed]:
        """Everything that can be brought back, newest first."""
        choosing = select(tables.trash).order_by(
            tables.trash.c.at.desc(),
            tables.trash.c.document_id.desc(),
            tables.trash.c.cause,
            tables.trash.c.first.desc(),
        )
        with read_transaction(self._backend) as connection:
            rows = connection.execute(choosing).all()
        items = [
            Trashed(document_id, cause, at, files[0].title, files[0].kind, tuple(_file(row) for row in files))
            for (at, document_id, cause), files in (
                (key, list(group)) for key, group in groupby(rows, lambda row: (row.at, row.document_id, row.cause))
            )
        ]
        first: dict[int, Trashed] = {}
        for item in sorted(items, key=lambda item: item.cause != "removed"):
            first.setdefault(item.document_id, item)
        return [replace(item, returns=first[item.document_id] is item) for item in items]

    def of(self, document_id: int) -> Trashed:
        """The version of a document that can be brought back: the removed document, else its latest replaced version."""
        for item in self.all():
            if item.document_id == document_id and item.returns:
                return item
        raise NotInKnowledgeBase(f"nothing of document {document_id} is in the trash: kb trash lists what is")

    def replaced_file(self, document_id: int, sha256: str) -> StoredFile | None:
        """A file of a replaced version of a document, by its bytes; None when it is not kept (any longer)."""
        choosing = select(tables.trash).where(
            tables.trash.c.document_id == document_id,
            tables.trash.c.sha256 == sha256,
            tables.trash.c.cause == "replaced",
        )
        with read_transaction(self._backend) as connection:
            row = connection.execute(choosing).one_or_none()
        return None if row is None else _file(row)

    def forget(self, digests: Iterable[str]) -> None:
        """Delete rows of the trash; the files themselves are discarded by `Documents.discard`."""
        with write_transaction(self._backend) as connection:
            take_from_trash(connection, digests)

    def older_than(self, days: int) -> list[str]:
        """The SHA-256 of the files that have been in the trash for more than so many days."""
        last = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
        with read_transaction(self._backend) as connection:
            return list(connection.execute(select(tables.trash.c.sha256).where(tables.trash.c.at < last)).scalars())


def _file(row: Any) -> StoredFile:
    return StoredFile(row.sha256, row.filename, row.path, row.media_type, row.size, bool(row.first))
