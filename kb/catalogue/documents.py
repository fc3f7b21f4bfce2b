"""Documents: put in, replaced, removed and looked up, each change in one transaction, words included.

    prepared document ─► put ─► documents, files, pages, passages + terms, citations, entries

A removed document leaves a tombstone (its title), so that its address can say what it was. A change decided on what was
read before is checked again inside its transaction: when another process was faster it is Overtaken, and changes nothing.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from kb import language
from kb.catalogue import tables
from kb.catalogue.store import flush, glancing, holding, reading, writing
from kb.errors import NotInKnowledgeBase, Overtaken, Removed
from kb.model import Citation, Document, Entry, Kind, Language, Page, Passage, StoredFile
from kb.originals import Originals


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document read and cut up, ready for the catalogue. Passages, citations and entries point at `pages`."""

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


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue knows of some bytes."""

    document_id: int
    filename: str
    superseded: bool = False


def title_key(title: str) -> str:
    """A title folded to what tells works apart: letters and digits, no case, no accents."""
    folded = unicodedata.normalize("NFKD", title.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in folded if not unicodedata.combining(c))))


def digest(passage: Passage) -> str:
    """SHA-256 of what is embedded for a passage, hexadecimal."""
    return hashlib.sha256(f"{passage.context}\x00{passage.text}".encode("utf-8", "surrogatepass")).hexdigest()


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Documents:
    """The shelf of documents."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- looking up

    def all(self) -> list[Document]:
        """Every document, by title."""
        with reading(self._engine) as connection:
            return sorted(load_documents(connection).values(), key=lambda item: (item.title.casefold(), item.id))

    def get(self, document_id: int) -> Document:
        """One document. Raises Removed or NotInKnowledgeBase."""
        with reading(self._engine) as connection:
            return load_document(connection, document_id)

    def pages(self, document_id: int) -> tuple[Page, ...]:
        """The pages of a document, in order."""
        self.get(document_id)
        with reading(self._engine) as connection:
            return load_pages(connection, document_id)

    def page(self, document_id: int, number: int) -> Page:
        """One page. Raises NotInKnowledgeBase when the document has no such page."""
        document = self.get(document_id)
        with reading(self._engine) as connection:
            row = connection.execute(
                select(tables.pages).where(tables.pages.c.document_id == document_id, tables.pages.c.number == number)
            ).one_or_none()
        if row is None:
            raise NotInKnowledgeBase(
                f"document {document_id} ({document.title}) has no page {number}: its pages run from 1 to {document.pages}"
            )
        return to_page(row)

    def citations(self, document_id: int, number: int | None = None) -> tuple[Citation, ...]:
        """The citations in a document, or on one page of it, as they stand."""
        self.get(document_id)
        with reading(self._engine) as connection:
            if number is not None:
                return load_citations(connection, places=[(document_id, number)])
            return load_citations(connection, document_id)

    def entries(self, document_id: int) -> tuple[Entry, ...]:
        """The entries of a document's reference lists, in order."""
        with reading(self._engine) as connection:
            found = connection.execute(
                select(tables.entries, tables.work_entries.c.key)
                .outerjoin(tables.work_entries, tables.work_entries.c.entry_id == tables.entries.c.id)
                .where(tables.entries.c.document_id == document_id)
                .order_by(tables.entries.c.id)
            )
            return tuple(to_entry(row) for row in found)

    def known(self, sha256: str) -> Known | None:
        """The document that these bytes belong, or belonged, to."""
        with reading(self._engine) as connection:
            for table, old in ((tables.files, False), (tables.superseded, True)):
                row = connection.execute(
                    select(table.c.document_id, table.c.filename).where(table.c.sha256 == sha256)
                ).one_or_none()
                if row is not None:
                    return Known(row.document_id, row.filename, superseded=old)
        return None

    def at_path(self, path: str) -> tuple[int, str] | None:
        """(document id, sha256) of what was last seen at a path."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(tables.paths)
                .join(tables.documents, tables.documents.c.id == tables.paths.c.document_id)
                .where(tables.paths.c.path == path, tables.documents.c.removed.is_(None))
            ).one_or_none()
        return None if row is None else (row.document_id, row.sha256)

    def paths_of(self, sha256: str) -> list[str]:
        """The paths where these bytes were last seen."""
        with reading(self._engine) as connection:
            found = connection.execute(select(tables.paths.c.path).where(tables.paths.c.sha256 == sha256))
            return sorted(found.scalars())

    def titled(self, title: str) -> list[int]:
        """Ids of the documents with this title, oldest first; a title without letters names nothing."""
        key = title_key(title)
        if not key:
            return []
        with reading(self._engine) as connection:
            found = connection.execute(
                select(tables.documents.c.id)
                .where(tables.documents.c.title_key == key, tables.documents.c.removed.is_(None))
                .order_by(tables.documents.c.id)
            )
            return list(found.scalars())

    def with_page_count(self, low: int, high: int, kind: Kind) -> list[int]:
        """Ids of the documents of a kind that have between `low` and `high` pages."""
        counted = (
            select(tables.pages.c.document_id, func.count().label("n")).group_by(tables.pages.c.document_id).subquery()
        )
        with reading(self._engine) as connection:
            found = connection.execute(
                select(tables.documents.c.id)
                .join(counted, counted.c.document_id == tables.documents.c.id)
                .where(tables.documents.c.kind == kind, counted.c.n.between(low, high))
                .order_by(tables.documents.c.id)
            )
            return list(found.scalars())

    # -- changing

    def put(self, prepared: Prepared) -> Document:
        """Take a new document in. Raises Overtaken when its bytes came in meanwhile."""
        moment = now()
        with writing(self._engine) as connection:
            refuse_held(connection, prepared.file.sha256)
            document_id = int(
                connection.execute(
                    insert(tables.documents).values(**described(prepared), added=moment, changed=moment)
                ).inserted_primary_key[0]  # type: ignore[index]
            )
            fill(connection, document_id, prepared)
            return load_documents(connection, [document_id])[document_id]

    def replace(self, document_id: int, prepared: Prepared, *, keep: Sequence[StoredFile] = ()) -> Document:
        """Put a new version in a document's place: same id, everything else anew, in one transaction.

        Files in `keep` stay with the document (the other half of a deck and its export); the rest are superseded.
        Raises Overtaken when the document was removed meanwhile, or the bytes came in with another.
        """
        moment = now()
        kept = {file.sha256 for file in keep}
        with writing(self._engine) as connection:
            refuse_removed(connection, document_id)
            refuse_held(connection, prepared.file.sha256, but=document_id)
            for row in connection.execute(select(tables.files).where(tables.files.c.document_id == document_id)):
                if row.sha256 not in kept and row.sha256 != prepared.file.sha256:
                    supersede(connection, document_id, row, moment)
            digests = clear(connection, document_id)
            connection.execute(
                update(tables.documents)
                .where(tables.documents.c.id == document_id)
                .values(**described(prepared), changed=moment)
            )
            fill(connection, document_id, prepared)
            for file in keep:
                add_file(connection, document_id, file)
            forget_vectors(connection, digests)
            return load_documents(connection, [document_id])[document_id]

    def add_file(self, document_id: int, file: StoredFile) -> None:
        """Give a document another file: the same work in another format. Raises Overtaken as `replace` does."""
        with writing(self._engine) as connection:
            refuse_removed(connection, document_id)
            refuse_held(connection, file.sha256)
            add_file(connection, document_id, file)

    def swap_file(self, document_id: int, old: str, file: StoredFile) -> Document:
        """Put a file in the place of another of the same document; its pages stay as they are.

        Raises Overtaken as `replace` does.
        """
        with writing(self._engine) as connection:
            refuse_removed(connection, document_id)
            refuse_held(connection, file.sha256)
            row = connection.execute(select(tables.files).where(tables.files.c.sha256 == old)).one_or_none()
            if row is not None:
                supersede(connection, document_id, row, now())
                connection.execute(delete(tables.files).where(tables.files.c.sha256 == old))
            add_file(connection, document_id, file)
            return load_documents(connection, [document_id])[document_id]

    def seen_at(self, path: str, sha256: str, document_id: int) -> None:
        """Remember that these bytes were met at a path. No change that a reader could notice."""
        with holding(self._engine) as connection:
            remember_path(connection, path, sha256, document_id)

    def remove(self, document_id: int) -> tuple[StoredFile, ...]:
        """Remove a document, leaving a tombstone; returns its files, whose bytes nothing refers to any more."""
        with writing(self._engine) as connection:
            document = load_document(connection, document_id)
            digests = clear(connection, document_id)
            connection.execute(delete(tables.superseded).where(tables.superseded.c.document_id == document_id))
            connection.execute(delete(tables.paths).where(tables.paths.c.document_id == document_id))
            connection.execute(
                update(tables.documents)
                .where(tables.documents.c.id == document_id)
                .values(removed=now(), authors=[], date=None, year=None)
            )
            forget_vectors(connection, digests)
        return document.files

    def holds(self, sha256: str) -> bool:
        """Whether a document holds these bytes."""
        known = self.known(sha256)
        return known is not None and not known.superseded

    def discard(self, sha256: str, originals: Originals) -> None:
        """Delete a stored file, unless a document holds it; no other process can take it up in between.

        The commits that made it superfluous are flushed to disk first: after a power cut the catalogue may be older
        than the last commit, and then still needs the file.
        """
        with holding(self._engine) as connection:
            if not _is_held(connection, sha256):
                flush(self._engine)
                originals.discard(sha256)

    def quarantine(self, sha256: str, originals: Originals) -> None:
        """Move a stored file that no document holds out of the way, without deleting it."""
        with holding(self._engine) as connection:
            if not _is_held(connection, sha256):
                originals.quarantine(sha256)


# -- writing rows


def _is_held(connection: Connection, sha256: str) -> bool:
    """Whether a document holds these bytes."""
    holder = select(tables.files.c.document_id).where(tables.files.c.sha256 == sha256)
    return connection.execute(holder).first() is not None


def refuse_held(connection: Connection, sha256: str, *, but: int | None = None) -> None:
    holder = connection.execute(select(tables.files.c.document_id).where(tables.files.c.sha256 == sha256)).scalar()
    if holder is not None and holder != but:
        raise Overtaken(f"the same bytes came in a moment ago, with document {holder}: ingest the file again")


def refuse_removed(connection: Connection, document_id: int) -> None:
    here = tables.documents.c.removed.is_(None)
    if (
        connection.execute(select(tables.documents.c.id).where(tables.documents.c.id == document_id, here)).first()
        is None
    ):
        raise Overtaken(f"document {document_id} was removed a moment ago: ingest the file again")


def described(prepared: Prepared) -> dict[str, Any]:
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


def fill(connection: Connection, document_id: int, prepared: Prepared) -> None:
    """Write everything that hangs on a document."""
    add_file(connection, document_id, prepared.file)
    connection.execute(
        insert(tables.pages),
        [
            {
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
            for page in prepared.pages
        ],
    )
    by_number = {page.number: page for page in prepared.pages}
    for passage in prepared.passages:
        page = by_number[passage.number]
        if page.field(passage.field)[passage.start : passage.end] != passage.text:
            raise ValueError(f"a passage of page {passage.number} does not stand there: {passage.text[:60]!r}")
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
        add_terms(connection, passage_id, prepared.title, prepared.language, page, passage)
    if prepared.citations:
        connection.execute(
            insert(tables.citations),
            [
                {
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
                for citation in prepared.citations
            ],
        )
    if prepared.entries:
        connection.execute(
            insert(tables.entries),
            [
                {
                    "document_id": document_id,
                    "number": entry.number,
                    "start": entry.start,
                    "end": entry.end,
                    "label": entry.label,
                    "raw": entry.raw,
                    "csl": dict(entry.csl),
                }
                for entry in prepared.entries
            ],
        )


def terms_of(
    passage_id: int, title: str, speech: Language | None, page: Page, passage: Passage
) -> dict[str, int | str]:
    """The words of a passage as they are kept: its own, and those it stands under. `speech` is the document's language."""
    spoken = page.language or speech
    words, parts = language.index_terms(passage.text, passage.language or spoken)
    above = [language.index_terms(part, spoken) for part in (title, page.section) if part]
    return {
        "id": passage_id,
        "title": " ".join(language.index_terms(page.title or "", spoken)),
        "words": words,
        "parts": parts,
        "context": " ".join(" ".join(terms) for terms in above),
    }


