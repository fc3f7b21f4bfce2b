"""CSL-JSON and items, both ways, and the schema of our output.

Our own description of CSL-JSON 1.0.2, of the shapes we emit: the same types and the same shapes of names and dates as the
official schema, and no field that it does not know. A field of a file that CSL does not have is kept under
`custom.other`, so that the output is valid and nothing of the input is lost.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kb.bibliography.items import DATE_FIELDS, NAME_FIELDS, clean
from kb.model import CSL

TYPES = (
    "article", "article-journal", "article-magazine", "article-newspaper", "bill", "book", "broadcast", "chapter",
    "classic", "collection", "dataset", "document", "entry", "entry-dictionary", "entry-encyclopedia", "event", "figure",
    "graphic", "hearing", "interview", "legal_case", "legislation", "manuscript", "map", "motion_picture",
    "musical_score", "pamphlet", "paper-conference", "patent", "performance", "periodical", "personal_communication",
    "post", "post-weblog", "regulation", "report", "review", "review-book", "software", "song", "speech", "standard",
    "thesis", "treaty", "webpage",
)  # fmt: skip
_TEXTS = (
    "abstract", "annote", "archive", "archive-place", "archive_collection", "archive_location", "authority", "call-number",
    "citation-key", "citation-label", "collection-title", "container-title", "container-title-short", "dimensions",
    "division", "DOI", "event", "event-place", "event-title", "genre", "ISBN", "ISSN", "journalAbbreviation",
    "jurisdiction", "keyword", "language", "medium", "note", "original-publisher", "original-publisher-place",
    "original-title", "part-title", "PMCID", "PMID", "publisher", "publisher-place", "references", "reviewed-genre",
    "reviewed-title", "scale", "section", "shortTitle", "source", "status", "title", "title-short", "URL", "version",
    "volume-title", "volume-title-short", "year-suffix",
)  # fmt: skip
_NUMBERS = (
    "chapter-number", "citation-number", "collection-number", "edition", "first-reference-note-number", "issue",
    "locator", "number", "number-of-pages", "number-of-volumes", "page", "page-first", "part", "part-number", "printing",
    "printing-number", "supplement", "supplement-number", "volume",
)  # fmt: skip
_NAME_PARTS = ("family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal")
_NAME_FLAGS = ("comma-suffix", "static-ordering", "parse-names")

_FLAG = {"type": ["string", "number", "boolean"]}
_NAME_SCHEMA = {
    "type": "object",
    "properties": {**{part: {"type": "string"} for part in _NAME_PARTS}, **dict.fromkeys(_NAME_FLAGS, _FLAG)},
    "additionalProperties": False,
}
_DATE_SCHEMA = {
    "type": "object",
    "properties": {
        "date-parts": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {
                "type": "array",
                "minItems": 1,
                "maxItems": 3,
                "items": {"type": ["string", "number"]},
            },
        },
        "season": {"type": ["string", "number"]},
        "circa": _FLAG,
        "literal": {"type": "string"},
        "raw": {"type": "string"},
    },
    "additionalProperties": False,
}
SCHEMA: Mapping[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": ["string", "number"]},
            "type": {"enum": list(TYPES)},
            "categories": {"type": "array", "items": {"type": "string"}},
            "custom": {"type": "object"},
            **{field: {"type": "string"} for field in _TEXTS},
            **{field: {"type": ["string", "number"]} for field in _NUMBERS},
            **{field: {"type": "array", "items": _NAME_SCHEMA} for field in NAME_FIELDS},
            **dict.fromkeys(DATE_FIELDS, _DATE_SCHEMA),
        },
    },
}


def to_csl_json(items: Iterable[CSL]) -> str:
    """The items as a CSL-JSON file: an array, also for one item or none."""
    return json.dumps([_out(item) for item in items], ensure_ascii=False, indent=2) + "\n"


def _out(item: CSL) -> dict[str, Any]:
    out = {field: value for field, value in item.items() if value not in (None, "", [], {})}
    out["id"] = item.get("id") if isinstance(item.get("id"), (str, int)) else ""
    out["type"] = item.get("type") if item.get("type") in TYPES else "document"
    return out


def _records(data: Any) -> list[Any]:
    """The records of a file: an array, one item, or the answer of Zotero's interface. Raises ValueError."""
    if isinstance(data, dict):
        data = data["items"] if isinstance(data.get("items"), list) else [data]
    if not isinstance(data, list):
        raise ValueError("no list of items")
    return data


