"""Parts of a slide: text, table, chart, drawing, speaker notes and slide number, written with python-pptx."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import MSO_SHAPE
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from kb.demonstration.slide_layout import HIGH, LINE, WIDE, Box, emu, line_count, scale
from kb.demonstration.source import Block, Slide, runs

LANGUAGES = {"nl": MSO_LANGUAGE_ID.DUTCH, "en": MSO_LANGUAGE_ID.ENGLISH_UK}
WHITE, INK, GREY = RGBColor(255, 255, 255), RGBColor(0x1D, 0x24, 0x33), RGBColor(0x5D, 0x66, 0x78)
PAPER = RGBColor(0xF6, 0xF4, 0xEF)
TABLE_SIZES = (18.0, 17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0)


@dataclass(frozen=True, slots=True)
class Style:
    """How text is set: font size in points, language and colours."""

    size: float
    language: str
    ink: RGBColor
    accent: RGBColor
    bold: bool = False


def fill(shape: Any, colour: RGBColor) -> None:
    """Fill a shape with one colour, without outline and shadow."""
    shape.fill.solid()
    shape.fill.fore_color.rgb = colour
    shape.line.fill.background()
    shape.shadow.inherit = False


def write_text(frame: Any, blocks: Sequence[Block], style: Style) -> None:
    """Write blocks into a text frame, a paragraph each."""
    frame.word_wrap = True
    body = frame._txBody.find(qn("a:bodyPr"))
    for child in list(body):
        body.remove(child)
    for side in ("lIns", "rIns", "tIns", "bIns"):
        body.set(side, "0")
    body.set("anchor", "t")
    for index, block in enumerate(blocks):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        size = style.size * scale(block)
        _indent(paragraph, block)
        paragraph.space_after = Pt(round(size * 0.4))
        paragraph.space_before = Pt(0)
        for piece, italic in runs(block.lines[0]):
            run = paragraph.add_run()
            run.text = piece
            run.font.size = Pt(round(size, 1))
            run.font.bold = style.bold or None
            run.font.italic = (italic or block.kind == "statement") or None
            run.font.color.rgb = style.ink
            run.font.language_id = LANGUAGES[style.language]


def _indent(paragraph: Any, block: Block) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.set("algn", "l")
    if block.kind == "bullet":
        paragraph.level = block.level
        properties.set("marL", str(emu(18 + 20 * block.level)))
        properties.set("indent", str(emu(-16)))
        return
    hanging = 20 if block.kind == "entry" else 0
    properties.set("marL", str(emu(hanging)))
    properties.set("indent", str(emu(-hanging)))
    properties.insert(0, properties.makeelement(qn("a:buNone"), {}))


def write_notes(made: Any, slide: Slide) -> None:
    """Write the speaker notes of a slide."""
    if slide.notes:
        frame = made.notes_slide.notes_text_frame
        frame.text = "\n".join(slide.notes)
        for paragraph in frame.paragraphs:
            for run in paragraph.runs:
                run.font.language_id = LANGUAGES[slide.language]


def write_number(made: Any, number: int, style: Style) -> None:
    """Write the slide's number as PowerPoint does: a field in a placeholder, which is not text of the slide."""
    box = made.shapes.add_textbox(*Box(WIDE - 70, HIGH - 30, 50, 22).emu)
    box.name = "Number"
    write_text(box.text_frame, [Block("text", [str(number)])], style)
    place = box._element.nvSpPr.nvPr.makeelement(qn("p:ph"), {"type": "sldNum", "sz": "quarter", "idx": "12"})
    box._element.nvSpPr.nvPr.append(place)
    run = box.text_frame.paragraphs[0]._p.find(qn("a:r"))
    run.tag = qn("a:fld")
    run.set("id", guid("number"))
    run.set("type", "slidenum")


