"""Reasons in words: why two records may describe one work, for the command line and, translated, for the pages.

    Reason("equal-candidates", ("author-alone",)) ─► "author alone; another fits as well"

The texts are English; a door that speaks another language passes its own `gettext`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kb.model import Reason, ReasonCode

TEXTS: Mapping[ReasonCode, str] = {
    "same-doi": "same DOI",
    "same-isbn": "same ISBN",
    "doi-agrees-title-differs": "same DOI, other title",
    "isbn-agrees-title-differs": "same ISBN, other title",
    "title-differs": "other title",
    "edition-differs": "another edition",
    "authors-differ": "same title, other authors",
    "year-differs": "same title, other year",
    "doi-differs": "same title and authors, other DOI: perhaps another version",
    "isbn-differs": "same title and authors, other ISBN: perhaps another edition",
    "authors-on-one-side": "same title, authors known on one side only",
    "year-on-one-side": "same title and authors, no year on one side",
    "conference-and-journal": "same title and authors, once at a conference and once in a journal",
    "container-differs": "same title, no authors, other place",
    "title-year-author-agree": "title, year and author agree",
    "author-year-agree-nothing-else": "author and year agree, nothing else is known",
    "no-title-to-compare": "author and year agree, no title to compare",
    "author-or-year-differs": "other author or year",
    "same-words": "the same words",
    "two-documents": "two documents",
    "printed-alike": "printed alike",
    "title-authors-address-agree": "title, authors and address agree, no date on either side",
    "institution-named-otherwise": "same title and year, the institution is named otherwise",
    "another-form": "same title and authors, in another form: preprint and publication, or software and its paper",
    "agrees": "agrees",
    "differs": "other",
    "decided": "decided",
    "several-works-agree": "agrees with more than one work",
    "entries-disagree": "agrees with one entry, and with another does not: %(reason)s",
    "list-number": "its number in the list",
    "same-address": "its address",
    "author-year": "author and year",
    "author-alone": "author alone",
    "author-undated": "author, without date",
    "author-year-missing": "author; no year on one side",
    "author-original-year": "author and the year of the original",
    "year-letter-on-one-side": "author and year; the letter is on one side only",
    "years-differ-by-one": "author; the years differ by one",
    "one-author-where-several": "one author where several are meant",
    "equal-candidates": "%(reason)s; another fits as well",
    "only-work-cited-here": "the one work by this name that the document cites",
    "only-work-in-collection": "the one work by this name in the collection",
    "author-year-only": "by author and year alone",
    "confirmed": "confirmed",
    "decided-by-person": "decided by a person",
    "crossref-agrees": "title, year and first author agree",
    "crossref-differs": "other %(parts)s",
}
PARTS: Mapping[str, str] = {"title": "title", "year": "year", "first-author": "first author"}
"""The fields that may differ at Crossref."""
AND = "and"


def worded(reason: Reason, gettext: Callable[[str], str] = str) -> str:
    """A reason in words; `gettext` gives the translation of an English text."""
    text = gettext(TEXTS[reason.code])
    if reason.code == "crossref-differs":
        return text % {"parts": f" {gettext(AND)} ".join(gettext(PARTS[part]) for part in reason.values)}
    return text % {"reason": "".join(gettext(TEXTS[code]) for code in reason.values)} if reason.values else text  # type: ignore[index]
