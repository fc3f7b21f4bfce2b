"""Admission: the passages that a query's filters and conditions admit, as a statement that ranks nothing.

    filters, kinds, years ──────────────────────────────────────────────┐
    authors ─► documents by name ───────────────────────────────────────┼─► statement for ids ─► both retrievers
    phrases, excluded ─► index of words ─► texts read, word for word ───┘

The index knows words by their stems; only the text itself shows whether a phrase is there as it was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, or_, select

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.remembered import Remembered
from kb.catalogue.rows import batches
from kb.conditions import Conditions
from kb.language import fold_text, query_words
from kb.language.phrases import holds_phrase
from kb.model import Query

MOST_PHRASES = 64
"""Phrases whose passages are remembered until the next change."""

_DOCUMENT = tables.documents.c
_PASSAGE = tables.passages.c
_IDS = select(_PASSAGE.id).select_from(tables.passages.join(tables.documents, _DOCUMENT.id == _PASSAGE.document_id))
_FIELD = case((_PASSAGE.field == "text", tables.pages.c.text), else_=tables.pages.c.notes)
# substr counts characters from 1.
_TEXTS = (
    select(_PASSAGE.id, func.substr(_FIELD, _PASSAGE.start + 1, _PASSAGE.end - _PASSAGE.start))
    .join(
        tables.pages,
        (tables.pages.c.document_id == _PASSAGE.document_id) & (tables.pages.c.number == _PASSAGE.number),
    )
    .where(_PASSAGE.id.in_(bindparam("ids", expanding=True)))
)
"""The texts of passages by `ids`."""


class Admission:
    """Which passages of a catalogue queries admit; what phrases are in is remembered until the next change."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._holders: Remembered[str, tuple[int, ...]] = Remembered(MOST_PHRASES)

    def admitted(self, connection: Connection, query: Query) -> Select[int] | None:
        """A statement for the ids of the passages that a query admits; None when it admits all."""
        tests = [*_filters(self._backend, query), *_of_documents(self._backend, connection, query.conditions)]
        tests += [
            _PASSAGE.id.in_(self._backend.ids(self._holding(connection, each))) for each in query.conditions.phrases
        ]
        tests += [
            _PASSAGE.id.not_in(self._backend.ids(self._holding(connection, each))) for each in query.conditions.excluded
        ]
        return _IDS.where(*tests) if tests else None

    def _holding(self, connection: Connection, phrase: str) -> tuple[int, ...]:
        """Ids of the passages that hold a phrase."""
        found = self._holders.get(connection, [phrase], lambda _: {phrase: self._read_holding(connection, phrase)})
        return found[phrase]

    def _read_holding(self, connection: Connection, phrase: str) -> tuple[int, ...]:
        rows = [word.stems for word in query_words(phrase) if not word.joined]
        candidates = self._backend.words.holding(connection, rows) if rows else []
        return tuple(
            passage_id
            for batch in batches(candidates)
            for passage_id, text in connection.execute(_TEXTS, {"ids": batch})
            if holds_phrase(text, phrase)
        )


def _filters(backend: Backend, query: Query) -> Iterable[ColumnElement[bool]]:
    """The filters that are chosen, not typed."""
    if query.kind is not None:
        yield _DOCUMENT.kind == query.kind
    if query.year is not None:
        yield _DOCUMENT.year == query.year
    if query.document_id is not None:
        yield _DOCUMENT.id == query.document_id
    if query.author is not None:
        yield backend.lists(_DOCUMENT.authors, query.author)
    if query.cites:
        cited = tables.citations.c
        on_page = (cited.document_id == _PASSAGE.document_id) & (cited.number == _PASSAGE.number)
        yield select(cited.id).where(on_page, cited.form != "credit").exists()
    if query.language is not None:
        yield func.coalesce(_PASSAGE.language, _DOCUMENT.language) == query.language


def _of_documents(backend: Backend, connection: Connection, conditions: Conditions) -> Iterable[ColumnElement[bool]]:
    """The conditions on documents."""
    if conditions.kinds:
        yield _DOCUMENT.kind.in_(conditions.kinds)
    if conditions.years:
        yield or_(*(_DOCUMENT.year.between(years.first, years.last) for years in conditions.years))
    if conditions.authors:
        yield _DOCUMENT.id.in_(backend.ids(_by_authors(connection, conditions.authors)))


def _by_authors(connection: Connection, names: Sequence[str]) -> list[int]:
    """Ids of the documents that have for each name an author with these words in a row."""
    wanted = [f" {fold_text(name)} " for name in names]
    return [
        row.id
        for row in connection.execute(select(_DOCUMENT.id, _DOCUMENT.authors).where(_DOCUMENT.removed.is_(None)))
        if all(any(name in f" {fold_text(author)} " for author in row.authors) for name in wanted)
    ]
