"""Passages: what retrieval needs of the catalogue — words, vectors, and hits brought home.

Ids are those of passages; an id that is gone is left out of what is returned, never an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, islice, starmap
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Select,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from kb.catalogue import tables
from kb.catalogue.documents import load_citations, load_documents, to_page
from kb.catalogue.store import generation, glancing, reading, writing
from kb.errors import IndexOutOfStep, NotInKnowledgeBase
from kb.model import Citation, Document, Language, Page, Passage, Query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What a term weighs by where it stands: title, words, parts, context.
COLUMN_WEIGHTS = (2.0, 1.0, 0.5, 0.3)

# SQLite takes a limited number of values in one statement.
BATCH = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that holds some of the terms asked for, and the terms it is filed under, each joined by spaces."""

    passage_id: int
    score: float
    """BM25, higher is better."""
    title: str
    """The page's title: its words and parts together."""
    words: str
    """The words of the passage, in reading order."""
    parts: str
    """Halves of its compounds, its hyphened words joined."""
    context: str
    """Document title and section: words and parts together."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with all it stands in."""

    passage: Passage
    page: Page
    document: Document
    citations: tuple[Citation, ...]
    """Those on this page."""


class Passages:
    """The shelf of passages."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._count = (-1, 0)
        self._documents: tuple[int, dict[int, Document]] = (-1, {})

    def generation(self) -> int:
        """How many changes the catalogue has seen."""
        with glancing(self._engine) as connection:
            return generation(connection)

    def get(self, passage_id: int) -> Passage:
        """One passage. Raises NotInKnowledgeBase."""
        found = self.passages([passage_id])
        if passage_id not in found:
            raise NotInKnowledgeBase(f"there is no passage {passage_id}: its page was removed or has a newer version")
        return found[passage_id]

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id."""
        with reading(self._engine) as connection:
            return load_passages(connection, ids)

    def on_page(self, document_id: int, number: int) -> tuple[Passage, ...]:
        """The passages of a page, in order."""
        columns = tables.passages.c
        with reading(self._engine) as connection:
            ids = connection.execute(
                select(columns.id)
                .where(columns.document_id == document_id, columns.number == number)
                .order_by(columns.id)
            )
            found = load_passages(connection, list(ids.scalars()))
        return tuple(found[key] for key in sorted(found))

    def found(self, passage_ids: Sequence[int]) -> dict[int, Found]:
        """The passages that still live, by id, each with its page, its document and the citations on that page."""
        with reading(self._engine) as connection:
            rows = [
                row for batch in batches(passage_ids) for row in connection.execute(_WITH_PAGE, {"ids": batch}).all()
            ]
            documents = self._load_documents(connection, {row.document_id for row in rows})
            places = sorted({(row.document_id, row.number) for row in rows})
            cited: dict[tuple[int, int], list[Citation]] = {place: [] for place in places}
            for citation in load_citations(connection, places=places) if places else ():
                cited[citation.document_id, citation.number].append(citation)
        return {
            row.passage_id: Found(
                to_passage(row), to_page(row), documents[row.document_id], tuple(cited[row.document_id, row.number])
            )
            for row in rows
        }

    def _load_documents(self, connection: Connection, ids: set[int]) -> dict[int, Document]:
        """Documents by id, remembered for as long as nothing changes."""
        moment = generation(connection)
        remembered = self._documents
        if remembered[0] != moment:
            remembered = (moment, {})
        missing = ids - remembered[1].keys()
        if missing:
            remembered = (moment, remembered[1] | load_documents(connection, sorted(missing)))
            self._documents = remembered  # one assignment: other threads see the old pair or the new
        return remembered[1]

    def passage_ids(self, query: Query) -> NDArray[np.int64] | None:
        """Ids (n,), ascending, of the passages that the query's filters admit; None when all are."""
        import numpy as np

        condition = confined(query)
        if condition is None:
            return None
        with reading(self._engine) as connection:
            chosen = connection.execute(
                select(tables.passages.c.id).select_from(joined()).where(condition).order_by(tables.passages.c.id)
            )
            return np.fromiter(chosen.scalars(), dtype=np.int64)

    def passage_count(self) -> int:
        """How many passages there are."""
        with reading(self._engine) as connection:
            moment = generation(connection)
            if self._count[0] != moment:
                counting = select(func.count()).select_from(tables.passages)
                self._count = (moment, int(connection.execute(counting).scalar_one()))
            return self._count[1]

    def languages(self) -> dict[int, Language]:
        """The language of each passage, or else of its document; passages where neither is known are left out."""
        spoken = func.coalesce(tables.passages.c.language, tables.documents.c.language)
        with glancing(self._engine) as connection:
            chosen = connection.execute(
                select(tables.passages.c.id, spoken).select_from(joined()).where(spoken.is_not(None))
            )
            return {row[0]: row[1] for row in chosen}

    def dividers(self) -> frozenset[int]:
        """Ids of the passages of pages that only open a section."""
        passages, pages = tables.passages.c, tables.pages
        of_page = and_(pages.c.document_id == passages.document_id, pages.c.number == passages.number)
        with glancing(self._engine) as connection:
            return frozenset(
                connection.execute(select(passages.id).join(pages, of_page).where(pages.c.divider)).scalars()
            )

    def listings(self) -> frozenset[int]:
        """Ids of the passages that are of a reference list."""
        with glancing(self._engine) as connection:
            chosen = connection.execute(select(tables.passages.c.id).where(tables.passages.c.listing))
            return frozenset(chosen.scalars())

    # -- words

    def term_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each term occurs by itself, context apart; terms that occur in none are left out."""
        wanted = sorted(set(terms))
        if not wanted:
            return {}
        with glancing(self._engine) as connection:
            return {row[0]: row[1] for row in connection.execute(_FREQUENCIES, {"terms": wanted})}

    def match(self, phrases: Sequence[Sequence[str]], depth: int, query: Query) -> list[Match]:
        """At most `depth` passages with any of the phrases, best first, ties by id, within the query's filters.

        A phrase is a row of terms that stand side by side in one column; most are of one term.
        """
        if not phrases:
            return []
        asked = {"expression": expression(phrases), "weights": _WEIGHTS, "depth": depth}
        condition = confined(query)
        matching = _MATCHING if condition is None else _matching(condition)
        with glancing(self._engine) as connection:
            found = list(starmap(Match, connection.execute(matching, asked)))
        return sorted(found, key=lambda match: (-match.score, match.passage_id))

    # -- vectors

    def unembedded(self, fingerprint: str, limit: int | None = None) -> list[tuple[int, str, str]]:
        """(id, text, context) of passages that this encoder has not seen; one for each different text."""
        lacking = (
            "SELECT min(p.id) FROM passages p WHERE NOT EXISTS"
            " (SELECT 1 FROM vectors v WHERE v.digest = p.digest AND v.fingerprint = :fingerprint)"
            " GROUP BY p.digest ORDER BY 1 LIMIT :limit"
        )
        with reading(self._engine) as connection:
            ids = list(
                connection.execute(
                    text(lacking), {"fingerprint": fingerprint, "limit": -1 if limit is None else limit}
                ).scalars()
            )
            found = load_passages(connection, ids)
        return [(key, found[key].text, found[key].context) for key in ids]

    def add_vectors(
        self,
        fingerprint: str,
        ids: Sequence[int] | NDArray[np.int64],
        vectors: NDArray[np.float32],
        sentences: Sequence[NDArray[np.float32]] = (),
    ) -> None:
        """Keep vectors, shape (len(ids), d), of passages, and those of each one's sentences, shape (n, d).

        Those of passages gone meanwhile are let go.
        """
        parts = [part.astype("<f2").tobytes() for part in sentences] or [b""] * len(ids)
        with writing(self._engine) as connection:
            for batch in batches(list(zip(map(int, ids), vectors, parts, strict=True))):
                chosen = connection.execute(
                    select(tables.passages.c.id, tables.passages.c.digest).where(
                        tables.passages.c.id.in_([key for key, _, _ in batch])
                    )
                )
                digests = {row.id: row.digest for row in chosen}
                values = [
                    {
                        "digest": digests[key],
                        "fingerprint": fingerprint,
                        "vector": vector.astype("<f4").tobytes(),
                        "sentences": part,
                    }
                    for key, vector, part in batch
                    if key in digests
                ]
                if values:
                    connection.execute(upsert(tables.vectors).on_conflict_do_nothing(), values)

    def sentence_vectors(self, fingerprint: str, ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """The vectors (n, d) of the sentences of passages, in reading order; passages without are left out."""
        import numpy as np

        with glancing(self._engine) as connection:
            rows = [
                row
                for batch in batches(ids)
                for row in connection.execute(_SENTENCES, {"ids": batch, "fingerprint": fingerprint})
            ]
        if not rows:
            return {}
        # Taken out of the bytes at once, then shared out: one by one costs more than the rest of this.
        width = rows[0].length // 4
        with whole_vectors():
            matrix = np.frombuffer(b"".join(row.sentences for row in rows), dtype="<f2").reshape(-1, width)
        ends = list(accumulate(len(row.sentences) // (2 * width) for row in rows))
        return dict(zip((row.id for row in rows), np.split(matrix.astype(np.float32), ends[:-1]), strict=True))

    def vectors(self, fingerprint: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids (n,), ascending, and vectors (n, d) of the passages this encoder has seen; d is 0 when n is."""
        import numpy as np

        with reading(self._engine) as connection:
            found = connection.execute(
                select(tables.passages.c.id, tables.vectors.c.vector)
                .join(tables.vectors, tables.vectors.c.digest == tables.passages.c.digest)
                .where(tables.vectors.c.fingerprint == fingerprint)
                .order_by(tables.passages.c.id)
            ).all()
        ids = np.fromiter((row.id for row in found), dtype=np.int64, count=len(found))
        if not found:
            return ids, np.zeros((0, 0), dtype=np.float32)
        with whole_vectors():
            matrix = np.frombuffer(b"".join(row.vector for row in found), dtype="<f4").reshape(len(found), -1)
        return ids, matrix.astype(np.float32)

    def fingerprints(self) -> dict[str, int]:
        """How many vectors each encoder left here."""
        with reading(self._engine) as connection:
            counting = select(tables.vectors.c.fingerprint, func.count()).group_by(tables.vectors.c.fingerprint)
            return {row[0]: row[1] for row in connection.execute(counting)}

    def drop_vectors(self, keep: str) -> int:
        """Forget the vectors of every other encoder; returns how many."""
        with writing(self._engine) as connection:
            dropped = connection.execute(text("DELETE FROM vectors WHERE fingerprint <> :keep"), {"keep": keep})
            return int(dropped.rowcount)


