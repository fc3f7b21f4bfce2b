"""One entry of a reference list, as printed, becomes a CSL item.

    text ─► links, date of access ─► names · year · rest ─► title ─► container, numbers, publisher ─► item

The style is recognised by the place of the year (APA `Names (year). Title`, Harvard `Names, year. Title`, Chicago `Names. year.
Title`) and by quotation marks or semicolons (IEEE, MLA, Vancouver). A part that does not have the shape its style gives it is
left out: the raw text is always kept beside the item, and a gap can be filled where a wrong author cannot be seen.
"""

from __future__ import annotations

import re

from ingest.entries.arbiter import NOTHING, OF_ADDRESS_ALONE, Chosen, Reading, chosen, is_invented
from ingest.entries.containers import Item, add_additions, add_place, page_range
from ingest.entries.dates import publication
from ingest.entries.links import without_links
from ingest.entries.patterns import MEETING, PAGES, ROLE, VOLUME
from ingest.entries.people import People, credited, family_and_initials, first_inverted, given_first
from ingest.entries.titles import split_place, split_title, without_brackets
from ingest.entries.types import typed
from ingest.grammar import INITIALS, LOWER, NO_DATE, PARTICLE, UPPER, WORD, YEAR
from kb.bibliography import clean
from kb.bibliography.items import issued

LONGEST = 4000
"""A text of more characters than this is no entry."""

_NUMBER = re.compile(rf"^\s*(?:[\[(]\d{{1,4}}[\])]|\d{{1,4}}[.)](?=\s)|\d{{1,3}}(?={UPPER}{LOWER}))\s*")
_DASH = re.compile(r"[—–_-]{2,}\.?")
_WHEN = re.compile(
    rf",?\s*\(\s*(?P<when>(?:(?:{YEAR}|\d{{3,4}})\s?/\s?)?{YEAR}[a-z]?(?:[,;]\s?[^()]{{1,40}})?|{NO_DATE}(?:-?[a-z])?"
    rf"|(?:[a-z]+\s)?{YEAR}[a-z]?|\d{{1,2}}\s\w+\s{YEAR})\s*\)\s*[.,:]?\s*"
)
_CHICAGO = re.compile(rf"^(?P<head>[^“”\"]{{2,900}}?)\.?\s(?P<when>{YEAR}[a-z]?|n\.d)\.\s(?!Vol\b|No\b)(?P<rest>.+)$")
_HARVARD = re.compile(rf"^(?P<head>[^“”\"()]{{2,600}}?),\s(?P<when>{YEAR}[a-z]?)[.,]\s(?P<rest>.+)$")
_QUOTED = re.compile(
    r"^(?P<head>[^“”\"‘]{2,600}?)[.,]?\s(?:[“\"](?P<title>[^“”\"]{3,400}?)[.,?!]*[”\"]"
    r"|‘(?P<single>[^“”\"‘]{3,400}?)[.,?!]*’(?=[.,]|\s(?:[Ii]n\s|[A-Z])))[.,]?\s*(?P<rest>.*)$"
)
_NUMBERS_AND_DATE = re.compile(r",\s(?:vol|no|pp?)\.|,\s(?:[A-Z][a-z]{2,8}\.?\s)?\d{4}")
_IEEE_NAME = rf"{INITIALS}\s(?:{PARTICLE}\s)*{WORD}(?:\s{WORD})?"
_IEEE_BOOK = re.compile(
    rf"^(?P<head>{_IEEE_NAME}(?:(?:,\s|,?\s(?:and|en|&)\s){_IEEE_NAME})*),\s(?P<title>{UPPER}[^“”\"]{{3,200}}?)"
    rf"(?:,\s(?P<edition>\d{{1,2}})\w*\sed)?[.,]+\s(?P<place>[^:.]{{2,40}}):\s(?P<publisher>[^,]+),\s(?P<year>{YEAR})"
)
_VANCOUVER_NAME = rf"(?:{PARTICLE}\s)*{WORD}(?:\s{WORD})?\s{UPPER}{{1,4}}"
_VANCOUVER = re.compile(
    rf"^(?P<head>{_VANCOUVER_NAME}(?:,\s{_VANCOUVER_NAME})*(?:,?\set\sal)?)\.\s(?P<title>.+?[.?!])\s(?P<rest>.+)$"
)
_VANCOUVER_JOURNAL = re.compile(
    rf"^(?P<name>.+?)\.?\s(?P<year>{YEAR})[^;]{{0,12}};\s?(?P<volume>\w+)(?:\((?P<issue>[^)]+)\))?(?::(?P<page>[\w–-]+))?"
)


