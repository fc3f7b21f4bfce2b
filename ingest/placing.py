"""Place a prepared document in the catalogue by its relation to the documents that are there, in this order.

    0. its bytes are known              read again, as another kind or with text recognition: replaced
    1. its path was seen before, or     a new version: replaced
       the keeper names the document
    2. a deck in another format shows   the same work: both files are offered, pages come from the richer one (PPTX)
       the same, page by page
    3. none of these                    added; whether it is a new version of one that is like it is asked

Only the same path, or the word of the keeper, makes a new version. Weekly decks share a cover, a house style and half of
their words, so likeness never replaces anything: both documents are kept. A path makes no new version either while the
earlier bytes are still at another path (a copied template that was filled in).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.preparing import read_pages
from ingest.report import because
from ingest.resemblance import find_similar
from ingest.versions import ALL_ALIKE, agreement, same_work
from ingest.workers import Workers
from kb.catalogue import Catalogue, Prepared
from kb.errors import KnowledgeBaseError
from kb.model import Document, Page, StoredFile
from kb.originals import Originals
from kb.outcomes import OutcomeReason, Status

# The most hidden slides that a deck may have beyond its export.
MOST_HIDDEN = 40

# Pages come from the PPTX of a deck (notes, hidden slides, sections); its PDF export is the file that is opened.
RICHNESS = {"application/vnd.openxmlformats-officedocument.presentationml.presentation": 1}


@dataclass(frozen=True, slots=True)
class Placed:
    """A document in the catalogue, and the outcome of the file that was placed."""

    status: Status
    document: Document
    reasons: tuple[OutcomeReason, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where documents are kept, and the workers that read their files again."""

    catalogue: Catalogue
    originals: Originals
    workers: Workers


def place(prepared: Prepared, shelves: Shelves, replaces: int | None = None) -> Placed:
    """Give a prepared document its place in the catalogue; see the order at the top of this module.

    `replaces` is the id of the document of which it is a new version. Raises Removed or NotInKnowledgeBase for one that is
    not here.
    """
    return (
        _read_again(prepared, shelves)
        or (None if replaces is None else _named_version(replaces, prepared, shelves))
        or _new_version(prepared, shelves)
        or (_join(prepared, shelves) if prepared.kind == "deck" else None)
        or _add(prepared, shelves)
    )


def _read_again(prepared: Prepared, shelves: Shelves) -> Placed | None:
    known = shelves.catalogue.files.known(prepared.file.sha256)
    if known is None or known.superseded:
        return None
    document = shelves.catalogue.documents.get(known.document_id)
    changed = _replace(document, prepared.file.sha256, prepared, shelves)
    if document.kind == prepared.kind:
        return None if changed is None else Placed("replaced", changed, because("recognised-again"))
    reasons = because("other-kind", before=document.kind, now=prepared.kind)
    return None if changed is None else Placed("replaced", changed, reasons)


def _named_version(document_id: int, prepared: Prepared, shelves: Shelves) -> Placed | None:
    """A new version of a document that the keeper names: of its file in the same format, else of the one that gives its pages."""
    document = shelves.catalogue.documents.get(document_id)
    same_format = (file for file in document.files if file.media_type == prepared.file.media_type)
    earlier = next(same_format, None) or next((file for file in document.files if file.first), document.files[0])
    changed = _replace(document, earlier.sha256, prepared, shelves)
    return None if changed is None else Placed("replaced", changed)


def _new_version(prepared: Prepared, shelves: Shelves) -> Placed | None:
    earlier = _at_path(prepared.file.path, shelves)
    if earlier is None:
        return None
    changed = _replace(*earlier, prepared, shelves)
    return None if changed is None else Placed("replaced", changed)


def _at_path(path: str, shelves: Shelves) -> tuple[Document, str] | None:
    """The document whose file was last seen at a path, and the SHA-256 of that file.

    None when the document no longer holds that file, or when the same bytes are still at another path.
    """
    seen = shelves.catalogue.files.at_path(path)
    if seen is None:
        return None
    document_id, sha256 = seen
    document = shelves.catalogue.documents.get(document_id)
    if all(file.sha256 != sha256 for file in document.files):
        return None
    copies = (other for other in shelves.catalogue.files.paths_of(sha256) if other != path)
    return None if any(os.path.lexists(other) for other in copies) else (document, sha256)


