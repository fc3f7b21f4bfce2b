"""Documents: the list, one document, one page with the passage marked, and the original file.

    /documents ─► /documents/3 ─► /documents/3/pages/14?passage=57 ─► …/files/<sha256>/deck.pdf#page=14

Addresses are permanent; a removed document answers 410 with what it was. An original opens in the browser only when it
is a PDF; everything else, which could carry scripts, is saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from kb.errors import NotInKnowledgeBase
from kb.language import matches as matched_words
from kb.model import KINDS, LANGUAGES, Citation, Document, Field, Page, Passage, StoredFile
from web import citing, parameters
from web.marking import Piece, Range, lines
from web.wording import gettext as _
from web.wording import page_name

blueprint = Blueprint("documents", __name__, url_prefix="/documents")

PDF = "application/pdf"
SORTS = ("title", "year", "added")

# A line of fewer characters was not broken off by the margin.
SHORT = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page."""

    pieces: list[Piece]
    role: str
    """`title`, `item` (it starts with a bullet), `opening` (of a paragraph), `text` or `gap` (it is empty)."""
    language: str | None
    passage: bool
    """Whether any of it belongs to the passage, or the sentence of it, that is shown."""


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The list, by kind."""
    base = parameters.knowledge_base()
    text, kind = parameters.text("q"), parameters.choice("kind", KINDS)
    language, sort = parameters.choice("language", LANGUAGES), parameters.choice("sort", SORTS) or "title"
    everything = base.documents()
    wanted = text.casefold().split()
    documents = [
        document
        for document in everything
        if (kind is None or document.kind == kind)
        and (language is None or document.language == language)
        and all(word in " ".join((document.title, *document.authors)).casefold() for word in wanted)
    ]
    keys: dict[str, Any] = {
        "title": lambda document: document.title.casefold(),
        "year": lambda document: (-(document.year or 0), document.title.casefold()),
        "added": lambda document: document.added,
    }
    documents.sort(key=keys[sort])
    if sort == "added":
        documents.reverse()
    return render_template(
        "documents.html",
        documents=documents,
        everything=everything,
        text=text,
        kind=kind,
        language=language,
        sort=sort,
    )


@blueprint.get("/<int:document_id>")
def document(document_id: int) -> ResponseReturnValue:
    """One document: its files, pages and references."""
    base = parameters.knowledge_base()
    found = base.document(document_id)
    files = [(file, file_url(found, file)) for file in found.files]
    return render_template(
        "document.html",
        document=found,
        pages=base.pages(document_id),
        files=files,
        references=base.references(document_id=document_id),
        citation=citing.of_document(found),
        highwire=citing.highwire(found, files),
    )


@blueprint.get("/<int:document_id>/pages/<int:number>")
def page(document_id: int, number: int) -> ResponseReturnValue:
    """One page as text, with what was asked for marked on it."""
    base = parameters.knowledge_base()
    found = base.document(document_id)
    shown = base.page(document_id, number)
    passages = base.passages_on(document_id, number)
    citations = base.citations_on(document_id, number)
    asked = parameters.query()
    query = asked.text
    marks = marked(shown, passages, citations)
    ranges = [
        *marks,
        *words(found, query, marks),
        *((citation.field, Range(citation.start, citation.end, "citation", citation)) for citation in citations),
        *(
            (passage.field, Range(passage.start, passage.end, "language", passage.language))
            for passage in passages
            if passage.language and passage.language != (shown.language or found.language)
        ),
    ]
    return render_template(
        "page.html",
        document=found,
        page=shown,
        name=page_name(found, number, shown.label),
        text=laid_out(shown, "text", [each for field, each in ranges if field == "text"]),
        notes=laid_out(shown, "notes", [each for field, each in ranges if field == "notes"]),
        marked=bool(marks),
        query=query,
        back=url_for("search.page", **parameters.filters(asked)),
        citations=[citation for citation in citations if citation.form != "credit"],
        credits=[citation for citation in citations if citation.form == "credit"],
        references={reference.key: reference for reference in base.references_on(document_id, number)},
        files=[(file, file_url(found, file, number), file.page_number(number)) for file in found.files],
        previous=base.page(document_id, number - 1) if number > 1 else None,
        following=base.page(document_id, number + 1) if number < found.pages else None,
        citation=citing.of_page(found, shown),
    )


def marked(page: Page, passages: tuple[Passage, ...], citations: tuple[Citation, ...]) -> list[tuple[Field, Range]]:
    """What the address asks to mark: a passage, a sentence of it (`from` and `to` count from its start), a citation.

    Without a passage `from` and `to` count from the start of the page's text, so that any stretch can be pointed at.
    A passage that is no longer here (its document was replaced) marks nothing: the page is still what was cited.
    """
    passage_id, citation_id = (
        parameters.number("passage", 1, parameters.HIGHEST),
        parameters.number("citation", 1, parameters.HIGHEST),
    )
    start, end = parameters.number("from", 0, 10**9), parameters.number("to", 0, 10**9)
    marks: list[tuple[Field, Range]] = []
    for passage in passages:
        if passage.id == passage_id:
            marks.append((passage.field, Range(passage.start, passage.end, "passage", passage)))
            if start is not None and end is not None and start < end <= len(passage.text):
                marks.append((passage.field, Range(passage.start + start, passage.start + end, "sentence")))
    if passage_id is None and start is not None and end is not None and start < end <= len(page.text):
        marks.append(("text", Range(start, end, "sentence")))
    marks += [
        (citation.field, Range(citation.start, citation.end, "sentence"))
        for citation in citations
        if citation.id == citation_id
    ]
    return marks


def words(document: Document, query: str, marks: list[tuple[Field, Range]]) -> list[tuple[Field, Range]]:
    """The words of the query in the passage that is shown; none where one sentence of it is shown."""
    passage = next((mark.about for _field, mark in marks if mark.role == "passage"), None)
    if not query or passage is None or any(mark.role == "sentence" for _field, mark in marks):
        return []
    spans = matched_words(query, passage.text, passage.language or document.language)
    return [(passage.field, Range(passage.start + span.start, passage.start + span.end, "match")) for span in spans]


def laid_out(page: Page, field: Field, ranges: list[Range]) -> list[Line]:
    """The lines of a page's text or notes; those that make up its title are marked as such."""
    text = page.field(field)
    if not text:
        return []
    title = " ".join((page.title or "").split()) if field == "text" else ""
    shown = "sentence" if any(each.role == "sentence" for each in ranges) else "passage"
    result, seen, before = [], "", ""
    for line in lines(text, ranges):
        plain = "".join(piece.text for piece in line).strip()
        # Where the line before ends a sentence or is short, a paragraph ends: PDFs have no other sign of it.
        opening = before[-1:] in ".!?:" or len(before) < SHORT
        role = "item" if plain[:1] in "•–-▪◦‣·*" else "opening" if opening else "text"
        before = plain
        if not plain:
            role = "gap"
        elif title:
            seen = f"{seen} {plain}".strip()
            if title.startswith(seen):
                role = "title"
            title = title if title.startswith(seen) and title != seen else ""
        languages = {piece.of("language") for piece in line if piece.text.strip()}
        language = languages.pop() if len(languages) == 1 else None
        result.append(Line(line, role, language, any(shown in piece for piece in line)))
    return result


def file_url(document: Document, file: StoredFile, number: int | None = None) -> str:
    """Where a file is served; a PDF opens at the page that shows page `number` of the document."""
    url = url_for(
        "documents.original", document_id=document.id, sha256=file.sha256, filename=file.filename.replace("/", "_")
    )
    at = file.page_number(number) if number is not None else None
    return f"{url}#page={at}" if at is not None and file.media_type == PDF else url


@blueprint.get("/<int:document_id>/files/<sha256>/<filename>")
def original(document_id: int, sha256: str, filename: str) -> Response:
    """The file as it came in."""
    base = parameters.knowledge_base()
    found = base.document(document_id)
    file = next((file for file in found.files if file.sha256 == sha256), None)
    if file is None:
        raise NotFound
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
