"""Detect the format of a file by its bytes; the name only decides between kinds of plain text.

    %PDF in the first KiB ─► pdf         PK ─► safe to unpack? ─► content types ─► pptx | docx
    D0CF11E0 ─► locked or an old format   a picture, a film, … ─► unsupported, named
    text ─► html, markdown or plain, by name and by its first tag

The heavy libraries of a reader are imported when its format turns up, so that `kb --help` stays quick.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import PurePath

from ingest.readers import libreoffice, plain
from ingest.readers.failures import MOST_PAGES, brief, too_many_pages
from ingest.readers.properties import printed_date
from ingest.readers.reading import Reading
from kb.errors import DocumentError, EmptyDocument, LockedDocument, TooBig, UnreadableDocument, UnsupportedFormat
from kb.model import LETTERS_LOST, Kind, Page
from kb.refusals import cause

# A deck full of film is a few hundred megabytes; a larger file is an archive, not a document.
LARGEST_FILE = 500 * 2**20
# Text alone: the Bible is 5 MB.
LARGEST_TEXT = 20 * 2**20

ENDINGS = frozenset(
    ".pdf .pptx .pptm .ppsx .ppsm .potx .potm .docx .docm .dotx .dotm .html .htm .xhtml .md .markdown .txt .text".split()
)
"""Endings of file names that a folder is searched for; a file that is named itself is looked at whatever its ending."""

# Texts by their letters that are not read as literature, and what to do with them.
_OTHER_TEXTS: Mapping[str, str] = {
    **dict.fromkeys((".eml", ".mbox"), "mail"),
    **dict.fromkeys((".csv", ".tsv"), "table"),
    **dict.fromkeys((".vtt", ".srt", ".sbv", ".ass", ".ttml"), "subtitles"),
    **dict.fromkeys((".ipynb",), "notebook"),
    **dict.fromkeys((".xml", ".xsd", ".xsl", ".rdf", ".svg"), "xml"),
    **dict.fromkeys((".jsonl", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".log", ".sql"), "settings"),
    **dict.fromkeys(
        (".py", ".js", ".ts", ".java", ".c", ".h", ".cpp", ".cs", ".go", ".rs", ".r", ".rb", ".php", ".sh", ".bat", ".ps1",
         ".m", ".jl", ".css", ".scss", ".swift", ".kt", ".pl", ".lua"),
        "code",
    ),
    **dict.fromkeys((".tex", ".rst", ".org", ".adoc"), "typesetting"),
}  # fmt: skip
_TEXTS = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml")
# More replacement characters (U+FFFD) than this share, and words of the page cannot be found.
MOST_REPLACED = 0.01

# The part of a name after its last point: an ending, or part of a sentence ("1. Inleiding", "dr. Jansen").
_ENDING = re.compile(r"\.[a-z0-9_+-]{1,8}", re.I)
_NAMES = (".pdf", ".pptx", ".docx", ".ppt")
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"BM", "bmp"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf'\x1c", "7zip"),
    (b"Rar!", "rar"),
    (b"%!PS", "postscript"),
    (b"{\\rtf", "rtf"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"SQLite format 3\x00", "database"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
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


_Reader = Callable[[bytes, str], Reading]


def read(
    data: bytes, filename: str, *, kind: Kind | None = None, password: str | None = None, by_pdfium: bool = False
) -> Reading:
    """The pages and metadata of a file; `kind` overrides the guess, `by_pdfium` leaves a PDF to pdfium alone.

    Raises UnsupportedFormat, LockedDocument, EmptyDocument, TooBig or UnreadableDocument, each with one line that
    names the file. A page that cannot be read is a page with a `problem`; the others are kept.
    """
    if not data or not data.strip(b"\x00 \t\r\n"):
        raise EmptyDocument("blank-file", filename=filename)
    if len(data) > LARGEST_FILE:
        raise _too_big("large-file", data, filename, LARGEST_FILE)
    pdf = partial(_module("pdf"), password=password, by_pdfium=by_pdfium)
    reading = _read(data, filename, pdf)
    if len(reading.pages) > MOST_PAGES:
        raise too_many_pages(filename, len(reading.pages))
    _refuse_failed(reading, filename)
    reading = replace(reading, pages=tuple(map(_checked, reading.pages)), kind=kind or reading.kind)
    if reading.kind == "deck":
        # The day of the talk is printed on its first slide; the file knows only when it was saved.
        reading = replace(reading, date=printed_date(reading.pages[0].text) or reading.date)
    return reading


def _read(data: bytes, filename: str, pdf: _Reader) -> Reading:
    """The pages of a file as its reader gives them; any failure of a reader becomes a DocumentError."""
    try:
        return _reader(data, filename, pdf)(data, filename)
    except (DocumentError, NameError, ImportError):  # the latter two are defects of ours
        raise
    except MemoryError as error:
        raise TooBig("no-memory", filename=filename) from error
    except RecursionError as error:
        raise TooBig("nested", filename=filename) from error
    except Exception as error:  # every library has its own ways to fail on a damaged file; each is this one line
        raise UnreadableDocument("damaged", filename=filename, cause=brief(error)) from error


def _refuse_failed(reading: Reading, filename: str) -> None:
    """Raise UnreadableDocument when no page could be read."""
    problems = [page.problem or "" for page in reading.pages]
    if all(problem.startswith("failed") for problem in problems):
        raise UnreadableDocument("no-page-read", filename=filename, cause=cause(problems[0].removeprefix("failed: ")))


def _checked(page: Page) -> Page:
    """The page; one of whose characters too many were replaced is marked."""
    lost = page.text.count("\ufffd") + page.notes.count("\ufffd")
    if page.problem is None and lost > MOST_REPLACED * (len(page.text) + len(page.notes)):
        return replace(page, problem=LETTERS_LOST)
    return page


def _reader(data: bytes, filename: str, pdf: _Reader) -> _Reader:
    """The reader for these bytes."""
    ending = PurePath(filename).suffix.lower()
    if _PDF in data[:1024]:
        return pdf
    if data.startswith(_ZIP):
        return _zip_reader(data, filename)
    if data.startswith(_OLE):
        return _old_office(data, filename, ending)
    found = _other_format(data)
    if found is not None:
        if ending in _NAMES:
            raise UnsupportedFormat("misnamed", filename=filename, what=found, claim=ending)
        raise UnsupportedFormat("other-format", filename=filename, what=found)
    if _PDF_INSIDE.search(data) and ending not in _TEXTS:  # a PDF whose head is lost
        return pdf
    if ending in _NAMES or ending in (".pptm", ".ppsx", ".docm"):
        claim = ending if ending in _NAMES else "office-file"
        raise UnreadableDocument("not-as-named", filename=filename, claim=claim)
    return _module(_text_format(data, filename, ending))


def _other_format(data: bytes) -> str | None:
    """The code (kb.refusals.FORMATS) of a format that is recognised by its first bytes and not read; None for all others."""
    if data[4:8] == b"ftyp":
        return "film"
    if data[:4] == b"RIFF":
        return "riff"
    is_text = data.startswith(_LIKE_WORDS) and not _CONTROL.search(data[:4096])  # "BMI en studentenwelzijn" is a text
    return None if is_text else next((name for magic, name in _MAGIC if data.startswith(magic)), None)


def _text_format(data: bytes, filename: str, ending: str) -> str:
    """The reader for a text: `html`, `markdown` or `plain`. Raises UnsupportedFormat or TooBig."""
    if ending in _OTHER_TEXTS:
        raise UnsupportedFormat("other-format", filename=filename, what=_OTHER_TEXTS[ending])
    is_html = ending in (".html", ".htm", ".xhtml") or _HTML.match(data[:2048]) is not None
    if not is_html:
        _refuse_unknown_text(data, filename, ending)
    if len(data) > LARGEST_TEXT:
        raise _too_big("large-text", data, filename, LARGEST_TEXT)
    if is_html:
        return "html"
    return "markdown" if ending in (".md", ".markdown") else "plain"


def _refuse_unknown_text(data: bytes, filename: str, ending: str) -> None:
    """Raise UnsupportedFormat for bytes that are not text, and for text with an unknown ending."""
    if not plain.looks_like_text(data):
        raise UnsupportedFormat("unknown-format", filename=filename)
    if ending not in _TEXTS and _ENDING.fullmatch(ending):
        raise UnsupportedFormat("unknown-ending", filename=filename, ending=ending)


def _too_big(code: str, data: bytes, filename: str, most: int) -> TooBig:
    return TooBig(code, filename=filename, size=round(len(data) / 2**20), most=round(most / 2**20))


def _module(name: str) -> Callable[..., Reading]:
    reader: Callable[..., Reading] = import_module(f"ingest.readers.{name}").read
    return reader


def _zip_reader(data: bytes, filename: str) -> _Reader:
    """The reader for a zip: an Office file, or an OpenDocument that LibreOffice converts."""
    from ingest.readers import office

    try:
        return _module(office.format_of(data, filename))
    except office.OpenDocument as found:
        return _converted(filename, found.ending, str(found))


def _old_office(data: bytes, filename: str, ending: str) -> _Reader:
    """The reader for an OLE container: a format of before 2007. Stream names stand in it as UTF-16.

    Raises LockedDocument for an encrypted Office file, UnsupportedFormat for other containers.
    """
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise LockedDocument("office-password", filename=filename)
    if ending in (".ppt", ".pps", ".pot") or "PowerPoint Document".encode("utf-16-le") in data:
        return _converted(filename, ".ppt", "old-powerpoint")
    if ending in (".doc", ".dot") or "WordDocument".encode("utf-16-le") in data:
        return _converted(filename, ".doc", "old-word")
    raise UnsupportedFormat("old-office", filename=filename)


def _converted(filename: str, ending: str, what: str) -> _Reader:
    """A reader that has LibreOffice convert the file. Raises UnsupportedFormat when LibreOffice is not installed."""
    if libreoffice.program() is None:
        raise UnsupportedFormat("needs-libreoffice", filename=filename, what=what)
    target = libreoffice.TARGETS[ending]

    def convert_and_read(data: bytes, filename: str) -> Reading:
        reading = _module(target)(libreoffice.converted(data, filename, ending), filename)
        return replace(reading, media_type=libreoffice.MEDIA_TYPES[ending])

    return convert_and_read
