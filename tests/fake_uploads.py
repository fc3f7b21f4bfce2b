"""Uploads that behave, kept in memory and taken in at once as unchanged; and waiting for real ones."""

from __future__ import annotations

import threading
from typing import Any

from kb.errors import NotInKnowledgeBase, TooBig
from kb.model import Kind
from kb.outcomes import Job, OutcomeReason


class FakeUploads:
    """The uploads of a knowledge base that knows every file already."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.jobs: list[Job] = []

    def add(
        self,
        stream: Any,
        filename: str,
        *,
        kind: Kind | None = None,
        replaces: int | None = None,
        password: str | None = None,
    ) -> Job:
        size = len(stream.read(-1))
        if size > self._max_bytes:
            raise TooBig("larger-upload", filename=filename, most=round(self._max_bytes / 1e6))
        number = len(self.jobs) + 1
        reason = OutcomeReason("same-bytes", {"filename": "deck.pdf", "document": 1})
        self.jobs.append(
            Job(number, filename, size, "x", kind, replaces, "done", "2026-11-22T12:00:00+00:00", 1, "unchanged",
                (reason,), 1)
        )  # fmt: skip
        return self.jobs[-1]

    def embed_soon(self) -> None:
        pass

    def get(self, job_id: int) -> Job:
        if not 0 < job_id <= len(self.jobs):
            raise NotInKnowledgeBase(f"there is no job {job_id}")
        return self.jobs[job_id - 1]


def settle() -> None:
    """Wait for the threads that take real uploads in."""
    for thread in threading.enumerate():
        if thread.name == "uploads":
            thread.join(120)
