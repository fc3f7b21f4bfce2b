"""The walk of one file into the catalogue.

    path ─► bytes ─► hash ─► known? ─► read ─► pages ─► passages, citations, entries ─► place ─► one transaction

`prepare` is pure: bytes in, a Prepared document out; it may run in another process. `place` decides what the document is
to the catalogue, in this order:

    0. its bytes are known              the kind that a person gives it now: replaced
    1. its path was seen before         a new version: replaced
    2. a deck in another format shows   the same work: both files are offered, pages come from the richer one (PPTX)
       the same, page by page
    3. none of these                    added; a document of the same title with words in common is named

Only the same path makes a new version. Weekly decks share a cover, a house style and half of their words, so likeness
never replaces anything: both documents are kept. A path makes no new version either while the earlier bytes are still at
another path (a copied template that was filled in).

A bibliography (.bib, .ris, CSL-JSON) is no document: its records go to the references, in the place of those that came
from the same path before. What is cited where is derived by the caller, once for a batch (`kb.works`).

A file that cannot be taken in ends in a report with its reason, and the walk goes on to the next.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Literal

from ingest.citations import citations
from ingest.passages import passages
from ingest.readers import read
from ingest.references import entries, import_records
from ingest.slides import document_language, sense
from ingest.twins import agreement, same_work, similar
from kb.catalogue import Bibliography, Catalogue, Known, Prepared
from kb.errors import (
    DocumentError,
    EmptyDocument,
    KnowledgeBaseError,
    NeedsOcr,
    Overtaken,
    Removed,
    TooBig,
    UnreadableDocument,
)
from kb.model import Document, Entry, Kind, Page, Passage, StoredFile
from kb.originals import Originals

Status = Literal[
    "added", "unchanged", "replaced", "partial", "empty", "needs-ocr", "locked", "unsupported", "too-big", "failed"
]
TAKEN_IN: frozenset[str] = frozenset({"added", "unchanged", "replaced"})

# Files that systems leave beside those of people. A lock file (~$) says that somebody has the deck open.
JUNK_NAMES = frozenset({"thumbs.db", "desktop.ini"})
JUNK_FOLDERS = frozenset({"__macosx", "@eadir"})
JUNK_STARTS = (".", "~$")
JUNK_ENDS = (":zone.identifier", ".part", ".crdownload", ".tmp")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

# A passage of which more than this is entries of a reference list is of that list.
LISTING_SHARE = 0.6
# What reference managers write.
BIBLIOGRAPHIES = (".bib", ".bibtex", ".ris", ".json")

# How often a file looks for its place when other processes change what it is to stand beside.
ATTEMPTS = 3

# The most hidden slides that a deck may have beyond its export.
MOST_HIDDEN = 40

# Pages come from the PPTX of a deck (notes, hidden slides, sections); its PDF export is what is opened.
RICHNESS = {"application/vnd.openxmlformats-officedocument.presentationml.presentation": 1}


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of one file."""

    path: str
    status: Status
    reason: str = ""
    document_id: int | None = None
    pages: int = 0
    passages: int = 0
    citations: int = 0
    references: int = 0

    @property
    def taken_in(self) -> bool:
        return self.status in TAKEN_IN


Progress = Callable[[int, int, str], None]
"""Called with (files done, files in all, the one at hand)."""


