"""Workers: whatever a file does to the process that reads it costs that file, with a reason, and no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from ingest.worker_host import Limits
from ingest.workers import Workers
from kb.errors import DocumentError, LockedDocument, OverLimit, TooBig, UnreadableDocument
from tests import worker_tasks

SMALL = Limits(cpu_seconds=60, wall_seconds=120.0, memory=400 * 2**20, output=2**20)
"""Limits of which only memory and output are low, so that a busy machine cannot reach another one first."""


@pytest.fixture
def workers() -> Iterator[Workers]:
    with Workers(limits=SMALL) as made:
        yield made


@pytest.mark.parametrize(
    ("task", "kind", "reason"),
    [
        (worker_tasks.fill_memory, OverLimit, "takes more than 400 MB of memory"),
        (worker_tasks.crash, UnreadableDocument, "the reader crashed on this file (SIGABRT)"),
        (worker_tasks.leave, UnreadableDocument, "the reader crashed on this file (exit 3)"),
        (
            worker_tasks.fail,
            UnreadableDocument,
            "a defect that this file brings to light (IndexError in worker_tasks.py",
        ),
        (worker_tasks.refuse, LockedDocument, "a.pdf: asks for a password"),
    ],
)
def test_a_task_that_ends_badly_costs_its_file_and_says_why(
    workers: Workers, task: Callable[[], Any], kind: type[DocumentError], reason: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        workers.call("a.pdf", task)
    assert type(caught.value) is kind
    assert reason in str(caught.value)
    assert str(caught.value).startswith("a.pdf:")
    assert workers.call("b.pdf", worker_tasks.double, 21) == 42


def test_a_task_that_computes_for_ever_is_ended(workers: Workers) -> None:
    hasty = Workers(limits=replace(SMALL, cpu_seconds=1))
    with hasty, pytest.raises(TooBig, match="takes more than 1 seconds of computing"):
        hasty.call("a.pdf", worker_tasks.compute_for_ever)
    assert workers.call("b.pdf", worker_tasks.double, 21) == 42


def test_a_task_that_waits_for_ever_is_ended(workers: Workers) -> None:
    hasty = Workers(limits=replace(SMALL, wall_seconds=0.5))
    with hasty, pytest.raises(TooBig, match="takes more than 0 seconds"):
        hasty.call("a.pdf", worker_tasks.wait_for_ever)
    assert workers.call("b.pdf", worker_tasks.double, 21) == 42


def test_a_result_is_bounded(workers: Workers) -> None:
    assert workers.call("a.pdf", worker_tasks.return_bytes, 1000) == bytes(1000)
    with pytest.raises(TooBig, match="more than 1 MB of text"):
        workers.call("a.pdf", worker_tasks.return_bytes, 2 * 2**20)


def test_what_a_library_prints_is_no_answer(workers: Workers) -> None:
    assert workers.call("a.pdf", worker_tasks.talk) == "answer"


def test_each_task_has_a_process_and_limits_of_its_own(workers: Workers) -> None:
    processes = {workers.call("a.pdf", worker_tasks.process_id) for _ in range(3)}
    assert len(processes) == 3
    assert os.getpid() not in processes
    assert workers.call("a.pdf", worker_tasks.limits) == {
        "RLIMIT_CPU": 60,
        "RLIMIT_AS": 400 * 2**20,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_FSIZE": 2**20,
        "RLIMIT_CORE": 0,
    }


def test_tasks_of_several_jobs_give_their_own_results() -> None:
    with Workers(2, SMALL) as workers:
        futures = [workers.submit("a.pdf", worker_tasks.double, number) for number in range(20)]
        assert [future.result() for future in futures] == [2 * number for number in range(20)]
