"""Facets: the properties by which the hits of a query are narrowed, and how many hits have each.

    hits of a query without filters ─► Properties of each ─┬─► admitted by all filters: the result set
                                                           └─► counts by facet

A count is the number of hits that choosing the value gives: it is taken over the hits that the other filters admit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kb.model import Citation, Document, Passage, Query

Facet = Literal["kind", "language", "year", "author", "cites"]
FACETS: tuple[Facet, ...] = ("kind", "language", "year", "author", "cites")
Value = str | int | bool
Counts = Mapping[Facet, Mapping[Value, int]]
"""For each facet the number of hits with each value, most hits first; values without hits are left out."""


@dataclass(frozen=True, slots=True)
class Properties:
    """The values of one hit, by facet; none where nothing is known."""

    kind: tuple[Value, ...]
    language: tuple[Value, ...]
    year: tuple[Value, ...]
    author: tuple[Value, ...]
    cites: tuple[Value, ...]
    """(True,) where the page cites a work."""

    def admitted_by(self, filters: Mapping[Facet, Value]) -> bool:
        """Whether a hit with these values passes each filter."""
        return all(value in getattr(self, facet) for facet, value in filters.items())


def properties(passage: Passage, document: Document, citations: Sequence[Citation]) -> Properties:
    """The properties of a hit; its language is the passage's, or else its document's."""
    language = passage.language or document.language
    return Properties(
        (document.kind,),
        (language,) if language else (),
        (document.year,) if document.year else (),
        tuple(dict.fromkeys(document.authors)),
        (True,) if any(citation.form != "credit" for citation in citations) else (),
    )


def filters(query: Query) -> dict[Facet, Value]:
    """The filters that a query has, by facet; the document that it is confined to is none of them."""
    chosen: dict[Facet, Value | None] = {
        "kind": query.kind, "language": query.language, "year": query.year, "author": query.author,
        "cites": query.cites or None,
    }  # fmt: skip
    return {facet: value for facet, value in chosen.items() if value is not None}


def without_filters(query: Query) -> Query:
    """The same query with no filter by facet."""
    return replace(query, kind=None, language=None, year=None, author=None, cites=False)


def count(query: Query, hits: Iterable[tuple[Hashable, Properties]]) -> Counts:
    """The counts over the passages that the query finds without its filters, each with the hit that it is a part of.

    A hit counts once for each value that a passage of it has which passes the other filters.
    """
    chosen, passages = filters(query), list(hits)
    counts: dict[Facet, Mapping[Value, int]] = {}
    for facet in FACETS:
        others = {other: value for other, value in chosen.items() if other != facet}
        values = dict.fromkeys(
            (hit, value) for hit, held in passages if held.admitted_by(others) for value in getattr(held, facet)
        )
        counts[facet] = dict(Counter(value for _, value in values).most_common())
    return counts
