"""References: cited works, looked up. They are derived (derivation.py); reading never derives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, and_, bindparam, func, or_, select, true, tuple_, type_coerce

from kb.bibliography import clean_doi, fold
from kb.catalogue import naming, tables
from kb.catalogue.backend import Backend
from kb.catalogue.rows import BATCH, CITED, batches, from_json_all, to_citation, to_entry
from kb.catalogue.store import read_transaction
from kb.choices import Only, Sort
from kb.errors import NotInKnowledgeBase
from kb.model import Citation, Entry, Passage, Reference

"""`cited`: in a document, in its text or in its list. `here`: the work is a document of the knowledge base.
`missing`: cited and not here. `doubtful`: a question about it is open."""

# For more works than this their citations and entries are read whole, not by key.
MANY = 2 * BATCH
# A query names at most this many references.
MOST_NAMED = 5


class References:
    """The cited works of a catalogue."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def find(
        self,
        *,
        text: str | Sequence[str] = "",
        document_id: int | None = None,
        only: Only | None = None,
        sort: Sort = "author",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Reference]:
        """References with every word of `text`, or of one of several wordings, in authors, year, title or container, in order.

        `document_id` restricts to those that the document cites or lists.
        """
        choosing = (
            select(*_COLUMNS)
            .where(_condition(text, document_id, only))
            .order_by(*_ORDERS[sort])
            .limit(limit)
            .offset(offset)
        )
        with read_transaction(self._backend) as connection:
            rows = list(connection.execute(choosing).all())
            whole = len(rows) > MANY and limit is None and not any(text) and document_id is None
            return _references(connection, rows, whole=whole)

    def count(self, *, text: str | Sequence[str] = "", document_id: int | None = None, only: Only | None = None) -> int:
        """The number of references that `find` gives."""
        counting = select(func.count()).select_from(tables.works).where(_condition(text, document_id, only))
        with read_transaction(self._backend) as connection:
            return int(connection.execute(counting).scalar_one())

    def get(self, key: str) -> Reference:
        """One reference; an old key leads to the work that it was joined to. Raises NotInKnowledgeBase."""
        redirects, names = tables.work_redirects.c, tables.work_names
        with read_transaction(self._backend) as connection:
            new = connection.execute(select(redirects.key).where(redirects.old == key)).scalar()
            references = load_references(connection, [new or key])
            if references:
                return next(iter(references.values()))
            counting = select(func.count()).select_from(names).where(names.c.key == key)
            existed = connection.execute(counting).scalar_one()
        if existed:
            raise NotInKnowledgeBase(f"the reference {key} is not cited or listed any more")
        raise NotInKnowledgeBase(f"there is no reference {key}: `kb references` lists them")

    def with_doi(self, doi: str) -> list[Reference]:
        """The references with a DOI, in any case."""
        holds = type_coerce(tables.works.c.csl, Text).ilike(f"%{_escaped(doi)}%", escape="\\")
        with read_transaction(self._backend) as connection:
            rows = connection.execute(select(*_COLUMNS).where(holds).limit(MOST_NAMED)).all()
            found = _references(connection, rows)
        return [
            each for each in found if (clean_doi(str(each.csl.get("DOI") or "")) or "").casefold() == doi.casefold()
        ]

    def name_without_blanks(self, text: str) -> str | None:
        """The name of an author that a text gives with other blanks: "vandergoot", "vander goot"; None when none is."""
        joined = fold(text).replace(" ", "")
        name = tables.work_authors.c.name
        choosing = select(name).where(func.replace(name, " ", "") == joined).limit(1)
        with read_transaction(self._backend) as connection:
            return connection.execute(choosing).scalar() if joined else None

    def on_page(self, document_id: int, number: int) -> list[Reference]:
        """The references cited on a page, in the order of their first citations."""
        citations, links = tables.citations.c, tables.work_citations
        choosing = (
            select(links.c.key)
            .join(tables.citations, citations.id == links.c.citation_id)
            .where(citations.document_id == document_id, citations.number == number)
            .order_by(citations.field.desc(), citations.start)
        )
        with read_transaction(self._backend) as connection:
            keys = list(dict.fromkeys(connection.execute(choosing).scalars()))
            references = load_references(connection, keys)
        return [references[key] for key in keys if key in references]

    def listed_in(self, passages: Sequence[Passage]) -> list[tuple[str, str]]:
        """The entries of reference lists that stand in passages, each as the key of its work and as printed, in order."""
        places = sorted({(passage.document_id, passage.number) for passage in passages})
        with read_transaction(self._backend) as connection:
            rows = connection.execute(_LISTED_ON, {"places": places}).all() if places else []
        return [
            (row.key, row.raw)
            for passage in passages
            for row in rows
            if (row.document_id, row.number) == (passage.document_id, passage.number)
            and row.start < passage.end
            and passage.start < row.end
        ]

    def by_key(self, keys: Sequence[str]) -> list[Reference]:
        """References by key, in that order; those that are gone are left out."""
        with read_transaction(self._backend) as connection:
            references = load_references(connection, keys)
        return [references[key] for key in keys if key in references]

    def named(self, query: str, most: int = MOST_NAMED) -> list[Reference]:
        """The references that a query names by author (and year) or by key, the best first; most often none."""
        asked = naming.read(query)
        with read_transaction(self._backend) as connection:
            by_key = connection.execute(_BY_KEY, {"key": query.strip().casefold()}).scalars().all()
            by_name = _keys_by_name(connection, asked, most)
            # A key with a year belongs to one work; without, it may be the name of an author with more works.
            keys = list(dict.fromkeys([*by_key, *by_name]))[: 1 if by_key and asked.years else most]
            references = load_references(connection, keys)
        return [references[key] for key in keys]


