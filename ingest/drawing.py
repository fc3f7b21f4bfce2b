"""The child process that draws pages: this file, run as a script. Nothing imports it.

    standard input:   a line of JSON per request   {"path": …, "index": 0, "width": 320}      an image
                                                   {"path": …, "index": 0}                    the characters
    standard output:  a line of JSON, then as many bytes as its `bytes`

PDF comes from anywhere and pdfium is C++: it may crash, loop or ask for all memory. Here that costs one page. The parent
(ingest/rendering.py) limits the time, this process its memory; it lives on between requests, because starting it takes longer
than drawing a page.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import sys
from typing import Any

MEMORY = 1536 * 2**20
LARGEST_FILE = 64 * 2**20
"""Bytes of a file that this process may write: it writes none."""
MOST_CHARACTERS = 60_000
TALLEST = 4
"""A page is drawn at most this many times as high as it is wide, and as wide as it is high."""
SCALE = 100_000
"""Units of a coordinate: pdfium gives whole numbers."""


def limit() -> None:
    """Take memory, core dumps and priority away from this process, as far as the system can."""
    try:
        import resource
    except ImportError:  # Windows: the time limit of the parent alone
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)  # a search goes first


def draw(page: Any, width: int) -> bytes:
    """A page as WebP, `width` pixels wide (narrower where it would get too high)."""
    wide, high = page.get_size()
    scale = min(width / max(wide, 1), TALLEST * width / max(high, 1))
    image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    written = io.BytesIO()
    image.save(written, "WEBP", quality=82, method=4)
    return written.getvalue()


def characters(page: Any, raw: Any) -> bytes:
    """The characters of a page with their boxes, as JSON: {"text": …, "boxes": [[left, top, right, bottom], …]}.

    Boxes are fractions of the page as it is shown (rotated and cropped), from its top left corner.
    """
    textpage = page.get_textpage()
    letters, boxes = [], []
    x, y = ctypes.c_int(), ctypes.c_int()
    for index in range(min(textpage.count_chars(), MOST_CHARACTERS)):
        letters.append(chr(raw.FPDFText_GetUnicode(textpage, index) or 0xFFFD))
        left, bottom, right, top = textpage.get_charbox(index)
        corners = []
        for corner in ((left, top), (right, bottom)):
            raw.FPDF_PageToDevice(page, 0, 0, SCALE, SCALE, 0, *corner, ctypes.byref(x), ctypes.byref(y))
            corners.append((x.value / SCALE, y.value / SCALE))
        (one, two), (three, four) = corners
        boxes.append([min(one, three), min(two, four), max(one, three), max(two, four)])
    wide, high = page.get_size()
    return json.dumps({"text": "".join(letters), "boxes": boxes, "ratio": high / max(wide, 1)}).encode()


def respond(body: bytes = b"", **head: object) -> None:
    """Write one response."""
    sys.stdout.buffer.write(json.dumps({**head, "bytes": len(body)}).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


def main() -> None:
    """Answer requests until standard input ends; the last file stays open, because pages are asked for in a row."""
    limit()
    import pypdfium2
    import pypdfium2.raw
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = 64_000_000
    path: str | None = None
    document: Any = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["path"] != path:
                document = pypdfium2.PdfDocument(request["path"])
                path = request["path"]
            page = document[request["index"]]
            body = draw(page, request["width"]) if "width" in request else characters(page, pypdfium2.raw)
            page.close()
        except (pypdfium2.PdfiumError, OSError, ValueError, IndexError, MemoryError) as error:
            path = None
            respond(error=f"{type(error).__name__}: {error}"[:200])
        else:
            respond(body)


if __name__ == "__main__":
    main()
