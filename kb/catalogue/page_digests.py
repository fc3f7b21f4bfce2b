"""Page digests: the words of each page as one number, to find documents with many of the same pages.

page ─► its different words, without numbers ─► 64 bits ─► index ─► documents that share pages, and how many

Numbers are left out because a footer counts pages or prints a date. Slides of a house style are in many documents that have
nothing else in common: a page of few words has no digest, and a page that many documents have counts for none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.rows import count_by_document
from kb.catalogue.store import autocommit_read, rows, write_transaction
from kb.language import word_counts

RULES = "words-1"
"""Another value for other rules of words or digests: all are then made anew."""
FEWEST_WORDS = 6
"""Different words that a page needs for a digest."""
MOST_HOLDERS = 3
"""More documents than this that have a page have it by their house style."""
MOST = 20
"""Documents that are given."""

_PAGE = tables.page_digests.c


@dataclass(frozen=True, slots=True)
class SharedPages:
    """The pages that a document has in common with some texts."""

    document_id: int
    shared: int
    pages: int
    """Pages with a digest of the side that has more."""


def page_digests(texts: Iterable[str]) -> set[int]:
    """The different digests of pages by their texts, signed integers of 64 bits; none for a page of few words."""
    sets = ({word for word in word_counts(text) if not word.isdigit()} for text in texts)
    return {_digest(words) for words in sets if len(words) >= FEWEST_WORDS}


def _digest(words: Iterable[str]) -> int:
    content = " ".join(sorted(words)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big", signed=True)


def add_page_digests(connection: Connection, document_id: int, texts: Sequence[str]) -> None:
    """Write the digests of a document that has none, from the texts of its pages."""
    found = [{"document_id": document_id, "digest": each} for each in page_digests(texts)]
    if found:
        connection.execute(insert(tables.page_digests), found)


def renew_page_digests(backend: Backend) -> None:
    """Make all digests anew where they were made by other rules than those of this program, or never."""
    known = "SELECT 1 FROM meta WHERE name = 'page_digests' AND value = :rules"
    with autocommit_read(backend) as connection:
        if rows(connection, known, rules=RULES):
            return
    with write_transaction(backend) as connection:
        connection.execute(delete(tables.page_digests))
        ids = select(tables.pages.c.document_id).distinct().order_by(tables.pages.c.document_id)
        for document_id in connection.execute(ids).scalars().all():
            texts = select(tables.pages.c.text).where(tables.pages.c.document_id == document_id)
            add_page_digests(connection, document_id, connection.execute(texts).scalars().all())
        backend.upsert(connection, tables.meta, [("page_digests", RULES)])


def sharing(backend: Backend, connection: Connection, texts: Sequence[str], kind: str) -> list[SharedPages]:
    """The documents of a kind that have pages in common with these texts, at most MOST, those with the most first."""
    ours = page_digests(texts)
    if not ours:
        return []
    rare = (
        select(_PAGE.digest)
        .where(_PAGE.digest.in_(backend.ids(sorted(ours))))
        .group_by(_PAGE.digest)
        .having(func.count() <= MOST_HOLDERS)
    )
    counting = (
        select(_PAGE.document_id, func.count().label("shared"))
        .join(tables.documents, tables.documents.c.id == _PAGE.document_id)
        .where(_PAGE.digest.in_(rare), tables.documents.c.kind == kind)
        .group_by(_PAGE.document_id)
        .order_by(func.count().desc(), _PAGE.document_id)
        .limit(MOST)
    )
    found = connection.execute(counting).all()
    sizes = count_by_document(connection, tables.page_digests, [row.document_id for row in found])
    return [SharedPages(row.document_id, row.shared, max(len(ours), sizes[row.document_id])) for row in found]
