"""PowerPoint and Word: slides with notes, tables, charts and sections, and papers with styles; the same bytes every time.

python-pptx and python-docx stamp the clock into their files. `_settled` takes every clock out again, also those in the
workbook inside a chart.
"""

import re
import uuid
from copy import deepcopy
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.shared import Pt as WordPt
from docx.shared import RGBColor as WordColour
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import MSO_SHAPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn as pn
from pptx.util import Emu, Pt

from kb.demonstration.source import Block, Slide, Source, plain, runs

WIDE, HIGH, MARGIN = 960.0, 540.0, 54.0
ACCENTS = {"teal": "0F6E6E", "plum": "7A2F57", "blue": "23508E"}
LANGUAGES = {"nl": MSO_LANGUAGE_ID.DUTCH, "en": MSO_LANGUAGE_ID.ENGLISH_UK}
WORD_LANGUAGES = {"nl": "nl-NL", "en": "en-GB"}
SIZES = (24.0, 22.0, 20.0, 18.0, 16.0, 14.5, 13.0, 12.0)
CLOCK = (2026, 1, 1, 0, 0, 0)

# Average width of a letter and height of a line, as parts of the font size (Calibri, measured generously).
LETTER, LINE = 0.5, 1.24


def deck(source: Source) -> bytes:
    """A deck as PPTX, with sections, speaker notes, tables and charts."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Emu(_emu(WIDE)), Emu(_emu(HIGH))
    _properties(presentation.core_properties, source)
    accent = RGBColor.from_string(ACCENTS[source.header.get("colour", "teal")])
    for number, slide in enumerate(source.slides, start=1):
        _slide(presentation, slide, number, accent)
    _sections(presentation, source)
    buffer = BytesIO()
    presentation.save(buffer)
    return _settled(buffer.getvalue())


def paper(source: Source) -> bytes:
    """A paper as DOCX, with title, headings, lists, a table and a reference list with hanging indents."""
    document = Document()
    _properties(document.core_properties, source)
    _word_styles(document, source.language)
    document.add_paragraph(source.header["title"], style="Title")
    document.add_paragraph(f"{source.header['author']} · {source.header['date']}", style="Subtitle")
    for slide in source.slides:
        if slide.look != "title":
            document.add_heading(plain(slide.title), level=1)
        for block in slide.blocks:
            _word_block(document, block)
    buffer = BytesIO()
    document.save(buffer)
    return _settled(buffer.getvalue())


def _properties(properties: Any, source: Source) -> None:
    properties.title = source.header["title"]
    properties.author = source.header["author"]
    properties.last_modified_by = source.header["author"]
    properties.subject = source.header.get("subject", "")
    properties.language = WORD_LANGUAGES[source.language]
    properties.comments = properties.keywords = ""
    properties.created = properties.modified = datetime(*_day(source), tzinfo=UTC)
    properties.revision = 1


def _day(source: Source) -> tuple[int, int, int]:
    year, month, day, *_ = (*(int(part) for part in source.header["date"].split("-")), 1, 1)
    return year, month, day


def _slide(presentation: Any, slide: Slide, number: int, accent: RGBColor) -> None:
    language = slide.language
    dark = slide.look in {"title", "divider"}
    texts = [block for block in slide.blocks if block.kind not in {"table", "chart", "picture"}]
    layout = 0 if slide.look == "title" else 2 if slide.look == "divider" else 1 if texts else 5
    made = presentation.slides.add_slide(presentation.slide_layouts[layout])
    if slide.hidden:
        made._element.set("show", "0")
    if dark:
        made.background.fill.solid()
        made.background.fill.fore_color.rgb = accent
    else:
        bar = made.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_box(0, 0, WIDE, 10))
        bar.name = "Bar"
        _filled(bar, accent)
    white = RGBColor(255, 255, 255)
    title = made.shapes.title
    size = 40.0 if dark else 28.0
    lines = _lines(slide.title, size * 1.06, WIDE - 2 * MARGIN)
    height = lines * size * LINE + 12
    top = HIGH * 0.30 if dark else 30.0
    _place(title, MARGIN, top, WIDE - 2 * MARGIN, height)
    _fill_text(title.text_frame, [Block("text", [slide.title])], size, language, white if dark else accent, bold=True)
    top += height + (16 if dark else 10)
    _notes(made, slide, language)
    body = next((shape for shape in made.placeholders if shape.placeholder_format.idx == 1), None)
    bottom = HIGH - 34
    charts = [block for block in slide.blocks if block.kind in {"chart", "picture"}]
    width = WIDE - 2 * MARGIN
    if charts and texts:
        width *= 0.52
    ink = white if dark else RGBColor(0x1D, 0x24, 0x33)
    tables = [block for block in slide.blocks if block.kind == "table"]
    after = texts[:0]
    if tables:
        where = slide.blocks.index(tables[0])
        after = [block for block in slide.blocks[where:] if block.kind != "table"]
        texts = [block for block in texts if block not in after]
    if body is not None and texts:
        room = bottom - top if not tables else 90.0
        fit = next((s for s in SIZES if _needed(texts, s, width) <= room), SIZES[-1])
        height = min(room, _needed(texts, fit, width) + 8)
        _place(body, MARGIN, top, width, height)
        _fill_text(body.text_frame, texts, fit, language, ink)
        if tables:
            top += height + 6
    elif body is not None:
        body._element.getparent().remove(body._element)
    for table in tables:
        room = bottom - top - (60.0 if after else 0.0)
        top += _slide_table(made, table, (MARGIN, top, width, room), language, accent) + 10
    if after:
        box = made.shapes.add_textbox(*_box(MARGIN, top, width, bottom - top))
        fit = next((s for s in SIZES[3:] if _needed(after, s, width) <= bottom - top), SIZES[-1])
        _fill_text(box.text_frame, after, fit, language, ink)
    for block in charts:
        left = MARGIN + (width + 24 if texts else 0)
        space = (left, top + 4, WIDE - MARGIN - left, bottom - top - 10)
        if block.kind == "chart":
            _slide_chart(made, block, space, accent)
        else:
            _slide_picture(made, block, space, language, accent)
    _number(made, number, language, white if dark else RGBColor(0x5D, 0x66, 0x78))


def _number(made: Any, number: int, language: str, ink: RGBColor) -> None:
    """The slide's number as PowerPoint has it: a field in a placeholder, and no text of the slide."""
    box = made.shapes.add_textbox(*_box(WIDE - 70, HIGH - 30, 50, 22))
    box.name = "Number"
    _fill_text(box.text_frame, [Block("text", [str(number)])], 11, language, ink)
    place = box._element.nvSpPr.nvPr.makeelement(pn("p:ph"), {"type": "sldNum", "sz": "quarter", "idx": "12"})
    box._element.nvSpPr.nvPr.append(place)
    run = box.text_frame.paragraphs[0]._p.find(pn("a:r"))
    run.tag = pn("a:fld")
    run.set("id", _guid("number"))
    run.set("type", "slidenum")


