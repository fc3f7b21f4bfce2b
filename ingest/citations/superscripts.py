"""Citations by raised numbers: "as many have shown¹–³", where the reference list has those numbers.

    page texts ─► cites_by_superscripts (no number in brackets cites an entry) ─► superscripts ─► a candidate for each number

A raised number is also a power ("20 m²"), a footnote or an affiliation, so it cites only behind a word or a full stop, and only
in a document whose list is numbered and that does not cite in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from unicodedata import normalize

from ingest.citations.candidate import Candidate
from ingest.citations.grammar import BRACKET, ENTRY_NUMBERS
from ingest.raised import SUPERSCRIPT

MARK = "¹"
"""In the labels of a document: it cites by raised numbers."""
_MARKS = re.compile(
    rf"(?:(?<=[^\W\d_][^\W\d_][^\W\d_])|(?<=[.,;:!?)\]”’\"']))\s?({SUPERSCRIPT}{{1,3}}(?:\s?[,;–-]\s?{SUPERSCRIPT}{{1,3}})*)"
)
_NUMBER = re.compile(f"{SUPERSCRIPT}+")


def cites_by_superscripts(texts: Iterable[str], labels: Collection[str]) -> bool:
    """Whether raised numbers of these texts cite the entries with these labels."""
    has_marks = False
    for text in texts:
        if any(_is_cited(bracket[2] or "", labels) for bracket in BRACKET.finditer(text)):
            return False
        has_marks = has_marks or any(True for _ in superscripts(text, labels))
    return has_marks


def _is_cited(content: str, labels: Collection[str]) -> bool:
    return bool(ENTRY_NUMBERS.fullmatch(content)) and all(number in labels for number in re.findall(r"\d+", content))


def superscripts(text: str, labels: Collection[str]) -> Iterator[Candidate]:
    """A candidate for each raised number of a run whose numbers are all labels."""
    for run in _MARKS.finditer(text):
        numbers = [(run.start(1) + found.start(), found.group()) for found in _NUMBER.finditer(run[1])]
        if all(normalize("NFKC", number) in labels for _, number in numbers):
            for start, number in numbers:
                yield Candidate(start, start + len(number), "numbered", confidence=0.9)
