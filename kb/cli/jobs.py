"""`kb jobs`: the uploads and the files of inboxes, with their outcomes."""

from __future__ import annotations

import click

from kb.cli.terminal import opened, print_json, with_json
from kb.outcomes import Job
from kb.serialise import jobs_json


@click.command()
@click.option("-n", "--number", type=click.IntRange(1, 500), default=20, show_default=True, help="At most so many.")
@with_json
def jobs(number: int, as_json: bool) -> None:
    """List the latest uploads and files of inboxes, newest first, with their outcomes."""
    with opened() as knowledge_base:
        latest = knowledge_base.jobs(number)
    if as_json:
        print_json(jobs_json(latest))
        return
    for job in latest:
        click.echo(line(job))
    if not latest:
        click.echo("No file was uploaded, and none came into an inbox.")


def line(job: Job) -> str:
    """A job on one line: number, time, origin, state or outcome, file, document, reasons."""
    document = f"document {job.document_id}" if job.document_id is not None else ""
    reasons = "; ".join(map(str, job.reasons))
    parts = (str(job.id), job.added, job.origin, job.status or job.state, job.filename, document, reasons)
    return "\t".join(part for part in parts if part)