def add_terms(
    connection: Connection, passage_id: int, title: str, speech: Language | None, page: Page, passage: Passage
) -> None:
    """Write the words of a passage."""
    connection.execute(
        text("INSERT INTO terms (rowid, title, words, parts, context) VALUES (:id, :title, :words, :parts, :context)"),
        terms_of(passage_id, title, speech, page, passage),
    )


def all_terms(connection: Connection) -> Iterator[dict[str, int | str]]:
    """The words of every passage that has its page, made from it, as `terms_of` gives them."""
    documents = {row.id: row for row in connection.execute(select(tables.documents))}
    pages = {(row.document_id, row.number): to_page(row) for row in connection.execute(select(tables.pages))}
    for row in connection.execute(select(tables.passages)).all():
        page, document = pages.get((row.document_id, row.number)), documents.get(row.document_id)
        if page is None or document is None:
            continue  # a damaged catalogue, which `kb check` names
        said = page.field(row.field)[row.start : row.end]
        passage = Passage(row.number, row.start, row.end, said, field=row.field, language=row.language)
        yield terms_of(row.id, document.title, document.language, page, passage)


def rebuild_words(connection: Connection) -> None:
    """Make the words of every passage again from its page."""
    connection.execute(text("INSERT INTO terms (terms) VALUES ('rebuild')"))  # a damaged index lets nothing be deleted
    connection.execute(text("DELETE FROM terms"))
    for terms in all_terms(connection):
        connection.execute(
            text(
                "INSERT INTO terms (rowid, title, words, parts, context) VALUES (:id, :title, :words, :parts, :context)"
            ),
            terms,
        )


