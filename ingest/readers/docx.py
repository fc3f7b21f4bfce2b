"""DOCX: a text by its sections, since a Word file knows its pages only when it is printed.

    body ─► paragraphs, tables, content controls, text boxes ─► a page per section ─► footnotes below the page that has them

The rule for pages: a new page begins at each heading of the document's top level (the highest level that is used more
than once, or the only one) and at each page break the author set; page breaks within a section keep its title. A file
without either is one page. A page's title is its heading, its section the top heading above it.

What python-docx passes over is read here: tables in tables, content controls, tracked insertions (deletions are not
text), text boxes, footnotes and endnotes, charts and SmartArt. A merged cell is read once. Headers and footers repeat
on each printed page and are left out, except where there is nothing else to read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import docx

from ingest.readers import drawings, office
from ingest.readers.properties import iso_date, language, people, sensible_title
from ingest.readers.reading import Reading
from ingest.text import clean, one_line
from kb.errors import EmptyDocument
from kb.model import Page

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_HEADING = re.compile(r"(?:heading|kop|überschrift|titre)\s*(\d)", re.I)
# What Word writes into a content control until somebody does.
_UNFILLED = re.compile(r"(?:klik|tik|kies|click|tap|choose|select)\b.{0,80}$|\[[^\]]{1,60}\]$", re.I)
# Deleted, moved away, or an instruction to Word: not what the page says.
_NOT_TEXT = frozenset(
    _W + name for name in ("del", "moveFrom", "delText", "instrText", "delInstrText", "pPr", "rPr", "sdtPr", "sdtEndPr")
) | {_MC + "Fallback"}
_BREAKS = frozenset((_W + "br", _W + "cr"))


@dataclass(slots=True)
class _Section:
    """A page in the making."""

    title: str | None = None
    section: str | None = None
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: bool = False


@dataclass(slots=True)
class _Part:
    """The text of a paragraph between two page breaks."""

    text: str = ""
    plain: str = ""
    """Without the marks of notes: what a heading says."""
    notes: list[str] = field(default_factory=list)

    def add(self, words: str) -> None:
        self.text += words
        self.plain += words


def read(data: bytes, filename: str) -> Reading:
    """Read a text. Raises EmptyDocument when there is nothing on any page of it."""
    package = office.mended(data, filename)
    try:
        document = docx.Document(io.BytesIO(package.data))
    except Exception:  # one damaged part; the thorough mending leaves it out
        package = office.mended(data, filename, thorough=True)
        document = docx.Document(io.BytesIO(package.data))
    walk = _Walk(document)
    for body in document.element.iter(_W + "body"):
        walk.take(body)
    sections = walk.sections
    if not any(section.lines or section.notes for section in sections):
        sections[0].lines.extend(_margins(document))
    pages = []
    for number, section in enumerate(sections, 1):
        text = clean("\n".join([*section.lines, *(["", *section.notes] if section.notes else [])]))
        problem = "needs-ocr" if not text and section.pictures else None
        title = one_line(section.title or "") or None
        pages.append(Page(number, text, label=str(number), title=title, section=section.section, problem=problem))
    if not any(page.text or page.problem for page in pages):
        raise EmptyDocument(f"{filename}: there is no text in it")
    core = document.core_properties
    title = sensible_title(_property(core, "title")) or walk.title or pages[0].title
    return Reading(
        pages=tuple(pages),
        media_type=MEDIA_TYPE,
        kind="literature",
        title=title,
        authors=people(_property(core, "author")),
        date=iso_date(_property(core, "created")) or iso_date(_property(core, "modified")),
        language=language(_property(core, "language")),
    )


def _property(core: Any, name: str) -> str:
    try:
        return str(getattr(core, name) or "")
    except Exception:  # a damaged property is a missing one
        return ""


class _Walk:
    """Goes through the body once, and opens a new section where the rule says so."""

    def __init__(self, document: Any) -> None:
        self.part = document.part
        self.levels = _levels(document)
        self.top = _top_level(document, self.levels)
        self.sections = [_Section()]
        self.title: str | None = None
        self.notes = _footnotes(document)

    def take(self, container: Any) -> None:
        """Paragraphs, tables and what holds them, in the order of the page."""
        for element in container:
            tag = element.tag
            if tag == _W + "p":
                self._paragraph(element)
            elif tag == _W + "tbl":
                self._open.lines.extend(["", *self._rows(element), ""])
            elif tag == _MC + "AlternateContent":
                chosen = element.find(_MC + "Choice")
                if chosen is not None:
                    self.take(chosen)
            elif _is_said(element):
                self.take(element)  # content controls, insertions, custom XML, smart tags

    @property
    def _open(self) -> _Section:
        return self.sections[-1]

    def _paragraph(self, paragraph: Any) -> None:
        style = _style(paragraph)
        level = self.levels.get(style)
        parts, boxes = self._text(paragraph)
        if _has(paragraph, "pageBreakBefore"):
            parts.insert(0, _Part())
        words = one_line("".join(part.plain for part in parts))
        if level == 0 and self.title is None and words:
            self.title = words
        heads = level is not None and 0 < level <= self.top and bool(words)
        if heads:
            if any(line.strip() for line in self._open.lines) and not (len(self.sections) == 1 and self._only_title()):
                self.sections.append(_Section())
            self._open.title = words
            self._open.section = words if level == self.top else None
            while not parts[0].text.strip():
                parts.pop(0)
        if level is not None:
            self._open.lines.append("")
        for index, part in enumerate(parts):
            if index and any(line.strip() for line in self._open.lines):
                self.sections.append(_Section(self._open.title, self._open.section))
            if part.text.strip():
                self._open.lines.append(part.text)
            self._open.notes.extend(part.notes)
        if level is not None:
            self._open.lines.append("")
        for box in boxes:
            self._open.lines.append("")
            self.take(box)
            self._open.lines.append("")
        self._drawings(paragraph)

    def _only_title(self) -> bool:
        return one_line("\n".join(self._open.lines)) == self.title

    def _drawings(self, paragraph: Any) -> None:
        for text in drawings.graphics(paragraph, self.part):
            self._open.lines.extend(["", text, ""])
        if next(paragraph.iter(drawings.BLIP, drawings.IMAGE_DATA), None) is not None:
            self._open.pictures = True

    def _text(self, paragraph: Any) -> tuple[list[_Part], list[Any]]:
        """The text, in parts where a page break stands in it, and the text boxes anchored in it."""
        parts = [_Part()]
        boxes: list[Any] = []
        for element in _flat(paragraph):
            tag = element.tag
            part = parts[-1]
            if tag in (_W + "t", _M + "t"):
                part.add(element.text or "")
            elif tag in _BREAKS:
                if element.get(_W + "type") == "page":
                    parts.append(_Part())
                elif part.text:
                    part.add("\n")
            elif tag in (_W + "tab", _W + "ptab"):
                part.add(" ")
            elif tag == _W + "noBreakHyphen":
                part.add("-")
            elif tag in (_W + "footnoteReference", _W + "endnoteReference"):
                kind = "footnote" if tag == _W + "footnoteReference" else "endnote"
                note = self.notes.get((kind, element.get(_W + "id") or ""))
                if note:
                    part.text += f" [{note[0]}]"
                    part.notes.append(f"[{note[0]}] {note[1]}")
            elif tag == _W + "txbxContent":
                boxes.append(element)
            elif tag == _W + "tbl":
                boxes.append(_Holder([element]))
        return parts, boxes

    def _inline(self, paragraph: Any) -> tuple[str, list[Any]]:
        """The text of a paragraph that no page ends in, its notes put below the open page, and its text boxes."""
        parts, boxes = self._text(paragraph)
        for part in parts:
            self._open.notes.extend(part.notes)
        return "\n".join(part.text for part in parts), boxes

    def _rows(self, table: Any) -> Iterator[str]:
        """A line per row, its cells apart by ` | `; a merged cell once, a table in a cell after its row."""
        for row in _children(table, _W + "tr"):
            cells: list[str] = []
            inner: list[str] = []
            for cell in _children(row, _W + "tc"):
                merge = cell.find(f"{_W}tcPr/{_W}vMerge")
                if merge is not None and merge.get(_W + "val", "continue") != "restart":
                    continue
                words: list[str] = []
                for element in _blocks(cell):
                    if element.tag == _W + "tbl":
                        inner.extend(self._rows(element))
                        continue
                    text, boxes = self._inline(element)
                    words.append(text)
                    words.extend(self._words(box) for box in boxes)
                    words.extend(drawings.graphics(element, self.part))
                cells.append(" ".join(" ".join(words).split()))
            line = " | ".join(cell for cell in cells if cell)
            if line:
                yield line
            yield from inner

    def _words(self, container: Any) -> str:
        words: list[str] = []
        for element in _blocks(container):
            if element.tag == _W + "tbl":
                words.extend(self._rows(element))
            else:
                text, boxes = self._inline(element)
                words.append(text)
                words.extend(self._words(box) for box in boxes)
        return " ".join(words)


class _Holder(list[Any]):
    """A container for an element that stands where only text is expected."""


def _flat(element: Any) -> Iterator[Any]:
    """What counts inside a paragraph, in order; a text box and a table come as they are."""
    for child in element:
        tag = child.tag
        if not _is_said(child):
            continue
        if tag in (_W + "txbxContent", _W + "tbl"):
            yield child
        elif tag == _MC + "AlternateContent":
            chosen = child.find(_MC + "Choice")
            yield from _flat(chosen if chosen is not None else child)
        else:
            yield child
            yield from _flat(child)


def _blocks(container: Any) -> Iterator[Any]:
    """Paragraphs and tables below a container, through content controls and insertions."""
    for child in container:
        if child.tag in (_W + "p", _W + "tbl"):
            yield child
        elif child.tag == _MC + "AlternateContent":
            chosen = child.find(_MC + "Choice")
            if chosen is not None:
                yield from _blocks(chosen)
        elif _is_said(child):
            yield from _blocks(child)


def _children(element: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, through content controls and insertions, not into inner tables."""
    for child in element:
        if child.tag == tag:
            yield child
        elif _is_said(child) and child.tag not in (_W + "tc", _W + "tr", _W + "tbl"):
            yield from _children(child, tag)


