"""References that a person pastes: records of BibTeX, RIS or CSL-JSON, or printed references one below the other.

    text ─┬─ holds records ─► import_records
          └─ printed ─► blocks between empty lines ─► a list, one entry, or an entry a line ─► entries

Nothing but the text itself shows where an entry ends: no paragraphs, no indents, often no heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.entries.imports import import_records
from ingest.entries.joining import joined
from ingest.entries.lines import Line, lines
from ingest.entries.lists import HEADING, ReferenceList, reference_list
from ingest.entries.openings import is_complete, is_plausible
from ingest.entries.reading import entries_of
from kb.bibliography.identifiers import ADDRESS_START
from kb.model import Entry, Page

_RECORDS = re.compile(r"(?m)^\s*@\s*\w+\s*[{(]|^TY {1,2}-|\A\s*[\[{]\s*[\[{\"]")
"""What shows that a text holds records: `@book{`, `TY  - BOOK`, `[{"`."""


def read_pasted(text: str, name: str = "text") -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries of a pasted text, in order, and a line for each record that is malformed.

    Raises a DocumentError when the text holds records that cannot be read at all, or none.
    """
    if _RECORDS.search(text):
        return import_records(text.encode("utf-8", "replace"), name)
    body = [line for line in lines(Page(1, text)) if not HEADING.match(line.text)]
    found = tuple(entry for block in _blocks(body) for one in _lists(block) for entry in entries_of(one))
    return found, ()


def _blocks(body: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines between two empty lines; a numbered list with empty lines in it stays whole."""
    whole = reference_list(None, list(body))
    if whole and whole.labels[0] is not None:
        yield list(body)
        return
    starts = [at for at, line in enumerate(body) if at == 0 or line.after_empty]
    for start, end in pairwise([*starts, len(body)]):
        yield list(body[start:end])


def _lists(block: list[Line]) -> Iterator[ReferenceList]:
    """The entries of a block."""
    if len(block) > 1 and all(_is_whole(line.text) for line in block):
        yield _one_each(block)
    elif found := reference_list(None, block):
        yield found
    elif is_plausible(joined(block)) or len(block) == 1:
        yield ReferenceList(None, (tuple(block),), (None,))
    else:
        yield _one_each(block)


def _is_whole(text: str) -> bool:
    """Whether a line is an entry of its own: complete and dated, or an address alone."""
    return (is_plausible(text) and is_complete(text)) or bool(re.fullmatch(rf"(?:{ADDRESS_START})\S+", text))


def _one_each(block: Sequence[Line]) -> ReferenceList:
    return ReferenceList(None, tuple((line,) for line in block), (None,) * len(block))
