"""Metadata of a file, as far as it is plausible: titles, people and dates.

Metadata is written by programs more than by people: "Microsoft PowerPoint - sheets def v3.ppt", "Gebruiker", a template's
date. What is clearly a program's is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from ingest.text import one_line
from kb.model import Language

_PREFIX = re.compile(r"^\s*microsoft\s+(?:office\s+)?(?:power\s?point|word)\s*-\s*", re.I)
_FILE_NAME = re.compile(r".*\.(?:pptx?|ppsx?|docx?|pdf|odp|odt|indd|tex|dvi|html?|rtf|qxd|key|pages|xlsx?)$", re.I)
_JUNK = re.compile(
    r"(?:microsoft )?(?:office )?power ?point(?:[- ]?presentat\w+)?|présentation powerpoint|presentat\w+ ?\d*|"
    r"(?:slide|dia|diapositive|folie) ?\d+|untitled.{0,12}|"
    r"naamloos.{0,12}|title|titel|geen (?:dia)?titel|no (?:slide )?title|document ?\d*|word[- ]document|"
    r"(?:micro)?soft word|print|layout \d*|full page photo|sjabloon(?: \w+)?|template(?: \w+)?|article title|untitled document|"
    r"\(?anonymous\)?|\(?unspecified\)?|null|none|[\W\d_]*",
    re.I,
)
_NOBODY = re.compile(
    r"(?:microsoft )?(?:office[- ])?(?:user|gebruiker|account)|admin\w*|owner|eigenaar|user ?\d*|windows[- ]user|author|"
    r"auteur|python-(?:pptx|docx)|steve canny|unknown|onbekend|apache poi|libreoffice|openoffice.*|pc|laptop|student|"
    r"docent|\(?anonymous\)?|\(?unspecified\)?|none|null|[\W\d_]*",
    re.I,
)
# The date that the template of python-pptx and python-docx carries.
_TEMPLATE_DATES = ("2013-01-27", "2013-12-23")
_PDF_DATE = re.compile(r"\s*(?:D:)?(\d{4})(\d{2})?(\d{2})?")


def sensible_title(title: str | None) -> str | None:
    """The title on one line, None when a program made it up."""
    found = _PREFIX.sub("", one_line(title or ""))
    if not found or len(found) > 300 or _FILE_NAME.fullmatch(found) or _JUNK.fullmatch(found) or "\ufffd" in found:
        return None
    return found


_PERSON_ENDS = re.compile(r"[;\n]|\s(?:and|en|&)\s")


def people(names: str | Iterable[str] | None) -> tuple[str, ...]:
    """Names of people, each once, without the program's own. A comma is left where it may be "Vries, Jan de"."""
    pieces = _PERSON_ENDS.split(names[:2000]) if isinstance(names, str) else list(names or ())
    if len(pieces) == 1 and all(len(part.split()) > 1 for part in pieces[0].split(",")):
        pieces = pieces[0].split(",")  # "Jan de Vries, Femke Test", not "Vries, Jan de"
    found = (one_line(piece).strip(" ,") for piece in pieces)
    return tuple(dict.fromkeys(name for name in found if _could_be_a_name(name)))


def _could_be_a_name(name: str) -> bool:
    return 0 < len(name) < 100 and not _NOBODY.fullmatch(name)


def iso_date(value: object) -> str | None:
    """ISO 8601 date (`2023`, `2023-09`, `2023-09-12`) of a datetime, an ISO or a PDF date; None for what is no date."""
    if isinstance(value, datetime):
        year, month, day = value.year, value.month, value.day
    else:
        text = str(value or "").replace("-", "")
        match = _PDF_DATE.match(text)
        if match is None:
            return None
        year, month, day = (int(piece or 0) for piece in match.groups())
    if not 1900 <= year <= 2100:
        return None
    if not 1 <= month <= 12:
        return f"{year:04}"
    date = f"{year:04}-{month:02}-{day:02}" if 1 <= day <= 31 else f"{year:04}-{month:02}"
    return None if date in _TEMPLATE_DATES else date


_MONTHS = (
    ("januari", "january", "jan"), ("februari", "february", "feb"), ("maart", "march", "mrt", "mar"), ("april", "apr"),
    ("mei", "may"), ("juni", "june", "jun"), ("juli", "july", "jul"), ("augustus", "august", "aug"),
    ("september", "sept", "sep"), ("oktober", "october", "okt", "oct"), ("november", "nov"), ("december", "dec"),
)  # fmt: skip
_MONTH = "|".join(name for names in _MONTHS for name in names)
_PRINTED = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:e|st|nd|rd|th)?\s+)?(?P<month>{_MONTH})\.?(?:\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,)?\s+"
    rf"(?P<year>(?:19|20)\d\d)\b|\b(?P<d>\d{{1,2}})[-/.](?P<m>\d{{1,2}})[-/.](?P<y>20\d\d)\b",
    re.I,
)


def printed_date(text: str) -> str | None:
    """The first date with a year that is written out in a text ("12 september 2023", "12-09-2023"), as ISO 8601."""
    for match in _PRINTED.finditer(text[:2000]):
        if match["year"]:
            name = match["month"].lower()
            month = next(number for number, names in enumerate(_MONTHS, 1) if name in names)
            year, day = int(match["year"]), int(match["day"] or match["day2"] or 0)
        else:
            year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
        if found := iso_date(f"{year:04}{month:02}{day:02}" if month <= 12 else None):
            return found
    return None


def language(tag: object) -> Language | None:
    """`nl` or `en` of a language tag such as `nl-NL`."""
    short = str(tag or "").strip().lower()[:2]
    return "nl" if short == "nl" else "en" if short == "en" else None
