"""Citations without a bracket: a line of attribution ("Asher & Weeks, 2013"), and known names after "volgens"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.citations.candidate import Candidate, NameList, PageText, cells
from ingest.citations.grammar import ATTRIBUTION, INTRO, TRIGGER, YEARS
from ingest.citations.names import KnownNames, people
from ingest.citations.words import is_no_name
from kb.bibliography import is_institution
from kb.bibliography.names import PARTICLES

_LONGEST = 200
"""A line of more characters is running text."""


def attributions(here: PageText, known: KnownNames) -> Iterator[Candidate]:
    """Lines that hold names and a year and little else."""
    for start, line in cells(here.text):
        match = ATTRIBUTION.match(line) if len(line) <= _LONGEST else None
        if match and (candidate := _attribution(match, start, here, known)):
            yield candidate


def _attribution(match: re.Match[str], start: int, here: PageText, known: KnownNames) -> Candidate | None:
    head = match["head"]
    offset = 0
    while intro := INTRO.match(head[offset:]):
        offset += intro.end()
    found = people(head[offset:], known)
    if not found or all(is_no_name(name) and name not in known for name in found.names):
        return None
    listed = all(name in known for name in found.names)
    has_comma = head.rstrip().endswith(",") or match.string[match.end("head") : match.end("head") + 1] == ","
    if not listed and (here.is_programme or not has_comma):
        return None
    confidence, certain = _confidence(found, listed, bool(match["lead"].strip()) or offset > 0, match["lead"], here)
    printed_from = match.start("head") + offset + len(head[offset:]) - len(head[offset:].lstrip())
    years = re.findall(YEARS, match["years"])
    return Candidate(
        start + printed_from,
        start + match.end("locator" if match["locator"] else "years"),
        "line",
        found.names,
        years[0] if years else match["years"],
        (match["locator"] or "").strip(" ,:") or None,
        confidence,
        certain,
    )


def _confidence(found: NameList, listed: bool, introduced: bool, lead: str, here: PageText) -> tuple[float, bool]:
    """How sure a line is an attribution, and whether it needs no other evidence."""
    names = found.names
    may_be_presenter = here.is_first_slide and not listed
    if any(is_institution(name) for name in names):
        return (0.5 if may_be_presenter else 0.9), listed
    if len(names) > 1 or found.more:
        return (0.6, False) if may_be_presenter else (0.95, True)
    words = names[0].split()
    if len(words) > 1 and not listed and words[0].lower() not in PARTICLES:
        # Given and family name: a speaker and a year, unless a dash ascribes a saying.
        return (0.8 if re.search(r"[—―~]", lead) and not here.is_first_slide else 0.4), False
    if may_be_presenter:
        return 0.4, False
    return (0.93, True) if listed or introduced else (0.78, False)


def known_names_in_text(text: str, known: KnownNames) -> Iterator[Candidate]:
    """`volgens Strayhorn`, `in navolging van Didau`: a known name after words that introduce a source."""
    for match in TRIGGER.finditer(text):
        if re.search(r"['’]s?$", match["names"]):
            continue  # "volgens Turners boek" is about a book
        found = people(match["names"], known)
        if found and all(name in known for name in found.names):
            yield Candidate(
                match.start("names"), match.end("names"), "author", found.names, confidence=0.6, certain=False
            )
