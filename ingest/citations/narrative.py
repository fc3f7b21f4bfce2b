"""Citations whose year is in brackets and whose names are in the sentence: `Bandura (1994)`.

The names are read backwards from the bracket. What opens the sentence ("Volgens Bandura (1994)"), a preposition that looks like
a particle ("het werk van Bandura (1994)") and places ("In Leiden, Strange (1999)") are no part of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.citations.candidate import Candidate, PageText
from ingest.citations.grammar import (
    AND,
    MORE,
    NAMES_BEFORE_BRACKET,
    SECONDARY,
    YEARS,
    PrintedYear,
    printed_years,
)
from ingest.citations.names import KnownNames, family, is_printed_institution
from ingest.citations.segments import as_secondary, citation_per_year, dated, segments
from ingest.citations.words import OPENING, is_common, is_no_name
from ingest.grammar import UPPER, WORD
from kb.bibliography import fold, is_institution
from kb.bibliography.names import PARTICLES, says_institution

_REACH = 220
"""Characters before a bracket within which the names must be."""
_NO_NAME_HAS = "()[];:0123456789"
_END_OF_LINE = re.compile(r"[ .;]*+(?:\n|\Z)")
_FURTHER_YEAR = re.compile(rf"^[,;]\s*(?:{YEARS})")
_REMARK = re.compile(r"^[,;]\s*(?:p\.|eigen|vertaling|own|emphasis|cursivering|n\s*=)")
_WORD_OF_NAME = (
    rf"(?:{UPPER}[\w&'’/-]*"
    r"|(?:van|voor|de|het|der|den|en|of|for|the|and|in|op|aan|ten|on|to|&)(?=[\s]))"
)
_INSTITUTION_BEFORE = re.compile(
    rf"(?:^|(?<=[\s(“\"•]))(?P<name>{UPPER}[\w&'’/-]*(?:,?\s{_WORD_OF_NAME})*)(?:\s[\[(][A-Z][\w&-]+[\])])?\s*$"
)
_SEPARATOR = re.compile(rf"{AND}|,\s+")


@dataclass(frozen=True, slots=True)
class _Found:
    """Names before a bracket: where they start in the text before it, and how sure they are."""

    start: int
    names: tuple[str, ...]
    confidence: float
    certain: bool


@dataclass(frozen=True, slots=True)
class _Name:
    """A printed name and where it starts in the text before the bracket."""

    start: int
    text: str

    def without(self, characters: int) -> _Name:
        """The name without its first characters and the blanks behind them."""
        rest = self.text[characters:].lstrip()
        return _Name(self.start + len(self.text) - len(rest), rest)


def narrative(bracket: re.Match[str], dates: re.Match[str], here: PageText, known: KnownNames) -> Iterator[Candidate]:
    """`Bandura (1994)`, `de Raad voor … (2018, p. 3)`, `Bandura (1977, geciteerd in Pajares, 2002)`."""
    reach = max(0, bracket.start() - _REACH)
    before = here.text[reach : bracket.start()]
    if not before.strip() or not before[-1].isspace():
        return
    closes = bool(_END_OF_LINE.match(here.text, bracket.end()))
    found = _institution(before, closes, known) or _names(before, known, here)
    rest, rest_start = dates["rest"] or "", bracket.start() + 1 + dates.start("rest")
    second = SECONDARY.search(rest) if rest else None
    if rest and not second and not _FURTHER_YEAR.match(rest):
        further = [one for part in segments(rest[1:], rest_start + 1, known) for one in part] if found else []
        yield from further
        if not further and not _REMARK.match(rest):
            return
    if not found:
        return
    shape = Candidate(0, 0, "narrative", found.names, confidence=found.confidence, certain=found.certain)
    yield from _with_years(shape, reach + found.start, bracket, dates, bool(second))
    if second:
        for source in dated(rest[second.end() :], rest_start + second.end(), known):
            yield as_secondary(source, source.start)


def _with_years(
    shape: Candidate, start: int, bracket: re.Match[str], dates: re.Match[str], has_source: bool
) -> list[Candidate]:
    """A citation for each year in the bracket; a single one ends with the bracket."""
    inside = bracket.start() + 1
    years = [
        PrintedYear(year.text, inside + dates.start("years") + year.start, inside + dates.start("years") + year.end)
        for year in printed_years(dates["years"])
    ]
    end = None
    if len(years) == 1:
        end = None if has_source else bracket.end()
    elif dates["locator"] and dates["locator"].strip(" ,:"):
        end = inside + dates.end("locator")
    return citation_per_year(shape, start, years, (dates["locator"] or "").strip(" ,:"), end)


# --- institutions


def _institution(before: str, closes: bool, known: KnownNames) -> _Found | None:
    """The institution that a text ends with; `closes` when nothing follows the bracket on its line."""
    if listed := known.at_end_of(before):
        return _Found(listed[0], (listed[1],), 0.97, True)
    match = _INSTITUTION_BEFORE.search(before)
    if not match:
        return None
    name = _Name(match.start("name"), match["name"])
    # What opens the sentence is no part of the name: "According to the Raad …", "In Nederland heeft …".
    while (first := re.match(r"^(\S+)\s+", name.text)) and (fold(first[1]) in OPENING or first[1].islower()):
        name = name.without(len(first[1]))
    if not is_printed_institution(name.text) or _is_rather_people(name.text, known):
        return None
    is_heading = closes and not re.search(r"[^\s•●▪‣◦·–*]\s*$", before[: name.start].rsplit("\n", 1)[-1])
    if is_heading:  # "Nationaal Programma Onderwijs (2021)" on a line of its own
        return _Found(name.start, (name.text,), 0.5, False)
    return _Found(name.start, (name.text,), 0.93, len(name.text.split()) > 1)


def _is_rather_people(name: str, known: KnownNames) -> bool:
    """Whether a text that could be an institution is a list of people, one of whom is called Bond."""
    words, parts = name.split(), _SEPARATOR.split(name)
    if is_no_name(words[0]):
        return True
    if len(words) == 1:
        return not name.isupper()  # "Bond", "School": left to the names
    ends_in_two = re.search(rf"{AND}{WORD}$", name)
    if len(parts) > 1 and (all(part in known for part in parts) or (len(words) <= 3 and ends_in_two)):
        return True
    # "the ABC Notebooks of Smith & Jones"
    return bool(re.search(rf"\b(?:of|van|by|door|in|from)\s{WORD}{AND}{WORD}$", name)) and not says_institution(name)


# --- people


def _names(before: str, known: KnownNames, here: PageText) -> _Found | None:
    """The people that a text ends with."""
    # No name holds one of these, so that the search need not begin before the last of them.
    match = NAMES_BEFORE_BRACKET.search(before, max(before.rfind(sign) for sign in _NO_NAME_HAS) + 1)
    if not match:
        return None
    more = bool(re.search(rf"{MORE}$", match["names"]))
    parts = _printed_names(re.sub(rf"{MORE}$", "", match["names"]), match.start())
    parts[0] = _without_opening(parts[0], known)
    while len(parts) > 1 and not _may_be_first(parts, known):
        parts = parts[1:]
    first = _without_opening(parts[0], known)
    first = _without_preposition(first, known, here, before[: first.start])
    if not first.text or (len(first.text.split()) == 1 and first.text.islower()):
        return None
    names = tuple(family(name.text, known) for name in [first, *parts[1:]])
    if all(is_no_name(name) and name not in known for name in names):
        return None
    if len(names) > 1 or more or names[0] in known:
        is_opening = len(names) == 1 and not more and fold(names[0]) in OPENING
        return None if is_opening else _Found(first.start, names, 0.97, True)
    return None if fold(names[0]) in OPENING else _unknown_name(first, names, before)


def _printed_names(text: str, start: int) -> list[_Name]:
    """The names of a list of names one by one."""
    separators = list(_SEPARATOR.finditer(text))
    starts = [0, *(separator.end() for separator in separators)]
    ends = [*(separator.start() for separator in separators), len(text)]
    return [_Name(start + a, text[a:b]) for a, b in zip(starts, ends, strict=True) if text[a:b].strip()]


def _unknown_name(name: _Name, names: tuple[str, ...], before: str) -> _Found:
    """One unknown name: inside a sentence it is an author's; where a line begins any noun has a capital."""
    ahead = before[: name.start].rstrip(" \t")
    word = re.search(r"[\w'’-]+(?=,?$)", ahead)
    is_inside = bool(word and (word.group()[0].islower() or fold(word.group()) in OPENING)) or ahead.endswith(
        ("—", "―")
    )
    if is_inside:
        return _Found(name.start, names, 0.9, True)
    words = names[0].split()
    if re.match(r"(?i)(?:van|von|in|op|uit) (?:de[rn]?|het|'t|ten|ter)\b|(?:ter|ten|von|vander|vanden)\b", names[0]):
        confidence = 0.85
    elif len(words) > 1 or is_common(words[-1]):
        confidence = 0.55
    else:
        confidence = 0.8
    return _Found(name.start, names, confidence, False)


