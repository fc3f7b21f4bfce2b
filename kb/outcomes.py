"""Outcomes of intake: the state of each file, its reasons as codes with values, and the jobs of uploads and inboxes.

    OutcomeReason("same-bytes", {"filename": "a.pptx", "document": 3}) ─► "the same bytes as a.pptx (document 3)"

The texts are English; a door that speaks another language passes its own `gettext`. A refusal by a reader has the code and the
values of the error (kb.refusals); one by the catalogue has the code `refused` and its sentence as the value `text`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from kb.model import Kind
from kb.refusals import TEXTS, Value, filled, in_english

Status = Literal[
    "added", "unchanged", "replaced", "partial", "empty", "needs-ocr", "locked", "unsupported", "too-big", "failed"
]
TAKEN_IN: frozenset[str] = frozenset({"added", "unchanged", "replaced"})

REASONS: Mapping[str, str] = {
    **TEXTS,
    "refused": "%(text)s",
    "same-bytes": "the same bytes as %(filename)s (document %(document)s)",
    "original-restored": "its original was lost or damaged, and is kept again",
    "other-kind": "%(before)s before, %(now)s now",
    "same-work": "the same work as %(filename)s: one document, both files",
    "similar": "perhaps a new version of %(filename)s (document %(document)s): both are kept, and a question waits",
    "earlier-version": "an earlier version of document %(document)s, by your answer: kb review takes it back",
    "pages-failed": "%(pages)s could not be read (%(reason)s); the rest is in",
    "pages-need-ocr": "needs-ocr: %(pages)s shows pictures and no text: install tesseract with Dutch and English, and"
    " ingest it again",
    "recognised": "the text of %(pages)s was read off pictures by text recognition, and may have mistakes",
    "recognised-again": "its pictures were read with text recognition, which was not installed before",
    "letters-lost": "the text of %(pages)s lacks letters, so that words of it are not found: make the file anew from its"
    " source, or run text recognition (OCR) on it",
    "bibliography-same-bytes": "the same bytes as %(filename)s",
    "records-left-out": "%(records)s left out: %(broken)s",
    "not-kept": "it cannot be read or kept: %(text)s",
    "unreachable": "it cannot be reached: %(text)s",
    "folder-closed": "this folder cannot be opened: %(text)s",
    "missing": "there is no such file or folder",
    "interrupted": "the program that read it stopped twice: try it once more, or take it in with kb ingest",
    "password-gone": "the program that read it stopped, and passwords are not kept: send it again with its password",
}


@dataclass(frozen=True, slots=True)
class OutcomeReason:
    """The reason of an outcome."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        return worded(self, str)


def worded(reason: OutcomeReason, translate: Callable[[str], str], number: Callable[[int], str] = in_english) -> str:
    """A reason as a sentence, in the language of `translate`; `number` writes a number."""
    return filled(REASONS[reason.code], reason.values, translate, number)


@dataclass(frozen=True, slots=True)
class Upload:
    """The name of an uploaded file, which is stored under another one, and the document of which it is a new version."""

    filename: str
    replaces: int | None = None


Origin = Literal["upload", "inbox"]
JobState = Literal["waiting", "running", "done"]


@dataclass(frozen=True, slots=True)
class Job:
    """A file that is to be taken in, or was: an upload, or a file of an inbox."""

    id: int
    filename: str
    size: int
    """In bytes."""
    stored: str
    """Name of the file that holds the bytes of an upload until the job is done."""
    kind: Kind | None
    """As given by the user; None leaves it to the reader."""
    replaces: int | None
    """Id of the document of which it is a new version."""
    state: JobState
    added: str
    """ISO 8601, UTC."""
    attempts: int = 0
    status: Status | None = None
    """The outcome, once it is done."""
    reasons: tuple[OutcomeReason, ...] = ()
    document_id: int | None = None
    origin: Origin = "upload"
