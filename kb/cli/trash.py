"""Commands about removal: `kb remove`, `kb trash`, `kb undelete`."""

from __future__ import annotations

import sys

import click

from kb.cli.documents import embed
from kb.cli.terminal import ID, opened, print_error, print_json, with_json
from kb.errors import KnowledgeBaseError
from kb.serialise import trashed_json


@click.command()
@click.argument("document_ids", metavar="ID...", nargs=-1, required=True, type=ID)
@click.option("--now", is_flag=True, help="Delete for good, with earlier versions; nothing goes to the trash.")
@with_json
def remove(document_ids: tuple[int, ...], now: bool, as_json: bool) -> None:
    """Remove documents. They go to the trash, from which `kb undelete` brings them back for 30 days (KB_TRASH_DAYS)."""
    removed, failed = [], False
    with opened() as knowledge_base:
        for document_id in dict.fromkeys(document_ids):
            try:
                document = knowledge_base.remove(document_id, for_good=now)
            except KnowledgeBaseError as error:
                print_error(str(error))
                failed = True
                continue
            removed.append({"document": document.id, "title": document.title})
            if not as_json:
                click.echo(f"removed\t{document.id}\t{document.title}")
    if as_json:
        print_json({"removed": removed})
    if failed:
        sys.exit(1)


@click.command()
@with_json
def trash(as_json: bool) -> None:
    """List removed documents and replaced versions that can be brought back."""
    with opened() as knowledge_base:
        found = knowledge_base.trash()
    if as_json:
        print_json({"trash": [trashed_json(item) for item in found]})
        return
    if not found:
        click.echo("The trash is empty.", err=True)
    for item in found:
        names = ", ".join(file.filename for file in item.files)
        click.echo(f"{item.document_id}\t{item.cause}\t{item.at}\t{item.title}\t{names}")


@click.command()
@click.argument("document_id", metavar="ID", type=ID)
@with_json
def undelete(document_id: int, as_json: bool) -> None:
    """Bring a document back from the trash.

    A removed document gets its id back. Of a document that is still here the latest replaced version comes back, as a
    document of its own.
    """
    with opened() as knowledge_base:
        document = knowledge_base.undelete(document_id)
        embedded = embed(knowledge_base)
    if as_json:
        print_json({"document": document.id, "title": document.title})
    else:
        click.echo(f"restored\t{document.id}\t{document.title}")
    if not embedded:
        sys.exit(1)
