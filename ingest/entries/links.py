"""Links, ISBN and date of access of an entry, which most styles print at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ingest.entries.dates import date
from kb.bibliography import clean
from kb.bibliography.identifiers import DOI, DOI_RESOLVER, trim_link
from kb.bibliography.items import issued

_DOI = re.compile(rf"(?i)(?:{DOI_RESOLVER}|doi\s*:\s*(?:{DOI_RESOLVER})?|\bDOI\s+)?({DOI})")
_URL = re.compile(r"(?i)\b(?:https?://|www\.)\S+")
_ACCESS = re.compile(
    r"""(?ix) [\[(;,]?\s* \b (?: retrieved | accessed | geraadpleegd | opgehaald | bekeken | gelezen | verkregen
      | last \s (?:checked|accessed) | visited )
    (?: \s* (?:on|op) )? \s* :? \s* (?P<date> \d{1,2} [\s-] [\w.]+ [\s-] \d{4}
      | [a-z]+ \.? \s \d{1,2} ,? \s \d{4} | \d{4}-\d\d-\d\d | \d{1,2}[-/]\d{1,2}[-/]\d{4} | \d{4} )?
    ,? \s* (?: from | van | via | op | at | through )? \s* :? (?=\s|$|[\].)]|https?:|www\.) [\])]?"""
)
_AVAILABLE = re.compile(
    r"(?i)(?:available\s(?:at|from|online)|beschikbaar\s(?:op|via)|te vinden op|online via|url)\s*:?\s*$"
)
_ISBN = re.compile(r"(?i)\bISBN(?:-1[03])?:?\s*((?:97[89][\s-]?)?(?:\d[\s-]?){9}[\dX])\b\.?")


@dataclass(frozen=True, slots=True)
class WithoutLinks:
    """An entry's text without its links, and the CSL fields that those filled."""

    text: str
    fields: dict[str, Any]


def without_links(text: str) -> WithoutLinks:
    """An entry apart from its DOI, addresses, ISBN and date of access."""
    fields: dict[str, Any] = {}
    text = _take_doi(text, fields)
    for match in _URL.finditer(text):
        url = trim_link(match.group())
        if "doi.org" not in url:
            fields.setdefault("URL", url if url.lower().startswith("http") else f"http://{url}")
    text = clean(_URL.sub(" ", text))
    if isbn := _ISBN.search(text):
        fields["ISBN"] = re.sub(r"\s", "", isbn[1])
        text = text[: isbn.start()] + text[isbn.end() :]
    text = _take_date_of_access(text, fields)
    text = _AVAILABLE.sub("", re.sub(r"\(\s*\)|\[\s*\]|<\s*>", "", text).rstrip(" .,;<>"))
    return WithoutLinks(clean(text).rstrip(" ,;<>").strip(), fields)


def _take_doi(text: str, fields: dict[str, Any]) -> str:
    match = _DOI.search(text)
    if not match:
        return text
    doi = trim_link(match[1])
    fields["DOI"] = doi.replace("%5D", "]").replace("%5B", "[")
    return text[: match.start()] + " " + text[match.start(1) + len(doi) :]


def _take_date_of_access(text: str, fields: dict[str, Any]) -> str:
    """The text without "Geraadpleegd op 1 mei 2025": with a date anywhere, without one in the second half."""
    match = _ACCESS.search(text)
    if not match:
        return text
    day = date(match["date"] or "")
    if not day and match.start() <= len(text) * 0.5:
        return text
    if day:
        fields["accessed"] = issued(*day)
    return text[: match.start()] + text[match.end() :]