_WORDS = table("terms", column("rowid", Integer), column("title"), column("words"), column("parts"), column("context"))
_TERMS = table("term_columns", column("term"), column("col"), column("doc", Integer))
_RANK: ColumnElement[float] = literal_column("rank")
_WEIGHTS = f"bm25({', '.join(map(str, COLUMN_WEIGHTS))})"


@contextmanager
def whole_vectors() -> Iterator[None]:
    """Vectors that were cut short make no matrix: said as what it is."""
    try:
        yield
    except (ValueError, ZeroDivisionError) as error:
        raise IndexOutOfStep("vectors in the catalogue are damaged: run `kb check --repair`") from error


def _matching(condition: ColumnElement[bool] | None = None) -> Select[tuple[int, float, str, str, str, str]]:
    """The columns of a Match for the best passages that hold an expression, of those that a condition admits."""
    # Ranked by ids alone, the terms fetched for the best only: a sort that carries the terms of every match takes far longer.
    best = (
        select(_WORDS.c.rowid.label("id"), (-_RANK).label("score"))
        .where(text("terms MATCH :expression AND rank MATCH :weights"))
        .order_by(_RANK)
        .limit(bindparam("depth"))
    )
    if condition is not None:
        best = best.where(_WORDS.c.rowid.in_(select(tables.passages.c.id).select_from(joined()).where(condition)))
    chosen = best.subquery()
    w = _WORDS.c
    return select(w.rowid, chosen.c.score, w.title, w.words, w.parts, w.context).join(chosen, chosen.c.id == w.rowid)


