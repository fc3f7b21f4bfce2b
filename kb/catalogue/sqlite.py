"""SQLite: WAL mode, many readers and one writer, across processes; full-text search by FTS5.

An error from outside (another writer that does not end, a full disk, a damaged file) gets one line with a remedy. Commits
are not synced one by one (synchronous=NORMAL): after a power cut the last ones may be missing, but no transaction is half
there. Where a file is deleted because of a commit, `flush` comes first.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import starmap
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Select,
    Table,
    bindparam,
    column,
    create_engine,
    event,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

from kb.catalogue.backend import WRITES, FullText, Match, Terms
from kb.durable import sync_folder

# A writer waits this long for another before it gives up.
BUSY_SECONDS = 30
# Weights of the columns of terms in BM25: title, words, parts, context.
COLUMN_WEIGHTS = (2.0, 1.0, 0.5, 0.3)

_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


class SQLite:
    """The Backend for a SQLite file; created when it is missing."""

    migrations = "migrations"

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.engine = _engine(path)
        self.words: FullText = FTS5(self.engine)

    def describe(self, error: DatabaseError) -> str | None:
        """One line with a remedy for an error whose cause lies outside this program; None for a defect of ours."""
        return describe(error.orig, self.path)

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], *, overwrite: bool = True
    ) -> None:
        """Insert rows, given as values of all columns; rows whose primary key exists are overwritten, or left alone."""
        if not rows:
            return
        keys = [f'"{each.name}"' for each in table.columns if each.primary_key]
        names = [f'"{each.name}"' for each in table.columns]
        # An update of the row, not a replacement: replacing a row would delete the rows that refer to it.
        changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
        action = f"UPDATE SET {changes}" if overwrite else "NOTHING"
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            f" ON CONFLICT ({', '.join(keys)}) DO {action}",
            list(rows),
        )

    def flush(self) -> None:
        """Make everything committed so far survive a power cut: sync the write-ahead log."""
        log = self.path.with_name(f"{self.path.name}-wal")
        if log.exists():
            with log.open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(self.path.parent)

    def damage(self, connection: Connection) -> list[str]:
        """Descriptions of damage to the database; empty when there is none."""
        lines = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
        return [str(line) for line in lines if line != "ok"]

    def ids(self, ids: Sequence[int]) -> Select[int]:
        """A statement whose rows are these ids, however many; a list of parameters may hold a limited number."""
        rows = func.json_each(literal(json.dumps(ids))).table_valued("value", joins_implicitly=True)
        return select(rows.c.value.cast(Integer))

    def lists(self, column: Any, value: str) -> ColumnElement[bool]:
        """The condition that a column with a JSON list of texts holds a text."""
        rows = func.json_each(column).table_valued("value")
        return select(rows.c.value).where(rows.c.value == value).exists()

    def orphans(self, connection: Connection) -> Mapping[str, int]:
        """Number of rows that refer to a row that does not exist, by table."""
        return Counter(str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))

    def copy(self, path: Path) -> None:
        """Write a consistent copy to a new file, while others read and write."""
        with closing(self.engine.raw_connection()) as source, closing(sqlite3.connect(path)) as target:
            source.driver_connection.backup(target)  # type: ignore[union-attr]


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not begin transactions by itself: statements that change the schema belong in them too.
        connection.isolation_level = None
        switch_to_wal(connection)
        for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "cache_size = -16000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("autocommit", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN")

    return engine


def switch_to_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL mode, which lets readers and a writer work at the same time; the file remembers it."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # When two switch a new file at the same time, SQLite refuses one at once, whatever its busy timeout.
            if result_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def damage(path: Path) -> str | None:
    """A description of damage to a SQLite file that nobody has open; None when there is none."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            line = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if line == "ok" else " ".join(str(line).split())


