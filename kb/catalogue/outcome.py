"""Storing the outcome of a derivation: only rows that differ are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, select, text, update

from kb.bibliography import authors, fold, search_key, title, year
from kb.bibliography.names import bare
from kb.bibliography.sameness import normal_title
from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.derivation import Question, Related, Standing, Work
from kb.catalogue.rows import reason_to_json, to_json

# Sorts after every title.
LAST = "\U0010ffff"


def _work_rows(related: Related) -> list[tuple[Any, ...]]:
    """A row for each work, with how often it is cited and whether a question is open about it."""
    cited = Counter(link.key for link in related.links)
    doubtful = {key for question in related.questions for key in (question.key, question.candidate) if key}
    return [_work_row(work, cited[work.key], work.key in doubtful) for work in related.works]


def store(backend: Backend, connection: Connection, related: Related, state: str) -> None:
    """Write the outcome of a derivation from the material with stamp `state`; only rows that differ are written."""
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
    for table, wanted in contents.items():
        _synchronise(backend, connection, table, wanted)
    _store_standing(connection, related.standing)
    connection.execute(text("UPDATE meta SET value = :state WHERE name = 'references'"), {"state": state})


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


def _store_standing(connection: Connection, standing: Iterable[Standing]) -> None:
    """Write the works that each decision is about at present."""
    decisions = tables.decisions
    cleared = dict.fromkeys(("key", "candidate", "document_id", "one_csl", "other_csl"))
    connection.execute(update(decisions).values(**cleared, citations="[]"))
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


def _synchronise(backend: Backend, connection: Connection, table: Table, wanted: Sequence[tuple[Any, ...]]) -> None:
    """Make a table hold exactly these rows; rows that are the same already are not written."""
    places = [at for at, column in enumerate(table.columns) if column.primary_key]
    held = _by_key(connection.execute(select(table)), places)
    new = _by_key(wanted, places)
    _delete(connection, table, [key for key in held if key not in new])
    backend.upsert(connection, table, [row for key, row in new.items() if held.get(key) != row])


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
