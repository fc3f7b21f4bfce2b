"""Whether the catalogue agrees with itself and with the stored files.

    originals ─ files ─ documents ─ pages ─┬─ passages ─┬─ words
                                           │            └─ vectors
                                           └─ citations, entries ─ references, questions

Every finding names the problem, the place and the remedy. Derived data is made again from stored data: words and
vectors here, references by the caller (`KnowledgeBase.relate`). A stored file that no document holds is moved to a quarantine
folder, never deleted; a missing file or a damaged page cannot be made again, and is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, or_, select, true

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.deriving import stamp, stored_stamp
from kb.catalogue.files import Files
from kb.catalogue.rows import batches
from kb.catalogue.store import new_generation, read_transaction, rows, write_transaction
from kb.catalogue.vectors import revise_vectors
from kb.catalogue.words import all_terms, rebuild_words
from kb.originals import Originals

# The remedy for a page, or a place on one, that cannot be made again from stored data.
BY_HAND = "restore a backup, or remove the document and ingest its file again"
# A vector this far from length 1 is not one that an encoder gave; those of sentences are kept in half precision.
UNIT = 0.01
# Progress is reported after so many passages.
REPORTED = 500

Progress = Callable[[int, int, str], None]
Part = Literal["files", "catalogue", "words", "vectors", "references"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree."""

    part: Part
    message: str
    repaired: bool = False


def check(
    backend: Backend,
    originals: Originals,
    fingerprint: str,
    *,
    repair: bool = False,
    progress: Progress | None = None,
) -> list[Finding]:
    """Compare files, catalogue, words and vectors; with `repair` repair them as far as possible.

    `fingerprint` is the encoder's: vectors of another are left over, passages without one of this are waiting. `progress`
    is called with the number of passages whose words were compared, their total, and "passages".
    """
    findings = [*_database(backend), *_files(backend, originals, repair)]
    findings += [*_pages(backend), *_words(backend, repair, progress), *_vectors(backend, fingerprint, repair)]
    findings += _references(backend, repair)
    return findings + _displaced(backend, repair)


def _database(backend: Backend) -> list[Finding]:
    with read_transaction(backend) as connection:
        damage, orphans = backend.damage(connection), backend.orphans(connection)
    findings = [Finding("catalogue", f"the database is damaged ({line}): restore a backup") for line in damage[:5]]
    return findings + [
        Finding("catalogue", f"{count} rows of {table} belong to nothing: restore a backup")
        for table, count in orphans.items()
    ]


def _files(backend: Backend, originals: Originals, repair: bool) -> list[Finding]:
    with read_transaction(backend) as connection:
        known = {row.sha256: (row.filename, row.document_id) for row in connection.execute(select(tables.files)).all()}
        bare = rows(
            connection,
            "SELECT id, title FROM documents WHERE removed IS NULL"
            " AND id NOT IN (SELECT document_id FROM files WHERE first)",
        )
    findings = [Finding("files", f"document {row.id} ({row.title}) has no file: ingest it again") for row in bare]
    for sha256, (filename, document_id) in sorted(known.items(), key=lambda item: item[1]):
        if not originals.sound(sha256) and not (repair and originals.recover(sha256)):
            lost = f"the original of {filename} (document {document_id}) is missing or damaged"
            findings.append(Finding("files", f"{lost}: ingest the file again, or restore a backup"))
    return findings + _strays(Files(backend), originals, known, repair)


def _displaced(backend: Backend, repair: bool) -> list[Finding]:
    """Files that 0.1.0 replaced by one of the same title, and that are not here again; a repair forgets them."""
    table = tables.displaced
    choosing = (
        select(table.c.sha256, table.c.filename, tables.documents.c.id, tables.documents.c.title)
        .join(tables.documents, tables.documents.c.id == table.c.document_id)
        .where(~exists().where(tables.files.c.sha256 == table.c.sha256))
        .order_by(tables.documents.c.id, table.c.filename)
    )
    with read_transaction(backend) as connection:
        found = connection.execute(choosing).all()
    if repair and found:
        with write_transaction(backend) as connection:
            connection.execute(delete(table))
    forgotten = "; from now on it is not named any more" if repair else ""
    return [
        Finding(
            "catalogue",
            f"{row.filename} was replaced by document {row.id} ({row.title}), by its title alone: ingest {row.filename} again"
            f" if it is another document{forgotten}",
            repair,
        )
        for row in found
    ]