def expression(phrases: Sequence[Sequence[str]]) -> str:
    """An FTS5 expression for any of some phrases. Quoted, so that no term is an operator."""
    return " OR ".join('"' + " ".join(phrase).replace('"', '""') + '"' for phrase in phrases if phrase)


# Built once: building a statement costs more than running it.
_MATCHING = _matching()
_FREQUENCIES = (
    select(_TERMS.c.term, func.max(_TERMS.c.doc))
    .where(_TERMS.c.term.in_(bindparam("terms", expanding=True)), _TERMS.c.col != "context")
    .group_by(_TERMS.c.term)
)
_WITH_PAGE = (
    select(
        tables.passages.c.id.label("passage_id"),
        tables.passages.c.field,
        tables.passages.c.start,
        tables.passages.c.end,
        tables.passages.c.context,
        tables.passages.c.listing,
        tables.passages.c.language.label("passage_language"),
        tables.pages,
    )
    .join(
        tables.pages,
        and_(
            tables.pages.c.document_id == tables.passages.c.document_id,
            tables.pages.c.number == tables.passages.c.number,
        ),
    )
    .where(tables.passages.c.id.in_(bindparam("ids", expanding=True)))
)


_SENTENCES = (
    select(tables.passages.c.id, func.length(tables.vectors.c.vector).label("length"), tables.vectors.c.sentences)
    .join(tables.vectors, tables.vectors.c.digest == tables.passages.c.digest)
    .where(
        tables.vectors.c.sentences != b"",
        tables.vectors.c.fingerprint == bindparam("fingerprint"),
        tables.passages.c.id.in_(bindparam("ids", expanding=True)),
    )
)


