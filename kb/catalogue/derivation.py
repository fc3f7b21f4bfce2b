"""Derivation: cited works, links and questions, computed from documents, entries, citations and decisions.

    documents, entries, imported records, citations, decisions ─► Material
    Material ─► gather (pure) ─► Related ─► tables of works, links and questions

Whoever changed a document or made a decision has everything derived anew from all there is, outside any transaction, and
stores the outcome in one, provided that nothing changed meanwhile. Reading never derives. Deriving anew takes seconds for
ten thousand entries, cannot drift, and makes a removal as thorough as a first ingest; only rows that differ are written.

The key of a work outlives the entries it was derived from: `work_names` remembers, as digests, which content had which key. A
decision is about content too, and waits while that content is away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kb.model import CSL, Citation, Document, DoubtKind, Entry, Reason

Names = frozenset[str]
"""The names by which a work or a citation is recognised over the years: digests of its content, never ids."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision as the derivation needs it: the content that it is about, and the answer."""

    id: int
    kind: DoubtKind
    confirmed: bool
    one: Names
    other: Names


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that works are derived from."""

    documents: tuple[Document, ...] = ()
    fronts: Mapping[int, str] = field(default_factory=dict)
    """The first page of each piece of literature, by document id: its own DOI may be printed there."""
    entries: tuple[Entry, ...] = ()
    """Of reference lists; and imported records, whose `document_id` is None."""
    citations: tuple[Citation, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """The key that each name has had."""
    before: Mapping[str, CSL] = field(default_factory=dict)
    """The works of the last derivation, by key."""


@dataclass(frozen=True, slots=True)
class Work:
    """A cited work."""

    key: str
    csl: CSL
    raw: tuple[str, ...] = ()
    entries: tuple[int, ...] = ()
    """Ids of its entries and imported records."""
    document_id: int | None = None
    names: Names = frozenset()
    listed: int = 0
    """Number of documents whose lists contain it."""


@dataclass(frozen=True, slots=True)
class CitationLink:
    """A citation and the work that it cites."""

    citation_id: int
    key: str
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Question:
    """A question: is the work `key` the same as `candidate`, or as the document?"""

    id: str
    kind: DoubtKind
    key: str
    candidate: str | None
    document_id: int | None
    citations: tuple[int, ...]
    one: Names
    other: Names
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Standing:
    """The works, document and citations that a decision is about at present."""

    ruling: int
    key: str
    candidate: str | None
    document_id: int | None
    citations: tuple[int, ...]
    one: CSL
    other: CSL


@dataclass(frozen=True, slots=True)
class Related:
    """The outcome of a derivation."""

    works: tuple[Work, ...] = ()
    links: tuple[CitationLink, ...] = ()
    questions: tuple[Question, ...] = ()
    standing: tuple[Standing, ...] = ()
    """Decisions whose two sides are here; the others wait."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names with the key to remember for them."""
    redirects: Mapping[str, str] = field(default_factory=dict)
    """Keys of works that were joined to others, with the key of the other."""


Gather = Callable[[Material], Related]
