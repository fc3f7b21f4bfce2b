"""RIS and items, both ways.

    .ris ─► records, cut at `ER  -` ─► rispy, tag by tag ─► item (+ the tags that an item cannot express)
                   └─► a broken record is a problem with its line, and the rest comes in

Written as UTF-8, `TY  - ` first and `ER  - ` last, one author a line ("Goot, K. van der").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from kb.bibliography.identifiers import without_resolver
from kb.bibliography.items import MONTH_NUMBERS, clean, date_in_words, date_parts, issued, name_parts, names
from kb.bibliography.names import full_family, is_institution, literal, person
from kb.bibliography.residue import left_over, restored
from kb.model import CSL

Progress = Callable[[int, int], None]
Tags = Mapping[str, list[str]]

_TYPES = {
    "JOUR": "article-journal", "EJOUR": "article-journal", "JFULL": "article-journal", "ABST": "article-journal",
    "INPR": "article-journal", "MGZN": "article-magazine", "NEWS": "article-newspaper", "BOOK": "book", "EBOOK": "book",
    "EDBOOK": "book", "CHAP": "chapter", "ECHAP": "chapter", "CONF": "paper-conference", "CPAPER": "paper-conference",
    "RPRT": "report", "THES": "thesis", "ELEC": "webpage", "WEB": "webpage", "ICOMM": "personal_communication",
    "BLOG": "post-weblog", "SLIDE": "speech", "DATA": "dataset", "COMP": "software", "UNPB": "manuscript",
    "MANSCPT": "manuscript", "GEN": "document", "PAMP": "pamphlet", "PAT": "patent", "VIDEO": "motion_picture",
    "MPCT": "motion_picture", "SOUND": "song", "MUSIC": "musical_score", "MAP": "map", "ART": "graphic", "FIGURE": "figure",
    "DICT": "entry-dictionary", "ENCYC": "entry-encyclopedia", "BILL": "bill", "STAT": "legislation", "CASE": "legal_case",
    "HEAR": "hearing", "STAND": "standard", "PCOMM": "personal_communication", "SER": "collection", "CLSWK": "classic",
    "GOVDOC": "report", "PRES": "speech",
}  # fmt: skip
_OUT = {
    "article-journal": "JOUR", "article-magazine": "MGZN", "article-newspaper": "NEWS", "book": "BOOK", "chapter": "CHAP",
    "paper-conference": "CPAPER", "report": "RPRT", "thesis": "THES", "webpage": "ELEC", "post": "BLOG",
    "post-weblog": "BLOG", "speech": "SLIDE", "dataset": "DATA", "software": "COMP", "manuscript": "UNPB", "article": "UNPB",
    "document": "GEN", "pamphlet": "PAMP", "patent": "PAT", "motion_picture": "VIDEO", "song": "SOUND",
    "musical_score": "MUSIC", "map": "MAP", "graphic": "ART", "figure": "FIGURE", "entry-dictionary": "DICT",
    "entry-encyclopedia": "ENCYC", "bill": "BILL", "legislation": "STAT", "legal_case": "CASE", "hearing": "HEAR",
    "standard": "STAND", "personal_communication": "PCOMM", "collection": "SER", "classic": "CLSWK",
}  # fmt: skip

# A tag of RIS and the variable with the same meaning; of several tags for one variable the first is written.
_TEXT = (
    ("TI", "title"), ("T1", "title"), ("CT", "title"), ("ST", "title-short"), ("T2", "container-title"),
    ("JO", "container-title"), ("JF", "container-title"), ("BT", "container-title"), ("JA", "container-title-short"),
    ("J2", "container-title-short"), ("T3", "collection-title"), ("VL", "volume"), ("IS", "issue"), ("PB", "publisher"),
    ("CY", "publisher-place"), ("PP", "publisher-place"), ("DO", "DOI"), ("AB", "abstract"), ("N2", "abstract"),
    ("N1", "note"), ("RN", "annote"), ("LA", "language"), ("M3", "genre"), ("CN", "call-number"), ("DB", "source"),
    ("SE", "section"), ("NV", "number-of-volumes"), ("OP", "original-title"), ("DP", "archive"),
)  # fmt: skip
_PEOPLE = (("AU", "author"), ("A1", "author"), ("A2", "editor"), ("ED", "editor"), ("A3", "collection-editor"),
           ("A4", "translator"))  # fmt: skip
_BY_TYPE: dict[str, tuple[tuple[str, str], ...]] = {
    "book": (("BT", "container-title"), ("T2", "collection-title"), ("M1", "collection-number"), ("C7", "number"),
             ("ET", "edition")),
    "chapter": (("M1", "collection-number"), ("C7", "number"), ("ET", "edition")),
    "article-journal": (("C7", "number"), ("ET", "edition")),
    "article-magazine": (("C7", "number"), ("ET", "edition")),
    "software": (("M1", "number"), ("ET", "version")),
    "dataset": (("M1", "number"), ("ET", "version")),
}  # fmt: skip
"""Tags that mean another thing in records of these types."""
_OF_OTHER_TYPES = (("M1", "number"), ("ET", "edition"))
_NUMBERED_BY_SN = frozenset({"report", "patent", "standard"})
"""Types whose `SN` is the number of the work, where it is no ISBN."""
_PMID = re.compile(r"(?i)(?:PMID:?\s*)?(\d{1,8})")
_PMCID = re.compile(r"PMC\d+")
_BOOKS = frozenset({"book", "chapter", "report", "thesis", "pamphlet", "paper-conference", "entry-encyclopedia"})
_LINE = re.compile(r"^([A-Z][A-Z0-9])  ?-(?: (.*)|)$")


def from_ris(text: str, progress: Progress | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """Items in the order of the file, and a line for each record that is broken: where and why."""
    items: list[dict[str, Any]] = []
    problems: list[str] = []
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for begun, record, fault in _records(lines, progress or (lambda _done, _total: None)):
        if fault:
            problems.append(f"line {begun}: {fault}")
        _take(record, begun, items, problems)
    return items, problems


def _records(lines: Sequence[str], progress: Progress) -> Iterator[tuple[int, list[str], str]]:
    """Each record: the number of its first line, its lines, and how its end is missing (empty when it is not)."""
    record: list[str] = []
    begun = 0
    for number, line in enumerate([*lines, "ER  - "], 1):
        tag = line[:2] if _LINE.match(line.rstrip() if line.startswith(("TY", "ER")) else line) else ""
        if tag == "TY" and any(_tag(other) == "TY" for other in record):
            yield begun, record, "the record is not closed with “ER  -”; it was taken as ending here"
            record = []
        if tag == "ER":
            if any(other.strip() for other in record):
                unclosed = "the last record is not closed with “ER  -”; it was taken as it is"
                yield begun, record, unclosed if number > len(lines) else ""
            record = []
        elif line.strip() or record:
            begun = begun if record else number
            record.append(line)
        if number % 5000 == 0:
            progress(number, len(lines))
    progress(len(lines), len(lines))


def _tag(line: str) -> str:
    found = _LINE.match(line.rstrip())
    return found[1] if found else ""


def _take(record: list[str], begun: int, items: list[dict[str, Any]], problems: list[str]) -> None:
    if _tag(record[0]) != "TY":
        start = next((i for i, line in enumerate(record) if _tag(line) == "TY"), None)
        if start is None:
            # Zotero and Web of Science put a heading before the first record; that is no loss.
            if any(_tag(line) for line in record):
                problems.append(f"line {begun}: a record does not open with “TY  -” and was left out")
            return
        record = record[start:]
    try:
        tags = _tags(record)
    except Exception as error:  # rispy raises several kinds, OSError among them
        problems.append(f"line {begun}: a record is broken and was left out ({error})")
        return
    items.append(_item(tags))


@lru_cache(maxsize=1)
def _parser() -> Any:
    import rispy
    from rispy.parser import RisParser

    every = sorted({*rispy.TAG_KEY_MAPPING, *(t for t, _ in _TEXT), *(t for t, _ in _PEOPLE)} - {"UK"})
    return RisParser(mapping={tag: tag for tag in every} | {"UK": "UK"}, list_tags=[t for t in every if t not in {"TY", "ER"}],
                     delimiter_tags_mapping={}, enforce_list_tags=True)  # fmt: skip


def _unwrapped(record: Iterable[str]) -> list[str]:
    """A line for each value, with the blanks that the form asks for."""
    lines: list[str] = []
    for line in record:
        if found := _LINE.match(line.rstrip()):
            lines.append(f"{found[1]}  - {found[2] or ''}")
        elif lines:
            lines[-1] = f"{lines[-1]} {line.strip()}"
    return lines


def _tags(record: list[str]) -> dict[str, list[str]]:
    """One record through rispy, tag by tag in the order of the file's first mention; values cleaned, empty ones left out."""
    # rispy wants the two spaces and the blank that some programs leave out, and takes a wrapped line for a new value.
    (read,) = _parser().parse("\n".join([*_unwrapped(record), "ER  - ", ""]))
    tags: dict[str, list[str]] = {}
    unknown = read.pop("UK", {})
    for tag, value in [*read.items(), *(unknown.items() if isinstance(unknown, Mapping) else ())]:
        values = [clean(str(part)) for part in (value if isinstance(value, list) else [value])]
        if values := [part for part in values if part]:
            tags[tag] = values
    return tags


