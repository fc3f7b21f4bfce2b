"""Fields that an entry of BibTeX takes from others: from its `crossref` parent, and from `xdata` entries.

    @incollection{a, crossref = {b}} + @collection{b, title, editor, year} ─► a with booktitle, editor and year

The rules are those of biblatex (manual, appendix B): a parent's title becomes the title of the container, all other fields
keep their names, and a field of the entry's own is never replaced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Fields = Mapping[str, str]

_IN_BOOK = ("booktitle", "booksubtitle", "booktitleaddon")
_IN_SERIES = ("maintitle", "mainsubtitle", "maintitleaddon")
_IN_JOURNAL = ("journaltitle", "journalsubtitle", "journaltitleaddon")
_TITLES = ("title", "subtitle", "titleaddon")
_BOOKS = frozenset({"book", "collection", "reference", "proceedings", "manual"})
_SERIES = frozenset({"mvbook", "mvcollection", "mvreference", "mvproceedings"})
_PARTS_BY_AUTHOR = frozenset({"inbook", "bookinbook", "suppbook"})
_PARTS = _PARTS_BY_AUTHOR | {"incollection", "inproceedings", "conference", "inreference", "suppcollection"}
_ARTICLES = frozenset({"article", "suppperiodical", "review"})
_NOT_INHERITED = frozenset(
    """crossref xref xdata ids entryset entrysubtype execute label options presort related relatedoptions relatedstring
    relatedtype shorthand shorthandintro sortkey sorttitle shorttitle indextitle indexsorttitle""".split()
)
_ALTERNATIVES = (
    frozenset({"date", "year", "month", "day"}),
    frozenset({"journal", "journaltitle"}),
    frozenset({"address", "location"}),
)
"""Fields that say one thing: an entry that has one of them takes none of the others."""


@dataclass(frozen=True, slots=True)
class Record:
    """An entry of a file: its type and names of fields in small letters, its values as written."""

    kind: str
    key: str
    fields: Fields


def inherited(records: Sequence[Record]) -> list[Record]:
    """The records with the fields that they inherit; without `xdata` entries, which describe no work."""
    if not any(record.kind == "xdata" or _parents(record) for record in records):
        return list(records)
    by_key = {record.key.casefold(): record for record in reversed(records)}
    return [_whole(record, by_key, frozenset()) for record in records if record.kind != "xdata"]


def _parents(record: Record) -> list[str]:
    """The keys that an entry inherits from, the nearest first."""
    named = (record.fields.get("xdata", ""), record.fields.get("crossref", ""))
    return [key.casefold() for text in named for key in re.split(r"[\s,]+", text) if key]


def _whole(record: Record, by_key: Mapping[str, Record], above: frozenset[str]) -> Record:
    """A record with the fields of its parents, and of theirs; `above` are the keys that it is read for."""
    names = _parents(record)
    if not names:
        return record
    key = record.key.casefold()
    parents = [by_key[name] for name in names if name in by_key and name not in above | {key}]
    fields = dict(record.fields)
    for parent in parents:
        whole = _whole(parent, by_key, above | {key})
        for name, value in _given(whole, record.kind).items():
            if not _has(record.fields, name):
                fields.setdefault(name, value)
    if len(parents) == len(names):  # the entry is complete without them
        fields = {name: value for name, value in fields.items() if name not in {"crossref", "xdata"}}
    return Record(record.kind, record.key, fields)


def _has(fields: Fields, name: str) -> bool:
    """Whether an entry has a field of its own for this, under this name or another."""
    return name in fields or any(name in group and not group.isdisjoint(fields) for group in _ALTERNATIVES)


def _given(parent: Record, kind: str) -> dict[str, str]:
    """The fields that a parent gives to an entry of a type, under the names that they have there."""
    if parent.kind == "xdata":
        return dict(parent.fields)
    renamed = _renamed(parent.kind, kind)
    given = {name: value for name, value in parent.fields.items() if name not in _NOT_INHERITED and name not in renamed}
    for name, new in renamed.items():
        if name in parent.fields:
            given.setdefault(new, parent.fields[name])
    if kind in _PARTS_BY_AUTHOR and "author" in parent.fields:
        given.setdefault("bookauthor", parent.fields["author"])
    return given


def _renamed(parent: str, kind: str) -> dict[str, str]:
    """The names that the titles of a parent have in an entry of a type."""
    if parent == "periodical" and kind in _ARTICLES:
        return dict(zip(_TITLES, _IN_JOURNAL, strict=True))
    if parent in _SERIES and (kind in _BOOKS or kind in _PARTS):
        return dict(zip(_TITLES, _IN_SERIES, strict=True))
    if parent in _BOOKS and kind in _PARTS:
        return dict(zip(_TITLES, _IN_BOOK, strict=True))
    return {}