def ingest(
    paths: Sequence[Path],
    catalogue: Catalogue,
    originals: Originals,
    *,
    kind: Kind | None = None,
    jobs: int = 1,
    max_bytes: int,
    names: Mapping[Path, str] | None = None,
    progress: Progress | None = None,
) -> Iterator[IngestReport]:
    """Take files and folders in; a report per file, in order, as each is done.

    `names` gives the filename of a path that carries another (a stored upload). With `jobs` > 1 files are read in
    that many processes; the catalogue is written in this one.
    """
    found = list(walk(paths))
    prepared = _preparations(
        found, catalogue, originals, kind=kind, jobs=jobs, max_bytes=max_bytes, names=names or {}, progress=progress
    )
    for done, (path, outcome) in enumerate(prepared):
        if progress is not None:
            progress(done, len(found), str(path))
        try:
            report = _finish(path, outcome, catalogue, originals, kind)
        except OSError as error:
            report = IngestReport(str(path), "failed", f"it cannot be read or kept: {error.strerror or error}")
        except KnowledgeBaseError as error:
            report = IngestReport(str(path), _status(error), str(error))
        yield replace(report, path=spelled(report.path))
    if progress is not None:
        progress(len(found), len(found), "")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Bytes that the catalogue has not seen, and what was made of them."""

    data: bytes
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Records:
    """A bibliography that the catalogue has not seen, and what was made of it."""

    filename: str
    path: str
    sha256: str
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]


Outcome = IngestReport | Loaded | Records


@dataclass(frozen=True, slots=True)
class _Reading:
    """Bytes that another process is reading."""

    data: bytes
    filename: str
    future: Future[Prepared]


def _preparations(
    found: Sequence[Path | IngestReport],
    catalogue: Catalogue,
    originals: Originals,
    *,
    kind: Kind | None,
    jobs: int,
    max_bytes: int,
    names: Mapping[Path, str],
    progress: Progress | None,
) -> Iterator[tuple[Path, Outcome]]:
    """Read each file, in this process or in several, keeping the order and holding few in memory."""

    def load(path: Path) -> tuple[bytes, str] | IngestReport | Records:
        loaded = _load(path, spelled(names.get(path, path.name)), catalogue, originals, max_bytes, kind)
        if isinstance(loaded, IngestReport) or not is_bibliography(loaded[1]):
            return loaded

        def told(done: int, total: int) -> None:
            if progress is not None:
                progress(found.index(path), len(found), f"{loaded[1]} {100 * done // max(total, 1)}%")

        return _records(path, loaded[1], loaded[0], told)

    if jobs <= 1:
        for item in found:
            if isinstance(item, IngestReport):
                yield Path(item.path), item
                continue
            loaded = load(item)
            if isinstance(loaded, IngestReport | Records):
                yield item, loaded
            else:
                yield item, _attempt(item, loaded[0], loaded[1], kind)
        return
    with _Readers(jobs) as readers:
        waiting: list[tuple[Path, Outcome | _Reading]] = []
        for item in found:
            if isinstance(item, IngestReport):
                waiting.append((Path(item.path), item))
            else:
                loaded = load(item)
                if isinstance(loaded, IngestReport | Records):
                    waiting.append((item, loaded))
                else:
                    data, filename = loaded
                    future = readers.submit(data, filename, whereabouts(item), kind)
                    waiting.append((item, _Reading(data, filename, future)))
            while len(waiting) > 2 * jobs:
                yield readers.result(*waiting.pop(0), kind)
        for path, outcome in waiting:
            yield readers.result(path, outcome, kind)


class _Readers:
    """Processes that read. One that dies takes its file along and nothing else."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.pool = self._open(jobs)

    @staticmethod
    def _open(jobs: int) -> ProcessPoolExecutor:
        # Spawned, not forked: the parent has threads (BLAS, FAISS) that a fork would copy half of.
        return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))

    def __enter__(self) -> _Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, data: bytes, filename: str, path: str, kind: Kind | None) -> Future[Prepared]:
        try:
            return self.pool.submit(prepare, data, filename, path, kind)
        except BrokenProcessPool:
            self.pool = self._open(self.jobs)
            return self.pool.submit(prepare, data, filename, path, kind)

    def result(self, path: Path, outcome: Outcome | _Reading, kind: Kind | None) -> tuple[Path, Outcome]:
        if not isinstance(outcome, _Reading):
            return path, outcome
        data = outcome.data
        try:
            return path, Loaded(data, outcome.future.result())
        except BrokenProcessPool:
            # Some file killed a process and every file in flight fell with it: this one gets a process of its own.
            with self._open(1) as alone:
                try:
                    return path, Loaded(
                        data, alone.submit(prepare, data, outcome.filename, whereabouts(path), kind).result()
                    )
                except BrokenProcessPool:
                    return path, IngestReport(
                        str(path), "failed", "reading it ended the process that tried: save it anew and ingest it again"
                    )
                except DocumentError as error:
                    return path, _refusal(path, error)
        except DocumentError as error:
            return path, _refusal(path, error)


def _attempt(path: Path, data: bytes, filename: str, kind: Kind | None) -> Outcome:
    try:
        return Loaded(data, prepare(data, filename, whereabouts(path), kind))
    except DocumentError as error:
        return _refusal(path, error)


def is_bibliography(filename: str) -> bool:
    """Whether a name is of what reference managers write."""
    return filename.casefold().endswith(BIBLIOGRAPHIES)


