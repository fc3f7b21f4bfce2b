"""References: what a document lists, what a bibliography file holds, and which citation means which of them.

    pages ─► reference lists ─► entries, each with its raw text and what was understood of it
    .bib .ris .json ─► entries, and a line for each record that is broken
    citation + entries of its document ─► link          citation + the collection's references ─► candidates with a score

Pure functions. An uncertain entry keeps its raw text and an empty item; an uncertain link gets a score below `SURE` and
waits for a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.entry import parse
from ingest.lists import BULLET, joined, reference_lists
from kb.bibliography import (
    Verdict,
    authors,
    clean,
    clean_doi,
    fold,
    from_bibtex,
    from_csl_json,
    from_ris,
    is_institution,
    literal,
    matches_document,
    person,
    same_family,
    same_work,
    year,
)
from kb.bibliography.items import issued, names, plain
from kb.bibliography.names import abbreviates
from kb.errors import EmptyDocument, UnreadableDocument, UnsupportedFormat
from kb.model import CSL, Citation, Entry, Kind, Page, Reference

__all__ = [
    "SURE", "Link", "Verdict", "csl_of", "entries", "import_records", "link", "matches_document", "resolve", "same_work",
]  # fmt: skip

SURE = 0.9
"""A link with this score is made; below it, it is a question."""
DOUBTFUL = 0.5
"""A link below this score is no link."""


def entries(pages: Sequence[Page], *, kind: Kind) -> tuple[Entry, ...]:
    """The entries of a document's reference lists in reading order.

    `start` and `end` are the entry's place on the page where it starts: of an entry that runs over a page, the part on that
    page. `raw` is whole, on one line. `csl` is empty where nothing was understood.
    """
    found: list[Entry] = []
    for listing in reference_lists(pages, kind):
        before: list[dict[str, Any]] = []
        for lines, label in zip(listing.entries, listing.labels, strict=True):
            raw = clean(joined(lines))
            if label is not None:
                raw = re.sub(r"^(?:\[\d{1,4}\]|\d{1,4}[.)])\s*", "", raw)
            csl = parse(raw, before)
            before = list(csl.get("author") or csl.get("editor") or [])
            on_page = [line for line in lines if line.number == lines[0].number]
            start = lines[0].start + (len(lines[0].text) - len(BULLET.sub("", lines[0].text, count=1)))
            found.append(Entry(raw=raw, csl=csl, number=lines[0].number, start=start, end=on_page[-1].end, label=label))
    return tuple(found)


# --- bibliography files

Progress = Callable[[int, int], None]


def import_records(
    data: bytes, filename: str, progress: Progress | None = None
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The records of a .bib, .ris or CSL-JSON file, and a line for each that is broken and was left out.

    `progress` is told how much of how much is done. Raises a DocumentError when the file as a whole is none of these.
    """
    if not data.strip():
        raise EmptyDocument(f"{filename} is empty: export the bibliography again")
    text = _decoded(data)
    kind = _format(text, filename)
    problems: list[str]
    if kind == "bib":
        items, problems = from_bibtex(text, progress)
    elif kind == "ris":
        items, problems = from_ris(text, progress)
    else:
        try:
            items, problems = from_csl_json(text)
        except (ValueError, RecursionError) as error:
            raise UnreadableDocument(f"{filename} is not CSL-JSON ({error}): export it again as CSL JSON") from error
        if progress:
            progress(len(text), len(text))
    if not items and not problems:
        raise EmptyDocument(f"{filename} holds no record: export the bibliography again")
    found = tuple(Entry(raw=printed(item), csl=item) for item in items)
    return found, tuple(f"{filename}: {problem}" for problem in problems)


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it, else Windows' Latin-1, in which no byte is wrong."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace") if b"\x81" not in data else data.decode("latin-1")


def _format(text: str, filename: str) -> str:
    """By what the file holds, and where that is nothing, by its name."""
    start = text.lstrip("\ufeff \t\r\n")[:200_000]
    if re.search(r"(?m)^\s*@\s*\w+\s*[{(]", start):
        return "bib"
    if re.search(r"(?m)^TY {1,2}-", start):
        return "ris"
    if start.startswith(("[", "{")):
        return "json"
    for ending, kind in ((".bib", "bib"), (".ris", "ris"), (".json", "json")):
        if filename.lower().endswith(ending):
            raise UnreadableDocument(f"{filename} holds no {kind} records: is it the right file?")
    raise UnsupportedFormat(f"{filename} is not BibTeX, RIS or CSL-JSON: export the bibliography as one of these")


