"""A concept: a term of the collection, with its names in both languages, what defines it, and where it is written about.

    term ─► its other names (glossary) ─► pages that hold any of them ─┬─► by document
                                                                      └─► the works that are cited there

A term is a concept when at least two documents hold it, and one of its names is in a title or a heading or in the glossary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kb.errors import NotInKnowledgeBase
from kb.language.phrases import holds_phrase
from kb.language.syntax import read_query
from kb.model import Answer, Evidence, Language, Query, Reference
from web import parameters
from web.knowledge import KnowledgeBase
from web.search import Found, found
from web.wording import gettext as _

blueprint = Blueprint("concepts", __name__, url_prefix="/concepts")

FEWEST = 2
"""Documents that hold a concept."""
MOST_NAMES = 8
MOST_WORDS = 4
"""Of a term."""
MOST_WORKS = 8
PAGES_SHOWN = 4
"""Of each document."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A term with the pages that hold it or one of its other names."""

    term: str
    names: Mapping[Language, Sequence[str]]
    groups: Sequence[Sequence[Evidence]]
    """By document, best first; each page once."""


def is_concept(names: Sequence[str], groups: Sequence[Sequence[Evidence]], *, in_glossary: bool) -> bool:
    """Whether enough documents hold one of the names, and a title or heading does or the glossary."""
    held = [[hit for hit in group if holds(hit, names)] for group in groups]
    headed = in_glossary or any(_heads(hit, names) for group in held for hit in group)
    return headed and sum(map(bool, held)) >= FEWEST


def holds(hit: Evidence, names: Sequence[str]) -> bool:
    """Whether a passage or the title of its page holds one of the names."""
    return any(holds_phrase(f"{hit.page.title or ''}\n{hit.passage.text}", name) for name in names)


def _heads(hit: Evidence, names: Sequence[str]) -> bool:
    above = " \n ".join(filter(None, (hit.page.title, hit.page.section, hit.document.title)))
    return any(holds_phrase(above, name) for name in names)


def concept_in(answer: Answer) -> str | None:
    """The query as a concept, judged by its hits; None when it is none."""
    query = answer.query
    if query.conditions.confining or not 0 < len(query.text.split()) <= MOST_WORDS or not query.text[-1].isalnum():
        return None
    return query.text if is_concept([query.text], answer.groups, in_glossary=False) else None


def concept(base: KnowledgeBase, term: str) -> Concept | None:
    """The concept that a term names; None when it is none."""
    names = base.names_of(term)
    every = list(dict.fromkeys((term, *(name for each in names.values() for name in each))))[:MOST_NAMES]
    pages: dict[int, dict[int, Evidence]] = {}
    for name in every:
        for group in base.ask(read_query(f'"{name}"')).groups:
            for hit in (hit for hit in group if holds(hit, every) and not hit.passage.listing):
                pages.setdefault(hit.document.id, {}).setdefault(hit.page.number, hit)
    groups = [list(group.values()) for group in pages.values()]
    return Concept(term, names, groups) if is_concept(every, groups, in_glossary=bool(names)) else None


def cited_in(base: KnowledgeBase, groups: Sequence[Sequence[Evidence]]) -> list[tuple[Reference, int]]:
    """The works that are cited on the pages, each with the number of pages, most first."""
    counts = Counter(
        key
        for group in groups
        for hit in group
        for key in {citation.reference for citation in hit.citations if citation.reference}
    )
    works = []
    for key, count in counts.most_common(MOST_WORKS):
        try:
            works.append((base.reference(key), count))
        except NotInKnowledgeBase:  # joined or removed since
            continue
    return works


@blueprint.get("/<path:term>")
def page(term: str) -> ResponseReturnValue:
    """The page of a concept."""
    base, term = parameters.knowledge_base(), " ".join(term.split())
    shown = concept(base, term) if 0 < len(term.split()) <= MOST_WORDS and '"' not in term else None
    if shown is None:
        raise NotInKnowledgeBase(f"no two documents write about {term[:80]!r}")
    query = Query(term)
    definition = base.ask(Query(_("What is %(term)s?") % {"term": term}))
    groups: list[list[Found]] = [[found(hit, query) for hit in group[:PAGES_SHOWN]] for group in shown.groups]
    return render_template(
        "concept.html",
        concept=shown,
        groups=groups,
        quotes=[(sentence, definition.sources[sentence.source - 1]) for sentence in definition.sentences],
        works=cited_in(base, shown.groups),
        pages=sum(map(len, shown.groups)),
    )
