"""Whether two items are one work, by the rules that people know from Zotero, and with a third outcome: ask.

    DOI equal ──── titles agree ──► same            titles differ ──► doubtful: a printed DOI is evidence, not truth
    ISBN equal ─── both are whole books, titles agree ──► same       a chapter's ISBN is its book's and does not count
    title equal, years equal, an author in common ──► same      unless DOIs, ISBNs or editions contradict
                 years one apart: one article ──► same, software or a yearly report ──► different, another work ──► doubtful
                 preprint and publication, software and its paper ──► different
    anything that is half of this ──► doubtful      the rest ──► different

A wrong merge costs more than a question, so an uncertain match is `doubtful` and waits for a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kb.bibliography import items
from kb.bibliography.identifiers import clean_doi
from kb.bibliography.items import names, plain, title, year
from kb.bibliography.names import abbreviates, fold, full_family, initial, same_family
from kb.bibliography.stages import (
    appears_yearly,
    are_software_and_publication,
    is_preprint_of,
    may_carry_two_years,
)
from kb.model import CSL, Reason, ReasonCode

WHOLE = frozenset({"book", "thesis", "report"})
"""Types that an ISBN identifies."""

# Measured on wrapped and hyphenated titles of one work (above .95) against titles of other works by the same first
# author in the same year (below .9), on the judged files of references.
NEAR = 93.0
LONG = 20
"""Titles shorter than this (in characters) have to be equal: "Self-efficacy" and "Self-esteem" are near."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two things are one work, and why."""

    word: Literal["same", "different", "doubtful"]
    reason: Reason

    @property
    def same(self) -> bool:
        """Sure enough to join without asking."""
        return self.word == "same"


def same_work(one: CSL, other: CSL) -> Verdict:
    """Whether two items are one work. Symmetric; editions of a book are different works."""
    agree = titles_agree(title(one), title(other))
    if _doi(one) and _doi(one) == _doi(other):
        if agree or not title(one) or not title(other):
            return Verdict("same", Reason("same-doi"))
        return Verdict("doubtful", Reason("doi-agrees-title-differs"))
    if not title(one) or not title(other):
        return _without_title(one, other)
    if agree:
        return _with_one_title(one, other)
    if _share_isbn(one, other):
        return Verdict("doubtful", Reason("isbn-agrees-title-differs"))
    return Verdict("different", Reason("title-differs"))


def _with_one_title(one: CSL, other: CSL) -> Verdict:
    """Whether two items with the same title are one work: edition, ISBN, authors and year decide, in this order."""
    if _edition(one) != _edition(other):
        return Verdict("different", Reason("edition-differs"))
    if _share_isbn(one, other):
        return Verdict("same", Reason("same-isbn"))
    gap, people = _years_apart(one, other), _people(one, other)
    if people == "differ":
        return Verdict("different", Reason("authors-differ"))
    if (gap is not None and gap > 1) or (gap == 1 and appears_yearly(one, other)):
        return Verdict("different", Reason("year-differs"))
    if is_preprint_of(one, other) or are_software_and_publication(one, other):
        return Verdict("different", Reason("another-form"))
    doubt = _doubt(one, other, people, gap)
    return Verdict("doubtful", Reason(doubt)) if doubt else Verdict("same", Reason("title-year-author-agree"))


def _doubt(one: CSL, other: CSL, people: str, gap: int | None) -> ReasonCode | None:
    """Why two items with the same title, and authors and years that do not contradict, may still be two works."""
    types = {one.get("type"), other.get("type")}
    other_containers = _containers(one, other)
    doubts: tuple[tuple[ReasonCode, bool], ...] = (
        ("doi-differs", bool(_doi(one) and _doi(other))),
        ("isbn-differs", bool(_isbns(one) and _isbns(other)) and _whole(one) and _whole(other)),
        ("authors-on-one-side", people == "unknown"),
        ("year-on-one-side", gap is None),
        ("years-differ-by-one", gap == 1 and not may_carry_two_years(one, other)),
        ("conference-and-journal", types == {"paper-conference", "article-journal"} and other_containers),
        ("container-differs", people == "none" and other_containers),
    )
    return next((code for code, applies in doubts if applies), None)


def _share_isbn(one: CSL, other: CSL) -> bool:
    """Whether two whole books have an ISBN in common."""
    return bool(_isbns(one) & _isbns(other)) and _whole(one) and _whole(other)


def matches_document(
    csl: CSL, *, title: str, authors: Sequence[str] = (), year: int | None = None, doi: str | None = None
) -> Verdict:
    """Whether a cited work is a document with this title, these authors (as people write them), year and DOI."""
    document: dict[str, object] = {"type": "document", "title": title}
    if authors:
        document["author"] = [items.name(author) for author in authors]
    if year is not None:
        document["issued"] = items.issued(year)
    if doi:
        document["DOI"] = doi
    return same_work(csl, document)


