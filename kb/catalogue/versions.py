"""Questions whether a document is a new version of another, their answers, and what a yes does.

    yes:   files of the older ─► trash, as a replaced version     contents of the newer ─► the id that was given first
    undo:  contents ─► their own id again                         the older document ─► filled again from its originals

The other id is that of a removed document which became a version of this one, so that its addresses lead on. Everything
happens in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.contents import Prepared, add_file, clear, described, fill, forget_vectors, now, supersede
from kb.catalogue.page_words import load_page_words
from kb.catalogue.rows import (
    JOINED_WITH_PAGE,
    citations_of,
    load_document,
    load_documents,
    load_pages,
    to_entry,
    to_passage,
)
from kb.catalogue.store import new_generation, read_transaction, write_transaction
from kb.errors import NotInKnowledgeBase
from kb.model import Document, StoredFile
from kb.versions import Resemblance, Similar, VersionAnswer, VersionQuestion

_QUESTION = tables.version_questions.c
_ANSWER = tables.version_answers.c


class Versions:
    """The questions and answers of a catalogue about versions of documents."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def questions(self) -> list[VersionQuestion]:
        """The open questions about documents that are here, the latest first."""
        choosing = select(tables.version_questions).order_by(_QUESTION.newer.desc(), _QUESTION.older)
        with read_transaction(self._backend) as connection:
            rows = connection.execute(choosing).all()
            here = load_documents(connection, {number for row in rows for number in (row.older, row.newer)})
        return [
            VersionQuestion(here[row.older], here[row.newer], _resemblance(row))
            for row in rows
            if row.older in here and row.newer in here
        ]

    def answers(self) -> list[VersionAnswer]:
        """All answers, newest first."""
        with read_transaction(self._backend) as connection:
            return _answers(connection)

    def replacement_of(self, sha256: str) -> VersionAnswer | None:
        """The answer by which the document with these bytes was replaced; None when there is none."""
        with read_transaction(self._backend) as connection:
            answers = _answers(connection, verdict="confirm")
        return next((answer for answer in answers if sha256 in answer.older_files), None)

    def keep_both(self, question_id: str) -> int:
        """Answer no: both documents stay; the id of the answer. Raises NotInKnowledgeBase for no open question."""
        with write_transaction(self._backend) as connection:
            return _answer(connection, _open_question(connection, question_id), "refuse")

    def replace(self, question_id: str) -> int:
        """Answer yes: the newer document replaces the older; the id of the answer. Raises NotInKnowledgeBase as `keep_both`."""
        with new_generation(self._backend) as connection:
            question = _open_question(connection, question_id)
            answer_id = _answer(connection, question, "confirm")
            _merge(self._backend, connection, question)
            return answer_id

    def undo(self, answer_id: int, older: tuple[Prepared, Sequence[StoredFile]] | None) -> bool:
        """Take an answer back; the question is asked again. Raises NotInKnowledgeBase when there is no such answer.

        `older` is the replaced document, read again from its originals. Whether both documents are as before: not when the
        older one is no longer in the trash, or the newer one has changed since; then only the answer is forgotten.
        """
        with new_generation(self._backend) as connection:
            answer = _load(connection, answer_id)
            connection.execute(delete(tables.version_answers).where(_ANSWER.id == answer_id))
            restored = answer.verdict == "refuse" or self._part(connection, answer, older)
            if restored:
                ask(connection, answer.older, answer.newer, answer.resemblance)
            return restored

    def get(self, answer_id: int) -> VersionAnswer:
        """One answer. Raises NotInKnowledgeBase."""
        with read_transaction(self._backend) as connection:
            return _load(connection, answer_id)

    def _part(
        self, connection: Connection, answer: VersionAnswer, older: tuple[Prepared, Sequence[StoredFile]] | None
    ) -> bool:
        """Undo a replacement; False when something changed since that makes it impossible."""
        if older is None or not _is_as_replaced(connection, answer):
            return False
        digests: list[str] = []
        if answer.newer != answer.kept:
            newer = _contents(connection, load_document(connection, answer.kept))
            digests = clear(self._backend, connection, answer.kept)
            self._fill(connection, answer.newer, *newer)
        self._fill(connection, answer.older, *older)
        forget_vectors(connection, digests)
        return True

    def _fill(self, connection: Connection, document_id: int, prepared: Prepared, others: Sequence[StoredFile]) -> None:
        _fill(self._backend, connection, document_id, prepared, others)


