"""Documents: added, replaced, removed and looked up, each change in one transaction, words included.

    prepared document ─► put ─► documents, files, pages, passages + terms, citations, entries

The row of a removed document stays, with its title, so that its address can say which document it was. The conditions of
a change are checked again inside its transaction: when another process was faster, it raises Overtaken and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.contents import (
    Prepared,
    add_file,
    clear,
    described,
    fill,
    forget_vectors,
    now,
    refuse_held,
    refuse_removed,
    supersede,
    title_key,
)
from kb.catalogue.page_digests import SharedPages, renew_page_digests, sharing
from kb.catalogue.remembered import Remembered
from kb.catalogue.rows import (
    citations_of,
    citations_on,
    load_document,
    load_documents,
    load_pages,
    to_entry,
    to_page,
)
from kb.catalogue.sketches import decks_like, renew_sketches
from kb.catalogue.store import autocommit_read, new_generation, read_transaction
from kb.catalogue.trash import put_in_trash
from kb.catalogue.versions import ask_about
from kb.errors import NotInKnowledgeBase
from kb.model import Citation, Document, Entry, Kind, Page, StoredFile
from kb.versions import Similar

_YEARS = (
    select(tables.documents.c.year)
    .where(tables.documents.c.year.is_not(None), tables.documents.c.removed.is_(None))
    .distinct()
)


class Documents:
    """The documents of a catalogue."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._all: Remembered[str, tuple[Document, ...]] = Remembered(1)

    # -- looking up

    def all(self) -> list[Document]:
        """Every document, by title."""
        with read_transaction(self._backend) as connection:
            return list(self._all.get(connection, ["title"], lambda _: {"title": _by_title(connection)})["title"])

    def years(self) -> list[int]:
        """The different years of the documents, newest first."""
        with autocommit_read(self._backend) as connection:
            return sorted(connection.execute(_YEARS).scalars(), reverse=True)

    def get(self, document_id: int) -> Document:
        """One document. Raises Removed or NotInKnowledgeBase."""
        with read_transaction(self._backend) as connection:
            return load_document(connection, document_id)

    def pages(self, document_id: int) -> tuple[Page, ...]:
        """The pages of a document, in order."""
        with read_transaction(self._backend) as connection:
            load_document(connection, document_id)
            return load_pages(connection, document_id)

    def page(self, document_id: int, number: int) -> Page:
        """One page. Raises NotInKnowledgeBase when the document has no such page."""
        choosing = select(tables.pages).where(
            tables.pages.c.document_id == document_id, tables.pages.c.number == number
        )
        with read_transaction(self._backend) as connection:
            document = load_document(connection, document_id)
            row = connection.execute(choosing).one_or_none()
        if row is None:
            raise NotInKnowledgeBase(
                f"document {document_id} ({document.title}) has no page {number}: its pages run from 1 to {document.pages}"
            )
        return to_page(row)

    def has_problem(self, document_id: int, problem: str) -> bool:
        """Whether a page of a document has this problem."""
        condition = (tables.pages.c.document_id == document_id) & (tables.pages.c.problem == problem)
        with read_transaction(self._backend) as connection:
            return connection.execute(select(tables.pages.c.number).where(condition).limit(1)).first() is not None

    def citations(self, document_id: int, number: int | None = None) -> tuple[Citation, ...]:
        """The citations in a document, or on one page of it, in the order of their places."""
        with read_transaction(self._backend) as connection:
            load_document(connection, document_id)
            if number is None:
                return citations_of(connection, document_id)
            return citations_on(connection, [(document_id, number)])

    def entries(self, document_id: int) -> tuple[Entry, ...]:
        """The entries of a document's reference lists, in order."""
        choosing = (
            select(tables.entries, tables.work_entries.c.key)
            .outerjoin(tables.work_entries, tables.work_entries.c.entry_id == tables.entries.c.id)
            .where(tables.entries.c.document_id == document_id)
            .order_by(tables.entries.c.id)
        )
        with read_transaction(self._backend) as connection:
            return tuple(to_entry(row, row.csl, row.key) for row in connection.execute(choosing))

    def titled(self, title: str) -> list[int]:
        """Ids of the documents with this title, oldest first; none for a title without letters."""
        documents = tables.documents.c
        choosing = (
            select(documents.id)
            .where(documents.title_key == title_key(title), documents.title_key != "", documents.removed.is_(None))
            .order_by(documents.id)
        )
        with read_transaction(self._backend) as connection:
            return list(connection.execute(choosing).scalars())

    def decks_like(self, media_type: str, pages: range, texts: Sequence[str], least: float) -> list[int]:
        """Ids of the decks that may show the same as the pages with these texts; see kb.catalogue.sketches."""
        renew_sketches(self._backend)
        with read_transaction(self._backend) as connection:
            return decks_like(connection, media_type, pages, texts, least)

    def sharing_pages(self, kind: Kind, texts: Sequence[str]) -> list[SharedPages]:
        """The documents of a kind that have pages in common with these texts; see kb.catalogue.page_digests."""
        renew_page_digests(self._backend)
        with read_transaction(self._backend) as connection:
            return sharing(self._backend, connection, texts, kind)

    # -- changing

    def put(self, prepared: Prepared, similar: Similar | None = None) -> Document:
        """Add a new document, and ask whether it is a version of a `similar` one. Raises Overtaken for bytes that are here."""
        moment = now()
        with new_generation(self._backend) as connection:
            refuse_held(connection, prepared.file.sha256)
            adding = insert(tables.documents).values(**described(prepared), added=moment, changed=moment)
            document_id = int(connection.execute(adding).inserted_primary_key[0])  # type: ignore[index]
            fill(self._backend, connection, document_id, prepared)
            if similar is not None:
                ask_about(connection, document_id, similar)
            return load_document(connection, document_id)

    def replace(self, document_id: int, prepared: Prepared, *, keep: Sequence[StoredFile] = ()) -> Document:
        """Replace a document by a new version: same id, everything else new, in one transaction.

        Files in `keep` stay with the document (the other half of a deck and its export); the rest are superseded.
        Raises Overtaken when the document was removed meanwhile, or the bytes came in with another.
        """
        moment = now()
        kept = {file.sha256 for file in keep}
        with new_generation(self._backend) as connection:
            refuse_removed(connection, document_id)
            refuse_held(connection, prepared.file.sha256, but=document_id)
            for row in connection.execute(select(tables.files).where(tables.files.c.document_id == document_id)).all():
                if row.sha256 not in kept and row.sha256 != prepared.file.sha256:
                    supersede(self._backend, connection, document_id, row, moment)
            digests = clear(self._backend, connection, document_id)
            connection.execute(
                update(tables.documents)
                .where(tables.documents.c.id == document_id)
                .values(**described(prepared), changed=moment)
            )
            fill(self._backend, connection, document_id, prepared)
            for file in keep:
                add_file(self._backend, connection, document_id, file)
            forget_vectors(connection, digests)
            return load_document(connection, document_id)

    def add_file(self, document_id: int, file: StoredFile) -> None:
        """Add another file to a document: the same work in another format. Raises Overtaken as `replace` does."""
        with new_generation(self._backend) as connection:
            refuse_removed(connection, document_id)
            refuse_held(connection, file.sha256)
            add_file(self._backend, connection, document_id, file)

    def swap_file(self, document_id: int, old: str, file: StoredFile) -> Document:
        """Replace one file of a document by another; its pages stay as they are. Raises Overtaken as `replace` does."""
        with new_generation(self._backend) as connection:
            refuse_removed(connection, document_id)
            refuse_held(connection, file.sha256)
            row = connection.execute(select(tables.files).where(tables.files.c.sha256 == old)).one_or_none()
            if row is not None:
                supersede(self._backend, connection, document_id, row, now())
                connection.execute(delete(tables.files).where(tables.files.c.sha256 == old))
            add_file(self._backend, connection, document_id, file)
            return load_document(connection, document_id)

    def put_back(self, document_id: int, prepared: Prepared) -> Document:
        """Fill a removed document again, under its own id. Raises Overtaken when its bytes are in another document."""
        with new_generation(self._backend) as connection:
            refuse_held(connection, prepared.file.sha256)
            connection.execute(
                update(tables.documents)
                .where(tables.documents.c.id == document_id, tables.documents.c.removed.is_not(None))
                .values(**described(prepared), changed=now(), removed=None)
            )
            fill(self._backend, connection, document_id, prepared)
            return load_document(connection, document_id)

    def remove(self, document_id: int, *, for_good: bool = False) -> tuple[StoredFile, ...]:
        """Remove a document, keeping its id and title; returns its files.

        They go to the trash, from which the document can be brought back, unless it is removed `for_good`.
        """
        with new_generation(self._backend) as connection:
            document = load_document(connection, document_id)
            if not for_good:
                files = connection.execute(select(tables.files).where(tables.files.c.document_id == document_id)).all()
                put_in_trash(connection, document_id, files, "removed", now())
            digests = clear(self._backend, connection, document_id)
            connection.execute(delete(tables.superseded).where(tables.superseded.c.document_id == document_id))
            connection.execute(delete(tables.paths).where(tables.paths.c.document_id == document_id))
            connection.execute(
                update(tables.documents)
                .where(tables.documents.c.id == document_id)
                .values(removed=now(), authors=[], date=None, year=None)
            )
            forget_vectors(connection, digests)
        return document.files


def _by_title(connection: Connection) -> tuple[Document, ...]:
    """Every document, by title."""
    return tuple(sorted(load_documents(connection).values(), key=lambda item: (item.title.casefold(), item.id)))
