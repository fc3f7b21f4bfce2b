"""Parts: which works and links a change bears on, found by the blocking keys of the units that it touches.

    changed sources ─► their units as they were and as they are ─► blocking keys ─► units with one in common ─► …

A unit is a document, entry, citation or decision; a source is what holds units and changes as a whole: a document, an
imported bibliography or a decision. The rules of the keys are in kb/works/blocking.py; here they are stored and followed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.derivation import BlockingKey, BlockingKeys, Side, Unit, UnitKind
from kb.catalogue.material import Part, load_sources
from kb.catalogue.rows import batches
from kb.catalogue.store import rows

# A part with more units than this is derived with everything else, outside the transaction: other writers would wait too long.
MANY = 4000


@dataclass(frozen=True, slots=True)
class Changes:
    """The sources that changed since their keys were stored, by number."""

    present: dict[int, str]
    """New and changed ones, with their present state."""
    gone: list[int]

    def __len__(self) -> int:
        return len(self.present) + len(self.gone)

    def first(self, most: int) -> Changes:
        """At most so many of them."""
        gone = self.gone[:most]
        return Changes(dict(islice(self.present.items(), most - len(gone))), gone)


@dataclass(slots=True)
class Touched:
    """What changed sources were filed under, and are filed under now."""

    units: set[int] = field(default_factory=set)
    """Units that are here."""
    keys: set[BlockingKey] = field(default_factory=set)
    works: set[str] = field(default_factory=set)
    """Keys of the works that the sources had part in."""


# An id of a passage is never used again, so it changes with each version of a document.
_DOCUMENTS = """
    SELECT d.id * 4 AS source, d.changed || ' ' || d.kind || ' ' || d.authors || ' ' || coalesce(d.date, '') || ' '
           || coalesce((SELECT p.id FROM passages p WHERE p.document_id = d.id ORDER BY p.number, p.id LIMIT 1), 0)
           || ' ' || d.title AS state
    FROM documents d WHERE d.removed IS NULL
