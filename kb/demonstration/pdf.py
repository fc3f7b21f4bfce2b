"""PDF: slides on 16:9 pages and papers on A4, drawn with reportlab, the same bytes every time."""

from dataclasses import dataclass
from html import escape
from io import BytesIO
from itertools import count
from pathlib import Path

import reportlab
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from kb.demonstration.source import Block, Slide, Source, plain, runs

SLIDE = (960.0, 540.0)
MARGIN = 58.0
INK = HexColor("#1d2433")
GREY = HexColor("#5d6678")
PAPER = HexColor("#f6f4ef")
ACCENTS = {"teal": HexColor("#0f6e6e"), "plum": HexColor("#7a2f57"), "blue": HexColor("#23508e")}

FONTS = {"vera": ("Vera", "VeraBd", "VeraIt"), "helvetica": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique")}
# The bullet of the fonts without a file has no letter behind it when it is read back; Vera's has.
BULLET = "Vera"

# Text starts at the first size and shrinks until the slide holds it.
SIZES = (25.0, 23.0, 21.0, 19.0, 17.0, 15.5, 14.0, 13.0, 12.0, 11.0)


def deck(source: Source) -> bytes:
    """A deck as PDF, a page per slide."""
    _register()
    fonts = FONTS[source.header.get("font", "vera")]
    accent = ACCENTS[source.header.get("colour", "teal")]
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=SLIDE, invariant=1, pageCompression=1, lang=source.language)
    canvas.setTitle(source.header["title"])
    canvas.setAuthor(source.header["author"])
    canvas.setSubject(source.header.get("subject", ""))
    canvas.setCreator("kb demonstration collection")
    _date(canvas, source)
    section = ""
    for number, slide in enumerate(source.slides, start=1):
        if slide.section and slide.section != section:
            section = slide.section
            canvas.bookmarkPage(f"section-{number}")
            canvas.addOutlineEntry(section, f"section-{number}", level=0)
        _draw(canvas, slide, number, Look(accent, fonts, dark=slide.look in {"title", "divider"}))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def paper(source: Source) -> bytes:
    """A paper as PDF on A4, in one or two columns, its pages labelled from `first page`."""
    _register()
    buffer = BytesIO()
    first = int(source.header.get("first page", "1"))
    columns = int(source.header.get("columns", "1"))
    running = source.header.get("running", source.header["title"])
    accent = ACCENTS[source.header.get("colour", "teal")]

    def furnish(canvas: Canvas, document: BaseDocTemplate) -> None:
        if canvas.getPageNumber() == 1:
            _date(canvas, source)
            canvas.addPageLabel(0, style="ARABIC", start=first)
        else:
            canvas.setFillColor(GREY)
            canvas.setFont("Helvetica", 8.5)
            canvas.drawString(72, A4[1] - 44, running)

    def number(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFillColor(GREY)
        canvas.setFont("Helvetica", 8.5)
        canvas.drawCentredString(A4[0] / 2, 36, str(first + canvas.getPageNumber() - 1))

    gutter = 20.0
    inner = A4[0] - 144
    width = (inner - gutter * (columns - 1)) / columns
    frames = [
        Frame(72 + column * (width + gutter), 62, width, A4[1] - 128, 0, 0, 0, 0, id=f"column{column}")
        for column in range(columns)
    ]
    document = BaseDocTemplate(
        buffer,
        pagesize=A4,
        title=source.header["title"],
        author=source.header["author"],
        subject=source.header.get("subject", ""),
        creator="kb demonstration collection",
        lang=source.language,
        invariant=1,
        pageCompression=1,
    )
    document.addPageTemplates([PageTemplate(id="page", frames=frames, onPage=furnish, onPageEnd=number)])
    document.build(_story(source, accent, width, small=columns > 1))
    return buffer.getvalue()


def _story(source: Source, accent: Color, width: float, *, small: bool) -> list[Flowable]:
    size = 9.6 if small else 10.8
    styles = _paper_styles(size, accent, small=small)
    story: list[Flowable] = [Paragraph(_markup(source.header["title"]), styles["title"])]
    story.append(Paragraph(_markup(f"{source.header['author']} · {source.header['date']}"), styles["byline"]))
    numbered = source.header.get("references") == "numbered"
    for slide in source.slides:
        if slide.look != "title":
            story.append(Paragraph(_markup(slide.title), styles["head"]))
        entries = count(1)
        for block in slide.blocks:
            if block.kind == "table":
                story.append(KeepTogether([_table(block, width, styles["text"], accent), Spacer(1, size * 0.4)]))
                continue
            label = f"[{next(entries)}] " if numbered and block.kind == "entry" else ""
            bullet = "•" if block.kind == "bullet" else None
            style = styles.get(block.kind, styles["text"])
            story.append(Paragraph(label + _markup(block.lines[0]), style, bulletText=bullet))
    return story


def _paper_styles(size: float, accent: Color, *, small: bool) -> dict[str, ParagraphStyle]:
    """Styles of a paper, by kind of block and for title, byline and headings."""
    text = ParagraphStyle(
        "body", fontName="Times-Roman", fontSize=size, leading=size * 1.36, textColor=INK, spaceAfter=size * 0.62
    )
    if not small:
        text.alignment = TA_JUSTIFY
    head = ParagraphStyle(
        "head",
        fontName="Helvetica-Bold",
        fontSize=size * 1.2,
        leading=size * 1.5,
        textColor=accent,
        spaceBefore=size * 0.9,
        spaceAfter=size * 0.5,
        keepWithNext=1,
    )
    return {
        "text": text,
        "head": head,
        "title": ParagraphStyle("title", parent=head, fontSize=size * 1.85, leading=size * 2.2, textColor=INK),
        "byline": ParagraphStyle("byline", parent=text, fontName="Helvetica", fontSize=size * 0.88, textColor=GREY),
        "bullet": ParagraphStyle(
            "bullet", parent=text, leftIndent=16, bulletIndent=4, spaceAfter=size * 0.3, bulletFontName=BULLET
        ),
        "statement": ParagraphStyle(
            "quote", parent=text, fontName="Times-Italic", leftIndent=22, rightIndent=18, spaceAfter=2, keepWithNext=1
        ),
        "attribution": ParagraphStyle("under", parent=text, leftIndent=22, spaceAfter=size * 0.9),
        "entry": ParagraphStyle(
            "entry", parent=text, alignment=0, leftIndent=20, firstLineIndent=-20, spaceAfter=size * 0.4
        ),
    }


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and fonts of a slide."""

    accent: Color
    fonts: tuple[str, str, str]
    """Regular, bold, italic."""
    dark: bool

    @property
    def ink(self) -> Color:
        return white if self.dark else INK

    @property
    def quiet(self) -> Color:
        """The colour of text that is read last."""
        return white if self.dark else GREY


Box = tuple[float, float, float, float]
"""Left, bottom, width and height, in points."""


def _draw(canvas: Canvas, slide: Slide, number: int, look: Look) -> None:
    wide, _ = SLIDE
    _draw_background(canvas, look)
    top = _draw_title(canvas, slide, look)
    _draw_blocks(canvas, slide, top, look)
    canvas.setFont(look.fonts[0], 11)
    canvas.setFillColor(look.quiet)
    canvas.drawRightString(wide - 26, 20, str(number))


def _draw_background(canvas: Canvas, look: Look) -> None:
    wide, high = SLIDE
    canvas.setFillColor(look.accent if look.dark else white)
    canvas.rect(0, 0, wide, high, stroke=0, fill=1)
    if not look.dark:
        canvas.setFillColor(look.accent)
        canvas.rect(0, high - 12, wide, 12, stroke=0, fill=1)


def _draw_title(canvas: Canvas, slide: Slide, look: Look) -> float:
    """Draw the title and return where the blocks below it begin, in points from the bottom."""
    wide, high = SLIDE
    size, top = {"title": (44.0, high * 0.70), "divider": (40.0, high * 0.60)}.get(slide.look, (30.0, high - 46))
    ink = white if look.dark else look.accent
    style = ParagraphStyle("t", fontName=look.fonts[1], fontSize=size, leading=size * 1.18, textColor=ink)
    title = Paragraph(_markup(slide.title), style)
    _, height = title.wrap(wide - 2 * MARGIN, high)
    title.drawOn(canvas, MARGIN, top - height)
    return float(top - height - (26 if look.dark else 20))


def _draw_blocks(canvas: Canvas, slide: Slide, top: float, look: Look) -> None:
    """Draw texts and tables, and beside them pictures and charts."""
    full = SLIDE[0] - 2 * MARGIN
    figures = [block for block in slide.blocks if block.kind in {"picture", "chart"}]
    blocks = [block for block in slide.blocks if block not in figures]
    width = full * (0.54 if figures and blocks else 1)
    _flow(canvas, blocks, (MARGIN, 46.0, width, top - 46.0), look)
    box = (MARGIN, 70.0, full, top - 80.0)
    if blocks:
        box = (MARGIN + width + 30, 70.0, full - width - 30, top - 80.0)
    for block in sorted(figures, key=lambda figure: figure.kind == "chart"):
        (_picture if block.kind == "picture" else _chart)(canvas, block, box, look)


def _flow(canvas: Canvas, blocks: list[Block], box: Box, look: Look) -> None:
    left, bottom, width, room = box
    small = any(block.kind == "entry" for block in blocks)
    for size in SIZES:
        flowables = [_flowable(block, size, width, look, small=small) for block in blocks]
        if sum(_height(flowable, width, room) for flowable in flowables) <= room or size == SIZES[-1]:
            break
    top = bottom + room
    for flowable in flowables:
        height = flowable.wrap(width, room)[1]
        top -= flowable.getSpaceBefore() + height
        flowable.drawOn(canvas, left, top)
        top -= flowable.getSpaceAfter()


def _height(flowable: Flowable, width: float, room: float) -> float:
    return float(flowable.wrap(width, room)[1] + flowable.getSpaceBefore() + flowable.getSpaceAfter())


def _flowable(block: Block, size: float, width: float, look: Look, *, small: bool) -> Flowable:
    style = ParagraphStyle("p", fontName=look.fonts[0], fontSize=size, leading=size * 1.32, textColor=look.ink)
    style.spaceAfter = size * 0.5
    bullet = None
    if block.kind == "table":
        style.fontSize, style.leading = size * 0.8, size * 1.02
        return _table(block, width, style, look.accent)
    if block.kind == "bullet":
        bullet = "–" if block.level else "•"
        _set_bullet(style, size, block.level)
    elif block.kind == "statement":
        style.fontName, style.fontSize, style.leading = look.fonts[2], size * 1.06, size * 1.45
        style.leftIndent, style.rightIndent, style.borderPadding = 18, 30, (6, 6, 6, 6)
        style.backColor, style.spaceBefore, style.spaceAfter = None if look.dark else PAPER, 8, size * 0.6
    elif block.kind == "attribution":
        style.fontSize, style.leading, style.leftIndent = size * 0.85, size * 1.15, 18
        style.textColor = look.quiet
    elif block.kind == "entry":
        style.fontSize, style.leading = min(size, 15) * 0.98, min(size, 15) * 1.28
        style.leftIndent, style.firstLineIndent, style.spaceAfter = 22, -22, 6
    elif small:
        style.fontSize, style.leading = 14, 19
    return Paragraph(_markup(block.lines[0]), style, bulletText=bullet)


def _set_bullet(style: ParagraphStyle, size: float, level: int) -> None:
    style.leftIndent = size * (1.3 + 1.1 * level)
    style.bulletIndent = size * (0.1 + 1.1 * level)
    style.bulletFontSize, style.bulletFontName = size, BULLET
    if level:
        style.fontSize, style.leading = size * 0.86, size * 1.14


def _table(block: Block, width: float, style: ParagraphStyle, accent: Color) -> Table:
    cell = ParagraphStyle("cell", parent=style, alignment=0, spaceAfter=0, spaceBefore=0, leftIndent=0)
    head = ParagraphStyle("head-cell", parent=cell, textColor=white)
    rows = [[Paragraph(_markup(text), cell if index else head) for text in row] for index, row in enumerate(block.rows)]
    first = 0.22 if len(rows[0]) > 2 else 0.34
    rest = (1 - first) / (len(rows[0]) - 1)
    table = Table(rows, colWidths=[width * first] + [width * rest] * (len(rows[0]) - 1))
    table.spaceAfter = style.fontSize * 0.9
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), accent),
                ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, PAPER]),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, GREY),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
            ]
        )
    )
    return table


def _picture(canvas: Canvas, block: Block, box: Box, look: Look) -> None:
    left, bottom, width, height = box
    motif, credit = block.rows[0]
    canvas.setFillColor(PAPER)
    canvas.roundRect(left, bottom + 16, width, height - 16, 10, stroke=0, fill=1)
    canvas.saveState()
    clip = canvas.beginPath()
    clip.roundRect(left, bottom + 16, width, height - 16, 10)
    canvas.clipPath(clip, stroke=0, fill=0)
    for step in range(5):
        canvas.setFillColor(look.accent, alpha=0.16 + 0.12 * step)
        if motif == "arches":
            half = width * (0.40 - 0.075 * step)
            middle, rise = left + width / 2, (height - 16) * (0.52 - 0.10 * step)
            canvas.rect(middle - half, bottom + 16, 2 * half, rise, stroke=0, fill=1)
            canvas.wedge(
                middle - half, bottom + 16 + rise - half, middle + half, bottom + 16 + rise + half, 0, 180, 0, 1
            )
        elif motif == "circles":
            canvas.circle(left + width * (0.22 + 0.14 * step), bottom + height * 0.55, width * 0.16, 0, 1)
        else:
            canvas.rect(
                left + width * (0.08 + 0.17 * step), bottom + 16, width * 0.14, height * (0.18 + 0.13 * step), 0, 1
            )
    canvas.restoreState()
    canvas.setFont(look.fonts[0], 10.5)
    canvas.setFillColor(GREY)
    canvas.drawString(left, bottom, plain(credit))


def _chart(canvas: Canvas, block: Block, box: Box, look: Look) -> None:
    left, bottom, width, height = box
    regular, bold, _ = look.fonts
    (title, series), *values = block.rows
    heading = Paragraph(_markup(title), ParagraphStyle("c", fontName=bold, fontSize=15, leading=19, textColor=INK))
    taken = heading.wrap(width, height)[1]
    heading.drawOn(canvas, left, bottom + height - taken)
    canvas.setFont(regular, 11)
    canvas.setFillColor(GREY)
    canvas.drawString(left, bottom + height - taken - 16, series)
    top = bottom + height - taken - 30
    line = (top - bottom) / len(values)
    most = max(float(value) for _, value in values)
    label = width * 0.42
    for index, (category, value) in enumerate(values):
        y = top - (index + 1) * line
        canvas.setFillColor(INK)
        canvas.setFont(regular, 12)
        canvas.drawString(left, y + line * 0.38, category)
        canvas.setFillColor(look.accent)
        canvas.rect(left + label, y + line * 0.2, (width - label - 40) * float(value) / most, line * 0.6, 0, 1)
        canvas.setFillColor(INK)
        canvas.drawString(left + label + (width - label - 40) * float(value) / most + 6, y + line * 0.38, value)


def _date(canvas: Canvas, source: Source) -> None:
    """Say when the document was made, in place of reportlab's fixed day in 2000."""
    year, month, day, *_ = (*(int(part) for part in source.header["date"].split("-")), 1, 1)
    canvas._doc._timeStamp.YMDhms = (year, month, day, 0, 0, 0)


def _register() -> None:
    folder = Path(reportlab.__file__).parent / "fonts"
    for face in FONTS["vera"]:
        pdfmetrics.registerFont(TTFont(face, str(folder / f"{face}.ttf")))
        # Paragraphs ask for a family when they meet italics.
        pdfmetrics.registerFontFamily(face, normal=face, bold="VeraBd", italic="VeraIt", boldItalic="VeraIt")


def _markup(text: str) -> str:
    return "".join(f"<i>{escape(piece)}</i>" if italic else escape(piece) for piece, italic in runs(text))
