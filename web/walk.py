"""The way from hit to hit: on a page that a search led to, where it is among the hits, and the addresses around it.

The order is that of the results: the hits of one document follow each other, its best first, then those of the next.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb.model import Evidence, Query
from web.knowledge import KnowledgeBase
from web.parameters import in_order
from web.search import FIRST, MOST, hit_url

Page = tuple[int, int]
"""A document's id and the number of a page."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a page is among the hits of a query."""

    place: int | None
    """From 1; None for a page that is no hit."""
    total: int
    previous: str | None
    following: str | None
    beyond: str | None
    """The best hit of the next document."""


def walk(base: KnowledgeBase, query: Query, document_id: int, number: int) -> Walk | None:
    """Where a page is among the hits of a query; None without hits.

    From a page that is no hit the next hit is the next one in its document, by page.
    """
    if not query.text:
        return None
    answer = base.ask(query, MOST if query.document_id else FIRST)
    hits: dict[Page, Evidence] = {}
    for hit in (hit for group in in_order(answer.groups) for hit in group):
        hits.setdefault((hit.document.id, hit.page.number), hit)
    if (document_id, number) in hits:
        return _around(list(hits.values()), list(hits).index((document_id, number)), query)
    here = [page for page in hits if page[0] == document_id]
    before = max((page for page in here if page[1] < number), default=None)
    after = min((page for page in here if page[1] > number), default=None)
    if before is None and after is None:
        return None
    previous, following = (None if page is None else hit_url(hits[page], query) for page in (before, after))
    return Walk(None, len(hits), previous, following, None)


def _around(hits: list[Evidence], place: int, query: Query) -> Walk:
    """The addresses around the hit at a place, from 0."""
    beyond = next((hit for hit in hits[place + 1 :] if hit.document.id != hits[place].document.id), None)
    return Walk(
        place + 1,
        len(hits),
        hit_url(hits[place - 1], query) if place else None,
        hit_url(hits[place + 1], query) if place + 1 < len(hits) else None,
        None if beyond is None else hit_url(beyond, query),
    )
