"""Sketches: the words of each document as digests, to find those that may show the same without reading their pages.

    pages ─► word occurrences ("de" 1st, "de" 2nd, …) ─► a digest of 32 bits each, sorted ─► one row a document

Two documents have no more words in common than their sketches have digests in common, for two words with one digest only
add to these. So a document whose sketch is too unlike can be left out unread, and none that is alike is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from sqlalchemy import Connection, delete, exists, insert, select

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.store import autocommit_read, rows, write_transaction
from kb.language import word_counts

# Another value for other rules of words or digests: all sketches are then made anew.
RULES = "crc32-1"
# Sketches that are compared at once: a few MiB.
BATCH = 1000


def digests(texts: Iterable[str]) -> list[int]:
    """The digests of all word occurrences in some texts, 0 to 2**32 - 1, ascending."""
    total: Counter[str] = Counter()
    for text in texts:
        total.update(word_counts(text))
    return sorted(
        crc32(f"{word} {nth}".encode("utf-8", "surrogatepass")) for word, times in total.items() for nth in range(times)
    )


def add_sketch(connection: Connection, document_id: int, texts: Sequence[str]) -> None:
    """Write the sketch of a document that has none, from the texts of its pages."""
    import numpy as np

    found = digests(texts)
    content = np.array(found, dtype="<u4").tobytes()
    connection.execute(
        insert(tables.sketches).values(document_id=document_id, pages=len(texts), words=len(found), digests=content)
    )


def renew_sketches(backend: Backend) -> None:
    """Make all sketches anew where they were made by other rules than those of this program, or never."""
    known = "SELECT 1 FROM meta WHERE name = 'sketches' AND value = :rules"
    with autocommit_read(backend) as connection:
        if rows(connection, known, rules=RULES):
            return
    with write_transaction(backend) as connection:
        if rows(connection, known, rules=RULES):  # another process was faster
            return
        connection.execute(delete(tables.sketches))
        ids = select(tables.pages.c.document_id).distinct().order_by(tables.pages.c.document_id)
        for document_id in connection.execute(ids).scalars().all():
            texts = select(tables.pages.c.text).where(tables.pages.c.document_id == document_id)
            add_sketch(connection, document_id, connection.execute(texts).scalars().all())
        backend.upsert(connection, tables.meta, [("sketches", RULES)])


def decks_like(connection: Connection, media_type: str, pages: range, texts: Sequence[str], least: float) -> list[int]:
    """Ids of the decks without a file of a format, with so many pages, that may share `least` of their words with some texts.

    `least`: Dice coefficient of the words as multisets, above 0 to 1. Each deck that shares as much is among them.
    """
    import numpy as np

    ours = np.array(digests(texts), dtype="<u4")
    if len(ours) == 0:
        return []
    found: list[int] = []
    for ids, content in _candidates(connection, media_type, pages, _sizes(len(ours), least)):
        lengths = np.array([len(each) // 4 for each in content])
        theirs = np.frombuffer(b"".join(content), dtype="<u4")
        places = np.searchsorted(ours, theirs).clip(max=len(ours) - 1)
        common = np.add.reduceat(ours[places] == theirs, np.cumsum(lengths) - lengths, dtype=np.int64)
        alike = 2 * common / (lengths + len(ours)) >= least
        found += [each for each, chosen in zip(ids, alike.tolist(), strict=True) if chosen]
    return sorted(found)


def _sizes(words: int, least: float) -> range:
    """The numbers of words, above 0, of texts that can share `least` with one of so many words."""
    ratio = (2 - least) / least
    return range(max(1, int(words / ratio)), int(words * ratio) + 2)


def _candidates(
    connection: Connection, media_type: str, pages: range, words: range
) -> Iterator[tuple[list[int], list[bytes]]]:
    """Ids and sketches of the decks without a file of a format, of so many pages and words, a batch at a time."""
    sketches, files = tables.sketches.c, tables.files.c
    has_format = exists().where(files.document_id == sketches.document_id, files.media_type == media_type)
    choosing = (
        select(sketches.document_id, sketches.digests)
        .join(tables.documents, tables.documents.c.id == sketches.document_id)
        .where(
            tables.documents.c.kind == "deck",
            sketches.pages.between(pages.start, pages.stop - 1),
            sketches.words.between(words.start, words.stop - 1),
            ~has_format,
        )
    )
    for part in connection.execute(choosing).partitions(BATCH):
        yield [row.document_id for row in part], [row.digests for row in part]
