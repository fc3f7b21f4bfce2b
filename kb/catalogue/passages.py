"""Passages: the catalogue's side of retrieval: words, vectors (vectors.py), and hits with their pages.

Ids are those of passages; an id that is gone is left out of the result, without an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, func, select

from kb.catalogue import tables
from kb.catalogue.admission import Admission
from kb.catalogue.backend import Backend, Match
from kb.catalogue.references import names_work
from kb.catalogue.remembered import MOST_REMEMBERED, Remembered
from kb.catalogue.rows import (
    WITH_PAGE,
    batches,
    citations_on,
    load_documents,
    load_passages,
    to_page,
    to_passage,
)
from kb.catalogue.store import autocommit_read, generation, read_transaction, state
from kb.catalogue.vectors import Vectors
from kb.errors import NotInKnowledgeBase
from kb.model import Citation, Document, Language, Page, Passage, Query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with its page and document."""

    passage: Passage
    page: Page
    document: Document
    citations: tuple[Citation, ...]
    """Those on this page."""


class Passages(Vectors):
    """The passages of a catalogue, and their vectors."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._admission = Admission(backend)
        self._count = (-1, 0)
        self._documents = Remembered[int, Document](MOST_REMEMBERED)
        self._found = Remembered[int, Found](MOST_REMEMBERED)
        self._frequencies = Remembered[str, int](MOST_REMEMBERED)

    def generation(self) -> int:
        """The number of changes since the catalogue was created."""
        with autocommit_read(self._backend) as connection:
            return generation(connection)

    def state(self) -> tuple[str, ...]:
        """A value that changes with everything that a search shows: passages, vectors, and the works that they cite."""
        with autocommit_read(self._backend) as connection:
            return state(connection)

    def get(self, passage_id: int) -> Passage:
        """One passage. Raises NotInKnowledgeBase."""
        passages = self.passages([passage_id])
        if passage_id not in passages:
            raise NotInKnowledgeBase(f"there is no passage {passage_id}: its page was removed or has a newer version")
        return passages[passage_id]

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id."""
        with read_transaction(self._backend) as connection:
            return load_passages(connection, ids)

    def on_page(self, document_id: int, number: int) -> tuple[Passage, ...]:
        """The passages of a page, in order."""
        columns = tables.passages.c
        choosing = select(columns.id).where(columns.document_id == document_id, columns.number == number)
        with read_transaction(self._backend) as connection:
            passages = load_passages(connection, list(connection.execute(choosing).scalars()))
        return tuple(passages[key] for key in sorted(passages))

    def found(self, passage_ids: Sequence[int]) -> dict[int, Found]:
        """The passages that still exist, by id, each with its page, its document and the citations on that page."""
        with read_transaction(self._backend) as connection:
            return self._found.get(connection, passage_ids, lambda missing: self._read_found(connection, missing))

    def _read_found(self, connection: Connection, passage_ids: Sequence[int]) -> dict[int, Found]:
        rows = [row for batch in batches(passage_ids) for row in connection.execute(WITH_PAGE, {"ids": batch}).all()]
        documents = self._documents.get(
            connection, [row.document_id for row in rows], lambda missing: load_documents(connection, missing)
        )
        places = sorted({(row.document_id, row.number) for row in rows})
        cited: dict[tuple[int, int], list[Citation]] = {place: [] for place in places}
        for citation in citations_on(connection, places):
            cited[citation.document_id, citation.number].append(citation)
        return {
            row.passage_id: Found(
                to_passage(row), to_page(row), documents[row.document_id], tuple(cited[row.document_id, row.number])
            )
            for row in rows
        }

    def passage_ids(self, query: Query) -> NDArray[np.int64] | None:
        """Ids (n,), ascending, of the passages that the query's filters admit; None when all are."""
        import numpy as np

        with read_transaction(self._backend) as connection:
            admitted = self._admission.admitted(connection, query)
            if admitted is None:
                return None
            chosen = connection.execute(admitted.order_by(tables.passages.c.id))
            return np.fromiter(chosen.scalars(), dtype=np.int64)

    def passage_count(self) -> int:
        """The number of passages."""
        with read_transaction(self._backend) as connection:
            moment = generation(connection)
            if self._count[0] != moment:
                counting = select(func.count()).select_from(tables.passages)
                self._count = (moment, int(connection.execute(counting).scalar_one()))
            return self._count[1]

    def last_id(self) -> int:
        """The highest id of a passage; 0 when there is none. Ids of later passages are higher."""
        with autocommit_read(self._backend) as connection:
            return int(connection.execute(select(func.max(tables.passages.c.id))).scalar() or 0)

    def languages(self, after: int = 0) -> dict[int, Language]:
        """The language of each passage, or else of its document; passages where neither is known are left out.

        `after`: only passages with a higher id.
        """
        language = func.coalesce(tables.passages.c.language, tables.documents.c.language)
        known = (tables.passages.c.id > after, language.is_not(None))
        choosing = select(tables.passages.c.id, language).select_from(_with_document()).where(*known)
        with autocommit_read(self._backend) as connection:
            return {row[0]: row[1] for row in connection.execute(choosing)}

    def dividers(self, after: int = 0) -> frozenset[int]:
        """Ids of the passages of pages that only open a section; `after`: only higher ones."""
        passages, pages = tables.passages.c, tables.pages
        of_page = and_(pages.c.document_id == passages.document_id, pages.c.number == passages.number)
        choosing = select(passages.id).join(pages, of_page).where(pages.c.divider, passages.id > after)
        with autocommit_read(self._backend) as connection:
            return frozenset(connection.execute(choosing).scalars())

    def listings(self, after: int = 0) -> frozenset[int]:
        """Ids of the passages that are of a reference list; `after`: only higher ones."""
        passages = tables.passages.c
        with autocommit_read(self._backend) as connection:
            chosen = connection.execute(select(passages.id).where(passages.listing, passages.id > after))
            return frozenset(chosen.scalars())

    def names_work(self, text: str) -> bool:
        """Whether a text names a cited work by author (and year)."""
        with read_transaction(self._backend) as connection:
            return names_work(connection, text)

    def term_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Number of passages in which each term occurs, context apart; terms that occur in none are left out."""
        if not terms:
            return {}
        with read_transaction(self._backend) as connection:
            known = self._frequencies.get(
                connection,
                terms,
                lambda missing: {**dict.fromkeys(missing, 0), **self._backend.words.frequencies(connection, missing)},
            )
        return {term: frequency for term, frequency in known.items() if frequency}

    def match(self, phrases: Sequence[Sequence[str]], depth: int, query: Query) -> list[Match]:
        """At most `depth` passages with any of the phrases, best first, ties by id, within the query's filters.

        A phrase is a sequence of terms that are adjacent in one column; most have one term.
        """
        if not phrases:
            return []
        with autocommit_read(self._backend) as connection:
            matches = self._backend.words.match(connection, phrases, depth, self._admission.admitted(connection, query))
        return sorted(matches, key=lambda match: (-match.score, match.passage_id))


def _with_document() -> Any:
    return tables.passages.join(tables.documents, tables.documents.c.id == tables.passages.c.document_id)
