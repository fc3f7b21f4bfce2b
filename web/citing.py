"""Citations of references, documents and single pages, and files for reference managers.

    Reference ──┐                  ┌─► APA text, BibTeX, RIS, CSL-JSON
    Document ───┼─► CSL items ─────┤
    Page ───────┘                  └─► COinS in lists, Highwire tags on a document's page

The formats are kb.bibliography's and the files kb.exports'; HTTP adds media types, file names and absolute addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

from flask import Response, request, url_for
from markupsafe import Markup

from kb import bibliography, reports
from kb.exports import FORMATS, Format, apa_entry, filing_key, is_complete, written
from kb.model import CSL, Document, Page, Reference, StoredFile
from kb.reports import ReportFormat
from web import parameters
from web.wording import interface_language

MEDIA = {
    "apa": ("text/plain", "txt"),
    "bibtex": ("application/x-bibtex", "bib"),
    "ris": ("application/x-research-info-systems", "ris"),
    "csl-json": ("application/vnd.citationstyles.csl+json", "json"),
}

REPORT_MEDIA: dict[ReportFormat, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
}


def apa(csl: CSL) -> Markup:
    """The entry in APA style, in the language of the interface; empty when nothing is known."""
    return Markup(bibliography.apa_html(csl, interface_language()) if csl else "")  # noqa: S704 -- escaped there but for <i>


def of_document(document: Document) -> Markup:
    """How to cite a document."""
    return apa(bibliography.document_csl(document))


def of_page(document: Document, page: Page) -> Markup:
    """How to cite one page of it: "Vos, K. (2024). Tussen twee deuren [PowerPoint-slides], dia 14."."""
    return apa(bibliography.slide_csl(document, page))


def highwire(document: Document, files: Sequence[tuple[StoredFile, str]]) -> list[tuple[str, str]]:
    """The `citation_…` tags by which a reference manager saves this document from its page."""
    pdf = next((address for file, address in files if file.media_type == "application/pdf"), None)
    return bibliography.highwire(
        document,
        url=urljoin(request.host_url, url_for("documents.document", document_id=document.id)),
        pdf_url=urljoin(request.host_url, pdf) if pdf else None,
    )


def export(references: Sequence[Reference], form: Format) -> Response:
    """The references as a file that a browser saves."""
    media_type, suffix = MEDIA[form]
    incomplete = request.args.get("incomplete") == "1"
    text = written(references, form, interface_language(), incomplete=incomplete)
    answer = Response(text, content_type=f"{media_type}; charset=utf-8")
    filename = "references" if len(references) != 1 else "reference"
    answer.headers.set("Content-Disposition", "attachment", filename=f"{filename}.{suffix}")
    return answer


def rich_list(references: Sequence[Reference]) -> Response:
    """The same list as the APA text of `export`, as paragraphs of HTML with italics: what is put on a clipboard."""
    locale = interface_language()
    filed = sorted(references, key=lambda each: (not is_complete(each), filing_key(each)))
    entries = [
        Markup("<p>{}</p>").format(apa(each.csl) if is_complete(each) else apa_entry(each, locale)) for each in filed
    ]
    answer = Response(Markup("\n").join(entries), content_type="text/html; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="references.html")
    return answer


def in_text(document: Document, place: str) -> str:
    """The citation of a page in running text: "(Vos, 2024, dia 14)"."""
    return f"({bibliography.apa_label(bibliography.document_csl(document), interface_language())}, {place})"


def report(references: Sequence[Reference], form: ReportFormat) -> Response:
    """A report on the references as a file that a browser saves."""
    content = reports.report(references, form, interface_language(), parameters.knowledge_base(), request.host_url)
    answer = Response(content, content_type=REPORT_MEDIA[form])
    answer.headers.set("Content-Disposition", "attachment", filename=f"report.{form}")
    return answer


def accepted() -> Format | None:
    """The format that the Accept header prefers to a page (content negotiation, as at doi.org); None for a page."""
    wanted = {MEDIA[form][0]: form for form in FORMATS if form != "apa"}
    best = request.accept_mimetypes.best_match(["text/html", "application/json", *wanted])
    return wanted.get(best or "")
