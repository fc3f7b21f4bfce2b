"""The inbox: a folder whose files are taken in as they arrive.

    folder ─► files that are still ─► not handled as they are now ─► ingest ─► handled, with the outcome
      ▲           (size and time)                                                 │
      └────────────────────────── looked at again, every few seconds ◄────────────┘

The folder is looked through at intervals, which works on network shares too. A file is taken in when its size and time
have not changed for a while, so a file that is being copied is left alone. Handled files are remembered by size and
time, over restarts as well: a file that failed is tried again when it changes, and a document that was removed from the
knowledge base does not come back. When that memory is lost, nothing else is: known bytes are `unchanged`.

Nothing is deleted. With `move` a handled file goes to the folder `done` or `failed` inside the inbox, the latter with
its reason in a file beside it, under a name that is free there.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ingest.files import printable, walk
from ingest.report import IngestReport
from kb.durable import replacing
from kb.errors import KnowledgeBaseError
from kb.outcomes import OutcomeReason, Status

log = logging.getLogger(__name__)

# Seconds for which size and time must not change, and between two looks.
STILL = 2.0
EVERY = 2.0
# The most files that are taken in before the memory is written.
BATCH = 20
DONE, FAILED = "done", "failed"

TakeIn = Callable[[Sequence[Path]], Iterator[IngestReport]]


class Journal(Protocol):
    """Lists the files of inboxes where the doors show them; see kb.catalogue.inbox_jobs."""

    def begin(self, path: str, filename: str, size: int) -> int: ...

    def start(self, job_id: int) -> None: ...

    def end(self, job_id: int, status: Status, reasons: Sequence[OutcomeReason], document_id: int | None) -> None: ...

    def drop(self, job_ids: Iterable[int]) -> None: ...

    def open(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class Signature:
    """The values by which a change of a file is noticed."""

    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file as it was seen, and since when it has been so, on a clock that only moves forward."""

    signature: Signature
    since: float


