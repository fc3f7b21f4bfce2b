"""One part of a bracket, between semicolons: names and years, and sources cited in other sources.

"zie ook Ma, 2003, p. 4"                  ─► Ma 2003, p. 4
"Bandura, 1977, geciteerd in Pajares, 2002" ─► Bandura 1977, and Pajares 2002 as secondary
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.citations.candidate import Candidate, NameList
from ingest.citations.grammar import DATED_NAMES, INTRO, SECONDARY, PrintedYear, printed_years
from ingest.citations.names import KnownNames, people
from ingest.citations.words import is_no_name
from ingest.grammar import UPPER, YEAR
from kb.bibliography.names import PARTICLES

_BETWEEN_WORKS = re.compile(
    rf";|(?:(?<=\d{{4}})|(?<=\d{{4}}[a-z])),(?=\s(?:(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Tt]en|[Tt]er)\s)*{UPPER}[^;,]*,?\s{YEAR})"
)
"""A semicolon, or the comma of "Sol & Vonk 2014, van der Smit 1999"."""
_MAY_PRECEDE_NAMES = PARTICLES - {"van", "in", "uit", "bij", "over"}
_WORDS_BEFORE_NAMES = 8
"""At most this many words may precede the names: "een begrip van Van Gennep, 1909"."""


def segments(text: str, start: int, known: KnownNames) -> Iterator[list[Candidate]]:
    """The citations of each work of a text: works have a semicolon between them, in some styles a comma behind the year.

    `start` is the text's place on the page.
    """
    place = 0
    for end in [*(match.start() for match in _BETWEEN_WORKS.finditer(text)), len(text)]:
        yield list(segment(text[place:end], start + place, known))
        place = end + 1


def segment(text: str, start: int, known: KnownNames) -> Iterator[Candidate]:
    """The citations of one part."""
    second = SECONDARY.search(text)
    source = dated(text[second.end() :], start + second.end(), known) if second else []
    if second and source:
        yield from _secondary(text, start, second, source, known)
    else:
        yield from dated(text, start, known)


def _secondary(
    text: str, start: int, second: re.Match[str], source: list[Candidate], known: KnownNames
) -> Iterator[Candidate]:
    """The citations around "cited in": what was cited, when it is dated, and its source."""
    before = text[: second.start()]
    if not before.strip():
        leading = len(second.group()) - len(second.group().lstrip())
        yield as_secondary(source[0], start + second.start() + leading)
        yield from source[1:]
    elif first := dated(before, start, known):
        yield from first
        behind = text[second.start() :]
        yield as_secondary(source[0], start + second.start() + len(behind) - len(behind.lstrip(", \t\n")))
    elif people(before.strip(" ,"), known):
        yield as_secondary(source[0], start + len(text) - len(text.lstrip()))
    else:
        yield from source


def as_secondary(candidate: Candidate, start: int) -> Candidate:
    """The candidate as a source in which the work was cited, with the words "cited in" before it."""
    return replace(candidate, start=start, form="secondary")


@dataclass(frozen=True, slots=True)
class _Names:
    """Names before a year: where they start in their text, and whether words of the author's own precede them."""

    start: int
    names: NameList
    after_words: bool


def dated(text: str, start: int, known: KnownNames) -> list[Candidate]:
    """`zie ook Ma, 2003, p. 4`: names and one or more years that fill a text; a citation for each year."""
    match = DATED_NAMES.match(text)
    found = _names(match["head"], known) if match else None
    if not match or not found:
        return []
    names = found.names.names
    if len(names) == 1 and is_no_name(names[0]) and names[0] not in known:
        return []
    confidence, certain = _confidence(found.names, bool(match["comma"]), known)
    if found.after_words:
        confidence -= 0.05
    shape = Candidate(0, 0, "parenthetical", names, confidence=confidence, certain=certain)
    locator_end = start + match.end("locator") if match["locator"] else None
    years = [
        PrintedYear(year.text, start + match.start("years") + year.start, start + match.start("years") + year.end)
        for year in printed_years(match["years"])
    ]
    return citation_per_year(shape, start + found.start, years, (match["locator"] or "").strip(" ,:"), locator_end)


def citation_per_year(
    shape: Candidate, start: int, years: list[PrintedYear], locator: str, locator_end: int | None
) -> list[Candidate]:
    """A citation like `shape` for each year: the first begins at `start`, the last has the page number."""
    found = []
    for n, year in enumerate(years):
        is_last = n == len(years) - 1
        found.append(
            replace(
                shape,
                start=year.start if n else start,
                end=locator_end if is_last and locator_end is not None else year.end,
                year=year.text,
                locator=(locator or None) if is_last else None,
            )
        )
    return found


def _names(head: str, known: KnownNames) -> _Names | None:
    """The names that a text ends with, behind "see also" or a few words of the author's own."""
    offset = _end_of_introduction(head)
    if names := people(head[offset:], known):
        return _Names(len(head) - len(head.lstrip()), names, after_words=False)
    words = list(re.finditer(r"\S+", head[offset:]))
    for before, word in pairwise(words[:_WORDS_BEFORE_NAMES]):
        is_own_word = before.group()[0].islower() and before.group().lower() not in _MAY_PRECEDE_NAMES
        if is_own_word and (names := people(head[offset + word.start() :], known)):
            return _Names(offset + word.start(), names, after_words=True)
    return None


def _end_of_introduction(head: str) -> int:
    """Where the names begin behind "zie ook", "e.g.," and their like."""
    offset = len(head) - len(head.lstrip())
    while (intro := INTRO.match(head[offset:])) and re.search(r"\w", head[offset + intro.end() :]):
        offset += intro.end()
    return offset


def _confidence(found: NameList, comma: bool, known: KnownNames) -> tuple[float, bool]:
    """How sure names and a year in a bracket are a citation, and whether they need no other evidence."""
    if len(found.names) > 1 or found.more:
        return 0.98, True
    name = found.names[0]
    if comma or name in known:
        return 0.93, True
    return (0.6 if name.isupper() else 0.75), False  # "NSE 2023", "Windows 2000"
