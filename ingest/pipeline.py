"""The path of one file into the catalogue.

    path ─► source ─► known? ─► prepared in a worker ─► placed in one transaction ─► report
            (hashed)   └─► unchanged        (pages, passages, citations, entries)

A bibliography (.bib, .ris, CSL-JSON) is no document: its records go to the references, in the place of those that came
from the same path before. The links between citations and works are derived by the caller, once for a batch (`kb.works`).

A file that cannot be taken in ends in a report with its reason, and the next file is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ingest.entries import import_records
from ingest.files import printable, walk
from ingest.placing import Placed, Shelves, place
from ingest.preparing import prepare
from ingest.recognition import Recogniser
from ingest.report import (
    IngestReport,
    Progress,
    because,
    bibliography_report,
    broken_records,
    document_report,
    page_problems,
    refusal,
)
from ingest.scans import with_pictures
from ingest.source import Source, load
from ingest.worker_host import Limits
from ingest.workers import Workers
from kb.catalogue import Catalogue, Known, Prepared
from kb.errors import DocumentError, KnowledgeBaseError, OverLimit, Overtaken, Removed, UnreadableDocument
from kb.model import Document, Entry, Kind
from kb.originals import Originals
from kb.outcomes import OutcomeReason, Upload

# How often a file is placed again when another process changed the documents that decide its place.
ATTEMPTS = 3


def ingest(
    paths: Sequence[Path],
    catalogue: Catalogue,
    originals: Originals,
    *,
    kind: Kind | None = None,
    jobs: int = 1,
    max_bytes: int,
    uploads: Mapping[Path, Upload] | None = None,
    progress: Progress | None = None,
    password: str | None = None,
    recogniser: Recogniser | None = None,
    limits: Limits | None = None,
) -> Iterator[IngestReport]:
    """Take files and folders in; a report per file, in order, as each is done.

    `uploads` are the paths that hold an uploaded file, under another name than its own. With `jobs` > 1 files are read in
    that many processes; the catalogue is written in this one. `password` opens files that ask for one.
    `recogniser` reads the pages of a PDF that are only pictures; without it they are kept without text. `limits` are those
    of reading one file.
    """
    found = list(walk(paths))
    with Workers(jobs, limits) as workers:
        counter = _Counter(progress, len(found))
        batch = _Batch(catalogue, originals, workers, kind, max_bytes, uploads or {}, counter, password, recogniser)
        for outcome in batch.outcomes(found):
            batch.counter.show(outcome.path)
            yield batch.finish(outcome)
            batch.counter.done += 1
        batch.counter.show("")


@dataclass(slots=True)
class _Counter:
    """Progress over the files of a batch."""

    progress: Progress | None
    total: int
    done: int = 0

    def show(self, name: str) -> None:
        if self.progress is not None:
            self.progress(self.done, self.total, name)


@dataclass(frozen=True, slots=True)
class _Preparing:
    """A document that a worker prepares."""

    path: str
    source: Source
    future: Future[Prepared]


@dataclass(frozen=True, slots=True)
class _Records:
    """A bibliography that was read, ready for the catalogue."""

    path: str
    source: Source
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]


_Outcome = IngestReport | _Preparing | _Records


@dataclass(frozen=True, slots=True)
class _Batch:
    """The files of one call, and where they go."""

    catalogue: Catalogue
    originals: Originals
    workers: Workers
    kind: Kind | None
    max_bytes: int
    uploads: Mapping[Path, Upload]
    counter: _Counter
    password: str | None
    recogniser: Recogniser | None

    def outcomes(self, found: Sequence[Path | IngestReport]) -> Iterator[_Outcome]:
        """Begin to read the files, in order, a few ahead of the one that is finished."""
        waiting: deque[_Outcome] = deque()
        for item in found:
            waiting.append(item if isinstance(item, IngestReport) else self._begin(item))
            while len(waiting) > self.workers.ahead:
                yield waiting.popleft()
        yield from waiting

    def finish(self, outcome: _Outcome) -> IngestReport:
        """Write a file to the catalogue; the report of it."""
        path = printable(outcome.path)
        try:
            if isinstance(outcome, _Records):
                return self._finish_records(path, outcome)
            if isinstance(outcome, _Preparing):
                return self._finish_document(path, outcome)
            return replace(outcome, path=path)
        except OSError as error:
            return IngestReport(path, "failed", because("not-kept", text=str(error.strerror or error)))
        except KnowledgeBaseError as error:
            return refusal(path, error)

    def _begin(self, path: Path) -> _Outcome:
        upload = self.uploads.get(path)
        filename = printable(path.name if upload is None else upload.filename)
        try:
            source = load(path, filename, kind=self.kind, max_bytes=self.max_bytes, password=self.password)
            if upload is not None:  # where it lies for now says nothing
                source = replace(source, path=f"upload:{path.name}", replaces=upload.replaces)
            if source.is_bibliography:
                return self._unchanged_records(path, source) or self._read_records(path, source)
        except DocumentError as error:
            return refusal(str(path), error)
        unchanged = self._unchanged(str(path), source)
        return unchanged or _Preparing(str(path), source, self.workers.submit(source.filename, prepare, source))

    # -- bibliographies

    def _unchanged_records(self, path: Path, source: Source) -> IngestReport | None:
        held = self.catalogue.bibliographies.with_bytes(source.sha256)
        if held is None:
            return None
        renamed = held.filename != source.filename
        reasons = because("bibliography-same-bytes", filename=held.filename) if renamed else ()
        return bibliography_report(str(path), held, "unchanged", reasons)

    def _read_records(self, path: Path, source: Source) -> _Records:
        found, problems = self.workers.call(source.filename, import_records, source.data, source.filename)
        if not found:
            raise UnreadableDocument("no-records", **broken_records(problems))
        # An upload lies at another path each time: it is recognised by its name.
        uploaded = source.filename != printable(path.name)
        return _Records(str(path), replace(source, path=source.filename if uploaded else source.path), found, problems)

    def _finish_records(self, path: str, records: _Records) -> IngestReport:
        source = records.source
        held, replaced = self.catalogue.bibliographies.put(
            source.filename, source.path, source.sha256, records.entries, records.problems
        )
        return bibliography_report(path, held, "replaced" if replaced else "added")

    # -- documents

    def _unchanged(self, path: str, source: Source) -> IngestReport | None:
        """The report of bytes that the catalogue holds; None when they are to be read."""
        known = self._held(source)
        if known is None:
            return self._replaced_by_answer(path, source)
        document, files = self.catalogue.documents.get(known.document_id), self.catalogue.files
        if files.at_path(source.path) != (document.id, source.sha256):
            files.seen_at(source.path, source.sha256, document.id)
        if not self.originals.sound(source.sha256):
            self.originals.keep(source.data, source.sha256)
            return document_report(path, "unchanged", document, because("original-restored"))
        if any(file.path == source.path for file in document.files):
            return document_report(path, "unchanged", document)
        return document_report(path, "unchanged", document, _same_bytes(known))

    def _replaced_by_answer(self, path: str, source: Source) -> IngestReport | None:
        """The report of bytes of a document that a person said was replaced; None for all others."""
        known = self.catalogue.files.known(source.sha256)
        answer = (
            self.catalogue.versions.replacement_of(source.sha256) if known is not None and known.superseded else None
        )
        if answer is None or source.replaces is not None:
            return None
        try:
            document = self.catalogue.documents.get(answer.kept)
        except Removed:
            return None
        return document_report(path, "unchanged", document, because("earlier-version", document=document.id))

    def _held(self, source: Source) -> Known | None:
        """The catalogue's record of bytes that a document holds; None when they are new.

        Bytes of an earlier version are news, and so are bytes that the user gives another kind.
        """
        known = self.catalogue.files.known(source.sha256)
        if known is None or known.superseded:
            return None
        document = self.catalogue.documents.get(known.document_id)
        return None if _is_of_another_kind(document, source) or self._can_read_more(document, source) else known

    def _can_read_more(self, document: Document, source: Source) -> bool:
        """Whether pages of a file are pictures that nothing could read when it was taken in."""
        if self.recogniser is None or not source.is_pdf or not _gives_the_pages(document, source):
            return False
        return self.catalogue.documents.has_problem(document.id, "needs-ocr")

    def _prepared(self, outcome: _Preparing) -> Prepared:
        """The document that a worker prepared; a PDF on which the first reader takes too long is read by pdfium alone."""
        source = outcome.source
        try:
            return with_pictures(source, outcome.future.result, self.workers, self.recogniser)
        except OverLimit:
            if not source.is_pdf:
                raise
            again = replace(source, by_pdfium=True)
            reading = partial(self.workers.call, again.filename, prepare, again)
            return with_pictures(again, reading, self.workers, self.recogniser)

    def _finish_document(self, path: str, outcome: _Preparing) -> IngestReport:
        source = outcome.source
        prepared = self._prepared(outcome)
        self.originals.keep(source.data, source.sha256)
        for attempt in range(1, ATTEMPTS + 1):
            held = self._held(source)
            if held is not None:
                document = self.catalogue.documents.get(held.document_id)
                self.catalogue.files.seen_at(source.path, source.sha256, document.id)
                return document_report(path, "unchanged", document, _same_bytes(held))
            try:
                placed = place(prepared, Shelves(self.catalogue, self.originals, self.workers), source.replaces)
                break
            except (Overtaken, Removed):  # another process changed the documents that decide the place
                if attempt == ATTEMPTS:
                    raise
        self.originals.keep(source.data, source.sha256)  # a removal of the same bytes may have come in between
        return _placed_report(path, placed, prepared)


def _gives_the_pages(document: Document, source: Source) -> bool:
    """Whether the pages of a document were read from these bytes."""
    return any(file.first and file.sha256 == source.sha256 for file in document.files)


def _is_of_another_kind(document: Document, source: Source) -> bool:
    """Whether the user gives the file that a document's pages come from another kind than the document has."""
    return source.kind is not None and document.kind != source.kind and _gives_the_pages(document, source)


def _same_bytes(known: Known) -> tuple[OutcomeReason, ...]:
    return because("same-bytes", filename=known.filename, document=known.document_id)


def _placed_report(path: str, placed: Placed, prepared: Prepared) -> IngestReport:
    problems, failed = page_problems(prepared.pages)
    return document_report(path, "partial" if failed else placed.status, placed.document, placed.reasons + problems)
