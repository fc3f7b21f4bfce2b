"""Processes that prepare documents. One that ends unexpectedly costs its file and no other."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ingest.preparing import prepare
from ingest.source import Source
from kb.catalogue import Prepared
from kb.errors import UnreadableDocument


class Workers:
    """A pool of processes that prepare documents; with one job they are prepared in this process."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.ahead = 2 * jobs if jobs > 1 else 0
        """How many files are read ahead of the one that is finished."""
        self.pool = self._open(jobs) if jobs > 1 else None

    @staticmethod
    def _open(jobs: int) -> ProcessPoolExecutor:
        # Spawned, not forked: the parent has threads (BLAS, FAISS) that a fork would copy half of.
        return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, source: Source) -> Future[Prepared]:
        """Begin to prepare a source; `result` of the future gives the document."""
        if self.pool is None:
            return _done(source)
        try:
            return self.pool.submit(prepare, source)
        except BrokenProcessPool:
            self.pool = self._open(self.jobs)
            return self.pool.submit(prepare, source)

    def result(self, source: Source, future: Future[Prepared]) -> Prepared:
        """The document of a source. Raises a DocumentError when there is none."""
        try:
            return future.result()
        except BrokenProcessPool:
            # One file ended its process and every file in flight failed with it: this one gets a process of its own.
            return self._alone(source)

    def _alone(self, source: Source) -> Prepared:
        with self._open(1) as alone:
            try:
                return alone.submit(prepare, source).result()
            except BrokenProcessPool as error:
                raise UnreadableDocument("the reader crashed on this file: save it anew and ingest it again") from error


def _done(source: Source) -> Future[Prepared]:
    """A future that is done already."""
    future: Future[Prepared] = Future()
    try:
        future.set_result(prepare(source))
    except Exception as error:
        future.set_exception(error)
    return future
