"""Deriving: bring the derived tables of a catalogue up to date with its documents and decisions."""

from __future__ import annotations

from sqlalchemy import Connection

from kb.catalogue.backend import Backend
from kb.catalogue.derivation import Gather
from kb.catalogue.material import load_material
from kb.catalogue.outcome import store
from kb.catalogue.store import read_transaction, rows, write_transaction

# How often a derivation starts again because something changed meanwhile, before it takes the write lock.
ATTEMPTS = 3


class Derivation:
    """The derived tables of a catalogue."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def current(self) -> bool:
        """Whether works, links and questions were derived from the present documents and decisions."""
        with read_transaction(self._backend) as connection:
            return stamp(connection) == stored_stamp(connection)

    def derive(self, gather: Gather, *, anew: bool = False) -> bool:
        """Bring works, links and questions up to date; whether there was anything to do.

        `anew` derives also when nothing changed.
        """
        for _ in range(ATTEMPTS):
            with read_transaction(self._backend) as connection:
                state = stamp(connection)
                if state == stored_stamp(connection) and not anew:
                    return False
                related = gather(load_material(connection))
            with write_transaction(self._backend) as connection:
                if stamp(connection) == state:
                    store(self._backend, connection, related, state)
                    return True
        with write_transaction(self._backend) as connection:  # nothing can change meanwhile
            store(self._backend, connection, gather(load_material(connection)), stamp(connection))
        return True


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