def _add(prepared: Prepared, shelves: Shelves) -> Placed:
    like = find_similar(prepared, shelves.catalogue)
    reasons = () if like is None else because("similar", filename=like.filename, document=like.document_id)
    return Placed("added", shelves.catalogue.documents.put(prepared, like), reasons)


def _join(prepared: Prepared, shelves: Shelves) -> Placed | None:
    """Add a file to the document whose other format it is; None when there is none.

    Of several versions of a deck the one that agrees best is taken, of equals the latest.
    """
    # Hidden slides are left out of an export: that many pages more or less is still the same deck.
    hidden = sum(page.hidden for page in prepared.pages)
    count = len(prepared.pages)
    best: tuple[float, int] | None = None
    pages, texts = range(count - hidden, count + MOST_HIDDEN + 1), [page.text for page in prepared.pages]
    for candidate in shelves.catalogue.documents.decks_like(prepared.file.media_type, pages, texts, ALL_ALIKE):
        document = shelves.catalogue.documents.get(candidate)
        theirs = shelves.catalogue.documents.pages(candidate)
        if _pairing(document, theirs, prepared) is not None:
            best = max(best or (0.0, 0), (agreement(theirs, prepared.pages), candidate))
    return None if best is None else _joined(shelves.catalogue.documents.get(best[1]), prepared, shelves)


def _joined(document: Document, prepared: Prepared, shelves: Shelves) -> Placed:
    """Add a file to a document; the document's pages come from the richer format."""
    numbers = _pairing(document, shelves.catalogue.documents.pages(document.id), prepared) or ()
    reasons = because("same-work", filename=document.filename)
    if _is_richest(prepared.file, document):
        keep = [replace(other, first=False, page_numbers=numbers) for other in document.files]
        return Placed("added", shelves.catalogue.documents.replace(document.id, prepared, keep=keep), reasons)
    shelves.catalogue.documents.add_file(document.id, replace(prepared.file, first=False, page_numbers=numbers))
    return Placed("added", shelves.catalogue.documents.get(document.id), reasons)


def _pairing(document: Document, pages: Sequence[Page], prepared: Prepared) -> tuple[int | None, ...] | None:
    """For each page of the richer file the page of the other that shows it; None when they are not one work."""
    ours, theirs = (prepared.pages, pages) if _is_richest(prepared.file, document) else (pages, prepared.pages)
    return same_work(ours, theirs)


def _is_richest(file: StoredFile, document: Document) -> bool:
    return richness(file) > max(richness(other) for other in document.files)


def _replace(document: Document, replaced: str, prepared: Prepared, shelves: Shelves) -> Document | None:
    """Put a new version in the place of the file whose bytes were `replaced`; the document as it is now.

    The pages of a document come from its first file. A new version of an export changes them only when the export is as
    rich; an export that no longer shows the same pages is another document: None. Other files of the document stay with
    it; one that no longer agrees shows none of the new pages.
    """
    documents = shelves.catalogue.documents
    others = [file for file in document.files if file.sha256 not in (replaced, prepared.file.sha256)]
    first = next((file for file in others if file.first), None)
    if first is not None:
        numbers = same_work(documents.pages(document.id), prepared.pages)
        if numbers is None:
            return None
        if richness(first) > richness(prepared.file):
            export = replace(prepared.file, first=False, page_numbers=numbers)
            changed = documents.swap_file(document.id, replaced, export)
            shelves.catalogue.files.discard(replaced, shelves.originals)
            return changed
    keep = [replace(file, first=False, page_numbers=_shown(file, document, prepared, shelves)) for file in others]
    changed = documents.replace(document.id, prepared, keep=keep)
    for sha256 in {file.sha256 for file in document.files} - {file.sha256 for file in changed.files}:
        shelves.catalogue.files.discard(sha256, shelves.originals)
    return changed


def _shown(file: StoredFile, document: Document, prepared: Prepared, shelves: Shelves) -> tuple[int | None, ...]:
    """For each page of the new version the page of another file of the document that shows it; all None when none does."""
    none = (None,) * len(prepared.pages)
    try:
        data = shelves.originals.path(file.sha256).read_bytes()
        kept = shelves.workers.call(file.filename, read_pages, data, file.filename, document.kind)
    except (KnowledgeBaseError, OSError):
        return none
    return same_work(prepared.pages, kept) or none


def richness(file: StoredFile) -> int:
    """How much a format holds beyond the words on the page; the richest one's pages are the document's."""
    return RICHNESS.get(file.media_type, 0)
