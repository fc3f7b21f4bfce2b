"""Decks as PPTX, with sections, speaker notes, tables, charts and drawings."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Emu

from kb.demonstration.office_file import saved, set_properties
from kb.demonstration.slide_layout import (
    FULL,
    HIGH,
    LINE,
    MARGIN,
    SIZES,
    WIDE,
    Box,
    emu,
    fitting_size,
    line_count,
    text_height,
)
from kb.demonstration.slide_parts import (
    GREY,
    INK,
    WHITE,
    Style,
    fill,
    guid,
    write_chart,
    write_drawing,
    write_notes,
    write_number,
    write_table,
    write_text,
)
from kb.demonstration.source import Block, Slide, Source

ACCENTS = {"teal": "0F6E6E", "plum": "7A2F57", "blue": "23508E"}
LAYOUT_TITLE, LAYOUT_TEXT, LAYOUT_DIVIDER, LAYOUT_TITLE_ONLY = 0, 1, 2, 5
BOTTOM = HIGH - 34
P14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"


def deck(source: Source) -> bytes:
    """A deck as PPTX."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Emu(emu(WIDE)), Emu(emu(HIGH))
    set_properties(presentation.core_properties, source)
    accent = RGBColor.from_string(ACCENTS[source.header.get("colour", "teal")])
    for number, slide in enumerate(source.slides, start=1):
        _add_slide(presentation, slide, number, accent)
    _add_sections(presentation, source)
    return saved(presentation)


def _add_slide(presentation: Any, slide: Slide, number: int, accent: RGBColor) -> None:
    dark = slide.look in {"title", "divider"}
    style = Style(SIZES[0], slide.language, WHITE if dark else INK, accent)
    made = presentation.slides.add_slide(presentation.slide_layouts[_layout(slide)])
    if slide.hidden:
        made._element.set("show", "0")
    _paint_background(made, accent, dark=dark)
    top = _write_title(made, slide, replace(style, ink=WHITE if dark else accent, bold=True), dark=dark)
    write_notes(made, slide)
    _write_blocks(made, slide, top, style)
    write_number(made, number, replace(style, size=11, ink=WHITE if dark else GREY))


def _layout(slide: Slide) -> int:
    if slide.look in {"title", "divider"}:
        return LAYOUT_TITLE if slide.look == "title" else LAYOUT_DIVIDER
    return LAYOUT_TEXT if _texts(slide) else LAYOUT_TITLE_ONLY


def _texts(slide: Slide) -> list[Block]:
    return [block for block in slide.blocks if block.kind not in {"table", "chart", "picture"}]


def _paint_background(made: Any, accent: RGBColor, *, dark: bool) -> None:
    if dark:
        made.background.fill.solid()
        made.background.fill.fore_color.rgb = accent
        return
    bar = made.shapes.add_shape(MSO_SHAPE.RECTANGLE, *Box(0, 0, WIDE, 10).emu)
    bar.name = "Bar"
    fill(bar, accent)


def _write_title(made: Any, slide: Slide, style: Style, *, dark: bool) -> float:
    """Write the title and return where the blocks below it begin, in points from the top."""
    size = 40.0 if dark else 28.0
    height = line_count(slide.title, size * 1.06, FULL) * size * LINE + 12
    top = HIGH * 0.30 if dark else 30.0
    _place(made.shapes.title, Box(MARGIN, top, FULL, height))
    write_text(made.shapes.title.text_frame, [Block("text", [slide.title])], replace(style, size=size))
    return top + height + (16 if dark else 10)


def _write_blocks(made: Any, slide: Slide, top: float, style: Style) -> None:
    """Write texts, tables, texts below a table, and beside them charts and drawings."""
    texts = _texts(slide)
    charts = [block for block in slide.blocks if block.kind in {"chart", "picture"}]
    tables = [block for block in slide.blocks if block.kind == "table"]
    width = FULL * 0.52 if charts and texts else FULL
    after = _below_table(slide, tables)
    texts = [block for block in texts if block not in after]
    top += _write_body(made, texts, Box(MARGIN, top, width, 90.0 if tables else BOTTOM - top), style, bool(tables))
    for table in tables:
        room = BOTTOM - top - (60.0 if after else 0.0)
        top += write_table(made, table, Box(MARGIN, top, width, room), style) + 10
    if after:
        box = Box(MARGIN, top, width, BOTTOM - top)
        size = fitting_size(after, width, box.height, SIZES[3:])
        write_text(made.shapes.add_textbox(*box.emu).text_frame, after, replace(style, size=size))
    left = MARGIN + (width + 24 if texts else 0)
    for block in charts:
        box = Box(left, top + 4, WIDE - MARGIN - left, BOTTOM - top - 10)
        (write_chart if block.kind == "chart" else write_drawing)(made, block, box, style)


def _below_table(slide: Slide, tables: list[Block]) -> list[Block]:
    if not tables:
        return []
    return [block for block in slide.blocks[slide.blocks.index(tables[0]) :] if block.kind != "table"]


def _write_body(made: Any, texts: list[Block], box: Box, style: Style, has_table: bool) -> float:
    """Write texts into the body placeholder, or remove it; the height that a table below has to keep free."""
    body = next((shape for shape in made.placeholders if shape.placeholder_format.idx == 1), None)
    if body is None:
        return 0.0
    if not texts:
        body._element.getparent().remove(body._element)
        return 0.0
    size = fitting_size(texts, box.width, box.height)
    height = min(box.height, text_height(texts, size, box.width) + 8)
    _place(body, replace(box, height=height))
    write_text(body.text_frame, texts, replace(style, size=size))
    return height + 6 if has_table else 0.0


def _place(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = box.emu


def _add_sections(presentation: Any, source: Source) -> None:
    """Name the sections as PowerPoint does: a list of slide ids in an extension of presentation.xml."""
    groups = _sections(presentation, source)
    if not groups:
        return
    extension = parse_xml(
        '<p:extLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">'
        f'<p:ext uri="{{521415D9-36F7-43E2-AB2F-B90AF26B5E84}}"><p14:sectionLst xmlns:p14="{P14}"/></p:ext></p:extLst>'
    )
    listing = extension[0][0]
    for name, ids in groups:
        section = listing.makeelement(f"{{{P14}}}section", {"name": name, "id": guid(source.name + name)})
        slides = section.makeelement(f"{{{P14}}}sldIdLst", {})
        slides.extend(slides.makeelement(f"{{{P14}}}sldId", {"id": one}) for one in ids)
        section.append(slides)
        listing.append(section)
    element = presentation.part._element
    old = element.find(qn("p:extLst"))
    if old is None:
        element.append(extension)
    else:
        old.append(deepcopy(extension[0]))


def _sections(presentation: Any, source: Source) -> list[tuple[str, list[str]]]:
    """The sections in order, each with the ids of its slides."""
    groups: list[tuple[str, list[str]]] = []
    for slide, entry in zip(source.slides, presentation.slides._sldIdLst, strict=True):
        if slide.section:
            if not groups or groups[-1][0] != slide.section:
                groups.append((slide.section, []))
            groups[-1][1].append(entry.get("id"))
    return groups