def _notes(made: Any, slide: Slide, language: str) -> None:
    if slide.notes:
        frame = made.notes_slide.notes_text_frame
        frame.text = "\n".join(slide.notes)
        for paragraph in frame.paragraphs:
            for run in paragraph.runs:
                run.font.language_id = LANGUAGES[language]


def _fill_text(
    frame: Any, blocks: list[Block], size: float, language: str, ink: RGBColor, *, bold: bool = False
) -> None:
    frame.word_wrap = True
    body = frame._txBody.find(pn("a:bodyPr"))
    for child in list(body):
        body.remove(child)
    for side in ("lIns", "rIns", "tIns", "bIns"):
        body.set(side, "0")
    body.set("anchor", "t")
    for index, block in enumerate(blocks):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        scale = {"attribution": 0.85, "entry": 0.8}.get(block.kind, 0.88 if block.level else 1.0)
        properties = paragraph._p.get_or_add_pPr()
        properties.set("algn", "l")
        if block.kind == "bullet":
            paragraph.level = block.level
            properties.set("marL", str(_emu(18 + 20 * block.level)))
            properties.set("indent", str(_emu(-16)))
        else:
            hanging = 20 if block.kind == "entry" else 0
            properties.set("marL", str(_emu(hanging)))
            properties.set("indent", str(_emu(-hanging)))
            properties.insert(0, properties.makeelement(pn("a:buNone"), {}))
        paragraph.space_after = Pt(round(size * scale * 0.4))
        paragraph.space_before = Pt(0)
        for piece, italic in runs(block.lines[0]):
            run = paragraph.add_run()
            run.text = piece
            run.font.size = Pt(round(size * scale, 1))
            run.font.bold = bold or None
            run.font.italic = (italic or block.kind == "statement") or None
            run.font.color.rgb = ink
            run.font.language_id = LANGUAGES[language]


