"""Uploads: files that arrive over HTTP, kept on disk and taken in one after another.

    stream ─► uploads/<name> (fsynced) ─► job in the catalogue ─► ingest ─► outcome in the job, the stored file deleted

The stored file is complete before its job exists, and is deleted after the outcome is stored, so that a stop at any moment
loses no upload: its job is taken up again, by the next process or by this one. Jobs run in one thread of the process. It ends
when no job is left; while one runs in another process it waits, because that process may die.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ingest.files import printable
from ingest.report import IngestReport, because
from kb.catalogue import Jobs
from kb.durable import sync_folder
from kb.errors import KnowledgeBaseError, TooBig
from kb.model import Kind
from kb.outcomes import Job, Upload

log = logging.getLogger(__name__)

PIECE = 1 << 20
"""Bytes that are read from a stream at a time."""
STRAY = 24 * 3600
"""Age in seconds from which a stored file without a job is deleted: its upload was broken off."""
MARGIN = 0.1
"""Seconds after the end of a lease at which its job is looked for."""
AGAIN = 30.0
"""Seconds after which jobs are tried again when the catalogue or the disk failed."""


class Stream(Protocol):
    """Bytes that arrive."""

    def read(self, size: int, /) -> bytes: ...


class TakeIn(Protocol):
    """Ingest, as `KnowledgeBase.ingest` does it."""

    def __call__(
        self,
        paths: Sequence[Path],
        *,
        kind: Kind | None,
        uploads: Mapping[Path, Upload],
        password: str | None,
    ) -> Iterator[IngestReport]: ...


class Uploads:
    """The uploaded files of a knowledge base. Safe to share between threads and processes."""

    def __init__(
        self, folder: Path, jobs: Jobs, take_in: TakeIn, embed: Callable[[], object], *, max_bytes: int
    ) -> None:
        """`embed` makes what was taken in findable by meaning."""
        self._folder = folder
        self._jobs = jobs
        self._take_in = take_in
        self._embed = embed
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._awake = threading.Event()
        self._embedding_due = False
        self._closing = False

    def add(
        self,
        stream: Stream,
        filename: str,
        *,
        kind: Kind | None = None,
        replaces: int | None = None,
        password: str | None = None,
    ) -> Job:
        """Keep an uploaded file and take it in soon; with a password now, because passwords are not stored.

        Raises TooBig for more than `max_bytes`, and OSError when the bytes cannot be kept.
        """
        filename = printable(Path(filename.replace("\\", "/")).name).strip() or "upload"
        stored = secrets.token_hex(16)
        size = self._keep(stream, filename, self._folder / stored)
        upload = Upload(filename, replaces)
        job = self._jobs.add(upload, size, stored, kind=kind, claimed=password is not None)
        if password is not None:
            self._run(job, password)
            return self._jobs.get(job.id)
        self.resume()
        return job

    def resume(self) -> None:
        """Work off the jobs that wait, in a thread; those of a process that died as well."""
        with self._lock:
            self._awake.set()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self.work, name="uploads", daemon=True)
                self._thread.start()

    def embed_soon(self) -> None:
        """Embed what waits for it, in the same thread."""
        self._embedding_due = True
        self.resume()

    def close(self) -> None:
        """Wait for the job at hand, and leave the others to the next process."""
        with self._lock:
            self._closing, thread = True, self._thread
            self._awake.set()
        if thread is not None:
            thread.join()

    def work(self) -> None:
        """Take jobs up until none is left, here or in another process."""
        while True:
            self._awake.clear()
            try:
                pause = self._round()
            except (KnowledgeBaseError, OSError) as error:  # a full disk, a locked catalogue
                log.warning("uploads: %s; they are tried again in %.0f s", error, AGAIN)
                pause = AGAIN
            with self._lock:
                if self._closing or (pause is None and not self._awake.is_set()):
                    self._thread = None  # a file that is added from now on starts another thread
                    return
            self._awake.wait(None if pause is None else pause + MARGIN)

    def _round(self) -> float | None:
        """Take up what can be taken up; the seconds until a job of another process may be, None when there is none."""
        self._sweep()
        if self._embedding_due:
            self._embedding_due = False
            self._make_findable()
        while not self._closing and (job := self._jobs.claim()) is not None:
            self._run(job)
        return self._jobs.until_next_lease_ends()

    def _keep(self, stream: Stream, filename: str, path: Path) -> int:
        """Write the bytes of a stream to a file that lasts; their number."""
        self._folder.mkdir(parents=True, exist_ok=True)
        size = 0
        try:
            with path.open("xb") as file:
                while piece := stream.read(PIECE):
                    size += len(piece)
                    if size > self._max_bytes:
                        raise TooBig("larger-upload", filename=filename, most=round(self._max_bytes / 1e6))
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        sync_folder(self._folder)
        return size

    def _run(self, job: Job, password: str | None = None) -> None:
        path = self._folder / job.stored
        with self._renewing(job):
            report = self._outcome(job, path, password)
            try:
                is_ours = self._jobs.finish(job, report.status, report.reasons, report.document_id)
            except (KnowledgeBaseError, OSError):
                if password is None:
                    with suppress(KnowledgeBaseError, OSError):  # else its lease ends
                        self._jobs.release(job)
                raise
        if is_ours:
            path.unlink(missing_ok=True)
            if report.document_id is not None:
                self._make_findable()

    def _make_findable(self) -> None:
        """Embed what was taken in. It stays in when that fails, and is found by words until the next time."""
        try:
            self._embed()
        except Exception as error:
            log.warning("uploads: taken in, and not yet found by meaning: %s", error)
            log.debug("embedding", exc_info=True)

    def _outcome(self, job: Job, path: Path, password: str | None) -> IngestReport:
        """Take the file of a job in; the report of it, also when something fails that ingest does not expect."""
        try:
            upload = Upload(job.filename, job.replaces)
            report = list(self._take_in([path], kind=job.kind, uploads={path: upload}, password=password))[-1]
        except KnowledgeBaseError as error:
            return IngestReport(str(path), "failed", because("refused", text=str(error)))
        except Exception as error:
            log.exception("upload %s", job.filename)
            return IngestReport(str(path), "failed", because("not-kept", text=type(error).__name__))
        had_password = report.status == "locked" and job.attempts > 1
        return replace(report, reasons=because("password-gone")) if had_password else report

    @contextmanager
    def _renewing(self, job: Job) -> Iterator[None]:
        """Renew the lease of a job while it runs."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(Jobs.LEASE / 3):
                try:
                    self._jobs.renew(job)
                except KnowledgeBaseError as error:
                    log.warning("uploads: %s", error)

        thread = threading.Thread(target=renew, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _sweep(self) -> None:
        """Delete stored files that are old and belong to no job."""
        if not self._folder.is_dir():
            return
        wanted = self._jobs.stored()
        for path in self._folder.iterdir():
            if path.name not in wanted and time.time() - path.stat().st_mtime > STRAY:
                path.unlink(missing_ok=True)
