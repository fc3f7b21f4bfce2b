"""The catalogue: what is in the knowledge base. With the stored files it is all the truth there is.

    Catalogue ─┬─ documents    put in, replaced, removed, looked up; words are filled in the same transaction
               └─ passages     what retrieval needs: words (FTS5), vectors, hits brought home

The only package that speaks SQL, through SQLAlchemy Core. SQLite in WAL mode: many readers and one writer, across
processes. Each change raises the generation, by which another process notices it. What is particular to SQLite
(full text, upserts, substr) stands in this package alone, so that PostgreSQL can take its place.
"""

from __future__ import annotations

from pathlib import Path

from kb.catalogue.documents import Documents, Known, Prepared, title_key
from kb.catalogue.passages import Passages
from kb.catalogue.store import open_engine

__all__ = ["Catalogue", "Documents", "Known", "Passages", "Prepared", "title_key"]


class Catalogue:
    """An open catalogue; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = open_engine(path)
        self.documents = Documents(self._engine)
        self.passages = Passages(self._engine)

    def close(self) -> None:
        self._engine.dispose()
