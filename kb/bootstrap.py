"""Assembly: the one place where the parts are put together.

    settings ─► catalogue, originals ─► encoder ─► dense + sparse ─► searcher ─► KnowledgeBase ─► doors

    Lookups (lookups.py) ─► ReferenceWork (reference_work.py) ─► Pasting (pasting.py) ─► Removal (removal.py) ─► KnowledgeBase

The encoder and the vectors, which take time to open, are opened when they are first needed, so that a list of documents
does not wait for a model. For the same reason `ingest` and `index` are imported where they are used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.catalogue import Catalogue, Finding
from kb.durable import finish_replacement
from kb.errors import KnowledgeBaseError
from kb.language.glossary import open_glossary
from kb.model import Answer, Document, Kind, Query
from kb.outcomes import Upload
from kb.removal import Removal
from kb.settings import Settings

if TYPE_CHECKING:
    from index.answer import LastAnswers
    from index.encoder import Encoder
    from index.searcher import RetrieverName, Searcher
    from ingest.pictures import Pictures
    from ingest.report import IngestReport
    from ingest.uploads import Uploads
    from ingest.watch import Inbox
    from kb.backup import Saved

Progress = Callable[[int, int, str], None]


def open_knowledge_base(settings: Settings, encoder: Callable[[], Encoder] | None = None) -> KnowledgeBase:
    """Open the knowledge base in `settings.home`, and create it on first use. Raises KnowledgeBaseError.

    `encoder` returns an encoder that the caller opens; without it that of the settings is opened when first needed.
    """
    try:
        finish_replacement(settings.home)
        settings.home.mkdir(parents=True, exist_ok=True)
        catalogue = Catalogue(settings.catalogue)
    except OSError as error:
        raise KnowledgeBaseError(
            f"{settings.home} cannot be used ({error.strerror}): set KB_HOME to a folder you can write to"
        ) from error
    return KnowledgeBase(settings, catalogue, encoder)


class KnowledgeBase(Removal):
    """Everything that the doors offer; safe to use from several threads."""

    def __init__(self, settings: Settings, catalogue: Catalogue, encoder: Callable[[], Encoder] | None = None) -> None:
        super().__init__(settings, catalogue)
        self._encoder = encoder
        self._opening = threading.Lock()

    def close(self) -> None:
        """Close the catalogue, and end the process that draws pages and the thread that takes uploads in."""
        if "uploads" in vars(self):
            self.uploads.close()
        super().close()
        if "pictures" in vars(self):
            self.pictures.close()

    # -- asking

    def search(self, query: Query, n: int = 10) -> Answer:
        """Evidence for a query, best first, at most one hit a page; empty when nothing answers."""
        began = time.perf_counter()
        if not query.text.strip():
            return Answer(query)
        searcher = self.searcher
        found = searcher.results(searcher.retrieve(query), n)
        return replace(found.answer(query), took_ms=_since(began))

    def ask(self, query: Query, n: int = 10) -> Answer:
        """The answer and the hits of a query, from one retrieval.

        `evidence` holds the hits that `search(query, n)` gives, so a page that shows both need not search as well;
        `sentences` and `sources` are the answer; without one, `closest` holds up to three passages that come nearest.
        """
        began = time.perf_counter()
        with self._opening:
            answers = self._answers
        return replace(answers.ask(query, n), took_ms=_since(began))

    def similar_documents(self, document_id: int, most: int = 4) -> list[Document]:
        """At most so many documents that are most like one, the most alike first."""
        from index.similar import similar

        return similar(self.searcher, self.catalogue.passages, document_id, most)

    def evaluate_answers(self, file: Path) -> dict[str, Any]:
        """Judge the answers to the questions of a file; see index.answer_evaluation for its form and the figures."""
        from index.answer_evaluation import judge_all, read_questions, report

        return report(judge_all(read_questions(file), self.ask))

    def evaluate(
        self, file: Path, *, document_id: int | None = None, retriever: RetrieverName = "hybrid"
    ) -> dict[str, Any]:
        """nDCG@10, MRR and recall@3 of the search on a judged set, in all and by kind; see index.evaluation."""
        from index.evaluation import evaluate_search

        if document_id is not None:
            self.document(document_id)
        passages = self.catalogue.passages
        return evaluate_search(
            file, self.searcher, passages, self.documents(), document_id=document_id, retriever=retriever
        )

    # -- changing

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        kind: Kind | None = None,
        jobs: int = 1,
        uploads: Mapping[Path, Upload] | None = None,
        progress: Progress | None = None,
        password: str | None = None,
    ) -> Iterator[IngestReport]:
        """Ingest files and folders; a report for each as it is done. `refresh` then embeds their passages.

        `uploads` are the paths that hold an uploaded file.
        """
        from ingest.pipeline import ingest
        from ingest.recognition import find_recogniser

        try:
            yield from ingest(
                paths,
                self.catalogue,
                self.stored,
                kind=kind,
                jobs=jobs,
                max_bytes=self.settings.max_bytes,
                uploads=uploads,
                progress=progress,
                password=password,
                recogniser=find_recogniser(self.settings.recognition),
            )
        finally:  # also after an interrupted batch
            self.sweep()
            self.relate()

    def inbox(self, folder: Path, *, kind: Kind | None = None, move: bool = False) -> Inbox:
        """A folder whose files are taken in as they arrive; what was handled is remembered in the home folder."""
        from ingest.watch import Inbox

        memory = self.settings.home / "inbox.json"
        return Inbox(folder, partial(self.ingest, kind=kind), memory, self.catalogue.inbox_jobs, move=move)

    def refresh(self, progress: Progress | None = None) -> int:
        """Bring references up to date, and embed the passages without a vector of this encoder.

        Returns the number of passages that were embedded.
        """

        def report(done: int, total: int) -> None:
            if progress is not None:
                progress(done, total, "passages")

        self.relate()
        return self.searcher.refresh(report)

    def waiting(self) -> bool:
        """Whether there are passages without a vector of this encoder."""
        return bool(self.catalogue.passages.unembedded(self.searcher.dense.fingerprint, 1))

    # -- keeping

    def check(self, *, repair: bool = False, progress: Progress | None = None) -> list[Finding]:
        """Whether files, catalogue, words and vectors agree; with `repair` make anew what can be derived."""
        fingerprint = self.searcher.dense.fingerprint
        findings = self.catalogue.check(self.stored, fingerprint, repair=repair, progress=progress)
        if repair:
            findings += self.prove(behind=any(finding.part == "references" for finding in findings))
            self.refresh()
        return findings

    def warning(self) -> str | None:
        """A warning about the model in one line; None when there is nothing to warn of."""
        from index.language_check import check_language

        seen = check_language(self.searcher.encoder)
        return None if seen.reads_dutch else str(seen)

    def backup(self, file: Path) -> Saved:
        """Write catalogue and originals to one file."""
        from kb.backup import backup

        return backup(file, self.catalogue, self.stored)

    def readiness(self) -> dict[str, bool | str]:
        """Whether catalogue, encoder and vectors agree."""
        state: dict[str, bool | str] = {"catalogue": False, "encoder": False, "vectors": False}
        try:
            self.catalogue.passages.generation()
            state["catalogue"] = True
            searcher = self.searcher
            state["encoder"] = True
            state["vectors"] = not self.catalogue.passages.unembedded(searcher.dense.fingerprint, 1)
        except KnowledgeBaseError as error:
            state["reason"] = str(error)
        return state

    # -- the parts, each opened once

    @cached_property
    def pictures(self) -> Pictures:
        """Images of pages; the process that draws them is started when the first is asked for."""
        from ingest.converting import installed
        from ingest.pictures import Pictures

        return Pictures(self.stored, self.settings.cache, installed(), self.catalogue.files.words_on)

    @cached_property
    def uploads(self) -> Uploads:
        """Uploaded files, taken in one after another by a thread of this process."""
        from ingest.uploads import Uploads

        folder, most = self.settings.home / "uploads", self.settings.max_bytes
        return Uploads(folder, self.catalogue.jobs, self.ingest, self.refresh, max_bytes=most)

    @property
    def searcher(self) -> Searcher:
        """The searcher with its encoder; the model is loaded at first use."""
        with self._opening:
            return self._searcher

    @cached_property
    def _answers(self) -> LastAnswers:
        from index.answer import LastAnswers

        return LastAnswers(self._searcher)

    @cached_property
    def _searcher(self) -> Searcher:
        from index.searcher import open_searcher, searcher_over

        passages, cache, reranking = self.catalogue.passages, self.settings.cache, self.settings.reranking
        glossary = open_glossary(self.settings.home)
        if self._encoder is not None:
            return searcher_over(passages, self._encoder(), cache, reranking=reranking, glossary=glossary)
        return open_searcher(passages, self.settings.model, cache, reranking=reranking, glossary=glossary)


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
