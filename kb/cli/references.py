"""`kb references`: cited works as a table or a file, looked up at Crossref, or forgotten again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb import bibliography
from kb.bibliography.items import title, year_text
from kb.cli.pasted import parse
from kb.cli.terminal import ID, Text, gathered, opened, print_error, print_json, with_json
from kb.durable import replacing
from kb.errors import KnowledgeBaseError, NotInKnowledgeBase
from kb.exports import FORMATS, written
from kb.model import LANGUAGES, Doubt, Language, Reference, Suggestion
from kb.reasons import worded
from kb.reports import REPORTS, report
from kb.serialise import authors, reference_json, references_json, suggestion_json

if TYPE_CHECKING:
    from kb.bootstrap import KnowledgeBase

MOST_LOOKED_UP = 10
"""References that one command looks up at Crossref at most, out of courtesy to a service that is free."""


@dataclass(frozen=True, slots=True)
class Request:
    """The options of `kb references`."""

    query: str
    missing: bool
    only: Any
    document_id: int | None
    form: Any
    sort: Any
    locale: Language
    forget: str | None
    report: Any
    output: Path | None
    site: str
    incomplete: bool
    looking_up: bool
    accept: bool
    pasted: str | None
    add: bool
    as_json: bool

    def check(self) -> None:
        """Refuse options that contradict each other."""
        if self.missing and self.only not in (None, "missing"):
            raise click.UsageError(f"--missing and --only {self.only} exclude each other")
        if self.accept and not self.looking_up:
            raise click.UsageError("--accept goes with --look-up")
        if self.report is not None and self.output is None:
            raise click.UsageError("--report goes with --output FILE")
        if self.report is not None and (self.looking_up or self.form != "table" or self.as_json):
            raise click.UsageError("--report excludes --format, --look-up and --json")
        if self.add and self.pasted is None:
            raise click.UsageError("--add goes with --parse FILE")
        if self.looking_up and self.form != "table":
            raise click.UsageError(f"--look-up and --format {self.form} exclude each other")


@click.command()
@click.argument("query", type=Text(), default="")
@click.option("--missing", is_flag=True, help="Only works that are cited and not here: the same as --only missing.")
@click.option("--only", type=click.Choice(["cited", "here", "missing", "doubtful"]), help="Only these.")
@click.option("--document", "document_id", type=ID, help="Only works that this document cites or lists.")
@click.option("--format", "form", type=click.Choice(["table", *FORMATS]), default="table", show_default=True)
@click.option("--sort", type=click.Choice(["author", "year", "title", "cited"]), default="author", show_default=True)
@click.option("--locale", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language of APA text.")
@click.option("--incomplete", is_flag=True, help="With --format: works of which no title is known as well.")
@click.option(
    "--report", type=click.Choice(REPORTS), help="Write each work with the sentences that cite it, and links."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file of --report.")
@click.option("--site", default="http://127.0.0.1:8000/", show_default=True, help="Address of the pages for --report.")
@click.option("--forget", metavar="FILE", help="Forget a bibliography that was taken in, by its file name.")
@click.option("--look-up", "looking_up", is_flag=True, help="Ask Crossref for each of them, ten at most (KB_CROSSREF).")
@click.option("--accept", is_flag=True, help="With --look-up: take over what agrees in title, year and first author.")
@click.option(
    "--parse",
    "pasted",
    metavar="FILE",
    help="Read references from a text file, or from standard input with -: what is understood, and what is here.",
)
@click.option("--add", is_flag=True, help="With --parse: keep those that are not here as records.")
@with_json
@gathered(Request)
def references(request: Request) -> None:
    """List cited works: who is cited where, and what is not here. QUERY: words of author, year or title."""
    request.check()
    with opened() as knowledge_base:
        if request.pasted is not None:
            parse(knowledge_base, request.pasted, request)
        elif request.forget is not None:
            forget_bibliography(knowledge_base, request.forget, request.as_json)
        elif request.report is not None and request.output is not None:
            write_report(knowledge_base, request)
        elif request.looking_up:
            look_up(knowledge_base, chosen(knowledge_base, request), request)
        else:
            print_references(knowledge_base, chosen(knowledge_base, request), request)


def chosen(knowledge_base: KnowledgeBase, request: Request) -> Sequence[Reference]:
    """The references that the options ask for; with `--look-up` the query may also be the key of one reference."""
    knowledge_base.relate()
    if request.looking_up:
        with suppress(NotInKnowledgeBase):
            return [knowledge_base.reference(request.query)]
    only: Any = "missing" if request.missing else request.only
    return knowledge_base.references(
        text=request.query, document_id=request.document_id, only=only, sort=request.sort
    )  # fmt: skip


def write_report(knowledge_base: KnowledgeBase, request: Request) -> None:
    """Write a report to a file, whole or not at all."""
    found, path = chosen(knowledge_base, request), Path(str(request.output))
    content = report(found, request.report, request.locale, knowledge_base, request.site.rstrip("/") + "/")
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        raise KnowledgeBaseError(
            f"{path} cannot be written ({error.strerror or error}): name another --output"
        ) from error
    click.echo(f"{path}\t{len(found)} works")


def print_references(knowledge_base: KnowledgeBase, found: Sequence[Reference], request: Request) -> None:
    """Print references as a table, as JSON or in a format of reference managers."""
    if request.as_json:
        print_json(references_json(found))
    elif request.form != "table":
        click.echo(written(found, request.form, request.locale, incomplete=request.incomplete), nl=False)
    else:
        if not found and request.query and (meant := knowledge_base.references_meant(request.query)):
            click.echo(f"Did you mean: {meant}", err=True)
        print_table(found)
        if found and request.only == "doubtful":
            print_doubts(knowledge_base.doubts())


def print_table(found: Sequence[Reference]) -> None:
    """Print a line for each cited work."""
    if not found:
        click.echo("No references found.", err=True)
        return
    click.echo("key\tauthors\tyear\ttitle\there\tcited in")
    for reference in found:
        here = f"document {reference.document_id}" if reference.document_id is not None else "-"
        shown = title(reference.csl) or (reference.raw[0] if reference.raw else "-")
        names, year = ", ".join(authors(reference)) or "-", year_text(reference.csl) or "-"
        click.echo(f"{reference.key}\t{names}\t{year}\t{shown}\t{here}\t{cited_in(reference)}")


def cited_in(reference: Reference) -> str:
    """The documents and pages that cite a work, or whose reference list has it: "document 3: 12, 14; document 5: its list"."""
    places: dict[int, list[str]] = {}
    for citation in reference.cited_by:
        places.setdefault(citation.document_id, []).append(str(citation.number))
    for entry in reference.listed:
        if entry.document_id is not None:
            places.setdefault(entry.document_id, [])
    shown = [
        f"document {number}: {', '.join(dict.fromkeys(pages)) or 'its list'}" for number, pages in places.items()
    ]  # fmt: skip
    return "; ".join(shown) or "-"


def print_doubts(doubts: Sequence[Doubt]) -> None:
    """Print the questions about references that wait for an answer."""
    if doubts:
        click.echo(f"\n{len(doubts)} to be answered at /references/review:")
    for doubt in doubts:
        other = doubt.candidate.key if doubt.candidate else f"document {doubt.document_id}"
        where = ", ".join(f"{cite.text} in document {cite.document_id}, {cite.number}" for cite in doubt.citations)
        click.echo(f"{doubt.reference.key} = {other}?\t{worded(doubt.reason)}" + (f"\t{where}" if where else ""))


def forget_bibliography(knowledge_base: KnowledgeBase, name: str, as_json: bool) -> None:
    """Forget what was imported under a file name or path."""
    imported = knowledge_base.bibliographies()
    wanted = [item for item in imported if name in (item.path, item.filename)]
    if len(wanted) != 1:
        problem = "several bibliographies are" if wanted else "no bibliography that was taken in is"
        names = ", ".join(item.path for item in wanted or imported)
        raise KnowledgeBaseError(f"{problem} called {name}" + (f": name one of {names}" if names else ""))
    forgotten = knowledge_base.forget(wanted[0].id)
    if as_json:
        print_json({"forgotten": forgotten.filename, "records": forgotten.records})
    else:
        click.echo(f"forgotten\t{forgotten.filename}\t{forgotten.records} references")


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A reference and Crossref's suggestion for it."""

    reference: Reference
    suggestion: Suggestion | None
    accepted: str | None
    """Where the accepted record is kept, which `--forget` takes; None when nothing was accepted."""


