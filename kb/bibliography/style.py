"""Items as text in APA style, seventh edition, in Dutch or English.

    item ─► contributors. (date). title (details) [form]. container. publisher. address

Titles keep the capitals that they have. Text of an item is never markup: in HTML everything is escaped, except `<i>`, `<b>`,
`<sup>` and `<sub>` where a title opens and closes them. Written here, because the processor and the style that Python packages
offer weigh 90 MB for one style and two languages; the tests compare with entries that people wrote.

Source of the rules: American Psychological Association (2020), Publication manual, seventh edition, chapter 9.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.bibliography.items import MONTHS, clean, date_parts, names
from kb.bibliography.names import full_family
from kb.model import CSL, Language

_Name = Mapping[str, Any]

_WORDS: dict[Language, dict[str, str]] = {
    "nl": {
        "no date": "z.d.", "editor": "Red.", "editors": "Red.", "translator": "Vert.", "edition": "druk", "version": "Versie",
        "number": "Nr.", "retrieved": "Geraadpleegd op {date}, van {url}",
        "original": "Oorspronkelijk werk gepubliceerd in {year}", "slide": "dia", "page": "p.",
    },
    "en": {
        "no date": "n.d.", "editor": "Ed.", "editors": "Eds.", "translator": "Trans.", "edition": "ed.", "version": "Version",
        "number": "No.", "retrieved": "Retrieved {date}, from {url}",
        "original": "Original work published {year}", "slide": "slide", "page": "p.",
    },
}  # fmt: skip

_SERIAL = ("article-journal", "article-magazine", "article-newspaper", "paper-conference", "post-weblog")
"""Types whose container is a periodical: named in italics with volume, issue and pages."""
_BY_THE_DAY = (
    "article-magazine", "article-newspaper", "broadcast", "event", "interview", "motion_picture", "paper-conference",
    "performance", "personal_communication", "post", "post-weblog", "song", "speech", "webpage",
)  # fmt: skip
"""Types that are dated to the day; of all others the year is given."""
_MOST_NAMES = 20

_TAG = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|span|p|br)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_KEPT_TAG = re.compile(r"<(/?)(i|b|sup|sub)>")


@dataclass(frozen=True, slots=True)
class _Form:
    """How text of an item is written: as plain text, or as HTML."""

    text: Callable[[str], str]
    italic: Callable[[str], str]


def apa(csl: CSL, locale: str = "nl") -> str:
    """The item as one line of APA text; empty when it has neither title nor author. `locale`: `nl`, `en` or `nl-NL`…"""
    return _entry(csl, _language(locale), _PLAIN)


def apa_html(csl: CSL, locale: str = "nl") -> str:
    """The same as HTML with `<i>` only (and `<sup>`, `<sub>`, `<b>` where the title has them); everything else escaped."""
    return _entry(csl, _language(locale), _HTML)


def apa_label(csl: CSL, locale: str = "nl") -> str:
    """How the item is cited in running text: "Asher & Weeks, 2013", "Dopmeijer et al., z.d."."""
    who = [full_family(n) for n in names(csl) or names(csl, "editor")]
    parts = date_parts(csl)
    no_date = _WORDS[_language(locale)]["no date"]
    when = f"{parts[0]}{csl.get('year-suffix') or ''}" if parts else no_date
    if not who:
        who = [_field(csl, "title") or "?"]
    shown = who[0] if len(who) == 1 else f"{who[0]} & {who[1]}" if len(who) == 2 else f"{who[0]} et al."
    return f"{shown}, {when}"


def _language(locale: str) -> Language:
    return "nl" if locale.lower().startswith("nl") else "en"


def _field(csl: CSL, name: str) -> str:
    """A field as one clean line; empty when it is missing or not a text."""
    value = csl.get(name)
    return clean(str(value)) if isinstance(value, (str, int, float)) else ""


# -- the entry


def _entry(csl: CSL, language: Language, form: _Form) -> str:
    title = _field(csl, "title")
    contributors = _contributors(csl, language)
    if not title and not contributors:
        return ""
    heading = form.text(contributors) if contributors else _title(csl, form)
    parts = [
        heading,
        f"({_date(csl, language)})",
        _titled(csl, language, form) if contributors else _remarks(csl, language, form),
        _container(csl, language, form),
        "" if _is_in_brackets(csl) else form.text(_publisher(csl)),
    ]
    text = " ".join(_closed(part) for part in parts if part)
    ends = (form.text(_address(csl, language)), _original(csl, language))
    return _with_locator(" ".join(part for part in (text, *ends) if part), csl, language, form)


def _closed(part: str) -> str:
    """A part with a full stop behind it, unless it ends with a mark of its own."""
    return part if re.sub(r"<[^>]*>|[”\"’]", "", part).endswith((".", "?", "!", "…")) else f"{part}."


def _with_locator(text: str, csl: CSL, language: Language, form: _Form) -> str:
    """The entry with the slide or page that is meant behind it."""
    custom = csl.get("custom")
    if not isinstance(custom, Mapping) or not custom.get("locator"):
        return text
    label = _WORDS[language].get(str(custom.get("label")), "p.")
    return f"{text.removesuffix('.')}, {label} {form.text(str(custom['locator']))}"


# -- contributors


def _contributors(csl: CSL, language: Language) -> str:
    """The authors, else the editors with their role; empty when there are none."""
    if authors := names(csl):
        return _listed([_inverted(name) for name in authors], reversed_names=True)
    if editors := names(csl, "editor"):
        return f"{_listed([_inverted(name) for name in editors], reversed_names=True)} ({_role(editors, language)})"
    return ""


def _role(editors: Sequence[_Name], language: Language) -> str:
    return _WORDS[language]["editor" if len(editors) == 1 else "editors"]


def _listed(people: Sequence[str], *, reversed_names: bool) -> str:
    """Names joined: "A, & B" of inverted names, "A & B" of others; of more than twenty the first nineteen and the last."""
    if len(people) > _MOST_NAMES:
        return f"{', '.join(people[: _MOST_NAMES - 1])}, … {people[-1]}"
    if len(people) < 3 and not reversed_names:
        return " & ".join(people)
    return ", & ".join(part for part in (", ".join(people[:-1]), people[-1]) if part)


def _inverted(name: _Name) -> str:
    """A name with the family name first: "van der Goot, K."."""
    parts = [full_family(name), _given(name), clean(str(name.get("suffix") or ""))]
    return ", ".join(part for part in parts if part)


def _in_order(name: _Name) -> str:
    """A name with the initials first: "K. van der Goot"."""
    return " ".join(part for part in (_given(name), full_family(name), clean(str(name.get("suffix") or ""))) if part)


def _given(name: _Name) -> str:
    """The initials, and a particle that belongs behind them: "A. von"."""
    if name.get("literal"):
        return ""
    return " ".join(
        part
        for part in (_initials(str(name.get("given") or "")), clean(str(name.get("dropping-particle") or "")))
        if part
    )


def _initials(given: str) -> str:
    """ "Jan-Willem Pieter" as "J.-W. P."."""
    words = re.split(r"[\s.]+", re.sub(r"\.\s*-", "-", clean(given)))
    return " ".join("-".join(f"{part[0]}." for part in word.split("-") if part) for word in words if word.strip("-"))


# -- date


def _date(csl: CSL, language: Language) -> str:
    parts = date_parts(csl)
    if not parts:
        return _WORDS[language]["no date"]
    year = f"{parts[0]}{csl.get('year-suffix') or ''}"
    day = _day(parts[1:], language) if csl.get("type") in _BY_THE_DAY else ""
    return f"{year}, {day}" if day else year


def _day(parts: Sequence[int], language: Language) -> str:
    """Month and day: "12 september", "September 12"; empty when the month is unknown."""
    if not parts or not 1 <= parts[0] <= 12:
        return ""
    month = MONTHS[language][parts[0] - 1]
    day = [str(parts[1])] if len(parts) > 1 else []
    return " ".join([*day, month] if language == "nl" else [month.capitalize(), *day])


# -- title


def _titled(csl: CSL, language: Language, form: _Form) -> str:
    """The title, and the notes in brackets after it."""
    return " ".join(part for part in (_title(csl, form), _remarks(csl, language, form)) if part)


def _title(csl: CSL, form: _Form) -> str:
    """The title, in italics when the work is not part of another, also where it takes the place of an author (section 9.12)."""
    title = _field(csl, "title")
    return form.text(title) if _is_part(csl) else form.italic(title)


def _is_part(csl: CSL) -> bool:
    """Whether the work appeared in a container."""
    return bool(_field(csl, "container-title")) and csl.get("type") not in ("software", "webpage")


def _remarks(csl: CSL, language: Language, form: _Form) -> str:
    """The notes after a title: "(2nd ed., Vol. 3)", "[Doctoral dissertation, University]"."""
    details = [] if _is_part(csl) else [*_people_in_brackets(csl, language), *_numbers(csl, language)]
    inside = [_genre(csl, language), _publisher(csl) if _is_in_brackets(csl) else ""]
    shown = [f"({form.text('; '.join(details))})" if details else "", form.text(", ".join(filter(None, inside)))]
    return " ".join(filter(None, (shown[0], f"[{shown[1]}]" if shown[1] else "")))


_KINDS: Mapping[str, Mapping[Language, str]] = {
    "thesis": {"en": "Thesis", "nl": "Thesis"},
    "software": {"en": "Computer software", "nl": "Computersoftware"},
    "dataset": {"en": "Data set", "nl": "Dataset"},
}
"""Kinds of work that APA 7 names in square brackets (section 9.22), where the item does not name one itself."""


def _genre(csl: CSL, language: Language) -> str:
    """The kind of work for the square brackets; that of a report with a number is printed before the number."""
    if _report_number(csl):
        return ""
    kind = _KINDS.get(str(csl.get("type")), {}).get(language, "")
    return _field(csl, "genre") or _field(csl, "medium") or kind


def _report_number(csl: CSL) -> str:
    return _field(csl, "number") if csl.get("type") == "report" else ""


def _is_in_brackets(csl: CSL) -> bool:
    """Whether the publisher is in the brackets after the title: the university of a thesis."""
    return csl.get("type") == "thesis"


def _people_in_brackets(csl: CSL, language: Language) -> Iterable[str]:
    """Editors of a work with authors, and translators."""
    if names(csl) and (editors := names(csl, "editor")):
        yield f"{_listed([_in_order(name) for name in editors], reversed_names=False)}, {_role(editors, language)}"
    if translators := names(csl, "translator"):
        people = _listed([_in_order(name) for name in translators], reversed_names=False)
        yield f"{people}, {_WORDS[language]['translator']}"


def _numbers(csl: CSL, language: Language) -> Iterable[str]:
    """Edition, version, number, volume and pages, as far as known, in one text."""
    words = _WORDS[language]
    number = _report_number(csl)
    found = [
        _edition(_field(csl, "edition"), language),
        f"{words['version']} {version}" if (version := _field(csl, "version")) else "",
        " ".join(filter(None, (_field(csl, "genre"), words["number"], number))) if number else "",
        f"Vol. {volume}" if (volume := _field(csl, "volume")) else "",
        _labelled_pages(csl),
    ]
    if any(found):
        yield ", ".join(filter(None, found))


def _edition(edition: str, language: Language) -> str:
    """ "2nd ed." of "2"; an edition that is not a number as it is, with "ed." behind it."""
    if not edition:
        return ""
    word = _WORDS[language]["edition"]
    if not edition.isascii() or not edition.isdigit():
        return edition if word.rstrip(".") in edition.casefold().replace(".", " ").split() else f"{edition} {word}"
    return f"{edition}{'e' if language == 'nl' else _ordinal_suffix(int(edition))} {word}"


def _ordinal_suffix(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _range(csl: CSL, field: str) -> str:
    """Pages or issues with a dash between the first and the last."""
    return re.sub(r"(?<=\d)\s*[-–]+\s*(?=[A-Za-z]?\d)", "–", _field(csl, field)).rstrip(".")


def _labelled_pages(csl: CSL) -> str:
    pages = _range(csl, "page")
    return f"{'pp.' if re.search(r'[–,&]', pages) else 'p.'} {pages}" if pages else ""


# -- container, publisher, address


def _container(csl: CSL, language: Language, form: _Form) -> str:
    """The periodical with volume, issue and pages, or the book with its editors."""
    container = _field(csl, "container-title")
    if not container or not _is_part(csl):
        publisher = _publisher(csl)
        return "" if publisher and publisher.casefold() in container.casefold() else form.text(container)
    editors = names(csl, "editor")
    if csl.get("type") in _SERIAL and not (editors and csl.get("type") == "paper-conference"):
        return _periodical(csl, form.italic(container), form)
    return _in_book(csl, form.italic(container), language, form)


def _in_book(csl: CSL, book: str, language: Language, form: _Form) -> str:
    """The book that a part is in, with its editors, and the part's pages."""
    editors = names(csl, "editor")
    if editors and names(csl):
        people = _listed([_in_order(name) for name in editors], reversed_names=False)
        book = f"{form.text(people)} ({_role(editors, language)}), {book}"
    numbers = form.text("; ".join(_numbers(csl, language)))
    return f"In {book} ({numbers})" if numbers else f"In {book}"


