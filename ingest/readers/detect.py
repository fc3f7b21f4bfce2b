"""Detect the format of a file by its bytes; the name only decides between kinds of plain text.

    %PDF in the first KiB ─► pdf         PK ─► safe to unpack? ─► content types ─► pptx | docx
    D0CF11E0 ─► locked or an old format   a picture, a film, … ─► unsupported, named
    text ─► html, markdown or plain, by name and by its first tag

The heavy libraries of a reader are imported when its format turns up, so that `kb --help` stays quick.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import PurePath

from ingest.readers.failures import brief
from ingest.readers.properties import printed_date
from ingest.readers.reading import Reading
from kb.errors import DocumentError, EmptyDocument, LockedDocument, TooBig, UnreadableDocument, UnsupportedFormat
from kb.model import Kind

# A deck full of film is a few hundred megabytes; what is larger is an archive, not a document.
LARGEST_FILE = 500 * 2**20
# Text alone: the Bible is 5 MB.
LARGEST_TEXT = 20 * 2**20

ENDINGS = frozenset(
    ".pdf .pptx .pptm .ppsx .ppsm .potx .potm .docx .docm .dotx .dotm .html .htm .xhtml .md .markdown .txt .text".split()
)
"""Endings of file names that a folder is searched for; a file that is named itself is looked at whatever its ending."""

_TEXTS = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml")
_NAMES = {".pdf": "a PDF", ".pptx": "a PowerPoint file", ".docx": "a Word file", ".ppt": "an old PowerPoint file"}
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf'\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"%!PS", "a PostScript file"),
    (b"{\\rtf", "an RTF file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"ID3", "a sound recording"),
    (b"OggS", "a sound recording"),
)
# A text may begin with these letters as well; it has no control characters.
_LIKE_WORDS = (b"BM", b"MZ", b"BZh", b"ID3", b"GIF8", b"Rar!", b"OggS")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PDF = b"%PDF-"
_PDF_INSIDE = re.compile(rb"(?<!\d)\d{1,10}\s+\d{1,5}\s+obj\b")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta)\b", re.I | re.S
)


def read(data: bytes, filename: str, *, kind: Kind | None = None) -> Reading:
    """The pages of a file, and what it says about itself; `kind` overrides the guess.

    Raises UnsupportedFormat, LockedDocument, EmptyDocument, TooBig or UnreadableDocument, each with one line that
    names the file. A page that cannot be read is a page with a `problem`; the others are kept.
    """
    if not data or not data.strip(b"\x00 \t\r\n"):
        raise EmptyDocument(f"{filename}: the file is empty; check that it was copied completely")
    if len(data) > LARGEST_FILE:
        raise _too_big(data, filename, LARGEST_FILE, "compress its pictures and films, or save it as PDF")
    try:
        reading = _reader(data, filename)(data, filename)
    except (DocumentError, NameError, ImportError):  # the latter two are defects of ours
        raise
    except (MemoryError, RecursionError) as error:
        raise UnreadableDocument(
            f"{filename}: reading it takes more memory than there is; save it again or print it to PDF"
        ) from error
    except Exception as error:  # every library has its own ways to fail on a damaged file; each is this one line
        raise UnreadableDocument(
            f"{filename}: damaged, it cannot be read ({brief(error)}); open it and save it again"
        ) from error
    problems = [page.problem or "" for page in reading.pages]
    if all(problem.startswith("failed") for problem in problems):
        reason = problems[0].removeprefix("failed: ")
        raise UnreadableDocument(
            f"{filename}: none of its pages can be read ({reason}); print it to PDF and take that in"
        )
    reading = reading if kind is None else replace(reading, kind=kind)
    if reading.kind == "deck":
        # The day of the talk stands on its first slide; the file knows only when it was saved.
        reading = replace(reading, date=printed_date(reading.pages[0].text) or reading.date)
    return reading


def _reader(data: bytes, filename: str) -> Callable[[bytes, str], Reading]:
    """The reader for these bytes."""
    ending = PurePath(filename).suffix.lower()
    if _PDF in data[:1024]:
        return _module("pdf")
    if data.startswith(_ZIP):
        from ingest.readers import office

        return _module(office.format_of(data, filename))
    if data.startswith(_OLE):
        raise _old_office(data, filename, ending)
    found = next((name for magic, name in _MAGIC if data.startswith(magic)), None)
    if found is not None and data.startswith(_LIKE_WORDS) and not _CONTROL.search(data[:4096]):
        found = None  # "BMI en studentenwelzijn" is a text
    if found is None and data[4:8] == b"ftyp":
        found = "a film or a picture"
    if found is None and data[:4] == b"RIFF":
        found = "a film, a sound recording or a picture"
    if found is not None:
        claim = f", though its name says {_NAMES[ending]}" if ending in _NAMES else ""
        raise UnsupportedFormat(
            f"{filename}: this is {found}{claim}; taken in are PDF, PPTX, DOCX, HTML, Markdown and text"
        )
    if _PDF_INSIDE.search(data) and ending not in _TEXTS:  # a PDF whose head is lost
        return _module("pdf")
    if ending in _NAMES or ending in (".pptm", ".ppsx", ".docm"):
        raise UnreadableDocument(
            f"{filename}: damaged, or not {_NAMES.get(ending, 'an Office file')} at all; save it again"
        )
    from ingest.readers import plain

    is_html = ending in (".html", ".htm", ".xhtml") or _HTML.match(data[:2048]) is not None
    if not is_html and not plain.looks_like_text(data):
        raise UnsupportedFormat(f"{filename}: no known format; taken in are PDF, PPTX, DOCX, HTML, Markdown and text")
    if len(data) > LARGEST_TEXT:
        raise _too_big(data, filename, LARGEST_TEXT, "split it")
    return _module("html" if is_html else "markdown" if ending in (".md", ".markdown") else "plain")


def _too_big(data: bytes, filename: str, most: int, advice: str) -> TooBig:
    return TooBig(
        f"{filename}: {len(data) / 2**20:,.0f} MB is more than the {most / 2**20:,.0f} MB that is taken in; {advice}"
    )


def _module(name: str) -> Callable[[bytes, str], Reading]:
    reader: Callable[[bytes, str], Reading] = import_module(f"ingest.readers.{name}").read
    return reader


def _old_office(data: bytes, filename: str, ending: str) -> DocumentError:
    """An OLE container: an encrypted Office file or one of before 2007. Stream names stand in it as UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return LockedDocument(f"{filename}: asks for a password; save a copy without password and take that in")
    if ending in (".ppt", ".pps", ".pot") or "PowerPoint Document".encode("utf-16-le") in data:
        return UnsupportedFormat(f"{filename}: the PowerPoint format of before 2007; save it as .pptx or PDF")
    if ending in (".doc", ".dot") or "WordDocument".encode("utf-16-le") in data:
        return UnsupportedFormat(f"{filename}: the Word format of before 2007; save it as .docx or PDF")
    return UnsupportedFormat(f"{filename}: an old Office format; save it as .pptx, .docx or PDF")