def load_passages(connection: Connection, ids: Sequence[int]) -> dict[int, Passage]:
    """Passages by id, each cut from its page."""
    return {
        row.passage_id: to_passage(row)
        for batch in batches(ids)
        for row in connection.execute(_WITH_PAGE, {"ids": batch})
    }


def to_passage(row: Any) -> Passage:
    return Passage(
        number=row.number,
        start=row.start,
        end=row.end,
        text=(row.text if row.field == "text" else row.notes)[row.start : row.end],
        field=row.field,
        language=row.passage_language,
        context=row.context,
        listing=row.listing,
        id=row.passage_id,
        document_id=row.document_id,
    )


def joined() -> Any:
    return tables.passages.join(tables.documents, tables.documents.c.id == tables.passages.c.document_id)


def confined(query: Query) -> ColumnElement[bool] | None:
    """The query's filters as a condition over passages and documents; None when there are none."""
    conditions = []
    if query.kind is not None:
        conditions.append(tables.documents.c.kind == query.kind)
    if query.year is not None:
        conditions.append(tables.documents.c.year == query.year)
    if query.document_id is not None:
        conditions.append(tables.documents.c.id == query.document_id)
    if query.language is not None:
        conditions.append(func.coalesce(tables.passages.c.language, tables.documents.c.language) == query.language)
    return and_(true(), *conditions) if conditions else None


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut a long list into lists that fit one statement."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