def names_work(connection: Connection, query: str) -> bool:
    """Whether a query names a work by author (and year)."""
    return bool(_keys_by_name(connection, naming.read(query), 1))


def _keys_by_name(connection: Connection, asked: naming.Asked, most: int) -> list[str]:
    """Keys of at most `most` works that a query names by author, the best first."""
    rows = connection.execute(_BY_NAME, {"names": naming.names_of(asked)[:BATCH]}).all()
    years = {row.key: (row.year, _year_letter(row.year, row.search)) for row in rows}
    keys = naming.meant(asked, ((row.name, row.key, row.place) for row in rows), years)
    if len(keys) <= most:
        return keys
    position = {row.key: at for at, row in enumerate(rows)}  # the most cited first
    return sorted(keys, key=lambda key: position[key])[:most]


_LISTED_ON = (
    select(
        *(tables.entries.c[name] for name in ("document_id", "number", "start", "end", "raw")),
        tables.work_entries.c.key,
    )
    .join(tables.work_entries, tables.work_entries.c.entry_id == tables.entries.c.id)
    .where(
        tuple_(tables.entries.c.document_id, tables.entries.c.number).in_(bindparam("places", expanding=True)),
        tables.entries.c.start.is_not(None),
    )
    .order_by(tables.entries.c.id)
)
"""The entries that are printed on pages, `places`, each with the key of its work."""


def _escaped(text: str) -> str:
    """A text as a pattern of LIKE that stands for itself, within JSON."""
    return re.sub(r"[%_\\]", r"\\\g<0>", json.dumps(text, ensure_ascii=False)[1:-1])


_BY_KEY = select(tables.works.c.key).where(tables.works.c.key == bindparam("key"))
_BY_NAME = (
    select(
        tables.work_authors.c.name,
        tables.work_authors.c.key,
        tables.work_authors.c.place,
        tables.works.c.year,
        tables.works.c.search,
    )
    .join(tables.works, tables.works.c.key == tables.work_authors.c.key)
    .where(tables.work_authors.c.name.in_(bindparam("names", expanding=True)))
    .order_by(tables.works.c.cited.desc(), tables.works.c.listed.desc(), tables.works.c.key)
)
"""Works by the names of their authors, the most cited first."""


def _year_letter(year: int | None, search: str) -> str:
    """The letter after the year of a work, such as the a of 2019a, in its search text; empty when there is none."""
    found = re.search(rf" {year}([a-z])\b", search)
    return found[1] if found else ""


_COLUMNS = [column for column in tables.works.c if column.name not in {"search", "by_author", "by_title"}]
_ORDERS: dict[str, tuple[Any, ...]] = {
    "author": (tables.works.c.by_author, tables.works.c.year, tables.works.c.by_title, tables.works.c.key),
    "year": (tables.works.c.year.desc(), tables.works.c.by_author, tables.works.c.key),  # no year comes last
    "title": (tables.works.c.by_title, tables.works.c.by_author, tables.works.c.key),
    "cited": (
        tables.works.c.cited.desc(),
        tables.works.c.listed.desc(),
        tables.works.c.by_author,
        tables.works.c.year,
        tables.works.c.key,
    ),
}


