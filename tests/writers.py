"""Writers of small real files: decks and papers as a person makes them, and the oddities that readers must cope with."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import docx
import pypdf
from lxml import etree
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Emu, Inches
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


A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
DGM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATION = R
NAMES = f'xmlns:a="{A}" xmlns:p="{P}" xmlns:mc="{MC}" xmlns:dgm="{DGM}" xmlns:r="{R}" xmlns:w="{W}"'

SLIDE_WIDTH, SLIDE_HEIGHT = 12_192_000, 6_858_000


def named(xml: str) -> Any:
    """An element of XML that uses these prefixes without declaring them."""
    return etree.fromstring(re.sub(r"^<[\w:]+", lambda tag: f"{tag.group()} {NAMES}", xml))


# ------------------------------------------------------------------------------------------------------------------- PDF


def pdf_text(*lines: str, size: int = 18, top: int = 500, left: int = 40) -> bytes:
    """Content that shows these lines below each other, the first in a larger size."""
    out = []
    for index, line in enumerate(lines):
        escaped = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252")
        points = 2 * size if index == 0 else size
        out.append(b"BT /F1 %d Tf %d %d Td (%s) Tj ET" % (points, left, top - index * 2 * size, escaped))
    return b"\n".join(out)


PDF_PICTURE = b"q 100 0 0 100 0 0 cm /Im1 Do Q"


def pdf(*contents: bytes, size: tuple[int, int] = (960, 540), info: bytes = b"", catalog: bytes = b"") -> bytes:
    """A PDF with a page for each content stream; `info` and `catalog` are entries to add to those dictionaries."""
    count = len(contents)
    kids = b" ".join(b"%d 0 R" % (6 + 2 * index) for index in range(count))
    picture = b"\xff" * 3
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< %s >>" % info,
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length 3 >>\n"
        b"stream\n%s\nendstream" % picture,
    ]
    for index, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> "
            b"/XObject << /Im1 5 0 R >> >> >>" % (*size, 7 + 2 * index)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def deflated(content: bytes, times: int = 1) -> tuple[bytes, bytes]:
    """Content packed so many times, and the filter that says so."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    return content, b"[" + b" /FlateDecode" * times + b" ]"


def pdf_bomb(megabytes: int, times: int = 2) -> bytes:
    """A PDF of a few KB whose one page unpacks to so many MB."""
    packed, filters = deflated(b"BT /F1 12 Tf (a) Tj ET\n" + b" " * (megabytes * 2**20), times)
    plain = pdf(b"X" * len(packed))
    head = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(packed), b"X" * len(packed))
    assert head in plain
    return plain.replace(head, b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(packed), filters, packed))


def locked_pdf(data: bytes, *, user: str, owner: str = "owner", algorithm: str = "AES-256") -> bytes:
    """The same PDF, encrypted; with an empty `user` password it opens without asking."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user_password=user, owner_password=owner, algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def png() -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b"")
    )


# ------------------------------------------------------------------------------------------------------------------ PPTX


def deck(*fill: Callable[[Any, Any], None], layout: int = 6, title: str = "", sections: str = "") -> bytes:
    """A deck with a slide for each function, called with the presentation and its slide."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Emu(SLIDE_WIDTH), Emu(SLIDE_HEIGHT)
    presentation.core_properties.title = title
    for function in fill:
        function(presentation, presentation.slides.add_slide(presentation.slide_layouts[layout]))
    if sections:
        presentation.part._element.append(etree.fromstring(sections))
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


def box(slide: Any, text: str, left: float, top: float, width: float = 0.4, height: float = 0.1) -> Any:
    """A text box; place and size in shares of the slide."""
    shape = slide.shapes.add_textbox(
        int(left * SLIDE_WIDTH), int(top * SLIDE_HEIGHT), int(width * SLIDE_WIDTH), int(height * SLIDE_HEIGHT)
    )
    shape.text_frame.text = text
    return shape


def add_xml(slide: Any, xml: str) -> None:
    """Append a shape as XML; prefixes a, p, mc, dgm and r are known."""
    slide.shapes._spTree.append(named(xml))


def shape_xml(text: str, left: int = 0, top: int = 0) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="9" name="x"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm>'
        f'<a:off x="{left}" y="{top}"/><a:ext cx="900000" cy="300000"/></a:xfrm></p:spPr>'
        f"<p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def add_smart_art(slide: Any, outline: Mapping[str, Sequence[str]]) -> None:
    """SmartArt: points with points below them, as PowerPoint keeps them in a part of their own, in no order."""
    keys = {
        text: str(index) for index, text in enumerate([*outline, *(t for below in outline.values() for t in below)], 1)
    }
    points = "".join(
        f'<dgm:pt modelId="{key}"><dgm:t><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'
        for text, key in reversed(keys.items())
    )
    links = "".join(
        f'<dgm:cxn modelId="{100 + i}" srcId="0" destId="{keys[text]}" srcOrd="{i}"/>' for i, text in enumerate(outline)
    ) + "".join(
        f'<dgm:cxn modelId="{200 + 10 * i + j}" srcId="{keys[text]}" destId="{keys[child]}" srcOrd="{j}"/>'
        for i, (text, below) in enumerate(outline.items())
        for j, child in enumerate(below)
    )
    blob = (
        f'<dgm:dataModel {NAMES}><dgm:ptLst><dgm:pt modelId="0" type="doc"/>{points}'
        f'<dgm:pt modelId="99" type="pres"/></dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst></dgm:dataModel>'
    ).encode()
    part = Part(
        PackURI("/ppt/diagrams/data1.xml"),
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
        slide.part.package,
        blob,
    )
    identity = slide.part.relate_to(part, RELATION + "/diagramData")
    add_xml(
        slide,
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="7" name="d"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="0" y="2000000"/><a:ext cx="5000000" cy="3000000"/></p:xfrm>'
        f'<a:graphic><a:graphicData uri="{DGM}"><dgm:relIds r:dm="{identity}"/></a:graphicData></a:graphic>'
        "</p:graphicFrame>",
    )


# ------------------------------------------------------------------------------------------------------------------ DOCX


def text_document(fill: Callable[[Any], None], *, title: str = "") -> bytes:
    """A Word file, filled by a function that is called with the document."""
    document = docx.Document()
    document.core_properties.title = title
    fill(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def add_body_xml(document: Any, xml: str) -> None:
    """Put XML before the last section's properties; prefixes w, a, mc and r are known."""
    body = document.element.body
    body.insert(len(body) - 1, named(xml))


# ------------------------------------------------------------------------------------------------------------------- zip


def rezipped(
    data: bytes,
    change: Mapping[str, bytes | None] | Callable[[str, bytes], bytes | None],
    add: Iterable[tuple[str, bytes]] = (),
) -> bytes:
    """A zip with parts changed (None: left out) and added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            changed = change(name, content) if callable(change) else change.get(name, content)
            if changed is not None:
                new.writestr(name, changed)
        for name, content in add:
            new.writestr(name, content)
    return out.getvalue()


def ole(*streams: str) -> bytes:
    """The head of an OLE container in which streams of these names can be found."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 504
        + b"".join(name.encode("utf-16-le") for name in streams)
        + b"\0" * 512
    )
