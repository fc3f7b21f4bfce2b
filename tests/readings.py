"""Helpers for tests of readers."""

from __future__ import annotations

from ingest.readers import Reading


def texts(reading: Reading) -> list[str]:
    return [page.text for page in reading.pages]
