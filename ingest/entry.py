"""One entry of a reference list, as printed, becomes a CSL item.

    text ─► links, dates of access off its end ─► who · when · what ─► title ─► container, numbers, publisher ─► item

The style is told by where the year stands: APA `Who (year). What`, Harvard `Who, year. What`, Chicago `Who. year.
What`,
and by quotation marks or semicolons IEEE, MLA and Vancouver. A part that does not have the shape its style gives
it is left
out: the raw text is always kept beside the item, and a gap can be filled where a wrong author cannot be seen.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.lists import INITIALS, LOWER, NO_DATE, PARTICLE, UPPER, WORD, YEAR
from kb.bibliography import clean, is_institution, literal, person
from kb.bibliography.identifiers import trim_link
from kb.bibliography.items import MONTH_NUMBERS, issued
from kb.bibliography.items import name as any_name

LONGEST = 4000
"""A text of more characters than this is no entry."""

_DOI = re.compile(
    r"(?i)(?:https?://(?:dx\.)?doi\.org/|doi\s*:\s*(?:https?://(?:dx\.)?doi\.org/)?|\bDOI\s+)?(10\.\d{4,9}/\S+)"
)
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
_WHEN = re.compile(
    rf",?\s*\(\s*(?P<when>(?:(?:{YEAR}|\d{{3,4}})\s?/\s?)?{YEAR}[a-z]?(?:[,;]\s?[^()]{{1,40}})?|{NO_DATE}(?:-?[a-z])?"
    rf"|(?:[a-z]+\s)?{YEAR}[a-z]?|\d{{1,2}}\s\w+\s{YEAR})\s*\)\s*[.,:]?\s*"
)
_ROLE = re.compile(r"(?i),?\s*\(?\b(?:eds?|red|hrsg|reds|editors?|redactie)\b\.?\)?\.?\s*$")
_EDITION = re.compile(
    r"(?i)\b(?:(?P<n>\d{1,2})\s?(?:st|nd|rd|th|e|de|ste)?\s*(?:,?\s*\w+\.?)?\s*(?:ed\b\.?|edition|druk|dr\b\.?"
    r"|editie|uitgave|uitg\b\.?)"
    r"|(?P<word>second|third|fourth|fifth|tweede|derde|vierde|vijfde|revised|rev\."
    r"|herziene)\s(?:\w+\s)?(?:ed\b\.?|edition|druk|editie))"
)
_WORD_NUMBERS = dict(
    zip("second third fourth fifth tweede derde vierde vijfde".split(), "2 3 4 5 2 3 4 5".split(), strict=True)
)
_VOLUME = re.compile(r"(?i)\b(?:vol\.?|volume|dl\.?|deel|band|bd\.)\s*(\d+[a-z]?(?:[-–]\d+)?|[IVX]+)\b")
_PAGES = re.compile(
    r"(?i)\b(?:pp?\.|blz\.?|pag\.|pages?|pagina(?:'s)?)\s*([A-Za-z]?\d[\w.]*(?:\s*[-–]\s*[A-Za-z]?\d[\w.]*)?)"
)
_NUMBER = re.compile(
    r"(?i)\b(?:(?:report|rapport|working paper|paper|publication|publicatie|occasional \w+)\s)?(?:no\.?|nr\.?"
    r"|number|nummer)\s*([\w.-]*\d[\w.-]*)"
)
_RANGE = r"[A-Za-z]{0,2}\d[\w.]*(?:\s?[-–]\s?[A-Za-z]{0,2}\d[\w.]*)+|[eE]\d{3,}(?:\s?[-–]\s?[eE]?\d+)?"
_JOURNAL = re.compile(
    rf"""(?x) ^ (?P<name> .{{2,160}}? ) ,\s*
    (?: (?:[Vv]ol(?:ume)?\.?|[Jj]rg\.?|[Jj]aargang|[Jj]g\.)?\s* (?P<volume> \d{{1,4}} (?:[-–/]\d{{1,4}})?
      | [A-Za-z]+/\d[\d.]* | [IVXL]+ ) (?![\w-]*–)
        \s* (?: ,?\s*\( \s* (?P<issue> [^()]{{1,40}} ) \)
          | ,\s* (?:[Nn]o|[Nn]r|[Ii]ssue|[Nn]ummer)\.?\s* (?P<issue2>[\w/–-]+) | :(?=\s?\d) )?
        (?: \s* [,:;]\s* (?:pp?\.|blz\.|[Aa]rticle|[Aa]rt\.|[Aa]rtikel|[Pp]aper)?\s* (?P<page> {_RANGE} | \d[\w.]* ) )?
      | (?: pp?\.\s* | blz\.\s* | [Aa]rticle\s* )? (?P<page2> {_RANGE} | (?<=Article\s)\d+ | \d{{5,}} ) )
    (?P<rest> (?: \s* [,.;] .* )? ) $"""
)
_JOURNAL_WORDS = re.compile(
    r"(?i)\b(?:journal|tijdschrift|proceedings|review|transactions|annals|bulletin|magazine|quarterly|letters"
    r"|archives|courant|dagblad|bioRxiv|arxiv|preprint)\b"
)
_MEETING = re.compile(r"(?i)\b(?:proceedings|conference|conferentie|congres|symposium|workshop|meeting|handelingen)\b")
_PUBLISHERS = re.compile(
    r"(?i)\b(?:press|publish\w*|publications?|uitgever\w*|books|verlag|university|universiteit\w*|hogescho\w+"
    r"|uitgeverij|routledge|springer|wiley|sage|elsevier|boom|lemma|eburon|zenodo|github|garant|acco|lannoo"
    r"|coutinho|noordhoff|inc|ltd|instituut|institute|association|department|ministerie|foundation|stichting)\b"
)
_GENRES = re.compile(
    r"(?i)thesis|dissertation|proefschrift|scriptie|report|rapport|software|powerpoint|slides|presentati"
    r"|webinar|video|podcast|blog|data ?set|poster|brochure|infographic|lezing|lecture|website|web ?page|brief"
    r"|letter|preprint|toespraak|paper|notitie|factsheet|whitepaper|app\b|film|afbeelding|tool"
)
_TYPES_BY_GENRE = (
    ("thesis", r"thesis|dissertation|proefschrift|scriptie"),
    ("software", r"software|\bapp\b|tool"),
    ("speech", r"powerpoint|slides|presentati|webinar|lezing|lecture|toespraak|poster"),
    ("dataset", r"data ?set"),
    ("motion_picture", r"video|film"),
    ("song", r"podcast"),
    ("post-weblog", r"blog"),
    ("report", r"report|rapport|notitie|factsheet|whitepaper|brochure|brief|paper"),
    ("webpage", r"website|web ?page"),
    ("graphic", r"infographic|afbeelding"),
    ("article", r"preprint"),
)
_PLACES = (
    "(?:Amsterdam|Rotterdam|Utrecht|Den Haag|Den Bosch|'s-Hertogenbosch|Groningen|Leiden|Nijmegen|Assen"
    "|Bussum|Houten|Antwerpen|Apeldoorn"
    "|Arnhem|Delft|Eindhoven|Tilburg|Enschede|Maastricht|Wageningen|Zwolle|Leuven|Gent|Brussel|Brussels"
    "|London|Londen|Oxford|Cambridge"
    "|New York|San Francisco|Chicago|Boston|Paris|Parijs|Berlin|Washington|Thousand Oaks|Englewood Cliffs"
    "|Princeton|Toronto|Sydney)"
)
_NEWSPAPERS = re.compile(
    r"(?:de Volkskrant|NRC(?: Handelsblad)?|Trouw|Het Parool|het Parool|de Telegraaf|Het Financieele Dagblad"
    r"|De Groene Amsterdammer|Folia"
    r"|De Correspondent|ScienceGuide|HOP|Punt\.|Profielen|The Guardian|The New York Times|Times Higher Education)\b"
)
_OPENS = re.compile(
    rf"{UPPER}|[\d“\"‘\[(]|arXiv|bio[Rr]xiv|medRxiv|e[A-Z]|i[A-Z]|lulu|[a-z]+\.[a-z]+|in\s{UPPER}|npj|m[A-Z]"
    rf"|(?:de|het)\s{UPPER}"
)
"""What may open the sentence after a title."""
_SMALL_JOURNAL = re.compile(r"[a-z][\w\s&:’'-]{2,80},\s\d{1,4}\s?\([\d–-]{1,9}\),\s\w?\d")
"""A journal that writes itself without a capital: "portal: Libraries and the Academy, 9(2), 181"."""
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\[“\"])(?:[A-Z]|vs|St|Dr|Prof|Mr|Mrs|Ms|Vol|vol|No|no|nr|pp|p|ed|eds|Eds|Ed|Red|red|al|cf|vgl"
    r"|ca|jr|Jr|Sr|dl|blz|e\.g|i\.e|bijv|m\.b\.t|d\.w\.z|o\.a|etc|Inc|Ltd|U\.S|U\.K|Ph\.D|incl|resp|zgn|Sept"
    r"|Jan|Feb|Aug|Oct|Nov|Dec|Clim|Nat|Eur|Phys|Int|Proc|J|Sci|Res|Educ|Psychol|Rev|Am|Conf|Assoc)$"
)


def parse(text: str, before: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The entry as a CSL item without id, with the fields that are sure; empty when it cannot be understood.

    `before`: the authors of the entry above, for a dash that repeats them.
    """
    if len(text) > LONGEST:
        return {}
    body, item = _tail(clean(re.sub(r"^\s*(?:\[\d{1,4}\]|\d{1,4}[.)](?=\s))\s*", "", clean(text))))
    body = re.sub(r"(?i)^(?:bron|source|uit)\s*:\s*", "", body)
    for style in (_apa, _chicago, _harvard, _quoted, _ieee_book, _vancouver):
        found = style(body, before or [])
        if found:
            return _typed({**found, **item})
    return _typed(item) if item.get("DOI") else {}


