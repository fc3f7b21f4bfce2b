"""Recognise citations: who is cited where, as printed.

    page ─► addresses, credits ─► brackets ─► names before a year ─► lines of attribution ─► candidates
    certain candidates ─► names ─► candidates that need a known name ─► citations

A document is read twice. Candidates with evidence of their own (two names, "et al.", a comma and a year) are certain; their
names, with those of the reference list, decide about the others: "(Strayhorn)", "Bandura (1994)" at the start of a line.
Precision comes first: a doubtful candidate is no citation, and each citation has a confidence.

Reference lists and running heads hold no citations. A span never leaves its page: page.field(c.field)[c.start:c.end] == c.text.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.citations.addresses import addresses, picture_credits
from ingest.citations.brackets import brackets
from ingest.citations.candidate import Candidate, Extent, PageText, page_text
from ingest.citations.lines import attributions, known_names_in_text
from ingest.citations.names import KnownNames
from ingest.citations.ranges import with_ranges
from ingest.citations.superscripts import MARK, cites_by_superscripts, superscripts
from ingest.entries.joining import joined
from ingest.entries.lines import lines
from ingest.entries.lists import Layout, ReferenceList, layout
from ingest.grammar import LOWER, NO_DATE, YEAR
from kb.model import Citation, Field, Kind, Page

CONFIDENT = 0.7
"""Candidates below this confidence are no citations."""
_FIELDS: tuple[Field, ...] = ("text", "notes")
_PRECEDENCE = {"doi": 2, "url": 2, "credit": 1}
"""Forms that win from any other where two candidates overlap."""


def citations(
    pages: Sequence[Page], *, known: Collection[str] = (), kind: Kind, found: Layout | None = None
) -> tuple[Citation, ...]:
    """The citations of a document, in reading order.

    `known`: family names and institutions of its own reference list, or of other works cited in the collection.
    `found`: the reference lists and running heads, when they are known.
    """
    found = found or layout(pages, kind)
    texts = _texts(pages, found, kind)
    listed = KnownNames([*known, *_openings(found)])
    certain = [c for here in texts for c in _candidates(here, listed) if c.certain and c.form != "credit"]
    cited = KnownNames([*listed.names, *(name for candidate in certain for name in candidate.authors)])
    words = _lower_case_words(here.text for here in texts)
    return tuple(
        _citation(candidate, here)
        for here in texts
        for candidate in with_ranges(
            _without_overlaps(_weighed(c, cited, listed, words) for c in _candidates(here, cited)), here
        )
    )


def _texts(pages: Sequence[Page], found: Layout, kind: Kind) -> list[PageText]:
    """The fields of all pages that hold text, with the lines in which no citation is read."""
    excluded: dict[int, list[Extent]] = {page.number: [] for page in pages}
    for line in (line for one in found.lists for line in one.lines()):
        excluded[line.number].append((line.start, line.end))
    for line in (line for page in pages for line in lines(page) if line.key in found.running_heads):
        excluded[line.number].append((line.start, line.end))
    labels = frozenset().union(*(_labels(one) for one in found.lists))
    texts = [
        page_text(page, field, sorted(excluded[page.number]) if field == "text" else (), labels, kind)
        for page in pages
        for field in _FIELDS
        if page.field(field).strip()
    ]
    if labels and cites_by_superscripts((_outside(here) for here in texts), labels):
        texts = [replace(here, labels={*here.labels, MARK}) for here in texts]
    return texts


def _outside(here: PageText) -> str:
    """The text outside lists and running heads."""
    ends = [0, *(end for _, end in here.excluded)]
    starts = [*(start for start, _ in here.excluded), len(here.text)]
    return "\n".join(here.text[end:start] for end, start in zip(ends, starts, strict=True))


def _labels(one: ReferenceList) -> set[str]:
    """The numbers and keys of a list; where it prints `(1)`, the numbers with their brackets too, as a text cites them."""
    labels = {label for label in one.labels if label}
    is_round = bool(one.entries) and one.entries[0][0].text.startswith("(1)")
    return labels | {f"({label})" for label in labels} if is_round else labels


def _openings(found: Layout) -> Iterator[str]:
    """What precedes the year of listed works: for works without authors, the institution or title they are cited by."""
    for entry in (entry for one in found.lists for entry in one.entries):
        if match := re.match(rf"^([^(),]{{3,80}}?)\.?\s\(({YEAR}|{NO_DATE})", joined(entry[:2])):
            yield match[1]


def _lower_case_words(texts: Iterable[str]) -> frozenset[str]:
    """Words that the document writes without a capital: they are no names."""
    return frozenset(word for text in texts for word in re.findall(rf"(?<![\w-]){LOWER}{{3,}}(?![\w-])", text))


def _candidates(here: PageText, known: KnownNames) -> list[Candidate]:
    """All candidates of a text outside what is excluded."""
    found = [*addresses(here.text)]
    if here.field == "text":
        found += picture_credits(here.text)
    found += brackets(here, known)
    if MARK in here.labels:
        found += superscripts(here.text, here.labels)
    found += attributions(here, known)
    found += known_names_in_text(here.text, known)
    return [candidate for candidate in found if not _overlaps(candidate, here.excluded)]


def _overlaps(candidate: Candidate, extents: Sequence[Extent]) -> bool:
    """Whether a candidate shares a character with one of the extents, which are in order and apart."""
    before = bisect(extents, candidate.end - 1, key=lambda extent: extent[0]) - 1
    return before >= 0 and extents[before][1] > candidate.start


def _weighed(candidate: Candidate, cited: KnownNames, listed: KnownNames, words: Collection[str]) -> Candidate:
    """The candidate with the confidence that the document's other names and words give it."""
    confidence = candidate.confidence
    if candidate.form in {"doi", "url", "credit", "numbered"} or not candidate.authors:
        return candidate
    if all(name in cited for name in candidate.authors):
        # A name known from nothing but this candidate is no evidence for it, unless it is certain by itself.
        if candidate.certain or all(name in listed for name in candidate.authors):
            confidence = min(0.99, confidence + 0.25)
        else:
            confidence = min(0.95, confidence + 0.2)
    elif len(candidate.authors) == 1 and not candidate.certain and _last_word(candidate) in words:
        confidence -= 0.3
    return replace(candidate, confidence=confidence)


def _last_word(candidate: Candidate) -> str:
    return candidate.authors[0].split()[-1].lower()


def _without_overlaps(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The confident candidates in order; of two that overlap the more confident, then the longer one."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (-_rank(c), c.start - c.end)):
        # Those kept overlap none of each other, so that only the two beside it can overlap with it.
        place = bisect(kept, candidate.start, key=lambda c: c.start)
        is_free = (place == 0 or kept[place - 1].end <= candidate.start) and (
            place == len(kept) or candidate.end <= kept[place].start
        )
        if candidate.confidence >= CONFIDENT and is_free:
            kept.insert(place, candidate)
    return kept


def _rank(candidate: Candidate) -> float:
    return candidate.confidence + _PRECEDENCE.get(candidate.form, 0)


def _citation(candidate: Candidate, here: PageText) -> Citation:
    return Citation(
        number=here.page.number,
        start=candidate.start,
        end=candidate.end,
        text=here.text[candidate.start : candidate.end],
        form=candidate.form,
        authors=candidate.authors,
        year=candidate.year,
        locator=candidate.locator,
        field=here.field,
        confidence=round(candidate.confidence, 2),
    )
