"""Works: one reference for each cited work of the whole collection, and the questions about them.

    documents, entries, imported records, citations, decisions ─► material
    material ─► (kb.works.gather) ─► related ─► works, links, doubts

What is cited where is derived. Whoever changed a document or answered a question has everything derived again from all
there is, outside any transaction, and stores the outcome in one, provided that nothing changed meanwhile. Reading never
derives. Deriving anew takes seconds for ten thousand entries, cannot drift, and makes a removal as thorough as a first
ingest; only rows that differ are written.

A work's key outlives what it was derived from: `work_names` remembers, as digests, which content had which key. A decision
is about content too, and waits unseen while that content is away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    true,
    type_coerce,
)

from kb.bibliography import authors, fold, search_key, title, year
from kb.bibliography.names import bare
from kb.bibliography.sameness import normal_title
from kb.catalogue import naming, tables
from kb.catalogue.documents import CITED, load_documents, now, to_citation
from kb.catalogue.store import reading, rows
from kb.errors import NotInKnowledgeBase
from kb.model import CSL, Citation, Decision, DecisionVerdict, Document, Doubt, DoubtKind, Entry, Reason, Reference

Only = Literal["cited", "here", "missing", "doubtful"]
"""`cited`: somewhere in a document, in its text or in its list. `here`: the work is a document of the knowledge base.
`missing`: cited and not here. `doubtful`: a question about it waits."""

Names = frozenset[str]
"""What a work or a citation is known by over the years: digests of its content, never ids."""

# SQLite takes a limited number of values in one statement.
BATCH = 900
# More works than this are loaded by reading their tables whole.
MANY = 2 * BATCH
# Sorts behind every title.
LAST = "\U0010ffff"
# How often deriving starts over because something changed meanwhile, before it makes others wait.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision as deriving needs it: the content it is about, and what was said."""

    id: int
    kind: DoubtKind
    confirmed: bool
    one: Names
    other: Names


