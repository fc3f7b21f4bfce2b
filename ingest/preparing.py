"""Prepare a document: bytes in, everything that the catalogue keeps of it out.

    source ─► read ─► pages ─► passages, citations, entries ─► Prepared

Pure: it reads nothing but its source and writes nothing, so that it runs in any process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ingest.citations import citations
from ingest.entries import entries, layout
from ingest.passages import passages
from ingest.readers import Reading, read
from ingest.recognition import pictured, recognised_words, with_recognised
from ingest.slides import document_language, sense
from ingest.source import Source
from kb.catalogue import Prepared
from kb.errors import DocumentError, EmptyDocument, NeedsOcr, UnreadableDocument
from kb.model import PICTURE, Entry, Kind, Page, Passage, StoredFile
from kb.refusals import cause

# A passage of which more than this is entries of a reference list is marked as part of that list.
LISTING_SHARE = 0.6


def prepare(source: Source) -> Prepared:
    """Read bytes and cut them up. Raises a DocumentError when there is nothing to keep."""
    reading = _reading(source)
    read_in = with_recognised(reading.pages, source.recognised)
    pages = sense(read_in, kind=reading.kind, language=reading.language)
    _refuse_without_text(pages, source.filename)
    language = document_language(pages, reading.language)
    title = reading.title or title_of_filename(source.filename)
    found = layout(pages, reading.kind)
    listed = entries(pages, kind=reading.kind, found=found)
    names = {name for entry in listed for name in family_names(entry.csl)}
    return Prepared(
        title=title,
        kind=reading.kind,
        language=language,
        authors=reading.authors,
        date=reading.date,
        pages=pages,
        passages=mark_listings(passages(pages, title=title, language=language, kind=reading.kind), listed),
        citations=citations(pages, known=names, kind=reading.kind, found=found),
        entries=listed,
        file=StoredFile(
            sha256=source.sha256,
            filename=source.filename,
            path=source.path,
            media_type=reading.media_type,
            size=len(source.data),
        ),
        words=recognised_words(pages, source.recognised),
    )


def _reading(source: Source) -> Reading:
    """A source by its reader."""
    return read(source.data, source.filename, kind=source.kind, password=source.password, by_pdfium=source.by_pdfium)


def read_pages(data: bytes, filename: str, kind: Kind) -> tuple[Page, ...]:
    """The pages of a file alone, as they were read. Raises a DocumentError."""
    return read(data, filename, kind=kind).pages


def pictured_pages(source: Source) -> tuple[int, ...]:
    """The numbers of the pages of a file that are only pictures. Raises a DocumentError."""
    return pictured(_reading(source).pages)


def title_of_filename(filename: str) -> str:
    """A title for a document that has none: its file name as words, without the ending."""
    return Path(filename).stem.replace("_", " ").replace("-", " ").strip() or filename


def _refuse_without_text(pages: Sequence[Page], filename: str) -> None:
    """Raise a DocumentError with the reason why there is no text on any page."""
    if any(page.text.strip() or page.notes.strip() for page in pages):
        return
    raise _without_text([page.problem for page in pages if page.problem], filename, len(pages))


def _without_text(problems: Sequence[str], filename: str, counted: int) -> DocumentError:
    """The error for a document of so many pages without text, by their problems."""
    if "needs-ocr" in problems:
        return NeedsOcr("only-pictures", filename=filename, counted=counted)
    if problems and set(problems) == {PICTURE}:
        return EmptyDocument("no-text-recognised", filename=filename, counted=counted)
    if problems:
        return UnreadableDocument(
            "no-page-readable", filename=filename, cause=cause(problems[0].removeprefix("failed: "))
        )
    return EmptyDocument("nothing-on-pages", filename=filename, counted=counted)


def mark_listings(cut: Sequence[Passage], listed: Sequence[Entry]) -> tuple[Passage, ...]:
    """Mark the passages that are mostly entries of a reference list."""
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
