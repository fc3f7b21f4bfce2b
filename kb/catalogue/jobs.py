"""Jobs: uploaded files that are to be taken in, each by one process at a time.

    add ─► waiting ─► running, with a lease that its process renews ─► done, with the outcome
              ▲              │
              └──────────────┘ the lease ran out: its process died

A job whose process died is taken up once more; after a second death it is done, as failed: perhaps the file kills. Only the
process of the last attempt renews the lease and stores the outcome, so that one that slept through its lease changes nothing.

Files of an inbox are recorded here with their outcomes when they are done: the inbox itself remembers what it has handled.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.contents import now
from kb.catalogue.store import read_transaction, write_transaction
from kb.errors import NotInKnowledgeBase
from kb.model import Kind
from kb.outcomes import Job, JobState, OutcomeReason, Status, Upload

MOST_ATTEMPTS = 2
KEPT = 500
"""Jobs that are done and are kept for their outcome."""

_JOBS = tables.jobs.c
_UPLOAD = _JOBS.origin == "upload"
"""Files of inboxes are taken up by their watchers (kb.catalogue.inbox_jobs)."""


class Jobs:
    """The jobs of a catalogue."""

    LEASE = 30.0
    """Seconds for which a running job belongs to its process, unless it renews the lease."""

    def __init__(self, backend: Backend, clock: Callable[[], float] = time.time) -> None:
        self._backend = backend
        self._clock = clock

    def add(self, upload: Upload, size: int, stored: str, *, kind: Kind | None, claimed: bool = False) -> Job:
        """Add a job that waits, or that this process has claimed."""
        values = {
            "filename": upload.filename,
            "size": size,
            "stored": stored,
            "kind": kind,
            "replaces": upload.replaces,
        }
        lease = self._clock() + self.LEASE if claimed else 0.0
        state: JobState = "running" if claimed else "waiting"
        with write_transaction(self._backend) as connection:
            adding = insert(tables.jobs).values(
                **values, state=state, attempts=int(claimed), lease=lease, added=now(), reasons="[]"
            )
            job_id = int(connection.execute(adding).inserted_primary_key[0])  # type: ignore[index]
            return _load(connection, job_id)

    def claim(self) -> Job | None:
        """Take the oldest job that is waiting or whose process died; None when there is none to take."""
        if not self._any_open():
            return None
        with write_transaction(self._backend) as connection:
            moment = self._clock()
            self._give_up(connection, moment)
            open_to_all = or_(_JOBS.state == "waiting", (_JOBS.state == "running") & (_JOBS.lease < moment))
            choosing = select(_JOBS.id).where(_UPLOAD, open_to_all).order_by(_JOBS.id).limit(1)
            chosen = connection.execute(choosing).scalar_one_or_none()
            if chosen is None:
                return None
            connection.execute(
                update(tables.jobs)
                .where(_JOBS.id == chosen)
                .values(state="running", attempts=_JOBS.attempts + 1, lease=moment + self.LEASE)
            )
            return _load(connection, chosen)

    def renew(self, job: Job) -> None:
        """Renew the lease of a claimed job, unless another process has claimed it since."""
        with write_transaction(self._backend) as connection:
            connection.execute(update(tables.jobs).where(_claimed(job)).values(lease=self._clock() + self.LEASE))

    def release(self, job: Job) -> None:
        """Let a claimed job wait again; this attempt does not count, because its process lives."""
        with write_transaction(self._backend) as connection:
            waiting = {"state": "waiting", "attempts": _JOBS.attempts - 1, "lease": 0.0}
            connection.execute(update(tables.jobs).where(_claimed(job)).values(**waiting))

    def finish(self, job: Job, status: Status, reasons: Sequence[OutcomeReason], document_id: int | None) -> bool:
        """Store the outcome of a claimed job; False when another process has claimed it since, whose outcome counts."""
        with write_transaction(self._backend) as connection:
            if not finish(connection, _claimed(job), status, reasons, document_id):
                return False
            forget_oldest(connection)
            return True

    def until_next_lease_ends(self) -> float | None:
        """Seconds until the first lease of a running job ends, at least 0; None when no job runs."""
        with read_transaction(self._backend) as connection:
            lease = connection.execute(
                select(func.min(_JOBS.lease)).where(_UPLOAD, _JOBS.state == "running")
            ).scalar_one()
        return None if lease is None else max(0.0, lease - self._clock())

    def get(self, job_id: int) -> Job:
        """One job. Raises NotInKnowledgeBase."""
        with read_transaction(self._backend) as connection:
            return _load(connection, job_id)

    def latest(self, most: int) -> list[Job]:
        """At most so many jobs, newest first."""
        choosing = select(tables.jobs).order_by(_JOBS.id.desc()).limit(most)
        with read_transaction(self._backend) as connection:
            return [self._shown(row) for row in connection.execute(choosing)]

    def stored(self) -> set[str]:
        """The names of the stored files of jobs that are not done."""
        choosing = select(_JOBS.stored).where(_UPLOAD, _JOBS.state != "done")
        with read_transaction(self._backend) as connection:
            return set(connection.execute(choosing).scalars())

    def _shown(self, row: Any) -> Job:
        """A job as it is listed: a file of an inbox whose watcher died waits for the next one."""
        is_dead = row.origin == "inbox" and row.state == "running" and row.lease < self._clock()
        return replace(_to_job(row), state="waiting") if is_dead else _to_job(row)

    def _any_open(self) -> bool:
        """Whether a job is not done; asked without the write lock, so that a read-only home is left alone."""
        with read_transaction(self._backend) as connection:
            return (
                connection.execute(select(_JOBS.id).where(_UPLOAD, _JOBS.state != "done").limit(1)).first() is not None
            )

    @staticmethod
    def _give_up(connection: Connection, moment: float) -> None:
        """End the jobs whose process died for the last time that they may be tried."""
        dead = _UPLOAD & (_JOBS.state == "running") & (_JOBS.lease < moment) & (_JOBS.attempts >= MOST_ATTEMPTS)
        finish(connection, dead, "failed", [OutcomeReason("interrupted")], None)


def _claimed(job: Job) -> ColumnElement[bool]:
    """The condition that a job still runs in the attempt that it was claimed for."""
    return (_JOBS.id == job.id) & (_JOBS.state == "running") & (_JOBS.attempts == job.attempts)


def forget_oldest(connection: Connection) -> None:
    """Delete the oldest jobs that are done, beyond the number that is kept."""
    last = select(_JOBS.id).where(_JOBS.state == "done").order_by(_JOBS.id.desc()).offset(KEPT)
    connection.execute(delete(tables.jobs).where(_JOBS.id.in_(list(connection.execute(last).scalars()))))


def finish(
    connection: Connection,
    jobs: ColumnElement[bool],
    status: Status,
    reasons: Sequence[OutcomeReason],
    document_id: int | None,
) -> int:
    """Store one outcome for the jobs that meet a condition; their number."""
    stored = json.dumps([[reason.code, dict(reason.values)] for reason in reasons], ensure_ascii=False)
    ending = update(tables.jobs).where(jobs)
    return connection.execute(
        ending.values(state="done", status=status, reasons=stored, document_id=document_id, lease=0.0)
    ).rowcount


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
        origin=row.origin,
        kind=row.kind,
        replaces=row.replaces,
        state=row.state,
        added=row.added,
        attempts=row.attempts,
        status=row.status,
        reasons=tuple(OutcomeReason(code, values) for code, values in json.loads(row.reasons)),
        document_id=row.document_id,
    )