@dataclass(frozen=True, slots=True)
class Material:
    """All that works are derived from."""

    documents: tuple[Document, ...] = ()
    fronts: Mapping[int, str] = field(default_factory=dict)
    """The first page of each piece of literature, by document id: its own DOI may stand there."""
    entries: tuple[Entry, ...] = ()
    """Of reference lists; and imported records, whose `document_id` is None."""
    citations: tuple[Citation, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """The key that each name ever had."""
    before: Mapping[str, CSL] = field(default_factory=dict)
    """The works as they were derived last, by key."""


@dataclass(frozen=True, slots=True)
class Work:
    """A cited work, derived."""

    key: str
    csl: CSL
    raw: tuple[str, ...] = ()
    entries: tuple[int, ...] = ()
    """Ids of the entries and imported records that are of it."""
    document_id: int | None = None
    names: Names = frozenset()
    listed: int = 0
    """Documents in whose lists it stands."""


@dataclass(frozen=True, slots=True)
class CitationLink:
    """A citation and the work it means."""

    citation_id: int
    key: str
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt, derived: `key` may be `candidate`, or the document."""

    id: str
    kind: DoubtKind
    key: str
    candidate: str | None
    document_id: int | None
    citations: tuple[int, ...]
    one: Names
    other: Names
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision is about just now."""

    ruling: int
    key: str
    candidate: str | None
    document_id: int | None
    citations: tuple[int, ...]
    one: CSL
    other: CSL


@dataclass(frozen=True, slots=True)
class Related:
    """What is derived from the material."""

    works: tuple[Work, ...] = ()
    links: tuple[CitationLink, ...] = ()
    questions: tuple[Question, ...] = ()
    standing: tuple[Standing, ...] = ()
    """Decisions whose two sides are here; the rest wait."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names with the key they are to be remembered by."""
    redirects: Mapping[str, str] = field(default_factory=dict)
    """Keys of works that were joined to others."""


Gather = Callable[[Material], Related]


@dataclass(frozen=True, slots=True)
class Bibliography:
    """An imported bibliography: its records are entries, the file itself is not kept."""

    id: int
    filename: str
    path: str
    sha256: str
    records: int
    problems: tuple[str, ...]
    """A line for each record that was broken and left out."""
    added: str


class References:
    """The shelf of cited works."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- looking up

    def find(
        self,
        *,
        text: str = "",
        document_id: int | None = None,
        only: Only | None = None,
        sort: str = "author",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Reference]:
        """References with every word of `text` in authors, year, title or container, in order.

        `document_id` keeps those that the document cites or lists.
        """
        works = tables.works
        choosing = (
            select(*_SHOWN)
            .where(_condition(text, document_id, only))
            .order_by(*_ORDERS[sort])
            .limit(-1 if limit is None else limit)
            .offset(offset)
        )
        with reading(self._engine) as connection:
            found = list(connection.execute(choosing).all())
            whole = len(found) > MANY and limit is None and not text and document_id is None
            return _references(connection, found, [works.c.key.is_not(None)] if whole else None)

    def count(self, *, text: str = "", document_id: int | None = None, only: Only | None = None) -> int:
        """How many references `find` would give."""
        counting = select(func.count()).select_from(tables.works).where(_condition(text, document_id, only))
        with reading(self._engine) as connection:
            return int(connection.execute(counting).scalar_one())

    def get(self, key: str) -> Reference:
        """One reference; an old key leads to the work it was joined to. Raises NotInKnowledgeBase."""
        with reading(self._engine) as connection:
            moved = connection.execute(
                select(tables.work_redirects.c.key).where(tables.work_redirects.c.old == key)
            ).scalar()
            found = load_references(connection, [moved or key])
            if found:
                return next(iter(found.values()))
            once = connection.execute(
                select(func.count()).select_from(tables.work_names).where(tables.work_names.c.key == key)
            ).scalar_one()
        if once:
            raise NotInKnowledgeBase(f"the reference {key} is not cited or listed any more")
        raise NotInKnowledgeBase(f"there is no reference {key}: `kb references` lists them")

    def on_page(self, document_id: int, number: int) -> list[Reference]:
        """The references cited on a page, in the order in which they are."""
        citations, links = tables.citations.c, tables.work_citations
        choosing = (
            select(links.c.key)
            .join(tables.citations, citations.id == links.c.citation_id)
            .where(citations.document_id == document_id, citations.number == number)
            .order_by(citations.field.desc(), citations.start)
        )
        with reading(self._engine) as connection:
            keys = list(dict.fromkeys(connection.execute(choosing).scalars()))
            found = load_references(connection, keys)
        return [found[key] for key in keys if key in found]

    def named(self, query: str, most: int = 5) -> list[Reference]:
        """The references that a query asks for by author (and year), or by key, the best first; most often none."""
        asked = naming.read(query)
        names = naming.names_of(asked)[:BATCH]
        credits, works = tables.work_authors, tables.works.c
        with reading(self._engine) as connection:
            direct = connection.execute(select(works.key).where(works.key == query.strip().casefold())).scalars().all()
            found = connection.execute(
                select(credits.c.name, credits.c.key, credits.c.place, works.year, works.search, works.cited)
                .join(tables.works, works.key == credits.c.key)
                .where(credits.c.name.in_(names))
                .order_by(works.cited.desc(), works.listed.desc(), works.key)
            ).all()
            letters = {
                row.key: (row.year, said[1] if (said := re.search(rf" {row.year}([a-z])\b", row.search)) else "")
                for row in found
            }
            meant = naming.meant(asked, ((row.name, row.key, row.place) for row in found), letters)
            order = {row.key: at for at, row in enumerate(found)}
            if len(meant) > most:  # the most cited of equals
                meant = sorted(meant, key=lambda key: order[key])
            # A key with a year is one work's; without, it may be just the name of somebody with more.
            keys = list(dict.fromkeys([*direct, *meant]))[: 1 if direct and asked.years else most]
            works_found = load_references(connection, keys)
        return [works_found[key] for key in keys]

    # -- questions and answers

    def doubts(self) -> list[Doubt]:
        """What waits for a person, the likeliest first."""
        columns = tables.doubts.c  # those about one place stand together
        choosing = select(tables.doubts).order_by(columns.score.desc(), columns.key, columns.one, columns.candidate)
        with reading(self._engine) as connection:
            found = connection.execute(choosing).all()
            works = load_references(connection, [key for row in found for key in (row.key, row.candidate) if key])
            places = _citations(connection, [number for row in found for number in json.loads(row.citations)])
        return [
            Doubt(
                id=row.id,
                kind=row.kind,
                reference=works[row.key],
                candidate=works.get(row.candidate) if row.candidate else None,
                document_id=row.document_id,
                citations=tuple(places[number] for number in json.loads(row.citations) if number in places),
                score=row.score,
                reason=_reason(row.reason),
            )
            for row in found
        ]

    def decide(self, doubt_id: str, verdict: DecisionVerdict) -> int:
        """Keep the answer to a doubt; returns the decision's id. `derive` then acts on it. Raises NotInKnowledgeBase."""
        with changing(self._engine) as connection:
            row = connection.execute(select(tables.doubts).where(tables.doubts.c.id == doubt_id)).one_or_none()
            if row is None:
                raise NotInKnowledgeBase(
                    "this question was answered or has lapsed: the list of questions shows what is open"
                )
            values = {name: getattr(row, name) for name in ("kind", "one", "other", "score", "reason")}
            made = connection.execute(
                insert(tables.decisions).values(doubt=doubt_id, verdict=verdict, made=now(), **values)
            )
            return int(made.inserted_primary_key[0])  # type: ignore[index]

    def decisions(self) -> list[Decision]:
        """What people answered about works that are here, newest first."""
        columns = tables.decisions.c
        choosing = select(tables.decisions).where(columns.key.is_not(None)).order_by(columns.id.desc())
        with reading(self._engine) as connection:
            found = [
                row
                for row in connection.execute(choosing).all()
                if row.document_id is not None or row.candidate is not None
            ]
            places = _citations(connection, [number for row in found for number in json.loads(row.citations)])
        return [
            Decision(
                id=row.id,
                verdict=row.verdict,
                made=row.made,
                doubt=Doubt(
                    id=row.doubt,
                    kind=row.kind,
                    reference=Reference(row.key, json.loads(row.one_csl or "{}")),
                    candidate=Reference(row.candidate, json.loads(row.other_csl or "{}")) if row.candidate else None,
                    document_id=row.document_id,
                    citations=tuple(places[number] for number in json.loads(row.citations) if number in places),
                    score=row.score,
                    reason=_reason(row.reason),
                ),
            )
            for row in found
        ]

    def rule(self, kind: DoubtKind, verdict: DecisionVerdict, one: Names, other: Names) -> int:
        """Keep what a person said unasked about content known by these names; returns the decision's id."""
        said = {
            "one": _json(sorted(one)),
            "other": _json(sorted(other)),
            "reason": _reason_json(Reason("decided-by-person")),
        }
        with changing(self._engine) as connection:
            made = connection.execute(
                insert(tables.decisions).values(kind=kind, verdict=verdict, doubt="", score=1.0, made=now(), **said)
            )
            return int(made.inserted_primary_key[0])  # type: ignore[index]

    def undo(self, decision_id: int) -> None:
        """Take an answer back; `derive` then asks again. Raises NotInKnowledgeBase."""
        with changing(self._engine) as connection:
            gone = connection.execute(delete(tables.decisions).where(tables.decisions.c.id == decision_id))
            if not gone.rowcount:
                raise NotInKnowledgeBase(f"there is no decision {decision_id}: it was taken back before")

    # -- imported bibliographies

    def bibliographies(self) -> list[Bibliography]:
        """What was imported, by file name."""
        with reading(self._engine) as connection:
            found = connection.execute(select(tables.bibliographies)).all()
        return sorted((_bibliography(row) for row in found), key=lambda item: (item.filename.casefold(), item.id))

    def bibliography(self, sha256: str) -> Bibliography | None:
        """The bibliography with these bytes."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(tables.bibliographies).where(tables.bibliographies.c.sha256 == sha256)
            ).one_or_none()
        return None if row is None else _bibliography(row)

    def put_bibliography(
        self, filename: str, path: str, sha256: str, records: Sequence[Entry], problems: Sequence[str]
    ) -> tuple[Bibliography, bool]:
        """Take a bibliography in, in the place of what came from the same path; and whether it took a place."""
        columns = tables.bibliographies.c
        with changing(self._engine) as connection:
            replaced = connection.execute(delete(tables.bibliographies).where(columns.path == path)).rowcount > 0
            values = {"filename": filename, "path": path, "sha256": sha256, "records": len(records), "added": now()}
            made = connection.execute(insert(tables.bibliographies).values(problems=list(problems), **values))
            number = int(made.inserted_primary_key[0])  # type: ignore[index]
            if records:
                connection.execute(
                    insert(tables.entries),
                    [{"raw": entry.raw, "csl": dict(entry.csl), "bibliography_id": number} for entry in records],
                )
            row = connection.execute(select(tables.bibliographies).where(columns.id == number)).one()
            return _bibliography(row), replaced

    def remove_bibliography(self, number: int) -> Bibliography:
        """Forget an imported bibliography and its records. Raises NotInKnowledgeBase."""
        columns = tables.bibliographies.c
        with changing(self._engine) as connection:
            row = connection.execute(select(tables.bibliographies).where(columns.id == number)).one_or_none()
            if row is None:
                raise NotInKnowledgeBase(f"there is no imported bibliography {number}")
            connection.execute(delete(tables.bibliographies).where(columns.id == number))
            return _bibliography(row)

    # -- deriving

    def current(self) -> bool:
        """Whether works, links and doubts are those of the documents and decisions that are here."""
        with reading(self._engine) as connection:
            return stamp(connection) == stored_stamp(connection)

    def derive(self, gather: Gather, *, anew: bool = False) -> bool:
        """Bring works, links and doubts up to date; whether there was anything to do. `anew` takes nothing for granted."""
        for attempt in range(ATTEMPTS + 1):
            with reading(self._engine) as connection:
                state = stamp(connection)
                if state == stored_stamp(connection) and not anew:
                    return False
                related = gather(load_material(connection)) if attempt < ATTEMPTS else None
            with changing(self._engine) as connection:
                if related is None:
                    state = stamp(connection)
                    related = gather(load_material(connection))
                if stamp(connection) == state:
                    store(connection, related, state)
                    return True
        raise AssertionError("the last attempt holds the only pen")


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A transaction that leaves the generation as it is: nobody holds a copy of references that it should make stale.

    Another generation has every process read its vectors anew, which an answer to a question is no reason for.
    """
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        yield connection


def stamp(connection: Connection) -> str:
    """What tells that something changed which works are derived from. Ids are never used again, so the last ones do."""
    asked = """
        SELECT (SELECT max(id) FROM documents), (SELECT max(changed) FROM documents),
               (SELECT count(removed) FROM documents), (SELECT max(id) FROM passages), (SELECT max(id) FROM entries),
               (SELECT max(id) FROM citations), (SELECT max(id) FROM bibliographies), (SELECT count(*) FROM bibliographies),
               (SELECT max(id) FROM decisions), (SELECT count(*) FROM decisions)
    """
    return " ".join(str(value) for value in rows(connection, asked)[0])


def stored_stamp(connection: Connection) -> str:
    return str(rows(connection, "SELECT value FROM meta WHERE name = 'references'")[0][0])


def load_material(connection: Connection) -> Material:
    """Everything that works are derived from, as it stands."""
    entries, decisions = tables.entries.c, tables.decisions.c
    found = connection.execute(
        select(
            *(column for column in entries if column.name != "csl"), type_coerce(entries.csl, Text).label("csl")
        ).order_by(entries.id)
    ).all()
    items = _together([row.csl for row in found])
    fronts = select(tables.pages.c.document_id, tables.pages.c.text).join(
        tables.documents, tables.documents.c.id == tables.pages.c.document_id
    )
    works = connection.execute(select(tables.works.c.key, tables.works.c.csl)).all()
    return Material(
        documents=tuple(document for _, document in sorted(load_documents(connection).items())),
        fronts={
            row.document_id: row.text
            for row in connection.execute(
                fronts.where(tables.documents.c.kind == "literature", tables.pages.c.number == 1)
            )
        },
        entries=tuple(_entry(row, item) for row, item in zip(found, items, strict=True)),
        citations=tuple(to_citation(row) for row in connection.execute(CITED)),
        rulings=tuple(
            Ruling(row.id, row.kind, row.verdict == "confirm", _names(row.one), _names(row.other))
            for row in connection.execute(select(tables.decisions).order_by(decisions.id))
        ),
        names={row.name: row.key for row in connection.execute(select(tables.work_names))},
        before=dict(zip((row.key for row in works), _together([row.csl for row in works]), strict=True)),
    )


def store(connection: Connection, related: Related, state: str) -> None:
    """Write what was derived, and only what differs from what stands there."""
    cited: dict[str, int] = {}
    for link in related.links:
        cited[link.key] = cited.get(link.key, 0) + 1
    doubtful = {key for question in related.questions for key in (question.key, question.candidate) if key}
    works, credited = [], []
    for work in related.works:
        who = authors(work.csl)
        works.append(
            (
                work.key,
                _json(work.csl),
                _json(work.raw),
                " " + search_key(work.csl, work.raw),
                " ".join(bare(fold(name)) for name in who) or normal_title(title(work.csl) or " ".join(work.raw[:1])),
                normal_title(title(work.csl)) or LAST,
                year(work.csl),
                cited.get(work.key, 0),
                work.listed,
                work.document_id,
                int(work.key in doubtful),
            )
        )
        seen: set[str] = set()
        for place, name in enumerate(who):
            for folded in (fold(name), bare(fold(name))):
                if folded and folded not in seen:
                    seen.add(folded)
                    credited.append((folded, work.key, place))
    _sync(connection, tables.works, works)
    _sync(connection, tables.work_entries, [(entry, work.key) for work in related.works for entry in work.entries])
    _sync(
        connection,
        tables.work_citations,
        [(link.citation_id, link.key, round(link.score, 3), _reason_json(link.reason)) for link in related.links],
    )
    _sync(connection, tables.work_authors, credited)
    _sync(connection, tables.work_redirects, list(related.redirects.items()))
    _sync(connection, tables.work_names, list(related.names.items()))
    _sync(
        connection,
        tables.doubts,
        [
            (
                question.id,
                question.kind,
                question.key,
                question.candidate,
                question.document_id,
                _json(question.citations),
                _json(sorted(question.one)),
                _json(sorted(question.other)),
                round(question.score, 3),
                _reason_json(question.reason),
            )
            for question in related.questions
        ],
    )
    _stand(connection, related.standing)
    connection.execute(text("UPDATE meta SET value = :state WHERE name = 'references'"), {"state": state})


def _stand(connection: Connection, standing: Iterable[Standing]) -> None:
    """Say of each decision what it is about just now."""
    cleared = dict.fromkeys(("key", "candidate", "document_id", "one_csl", "other_csl"))
    connection.execute(tables.decisions.update().values(**cleared, citations="[]"))
    for one in standing:
        connection.execute(
            tables.decisions.update()
            .where(tables.decisions.c.id == one.ruling)
            .values(
                key=one.key,
                candidate=one.candidate,
                document_id=one.document_id,
                citations=_json(one.citations),
                one_csl=_json(one.one),
                other_csl=_json(one.other),
            )
        )


def _sync(connection: Connection, table: Table, wanted: Sequence[tuple[Any, ...]]) -> None:
    """Make a table hold these rows: what is gone is deleted, what is new or different is written, the rest is left alone."""
    names = [column.name for column in table.columns]
    keys = [i for i, column in enumerate(table.columns) if column.primary_key]
    shown = ", ".join(f'"{name}"' for name in names)
    held = {
        tuple(row[i] for i in keys): tuple(row)
        for row in connection.exec_driver_sql(f"SELECT {shown} FROM {table.name}").all()
    }
    new = {tuple(row[i] for i in keys): row for row in wanted}
    gone = [key for key in held if key not in new]
    changed = [row for key, row in new.items() if held.get(key) != row]
    if gone:
        condition = " AND ".join(f'"{names[i]}" = ?' for i in keys)
        connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE {condition}", gone)
    if changed:
        # An upsert, not a replacement: replacing a row would take along what refers to it.
        others = ", ".join(f'"{name}" = excluded."{name}"' for i, name in enumerate(names) if i not in keys)
        unique = ", ".join(f'"{names[i]}"' for i in keys)
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({shown}) VALUES ({', '.join('?' * len(names))})"
            f" ON CONFLICT ({unique}) DO UPDATE SET {others}",
            changed,
        )


