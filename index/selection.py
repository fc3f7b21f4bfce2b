"""Selection: from ranked passages to evidence, one passage a page and without near-duplicates.

    ranked passages ─► looked up, some at a time ─► the best of each page ─► no near-duplicates ─► Evidence

The hits and the answer to one query are selected from the same passages, which are looked up once for both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from index.fusion import Fused
from kb import language
from kb.catalogue import Found
from kb.language.sentences import sentences
from kb.model import Evidence, Query

# Passages with this share of their letters in common are near-duplicates, unless they are shorter than DUPLICATE_LENGTH.
DUPLICATE = 0.92
DUPLICATE_LENGTH = 60


class Selection:
    """Selects evidence for one query."""

    def __init__(self, query: Query, look_up: Callable[[Sequence[int]], Mapping[int, Found]]) -> None:
        """`look_up` gives passages by id; those removed meanwhile are left out."""
        self._query = query
        self._look_up = look_up
        self._found: dict[int, Found | None] = {}
        self._evidence: dict[int, Evidence] = {}
        self._letters: dict[int, str] = {}

    def choose(self, ranked: Sequence[Fused], limit: int, *, quotable: bool = False) -> list[tuple[Fused, Evidence]]:
        """At most `limit` hits, one a page and without near-duplicates of a better one, as evidence with their ranks.

        `quotable`: only passages that an answer may quote, so neither speaker notes nor reference lists.
        """
        chosen: list[tuple[Fused, Found]] = []
        pages: set[tuple[int, int]] = set()
        earlier: list[str] = []
        for hit, found in self._with_passages(ranked, limit + limit // 2):
            if quotable and (found.passage.field != "text" or found.passage.listing):
                continue
            page = (found.passage.document_id, found.passage.number)
            letters = self._letters_of(found)
            if page in pages or repeats(letters, earlier):
                continue
            pages.add(page)
            earlier.append(letters)
            chosen.append((hit, found))
            if len(chosen) == limit:
                break
        return [(hit, replace(self._as_evidence(hit, found), rank=rank)) for rank, (hit, found) in enumerate(chosen, 1)]

    def _with_passages(self, ranked: Sequence[Fused], size: int) -> Iterator[tuple[Fused, Found]]:
        """The hits with their passages, looked up so many at a time; those removed since are left out."""
        for start in range(0, len(ranked), size):
            batch = ranked[start : start + size]
            missing = [hit.passage_id for hit in batch if hit.passage_id not in self._found]
            if missing:
                found = self._look_up(missing)
                self._found |= {key: found.get(key) for key in missing}
            for hit in batch:
                if (known := self._found[hit.passage_id]) is not None:
                    yield hit, known

    def _letters_of(self, found: Found) -> str:
        letters = self._letters.get(found.passage.id)
        if letters is None:
            letters = self._letters[found.passage.id] = re.sub(r"\W+", "", found.passage.text.casefold())
        return letters

    def _as_evidence(self, hit: Fused, found: Found) -> Evidence:
        evidence = self._evidence.get(hit.passage_id)
        if evidence is None:
            evidence = self._evidence[hit.passage_id] = _evidence(hit, found, self._query)
        return evidence


def _evidence(hit: Fused, found: Found, query: Query) -> Evidence:
    """A hit with its passage, page, document and citations, the words that matched and the nearest sentence; without a rank."""
    spans = sentences(found.passage.text) if hit.sentence is not None else []
    spoken = found.passage.language or found.document.language
    matched = language.matches(query.text, found.passage.text, spoken) if hit.by_words else ()
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


def repeats(letters: str, earlier: Sequence[str]) -> bool:
    """Whether a passage, by its letters alone, nearly repeats an earlier one; slides are reused with a word changed."""
    if letters in earlier:
        return bool(letters)
    alike = [other for other in earlier if abs(len(other) - len(letters)) <= (1 - DUPLICATE) * len(letters)]
    if len(letters) < DUPLICATE_LENGTH or not alike:
        return False
    from rapidfuzz import fuzz  # only where there is something to compare

    return any(fuzz.ratio(letters, other, score_cutoff=100 * DUPLICATE) > 0 for other in alike)