def parse(text: str, before: People | None = None) -> Item:
    """The item of `read`: the fields that are certain."""
    return read(text, before).item


def read(text: str, before: People | None = None) -> Chosen:
    """The entry as a CSL item without id, with the fields that are certain; empty when it cannot be understood.

    `before`: the authors of the entry above, for a dash that repeats them.
    """
    if len(text) > LONGEST:
        return NOTHING
    whole = clean(_NUMBER.sub("", clean(text))).lstrip(" .,;")
    entry = without_links(whole)
    reading = _by_rules(re.sub(r"(?i)^(?:bron|source|uit)\s*:\s*", "", entry.text), before or [])
    found = chosen(reading, whole)
    if found.item:
        return Chosen(typed({**found.item, **entry.fields}), found.confidence)
    return Chosen(typed(entry.fields), OF_ADDRESS_ALONE) if entry.fields.get("DOI") else NOTHING


def _by_rules(body: str, before: People) -> Reading | None:
    """The reading by the first style whose shape the entry has."""
    for style in (_apa, _chicago, _harvard, _quoted, _ieee_book, _vancouver):
        item = style(body, before)
        if item and not is_invented(item):
            return Reading(style.__name__.strip("_"), item)
    return None


# --- styles with the year behind the names


def _apa(body: str, before: People) -> Item:
    """`Goot, K. van der, & Bond, J. (2020). Title. Journal, 1(2), 3–4.`"""
    match = next((m for m in _WHEN.finditer(body) if _may_be_names(body[: m.start()])), None)
    if not match or match.start() > 1500:
        return {}
    head, rest, when = body[: match.start()].strip(), body[match.end() :].strip(), publication(match["when"])
    who = credited(head)
    people = before if _DASH.fullmatch(head) else who.people
    if not people:
        return _title_first(head, rest, when)
    is_in_reference_work = len(people) == 1 and "literal" in people[0] and re.match(r"In\s[A-Z]", rest)
    if is_in_reference_work or not rest:
        # "Belonging. (2023). In Wikipedia.", "Beam Guru. (2019)." and a link: the title precedes the year.
        return _with_place({"title": head.rstrip(" ."), **when}, rest)
    role = "author" if people is before else who.role
    item: Item = {role: people, **when, **_title_and_place(rest)}
    return item if item.get("title") else {}


def _may_be_names(head: str) -> bool:
    """Whether a text before a year in brackets can be names."""
    head = head.strip()
    return bool(head) and head.count("(") == head.count(")") and not re.search(r"[“”\"]|\bIn\b\s[A-Z]\.", head)


def _title_first(head: str, rest: str, when: Item) -> Item:
    """`A title. With a second sentence. (2015). Publisher.`"""
    if not (re.search(r"[.?!]$", head) and len(head.split()) > 2 and re.match(UPPER, head)):
        return {}
    return _with_place({"title": head.rstrip("."), **when}, rest)


def _with_place(item: Item, rest: str) -> Item:
    if rest:
        add_place(item, rest)
    return item


def _chicago(body: str, before: People) -> Item:
    """`Goot, Karel van der, and James Bond. 2020. “Title.” Journal 1 (2): 3–4.`"""
    match = _CHICAGO.match(body)
    if not match:
        return {}
    head = match["head"].strip()
    is_dash = _DASH.fullmatch(head)
    people = before if is_dash else first_inverted(head)
    if not people:
        return {}
    role = "editor" if ROLE.search(head) and not is_dash else "author"
    return {role: people, **publication(match["when"]), **_title_and_place(match["rest"].strip())}


def _harvard(body: str, before: People) -> Item:
    """`Goot, K. van der & Bond, J., 2020. Title. Journal, 1(2), pp. 3–4.`"""
    match = _HARVARD.match(body)
    who = credited(match["head"]) if match else None
    if not match or not who or not who.people:
        return {}
    return {who.role: who.people, **publication(match["when"]), **_title_and_place(match["rest"])}


