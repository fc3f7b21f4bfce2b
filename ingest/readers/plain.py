"""Plain text: the encoding is guessed, a form feed ends a page."""

from __future__ import annotations

import codecs
import re

from ingest.readers.failures import MOST_PAGES, too_many_pages
from ingest.readers.reading import Reading
from ingest.text import clean
from kb.errors import EmptyDocument
from kb.model import Page

MEDIA_TYPE = "text/plain"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read(data: bytes, filename: str) -> Reading:
    """Read a text, a page per form feed. Raises EmptyDocument when there is nothing in it, TooBig."""
    texts = decode(data).split("\f")
    if len(texts) > MOST_PAGES + 1:
        raise too_many_pages(filename, len(texts))
    pages = tuple(Page(n, clean(text), label=str(n)) for n, text in enumerate(texts, 1))
    while len(pages) > 1 and not pages[-1].text:
        pages = pages[:-1]
    if not any(page.text for page in pages):
        raise EmptyDocument("no-text", filename=filename)
    return Reading(pages=pages, media_type=MEDIA_TYPE, kind="literature", title=first_line(pages))


def first_line(pages: tuple[Page, ...]) -> str | None:
    """The first line when it looks like a title: short, with letters, not a sentence."""
    line = next((line for page in pages for line in page.text.split("\n") if line.strip()), "")
    looks = 2 < len(line) <= 120 and line[-1] not in ".,;:" and any(character.isalpha() for character in line)
    return line if looks else None


def _utf16_order(sample: bytes) -> str | None:
    """The kind of UTF-16 in which every other byte of the sample is NUL; None when they are not."""
    if b"\x00" not in sample:
        return None
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = sample[offset::2]
        if half.count(0) > 0.4 * len(half) and sample[1 - offset :: 2].count(0) < 0.1 * len(half):
            return encoding
    return None


def decode(data: bytes) -> str:
    """The text of bytes: by its mark, else UTF-8, else UTF-16 when every other byte is NUL, else Windows' Latin."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    utf16 = _utf16_order(data[:4096])
    if utf16 is not None:
        return data.decode(utf16, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Cut off in the middle of a character, or a slip in a long text that is UTF-8 otherwise.
        text = data.decode("utf-8", "replace")
        if error.start >= len(data) - 4 or (text.count("\ufffd") * 200 < len(text) and _is_multibyte(data)):
            return text
    return data.decode("cp1252", "replace")


def _is_multibyte(data: bytes) -> bool:
    """Whether there is a well-formed character of more than one byte."""
    return re.search(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}", data) is not None


def looks_like_text(data: bytes) -> bool:
    """Whether bytes are a text in any encoding that is read here."""
    if data.startswith(tuple(mark for mark, _ in _MARKS)):
        return True
    sample = decode(data[:65536]).encode("utf-8", "replace")
    return len(_CONTROL.findall(sample)) * 100 <= len(sample)
