"""Questions whether a document is a new version of another, and the answers to them.

    a document comes in ─► like one that is here ─► both are kept, and a question is asked ─┬─ yes: the newer replaces the older
                                                                                            └─ no: both stay, and it is remembered

An answer can be taken back. The texts are English; a door that speaks another language passes its own `gettext`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from kb.model import DecisionVerdict, Document

ResemblanceCode = Literal["same-title", "same-pages"]

TEXTS: Mapping[ResemblanceCode, str] = {
    "same-title": "the same title and kind; %(shared)s of %(pages)s pages have the same words",
    "same-pages": "%(shared)s of %(pages)s pages have the same words",
}


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How two documents are alike."""

    code: ResemblanceCode
    shared: int
    """Pages with the same words."""
    pages: int
    """Pages with words of the document that has the most."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A document that one which comes in is like."""

    document_id: int
    filename: str
    resemblance: Resemblance
    is_newer: bool = False
    """Whether it is, by its own date, the newer of the two."""


@dataclass(frozen=True, slots=True)
class VersionQuestion:
    """Is `newer` a new version of `older`?"""

    older: Document
    newer: Document
    resemblance: Resemblance

    @property
    def id(self) -> str:
        """The same as long as the question is."""
        return f"{self.older.id}-{self.newer.id}"


@dataclass(frozen=True, slots=True)
class VersionAnswer:
    """A person's answer to a question about two documents, with their titles at that time."""

    id: int
    verdict: DecisionVerdict
    older: int
    newer: int
    older_title: str
    newer_title: str
    resemblance: Resemblance
    made: str
    """ISO 8601, UTC."""
    older_files: tuple[str, ...] = ()
    """SHA-256."""
    newer_files: tuple[str, ...] = ()

    @property
    def kept(self) -> int:
        """The id under which the newer document is kept after a yes: the one that was given first."""
        return min(self.older, self.newer)


def worded(resemblance: Resemblance, gettext: Callable[[str], str] = str) -> str:
    """A resemblance in words; `gettext` gives the translation of an English text."""
    values = {"shared": resemblance.shared, "pages": resemblance.pages}
    return gettext(TEXTS[resemblance.code]) % values
