"""Literature: who is cited where, which work, and whether it is here.

    /references ─► /references/bandura-1994 ─► the place that cites it, marked on its page
         ├──────────────┴─► ?format=bibtex|ris|csl-json|apa
         └─► /references/review ─► is this the same work? confirm or refuse with one click, and undo

    /references/bandura-1994 ─► look up at Crossref (only where KB_CROSSREF is set) ─► a suggestion ─► accept

The catalogue keeps the answers; here a form is checked and its answer passed on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypedDict

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest

from kb.bibliography import context_object, fold, same_work, title
from kb.bibliography import year as csl_year
from kb.choices import Only, Sort
from kb.errors import NotInKnowledgeBase
from kb.exports import FORMATS, Format
from kb.inquiries import ORDERS, inquiries
from kb.model import Citation, DecisionVerdict, Document, Entry, Page, Reference, Suggestion
from kb.reports import REPORTS, search_addresses
from kb.serialise import authors
from web import citing, parameters
from web.knowledge import ONLY, SORTS, KnowledgeBase
from web.marking import Piece, Range, pieces, sentence_near
from web.protection import check_csrf
from web.reasons import in_words
from web.wording import gettext as _

blueprint = Blueprint("literature", __name__, url_prefix="/references")

PARTS = ("citation", "entry")
SHEET = 50
"""References on one sheet of the list."""
OFFERED = 100
"""Documents that the filter offers to choose from; of more, those are offered whose titles have some words."""
VERDICTS: tuple[DecisionVerdict, ...] = ("confirm", "refuse")
PLACES = 3
"""Places that are shown with a question."""


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
    """The filters of the list, and its order."""

    q: str
    document: int | None
    only: Only | None
    sort: Sort
    within: str = ""
    """Words of the titles of the documents that are offered, where there are many."""

    @property
    def kept(self) -> dict[str, Any]:
        """As parameters of an address."""
        values = {"q": self.q, "in": self.within, "document": self.document, "only": self.only}
        return {
            **{name: value for name, value in values.items() if value},
            **({"sort": self.sort} if self.sort != "author" else {}),
        }


def offered(documents: Collection[Document], within: str) -> list[Document]:
    """The documents that the filter offers: all of few; of many those with these words in their titles, the first ones."""
    if len(documents) <= OFFERED:
        return list(documents)
    words = fold(within).split()
    matching = (each for each in documents if words and all(word in fold(each.title) for word in words))
    return list(islice(matching, OFFERED))


class Narrowed(TypedDict):
    """The filters of a list of references, as arguments of the knowledge base."""

    text: str
    document_id: int | None
    only: Only | None


def exporting() -> Format | None:
    """The format of the file that the address or the Accept header asks for; None asks for a page."""
    return parameters.choice("format", FORMATS) or citing.accepted()


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The list, with its filters; or the whole of it, or the ticked works, as a file."""
    base = parameters.knowledge_base()
    chosen = Chosen(
        parameters.text("q"),
        parameters.number("document", 1, parameters.HIGHEST),
        parameters.choice("only", ONLY),
        parameters.choice("sort", SORTS) or "author",
        parameters.text("in"),
    )
    documents = {document.id: document for document in base.documents()}
    choices = offered(documents.values(), chosen.within)
    if chosen.within and chosen.document is None and len(choices) == 1:
        chosen = replace(chosen, document=choices[0].id)
    if chosen.document in documents and documents[chosen.document] not in choices:
        choices.append(documents[chosen.document])
    narrowed: Narrowed = {"text": chosen.q, "document_id": chosen.document, "only": chosen.only}
    ticked = set(request.args.getlist("key"))
    reporting, form = parameters.choice("report", REPORTS), exporting()
    if reporting or form:
        found = base.references(**narrowed, sort=chosen.sort)
        found = [each for each in found if each.key in ticked] if ticked else found
        if form == "apa" and parameters.choice("rich", ("1",)):
            return citing.rich_list(found)
        return citing.report(found, reporting) if reporting else citing.export(found, form or "apa")
    total = base.reference_count(**narrowed)
    sheet, sheets = parameters.sheet(total, SHEET)
    found = base.references(**narrowed, sort=chosen.sort, limit=SHEET, offset=(sheet - 1) * SHEET)
    return render_template(
        "references.html",
        references=found,
        total=total,
        meant=base.references_meant(chosen.q) if chosen.q and not total else None,
        sheet=sheet,
        sheets=sheets,
        chosen=chosen,
        kept=chosen.kept,
        documents=documents,
        choices=choices,
        many=len(documents) > OFFERED,
        waiting=len(inquiries(base.doubts())),
        names=authors,
        year=csl_year,
        coins=context_object,
        search_addresses=search_addresses,
    )


