"""Rows of the catalogue as the types of kb.model, and the statements that several modules read them with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, select, tuple_

from kb.catalogue import tables
from kb.errors import NotInKnowledgeBase, Removed
from kb.model import CSL, Citation, Document, Entry, Page, Passage, Reason, StoredFile

# SQLite takes a limited number of values in one statement.
BATCH = 900

T = TypeVar("T")


# -- documents


def load_document(connection: Connection, document_id: int) -> Document:
    """One document that is not removed. Raises Removed or NotInKnowledgeBase."""
    documents = load_documents(connection, [document_id])
    if document_id in documents:
        return documents[document_id]
    removed = connection.execute(select(tables.documents).where(tables.documents.c.id == document_id)).one_or_none()
    if removed is None:
        raise NotInKnowledgeBase(f"there is no document {document_id}: `kb documents` lists what is here")
    message = f"document {document_id} ({removed.title}) was removed on {removed.removed[:10]}"
    if removed.became is not None:
        message = f"document {document_id} ({removed.title}) is now a version of document {removed.became}"
    raise Removed(message, document_id=document_id, title=removed.title, became=removed.became)


def load_documents(connection: Connection, ids: Iterable[int] | None = None) -> dict[int, Document]:
    """Documents that are not removed, by id, with their files and counts; all of them without `ids`."""
    condition: ColumnElement[bool] = tables.documents.c.removed.is_(None)
    wanted = None if ids is None else list(ids)
    if wanted is not None:
        condition = condition & tables.documents.c.id.in_(wanted)
    documents = {row.id: to_document(row) for row in connection.execute(select(tables.documents).where(condition))}
    files = _files_by_document(connection, wanted)
    counts: dict[str, Mapping[int, int]] = {
        table.name: count_by_document(connection, table, wanted)
        for table in (tables.pages, tables.passages, tables.citations, tables.entries)
    }
    return {
        document_id: replace(
            document,
            files=tuple(files.get(document_id, ())),
            pages=counts["pages"].get(document_id, 0),
            passages=counts["passages"].get(document_id, 0),
            citations=counts["citations"].get(document_id, 0),
            references=counts["entries"].get(document_id, 0),
        )
        for document_id, document in documents.items()
    }


def _files_by_document(connection: Connection, ids: Sequence[int] | None) -> dict[int, list[StoredFile]]:
    choosing = select(tables.files).order_by(tables.files.c.first.desc(), tables.files.c.filename)
    if ids is not None:
        choosing = choosing.where(tables.files.c.document_id.in_(ids))
    files: dict[int, list[StoredFile]] = {}
    for row in connection.execute(choosing):
        files.setdefault(row.document_id, []).append(to_file(row))
    return files


def count_by_document(connection: Connection, table: Any, ids: Sequence[int] | None) -> dict[int, int]:
    """Number of rows of a table by document."""
    counting = select(table.c.document_id, func.count()).group_by(table.c.document_id)
    if ids is not None:
        counting = counting.where(table.c.document_id.in_(ids))
    return {row[0]: row[1] for row in connection.execute(counting) if row[0] is not None}


def to_document(row: Any) -> Document:
    """A document without its files and counts."""
    return Document(
        id=row.id,
        title=row.title,
        kind=row.kind,
        filename=row.filename,
        language=row.language,
        authors=tuple(row.authors),
        year=row.year,
        date=row.date,
        added=row.added,
    )


def to_file(row: Any) -> StoredFile:
    return StoredFile(
        sha256=row.sha256,
        filename=row.filename,
        path=row.path,
        media_type=row.media_type,
        size=row.size,
        first=row.first,
        page_numbers=tuple(row.page_numbers),
    )


# -- pages and passages


def load_pages(connection: Connection, document_id: int) -> tuple[Page, ...]:
    """The pages of a document, in order."""
    choosing = select(tables.pages).where(tables.pages.c.document_id == document_id).order_by(tables.pages.c.number)
    return tuple(to_page(row) for row in connection.execute(choosing))


def to_page(row: Any) -> Page:
    return Page(
        number=row.number,
        text=row.text,
        label=row.label,
        title=row.title,
        section=row.section,
        notes=row.notes,
        hidden=row.hidden,
        divider=row.divider,
        language=row.language,
        problem=row.problem,
    )


# Built once, like the other constant statements: building a statement costs more than running it.
JOINED_WITH_PAGE = select(
    tables.passages.c.id.label("passage_id"),
    tables.passages.c.field,
    tables.passages.c.start,
    tables.passages.c.end,
    tables.passages.c.context,
    tables.passages.c.listing,
    tables.passages.c.language.label("passage_language"),
    tables.pages,
).join(
    tables.pages,
    and_(
        tables.pages.c.document_id == tables.passages.c.document_id,
        tables.pages.c.number == tables.passages.c.number,
    ),
)
"""All passages, each with its page."""
WITH_PAGE = JOINED_WITH_PAGE.where(tables.passages.c.id.in_(bindparam("ids", expanding=True)))
"""Passages by `ids`, each with its page."""


def load_passages(connection: Connection, ids: Sequence[int]) -> dict[int, Passage]:
    """Passages by id, each cut from its page."""
    return {
        row.passage_id: to_passage(row)
        for batch in batches(ids)
        for row in connection.execute(WITH_PAGE, {"ids": batch})
    }


def to_passage(row: Any) -> Passage:
    """A passage of a row of WITH_PAGE."""
    return Passage(
        number=row.number,
        start=row.start,
        end=row.end,
        text=(row.text if row.field == "text" else row.notes)[row.start : row.end],
        field=row.field,
        language=row.passage_language,
        context=row.context,
        listing=row.listing,
        id=row.passage_id,
        document_id=row.document_id,
    )


# -- citations and entries

# The text is cut from its page: substr counts characters from 1.
CITED = (
    select(
        tables.citations,
        func.substr(
            case((tables.citations.c.field == "text", tables.pages.c.text), else_=tables.pages.c.notes),
            tables.citations.c.start + 1,
            tables.citations.c.end - tables.citations.c.start,
        ).label("cut"),
        tables.work_citations.c.key,
    )
    .join(
        tables.pages,
        (tables.pages.c.document_id == tables.citations.c.document_id)
        & (tables.pages.c.number == tables.citations.c.number),
    )
    .outerjoin(tables.work_citations, tables.work_citations.c.citation_id == tables.citations.c.id)
    .order_by(
        tables.citations.c.document_id,
        tables.citations.c.number,
        tables.citations.c.field.desc(),
        tables.citations.c.start,
        tables.citations.c.id,
    )
)
"""All citations in the order of their places, each with its text and the key of the work that it cites."""
_CITED_IN = CITED.where(tables.citations.c.document_id == bindparam("document_id"))
_CITED_ON = CITED.where(
    tuple_(tables.citations.c.document_id, tables.citations.c.number).in_(bindparam("places", expanding=True))
)


def citations_of(connection: Connection, document_id: int) -> tuple[Citation, ...]:
    """The citations of a document."""
    return tuple(to_citation(row) for row in connection.execute(_CITED_IN, {"document_id": document_id}))


def citations_on(connection: Connection, places: Sequence[tuple[int, int]]) -> tuple[Citation, ...]:
    """The citations on pages, each given as (document id, number)."""
    if not places:
        return ()
    return tuple(to_citation(row) for row in connection.execute(_CITED_ON, {"places": list(places)}))


def citations_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Citation]:
    """Citations by id; ids that are gone are left out."""
    return {
        row.id: to_citation(row)
        for batch in batches(list(dict.fromkeys(ids)))
        for row in connection.execute(CITED.where(tables.citations.c.id.in_(batch)))
    }


def to_citation(row: Any) -> Citation:
    """A citation of a row of CITED."""
    return Citation(
        number=row.number,
        start=row.start,
        end=row.end,
        text=row.cut,
        form=row.form,
        authors=tuple(row.authors),
        year=row.year,
        locator=row.locator,
        field=row.field,
        confidence=row.confidence,
        reference=row.key,
        id=row.id,
        document_id=row.document_id,
    )


def to_entry(row: Any, csl: CSL, key: str | None = None) -> Entry:
    """An entry of a row of entries, with its CSL item and the key of its work."""
    place = (row.number, row.start, row.end, row.label)
    return Entry(row.raw, csl, *place, key, row.id, row.document_id, row.confidence)


# -- values


def to_reason(value: str) -> Reason:
    """A reason of its JSON."""
    stored = json.loads(value)
    return Reason(stored["code"], tuple(stored.get("values", ())))


def reason_to_json(reason: Reason) -> str:
    """A reason as it is stored in text columns."""
    return to_json({"code": reason.code, **({"values": reason.values} if reason.values else {})})


def to_json(value: Any) -> str:
    """JSON as it is stored in text columns."""
    return json.dumps(value, ensure_ascii=False, default=dict)


def from_json_all(values: Sequence[str]) -> list[Any]:
    """Parse many JSON values at once, which takes a fifth of the time of one by one."""
    parsed: list[Any] = json.loads(f"[{','.join(values)}]")
    return parsed


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut a long sequence into lists that fit one statement."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