def _tail(text: str) -> tuple[str, dict[str, Any]]:
    """The entry without its links, ISBN and date of access, and what those said."""
    item: dict[str, Any] = {}
    if found := _DOI.search(text):
        doi = trim_link(found[1])
        item["DOI"] = re.sub(r"%5B", "[", re.sub(r"%5D", "]", doi))
        text = text[: found.start()] + " " + text[found.start(1) + len(doi) :]
    for found in _URL.finditer(text):
        url = trim_link(found.group())
        if "doi.org" not in url:
            item.setdefault("URL", url if url.lower().startswith("http") else f"http://{url}")
    text = clean(_URL.sub(" ", text))
    if found := _ISBN.search(text):
        item["ISBN"] = re.sub(r"\s", "", found[1])
        text = text[: found.start()] + text[found.end() :]
    if found := _ACCESS.search(text):
        date = _date(found["date"] or "")
        if date or found.start() > len(text) * 0.5:
            if date:
                item["accessed"] = issued(*date)
            text = text[: found.start()] + text[found.end() :]
    text = _AVAILABLE.sub("", re.sub(r"\(\s*\)|\[\s*\]|<\s*>", "", text).rstrip(" .,;<>"))
    return clean(text).rstrip(" ,;<>").strip(), item


def _date(text: str) -> tuple[int, ...]:
    """Year, month and day of a date as people write it, as far as given: "2019-08-22", "12 september 2023", "May 1, 2025"."""
    if found := re.search(r"(\d{4})-(\d\d)-(\d\d)", text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := re.search(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})", text):
        return int(found[3]), int(found[2]), int(found[1])
    if not (year := re.search(rf"{YEAR}", text)):
        return ()
    rest = text.replace(year.group(), " ")
    month = next((MONTH_NUMBERS[w.lower()] for w in re.findall(r"[A-Za-z]+", rest) if w.lower() in MONTH_NUMBERS), 0)
    day = re.search(r"\b\d{1,2}\b", rest)
    if month and day and 1 <= int(day.group()) <= 31:
        return int(year.group()), month, int(day.group())
    return (int(year.group()), month) if month else (int(year.group()),)


