"""`kb references --parse`: references from a text, what is understood of each, and whether its work is here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from kb import bibliography
from kb.cli.terminal import print_error, print_json
from kb.errors import KnowledgeBaseError
from kb.model import Entry, Language
from kb.serialise import pasted_json

if TYPE_CHECKING:
    from kb.bootstrap import KnowledgeBase
    from kb.pasting import Pasted

LARGEST = 2_000_000
"""Bytes of a text that is read."""


class Options(Protocol):
    """The options of `kb references` that are used here."""

    @property
    def locale(self) -> Language: ...

    @property
    def add(self) -> bool: ...

    @property
    def as_json(self) -> bool: ...


def parse(knowledge_base: KnowledgeBase, source: str, options: Options) -> None:
    """Print what is understood of each reference of a file; with `add` keep those that are not here."""
    found, problems = knowledge_base.parse_references(_text(source))
    for problem in problems:
        print_error(problem)
    new = [each.entry for each in found if each.understood and not each.here]
    kept = _kept(knowledge_base, new) if options.add else None
    if options.as_json:
        print_json({"references": [pasted_json(each) for each in found], "added": kept})
        return
    if not found:
        click.echo("No references found.", err=True)
        return
    _print(found, options.locale)
    if kept is not None:
        click.echo(f"added\t{kept['records']}\ttake them back with: kb references --forget {kept['path']}")


def _text(source: str) -> str:
    """The text of a file, or of standard input. Raises a KnowledgeBaseError with the remedy."""
    try:
        data = sys.stdin.buffer.read(LARGEST + 1) if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise KnowledgeBaseError(f"{source} cannot be read ({error.strerror}): name a text file, or -") from error
    if len(data) > LARGEST:
        raise KnowledgeBaseError(f"{source} is larger than 2 MB: ingest it instead")
    return data.decode("utf-8-sig", "replace")


def _kept(knowledge_base: KnowledgeBase, new: Sequence[Entry]) -> dict[str, Any]:
    if not new:
        return {"records": 0, "path": None}
    stored = knowledge_base.add_references(new)
    return {"records": stored.records, "path": stored.path}


def _print(found: Sequence[Pasted], locale: Language) -> None:
    click.echo("sure\there\treference")
    for each in found:
        entry = each.entry
        sure = "-" if entry.confidence is None else f"{entry.confidence:.0%}"
        click.echo(f"{sure}\t{_place(each)}\t{bibliography.apa(entry.csl, locale) or entry.raw}")


def _place(pasted: Pasted) -> str:
    """The key of the reference, or the number of the document, that is the work; with a question mark where it may be."""
    if pasted.verdict is None:
        return "-"
    document = pasted.document.id if pasted.document else pasted.reference.document_id if pasted.reference else None
    name = f"document {document}" if document is not None else pasted.reference.key if pasted.reference else ""
    return name if pasted.here else f"{name}?"