class Memory:
    """The handled files, by path, in a file that is written as a whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handled: dict[str, Signature] = {}
        with suppress(OSError, ValueError, TypeError, AttributeError):  # a memory that is lost is built again
            stored = json.loads(path.read_text("utf-8"))
            self._handled = {name: Signature(*values) for name, values in stored.items()}

    def is_handled(self, path: Path, signature: Signature) -> bool:
        """Whether a file was handled as it is now."""
        return self._handled.get(str(path)) == signature

    def add(self, path: Path, signature: Signature) -> None:
        """Remember that a file was handled."""
        self._handled[str(path)] = signature

    def save(self, folder: Path) -> None:
        """Write the memory to disk, without the files of a folder that are gone."""
        gone = [name for name in self._handled if Path(name).is_relative_to(folder) and not Path(name).exists()]
        for name in gone:
            del self._handled[name]
        stored = {name: [seen.size, seen.modified_ns] for name, seen in self._handled.items()}
        # A name of bytes that are not UTF-8 is written with escapes, which JSON gives back as they were.
        with replacing(self._path) as file:
            file.write(json.dumps(stored, indent=1).encode("ascii"))


class Inbox:
    """A folder that is watched."""

    def __init__(
        self,
        folder: Path,
        take_in: TakeIn,
        memory: Path,
        journal: Journal,
        *,
        move: bool = False,
        still: float = STILL,
    ) -> None:
        """`take_in` gives a report for each of some paths; `memory` is the file that remembers the handled ones."""
        self.folder = folder.resolve()
        if not self.folder.is_dir():
            raise KnowledgeBaseError(f"{folder} is no folder: make it, or name another as the inbox")
        self._take_in = take_in
        self._memory = Memory(memory)
        self._journal = journal
        self._move = move
        self._still = still
        self._seen: dict[Path, Sighting] = {}

    def once(
        self, wait: Callable[[float], object] = time.sleep, clock: Callable[[], float] = time.monotonic
    ) -> Iterator[IngestReport]:
        """Take in what is there and still; a report for each file. What keeps changing is left for the next time."""
        self.forget_gone()
        self.look(clock())
        wait(self._still)
        yield from self.handle(self.look(clock()))

    def run(self, stop: threading.Event, every: float = EVERY) -> Iterator[IngestReport]:
        """Take in what arrives, until `stop` is set; a report for each file as it is done."""
        self.forget_gone()
        while not stop.is_set():
            try:
                yield from self.handle(self.look(time.monotonic()))
            except (KnowledgeBaseError, OSError) as error:  # a full disk, a share that is away: it may come back
                log.warning("the inbox %s: %s; it is tried again", self.folder, error)
            stop.wait(every)

    def forget_gone(self) -> None:
        """Delete the open jobs of files that are no longer there: their watcher died, and the file was taken away."""
        with unlisted():
            gone = [job_id for path, job_id in self._journal.open().items() if not Path(path).exists()]
            if gone:
                self._journal.drop(gone)

    def look(self, now: float) -> list[Path]:
        """Look through the folder at a time in seconds; the files that are ready to be taken in, by name."""
        seen: dict[Path, Sighting] = {}
        ready: list[Path] = []
        for path in self._files():
            signature = signature_of(path)
            if signature is None:
                continue
            before = self._seen.get(path)
            unchanged = before is not None and before.signature == signature
            seen[path] = before if before is not None and unchanged else Sighting(signature, now)
            if now - seen[path].since >= self._still and not self._memory.is_handled(path, signature):
                ready.append(path)
        self._seen = seen
        return ready

    def handle(self, ready: Sequence[Path]) -> Iterator[IngestReport]:
        """Take files in; a report for each that was still there."""
        for start in range(0, len(ready), BATCH):
            batch = ready[start : start + BATCH]
            before = {printable(str(path)): (path, signature_of(path)) for path in batch}
            listed = self._listed(before.values())
            try:
                for report in self._take_in(batch):
                    path, signature = before.get(report.path, (None, None))
                    if path is None or signature is None:
                        continue  # it was gone before it could be read
                    if signature_of(path) == signature:
                        report = self._settle(path, signature, report, listed)
                    else:
                        listed.drop(path)
                    yield report
            finally:
                self._memory.save(self.folder)

    def _listed(self, files: Iterable[tuple[Path, Signature | None]]) -> _Listed:
        """The jobs of the files of a batch; the first is started."""
        jobs: dict[Path, int] = {}
        with unlisted():
            for path, signature in files:
                if signature is not None:
                    jobs[path] = self._journal.begin(printable(str(path)), printable(path.name), signature.size)
        listed = _Listed(self._journal, jobs)
        listed.start_next()
        return listed

    def _files(self) -> Iterator[Path]:
        for item in walk([self.folder]):
            if isinstance(item, IngestReport):
                log.warning("the inbox: %s: %s", item.path, item.reason)
            elif not (self._move and item.relative_to(self.folder).parts[0] in (DONE, FAILED)):
                yield item

    def _settle(self, path: Path, signature: Signature, report: IngestReport, listed: _Listed) -> IngestReport:
        """Remember a handled file, and move it away when that is wanted; the report with the place where it is now."""
        self._memory.add(path, signature)
        listed.end(path, report)
        if not self._move:
            return report
        kept = report.taken_in or report.status == "partial"
        try:
            target = moved(path, self.folder / (DONE if kept else FAILED))
            if not report.taken_in:
                target.with_name(f"{target.name}.reason.txt").write_text(f"{report.status}: {report.reason}\n", "utf-8")
            if kept:
                # The next file of this name is then no new version of this one, which is still here.
                run_to_end(self._take_in([target]))
        except OSError as error:
            log.warning("the inbox: %s was handled and cannot be moved: %s", path, error)
            return report
        return replace(report, path=printable(str(target)))


@dataclass(frozen=True, slots=True)
class _Listed:
    """The jobs of a batch that are not done yet, by path, in the order in which the files are read."""

    journal: Journal
    jobs: dict[Path, int]

    def start_next(self) -> None:
        """Note that the next file is being read."""
        if self.jobs:
            with unlisted():
                self.journal.start(next(iter(self.jobs.values())))

    def end(self, path: Path, report: IngestReport) -> None:
        """Store the outcome of a file, and start the next."""
        job_id = self.jobs.pop(path, None)
        if job_id is not None:
            with unlisted():
                self.journal.end(job_id, report.status, report.reasons, report.document_id)
        self.start_next()

    def drop(self, path: Path) -> None:
        """Delete the job of a file that changed while it was read: it is taken in again, as a job of its own."""
        job_id = self.jobs.pop(path, None)
        if job_id is not None:
            with unlisted():
                self.journal.drop([job_id])
        self.start_next()


@contextmanager
def unlisted() -> Iterator[None]:
    """Let a file be taken in though it cannot be listed; the outcome is logged and, with `move`, beside the file as well."""
    try:
        yield
    except KnowledgeBaseError as error:
        log.warning("the inbox: its files are not listed: %s", error)


def signature_of(path: Path) -> Signature | None:
    """Size and time of a file; None when it is gone or cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Signature(status.st_size, status.st_mtime_ns)


def moved(path: Path, folder: Path) -> Path:
    """Move a file into a folder, under a name that is free there; its new path."""
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    number = 1
    while True:
        try:
            target.touch(exist_ok=False)  # takes the name, so that no other process can
            return path.rename(target)
        except FileExistsError:
            number += 1
            target = folder / f"{path.stem} ({number}){path.suffix}"


def run_to_end(reports: Iterator[IngestReport]) -> None:
    """Let an iterator run to its end."""
    for _ in reports:
        pass
