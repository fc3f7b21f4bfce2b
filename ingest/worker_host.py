"""The process that runs untrusted work: it forks a child per task, with limits, and sends the outcome back.

    parent ── task ─► host ── fork ─► child: limits ─► function(*arguments) ─┐
    parent ◄─ answer ─ host ◄──────────── result, or how the child ended ◄───┘

The host has everything imported and does nothing but fork, so that a child starts in milliseconds, each task has its own
limits, and a child that dies takes no other task with it. Where there is no fork (Windows) the host runs the task itself
and only the wall time is limited, by the parent.

Messages in both directions are a length of 8 bytes, little-endian, and a pickle. The limits protect against files that
hang, crash or fill the memory; they are no sandbox against code that a file would get to run.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from kb.errors import DocumentError

if TYPE_CHECKING:
    from resource import struct_rusage

# The code with which a child ends that ran out of memory and could not say so.
OUT_OF_MEMORY = 77
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may use."""

    cpu_seconds: int = 60
    wall_seconds: float = 120.0
    memory: int = 1536 * 2**20
    """Address space, bytes."""
    open_files: int = 256
    output: int = 256 * 2**20
    """Bytes of a result, and of any file that is written."""


@dataclass(frozen=True, slots=True)
class Task:
    """A function that can be imported, and its arguments."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    limits: Limits


Ending = Literal["result", "refused", "defect", "cpu", "wall", "memory", "output", "crashed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """How a task ended; `value` is the result, the DocumentError, or a phrase about a defect or crash."""

    ending: Ending
    value: Any = None
    cpu_seconds: float = 0.0
    peak: int = 0
    """Most memory in use, bytes; 0 when it is not known."""


def receive(stream: BinaryIO) -> Any:
    """The next message. Raises EOFError when the other side is gone."""
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    size = int.from_bytes(head, "little")
    body = stream.read(size)
    if len(body) < size:
        raise EOFError
    return pickle.loads(body)  # noqa: S301 - from our own process


def send(stream: BinaryIO, message: object) -> None:
    """Write a message."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(len(body).to_bytes(8, "little"))
    stream.write(body)
    stream.flush()


def main() -> None:
    """Serve tasks from standard input until it ends."""
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a library that prints must not disturb the messages
    _import_readers()
    while True:
        try:
            task = receive(tasks)
        except EOFError:
            return
        send(answers, _forked(task) if hasattr(os, "fork") else _attempt(task))


def _import_readers() -> None:
    """Import once, for all children, what preparing a document needs."""
    for name in ("preparing", "readers.pdf", "readers.pptx", "readers.docx", "readers.html", "readers.plain"):
        import_module(f"ingest.{name}")
    gc.collect()
    gc.freeze()  # what is imported stays as it is, and its memory is shared with the children


def _attempt(task: Task) -> Answer:
    """Run a task in this process."""
    try:
        return Answer("result", task.function(*task.arguments))
    except DocumentError as error:
        return Answer("refused", error)
    except (MemoryError, RecursionError):
        return Answer("memory")
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Answer("defect", f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}")


def _forked(task: Task) -> Answer:
    """Run a task in a child with limits."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        _run(task, into)
    os.close(into)
    try:
        body, ending = _collect(out, child, task.limits)
    finally:
        os.close(out)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)  # also what the child started
    _, status, usage = os.wait4(child, 0)
    answer = Answer(ending) if ending is not None else _outcome(body, os.waitstatus_to_exitcode(status), usage, task)
    return replace(answer, cpu_seconds=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss * 1024)


def _outcome(body: bytes, code: int, usage: struct_rusage, task: Task) -> Answer:
    """The answer that a child wrote; else why it ended without one."""
    if code == 0:
        with suppress(Exception):
            answer: Answer = pickle.loads(body)  # noqa: S301 - from our own child
            return answer
    return _death(code, usage.ru_maxrss * 1024, task.limits)


def _collect(out: int, child: int, limits: Limits) -> tuple[bytes, Ending | None]:
    """What the child writes until it ends; else the limit that it went beyond."""
    deadline = time.monotonic() + limits.wall_seconds
    pieces: list[bytes] = []
    size = 0
    while True:
        ready, _, _ = select.select([out], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return b"", "wall"
        piece = os.read(out, CHUNK)
        if not piece:
            return b"".join(pieces), None
        pieces.append(piece)
        size += len(piece)
        if size > limits.output:
            return b"", "output"


def _death(code: int, peak: int, limits: Limits) -> Answer:
    """Why a child ended without an answer, by its exit code and the most memory it used, in bytes."""
    if code == -signal.SIGXCPU:
        return Answer("cpu")
    if code == OUT_OF_MEMORY or peak > 0.7 * limits.memory:
        return Answer("memory")
    return Answer("crashed", signal.Signals(-code).name if code < 0 else f"exit {code}")


def _run(task: Task, into: int) -> None:
    """In the child: set the limits, run the task, write the answer; never returns."""
    code = 1
    try:
        os.setsid()
        _limit(task.limits)
        body = pickle.dumps(_attempt(task), pickle.HIGHEST_PROTOCOL)
        view = memoryview(body)
        while view:
            view = view[os.write(into, view[:CHUNK]) :]
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:
        os._exit(code)


def _limit(limits: Limits) -> None:
    import resource

    def lower(which: int, most: int) -> None:
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most if which != resource.RLIMIT_CPU else hard))

    lower(resource.RLIMIT_CPU, limits.cpu_seconds)
    lower(resource.RLIMIT_AS, limits.memory)
    lower(resource.RLIMIT_NOFILE, limits.open_files)
    lower(resource.RLIMIT_FSIZE, limits.output)
    lower(resource.RLIMIT_CORE, 0)