def ask(connection: Connection, older: int, newer: int, resemblance: Resemblance) -> None:
    """Ask whether a document is a new version of another, unless that was answered about the same files."""
    sides = _files(connection, older), _files(connection, newer)
    for answer in _answers(connection, verdict="refuse"):
        if any(
            set(one) & set(answer.older_files) and set(other) & set(answer.newer_files)
            for one, other in (sides, sides[::-1])
        ):
            return
    values = {"code": resemblance.code, "shared": resemblance.shared, "pages": resemblance.pages}
    pair = (_QUESTION.older == older) & (_QUESTION.newer == newer)
    connection.execute(delete(tables.version_questions).where(pair))
    connection.execute(insert(tables.version_questions).values(older=older, newer=newer, **values))


def ask_about(connection: Connection, document_id: int, similar: Similar) -> None:
    """Ask about a document that came in and the one that it is like, where that is still here."""
    if similar.document_id not in load_documents(connection, [similar.document_id]):
        return
    older, newer = similar.document_id, document_id
    if similar.is_newer:
        older, newer = newer, older
    ask(connection, older, newer, similar.resemblance)


def _merge(backend: Backend, connection: Connection, question: VersionQuestion) -> None:
    """Replace the older document by the newer, under the id that was given first."""
    older, newer = question.older, question.newer
    kept, gone = sorted((older.id, newer.id))
    moment = datetime.now(UTC).isoformat()  # to the microsecond: versions replaced in one second are apart in the trash
    for row in connection.execute(select(tables.files).where(tables.files.c.document_id == older.id)).all():
        supersede(backend, connection, older.id, row, moment)
    contents = _contents(connection, newer)
    digests = clear(backend, connection, older.id)
    if newer.id != kept:
        digests += clear(backend, connection, newer.id)
        _fill(backend, connection, kept, *contents)
    for table in (tables.trash, tables.superseded, tables.paths):
        connection.execute(update(table).where(table.c.document_id == gone).values(document_id=kept))
    connection.execute(
        update(tables.documents)
        .where(tables.documents.c.id == gone)
        .values(removed=moment, became=kept, authors=[], date=None, year=None)
    )
    _point_questions(connection, gone, kept)
    forget_vectors(connection, digests)


def _fill(
    backend: Backend, connection: Connection, document_id: int, prepared: Prepared, others: Iterable[StoredFile]
) -> None:
    """Write the contents of a document, which has none, and its own row."""
    connection.execute(
        update(tables.documents)
        .where(tables.documents.c.id == document_id)
        .values(**described(prepared), changed=now(), removed=None, became=None)
    )
    fill(backend, connection, document_id, prepared)
    for file in others:
        add_file(backend, connection, document_id, file)


def _contents(connection: Connection, document: Document) -> tuple[Prepared, list[StoredFile]]:
    """The contents of a document as they were prepared, and its other files."""
    passages = JOINED_WITH_PAGE.where(tables.passages.c.document_id == document.id).order_by(tables.passages.c.id)
    entries = select(tables.entries).where(tables.entries.c.document_id == document.id).order_by(tables.entries.c.id)
    first, *others = document.files
    prepared = Prepared(
        title=document.title,
        kind=document.kind,
        language=document.language,
        authors=document.authors,
        date=document.date,
        pages=load_pages(connection, document.id),
        passages=tuple(to_passage(row) for row in connection.execute(passages)),
        citations=citations_of(connection, document.id),
        entries=tuple(to_entry(row, row.csl) for row in connection.execute(entries)),
        file=first,
        words=load_page_words(connection, first.sha256),
    )
    return prepared, others


