"""Selection: from ranked passages to evidence, one passage a page and without near-duplicates.

    ranked passages ─► looked up, some at a time ─► the best of each page ─► no near-duplicates ─► filters ─► Evidence

The hits and the answer to one query are selected from the same passages, which are looked up once for both. Filters come
last, so that the hits with filters are a part of those without, and a facet's count is what choosing it gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from index.fusion import Fused
from kb import language
from kb.catalogue import Found
from kb.facets import Counts, Properties, count, filters, properties
from kb.language.sentences import sentences
from kb.model import Evidence, Query

# Passages with this share of their letters in common are near-duplicates, unless they are shorter than DUPLICATE_LENGTH.
DUPLICATE = 0.92
DUPLICATE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of one query: the same set whatever part of it is shown."""

    evidence: tuple[Evidence, ...]
    """The first hits, best first."""
    groups: tuple[tuple[Evidence, ...], ...]
    """All hits by document, best first."""
    total: int
    facets: Counts


@dataclass(frozen=True, slots=True)
class _Page:
    """A page with the best of its passages and the values it is filtered by."""

    hit: Fused
    found: Found
    properties: Properties


class Selection:
    """Selects evidence for one query."""

    def __init__(self, query: Query, look_up: Callable[[Sequence[int]], Mapping[int, Found]]) -> None:
        """`look_up` gives passages by id; those removed meanwhile are left out."""
        self._query = query
        self._filters = filters(query)
        self._look_up = look_up
        self._found: dict[int, Found | None] = {}
        self._evidence: dict[int, Evidence] = {}

    def choose(self, ranked: Sequence[Fused], limit: int, *, quotable: bool = False) -> list[tuple[Fused, Evidence]]:
        """At most `limit` hits, one a page and without near-duplicates of a better one, as evidence with their ranks.

        `quotable`: only passages that an answer may quote, so neither speaker notes nor reference lists.
        """
        pages = self._pages(ranked, limit + limit // 2, quotable=quotable)
        chosen = islice((page for page in pages if page.properties.admitted_by(self._filters)), limit)
        return [
            (page.hit, replace(self._as_evidence(page.hit, page.found), rank=rank))
            for rank, page in enumerate(chosen, 1)
        ]

    def results(self, ranked: Sequence[Fused], limit: int, *, counting: bool = True) -> Results:
        """All hits, one a page and without near-duplicates of a better one.

        Which words matched is looked up for the first `limit` hits and the first hit of each document. `counting`: whether
        the ranking is that of the query without its filters, so that hits can be counted by facet.
        """
        pages = list(self._pages(ranked, len(ranked), quotable=False))
        admitted = [page for page in pages if page.properties.admitted_by(self._filters)]
        counts = count(self._query, [page.properties for page in pages]) if counting else {}
        hits: list[Evidence] = []
        documents: dict[int, list[Evidence]] = {}
        for rank, page in enumerate(admitted, 1):
            others = documents.setdefault(page.found.document.id, [])
            marked = rank <= limit or not others
            hits.append(replace(self._as_evidence(page.hit, page.found, marked=marked), rank=rank))
            others.append(hits[-1])
        return Results(tuple(hits[:limit]), tuple(tuple(group) for group in documents.values()), len(hits), counts)

    def _pages(self, ranked: Sequence[Fused], size: int, *, quotable: bool) -> Iterator[_Page]:
        """The best passage of each page, without near-duplicates of a better one; looked up so many at a time."""
        pages: set[tuple[int, int]] = set()
        earlier: list[str] = []
        for hit, found in self._with_passages(ranked, size):
            if quotable and (found.passage.field != "text" or found.passage.listing):
                continue
            page = (found.passage.document_id, found.passage.number)
            letters = letters_of(found.passage.text)
            if page in pages or repeats(letters, earlier):
                continue
            pages.add(page)
            earlier.append(letters)
            yield _Page(hit, found, properties(found.passage, found.document, found.citations))

    def _with_passages(self, ranked: Sequence[Fused], size: int) -> Iterator[tuple[Fused, Found]]:
        """The hits with their passages, looked up so many at a time; those removed since are left out."""
        for start in range(0, len(ranked), max(size, 1)):
            batch = ranked[start : start + size]
            missing = [hit.passage_id for hit in batch if hit.passage_id not in self._found]
            if missing:
                found = self._look_up(missing)
                self._found |= {key: found.get(key) for key in missing}
            for hit in batch:
                if (known := self._found[hit.passage_id]) is not None:
                    yield hit, known

    def _as_evidence(self, hit: Fused, found: Found, *, marked: bool = True) -> Evidence:
        evidence = self._evidence.get(hit.passage_id)
        if evidence is None:
            evidence = _evidence(hit, found, self._query, marked=marked)
            if marked:
                self._evidence[hit.passage_id] = evidence
        return evidence


def _evidence(hit: Fused, found: Found, query: Query, *, marked: bool) -> Evidence:
    """A hit with its passage, page, document and citations, without a rank.

    `marked`: with the words that matched and the nearest sentence.
    """
    spans = sentences(found.passage.text) if marked and hit.sentence is not None else []
    spoken = found.passage.language or found.document.language
    matched = language.matches(query.text, found.passage.text, spoken) if marked and hit.by_words else ()
    return Evidence(
        rank=0,
        score=hit.score,
        passage=found.passage,
        page=found.page,
        document=found.document,
        citations=found.citations,
        matched=matched,
        sentence=spans[hit.sentence] if hit.sentence is not None and hit.sentence < len(spans) else None,
        by_words=hit.by_words,
        by_meaning=hit.by_meaning,
    )


# The passages that answer one question often answer the next.
@lru_cache(maxsize=2048)
def letters_of(text: str) -> str:
    """The letters and digits of a text, in lower case."""
    return re.sub(r"\W+", "", text.casefold())


def repeats(letters: str, earlier: Sequence[str]) -> bool:
    """Whether a passage, by its letters alone, nearly repeats an earlier one; slides are reused with a word changed."""
    if letters in earlier:
        return bool(letters)
    alike = [other for other in earlier if abs(len(other) - len(letters)) <= (1 - DUPLICATE) * len(letters)]
    if len(letters) < DUPLICATE_LENGTH or not alike:
        return False
    from rapidfuzz import fuzz  # only where there is something to compare

    return any(fuzz.ratio(letters, other, score_cutoff=100 * DUPLICATE) > 0 for other in alike)