def _records(path: Path, filename: str, data: bytes, told: Callable[[int, int], None]) -> Records | IngestReport:
    """The records of a bibliography, or the report of one that is none."""
    try:
        found, problems = import_records(data, filename, told)
    except DocumentError as error:
        return _refusal(path, error)
    if not found:
        return IngestReport(str(path), "failed", f"no record of it is whole: {'; '.join(problems[:12])}")
    # An upload lies at another path each time: its name says which it is.
    where = whereabouts(path) if filename == spelled(path.name) else filename
    return Records(filename, where, hashlib.sha256(data).hexdigest(), found, problems)


def _import(path: Path, records: Records, catalogue: Catalogue) -> IngestReport:
    """Take a bibliography in: its records, and the names of those that are broken."""
    held, replaced = catalogue.bibliographies.put(
        records.filename, records.path, records.sha256, records.entries, records.problems
    )
    return _imported(path, held, "replaced" if replaced else "added")


def _imported(path: Path, held: Bibliography, status: Status, reason: str = "") -> IngestReport:
    if held.problems:
        broken = "; ".join(held.problems[:12])
        more = f"; and {len(held.problems) - 12} more" if len(held.problems) > 12 else ""
        left = f"{_counted('broken record', len(held.problems))} left out: {broken}{more}"
        reason = f"{reason}; {left}" if reason else left
        status = "partial" if status != "unchanged" else status
    return IngestReport(str(path), status, reason, references=held.records)


def _refusal(path: Path, error: DocumentError) -> IngestReport:
    return IngestReport(str(path), _status(error), str(error))


def _status(error: KnowledgeBaseError) -> Status:
    return error.status  # type: ignore[return-value]


def walk(paths: Iterable[Path]) -> Iterator[Path | IngestReport]:
    """The files to take in, folders recursively and by name; a report for what cannot be looked into."""
    seen: set[str] = set()
    for path in paths:
        for item in _files(path):
            if isinstance(item, IngestReport):
                yield item
            elif (identity := whereabouts(item)) not in seen:
                seen.add(identity)
                yield item


def _files(path: Path) -> Iterator[Path | IngestReport]:
    try:
        kind = "folder" if path.is_dir() else "file" if path.exists() else None
    except OSError as error:  # a folder on the way that may not be entered
        yield IngestReport(str(path), "failed", f"it cannot be reached: {error.strerror}")
        return
    if kind == "folder":
        problems: list[IngestReport] = []

        def refuse(error: OSError) -> None:
            problems.append(
                IngestReport(str(error.filename), "failed", f"this folder cannot be opened: {error.strerror}")
            )

        # Linked folders are looked into as well, each once: a link may lead back to where it stands.
        looked_into = {whereabouts(path)}
        for folder, folders, names in os.walk(path, onerror=refuse, followlinks=True):
            inside = {name: whereabouts(Path(folder, name)) for name in sorted(folders) if not is_junk(name)}
            folders[:] = [name for name, place in inside.items() if place not in looked_into]
            looked_into.update(inside.values())
            yield from (Path(folder, name) for name in sorted(names, key=_deck_first) if not is_junk(name))
        yield from problems
    elif kind == "file":
        yield path
    else:
        yield IngestReport(str(path), "failed", "there is no such file or folder")


def _deck_first(name: str) -> tuple[str, bool, str]:
    """Sort by name, a deck before its export: the export of a deck that changed is then compared with the new deck."""
    path = PurePath(name)
    return path.stem, path.suffix.casefold() == ".pdf", name


def whereabouts(path: Path) -> str:
    """The one absolute path of a file, links followed as far as they lead; also of a link that leads round in a circle."""
    return spelled(os.path.realpath(path))


def spelled(name: str) -> str:
    """A name of a file as text on one line.

    Bytes that are no UTF-8, which some systems allow in names, are written out as \\xff, and so are line ends and
    whatever else would steer a terminal.
    """
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _CONTROL.sub(lambda sign: f"\\x{ord(sign.group()):02x}", text)


def is_junk(name: str) -> bool:
    """Whether a name is of what systems, not people, put in folders."""
    folded = name.casefold()
    return (
        folded in JUNK_NAMES or folded in JUNK_FOLDERS or folded.startswith(JUNK_STARTS) or folded.endswith(JUNK_ENDS)
    )


