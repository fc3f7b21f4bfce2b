"""Restore a removed document, or a replaced version, from the originals in the trash.

trashed files ─► originals ─► prepared again ─► the removed document under its own id, or a document beside the current one
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from ingest.preparing import prepare, read_pages
from ingest.recognition import Recogniser
from ingest.scans import with_pictures
from ingest.source import Source
from ingest.versions import same_work
from ingest.workers import Workers
from kb.catalogue import Catalogue, Prepared
from kb.model import Document, Kind, StoredFile, Trashed
from kb.originals import Originals


def restore(
    trashed: Trashed, catalogue: Catalogue, originals: Originals, recogniser: Recogniser | None = None
) -> Document:
    """Bring a document back from the trash, and return it as it is now.

    A removed document gets its id back. A replaced version becomes a document of its own, for its id belongs to the version
    that replaced it. Raises NotInKnowledgeBase when an original is lost, Overtaken when its bytes came in again meanwhile.
    """
    prepared, exports = read_again(trashed.files, trashed.kind, originals, recogniser)
    document = _put(trashed, prepared, catalogue)
    for export in exports:
        catalogue.documents.add_file(document.id, export)
    return catalogue.documents.get(document.id)


def read_again(
    files: Sequence[StoredFile], kind: Kind, originals: Originals, recogniser: Recogniser | None
) -> tuple[Prepared, list[StoredFile]]:
    """A document prepared again from the originals of its files, and its other files with their pages.

    Raises NotInKnowledgeBase when an original is lost, a DocumentError when it cannot be read.
    """
    main, *others = sorted(files, key=lambda file: not file.first)
    with Workers(1) as workers:
        data = originals.path(main.sha256).read_bytes()
        source = Source.of(data, main.filename, main.path, kind)
        reading = partial(workers.call, main.filename, prepare, source)
        prepared: Prepared = with_pictures(source, reading, workers, recogniser)
        return prepared, [_with_page_numbers(file, kind, prepared, originals, workers) for file in others]


def _put(trashed: Trashed, prepared: Prepared, catalogue: Catalogue) -> Document:
    if trashed.cause == "removed":
        return catalogue.documents.put_back(trashed.document_id, prepared)
    current = catalogue.files.at_path(prepared.file.path)
    document = catalogue.documents.put(prepared)
    if current is not None:
        # The next version at this path is one of the current document, not of the restored one.
        document_id, sha256 = current
        catalogue.files.seen_at(prepared.file.path, sha256, document_id)
    return document


def _with_page_numbers(
    file: StoredFile, kind: Kind, prepared: Prepared, originals: Originals, workers: Workers
) -> StoredFile:
    """Another file of the document, with the page of it that shows each page of the document."""
    data = originals.path(file.sha256).read_bytes()
    pages = workers.call(file.filename, read_pages, data, file.filename, kind)
    numbers = same_work(prepared.pages, pages) or (None,) * len(prepared.pages)
    return replace(file, first=False, page_numbers=numbers)