def _looked_up_json(result: LookedUp) -> dict[str, Any]:
    return {**reference_json(result.reference), "suggestion": suggestion_json(result.suggestion, result.accepted)}


def _suggested(
    knowledge_base: KnowledgeBase, references: Sequence[Reference], request: Request
) -> tuple[list[LookedUp], KnowledgeBaseError | None]:
    """The suggestions up to the first failure, each printed as it comes unless JSON is asked for; and that failure."""
    results: list[LookedUp] = []
    try:
        for result in suggestions(knowledge_base, references, accept=request.accept):
            results.append(result)
            if not request.as_json:
                print_suggestion(result)
    except KnowledgeBaseError as error:  # the next would fail too, and the results so far are worth having
        return results, error
    return results, None


def look_up(knowledge_base: KnowledgeBase, found: Sequence[Reference], request: Request) -> None:
    """Show Crossref's suggestions for the first few references; with `--accept` take over those that agree."""
    if len(found) > MOST_LOOKED_UP:
        print_error(f"looking up the first {MOST_LOOKED_UP} of {len(found)}: give more words to narrow them down")
    results, failure = _suggested(knowledge_base, found[:MOST_LOOKED_UP], request)
    if request.as_json and (results or failure is None):
        print_json({"references": [_looked_up_json(each) for each in results]})
    elif not found:
        click.echo("No references found.", err=True)
    if failure is not None:
        raise failure


def suggestions(knowledge_base: KnowledgeBase, found: Sequence[Reference], *, accept: bool) -> Iterator[LookedUp]:
    """Crossref's suggestion for each reference, taken over where it agrees when `accept` is set."""
    for reference in found:
        suggestion = knowledge_base.look_up(reference.key)
        record = knowledge_base.accept(reference.key) if accept and suggestion and suggestion.agrees else None
        yield LookedUp(reference, suggestion, None if record is None else record.path)


def print_suggestion(result: LookedUp) -> None:
    """Print Crossref's suggestion for one reference."""
    key, suggestion = result.reference.key, result.suggestion
    if suggestion is None:
        click.echo(f"{key}\t-\tCrossref knows nothing like it")
        return
    entry = bibliography.apa(suggestion.csl, "en") or title(suggestion.csl)
    click.echo(f"{key}\t{suggestion.score:.2f}\t{worded(suggestion.reason)}\t{entry}")
    if result.accepted is not None:
        click.echo(f"{key}\taccepted\ttake it back with: kb references --forget {result.accepted}")
