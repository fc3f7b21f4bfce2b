"""The page of the main job: a question goes in, an answer comes out, with the passages it rests on below it.

    q, filters ─► ask ─► quoted sentences ─► the page, with the sentence marked
                    └──► hits ────────────► the page, with the passage marked

Every address carries the question, so that a result can be shared and the page it leads to knows the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from kb import facets
from kb.errors import KnowledgeBaseError
from kb.model import Answer, Document, Evidence, Query, Sentence, Span
from kb.remarks import worded
from web import citing, parameters
from web.knowledge import KnowledgeBase
from web.marking import Piece, Range, Snippet, pieces, snippet
from web.wording import gettext

blueprint = Blueprint("search", __name__)

FIRST, MOST = 10, 50
"""Documents with hits that are shown at once, and after "show more"; in a search within one document, hits."""
STRIP = 6
"""Hits of a document that are shown beside its best one."""

# Who asks for an author gets this many of her works above the hits.
NAMED = 3

# Works that reference lists name in the words of the query, below the hits.
LISTED = 6

# Lines of an answer that are shown before "show more", so that the first hit is in sight: a first sentence of more is cut.
LINES_SHOWN = 4
# Letters of a line, of which the number of a source takes some.
LINE, NUMBER = 72, 6

# Offered on the empty page, those that this collection answers.
EXAMPLES = (
    "liminal space",
    "Wat helpt eerstejaars om zich thuis te voelen?",
    "How does self-efficacy grow?",
    "Wat kan de bibliotheek doen voor studentenwelzijn?",
    "sense of belonging",
    "How do buildings shape community on campus?",
)


# All examples are asked again where one in so many documents came or went.
CHANGED_PART = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as the page shows it."""

    evidence: Evidence
    heading: list[Piece]
    snippet: Snippet
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one document as the page shows them: the best, and the others as a strip of small pictures."""

    best: Found
    others: list[tuple[Evidence, str]]
    """Each with the address where it is marked."""
    url: str | None
    """The address of all hits of the document, where the strip has no room for some."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the answer as the page shows it."""

    sentence: Sentence
    evidence: Evidence
    url: str


def found(evidence: Evidence, query: Query) -> Found:
    """Bring a hit into the form of the page: a title that opens the passage is its heading and is not repeated."""
    passage, title = evidence.passage, evidence.page.title
    start, heading = 0, []
    if title and passage.field == "text" and passage.text.startswith(title):
        marks = [Range(span.start, span.end, "match") for span in evidence.matched]
        heading = pieces(passage.text, marks, 0, len(title))
        start = len(title) if passage.text[len(title) :].strip() else 0
    elif title:
        heading = pieces(title, ())
    shown = snippet(passage.text, evidence.matched, start, near=evidence.sentence, without=credits_in(evidence))
    return Found(evidence, heading, shown, hit_url(evidence, query))


def hit_url(evidence: Evidence, query: Query) -> str:
    """The page of a hit: words that matched are marked there as they are here, and of a meaning that did its sentence."""
    return page_url(evidence, query, None if evidence.matched else evidence.sentence)


def credits_in(evidence: Evidence) -> list[Span]:
    """The credits of pictures in a passage."""
    passage = evidence.passage
    return [
        Span(citation.start - passage.start, citation.end - passage.start)
        for citation in evidence.citations
        if citation.form == "credit"
        and citation.field == passage.field
        and passage.start <= citation.start < passage.end
    ]


def grouped(hits: Sequence[Evidence], query: Query) -> Group:
    """Bring the hits of one document into the form of the page."""
    best, *others = hits
    shown = [(each, hit_url(each, query)) for each in others[:STRIP]]
    confined = {**parameters.filters(query), "document": best.document.id}
    return Group(found(best, query), shown, url_for(".page", **confined) if len(others) > STRIP else None)


def page_url(evidence: Evidence, query: Query, sentence: Sentence | Span | None = None) -> str:
    """The page of a hit, with the passage or a sentence of it marked, and the way back."""
    address = evidence.url_of(Span(sentence.start, sentence.end)) if sentence else evidence.url
    return f"{address}&{urlencode(parameters.filters(query))}#marked"


class Examples:
    """Which of the example questions this collection answers.

    All are asked at first, and where a tenth of the documents came or went. After a smaller change one is asked
    each time, so that all are up to date after a few: six questions cost far more than the page.
    """

    def __init__(self) -> None:
        self._answered: dict[str, bool] = {}
        self._asked_of: dict[str, frozenset[int]] = {}
        """The documents that were here when an example was last asked."""

    def answered(self, documents: Sequence[Document], answers: Callable[[str], bool]) -> list[str]:
        """The examples that are answered, in their order; `answers` asks one."""
        present = frozenset(document.id for document in documents)
        if not present:
            return []
        behind = [text for text in EXAMPLES if self._asked_of.get(text) != present]
        for text in [each for each in behind if self._is_far_behind(each, present)] or behind[:1]:
            self._answered[text] = answers(text)
            self._asked_of[text] = present
        return [text for text in EXAMPLES if self._answered[text]]

    def _is_far_behind(self, text: str, present: frozenset[int]) -> bool:
        asked_of = self._asked_of.get(text, frozenset())
        return len(asked_of ^ present) * CHANGED_PART >= len(asked_of)