def _strays(files: Files, originals: Originals, known: Collection[str], repair: bool) -> list[Finding]:
    """Stored files that belong to no document.

    After a power cut one may be the last copy of something, so a repair moves it and deletes nothing.
    """
    findings = []
    for sha256 in originals.all():
        if sha256 in known or files.holds(sha256):  # it may have come in while the files were read
            continue
        moved = f", and was moved to {originals.quarantine_folder}" if repair else ""
        if repair:
            files.quarantine(sha256, originals)
        findings.append(Finding("files", f"the stored file {sha256[:12]}… belongs to no document{moved}", repair))
    return findings


def _pages(backend: Backend) -> list[Finding]:
    with read_transaction(backend) as connection:
        pageless = rows(
            connection,
            "SELECT id, title FROM documents d WHERE removed IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.document_id = d.id)",
        )
        gaps = rows(
            connection,
            "SELECT document_id, count(*) AS n, max(number) AS last, min(number) AS first FROM pages"
            " GROUP BY document_id HAVING n <> last OR first <> 1",
        )
        findings = [
            Finding("catalogue", f"document {row.id} ({row.title}) has no pages: {BY_HAND}") for row in pageless
        ]
        findings += [
            Finding(
                "catalogue",
                f"document {row.document_id} has {row.n} pages, numbered {row.first} to {row.last}: {BY_HAND}",
            )
            for row in gaps
        ]
        for table in ("passages", "citations"):
            outside = rows(
                connection,
                f"SELECT t.id, t.document_id, t.number FROM {table} t JOIN pages p USING (document_id, number) WHERE t.start < 0 "
                'OR t.start >= t."end" OR t."end" > length(CASE t.field WHEN \'text\' THEN p.text ELSE p.notes END)',
            )
            findings += [
                Finding(
                    "catalogue",
                    f"{table[:-1]} {row.id} lies outside page {row.number} of document {row.document_id}: {BY_HAND}",
                )
                for row in outside
            ]
    return findings


def _words(backend: Backend, repair: bool, progress: Progress | None) -> list[Finding]:
    if damage := backend.words.damage():
        findings = [Finding("words", f"the table of words is damaged ({damage})", repair)]
    else:
        with read_transaction(backend) as connection:
            lost, different, left = _compare_words(backend, connection, progress)
        counted = {
            "passages cannot be found by their words": lost,
            "passages have other words kept than stand on their pages": different,
            "passages that are gone have left their words": left,
        }
        findings = [Finding("words", f"{count} {what}", repair) for what, count in counted.items() if count]
    if repair and findings:
        with new_generation(backend) as connection:
            rebuild_words(backend, connection)
    return findings


def _compare_words(backend: Backend, connection: Connection, progress: Progress | None) -> tuple[int, int, int]:
    """Number of passages without words, of those whose words differ from their pages, and of words without a passage."""
    lost = different = left = 0
    stored = iter(backend.words.all(connection))
    terms = next(stored, None)
    made = all_terms(connection)
    expected = next(made, None)
    total = _count(connection, tables.passages, true())
    # Both are in the order of the ids, so that one of each is in memory at a time.
    ids = connection.execute(select(tables.passages.c.id).order_by(tables.passages.c.id)).scalars()
    for done, passage_id in enumerate(ids, 1):
        if progress is not None and (done % REPORTED == 0 or done == total):
            progress(done, total, "passages")
        while terms is not None and terms.passage_id < passage_id:
            left, terms = left + 1, next(stored, None)
        while expected is not None and expected.passage_id < passage_id:
            expected = next(made, None)
        if terms is None or terms.passage_id != passage_id:
            lost += 1
            continue
        different += expected is not None and expected.passage_id == passage_id and expected != terms
        terms = next(stored, None)
    return lost, different, left + (terms is not None) + sum(1 for _ in stored)


def _vectors(backend: Backend, fingerprint: str, repair: bool) -> list[Finding]:
    passages, vectors = tables.passages.c, tables.vectors.c
    embedded = exists().where(vectors.digest == passages.digest, vectors.fingerprint == fingerprint)
    superfluous = or_(vectors.fingerprint != fingerprint, vectors.digest.not_in(select(passages.digest)))
    with read_transaction(backend) as connection:
        waiting = _count(connection, tables.passages, ~embedded)
        left_over = _count(connection, tables.vectors, superfluous)
        damaged = _damaged_vectors(connection, fingerprint)
    counted = {
        f"{waiting} passages cannot be found by meaning yet": waiting,
        f"{len(damaged)} vectors are damaged": len(damaged),
        f"{left_over} vectors belong to another encoder or to no passage": left_over,
    }
    if repair and (waiting or damaged or left_over):
        with new_generation(backend) as connection:  # the next refresh makes damaged and missing ones
            revise_vectors(backend, connection)
            for batch in batches(damaged):
                unsound = and_(vectors.fingerprint == fingerprint, vectors.digest.in_(batch))
                connection.execute(delete(tables.vectors).where(unsound))
            connection.execute(delete(tables.vectors).where(superfluous))
    return [Finding("vectors", message, repair) for message, count in counted.items() if count]


