"""BibTeX and items, both ways.

    .bib ─► bibtexparser's blocks ─► fields ─► item (+ the fields that an item cannot express)
                    └─► a broken block is a problem with its line, and the rest comes in

Fields come out in the order people expect. Institutions stand in braces, `van der` before the family name, and
`& % _ # $ { } ~ ^ \\` are escaped everywhere but in DOIs and addresses, which BibTeX programs read verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kb.bibliography.bibtex_inheritance import Record, inherited
from kb.bibliography.bibtex_names import encloses, parse_names, written_name
from kb.bibliography.eprints import eprint_fields, identifier
from kb.bibliography.identifiers import without_resolver
from kb.bibliography.items import MONTH_NUMBERS, clean, date_in_words, date_parts, issued, key, names
from kb.bibliography.latex import braces_only, decoded, encoded, verbatim
from kb.bibliography.residue import left_over, restored
from kb.model import CSL

Progress = Callable[[int, int], None]
"""Called with (characters done, characters in all)."""

_TYPES = {
    "article": "article-journal", "book": "book", "booklet": "pamphlet", "inbook": "chapter", "incollection": "chapter",
    "inproceedings": "paper-conference", "conference": "paper-conference", "proceedings": "book", "manual": "book",
    "phdthesis": "thesis", "mastersthesis": "thesis", "thesis": "thesis", "techreport": "report", "report": "report",
    "unpublished": "manuscript", "online": "webpage", "electronic": "webpage", "www": "webpage", "misc": "document",
    "dataset": "dataset", "software": "software", "collection": "book", "mvbook": "book", "periodical": "periodical",
    "patent": "patent", "inreference": "entry-encyclopedia", "reference": "book", "video": "motion_picture",
    "movie": "motion_picture", "music": "song", "audio": "song", "artwork": "graphic", "letter": "personal_communication",
    "legislation": "legislation", "jurisdiction": "legal_case", "standard": "standard", "performance": "performance",
    "review": "review", "mvcollection": "book", "mvreference": "book", "mvproceedings": "book", "bookinbook": "chapter",
    "suppbook": "chapter", "suppcollection": "chapter", "suppperiodical": "article-journal",
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

# A field of BibTeX and the variable of CSL with the same meaning; of several fields for one variable the first is written.
_TEXT = (
    ("title", "title"), ("publisher", "publisher"), ("institution", "publisher"), ("school", "publisher"),
    ("organization", "publisher"), ("address", "publisher-place"), ("location", "publisher-place"),
    ("volume", "volume"), ("issue", "issue"), ("pages", "page"), ("edition", "edition"),
    ("series", "collection-title"), ("chapter", "chapter-number"), ("doi", "DOI"), ("url", "URL"), ("isbn", "ISBN"),
    ("issn", "ISSN"), ("abstract", "abstract"), ("keywords", "keyword"), ("note", "note"), ("language", "language"),
    ("langid", "language"), ("version", "version"), ("shorttitle", "title-short"), ("type", "genre"),
    ("howpublished", "medium"), ("eventtitle", "event"), ("venue", "event-place"), ("volumes", "number-of-volumes"),
    ("pagetotal", "number-of-pages"), ("pmid", "PMID"), ("pmcid", "PMCID"), ("annote", "annote"),
    ("origtitle", "original-title"), ("shortjournal", "container-title-short"), ("library", "source"),
    ("lccn", "call-number"),
)  # fmt: skip
_CONTAINERS = (("journal", "journalsubtitle"), ("journaltitle", "journalsubtitle"), ("booktitle", "booksubtitle"))
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
    records: list[Record] = []
    problems: list[str] = []
    macros = "".join(_STRINGS.findall(text)) if "@string" in text.lower() else ""
    done, line = 0, 1
    for part in _parts(text):
        # String definitions hold for the whole file, so each part gets them; its own line count starts after them.
        given = macros if done else ""
        entries, broken = _entries(part, given, macros)
        records += map(_recorded, entries)
        problems += [_problem(block, line - 1 - given.count("\n")) for block in broken]
        done += len(part)
        line += part.count("\n")
        if progress:
            progress(done, len(text))
    return [_item(record) for record in inherited(records)], problems


def _recorded(entry: Any) -> Record:
    """An entry of the parser, with the fields that hold something."""
    values = {field.key.lower(): str(field.value).strip().replace("\r\n", "\n") for field in entry.fields if field.key}
    return Record(entry.entry_type.lower(), entry.key, {name: value for name, value in values.items() if value})


def _entries(part: str, given: str, macros: str) -> tuple[list[Any], list[Any]]:
    """The entries of a part of a file, in order, and the blocks that are broken; `given` is put before it."""
    import logging

    import bibtexparser
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # broken blocks are ours to report
    library = bibtexparser.parse_string(given + part)
    found: list[tuple[int, Any]] = [(entry.start_line or 0, entry) for entry in library.entries]
    broken: list[Any] = []
    for block in library.failed_blocks:
        if isinstance(block, DuplicateBlockKeyBlock):
            # A key that is used twice is no loss: the entry is read by itself.
            alone = bibtexparser.parse_string(macros + str(block.raw or "")).entries
            found += [(block.start_line or 0, entry) for entry in alone]
        elif isinstance(block, DuplicateFieldKeyBlock):
            found.append((block.start_line or 0, _bare(block.ignore_error_block)))
        else:
            broken.append(block)
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])], broken


def _bare(entry: Any) -> Any:
    """An entry that names a field twice, as the parser leaves it: its values still in their braces or quotation marks."""
    for field in entry.fields:
        text = str(field.value).strip()
        if len(text) > 1 and ((text[0] == "{" and encloses(text)) or text[0] == text[-1] == '"'):
            field.value = text[1:-1]
    return entry


_STRINGS = re.compile(r"(?im)^[ \t]*@string\s*\{[^\n]*\}[ \t]*\r?\n")
_PART = 1_000_000
"""Characters parsed at a time: progress is reported in between, and a brace that is never closed loses no more."""


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


def _item(record: Record) -> dict[str, Any]:
    kind = record.kind
    item = _meaning(kind, record.fields)
    item["id"] = record.key
    left: dict[str, Any] = left_over(record.fields, _derived(item, kind))
    if _entry_type(item) != kind:
        left["type"] = kind
    custom: dict[str, Any] = {"citation-key": record.key}
    if left:
        custom["bibtex"] = left
    item["custom"] = custom
    return item


_SERIALS = frozenset({"article", "review", "periodical", "suppperiodical"})
"""Types of entries whose `number` is that of the issue; the number of the article itself is `eid`."""
_IN_SERIES = frozenset({"book", "chapter", "paper-conference"})
"""Types of works whose `number` is that in a series of books."""


def _meaning(kind: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """The item that the fields of an entry of this type describe, without id."""
    item: dict[str, Any] = {"type": _TYPES.get(kind, "document")}
    item.update({role: people for field, role in _PEOPLE if (people := parse_names(fields.get(field, "")))})
    if container := _container(fields):
        item["container-title"] = container
    for field, variable in _TEXT:
        if field in fields and variable not in item:
            _set_text(item, field, variable, fields[field])
    if number := decoded(fields.get("number", "")):
        item.setdefault(_numbered(kind), number)
    if number := decoded(fields.get("eid", "")):
        item.setdefault("number", number)
    if (eprint := identifier(fields)) and eprint[0] not in item:
        item[eprint[0]] = eprint[1]
    if kind == "mastersthesis" and "genre" not in item:
        item["genre"] = "Master's thesis"
    item.update(_date(fields))
    if seen := _DAY.match(fields.get("urldate", "")):
        item["accessed"] = _of_day(seen)
    if title := _with_subtitle(item.get("title", ""), fields.get("subtitle", "")):
        item["title"] = title
    if _TYPES.get(kind) == "book" and item.get("container-title") and item.get("title", container) == container:
        item["title"] = item.pop("container-title")  # a book names itself as the container of its chapters
    return item


def _numbered(kind: str) -> str:
    """The variable for the field `number`: of the issue, of the work, or of a book within its series."""
    if kind in _SERIALS:
        return "issue"
    return "collection-number" if _TYPES.get(kind) in _IN_SERIES else "number"


def _container(fields: Mapping[str, str]) -> str:
    """The journal or the book that an entry is in, with its subtitle; empty when it names none."""
    name, subtitle = next((names for names in _CONTAINERS if names[0] in fields), ("", ""))
    return _with_subtitle(decoded(fields.get(name, "")), fields.get(subtitle, ""))


def _with_subtitle(title: str, subtitle: str) -> str:
    return f"{title}: {decoded(subtitle)}".removeprefix(": ") if subtitle else title


def _of_day(found: re.Match[str]) -> dict[str, Any]:
    """The date that a match of _DAY names."""
    return issued(*(int(part) for part in found.groups() if part))


def _set_text(item: dict[str, Any], field: str, variable: str, value: str) -> None:
    """Set a variable of the item to a field's text; an address in `howpublished` is the work's."""
    text = verbatim(value) if field in _VERBATIM else decoded(value)
    if field == "pages":
        text = re.sub(r"\s*[–—]\s*", "-", text)
    elif field == "doi":
        text = without_resolver(text)
    link = _ADDRESS.search(value) if field == "howpublished" else None
    if link:
        item.setdefault("URL", verbatim(link.group()))
    elif text:
        item[variable] = text


_ADDRESS = re.compile(r"https?://[^\s{}]+")


def _date(fields: Mapping[str, str]) -> dict[str, Any]:
    """The variables for the date: `issued`, and the letter after the year."""
    if found := _DAY.match(fields.get("date", "")):
        return {"issued": _of_day(found)}
    text = decoded(fields.get("year", ""))
    if (found := _DAY.fullmatch(text)) and found[2]:
        return {"issued": _of_day(found)}
    if not (found := re.fullmatch(r"(\d{4})([a-z]?)", text)):
        return {"issued": {"literal": text}} if text else {}
    suffix = {"year-suffix": found[2]} if found[2] else {}
    return {"issued": issued(int(found[1]), *_month_and_day(fields)), **suffix}


_MONTH = re.compile(r"(\d{1,2})(?:\s*[-~ ]?\s*([a-z]+))?|([a-z]+)\.?\s*(\d{1,2})?")


def _month_and_day(fields: Mapping[str, str]) -> tuple[int, ...]:
    """Month and day as far as known: "3", "mar", "12 march", "mar 12", the day also from a field of its own."""
    found = _MONTH.match(decoded(fields.get("month", "")).lower())
    if not found:
        return ()
    word = found[3] or found[2]
    month = MONTH_NUMBERS.get(word, MONTH_NUMBERS.get(word[:3], 0)) if word else int(found[1])
    if not 1 <= month <= 12:
        return ()
    day = int(found[4] or (found[1] if found[2] else 0) or fields.get("day", "") or 0)
    return (month, day) if 1 <= day <= 31 else (month,)


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
            fields = restored(fields, left, lambda found, kind=kind: _meaning(kind, found))  # type: ignore[misc]
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
    """The fields that describe the item in an entry of this type."""
    fields: dict[str, str] = {}
    for field, role in _PEOPLE:
        if people := names(item, role):
            fields[field] = " and ".join(written_name(name) for name in people)
    if text := _text(item, "container-title"):
        fields["journal" if kind in {"article", "review"} else "booktitle"] = encoded(text)
    fields.update(_text_fields(item, kind))
    variable = _numbered(kind)
    if text := _text(item, variable):
        fields["number"] = encoded(text)
    if variable == "issue":
        fields.pop("issue", None)
    if variable != "number" and (text := _text(item, "number")):
        fields["eid"] = encoded(text)
    fields.update(eprint_fields(_text(item, "URL")))
    fields.update(_date_fields(item))
    if parts := date_parts(item, "accessed"):
        fields["urldate"] = "-".join(f"{part:02d}" for part in parts)
    return fields


_PUBLISHER = {
    "techreport": "institution", "report": "institution", "phdthesis": "school", "mastersthesis": "school",
}  # fmt: skip
"""The field for the publisher, by type of entry; `publisher` for the others."""


def _text_fields(item: CSL, kind: str) -> dict[str, str]:
    """The fields with text, one for each variable."""
    fields: dict[str, str] = {}
    written: set[str] = set()
    for field, variable in _TEXT:
        text = _text(item, variable)
        is_implied = field == "type" and kind == "mastersthesis" and text == "Master's thesis"
        is_another = variable == "publisher" and field != _PUBLISHER.get(kind, "publisher")
        if text and variable not in written and not is_implied and not is_another:
            fields[field] = _encoded_field(field, text)
            written.add(variable)
    return fields


def _encoded_field(field: str, text: str) -> str:
    if field == "pages":
        return "--".join(encoded(part) for part in re.split(r"(?<=\w)[-–](?=\w)", text))
    return braces_only(text) if field in _VERBATIM else encoded(text)


def _date_fields(item: CSL) -> dict[str, str]:
    """Year, month and day; a date in words is the year."""
    if in_words := date_in_words(item):
        return {"year": encoded(in_words)}
    parts = date_parts(item)
    if not parts:
        return {}
    fields = {"year": f"{parts[0]}{item.get('year-suffix') or ''}"}
    if len(parts) > 1 and 1 <= parts[1] <= 12:
        fields["month"] = _MONTHS[parts[1] - 1]
    if len(parts) > 2:
        fields["day"] = str(parts[2])
    return fields


def _text(item: CSL, variable: str) -> str:
    value = item.get(variable)
    return clean(str(value)) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
