"""Naming: whether a query names an author, so that works asked for by name come first.

    "(Bandura, 1994)" ─► rows of words that may be a name ─► works by authors of that name ─► those that are meant

A name alone is easily an ordinary word: "last", "land" and "brand" are family names too. A word counts as a name when the
year beside it is the work's, when the query is made of nothing but names, when it is capitalised inside the
query, or when no dictionary knows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.bibliography import fold

# The longest institution that is recognised, in words.
LONGEST = 9
# A query with more words than this is a question, in which one name is one word among many.
SHORT = 12

_YEAR = re.compile(r"(?<![\w.])(1[5-9]\d\d|20\d\d)([a-z])?(?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:['’.\-‐‑][^\W\d_]+)*")
_AROUND = frozenset(
    """en and und et al e a ea cs c s volgens according to by van door in zie see cf vgl aldus bij de het the of uit pp p
    blz dia slide z d n geciteerd cited as naar from""".split()
)
"""Words that stand around names and say nothing themselves."""


@dataclass(frozen=True, slots=True)
class Named:
    """A row of words of the query that may be a name."""

    name: str
    """Folded."""
    start: int
    """Place of its first word in the query, from 0."""
    words: int
    capital: bool
    """Whether it is written as a name inside a sentence is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as far as it may name authors and years."""

    rows: tuple[Named, ...]
    years: tuple[tuple[int, str], ...]
    """Years with their letters."""
    others: tuple[tuple[int, str], ...]
    """Words other than those that usually surround names, with their places."""


def read(query: str) -> Asked:
    """Every row of words of a query, longest first, and its years."""
    words = list(_WORD.finditer(query))[: 4 * SHORT]
    years = tuple((int(found[1]), found[2] or "") for found in _YEAR.finditer(query))
    rows = []
    for count in range(min(LONGEST, len(words)), 0, -1):
        for start in range(len(words) - count + 1):
            last = words[start + count - 1]
            if name := fold(query[words[start].start() : last.end()]):
                # The first word of a sentence has a capital whatever it is; one in brackets or alone does not need it.
                opens = start == 0 and count == 1 and query.lstrip()[:1] != "("
                capital = last.group()[:1].isupper() and not query.isupper() and not opens
                rows.append(Named(name, start, count, capital))
    others = tuple((at, fold(word.group())) for at, word in enumerate(words) if fold(word.group()) not in _AROUND)
    return Asked(tuple(rows), years, others)


def meant(
    asked: Asked, found: Iterable[tuple[str, str, int]], years: Mapping[str, tuple[int | None, str]]
) -> list[str]:
    """Keys of the works that a query names, the best first.

    `found` are (name, key, place among the authors) for names of the query's rows; `years` the year and letter of works.
    """
    by_name: dict[str, list[tuple[str, int]]] = {}
    for name, key, place in found:
        by_name.setdefault(name, []).append((key, place))
    taken: set[int] = set()
    chosen: list[Named] = []
    for row in asked.rows:  # the longest first: "den heijer" before "heijer"
        at = set(range(row.start, row.start + row.words))
        if row.name in by_name and not at & taken and row.name not in _AROUND:
            taken |= at
            chosen.append(row)
    if not chosen:
        return []
    only_names = all(at in taken for at, _ in asked.others)
    works: dict[str, list[int]] = {}
    for row in sorted(chosen, key=lambda row: row.start):
        for key, place in by_name[row.name]:
            works.setdefault(key, []).append(place)
    kept = []
    for key, places in works.items():
        dated = any(_same_year(year, years.get(key, (None, ""))) for year in asked.years)
        if asked.years and not dated:
            continue
        sure = only_names or (dated and len(asked.others) <= SHORT)
        if not sure and not any(_is_name(row) for row in chosen if any(k == key for k, _ in by_name[row.name])):
            continue
        # Who is named first is the first author: "Ryan & Deci" is not "Deci & Ryan".
        exact = any(letter and key.endswith(f"-{number}{letter}") for number, letter in asked.years)
        kept.append((-len(places), not exact, places[0], key))
    if not kept:
        return []
    most = min(kept)[0]
    return [key for count, _, _, key in sorted(kept) if count == most]


def _same_year(asked: tuple[int, str], work: tuple[int | None, str]) -> bool:
    return asked[0] == work[0] and (not asked[1] or not work[1] or asked[1] == work[1])


def _is_name(row: Named) -> bool:
    """Whether a row of words is a name by itself, whatever the words around it."""
    return row.capital or row.words > 1 or (len(row.name) > 3 and not ordinary(row.name))


@lru_cache(maxsize=1 << 12)
def ordinary(word: str) -> bool:
    """Whether a Dutch or English dictionary knows a folded word."""
    import simplemma  # its lists take a while to load: only when a word of a query is a family name as well

    return bool(simplemma.is_known(word, "nl") or simplemma.is_known(word, "en"))


def names_of(asked: Asked) -> Sequence[str]:
    """The names to look up."""
    return list(dict.fromkeys(row.name for row in asked.rows if row.name not in _AROUND))