def _load(
    path: Path, filename: str, catalogue: Catalogue, originals: Originals, max_bytes: int, kind: Kind | None
) -> tuple[bytes, str] | IngestReport:
    """The bytes of a file that is news, or the report of one that is not."""
    try:
        if not os.path.lexists(path):
            return IngestReport(str(path), "failed", "it is gone: it was moved or removed before it could be read")
        if not path.is_file():
            return IngestReport(
                str(path), "unsupported", "it is no file: a link that leads nowhere, a pipe or a device"
            )
        size = path.stat().st_size
        if size > max_bytes:
            raise TooBig(
                f"{filename} is {size / 1e6:,.0f} MB and files up to {max_bytes / 1e6:,.0f} MB are taken in:"
                " make it smaller, or raise KB_MAX_MB"
            )
        if size == 0:
            raise EmptyDocument(f"{filename} is empty (0 bytes): copy it again")
        data = path.read_bytes()
    except OSError as error:
        return IngestReport(str(path), "failed", f"it cannot be read: {error.strerror or error}")
    except DocumentError as error:
        return _refusal(path, error)
    sha256 = hashlib.sha256(data).hexdigest()
    if is_bibliography(filename):
        held = catalogue.bibliographies.with_bytes(sha256)
        if held is None:
            return data, filename
        same = held.filename == filename
        return _imported(path, held, "unchanged", "" if same else f"the same bytes as {held.filename}")
    known = catalogue.documents.known(sha256)
    where = whereabouts(path)
    if known is None or _is_of_another_kind(known, sha256, kind, catalogue):
        return data, filename
    if known.superseded:  # an older version, which the catalogue no longer holds: it is news at this path
        return data, filename
    earlier = catalogue.documents.at_path(where)
    document = catalogue.documents.get(known.document_id)
    if earlier is None or earlier != (document.id, sha256):
        catalogue.documents.seen_at(where, sha256, document.id)
    same = any(file.path == where for file in document.files)
    if not originals.sound(sha256):
        originals.keep(data)
        return _unchanged(path, document, "its original was lost or damaged, and is kept again")
    return _unchanged(path, document, "" if same else f"the same bytes as {known.filename} (document {document.id})")


def _is_of_another_kind(known: Known, sha256: str, kind: Kind | None, catalogue: Catalogue) -> bool:
    """Whether a person says, of the file that a document's pages come from, that it is a deck after all, or none."""
    if kind is None or known.superseded:
        return False
    document = catalogue.documents.get(known.document_id)
    return document.kind != kind and any(file.first and file.sha256 == sha256 for file in document.files)


def _unchanged(path: Path, document: Document, reason: str) -> IngestReport:
    return _report(path, "unchanged", document, reason)


def _report(path: Path, status: Status, document: Document, reason: str = "") -> IngestReport:
    return IngestReport(
        str(path),
        status,
        reason,
        document.id,
        document.pages,
        document.passages,
        document.citations,
        document.references,
    )


def prepare(data: bytes, filename: str, path: str, kind: Kind | None = None) -> Prepared:
    """Read bytes and cut them up. Raises a DocumentError when there is nothing to keep.

    A defect of ours that one document brings to light costs that document, named, and not the rest of the batch.
    """
    try:
        return _prepare(data, filename, path, kind)
    except DocumentError:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise UnreadableDocument(
            f"{filename}: kb has a defect that this file brings to light ({type(error).__name__} in"
            f" {Path(where.filename).name}, line {where.lineno}): report it with the file; the others are not affected"
        ) from error


def _prepare(data: bytes, filename: str, path: str, kind: Kind | None) -> Prepared:
    reading = read(data, filename, kind=kind)
    pages = sense(reading.pages, kind=reading.kind, language=reading.language)
    problems = [page for page in pages if page.problem]
    if not any(page.text.strip() or page.notes.strip() for page in pages):
        counted = _counted("page", len(pages))
        if any(page.problem == "needs-ocr" for page in problems):
            raise NeedsOcr(
                f"{filename} has pictures and no text on any of its {counted}:"
                " run text recognition (OCR) on it and ingest it again"
            )
        if problems:
            raise UnreadableDocument(f"{filename}: no page of it could be read ({problems[0].problem}): save it anew")
        raise EmptyDocument(f"{filename} has {counted} and nothing on them: is it the right file?")
    speech = document_language(pages, reading.language)
    title = reading.title or Path(filename).stem.replace("_", " ").replace("-", " ").strip() or filename
    listed = entries(pages, kind=reading.kind)
    names = {name for entry in listed for name in family_names(entry.csl)}
    return Prepared(
        title=title,
        kind=reading.kind,
        language=speech,
        authors=reading.authors,
        date=reading.date,
        pages=pages,
        passages=with_listings(passages(pages, title=title, language=speech, kind=reading.kind), listed),
        citations=citations(pages, known=names, kind=reading.kind),
        entries=listed,
        file=StoredFile(
            sha256=hashlib.sha256(data).hexdigest(),
            filename=filename,
            path=path,
            media_type=reading.media_type,
            size=len(data),
        ),
    )


