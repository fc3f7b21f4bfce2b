"""Derivation: cited works, links and questions, computed from documents, entries, citations and decisions.

    documents, entries, imported records, citations, decisions ─► Material
    Material ─► gather (pure) ─► Related ─► tables of works, links and questions

Whoever changed a document or made a decision has everything derived anew from all there is, outside any transaction, and
stores the outcome in one, provided that nothing changed meanwhile. Reading never derives. Deriving anew takes seconds for
ten thousand entries, cannot drift, and makes a removal as thorough as a first ingest; only rows that differ are written.

The key of a work outlives the entries it was derived from: `work_names` remembers, as digests, which content had which key. A
decision is about content too, and waits while that content is away.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, Text, and_, bindparam, delete, select, text, type_coerce, update

from kb.bibliography import authors, fold, search_key, title, year
from kb.bibliography.names import bare
from kb.bibliography.sameness import normal_title
from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.rows import CITED, from_json_all, load_documents, reason_to_json, to_citation, to_entry, to_json
from kb.catalogue.store import read_transaction, rows, write_transaction
from kb.model import CSL, Citation, Document, DoubtKind, Entry, Reason

Names = frozenset[str]
"""The names by which a work or a citation is recognised over the years: digests of its content, never ids."""

# Sorts after every title.
LAST = "\U0010ffff"
# How often a derivation starts again because something changed meanwhile, before it takes the write lock.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision as the derivation needs it: the content that it is about, and the answer."""

    id: int
    kind: DoubtKind
    confirmed: bool
    one: Names
    other: Names


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that works are derived from."""

    documents: tuple[Document, ...] = ()
    fronts: Mapping[int, str] = field(default_factory=dict)
    """The first page of each piece of literature, by document id: its own DOI may be printed there."""
    entries: tuple[Entry, ...] = ()
    """Of reference lists; and imported records, whose `document_id` is None."""
    citations: tuple[Citation, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """The key that each name has had."""
    before: Mapping[str, CSL] = field(default_factory=dict)
    """The works of the last derivation, by key."""


@dataclass(frozen=True, slots=True)
class Work:
    """A cited work."""

    key: str
    csl: CSL
    raw: tuple[str, ...] = ()
    entries: tuple[int, ...] = ()
    """Ids of its entries and imported records."""
    document_id: int | None = None
    names: Names = frozenset()
    listed: int = 0
    """Number of documents whose lists contain it."""


@dataclass(frozen=True, slots=True)
class CitationLink:
    """A citation and the work that it cites."""

    citation_id: int
    key: str
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Question:
    """A question: is the work `key` the same as `candidate`, or as the document?"""

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
    """The works, document and citations that a decision is about at present."""

    ruling: int
    key: str
    candidate: str | None
    document_id: int | None
    citations: tuple[int, ...]
    one: CSL
    other: CSL


@dataclass(frozen=True, slots=True)
class Related:
    """The outcome of a derivation."""

    works: tuple[Work, ...] = ()
    links: tuple[CitationLink, ...] = ()
    questions: tuple[Question, ...] = ()
    standing: tuple[Standing, ...] = ()
    """Decisions whose two sides are here; the others wait."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names with the key to remember for them."""
    redirects: Mapping[str, str] = field(default_factory=dict)
    """Keys of works that were joined to others, with the key of the other."""


Gather = Callable[[Material], Related]


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


# -- reading the material


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


# -- storing the outcome


def _work_rows(related: Related) -> list[tuple[Any, ...]]:
    """A row for each work, with how often it is cited and whether a question is open about it."""
    cited = Counter(link.key for link in related.links)
    doubtful = {key for question in related.questions for key in (question.key, question.candidate) if key}
    return [_work_row(work, cited[work.key], work.key in doubtful) for work in related.works]


def store(backend: Backend, connection: Connection, related: Related, state: str) -> None:
    """Write the outcome of a derivation from the material with stamp `state`; only rows that differ are written."""
    contents: dict[Table, list[tuple[Any, ...]]] = {
        tables.works: _work_rows(related),
        tables.work_entries: [(entry, work.key) for work in related.works for entry in work.entries],
        tables.work_citations: [
            (link.citation_id, link.key, round(link.score, 3), reason_to_json(link.reason)) for link in related.links
        ],
        tables.work_authors: [row for work in related.works for row in _author_rows(work)],
        tables.work_redirects: list(related.redirects.items()),
        tables.work_names: list(related.names.items()),
        tables.doubts: [_question_row(question) for question in related.questions],
    }
    for table, wanted in contents.items():
        _synchronise(backend, connection, table, wanted)
    _store_standing(connection, related.standing)
    connection.execute(text("UPDATE meta SET value = :state WHERE name = 'references'"), {"state": state})


def _work_row(work: Work, cited: int, doubtful: bool) -> tuple[Any, ...]:
    names = " ".join(bare(fold(name)) for name in authors(work.csl))
    return (
        work.key,
        to_json(work.csl),
        to_json(work.raw),
        " " + search_key(work.csl, work.raw),
        names or normal_title(title(work.csl) or " ".join(work.raw[:1])),
        normal_title(title(work.csl)) or LAST,
        year(work.csl),
        cited,
        work.listed,
        work.document_id,
        int(doubtful),
    )


def _author_rows(work: Work) -> Iterator[tuple[str, str, int]]:
    """(folded name, key, place) for each author, with and without particles."""
    seen: set[str] = set()
    for place, name in enumerate(authors(work.csl)):
        for folded in (fold(name), bare(fold(name))):
            if folded and folded not in seen:
                seen.add(folded)
                yield folded, work.key, place


def _question_row(question: Question) -> tuple[Any, ...]:
    return (
        question.id,
        question.kind,
        question.key,
        question.candidate,
        question.document_id,
        to_json(question.citations),
        to_json(sorted(question.one)),
        to_json(sorted(question.other)),
        round(question.score, 3),
        reason_to_json(question.reason),
    )


def _store_standing(connection: Connection, standing: Iterable[Standing]) -> None:
    """Write the works that each decision is about at present."""
    decisions = tables.decisions
    cleared = dict.fromkeys(("key", "candidate", "document_id", "one_csl", "other_csl"))
    connection.execute(update(decisions).values(**cleared, citations="[]"))
    for each in standing:
        connection.execute(
            update(decisions)
            .where(decisions.c.id == each.ruling)
            .values(
                key=each.key,
                candidate=each.candidate,
                document_id=each.document_id,
                citations=to_json(each.citations),
                one_csl=to_json(each.one),
                other_csl=to_json(each.other),
            )
        )


def _synchronise(backend: Backend, connection: Connection, table: Table, wanted: Sequence[tuple[Any, ...]]) -> None:
    """Make a table hold exactly these rows; rows that are the same already are not written."""
    places = [at for at, column in enumerate(table.columns) if column.primary_key]
    held = _by_key(connection.execute(select(table)), places)
    new = _by_key(wanted, places)
    _delete(connection, table, [key for key in held if key not in new])
    backend.upsert(connection, table, [row for key, row in new.items() if held.get(key) != row])


def _by_key(rows: Iterable[Sequence[Any]], places: Sequence[int]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows by their values at the places of the key."""
    return {tuple(row[place] for place in places): tuple(row) for row in rows}


def _delete(connection: Connection, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
    """Delete the rows with these primary keys."""
    if not keys:
        return
    names = [column.name for column in table.columns if column.primary_key]
    condition = and_(*(table.c[name] == bindparam(f"old_{name}") for name in names))
    values = [{f"old_{name}": value for name, value in zip(names, key, strict=True)} for key in keys]
    connection.execute(delete(table).where(condition), values)
