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
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import docx

from ingest.readers import drawings, office
from ingest.readers.properties import iso_date, language, people, sensible_title
from ingest.readers.reading import Reading
from ingest.readers.word_elements import MC, Holder, M, W, blocks, children, has, is_shown, shown, style_id
from ingest.readers.word_parts import heading_levels, notes_of, top_level
from ingest.text import clean, one_line
from kb.errors import EmptyDocument
from kb.model import Page

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_BREAKS = frozenset((W + "br", W + "cr"))


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
    for body in document.element.iter(W + "body"):
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
        self.levels = heading_levels(document)
        self.top = top_level(document, self.levels)
        self.sections = [_Section()]
        self.title: str | None = None
        self.notes = notes_of(document)

    def take(self, container: Any) -> None:
        """Paragraphs, tables and what holds them, in the order of the page."""
        for element in container:
            tag = element.tag
            if tag == W + "p":
                self._paragraph(element)
            elif tag == W + "tbl":
                self._open.lines.extend(["", *self._rows(element), ""])
            elif tag == MC + "AlternateContent":
                chosen = element.find(MC + "Choice")
                if chosen is not None:
                    self.take(chosen)
            elif is_shown(element):
                self.take(element)  # content controls, insertions, custom XML, smart tags

    @property
    def _open(self) -> _Section:
        return self.sections[-1]

    def _paragraph(self, paragraph: Any) -> None:
        style = style_id(paragraph)
        level = self.levels.get(style)
        parts, boxes = self._text(paragraph)
        if has(paragraph, "pageBreakBefore"):
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
        for element in shown(paragraph):
            tag = element.tag
            part = parts[-1]
            if tag in (W + "t", M + "t"):
                part.add(element.text or "")
            elif tag in _BREAKS:
                if element.get(W + "type") == "page":
                    parts.append(_Part())
                elif part.text:
                    part.add("\n")
            elif tag in (W + "tab", W + "ptab"):
                part.add(" ")
            elif tag == W + "noBreakHyphen":
                part.add("-")
            elif tag in (W + "footnoteReference", W + "endnoteReference"):
                kind = "footnote" if tag == W + "footnoteReference" else "endnote"
                note = self.notes.get((kind, element.get(W + "id") or ""))
                if note:
                    part.text += f" [{note[0]}]"
                    part.notes.append(f"[{note[0]}] {note[1]}")
            elif tag == W + "txbxContent":
                boxes.append(element)
            elif tag == W + "tbl":
                boxes.append(Holder([element]))
        return parts, boxes

    def _inline(self, paragraph: Any) -> tuple[str, list[Any]]:
        """The text of a paragraph that no page ends in, its notes put below the open page, and its text boxes."""
        parts, boxes = self._text(paragraph)
        for part in parts:
            self._open.notes.extend(part.notes)
        return "\n".join(part.text for part in parts), boxes

    def _rows(self, table: Any) -> Iterator[str]:
        """A line per row, its cells apart by ` | `; a merged cell once, a table in a cell after its row."""
        for row in children(table, W + "tr"):
            cells: list[str] = []
            inner: list[str] = []
            for cell in children(row, W + "tc"):
                merge = cell.find(f"{W}tcPr/{W}vMerge")
                if merge is not None and merge.get(W + "val", "continue") != "restart":
                    continue
                words: list[str] = []
                for element in blocks(cell):
                    if element.tag == W + "tbl":
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
        for element in blocks(container):
            if element.tag == W + "tbl":
                words.extend(self._rows(element))
            else:
                text, boxes = self._inline(element)
                words.append(text)
                words.extend(self._words(box) for box in boxes)
        return " ".join(words)


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
                for paragraph in element.iter(W + "p"):
                    yield "".join(e.text or "" for e in shown(paragraph) if e.tag == W + "t")
