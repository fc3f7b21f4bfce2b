"""Workers: untrusted work in child processes with limits, a file each.

    call(function, arguments) ─► a thread ─► host process (`ingest.worker_host`) ─► forked child with limits ─► result

Readers, page images and whatever else parses what users bring run here, also when there is one job. A task that hangs,
crashes or needs too much is ended and costs its file, with a reason; the next one is not affected. Hosts are kept warm
between calls and end with this process.
"""

from __future__ import annotations

import atexit
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, BinaryIO, ParamSpec, TypeVar, cast

from ingest.worker_host import Answer, Ending, Limits, Task, receive, send
from kb.errors import DocumentError, OverLimit, UnreadableDocument

USAGE = logging.getLogger(__name__)
"""What each task used, at level debug: filename, how it ended, seconds of computing, megabytes of memory."""

P = ParamSpec("P")
T = TypeVar("T")

# The path of this process is given to the host, so that it finds the same packages, installed or not.
_PROGRAM = "import sys; sys.path[:] = {path!r}; from ingest.worker_host import main; main()"
# One thread each: a host forks, and a fork of a process with threads may hang.
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# How much longer than the limit on wall time an answer may take, for starting and for sending the file.
_GRACE = 60.0


class Workers:
    """A number of warm child processes. A context: at its end they are kept for the next call."""

    def __init__(self, jobs: int = 1, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.ahead = 2 * jobs if jobs > 1 else 0
        """How many files are read ahead of the one that is finished."""
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="worker")
        _hosts.warm(jobs)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def submit(self, filename: str, function: Callable[P, T], *arguments: P.args, **_: P.kwargs) -> Future[T]:
        """Begin to call a function that can be imported; the future raises as `call` does."""
        return self._threads.submit(self._call, filename, Task(function, arguments, self.limits))

    def call(self, filename: str, function: Callable[P, T], *arguments: P.args, **_: P.kwargs) -> T:
        """The result of a function that can be imported, called in a child process.

        Raises the DocumentError that the function raised; OverLimit with the limit when it went beyond one;
        UnreadableDocument when it crashed or raised anything else. `filename` is named in these.
        """
        result: T = self._call(filename, Task(function, arguments, self.limits))
        return result

    def _call(self, filename: str, task: Task) -> Any:
        answer = _hosts.run(task)
        USAGE.debug("%s: %s, %.2f s, %d MB", filename, answer.ending, answer.cpu_seconds, answer.peak >> 20)
        if answer.ending == "result":
            return answer.value
        raise _error(filename, answer, task.limits)


def _error(filename: str, answer: Answer, limits: Limits) -> DocumentError:
    """What a caller is to know of a task without a result."""
    if isinstance(answer.value, DocumentError):
        return answer.value
    if answer.ending == "defect":
        return UnreadableDocument("defect", filename=filename, cause=str(answer.value))
    reached: dict[Ending, float] = {
        "cpu": limits.cpu_seconds,
        "wall": limits.wall_seconds,
        "memory": limits.memory / 2**20,
        "output": limits.output / 2**20,
    }
    if answer.ending in reached:
        return OverLimit(f"over-{answer.ending}", filename=filename, most=round(reached[answer.ending]))
    return UnreadableDocument("crashed", filename=filename, cause=str(answer.value))


class _Host:
    """A host process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, "-c", _PROGRAM.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ONE_THREAD},
        )
        self._into = cast("BinaryIO", self._process.stdin)
        self._out = cast("BinaryIO", self._process.stdout)

    def run(self, task: Task) -> Answer:
        """Run a task. Raises OSError or EOFError when the host ended, which it does not by itself."""
        late = threading.Timer(task.limits.wall_seconds + _GRACE, self._process.kill)
        late.daemon = True
        late.start()
        try:
            send(self._into, task)
            answer: Answer = receive(self._out)
            return answer
        finally:
            late.cancel()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """End the host and what it runs."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        for stream in (self._into, self._out):
            with suppress(OSError):
                stream.close()


class _Hosts:
    """The hosts of this process that have nothing to do, kept for the next task."""

    def __init__(self) -> None:
        self._idle: list[_Host] = []
        self._lock = threading.Lock()

    def warm(self, count: int) -> None:
        """Start hosts, so that they are ready when the first tasks come."""
        with self._lock:
            self._idle = [host for host in self._idle if host.alive]
            self._idle.extend(_Host() for _ in range(count - len(self._idle)))

    def run(self, task: Task) -> Answer:
        """Run a task in an idle host, or in a new one."""
        for _ in range(2):  # a host that was killed from outside is replaced once
            with self._lock:
                host = self._idle.pop() if self._idle else None
            host = host or _Host()
            try:
                answer = host.run(task)
            except (OSError, EOFError):
                host.end()
                continue
            with self._lock:
                self._idle.append(host)
            return answer
        return Answer("crashed", "its process ended")

    def close(self) -> None:
        """End all hosts."""
        with self._lock:
            hosts, self._idle = self._idle, []
        for host in hosts:
            host.end()


_hosts = _Hosts()
atexit.register(_hosts.close)
