"""Decisions: the questions about cited works that wait for an answer, and the answers.

    derivation ─► questions (doubts) ─► decide ─► decisions ─► the next derivation

A decision is about content, by its digests, so that it holds also when documents are read anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.contents import now
from kb.catalogue.derivation import Names
from kb.catalogue.references import load_references
from kb.catalogue.rows import citations_by_id, reason_to_json, to_json, to_reason
from kb.catalogue.store import read_transaction, write_transaction
from kb.errors import NotInKnowledgeBase
from kb.model import Citation, Decision, DecisionVerdict, Doubt, DoubtKind, Reason, Reference


class Decisions:
    """The questions and decisions of a catalogue."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def doubts(self) -> list[Doubt]:
        """The open questions, the most probable yes first; those about one work together."""
        columns = tables.doubts.c
        choosing = select(tables.doubts).order_by(columns.score.desc(), columns.key, columns.one, columns.candidate)
        with read_transaction(self._backend) as connection:
            rows = connection.execute(choosing).all()
            works = load_references(connection, [key for row in rows for key in (row.key, row.candidate) if key])
            citations = citations_by_id(connection, [number for row in rows for number in json.loads(row.citations)])
        return [
            _doubt(row, row.id, works[row.key], works.get(row.candidate) if row.candidate else None, citations)
            for row in rows
        ]

    def decide(self, doubt_ids: Sequence[str], verdict: DecisionVerdict) -> list[int]:
        """Store one answer to several questions, to all or to none; returns the ids of the decisions.

        The next derivation acts on it. Raises NotInKnowledgeBase when one of them is no longer open.
        """
        with write_transaction(self._backend) as connection:
            return [_decide(connection, doubt_id, verdict) for doubt_id in doubt_ids]

    def decisions(self) -> list[Decision]:
        """The decisions about works that are here, newest first."""
        columns = tables.decisions.c
        here = columns.key.is_not(None) & (columns.document_id.is_not(None) | columns.candidate.is_not(None))
        with read_transaction(self._backend) as connection:
            rows = connection.execute(select(tables.decisions).where(here).order_by(columns.id.desc())).all()
            citations = citations_by_id(connection, [number for row in rows for number in json.loads(row.citations)])
        return [Decision(id=row.id, verdict=row.verdict, made=row.made, doubt=_decided(row, citations)) for row in rows]

    def rule(self, kind: DoubtKind, verdict: DecisionVerdict, one: Names, other: Names) -> int:
        """Store a decision that answers no question, about content known by these names; returns its id."""
        names = {"one": to_json(sorted(one)), "other": to_json(sorted(other))}
        reason = reason_to_json(Reason("decided-by-person"))
        adding = insert(tables.decisions).values(
            kind=kind, verdict=verdict, doubt="", score=1.0, reason=reason, made=now(), **names
        )
        with write_transaction(self._backend) as connection:
            return int(connection.execute(adding).inserted_primary_key[0])  # type: ignore[index]

    def undo(self, decision_id: int) -> None:
        """Delete a decision; the next derivation asks its question again. Raises NotInKnowledgeBase."""
        with write_transaction(self._backend) as connection:
            if not connection.execute(delete(tables.decisions).where(tables.decisions.c.id == decision_id)).rowcount:
                raise NotInKnowledgeBase(f"there is no decision {decision_id}: it was taken back before")


def _decide(connection: Connection, doubt_id: str, verdict: DecisionVerdict) -> int:
    row = connection.execute(select(tables.doubts).where(tables.doubts.c.id == doubt_id)).one_or_none()
    if row is None:
        raise NotInKnowledgeBase("this question was answered or has lapsed: the list of questions shows what is open")
    values = {name: getattr(row, name) for name in ("kind", "one", "other", "score", "reason")}
    adding = insert(tables.decisions).values(doubt=doubt_id, verdict=verdict, made=now(), **values)
    return int(connection.execute(adding).inserted_primary_key[0])  # type: ignore[index]


def _decided(row: Any, citations: Mapping[int, Citation]) -> Doubt:
    """The question that a decision answers."""
    candidate = Reference(row.candidate, json.loads(row.other_csl or "{}")) if row.candidate else None
    return _doubt(row, row.doubt, Reference(row.key, json.loads(row.one_csl or "{}")), candidate, citations)


def _doubt(
    row: Any, doubt_id: str, reference: Reference, candidate: Reference | None, citations: Mapping[int, Citation]
) -> Doubt:
    return Doubt(
        id=doubt_id,
        kind=row.kind,
        reference=reference,
        candidate=candidate,
        document_id=row.document_id,
        citations=tuple(citations[number] for number in json.loads(row.citations) if number in citations),
        score=row.score,
        reason=to_reason(row.reason),
    )
