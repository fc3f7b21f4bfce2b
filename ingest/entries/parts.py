"""A CSL item from the parts that the sequence labeller found in an entry.

The labeller decides where a part begins and ends; what a part holds is read by the same rules as elsewhere in this room.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ingest.entries.containers import page_range
from ingest.entries.dates import publication
from ingest.entries.labeller import Labelled
from ingest.entries.patterns import EDITION, MEETING, PAGES, ROLE, WORD_NUMBERS
from ingest.entries.people import people_in_any_order
from ingest.grammar import INITIALS, LOWER, PARTICLE, UPPER, WORD
from kb.bibliography import clean

_QUOTES = '“”"‘’«»„'
_NUMBERS = re.compile(
    r"(?P<volume>\d{1,4})\s?\(\s?(?P<issue>[\w–/-]{1,12})\s?\)(?:\s*[:,]\s*(?P<page>[A-Za-z]?\d+(?:[-–]+[A-Za-z]?\d+)?))?"
    r"|(?P<volume2>\d{1,4})\s?:\s?(?P<page2>[A-Za-z]?\d+(?:[-–]+[A-Za-z]?\d+)?)"
)
_ISSUE = re.compile(r"(?i)\b(?:no|nr|issue|nummer|number|iss)\.?\s*(\d[\w–/-]*)|\((\d[\w–/-]*)\)")
_PAGE = re.compile(r"[A-Za-z]?\d[\d.]*(?:\s*[-–—]+\s*[A-Za-z]?\d+)?")
_AROUND_EDITORS = re.compile(r"(?i)^in\b[:.]?\s*|\(?\b(?:eds?|red|reds|edited by|onder redactie van)\b\.?\)?,?")
_INVERTED_AND_WORDS = re.compile(
    rf"^(?P<names>(?:.*(?:[,;]|\s(?:&|and|en))\s)?(?:{PARTICLE}\s)*{WORD}(?:[\s-]{WORD})?,\s{INITIALS})\s"
    rf"(?P<words>{UPPER}{LOWER}[\w’'-]*[,:?!]?(?:\s[\w’',:?!-]+){{0,4}})$"
)
"""Inverted names, the last of which ends in initials, and words behind them that are no names."""
_THESIS = re.compile(r"(?i)thesis|dissertation|proefschrift|scriptie")


def item_of(labelled: Labelled) -> dict[str, Any]:
    """The item's fields; empty without a title, or without both authors and date."""
    names = _names_and_rest(ROLE.sub("", labelled.first("author")))
    title = _title(f"{names.rest} {labelled.first('title')}")
    authors = people_in_any_order(names.names)
    dates = publication(labelled.first("date").split(";")[0])
    if not title or not (authors or dates):
        return {}
    item: dict[str, Any] = {"title": title, **dates}
    if authors:
        item["author"] = authors
    _add_container(item, labelled)
    _add_numbers(item, labelled)
    for field, label in (("publisher", "publisher"), ("publisher-place", "location")):
        if text := labelled.first(label).strip(" .,:;()"):
            item[field] = text
    if edition := EDITION.search(labelled.first("edition")):
        item["edition"] = edition["n"] or WORD_NUMBERS.get(edition["word"].lower(), edition["word"])
    if _THESIS.search(labelled.all("genre", "note")):
        item["type"] = "thesis"
    return item


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of an author part, and the first words of the title that were labelled with them."""

    names: str
    rest: str


def _names_and_rest(text: str) -> _Names:
    """`Goot, K. van der; Bond, J. Ten` cut behind the last initials: a capitalised word there begins the title."""
    match = _INVERTED_AND_WORDS.match(text)
    return _Names(match["names"], match["words"]) if match else _Names(text, "")


def _title(text: str) -> str:
    """A title without its quotation marks and the full stop or comma behind it."""
    text = clean(text).strip(" .,:;")
    if text[:1] in _QUOTES and text.rstrip(".,?!")[-1:] in _QUOTES:
        text = text.strip(_QUOTES + " ").rstrip(".,")
    elif text[:1] in _QUOTES and not any(sign in text[1:] for sign in _QUOTES):
        text = text[1:]
    return text if re.search(r"[^\W\d_]", text) else ""


def _add_container(item: dict[str, Any], labelled: Labelled) -> None:
    journal, book = labelled.first("journal"), labelled.first("container-title")
    name = re.sub(r"^(?i:in)\b[:.]?\s*", "", journal or book).strip(" ,:;" + _QUOTES)
    name = name if re.search(r"\.\s\S+\.$", name) else name.rstrip(".")
    if not re.search(r"[^\W\d_]{2}", name):
        return
    item["container-title"] = name
    if journal:
        item["type"] = "article-journal"
    else:
        item["type"] = "paper-conference" if MEETING.search(name) else "chapter"
    editors = _AROUND_EDITORS.sub("", labelled.first("editor"))
    if editors and (people := people_in_any_order(editors)):
        item["editor"] = people


def _add_numbers(item: dict[str, Any], labelled: Labelled) -> None:
    """Volume, issue and pages, which many styles print without a blank between them: `2014;3(2):62-5`."""
    volume, pages = labelled.all("volume"), labelled.first("pages")
    behind_date = labelled.first("date").partition(";")[2]
    found: dict[str, str | None] = {}
    if match := _NUMBERS.search(f"{behind_date} {volume}"):
        found = {
            "volume": match["volume"] or match["volume2"],
            "issue": match["issue"],
            "page": match["page"] or match["page2"],
        }
    elif match := re.search(r"\d+[A-Za-z]?", volume):
        found = {"volume": match.group()}
        if issue := _ISSUE.search(volume):
            found["issue"] = issue[1] or issue[2]
    if page := PAGES.search(pages) or _PAGE.search(pages):
        found.setdefault("page", None)
        found["page"] = found["page"] or (page[1] if page.re is PAGES else page.group())
    for field, value in found.items():
        if value:
            item[field] = page_range(value.strip(" .")).replace("--", "-")
