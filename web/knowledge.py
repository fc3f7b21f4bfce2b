"""The calls of the knowledge base that the pages are made of, as a protocol.

The consumer defines it: `kb.bootstrap.KnowledgeBase` is the one real implementation, and the tests have a small one that
behaves like it. Every call is synchronous and may come from several threads at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Unpack

from kb.anchor import Anchor
from kb.boxes import Marked
from kb.choices import Only, ReferenceChoice, Sort
from kb.model import (
    Answer,
    Citation,
    Decision,
    DecisionVerdict,
    Document,
    Doubt,
    Kind,
    Page,
    Passage,
    Query,
    Reference,
    Span,
    StoredFile,
    Suggestion,
    Trashed,
)
from kb.outcomes import Job
from kb.places import Place
from kb.settings import Settings
from kb.versions import VersionAnswer, VersionQuestion

ONLY: tuple[Only, ...] = ("cited", "here", "missing", "doubtful")
SORTS: tuple[Sort, ...] = ("author", "year", "title", "cited")


class Picture(Protocol):
    """The picture of a page."""

    @property
    def key(self) -> str:
        """Another for another picture: part of its address."""
        ...


class Pictures(Protocol):
    """The pictures of pages, and where text is on them; see ingest.pictures."""

    def picture(self, document: Document, number: int, /) -> Picture | None: ...

    def image(self, picture: Any, width: int, /) -> bytes | None: ...

    def marked(self, picture: Any, page: Page, spans: Sequence[Span], /) -> Sequence[Marked]: ...


class Uploads(Protocol):
    """Uploaded files, which are taken in one after another; see ingest.uploads."""

    def add(
        self, stream: Any, filename: str, *, kind: Kind | None, replaces: int | None, password: str | None
    ) -> Job: ...

    def embed_soon(self) -> None: ...


class KnowledgeBase(Protocol):
    """The calls that the pages are made of; an unknown id is NotInKnowledgeBase, a removed one is Removed."""

    @property
    def settings(self) -> Settings: ...

    def search(self, query: Query, n: int = 10) -> Answer: ...

    def ask(self, query: Query, n: int = 10) -> Answer: ...

    def documents(self) -> list[Document]: ...

    def years(self) -> Sequence[int]: ...

    def document(self, document_id: int, /) -> Document: ...

    def pages(self, document_id: int, /) -> tuple[Page, ...]: ...

    def page(self, document_id: int, number: int, /) -> Page: ...

    def passage(self, passage_id: int, /) -> Passage: ...

    def passages_on(self, document_id: int, number: int, /) -> tuple[Passage, ...]: ...

    def citations_on(self, document_id: int, number: int, /) -> tuple[Citation, ...]: ...

    def references(self, **choice: Unpack[ReferenceChoice]) -> list[Reference]: ...

    def reference_count(self, *, text: str = "", document_id: int | None = None, only: Only | None = None) -> int: ...

    def references_on(self, document_id: int, number: int, /) -> list[Reference]: ...

    def references_for_query(self, text: str, /) -> list[Reference]: ...

    def works_listed(self, answer: Answer, /) -> list[Reference]: ...

    def reference(self, key: str, /) -> Reference: ...

    def look_up(self, key: str, /) -> Suggestion | None: ...

    def accept(self, key: str, /) -> object: ...

    def did_you_mean(self, text: str, /) -> str | None: ...

    def doubts(self) -> Sequence[Doubt]: ...

    def decide(self, doubt_id: str, verdict: DecisionVerdict, /) -> int: ...

    def join(self, key: str, other: str, /) -> int: ...

    def part(self, key: str, /, *, entry_id: int | None = None, citation_id: int | None = None) -> int: ...

    def decisions(self) -> Sequence[Decision]: ...

    def undo(self, decision_id: int, /) -> object: ...

    def file(self, document_id: int, sha256: str, /) -> StoredFile: ...

    def trash(self) -> Sequence[Trashed]: ...

    def undelete(self, document_id: int, /) -> Document: ...

    def version_questions(self) -> Sequence[VersionQuestion]: ...

    def version_answers(self) -> Sequence[VersionAnswer]: ...

    def decide_version(self, question_id: str, verdict: DecisionVerdict, /) -> int: ...

    def undo_version(self, answer_id: int, /) -> bool: ...

    def original(self, document_id: int, sha256: str, /) -> Path: ...

    def find_words(self, document_id: int, number: int, anchor: Anchor, /) -> Place | None: ...

    @property
    def pictures(self) -> Pictures: ...

    @property
    def uploads(self) -> Uploads: ...

    def jobs(self, most: int, /) -> Sequence[Job]: ...

    def job(self, job_id: int, /) -> Job: ...

    def readiness(self) -> Mapping[str, bool | str]: ...
