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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import docx

from ingest.readers import drawings, office
from ingest.readers.properties import iso_date, language, people, sensible_title
from ingest.readers.reading import Reading
from ingest.readers.word_elements import MC, Holder, M, W, blocks, children, has, is_shown, raised_text, shown, style_id
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
    """The text without the marks of notes, as for a heading."""
    notes: list[str] = field(default_factory=list)

    def add(self, words: str) -> None:
        self.text += words
        self.plain += words


def _page(number: int, section: _Section) -> Page:
    """A section as a page, its notes below its text."""
    notes = ["", *section.notes] if section.notes else []
    text = clean("\n".join([*section.lines, *notes]))
    problem = "needs-ocr" if not text and section.pictures else None
    title = one_line(section.title or "") or None
    return Page(number, text, label=str(number), title=title, section=section.section, problem=problem)


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
    pages = [_page(number, section) for number, section in enumerate(sections, 1)]
    if not any(page.text or page.problem for page in pages):
        raise EmptyDocument("no-text", filename=filename)
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
    """Goes through the body once, and opens new sections by the rule above."""

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
        if level is not None and 0 < level <= self.top and words:
            self._open_section(words, level)
            while not parts[0].text.strip():
                parts.pop(0)
        around = [""] if level is not None else []
        self._open.lines.extend(around)
        self._take_parts(parts)
        self._open.lines.extend(around)
        for box in boxes:
            self._open.lines.append("")
            self.take(box)
            self._open.lines.append("")
        self._drawings(paragraph)

    def _has_lines(self) -> bool:
        """Whether the open section has any text."""
        return any(line.strip() for line in self._open.lines)

    def _open_section(self, heading: str, level: int) -> None:
        """Begin a section with its heading; the first heading stays in the section that has the title alone."""
        if self._has_lines() and not (len(self.sections) == 1 and self._only_title()):
            self.sections.append(_Section())
        self._open.title = heading
        self._open.section = heading if level == self.top else None

    def _take_parts(self, parts: Sequence[_Part]) -> None:
        """Add the parts of a paragraph; a page break lies between two of them."""
        for index, part in enumerate(parts):
            if index and self._has_lines():
                self.sections.append(_Section(self._open.title, self._open.section))
            if part.text.strip():
                self._open.lines.append(part.text)
            self._open.notes.extend(part.notes)

    def _only_title(self) -> bool:
        return one_line("\n".join(self._open.lines)) == self.title

    def _drawings(self, paragraph: Any) -> None:
        for text in drawings.graphics(paragraph, self.part):
            self._open.lines.extend(["", text, ""])
        if next(paragraph.iter(drawings.BLIP, drawings.IMAGE_DATA), None) is not None:
            self._open.pictures = True

    def _text(self, paragraph: Any) -> tuple[list[_Part], list[Any]]:
        """The text, in parts between its page breaks, and the text boxes anchored in it."""
        parts = [_Part()]
        boxes: list[Any] = []
        for element in shown(paragraph):
            tag = element.tag
            part = parts[-1]
            if tag in (W + "t", M + "t"):
                part.add(raised_text(element))
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
                self._add_note(part, element)
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

    def _add_note(self, part: _Part, reference: Any) -> None:
        """Add the number of a footnote or endnote to the text, and the note itself below it."""
        kind = "footnote" if reference.tag == W + "footnoteReference" else "endnote"
        note = self.notes.get((kind, reference.get(W + "id") or ""))
        if note:
            part.text += f" [{note[0]}]"
            part.notes.append(f"[{note[0]}] {note[1]}")

    def _rows(self, table: Any) -> Iterator[str]:
        """A line per row, its cells apart by ` | `; a merged cell once, a table in a cell after its row."""
        for row in children(table, W + "tr"):
            inner: list[str] = []
            cells = [self._cell(cell, inner) for cell in children(row, W + "tc") if not _is_merged(cell)]
            line = " | ".join(cell for cell in cells if cell)
            if line:
                yield line
            yield from inner

    def _cell(self, cell: Any, inner: list[str]) -> str:
        """The text of a cell on one line; the rows of tables in it are added to `inner`."""
        words: list[str] = []
        for element in blocks(cell):
            if element.tag == W + "tbl":
                inner.extend(self._rows(element))
                continue
            text, boxes = self._inline(element)
            words.append(text)
            words.extend(self._words(box) for box in boxes)
            words.extend(drawings.graphics(element, self.part))
        return " ".join(" ".join(words).split())

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


def _is_merged(cell: Any) -> bool:
    """Whether a cell of a table continues the one above it."""
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(W + "val", "continue") != "restart"