def _item(tags: Tags) -> dict[str, Any]:
    item = _meaning(tags)
    key = (tags.get("ID") or [""])[0]
    left = left_over({t: v for t, v in tags.items() if t != "ID"}, _derived(item))
    custom: dict[str, Any] = {}
    if key:
        custom["citation-key"] = key
    if left:
        custom["ris"] = left
    item["id"] = key
    if custom:
        item["custom"] = custom
    return item


def _meaning(tags: Tags) -> dict[str, Any]:
    """The item that the tags of a record describe, without id."""
    kind = _TYPES.get((tags.get("TY") or ["GEN"])[0].upper(), "document")
    item: dict[str, Any] = {"type": kind}
    for tag, role in _PEOPLE:
        if role not in item and (people := _people(tags.get(tag, ()))):
            item[role] = people
    for tag, variable in (*_texts(kind), ("UR", "URL")):
        if tag in tags and variable not in item:
            item[variable] = tags[tag][0] if variable not in {"note", "annote"} else " ".join(tags[tag])
    item.update(_standard_numbers(kind, tags.get("SN", ())))
    item.update(_database_numbers(tags))
    if "DOI" in item:
        item["DOI"] = without_resolver(item["DOI"])
    if "KW" in tags:
        item["keyword"] = ", ".join(tags["KW"])
    if "SP" in tags:
        item["page"] = _page_range(tags["SP"][0], (tags.get("EP") or [""])[0])
    item.update(_issued([_date(text) for tag in ("PY", "Y1", "DA") for text in tags.get(tag, ())[:1]]))
    accessed = _date(tags["Y2"][0]).get("issued", {}) if "Y2" in tags else {}
    if "date-parts" in accessed:
        item["accessed"] = accessed
    return item