def _issued(when: str) -> dict[str, Any]:
    """What stands in the place of the year: `2020a`, `2023, 12 september`, `1909/1960`, `z.d.`."""
    if not (years := re.findall(rf"({YEAR})([a-z])?(?![a-z])", when)):
        return {"status": when} if re.match(r"(?i)in |ter |te |forth", when) else {}
    year, letter = years[-1]
    date = _date(when) if len(years) == 1 else (int(year),)
    item: dict[str, Any] = {"issued": issued(*date)}
    if letter:
        item["year-suffix"] = letter
    if len(years) > 1 and "/" in when:
        item["original-date"] = issued(int(years[0][0]))
    return item


def _apa(body: str, before: list[dict[str, Any]]) -> dict[str, Any]:
    found = next((m for m in _WHEN.finditer(body) if _heads(body[: m.start()])), None)
    if not found or found.start() > 1500:
        return {}
    head, rest = body[: found.start()].strip(), body[found.end() :].strip()
    when = _issued(found["when"])
    if re.fullmatch(r"[—–_-]{2,}\.?", head):
        people, role = before, "author"
    else:
        people, role = authors(head)
    if not people and re.search(r"[.?!]$", head) and len(head.split()) > 2 and re.match(UPPER, head):
        # "A title. With a second sentence. (2015). Publisher."
        untitled: dict[str, Any] = {"title": head.rstrip("."), **when}
        if rest:
            _tell_place(untitled, rest)
        return untitled
    if not people:
        return {}
    if len(people) == 1 and "literal" in people[0] and re.match(r"In\s[A-Z]", rest):
        entry: dict[str, Any] = {"title": head.rstrip(" ."), **when}  # "Belonging. (2023). In Wikipedia."
        _tell_place(entry, rest)
        return entry
    if not rest:
        # "Beam Guru. (2019)." and a link: what stands before the year is the title.
        return {"title": head.rstrip(" ."), **when}
    item: dict[str, Any] = {role: people, **when}
    item.update(_what(rest))
    return item if item.get("title") else {}


def _heads(head: str) -> bool:
    """Whether a text before a year in brackets can be names."""
    head = head.strip()
    return bool(head) and head.count("(") == head.count(")") and not re.search(r"[“”\"]|\bIn\b\s[A-Z]\.", head)


def _chicago(body: str, before: list[dict[str, Any]]) -> dict[str, Any]:
    found = re.match(rf"^(?P<head>[^“”\"]{{2,900}}?)\.?\s(?P<when>{YEAR}[a-z]?|n\.d)\.\s(?P<rest>.+)$", body)
    if not found:
        return {}
    head, rest = found["head"].strip(), found["rest"].strip()
    people = before if re.fullmatch(r"[—–_-]{2,}\.?", head) else _inverted_first(head)
    if not people:
        return {}
    role = "editor" if _ROLE.search(head) and people is not before else "author"
    return {role: people, **_issued(found["when"]), **_what(rest)}


def _harvard(body: str, before: list[dict[str, Any]]) -> dict[str, Any]:
    found = re.match(rf"^(?P<head>[^“”\"()]{{2,600}}?),\s(?P<when>{YEAR}[a-z]?)[.,]\s(?P<rest>.+)$", body)
    if not found:
        return {}
    people, role = authors(found["head"])
    return {role: people, **_issued(found["when"]), **_what(found["rest"])} if people else {}