@blueprint.get("/review")
def review() -> ResponseReturnValue:
    """The questions that wait for a person, and earlier answers."""
    base = parameters.knowledge_base()
    order = parameters.choice("sort", ORDERS) or "likely"
    asked, decisions = inquiries(base.doubts(), order), base.decisions()
    sheet, sheets = parameters.sheet(len(asked), SHEET)
    made = set(request.args.getlist("made"))
    documents = {document.id: document for document in base.documents()}
    return render_template(
        "review.html",
        asked=[(each, places(base, each.citations[:PLACES])) for each in asked[(sheet - 1) * SHEET : sheet * SHEET]],
        total=len(asked),
        sheet=sheet,
        sheets=sheets,
        order=order,
        kept={"sort": order} if order != "likely" else {},
        decisions=decisions[:SHEET],
        made=[decision.id for decision in decisions if str(decision.id) in made],
        undone="undone" in request.args,
        documents=documents,
        entry=entry,
        in_words=in_words,
    )


@blueprint.post("/review")
def decide() -> ResponseReturnValue:
    """Keep an answer: to one doubt, or to all doubts that an inquiry or one of its choices holds."""
    check_csrf()
    verdict: DecisionVerdict | None = next((each for each in VERDICTS if each == request.form.get("verdict")), None)
    if verdict is None:
        raise BadRequest(_("%(name)s is missing") % {"name": "verdict"})
    doubts = request.form.getlist("doubt") or [""]
    made = parameters.knowledge_base().decide_all(doubts[: SHEET * PLACES], verdict)
    return redirect(url_for(".review", made=made, sort=parameters.choice("sort", ORDERS)), 303)


@blueprint.post("/review/undo")
def undo() -> ResponseReturnValue:
    """Take an answer back, or several that were given as one."""
    check_csrf()
    base = parameters.knowledge_base()
    for number in parameters.all_posted("decision"):
        base.undo(number)
    return redirect(url_for(".review", undone=1), 303)


@blueprint.get("/join")
def ask_to_join() -> ResponseReturnValue:
    """Whether the references that were ticked are one work."""
    base = parameters.knowledge_base()
    keys = list(dict.fromkeys(request.args.getlist("key")))
    if len(keys) < 2:
        raise BadRequest(_("Tick the references that are one work: two or more"))
    return render_template("join.html", references=[base.reference(key) for key in keys[:SHEET]], entry=entry)


@blueprint.post("/join")
def join() -> ResponseReturnValue:
    """Say that references are one work."""
    check_csrf()
    base = parameters.knowledge_base()
    first, *others = request.form.getlist("key") or [""]
    made = None
    for other in others[:SHEET]:
        made = base.join(first, other)
    if made is None:
        raise BadRequest(_("Tick the references that are one work: two or more"))
    return redirect(url_for(".review", made=made), 303)


@blueprint.post("/part")
def part() -> ResponseReturnValue:
    """Say that a place does not cite this work, or that an entry is not of it."""
    check_csrf()
    key = request.form.get("key", "")
    what = {
        "citation_id" if name == "citation" else "entry_id": parameters.posted(name)
        for name in PARTS
        if name in request.form
    }
    if len(what) != 1:
        raise BadRequest(_("%(name)s is missing") % {"name": "citation"})
    return redirect(url_for(".review", made=parameters.knowledge_base().part(key, **what)), 303)


def entry(reference: Reference) -> Markup:
    """A reference as one line: in APA style, else as printed, else by its authors and year."""
    year = csl_year(reference.csl)
    bare = ", ".join(authors(reference)) + (f" ({year})" if year else "")
    raw = reference.raw[0] if reference.raw else ""
    return (citing.apa(reference.csl) if reference.csl.get("title") else None) or escape(raw or bare or reference.key)