def _slide_table(
    made: Any, block: Block, box: tuple[float, float, float, float], language: str, accent: RGBColor
) -> float:
    left, top, width, room = box
    rows = block.rows
    first = 0.26 if len(rows[0]) > 2 else 0.34
    widths = [width * first] + [width * (1 - first) / (len(rows[0]) - 1)] * (len(rows[0]) - 1)

    def heights(size: float) -> list[float]:
        return [
            max(_lines(cell, size, one - 16) for cell, one in zip(row, widths, strict=True)) * size * LINE + 12
            for row in rows
        ]

    size = next((s for s in (18.0, 17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0) if sum(heights(s)) <= room), 11.0)
    tall = heights(size)
    frame = made.shapes.add_table(len(rows), len(rows[0]), *_box(left, top, width, sum(tall)))
    table = frame.table
    for column, one in zip(table.columns, widths, strict=True):
        column.width = Emu(_emu(one))
    for row, height in zip(table.rows, tall, strict=True):
        row.height = Emu(_emu(height))
    for down, row in enumerate(rows):
        for across, text in enumerate(row):
            cell = table.cell(down, across)
            cell.fill.solid()
            cell.fill.fore_color.rgb = (
                accent if down == 0 else RGBColor(255, 255, 255) if down % 2 else RGBColor(0xF6, 0xF4, 0xEF)
            )
            cell.margin_top = cell.margin_bottom = Emu(_emu(4))
            ink = RGBColor(255, 255, 255) if down == 0 else RGBColor(0x1D, 0x24, 0x33)
            paragraph = cell.text_frame.paragraphs[0]
            for piece, italic in runs(text):
                run = paragraph.add_run()
                run.text = piece
                run.font.size, run.font.bold, run.font.italic = Pt(size), down == 0, italic or None
                run.font.color.rgb = ink
                run.font.language_id = LANGUAGES[language]
    return sum(tall)


def _slide_chart(made: Any, block: Block, box: tuple[float, float, float, float], accent: RGBColor) -> None:
    (title, series), *values = block.rows
    data = CategoryChartData()
    data.categories = [category for category, _ in values]
    data.add_series(series, [float(value) for _, value in values])
    chart = made.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *_box(*box), data).chart
    chart.has_title, chart.has_legend = True, False
    chart.chart_title.text_frame.text = title
    chart.chart_title.text_frame.paragraphs[0].runs[0].font.size = Pt(14)
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_labels.font.size = Pt(12)
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    plot = chart.plots[0]
    plot.gap_width, plot.has_data_labels = 60, True
    plot.data_labels.font.size = Pt(12)
    plot.series[0].format.fill.solid()
    plot.series[0].format.fill.fore_color.rgb = accent


def _slide_picture(
    made: Any, block: Block, box: tuple[float, float, float, float], language: str, accent: RGBColor
) -> None:
    left, top, width, height = box
    motif, credit = block.rows[0]
    height -= 22
    group = made.shapes.add_group_shape()
    group.name = f"Drawing: {motif}"
    back = group.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_box(left, top, width, height))
    _filled(back, RGBColor(0xF6, 0xF4, 0xEF))
    for step in range(5):
        if motif == "circles":
            one = width * 0.30
            spot = (left + width * (0.03 + 0.16 * step), top + (height - one) / 2, one, one)
            part = group.shapes.add_shape(MSO_SHAPE.OVAL, *_box(*spot))
        elif motif == "arches":
            inner = width * (0.80 - 0.15 * step)
            tall = height * (0.90 - 0.15 * step)
            spot = (left + (width - inner) / 2, top + height - tall, inner, tall)
            part = group.shapes.add_shape(MSO_SHAPE.ROUND_2_SAME_RECTANGLE, *_box(*spot))
            part.adjustments[0] = 0.5
        else:
            tall = height * (0.18 + 0.15 * step)
            spot = (left + width * (0.08 + 0.17 * step), top + height - tall, width * 0.14, tall)
            part = group.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_box(*spot))
        share = 0.25 + 0.15 * step
        _filled(part, RGBColor(*(round(255 - (255 - tone) * share) for tone in accent)))
    under = made.shapes.add_textbox(*_box(left, top + height + 4, width, 18))
    _fill_text(under.text_frame, [Block("text", [credit])], 11, language, RGBColor(0x5D, 0x66, 0x78))


