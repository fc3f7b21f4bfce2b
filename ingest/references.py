"""References that are read: the lists of a document, and bibliography files.

    pages ─► reference lists ─► entries, each with its raw text and what was understood of it
    .bib .ris .json ─► entries, and a line for each record that is broken

Pure functions. An uncertain entry keeps its raw text and an empty item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ingest.entry import parse
from ingest.lists import BULLET, joined, reference_lists
from kb.bibliography import clean, from_bibtex, from_csl_json, from_ris
from kb.bibliography.items import printed
from kb.errors import EmptyDocument, UnreadableDocument, UnsupportedFormat
from kb.model import Entry, Kind, Page

__all__ = ["entries", "import_records"]


def entries(pages: Sequence[Page], *, kind: Kind) -> tuple[Entry, ...]:
    """The entries of a document's reference lists in reading order.

    `start` and `end` are the entry's place on the page where it starts: of an entry that runs over a page, the part on that
    page. `raw` is whole, on one line. `csl` is empty where nothing was understood.
    """
    found: list[Entry] = []
    for listing in reference_lists(pages, kind):
        before: list[dict[str, Any]] = []
        for lines, label in zip(listing.entries, listing.labels, strict=True):
            raw = clean(joined(lines))
            if label is not None:
                raw = re.sub(r"^(?:\[\d{1,4}\]|\d{1,4}[.)])\s*", "", raw)
            csl = parse(raw, before)
            before = list(csl.get("author") or csl.get("editor") or [])
            on_page = [line for line in lines if line.number == lines[0].number]
            start = lines[0].start + (len(lines[0].text) - len(BULLET.sub("", lines[0].text, count=1)))
            found.append(Entry(raw=raw, csl=csl, number=lines[0].number, start=start, end=on_page[-1].end, label=label))
    return tuple(found)


# --- bibliography files

Progress = Callable[[int, int], None]


def import_records(
    data: bytes, filename: str, progress: Progress | None = None
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The records of a .bib, .ris or CSL-JSON file, and a line for each that is broken and was left out.

    `progress` is told how much of how much is done. Raises a DocumentError when the file as a whole is none of these.
    """
    if not data.strip():
        raise EmptyDocument(f"{filename} is empty: export the bibliography again")
    text = _decoded(data)
    kind = _format(text, filename)
    problems: list[str]
    if kind == "bib":
        items, problems = from_bibtex(text, progress)
    elif kind == "ris":
        items, problems = from_ris(text, progress)
    else:
        try:
            items, problems = from_csl_json(text)
        except (ValueError, RecursionError) as error:
            raise UnreadableDocument(f"{filename} is not CSL-JSON ({error}): export it again as CSL JSON") from error
        if progress:
            progress(len(text), len(text))
    if not items and not problems:
        raise EmptyDocument(f"{filename} holds no record: export the bibliography again")
    found = tuple(Entry(raw=printed(item), csl=item) for item in items)
    return found, tuple(f"{filename}: {problem}" for problem in problems)


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it, else Windows' Latin-1, in which no byte is wrong."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace") if b"\x81" not in data else data.decode("latin-1")


def _format(text: str, filename: str) -> str:
    """By what the file holds, and where that is nothing, by its name."""
    start = text.lstrip("\ufeff \t\r\n")[:200_000]
    if re.search(r"(?m)^\s*@\s*\w+\s*[{(]", start):
        return "bib"
    if re.search(r"(?m)^TY {1,2}-", start):
        return "ris"
    if start.startswith(("[", "{")):
        return "json"
    for ending, kind in ((".bib", "bib"), (".ris", "ris"), (".json", "json")):
        if filename.lower().endswith(ending):
            raise UnreadableDocument(f"{filename} holds no {kind} records: is it the right file?")
    raise UnsupportedFormat(f"{filename} is not BibTeX, RIS or CSL-JSON: export the bibliography as one of these")
