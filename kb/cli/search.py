"""Commands that search: `kb search`, `kb ask`, and `kb evaluate`, which measures the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb import bibliography
from kb.cli.terminal import ID, Text, embed_missing, opened, print_error, print_json, with_filters, with_json
from kb.errors import KnowledgeBaseError
from kb.facets import filters
from kb.language import fold_text
from kb.language.syntax import read_query
from kb.model import Answer, Evidence, Query, Reference
from kb.remarks import worded
from kb.serialise import ask_json, search_json

if TYPE_CHECKING:
    from kb.bootstrap import KnowledgeBase

KIND_NAMES = {"deck": "slides", "literature": "literature"}
NAMED_WORKS = 3
"""Works that are shown above the passages when a query names their author."""


@click.command()
@click.argument("query", type=Text())
@click.option("-n", "count", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many passages.")
@with_filters
@with_json
def search(query: str, count: int, as_json: bool, **chosen: Any) -> None:
    """Find passages by meaning and by words, with their citations.

    "a phrase" is in each hit word for word and -word in none; author:NAME, kind:deck, year:2021 and year:2019..2023 confine
    the documents.
    """
    with opened(searching=True) as knowledge_base:
        embed_missing(knowledge_base)
        asked = filtered(knowledge_base, query, **chosen)
        answer = knowledge_base.search(asked, count)
        named = [] if as_json else knowledge_base.references_for_query(asked.text)
    if as_json:
        print_json(search_json(answer))
        return
    print_remarks(asked)
    print_named_works(named[:NAMED_WORKS])
    if not answer.evidence:
        click.echo(f"Nothing found for: {query}")
    for evidence in answer.evidence:
        print_hit(evidence)
    if answer.evidence:
        print_total(answer)


def filtered(knowledge_base: KnowledgeBase, text: str, *, author: str | None, **chosen: Any) -> Query:
    """The query that a text asks, with the filters of the options. Raises KnowledgeBaseError for an author who is not here."""
    return replace(read_query(text), author=author_named(knowledge_base, author) if author else None, **chosen)


def author_named(knowledge_base: KnowledgeBase, name: str) -> str:
    """The author or speaker of a document with this name, or with these words in it.

    Raises KnowledgeBaseError when there is none, or when several have them.
    """
    authors = sorted({author for document in knowledge_base.documents() for author in document.authors})
    words = f" {fold_text(name)} "
    found = [each for each in authors if each == name] or [each for each in authors if words in f" {fold_text(each)} "]
    if not found:
        raise KnowledgeBaseError(f"no document has an author or speaker {name!r}: `kb documents` lists them")
    if len(found) > 1:
        raise KnowledgeBaseError(f"{name!r} is in the names of several authors: choose one of {', '.join(found[:8])}")
    return found[0]


def print_total(answer: Answer) -> None:
    """Print how many hits there are, and how many of each kind."""
    if filters(answer.query) and not answer.facets:
        click.echo("None of the best passages passes these filters. These are the nearest of those that do.")
    shown, more = len(answer.evidence), "" if answer.complete else "more than "
    kinds = ", ".join(f"{count} in {KIND_NAMES[kind]}" for kind, count in answer.facets.get("kind", {}).items())
    passages = "passage" if answer.total == 1 else "passages"
    click.echo(f"{shown} of {more}{answer.total} {passages}{f' ({kinds})' if kinds else ''}")


def print_remarks(query: Query) -> None:
    """Print, as errors, the parts of a query that were not understood."""
    for remark in query.conditions.remarks:
        print_error(worded(remark))


def print_named_works(references: Sequence[Reference]) -> None:
    """Print the works that a query names, with how often they are cited."""
    for reference in references:
        entry = bibliography.apa(reference.csl, "en") or reference.key
        click.echo(f"{entry}\n   cited {len(reference.cited_by)} times · /references/{reference.key}\n")


def print_hit(evidence: Evidence) -> None:
    """Print a hit: its place, its text with the matched words underlined, why it was found and what it cites."""
    page, passage = evidence.page, evidence.passage
    label = f" ({page.label})" if page.label not in ("", str(page.number)) else ""
    heading = f"{evidence.rank}. {evidence.document.title} — {page_name(evidence)}{label}"
    click.echo(click.style(f"{heading}: {page.title}" if page.title else heading, bold=True))
    if passage.field == "notes":
        click.echo("   [speaker notes]")
    for line in underlined(evidence).splitlines():
        click.echo(f"   {line}")
    reasons = [name for name, true in (("words", evidence.by_words), ("meaning", evidence.by_meaning)) if true]
    cited = "; ".join(dict.fromkeys(citation.text for citation in evidence.citations))
    click.echo(f"   found by {' and '.join(reasons)}" + (f" · cites {cited}" if cited else "") + f" · {evidence.url}\n")


def page_name(evidence: Evidence) -> str:
    """The page of a hit: "slide 3", "page 12"."""
    return f"{'slide' if evidence.document.kind == 'deck' else 'page'} {evidence.page.number}"


def underlined(evidence: Evidence) -> str:
    """The text of a passage with the words of the query underlined."""
    text, parts, end = evidence.passage.text, [], 0
    for span in evidence.matched:
        parts += [text[end : span.start], click.style(text[span.start : span.end], underline=True)]
        end = span.end
    return "".join((*parts, text[end:]))


@click.command()
@click.argument("query", type=Text())
@with_filters
@with_json
def ask(query: str, as_json: bool, **chosen: Any) -> None:
    """Answer a question in sentences quoted from the sources."""
    with opened(searching=True) as knowledge_base:
        embed_missing(knowledge_base)
        answer = knowledge_base.ask(filtered(knowledge_base, query, **chosen))
    if as_json:
        print_json(ask_json(answer))
        return
    print_remarks(answer.query)
    if answer.answered:
        print_answer(answer)
    else:
        print_refusal(answer)


def print_refusal(answer: Answer) -> None:
    """Print that nothing answers, and the passages that come closest, which are no answer."""
    click.echo(f"The sources do not answer: {answer.query.typed}")
    if answer.closest:
        click.echo("The closest passages:")
    for source in answer.closest:
        title = f": {source.page.title}" if source.page.title else ""
        click.echo(f"  {source.document.title}, {page_name(source)}{title} · {source.url}")


def print_answer(answer: Answer) -> None:
    """Print the quoted sentences, then their numbered sources."""
    for sentence in answer.sentences:
        click.echo(f"“{' '.join(sentence.text.split())}” [{sentence.source}]")
    click.echo()
    for number, source in enumerate(answer.sources, 1):
        click.echo(f"[{number}] {source.document.title}, {page_name(source)} · {source.url}")


@click.command()
@click.argument("queries", type=click.Path(path_type=Path))
@click.option("--document", "document_id", type=ID, help="The document whose pages are judged.")
@click.option(
    "--leg", "retriever", type=click.Choice(["dense", "sparse", "hybrid"]), default="hybrid", show_default=True
)
@click.option("--answers", is_flag=True, help="Judge answers: the file holds questions with pages and words.")
@with_json
def evaluate(queries: Path, document_id: int | None, retriever: Any, answers: bool, as_json: bool) -> None:
    """Measure the search on judged queries (nDCG@10, MRR, recall), or answers on judged questions."""
    if answers and document_id is not None:
        raise click.UsageError("--answers and --document exclude each other")
    with opened(searching=True) as knowledge_base:
        embed_missing(knowledge_base)
        if answers:
            figures = knowledge_base.evaluate_answers(queries)
        else:
            figures = knowledge_base.evaluate(queries, document_id=document_id, retriever=retriever)
    if figures["questions" if answers else "queries"] == 0 and not figures.get("negatives"):
        raise KnowledgeBaseError(f"{queries} holds no queries: write one per line, with tabs between its fields")
    if as_json:
        print_json(figures)
    elif answers:
        print_answer_figures(figures)
    else:
        print_search_figures(figures)


def print_search_figures(figures: dict[str, Any]) -> None:
    """Print how well the search ranks, in all and by kind of query."""
    click.echo("kind\tqueries\tnDCG@10\tMRR\trecall@3")
    for name, row in {"all": figures, **figures["by_kind"]}.items():
        click.echo(f"{name}\t{row['queries']}\t{row['ndcg@10']:.3f}\t{row['mrr']:.3f}\t{row['recall@3']:.3f}")


def print_answer_figures(figures: dict[str, Any]) -> None:
    """Print the shares of verdicts in all, by kind of question and by language pair, and how many negatives are refused."""
    click.echo("kind\tquestions\tright\tpartly\twrong\trefused")
    for name, row in {"all": figures, **figures["by_kind"], **figures["by_languages"]}.items():
        shares = "\t".join(f"{row[verdict]:.2f}" for verdict in ("right", "partly", "wrong", "refused"))
        click.echo(f"{name}\t{row['questions']}\t{shares}")
    click.echo(f"negatives refused\t{figures['negatives']}\t{figures['negatives_refused']:.2f}")
