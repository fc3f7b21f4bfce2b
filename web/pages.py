"""One page of a document: its image and its text, with what the address points at marked on both.

    address ─► anchor ─► the place where its words are now ─┬─► marks in the text
                                                            └─► boxes on the image

`at` is the permanent form (kb.anchor); the older forms `passage`, `from` and `to`, and `citation` go on working for as long as
the passage or citation lives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from kb.anchor import Anchor
from kb.language import matches as matched_words
from kb.model import Box, Citation, Document, Field, Page, Passage, Span
from kb.places import Place
from web import citing, parameters
from web.documents import file_url
from web.images import image_url
from web.knowledge import KnowledgeBase
from web.marking import Piece, Range, lines
from web.wording import gettext as _
from web.wording import page_name

blueprint = Blueprint("pages", __name__, url_prefix="/documents")

SHORT = 50
"""A line of fewer characters does not end because the margin was reached."""
ALIGNED = 0.9
"""Share of a stretch's letters that must be found on the image before it is marked there."""
BULLETS = "•–-▪◦‣·*"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page."""

    pieces: list[Piece]
    role: str
    """`title`, `item` (it starts with a bullet), `opening` (of a paragraph), `text` or `gap` (it is empty)."""
    language: str | None
    passage: bool
    """Whether any of it belongs to the passage, or the sentence of it, that is shown."""


@blueprint.get("/<int:document_id>/pages/<int:number>")
def page(document_id: int, number: int) -> ResponseReturnValue:
    """One page: its image and its text, with what the address points at marked on both."""
    base = parameters.knowledge_base()
    found = base.document(document_id)
    shown = base.page(document_id, number)
    passages = base.passages_on(document_id, number)
    citations = base.citations_on(document_id, number)
    target = pointed_at(base, found, shown, passages, citations)
    if target.moved_to is not None:
        return redirect(target.moved_to)
    asked = parameters.query()
    ranges = [*target.marks, *words(found, asked.text, target.marks), *always_shown(found, shown, passages, citations)]
    return render_template(
        "page.html",
        document=found,
        page=shown,
        name=page_name(found, number, shown.label),
        image=image_url(found, number),
        overlay=overlay(base, found, shown, target.marks),
        text=laid_out(shown, "text", [each for field, each in ranges if field == "text"]),
        notes=laid_out(shown, "notes", [each for field, each in ranges if field == "notes"]),
        changed=target.gone,
        query=asked.text,
        back=url_for("search.page", **parameters.filters(asked)),
        citations=[citation for citation in citations if citation.form != "credit"],
        credits=[citation for citation in citations if citation.form == "credit"],
        references={reference.key: reference for reference in base.references_on(document_id, number)},
        files=[(file, file_url(found, file, number), file.page_number(number)) for file in found.files],
        previous=base.page(document_id, number - 1) if number > 1 else None,
        following=base.page(document_id, number + 1) if number < found.pages else None,
        citation=citing.of_page(found, shown),
    )


def always_shown(
    document: Document, page: Page, passages: Sequence[Passage], citations: Sequence[Citation]
) -> Iterator[tuple[Field, Range]]:
    """What a page shows whatever the address: its citations, and passages in another language than its own."""
    for citation in citations:
        yield citation.field, Range(citation.start, citation.end, "citation", citation)
    for passage in passages:
        if passage.language and passage.language != (page.language or document.language):
            yield passage.field, Range(passage.start, passage.end, "language", passage.language)


@dataclass(frozen=True, slots=True)
class Target:
    """What an address points at on a page."""

    marks: list[tuple[Field, Range]]
    gone: bool = False
    """Whether the words that it was made for are nowhere in the document any more."""
    moved_to: str | None = None
    """The address of the page where they are now, when that is another one."""


def pointed_at(
    base: KnowledgeBase, document: Document, page: Page, passages: Sequence[Passage], citations: Sequence[Citation]
) -> Target:
    """What the address asks to mark: `at`, or in the older forms `passage`, `from` and `to`, `citation`."""
    value = request.args.get("at", "")
    if not value:
        return Target(old_marks(page, passages, citations))
    anchor = Anchor.parse(value)
    if anchor is None:
        raise BadRequest(_("The place in this address was copied in part"))
    place = base.find_words(document.id, page.number, anchor)
    if place is None:
        return Target([], gone=True)
    if place.number != page.number:
        words = base.page(document.id, place.number).field(place.field)[place.span.start : place.span.end]
        rest = {name: value for name, value in request.args.items() if name != "at"}
        address = Anchor.of(words, place.span.start).on(document.id, place.number)
        return Target([], moved_to=f"{address}&{urlencode(rest)}" if rest else address)
    return Target(marks_of(place, passages))


def marks_of(place: Place, passages: Sequence[Passage]) -> list[tuple[Field, Range]]:
    """A place as a passage, or as a sentence with the passage that it belongs to."""
    field, span = place.field, place.span
    for passage in passages:
        if passage.field == field and passage.start <= span.start and span.end <= passage.end:
            around: tuple[Field, Range] = (field, Range(passage.start, passage.end, "passage", passage))
            whole = (passage.start, passage.end) == (span.start, span.end)
            return [around] if whole else [around, (field, Range(span.start, span.end, "sentence"))]
    return [(field, Range(span.start, span.end, "sentence"))]


def old_marks(page: Page, passages: Sequence[Passage], citations: Sequence[Citation]) -> list[tuple[Field, Range]]:
    """Marks of addresses made before `at`: a passage, a sentence of it (`from` and `to` count from its start), a citation.

    Without a passage `from` and `to` count from the start of the page's text. A passage that is no longer here marks nothing.
    """
    passage_id = parameters.number("passage", 1, parameters.HIGHEST)
    citation_id = parameters.number("citation", 1, parameters.HIGHEST)
    start, end = parameters.number("from", 0, 10**9), parameters.number("to", 0, 10**9)
    part = (start, end) if start is not None and end is not None and start < end else None
    marks: list[tuple[Field, Range]] = []
    for passage in passages:
        if passage.id == passage_id:
            marks.append((passage.field, Range(passage.start, passage.end, "passage", passage)))
            if part and part[1] <= len(passage.text):
                span = Range(passage.start + part[0], passage.start + part[1], "sentence")
                marks.append((passage.field, span))
    if passage_id is None and part and part[1] <= len(page.text):
        marks.append(("text", Range(*part, "sentence")))
    marks += [
        (citation.field, Range(citation.start, citation.end, "sentence"))
        for citation in citations
        if citation.id == citation_id
    ]
    return marks


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is marked on the image of a page."""

    boxes: list[tuple[str, Box]]
    """Role (`passage` or `sentence`) and rectangle."""
    missed: bool
    """Whether something is marked in the text that was not found on the image."""


def overlay(base: KnowledgeBase, document: Document, page: Page, marks: Sequence[tuple[Field, Range]]) -> Overlay:
    """The marks of a page's text as boxes on its image; a stretch of which too little is found there has none."""
    wanted = [mark for field, mark in marks if field == "text"]
    picture = base.pictures.picture(document, page.number) if wanted else None
    if picture is None:
        return Overlay([], missed=False)
    found = base.pictures.marked(picture, page, [Span(mark.start, mark.end) for mark in wanted])
    boxes = [
        (mark.role, box)
        for mark, marked in zip(wanted, found, strict=False)
        if marked.share >= ALIGNED
        for box in marked.boxes
    ]
    return Overlay(boxes, missed=len(found) < len(wanted) or any(marked.share < ALIGNED for marked in found))


def words(document: Document, query: str, marks: Sequence[tuple[Field, Range]]) -> list[tuple[Field, Range]]:
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
        role = "item" if plain[:1] in BULLETS else "opening" if opening else "text"
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