def renew_words(engine: Engine) -> None:
    """Make all words again when they were made by other rules than ours: a search would ask for what is not there."""
    ours = {"rules": language.FINGERPRINT}
    known = "SELECT 1 FROM meta WHERE name = 'words' AND value = :rules"
    with glancing(engine) as connection:
        if connection.execute(text(known), ours).first() is not None:
            return
        empty = connection.execute(select(tables.passages.c.id).limit(1)).first() is None
    with holding(engine) if empty else writing(engine) as connection:
        if connection.execute(text(known), ours).first() is None:  # else another process was faster
            rebuild_words(connection)
            connection.execute(text("INSERT OR REPLACE INTO meta (name, value) VALUES ('words', :rules)"), ours)


def add_file(connection: Connection, document_id: int, file: StoredFile) -> None:
    connection.execute(delete(tables.superseded).where(tables.superseded.c.sha256 == file.sha256))
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
    remember_path(connection, file.path, file.sha256, document_id)


def supersede(connection: Connection, document_id: int, file: Any, moment: str) -> None:
    connection.execute(
        upsert(tables.superseded)
        .values(sha256=file.sha256, document_id=document_id, filename=file.filename, at=moment)
        .on_conflict_do_nothing()
    )


def remember_path(connection: Connection, path: str, sha256: str, document_id: int) -> None:
    values = {"sha256": sha256, "document_id": document_id}
    connection.execute(
        upsert(tables.paths).values(path=path, **values).on_conflict_do_update(index_elements=["path"], set_=values)
    )


