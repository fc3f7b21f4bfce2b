"""Papers as DOCX, with title, headings, lists, a table and a reference list with hanging indents."""

from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from kb.demonstration.office_file import WORD_LANGUAGES, saved, set_properties
from kb.demonstration.source import Block, Source, plain, runs

_INK = RGBColor(0x1D, 0x24, 0x33)


def paper(source: Source) -> bytes:
    """A paper as DOCX."""
    document = Document()
    set_properties(document.core_properties, source)
    _set_styles(document, source.language)
    document.add_paragraph(source.header["title"], style="Title")
    document.add_paragraph(f"{source.header['author']} · {source.header['date']}", style="Subtitle")
    for slide in source.slides:
        if slide.look != "title":
            document.add_heading(plain(slide.title), level=1)
        for block in slide.blocks:
            (_add_table if block.kind == "table" else _add_paragraph)(document, block)
    return saved(document)


def _set_styles(document: Any, language: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Georgia", Pt(11)
    normal.paragraph_format.space_after = Pt(7)
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), WORD_LANGUAGES[language])
    normal.element.get_or_add_rPr().append(mark)
    # The defaults of the template are American English for everything that has no style of its own.
    for old in document.styles.element.iter(qn("w:lang")):
        old.set(qn("w:val"), WORD_LANGUAGES[language])
    for name, size in (("Title", 22), ("Subtitle", 11), ("Heading 1", 15)):
        style = document.styles[name]
        style.font.size, style.font.color.rgb = Pt(size), _INK


def _add_table(document: Any, block: Block) -> None:
    rows = block.rows
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Light Grid Accent 1")
    for down, row in enumerate(rows):
        for across, text in enumerate(row):
            table.cell(down, across).text = plain(text)
    document.add_paragraph()


def _add_paragraph(document: Any, block: Block) -> None:
    style = {"bullet": "List Bullet", "statement": "Quote"}.get(block.kind, "Normal")
    paragraph = document.add_paragraph(style=style)
    if block.kind == "entry":
        paragraph.paragraph_format.left_indent = Cm(1.2)
        paragraph.paragraph_format.first_line_indent = Cm(-1.2)
    for piece, italic in runs(block.lines[0]):
        paragraph.add_run(piece).italic = italic or None
