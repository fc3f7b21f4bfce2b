"""The catalogue: the documents of a knowledge base. With the stored files it holds all data that cannot be derived.

    Catalogue ─┬─ documents        added, replaced, removed, looked up; words are written in the same transaction
               ├─ passages         for retrieval: words, vectors, and hits with their pages
               ├─ references       one for each cited work, derived (derivation)
               ├─ decisions        questions about references, and their answers
               ├─ bibliographies   imported records
               ├─ trash            removed documents and replaced versions, for a while
               ├─ versions         questions whether a document is a new version of another
               ├─ jobs             uploads that are to be taken in, and their outcomes
               └─ spelling         the nearest word of the collection

The only package that contains SQL, through SQLAlchemy Core. Everything that depends on the database is in a Backend
(backend.py), with SQLite as the one implementation. Each change raises the generation, by which other processes notice it.
"""

from __future__ import annotations

from pathlib import Path

from kb.catalogue.backend import Match
from kb.catalogue.bibliographies import Bibliographies, Bibliography
from kb.catalogue.check import Finding, Progress, check
from kb.catalogue.contents import Prepared, title_key
from kb.catalogue.decisions import Decisions
from kb.catalogue.deriving import Derivation
from kb.catalogue.documents import Documents
from kb.catalogue.files import Files, Known
from kb.catalogue.inbox_jobs import InboxJobs
from kb.catalogue.jobs import Jobs
from kb.catalogue.passages import Found, Passages
from kb.catalogue.references import References
from kb.catalogue.spelling import Spelling
from kb.catalogue.store import open_backend
from kb.catalogue.trash import Trash
from kb.catalogue.versions import Versions
from kb.catalogue.words import renew_words
from kb.originals import Originals

__all__ = [
    "Bibliographies", "Bibliography", "Catalogue", "Decisions", "Derivation", "Documents", "Files", "Finding", "Found", "Jobs",
    "Known", "Match", "Passages", "Prepared", "References", "Trash", "Versions", "title_key",
]  # fmt: skip


class Catalogue:
    """An open catalogue; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.backend = open_backend(path)
        renew_words(self.backend)
        self.documents = Documents(self.backend)
        self.files = Files(self.backend)
        self.passages = Passages(self.backend)
        self.references = References(self.backend)
        self.derivation = Derivation(self.backend)
        self.decisions = Decisions(self.backend)
        self.bibliographies = Bibliographies(self.backend)
        self.trash = Trash(self.backend)
        self.versions = Versions(self.backend)
        self.jobs = Jobs(self.backend)
        self.inbox_jobs = InboxJobs(self.backend)
        self.spelling = Spelling(self.backend)

    def check(
        self, originals: Originals, fingerprint: str, *, repair: bool = False, progress: Progress | None = None
    ) -> list[Finding]:
        """Whether files, catalogue, words and vectors agree; see kb.catalogue.check."""
        return check(self.backend, originals, fingerprint, repair=repair, progress=progress)

    def copy(self, path: Path) -> None:
        """Write a consistent copy to a new file, while others read and write."""
        self.backend.copy(path)

    def close(self) -> None:
        """Close all connections."""
        self.backend.engine.dispose()
