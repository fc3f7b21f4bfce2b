"""The jobs of inboxes: the files that a watcher takes in, listed beside the uploads while they wait, run and are done.

    begin ─► waiting ─► start ─► running ─► end ─► done, with the outcome

Nobody claims such a job: its file lies in the inbox, and the watcher that finds it there next goes on with the job. Until then a
job whose watcher died waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import delete, insert, select, update

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.contents import now
from kb.catalogue.jobs import finish, forget_oldest
from kb.catalogue.store import read_transaction, write_transaction
from kb.outcomes import OutcomeReason, Status

_JOBS = tables.jobs.c
_OPEN = (_JOBS.origin == "inbox") & (_JOBS.state != "done")


class InboxJobs:
    """The jobs of the inboxes of a catalogue."""

    LEASE = 600.0
    """Seconds after which a running file is shown as waiting: its watcher died, for reading a file takes less."""

    def __init__(self, backend: Backend, clock: Callable[[], float] = time.time) -> None:
        self._backend = backend
        self._clock = clock

    def begin(self, path: str, filename: str, size: int) -> int:
        """Add a job that waits for a file, or go on with the open one for this path; its id."""
        waiting = {"filename": filename, "size": size, "state": "waiting", "lease": 0.0}
        with write_transaction(self._backend) as connection:
            job_id = connection.execute(select(_JOBS.id).where(_OPEN, _JOBS.stored == path)).scalar()
            if job_id is not None:
                connection.execute(update(tables.jobs).where(_JOBS.id == job_id).values(**waiting))
                return int(job_id)
            adding = insert(tables.jobs).values(
                **waiting, stored=path, origin="inbox", added=now(), attempts=0, reasons="[]"
            )
            return int(connection.execute(adding).inserted_primary_key[0])  # type: ignore[index]

    def start(self, job_id: int) -> None:
        """Note that a file is being read."""
        running = {"state": "running", "attempts": _JOBS.attempts + 1, "lease": self._clock() + self.LEASE}
        with write_transaction(self._backend) as connection:
            connection.execute(update(tables.jobs).where(_OPEN, _JOBS.id == job_id).values(**running))

    def end(self, job_id: int, status: Status, reasons: Sequence[OutcomeReason], document_id: int | None) -> None:
        """Store the outcome of a file."""
        with write_transaction(self._backend) as connection:
            finish(connection, _OPEN & (_JOBS.id == job_id), status, reasons, document_id)
            forget_oldest(connection)

    def drop(self, job_ids: Iterable[int]) -> None:
        """Delete open jobs: their files changed while they were read, or are gone."""
        with write_transaction(self._backend) as connection:
            connection.execute(delete(tables.jobs).where(_OPEN, _JOBS.id.in_(list(job_ids))))

    def open(self) -> dict[str, int]:
        """The jobs that are not done, by the path of their file."""
        with read_transaction(self._backend) as connection:
            return {row.stored: row.id for row in connection.execute(select(_JOBS.stored, _JOBS.id).where(_OPEN))}
