"""Decisions that a person makes about references without being asked: join, separate, accept a suggestion.

    references, entries, citations ─► the fingerprints of both sides ─► a ruling that the catalogue keeps

Pure functions: they return the ruling to store. Questions that were asked hold their own fingerprints and need none of
this.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from kb.bibliography.items import printed
from kb.catalogue.derivation import Names
from kb.errors import KnowledgeBaseError, NotInKnowledgeBase
from kb.model import CSL, Citation, DecisionVerdict, Document, DoubtKind, Entry, Reference, Suggestion
from kb.works.fingerprints import citation_name, entry_names, reference_names


@dataclass(frozen=True, slots=True)
class NewRuling:
    """A decision to store: the fingerprints of its two sides."""

    kind: DoubtKind
    verdict: DecisionVerdict
    one: Names
    other: Names


@dataclass(frozen=True, slots=True)
class Described:
    """A reference and the document that is this work, when it is in the knowledge base."""

    reference: Reference
    document: Document | None = None

    @property
    def names(self) -> Names:
        return reference_names(self.reference, self.document)


@dataclass(frozen=True, slots=True)
class AcceptedRecord:
    """A suggestion as an imported record: its address and digest identify it when it is accepted again."""

    path: str
    sha256: str
    entry: Entry


def join(one: Described, other: Described) -> NewRuling:
    """Two references are one work. Raises a KnowledgeBaseError when they are one already."""
    if one.reference.key == other.reference.key:
        raise KnowledgeBaseError(f"{one.reference.key} is one reference already: name another one to join it with")
    return NewRuling("works", "confirm", one.names, other.names)


def separate_citation(of: Described, citation: Citation, document: Document) -> NewRuling:
    """A citation in a document does not mean this work."""
    return NewRuling("citation", "refuse", frozenset({citation_name(citation, document.title)}), of.names)


def separate_entry(reference: Reference, entry_id: int) -> NewRuling:
    """An entry does not describe this work. Raises a KnowledgeBaseError when another entry has the same words."""
    own: Names = frozenset()
    others: Names = frozenset()
    for entry in reference.listed:
        names = entry_names(entry.raw, entry.csl)
        if entry.id == entry_id:
            own |= names
        else:
            others |= names
    if not own:
        raise NotInKnowledgeBase(f"the reference {reference.key} has no such entry or citation")
    if not own - others or not others - own:
        raise KnowledgeBaseError(
            f"{reference.key}: this entry is printed like the others and cannot be parted from them"
        )
    return NewRuling("works", "refuse", own - others, others - own)


def accepted_record(reference: Reference, suggestion: Suggestion | None) -> AcceptedRecord:
    """The record of a suggestion that agrees. Raises a KnowledgeBaseError unless title, year and first author agree."""
    key = reference.key
    if suggestion is None:
        raise KnowledgeBaseError(f"{key}: Crossref knows nothing like it, so there is nothing to accept")
    if not suggestion.agrees:
        parts = " and ".join(suggestion.reason.values).replace("-", " ")
        raise KnowledgeBaseError(f"{key}: Crossref's record may be another work (other {parts}): nothing was changed")
    csl = dict(suggestion.csl)
    if edition := reference.csl.get("edition"):  # Crossref has no editions, and they distinguish works
        csl["edition"] = edition
    digest = hashlib.sha256(json.dumps(csl, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    path = f"https://doi.org/{csl['DOI']}" if csl.get("DOI") else f"crossref:{digest[:16]}"
    return AcceptedRecord(path, digest, Entry(raw=printed(csl), csl=csl))


def confirm_record(of: Described, record: Entry) -> NewRuling:
    """An accepted record describes this work, although the two do not agree well enough by themselves."""
    known, own = of.names, entry_names(record.raw, record.csl)
    return NewRuling("works", "confirm", known, (own - known) or own)


def holds_record(reference: Reference, csl: CSL) -> bool:
    """Whether an imported record with this item is one of the entries of a reference."""
    return any(entry.document_id is None and dict(entry.csl) == csl for entry in reference.listed)
