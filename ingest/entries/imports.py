"""The records of bibliography files (.bib, .ris, CSL-JSON) as entries, and a line for each record that is malformed."""

from __future__ import annotations

import re
from collections.abc import Callable

from kb.bibliography import from_bibtex, from_csl_json, from_ris
from kb.bibliography.items import printed
from kb.errors import EmptyDocument, TooBig, UnreadableDocument, UnsupportedFormat
from kb.model import Entry

Progress = Callable[[int, int], None]
"""Called with how much is done, and of how much."""


def import_records(
    data: bytes, filename: str, progress: Progress | None = None
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The records of a .bib, .ris or CSL-JSON file, and a line for each that is malformed and was left out.

    `progress` is called with the number of characters read and their total. Raises a DocumentError when the file as a whole is
    none of these.
    """
    if not data.strip():
        raise EmptyDocument("no-record-bytes", filename=filename)
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
        except RecursionError as error:
            raise TooBig("nested-records", filename=filename) from error
        except ValueError as error:
            raise UnreadableDocument("not-csl-json", filename=filename, cause=str(error)) from error
        if progress:
            progress(len(text), len(text))
    if not items and not problems:
        raise EmptyDocument("no-record", filename=filename)
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
    """The format by the file's first record; without one the name decides which error is raised."""
    start = text.lstrip("\ufeff \t\r\n")[:200_000]
    if re.search(r"(?m)^\s*@\s*\w+\s*[{(]", start):
        return "bib"
    if re.search(r"(?m)^TY {1,2}-", start):
        return "ris"
    if start.startswith(("[", "{")):
        return "json"
    for ending, kind in ((".bib", "bib"), (".ris", "ris"), (".json", "json")):
        if filename.lower().endswith(ending):
            raise UnreadableDocument("not-its-records", filename=filename, claim=kind)
    raise UnsupportedFormat("no-bibliography", filename=filename)
