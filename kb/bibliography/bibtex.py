"""BibTeX and items, both ways.

    .bib ─► bibtexparser's blocks ─► fields ─► item (+ what BibTeX said and the item cannot)
                    └─► a broken block is a problem with its line, and the rest comes in

Fields come out in the order people expect. Institutions stand in braces, `van der` before the family name, and
`& % _ # $ { } ~ ^ \\` are escaped everywhere but in DOIs and addresses, which BibTeX programs read verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kb.bibliography.bibtex_names import encloses, parse_names, written_name
from kb.bibliography.identifiers import without_resolver
from kb.bibliography.items import MONTH_NUMBERS, clean, date_parts, issued, key, names, said_date
from kb.bibliography.latex import braces_only, decoded, encoded, verbatim
from kb.bibliography.residue import left_over, restored
from kb.model import CSL

Progress = Callable[[int, int], None]
"""Told how many characters of how many are done."""

_TYPES = {
    "article": "article-journal", "book": "book", "booklet": "pamphlet", "inbook": "chapter", "incollection": "chapter",
    "inproceedings": "paper-conference", "conference": "paper-conference", "proceedings": "book", "manual": "book",
    "phdthesis": "thesis", "mastersthesis": "thesis", "thesis": "thesis", "techreport": "report", "report": "report",
    "unpublished": "manuscript", "online": "webpage", "electronic": "webpage", "www": "webpage", "misc": "document",
    "dataset": "dataset", "software": "software", "collection": "book", "mvbook": "book", "periodical": "periodical",
    "patent": "patent", "inreference": "entry-encyclopedia", "reference": "book", "video": "motion_picture",
    "movie": "motion_picture", "music": "song", "audio": "song", "artwork": "graphic", "letter": "personal_communication",
    "legislation": "legislation", "jurisdiction": "legal_case", "standard": "standard", "performance": "performance",
    "review": "review",
}  # fmt: skip
_ENTRY_TYPES = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article", "article": "unpublished",
    "book": "book", "chapter": "incollection", "paper-conference": "inproceedings", "thesis": "phdthesis",
    "report": "techreport", "manuscript": "unpublished", "pamphlet": "booklet", "webpage": "online", "post": "online",
    "post-weblog": "online", "dataset": "dataset", "software": "software", "periodical": "periodical", "patent": "patent",
    "entry-encyclopedia": "inreference", "entry-dictionary": "inreference", "motion_picture": "video", "song": "audio",
    "graphic": "artwork", "personal_communication": "letter", "legislation": "legislation", "legal_case": "jurisdiction",
    "standard": "standard", "performance": "performance", "review": "review", "review-book": "review",
}  # fmt: skip

# A field of BibTeX and the one of CSL that says the same; where two say it, the first is written.
_TEXT = (
    ("title", "title"), ("publisher", "publisher"), ("institution", "publisher"), ("school", "publisher"),
    ("organization", "publisher"), ("address", "publisher-place"), ("location", "publisher-place"),
    ("volume", "volume"), ("number", "issue"), ("issue", "issue"), ("pages", "page"), ("edition", "edition"),
    ("series", "collection-title"), ("chapter", "chapter-number"), ("doi", "DOI"), ("url", "URL"), ("isbn", "ISBN"),
    ("issn", "ISSN"), ("abstract", "abstract"), ("keywords", "keyword"), ("note", "note"), ("language", "language"),
    ("langid", "language"), ("version", "version"), ("shorttitle", "title-short"), ("type", "genre"),
    ("howpublished", "medium"), ("eventtitle", "event"), ("venue", "event-place"), ("volumes", "number-of-volumes"),
    ("pagetotal", "number-of-pages"), ("pmid", "PMID"), ("pmcid", "PMCID"), ("annote", "annote"),
    ("origtitle", "original-title"), ("shortjournal", "container-title-short"), ("library", "source"),
    ("lccn", "call-number"),
)  # fmt: skip
_CONTAINERS = ("journal", "journaltitle", "booktitle")
_PEOPLE = (("author", "author"), ("editor", "editor"), ("translator", "translator"), ("bookauthor", "container-author"))
_VERBATIM = frozenset({"doi", "url", "file", "eprint", "pdf", "local-url", "bdsk-url-1"})
_ORDER = (
    "author", "bookauthor", "title", "shorttitle", "journal", "journaltitle", "booktitle", "editor", "translator", "year",
    "date", "month", "volume", "number", "pages", "edition", "series", "publisher", "institution", "school",
    "organization", "address", "type",
)  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_SAFE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.+/-]*")


def from_bibtex(text: str, progress: Progress | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """Items in the order of the file, and a line for each entry that is broken: which, where and why."""
    import logging

    import bibtexparser
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # broken blocks are ours to report
    items: list[dict[str, Any]] = []
    problems: list[str] = []
    macros = "".join(_STRINGS.findall(text)) if "@string" in text.lower() else ""
    done, line = 0, 1
    for part in _parts(text):
        # String definitions hold for the whole file, so each part gets them; its own line count starts after them.
        library = bibtexparser.parse_string(macros + part if macros and done else part)
        offset = line - 1 - (macros.count("\n") if macros and done else 0)
        found: list[tuple[int, Any]] = [(entry.start_line or 0, entry) for entry in library.entries]
        for block in library.failed_blocks:
            if isinstance(block, DuplicateBlockKeyBlock):
                # A key used twice is no loss: the entry is read by itself.
                alone = bibtexparser.parse_string(macros + str(block.raw or "")).entries
                found += [(block.start_line or 0, entry) for entry in alone]
            elif isinstance(block, DuplicateFieldKeyBlock):
                found.append((block.start_line or 0, _bare(block.ignore_error_block)))
            else:
                problems.append(_problem(block, offset))
        for _, entry in sorted(found, key=lambda pair: pair[0]):
            items.append(_item(entry.entry_type, entry.key, {f.key: str(f.value).strip() for f in entry.fields}))
        done += len(part)
        line += part.count("\n")
        if progress:
            progress(done, len(text))
    return items, problems


def _bare(entry: Any) -> Any:
    """An entry that names a field twice, as the parser leaves it: its values still in their braces or quotation marks."""
    for field in entry.fields:
        text = str(field.value).strip()
        if len(text) > 1 and ((text[0] == "{" and encloses(text)) or text[0] == text[-1] == '"'):
            field.value = text[1:-1]
    return entry


_STRINGS = re.compile(r"(?im)^[ \t]*@string\s*\{[^\n]*\}[ \t]*\r?\n")
_PART = 1_000_000
"""Characters handed to the parser at a time: progress is told in between, and a runaway brace loses no more than this."""


def _parts(text: str) -> Iterable[str]:
    start = 0
    while len(text) - start > _PART:
        cut = text.find("\n@", start + _PART)
        if cut < 0:
            break
        yield text[start : cut + 1]
        start = cut + 1
    yield text[start:]


def _problem(block: Any, offset: int) -> str:
    raw = str(block.raw or "").strip()
    named = re.match(r"@\s*\w+\s*[{(]\s*([^,\s}]*)", raw)
    which = f"entry “{named[1]}”" if named and named[1] else "an entry"
    line = (block.start_line or 0) + 1 + offset
    return f"line {line}: {which} is broken and was left out; look for a brace or comma that is missing"


def _item(entry_type: str, entry_key: str, fields: Mapping[str, str]) -> dict[str, Any]:
    fields = {name.lower(): value.replace("\r\n", "\n") for name, value in fields.items() if name and value.strip()}
    kind = entry_type.lower()
    item = _said(kind, fields)
    item["id"] = entry_key
    left: dict[str, Any] = left_over(fields, _derived(item, kind))
    if _entry_type(item) != kind:
        left["type"] = kind
    custom: dict[str, Any] = {"citation-key": entry_key}
    if left:
        custom["bibtex"] = left
    item["custom"] = custom
    return item


def _said(kind: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """What the fields of an entry of this type mean, as an item without id."""
    item: dict[str, Any] = {"type": _TYPES.get(kind, "document")}
    for field, role in _PEOPLE:
        if people := parse_names(fields.get(field, "")):
            item[role] = people
    for field in _CONTAINERS:
        if field in fields and "container-title" not in item:
            item["container-title"] = decoded(fields[field])
    for field, variable in _TEXT:
        if field in fields and variable not in item:
            text = verbatim(fields[field]) if field in _VERBATIM else decoded(fields[field])
            if field == "pages":
                text = re.sub(r"\s*[–—]\s*", "-", text)
            if field == "doi":
                text = without_resolver(text)
            if field == "howpublished" and (link := re.search(r"https?://\S+", text)):
                item.setdefault("URL", link.group().rstrip("}"))
            elif text:
                item[variable] = text
    if kind in {"techreport", "report", "patent", "standard"} and "issue" in item:
        item["number"] = item.pop("issue")
    if kind == "mastersthesis" and "genre" not in item:
        item["genre"] = "Master's thesis"
    date = _date(fields)
    if date:
        item.update(date)
    if seen := _DAY.match(fields.get("urldate", "")):
        item["accessed"] = issued(*(int(part) for part in seen.groups() if part))
    if subtitle := decoded(fields.get("subtitle", "")):
        item["title"] = f"{item.get('title', '')}: {subtitle}".removeprefix(": ")
    return item


def _date(fields: Mapping[str, str]) -> dict[str, Any]:
    if found := _DAY.match(fields.get("date", "")):
        return {"issued": issued(*(int(part) for part in found.groups() if part))}
    text = decoded(fields.get("year", ""))
    if (found := _DAY.fullmatch(text)) and found[2]:
        return {"issued": issued(*(int(part) for part in found.groups() if part))}
    if not (found := re.fullmatch(r"(\d{4})([a-z]?)", text)):
        return {"issued": {"literal": text}} if text else {}
    parts = [int(found[1])]
    month = re.match(
        r"(\d{1,2})(?:\s*[-~ ]?\s*([a-z]+))?|([a-z]+)\.?\s*(\d{1,2})?", decoded(fields.get("month", "")).lower()
    )
    if month:
        word = month[3] or month[2]
        number = MONTH_NUMBERS.get(word, MONTH_NUMBERS.get(word[:3], 0)) if word else int(month[1])
        day = int(month[4] or (month[1] if month[2] else 0) or fields.get("day", "") or 0) if number else 0
        if 1 <= number <= 12:
            parts.append(number)
            if 1 <= day <= 31:
                parts.append(day)
    return {"issued": issued(*parts), **({"year-suffix": found[2]} if found[2] else {})}


def to_bibtex(items: Iterable[CSL]) -> str:
    """The items as a BibTeX file in UTF-8; keys are ASCII and unique. Nothing gives an empty text."""
    taken: set[str] = set()
    entries = []
    for item in items:
        name = _key(item, taken)
        taken.add(name)
        custom = item.get("custom")
        left = custom.get("bibtex", {}) if isinstance(custom, Mapping) else {}
        kind = str(left.get("type") or _entry_type(item))
        if _TYPES.get(kind, "document") != item.get("type", "document") and kind != _entry_type(item):
            kind = _entry_type(item)
        fields = _derived(item, kind)
        if left:
            fields = restored(fields, left, lambda found, kind=kind: _said(kind, found))  # type: ignore[misc]
        body = "".join(f"  {field} = {_value(field, fields[field])},\n" for field in _ordered(fields))
        entries.append(f"@{kind}{{{name},\n{body}}}\n")
    return "\n".join(entries)


def _value(field: str, text: str) -> str:
    return text if field == "month" and text in _MONTHS else f"{{{text}}}"


def _ordered(fields: Mapping[str, str]) -> list[str]:
    known = [field for field in _ORDER if field in fields]
    return [*known, *(field for field in fields if field not in known)]


def _key(item: CSL, taken: set[str]) -> str:
    custom = item.get("custom")
    wanted = str((custom.get("citation-key") if isinstance(custom, Mapping) else None) or item.get("id") or "")
    if not _SAFE_KEY.fullmatch(wanted):
        wanted = key(item, taken)
    if wanted not in taken:
        return wanted
    n = 2
    while f"{wanted}-{n}" in taken:
        n += 1
    return f"{wanted}-{n}"


def _entry_type(item: CSL) -> str:
    kind = _ENTRY_TYPES.get(str(item.get("type")), "misc")
    return "mastersthesis" if kind == "phdthesis" and item.get("genre") == "Master's thesis" else kind


def _derived(item: CSL, kind: str) -> dict[str, str]:
    """The fields that say the item in an entry of this type."""
    fields: dict[str, str] = {}
    for field, role in _PEOPLE:
        if people := names(item, role):
            fields[field] = " and ".join(written_name(name) for name in people)
    container = {"article": "journal", "review": "journal"}.get(kind, "booktitle")
    if text := _text(item, "container-title"):
        fields[container] = encoded(text)
    publisher = {"techreport": "institution", "report": "institution", "phdthesis": "school", "mastersthesis": "school"}
    written: set[str] = set()
    for field, variable in _TEXT:
        if variable == "publisher" and field != publisher.get(kind, "publisher"):
            continue
        if variable in written or not (text := _text(item, variable)):
            continue
        if field == "type" and kind == "mastersthesis" and text == "Master's thesis":
            continue
        if field == "pages":
            fields[field] = "--".join(encoded(part) for part in re.split(r"(?<=\w)[-–](?=\w)", text))
        else:
            fields[field] = braces_only(text) if field in _VERBATIM else encoded(text)
        written.add(variable)
    if kind in {"techreport", "report", "patent", "standard"} and (text := _text(item, "number")):
        fields["number"] = encoded(text)
    if said := said_date(item):
        fields["year"] = encoded(said)
    elif parts := date_parts(item):
        fields["year"] = f"{parts[0]}{item.get('year-suffix') or ''}"
        if len(parts) > 1 and 1 <= parts[1] <= 12:
            fields["month"] = _MONTHS[parts[1] - 1]
        if len(parts) > 2:
            fields["day"] = str(parts[2])
    if parts := date_parts(item, "accessed"):
        fields["urldate"] = "-".join(f"{part:02d}" for part in parts)
    return fields


def _text(item: CSL, variable: str) -> str:
    value = item.get(variable)
    return clean(str(value)) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