def printed(csl: CSL) -> str:
    """A plain line for an imported record, to show and to search: authors (year). title. container."""
    who = ", ".join(authors(csl))
    when = year(csl)
    parts = [
        f"{who} ({when})" if when else who,
        plain(str(csl.get("title") or "")),
        plain(str(csl.get("container-title") or "")),
    ]
    return ". ".join(part for part in parts if part)


# --- citation and entry


@dataclass(frozen=True, slots=True)
class Link:
    """That a citation means an entry: their places in the sequences that were given, and how sure that is (0 to 1)."""

    citation: int
    entry: int
    score: float
    reason: str

    @property
    def sure(self) -> bool:
        """Whether it is made without asking."""
        return self.score >= SURE


def link(citations: Sequence[Citation], entries: Sequence[Entry]) -> tuple[Link, ...]:
    """Which citation means which entry of the same document; a citation that may mean several has several links.

    At most one of a citation's links is sure.
    """
    by_label = {entry.label: at for at, entry in enumerate(entries) if entry.label}
    by_family: dict[str, list[int]] = {}
    for at, entry in enumerate(entries):
        for name in _first_names(entry.csl):
            by_family.setdefault(name, []).append(at)
    links: list[Link] = []
    for at, citation in enumerate(citations):
        if citation.form == "numbered":
            label = re.search(r"\d+", citation.text)
            if label and label.group() in by_label:
                links.append(Link(at, by_label[label.group()], 1.0, "its number in the list"))
            continue
        if citation.form in {"doi", "url"}:
            links += [
                Link(at, number, 1.0, "its address")
                for number, e in enumerate(entries)
                if _same_address(citation, e.csl)
            ][:1]
            continue
        if citation.form == "credit" or not citation.authors:
            continue
        near = {n for name in _keys(citation.authors[0]) for n in by_family.get(name, ())}
        scored = [(n, *_score(citation, entries[n].csl)) for n in sorted(near)]
        links += [Link(at, n, score, reason) for n, score, reason in _settled(scored)]
    return tuple(links)


def resolve(citation: Citation, references: Iterable[Reference]) -> list[tuple[str, float]]:
    """Keys of references of the collection that a citation may mean, best first, each with a score from 0 to 1.

    At most one score is `SURE` or more.
    """
    found: list[tuple[str, float, str]] = []
    for reference in references:
        if citation.form in {"doi", "url"}:
            if _same_address(citation, reference.csl):
                found.append((reference.key, 1.0, "its address"))
        elif citation.form not in {"numbered", "credit"} and citation.authors:
            # Elsewhere in the collection the same name may be another person's: one step less sure than at home.
            score, reason = _score(citation, reference.csl)
            if citation.year is None:
                score = min(score, SURE - 0.1)
            found.append((reference.key, score, reason))
    settled = _settled(found)
    return sorted(((key, score) for key, score, _ in settled), key=lambda pair: -pair[1])


def _settled(scored: list[tuple[Any, float, str]]) -> list[tuple[Any, float, str]]:
    """The candidates worth keeping; where two are equally good neither is sure."""
    kept = sorted((s for s in scored if s[1] >= DOUBTFUL), key=lambda s: -s[1])
    if len(kept) > 1 and kept[0][1] - kept[1][1] < 0.05:
        return [(what, min(score, SURE - 0.2), f"{reason}; another fits as well") for what, score, reason in kept]
    return kept[:1] + [(what, min(score, SURE - 0.2), reason) for what, score, reason in kept[1:]]