def result_code(error: BaseException | None) -> int:
    """SQLite's primary result code; 0 when the error has none."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def describe(error: BaseException | None, path: Path) -> str | None:
    """One line with a remedy for an error whose cause lies outside this program; None for a defect of ours."""
    code = result_code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"the catalogue {path} is busy: another kb has been writing for {BUSY_SECONDS} seconds; try again later"
    if code == sqlite3.SQLITE_FULL:
        return f"the disk of {path} is full: make room and try again; nothing was changed"
    if code in _UNWRITABLE:
        return f"the catalogue {path} cannot be opened to write ({error}): make its folder writable"
    if code == sqlite3.SQLITE_CORRUPT:
        return (
            f"the catalogue {path} cannot be read ({error}): run `kb check --repair`, and where that does not help"
            " restore a backup with `kb restore FILE`"
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR):
        return f"the catalogue {path} cannot be read ({error}): restore a backup with `kb restore FILE`"
    return None


class FTS5:
    """The full-text index in FTS5: the table `terms`, whose rowid is the passage's id."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, connection: Connection, terms: Iterable[Terms]) -> None:
        """Insert the terms of passages that have none yet."""
        for each in terms:
            connection.exec_driver_sql(
                "INSERT INTO terms (rowid, title, words, parts, context) VALUES (?, ?, ?, ?, ?)",
                (each.passage_id, each.title, each.words, each.parts, each.context),
            )

    def remove(self, connection: Connection, document_id: int) -> None:
        """Delete the terms of a document's passages, which must still be there."""
        connection.execute(
            text("DELETE FROM terms WHERE rowid IN (SELECT id FROM passages WHERE document_id = :id)"),
            {"id": document_id},
        )

    def clear(self, connection: Connection) -> None:
        """Delete all terms, also when the index is damaged."""
        connection.execute(
            text("INSERT INTO terms (terms) VALUES ('rebuild')")
        )  # a damaged index lets no row be deleted
        connection.execute(text("DELETE FROM terms"))

    def all(self, connection: Connection) -> Iterator[Terms]:
        """All stored terms, by passage and one at a time."""
        everything = "SELECT rowid, title, words, parts, context FROM terms ORDER BY rowid"
        yield from starmap(Terms, connection.exec_driver_sql(everything))

    def match(
        self, connection: Connection, phrases: Sequence[Sequence[str]], depth: int, admitted: Select[int] | None
    ) -> list[Match]:
        """At most `depth` passages with any of the phrases, by descending score."""
        asked = {"expression": expression(phrases), "weights": _WEIGHTS, "depth": depth}
        statement = _MATCHING if admitted is None else _matching(admitted)
        return list(starmap(Match, connection.execute(statement, asked)))

    def holding(self, connection: Connection, rows: Sequence[Sequence[str]]) -> list[int]:
        """The passages whose own words have, for each row of terms, any one of it; by id."""
        every = " AND ".join(f"({expression([[term] for term in row])})" for row in rows)
        return list(connection.execute(_HOLDING, {"expression": f"words : ({every})"}).scalars())

    def frequencies(self, connection: Connection, terms: Sequence[str]) -> dict[str, int]:
        """Document frequency of each term over all columns except context; terms without any are left out."""
        return {row[0]: row[1] for row in connection.execute(_FREQUENCIES, {"terms": list(terms)})}

    def damage(self) -> str | None:
        """A description of damage to the index; None when there is none."""
        try:
            with self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
                connection.execute(text("INSERT INTO terms (terms) VALUES ('integrity-check')"))
        except DatabaseError as error:
            return str(error.orig)
        return None


_WORDS = table("terms", column("rowid", Integer), column("title"), column("words"), column("parts"), column("context"))
# The plus keeps FTS5 from running the full-text query once for each admitted row: SQLite uses no index on an expression.
_PLAIN_ROWID = literal_column("+terms.rowid", Integer)
_TERMS = table("term_columns", column("term"), column("col"), column("doc", Integer))
_RANK: ColumnElement[float] = literal_column("rank")
_WEIGHTS = f"bm25({', '.join(map(str, COLUMN_WEIGHTS))})"


def expression(phrases: Sequence[Sequence[str]]) -> str:
    """An FTS5 expression for any of some phrases; quoted, so that no term is an operator."""
    return " OR ".join('"' + " ".join(phrase).replace('"', '""') + '"' for phrase in phrases if phrase)


def _matching(admitted: Select[int] | None = None) -> Select[int, float, str, str, str, str]:
    """The columns of a Match for the best passages that match an expression, among those admitted."""
    # Ranked by ids alone, and terms read for the best only: sorting rows with their terms takes far longer.
    best = (
        select(_WORDS.c.rowid.label("id"), (-_RANK).label("score"))
        .where(text("terms MATCH :expression AND rank MATCH :weights"))
        .order_by(_RANK)
        .limit(bindparam("depth"))
    )
    if admitted is not None:
        best = best.where(_PLAIN_ROWID.in_(admitted))
    chosen = best.subquery()
    w = _WORDS.c
    return select(w.rowid, chosen.c.score, w.title, w.words, w.parts, w.context).join(chosen, chosen.c.id == w.rowid)


# Built once: building a statement costs more than running it.
_MATCHING = _matching()
_HOLDING = text("SELECT rowid FROM terms WHERE terms MATCH :expression ORDER BY rowid")
_FREQUENCIES = (
    select(_TERMS.c.term, func.max(_TERMS.c.doc))
    .where(_TERMS.c.term.in_(bindparam("terms", expanding=True)), _TERMS.c.col != "context")
    .group_by(_TERMS.c.term)
)
