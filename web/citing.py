"""Taking along: references, documents and single pages in the formats that reference managers read.

Reference ──┐                  ┌─► APA text, BibTeX, RIS, CSL-JSON
Document ───┼─► CSL items ─────┤
Page ───────┘                  └─► COinS in lists, Highwire tags on a document's page
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin

from flask import Response, request, url_for
from markupsafe import Markup

from kb.bibliography.items import document_csl, slide_csl
from kb.bibliography.names import full_family
from kb.model import CSL, Document, Page, Reference, StoredFile
from web.wording import interface_language

Format = Literal["apa", "bibtex", "ris", "csl-json"]
FORMATS: tuple[Format, ...] = ("apa", "bibtex", "ris", "csl-json")

MEDIA = {
    "apa": ("text/plain", "txt"),
    "bibtex": ("application/x-bibtex", "bib"),
    "ris": ("application/x-research-info-systems", "ris"),
    "csl-json": ("application/vnd.citationstyles.csl+json", "json"),
}


@dataclass(frozen=True, slots=True)
class Citable:
    """A work or a page of it, ready to be cited."""

    apa: Markup
    csl: CSL
    """Of the whole work."""


def apa(csl: CSL) -> Markup:
    """The entry in APA style, in the language of the interface; empty when nothing is known."""
    from kb.bibliography.apa import apa_html

    return Markup(apa_html(csl, interface_language()) if csl else "")  # noqa: S704 -- escaped there but for <i>


def of_document(document: Document) -> Citable:
    """How to cite a document."""
    csl = document_csl(document)
    return Citable(apa(csl), csl)


def of_page(document: Document, page: Page) -> Citable:
    """How to cite one page of it."""
    csl = slide_csl(document, page)
    return Citable(apa(csl), csl)


def highwire(document: Document, files: Sequence[tuple[StoredFile, str]]) -> list[tuple[str, str]]:
    """The `citation_…` tags by which a reference manager saves this document from its page."""
    tags = [("citation_title", document.title)]
    for name in document_csl(document).get("author", ()):
        family = full_family(name)
        tags.append(("citation_author", f"{family}, {name['given']}" if name.get("given") else family))
    if document.date or document.year:
        tags.append(("citation_publication_date", (document.date or str(document.year)).replace("-", "/")))
    if document.language:
        tags.append(("citation_language", document.language))
    for file, url in files:
        if file.media_type == "application/pdf":
            tags.append(("citation_pdf_url", urljoin(request.host_url, url)))
    tags.append(
        (
            "citation_abstract_html_url",
            urljoin(request.host_url, url_for("documents.document", document_id=document.id)),
        )
    )
    return tags


def coins(csl: CSL) -> str:
    """The OpenURL context object of an entry, for a COinS span."""
    try:
        from kb.bibliography import coins as made
    except ImportError:
        return ""
    return made(csl)


def export(references: Sequence[Reference], form: Format) -> Response:
    """The references as a file; what was never understood has no fields and travels as printed, in APA text only."""
    from kb import bibliography

    items = [
        {**reference.csl, "id": reference.csl.get("id", reference.key)} for reference in references if reference.csl
    ]
    if form == "apa":
        entries = [apa(reference.csl) or (reference.raw[0] if reference.raw else "") for reference in references]
        body = "\n\n".join(sorted((entry for entry in entries if entry), key=str.casefold)) + "\n"
    elif form == "bibtex":
        body = bibliography.to_bibtex(items)
    elif form == "ris":
        body = bibliography.to_ris(items)
    else:
        body = bibliography.to_csl_json(items)
    media_type, suffix = MEDIA[form]
    answer = Response(body, content_type=f"{media_type}; charset=utf-8")
    filename = "references" if len(references) != 1 else "reference"
    answer.headers.set("Content-Disposition", "attachment", filename=f"{filename}.{suffix}")
    return answer


def accepted() -> Format | None:
    """The format that the asker's Accept header prefers to a page, as doi.org has it."""
    wanted = {MEDIA[form][0]: form for form in FORMATS if form != "apa"}
    best = request.accept_mimetypes.best_match(["text/html", "application/json", *wanted])
    return wanted.get(best or "")
