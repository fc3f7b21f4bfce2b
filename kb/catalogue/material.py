"""Reading the material that cited works are derived from: all of it, some sources whole, or the units of one part."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, and_, or_, select, true, type_coerce

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.derivation import Material, Names, Ruling, Unit, UnitKind
from kb.catalogue.rows import CITED, batches, from_json_all, to_citation, to_document, to_entry
from kb.model import CSL, Entry


@dataclass(frozen=True, slots=True)
class Part:
    """Units on whose works and links nothing else bears, by their ids, and all that those works were called by."""

    documents: Collection[int] = ()
    entries: Collection[int] = ()
    citations: Collection[int] = ()
    decisions: Collection[int] = ()
    works: frozenset[str] = frozenset()
    """Keys of its works as they were, and keys that those had earlier."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The key that each of its names has had."""

    @property
    def units(self) -> list[int]:
        """The numbers of its units."""
        return [
            *(Unit(UnitKind.DOCUMENT, each).number for each in self.documents),
            *(Unit(UnitKind.ENTRY, each).number for each in self.entries),
            *(Unit(UnitKind.CITATION, each).number for each in self.citations),
        ]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The rows to read, as a condition for each table."""

    documents: ColumnElement[bool] = field(default_factory=true)
    entries: ColumnElement[bool] = field(default_factory=true)
    citations: ColumnElement[bool] = field(default_factory=true)
    decisions: ColumnElement[bool] = field(default_factory=true)


def load_material(connection: Connection) -> Material:
    """Everything that works are derived from, in one state."""
    works = connection.execute(select(tables.works.c.key, tables.works.c.csl)).all()
    return replace(
        _load(connection, _Chosen()),
        names={row.name: row.key for row in connection.execute(select(tables.work_names))},
        before=dict(zip((row.key for row in works), from_json_all([row.csl for row in works]), strict=True)),
    )


def load_sources(
    backend: Backend,
    connection: Connection,
    documents: Collection[int],
    lists: Collection[int],
    decisions: Collection[int],
) -> Material:
    """Documents, imported bibliographies (`lists`) and decisions by id, each whole, without what was derived from them."""
    here = backend.ids(sorted(documents))
    imported = tables.entries.c.bibliography_id.in_(backend.ids(sorted(lists)))
    chosen = _Chosen(
        tables.documents.c.id.in_(here),
        or_(tables.entries.c.document_id.in_(here), imported),
        tables.citations.c.document_id.in_(here),
        tables.decisions.c.id.in_(backend.ids(sorted(decisions))),
    )
    return _load(connection, chosen)


def load_part(backend: Backend, connection: Connection, part: Part) -> Material:
    """The units of a part, with the documents in which they are."""
    entries = tables.entries.c.id.in_(backend.ids(sorted(part.entries)))
    citations = tables.citations.c.id.in_(backend.ids(sorted(part.citations)))
    places = (
        select(tables.entries.c.document_id).where(entries, tables.entries.c.document_id.is_not(None)),
        select(tables.citations.c.document_id).where(citations),
    )
    documents = set(part.documents).union(*(connection.execute(each).scalars() for each in places))
    chosen = _Chosen(
        tables.documents.c.id.in_(backend.ids(sorted(documents))),
        entries,
        citations,
        tables.decisions.c.id.in_(backend.ids(sorted(part.decisions))),
    )
    return replace(
        _load(connection, chosen),
        names=part.names,
        before=_works(connection, sorted(part.works)),
        in_use=_KeysInUse(connection, part.works),
    )


def _load(connection: Connection, chosen: _Chosen) -> Material:
    """The chosen rows, without names and earlier works."""
    here = and_(tables.documents.c.removed.is_(None), chosen.documents)
    documents = select(tables.documents).where(here).order_by(tables.documents.c.id)
    decisions = select(tables.decisions).where(chosen.decisions).order_by(tables.decisions.c.id)
    return Material(
        documents=tuple(to_document(row) for row in connection.execute(documents)),
        fronts=_first_pages(connection, here),
        entries=_entries(connection, _ENTRIES.where(chosen.entries)),
        citations=tuple(to_citation(row) for row in connection.execute(CITED.where(chosen.citations))),
        rulings=tuple(
            Ruling(row.id, row.kind, row.verdict == "confirm", _names(row.one), _names(row.other))
            for row in connection.execute(decisions)
        ),
        front_entries=_entries(connection, _ON_FRONTS.where(here)),
    )


_ENTRIES = select(
    *(column for column in tables.entries.c if column.name != "csl"),
    type_coerce(tables.entries.c.csl, Text).label("csl"),
).order_by(tables.entries.c.id)
_LITERATURE_OF_ENTRY = and_(
    tables.documents.c.id == tables.entries.c.document_id, tables.documents.c.kind == "literature"
)
_ON_FRONTS = _ENTRIES.join(tables.documents, _LITERATURE_OF_ENTRY).where(tables.entries.c.number == 1)
"""Entries on the first pages of literature."""


def _entries(connection: Connection, choosing: Any) -> tuple[Entry, ...]:
    found = connection.execute(choosing).all()
    items = from_json_all([row.csl for row in found])
    return tuple(to_entry(row, item) for row, item in zip(found, items, strict=True))


def _first_pages(connection: Connection, here: ColumnElement[bool]) -> dict[int, str]:
    """The text of the first page of each piece of literature among these documents, by document id."""
    pages, documents = tables.pages, tables.documents
    choosing = (
        select(pages.c.document_id, pages.c.text)
        .join(documents, documents.c.id == pages.c.document_id)
        .where(here, documents.c.kind == "literature", pages.c.number == 1)
    )
    return {row.document_id: row.text for row in connection.execute(choosing)}


def _names(value: str) -> Names:
    return frozenset(json.loads(value))


def _works(connection: Connection, keys: Iterable[str]) -> dict[str, CSL]:
    """Works as they were last derived, by key."""
    works = tables.works.c
    found = [
        row
        for batch in batches(list(keys))
        for row in connection.execute(select(works.key, works.csl).where(works.key.in_(batch)))
    ]
    return dict(zip((row.key for row in found), from_json_all([row.csl for row in found]), strict=True))


class _KeysInUse:
    """Keys that works outside a part have, and keys that any work had; looked up one by one, for they are many."""

    def __init__(self, connection: Connection, own: Collection[str]) -> None:
        self._connection = connection
        self._own = own

    def __contains__(self, key: object) -> bool:
        works, names = tables.works.c.key, tables.work_names.c.key
        if key not in self._own and self._connection.execute(select(works).where(works == key)).first():
            return True
        return self._connection.execute(select(names).where(names == key).limit(1)).first() is not None
