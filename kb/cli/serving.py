"""`kb serve`: the pages and the HTTP API on a production WSGI server."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.terminal import (
    Progress,
    opened,
    print_error,
    print_json,
    set_log_level,
    warn_about_model,
    with_json,
)
from kb.errors import KnowledgeBaseError
from kb.settings import Settings

if TYPE_CHECKING:
    from kb.bootstrap import KnowledgeBase
    from kb.serialise import Report
    from web.server import Server

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
"""Addresses and names that only this machine reaches."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--inbox", type=click.Path(path_type=Path), help="A folder whose files are taken in as they arrive.")
@with_json
def serve(host: str, port: int, inbox: Path | None, as_json: bool) -> None:
    """Serve the web UI and the HTTP API."""
    from web import create_app

    set_log_level(default="INFO")
    with opened() as knowledge_base:
        knowledge_base.refresh(progress=Progress("embedding"))
        warn_about_model(knowledge_base)
        settings = knowledge_base.settings
        server = listen(create_app(knowledge_base, hosts=allowed_hosts(host, settings)), host, port, settings)
        knowledge_base.uploads.resume()
        if host not in LOOPBACK:
            print_error(warning_about_others(host, settings))
        address = f"http://{'[' + host + ']' if ':' in host else host}:{server.port}/"
        print_json({"address": address}) if as_json else click.echo(f"kb is at {address} (Ctrl-C stops it)")
        sys.stdout.flush()
        with watching(knowledge_base, inbox) if inbox else nullcontext():
            server.run()


@contextmanager
def watching(knowledge_base: KnowledgeBase, folder: Path) -> Iterator[None]:
    """Take in the files of a folder as they arrive, in a thread beside the server, until the block ends."""
    stop = threading.Event()
    reports = knowledge_base.inbox(folder).run(stop)
    thread = threading.Thread(target=take_in_all, args=(knowledge_base, reports), name="inbox")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def take_in_all(knowledge_base: KnowledgeBase, reports: Iterator[Report]) -> None:
    """Log the outcome of each file, and make its passages findable by meaning."""
    for report in reports:
        log.info("inbox: %s: %s %s", report.status, report.path, report.reason)
        try:
            knowledge_base.refresh()
        except KnowledgeBaseError as error:
            log.warning("inbox: %s", error)


def allowed_hosts(host: str, settings: Settings) -> tuple[str, ...]:
    """The names under which the pages may be asked for; none means any.

    A server on a loopback address that is asked for by another name is being used by a page elsewhere (DNS rebinding).
    """
    if host in LOOPBACK:
        return (*LOOPBACK, *settings.hosts)
    return (host, *LOOPBACK, *settings.hosts) if settings.hosts else ()


def warning_about_others(host: str, settings: Settings) -> str:
    """The warnings before other machines are let in."""
    changes = "with KB_TOKEN may change things" if settings.token else "may change nothing (KB_TOKEN would allow it)"
    names = "" if settings.hosts else "; KB_HOSTS limits the names it answers to"
    return (
        f"everyone who can reach {host} can read everything here; whoever calls from another machine {changes}{names}"
    )


def listen(app: object, host: str, port: int, settings: Settings) -> Server:
    """The server, listening. Raises KnowledgeBaseError when the address cannot be listened on."""
    from web.server import Server, largest_upload

    try:
        return Server(app, host, port, largest_upload=largest_upload(settings.max_bytes))
    except OSError as error:
        raise KnowledgeBaseError(
            f"cannot listen on {host} port {port} ({error.strerror}): choose another with --port"
        ) from error
    except ValueError as error:  # raised by waitress for a name that resolves to nothing
        raise KnowledgeBaseError(
            f"cannot listen on {host}: it is not an address of this machine; leave --host out, or name one that is"
        ) from error
