"""Writing and deleting the rows that belong to a document: files, pages, passages with words, citations, entries."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from kb.boxes import PageWords
from kb.catalogue import tables
from kb.catalogue.backend import Backend, Terms
from kb.catalogue.page_digests import add_page_digests
from kb.catalogue.page_words import add_page_words
from kb.catalogue.sketches import add_sketch
from kb.catalogue.trash import put_in_trash, take_from_trash
from kb.catalogue.words import terms_of
from kb.errors import Overtaken
from kb.language import plain_letters
from kb.model import Citation, Entry, Kind, Language, Page, Passage, StoredFile


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document read and cut into passages, ready for the catalogue. Passages, citations and entries refer to `pages`."""

    title: str
    kind: Kind
    language: Language | None
    authors: tuple[str, ...]
    date: str | None
    pages: tuple[Page, ...]
    passages: tuple[Passage, ...]
    citations: tuple[Citation, ...]
    entries: tuple[Entry, ...]
    file: StoredFile
    words: Mapping[int, PageWords] = field(default_factory=dict)
    """The words on the images of the pages that were read with text recognition, by page number."""


def title_key(title: str) -> str:
    """A title folded to letters and digits, without case and accents, for comparison with other titles."""
    return " ".join(re.findall(r"[^\W_]+", plain_letters(title)))


def digest(passage: Passage) -> str:
    """SHA-256 of the text that is embedded for a passage, hexadecimal."""
    return hashlib.sha256(f"{passage.context}\x00{passage.text}".encode("utf-8", "surrogatepass")).hexdigest()


def now() -> str:
    """The present time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


# -- conditions of a change


def is_held(connection: Connection, sha256: str) -> bool:
    """Whether a document holds these bytes."""
    holder = select(tables.files.c.document_id).where(tables.files.c.sha256 == sha256)
    return connection.execute(holder).first() is not None


def refuse_held(connection: Connection, sha256: str, *, but: int | None = None) -> None:
    """Raise Overtaken when another document than `but` holds these bytes."""
    holder = connection.execute(select(tables.files.c.document_id).where(tables.files.c.sha256 == sha256)).scalar()
    if holder is not None and holder != but:
        raise Overtaken(f"the same bytes came in a moment ago, with document {holder}: ingest the file again")


def refuse_removed(connection: Connection, document_id: int) -> None:
    """Raise Overtaken when a document was removed."""
    here = tables.documents.c.removed.is_(None)
    choosing = select(tables.documents.c.id).where(tables.documents.c.id == document_id, here)
    if connection.execute(choosing).first() is None:
        raise Overtaken(f"document {document_id} was removed a moment ago: ingest the file again")


# -- writing


def described(prepared: Prepared) -> dict[str, Any]:
    """The values of a document's own row."""
    year = re.match(r"\d{4}", prepared.date or "")
    return {
        "title": prepared.title,
        "title_key": title_key(prepared.title),
        "kind": prepared.kind,
        "filename": prepared.file.filename,
        "language": prepared.language,
        "authors": list(prepared.authors),
        "date": prepared.date,
        "year": int(year.group()) if year else None,
    }


def fill(backend: Backend, connection: Connection, document_id: int, prepared: Prepared) -> None:
    """Write everything that belongs to a document."""
    add_file(backend, connection, document_id, prepared.file)
    add_page_words(connection, prepared.file.sha256, prepared.words)
    connection.execute(insert(tables.pages), [_page_row(document_id, page) for page in prepared.pages])
    texts = [page.text for page in prepared.pages]
    add_sketch(connection, document_id, texts)
    add_page_digests(connection, document_id, texts)
    backend.words.add(connection, _add_passages(connection, document_id, prepared))
    if prepared.citations:
        connection.execute(insert(tables.citations), [_citation_row(document_id, each) for each in prepared.citations])
    if prepared.entries:
        connection.execute(insert(tables.entries), [_entry_row(document_id, each) for each in prepared.entries])