def _quoted(body: str, before: list[dict[str, Any]]) -> dict[str, Any]:
    """IEEE and MLA: names, a title in quotation marks, the place it appeared with the year behind."""
    found = re.match(
        r"^(?P<head>[^“”\"]{2,600}?)[.,]?\s[“\"](?P<title>[^“”\"]{3,400}?)[.,?!]*[”\"][.,]?\s*(?P<rest>.*)$", body
    )
    if not found:
        return {}
    years = re.findall(rf"\b({YEAR})\b", found["rest"])
    first_last = re.match(rf"^{INITIALS}\s", found["head"])
    people = authors(found["head"])[0] if first_last else _inverted_first(found["head"])
    if not people or not years:
        return {}
    item: dict[str, Any] = {"author": people, "title": found["title"].strip(), "issued": issued(int(years[-1]))}
    rest = found["rest"].strip()
    if pages := _PAGES.search(rest):
        item["page"] = re.sub(r"\s*[-–]\s*", "-", pages[1]).rstrip(".")
    if volume := _VOLUME.search(rest):
        item["volume"] = volume[1]
    if number := re.search(r"\bno\.\s*([\w–-]+)", rest):
        item["issue"] = number[1]
    container = re.split(
        r",\s(?:vol|no|pp?)\.|,\s(?:[A-Z][a-z]{2,8}\.?\s)?\d{4}", re.sub(r"^in\s+", "", rest, flags=re.IGNORECASE)
    )[0]
    if re.match(r"[A-Z]|[a-z]+\s[A-Z]", container.strip(" .,")):
        item["container-title"] = (
            container.strip(" ,") if re.search(r"\.\s\S+\.", container) else container.strip(" .,")
        )
    if "volume" in item or "issue" in item:
        item["type"] = "article-journal"
    elif _MEETING.search(container):
        item["type"] = "paper-conference"
    return item


def _ieee_book(body: str, before: list[dict[str, Any]]) -> dict[str, Any]:
    """`V. Tinto, Leaving College, 2nd ed. Chicago: UCP, 1993.`"""
    name = rf"{INITIALS}\s(?:{PARTICLE}\s)*{WORD}(?:\s{WORD})?"
    found = re.match(
        rf"^(?P<head>{name}(?:(?:,\s|,?\s(?:and|en|&)\s){name})*),\s(?P<title>{UPPER}[^“”\"]{{3,200}}?)"
        rf"(?:,\s(?P<edition>\d{{1,2}})\w*\sed)?[.,]+\s(?P<place>[^:.]{{2,40}}):\s(?P<publisher>[^,]+),\s(?P<year>{YEAR})",
        body,
    )
    if not found:
        return {}
    item = {"author": _first_last(found["head"]), "title": found["title"], "issued": issued(int(found["year"]))}
    for field, part in (("edition", "edition"), ("publisher-place", "place"), ("publisher", "publisher")):
        if found[part]:
            item[field] = found[part].strip()
    return {**item, "type": "book"}


def _vancouver(body: str, before: list[dict[str, Any]]) -> dict[str, Any]:
    """`Smith J, Jones K. Title. Journal. 2014;3(2):62-5.`, and books with `Place: Publisher; year`."""
    name = rf"(?:{PARTICLE}\s)*{WORD}(?:\s{WORD})?\s{UPPER}{{1,4}}"
    found = re.match(rf"^(?P<head>{name}(?:,\s{name})*(?:,?\set\sal)?)\.\s(?P<title>.+?[.?!])\s(?P<rest>.+)$", body)
    if not found:
        return {}
    people = []
    for part in re.split(r",\s", re.sub(r",?\set\sal$", "", found["head"])):
        family, _, initials = part.rpartition(" ")
        people.append(person(family, " ".join(f"{letter}." for letter in initials)))
    item: dict[str, Any] = {"author": people, "title": found["title"].rstrip(".").strip()}
    rest = found["rest"]
    journal = re.match(
        rf"^(?P<name>.+?)\.?\s(?P<year>{YEAR})[^;]{{0,12}};\s?(?P<volume>\w+)(?:\((?P<issue>[^)]+)\))?(?::(?P<page>[\w–-]+))?",
        rest,
    )
    if journal:
        item["type"] = "article-journal"
        item["issued"] = issued(int(journal["year"]))
        item["container-title"] = journal["name"].rstrip(".")
        for part in ("volume", "issue", "page"):
            if journal[part]:
                item[part] = journal[part].replace("–", "-")
        return item
    if years := re.findall(rf"\b({YEAR})\b", rest):
        item["issued"] = issued(int(years[-1]))
        if place := re.match(rf"^(?P<place>[^:;]+):\s(?P<publisher>[^;]+);\s{YEAR}", rest):
            item["publisher-place"], item["publisher"] = place["place"], place["publisher"]
        return item
    return {}


