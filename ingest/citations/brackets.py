"""Citations in brackets: `(Ma, 2003; Didau)`, `[3, 5]`, `(Strayhorn)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.citations.candidate import Candidate, NameList, PageText
from ingest.citations.grammar import AND, BRACKET, DATES_IN_BRACKET, ENTRY_NUMBERS, INTRO
from ingest.citations.names import KnownNames, initials_of, people
from ingest.citations.narrative import narrative
from ingest.citations.segments import segments
from ingest.citations.words import SCHOOLS, is_common, is_no_name
from ingest.grammar import YEAR
from kb.bibliography import fold, is_institution
from kb.bibliography.names import PARTICLES

_CLAIM = 1000
"""Characters around a bracket within which the sentence that it closes is looked for."""


def brackets(here: PageText, known: KnownNames) -> Iterator[Candidate]:
    """The citations in brackets, and those whose year is in brackets."""
    for bracket in BRACKET.finditer(here.text):
        is_round = bracket[1] is not None
        content = bracket[1] if is_round else bracket[2]
        is_numbered = not is_round or "(1)" in here.labels
        if is_numbered and ENTRY_NUMBERS.fullmatch(content) and not _is_year(content):
            yield from _numbered(content, bracket.start() + 1, here)
        elif not is_round and (keys := _keys(content, here)):
            yield from _keyed(bracket, keys)
        elif is_round and (dates := DATES_IN_BRACKET.match(content)):
            yield from narrative(bracket, dates, here, known)
        else:
            yield from _parenthetical(bracket, content, here, known)


def _is_year(content: str) -> bool:
    return bool(re.fullmatch(rf"\s*{YEAR}\s*", content))


def _numbered(content: str, start: int, here: PageText) -> list[Candidate]:
    """`[3]`, `[3, 5]`, `[3–5]`: a citation for each printed number, when the reference list has them all."""
    listed, _, page = re.sub(r",\s*(?=pp?\.)", "\x00", content).partition("\x00")
    numbers = list(re.finditer(r"\d{1,4}", listed))
    if not here.labels or not all(number.group() in here.labels for number in numbers):
        return []
    found = [Candidate(start + number.start(), start + number.end(), "numbered", confidence=0.97) for number in numbers]
    if len(found) == 1:
        return [replace(found[0], start=start - 1, end=start + len(content) + 1, locator=page.strip() or None)]
    return found


def _keys(content: str, here: PageText) -> list[re.Match[str]]:
    """The keys of the reference list that fill a bracket: `[Goo20]`, `[Goo20, Bon19]`, `[Goot, 2020; Bond, 2019]`."""
    if content.strip() in here.labels:
        return list(re.finditer(r"\S(?:.*\S)?", content))
    for between in (r"[^;\s](?:[^;]*[^;\s])?", r"[^,;\s](?:[^,;]*[^,;\s])?"):
        keys = list(re.finditer(between, content))
        if all(match.group() in here.labels for match in keys):
            return keys
    return []


def _keyed(bracket: re.Match[str], keys: list[re.Match[str]]) -> Iterator[Candidate]:
    """A citation for each key; of a single one with its bracket."""
    if len(keys) == 1:
        yield Candidate(bracket.start(), bracket.end(), "numbered", confidence=0.97)
    else:
        start = bracket.start() + 1
        yield from (Candidate(start + k.start(), start + k.end(), "numbered", confidence=0.97) for k in keys)


def _parenthetical(bracket: re.Match[str], content: str, here: PageText, known: KnownNames) -> Iterator[Candidate]:
    cited = list(segments(content, bracket.start() + 1, known))
    found = [candidate for part in cited for candidate in part]
    if len(found) == 1 and all(cited):
        # One work in a bracket is printed with its bracket.
        yield replace(found[0], start=bracket.start(), end=bracket.end())
    elif found:
        yield from found
    elif bracket[1] is not None and not here.is_programme:
        yield from _without_year(bracket, content, here, known)


# --- names alone in a bracket


def _without_year(bracket: re.Match[str], content: str, here: PageText, known: KnownNames) -> Iterator[Candidate]:
    """`(Strayhorn)`, `(Hurtado & Carter)`: names and nothing else, at the end of a claim."""
    printed = re.sub(r"\s+", " ", content).strip()
    intro = INTRO.match(printed) if known else None
    printed = printed[intro.end() :] if intro else printed
    found = people(printed, known)
    if not found or len(printed) > 80 or re.search(r"[\"“”]", printed):
        return
    before = here.text[max(0, bracket.start() - _CLAIM) : bracket.start()].rstrip()
    after = here.text[bracket.end() : bracket.end() + _CLAIM]
    if not _may_be_cited(found, printed, known) or _is_short_form(found.names, before):
        return
    closes = not after.strip() or bool(re.match(r"\s*(?:[.,;:!?”\"]|\n|$)", after))
    confidence = _confidence_without_year(found, known, closes, _words_of_claim(before))
    yield Candidate(bracket.start(), bracket.end(), "author", found.names, confidence=confidence, certain=False)


def _may_be_cited(found: NameList, printed: str, known: KnownNames) -> bool:
    """Whether names in a bracket may be authors rather than a thing, a place of work or a speaker."""
    names = found.names
    if any(is_no_name(name) and name not in known for name in names):
        return False
    if all(name in known for name in names):
        return True
    has_institution = any(is_institution(name) or re.search(r"[A-Z]{2}", name) for name in names)
    has_school = any(fold(name) in SCHOOLS for name in names)
    is_list_of_things = len(names) > 1 and not found.more and not re.search(AND, printed)  # "(Firefox, Chrome, Safari)"
    has_given_name = any(len(name.split()) > 1 and name.split()[0].lower() not in PARTICLES for name in names)
    return not (has_institution or has_school or is_list_of_things or has_given_name)


def _is_short_form(names: tuple[str, ...], before: str) -> bool:
    """Whether a name abbreviates the words before it: "World Meteorological Organization (WMO)"."""
    return len(names) == 1 and names[0].isupper() and initials_of(before[-160:]).endswith(names[0])


def _confidence_without_year(found: NameList, known: KnownNames, closes: bool, words: int) -> float:
    """How sure names in a bracket are a citation; `words` is the length of the claim, `closes` whether it ends there."""
    if all(name in known for name in found.names):
        return 0.75 if closes or words >= 4 else 0.6
    is_claim = closes and words >= 2
    if found.more or len(found.names) > 1:
        return 0.85 if is_claim else 0.5
    name = found.names[0]
    if len(name) >= 4 and is_claim and not any(is_common(word) for word in name.split() if word not in PARTICLES):
        return 0.8 if words >= 4 else 0.72
    return 0.4


def _words_of_claim(before: str) -> int:
    """How many words of the bullet or sentence precede a bracket."""
    # A wrapped bullet goes on over the line's end; a new bullet or a full stop begins another.
    last = re.split(r"[.!?]\s|\n\s*[•●▪‣◦·∙–—-]\s|\n\s*\n", before)[-1]
    return len(re.findall(r"[^\W\d_]{2,}", last))