def _periodical(csl: CSL, container: str, form: _Form) -> str:
    """ "Journal, 3(2), 12–15"."""
    volume, issue = _field(csl, "volume"), _range(csl, "issue")
    number = (form.italic(volume) if volume else "") + (f"({form.text(issue)})" if issue else "")
    return ", ".join(part for part in (container, number, form.text(_range(csl, "page"))) if part)


def _publisher(csl: CSL) -> str:
    """The publisher of a work that is not in a periodical, and is not its own author."""
    publisher = _field(csl, "publisher")
    is_author = publisher in [full_family(name) for name in names(csl)]
    return "" if is_author or (csl.get("type") in _SERIAL and _is_part(csl)) else publisher


def _address(csl: CSL, language: Language) -> str:
    """The DOI as an address, else the URL, with the day of retrieval when the work has no date."""
    doi = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", _field(csl, "DOI"), flags=re.IGNORECASE)
    url = _field(csl, "URL")
    if doi or not url:
        return f"https://doi.org/{doi}" if doi else ""
    accessed = date_parts(csl, "accessed")
    if date_parts(csl) or not accessed:
        return url
    day, year = _day(accessed[1:], language), str(accessed[0])
    date = " ".join(filter(None, (day, year))) if language == "nl" else ", ".join(filter(None, (day, year)))
    return _WORDS[language]["retrieved"].format(date=date, url=url)


