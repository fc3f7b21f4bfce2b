"""Commands that keep the knowledge base sound: `kb check`, `kb backup`, `kb restore`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.terminal import Progress, opened, print_error, print_json, with_json
from kb.settings import Settings

if TYPE_CHECKING:
    from kb.catalogue import Finding


@click.command()
@click.option("--repair", is_flag=True, help="Repair what can be repaired.")
@with_json
def check(repair: bool, as_json: bool) -> None:
    """Compare files, catalogue, words, references and vectors, and name every disagreement."""
    progress = Progress("checking")
    with opened() as knowledge_base:
        findings = knowledge_base.check(repair=repair, progress=progress)
    progress.clear()
    sound = all(finding.repaired for finding in findings)
    if as_json:
        shown = [
            {"part": finding.part, "message": finding.message, "repaired": finding.repaired} for finding in findings
        ]
        print_json({"ok": sound, "findings": shown})
    print_findings(findings, quiet=as_json)
    if not sound:
        sys.exit(1)


def print_findings(findings: Sequence[Finding], *, quiet: bool) -> None:
    """Print repairs on standard output, and remaining problems on standard error. `quiet`: the latter only."""
    for finding in findings:
        if not finding.repaired:
            print_error(f"{finding.part}: {finding.message}")
        elif not quiet:
            click.echo(f"mended\t{finding.part}\t{finding.message}")
    if not findings and not quiet:
        click.echo("Files, catalogue, words, references and vectors agree.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_json
def backup(file: Path, as_json: bool) -> None:
    """Write everything to one file; safe at any time."""
    with opened() as knowledge_base:
        saved = knowledge_base.backup(file)
    if as_json:
        print_json({"backup": str(file), "files": saved.files, "lost": list(saved.lost)})
    else:
        click.echo(f"{file}: the catalogue and {saved.files} originals")
    for lost in saved.lost:
        print_error(f"{lost} is missing or damaged and not in {file}: ingest the file again, and make another backup")
    if saved.lost:
        sys.exit(1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", "replacing", is_flag=True, help="Put the backup in the place of what is here now.")
@with_json
@click.pass_obj
def restore(settings: Settings, file: Path, replacing: bool, as_json: bool) -> None:
    """Bring back what `kb backup` wrote. What was here is set aside, never deleted."""
    from kb.backup import restore as restore_backup

    restored = restore_backup(file, settings, replace=replacing)
    set_aside = str(restored.set_aside) if restored.set_aside else None
    if as_json:
        lost = list(restored.lost)
        print_json({"restored": str(file), "files": restored.files, "set_aside": set_aside, "lost": lost})
    else:
        click.echo(f"restored {restored.files} originals and the catalogue from {file}")
        if set_aside:
            click.echo(f"what was here before is in {set_aside}")
    for each in restored.lost:
        print_error(f"{each} was lost before this backup was made: ingest the file again")
    if restored.lost:
        sys.exit(1)
