"""Ranges of numbered citations: "[3]–[7]" and "³–⁷" cite 4, 5 and 6 as well, which are not printed.

candidates in order ─► two numbers with a dash between ─► a candidate for each number between them, over the whole range
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from unicodedata import normalize

from ingest.citations.candidate import Candidate, PageText

LONGEST = 30
"""A range of more numbers is a range of something else."""
_DASH = re.compile(r"\]?\s?[–—-]\s?\[?")


def with_ranges(candidates: Sequence[Candidate], here: PageText) -> Iterator[Candidate]:
    """The candidates, and behind the first number of each range those that it leaves out; their locator is the number."""
    for one, other in pairwise([*candidates, None]):
        assert one is not None  # noqa: S101 -- only the last of a pair is None
        yield one
        if (
            other is not None
            and one.form == other.form == "numbered"
            and _DASH.fullmatch(here.text[one.end : other.start])
        ):
            yield from _between(one, other, here)


def _between(one: Candidate, other: Candidate, here: PageText) -> Iterator[Candidate]:
    first, last = (_number(here.text[each.start : each.end]) for each in (one, other))
    numbers = [str(number) for number in range(first + 1, last)] if last - first <= LONGEST else []
    if all(number in here.labels for number in numbers):
        confidence = min(one.confidence, other.confidence)
        for number in numbers:
            yield Candidate(one.start, other.end, "numbered", locator=number, confidence=confidence)


def _number(text: str) -> int:
    """The number of a citation; 0 for a key."""
    found = re.search(r"\d+", normalize("NFKC", text))
    return int(found.group()) if found else 0
