"""How an entry of a reference list opens and ends.

The text of a page has no hanging indents, so entries are told apart by their first words: authors and a year in the order of a
known style. Patterns are anchored at the start and look at the first characters only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from ingest.entries.lines import LINK, Line
from ingest.grammar import BULLET, CAPITALS, INITIALS, LOWER, NO_DATE, PARTICLE, SMALL_LETTERS, UPPER, WORD, YEAR

OPENING = 1600
"""An entry's authors and year stand within this many characters of its start."""
Opening = Literal["authors", "named", ""]
"""`authors`: names and a year, which is certain; `named`: an institution or title and a year; empty: no opening."""

_NAME = rf"(?:{PARTICLE}\s+){{0,4}}{WORD}(?:[\s-]+(?:{PARTICLE}\s+){{0,4}}{WORD}){{0,3}}(?:,?\s(?:Jr|Sr|III?)\.?)?"
# Atomic: what follows an author may be anything that the author's own pattern could give back.
_GIVEN_NAMES = rf"{WORD}(?:\s{UPPER}\.|\s{PARTICLE}\b)*+(?=[,.;]|\s(?:en|and|&)\s)"
AUTHOR = rf"(?>{_NAME},\s*(?:{INITIALS}|{UPPER}\b|{_GIVEN_NAMES})(?:\s*{PARTICLE}\b)*)"
"""Pattern of one author as APA prints it: `Goot, K. van der`."""
OPENS_WITH_AUTHOR = re.compile(rf"^{AUTHOR}")
_APA = re.compile(
    rf"^{AUTHOR}[^()\d]{{0,1500}}?(?:\([^()\d]{{1,40}}\)\.?,?\s*)?\(\s*(?:[^()]{{0,20}}\b)?(?:{YEAR}|{NO_DATE})"
)
_HARVARD = re.compile(rf"^{AUTHOR}[^()\d“”\"]{{0,600}}?,\s+{YEAR}[a-z]?\.\s")
_NAMED = re.compile(
    rf"^(?:{UPPER}|[a-z]{{1,3}}\s{UPPER})[^()\n]{{1,160}}?[.,]?\s*\(\s*(?:{YEAR}[a-z]?(?:,\s[^()]{{1,30}})?"
    rf"|{NO_DATE})\s*\)\s*[.,:]"
)
_CHICAGO = re.compile(
    rf"^(?:{_NAME},\s{UPPER}(?:(?!{LOWER}{LOWER}\.\s(?!{YEAR}|n\.d))[^\d“”\"()]){{0,600}}?|{UPPER}[^\d“”\"().,]{{2,80}})\.\s(?:{YEAR}[a-z]?"
    rf"|n\.d\.)\.\s*(?!(?:Vol|No|Nr|Jrg|Pp?)\b)[“\"‘{CAPITALS}]"
)
_BARE_INITIALS = rf"(?>(?:{PARTICLE}\s){{0,3}}{WORD}(?:\s{WORD})?\s{UPPER}{{1,4}}\b)"
_GIVEN_FAMILY = rf"(?>(?:(?:{WORD}|{UPPER}\.(?:-?{UPPER}\.)*)\s){{1,3}}(?:{PARTICLE}\s){{0,3}}{WORD})"
_MORE = r"(?:,?\s(?:et\sal\.?|e\.a\.?))?"
_BARE_INITIALS_LIST = rf"{_BARE_INITIALS}(?:(?:,\s|,?\s(?:and|en|&)\s){_BARE_INITIALS})*{_MORE}"
_GIVEN_FAMILY_LIST = rf"{_GIVEN_FAMILY}(?:(?:,\s|,?\s(?:and|en|&)\s){_GIVEN_FAMILY})*{_MORE}"
_SPRINGER = re.compile(rf"^{_BARE_INITIALS_LIST}(?:\s\({YEAR}[a-z]?\)|\.\s{YEAR}[a-z]?\.)\s")
"""`Goot KM, Bond J (2020) Title`, `Goot KM, Bond J. 2020. Title`."""
_ACL = re.compile(rf"^{_GIVEN_FAMILY_LIST}\.\s{YEAR}[a-z]?\.\s[“\"‘{CAPITALS}]")
"""`Karel van der Goot and James Bond. 2020. Title`."""
_INVERTED_LIST = rf"{AUTHOR}(?:(?:[,;]\s|[,;]?\s(?:and|en|&)\s)(?:{AUTHOR}|{_GIVEN_FAMILY}))*{_MORE}"
_YEAR_LAST = re.compile(
    rf"^(?:{_BARE_INITIALS_LIST}[.,:]|{_GIVEN_FAMILY_LIST}[.,:]|{_INVERTED_LIST}[.,:]?)\s[“\"‘{CAPITALS}][^.]*"
)
"""Names and a title, as styles that print the year at the end open an entry."""
_LOWER_CASE = re.compile(rf"^[{SMALL_LETTERS}][\w-]{{2,30}}\.\s\((?:{YEAR}[a-z]?|{NO_DATE})\)\.\s")
_MLA = re.compile(rf"^{_NAME},\s{UPPER}[^\d“”\"()]{{1,200}}?\.\s[“\"]")
SAME_AUTHOR = re.compile(rf"^[—–_-]{{2,}}\.?,?\s*\(?{YEAR}")
"""A dash that repeats the authors of the entry above."""
_SENTENCES_OR_YEARS = re.compile(rf"[?!]\s|https?:|\.\s.*\.\s|\b{YEAR}\b.*\b{YEAR}\b|;")
_YEAR_IN_BRACKET = re.compile(rf"\(\s*(?:[^()]{{0,20}}\b)?(?:{YEAR}|{NO_DATE})")
_RUNNING_TEXT = re.compile(rf"{LOWER}{{3,}}\s+{LOWER}{{3,}}\s+{LOWER}{{3,}}")