def write_table(made: Any, block: Block, box: Box, style: Style) -> float:
    """Write a table, its first row in the accent colour, and return its height in points."""
    rows = block.rows
    widths = _column_widths(len(rows[0]), box.width)
    size = next((s for s in TABLE_SIZES if sum(_row_heights(rows, widths, s)) <= box.height), TABLE_SIZES[-1])
    heights = _row_heights(rows, widths, size)
    frame = made.shapes.add_table(len(rows), len(rows[0]), *replace(box, height=sum(heights)).emu)
    for column, width in zip(frame.table.columns, widths, strict=True):
        column.width = Emu(emu(width))
    for row, height in zip(frame.table.rows, heights, strict=True):
        row.height = Emu(emu(height))
    for down, texts in enumerate(rows):
        for across, text in enumerate(texts):
            _write_cell(frame.table.cell(down, across), text, down, replace(style, size=size))
    return sum(heights)


def _column_widths(count: int, width: float) -> list[float]:
    first = 0.26 if count > 2 else 0.34
    return [width * first] + [width * (1 - first) / (count - 1)] * (count - 1)


def _row_heights(rows: Sequence[Sequence[str]], widths: Sequence[float], size: float) -> list[float]:
    return [
        max(line_count(cell, size, width - 16) for cell, width in zip(row, widths, strict=True)) * size * LINE + 12
        for row in rows
    ]


def _write_cell(cell: Any, text: str, down: int, style: Style) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = style.accent if down == 0 else WHITE if down % 2 else PAPER
    cell.margin_top = cell.margin_bottom = Emu(emu(4))
    paragraph = cell.text_frame.paragraphs[0]
    for piece, italic in runs(text):
        run = paragraph.add_run()
        run.text = piece
        run.font.size, run.font.bold, run.font.italic = Pt(style.size), down == 0, italic or None
        run.font.color.rgb = WHITE if down == 0 else INK
        run.font.language_id = LANGUAGES[style.language]


def write_chart(made: Any, block: Block, box: Box, style: Style) -> None:
    """Write a bar chart: the first row of the block names chart and series, the others categories and values."""
    (title, series), *values = block.rows
    data = CategoryChartData()
    data.categories = [category for category, _ in values]
    data.add_series(series, [float(value) for _, value in values])
    chart = made.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *box.emu, data).chart
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
    plot.series[0].format.fill.fore_color.rgb = style.accent


def write_drawing(made: Any, block: Block, box: Box, style: Style) -> None:
    """Draw the motif that a block names, five shapes from light to dark, with its credit below."""
    motif, credit = block.rows[0]
    box = replace(box, height=box.height - 22)
    group = made.shapes.add_group_shape()
    group.name = f"Drawing: {motif}"
    fill(group.shapes.add_shape(MSO_SHAPE.RECTANGLE, *box.emu), PAPER)
    for step in range(5):
        share = 0.25 + 0.15 * step
        tint = RGBColor(*(round(255 - (255 - tone) * share) for tone in style.accent))
        fill(_motif_part(group, motif, box, step), tint)
    under = made.shapes.add_textbox(*Box(box.left, box.top + box.height + 4, box.width, 18).emu)
    write_text(under.text_frame, [Block("text", [credit])], replace(style, size=11, ink=GREY))


def _motif_part(group: Any, motif: str, box: Box, step: int) -> Any:
    left, top, width, height = box.left, box.top, box.width, box.height
    if motif == "circles":
        one = width * 0.30
        spot = Box(left + width * (0.03 + 0.16 * step), top + (height - one) / 2, one, one)
        return group.shapes.add_shape(MSO_SHAPE.OVAL, *spot.emu)
    if motif == "arches":
        inner = width * (0.80 - 0.15 * step)
        tall = height * (0.90 - 0.15 * step)
        spot = Box(left + (width - inner) / 2, top + height - tall, inner, tall)
        part = group.shapes.add_shape(MSO_SHAPE.ROUND_2_SAME_RECTANGLE, *spot.emu)
        part.adjustments[0] = 0.5
        return part
    tall = height * (0.18 + 0.15 * step)
    spot = Box(left + width * (0.08 + 0.17 * step), top + height - tall, width * 0.14, tall)
    return group.shapes.add_shape(MSO_SHAPE.RECTANGLE, *spot.emu)


def guid(name: str) -> str:
    """A GUID as PowerPoint writes it, the same for the same name."""
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"kb:demonstration:{name}")).upper() + "}"