def _is_said(element: Any) -> bool:
    """Whether what an element holds is shown: no instruction, nothing deleted or hidden, no content control unfilled."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _NOT_TEXT:
        return False
    if tag == _W + "r":
        hidden = element.find(f"{_W}rPr/{_W}vanish")
        return hidden is None or hidden.get(_W + "val", "1") in ("0", "false", "off")
    if tag == _W + "sdt" and element.find(f"{_W}sdtPr/{_W}showingPlcHdr") is not None:
        # Programs that fill a control in forget to take the sign away, so what it says decides.
        return _UNFILLED.match("".join(text.text or "" for text in element.iter(_W + "t")).strip()) is None
    return True


def _has(paragraph: Any, name: str) -> bool:
    found = paragraph.find(f"{_W}pPr/{_W}{name}")
    return found is not None and found.get(_W + "val", "1") not in ("0", "false", "off")


def _style(paragraph: Any) -> str:
    found = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return "" if found is None else str(found.get(_W + "val") or "")


def _levels(document: Any) -> dict[str, int]:
    """Style id to heading level: 0 for the title, 1 for the top heading, by name or by outline level."""
    levels: dict[str, int] = {}
    try:
        root = document.styles.element
    except Exception:  # a file without styles has no headings
        return levels
    for style in root.iter(_W + "style"):
        name_element = style.find(_W + "name")
        name = "" if name_element is None else str(name_element.get(_W + "val") or "")
        identity = str(style.get(_W + "styleId") or "")
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        match = _HEADING.match(name)
        if name.lower() in ("title", "titel"):
            levels[identity] = 0
        elif match:
            levels[identity] = int(match.group(1))
        elif outline is not None and (outline.get(_W + "val") or "").isdigit() and int(outline.get(_W + "val")) < 9:
            levels[identity] = int(outline.get(_W + "val")) + 1
    return levels


def _top_level(document: Any, levels: dict[str, int]) -> int:
    """The level at which pages begin: the highest used more than once, else the highest used; 0 when there is none."""
    used: dict[int, int] = {}
    for paragraph in document.element.iter(_W + "p"):
        level = levels.get(_style(paragraph))
        if level:
            used[level] = used.get(level, 0) + 1
    for level in sorted(used):
        if used[level] > 1:
            return level
    return min(used, default=0)


def _footnotes(document: Any) -> dict[tuple[str, str], tuple[str, str]]:
    """(sort, id) to the number as printed and the text of each footnote and endnote."""
    from lxml import etree

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
            for note in root.iter(_W + kind):
                if note.get(_W + "type") in ("separator", "continuationSeparator", "continuationNotice"):
                    continue
                number += 1
                words = [
                    element.text or "" if element.tag in (_W + "t", _M + "t") else " "
                    for element in _flat(note)
                    if element.tag in (_W + "t", _M + "t", _W + "p", _W + "tab")
                ]
                text = one_line("".join(words))
                if text:
                    printed = str(number) if kind == "footnote" else _roman(number)
                    notes[kind, note.get(_W + "id") or ""] = (printed, text)
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


def _margins(document: Any) -> Iterator[str]:
    """Headers and footers, for a file that has nothing else."""
    for section in document.sections:
        for name in (
            "header",
            "first_page_header",
            "even_page_header",
            "footer",
            "first_page_footer",
            "even_page_footer",
        ):
            try:
                margin = getattr(section, name)
                linked = margin.is_linked_to_previous
                element = None if linked else margin._element
            except Exception:  # noqa: S112 - a header that is not there has no text
                continue
            if element is not None:
                for paragraph in element.iter(_W + "p"):
                    yield "".join(e.text or "" for e in _flat(paragraph) if e.tag == _W + "t")
