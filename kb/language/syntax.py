"""Syntax: a query as it is typed, read into the words to look for and the conditions on what is found.

    "exact phrase"   -word   -"a phrase"   author:name   kind:deck   year:2021   year:2019..2023

The words of a phrase are looked for too. What looks like a condition and is none stays in the words, with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kb.conditions import Conditions, Remark, RemarkCode, Years
from kb.language.words import WORD
from kb.model import Kind, Query

# A minus, a name with a colon, and quotation marks, or a run of other characters.
_PART = re.compile(r'-?(?:[^\W\d_]+:)?"[^"]*"|[^\s"]+|"')
_CONDITION = re.compile(r'(?P<minus>-?)(?:(?P<name>[^\W\d_]+):(?!//))?(?P<value>"[^"]*"|[^\s"]*)')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_YEARS = re.compile(r"(?P<first>[12]\d{3})?(?P<range>\.{2,3}|…|[-‐‑–])?(?P<last>[12]\d{3})?")
EARLIEST, LATEST = 1000, 2999
# Names before a colon that are part of what is looked for.
ADDRESSES = frozenset({"doi", "isbn", "issn", "http", "https", "urn"})

NAMES: Mapping[str, str] = {
    "author": "author", "auteur": "author", "speaker": "author", "spreker": "author",
    "kind": "kind", "soort": "kind", "year": "year", "jaar": "year",
}  # fmt: skip
KIND_NAMES: Mapping[str, Kind] = {
    "deck": "deck", "decks": "deck", "slides": "deck", "dia's": "deck", "literature": "literature",
    "literatuur": "literature", "paper": "literature", "papers": "literature",
}  # fmt: skip


def read_query(text: str) -> Query:
    """The query that a text asks, without other filters."""
    reading = _Reading()
    for match in _PART.finditer(text.translate(_QUOTES)):
        apart = match.start() == 0 or text[match.start() - 1].isspace()
        if not (apart and reading.take_condition(match.group())):
            reading.take_words(match.group())
    conditions = reading.conditions(text)
    plain = not conditions.confining and not conditions.remarks
    return Query(text) if plain else Query(reading.text, conditions=conditions)


@dataclass
class _Reading:
    """The parts of a query that were read so far."""

    words: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    years: list[Years] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def take_words(self, part: str) -> None:
        """Take a part as words to look for, or as a phrase."""
        if part == '"':
            self.remarks.append(Remark("open-quote"))
            return
        words = part.strip('"')
        if part[0] == '"' and not WORD.search(words):
            self.remarks.append(Remark("empty", part))
        elif part[0] == '"':
            self.phrases.append(words.strip())
        self.words.append(words.strip())

    def take_condition(self, part: str) -> bool:
        """Take a part that begins a word as a condition; False for one that is none."""
        match = _CONDITION.fullmatch(part)
        if match is None:
            return False
        name, value = match["name"], match["value"].rstrip("?!,;)").strip('" ')
        if match["minus"]:
            return self._exclude(part, name, value)
        if name is None or name.casefold() not in NAMES:
            self._remark_on_name(name, value)
            return False
        takers: dict[str, Callable[[str], RemarkCode | None]] = {
            "author": self._take_author, "kind": self._take_kind, "year": self._take_years,
        }  # fmt: skip
        remark = takers[NAMES[name.casefold()]](value) if value else "empty"
        if remark is not None:
            self.remarks.append(Remark(remark, part))
        return True

    def _remark_on_name(self, name: str | None, value: str) -> None:
        """Remark on what looks like a filter that is not offered."""
        if name is not None and value and name.casefold() not in ADDRESSES:
            self.remarks.append(Remark("unknown-filter", f"{name}:"))

    def _exclude(self, part: str, name: str | None, value: str) -> bool:
        if not WORD.search(value):
            return False
        if name is not None:
            self.remarks.append(Remark("unknown-exclusion", part))
            return True
        self.excluded.append(value)
        return True

    def _take_author(self, value: str) -> RemarkCode | None:
        if not WORD.search(value):
            return "empty"
        self.authors.append(value)
        return None

    def _take_kind(self, value: str) -> RemarkCode | None:
        kind = KIND_NAMES.get(value.casefold().replace("’", "'"))
        if kind is None:
            return "unknown-kind"
        self.kinds.append(kind)
        return None

    def _take_years(self, value: str) -> RemarkCode | None:
        match = _YEARS.fullmatch(value)
        if match is None or not (match["first"] or match["last"]):
            return "not-a-year"
        if match["range"] is None and match["last"]:
            return "not-a-year"  # two years without anything between them
        first = int(match["first"] or EARLIEST)
        last = int(match["last"] or (LATEST if match["range"] else first))
        self.years.append(Years(min(first, last), max(first, last)))
        return None

    def conditions(self, typed: str) -> Conditions:
        """What was read besides words; with a remark where there are no words to look for."""
        years = tuple(dict.fromkeys(self.years))
        phrases, excluded, authors = (
            tuple(dict.fromkeys(each)) for each in (self.phrases, self.excluded, self.authors)
        )
        kinds = tuple(dict.fromkeys(self.kinds))
        if not WORD.search(self.text) and any((phrases, excluded, authors, kinds, years)):
            self.remarks.append(Remark("nothing-to-look-for"))
        return Conditions(typed, phrases, excluded, authors, kinds, years, tuple(self.remarks))

    @property
    def text(self) -> str:
        """The words to look for, in the order in which they were typed."""
        return re.sub(r"\s+(?=[?!.,;:)]+(?:\s|$))", "", " ".join(self.words))