def authors(head: str) -> tuple[list[dict[str, Any]], str]:
    """The names before a year, in order, and their role; no names when they have no shape that names have."""
    head = head.strip()
    role = "editor" if _ROLE.search(head) else "author"
    if role == "editor":
        head = _ROLE.sub("", head)
    head = re.sub(r"(?i)[,;]?\s*(?:(?:&|en|and)\s+)?(?:et\sal|e\.\s?a|al\.?,\set|others|anderen|c\.s)\.?\s*$", "", head)
    head = re.sub(r"\s*\((?:[^()]{1,40})\)\s*$", "", head).rstrip(" ,;")
    head = re.sub(r"\s*\[[^\]]{1,40}\]\.?\s*", " ", head).strip()  # "Noordewier, S. [Saskia]."
    if not head:
        return [], role
    if re.search(r",?\s(?:Inc|Ltd|LLC|GmbH|A\.C|B\.V|N\.V|S\.A)\.?$", head):
        return [literal(head)], role
    given = rf"(?:{INITIALS}|{UPPER}{{1,3}}(?=,|$|\s&|\s(?:en|and)\s))"
    initials = rf"(?:{PARTICLE}\s)*{UPPER}{LOWER}[\w'’-]+\s{UPPER}{{1,2}}"
    if re.fullmatch(rf"{initials}(?:(?:,|,?\s(?:&|en|and))\s{initials})*", head) and not is_institution(head):
        split = (part.rpartition(" ") for part in re.split(r",?\s(?:&|en|and)\s|,\s", head))
        return [person(family, " ".join(f"{letter}." for letter in letters)) for family, _, letters in split], role
    if not re.search(rf",\s*{given}", head):
        if re.match(rf"^{INITIALS}\s", head):
            return _first_last(head), role
        if full := _full_names(head):
            return full, role
        return _institutions(head), role
    separated = re.sub(r",?\s*(?:…|\.\s?\.\s?\.)\s*,?\s*", ", ", head)
    separated = re.sub(r"\s*;\s*", ", ", separated)
    separated = re.sub(r",?\s+(?:&|und)\s+", ", ", separated)
    separated = re.sub(rf"(?:,\s*(?:en|and)\s+|(?<=\.)\s+(?:en|and)\s+)(?=(?:{PARTICLE}\s+)*{UPPER})", ", ", separated)
    parts = [part.strip() for part in separated.split(",") if part.strip()]
    people: list[dict[str, Any]] = []
    at = 0
    while at < len(parts):
        following = parts[at + 1] if at + 1 < len(parts) else ""
        if _is_given(following):
            suffix = ""
            step = 2
            if at + 2 < len(parts) and re.fullmatch(r"(?i)(?:jr|sr|ii|iii)\.?", parts[at + 2]):
                suffix, step = parts[at + 2], 3
            people.append(person(parts[at], following, suffix))
            at += step
        else:
            if re.fullmatch(r"(?i)et al\.?|al\.?|et", parts[at]):
                at += 1
                continue
            people.append(_lone(parts[at]))
            at += 1
    # Eight words are no name: a sentence was taken for authors.
    if any(len(str(n.get("family", "")).split()) > 5 for n in people):
        return [], role
    return people, role


def _is_given(text: str) -> bool:
    return bool(
        re.fullmatch(
            rf"(?:{INITIALS}|{UPPER}{LOWER}{{0,2}}\.(?:[\s-]*{UPPER}{LOWER}?\.?)*|{UPPER}{{1,3}}"
            rf"|(?:{WORD}\s)?{INITIALS})(?:\s*(?:{PARTICLE}))*"
            rf"|{WORD}(?:[\s-]{UPPER}\.)+",
            text,
        )
    )


def _lone(text: str) -> dict[str, Any]:
    """A name between commas without initials: an institution, or a person who goes by one word."""
    if re.match(rf"^{INITIALS}\s", text):
        return any_name(text)
    return literal(text.rstrip("."))


def _full_names(head: str) -> list[dict[str, Any]]:
    """`Gowers, Richard J., Linke, Max, & Beckstein, Oliver`: families and given names in turn."""
    if is_institution(head) or "," not in head:
        return []
    parts = [p.strip(" .") for p in re.sub(r",?\s+(?:&|and|en)\s+", ", ", head).split(",") if p.strip()]
    if len(parts) % 2 or len(parts) < 2:
        return []
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    if not all(re.fullmatch(rf"(?:{PARTICLE}\s)*{WORD}(?:[\s-]{WORD})?", family) for family, _ in pairs):
        return []
    if not all(re.fullmatch(rf"{WORD}(?:\s(?:{WORD}|{UPPER}\.?))*(?:\s{PARTICLE})*", given) for _, given in pairs):
        return []
    return [person(family, given) for family, given in pairs]


def _first_last(head: str) -> list[dict[str, Any]]:
    """`V. S. Ramachaudran & A. Bandura`, `A. Bandura, B. Jones, and C. Smith`."""
    parts = re.split(r",\s*(?:and|&|en)\s+|\s+(?:and|&|en)\s+|,\s+", head.rstrip(" ."))
    return [any_name(part) for part in parts if part.strip() and not re.fullmatch(r"(?i)et al\.?", part)]