def _sections(presentation: Any, source: Source) -> None:
    """Name the sections as PowerPoint does: a list of slide ids in an extension of presentation.xml."""
    groups: list[tuple[str, list[str]]] = []
    for slide, entry in zip(source.slides, presentation.slides._sldIdLst, strict=True):
        if not slide.section:
            continue
        if not groups or groups[-1][0] != slide.section:
            groups.append((slide.section, []))
        groups[-1][1].append(entry.get("id"))
    if not groups:
        return
    p14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
    extension = parse_xml(
        '<p:extLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">'
        f'<p:ext uri="{{521415D9-36F7-43E2-AB2F-B90AF26B5E84}}"><p14:sectionLst xmlns:p14="{p14}"/></p:ext></p:extLst>'
    )
    listing = extension[0][0]
    for name, ids in groups:
        section = listing.makeelement(f"{{{p14}}}section", {"name": name, "id": _guid(source.name + name)})
        slides = section.makeelement(f"{{{p14}}}sldIdLst", {})
        slides.extend(slides.makeelement(f"{{{p14}}}sldId", {"id": one}) for one in ids)
        section.append(slides)
        listing.append(section)
    element = presentation.part._element
    old = element.find(pn("p:extLst"))
    if old is None:
        element.append(extension)
    else:
        old.append(deepcopy(extension[0]))


def _word_styles(document: Any, language: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    ink = WordColour(0x1D, 0x24, 0x33)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Georgia", WordPt(11)
    normal.paragraph_format.space_after = WordPt(7)
    tongue = normal.element.get_or_add_rPr()
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), WORD_LANGUAGES[language])
    tongue.append(mark)
    # The defaults of the template say American English for everything that has no style of its own.
    for old in document.styles.element.iter(qn("w:lang")):
        old.set(qn("w:val"), WORD_LANGUAGES[language])
    for name, size in (("Title", 22), ("Subtitle", 11), ("Heading 1", 15)):
        style = document.styles[name]
        style.font.size, style.font.color.rgb = WordPt(size), ink


def _word_block(document: Any, block: Block) -> None:
    if block.kind == "table":
        rows = block.rows
        table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Light Grid Accent 1")
        for down, row in enumerate(rows):
            for across, text in enumerate(row):
                table.cell(down, across).text = plain(text)
        document.add_paragraph()
        return
    style = {"bullet": "List Bullet", "statement": "Quote"}.get(block.kind, "Normal")
    paragraph = document.add_paragraph(style=style)
    if block.kind == "entry":
        paragraph.paragraph_format.left_indent = Cm(1.2)
        paragraph.paragraph_format.first_line_indent = Cm(-1.2)
    for piece, italic in runs(block.lines[0]):
        paragraph.add_run(piece).italic = italic or None


def _needed(blocks: list[Block], size: float, width: float) -> float:
    total = 0.0
    for block in blocks:
        scale = {"attribution": 0.85, "entry": 0.8}.get(block.kind, 0.88 if block.level else 1.0)
        inner = width - (18 + 20 * block.level if block.kind in {"bullet", "entry"} else 0)
        total += _lines(block.lines[0], size * scale, inner) * size * scale * LINE + size * scale * 0.4
    return total


def _lines(text: str, size: float, width: float) -> int:
    """How many lines the text takes, breaking at spaces as PowerPoint does."""
    fits = max(1, int(width / (size * LETTER)))
    lines, used = 1, 0
    for word in plain(text).split():
        if used and used + 1 + len(word) > fits:
            lines, used = lines + 1, len(word)
        else:
            used += len(word) + (1 if used else 0)
    return lines


def _filled(shape: Any, colour: RGBColor) -> None:
    shape.fill.solid()
    shape.fill.fore_color.rgb = colour
    shape.line.fill.background()
    shape.shadow.inherit = False


def _place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = _box(left, top, width, height)


def _box(left: float, top: float, width: float, height: float) -> tuple[Emu, Emu, Emu, Emu]:
    return Emu(_emu(left)), Emu(_emu(top)), Emu(_emu(width)), Emu(_emu(height))


def _emu(points: float) -> int:
    return round(points * 12700)


def _guid(name: str) -> str:
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"kb:demonstration:{name}")).upper() + "}"


def _settled(data: bytes, *, inside: bool = False) -> bytes:
    """The same archive with every clock set to the same moment; `inside` also the one in its own properties."""
    buffer = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            info = ZipInfo(entry.filename, CLOCK)
            info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, 0, 0
            new.writestr(info, _still(entry.filename, old.read(entry), inside=inside))
    return buffer.getvalue()


def _still(name: str, part: bytes, *, inside: bool) -> bytes:
    if name.endswith(".xlsx"):
        return _settled(part, inside=True)
    if inside and name == "docProps/core.xml":
        return re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>2026-01-01T00:00:00Z", part)
    return part
