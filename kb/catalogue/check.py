"""Whether the catalogue agrees with itself and with the stored files.

    originals ─ files ─ documents ─ pages ─┬─ passages ─┬─ words
                                           │            └─ vectors
                                           └─ citations, entries ─ references, questions

Every finding names what is wrong, where, and what mends it. What is derived is made again from what is kept: words and
vectors here, references by the caller (`KnowledgeBase.relate`). A stored file that no document holds is moved to a quarantine
folder, never deleted; a missing file or a damaged page cannot be made again, and is reported.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine, delete, select, text
from sqlalchemy.exc import DatabaseError

from kb.catalogue import tables
from kb.catalogue.documents import Documents, all_terms, rebuild_words
from kb.catalogue.references import stamp, stored_stamp
from kb.catalogue.store import reading, rows, writing
from kb.originals import Originals

# What mends a page, or a place on one, that cannot be made again from what is kept.
BY_HAND = "restore a backup, or remove the document and ingest its file again"
# A vector this far from length 1 is not one that an encoder gave; those of sentences are kept in half precision.
UNIT = 0.01

Part = Literal["files", "catalogue", "words", "vectors", "references"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree."""

    part: Part
    message: str
    repaired: bool = False


def check(engine: Engine, originals: Originals, fingerprint: str, *, repair: bool = False) -> list[Finding]:
    """Compare files, catalogue, words and vectors; with `repair` mend what can be mended.

    `fingerprint` is the encoder's: vectors of another are left over, passages without one of this are waiting.
    """
    findings = [*_database(engine), *_files(engine, originals, repair)]
    findings += [*_pages(engine), *_words(engine, repair), *_vectors(engine, fingerprint, repair)]
    findings += _references(engine, repair)
    return findings