def normal_title(text: str) -> str:
    """A title as it is compared: folded words, an article in front left out."""
    words = fold(plain(text)).split()
    if len(words) > 1 and words[0] in {"de", "het", "een", "the", "a", "an"}:
        words = words[1:]
    return " ".join(words)


def titles_agree(one: str, other: str) -> bool:
    """Whether two titles are one: equal when folded, equal but for a subtitle, or nearly equal and long."""
    a, b = normal_title(one), normal_title(other)
    if not a or not b:
        return False
    if a.replace(" ", "") == b.replace(" ", ""):
        return True
    if re.findall(r"\d+", a) != re.findall(r"\d+", b):
        return False  # part 1 and part 2
    short, long = sorted((a, b), key=len)
    if min(_mains(one) & _mains(other), key=len, default="") and len(short) >= LONG and long.startswith(short):
        return True  # one of them leaves the subtitle out
    return len(short) >= LONG and _ratio(a, b) >= NEAR


def _ratio(one: str, other: str) -> float:
    from rapidfuzz import fuzz  # a twentieth of a second that a search need not wait for

    return float(fuzz.ratio(one, other))


def _mains(text: str) -> set[str]:
    """The title whole, and its part before the subtitle."""
    return {normal_title(text), normal_title(re.split(r"\s*[:?–—]\s+|\.\s+", plain(text))[0])} - {""}


def _doi(csl: CSL) -> str:
    return (clean_doi(str(csl.get("DOI") or csl.get("URL") or "")) or "").upper()


def _isbns(csl: CSL) -> set[str]:
    found = (re.sub(r"[^0-9Xx]", "", word).upper() for word in re.split(r"[,;\s]+", str(csl.get("ISBN") or "")))
    return {isbn for isbn in found if valid_isbn(isbn)}


def valid_isbn(isbn: str) -> bool:
    """Whether the check digit of an ISBN-10 or ISBN-13 without hyphens is right (ISO 2108)."""
    if re.fullmatch(r"\d{9}[\dX]", isbn):
        return sum((10 - i) * (10 if c == "X" else int(c)) for i, c in enumerate(isbn)) % 11 == 0
    if re.fullmatch(r"97[89]\d{10}", isbn):
        return sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(isbn)) % 10 == 0
    return False


def _whole(csl: CSL) -> bool:
    return csl.get("type") in WHOLE


def _edition(csl: CSL) -> str:
    found = re.search(r"\d+", str(csl.get("edition") or ""))
    return found.group() if found and found.group() != "1" else ""


def _years_apart(one: CSL, other: CSL) -> int | None:
    a, b = year(one), year(other)
    return abs(a - b) if a is not None and b is not None else None


def _people(one: CSL, other: CSL) -> Literal["agree", "differ", "unknown", "none"]:
    """Whether an author is in common: family name and, where both have one, first initial."""
    a, b = names(one) or names(one, "editor"), names(other) or names(other, "editor")
    if not a and not b:
        return "none"
    if not a or not b:
        return "unknown"
    return "agree" if any(_may_be_one(x, y) for x in a for y in b) else "differ"


def _may_be_one(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two names may be of one person or institution."""
    left, right = full_family(one), full_family(other)
    if same_family(left, right) and (not initial(one) or not initial(other) or initial(one) == initial(other)):
        return True
    return "literal" in one and "literal" in other and (abbreviates(left, right) or abbreviates(right, left))


def _containers(one: CSL, other: CSL) -> bool:
    """Whether both name a container, and not the same one."""
    a, b = (normal_title(str(c.get("container-title") or "")) for c in (one, other))
    return bool(a) and bool(b) and a != b


def _without_title(one: CSL, other: CSL) -> Verdict:
    """A work known by author and year alone, as on a slide, is never joined unasked."""
    if _people(one, other) == "agree" and _years_apart(one, other) in {0, None}:
        if not title(one) and not title(other) and _same_bare(one, other):
            return Verdict("same", Reason("author-year-agree-nothing-else"))
        return Verdict("doubtful", Reason("no-title-to-compare"))
    return Verdict("different", Reason("author-or-year-differs"))


def _same_bare(one: CSL, other: CSL) -> bool:
    def key(csl: CSL) -> tuple[object, ...]:
        who = tuple(fold(full_family(n)) for n in names(csl))
        return (who, year(csl), csl.get("year-suffix"), _doi(csl), str(csl.get("URL") or ""))

    return key(one) == key(other)
