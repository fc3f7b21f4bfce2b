"""WordprocessingML: which elements are text that the page shows, in the order of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.raised import raised

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# Word's own text in a content control that is not filled in.
_UNFILLED = re.compile(r"(?:klik|tik|kies|click|tap|choose|select)\b.{0,80}$|\[[^\]]{1,60}\]$", re.I)
# Deleted, moved away, or an instruction to Word: not text of the page.
_NOT_TEXT = frozenset(
    W + name for name in ("del", "moveFrom", "delText", "instrText", "delInstrText", "pPr", "rPr", "sdtPr", "sdtEndPr")
) | {MC + "Fallback"}


class Holder(list[Any]):
    """A container for an element at a place where only text is expected."""


def shown(element: Any) -> Iterator[Any]:
    """What counts inside a paragraph, in order; a text box and a table come as they are."""
    for child in element:
        tag = child.tag
        if not is_shown(child):
            continue
        if tag in (W + "txbxContent", W + "tbl"):
            yield child
        elif tag == MC + "AlternateContent":
            chosen = child.find(MC + "Choice")
            yield from shown(chosen if chosen is not None else child)
        else:
            yield child
            yield from shown(child)


def blocks(container: Any) -> Iterator[Any]:
    """Paragraphs and tables below a container, through content controls and insertions."""
    for child in container:
        if child.tag in (W + "p", W + "tbl"):
            yield child
        elif child.tag == MC + "AlternateContent":
            chosen = child.find(MC + "Choice")
            if chosen is not None:
                yield from blocks(chosen)
        elif is_shown(child):
            yield from blocks(child)


def children(element: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, through content controls and insertions, not into inner tables."""
    for child in element:
        if child.tag == tag:
            yield child
        elif is_shown(child) and child.tag not in (W + "tc", W + "tr", W + "tbl"):
            yield from children(child, tag)


def is_shown(element: Any) -> bool:
    """Whether what an element holds is shown: no instruction, nothing deleted or hidden, no content control unfilled."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _NOT_TEXT:
        return False
    if tag == W + "r":
        hidden = element.find(f"{W}rPr/{W}vanish")
        return hidden is None or hidden.get(W + "val", "1") in ("0", "false", "off")
    if tag == W + "sdt" and element.find(f"{W}sdtPr/{W}showingPlcHdr") is not None:
        # Programs that fill a control in forget to take the sign away, so its text decides.
        return _UNFILLED.match("".join(text.text or "" for text in element.iter(W + "t")).strip()) is None
    return True


def has(paragraph: Any, name: str) -> bool:
    found = paragraph.find(f"{W}pPr/{W}{name}")
    return found is not None and found.get(W + "val", "1") not in ("0", "false", "off")


def style_id(paragraph: Any) -> str:
    found = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if found is None else str(found.get(W + "val") or "")


def raised_text(text: Any) -> str:
    """The text of an element of text; numbers of a run that is raised as superscripts."""
    align = text.getparent().find(f"{W}rPr/{W}vertAlign")
    is_raised = align is not None and align.get(W + "val") == "superscript"
    return raised(text.text or "") if is_raised else text.text or ""
