"""Scans: a PDF of which pages are only pictures is prepared again with what text recognition reads on them.

source ─► prepared ─► pages that are pictures? ─► each recognised in a worker ─► prepared with their text
"""

from __future__ import annotations

from collections.abc import Callable

from ingest.preparing import pictured_pages, prepare
from ingest.recognition import Recogniser, pictured, recognise_pages
from ingest.source import Source
from ingest.workers import Workers
from kb.catalogue import Prepared
from kb.errors import NeedsOcr


def with_pictures(
    source: Source, prepared_now: Callable[[], Prepared], workers: Workers, recogniser: Recogniser | None
) -> Prepared:
    """A prepared document; the pages of a PDF that are only pictures are read with text recognition. Raises a DocumentError."""
    if recogniser is None or not source.is_pdf:
        return prepared_now()
    try:
        prepared = prepared_now()
        numbers = pictured(prepared.pages)
    except NeedsOcr:
        numbers = workers.call(source.filename, pictured_pages, source)
    if not numbers:
        return prepared
    return workers.call(source.filename, prepare, recognise_pages(source, numbers, workers, recogniser))
