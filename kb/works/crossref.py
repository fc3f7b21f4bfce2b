"""Looking a reference up at Crossref, when a person asks for it: off by default, never while a document is taken in.

    item ─► its DOI, else its authors, title and year ─► Crossref (or the cache) ─► works ─► the best, as a suggestion

A suggestion is shown with a score and changes nothing by itself. It is called agreeing only when title, year and first
author do, because a search by words always finds something, and a DOI printed in a paper may be wrong.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from rapidfuzz import fuzz

from kb.bibliography import (
    authors,
    clean,
    clean_doi,
    full_family,
    literal,
    person,
    plain,
    same_family,
    title,
    titles_agree,
    year,
)
from kb.bibliography.items import names
from kb.bibliography.sameness import normal_title
from kb.durable import replacing
from kb.errors import KnowledgeBaseError
from kb.model import CSL, Reason, Suggestion

CROSSREF = "https://api.crossref.org"
TIMEOUT = 8.0
"""Seconds to wait for an answer."""
SHOWN = 0.5
"""Suggestions that are less like the item than this are not shown."""

_TYPES = {
    "journal-article": "article-journal", "proceedings-article": "paper-conference", "book-chapter": "chapter",
    "book-section": "chapter", "book-part": "chapter", "book": "book", "monograph": "book", "edited-book": "book",
    "reference-book": "book", "report": "report", "report-component": "report", "dissertation": "thesis",
    "dataset": "dataset", "posted-content": "article", "standard": "standard",
}  # fmt: skip
_TEXTS = ("volume", "issue", "page", "publisher", "publisher-location", "DOI", "URL", "language")


class Cache(Protocol):
    """Keeps Crossref's answers as text, under a key per question; a dict is one."""

    def get(self, key: str, /) -> str | None: ...

    def __setitem__(self, key: str, value: str, /) -> None: ...


class CacheFolder:
    """A cache with a small JSON file per question, named after the question's digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str, /) -> str | None:
        """The answer that was kept; None when there is none, or none that can be read."""
        try:
            kept = self._place(key).read_text(encoding="utf-8")
            return kept if isinstance(json.loads(kept), list) else None
        except (OSError, ValueError):
            return None

    def __setitem__(self, key: str, value: str, /) -> None:
        # A disk that is full, or may only be read, costs a second question and nothing else.
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._place(key)) as file:
                file.write(value.encode("utf-8"))

    def _place(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}.json"


def look_up(
    csl: CSL,
    *,
    cache: Cache | None = None,
    base_url: str | None = None,
    timeout: float = TIMEOUT,
    mailto: str | None = None,
) -> Suggestion | None:
    """The work at Crossref that is most like the item; None when nothing is like it.

    A question whose answer is in the cache is not asked again. `base_url` is where Crossref answers, when elsewhere.
    Raises a KnowledgeBaseError of one line when Crossref cannot be asked or does not answer within `timeout` seconds.
    """
    doi = clean_doi(str(csl.get("DOI") or ""))
    base_url = base_url or CROSSREF
    found: list[dict[str, Any]] = []
    if doi:
        found = _asked(f"doi:{doi.lower()}", cache, base_url, timeout, mailto, ids=doi)
    if not found and title(csl):
        words = " ".join([*authors(csl)[:3], title(csl), str(year(csl) or "")]).strip()
        key = f"query:{words.casefold()}"
        found = _asked(key, cache, base_url, timeout, mailto, query_bibliographic=words, limit=3)
    judged = [_judged(csl, item) for item in map(_item, found) if title(item)]
    best = max(judged, key=lambda suggestion: (suggestion.agrees, suggestion.score), default=None)
    return best if best is not None and best.score >= SHOWN else None


def _asked(
    key: str, cache: Cache | None, base_url: str, timeout: float, mailto: str | None, **question: Any
) -> list[dict[str, Any]]:
    if cache is not None and (kept := cache.get(key)) is not None:
        return list(json.loads(kept))
    works = _works(base_url, timeout, mailto, question)
    if cache is not None:
        cache[key] = json.dumps(works, ensure_ascii=False)
    return works


def _works(base_url: str, timeout: float, mailto: str | None, question: Mapping[str, Any]) -> list[dict[str, Any]]:
    from habanero import Crossref, RequestError

    try:
        answer = Crossref(base_url=base_url, mailto=mailto, timeout=timeout).works(**question)
    except RequestError as error:
        if error.status_code == 404:
            return []
        raise _failed(f"it answered {error.status_code}") from error
    except Exception as error:  # habanero lets the errors of two HTTP libraries through, and RuntimeError
        response = getattr(error, "response", None)
        if getattr(response, "status_code", None) == 404:
            return []
        raise _failed("it does not answer" if "time" in str(error).lower() else clean(str(error))[:120]) from error
    message = answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(message, dict):
        raise _failed("its answer cannot be read")
    items = message.get("items", [message])
    return [item for item in items if isinstance(item, dict)]


def _failed(why: str) -> KnowledgeBaseError:
    return KnowledgeBaseError(f"Crossref cannot be asked now ({why}): try again later; nothing was changed")


def _item(work: Mapping[str, Any]) -> dict[str, Any]:
    """Crossref's record as a CSL item."""
    item: dict[str, Any] = {"type": _TYPES.get(str(work.get("type")), "document")}
    if first := _first(work.get("title")):
        subtitle = _first(work.get("subtitle"))
        item["title"] = f"{first}: {subtitle}" if subtitle and subtitle.casefold() not in first.casefold() else first
    if container := _first(work.get("container-title")):
        item["container-title"] = container
    for role in ("author", "editor"):
        if people := _people(work.get(role)):
            item[role] = people
    for field in _TEXTS:
        if isinstance(value := work.get(field), str) and clean(value):
            item["publisher-place" if field == "publisher-location" else field] = clean(value)
    for source, field in (("ISBN", "ISBN"), ("ISSN", "ISSN")):
        if value := _first(work.get(source)):
            item[field] = value
    if date := _date_parts(work.get("issued")):
        item["issued"] = {"date-parts": [date]}
    return item


