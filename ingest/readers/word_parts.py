"""What a Word file keeps outside its body: heading levels of styles, footnotes and endnotes."""

from __future__ import annotations

import re
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
        name_element = style.find(W + "name")
        name = "" if name_element is None else str(name_element.get(W + "val") or "")
        identity = str(style.get(W + "styleId") or "")
        outline = style.find(f"{W}pPr/{W}outlineLvl")
        match = _HEADING.match(name)
        if name.lower() in ("title", "titel"):
            levels[identity] = 0
        elif match:
            levels[identity] = int(match.group(1))
        elif outline is not None and (outline.get(W + "val") or "").isdigit() and int(outline.get(W + "val")) < 9:
            levels[identity] = int(outline.get(W + "val")) + 1
    return levels


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


def notes_of(document: Any) -> dict[tuple[str, str], tuple[str, str]]:
    """(sort, id) to the number as printed and the text of each footnote and endnote."""
    notes: dict[tuple[str, str], tuple[str, str]] = {}
    for kind in ("footnote", "endnote"):
        for relation in document.part.rels.values():
            if relation.is_external or not relation.reltype.endswith(f"/{kind}s"):
                continue
            try:
                root = etree.fromstring(relation.target_part.blob, office.parser(recover=True))
            except (etree.XMLSyntaxError, ValueError):
                continue
            if root is None:
                continue
            number = 0
            for note in root.iter(W + kind):
                if note.get(W + "type") in ("separator", "continuationSeparator", "continuationNotice"):
                    continue
                number += 1
                words = [
                    element.text or "" if element.tag in (W + "t", M + "t") else " "
                    for element in shown(note)
                    if element.tag in (W + "t", M + "t", W + "p", W + "tab")
                ]
                text = one_line("".join(words))
                if text:
                    printed = str(number) if kind == "footnote" else _roman(number)
                    notes[kind, note.get(W + "id") or ""] = (printed, text)
    return notes


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