@lru_cache(maxsize=64)
def _texts(kind: str) -> tuple[tuple[str, str], ...]:
    """Tags with text and their variables, for records of a type; the first of several tags for a variable is written."""
    own = _BY_TYPE.get(kind, _OF_OTHER_TYPES)
    taken = {tag for tag, _ in own}
    return (*own, *(pair for pair in _TEXT if pair[0] not in taken))


def _standard_numbers(kind: str, values: Iterable[str]) -> dict[str, str]:
    """ISBN or ISSN, and the number of a report, which some programs write in the same tag."""
    found: dict[str, str] = {}
    for value in values:
        is_number = kind in _NUMBERED_BY_SN and not _is_isbn(value)
        found.setdefault("number" if is_number else "ISBN" if kind in _BOOKS else "ISSN", value)
    return found


def _is_isbn(text: str) -> bool:
    return len(re.sub(r"\D", "", text)) in {9, 10, 13} and not re.search(r"[^\dXx\s-]", text)


def _database_numbers(tags: Tags) -> dict[str, str]:
    """The numbers of a work in PubMed and PubMed Central."""
    database = " ".join(tags.get("DB", ())).casefold()
    accession = (tags.get("AN") or [""])[0]
    found = _PMID.fullmatch(accession)
    is_pmid = found and ("pubmed" in database or "medline" in database or accession.upper().startswith("PMID"))
    pmcid = next((value for value in tags.get("C2", ()) if _PMCID.fullmatch(value)), "")
    return {**({"PMID": found[1]} if found and is_pmid else {}), **({"PMCID": pmcid} if pmcid else {})}


