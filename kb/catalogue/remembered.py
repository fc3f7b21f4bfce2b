"""Remembered: values that were read from a catalogue and hold until its next change.

The passages that answer one question often answer the next, and every one of them is looked up several times for one page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from sqlalchemy import Connection

from kb.catalogue.store import state

MOST_REMEMBERED = 1024
"""Values of one kind that are kept in memory: passages with their pages take a few MiB, vectors of sentences about 8."""

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """At most so many values by key, all of one state of the catalogue. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: tuple[tuple[str, ...], dict[K, V]] = ((), {})

    def get(self, connection: Connection, keys: Iterable[K], read: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of keys, in their order; those that are not remembered are read in the same transaction.

        A key that `read` leaves out is left out.
        """
        moment = state(connection)
        known = self._values
        if known[0] != moment or len(known[1]) > self._most:
            known = (moment, {})
        wanted = list(dict.fromkeys(keys))
        missing = [key for key in wanted if key not in known[1]]
        if missing:
            known[1].update(read(missing))
            self._values = known  # one assignment: other threads see the values of one state
        return {key: known[1][key] for key in wanted if key in known[1]}
