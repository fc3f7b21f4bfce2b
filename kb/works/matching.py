"""Matching: which entry or work a citation means, by number, address, or author and year.

    citation + entries of its document ─► match_entries ─► matches          citation + works ─► match_works ─► matches

Pure functions. A match below `SURE` is a question for a person; below `DOUBTFUL` it is none. At most one match of a
citation is sure: where two candidates are equally good, neither is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from kb.bibliography import authors, clean_doi, fold, is_institution, literal, person, same_family, year
from kb.bibliography.identifiers import bare_url
from kb.bibliography.items import issued, names, plain
from kb.bibliography.names import abbreviates, cites_more_authors
from kb.model import CSL, Citation, Entry, Reason
from kb.works.fingerprints import number_within_range

SURE = 0.9
"""A match with this score becomes a link; below it, it is a question."""
DOUBTFUL = 0.5
"""A match below this score is none."""
_EQUAL = 0.05
"""Two candidates whose scores differ by less are equally good."""


@dataclass(frozen=True, slots=True)
class Match:
    """A citation means a candidate: their places in the sequences that were given, a score from 0 to 1, and the reason."""

    citation: int
    candidate: int
    score: float
    reason: Reason

    @property
    def sure(self) -> bool:
        """Whether it becomes a link without a question."""
        return self.score >= SURE


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: int
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Agreement:
    """How well a citation fits an item; the score is 0 when it does not."""

    score: float
    reason: Reason


_NAMES_OF_ENTRY = 300
"""Within this many characters an entry prints its authors."""
_NONE = _Agreement(0.0, Reason("differs"))


def match_entries(citations: Sequence[Citation], entries: Sequence[Entry]) -> tuple[Match, ...]:
    """Which citation means which entry of the same document; an ambiguous citation has several matches."""
    index = _EntryIndex(entries)
    return tuple(
        Match(at, scored.candidate, scored.score, scored.reason)
        for at, citation in enumerate(citations)
        for scored in index.match(citation)
    )


class _EntryIndex:
    """The entries of one document, by number in the list and by first author."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._by_label = {entry.label: at for at, entry in enumerate(entries) if entry.label}
        self._by_family: dict[str, list[int]] = {}
        for at, entry in enumerate(entries):
            for name in _first_names(entry.csl):
                self._by_family.setdefault(name, []).append(at)

    def match(self, citation: Citation) -> list[_Scored]:
        """The entries that a citation may mean."""
        if citation.form == "numbered":
            at = self._labelled(number_within_range(citation) or citation.text)
            return [] if at is None else [_Scored(at, 1.0, Reason("list-number"))]
        if citation.form in {"doi", "url"}:
            same = (at for at, entry in enumerate(self._entries) if _same_address(citation, entry.csl))
            return [_Scored(at, 1.0, Reason("same-address")) for at in same][:1]
        if citation.form == "credit" or not citation.authors:
            return []
        near = {at for name in _name_keys(citation.authors[0]) for at in self._by_family.get(name, ())}
        agreements = [(at, self._agreement(citation, self._entries[at])) for at in sorted(near)]
        return _settled([_Scored(at, agreement.score, agreement.reason) for at, agreement in agreements])

    def _labelled(self, text: str) -> int | None:
        """The entry with a citation's key (`[Goo20]`) or number (`[3, p. 2]`)."""
        number = re.search(r"\d+", normalize("NFKC", text))
        by_key = self._by_label.get(text.strip("[] "))
        return self._by_label.get(number.group()) if by_key is None and number else by_key

    def _agreement(self, citation: Citation, entry: Entry) -> _Agreement:
        """How well a citation fits an entry; authors that the list leaves out ("et al.") are no contradiction."""
        return _agreement(citation, entry.csl, is_shortened=cites_more_authors(entry.raw[:_NAMES_OF_ENTRY]))


def match_works(citation: Citation, works: Iterable[CSL]) -> list[Match]:
    """The works of the collection that a citation may mean, best first; `citation` of each match is 0."""
    scored: list[_Scored] = []
    for at, csl in enumerate(works):
        if citation.form in {"doi", "url"}:
            if _same_address(citation, csl):
                scored.append(_Scored(at, 1.0, Reason("same-address")))
        elif citation.form not in {"numbered", "credit"} and citation.authors:
            agreement = _agreement(citation, csl)
            score = agreement.score
            if citation.year is None:
                # Elsewhere in the collection the same name may be another person's: less sure than in its own document.
                score = min(score, SURE - 0.1)
            scored.append(_Scored(at, score, agreement.reason))
    settled = sorted(_settled(scored), key=lambda one: -one.score)
    return [Match(0, one.candidate, one.score, one.reason) for one in settled]


def _settled(scored: Sequence[_Scored]) -> list[_Scored]:
    """The candidates with a score of `DOUBTFUL` or more; only the best stays sure, and only when no other is as good."""
    kept = sorted((one for one in scored if one.score >= DOUBTFUL), key=lambda one: -one.score)
    if len(kept) > 1 and kept[0].score - kept[1].score < _EQUAL:
        return [
            _Scored(one.candidate, min(one.score, SURE - 0.2), Reason("equal-candidates", (one.reason.code,)))
            for one in kept
        ]
    return kept[:1] + [_Scored(one.candidate, min(one.score, SURE - 0.2), one.reason) for one in kept[1:]]


