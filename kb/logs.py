"""Logging, configured once by a door: where lines go, how they look and which are kept.

    module ─► logging.getLogger(__name__) ─► our loggers (kb, ingest, index, web) ─► standard error

Only our own packages are configured; other libraries keep Python's defaults. No line may hold a password, a token or
the words of a query: a module logs numbers, ids, file names and times.
"""

from __future__ import annotations

import logging
import sys
import time

PACKAGES = ("kb", "ingest", "index", "web")
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class StandardError(logging.StreamHandler):  # type: ignore[type-arg]
    """Write to standard error as it is when the line is written: a test or a terminal may have replaced it since."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        formatter = logging.Formatter(FORMAT, "%Y-%m-%dT%H:%M:%SZ")
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    @property
    def stream(self) -> object:
        return sys.stderr


def configure(level: str | None) -> None:
    """Let our packages log from this level on; calling it again changes the level. One of LOG_LEVELS; None: WARNING."""
    for name in PACKAGES:
        logger = logging.getLogger(name)
        if not any(isinstance(handler, StandardError) for handler in logger.handlers):
            logger.addHandler(StandardError())
        logger.setLevel(level or "WARNING")
