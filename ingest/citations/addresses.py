"""DOIs, web addresses and credits of pictures: citations by their own form."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator

from ingest.citations.candidate import Candidate, Extent, cells
from ingest.citations.grammar import CREDIT, PRINTED_DOI, PRINTED_URL
from ingest.grammar import BULLET
from kb.bibliography.identifiers import trim_link


def addresses(text: str) -> Iterator[Candidate]:
    """DOIs, and the web addresses that hold no DOI."""
    dois = _extents(PRINTED_DOI, text)
    for start, end in dois:
        yield Candidate(start, end, "doi")
    for start, end in _extents(PRINTED_URL, text):
        before = bisect(dois, (end,)) - 1
        if before < 0 or dois[before][1] <= start:
            yield Candidate(start, end, "url")


def _extents(pattern: re.Pattern[str], text: str) -> list[Extent]:
    return [(match.start(), match.start() + len(trim_link(match.group()))) for match in pattern.finditer(text)]


def picture_credits(text: str) -> Iterator[Candidate]:
    """`Foto: Jan Jansen`, `© Hanze`: lines that name the maker of a picture."""
    for start, cell in cells(text):
        bullet = len(cell) - len(BULLET.sub("", cell, count=1))
        line = cell[bullet:].rstrip()
        if match := CREDIT.match(line):
            maker = re.sub(r"(?i)\s*[(,].*$|\s+(?:on|via|op)\s+.*$", "", match["who"]).strip(" .")
            begin = start + bullet
            yield Candidate(begin, begin + len(line), "credit", (maker,) if maker else (), confidence=0.97)