def clear(connection: Connection, document_id: int) -> list[str]:
    """Take away everything that hangs on a document, its words too; the document's own row stays.

    Returns the digests of its passages, whose vectors the caller forgets once the new passages stand.
    """
    digests = connection.execute(
        select(tables.passages.c.digest).where(tables.passages.c.document_id == document_id).distinct()
    )
    gone = list(digests.scalars())
    connection.execute(
        text("DELETE FROM terms WHERE rowid IN (SELECT id FROM passages WHERE document_id = :id)"), {"id": document_id}
    )
    for table in (tables.citations, tables.entries, tables.passages, tables.pages, tables.files):
        connection.execute(delete(table).where(table.c.document_id == document_id))
    return gone


def forget_vectors(connection: Connection, digests: Sequence[str]) -> None:
    """What is removed is gone: no vector stays of a text that no passage holds."""
    forgetting = text(
        "DELETE FROM vectors WHERE digest = :digest"
        " AND NOT EXISTS (SELECT 1 FROM passages WHERE passages.digest = vectors.digest)"
    )
    if digests:
        connection.execute(forgetting, [{"digest": value} for value in digests])


# -- reading rows


def load_document(connection: Connection, document_id: int) -> Document:
    """One live document. Raises Removed or NotInKnowledgeBase."""
    found = load_documents(connection, [document_id])
    if document_id in found:
        return found[document_id]
    gone = connection.execute(
        select(tables.documents.c.title, tables.documents.c.removed).where(tables.documents.c.id == document_id)
    ).one_or_none()
    if gone is not None:
        raise Removed(f"document {document_id} ({gone.title}) was removed on {gone.removed[:10]}", title=gone.title)
    raise NotInKnowledgeBase(f"there is no document {document_id}: `kb documents` lists what is here")


