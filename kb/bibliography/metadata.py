"""What a web page says about works, so that a reference manager can save them from it: COinS and Highwire tags."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from kb.bibliography.items import clean, date_parts, document_csl, names, plain
from kb.bibliography.names import full_family
from kb.model import CSL, Document

_JOURNAL = "info:ofi/fmt:kev:mtx:journal"
_BOOK = "info:ofi/fmt:kev:mtx:book"
_DISSERTATION = "info:ofi/fmt:kev:mtx:dissertation"
_PLAIN = "info:ofi/fmt:kev:mtx:dc"


def context_object(csl: CSL) -> str:
    """The item as an OpenURL ContextObject (Z39.88-2004, key/encoded-value): what COinS carries in its title."""
    kind = str(csl.get("type") or "document")
    said: list[tuple[str, str]] = [("url_ver", "Z39.88-2004"), ("ctx_ver", "Z39.88-2004")]

    def tell(key: str, variable: str) -> None:
        if text := plain(str(csl.get(variable) or "")):
            said.append((key, text))

    if kind.startswith("article") or kind == "review":
        said += [("rft_val_fmt", _JOURNAL), ("rft.genre", "article")]
        tell("rft.atitle", "title")
        tell("rft.jtitle", "container-title")
        tell("rft.volume", "volume")
        tell("rft.issue", "issue")
        tell("rft.issn", "ISSN")
    elif kind in {"book", "chapter", "paper-conference", "report"}:
        genre = {"book": "book", "chapter": "bookitem", "paper-conference": "proceeding", "report": "report"}[kind]
        said += [("rft_val_fmt", _BOOK), ("rft.genre", genre)]
        if kind in {"chapter", "paper-conference"}:
            tell("rft.atitle", "title")
            tell("rft.btitle", "container-title")
        else:
            tell("rft.btitle", "title")
        tell("rft.place", "publisher-place")
        tell("rft.publisher", "publisher")
        tell("rft.edition", "edition")
        tell("rft.series", "collection-title")
        tell("rft.isbn", "ISBN")
    elif kind == "thesis":
        said += [("rft_val_fmt", _DISSERTATION)]
        tell("rft.title", "title")
        tell("rft.inst", "publisher")
        tell("rft.degree", "genre")
    else:
        types = {"speech": "presentation", "webpage": "webpage", "dataset": "dataset", "software": "computerProgram"}
        said += [("rft_val_fmt", _PLAIN), ("rft.type", types.get(kind, "document"))]
        tell("rft.title", "title")
        tell("rft.publisher", "publisher")
        tell("rft.language", "language")
    if page := clean(str(csl.get("page") or "")):
        said.append(("rft.pages", page))
        if found := re.fullmatch(r"(\w+)[-–](\w+)", page):
            said += [("rft.spage", found[1]), ("rft.epage", found[2])]
    people = names(csl)
    for at, person in enumerate(people):
        family, given = full_family(person), clean(str(person.get("given") or ""))
        if at == 0 and not person.get("literal"):
            said += [("rft.aulast", family), *([("rft.aufirst", given)] if given else [])]
        whole = family if person.get("literal") else f"{given} {family}".strip()
        said.append(("rft.creator" if ("rft_val_fmt", _PLAIN) in said else "rft.au", whole))
    if parts := date_parts(csl):
        said.append(("rft.date", "-".join(f"{part:02d}" for part in parts)))
    if doi := clean(str(csl.get("DOI") or "")):
        said.append(("rft_id", f"info:doi/{doi}"))
    if link := clean(str(csl.get("URL") or "")):
        said.append(("rft_id" if ("rft_val_fmt", _PLAIN) not in said else "rft.identifier", link))
    return urlencode(said)


def coins(csl: CSL) -> str:
    """The item as a COinS element, safe to put in a page: Zotero's button finds one or many on a page."""
    return f'<span class="Z3988" title="{html.escape(context_object(csl), quote=True)}"></span>'


def highwire(item: CSL | Document, *, url: str | None = None, pdf_url: str | None = None) -> list[tuple[str, str]]:
    """Name and content of the Highwire meta tags of an item's or document's page; the template escapes them."""
    csl = item if isinstance(item, Mapping) else document_csl(item)
    tags: list[tuple[str, str]] = []

    def tell(name: str, text: object) -> None:
        if said := plain(str(text or "")):
            tags.append((name, said))

    tell("citation_title", csl.get("title"))
    for person in names(csl):
        family, given = full_family(person), clean(str(person.get("given") or ""))
        tell("citation_author", f"{family}, {given}" if given else family)
    if parts := date_parts(csl):
        tell("citation_publication_date", "/".join(f"{part:02d}" for part in parts))
    kind = csl.get("type")
    container = {"chapter": "citation_inbook_title", "paper-conference": "citation_conference_title"}
    tell(container.get(str(kind), "citation_journal_title"), csl.get("container-title"))
    tell("citation_volume", csl.get("volume"))
    tell("citation_issue", csl.get("issue"))
    if page := clean(str(csl.get("page") or "")):
        first, _, last = page.replace("–", "-").partition("-")
        tell("citation_firstpage", first)
        tell("citation_lastpage", last)
    publisher = {"thesis": "citation_dissertation_institution", "report": "citation_technical_report_institution"}
    tell(publisher.get(str(kind), "citation_publisher"), csl.get("publisher"))
    for name, variable in (("citation_doi", "DOI"), ("citation_isbn", "ISBN"), ("citation_issn", "ISSN"),
                           ("citation_language", "language"), ("citation_keywords", "keyword")):  # fmt: skip
        tell(name, csl.get(variable))
    tell("citation_abstract_html_url", url or csl.get("URL"))
    tell("citation_pdf_url", pdf_url)
    return tags
