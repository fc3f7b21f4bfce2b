"""Commands about documents: `kb ingest`, `kb documents`, `kb show`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.terminal import ID, Progress, opened, print_error, print_json, warn_about_model, with_json
from kb.errors import KnowledgeBaseError
from kb.model import KINDS, Citation, Document, Page
from kb.serialise import Report, document_json, documents_json, ingest_json

if TYPE_CHECKING:
    from kb.bootstrap import KnowledgeBase


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), help="What these files are; guessed when left out.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that read files.")
@click.option("--password", help="Opens the PDFs among them that ask for one. It is not kept.")
@with_json
def ingest(paths: tuple[Path, ...], kind: Any, jobs: int, password: str | None, as_json: bool) -> None:
    """Take files and folders in, with a line for each file."""
    intake = take_in(paths, kind=kind, jobs=jobs, password=password, quiet=as_json)
    if as_json:
        print_json(ingest_json(intake.reports))
    if not intake.reports:
        print_error(f"no files to take in: {', '.join(map(str, paths))}")
    if not intake.complete:
        sys.exit(1)


@dataclass(frozen=True, slots=True)
class Intake:
    """A report for each file, and whether all new passages have their vectors."""

    reports: list[Report]
    embedded: bool

    @property
    def complete(self) -> bool:
        """Whether every file was taken in and can be found by meaning."""
        return self.embedded and all(report.taken_in for report in self.reports)


def take_in(
    paths: Sequence[Path], *, kind: Any = None, jobs: int = 1, password: str | None = None, quiet: bool
) -> Intake:
    """Take files and folders in and embed their passages; print a line for each file. `quiet`: errors only."""
    reports: list[Report] = []
    reading = Progress("reading")
    with opened() as knowledge_base:
        for report in knowledge_base.ingest(paths, kind=kind, jobs=jobs, password=password, progress=reading):
            reading.clear()
            reports.append(report)
            print_report(report, quiet=quiet)
        reading.clear()
        return Intake(reports, embed(knowledge_base))


def embed(knowledge_base: KnowledgeBase) -> bool:
    """Make the new passages findable by meaning; False, with the reason on standard error, when that fails.

    The files that were taken in stay in and are found by words, so they are still reported.
    """
    progress = Progress("embedding")
    try:
        if knowledge_base.settings.model is not None:
            warn_about_model(knowledge_base)
        knowledge_base.refresh(progress=progress)
    except KnowledgeBaseError as error:
        progress.clear()
        print_error(str(error))
        return False
    progress.clear()
    return True


def print_report(report: Report, *, quiet: bool) -> None:
    """Print the outcome of one file: on standard output when it was taken in, else on standard error. `quiet`: errors only."""
    if report.taken_in:
        parts = (report.status, str(report.path), what_it_became(report), report.reason)
        if not quiet:
            click.echo("\t".join(part for part in parts if part))
        return
    if report.status == "partial" and not quiet:
        click.echo(f"{report.status}\t{report.path}\t{what_it_became(report)}")
    print_error(f"{report.status}: {report.path}: {report.reason}")


def what_it_became(report: Report) -> str:
    """The outcome of a file: a document with pages, or the records of a bibliography."""
    if report.document_id is None:
        return f"{report.references} references"
    return f"document {report.document_id}, {report.pages} pages"


@click.command()
@with_json
def documents(as_json: bool) -> None:
    """List the documents of the knowledge base."""
    with opened() as knowledge_base:
        found = knowledge_base.documents()
    if as_json:
        print_json(documents_json(found))
        return
    if not found:
        click.echo("Nothing is here yet: kb ingest PATH takes files and folders in.", err=True)
    for document in found:
        names = ", ".join(file.filename for file in document.files)
        counts = f"{document.pages} pages, {document.citations} citations"
        click.echo(f"{document.id}\t{document.kind}\t{document.language or '-'}\t{document.title}\t{counts}\t{names}")


@click.command()
@click.argument("document_id", metavar="ID", type=ID)
@with_json
def show(document_id: int, as_json: bool) -> None:
    """Show a document: its pages, their text and what they cite."""
    with opened() as knowledge_base:
        document = knowledge_base.document(document_id)
        pages = knowledge_base.pages(document_id)
        citations = knowledge_base.citations_of(document_id)
    if as_json:
        print_json(document_json(document, pages))
        return
    print_document(document)
    for page in pages:
        print_page(page, [citation for citation in citations if citation.number == page.number])


def print_document(document: Document) -> None:
    """Print the title of a document and its files."""
    language = document.language or "language unknown"
    click.echo(click.style(f"{document.title} ({document.kind}, {language})", bold=True))
    for file in document.files:
        click.echo(f"{file.filename}\t{file.media_type}\t{file.size} bytes")


def print_page(page: Page, citations: list[Citation]) -> None:
    """Print a page: its text, its speaker notes and the citations on it."""
    remarks = [remark for remark in ("hidden" if page.hidden else None, page.problem) if remark]
    click.echo(click.style(f"\n── {page.number} {' · '.join([page.title or '', *remarks]).strip()}", bold=True))
    click.echo(page.text)
    if page.notes:
        click.echo(f"[speaker notes] {page.notes}")
    if citations:
        click.echo(f"[cites] {'; '.join(dict.fromkeys(citation.text for citation in citations))}")