def _inverted_first(head: str) -> list[dict[str, Any]]:
    """Chicago's names: the first turned round, the others not. Institutions whole."""
    head = _ROLE.sub("", head).rstrip(" ,.") if _ROLE.search(head) else head.rstrip(" ,")
    head = re.sub(r"(?i),?\s*(?:and\s)?(?:et al|others)\.?$", "", head)
    if "," not in head or is_institution(head):
        return _institutions(head.rstrip("."))
    parts = [p for p in re.split(r",\s*and\s+|\s+and\s+|,\s*&\s*|\s&\s|,\s*en\s+|,\s+", head) if p.strip()]
    if len(parts) < 2 or not re.fullmatch(rf"(?:{PARTICLE}\s)*{WORD}(?:[\s-]{WORD}){{0,2}}", parts[0]):
        return []
    if not re.match(rf"^{UPPER}", parts[1]) or len(parts[1].split()) > 4:
        return []
    given = re.sub(rf"(?<=[\s.]){UPPER}$|^{UPPER}$", r"\g<0>.", parts[1].strip())  # its full stop closed the names
    last = [re.sub(rf"(?<=\s){UPPER}$", r"\g<0>.", part) for part in parts[2:]]
    return [person(parts[0], given), *(any_name(part) for part in last)]


def _institutions(head: str) -> list[dict[str, Any]]:
    """One institution, or several joined by &; a comma within a name stays in it."""
    head = head.strip().rstrip(".").strip()
    if not head or len(head) > 200 or re.search(r"[.?!]\s+[A-Z][a-z]+\s[a-z]+\s[a-z]+", head):
        return []
    parts = re.split(r",?\s+&\s+", head)
    if len(parts) > 1 and all(is_institution(part) for part in parts):
        first = [parts[0]] if re.match(r"(?i)ministerie|ministry|department", parts[0]) else re.split(r",\s+", parts[0])
        return [literal(part) for part in [*first, *parts[1:]]]
    return [literal(head)]


def _what(rest: str) -> dict[str, Any]:
    """Title and place of appearance: what stands behind the year."""
    title, after = split_title(rest)
    item: dict[str, Any] = {}
    if not after.strip(" ."):
        title, after = _without_place(title)
    title, extras, genres = _without_extras(title)
    item["title"] = title.strip(" .") if title.endswith(("..", " .")) else title.rstrip(".").strip()
    _tell_extras(item, extras)
    while found := re.match(r"^\s*(\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])\s*\.?\s*", after):
        inner = found[1][1:-1]
        if found[1].startswith("["):
            genres.append(inner)
        else:
            _tell_extras(item, [inner])
        after = after[found.end() :]
    for genre in genres:
        kind, _, place = genre.partition(",")
        item.setdefault("genre", kind.strip())
        if place.strip() and re.search(r"(?i)thesis|dissertation|proefschrift|scriptie", kind):
            item.setdefault("publisher", place.strip())
    if after.strip(" ."):
        _tell_place(item, after.strip())
    if not re.search(r"\w", item["title"]):
        return {}
    return item


def _without_place(title: str) -> tuple[str, str]:
    """A title that runs into its publisher: "…, Utrecht: Boom", "…, OECD Publishing, Paris"."""
    if found := re.match(rf"^(?P<title>.+?),\s(?P<place>{_PLACES}(?:,\s\w\w)?:\s[^:]+)$", title):
        return found["title"], found["place"]
    found = re.match(rf"^(?P<title>.+?),\s(?P<publisher>[^,]+),\s{_PLACES}\.?$", title)
    if found and _PUBLISHERS.search(found["publisher"]):
        return found["title"], found["publisher"]
    return title, ""


def split_title(rest: str) -> tuple[str, str]:
    """A title from what follows it: the end of its first sentence that a place of appearance can follow."""
    found = re.match(r"^(?:[“\"](?=[^‘])|‘(?=[^’]))(?P<title>.+?)[.,]?[”\"’][.,]?\s+(?=[A-Z(]|$)(?P<rest>.*)$", rest)
    if found and not re.match(r"^[:–—a-z]", found["rest"]):
        return found["title"], found["rest"]
    depth = 0
    for at, sign in enumerate(rest):
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth = max(0, depth - 1)
            if sign == ")" and depth == 0 and re.match(rf"\){UPPER}", rest[at : at + 2]):
                return rest[: at + 1], rest[at + 1 :]
        if sign not in ".?!…" or (depth and at < len(rest) - 1):
            continue
        follows = rest[at + 1 :]
        if follows and not follows[0].isspace() and not (follows[0] in "”\"'’)" and follows[1:2].isspace()):
            continue
        if not follows.strip():
            return rest[:at] if sign == "." else rest[: at + 1], ""
        after = follows.lstrip("”\"'’) ").lstrip()
        if sign == "." and (_abbreviates(rest[:at]) or not (_OPENS.match(after) or _SMALL_JOURNAL.match(after))):
            continue
        if sign in "?!…" and not _closes(after):
            continue
        if sign == "." and _second_sentence(after):
            continue
        cut = at + 1 if sign in "?!…" else at
        return rest[:cut] + ("”" if follows[:1] == "”" else ""), after
    return rest, ""