def _is_as_replaced(connection: Connection, answer: VersionAnswer) -> bool:
    """Whether everything is as the replacement left it: the older files in the trash, the newer ones with the document."""
    trashed = select(tables.trash.c.sha256).where(
        tables.trash.c.document_id == answer.kept, tables.trash.c.cause == "replaced"
    )
    return set(answer.older_files) <= set(connection.execute(trashed).scalars()) and set(answer.newer_files) == set(
        _files(connection, answer.kept)
    )


def _point_questions(connection: Connection, gone: int, kept: int) -> None:
    """Let the questions about a document that became another be about that one."""
    about = (_QUESTION.older == gone) | (_QUESTION.newer == gone)
    rows = connection.execute(select(tables.version_questions).where(about)).all()
    connection.execute(delete(tables.version_questions).where(about))
    for row in rows:
        older, newer = (kept if number == gone else number for number in (row.older, row.newer))
        if older != newer:
            ask(connection, older, newer, _resemblance(row))


def _open_question(connection: Connection, question_id: str) -> VersionQuestion:
    older, _, newer = question_id.partition("-")
    row = None
    if older.isdecimal() and newer.isdecimal():
        pair = (_QUESTION.older == int(older)) & (_QUESTION.newer == int(newer))
        row = connection.execute(select(tables.version_questions).where(pair)).one_or_none()
    if row is None:
        raise NotInKnowledgeBase("this question was answered or has lapsed: kb review shows what is open")
    here = [load_document(connection, number) for number in (row.older, row.newer)]
    return VersionQuestion(here[0], here[1], _resemblance(row))


def _answer(connection: Connection, question: VersionQuestion, verdict: str) -> int:
    """Store the answer to a question, which is then no longer open; its id."""
    older, newer, resemblance = question.older, question.newer, question.resemblance
    pair = (_QUESTION.older == older.id) & (_QUESTION.newer == newer.id)
    connection.execute(delete(tables.version_questions).where(pair))
    adding = insert(tables.version_answers).values(
        verdict=verdict,
        older=older.id,
        newer=newer.id,
        code=resemblance.code,
        shared=resemblance.shared,
        pages=resemblance.pages,
        older_title=older.title,
        newer_title=newer.title,
        older_files=[file.sha256 for file in older.files],
        newer_files=[file.sha256 for file in newer.files],
        made=now(),
    )
    return int(connection.execute(adding).inserted_primary_key[0])  # type: ignore[index]


def _answers(connection: Connection, verdict: str | None = None) -> list[VersionAnswer]:
    choosing = select(tables.version_answers).order_by(_ANSWER.id.desc())
    if verdict is not None:
        choosing = choosing.where(_ANSWER.verdict == verdict)
    return [_to_answer(row) for row in connection.execute(choosing)]


def _load(connection: Connection, answer_id: int) -> VersionAnswer:
    row = connection.execute(select(tables.version_answers).where(_ANSWER.id == answer_id)).one_or_none()
    if row is None:
        raise NotInKnowledgeBase(f"there is no answer {answer_id}: it was taken back before")
    return _to_answer(row)


def _to_answer(row: Any) -> VersionAnswer:
    return VersionAnswer(
        id=row.id,
        verdict=row.verdict,
        older=row.older,
        newer=row.newer,
        older_title=row.older_title,
        newer_title=row.newer_title,
        resemblance=_resemblance(row),
        made=row.made,
        older_files=tuple(row.older_files),
        newer_files=tuple(row.newer_files),
    )


def _resemblance(row: Any) -> Resemblance:
    return Resemblance(row.code, row.shared, row.pages)


def _files(connection: Connection, document_id: int) -> list[str]:
    """The SHA-256 of a document's files."""
    return list(
        connection.execute(select(tables.files.c.sha256).where(tables.files.c.document_id == document_id)).scalars()
    )