def _original(csl: CSL, language: Language) -> str:
    parts = date_parts(csl, "original-date")
    return f"({_WORDS[language]['original'].format(year=parts[0])})" if parts else ""


# -- plain text and HTML


def _without_tags(text: str) -> str:
    return _TAG.sub("", text)


def _escaped(text: str) -> str:
    """Text for a page: the four tags that a title may carry are kept where they are closed, other markup is shown as text."""
    kept = _is_balanced(text)
    pieces, last = [], 0
    for tag in _TAG.finditer(text):
        pieces.append(html.escape(text[last : tag.start()], quote=False))
        if kept and _KEPT_TAG.fullmatch(tag.group()):
            pieces.append(tag.group())
        last = tag.end()
    return "".join([*pieces, html.escape(text[last:], quote=False)])


def _is_balanced(text: str) -> bool:
    """Whether each tag that may be kept is closed, in order."""
    opened: list[str] = []
    for tag in _KEPT_TAG.finditer(text):
        if not tag[1]:
            opened.append(tag[2])
        elif not opened or opened.pop() != tag[2]:
            return False
    return not opened


_PLAIN = _Form(text=_without_tags, italic=_without_tags)
_HTML = _Form(text=_escaped, italic=lambda text: f"<i>{_escaped(text)}</i>" if text else "")
