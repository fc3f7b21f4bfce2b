"""Deriving: bring the derived tables of a catalogue up to date with its documents and decisions.

changed sources ─► the part that they bear on ─► derived and stored in one transaction
               └─► many, or all of them ─► everything, derived outside a transaction and stored in one
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from kb.catalogue.backend import Backend
from kb.catalogue.derivation import Rules
from kb.catalogue.material import load_material, load_part
from kb.catalogue.outcome import store
from kb.catalogue.parts import Changes, changes, connected, file_sources, forget_keys, has_keys
from kb.catalogue.store import read_transaction, rows, write_transaction

# How often a derivation starts again because something changed meanwhile, before it takes the write lock.
ATTEMPTS = 3
# Of more changed sources than this the keys are stored in several transactions, and everything is derived.
FEW = 100
# The stamp while keys were stored of changes that nothing was derived from yet: only a derivation of everything may follow.
INCOMPLETE = ""


class Derivation:
    """The derived tables of a catalogue."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def current(self) -> bool:
        """Whether works, links and questions were derived from the present documents and decisions."""
        with read_transaction(self._backend) as connection:
            return stamp(connection) == stored_stamp(connection)

    def derive(self, rules: Rules) -> bool:
        """Bring works, links and questions up to date; whether there was anything to do."""
        if self.current():
            return False
        self._derive(rules)
        return True

    def derive_anew(self, rules: Rules) -> int:
        """Derive everything, also when nothing changed; the number of rows that differed from it."""
        with write_transaction(self._backend) as connection:
            forget_keys(connection)
            _write_stamp(connection, INCOMPLETE)
        return self._derive(rules)

    def _derive(self, rules: Rules) -> int:
        """Derive what changed, or everything; the number of rows that were written."""
        for _ in range(ATTEMPTS):
            written = self._derive_changes(rules)
            if written is None:
                written = self._derive_all(rules)
            if written is not None:
                return written
        with write_transaction(self._backend) as connection:  # nothing can change meanwhile
            file_sources(self._backend, connection, changes(connection), rules.blocking_keys)
            written = store(self._backend, connection, rules.gather(load_material(connection)))
            _write_stamp(connection, stamp(connection))
            return written

    def _derive_changes(self, rules: Rules) -> int | None:
        """Store the keys of all changed sources, and derive what those bear on; None when everything is to be derived."""
        while True:
            with write_transaction(self._backend) as connection:
                if stamp(connection) == stored_stamp(connection):  # another process was faster
                    return 0
                changed = changes(connection)
                if len(changed) <= FEW:
                    return self._derive_part(connection, changed, rules)
                file_sources(self._backend, connection, changed.first(FEW), rules.blocking_keys)
                _write_stamp(connection, INCOMPLETE)

    def _derive_part(self, connection: Connection, changed: Changes, rules: Rules) -> int | None:
        part = None
        complete = has_keys(connection) and stored_stamp(connection) != INCOMPLETE
        touched = file_sources(self._backend, connection, changed, rules.blocking_keys)
        if changed and complete:
            part = connected(self._backend, connection, touched)
        if part is None:
            _write_stamp(connection, INCOMPLETE)
            return None
        written = store(self._backend, connection, rules.gather(load_part(self._backend, connection, part)), part)
        _write_stamp(connection, stamp(connection))
        return written

    def _derive_all(self, rules: Rules) -> int | None:
        """Derive everything; None when something changed meanwhile."""
        with read_transaction(self._backend) as connection:
            if changes(connection):
                return None
            state = stamp(connection)
            related = rules.gather(load_material(connection))
        with write_transaction(self._backend) as connection:
            if stamp(connection) != state:
                return None
            written = store(self._backend, connection, related)
            _write_stamp(connection, state)
        return written


def _write_stamp(connection: Connection, state: str) -> None:
    connection.execute(text("UPDATE meta SET value = :state WHERE name = 'references'"), {"state": state})


def stamp(connection: Connection) -> str:
    """A value that changes with everything that works are derived from; ids are never used again, so the last ones do."""
    statement = """
        SELECT (SELECT max(id) FROM documents), (SELECT max(changed) FROM documents),
               (SELECT count(removed) FROM documents), (SELECT max(id) FROM passages), (SELECT max(id) FROM entries),
               (SELECT max(id) FROM citations), (SELECT max(id) FROM bibliographies), (SELECT count(*) FROM bibliographies),
               (SELECT max(id) FROM decisions), (SELECT count(*) FROM decisions)
    """
    return " ".join(str(value) for value in rows(connection, statement)[0])


def stored_stamp(connection: Connection) -> str:
    """The stamp of the last derivation."""
    return str(rows(connection, "SELECT value FROM meta WHERE name = 'references'")[0][0])