"""
_LISTS = "SELECT id * 4 + 1 AS source, '' AS state FROM bibliographies"
_DECISIONS = "SELECT id * 4 + 3 AS source, '' AS state FROM decisions"
_SOURCES = f"{_DOCUMENTS} UNION ALL {_LISTS} UNION ALL {_DECISIONS}"


def changes(connection: Connection) -> Changes:
    """The sources that changed since their keys were stored."""
    changed = rows(
        connection,
        f"SELECT n.source, n.state FROM ({_SOURCES}) n LEFT JOIN link_sources s ON s.source = n.source"
        " WHERE coalesce(s.state, 'none') <> n.state",
    )
    gone = rows(connection, f"SELECT source FROM link_sources WHERE source NOT IN (SELECT source FROM ({_SOURCES}) n)")
    return Changes({row.source: row.state for row in changed}, [row.source for row in gone])


def has_keys(connection: Connection) -> bool:
    """Whether the keys of any source are stored; those of a catalogue of an earlier version are not."""
    return connection.execute(select(tables.link_sources).limit(1)).first() is not None


def forget_keys(connection: Connection) -> None:
    """Forget the units and keys of all sources, so that all are made anew; everything is then to be derived."""
    for table in (tables.link_keys, tables.link_units, tables.link_sources):
        connection.execute(delete(table))


def file_sources(backend: Backend, connection: Connection, changed: Changes, blocking_keys: BlockingKeys) -> Touched:
    """Store the blocking keys of changed sources, and forget those of sources that are gone."""
    touched = _take_out(backend, connection, [*changed.present, *changed.gone])
    of_source, keys = _keys_of(backend, connection, list(changed.present), blocking_keys)
    backend.upsert(connection, tables.link_sources, list(changed.present.items()))
    backend.upsert(connection, tables.link_units, [(unit, source, None) for unit, source in of_source.items()])
    backend.upsert(
        connection,
        tables.link_keys,
        [(key.side, key.digest, unit, key.first, key.last) for unit, each in keys.items() for key in each.values()],
    )
    touched.units.update(of_source)
    touched.keys.update(key for each in keys.values() for key in each.values())
    return touched


def _take_out(backend: Backend, connection: Connection, sources: Collection[int]) -> Touched:
    """Delete what is stored of sources; returns it, without their units."""
    here = backend.ids(sorted(sources))
    choosing = select(tables.link_units.c.unit, tables.link_units.c.work).where(tables.link_units.c.source.in_(here))
    units = connection.execute(choosing).all()
    numbers = [row.unit for row in units]
    touched = Touched(keys=keys_of_units(backend, connection, numbers), works={row.work for row in units if row.work})
    old = backend.ids(numbers)
    connection.execute(delete(tables.link_keys).where(tables.link_keys.c.unit.in_(old)))
    connection.execute(delete(tables.link_units).where(tables.link_units.c.unit.in_(old)))
    connection.execute(delete(tables.link_sources).where(tables.link_sources.c.source.in_(here)))
    return touched


def _keys_of(
    backend: Backend, connection: Connection, sources: Collection[int], blocking_keys: BlockingKeys
) -> tuple[dict[int, int], dict[int, dict[tuple[Side, bytes], BlockingKey]]]:
    """The source of each unit of some sources, and the keys of each unit; of two keys with one digest the wider years."""
    documents, lists, decisions = (
        _ids(sources, kind) for kind in (UnitKind.DOCUMENT, UnitKind.ENTRY, UnitKind.DECISION)
    )
    material = load_sources(backend, connection, documents, lists, decisions)
    entries = tables.entries.c
    listed = select(entries.id, entries.bibliography_id).where(entries.bibliography_id.in_(backend.ids(lists)))
    imported = {row.id: row.bibliography_id for row in connection.execute(listed)}
    of_source = {
        Unit(UnitKind.DOCUMENT, each.id).number: Unit(UnitKind.DOCUMENT, each.id).number for each in material.documents
    }
    for entry in material.entries:
        holder = (
            Unit(UnitKind.ENTRY, imported[entry.id])
            if entry.document_id is None
            else Unit(UnitKind.DOCUMENT, entry.document_id)
        )
        of_source[Unit(UnitKind.ENTRY, entry.id).number] = holder.number
    for citation in material.citations:
        of_source[Unit(UnitKind.CITATION, citation.id).number] = Unit(UnitKind.DOCUMENT, citation.document_id).number
    for ruling in material.rulings:
        of_source[Unit(UnitKind.DECISION, ruling.id).number] = Unit(UnitKind.DECISION, ruling.id).number
    keys: dict[int, dict[tuple[Side, bytes], BlockingKey]] = {}
    for unit, key in blocking_keys(material):
        held = keys.setdefault(unit.number, {})
        other = held.get((key.side, key.digest), key)
        held[key.side, key.digest] = key._replace(first=min(key.first, other.first), last=max(key.last, other.last))
    return of_source, keys


def _ids(sources: Iterable[int], kind: UnitKind) -> list[int]:
    """Ids of the sources of a kind."""
    return sorted(Unit.of(source).id for source in sources if Unit.of(source).kind == kind)


# -- following the keys


def keys_of_units(backend: Backend, connection: Connection, units: Collection[int]) -> set[BlockingKey]:
    """The stored keys of units."""
    keys = tables.link_keys.c
    choosing = select(keys.side, keys.digest, keys.first, keys.last).distinct()
    found = connection.execute(choosing.where(keys.unit.in_(backend.ids(sorted(units)))))
    return {BlockingKey(Side(row.side), row.digest, row.first, row.last) for row in found}


def connected(backend: Backend, connection: Connection, touched: Touched) -> Part | None:
    """The part of the collection that a change bears on; None where it is better derived with everything else."""
    following = _Following(backend, connection)
    frontier = touched
    while frontier.units or frontier.keys or frontier.works:
        if len(following.seen.units) + len(frontier.units) > MANY:
            return None
        frontier = following.step(frontier)
    return following.part()


class _Following:
    """The units, keys and works that were reached so far."""

    def __init__(self, backend: Backend, connection: Connection) -> None:
        self.seen = Touched()
        self._names: dict[str, str] = {}
        self._backend = backend
        self._connection = connection

    def step(self, frontier: Touched) -> Touched:
        """What units, keys and works that were reached lead to and was not reached before."""
        self.seen.units |= frontier.units
        keys = frontier.keys | keys_of_units(self._backend, self._connection, frontier.units)
        works = frontier.works | self._works_of(frontier.units)
        new_keys, new_works = keys - self.seen.keys, works - self.seen.works
        self.seen.keys |= new_keys
        self.seen.works |= new_works
        names = [key.digest.hex() for key in new_keys if key.side is Side.NAME]
        named = self._remember(tables.work_names.c.name, names)
        called = self._remember(tables.work_names.c.key, list(new_works))
        return Touched(
            (self._sharing(new_keys) | self._in_works(new_works)) - self.seen.units,
            {BlockingKey(Side.NAME, bytes.fromhex(name)) for name in called} - self.seen.keys,
            set(named.values()) - self.seen.works,
        )

    def part(self) -> Part:
        """All that was reached."""
        ids: dict[UnitKind, list[int]] = {kind: [] for kind in UnitKind}
        for unit in map(Unit.of, sorted(self.seen.units)):
            ids[unit.kind].append(unit.id)
        return Part(
            ids[UnitKind.DOCUMENT],
            ids[UnitKind.ENTRY],
            ids[UnitKind.CITATION],
            ids[UnitKind.DECISION],
            frozenset(self.seen.works),
            self._names,
        )

    def _sharing(self, keys: Iterable[BlockingKey]) -> set[int]:
        """The units that share one of these keys."""
        units: set[int] = set()
        for side in Side:
            asked: dict[bytes, list[BlockingKey]] = {}
            for key in keys:
                if key.side is side:
                    asked.setdefault(key.digest, []).append(key)
            for row in self._filed(side.opposite, list(asked)):
                if any(key.first <= row.last and row.first <= key.last for key in asked[row.digest]):
                    units.add(row.unit)
        return units

    def _filed(self, side: Side, digests: list[bytes]) -> Iterator[Any]:
        for batch in batches(digests):
            yield from self._connection.execute(_FILED, {"side": side, "digests": batch})

    def _works_of(self, units: Collection[int]) -> set[str]:
        columns = tables.link_units.c
        held = columns.unit.in_(self._backend.ids(sorted(units)))
        return set(self._connection.execute(select(columns.work).where(held, columns.work.is_not(None))).scalars())

    def _in_works(self, works: Collection[str]) -> set[int]:
        columns = tables.link_units.c
        return {
            unit
            for batch in batches(sorted(works))
            for unit in self._connection.execute(select(columns.unit).where(columns.work.in_(batch))).scalars()
        }

    def _remember(self, column: Any, values: list[str]) -> dict[str, str]:
        """Names with the key they had, by name or by key."""
        found = {
            row.name: row.key
            for batch in batches(values)
            for row in self._connection.execute(select(tables.work_names).where(column.in_(batch)))
        }
        self._names |= found
        return found


_FILED = select(
    tables.link_keys.c.digest, tables.link_keys.c.unit, tables.link_keys.c.first, tables.link_keys.c.last
).where(
    tables.link_keys.c.side == bindparam("side"), tables.link_keys.c.digest.in_(bindparam("digests", expanding=True))
)
