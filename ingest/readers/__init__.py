"""Readers: one module per format, each turning bytes into pages and knowing nothing else.

    bytes ─► read(data, filename) ─► format, by content first ─► its reader ─► Reading(pages, title, authors, …)

A reader raises a DocumentError when there is nothing to keep, and marks a single bad page as a page with a `problem`.
"""

from __future__ import annotations

from ingest.readers.detect import ENDINGS, read
from ingest.readers.reading import Reading

__all__ = ["ENDINGS", "Reading", "read"]