def load_documents(connection: Connection, ids: Iterable[int] | None = None) -> dict[int, Document]:
    """Live documents by id, with their files and counts."""
    condition: ColumnElement[bool] = tables.documents.c.removed.is_(None)
    wanted = None if ids is None else list(ids)
    if wanted is not None:
        condition = condition & tables.documents.c.id.in_(wanted)
    found: dict[int, Document] = {
        row.id: Document(
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
        for row in connection.execute(select(tables.documents).where(condition))
    }
    files: dict[int, list[StoredFile]] = {}
    chosen = select(tables.files).order_by(tables.files.c.first.desc(), tables.files.c.filename)
    if wanted is not None:
        chosen = chosen.where(tables.files.c.document_id.in_(wanted))
    for row in connection.execute(chosen):
        files.setdefault(row.document_id, []).append(to_file(row))
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
        for document_id, document in found.items()
    }


def count_by_document(connection: Connection, table: Any, ids: Sequence[int] | None) -> dict[int, int]:
    counting = select(table.c.document_id, func.count()).group_by(table.c.document_id)
    if ids is not None:
        counting = counting.where(table.c.document_id.in_(ids))
    return {row[0]: row[1] for row in connection.execute(counting) if row[0] is not None}


def load_pages(connection: Connection, document_id: int) -> tuple[Page, ...]:
    found = connection.execute(
        select(tables.pages).where(tables.pages.c.document_id == document_id).order_by(tables.pages.c.number)
    )
    return tuple(to_page(row) for row in found)


# Statements that every search runs are built once: building one costs more than running it.
# The text is cut from its page: SQLite's substr counts from 1, in characters.
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
    )
)
_CITED_IN = CITED.where(tables.citations.c.document_id == bindparam("document_id"))
_CITED_ON = CITED.where(
    tuple_(tables.citations.c.document_id, tables.citations.c.number).in_(bindparam("places", expanding=True))
)


def load_citations(
    connection: Connection, document_id: int | None = None, *, places: Sequence[tuple[int, int]] = ()
) -> tuple[Citation, ...]:
    """Citations of a document, or on pages given as (document id, number), each with the key of the work it cites."""
    if document_id is not None:
        found = connection.execute(_CITED_IN, {"document_id": document_id})
    else:
        found = connection.execute(_CITED_ON, {"places": list(places)})
    return tuple(to_citation(row) for row in found)


def to_citation(row: Any) -> Citation:
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


def to_entry(row: Any) -> Entry:
    return Entry(
        raw=row.raw,
        csl=row.csl,
        number=row.number,
        start=row.start,
        end=row.end,
        label=row.label,
        reference=row.key,
        id=row.id,
        document_id=row.document_id,
    )
