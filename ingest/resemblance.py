"""Resemblance: the document of which one that comes in may be another version.

    same title and kind, a third of the words ─┐
    half of the pages with the same words ─────┴─► the one that shares most pages ─► a question, never more

By the dates in the files the one that is here may be the newer of the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.versions import similar
from kb.catalogue import Catalogue, Prepared
from kb.catalogue.page_digests import page_digests
from kb.model import Document
from kb.versions import Resemblance, Similar

PAGES_SHARED = 0.5
"""Share of the pages, of the document with more of them, from which two may be versions of one."""
FEWEST_SHARED = 3
"""Fewer pages than this are shared by documents of one house style."""
MOST_TITLED = 20
"""Documents of the same title that are compared, the latest."""


def find_similar(prepared: Prepared, catalogue: Catalogue) -> Similar | None:
    """The document that a prepared one is most like; None when none may be another version of it."""
    found = [*_titled(prepared, catalogue), *_sharing(prepared, catalogue)]
    if not found:
        return None
    best = max(found, key=lambda each: (each[1].shared, each[1].code == "same-title", each[0].id))
    document, resemblance = best
    return Similar(document.id, document.filename, resemblance, _is_newer(document, prepared))


def _titled(prepared: Prepared, catalogue: Catalogue) -> Iterator[tuple[Document, Resemblance]]:
    """Documents of the same title and kind that have words in common."""
    ours = page_digests(page.text for page in prepared.pages)
    for candidate in catalogue.documents.titled(prepared.title)[-MOST_TITLED:]:
        document = catalogue.documents.get(candidate)
        if document.kind != prepared.kind:
            continue
        pages = catalogue.documents.pages(candidate)
        if similar(pages, prepared.pages):
            theirs = page_digests(page.text for page in pages)
            yield document, Resemblance("same-title", len(ours & theirs), max(len(ours), len(theirs)))


def _sharing(prepared: Prepared, catalogue: Catalogue) -> Iterator[tuple[Document, Resemblance]]:
    """Documents of the same kind that have many of the same pages."""
    for each in catalogue.documents.sharing_pages(prepared.kind, [page.text for page in prepared.pages]):
        if each.shared >= max(FEWEST_SHARED, PAGES_SHARED * each.pages):
            yield catalogue.documents.get(each.document_id), Resemblance("same-pages", each.shared, each.pages)


def _is_newer(document: Document, prepared: Prepared) -> bool:
    """Whether a document is newer than a prepared one by the dates in their files, where these are as exact as each other."""
    if not document.date or not prepared.date or len(document.date) != len(prepared.date):
        return False
    return document.date > prepared.date
