"""Read the reference lists of a document: each entry with its raw text and its CSL item.

An uncertain entry keeps its raw text and an empty item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.entries.entry import read
from ingest.entries.joining import joined
from ingest.entries.lines import Line
from ingest.entries.lists import Layout, ReferenceList, layout
from ingest.entries.openings import without_label
from ingest.entries.people import People
from ingest.grammar import BULLET
from kb.bibliography import clean
from kb.model import Entry, Kind, Page


def entries(pages: Sequence[Page], *, kind: Kind, found: Layout | None = None) -> tuple[Entry, ...]:
    """The entries of a document's reference lists in reading order.

    `start` and `end` are the entry's place on the page where it starts: of an entry that runs over a page, the part on that
    page. `raw` is whole, on one line. `csl` is empty where nothing was understood. `found`: the lists, when they are known.
    """
    return tuple(entry for one in (found or layout(pages, kind)).lists for entry in entries_of(one))


def entries_of(reference_list: ReferenceList) -> Iterator[Entry]:
    """The entries of one list; a dash for the authors repeats those of the entry above."""
    before: People = []
    for lines, label in zip(reference_list.entries, reference_list.labels, strict=True):
        entry = _entry(lines, label, before)
        before = list(entry.csl.get("author") or entry.csl.get("editor") or [])
        yield entry


def _entry(lines: Sequence[Line], label: str | None, before: People) -> Entry:
    raw = clean(joined(lines))
    if label is not None:
        raw = without_label(raw)
    on_page = [line for line in lines if line.number == lines[0].number]
    bullet = len(lines[0].text) - len(BULLET.sub("", lines[0].text, count=1))
    chosen = read(raw, before)
    return Entry(
        raw=raw,
        csl=chosen.item,
        number=lines[0].number,
        start=lines[0].start + bullet,
        end=on_page[-1].end,
        label=label,
        confidence=chosen.confidence,
    )
