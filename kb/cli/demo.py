"""`kb demo`: the demonstration collection, built, taken in and served."""

from __future__ import annotations

import sys

import click

from kb.cli.documents import take_in
from kb.cli.serving import serve
from kb.cli.terminal import print_json, with_json
from kb.errors import MissingExtra
from kb.serialise import ingest_json
from kb.settings import Settings


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--no-serve", "take_in_only", is_flag=True, help="Only build the collection and take it in.")
@with_json
@click.pass_context
def demo(context: click.Context, port: int, take_in_only: bool, as_json: bool) -> None:
    """Build the demonstration collection, take it in and serve it.

    The files are written to the folder "demonstration" in KB_HOME. Run again, it changes nothing and serves.
    """
    try:
        from kb.demonstration.build import build
    except ModuleNotFoundError as error:
        raise MissingExtra("the demonstration collection", "demo") from error

    settings = context.find_object(Settings) or Settings.from_environment()
    folder = settings.home / "demonstration"
    build(folder)
    intake = take_in((folder,), quiet=as_json)
    if take_in_only and as_json:
        print_json(ingest_json(intake.reports))
    if not intake.complete:
        sys.exit(1)
    if not take_in_only:
        context.invoke(serve, port=port, as_json=as_json)