def _title_and_place(text: str) -> Item:
    """Title and place of appearance: the text behind the year."""
    split = split_title(text)
    if not split.rest.strip(" ."):
        split = split_place(split.title)
    bare = without_brackets(split.title)
    title, after = bare.title, split.rest
    item: Item = {"title": title.strip(" .") if title.endswith(("..", " .")) else title.rstrip(".").strip()}
    add_additions(item, bare.additions)
    while match := re.match(r"^\s*(\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])\s*\.?\s*", after):
        if match[1].startswith("["):
            bare.genres.append(match[1][1:-1])
        else:
            add_additions(item, [match[1][1:-1]])
        after = after[match.end() :]
    for genre in bare.genres:
        _add_genre(item, genre)
    if after.strip(" ."):
        add_place(item, after.strip())
    return item if re.search(r"\w", item["title"]) else {}


def _add_genre(item: Item, genre: str) -> None:
    """`[Doctoral dissertation, Leiden University]`."""
    kind, _, place = genre.partition(",")
    item.setdefault("genre", kind.strip())
    if place.strip() and re.search(r"(?i)thesis|dissertation|proefschrift|scriptie", kind):
        item.setdefault("publisher", place.strip())


# --- styles with the year at the end


def _quoted(body: str, before: People) -> Item:
    """IEEE and MLA: names, a title in quotation marks, the place it appeared in with the year behind it."""
    match = _QUOTED.match(body)
    if not match:
        return {}
    rest = match["rest"].strip()
    years = re.findall(rf"\b({YEAR})\b", rest)
    is_given_first = re.match(rf"^{INITIALS}\s", match["head"])
    people = credited(match["head"]).people if is_given_first else first_inverted(match["head"])
    if not people or not years:
        return {}
    item: Item = {
        "author": people,
        "title": (match["title"] or match["single"]).strip(),
        "issued": issued(int(years[-1])),
    }
    _add_numbers(item, rest)
    container = _NUMBERS_AND_DATE.split(re.sub(r"^in\s+", "", rest, flags=re.IGNORECASE))[0]
    if re.match(r"[A-Z]|[a-z]+\s[A-Z]", container.strip(" .,")):
        is_abbreviated = re.search(r"\.\s\S+\.", container)
        item["container-title"] = container.strip(" ,") if is_abbreviated else container.strip(" .,")
    if "volume" in item or "issue" in item:
        item["type"] = "article-journal"
    elif MEETING.search(container):
        item["type"] = "paper-conference"
    return item


def _add_numbers(item: Item, text: str) -> None:
    """`vol. 1, no. 2, pp. 3–4`."""
    if pages := PAGES.search(text):
        item["page"] = page_range(pages[1]).rstrip(".")
    if volume := VOLUME.search(text):
        item["volume"] = volume[1]
    if number := re.search(r"\bno\.\s*([\w–-]+)", text):
        item["issue"] = number[1]


def _ieee_book(body: str, before: People) -> Item:
    """`V. Tinto, Leaving College, 2nd ed. Chicago: UCP, 1993.`"""
    match = _IEEE_BOOK.match(body)
    if not match:
        return {}
    item = {"author": given_first(match["head"]), "title": match["title"], "issued": issued(int(match["year"]))}
    for field, part in (("edition", "edition"), ("publisher-place", "place"), ("publisher", "publisher")):
        if match[part]:
            item[field] = match[part].strip()
    return {**item, "type": "book"}


def _vancouver(body: str, before: People) -> Item:
    """`Smith J, Jones K. Title. Journal. 2014;3(2):62-5.`, and books with `Place: Publisher; year`."""
    match = _VANCOUVER.match(body)
    if not match:
        return {}
    names = re.split(r",\s", re.sub(r",?\set\sal$", "", match["head"]))
    item: Item = {
        "author": [family_and_initials(name) for name in names],
        "title": match["title"].rstrip(".").strip(),
    }
    if journal := _VANCOUVER_JOURNAL.match(match["rest"]):
        item |= {"type": "article-journal", "issued": issued(int(journal["year"]))}
        item["container-title"] = journal["name"].rstrip(".")
        for part in ("volume", "issue", "page"):
            if journal[part]:
                item[part] = journal[part].replace("–", "-")
        return item
    years = re.findall(rf"\b({YEAR})\b", match["rest"])
    if not years:
        return {}
    item["issued"] = issued(int(years[-1]))
    if place := re.match(rf"^(?P<place>[^:;]+):\s(?P<publisher>[^;]+);\s{YEAR}", match["rest"]):
        item["publisher-place"], item["publisher"] = place["place"], place["publisher"]
    return item
