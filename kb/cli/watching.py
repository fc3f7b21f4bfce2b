"""`kb watch`: an inbox, whose files are taken in as they arrive."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.documents import embed, print_report
from kb.cli.terminal import opened, print_json, set_log_level, with_json
from kb.model import KINDS
from kb.serialise import Report, ingest_json

if TYPE_CHECKING:
    from kb.bootstrap import KnowledgeBase


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--once", is_flag=True, help="Take in what is there now, and end.")
@click.option("--move", is_flag=True, help="Move handled files to the folders done and failed inside FOLDER.")
@click.option("--kind", type=click.Choice(KINDS), help="What these files are; guessed when left out.")
@with_json
def watch(folder: Path, once: bool, move: bool, kind: Any, as_json: bool) -> None:
    """Take in the files of FOLDER as they arrive, with a line for each.

    A file is taken in when its size and time have been still for two seconds; one that failed is tried again when it
    changes. Nothing is deleted. With --json and without --once each file is a JSON document on a line of its own.
    """
    set_log_level(default="INFO")
    with opened() as knowledge_base:
        inbox = knowledge_base.inbox(folder, kind=kind, move=move)
        if once:
            reports = [shown(report, as_json) for report in inbox.once()]
            embedded = embed(knowledge_base)
            if as_json:
                print_json(ingest_json(reports))
            if not embedded or not all(report.taken_in for report in reports):
                sys.exit(1)
            return
        stop = threading.Event()
        with suppress(ValueError):  # signals are the main thread's
            signal.signal(signal.SIGTERM, lambda *_: stop.set())
        with suppress(KeyboardInterrupt):
            follow(knowledge_base, inbox.run(stop), as_json)


def follow(knowledge_base: KnowledgeBase, reports: Iterable[Report], as_json: bool) -> None:
    """Show each report, and make its passages findable by meaning."""
    for report in reports:
        shown(report, as_json)
        if as_json:
            print_json(ingest_json([report]))
            sys.stdout.flush()
        if report.document_id is not None:
            embed(knowledge_base)


def shown(report: Report, as_json: bool) -> Report:
    """Print a report for the user, on standard error alone when standard output is for JSON."""
    print_report(report, quiet=as_json)
    sys.stdout.flush()
    return report
