"""CSL items: their fields as all modules need them, and the making of small ones.

    printed or imported ─► item(…) ─► key, search text, year, authors ─► exports

An item is a plain mapping in CSL-JSON's words. Nothing here changes one: each function returns a new mapping or a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from itertools import count
from typing import Any

from kb.bibliography.names import fold, full_family, is_institution, literal, person
from kb.model import CSL, Document, Language, Page

NAME_FIELDS = (
    "author", "chair", "collection-editor", "compiler", "composer", "container-author", "contributor", "curator",
    "director", "editor", "editorial-director", "executive-producer", "guest", "host", "illustrator", "interviewer",
    "narrator", "organizer", "original-author", "performer", "producer", "recipient", "reviewed-author", "script-writer",
    "series-creator", "translator",
)  # fmt: skip
DATE_FIELDS = ("accessed", "available-date", "event-date", "issued", "original-date", "submitted")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u00ad\u200b\u2060]")
_MARKUP = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|span|p|br|jats:\w+)(?:\s[^<>]*)?/?>", re.IGNORECASE)

MONTHS: dict[Language, tuple[str, ...]] = {
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
           "november", "december"),
    "en": ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december"),
}  # fmt: skip
MONTH_NUMBERS = {
    **{name: i for names in MONTHS.values() for i, name in enumerate(names, 1)},
    **{name[:3]: i for names in MONTHS.values() for i, name in enumerate(names, 1)},
    "sept": 9, "mrt": 3,
}  # fmt: skip


def clean(text: str) -> str:
    """One line of text in NFC without control characters, soft hyphens or lone surrogates."""
    return " ".join(unicodedata.normalize("NFC", _CONTROL.sub("", text)).split())


def plain(text: str) -> str:
    """A title without the markup that reference managers put in it."""
    return clean(_MARKUP.sub("", text)) if "<" in text else clean(text)


def name_parts(name: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Family name, given names, suffix and particle of a CSL name; empty where it has none.

    A dropping particle follows the given names.
    """
    family, given, dropping, suffix, particle = (
        clean(str(name.get(part) or ""))
        for part in ("family", "given", "dropping-particle", "suffix", "non-dropping-particle")
    )
    return family, f"{given} {dropping}".strip(), suffix, particle


def title(csl: CSL) -> str:
    """The title without markup; empty when there is none."""
    return plain(str(csl.get("title") or ""))


def names(csl: CSL, role: str = "author") -> tuple[Mapping[str, Any], ...]:
    """The names in a role; nothing when there are none or they are not names."""
    return tuple(name for name, _ in _with_families(csl, role))


def authors(csl: CSL) -> tuple[str, ...]:
    """Family names with particles, or institutions; the editors of a work without authors."""
    found = _with_families(csl, "author") or _with_families(csl, "editor")
    return tuple(family for _, family in found)


def _with_families(csl: CSL, role: str) -> list[tuple[Mapping[str, Any], str]]:
    """The names in a role, each with its family name, which is put together once."""
    found = csl.get(role)
    if not isinstance(found, (list, tuple)):
        return []
    return [(name, family) for name in found if isinstance(name, Mapping) and (family := full_family(name))]


def date_parts(csl: CSL, field: str = "issued") -> tuple[int, ...]:
    """Year, month and day as far as known; empty when none is."""
    value = csl.get(field)
    if not isinstance(value, Mapping):
        return ()
    parts = value.get("date-parts")
    if isinstance(parts, (list, tuple)) and parts and isinstance(parts[0], (list, tuple)):
        numbers = _whole_numbers(parts[0])
        if numbers:
            return numbers[:3]
    found = re.search(r"\b(1[4-9]\d\d|20\d\d)\b", str(value.get("raw") or value.get("literal") or ""))
    return (int(found.group()),) if found else ()


def _whole_numbers(parts: Iterable[Any]) -> tuple[int, ...]:
    """The parts as numbers, up to the first that is none."""
    numbers: list[int] = []
    for part in parts:
        try:
            numbers.append(int(part))
        except (TypeError, ValueError, OverflowError):  # also the infinity that JSON readers let through
            break
    return tuple(numbers)


def date_in_words(csl: CSL) -> str:
    """The date of publication where it was given in words alone, unchanged: "in press", "1980/1990"; else empty."""
    value = csl.get("issued")
    if not isinstance(value, Mapping) or value.get("date-parts"):
        return ""
    return clean(str(value.get("literal") or ""))


