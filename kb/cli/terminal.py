"""Shared by the commands: options, messages, progress, JSON, the open knowledge base, and error handling.

arguments ─► Door ─► command ─► standard output: lines for a person, or one JSON document
               └─ errors of ours ─► one line on standard error, exit code 1
"""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from kb.errors import KnowledgeBaseError
from kb.logs import configure
from kb.model import KINDS, LANGUAGES
from kb.settings import Settings

if TYPE_CHECKING:
    from index.encoder import Encoder
    from kb.bootstrap import KnowledgeBase

ID = click.IntRange(1, 2**63 - 1)
"""Every id that the catalogue can give."""

_VERBOSITY = "kb.verbosity"
"""Where click keeps how often `-v` was given."""

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Text(click.ParamType[str]):
    """Words that a person types. Bytes that are not valid text, which some terminals let through, become "\ufffd"."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Door(click.Group):
    """Turn our own errors, and an output that cannot be written, into one line and exit code 1; others keep their traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line and write out its output: a failure to write is reported by us, not by Python."""
        try:
            try:
                return super().main(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            # The reader of our output (`head`, for example) closed the pipe: that is not an error.
            sys.exit(0)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            print_error("the disk is full: make room and try again; what was already taken in is kept")
            sys.exit(1)
        finally:
            discard_unwritten(sys.stdout)
            discard_unwritten(sys.stderr)

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            # A character that the terminal cannot show is escaped: that must not stop a command.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except KnowledgeBaseError as error:
            print_error(str(error))
            ctx.exit(1)
        except BrokenPipeError:
            # click would end with exit code 1; here it is not an error.
            ctx.exit(0)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except BrokenPipeError:  # `--help` and `--version` print while the arguments are parsed
            ctx.exit(0)


def discard_unwritten(stream: IO[str]) -> None:
    """Drop the text that a stream cannot write, so that the interpreter does not try again, and report it, at exit."""
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


# -- messages


def print_error(line: str) -> None:
    """Write one line to standard error; where that cannot be written the exit code is all a caller gets."""
    with suppress(OSError):
        click.echo(f"kb: {' '.join(line.split())}", err=True)


def print_json(value: object) -> None:
    """Print one JSON document, in UTF-8 whatever the terminal's encoding; bytes of a file name that are not text are escaped."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace"))


class Progress:
    """Progress on standard error when that is a terminal; nothing otherwise."""

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
        """Remove the line again."""
        if self.shown and self.width:
            click.echo("\r" + " " * self.width + "\r", err=True, nl=False)
            self.width = 0


# -- options


def with_json(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the options that every command has: `--json` and `--verbose`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(with_verbose(command))


def with_verbose(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command or a group `-v`, which may be repeated."""
    option = click.option(
        "-v", "--verbose", count=True, expose_value=False, callback=_count_verbose,
        help="Log what happens to standard error; -vv logs more.",
    )  # fmt: skip
    return option(command)


def _count_verbose(context: click.Context, _parameter: click.Parameter, count: int) -> None:
    if count:
        context.meta[_VERBOSITY] = max(count, context.meta.get(_VERBOSITY, 0))
        set_log_level()


def set_log_level(default: str | None = None) -> None:
    """Log from the level that `-v` asks for, else KB_LOG, else `default`."""
    context = click.get_current_context()
    verbosity = context.meta.get(_VERBOSITY, 0)
    settings = context.find_object(Settings)
    asked = ("DEBUG" if verbosity > 1 else "INFO") if verbosity else settings.log_level if settings else None
    configure(asked or default)


def with_filters(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the options that confine a query."""
    options = [
        click.option("--kind", type=click.Choice(KINDS), help="Only decks, or only literature."),
        click.option("--language", type=click.Choice(LANGUAGES), help="Only passages in this language."),
        click.option("--year", type=click.IntRange(0, 9999), help="Only documents of this year."),
        click.option("--author", help="Only documents of this author or speaker: a name or a part of it."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def gathered(shape: Callable[..., T]) -> Callable[[Callable[[T], R]], Callable[..., R]]:
    """Pass the options of a command as one value of type `shape`, whose fields have the options' names."""

    def decorate(command: Callable[[T], R]) -> Callable[..., R]:
        @wraps(command)
        def wrapped(**options: Any) -> R:
            return command(shape(**options))

        return wrapped

    return decorate


# -- the knowledge base


def open_model(settings: Settings) -> Encoder:
    """The encoder that the settings name."""
    from index.encoder import open_encoder

    return open_encoder(settings.model)


@contextmanager
def opened(*, searching: bool = False) -> Iterator[KnowledgeBase]:
    """The knowledge base of the settings, open for as long as the block runs.

    `searching`: the model is needed as well; it and the catalogue take a quarter of a second each, so they open in parallel.
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


def embed_missing(knowledge_base: KnowledgeBase) -> None:
    """Embed the passages without a vector: after an ingest that was interrupted, or with another encoder than before."""
    if knowledge_base.waiting():
        progress = Progress("embedding")
        knowledge_base.refresh(progress)
        progress.clear()


def warn_about_model(knowledge_base: KnowledgeBase) -> None:
    """Warn when the model does not read Dutch: Dutch texts are still found by words, so it would go unnoticed."""
    warning = knowledge_base.warning()
    if warning is not None:
        print_error(warning)
