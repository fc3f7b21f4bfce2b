"""Small writers of real files: what a test needs to say of a deck or paper, and no more."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide as a person thinks of it."""

    title: str
    lines: tuple[str, ...] = ()
    notes: str = ""
    hidden: bool = False


def write_pptx(slides: Sequence[Slide], title: str = "") -> bytes:
    """A deck in PowerPoint's own format."""
    deck = Presentation()
    deck.core_properties.title = title
    for slide in slides:
        page = deck.slides.add_slide(deck.slide_layouts[1])
        page.shapes.title.text = slide.title
        page.placeholders[1].text = "\n".join(slide.lines)
        if slide.notes:
            page.notes_slide.notes_text_frame.text = slide.notes
        if slide.hidden:
            page._element.set("show", "0")
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def write_deck_pdf(slides: Sequence[Slide], title: str = "") -> bytes:
    """The export of the same deck: what is hidden is left out, and notes are."""
    return write_pdf([(slide.title, *slide.lines) for slide in slides if not slide.hidden], title, wide=True)


def write_pdf(pages: Sequence[Sequence[str]], title: str = "", *, wide: bool = False) -> bytes:
    """A PDF with these lines on its pages."""
    out = io.BytesIO()
    size = landscape(A4) if wide else A4
    canvas = Canvas(out, pagesize=size, invariant=True)
    canvas.setTitle(title)
    for lines in pages:
        y = size[1] - 80
        for i, line in enumerate(lines):
            canvas.setFont("Helvetica-Bold" if i == 0 else "Helvetica", 26 if i == 0 and wide else 14)
            canvas.drawString(60, y, line)
            y -= 40 if i == 0 and wide else 22
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def write_picture_pptx() -> bytes:
    """A slide that is a picture and nothing else."""
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(picture, "PNG")
    deck = Presentation()
    page = deck.slides.add_slide(deck.slide_layouts[6])
    page.shapes.add_picture(picture, Inches(1), Inches(1))
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def write_scan(*texts: str | None) -> bytes:
    """A PDF whose pages are pictures of these texts; None makes a page with text of its own."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(595, 842))
    font = ImageFont.load_default(36)
    for text in texts:
        if text is None:
            canvas.drawString(72, 700, "This page has text of its own.")
        else:
            picture = Image.new("L", (1240, 1754), 255)
            ImageDraw.Draw(picture).multiline_text((120, 140), text, fill=0, font=font, spacing=14)
            canvas.drawImage(ImageReader(picture), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return written.getvalue()
