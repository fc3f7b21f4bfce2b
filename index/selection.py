"""Selection: from ranked passages to evidence, one passage a page and without near-duplicates.

    ranked passages ─► looked up, some at a time ─► the best of each page ─► no near-duplicates ─► Evidence

The hits and the answer to one query are selected from the same passages, which are looked up once for both. Which pages
repeat each other is decided among the hits without filters, so that a facet's count is what choosing it gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from index.fusion import Fused
from index.hits import Hits
from kb import language
from kb.catalogue import Found
from kb.facets import Counts, count, properties
from kb.language.sentences import sentences
from kb.model import Answer, Evidence, Passage, Query

# Passages with this share of their letters in common are near-duplicates, unless they are shorter than DUPLICATE_LENGTH.
DUPLICATE = 0.92
DUPLICATE_LENGTH = 60
# Passages of reference lists whose works are named beside the hits.
MOST_LISTED = 8
# Letters are counted in so many places.
LETTERS = 64


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of one query: the same set whatever part of it is shown."""

    evidence: tuple[Evidence, ...]
    """The first hits, best first."""
    groups: tuple[tuple[Evidence, ...], ...]
    """All hits by document, best first."""
    total: int
    facets: Counts
    listed: tuple[Evidence, ...]
    """The first passages of reference lists that are no hits."""
    is_complete: bool
    """Whether these are all; else there are more."""

    def answer(self, query: Query) -> Answer:
        """The hits as the answer to a query, in which nothing is quoted yet."""
        return Answer(
            query, self.evidence, total=self.total, facets=self.facets, groups=self.groups, listed=self.listed,
            complete=self.is_complete,
        )  # fmt: skip


class Selection:
    """Selects evidence for one query."""

    def __init__(self, query: Query, look_up: Callable[[Sequence[int]], Mapping[int, Found]]) -> None:
        """`look_up` gives passages by id; those removed meanwhile are left out."""
        self._query = query
        self._look_up = look_up
        self._found: dict[int, Found | None] = {}
        self._evidence: dict[int, Evidence] = {}

    def choose(
        self, ranked: Sequence[Fused], limit: int, *, quotable: bool = False, page_once: bool = True
    ) -> list[tuple[Fused, Evidence]]:
        """At most `limit` hits without near-duplicates of a better one, as evidence with their ranks.

        `quotable`: only passages that an answer may quote, so neither speaker notes nor reference lists. `page_once`: at
        most one passage of a page.
        """
        chosen: list[tuple[Fused, Evidence]] = []
        pages: set[tuple[int, int]] = set()
        texts = Texts()
        for hit, found in self._with_passages(ranked, limit + limit // 2):
            if len(chosen) == limit:
                break
            passage = found.passage
            if quotable and (passage.field != "text" or passage.listing):
                continue
            page, known = (passage.document_id, passage.number), len(texts)
            if (page_once and page in pages) or texts.number(letters_of(passage.text)) < known:
                continue
            pages.add(page)
            chosen.append((hit, replace(self._as_evidence(hit, found), rank=len(chosen) + 1)))
        return chosen

    def results(self, hits: Hits, counted: Hits, limit: int) -> Results:
        """All hits, one a page and without near-duplicates of a better one, and the counts of those without filters.

        Which words matched is looked up for the first `limit` hits and the first hit of each document.
        """
        pages = _Pages()
        passages = [
            (pages.number(found.passage), properties(found.passage, found.document, found.citations))
            for _, found in self._with_passages(counted.shown, len(counted.shown))
        ]
        shown: set[int] = set()
        evidence: list[Evidence] = []
        documents: dict[int, list[Evidence]] = {}
        for hit, found in self._with_passages(hits.shown, len(hits.shown)):
            number = pages.number(found.passage)
            if number in shown:
                continue
            shown.add(number)
            others = documents.setdefault(found.document.id, [])
            marked = len(shown) <= limit or not others
            evidence.append(replace(self._as_evidence(hit, found, marked=marked), rank=len(shown)))
            others.append(evidence[-1])
        return Results(
            tuple(evidence[:limit]),
            tuple(tuple(group) for group in documents.values()),
            len(evidence),
            count(self._query, passages) if passages else {},
            tuple(
                self._as_evidence(*each, marked=False)
                for each in self._with_passages(hits.entries[:MOST_LISTED], MOST_LISTED)
            ),
            hits.complete,
        )

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


class _Pages:
    """Pages as they are shown: those whose best passages are near-duplicates are one, whatever passes the filters."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int], int] = {}
        self._texts = Texts()

    def number(self, passage: Passage) -> int:
        """The number of a passage's page; the first passage of a page decides which page it repeats."""
        page = (passage.document_id, passage.number)
        if page not in self._numbers:
            self._numbers[page] = self._texts.number(letters_of(passage.text))
        return self._numbers[page]


class Texts:
    """Texts without near-duplicates, each by its letters; slides are reused with a word changed."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._letters: list[str] = []
        self._counts: npt.NDArray[np.int16] = np.zeros((16, LETTERS), dtype=np.int16)

    def __len__(self) -> int:
        return len(self._letters)

    def number(self, letters: str) -> int:
        """The number of the first text that a text nearly repeats, else a new one; a text without letters repeats none."""
        known = self._numbers.get(letters) if letters else None
        if known is not None:
            return known
        counts = _counts(letters)
        repeated = self._repeated(letters, counts)
        number = len(self._letters) if repeated is None else repeated
        self._numbers[letters] = number
        if repeated is None:
            if number == len(self._counts):
                self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
            self._letters.append(letters)
            self._counts[number] = counts
        return number

    def _repeated(self, letters: str, counts: npt.NDArray[np.int16]) -> int | None:
        """The number of the first text that a text nearly repeats, by their letters; None when it repeats none."""
        if len(letters) < DUPLICATE_LENGTH:
            return None
        # Each letter that differs changes two counts at most: texts whose counts differ more are no near-duplicates.
        differing = np.abs(self._counts[: len(self._letters)] - counts).sum(axis=1)
        near = np.flatnonzero(differing <= 2 * (1 - DUPLICATE) * len(letters) / DUPLICATE).tolist()
        if not near:
            return None
        from rapidfuzz import fuzz  # only where there is something to compare

        for number in near:
            if fuzz.ratio(letters, self._letters[number], score_cutoff=100 * DUPLICATE) > 0:
                return int(number)
        return None


def _counts(letters: str) -> npt.NDArray[np.int16]:
    """How often each letter occurs; letters that share a place are counted together."""
    places = np.frombuffer(letters.encode("utf-32-le"), dtype=np.uint32) % LETTERS
    return np.bincount(places, minlength=LETTERS).astype(np.int16)


# The passages that answer one question often answer the next.
@lru_cache(maxsize=2048)
def letters_of(text: str) -> str:
    """The letters and digits of a text, in lower case."""
    return re.sub(r"\W+", "", text.casefold())