def _add_passages(connection: Connection, document_id: int, prepared: Prepared) -> Iterator[Terms]:
    """Write passages, and give the terms of each."""
    by_number = {page.number: page for page in prepared.pages}
    for passage in prepared.passages:
        page = by_number[passage.number]
        if page.field(passage.field)[passage.start : passage.end] != passage.text:
            raise ValueError(f"a passage is not in the text of page {passage.number}: {passage.text[:60]!r}")
        passage_id = connection.execute(
            insert(tables.passages).values(
                document_id=document_id,
                number=passage.number,
                field=passage.field,
                start=passage.start,
                end=passage.end,
                language=passage.language,
                context=passage.context,
                listing=passage.listing,
                digest=digest(passage),
            )
        ).inserted_primary_key[0]  # type: ignore[index]
        yield terms_of(passage_id, prepared.title, prepared.language, page, passage)


def _page_row(document_id: int, page: Page) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "number": page.number,
        "label": page.label or str(page.number),
        "title": page.title,
        "section": page.section,
        "text": page.text,
        "notes": page.notes,
        "hidden": page.hidden,
        "divider": page.divider,
        "language": page.language,
        "problem": page.problem,
    }


def _citation_row(document_id: int, citation: Citation) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "number": citation.number,
        "field": citation.field,
        "start": citation.start,
        "end": citation.end,
        "form": citation.form,
        "authors": list(citation.authors),
        "year": citation.year,
        "locator": citation.locator,
        "confidence": citation.confidence,
    }


def _entry_row(document_id: int, entry: Entry) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "number": entry.number,
        "start": entry.start,
        "end": entry.end,
        "label": entry.label,
        "raw": entry.raw,
        "csl": dict(entry.csl),
        "confidence": entry.confidence,
    }


def add_file(backend: Backend, connection: Connection, document_id: int, file: StoredFile) -> None:
    """Add a file to a document, and remember its path."""
    connection.execute(delete(tables.superseded).where(tables.superseded.c.sha256 == file.sha256))
    take_from_trash(connection, [file.sha256])
    connection.execute(
        insert(tables.files).values(
            sha256=file.sha256,
            document_id=document_id,
            filename=file.filename,
            path=file.path,
            media_type=file.media_type,
            size=file.size,
            first=file.first,
            page_numbers=list(file.page_numbers),
        )
    )
    backend.upsert(connection, tables.paths, [(file.path, file.sha256, document_id)])


def supersede(backend: Backend, connection: Connection, document_id: int, file: Any, moment: str) -> None:
    """Remember a file, given as its row, as an earlier version of a document, and keep it in the trash."""
    put_in_trash(connection, document_id, [file], "replaced", moment)
    backend.upsert(connection, tables.superseded, [(file.sha256, document_id, file.filename, moment)], overwrite=False)


# -- deleting


def clear(backend: Backend, connection: Connection, document_id: int) -> list[str]:
    """Delete everything that belongs to a document, words included; its own row stays.

    Returns the digests of its passages, whose vectors `forget_vectors` deletes once the new passages are written.
    """
    digests = connection.execute(
        select(tables.passages.c.digest).where(tables.passages.c.document_id == document_id).distinct()
    )
    cleared = list(digests.scalars())
    backend.words.remove(connection, document_id)
    derived = (tables.citations, tables.entries, tables.passages, tables.sketches, tables.page_digests)
    for table in (*derived, tables.pages, tables.files):
        connection.execute(delete(table).where(table.c.document_id == document_id))
    return cleared


def forget_vectors(connection: Connection, digests: Sequence[str]) -> None:
    """Delete the vectors of texts that no passage holds any more."""
    forgetting = text(
        "DELETE FROM vectors WHERE digest = :digest"
        " AND NOT EXISTS (SELECT 1 FROM passages WHERE passages.digest = vectors.digest)"
    )
    if digests:
        connection.execute(forgetting, [{"digest": value} for value in digests])