def _may_be_first(parts: list[_Name], known: KnownNames) -> bool:
    """Whether a list of names starts here: not with a place or the word that opens the sentence."""
    name = parts[0].text
    if name in known:
        return True
    if is_no_name(name) or fold(name.split()[-1]) in OPENING:
        return False
    # "In Leiden, Strange and Banning": the rest is known and this is not.
    return not (len(parts) > 2 and all(other.text in known for other in parts[1:]))


def _without_opening(name: _Name, known: KnownNames) -> _Name:
    """A name without the capitalised word that only opens the sentence: "Volgens Bandura"."""
    words = name.text.split()
    while (
        len(words) > 1
        and not known.has_whole(name.text)
        and fold(words[0]) in OPENING
        and words[0].lower() not in {"van", "de", "den", "het", "der", "op", "in"}
    ):
        name = name.without(len(words[0]))
        words = name.text.split()
    return name


def _without_preposition(name: _Name, known: KnownNames, here: PageText, ahead: str) -> _Name:
    """A name without the Dutch "van" or "in" that is a preposition and no particle: "het werk van Bandura (1994)".

    Dutch writes a particle with a capital where no given name precedes it, so a single lower-case "van" is a preposition
    there; "van der" and "van den" are not. English has no such word.
    """
    words = name.text.split()
    if len(words) < 2 or known.has_whole(name.text):
        return name
    first, rest = words[0], name.without(len(words[0]))
    is_single = words[1].lower() not in PARTICLES
    if first in {"in", "In", "op", "Op"} and is_single:
        return _without_preposition(rest, known, here, ahead)
    if first in {"de", "het", "De", "Het"} and is_single and is_institution(rest.text):
        return rest
    if not first.islower():
        return name
    if rest.text in known or (not is_single and words[1][0].isupper()):
        return rest  # "van Van der Goot"
    is_dutch = here.page.language != "en" and not re.search(r"\b(?:by|of|the|and)\s*$", ahead)
    return rest if first == "van" and is_single and is_dutch else name
