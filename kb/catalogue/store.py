"""The database itself: opening, transactions, migrations, the generation.

What stops a transaction from outside (another writer that does not end, a full disk, a damaged file) is a CatalogueError
that says so; anything else the database complains of is a defect of ours.

A migration is a file of statements, `migrations/NNNN_name.sql`, run once, in order, each in a transaction of its own and
remembered by name. A catalogue that knows migrations which this program does not is newer, and is left alone.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

from kb.durable import sync_folder
from kb.errors import CatalogueError

# A writer waits this long for another before it gives up.
BUSY_SECONDS = 30


def open_engine(path: Path) -> Engine:
    """Open (and create or migrate) the catalogue at `path`. Raises CatalogueError when it is damaged or newer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not begin transactions behind our back: DDL belongs in them too.
        connection.isolation_level = None
        write_ahead(connection)
        for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "cache_size = -16000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its turn before it reads, so that what it read is still true when it writes.
        options = connection.get_execution_options()
        if not options.get("glancing", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing", False) else "BEGIN")

    try:
        migrate(engine)
    except DatabaseError as error:
        engine.dispose()
        if said := hindrance(error, path):
            raise CatalogueError(said) from error
        raise
    except CatalogueError:
        engine.dispose()
        raise
    return engine


def write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work beside each other; kept in the file, so that this waits for nobody but once."""
    patience = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # Of two that switch a new file at once SQLite refuses one at once, whatever its busy timeout.
            if primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.02)


def primary(error: BaseException | None) -> int:
    """SQLite's primary result code; 0 when it has none."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def hindrance(error: DatabaseError, path: str | Path | None) -> str | None:
    """What a person is told of what stopped the database from outside; None when the fault is ours."""
    code = primary(error.orig)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"the catalogue {path} is busy: another kb has been writing for {BUSY_SECONDS} seconds; try again later"
    if code == sqlite3.SQLITE_FULL:
        return f"the disk of {path} is full: make room and try again; nothing was changed"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return f"the catalogue {path} cannot be opened to write ({error.orig}): make its folder writable"
    if code == sqlite3.SQLITE_CORRUPT:
        return (
            f"the catalogue {path} cannot be read ({error.orig}): run `kb check --repair`, and where that does not help"
            " restore a backup with `kb restore FILE`"
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR):
        return f"the catalogue {path} cannot be read ({error.orig}): restore a backup with `kb restore FILE`"
    return None


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """What stops the database from outside, as one line for a person."""
    try:
        yield
    except DatabaseError as error:
        if said := hindrance(error, engine.url.database):
            raise CatalogueError(said) from error
        raise


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view: all that is read inside belongs to one moment."""
    with told(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def glancing(engine: Engine) -> Iterator[Connection]:
    """For one statement that reads: it sees one moment by itself, and needs no transaction around it."""
    with told(engine), engine.connect().execution_options(glancing=True) as connection:
        yield connection


@contextmanager
def holding(engine: Engine) -> Iterator[Connection]:
    """The writer's turn: nobody else changes anything meanwhile. What is written is no change that a reader notices."""
    with told(engine), engine.connect().execution_options(writing=True) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that changes something: all of it or nothing, and the generation goes up by one."""
    with holding(engine) as connection:
        yield connection
        connection.execute(text("UPDATE meta SET value = value + 1 WHERE name = 'generation'"))


def flush(engine: Engine) -> None:
    """Make everything committed so far survive a power cut.

    With synchronous=NORMAL a commit in WAL mode is written but not synced; syncing the log makes it last.
    """
    path = Path(str(engine.url.database))
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        with log.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(path.parent)


def generation(connection: Connection) -> int:
    """How many changes the catalogue has seen."""
    return int(connection.execute(text("SELECT value FROM meta WHERE name = 'generation'")).scalar_one())


def known_migrations() -> list[tuple[str, str]]:
    """(name, statements) of every migration this program knows, in order."""
    folder = resources.files("kb.catalogue") / "migrations"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
    return [(item.name.removesuffix(".sql"), item.read_text(encoding="utf-8")) for item in files]


def migrate(engine: Engine) -> None:
    """Bring the catalogue up to date."""
    known = known_migrations()
    with engine.connect() as connection, connection.begin():
        applied = applied_migrations(connection)
    newer = applied - {name for name, _ in known}
    if newer:
        raise CatalogueError(
            f"the catalogue was written by a newer kb (it knows {', '.join(sorted(newer))}): update this one"
        )
    for name, script in known:
        if name in applied:
            continue
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            if name in applied_migrations(connection):  # another process was faster
                continue
            for statement in statements(script):
                connection.exec_driver_sql(statement)
            connection.execute(text("INSERT INTO migrations (name) VALUES (:name)"), {"name": name})


def applied_migrations(connection: Connection) -> set[str]:
    tables = connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'migrations'")).all()
    if not tables:
        return set()
    return set(connection.execute(text("SELECT name FROM migrations")).scalars())


def statements(script: str) -> list[str]:
    """The statements of a script; comments run from -- to the end of a line, and no string holds a semicolon."""
    bare = re.sub(r"--[^\n]*", "", script)
    return [statement.strip() for statement in bare.split(";") if statement.strip()]


def rows(connection: Connection, sql: str, **values: Any) -> list[Any]:
    """Run one of our own statements."""
    return list(connection.execute(text(sql), values).all())
