"""The catalogue: what is in the knowledge base. With the stored files it is all the truth there is.

    Catalogue ─┬─ documents    put in, replaced, removed, looked up; words are filled in the same transaction
               ├─ passages     what retrieval needs: words (FTS5), vectors, hits brought home
               └─ references   one for each cited work, derived; questions about them, and their answers

The only package that speaks SQL, through SQLAlchemy Core. SQLite in WAL mode: many readers and one writer, across
processes. Each change raises the generation, by which another process notices it. What is particular to SQLite
(full text, upserts, substr) stands in this package alone, so that PostgreSQL can take its place.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kb.catalogue.check import Finding, check
from kb.catalogue.documents import Documents, Known, Prepared, renew_words, title_key
from kb.catalogue.passages import Found, Match, Passages
from kb.catalogue.references import Bibliography, References
from kb.catalogue.store import open_engine
from kb.originals import Originals

__all__ = [
    "Bibliography", "Catalogue", "Documents", "Finding", "Found", "Known", "Match", "Passages", "Prepared", "References",
    "title_key",
]  # fmt: skip


class Catalogue:
    """An open catalogue; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = open_engine(path)
        renew_words(self._engine)
        self.documents = Documents(self._engine)
        self.passages = Passages(self._engine)
        self.references = References(self._engine)

    def check(self, originals: Originals, fingerprint: str, *, repair: bool = False) -> list[Finding]:
        """Whether files, catalogue, words and vectors agree; see kb.catalogue.check."""
        return check(self._engine, originals, fingerprint, repair=repair)

    def copy(self, path: Path) -> None:
        """Write a consistent copy to a new file, while others read and write."""
        source = self._engine.raw_connection()
        target = sqlite3.connect(path)
        try:
            source.driver_connection.backup(target)  # type: ignore[union-attr]
        finally:
            target.close()
            source.close()

    def close(self) -> None:
        self._engine.dispose()