def with_listings(cut: Sequence[Passage], listed: Sequence[Entry]) -> tuple[Passage, ...]:
    """Passages, those that are mostly entries of a reference list marked as such."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for entry in listed:
        if entry.number is not None and entry.start is not None and entry.end is not None:
            spans.setdefault(entry.number, []).append((entry.start, entry.end))

    def is_listing(passage: Passage) -> bool:
        inside = sum(
            max(0, min(end, passage.end) - max(start, passage.start)) for start, end in spans.get(passage.number, ())
        )
        return passage.field == "text" and inside > LISTING_SHARE * (passage.end - passage.start)

    return tuple(replace(passage, listing=True) if is_listing(passage) else passage for passage in cut)


def family_names(csl: Mapping[str, object]) -> Iterator[str]:
    """Family names, with their particles, and institutions of a CSL item."""
    for role in ("author", "editor"):
        people = csl.get(role)
        for person in people if isinstance(people, list) else ():
            particle = person.get("non-dropping-particle")
            family = person.get("family") or person.get("literal")
            if family:
                yield f"{particle} {family}" if particle else family


def _finish(
    path: Path, outcome: Outcome, catalogue: Catalogue, originals: Originals, kind: Kind | None
) -> IngestReport:
    if isinstance(outcome, IngestReport):
        return outcome
    if isinstance(outcome, Records):
        return _import(path, outcome, catalogue)
    prepared = outcome.prepared
    originals.keep(outcome.data)
    for attempt in range(1, ATTEMPTS + 1):
        known = catalogue.documents.known(prepared.file.sha256)
        if known is not None and not known.superseded:
            document = catalogue.documents.get(known.document_id)
            if not _is_of_another_kind(known, prepared.file.sha256, kind, catalogue):
                catalogue.documents.seen_at(prepared.file.path, prepared.file.sha256, document.id)
                return _unchanged(path, document, f"the same bytes as {known.filename} (document {document.id})")
        try:
            status, document, reason = place(prepared, catalogue, originals)
            break
        except (Overtaken, Removed):  # another process was faster: look again at what is there now
            if attempt == ATTEMPTS:
                raise
    originals.keep(outcome.data)  # again: a removal of the same bytes may have come in between
    failed = [page for page in prepared.pages if (page.problem or "").startswith("failed")]
    pictures = [page.number for page in prepared.pages if page.problem == "needs-ocr"]
    parts = [reason] if reason else []
    if failed:
        status = "partial"
        parts.append(
            f"{_listed([page.number for page in failed])} could not be read ({failed[0].problem}); the rest is in"
        )
    if pictures:
        parts.append(f"needs-ocr: {_listed(pictures)} shows pictures and no text")
    return _report(path, status, document, "; ".join(parts))


def place(prepared: Prepared, catalogue: Catalogue, originals: Originals) -> tuple[Status, Document, str]:
    """Give a prepared document its place in the catalogue; see the order at the top of this module."""
    documents = catalogue.documents
    known = documents.known(prepared.file.sha256)
    if known is not None and not known.superseded:
        document = documents.get(known.document_id)
        reason = f"{document.kind} before, {prepared.kind} now"
        changed = _replace(document, prepared.file.sha256, prepared, catalogue, originals)
        if changed is not None:
            return "replaced", changed, reason
    earlier = _at_path(prepared.file.path, catalogue)
    if earlier is not None:
        changed = _replace(*earlier, prepared, catalogue, originals)
        if changed is not None:
            return "replaced", changed, ""
    if prepared.kind == "deck":
        joined = _join(prepared, catalogue)
        if joined is not None:
            return joined
    like = next(_similar(prepared, catalogue), None)
    added = documents.put(prepared)
    return "added", added, f"similar to {like.filename} (document {like.id}), both are kept" if like else ""


def _at_path(path: str, catalogue: Catalogue) -> tuple[Document, str] | None:
    """The document whose file was last seen at a path, and the SHA-256 of that file.

    None when the document no longer holds that file, or when the same bytes are still at another path.
    """
    seen = catalogue.documents.at_path(path)
    if seen is None:
        return None
    document_id, sha256 = seen
    document = catalogue.documents.get(document_id)
    if all(file.sha256 != sha256 for file in document.files):
        return None
    copies = (other for other in catalogue.documents.paths_of(sha256) if other != path)
    return None if any(os.path.lexists(other) for other in copies) else (document, sha256)


def _similar(prepared: Prepared, catalogue: Catalogue) -> Iterator[Document]:
    """Documents that may be another version: same title and kind, words in common."""
    for candidate in catalogue.documents.titled(prepared.title):
        document = catalogue.documents.get(candidate)
        if document.kind == prepared.kind and similar(catalogue.documents.pages(candidate), prepared.pages):
            yield document


def _join(prepared: Prepared, catalogue: Catalogue) -> tuple[Status, Document, str] | None:
    """Add a file to the document whose other format it is; None when there is none.

    Of several versions of a deck the one that agrees best is taken, of equals the latest.
    """
    # Hidden slides are left out of an export: that many pages more or less is still the same deck.
    hidden = sum(page.hidden for page in prepared.pages)
    count = len(prepared.pages)
    best: tuple[float, int] | None = None
    for candidate in catalogue.documents.with_page_count(count - hidden, count + MOST_HIDDEN, "deck"):
        document = catalogue.documents.get(candidate)
        pages = catalogue.documents.pages(candidate)
        if _pairing(document, pages, prepared) is not None:
            best = max(best or (0.0, 0), (agreement(pages, prepared.pages), candidate))
    if best is None:
        return None
    document = catalogue.documents.get(best[1])
    numbers = _pairing(document, catalogue.documents.pages(document.id), prepared) or ()
    reason = f"the same work as {document.filename}: one document, both files"
    if _is_richest(prepared.file, document):
        keep = [replace(other, first=False, page_numbers=numbers) for other in document.files]
        return "added", catalogue.documents.replace(document.id, prepared, keep=keep), reason
    catalogue.documents.add_file(document.id, replace(prepared.file, first=False, page_numbers=numbers))
    return "added", catalogue.documents.get(document.id), reason


def _pairing(document: Document, pages: Sequence[Page], prepared: Prepared) -> tuple[int | None, ...] | None:
    """For each page of the richer file the page of the other that shows it; None when they are not one work."""
    if any(other.media_type == prepared.file.media_type for other in document.files):
        return None
    ours, theirs = (prepared.pages, pages) if _is_richest(prepared.file, document) else (pages, prepared.pages)
    return same_work(ours, theirs)


def _is_richest(file: StoredFile, document: Document) -> bool:
    return richness(file) > max(richness(other) for other in document.files)


def _replace(
    document: Document, replaced: str, prepared: Prepared, catalogue: Catalogue, originals: Originals
) -> Document | None:
    """Put a new version in the place of the file whose bytes were `replaced`; the document as it is now.

    The pages of a document come from its first file. A new version of an export changes them only when the export is as
    rich; an export that no longer shows the same pages is another document: None. Other files of the document stay with
    it; one that no longer agrees shows none of the new pages.
    """
    documents = catalogue.documents
    others = [file for file in document.files if file.sha256 not in (replaced, prepared.file.sha256)]
    first = next((file for file in others if file.first), None)
    if first is not None:
        numbers = same_work(documents.pages(document.id), prepared.pages)
        if numbers is None:
            return None
        if richness(first) > richness(prepared.file):
            export = replace(prepared.file, first=False, page_numbers=numbers)
            changed = documents.swap_file(document.id, replaced, export)
            documents.discard(replaced, originals)
            return changed
    keep = [replace(file, first=False, page_numbers=_shown(file, document, prepared, originals)) for file in others]
    changed = documents.replace(document.id, prepared, keep=keep)
    for file in document.files:
        if file.sha256 not in {other.sha256 for other in changed.files}:
            documents.discard(file.sha256, originals)
    return changed


def _shown(file: StoredFile, document: Document, prepared: Prepared, originals: Originals) -> tuple[int | None, ...]:
    """For each page of the new version the page of another file of the document that shows it; all None when none does."""
    none = (None,) * len(prepared.pages)
    try:
        kept = read(originals.path(file.sha256).read_bytes(), file.filename, kind=document.kind)
    except (KnowledgeBaseError, OSError):
        return none
    return same_work(prepared.pages, kept.pages) or none


def richness(file: StoredFile) -> int:
    """How much a format tells beyond the words on the page; the richest one's pages are the document's."""
    return RICHNESS.get(file.media_type, 0)


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:12])
    more = f" and {len(numbers) - 12} more" if len(numbers) > 12 else ""
    return f"{'page' if len(numbers) == 1 else 'pages'} {shown}{more}"


def _counted(noun: str, count: int) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
