"""Documents: the list, one document, one page with a passage marked, and the original file.

    /documents ─► /documents/3 ─► /documents/3/pages/14?at=12-181.3f0a9c1b2d4e ─► …/files/<sha256>/deck.pdf#page=14

Addresses are permanent; a removed document answers 410 with its title. An original opens in the browser only when it
is a PDF; everything else, which could carry scripts, is saved.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from kb.errors import KnowledgeBaseError, NotInKnowledgeBase
from kb.model import KINDS, LANGUAGES, Document, Page, StoredFile
from web import citing, parameters
from web.images import image_url
from web.knowledge import KnowledgeBase
from web.wording import gettext as _

logger = logging.getLogger(__name__)
blueprint = Blueprint("documents", __name__, url_prefix="/documents")

PDF = "application/pdf"
SORTS = ("title", "year", "added")
SHEET = 100
"""Documents on one sheet of the list."""
VIEWS = ("list", "grid")


_SORT_KEYS: Mapping[str, Callable[[Document], Any]] = {
    "title": lambda document: document.title.casefold(),
    "year": lambda document: (-(document.year or 0), document.title.casefold()),
    "added": lambda document: document.added,
}


def _names(document: Document, text: str) -> bool:
    """Whether title and authors of a document hold each word of a text."""
    name = " ".join((document.title, *document.authors)).casefold()
    return all(word in name for word in text.casefold().split())


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The list, by kind."""
    base = parameters.knowledge_base()
    text, kind = parameters.text("q"), parameters.choice("kind", KINDS)
    language, sort = parameters.choice("language", LANGUAGES), parameters.choice("sort", SORTS) or "title"
    everything = base.documents()
    documents = [
        document
        for document in everything
        if kind in (None, document.kind) and language in (None, document.language) and _names(document, text)
    ]
    documents.sort(key=_SORT_KEYS[sort], reverse=sort == "added")
    sheet, sheets = parameters.sheet(len(documents), SHEET)
    kept = {"q": text, "kind": kind, "language": language, "sort": parameters.choice("sort", SORTS)}
    return render_template(
        "documents.html",
        documents=documents[(sheet - 1) * SHEET : sheet * SHEET],
        total=len(documents),
        everything=everything,
        text=text,
        kind=kind,
        language=language,
        sort=sort,
        sheet=sheet,
        sheets=sheets,
        kept={name: value for name, value in kept.items() if value},
    )


@blueprint.get("/<int:document_id>")
def document(document_id: int) -> ResponseReturnValue:
    """One document: its files, pages (as a list or as a grid of small pictures) and references."""
    base = parameters.knowledge_base()
    found, view = base.document(document_id), parameters.choice("view", VIEWS) or "list"
    pages = base.pages(document_id)
    files = [(file, file_url(found, file)) for file in found.files]
    return render_template(
        "document.html",
        document=found,
        pages=pages,
        view=view,
        pictured=any(image_url(found, page.number) for page in pages),
        outline=outline(found, pages),
        files=files,
        references=base.references(document_id=document_id),
        citation=citing.of_document(found),
        highwire=citing.highwire(found, files),
        similar=similar_documents(base, document_id),
    )


def similar_documents(base: KnowledgeBase, document_id: int) -> list[Document]:
    """The documents that are most like one; none where they cannot be told, such as without the encoder's model."""
    try:
        return base.similar_documents(document_id)
    except KnowledgeBaseError as error:
        logger.warning("documents like %s are not shown: %s", document_id, error)
        return []


def outline(document: Document, pages: Sequence[Page]) -> list[tuple[str, int]]:
    """The sections of a document, each with its first page; one named as the document is none."""
    found: list[tuple[str, int]] = []
    for page in pages:
        if page.section and page.section != document.title and (not found or found[-1][0] != page.section):
            found.append((page.section, page.number))
    return found


def file_url(document: Document, file: StoredFile, number: int | None = None) -> str:
    """Where a file is served; a PDF opens at the page that shows page `number` of the document."""
    url = url_for(
        "documents.original", document_id=document.id, sha256=file.sha256, filename=file.filename.replace("/", "_")
    )
    at = file.page_number(number) if number is not None else None
    return f"{url}#page={at}" if at is not None and file.media_type == PDF else url


@blueprint.get("/<int:document_id>/files/<sha256>/<filename>")
def original(document_id: int, sha256: str, filename: str) -> Response:
    """The file as it came in; that of a replaced version as long as the trash keeps it."""
    base = parameters.knowledge_base()
    file = base.file(document_id, sha256)
    path = base.original(document_id, sha256)
    if not path.is_file():
        raise NotInKnowledgeBase(_("The file %(name)s is missing: run kb check") % {"name": file.filename})
    inline = file.media_type == PDF and "download" not in request.args
    answer = send_file(
        path,
        mimetype=file.media_type,
        as_attachment=not inline,
        download_name=file.filename,
        etag=file.sha256,
        conditional=True,
    )
    # A browser's PDF viewer does not run inside a sandbox, and styles itself; everything else never gets out of one.
    policy = "style-src 'unsafe-inline'; object-src 'self'" if inline else "sandbox"
    answer.headers["Content-Security-Policy"] = f"default-src 'none'; {policy}; frame-ancestors 'none'"
    # Asked for anew each time, which costs a 304: a removed document must not go on opening from a browser's cache.
    answer.headers["Cache-Control"] = "no-cache, private"
    return answer