def _people(listed: Any) -> list[dict[str, Any]]:
    """The names of a role; those without a family name are left out."""
    people = [_name(name) for name in listed or () if isinstance(name, Mapping)]
    return [name for name in people if full_family(name)]


def _date_parts(dated: Any) -> list[int]:
    """Year, month and day, as far as known."""
    parts = dated.get("date-parts") if isinstance(dated, Mapping) else None
    first = parts[0] if parts and isinstance(parts[0], list) else []
    return [part for part in first if isinstance(part, int)] if first and isinstance(first[0], int) else []


def _first(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return plain(value) if isinstance(value, str) else ""


def _name(name: Mapping[str, Any]) -> dict[str, Any]:
    if name.get("family"):
        return person(
            clean(str(name["family"])), clean(str(name.get("given") or "")), clean(str(name.get("suffix") or ""))
        )
    return literal(clean(str(name.get("name") or "")))


def _judged(csl: CSL, item: dict[str, Any]) -> Suggestion:
    """How a work compares: six parts title, two parts year, two parts first author."""
    alike = fuzz.ratio(normal_title(title(csl)), normal_title(title(item))) / 100 if title(csl) else 0.0
    same_title = titles_agree(title(csl), title(item))
    same_year = year(csl) is not None and year(csl) == year(item)
    ours, theirs = names(csl) or names(csl, "editor"), names(item) or names(item, "editor")
    same_author = bool(ours and theirs) and same_family(full_family(ours[0]), full_family(theirs[0]))
    score = 0.6 * alike + 0.2 * same_year + 0.2 * same_author
    parts = {"title": same_title, "year": same_year, "first-author": same_author}
    differing = tuple(name for name, same in parts.items() if not same)
    reason = Reason("crossref-differs", differing) if differing else Reason("crossref-agrees")
    return Suggestion(item, round(score, 3), not differing, reason)