def year(csl: CSL) -> int | None:
    """The year of publication."""
    parts = date_parts(csl)
    return parts[0] if parts else None


def year_text(csl: CSL) -> str | None:
    """The year as printed: with its letter when it has one, `z.d.` when it is printed as having none."""
    number = year(csl)
    if number is not None:
        return f"{number}{csl.get('year-suffix') or ''}"
    value = csl.get("issued")
    words = value.get("literal") if isinstance(value, Mapping) else None
    return str(words) if words else None


def issued(*parts: int) -> dict[str, Any]:
    """A CSL date of year, month and day as far as given."""
    return {"date-parts": [list(parts)]}


def key(csl: CSL, taken: Container[str] = ()) -> str:
    """A stable ASCII key: first author and year (`bandura-1994`, `van-der-goot-2019`); a letter follows when it is taken.

    Without an author the first words of the title stand in, without a year nothing does.
    """
    who = authors(csl)
    start = fold(who[0]) if who else " ".join(fold(title(csl)).split()[:4])
    start = start.encode("ascii", "ignore").decode()
    words = "-".join(start.split()[:6]) or "zonder-titel"
    suffix = str(csl.get("year-suffix") or "")
    number = year(csl)
    found = f"{words[:48].rstrip('-')}-{number}{fold(suffix)}" if number is not None else words[:48].rstrip("-")
    if found not in taken:
        return found
    separator = "" if found[-1].isdigit() else "-"
    return next(candidate for n in count(1) if (candidate := f"{found}{separator}{_letters(n)}") not in taken)


def _letters(n: int) -> str:
    """a, b, … z, aa, ab, …"""
    text = ""
    while n:
        n, rest = divmod(n - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def printed(csl: CSL) -> str:
    """One plain line of an imported record, to show and to search: authors (year). title. container."""
    who, when = ", ".join(authors(csl)), year(csl)
    parts = [f"{who} ({when})" if when else who, title(csl), plain(str(csl.get("container-title") or ""))]
    return ". ".join(part for part in parts if part)


def search_key(csl: CSL, raw: Iterable[str] = ()) -> str:
    """Folded words of authors, year, title and container, to be searched in; of the raw entries when there are none."""
    words = [*authors(csl), year_text(csl) or "", title(csl), plain(str(csl.get("container-title") or ""))]
    if not title(csl):
        words.extend(raw)
    return fold(" ".join(words))


def name(text: str) -> dict[str, Any]:
    """A CSL name from a name as people write it: "Jolien Dopmeijer", "Dopmeijer, J.", "SCP"."""
    text = clean(text)
    if is_institution(text):
        return literal(text)
    if "," in text:
        family, _, given = text.partition(",")
        return person(family, given.strip())
    words = text.split()
    if len(words) == 1:
        return person(text)
    at = len(words) - 1
    while at > 1 and (words[at - 1].lower() in {"van", "von", "de", "der", "den", "het", "ter", "ten", "te", "op", "la",
                                               "le", "du", "di", "da", "del", "'t", "’t"}):  # fmt: skip
        at -= 1
    return person(" ".join(words[at:]), " ".join(words[:at]))


def document_csl(document: Document) -> dict[str, Any]:
    """The document itself as a citable item: a deck is a presentation, literature a document."""
    item: dict[str, Any] = {
        "id": f"document-{document.id}",
        "type": "speech" if document.kind == "deck" else "document",
        "title": document.title,
    }
    if document.kind == "deck":
        item["genre"] = "PowerPoint-slides"
    if document.authors:
        item["author"] = [name(author) for author in document.authors]
    parts = _document_date(document)
    if parts:
        item["issued"] = issued(*parts)
    if document.language:
        item["language"] = document.language
    return item


def _document_date(document: Document) -> list[int]:
    """Year, month and day of a document, as far as known."""
    parts = [int(part) for part in (document.date or "").split("-") if part.isdigit()]
    return parts[:3] or ([document.year] if document.year else [])


def slide_csl(document: Document, page: Page | int) -> dict[str, Any]:
    """One slide or page of a document as a citable item; `apa` prints its number behind it ("dia 14", "p. 3")."""
    number = page if isinstance(page, int) else page.number
    shown = str(number) if isinstance(page, int) else page.label or str(number)
    item = document_csl(document)
    item["id"] = f"document-{document.id}-page-{number}"
    item["custom"] = {"locator": shown, "label": "slide" if document.kind == "deck" else "page"}
    return item
