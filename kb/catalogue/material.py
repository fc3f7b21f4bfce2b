"""Reading the material that cited works are derived from."""

from __future__ import annotations

import json

from sqlalchemy import Connection, Text, select, type_coerce

from kb.catalogue import tables
from kb.catalogue.derivation import Material, Names, Ruling
from kb.catalogue.rows import CITED, from_json_all, load_documents, to_citation, to_entry
from kb.model import Entry


def load_material(connection: Connection) -> Material:
    """Everything that works are derived from, in one state."""
    works = connection.execute(select(tables.works.c.key, tables.works.c.csl)).all()
    choosing = select(tables.decisions).order_by(tables.decisions.c.id)
    return Material(
        documents=tuple(document for _, document in sorted(load_documents(connection).items())),
        fronts=_first_pages(connection),
        entries=_entries(connection),
        citations=tuple(to_citation(row) for row in connection.execute(CITED)),
        rulings=tuple(
            Ruling(row.id, row.kind, row.verdict == "confirm", _names(row.one), _names(row.other))
            for row in connection.execute(choosing)
        ),
        names={row.name: row.key for row in connection.execute(select(tables.work_names))},
        before=dict(zip((row.key for row in works), from_json_all([row.csl for row in works]), strict=True)),
    )


def _entries(connection: Connection) -> tuple[Entry, ...]:
    entries = tables.entries.c
    others = (column for column in entries if column.name != "csl")
    found = connection.execute(select(*others, type_coerce(entries.csl, Text).label("csl")).order_by(entries.id)).all()
    items = from_json_all([row.csl for row in found])
    return tuple(to_entry(row, item) for row, item in zip(found, items, strict=True))


def _first_pages(connection: Connection) -> dict[int, str]:
    """The text of the first page of each piece of literature, by document id."""
    pages, documents = tables.pages, tables.documents
    choosing = (
        select(pages.c.document_id, pages.c.text)
        .join(documents, documents.c.id == pages.c.document_id)
        .where(documents.c.kind == "literature", pages.c.number == 1)
    )
    return {row.document_id: row.text for row in connection.execute(choosing)}


def _names(value: str) -> Names:
    return frozenset(json.loads(value))