def _score(citation: Citation, csl: CSL) -> tuple[float, str]:
    """How well a citation by author and year fits an item, and what agreed."""
    who = [*authors(csl)]
    listed = names(csl) or names(csl, "editor")
    cited = list(citation.authors)
    if not who:
        # A work without an author is cited by its title.
        title = fold(plain(str(csl.get("title") or "")))
        if not title or not any(title.startswith(fold(name)) and fold(name) for name in cited[:1]):
            return 0.0, ""
        who, listed = cited[:1], ()
    if not _named(cited[0], who[0]):
        return 0.0, ""
    others = len(cited) > 1
    if others and not _others_agree(cited, who):
        return 0.0, ""
    many = bool(
        re.search(r"(?i)\bet\s+al|\be\.\s?a\.|\bc\.s\.|en anderen|and others|en collega|and colleagues", citation.text)
    )
    if many and len(listed) == 1:
        return 0.4, "one author where several are meant"
    bare_year = not re.search(r"[^\W\d_]{2}", citation.text)  # the second year of "Sokol et al., 2020a, 2020b"
    if not (many or others or bare_year) and len(who) > 1 and citation.form != "author":
        score = 0.6  # "Dopmeijer (2021)" for Dopmeijer et al. is loose, not wrong
    else:
        score = 0.97 if others or many else 0.95
    return _dated(citation, csl, score)


def _dated(citation: Citation, csl: CSL, score: float) -> tuple[float, str]:
    number, letter = year(csl), str(csl.get("year-suffix") or "")
    if citation.year is None:
        return min(score, 0.92), "author alone"
    years = re.findall(r"(\d{4})([a-z]?)", citation.year)
    if not years:
        return (score, "author, without date") if number is None else (0.0, "")
    if number is None:
        return min(score, 0.6), "author; no year on one side"
    original = csl.get("original-date")
    first = original["date-parts"][0][0] if isinstance(original, Mapping) and original.get("date-parts") else None
    for said, said_letter in years:
        if int(said) == number:
            if said_letter == letter:
                return min(1.0, score + 0.03), "author and year"
            # A letter on one side only: there was one work that year in the one place and two in the other.
            return (
                (min(score, 0.75), "author and year; the letter is on one side only")
                if not (said_letter and letter)
                else (0.0, "")
            )
        if first is not None and int(said) == int(first):
            return score, "author and the year of the original"
    if abs(int(years[-1][0]) - number) == 1:
        return min(score, 0.55), "author; the years differ by one"
    return 0.0, ""


def _named(cited: str, listed: str) -> bool:
    """Whether a name as cited is the name as listed: family names, or an institution and its short form."""
    if same_family(cited, listed):
        return True
    a, b = fold(cited), fold(listed)
    if not a or not b:
        return False
    if is_institution(listed) or is_institution(cited):
        return abbreviates(cited, listed) or abbreviates(listed, cited) or _short(a, b) or _short(b, a)
    return a.split()[-1] == b and len(a.split()) <= 3  # "Albert Bandura"


def _short(one: str, other: str) -> bool:
    """Whether the words of one open the other: "Ministerie van Onderwijs" and "Ministerie van Onderwijs, Cultuur …"."""
    return len(one.split()) >= 3 and other.startswith(f"{one} ")


def _others_agree(cited: Sequence[str], listed: Sequence[str]) -> bool:
    """Whether the further names of a citation are the item's, in order."""
    at = 1
    for name in cited[1:]:
        while at < len(listed) and not _named(name, listed[at]):
            at += 1
        if at >= len(listed):
            return False
        at += 1
    return True


def _first_names(csl: CSL) -> set[str]:
    """What a citation of this item may begin with, folded."""
    who = authors(csl)
    if not who:
        return {fold(plain(str(csl.get("title") or "")))[:12]}
    capitals = "".join(word[0] for word in re.findall(r"[^\W\d_]+", who[0]) if word[0].isupper()).casefold()
    return _keys(who[0]) | {capitals[at:] for at in range(len(capitals)) if len(capitals) - at > 1}


def _keys(name: str) -> set[str]:
    folded = fold(name)
    words = folded.split()
    return {folded, words[-1], words[0], folded[:12], *re.findall(r"\b[a-z]{2,6}$", folded)} if words else set()


def _same_address(citation: Citation, csl: CSL) -> bool:
    doi = clean_doi(citation.text)
    if doi:
        return doi.casefold() == (clean_doi(str(csl.get("DOI") or csl.get("URL") or "")) or "").casefold()
    return bool(csl.get("URL")) and _bare_url(citation.text) == _bare_url(str(csl["URL"]))


def _bare_url(url: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?|[/#]*$", "", url.strip().casefold())


def csl_of(citation: Citation) -> dict[str, Any]:
    """What a citation alone says of the work it cites: authors and year, or its address. Empty when that is nothing."""
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