def examples(base: KnowledgeBase, documents: list[Document]) -> list[str]:
    """Questions that this collection answers."""
    kept: Examples = current_app.extensions.setdefault("examples", Examples())
    return kept.answered(documents, lambda text: base.ask(Query(text)).answered)


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """The start page, or the answer to a query."""
    base = parameters.knowledge_base()
    query = parameters.query()
    return _results(base, query) if query.typed else _start(base, query)


def _start(base: KnowledgeBase, query: Query) -> str:
    """The start page."""
    documents = base.documents()
    return render_template(
        "start.html",
        query=query,
        years=base.years(),
        documents=documents,
        decks=[document for document in documents if document.kind == "deck"],
        literature=[document for document in documents if document.kind == "literature"],
        cited=base.reference_count(only="cited"),
        cited_here=base.reference_count(only="here"),
        examples=examples(base, documents),
    )


def _results(base: KnowledgeBase, query: Query) -> str:
    """The answer to a query, with its sources, and the hits."""
    start, size = parameters.number("start", 0, parameters.HIGHEST) or 0, parameters.number("n", 1, MOST) or FIRST
    # However many are shown, the answer is the same one, which is remembered.
    answer = base.ask(query, MOST if query.document_id else FIRST)
    ordered = parameters.in_order(answer.groups)
    groups = ordered if query.document_id is None else [(each,) for group in ordered for each in group]
    hits = [grouped(each, query) for each in groups[start : start + size]]
    quotes = [_quote(sentence, answer, query) for sentence in answer.sentences]
    named = base.references_for_query(query.text)[:NAMED]
    # A source opens at the first sentence that was quoted from it.
    opening = {each.sentence.source: each.url for each in reversed(quotes)}
    return render_template(
        "results.html",
        query=query,
        years=() if answer.facets else base.years(),
        answer=answer,
        quotes=quotes,
        shown=shown_at_once([lines_of(quote.sentence.text) for quote in quotes]),
        long=bool(quotes) and lines_of(quotes[0].sentence.text) > LINES_SHOWN,
        sources=[
            (number, source, opening.get(number, page_url(source, query)))
            for number, source in enumerate(answer.sources, 1)
        ],
        bibliography=[
            citing.of_document(each) for each in {each.document.id: each.document for each in answer.sources}.values()
        ],
        in_text=citing.in_text,
        hits=hits,
        documents=len(answer.groups),
        lesser=bool(hits) and not answer.facets and bool(facets.filters(query)),
        closest=[(each, page_url(each, query)) for each in answer.closest],
        empty=not hits and not base.documents(),
        suggestion=base.did_you_mean(query.text) if query.typed == query.text else None,
        references=named,
        listed=[work for work in base.works_listed(answer) if work.key not in {each.key for each in named}],
        most_listed=LISTED,
        remarks=[worded(remark, gettext) for remark in query.conditions.remarks],
        confined=document_of(base, query),
        sort=parameters.sort(),
        sorts=[(name, url_for(".page", **{**parameters.filters(query), "sort": name})) for name in parameters.SORTS],
        turns=turns(query, start, size, len(groups)),
        without=without(query),
    )


def lines_of(text: str) -> int:
    """About the number of lines that a quoted sentence takes."""
    return -(-(len(text) + NUMBER) // LINE)


def shown_at_once(lengths: Sequence[int]) -> int:
    """The number of sentences, by their lines, that are shown before "show more"; always the first."""
    most = [number for number in range(1, len(lengths) + 1) if sum(lengths[:number]) <= LINES_SHOWN]
    return max(most, default=1)


def turns(query: Query, start: int, shown: int, count: int) -> dict[str, str]:
    """The addresses of what comes before and after `shown` of `count` groups: `previous`, `more` (all at once) and `next`."""

    def address(start: int, shown: int) -> str:
        return url_for(".page", start=start or None, n=shown, **parameters.filters(query)) + "#passages"

    found = {}
    if start > 0:
        found["previous"] = address(max(start - shown, 0), shown)
    if start + shown < count:
        first = start == 0 and shown == FIRST
        found["more" if first else "next"] = address(0, MOST) if first else address(start + shown, shown)
    return found


def _quote(sentence: Sentence, answer: Answer, query: Query) -> Quote:
    """A sentence of the answer with its source, and the address where it is marked."""
    source = answer.sources[sentence.source - 1]
    return Quote(sentence, source, page_url(source, query, sentence))


@blueprint.get("/opensearch.xml")
def opensearch() -> ResponseReturnValue:
    """So that a browser can search here from its address bar."""
    return Response(render_template("opensearch.xml"), mimetype="application/opensearchdescription+xml")


@blueprint.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Results and exports are made for people, one by one; a robot that follows them all would only be in their way."""
    return Response("User-agent: *\nDisallow: /*?\nDisallow: /api/\n", mimetype="text/plain")


@blueprint.get("/favicon.ico")
def icon() -> ResponseReturnValue:
    """The address where browsers look for the icon of a PDF or another file."""
    return redirect(url_for("static", filename="icon.svg"), 301)


def document_of(base: KnowledgeBase, query: Query) -> Document | None:
    """The document that the query is confined to."""
    if query.document_id is None:
        return None
    try:
        return base.document(query.document_id)
    except KnowledgeBaseError:
        return None


def without(query: Query) -> dict[str, str]:
    """For each filter in use the address of the same query without it."""
    used = parameters.filters(query)
    return {
        name: url_for(".page", **{other: value for other, value in used.items() if other != name})
        for name in used
        if name not in ("q", "sort")
    }
