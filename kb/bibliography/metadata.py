"""Metadata in web pages, from which reference managers save works: COinS and Highwire tags."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from kb.bibliography.items import clean, date_parts, document_csl, names, plain
from kb.bibliography.names import full_family
from kb.model import CSL, Document

_JOURNAL = "info:ofi/fmt:kev:mtx:journal"
_BOOK = "info:ofi/fmt:kev:mtx:book"
_DISSERTATION = "info:ofi/fmt:kev:mtx:dissertation"
_PLAIN = "info:ofi/fmt:kev:mtx:dc"


def context_object(csl: CSL) -> str:
    """The item as an OpenURL ContextObject (Z39.88-2004, key/encoded-value): the title attribute of COinS."""
    form = _form(str(csl.get("type") or "document"))
    fields = [("url_ver", "Z39.88-2004"), ("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", form.format), *form.fixed]
    fields += [(key, text) for key, variable in form.variables if (text := plain(str(csl.get(variable) or "")))]
    fields += _pages(csl)
    fields += [("rft.creator", _whole_name(person)) for person in names(csl)] if form.is_plain else _authors(csl)
    if parts := date_parts(csl):
        fields.append(("rft.date", "-".join(f"{part:02d}" for part in parts)))
    if doi := clean(str(csl.get("DOI") or "")):
        fields.append(("rft_id", f"info:doi/{doi}"))
    if link := clean(str(csl.get("URL") or "")):
        fields.append(("rft.identifier" if form.is_plain else "rft_id", link))
    return urlencode(fields)


@dataclass(frozen=True, slots=True)
class _Form:
    """How a ContextObject describes a type of work: its format, fixed fields, and fields with the CSL variable of each."""

    format: str
    fixed: tuple[tuple[str, str], ...]
    variables: tuple[tuple[str, str], ...]

    @property
    def is_plain(self) -> bool:
        """Whether the format is Dublin Core."""
        return self.format == _PLAIN


_GENRES = {"book": "book", "chapter": "bookitem", "paper-conference": "proceeding", "report": "report"}
_DUBLIN_CORE = {"speech": "presentation", "webpage": "webpage", "dataset": "dataset", "software": "computerProgram"}
_ARTICLE = (
    ("rft.atitle", "title"),
    ("rft.jtitle", "container-title"),
    ("rft.volume", "volume"),
    ("rft.issue", "issue"),
    ("rft.issn", "ISSN"),
)
_PART = (("rft.atitle", "title"), ("rft.btitle", "container-title"))
_PUBLISHED = (
    ("rft.place", "publisher-place"),
    ("rft.publisher", "publisher"),
    ("rft.edition", "edition"),
    ("rft.series", "collection-title"),
    ("rft.isbn", "ISBN"),
)


def _form(kind: str) -> _Form:
    """The form for a CSL type."""
    if kind.startswith("article") or kind == "review":
        return _Form(_JOURNAL, (("rft.genre", "article"),), _ARTICLE)
    if kind in _GENRES:
        titles = _PART if kind in {"chapter", "paper-conference"} else (("rft.btitle", "title"),)
        return _Form(_BOOK, (("rft.genre", _GENRES[kind]),), (*titles, *_PUBLISHED))
    if kind == "thesis":
        thesis = (("rft.title", "title"), ("rft.inst", "publisher"), ("rft.degree", "genre"))
        return _Form(_DISSERTATION, (), thesis)
    other = (("rft.title", "title"), ("rft.publisher", "publisher"), ("rft.language", "language"))
    return _Form(_PLAIN, (("rft.type", _DUBLIN_CORE.get(kind, "document")),), other)


def _pages(csl: CSL) -> list[tuple[str, str]]:
    page = clean(str(csl.get("page") or ""))
    if not page:
        return []
    first_and_last = re.fullmatch(r"(\w+)[-–](\w+)", page)
    ends = [("rft.spage", first_and_last[1]), ("rft.epage", first_and_last[2])] if first_and_last else []
    return [("rft.pages", page), *ends]


def _authors(csl: CSL) -> list[tuple[str, str]]:
    """Each author once: readers such as Zotero add `rft.au` to the first author's `rft.aulast` and `rft.aufirst`."""
    fields: list[tuple[str, str]] = []
    for person in names(csl):
        given = clean(str(person.get("given") or ""))
        if person.get("literal"):
            fields.append(("rft.aucorp", full_family(person)))
        elif any(key == "rft.aulast" for key, _ in fields):
            fields.append(("rft.au", _inverted_name(person)))
        else:
            fields += [("rft.aulast", full_family(person)), *([("rft.aufirst", given)] if given else [])]
    return fields


def _whole_name(person: Mapping[str, Any]) -> str:
    """A name in the order in which it is spoken."""
    given = "" if person.get("literal") else clean(str(person.get("given") or ""))
    return f"{given} {full_family(person)}".strip()


def _inverted_name(person: Mapping[str, Any]) -> str:
    """A name with the family name first."""
    given = clean(str(person.get("given") or ""))
    return f"{full_family(person)}, {given}" if given else full_family(person)


def coins(csl: CSL) -> str:
    """The item as a COinS element, safe to put in a page: Zotero's button finds one or many on a page."""
    return f'<span class="Z3988" title="{html.escape(context_object(csl), quote=True)}"></span>'


def highwire(item: CSL | Document, *, url: str | None = None, pdf_url: str | None = None) -> list[tuple[str, str]]:
    """Name and content of the Highwire meta tags of an item's or document's page; the template escapes them."""
    csl = item if isinstance(item, Mapping) else document_csl(item)
    kind = str(csl.get("type"))
    first, _, last = clean(str(csl.get("page") or "")).replace("–", "-").partition("-")
    values: list[tuple[str, object]] = [
        ("citation_title", csl.get("title")),
        *(("citation_author", _inverted_name(person)) for person in names(csl)),
        ("citation_publication_date", "/".join(f"{part:02d}" for part in date_parts(csl))),
        (_CONTAINER_TAGS.get(kind, "citation_journal_title"), csl.get("container-title")),
        ("citation_volume", csl.get("volume")),
        ("citation_issue", csl.get("issue")),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        (_PUBLISHER_TAGS.get(kind, "citation_publisher"), csl.get("publisher")),
        ("citation_doi", csl.get("DOI")),
        ("citation_isbn", csl.get("ISBN")),
        ("citation_issn", csl.get("ISSN")),
        ("citation_language", csl.get("language")),
        ("citation_keywords", csl.get("keyword")),
        ("citation_abstract_html_url", url or csl.get("URL")),
        ("citation_pdf_url", pdf_url),
    ]
    return [(name, text) for name, value in values if (text := plain(str(value or "")))]


_CONTAINER_TAGS = {"chapter": "citation_inbook_title", "paper-conference": "citation_conference_title"}
_PUBLISHER_TAGS = {"thesis": "citation_dissertation_institution", "report": "citation_technical_report_institution"}
