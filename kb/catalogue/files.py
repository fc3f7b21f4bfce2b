"""Stored files: which document some bytes belong to, and at which paths they were seen.

bytes, path ─► known, at_path ─► the document that they are a version of
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from kb.boxes import PageWords
from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.contents import is_held
from kb.catalogue.page_words import load_page_words
from kb.catalogue.store import read_transaction, write_transaction
from kb.catalogue.trash import is_in_trash
from kb.originals import Originals


@dataclass(frozen=True, slots=True)
class Known:
    """The document that some bytes belong to, or belonged to."""

    document_id: int
    filename: str
    superseded: bool = False


class Files:
    """The files of a catalogue's documents."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def known(self, sha256: str) -> Known | None:
        """The document that these bytes belong to, or belonged to."""
        with read_transaction(self._backend) as connection:
            for table, superseded in ((tables.files, False), (tables.superseded, True)):
                row = connection.execute(
                    select(table.c.document_id, table.c.filename).where(table.c.sha256 == sha256)
                ).one_or_none()
                if row is not None:
                    return Known(row.document_id, row.filename, superseded=superseded)
        return None

    def at_path(self, path: str) -> tuple[int, str] | None:
        """(document id, sha256) of the file that was last ingested from a path."""
        choosing = (
            select(tables.paths)
            .join(tables.documents, tables.documents.c.id == tables.paths.c.document_id)
            .where(tables.paths.c.path == path, tables.documents.c.removed.is_(None))
        )
        with read_transaction(self._backend) as connection:
            row = connection.execute(choosing).one_or_none()
        return None if row is None else (row.document_id, row.sha256)

    def paths_of(self, sha256: str) -> list[str]:
        """The paths where these bytes were last seen."""
        choosing = select(tables.paths.c.path).where(tables.paths.c.sha256 == sha256)
        with read_transaction(self._backend) as connection:
            return sorted(connection.execute(choosing).scalars())

    def holds(self, sha256: str) -> bool:
        """Whether a document holds these bytes, or the trash."""
        with read_transaction(self._backend) as connection:
            return _is_needed(connection, sha256)

    def words_on(self, sha256: str, number: int) -> PageWords | None:
        """The words on the image of a page of a file that was read with text recognition; None for all others."""
        with read_transaction(self._backend) as connection:
            return load_page_words(connection, sha256, number).get(number)

    def seen_at(self, path: str, sha256: str, document_id: int) -> None:
        """Remember that these bytes were found at a path."""
        with write_transaction(self._backend) as connection:
            self._backend.upsert(connection, tables.paths, [(path, sha256, document_id)])

    def discard(self, sha256: str, originals: Originals) -> None:
        """Delete a stored file, unless a document or the trash holds it; no other process can take it up in between.

        The commits that made it superfluous are flushed to disk first: after a power cut the catalogue may be older
        than the last commit, and then still needs the file.
        """
        with write_transaction(self._backend) as connection:
            if not _is_needed(connection, sha256):
                self._backend.flush()
                originals.discard(sha256)

    def quarantine(self, sha256: str, originals: Originals) -> None:
        """Move a stored file that no document holds out of the way, without deleting it."""
        with write_transaction(self._backend) as connection:
            if not _is_needed(connection, sha256):
                originals.quarantine(sha256)


def _is_needed(connection: Connection, sha256: str) -> bool:
    """Whether a document holds these bytes, or the trash."""
    return is_held(connection, sha256) or is_in_trash(connection, sha256)