def _count(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one())


def _damaged_vectors(connection: Connection, fingerprint: str) -> list[str]:
    """Digests of texts with a vector of another length than most, or of another norm than 1."""
    vectors = tables.vectors.c
    ours = vectors.fingerprint == fingerprint
    length = func.length(vectors.vector)
    sizes = connection.execute(select(length, func.count()).where(ours).group_by(length)).all()
    # Of two sizes as common the longer: one was cut short.
    size = max(sizes, key=lambda row: (row[1], row[0]), default=(0, 0))[0]
    # Row by row: all vectors of a large collection do not fit in memory.
    rows = connection.execute(select(vectors.digest, vectors.vector, vectors.sentences).where(ours))
    return [row.digest for row in rows if not _is_sound(row.vector, row.sentences, size)]


def _is_sound(vector: bytes, sentences: bytes, size: int) -> bool:
    """Whether a vector has this size in bytes, and it and those of its sentences are unit vectors."""
    return (
        size % 4 == 0
        and len(vector) == size
        and _are_unit_vectors(vector, size, "<f4")
        and _are_unit_vectors(sentences, size // 2, "<f2")
    )


def _are_unit_vectors(data: bytes, width: int, form: str) -> bool:
    """Whether bytes are vectors of `width` bytes each, in the number format `form`, with norm 1."""
    import numpy as np

    if width == 0 or len(data) % width:
        return False
    matrix = (
        np.frombuffer(data, dtype=form).astype(np.float32).reshape(len(data) // width, width // np.dtype(form).itemsize)
    )
    return bool((np.abs(np.linalg.norm(matrix, axis=1) - 1) < UNIT).all())


def _references(backend: Backend, repair: bool) -> list[Finding]:
    """Whether the stored links are those of the documents, entries and decisions that are here."""
    lost = {
        "citations with a name lead to no reference": (
            "SELECT count(*) FROM citations c WHERE authors <> '[]' AND form <> 'credit'"
            " AND NOT EXISTS (SELECT 1 FROM work_citations l WHERE l.citation_id = c.id)"
        ),
        "entries of reference lists lead to no reference": (
            "SELECT count(*) FROM entries e WHERE NOT EXISTS (SELECT 1 FROM work_entries l WHERE l.entry_id = e.id)"
        ),
        "references are cited and listed nowhere": (
            "SELECT count(*) FROM works w WHERE NOT EXISTS (SELECT 1 FROM work_citations l WHERE l.key = w.key)"
            " AND NOT EXISTS (SELECT 1 FROM work_entries l WHERE l.key = w.key)"
        ),
        "references say that a document is here which was removed": (
            "SELECT count(*) FROM works w JOIN documents d ON d.id = w.document_id WHERE d.removed IS NOT NULL"
        ),
        "references count other places than those that cite them": (
            "SELECT count(*) FROM works w WHERE w.cited <> (SELECT count(*) FROM work_citations l WHERE l.key = w.key)"
        ),
        "questions and decisions are about places that are gone": (
            "SELECT count(*) FROM (SELECT citations FROM doubts UNION ALL SELECT citations FROM decisions) q"
            " WHERE EXISTS (SELECT 1 FROM json_each(q.citations) j WHERE j.value NOT IN (SELECT id FROM citations))"
        ),
        "questions and decisions are about documents that were removed": (
            "SELECT count(*) FROM (SELECT document_id FROM doubts UNION ALL SELECT document_id FROM decisions) q"
            " JOIN documents d ON d.id = q.document_id WHERE d.removed IS NOT NULL"
        ),
    }
    with read_transaction(backend) as connection:
        counted = {what: rows(connection, sql)[0][0] for what, sql in lost.items()}
        outside = rows(
            connection,
            "SELECT e.id, e.document_id, e.number FROM entries e LEFT JOIN pages p USING (document_id, number)"
            ' WHERE e.number IS NOT NULL AND (p.text IS NULL OR e.start < 0 OR e.start >= e."end" OR e."end" > length(p.text))',
        )
        behind = stamp(connection) != stored_stamp(connection)
    findings = [Finding("references", f"{count} {what}", repair) for what, count in counted.items() if count]
    if behind:
        findings.append(Finding("references", "documents or decisions changed since references were derived", repair))
    return findings + [
        Finding("catalogue", f"entry {row.id} lies outside page {row.number} of document {row.document_id}: {BY_HAND}")
        for row in outside
    ]
