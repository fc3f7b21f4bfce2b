"""Transactions, migrations and the generation.

    read_transaction     many statements that see one state          autocommit_read   one statement
    write_transaction    holds the write lock                        new_generation    a write that readers must notice

A migration is a file of statements, `migrations/NNNN_name.sql`, run once, in order, each in a transaction of its own and
remembered by name. A catalogue with migrations that this program does not know is newer, and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from kb.catalogue.backend import AUTOCOMMIT, WRITES, Backend
from kb.catalogue.sqlite import SQLite
from kb.errors import CatalogueError


def open_backend(path: Path) -> Backend:
    """Open the database of a catalogue, create or migrate it. Raises CatalogueError when it is damaged or newer."""
    backend = SQLite(path)
    try:
        migrate(backend)
    except BaseException:
        backend.engine.dispose()
        raise
    return backend


@contextmanager
def describe_database_errors(backend: Backend) -> Iterator[None]:
    """Turn a database error from outside into a CatalogueError of one line; a defect of ours keeps its type."""
    try:
        yield
    except DatabaseError as error:
        if line := backend.describe(error):
            raise CatalogueError(line) from error
        raise


@contextmanager
def read_transaction(backend: Backend) -> Iterator[Connection]:
    """A transaction whose statements all see the same state."""
    with describe_database_errors(backend), backend.engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def autocommit_read(backend: Backend) -> Iterator[Connection]:
    """A connection for one statement that reads; it sees one state by itself and needs no transaction."""
    with describe_database_errors(backend), backend.engine.connect().execution_options(**AUTOCOMMIT) as connection:
        yield connection


@contextmanager
def write_transaction(backend: Backend) -> Iterator[Connection]:
    """A transaction that holds the write lock: all of it is written or nothing. The generation stays the same.

    For writes that make no reader's copy of documents, words or vectors stale, such as a decision about a reference.
    """
    with (
        describe_database_errors(backend),
        backend.engine.connect().execution_options(**WRITES) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def new_generation(backend: Backend) -> Iterator[Connection]:
    """A write transaction that raises the generation by one, so that other processes read anew."""
    with write_transaction(backend) as connection:
        yield connection
        connection.execute(text("UPDATE meta SET value = value + 1 WHERE name = 'generation'"))


def generation(connection: Connection) -> int:
    """The number of changes since the catalogue was created."""
    # As a string for the driver: it is asked several times a page, and SQLAlchemy would compile it each time.
    return int(connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'generation'").scalar_one())


def state(connection: Connection) -> tuple[str, ...]:
    """A value that changes with everything that a reader sees: with each generation, and with each derivation of references."""
    statement = "SELECT value FROM meta WHERE name IN ('generation', 'references') ORDER BY name"
    return tuple(str(row[0]) for row in connection.exec_driver_sql(statement))


def known_migrations(folder: str = SQLite.migrations) -> list[tuple[str, str]]:
    """(name, statements) of every migration of this program, in order."""
    files = sorted(
        (item for item in (resources.files("kb.catalogue") / folder).iterdir() if item.name.endswith(".sql")),
        key=lambda item: item.name,
    )
    return [(item.name.removesuffix(".sql"), item.read_text(encoding="utf-8")) for item in files]


def migrate(backend: Backend) -> None:
    """Bring a catalogue up to date. Raises CatalogueError when it was written by a newer program."""
    known = known_migrations(backend.migrations)
    with read_transaction(backend) as connection:
        applied = applied_migrations(connection)
    if newer := applied - {name for name, _ in known}:
        raise CatalogueError(
            f"the catalogue was written by a newer kb (it knows {', '.join(sorted(newer))}): update this one"
        )
    for name, script in known:
        if name not in applied:
            _apply(backend, name, script)


def _apply(backend: Backend, name: str, script: str) -> None:
    with write_transaction(backend) as connection:
        if name in applied_migrations(connection):  # another process was faster
            return
        for statement in statements(script):
            connection.exec_driver_sql(statement)
        connection.execute(text("INSERT INTO migrations (name) VALUES (:name)"), {"name": name})


def applied_migrations(connection: Connection) -> set[str]:
    """Names of the migrations that a catalogue has had; none for a new one."""
    if not inspect(connection).has_table("migrations"):
        return set()
    return set(connection.execute(text("SELECT name FROM migrations")).scalars())


def statements(script: str) -> list[str]:
    """The statements of a script; comments run from -- to the end of a line, and no string holds a semicolon."""
    bare = re.sub(r"--[^\n]*", "", script)
    return [statement.strip() for statement in bare.split(";") if statement.strip()]


def rows(connection: Connection, sql: str, **values: Any) -> list[Any]:
    """The rows of a statement in SQL."""
    return list(connection.execute(text(sql), values).all())