# -- reading rows

_SHOWN = [column for column in tables.works.c if column.name not in {"search", "by_author", "by_title"}]
_ORDERS: dict[str, tuple[Any, ...]] = {
    "author": (tables.works.c.by_author, tables.works.c.year, tables.works.c.by_title, tables.works.c.key),
    "year": (tables.works.c.year.desc(), tables.works.c.by_author, tables.works.c.key),  # SQLite: no year comes last
    "title": (tables.works.c.by_title, tables.works.c.by_author, tables.works.c.key),
    "cited": (
        tables.works.c.cited.desc(),
        tables.works.c.listed.desc(),
        tables.works.c.by_author,
        tables.works.c.year,
        tables.works.c.key,
    ),
}


def _condition(text: str, document_id: int | None, only: Only | None) -> ColumnElement[bool]:
    works = tables.works.c
    conditions: list[ColumnElement[bool]] = [true()]
    # A longer word is found inside a compound, a short one at the start of a word.
    conditions += [
        works.search.like(f"%{word}%" if len(word) > 3 else f"% {word}%") for word in dict.fromkeys(fold(text).split())
    ]
    if document_id is not None:
        citing = (
            select(tables.work_citations.c.key)
            .join(tables.citations, tables.citations.c.id == tables.work_citations.c.citation_id)
            .where(tables.citations.c.document_id == document_id)
        )
        listing = (
            select(tables.work_entries.c.key)
            .join(tables.entries, tables.entries.c.id == tables.work_entries.c.entry_id)
            .where(tables.entries.c.document_id == document_id)
        )
        conditions.append(or_(works.key.in_(citing), works.key.in_(listing)))
    if only in ("cited", "missing"):
        conditions.append(or_(works.cited > 0, works.listed > 0))
    if only == "here":
        conditions.append(works.document_id.is_not(None))
    if only == "missing":
        conditions.append(works.document_id.is_(None))
    if only == "doubtful":
        conditions.append(works.doubtful > 0)
    return and_(*conditions)