def from_csl_json(text: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Items in the order of the file, and a line for each record that is none. Raises ValueError when it is no JSON.

    An array, one item, or `{"items": […]}` as Zotero's own interface answers.
    """
    items: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, record in enumerate(_records(json.loads(text)), 1):
        if not _is_finite(record):
            problems.append(f"record {number}: a number is too large or no number at all; the record was left out")
            continue
        if not isinstance(record, dict) or not (record.get("title") or record.get("author") or record.get("type")):
            problems.append(f"record {number}: not a CSL item; it was left out")
            continue
        item, wrong = _in(record)
        items.append(item)
        if wrong:
            problems.append(f"record {number}: {', '.join(wrong)} not as CSL has it; kept apart, the rest came in")
    return items, problems


def _is_finite(value: Any) -> bool:
    """Whether every number of a JSON value is finite: Python reads 1e999 and NaN, which no other program writes back."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    return all(map(_is_finite, value)) if isinstance(value, list) else True


_KNOWN = frozenset((*_TEXTS, *_NUMBERS, *NAME_FIELDS, *DATE_FIELDS))


def _in(record: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The item, and the names of fields with a shape that CSL does not have."""
    item: dict[str, Any] = {}
    other: dict[str, Any] = {}
    wrong: list[str] = []
    for field, value in record.items():
        if field in {"id", "type"}:
            continue
        kept = _field(field, value)
        if field == "custom" and isinstance(value, dict):
            item["custom"] = dict(value)
        elif kept is not None:
            item[field] = kept
        else:
            other[field] = value
            if field in _KNOWN:
                wrong.append(field)
    identity = record.get("id")
    item["id"] = identity if isinstance(identity, (str, int)) and not isinstance(identity, bool) else ""
    kind = record.get("type")
    item["type"] = kind if kind in TYPES else "document"
    if kind is not None and kind not in TYPES:
        other["type"] = kind
    custom = _custom(item, other)
    if custom:
        item["custom"] = custom
    return item, wrong


def _custom(item: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The item's custom fields, with its id as the citation key and the fields that are not CSL's."""
    custom: dict[str, Any] = dict(item.get("custom", {}))
    if isinstance(item["id"], str) and item["id"] and "citation-key" not in item:
        custom = {"citation-key": item["id"], **custom}
    return {**custom, "other": {**custom.get("other", {}), **other}} if other else custom


def _field(field: str, value: Any) -> Any:
    """The value as CSL has it, or None when this is no field of CSL or has another shape."""
    if field in _TEXTS or field in _NUMBERS:
        return _text_or_number(field, value)
    has_its_shape = (
        (field in NAME_FIELDS and _is_list_of(_is_name, value))
        or (field in DATE_FIELDS and _is_date(value))
        or (field == "categories" and _is_list_of(lambda word: isinstance(word, str), value))
    )
    return value if has_its_shape else None


def _is_list_of(is_one: Callable[[Any], bool], value: Any) -> bool:
    return isinstance(value, list) and all(map(is_one, value))


def _text_or_number(field: str, value: Any) -> str | int | float | None:
    """A text on one line (but for the long ones), or a number where CSL has numbers; None for other values."""
    if isinstance(value, str):
        return value if field in {"abstract", "note", "annote"} else clean(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if field in _NUMBERS else str(value)
    return None


def _is_name(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(
            (part in _NAME_PARTS and isinstance(entry, str))
            or (part in _NAME_FLAGS and isinstance(entry, (str, int, float)))
            for part, entry in value.items()
        )
    )


def _is_date(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(_is_date_part(part, entry) for part, entry in value.items())


def _is_date_part(part: str, entry: Any) -> bool:
    if part == "date-parts":
        return isinstance(entry, list) and 1 <= len(entry) <= 2 and all(_is_day(day) for day in entry)
    if part in {"literal", "raw"}:
        return isinstance(entry, str)
    return part in {"season", "circa"} and isinstance(entry, (str, int, float))


def _is_day(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= 3 and all(isinstance(n, (int, str, float)) for n in value)
