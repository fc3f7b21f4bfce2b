"""Quotes: which sentences, bullets and lines of a passage may be quoted, and which only make sense together.

Never quoted: entries of reference lists, links, picture credits, table heads, titles (they are shown with the source).
Quoted only with what stands beside them: a citation on a line of its own, a bullet of a word or two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.language.sentences import CELL
from kb.model import Evidence, Span

# A quotation has at least so many words to be quoted alone, and at most so many letters.
FEWEST_WORDS = 3
LONGEST = 420
# A line without a stop of fewer words is a heading to what follows.
HEADING = 4
# Lines of which at least this share ends without a stop are bullets.
BULLETS = 0.5

_ENTRY = re.compile(
    r"""\s*(?:\[\d+\]\s*)?                              # a number, in a numbered list
        [^.(]{2,120}?,?\s(?:[A-Z]\.\s?)+.*?              # a name and initials
        \((?:1[89]|20)\d\d[a-z]?[^)]*\)\.?(?:\s|$)      # and a year in brackets
    """,
    re.VERBOSE,
)
_ENTRY_YEAR = re.compile(r"\((?:1[89]|20)\d\d")
_YEAR = re.compile(r"(?:1[89]|20)\d\d|[zn]\.d\.")
_LINK = re.compile(r"https?://|www\.|\bdoi\.org/|\bdoi:", re.IGNORECASE)
_CREDIT = re.compile(
    r"^\W*(?:afbeelding|foto|beeld|tekening|illustratie|figuur|fig\.|grafiek|schema|tabel|bron|image|photo|picture|drawing|"
    r"illustration|diagram|chart|table|credit|figure|source)s?\b[^.!?]{0,12}:",
    re.IGNORECASE,
)
_CITATION_ALONE = re.compile(
    r"""^\W*(?:(?:bron|source|vrij\s+naar|naar|uit|from|after)\W+)?
        (?:[A-ZÀ-Þ][\w'’.-]*[\s,&;]*|(?:van|de|den|der|en|and|et|al\.?|e\.a\.)[\s,&;]*){1,14}
        \(?(?:(?:1[89]|20)\d\d[a-z]?|z\.d\.|n\.d\.)\)?[\s;).]*
        (?:(?:[A-ZÀ-Þ][\w'’.-]*[\s,&;]*|(?:van|de|den|der|en|and|et|al\.?|e\.a\.)[\s,&;]*){1,14}\(?(?:1[89]|20)\d\d[a-z]?\)?[\s;).]*)*$""",
    re.VERBOSE,
)
_DATE_OR_TIME = re.compile(
    r"""\b\d{1,2}(?:[:.]\d\d\b|\s+(?:jan|feb|maart|march|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)[a-z]*\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER = re.compile(r"^\s*(?:\d+[.)]?)+\s*|\s+$")
_LETTER = re.compile(r"[^\W\d_]")
_STOPPED = (".", "!", "?", "…", ":", ";")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or bullet of a passage, and how it may be quoted."""

    text: str
    span: Span
    quotable: bool
    """Whether it may be quoted at all."""
    alone: bool
    """Whether it says something by itself."""
    bullet: bool
    """Whether it ends without a stop, as a bullet or a row does."""
    introduces: bool
    """Whether it ends in a colon: what follows belongs to it."""


def lines(item: Evidence, spans: Sequence[Span]) -> list[Line]:
    """How each sentence or bullet of a passage may be quoted, in reading order."""
    titles = tuple(_bare(name) for name in (item.page.title, item.page.section, item.document.title) if name)
    return list(_lines(item.passage.text, tuple(spans), titles))


# The passages that answer one question often answer the next.
@lru_cache(maxsize=512)
def _lines(whole: str, spans: tuple[Span, ...], titles: tuple[str, ...]) -> tuple[Line, ...]:
    """The lines of a passage, beneath these titles of its page, section and document (`_bare`)."""
    return tuple([_line(whole, span, titles) for span in spans])


def is_slide(found: Sequence[Line]) -> bool:
    """Whether a passage is a slide's: most of its lines are bullets."""
    quotable = [line for line in found if line.quotable]
    return bool(quotable) and sum(line.bullet for line in quotable) >= BULLETS * len(quotable)


def _is_credit(text: str, whole: str, span: Span) -> bool:
    """Whether a line is an address, an entry of a reference list or a credit."""
    return bool(_LINK.search(text) or _is_entry(text) or _CREDIT.match(text)) or _in_entry(whole, span)


def _is_entry(text: str, start: int = 0) -> bool:
    """Whether an entry of a reference list begins here."""
    return _ENTRY_YEAR.search(text, start) is not None and _ENTRY.match(text, start) is not None


def _has_words(text: str) -> bool:
    """Whether a line is mostly letters, or holds a date or a time."""
    return bool(_DATE_OR_TIME.search(text)) or 2 * len(_LETTER.findall(text)) > len(text)


def _line(whole: str, span: Span, titles: Sequence[str]) -> Line:
    # The patterns for a year are quick, and without one the slow patterns for citations and entries fit nothing.
    text = whole[span.start : span.end]
    ended = text.rstrip(" \"'”’»)")
    bullet = not ended.endswith(_STOPPED)
    heading = _is_title(text, titles) or _heads_table(whole, span)
    cites = bool(_YEAR.search(text) and _CITATION_ALONE.match(text))
    quotable = (
        not heading and not _is_credit(text, whole, span) and len(text) <= LONGEST and (cites or _has_words(text))
    )
    alone = quotable and not cites and len([word for word in text.split() if _LETTER.search(word)]) >= FEWEST_WORDS
    return Line(text, span, quotable, alone, bullet, ended.endswith(":"))


def _is_title(text: str, titles: Sequence[str]) -> bool:
    """Whether a line is the title of its page, section or document, or a part of it."""
    bare = _bare(text)
    return any(bare in title for title in titles)


def _bare(name: str) -> str:
    return " ".join(_NUMBER.sub("", name).casefold().split())


def _in_entry(whole: str, span: Span) -> bool:
    """Whether a sentence is of a line that begins as an entry of a reference list does."""
    line = whole.rfind("\n", 0, span.start) + 1
    return line < span.start and _is_entry(whole, line)


def _heads_table(whole: str, span: Span) -> bool:
    """Whether a line is the first row of a table, which names the columns."""
    if CELL not in whole[span.start : span.end]:
        return False
    above = whole[: span.start].rstrip().rpartition("\n")[2]
    below = whole[span.end :].lstrip().partition("\n")[0]
    return CELL not in above and CELL in below
