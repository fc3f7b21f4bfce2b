"""Literature: who is cited where, what exactly, and is it here.

/references ─► /references/bandura-1994 ─► the place that cites it, marked on its page
     └──────────────┴─► ?format=bibtex|ris|csl-json|apa
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.bibliography import context_object
from kb.bibliography import year as csl_year
from kb.errors import NotInKnowledgeBase
from kb.model import Citation, Document, Page, Reference
from web import citing, parameters
from web.knowledge import ONLY, KnowledgeBase, Only
from web.marking import Piece, Range, pieces, sentence_around
from web.serialise import authors

blueprint = Blueprint("literature", __name__, url_prefix="/references")

Sort = Literal["author", "year", "title", "cited"]
SORTS: tuple[Sort, ...] = ("author", "year", "title", "cited")
SHEET = 50
"""References on one sheet of the list."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that cites, as the page shows it: its sentence with the citation marked."""

    citation: Citation
    document: Document
    page: Page
    sentence: list[Piece]
    url: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the list is narrowed to, and its order."""

    q: str
    document: int | None
    only: Only | None
    sort: Sort

    @property
    def kept(self) -> dict[str, Any]:
        """As parameters of an address."""
        values = {"q": self.q, "document": self.document, "only": self.only}
        return {
            **{name: value for name, value in values.items() if value},
            **({"sort": self.sort} if self.sort != "author" else {}),
        }


def exported(references: list[Reference]) -> Response | None:
    """The references as a file, when the address or the Accept header asks for one."""
    form = parameters.choice("format", citing.FORMATS) or citing.accepted()
    return citing.export(references, form) if form else None


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The list, with its filters; or the whole of it, or what was ticked, as a file."""
    base = parameters.knowledge_base()
    chosen = Chosen(
        parameters.text("q"),
        parameters.number("document", 1, 2**53),
        parameters.choice("only", ONLY),
        parameters.choice("sort", SORTS) or "author",
    )
    found = base.references(text=chosen.q, document_id=chosen.document, only=chosen.only, sort=chosen.sort)
    ticked = set(request.args.getlist("key"))
    answer = exported([reference for reference in found if reference.key in ticked] if ticked else found)
    if answer is not None:
        return answer
    sheets = max(1, -(-len(found) // SHEET))
    sheet = min(parameters.number("page", 1, 10**6) or 1, sheets)
    documents = {document.id: document for document in base.documents()}
    return render_template(
        "references.html",
        references=found[(sheet - 1) * SHEET : sheet * SHEET],
        total=len(found),
        sheet=sheet,
        sheets=sheets,
        chosen=chosen,
        kept=chosen.kept,
        documents=documents,
        names=authors,
        year=csl_year,
        coins=context_object,
    )


@blueprint.get("/<path:key>")
def reference(key: str) -> ResponseReturnValue:
    """One cited work: its entry, every place that cites it, and whether it is here."""
    base = parameters.knowledge_base()
    found = base.reference(key)
    answer = exported([found])
    if answer is not None:
        return answer
    here = base.document(found.document_id) if found.document_id is not None else None
    return render_template(
        "reference.html",
        reference=found,
        names=authors(found),
        year=csl_year(found.csl),
        apa=citing.apa(found.csl),
        coins=context_object(found.csl) if found.csl else "",
        places=places(base, found),
        here=here,
        others=others(base, found),
        names_of=authors,
    )


def places(base: KnowledgeBase, reference: Reference) -> list[Place]:
    """Every place that cites, with its sentence."""
    found = []
    documents: dict[int, Document] = {}
    pages: dict[tuple[int, int], Page] = {}
    for citation in reference.cited_by:
        at = (citation.document_id, citation.number)
        try:
            document = documents.setdefault(at[0], documents.get(at[0]) or base.document(at[0]))
            page = pages.setdefault(at, pages.get(at) or base.page(*at))
        except NotInKnowledgeBase:  # removed a moment ago
            continue
        text = page.field(citation.field)
        start, end = sentence_around(text, citation.start, citation.end)
        mark = Range(citation.start, citation.end, "match")
        url = url_for("documents.page", document_id=at[0], number=at[1], citation=citation.id) + "#marked"
        found.append(Place(citation, document, page, pieces(text, [mark], start, end), url))
    return found


def others(base: KnowledgeBase, reference: Reference) -> list[Reference]:
    """Other works of the same authors."""
    names = {name.casefold() for name in authors(reference)}
    found: dict[str, Reference] = {}
    for name in authors(reference)[:3]:
        for other in base.references(text=name):
            if other.key != reference.key and names & {each.casefold() for each in authors(other)}:
                found[other.key] = other
    return list(found.values())[:12]
