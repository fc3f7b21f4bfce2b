"""Derivation: cited works, links and questions, computed from documents, entries, citations and decisions.

    documents, entries, imported records, citations, decisions ─► Material
    Material ─► gather (pure) ─► Related ─► tables of works, links and questions

A change derives the part of the collection that it bears on, in one transaction (parts.py): the units that are connected with
it by blocking keys go through the same pure functions as the whole collection, and give what the whole would give. Where
that part is large, as after a first ingest, and to prove the tables (`kb check --repair`), everything is derived anew, outside
any transaction, and stored in one, provided that nothing changed meanwhile. Reading never derives; only rows that differ
are written, and a removal is as thorough as a first ingest.

The key of a work outlives the entries it was derived from: `work_names` remembers, as digests, which content had which key. A
decision is about content too, and waits while that content is away.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

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
    front_entries: tuple[Entry, ...] = ()
    """Entries on the first pages of literature, also those outside this material: a DOI in one is not the document's own."""
    in_use: Container[str] = frozenset()
    """Keys that works outside this material have, and keys that any work had."""


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


class UnitKind(IntEnum):
    """What works are derived from, one by one."""

    DOCUMENT = 0
    ENTRY = 1
    CITATION = 2
    DECISION = 3


class Unit(NamedTuple):
    """A document, entry, citation or decision, by its id."""

    kind: UnitKind
    id: int

    @property
    def number(self) -> int:
        """One number for kind and id, as it is stored."""
        return self.id * len(UnitKind) + self.kind

    @classmethod
    def of(cls, number: int) -> Unit:
        """The unit with a stored number."""
        unit_id, kind = divmod(number, len(UnitKind))
        return cls(UnitKind(kind), unit_id)


class Side(IntEnum):
    """How two units share a blocking key: as equals; one as a work and the other as a citation; or by a name."""

    EQUAL = 0
    WORK = 1
    CITATION = 2
    NAME = 3

    @property
    def opposite(self) -> Side:
        """The side on which another unit shares a key with one of this side."""
        return _OPPOSITES.get(self, self)


_OPPOSITES = {Side.WORK: Side.CITATION, Side.CITATION: Side.WORK}
EARLIEST, LATEST = -(10**6), 10**6
"""Bounds of the years of a blocking key that holds for all years."""


class BlockingKey(NamedTuple):
    """What two units have in common where one may bear on the links of the other: a digest, and years that overlap."""

    side: Side
    digest: bytes
    first: int = EARLIEST
    last: int = LATEST


Gather = Callable[[Material], Related]
BlockingKeys = Callable[[Material], Iterable[tuple[Unit, BlockingKey]]]


class Rules(NamedTuple):
    """The pure functions of a derivation."""

    gather: Gather
    blocking_keys: BlockingKeys