def damage(path: Path) -> str | None:
    """What SQLite finds wrong with a catalogue that nobody has open; None when it is sound."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if said == "ok" else " ".join(str(said).split())


def _database(engine: Engine) -> list[Finding]:
    with reading(engine) as connection:
        said = [row[0] for row in rows(connection, "PRAGMA integrity_check") if row[0] != "ok"]
        loose = Counter(row[0] for row in rows(connection, "PRAGMA foreign_key_check"))
    findings = [Finding("catalogue", f"the database is damaged ({line}): restore a backup") for line in said[:5]]
    return findings + [
        Finding("catalogue", f"{count} rows of {table} belong to nothing: restore a backup")
        for table, count in loose.items()
    ]


def _files(engine: Engine, originals: Originals, repair: bool) -> list[Finding]:
    with reading(engine) as connection:
        known = {row.sha256: (row.filename, row.document_id) for row in connection.execute(select(tables.files)).all()}
        bare = rows(
            connection,
            "SELECT id, title FROM documents WHERE removed IS NULL"
            " AND id NOT IN (SELECT document_id FROM files WHERE first)",
        )
    findings = [Finding("files", f"document {row.id} ({row.title}) has no file: ingest it again") for row in bare]
    for sha256, (filename, document_id) in sorted(known.items(), key=lambda item: item[1]):
        if not originals.sound(sha256) and not (repair and originals.recover(sha256)):
            findings.append(
                Finding(
                    "files",
                    f"the original of {filename} (document {document_id}) is missing or damaged:"
                    " ingest the file again, or restore a backup",
                )
            )
    documents = Documents(engine)
    for sha256 in originals.all():
        # Reading every file takes a while: what came in meanwhile is no stray.
        if sha256 not in known and not documents.holds(sha256):
            # After a power cut this may be the last copy of something, so it is moved and not deleted.
            moved = f", and was moved to {originals.quarantine_folder}" if repair else ""
            if repair:
                documents.quarantine(sha256, originals)
            findings.append(Finding("files", f"the stored file {sha256[:12]}… belongs to no document{moved}", repair))
    return findings


def _pages(engine: Engine) -> list[Finding]:
    with reading(engine) as connection:
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


def _words(engine: Engine, repair: bool) -> list[Finding]:
    findings = []
    if damaged := _damaged_words(engine):
        findings.append(Finding("words", f"the table of words is damaged ({damaged})", repair))
    else:
        with reading(engine) as connection:
            kept = {
                row.id: (row.title, row.words, row.parts, row.context)
                for row in rows(connection, "SELECT rowid AS id, title, words, parts, context FROM terms")
            }
            passages = set(connection.execute(select(tables.passages.c.id)).scalars())
            said = {
                row["id"]: (row["title"], row["words"], row["parts"], row["context"]) for row in all_terms(connection)
            }
        counted = {
            "passages cannot be found by their words": len(passages - kept.keys()),
            "passages have other words kept than stand on their pages": sum(
                key in kept and kept[key] != words for key, words in said.items()
            ),
            "passages that are gone have left their words": len(kept.keys() - passages),
        }
        findings += [Finding("words", f"{count} {what}", repair) for what, count in counted.items() if count]
    if repair and findings:
        with writing(engine) as connection:
            rebuild_words(connection)
    return findings


def _damaged_words(engine: Engine) -> str | None:
    try:
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            connection.execute(text("INSERT INTO terms (terms) VALUES ('integrity-check')"))
    except DatabaseError as error:
        return str(error.orig)
    return None


def _vectors(engine: Engine, fingerprint: str, repair: bool) -> list[Finding]:
    with reading(engine) as connection:
        waiting = rows(
            connection,
            "SELECT count(*) FROM passages p WHERE NOT EXISTS"
            " (SELECT 1 FROM vectors v WHERE v.digest = p.digest AND v.fingerprint = :fingerprint)",
            fingerprint=fingerprint,
        )[0][0]
        left_over = rows(
            connection,
            "SELECT count(*) FROM vectors WHERE fingerprint <> :fingerprint"
            " OR digest NOT IN (SELECT digest FROM passages)",
            fingerprint=fingerprint,
        )[0][0]
        damaged = _damaged_vectors(connection, fingerprint)
    findings = []
    if waiting:
        findings.append(Finding("vectors", f"{waiting} passages cannot be found by meaning yet", repair))
    if damaged:
        findings.append(Finding("vectors", f"{len(damaged)} vectors are not what an encoder gives", repair))
    if repair and damaged:
        with writing(engine) as connection:  # the next refresh makes them anew
            connection.execute(
                delete(tables.vectors).where(
                    tables.vectors.c.fingerprint == fingerprint, tables.vectors.c.digest.in_(damaged)
                )
            )
    if left_over:
        findings.append(Finding("vectors", f"{left_over} vectors belong to another encoder or to no passage", repair))
    if repair and left_over:
        with writing(engine) as connection:
            connection.execute(
                text(
                    "DELETE FROM vectors WHERE fingerprint <> :fingerprint"
                    " OR digest NOT IN (SELECT digest FROM passages)"
                ),
                {"fingerprint": fingerprint},
            )
    return findings


def _damaged_vectors(connection: Connection, fingerprint: str) -> list[str]:
    """Digests of what has a vector of another length than most, or one that is not of length 1."""
    import numpy as np

    kept = connection.execute(
        select(tables.vectors.c.digest, tables.vectors.c.vector, tables.vectors.c.sentences).where(
            tables.vectors.c.fingerprint == fingerprint
        )
    ).all()
    sizes = Counter(len(row.vector) for row in kept)
    size = max(sizes, key=lambda each: (sizes[each], each), default=0)  # of two as common the longer: one was cut short

    def is_sound(data: bytes, width: int, form: str) -> bool:
        if width == 0 or len(data) % width:
            return False
        lengths = np.linalg.norm(
            np.frombuffer(data, dtype=form).astype(np.float32).reshape(len(data) // width, -1), axis=1
        )
        return bool((np.abs(lengths - 1) < UNIT).all())

    return [
        row.digest
        for row in kept
        if len(row.vector) != size
        or size % 4
        or not is_sound(row.vector, size, "<f4")
        or not is_sound(row.sentences, size // 2, "<f2")
    ]


def _references(engine: Engine, repair: bool) -> list[Finding]:
    """Whether what is cited where is that of the documents, entries and decisions that are here."""
    lost = {
        "citations that name somebody lead to no reference": (
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
    with reading(engine) as connection:
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
