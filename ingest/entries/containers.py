"""Where a work appeared: journal, book or proceedings, numbers and pages, publisher.

Each function takes a CSL item and a text, and adds the fields that it recognises in the text; fields that are there stay.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.entries.patterns import (
    EDITION,
    JOURNAL,
    JOURNAL_WORDS,
    MEETING,
    NEWSPAPERS,
    NUMBER,
    PAGE_RANGE,
    PAGES,
    PUBLISHERS,
    VOLUME,
    WORD_NUMBERS,
)
from ingest.entries.people import editors, people_in_addition
from ingest.entries.titles import split_title, without_brackets
from ingest.grammar import YEAR
from kb.bibliography.items import issued

Item = dict[str, Any]

_IN = re.compile(r"^[Ii]n:?\s+(?=[A-Z“\"'‘(]|de\s|het\s|the\s|van\s|\d)(.+)$")
_CHICAGO_JOURNAL = re.compile(
    r"^(?P<name>[^\d.]{2,120}?)\s(?P<volume>\d{1,4})\s?(?:\((?P<issue>[^()]+)\))?\s?:\s?(?P<page>[\w–-]+)\.?\s*$"
)
_EDITED = re.compile(r"^(?P<who>.{3,300}?)\s*\((?:Eds?|Reds?|red|eds?|Hrsg)\.?\),?\s*(?P<rest>.+)$")
_ORIGINAL_YEAR = re.compile(rf"(?i)\s*\((?:oorspronkelijk|original)[^()]*?\b({YEAR})\b[^()]*\)?$")
_LONGEST_PUBLISHER = 160


def page_range(text: str) -> str:
    """A range of pages with a plain hyphen, as CSL has it."""
    return re.sub(r"\s*[-–]\s*", "-", text)


def add_additions(item: Item, texts: list[str]) -> None:
    """Fields from brackets behind a title: `(3rd ed., pp. 1–20)`, `(Vol. 2)`, `(J. Bond, Trans.)`."""
    for text in texts:
        if match := EDITION.search(text):
            item.setdefault("edition", _edition(match))
        if match := VOLUME.search(text):
            item.setdefault("volume", match[1])
        if match := PAGES.search(text):
            item.setdefault("page", page_range(match[1]).rstrip("."))
        if version := re.search(r"(?i)\b(?:version|versie)\s+([\w.]+)", text):
            item.setdefault("version", version[1])
        elif number := NUMBER.search(text):
            item.setdefault("number", number[1])
        if match := re.match(r"^(.+?),\s*(?:Eds?|Reds?|red)\.", text):
            item.setdefault("editor", people_in_addition(match[1]))
        if match := re.match(r"(?i)^(.+?),\s*(?:trans|vert|vertal\w*)\b\.?", text):
            item.setdefault("translator", people_in_addition(match[1]))


def _edition(match: re.Match[str]) -> str:
    return str(match["n"] or WORD_NUMBERS.get(match["word"].lower(), match["word"]))


def add_place(item: Item, text: str) -> None:
    """Fields from what follows a title: container, volume, issue, pages and publisher."""
    if match := _IN.match(text):
        _add_container(item, match[1])
    elif text.startswith("In, "):
        _add_unnamed_container(item, text)
    elif match := _CHICAGO_JOURNAL.match(text):
        fields = {"volume": match["volume"], "issue": match["issue"], "page": match["page"].replace("–", "-")}
        item.update({"container-title": match["name"].strip(" ,"), "type": "article-journal"})
        item.update({field: value for field, value in fields.items() if value})
    elif not ((match := JOURNAL.match(text.rstrip(" ."))) and _add_journal(item, match)):
        _add_other_place(item, text)


def _add_unnamed_container(item: Item, text: str) -> None:
    """`In, 51–56. Austin, Texas`: proceedings whose title is missing."""
    if pages := re.match(rf"^In,\s*({PAGE_RANGE})\.?\s*(.*)$", text):
        item["page"] = page_range(pages[1])
        item.setdefault("type", "paper-conference")
        _add_publisher(item, pages[2])


def _add_journal(item: Item, match: re.Match[str]) -> bool:
    """A journal with its numbers; false when the number is the year of a sentence ("Zenodo, 2019")."""
    volume, page = match["volume"], match["page"] or match["page2"]
    issue = match["issue"] or match["issue2"]
    # "Annals of Statistics, 1189–1232": one range and nothing else is pages.
    if volume and re.search(r"[-–]", volume) and not page and not match["issue"]:
        volume, page = None, volume
    if volume and re.fullmatch(YEAR, volume) and not page:
        return False
    name = match["name"].strip()
    item["container-title"] = name
    for field, value in (("volume", volume), ("issue", issue), ("page", page)):
        if value:
            item[field] = page_range(value.strip())
    item["type"] = "paper-conference" if MEETING.search(name) and not volume else "article-journal"
    return True


def _add_other_place(item: Item, text: str) -> None:
    """A newspaper, a journal without numbers, or a publisher."""
    split = split_title(text)
    first = split.title.strip(" .")
    if not first:
        return
    if NEWSPAPERS.match(first):
        item["container-title"], item["type"] = re.split(r",\s", first)[0], "article-newspaper"
    elif JOURNAL_WORDS.search(first) and not PUBLISHERS.search(first):
        item["container-title"] = first
        item.setdefault("type", "paper-conference" if MEETING.search(first) else "article-journal")
        _add_publisher(item, split.rest)
    else:
        _add_publisher(item, text)


def _add_container(item: Item, text: str) -> None:
    """`M. Iri & K. Tanabe (Eds.), Title (3rd ed., pp. 1–20). Publisher`."""
    if match := _EDITED.match(text):
        if people := editors(match["who"].strip(" ,")):
            item["editor"] = people
        text = match["rest"]
    split = split_title(text)
    bare = without_brackets(split.title)
    add_additions(item, bare.additions)
    name, after = bare.title, split.rest
    while match := re.match(r"^\s*\(([^()]*)\)\s*\.?\s*", after):
        add_additions(item, [match[1]])
        after = after[match.end() :]
    if journal := JOURNAL.match(name.strip(" .")):
        name = journal["name"]
        if page := journal["page"] or journal["page2"] or journal["volume"]:
            item.setdefault("page", page_range(page))
    if name.strip(" ."):
        item["container-title"] = name.strip(" .,")
    if re.search(r"(?i)repository|github", name):
        item["type"] = "software"
    else:
        item["type"] = "paper-conference" if MEETING.search(name) else "chapter"
    _add_publisher(item, after)


def _add_publisher(item: Item, text: str) -> None:
    """`2nd ed. Utrecht: Boom`, with the year of the original behind it."""
    text = text.strip(" .;,")
    if match := _ORIGINAL_YEAR.search(text):
        item.setdefault("original-date", issued(int(match[1])))
        text = text[: match.start()].strip(" .;,")
    if not text or len(text) > _LONGEST_PUBLISHER:
        return
    if match := EDITION.match(text):
        item.setdefault("edition", _edition(match))
        text = text[match.end() :].strip(" .,;")
    if match := re.match(r"^(?P<place>[^:.]{2,60}):\s+(?P<publisher>.+)$", text):
        item.setdefault("publisher-place", match["place"].strip())
        text = match["publisher"].strip()
    text = re.sub(r"\s*\[[^\]]*\]\s*$", "", text).strip(" .,")
    if text and not re.search(r"\d{3,}", text):
        item.setdefault("publisher", text)
