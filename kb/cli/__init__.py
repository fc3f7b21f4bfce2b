"""The command line: one short function per command, a module per group of commands.

    search.py      search, ask, evaluate            documents.py   ingest, documents, show
    references.py  references                       upkeep.py      check, backup, restore
    serving.py     serve                            demo.py        demo
    watching.py    watch                            trash.py       remove, trash, undelete
    review.py      review
    jobs.py        jobs                             teaching.py    teach
    terminal.py    shared by all: options, messages, progress, JSON, error handling

Each command takes `--json`: one JSON document on standard output and nothing else there. Exit codes: 0 is success, 1 means
that something could not be done (a line per problem on standard error), 2 is wrong usage. A package that takes time to import
is imported in the command that needs it, so that `kb --help` is immediate.
"""

from __future__ import annotations

import atexit
import gc

import click

from kb import __version__
from kb.cli import demo, documents, jobs, references, review, search, serving, teaching, trash, upkeep, watching
from kb.cli.terminal import Door, set_log_level, with_verbose
from kb.settings import Settings

# The operating system frees a process at once; a last garbage collection takes a seventh of the time of a search.
atexit.register(gc.freeze)


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kb")
@with_verbose
@click.pass_context
def main(context: click.Context) -> None:
    """A knowledge base that is searched by meaning: slide decks, literature, and who is cited where.

    Everything is kept in the folder KB_HOME.
    """
    context.obj = context.find_object(Settings) or Settings.from_environment()
    set_log_level()


for command in (
    documents.ingest,
    search.search,
    search.ask,
    references.references,
    review.review,
    documents.documents,
    documents.show,
    trash.remove,
    trash.trash,
    trash.undelete,
    upkeep.check,
    search.evaluate,
    upkeep.backup,
    upkeep.restore,
    serving.serve,
    watching.watch,
    jobs.jobs,
    demo.demo,
    teaching.teach,
):
    main.add_command(command)