def _second_sentence(after: str) -> bool:
    """Whether a title goes on: a journal with its numbers comes, but after another sentence of several words."""
    segments = re.split(r"\.\s+(?=[A-Z])", after)
    for at, segment in enumerate(segments[:4]):
        if re.search(r",\s*\d|[()\[\]]|^In\s|https?:", segment):
            return (
                at > 0
                and bool(_JOURNAL.match(segment.rstrip(" .")))
                and bool(re.search(r",\s*\d{1,4}\s?\([\d–-]+\)", segment))
            )
        if _JOURNAL_WORDS.search(segment):
            return False
        if not re.fullmatch(r"[IVX]{1,4}", segment) and not (
            len(segment.split()) >= 3 and re.search(r"\s[a-z]{2,}\s", f"{segment} ")
        ):
            return False
    return False


def _abbreviates(before: str) -> bool:
    """Whether the full stop behind this belongs to its last word; in "with R." it does not."""
    before = before[-40:]
    return bool(_ABBREVIATED.search(before)) and not re.search(
        r"\b(?:in|with|for|using|and|of|to|the|met|voor|en)\s[A-Z]$", before
    )


def _closes(after: str) -> bool:
    """Whether a question ends the title: what follows it is a container or the last thing said."""
    if not re.match(rf"^(?:{UPPER}|In\s)", after):
        return False
    segment = re.split(r"\.\s", after, maxsplit=1)
    return (
        bool(_JOURNAL.match(segment[0].rstrip(".")))
        or segment[0].startswith("In ")
        or len(segment) == 1
        or not segment[1].strip(" .")
    )


def _without_extras(title: str) -> tuple[str, list[str], list[str]]:
    """A title without the brackets behind it that say edition, volume, pages, number, editors or genre."""
    extras: list[str] = []
    genres: list[str] = []
    while found := re.search(r"\s*(\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\])\s*\.?\s*$", title):
        inner = found[1][1:-1]
        if found[1].startswith("["):
            if not _GENRES.search(inner) or len(inner) > 120:
                break
            genres.append(inner)
        elif re.search(
            r"(?i)\b(?:eds?\.|edition|red\.|druk\b|editie|vol\.|dl\.|deel \d|pp?\.|blz|version|versie|no\.|nr\."
            r"|trans\.|vert\.|vertal|isbn|report|rapport)",
            inner,
        ):
            extras.append(inner)
        else:
            break
        title = title[: found.start()]
    return title, extras, genres


def _tell_extras(item: dict[str, Any], extras: list[str]) -> None:
    for text in extras:
        if found := _EDITION.search(text):
            item.setdefault("edition", found["n"] or _WORD_NUMBERS.get(found["word"].lower(), found["word"]))
        if found := _VOLUME.search(text):
            item.setdefault("volume", found[1])
        if found := _PAGES.search(text):
            item.setdefault("page", re.sub(r"\s*[-–]\s*", "-", found[1]).rstrip("."))
        if found := re.search(r"(?i)\b(?:version|versie)\s+([\w.]+)", text):
            item.setdefault("version", found[1])
        if not found and (number := _NUMBER.search(text)):
            item.setdefault("number", number[1])
        if found := re.match(r"^(.+?),\s*(?:Eds?|Reds?|red)\.", text):
            item.setdefault("editor", _first_last(found[1]) if re.match(INITIALS, found[1]) else authors(found[1])[0])
        if found := re.match(r"(?i)^(.+?),\s*(?:trans|vert|vertal\w*)\b\.?", text):
            item.setdefault(
                "translator", _first_last(found[1]) if re.match(INITIALS, found[1]) else authors(found[1])[0]
            )


def _tell_place(item: dict[str, Any], after: str) -> None:
    """Container, volume, issue, pages and publisher."""
    if found := re.match(r"^[Ii]n:?\s+(?=[A-Z“\"'‘(]|de\s|het\s|the\s|van\s|\d)(.+)$", after):
        return _tell_container(item, found[1])
    if after.startswith("In, "):
        if pages := re.match(rf"^In,\s*({_RANGE})\.?\s*(.*)$", after):
            item["page"] = re.sub(r"\s*[-–]\s*", "-", pages[1])
            item.setdefault("type", "paper-conference")
            _tell_publisher(item, pages[2])
        return None
    # Chicago: "Systems 4 (4):37."
    if found := re.match(
        r"^(?P<name>[^\d.]{2,120}?)\s(?P<volume>\d{1,4})\s?(?:\((?P<issue>[^()]+)\))?\s?:\s?(?P<page>[\w–-]+)\.?\s*$",
        after,
    ):
        item.update(
            {
                "container-title": found["name"].strip(" ,"),
                "volume": found["volume"],
                "page": found["page"].replace("–", "-"),
                "type": "article-journal",
            }
        )
        if found["issue"]:
            item["issue"] = found["issue"]
        return None
    if found := _JOURNAL.match(after.rstrip(" .")):
        name = found["name"].strip()
        volume, page = found["volume"], found["page"] or found["page2"]
        # "Annals of Statistics, 1189–1232": one range and nothing else is pages.
        if volume and re.search(r"[-–]", volume) and not page and not found["issue"]:
            volume, page = None, volume
        # A sentence with a comma and a number ("Zenodo, 2019") is no journal.
        if not (volume and re.fullmatch(YEAR, volume) and not page):
            item["container-title"] = name
            for field, value in (("volume", volume), ("issue", found["issue"] or found["issue2"]), ("page", page)):
                if value:
                    item[field] = re.sub(r"\s*[-–]\s*", "-", value.strip())
            item["type"] = "paper-conference" if _MEETING.search(name) and not volume else "article-journal"
            return None
    first, rest = split_title(after)
    first = first.strip(" .")
    if not first:
        return None
    if _NEWSPAPERS.match(first):
        item["container-title"], item["type"] = re.split(r",\s", first)[0], "article-newspaper"
        return None
    if _JOURNAL_WORDS.search(first) and not _PUBLISHERS.search(first):
        item["container-title"] = first
        item.setdefault("type", "paper-conference" if _MEETING.search(first) else "article-journal")
        return _tell_publisher(item, rest)
    return _tell_publisher(item, after)