def _agreement(citation: Citation, csl: CSL, *, is_shortened: bool = False) -> _Agreement:
    """How well a citation by author and year fits an item; `is_shortened`: the item has more authors than it lists."""
    cited, listed = list(citation.authors), list(authors(csl))
    known_authors = names(csl) or names(csl, "editor")
    if not listed:
        if not _opens_title(cited[0], csl):
            return _NONE
        listed, known_authors = cited[:1], ()
    if not _same_name(cited[0], listed[0]):
        return _NONE
    several = len(cited) > 1
    if several and not _others_agree(cited, listed):
        return _NONE
    more = cites_more_authors(citation.text)
    if more and len(known_authors) == 1 and not is_shortened:
        return _Agreement(0.4, Reason("one-author-where-several"))
    second_year = not re.search(r"[^\W\d_]{2}", citation.text)  # the second year of "Sokol et al., 2020a, 2020b"
    if not (more or several or second_year) and len(listed) > 1 and citation.form != "author":
        score = 0.6  # "Dopmeijer (2021)" for Dopmeijer et al. is loose, not wrong
    else:
        score = 0.97 if several or more else 0.95
    return _compare_dates(citation, csl, score)


def _opens_title(name: str, csl: CSL) -> bool:
    """Whether a work without an author is cited by the first words of its title."""
    title, cited = fold(plain(str(csl.get("title") or ""))), fold(name)
    return bool(title) and bool(cited) and title.startswith(cited)


def _compare_dates(citation: Citation, csl: CSL, score: float) -> _Agreement:
    number = year(csl)
    if citation.year is None:
        return _Agreement(min(score, 0.92), Reason("author-alone"))
    years = re.findall(r"(\d{4})([a-z]?)", citation.year)
    if not years:
        return _Agreement(score, Reason("author-undated")) if number is None else _NONE
    if number is None:
        return _Agreement(min(score, 0.6), Reason("author-year-missing"))
    for cited, letter in years:
        if int(cited) == number:
            return _compare_letters(letter, str(csl.get("year-suffix") or ""), score)
        if int(cited) == original_year(csl):
            return _Agreement(score, Reason("author-original-year"))
    if abs(int(years[-1][0]) - number) == 1:
        return _Agreement(min(score, 0.55), Reason("years-differ-by-one"))
    return _NONE


def _compare_letters(cited: str, listed: str, score: float) -> _Agreement:
    """Compare the letters behind equal years ("2020a")."""
    if cited == listed:
        return _Agreement(min(1.0, score + 0.03), Reason("author-year"))
    if cited and listed:
        return _NONE
    # A letter on one side only: there was one work that year in the one place and two in the other.
    return _Agreement(min(score, 0.75), Reason("year-letter-on-one-side"))


def original_year(csl: CSL) -> int | None:
    """The year in which a work that appeared again was first published."""
    original = csl.get("original-date")
    if isinstance(original, Mapping) and original.get("date-parts"):
        return int(original["date-parts"][0][0])
    return None


def _same_name(cited: str, listed: str) -> bool:
    """Whether a name as cited is the name as listed: family names, or an institution and its short form."""
    if same_family(cited, listed):
        return True
    a, b = fold(cited), fold(listed)
    if not a or not b:
        return False
    if is_institution(listed) or is_institution(cited):
        return abbreviates(cited, listed) or abbreviates(listed, cited) or _opens(a, b) or _opens(b, a)
    return a.split()[-1] == b and len(a.split()) <= 3  # "Albert Bandura"


def _opens(one: str, other: str) -> bool:
    """Whether the words of one open the other: "Ministerie van Onderwijs" and "Ministerie van Onderwijs, Cultuur …"."""
    return len(one.split()) >= 3 and other.startswith(f"{one} ")


def _others_agree(cited: Sequence[str], listed: Sequence[str]) -> bool:
    """Whether the further names of a citation are the item's, in order."""
    at = 1
    for name in cited[1:]:
        while at < len(listed) and not _same_name(name, listed[at]):
            at += 1
        if at >= len(listed):
            return False
        at += 1
    return True


def _first_names(csl: CSL) -> set[str]:
    """Folded names by which a citation of this item may begin."""
    who = authors(csl)
    if not who:
        return {fold(plain(str(csl.get("title") or "")))[:12]}
    capitals = "".join(word[0] for word in re.findall(r"[^\W\d_]+", who[0]) if word[0].isupper()).casefold()
    return _name_keys(who[0]) | {capitals[at:] for at in range(len(capitals)) if len(capitals) - at > 1}


def _name_keys(name: str) -> set[str]:
    folded = fold(name)
    words = folded.split()
    return {folded, words[-1], words[0], folded[:12], *re.findall(r"\b[a-z]{2,6}$", folded)} if words else set()


def _same_address(citation: Citation, csl: CSL) -> bool:
    doi = clean_doi(citation.text)
    if doi:
        return doi.casefold() == (clean_doi(str(csl.get("DOI") or csl.get("URL") or "")) or "").casefold()
    return bool(csl.get("URL")) and bare_url(citation.text) == bare_url(str(csl["URL"]))


def cited_csl(citation: Citation) -> dict[str, Any]:
    """The work that a citation describes by itself: authors and year, or an address. Empty when it gives neither."""
    if citation.form == "doi" and (doi := clean_doi(citation.text)):
        return {"type": "document", "DOI": doi}
    if citation.form == "url":
        return {"type": "webpage", "URL": citation.text if "://" in citation.text else f"https://{citation.text}"}
    if citation.form in {"numbered", "credit"} or not citation.authors:
        return {}
    item: dict[str, Any] = {
        "type": "document",
        "author": [literal(name) if is_institution(name) else person(name) for name in citation.authors],
    }
    years = re.findall(r"(\d{4})([a-z]?)", citation.year or "")
    if years:
        item["issued"] = issued(int(years[-1][0]))
        if years[-1][1]:
            item["year-suffix"] = years[-1][1]
    return item