def load_references(connection: Connection, keys: Iterable[str]) -> dict[str, Reference]:
    """References by key, each with the places that cite and list it."""
    found = [
        row
        for batch in _batches(list(dict.fromkeys(keys)))
        for row in connection.execute(select(*_SHOWN).where(tables.works.c.key.in_(batch))).all()
    ]
    return {reference.key: reference for reference in _references(connection, found)}


def _references(
    connection: Connection, found: Sequence[Any], conditions: Sequence[Any] | None = None
) -> list[Reference]:
    """References of rows of works. Without `conditions` their places are looked up by key."""
    keys = [row.key for row in found]
    cited: dict[str, list[Citation]] = {}
    listed: dict[str, list[Entry]] = {}
    entries, links = tables.entries.c, tables.work_entries.c
    listing = (
        select(
            *(column for column in entries if column.name != "csl"),
            type_coerce(entries.csl, Text).label("csl"),
            links.key,
        )
        .join(tables.work_entries, links.entry_id == entries.id)
        .order_by(entries.id)
    )
    by_key = tables.work_citations.c.key
    batches: Iterable[Any] = [None] if conditions is not None else _batches(keys)
    for batch in batches:
        citing = CITED.where(by_key.is_not(None) if batch is None else by_key.in_(batch))
        for row in connection.execute(citing):
            cited.setdefault(row.key, []).append(to_citation(row))
        stands = connection.execute(listing if batch is None else listing.where(links.key.in_(batch))).all()
        for row, item in zip(stands, _together([row.csl for row in stands]), strict=True):
            listed.setdefault(row.key, []).append(_entry(row, item, row.key))
    items, raws = _together([row.csl for row in found]), _together([row.raw for row in found])
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
        for row, item, raw in zip(found, items, raws, strict=True)
    ]


def _citations(connection: Connection, ids: Sequence[int]) -> dict[int, Citation]:
    return {
        row.id: to_citation(row)
        for batch in _batches(list(dict.fromkeys(ids)))
        for row in connection.execute(CITED.where(tables.citations.c.id.in_(batch)))
    }


def _entry(row: Any, csl: CSL, key: str | None = None) -> Entry:
    return Entry(row.raw, csl, row.number, row.start, row.end, row.label, key, row.id, row.document_id)


def _bibliography(row: Any) -> Bibliography:
    return Bibliography(row.id, row.filename, row.path, row.sha256, row.records, tuple(row.problems), row.added)


def _names(value: str) -> Names:
    return frozenset(json.loads(value))


def _reason(value: str) -> Reason:
    stored = json.loads(value)
    return Reason(stored["code"], tuple(stored.get("values", ())))


def _reason_json(reason: Reason) -> str:
    return _json({"code": reason.code, **({"values": reason.values} if reason.values else {})})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=dict)


def _together(values: Sequence[str]) -> list[Any]:
    """JSON values read in one go: a fifth of the time that it takes one by one."""
    found: list[Any] = json.loads(f"[{','.join(values)}]")
    return found


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