def _holds_words(text: str) -> ColumnElement[bool]:
    """The condition that a work has every word of a text: a longer one also inside a compound, a short one at its start."""
    search = tables.works.c.search
    words = dict.fromkeys(fold(text).split())
    return and_(true(), *(search.like(f"%{word}%" if len(word) > 3 else f"% {word}%") for word in words))


def _condition(text: str | Sequence[str], document_id: int | None, only: Only | None) -> ColumnElement[bool]:
    """The filters of `find` as a condition over works."""
    wordings = [text] if isinstance(text, str) else text
    conditions: list[ColumnElement[bool]] = [or_(*map(_holds_words, wordings))]
    if document_id is not None:
        conditions.append(_in_document(document_id))
    if only is not None:
        conditions.append(_ONLY[only])
    return and_(true(), *conditions)


_USED = or_(tables.works.c.cited > 0, tables.works.c.listed > 0)
_ONLY: dict[Only, ColumnElement[bool]] = {
    "cited": _USED,
    "here": tables.works.c.document_id.is_not(None),
    "missing": and_(_USED, tables.works.c.document_id.is_(None)),
    "doubtful": tables.works.c.doubtful > 0,
}


def _in_document(document_id: int) -> ColumnElement[bool]:
    """The condition that a document cites or lists a work."""
    cited = (
        select(tables.work_citations.c.key)
        .join(tables.citations, tables.citations.c.id == tables.work_citations.c.citation_id)
        .where(tables.citations.c.document_id == document_id)
    )
    listed = (
        select(tables.work_entries.c.key)
        .join(tables.entries, tables.entries.c.id == tables.work_entries.c.entry_id)
        .where(tables.entries.c.document_id == document_id)
    )
    return or_(tables.works.c.key.in_(cited), tables.works.c.key.in_(listed))


def load_references(connection: Connection, keys: Iterable[str]) -> dict[str, Reference]:
    """References by key, each with the places that cite and list it."""
    rows = [
        row
        for batch in batches(list(dict.fromkeys(keys)))
        for row in connection.execute(select(*_COLUMNS).where(tables.works.c.key.in_(batch))).all()
    ]
    return {reference.key: reference for reference in _references(connection, rows)}


def _references(connection: Connection, rows: Sequence[Any], *, whole: bool = False) -> list[Reference]:
    """References of rows of works, in their order; with `whole` all citations and entries are read, not by key."""
    keys = [row.key for row in rows]
    cited: dict[str, list[Citation]] = {}
    listed: dict[str, list[Entry]] = {}
    for batch in [None] if whole else batches(keys):
        _add_citations(connection, batch, cited)
        _add_entries(connection, batch, listed)
    items, printed = from_json_all([row.csl for row in rows]), from_json_all([row.raw for row in rows])
    return [
        Reference(
            key=row.key,
            csl=item,
            raw=tuple(raw),
            document_id=row.document_id,
            cited_by=tuple(cited.get(row.key, ())),
            listed=tuple(listed.get(row.key, ())),
            doubtful=bool(row.doubtful),
        )
        for row, item, raw in zip(rows, items, printed, strict=True)
    ]


def _add_citations(connection: Connection, keys: list[str] | None, cited: dict[str, list[Citation]]) -> None:
    """Add the citations of works, or of all works, to `cited` by key."""
    key = tables.work_citations.c.key
    for row in connection.execute(CITED.where(key.is_not(None) if keys is None else key.in_(keys))):
        cited.setdefault(row.key, []).append(to_citation(row))


def _add_entries(connection: Connection, keys: list[str] | None, listed: dict[str, list[Entry]]) -> None:
    """Add the entries of works, or of all works, to `listed` by key."""
    statement = _LISTED if keys is None else _LISTED.where(tables.work_entries.c.key.in_(keys))
    rows = connection.execute(statement).all()
    for row, item in zip(rows, from_json_all([row.csl for row in rows]), strict=True):
        listed.setdefault(row.key, []).append(to_entry(row, item, row.key))


_LISTED = (
    select(
        *(column for column in tables.entries.c if column.name != "csl"),
        type_coerce(tables.entries.c.csl, Text).label("csl"),
        tables.work_entries.c.key,
    )
    .join(tables.work_entries, tables.work_entries.c.entry_id == tables.entries.c.id)
    .order_by(tables.entries.c.id)
)
"""All entries that have a work, with its key."""
