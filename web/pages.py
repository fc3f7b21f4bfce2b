"""One page of a document: its image and its text, with the passage of the address marked on both.

    address ─► anchor ─► the place where its words are now ─┬─► marks in the text
                                                            └─► boxes on the image

`at` is the permanent form (kb.anchor); the older forms `passage`, `from` and `to`, and `citation` go on working for as long as
the passage or citation lives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from kb.anchor import Anchor
from kb.boxes import Box
from kb.language import matches as matched_words
from kb.model import Citation, Document, Field, Page, Passage, Span
from kb.places import Place
from web import citing, parameters
from web.documents import file_url
from web.images import image_url
from web.knowledge import KnowledgeBase
from web.marking import Piece, Range, lines
from web.walk import walk
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
    """One page: its image and its text, with the passage of the address marked on both."""
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
        text=laid_out(shown, "text", ranges),
        notes=laid_out(shown, "notes", ranges),
        changed=target.gone,
        query=asked.typed,
        back=url_for("search.page", **parameters.filters(asked)),
        citations=[each for each in citations if each.form != "credit"],
        credits=[each for each in citations if each.form == "credit"],
        references={reference.key: reference for reference in base.references_on(document_id, number)},
        files=[(file, file_url(found, file, number), file.page_number(number)) for file in found.files],
        previous=_neighbour(base, found, number - 1),
        following=_neighbour(base, found, number + 1),
        citation=citing.of_page(found, shown),
        walk=walk(base, asked, document_id, number),
        here=here(found, number),
        quoted=quoted(shown, target.marks),
    )


def here(document: Document, number: int) -> str:
    """The address of the page, with the place that is marked and without the way back."""
    return url_for("pages.page", document_id=document.id, number=number, at=request.args.get("at"))


def quoted(page: Page, marks: Sequence[tuple[Field, Range]]) -> str:
    """The words that are marked: of a sentence in a passage the sentence; without marks the title of the page."""
    marked = sorted(marks, key=lambda mark: mark[1].role != "sentence")
    for field, mark in marked[:1]:
        return page.field(field)[mark.start : mark.end]
    return page.title or ""


def always_shown(
    document: Document, page: Page, passages: Sequence[Passage], citations: Sequence[Citation]
) -> Iterator[tuple[Field, Range]]:
    """Marks on every page whatever the address: citations, and passages in another language than the page's."""
    for citation in citations:
        yield citation.field, Range(citation.start, citation.end, "citation", citation)
    for passage in passages:
        if passage.language and passage.language != (page.language or document.language):
            yield passage.field, Range(passage.start, passage.end, "language", passage.language)


@dataclass(frozen=True, slots=True)
class Target:
    """The places on a page that an address points at."""

    marks: list[tuple[Field, Range]]
    gone: bool = False
    """Whether the words that it was made for are nowhere in the document any more."""
    moved_to: str | None = None
    """The address of the page where they are now, when that is another one."""


def pointed_at(
    base: KnowledgeBase, document: Document, page: Page, passages: Sequence[Passage], citations: Sequence[Citation]
) -> Target:
    """The marks that the address asks for: `at`, or in the older forms `passage`, `from` and `to`, `citation`."""
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
    for passage in (each for each in passages if each.id == passage_id):
        marks.append((passage.field, Range(passage.start, passage.end, "passage", passage)))
        marks += _part_mark(passage.field, passage.text, part, passage.start)
    if passage_id is None:
        marks += _part_mark("text", page.text, part)
    cited = (citation for citation in citations if citation.id == citation_id)
    return marks + [(citation.field, Range(citation.start, citation.end, "sentence")) for citation in cited]


def _part_mark(field: Field, text: str, part: tuple[int, int] | None, offset: int = 0) -> list[tuple[Field, Range]]:
    """The mark of a part of a text that begins `offset` characters into its field; none when it reaches beyond its end."""
    if part is None or part[1] > len(text):
        return []
    return [(field, Range(offset + part[0], offset + part[1], "sentence"))]


@dataclass(frozen=True, slots=True)
class Overlay:
    """The marks on the image of a page."""

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
    aligned = [(mark.role, each) for mark, each in zip(wanted, found, strict=False) if each.share >= ALIGNED]
    return Overlay([(role, box) for role, each in aligned for box in each.boxes], missed=len(aligned) < len(wanted))


def words(document: Document, query: str, marks: Sequence[tuple[Field, Range]]) -> list[tuple[Field, Range]]:
    """The words of the query in the passage that is shown; none where one sentence of it is shown."""
    passage = next((mark.about for _field, mark in marks if mark.role == "passage"), None)
    if not query or passage is None or any(mark.role == "sentence" for _field, mark in marks):
        return []
    spans = matched_words(query, passage.text, passage.language or document.language)
    return [(passage.field, Range(passage.start + span.start, passage.start + span.end, "match")) for span in spans]


def _neighbour(base: KnowledgeBase, document: Document, number: int) -> Page | None:
    """Page `number` of a document; None beyond its first and last."""
    return base.page(document.id, number) if 1 <= number <= document.pages else None


def laid_out(page: Page, field: Field, marks: Sequence[tuple[Field, Range]]) -> list[Line]:
    """The lines of a page's text or notes; those that make up its title are marked as such."""
    text = page.field(field)
    if not text:
        return []
    ranges = [each for marked, each in marks if marked == field]
    title = _title_words(page, field)
    shown = "sentence" if any(each.role == "sentence" for each in ranges) else "passage"
    result, seen, before = [], "", ""
    for line in lines(text, ranges):
        plain = "".join(piece.text for piece in line).strip()
        role = _role(plain, before)
        before = plain
        if plain and title:
            seen = f"{seen} {plain}".strip()
            role = "title" if title.startswith(seen) else role
            title = title if title.startswith(seen) and title != seen else ""
        result.append(Line(line, role, _language(line), any(shown in piece for piece in line)))
    return result


def _title_words(page: Page, field: Field) -> str:
    """The title of a page on one line; empty for its notes."""
    return " ".join((page.title or "").split()) if field == "text" else ""


def _role(line: str, before: str) -> str:
    """The role of a line by its words and by the line before.

    Where the line before ends a sentence or is short, a paragraph ends: PDFs have no other sign of it.
    """
    if not line:
        return "gap"
    if line[0] in BULLETS:
        return "item"
    return "opening" if before[-1:] in ".!?:" or len(before) < SHORT else "text"


def _language(line: Sequence[Piece]) -> Any:
    """The language of all words of a line; None when they differ."""
    languages = {piece.of("language") for piece in line if piece.text.strip()}
    return languages.pop() if len(languages) == 1 else None