def _tell_container(item: dict[str, Any], text: str) -> None:
    """`M. Iri & K. Tanabe (Eds.), Title (3rd ed., pp. 1–20). Publisher`."""
    if found := re.match(r"^(?P<who>.{3,300}?)\s*\((?:Eds?|Reds?|red|eds?|Hrsg)\.?\),?\s*(?P<rest>.+)$", text):
        who = found["who"].strip(" ,")
        item["editor"] = _first_last(who) if re.match(INITIALS, who) else _editors(who)
        if not item["editor"]:
            del item["editor"]
        text = found["rest"]
    name, after = split_title(text)
    name, extras, _ = _without_extras(name)
    _tell_extras(item, extras)
    while found := re.match(r"^\s*\(([^()]*)\)\s*\.?\s*", after):
        _tell_extras(item, [found[1]])
        after = after[found.end() :]
    if journal := _JOURNAL.match(name.strip(" .")):
        name = journal["name"]
        page = journal["page"] or journal["page2"] or journal["volume"]
        if page and "page" not in item:
            item["page"] = re.sub(r"\s*[-–]\s*", "-", page)
    if name.strip(" ."):
        item["container-title"] = name.strip(" .,")
    if re.search(r"(?i)repository|github", name):
        item["type"] = "software"
    else:
        item["type"] = "paper-conference" if _MEETING.search(name) else "chapter"
    _tell_publisher(item, after)


def _editors(who: str) -> list[dict[str, Any]]:
    parts = re.split(r",\s*(?:&|and|en)\s+|\s+(?:&|and|en)\s+|,\s+", who)
    if all(re.fullmatch(rf"(?:{WORD}|{UPPER}\.)(?:\s(?:{WORD}|{UPPER}\.|{PARTICLE}))+", part) for part in parts):
        return [any_name(part) for part in parts]
    return authors(who)[0]


def _tell_publisher(item: dict[str, Any], text: str) -> None:
    text = text.strip(" .;,")
    if found := re.search(r"(?i)\s*\((?:oorspronkelijk|original)[^()]*?\b(1[4-9]\d\d|20\d\d)\b[^()]*\)?$", text):
        item.setdefault("original-date", issued(int(found[1])))
        text = text[: found.start()].strip(" .;,")
    if not text or len(text) > 160:
        return
    if found := _EDITION.match(text):
        item.setdefault("edition", found["n"] or _WORD_NUMBERS.get(found["word"].lower(), found["word"]))
        text = text[found.end() :].strip(" .,;")
    if found := re.match(r"^(?P<place>[^:.]{2,60}):\s+(?P<publisher>.+)$", text):
        item.setdefault("publisher-place", found["place"].strip())
        text = found["publisher"].strip()
    text = re.sub(r"\s*\[[^\]]*\]\s*$", "", text).strip(" .,")
    if text and not re.search(r"\d{3,}", text):
        item.setdefault("publisher", text)


def _reports(item: dict[str, Any]) -> bool:
    """Whether an institution published this itself: no person wrote it, and no page on the web is all there is."""
    people = item.get("author") or []
    return bool(people) and all("literal" in name for name in people) and not item.get("URL") and not item.get("ISBN")


def _typed(item: dict[str, Any]) -> dict[str, Any]:
    """The item with a type, told from genre and what is filled; and without empty fields."""
    kind = item.pop("type", None)
    genre = str(item.get("genre") or "")
    by_genre = next((kind for kind, pattern in _TYPES_BY_GENRE if re.search(pattern, genre, re.IGNORECASE)), None)
    if by_genre:
        kind = by_genre
    elif kind is None:
        if re.search(r"(?i)\breport|\brapport", str(item.get("number") or "")) or item.get("number"):
            kind = "report"
        elif item.get("version"):
            kind = "software"
        elif _reports(item) or (
            re.search(r"(?i)\breport\b|\brapport|\bmonitor\b", str(item.get("title"))) and item.get("publisher")
        ):
            kind = "report"
        elif item.get("publisher") or item.get("edition") or item.get("ISBN"):
            kind = "book"
        elif item.get("URL"):
            kind = "webpage"
        else:
            kind = "document"
    return {"type": kind, **{field: value for field, value in item.items() if value not in ("", None, [], {})}}