DATED = re.compile(
    rf"\([^()]{{0,40}}\b{YEAR}[a-z]?\b[^()]{{0,40}}\)|\b{NO_DATE}|\.\s{YEAR}[a-z]?\.|,\s{YEAR}[a-z]?[.,;)]"
    rf"|\b{YEAR}[a-z]?;|\b{YEAR},\s\d|{YEAR}[a-z]?\.?\s*$",
    re.IGNORECASE,
)
"""A year in a place where reference styles print it."""
_LABEL = re.compile(r"^\s*(?:[\[(](\d{1,3})[\])](?=\s*\S)|\[(\d{1,4})\]|(\d{1,4})[.)](?=\s+\S))\s*")
_BARE_LABEL = re.compile(rf"^\s*(\d{{1,3}})\s*(?=(?:{PARTICLE}\s)*{UPPER})")
_KEY = re.compile(r"^\s*\[([^\]\[]{2,40}\d{2,4}[a-z]?)\]\s+(?=\S)")


@lru_cache(maxsize=16384)
def opening(text: str) -> Opening:
    """How a text opens as an entry."""
    if SAME_AUTHOR.match(text):
        return "authors"
    text = BULLET.sub("", text[:OPENING], count=1)
    if (_APA.match(text) and names_precede_year(text)) or _opens_as_harvard(text):
        return "authors"
    if _SPRINGER.match(text) or _ACL.match(text):
        return "authors"
    if _CHICAGO.match(text) or _LOWER_CASE.match(text) or _MLA.match(text):
        return "named"
    named = _NAMED.match(text)
    return "named" if named and not _SENTENCES_OR_YEARS.search(named.group().rsplit("(", 1)[0]) else ""


def _opens_as_harvard(text: str) -> bool:
    match = _HARVARD.match(text)
    return bool(match) and all(len(part.split()) <= 5 for part in match.group().split(",")) if match else False


def opening_at(lines: Sequence[Line], at: int) -> Opening:
    """How the entry opens that would begin with a line, which may end before its year."""
    return opening(" ".join(line.text for line in lines[at : at + 14])[:OPENING])


@lru_cache(maxsize=16384)
def opens_year_last(text: str) -> bool:
    """Whether a text opens as an entry whose year comes at the end: names and a title, a year further on."""
    text = BULLET.sub("", text[:OPENING], count=1)
    return bool(_YEAR_LAST.match(text)) and bool(re.search(rf"\b{YEAR}\b", text[:700]))


def opens_quoted(text: str) -> bool:
    """Whether a text opens with names and a title in quotation marks, as MLA does."""
    return bool(_MLA.match(text[:OPENING]))


def opens_year_last_at(lines: Sequence[Line], at: int) -> bool:
    """Whether the entry that would begin with a line opens as one whose year comes at the end."""
    return opens_year_last(" ".join(line.text for line in lines[at : at + 6])[:OPENING])


def names_precede_year(text: str) -> bool:
    """Whether nothing but names precedes the year in brackets: a name is short, a sentence of a title is not."""
    head = _YEAR_IN_BRACKET.split(text, maxsplit=1)[0]
    parts = re.split(r",|&|\ben\b|\band\b|…|\.\.\.", head)
    return all(len(part.split()) <= 6 for part in parts) and not _RUNNING_TEXT.search(head)


def is_complete(text: str) -> bool:
    """Whether an entry may end here: with a full stop, a closing bracket, a link or a number."""
    text = text.rstrip()[-OPENING:]
    if not text:
        return False
    if text[-1] in ".)]>”\"'’?":
        return not re.search(rf"(?:^|[\s(]){UPPER}\.$", text[-3:])
    last = text.rsplit(maxsplit=1)[-1]
    return bool(LINK.search(last)) or text[-1].isdigit() or "/" in last


def is_plausible(text: str) -> bool:
    """Whether a text has the length of an entry, and a year or a link."""
    return 15 <= len(text) <= 2500 and bool(DATED.search(text) or LINK.search(text))


def label(text: str) -> int | None:
    """The number that a line opens with, as entries of numbered lists do: `[3]`, `(3)`, `3.`, `3)`."""
    match = _LABEL.match(text if text.lstrip().startswith("[") else BULLET.sub("", text, count=1))
    return int(match[1] or match[2] or match[3]) if match else None


def bare_label(text: str) -> int | None:
    """The number that a line opens with as styles with superscript numbers do: `3 Goot KM.`, `3Goot KM.`."""
    match = _BARE_LABEL.match(text)
    return int(match[1]) if match else None


def key(text: str) -> str | None:
    """The key that a line opens with: `[Goo20]`, `[Goot, 2020]`."""
    match = _KEY.match(text)
    return match[1] if match else None


def without_label(text: str) -> str:
    """A line without the number that it opens with."""
    return _KEY.sub("", _BARE_LABEL.sub("", _LABEL.sub("", text)))