@blueprint.get("/<path:key>")
def reference(key: str) -> ResponseReturnValue:
    """One cited work: its entry, every place that cites it, and whether it is here."""
    if form := exporting():
        return citing.export([parameters.knowledge_base().reference(key)], form)
    return shown(key)


@blueprint.post("/<path:key>")
def look_up(key: str) -> ResponseReturnValue:
    """The reference, with Crossref's suggestion; at its own address, so that switching languages leads back to it."""
    check_csrf()
    return shown(key, asked=True, suggestion=parameters.knowledge_base().look_up(key))


@blueprint.post("/accept")
def accept() -> ResponseReturnValue:
    """Take the suggestion over; the knowledge base refuses one that does not agree."""
    check_csrf()
    key = request.form.get("key", "")
    parameters.knowledge_base().accept(key)
    return redirect(url_for(".reference", key=key), 303)


def shown(key: str, *, asked: bool = False, suggestion: Suggestion | None = None) -> str:
    """A reference's page; `asked` when Crossref was, and `suggestion` what it knows."""
    base = parameters.knowledge_base()
    found = base.reference(key)
    here = base.document(found.document_id) if found.document_id is not None else None
    return render_template(
        "reference.html",
        reference=found,
        names=authors(found),
        year=csl_year(found.csl),
        apa=citing.apa(found.csl),
        coins=context_object(found.csl) if found.csl else "",
        places=places(base, found.cited_by),
        here=here,
        lists=lists(base, found),
        others=others(base, found),
        forms=other_forms(base, found),
        names_of=authors,
        may_ask=base.settings.crossref is not None and bool(found.csl.get("title") or found.csl.get("DOI")),
        asked=asked,
        suggestion=suggestion,
        in_words=in_words,
        suggested=citing.apa(suggestion.csl) if suggestion else None,
    )


def places(base: KnowledgeBase, citations: Iterable[Citation]) -> list[Place]:
    """The places that cite, each with its sentence."""
    found = []
    documents: dict[int, Document] = {}
    pages: dict[tuple[int, int], Page] = {}
    for citation in citations:
        at = (citation.document_id, citation.number)
        try:
            document = documents.setdefault(at[0], documents.get(at[0]) or base.document(at[0]))
            page = pages.setdefault(at, pages.get(at) or base.page(*at))
        except NotInKnowledgeBase:  # removed a moment ago
            continue
        text = page.field(citation.field)
        start, end = sentence_near(text, citation.start, citation.end)
        mark = Range(citation.start, citation.end, "match")
        url = f"{citation.url}#marked"
        found.append(Place(citation, document, page, pieces(text, [mark], start, end), url))
    return found


def lists(base: KnowledgeBase, reference: Reference) -> list[tuple[Entry, Document | None, str]]:
    """Where it is listed: the entry as printed, its document and its page's label; None for an imported record."""
    found: list[tuple[Entry, Document | None, str]] = []
    for listed in reference.listed:
        try:
            document = None if listed.document_id is None else base.document(listed.document_id)
            label = base.page(document.id, listed.number).label if document and listed.number else ""
            found.append((listed, document, label))
        except NotInKnowledgeBase:  # removed a moment ago
            continue
    return found


def other_forms(base: KnowledgeBase, reference: Reference) -> list[Reference]:
    """The same work as preprint or publication, or as software or the paper on it."""
    words = sorted(fold(title(reference.csl)).split(), key=len)[-3:]
    near = base.references(text=" ".join(words), limit=12) if words else []
    return [each for each in near if same_work(reference.csl, each.csl).reason.code == "another-form"]


def others(base: KnowledgeBase, reference: Reference) -> list[Reference]:
    """Other works of the same authors."""
    names = {name.casefold() for name in authors(reference)}
    found: dict[str, Reference] = {}
    for name in authors(reference)[:3]:
        for other in base.references(text=name):
            if other.key != reference.key and names & {each.casefold() for each in authors(other)}:
                found[other.key] = other
    return list(found.values())[:12]