_ONE_WORD = re.compile(r"[^\s,]+,")
_GIVEN = re.compile(
    r"[^\W\d_]\.?(?:[\s-]?[^\W\d_]\.)*(?:\s.*)?|[A-Z][^\W\d_]+(?:[\s-][A-Z][^\W\d_]*\.?){0,2}(?:\s[a-z' ]+)?"
)
"""Given names behind a comma: initials, or up to three names, and a particle."""


def _people(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Names, without those that hold no family name."""
    return [name for name in map(_name, texts) if full_family(name)]


def _name(text: str) -> dict[str, Any]:
    if ",," in text or _ONE_WORD.fullmatch(text):
        return literal(text.replace(",,", ",").rstrip(","))  # how EndNote writes institutions
    if "," not in text:  # an institution, or a family name alone
        return person(text) if " " not in text and not is_institution(text) else literal(text)
    family, given, *suffix = (part.strip() for part in text.split(",", 2))
    if is_institution(family if not given else text) and not _GIVEN.fullmatch(given):
        return literal(text.rstrip(", "))
    return person(family, given, suffix[0] if suffix else "")


def _issued(dates: list[dict[str, Any]]) -> dict[str, Any]:
    """Of the dates a record names the most exact one that keeps to the first year named."""
    exact = [date for date in dates if "date-parts" in date["issued"]]
    if not exact:
        return dates[0] if dates else {}
    agreeing = [d for d in exact if d["issued"]["date-parts"][0][0] == exact[0]["issued"]["date-parts"][0][0]]
    best = max(agreeing, key=lambda date: len(date["issued"]["date-parts"][0]))
    return {**exact[0], "issued": best["issued"]}


def _date(text: str) -> dict[str, Any]:
    """`2023`, `2023/09/12/`, `2023-09-12`, `12 sep 2023`, `2020a`; anything else is kept as it is printed."""
    if found := re.fullmatch(r"(\d{4})([a-z])?(?:[/-](\d{0,2})(?:[/-](\d{0,2})(?:[/-].*)?)?)?", text.strip()):
        parts = [int(found[1])]
        for part in (found[3], found[4]):
            if not part or not int(part):
                break
            parts.append(int(part))
        return {"issued": issued(*parts), **({"year-suffix": found[2]} if found[2] else {})}
    found = re.fullmatch(r"(?:(\d{1,2})\s+)?([a-z]+)\.?\s+(\d{4})", text.strip().lower())
    if found and (month := MONTH_NUMBERS.get(found[2], MONTH_NUMBERS.get(found[2][:3]))):
        return {"issued": issued(int(found[3]), month, *([int(found[1])] if found[1] else []))}
    return {"issued": {"literal": text.strip()}}


def to_ris(items: Iterable[CSL]) -> str:
    """The items as a RIS file. Nothing gives an empty text."""
    return "\n".join(map(_record, items))


def _record(item: CSL) -> str:
    """One item as a record of RIS."""
    custom = item.get("custom")
    custom = custom if isinstance(custom, Mapping) else {}
    tags = _derived(item)
    if left := custom.get("ris"):
        tags = restored(tags, left, _meaning)
    kind = (tags.pop("TY", None) or ["GEN"])[0]
    key = clean(str(custom.get("citation-key") or item.get("id") or ""))
    lines = [f"{tag}  - {value}" for tag, values in tags.items() if tag != "ER" for value in values]
    return "\n".join([f"TY  - {kind}", *lines, *([f"ID  - {key}"] if key else []), "ER  - ", ""])


def _derived(item: CSL) -> dict[str, list[str]]:
    """The tags that describe the item, in the order in which they are written."""
    kind = str(item.get("type") or "document")
    tags: dict[str, list[str]] = {"TY": [_OUT.get(kind, "GEN")]}
    written: set[str] = set()
    for tag, role in _PEOPLE:
        if role not in written and (people := names(item, role)):
            tags[tag] = list(map(written_name, people))
            written.add(role)
    number = "ISBN" if kind in _BOOKS else "ISSN"
    for tag, variable in _texts(kind):
        if variable not in written and (text := _text(item, variable)):
            tags[tag] = [text]
            written.add(variable)
    tags.update(_page_tags(_text(item, "page")))
    others = {
        "SN": [_text(item, number)],
        "AN": [_accession(_text(item, "PMID"), _text(item, "source"))],
        "C2": [text for text in [_text(item, "PMCID")] if _PMCID.fullmatch(text)],
        "UR": [_text(item, "URL")],
        "KW": [part.strip() for part in _text(item, "keyword").split(", ")],
    }
    tags.update({tag: kept for tag, values in others.items() if (kept := [value for value in values if value])})
    tags.update(_date_tags(item))
    if parts := date_parts(item, "accessed"):
        tags["Y2"] = [_slashed(parts)]
    return tags


def _accession(pmid: str, database: str) -> str:
    """The number in PubMed; with its name where the record is of no database, or of another."""
    is_named = re.search(r"(?i)pubmed|medline", database)
    return pmid if is_named or not _PMID.fullmatch(pmid) else f"PMID: {pmid}"


def _page_tags(text: str) -> dict[str, list[str]]:
    """First and last page; another text is all in the first tag."""
    if not text:
        return {}
    pages = re.fullmatch(r"(\w+)[-–](?!\1$)(\w+)", text)
    return {"SP": [pages[1]], "EP": [pages[2]]} if pages else {"SP": [text]}


def _page_range(first: str, last: str) -> str:
    """The pages of a first and a last one; the first may hold both."""
    first = re.sub(r"(?<=\w)–(?=\w)", "-", first)
    return f"{first}-{last}" if last and last != first and "-" not in first else first


def _date_tags(item: CSL) -> dict[str, list[str]]:
    """The year, and the date when its month is known."""
    if in_words := date_in_words(item):
        return {"PY": [in_words]}
    parts = date_parts(item)
    if not parts:
        return {}
    year = {"PY": [f"{parts[0]}{item.get('year-suffix') or ''}"]}
    return {**year, "DA": [_slashed(parts)]} if len(parts) > 1 else year


def _slashed(parts: Sequence[int]) -> str:
    """A date as RIS has it: `2020/05/12/`, `2020/05//`."""
    return "/".join(f"{part:02d}" for part in parts) + "/" * (4 - len(parts))


def _text(item: CSL, variable: str) -> str:
    value = item.get(variable)
    return clean(str(value)) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def written_name(name: Mapping[str, Any]) -> str:
    """A CSL name as RIS writes it: `Goot, K. van der`, `Cunha, A., Jr`; an institution as it is."""
    if name.get("literal"):
        return _written_institution(clean(str(name["literal"])))
    family, given, suffix, particle = name_parts(name)
    front = f"{particle} {family}".strip()
    if not given and not suffix:
        return front if " " not in front and not is_institution(front) else f"{front},"
    return f"{front}, {given}, {suffix}" if suffix else f"{front}, {given}"


def _written_institution(text: str) -> str:
    """An institution as it is, unless it would be read back as a person: with a comma behind it, or two for one."""
    if "literal" in _name(text):
        return text
    return text.replace(",", ",,") if "," in text else f"{text},"
