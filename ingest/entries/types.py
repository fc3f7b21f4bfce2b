"""The CSL type of an entry, from its genre and from the fields that it fills."""

from __future__ import annotations

import re
from typing import Any

from ingest.entries.patterns import TYPES_BY_GENRE


def typed(item: dict[str, Any]) -> dict[str, Any]:
    """The item with a type, and without empty fields."""
    recognised = item.pop("type", None)
    kind = _by_genre(str(item.get("genre") or "")) or recognised or _by_fields(item)
    return {"type": kind, **{field: value for field, value in item.items() if value not in ("", None, [], {})}}


def _by_genre(genre: str) -> str | None:
    return next((kind for kind, pattern in TYPES_BY_GENRE if re.search(pattern, genre, re.IGNORECASE)), None)


def _by_fields(item: dict[str, Any]) -> str:
    if item.get("number"):
        return "report"
    if item.get("version"):
        return "software"
    if _is_published_by_author(item) or _is_titled_report(item):
        return "report"
    if item.get("publisher") or item.get("edition") or item.get("ISBN"):
        return "book"
    return "webpage" if item.get("URL") else "document"


def _is_published_by_author(item: dict[str, Any]) -> bool:
    """Whether an institution published this itself: no person wrote it, and it is more than a page on the web."""
    people = item.get("author") or []
    return bool(people) and all("literal" in name for name in people) and not item.get("URL") and not item.get("ISBN")


def _is_titled_report(item: dict[str, Any]) -> bool:
    return bool(item.get("publisher") and re.search(r"(?i)\breport\b|\brapport|\bmonitor\b", str(item.get("title"))))
