"""Imported bibliographies: their records are stored as entries, the file itself is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.contents import now
from kb.catalogue.store import read_transaction, write_transaction
from kb.errors import NotInKnowledgeBase
from kb.model import Entry


@dataclass(frozen=True, slots=True)
class Bibliography:
    """An imported bibliography."""

    id: int
    filename: str
    path: str
    sha256: str
    records: int
    problems: tuple[str, ...]
    """A line for each malformed record that was left out."""
    added: str


class Bibliographies:
    """The imported bibliographies of a catalogue."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def all(self) -> list[Bibliography]:
        """Every bibliography, by file name."""
        with read_transaction(self._backend) as connection:
            rows = connection.execute(select(tables.bibliographies)).all()
        return sorted((_bibliography(row) for row in rows), key=lambda item: (item.filename.casefold(), item.id))

    def with_bytes(self, sha256: str) -> Bibliography | None:
        """The bibliography with these bytes."""
        choosing = select(tables.bibliographies).where(tables.bibliographies.c.sha256 == sha256)
        with read_transaction(self._backend) as connection:
            row = connection.execute(choosing).one_or_none()
        return None if row is None else _bibliography(row)

    def put(
        self, filename: str, path: str, sha256: str, records: Sequence[Entry], problems: Sequence[str]
    ) -> tuple[Bibliography, bool]:
        """Add a bibliography, in the place of the one from the same path; also whether there was one."""
        columns = tables.bibliographies.c
        with write_transaction(self._backend) as connection:
            replaced = connection.execute(delete(tables.bibliographies).where(columns.path == path)).rowcount > 0
            values = {"filename": filename, "path": path, "sha256": sha256, "records": len(records), "added": now()}
            adding = insert(tables.bibliographies).values(problems=list(problems), **values)
            number = int(connection.execute(adding).inserted_primary_key[0])  # type: ignore[index]
            if records:
                connection.execute(
                    insert(tables.entries),
                    [{"raw": entry.raw, "csl": dict(entry.csl), "bibliography_id": number} for entry in records],
                )
            row = connection.execute(select(tables.bibliographies).where(columns.id == number)).one()
            return _bibliography(row), replaced

    def remove(self, number: int) -> Bibliography:
        """Remove a bibliography and its records. Raises NotInKnowledgeBase."""
        columns = tables.bibliographies.c
        with write_transaction(self._backend) as connection:
            row = connection.execute(select(tables.bibliographies).where(columns.id == number)).one_or_none()
            if row is None:
                raise NotInKnowledgeBase(f"there is no imported bibliography {number}")
            connection.execute(delete(tables.bibliographies).where(columns.id == number))
            return _bibliography(row)


def _bibliography(row: Any) -> Bibliography:
    return Bibliography(row.id, row.filename, row.path, row.sha256, row.records, tuple(row.problems), row.added)
