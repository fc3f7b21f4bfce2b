"""Jobs: uploaded files that are to be taken in, each by one process at a time.

    add ─► waiting ─► running, with a lease that its process renews ─► done, with the outcome
              ▲              │
              └──────────────┘ the lease ran out: its process died

A job whose process died is taken up once more; after a second death it is done, as failed: perhaps the file kills.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.contents import now
from kb.catalogue.store import read_transaction, write_transaction
from kb.errors import NotInKnowledgeBase
from kb.model import Kind
from kb.outcomes import Job, OutcomeReason, Status

MOST_ATTEMPTS = 2
KEPT = 500
"""Jobs that are done and are kept for their outcome."""

_JOBS = tables.jobs.c


class Jobs:
    """The jobs of a catalogue."""

    LEASE = 30.0
    """Seconds for which a running job belongs to its process, unless it renews the lease."""

    def __init__(self, backend: Backend, clock: Callable[[], float] = time.time) -> None:
        self._backend = backend
        self._clock = clock

    def add(self, filename: str, size: int, stored: str, *, kind: Kind | None, replaces: int | None) -> Job:
        """Add a job that waits."""
        values = {"filename": filename, "size": size, "stored": stored, "kind": kind, "replaces": replaces}
        with write_transaction(self._backend) as connection:
            adding = insert(tables.jobs).values(
                **values, state="waiting", attempts=0, lease=0.0, added=now(), reasons="[]"
            )
            job_id = int(connection.execute(adding).inserted_primary_key[0])  # type: ignore[index]
            return _load(connection, job_id)

    def claim(self, job_id: int | None = None) -> Job | None:
        """Take the oldest job that is waiting or whose process died, or this one; None when there is none to take."""
        with write_transaction(self._backend) as connection:
            moment = self._clock()
            self._give_up(connection, moment)
            open_to_all = or_(_JOBS.state == "waiting", (_JOBS.state == "running") & (_JOBS.lease < moment))
            choosing = select(_JOBS.id).where(open_to_all).order_by(_JOBS.id).limit(1)
            if job_id is not None:
                choosing = choosing.where(_JOBS.id == job_id)
            chosen = connection.execute(choosing).scalar_one_or_none()
            if chosen is None:
                return None
            connection.execute(
                update(tables.jobs)
                .where(_JOBS.id == chosen)
                .values(state="running", attempts=_JOBS.attempts + 1, lease=moment + self.LEASE)
            )
            return _load(connection, chosen)

    def renew(self, job_id: int) -> None:
        """Renew the lease of a running job."""
        with write_transaction(self._backend) as connection:
            connection.execute(update(tables.jobs).where(_JOBS.id == job_id).values(lease=self._clock() + self.LEASE))

    def finish(self, job_id: int, status: Status, reasons: Sequence[OutcomeReason], document_id: int | None) -> None:
        """Store the outcome of a job."""
        with write_transaction(self._backend) as connection:
            _finish(connection, [job_id], status, reasons, document_id)
            last = select(_JOBS.id).where(_JOBS.state == "done").order_by(_JOBS.id.desc()).offset(KEPT)
            connection.execute(delete(tables.jobs).where(_JOBS.id.in_(list(connection.execute(last).scalars()))))

    def get(self, job_id: int) -> Job:
        """One job. Raises NotInKnowledgeBase."""
        with read_transaction(self._backend) as connection:
            return _load(connection, job_id)

    def latest(self, most: int) -> list[Job]:
        """At most so many jobs, newest first."""
        choosing = select(tables.jobs).order_by(_JOBS.id.desc()).limit(most)
        with read_transaction(self._backend) as connection:
            return [_to_job(row) for row in connection.execute(choosing)]

    def stored(self) -> set[str]:
        """The names of the stored files of jobs that are not done."""
        choosing = select(_JOBS.stored).where(_JOBS.state != "done")
        with read_transaction(self._backend) as connection:
            return set(connection.execute(choosing).scalars())

    @staticmethod
    def _give_up(connection: Connection, moment: float) -> None:
        """End the jobs whose process died for the last time that they may be tried."""
        dead = (_JOBS.state == "running") & (_JOBS.lease < moment) & (_JOBS.attempts >= MOST_ATTEMPTS)
        ids = list(connection.execute(select(_JOBS.id).where(dead)).scalars())
        if ids:
            _finish(connection, ids, "failed", [OutcomeReason("interrupted")], None)


def _finish(
    connection: Connection,
    ids: Sequence[int],
    status: Status,
    reasons: Sequence[OutcomeReason],
    document_id: int | None,
) -> None:
    stored = json.dumps([[reason.code, dict(reason.values)] for reason in reasons], ensure_ascii=False)
    connection.execute(
        update(tables.jobs)
        .where(_JOBS.id.in_(ids))
        .values(state="done", status=status, reasons=stored, document_id=document_id, lease=0.0)
    )


def _load(connection: Connection, job_id: int) -> Job:
    row = connection.execute(select(tables.jobs).where(_JOBS.id == job_id)).one_or_none()
    if row is None:
        raise NotInKnowledgeBase(f"there is no job {job_id}: its outcome is no longer kept")
    return _to_job(row)


def _to_job(row: Any) -> Job:
    return Job(
        id=row.id,
        filename=row.filename,
        size=row.size,
        stored=row.stored,
        kind=row.kind,
        replaces=row.replaces,
        state=row.state,
        added=row.added,
        attempts=row.attempts,
        status=row.status,
        reasons=tuple(OutcomeReason(code, values) for code, values in json.loads(row.reasons)),
        document_id=row.document_id,
    )
