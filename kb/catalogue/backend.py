"""The differences between databases.

    KB_DATABASE ─► open_backend ─► Backend ─► store.py (transactions) ─► documents, passages, references, …

A Backend holds the connection pool and everything that one database does in its own way: locking, full-text search,
upserts, integrity checks, backups and the meaning of its errors. Statements in the other modules run on any database that
SQLAlchemy Core supports. `sqlite.py` is the one implementation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table
from sqlalchemy.exc import DatabaseError

# Execution option of a connection whose transaction writes: it takes the write lock before it reads, so that what it has
# read is still true when it writes.
WRITES: dict[str, Any] = {"writes": True}
# Execution option of a connection for single statements, each of which sees one state of the database by itself.
AUTOCOMMIT: dict[str, Any] = {"autocommit": True}


@dataclass(frozen=True, slots=True)
class Terms:
    """The analysed terms of a passage, joined by spaces, by the column of the full-text index that holds them."""

    passage_id: int
    title: str
    """Terms of the page's title: words and compound parts together."""
    words: str
    """The words of the passage, in reading order."""
    parts: str
    """Parts of its compounds, and its hyphenated words joined."""
    context: str
    """Terms of document title and section: words and compound parts together."""


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that holds some of the terms of a query."""

    passage_id: int
    score: float
    """BM25, higher is better."""
    title: str
    words: str
    parts: str
    context: str
    """The four columns of terms, as in Terms."""


class FullText(Protocol):
    """The full-text index: one row of terms for each passage."""

    def add(self, connection: Connection, terms: Iterable[Terms]) -> None:
        """Insert the terms of passages that have none yet."""

    def remove(self, connection: Connection, document_id: int) -> None:
        """Delete the terms of a document's passages, which must still be there."""

    def clear(self, connection: Connection) -> None:
        """Delete all terms, also when the index is damaged."""

    def all(self, connection: Connection) -> Iterable[Terms]:
        """All stored terms, by passage and one at a time."""

    def match(
        self, connection: Connection, phrases: Sequence[Sequence[str]], depth: int, admitted: Select[int] | None
    ) -> list[Match]:
        """At most `depth` passages with any of the phrases, by descending score.

        A phrase is a sequence of terms that are adjacent in one column. `admitted` selects the ids of the passages that
        may match; None admits all.
        """

    def holding(self, connection: Connection, rows: Sequence[Sequence[str]]) -> list[int]:
        """The passages whose own words have, for each row of terms, any one of it; by id."""

    def frequencies(self, connection: Connection, terms: Sequence[str]) -> dict[str, int]:
        """Document frequency of each term over all columns except context; terms without any are left out."""

    def damage(self) -> str | None:
        """A description of damage to the index; None when there is none."""


class Backend(Protocol):
    """A database."""

    engine: Engine
    migrations: str
    """Folder with this database's migrations, in this package."""
    words: FullText

    def describe(self, error: DatabaseError) -> str | None:
        """One line with a remedy for an error whose cause lies outside this program; None for a defect of ours."""

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], *, overwrite: bool = True
    ) -> None:
        """Insert rows, given as values of all columns; rows whose primary key exists are overwritten, or left alone."""

    def ids(self, ids: Sequence[int]) -> Select[int]:
        """A statement whose rows are these ids, however many; a list of parameters may hold a limited number."""

    def lists(self, column: Any, value: str) -> ColumnElement[bool]:
        """The condition that a column with a JSON list of texts holds a text."""

    def flush(self) -> None:
        """Make everything committed so far survive a power cut."""

    def damage(self, connection: Connection) -> list[str]:
        """Descriptions of damage to the database; empty when there is none."""

    def orphans(self, connection: Connection) -> Mapping[str, int]:
        """Number of rows that refer to a row that does not exist, by table."""

    def copy(self, path: Path) -> None:
        """Write a consistent copy to a new SQLite file, while others read and write."""
