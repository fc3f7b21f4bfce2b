"""The database itself: opening, transactions, migrations, the generation.

A migration is a file of statements, `migrations/NNNN_name.sql`, run once, in order, each in a transaction of its own and
remembered by name. A catalogue that knows migrations which this program does not is newer, and is left alone.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

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
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL", "cache_size = -16000"):
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
        raise CatalogueError(
            f"the catalogue {path} cannot be read ({error.orig}): restore a backup with `kb restore FILE`"
        ) from error
    except CatalogueError:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view: all that is read inside belongs to one moment."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def glancing(engine: Engine) -> Iterator[Connection]:
    """For one statement that reads: it sees one moment by itself, and needs no transaction around it."""
    with engine.connect().execution_options(glancing=True) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that changes something: all of it or nothing, and the generation goes up by one."""
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        yield connection
        connection.execute(text("UPDATE meta SET value = value + 1 WHERE name = 'generation'"))


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
