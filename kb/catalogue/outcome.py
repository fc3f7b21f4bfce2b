"""Storing the outcome of a derivation: only rows that differ are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, and_, bindparam, delete, select, update

from kb.bibliography import authors, fold, search_key, title, year
from kb.bibliography.names import bare
from kb.bibliography.sameness import normal_title
from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.derivation import Question, Related, Standing, Unit, UnitKind, Work
from kb.catalogue.material import Part
from kb.catalogue.rows import batches, reason_to_json, to_json

# Sorts after every title.
LAST = "\U0010ffff"


def _work_rows(related: Related) -> list[tuple[Any, ...]]:
    """A row for each work, with how often it is cited and whether a question is open about it."""
    cited = Counter(link.key for link in related.links)
    doubtful = {key for question in related.questions for key in (question.key, question.candidate) if key}
    return [_work_row(work, cited[work.key], work.key in doubtful) for work in related.works]


def store(backend: Backend, connection: Connection, related: Related, part: Part | None = None) -> int:
    """Write the outcome of a derivation; only rows that differ are written. Returns their number, without decisions.

    `part`: the outcome is of this part, and rows of others stay as they are.
    """
    contents: dict[Table, list[tuple[Any, ...]]] = {
        tables.works: _work_rows(related),
        tables.work_entries: [(entry, work.key) for work in related.works for entry in work.entries],
        tables.work_citations: [
            (link.citation_id, link.key, round(link.score, 3), reason_to_json(link.reason)) for link in related.links
        ],
        tables.work_authors: [row for work in related.works for row in _author_rows(work)],
        tables.work_redirects: list(related.redirects.items()),
        tables.work_names: list(related.names.items()),
        tables.doubts: [_question_row(question) for question in related.questions],
    }
    bounds = {} if part is None else _bounds(part, related)
    written = sum(
        _synchronise(backend, connection, table, wanted, bounds.get(table)) for table, wanted in contents.items()
    )
    _store_standing(connection, related.standing, None if part is None else part.decisions)
    _store_works_of_units(backend, connection, related, part)
    return written


@dataclass(frozen=True, slots=True)
class _Bound:
    """The rows of a table that belong to a part: those with one of some values in a column."""

    column: Any
    values: Collection[Any]


def _bounds(part: Part, related: Related) -> dict[Table, _Bound]:
    keys = part.works | {work.key for work in related.works}
    return {
        tables.works: _Bound(tables.works.c.key, keys),
        tables.work_entries: _Bound(tables.work_entries.c.entry_id, part.entries),
        tables.work_citations: _Bound(tables.work_citations.c.citation_id, part.citations),
        tables.work_authors: _Bound(tables.work_authors.c.key, keys),
        tables.work_redirects: _Bound(tables.work_redirects.c.old, keys),
        tables.work_names: _Bound(tables.work_names.c.name, set(part.names)),
        tables.doubts: _Bound(tables.doubts.c.key, keys),
    }


def _rows_of(connection: Connection, choosing: Select[Any], bound: _Bound | None) -> Iterator[Row[Any]]:
    """The rows of a statement, all of them or those within a bound."""
    if bound is None:
        yield from connection.execute(choosing)
        return
    for batch in batches(sorted(bound.values)):
        yield from connection.execute(choosing.where(bound.column.in_(batch)))


def _work_row(work: Work, cited: int, doubtful: bool) -> tuple[Any, ...]:
    names = " ".join(bare(fold(name)) for name in authors(work.csl))
    return (
        work.key,
        to_json(work.csl),
        to_json(work.raw),
        " " + search_key(work.csl, work.raw),
        names or normal_title(title(work.csl) or " ".join(work.raw[:1])),
        normal_title(title(work.csl)) or LAST,
        year(work.csl),
        cited,
        work.listed,
        work.document_id,
        int(doubtful),
    )


def _author_rows(work: Work) -> Iterator[tuple[str, str, int]]:
    """(folded name, key, place) for each author, with and without particles."""
    seen: set[str] = set()
    for place, name in enumerate(authors(work.csl)):
        for folded in (fold(name), bare(fold(name))):
            if folded and folded not in seen:
                seen.add(folded)
                yield folded, work.key, place


def _question_row(question: Question) -> tuple[Any, ...]:
    return (
        question.id,
        question.kind,
        question.key,
        question.candidate,
        question.document_id,
        to_json(question.citations),
        to_json(sorted(question.one)),
        to_json(sorted(question.other)),
        round(question.score, 3),
        reason_to_json(question.reason),
    )


def _store_standing(connection: Connection, standing: Iterable[Standing], ids: Collection[int] | None) -> None:
    """Write the works that each decision, or each with one of these ids, is about at present."""
    decisions = tables.decisions
    cleared = dict.fromkeys(("key", "candidate", "document_id", "one_csl", "other_csl"))
    clearing = update(decisions).values(**cleared, citations="[]")
    for batch in [None] if ids is None else batches(sorted(ids)):
        connection.execute(clearing if batch is None else clearing.where(decisions.c.id.in_(batch)))
    for each in standing:
        connection.execute(
            update(decisions)
            .where(decisions.c.id == each.ruling)
            .values(
                key=each.key,
                candidate=each.candidate,
                document_id=each.document_id,
                citations=to_json(each.citations),
                one_csl=to_json(each.one),
                other_csl=to_json(each.other),
            )
        )


def _store_works_of_units(backend: Backend, connection: Connection, related: Related, part: Part | None) -> None:
    """Write of which work each unit is, by which the works of deleted units are found."""
    works = {Unit(UnitKind.CITATION, link.citation_id).number: link.key for link in related.links}
    for work in related.works:
        works.update((Unit(UnitKind.ENTRY, entry).number, work.key) for entry in work.entries)
        if work.document_id is not None:
            works[Unit(UnitKind.DOCUMENT, work.document_id).number] = work.key
    units = tables.link_units
    bound = None if part is None else _Bound(units.c.unit, part.units)
    held = {row.unit: row for row in _rows_of(connection, select(units), bound)}
    changed = [(unit, row.source, works.get(unit)) for unit, row in held.items() if row.work != works.get(unit)]
    backend.upsert(connection, units, changed)


def _synchronise(
    backend: Backend, connection: Connection, table: Table, wanted: Sequence[tuple[Any, ...]], bound: _Bound | None
) -> int:
    """Make a table, or its rows within a bound, hold exactly these rows; returns the number that differed."""
    places = [at for at, column in enumerate(table.columns) if column.primary_key]
    held = _by_key(_rows_of(connection, select(table), bound), places)
    new = _by_key(wanted, places)
    superfluous = [key for key in held if key not in new]
    different = [row for key, row in new.items() if held.get(key) != row]
    _delete(connection, table, superfluous)
    backend.upsert(connection, table, different)
    return len(superfluous) + len(different)


def _by_key(rows: Iterable[Sequence[Any]], places: Sequence[int]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows by their values at the places of the key."""
    return {tuple(row[place] for place in places): tuple(row) for row in rows}


def _delete(connection: Connection, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
    """Delete the rows with these primary keys."""
    if not keys:
        return
    names = [column.name for column in table.columns if column.primary_key]
    condition = and_(*(table.c[name] == bindparam(f"old_{name}") for name in names))
    values = [{f"old_{name}": value for name, value in zip(names, key, strict=True)} for key in keys]
    connection.execute(delete(table).where(condition), values)
