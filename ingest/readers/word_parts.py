"""What a Word file keeps outside its body: heading levels of styles, footnotes and endnotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lxml import etree

from ingest.readers import office
from ingest.readers.word_elements import M, W, shown, style_id
from ingest.text import one_line

_HEADING = re.compile(r"(?:heading|kop|überschrift|titre)\s*(\d)", re.I)


def heading_levels(document: Any) -> dict[str, int]:
    """Style id to heading level: 0 for the title, 1 for the top heading, by name or by outline level."""
    levels: dict[str, int] = {}
    try:
        root = document.styles.element
    except Exception:  # a file without styles has no headings
        return levels
    for style in root.iter(W + "style"):
        level = _heading_level(style)
        if level is not None:
            levels[str(style.get(W + "styleId") or "")] = level
    return levels


def _heading_level(style: Any) -> int | None:
    """The level of a style by its name, else by its outline level; None when it is no heading."""
    element = style.find(W + "name")
    name = "" if element is None else str(element.get(W + "val") or "")
    if name.lower() in ("title", "titel"):
        return 0
    match = _HEADING.match(name)
    if match:
        return int(match.group(1))
    outline = style.find(f"{W}pPr/{W}outlineLvl")
    value = "" if outline is None else str(outline.get(W + "val") or "")
    return int(value) + 1 if value.isdigit() and int(value) < 9 else None


def top_level(document: Any, levels: dict[str, int]) -> int:
    """The level at which pages begin: the highest used more than once, else the highest used; 0 when there is none."""
    used: dict[int, int] = {}
    for paragraph in document.element.iter(W + "p"):
        level = levels.get(style_id(paragraph))
        if level:
            used[level] = used.get(level, 0) + 1
    for level in sorted(used):
        if used[level] > 1:
            return level
    return min(used, default=0)


_NOTE_RULES = ("separator", "continuationSeparator", "continuationNotice")
"""Notes that hold the line above the notes and no text."""


def notes_of(document: Any) -> dict[tuple[str, str], tuple[str, str]]:
    """(sort, id) to the number as printed and the text of each footnote and endnote."""
    notes: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, printed in (("footnote", str), ("endnote", _roman)):
        for root in _parts_of(document, kind):
            written = (note for note in root.iter(W + kind) if note.get(W + "type") not in _NOTE_RULES)
            for number, note in enumerate(written, 1):
                text = _note_text(note)
                if text:
                    notes[kind, note.get(W + "id") or ""] = (printed(number), text)
    return notes


def _parts_of(document: Any, kind: str) -> Iterator[Any]:
    """The roots of the parts that hold the footnotes or endnotes; a damaged part is passed over."""
    for relation in document.part.rels.values():
        if relation.is_external or not relation.reltype.endswith(f"/{kind}s"):
            continue
        root = None
        with suppress(etree.XMLSyntaxError, ValueError):
            root = etree.fromstring(relation.target_part.blob, office.parser(recover=True))
        if root is not None:
            yield root


def _note_text(note: Any) -> str:
    """The text of a footnote or endnote on one line."""
    words = [
        element.text or "" if element.tag in (W + "t", M + "t") else " "
        for element in shown(note)
        if element.tag in (W + "t", M + "t", W + "p", W + "tab")
    ]
    return one_line("".join(words))


def _roman(number: int) -> str:
    """Word numbers endnotes i, ii, iii."""
    digits = ""
    for value, sign in (
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ):
        digits += sign * (number // value)
        number %= value
    return digits
