"""The words of passages in the full-text index, made from the pages by the rules of kb.language."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select, text

from kb import language
from kb.catalogue import tables
from kb.catalogue.backend import Backend, Terms
from kb.catalogue.rows import JOINED_WITH_PAGE, to_page, to_passage
from kb.catalogue.store import autocommit_read, new_generation, write_transaction
from kb.model import Language, Page, Passage

_EVERY_PASSAGE = (
    JOINED_WITH_PAGE.join(tables.documents, tables.documents.c.id == tables.pages.c.document_id)
    .add_columns(
        tables.documents.c.title.label("document_title"), tables.documents.c.language.label("document_language")
    )
    .order_by(tables.passages.c.id)
)


def terms_of(passage_id: int, title: str, document_language: Language | None, page: Page, passage: Passage) -> Terms:
    """The terms of a passage: its own, those of its page's title, and those of document title and section."""
    page_language = page.language or document_language
    words, parts = language.index_terms(passage.text, passage.language or page_language)
    context = [language.index_terms(each, page_language) for each in (title, page.section) if each]
    return Terms(
        passage_id,
        title=" ".join(language.index_terms(page.title or "", page_language)),
        words=words,
        parts=parts,
        context=" ".join(" ".join(terms) for terms in context),
    )


def all_terms(connection: Connection) -> Iterator[Terms]:
    """The terms of every passage that has its page, made anew from that page, by id and one at a time."""
    for row in connection.execute(_EVERY_PASSAGE):  # one without its page is damage that `kb check` reports
        yield terms_of(row.passage_id, row.document_title, row.document_language, to_page(row), to_passage(row))


def rebuild_words(backend: Backend, connection: Connection) -> None:
    """Make the terms of every passage anew."""
    backend.words.clear(connection)
    backend.words.add(connection, all_terms(connection))


def renew_words(backend: Backend) -> None:
    """Make all terms anew when they were made by other rules than those of this program, which a search would miss."""
    rules = {"rules": language.FINGERPRINT}
    known = "SELECT 1 FROM meta WHERE name = 'words' AND value = :rules"
    with autocommit_read(backend) as connection:
        if connection.execute(text(known), rules).first() is not None:
            return
        empty = connection.execute(select(tables.passages.c.id).limit(1)).first() is None
    with write_transaction(backend) if empty else new_generation(backend) as connection:
        if connection.execute(text(known), rules).first() is None:  # else another process was faster
            rebuild_words(backend, connection)
            backend.upsert(connection, tables.meta, [("words", language.FINGERPRINT)])
