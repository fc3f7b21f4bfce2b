"""PDF: page by page with pypdf; a page that reads badly is read again with pdfium, and the better reading kept.

    bytes ─► pypdf, a page at a time ─► legible? ─► no ─► second reading (another process) ─► the better one
                │                          └─ yes ─────────────────────────┐
                └─ not even opened ─► second reading of all pages ─────────┴─► lines ─► pages

One bad page never loses the document: whatever pypdf raises belongs to that page. A page is given up when its content
is larger than a page can be or takes longer than a person waits; a second reading is then asked for, unless the content
was a bomb. Lines that clearly run on are joined (`ingest.text.flow`), words broken at a line's end are whole again, and
a line that is the page's number alone goes: it is kept as the page's label.
"""

from __future__ import annotations

import io
import logging
import math
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pypdf
from pypdf.errors import FileNotDecryptedError, LimitReachedError
from pypdf.generic import DictionaryObject

from ingest import slides
from ingest.readers import second
from ingest.readers.choice import brief
from ingest.readers.legible import DOUBTFUL, UNREADABLE, garble, worth
from ingest.readers.properties import iso_date, language, people, sensible_title
from ingest.readers.reading import Reading
from ingest.text import clean, flow, one_line, vocabulary
from kb.errors import DocumentError, EmptyDocument, LockedDocument, TooBig, UnreadableDocument
from kb.model import Page

MEDIA_TYPE = "application/pdf"

MOST_PAGES = 20_000
# A page of text is some 10 KB of content and a busy drawing a few MB.
LARGEST_CONTENT = 24 * 2**20
MOST_OPERANDS = 600_000
SECONDS_PER_PAGE = 4.0
SECONDS = 60.0

# pypdf warns of every oddity it mends; what it could not mend is said of the page.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

_SHOW = re.compile(rb"[)\]>]\s*(?:T[jJ]|['\"])")
_BULLET = re.compile(r"(?m)^[ \t]*[\x7f\x80\x83\x95](?=[ \t])")
_LONE_BULLET = re.compile(r"(?m)^([•▪◦‣●○■□➢❖✓⁃])[ \t]*\n(?=\S)")
_NUMBER_LINE = re.compile(
    r"\W*(?:page|pagina|slide|dia|p\.)?\s*(\d{1,5}|[ivxl]{1,7})\s*(?:(?:/|of|van|\|)\s*\d{1,5})?\W*", re.I
)


class _TooSlow(BaseException):
    """Out of pypdf, which catches every Exception inside a form."""


@dataclass(slots=True)
class _Raw:
    """A page as it was read, before its lines are put right."""

    text: str = ""
    problem: str | None = None
    images: bool = False
    second: bool = False
    """Whether a second reading may be asked for."""
    landscape: bool = False
    title: str | None = None
    pieces: list[tuple[float, str]] = field(default_factory=list)
    """Size in points and text, in the order of the page."""


def read(data: bytes, filename: str) -> Reading:
    """Read a PDF. Raises LockedDocument, EmptyDocument (no pages), TooBig, UnreadableDocument."""
    with pypdf.apply_configuration(
        zlib_maximum_output_length=LARGEST_CONTENT,
        lzw_maximum_output_length=LARGEST_CONTENT,
        run_length_maximum_output_length=LARGEST_CONTENT,
        array_based_stream_maximum_output_length=LARGEST_CONTENT,
        stream_parsing_work_maximum_count=MOST_OPERANDS,
        disable_legacy_handling=True,
    ):
        return _read(data, filename)


def _read(data: bytes, filename: str) -> Reading:
    reader: pypdf.PdfReader | None = None
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise _locked(filename)
        count = len(reader.pages)
    except DocumentError:
        raise
    except (FileNotDecryptedError, NotImplementedError) as error:
        raise _locked(filename) from error
    except LimitReachedError as error:
        raise TooBig(
            f"{filename}: unpacks to more than a document needs; if it is one, print it to PDF again"
        ) from error
    except (Exception, RecursionError, MemoryError) as error:
        raws = _by_second(data, filename, error)
    else:
        raws = _all_pages(reader, count, data, filename)
    labels = _labels(reader, len(raws))
    pages = _pages(raws, labels)
    kind = slides.guess_kind(pages, landscape=statistics.fmean(raw.landscape for raw in raws))
    title, authors, date, tag = _metadata(reader)
    return Reading(
        pages=pages,
        media_type=MEDIA_TYPE,
        kind=kind,
        title=title or next((page.title for page in pages[:2] if page.title), None),
        authors=authors,
        date=date,
        language=language(tag),
    )


def _locked(filename: str) -> LockedDocument:
    return LockedDocument(f"{filename}: asks for a password; save a copy without password and take that in")


def _by_second(data: bytes, filename: str, error: BaseException) -> list[_Raw]:
    """pypdf could not open it: pdfium may."""
    found = second.read(data)
    if found.locked:
        raise _locked(filename) from error
    if not any(text.strip() for text in found.texts.values()):
        raise UnreadableDocument(
            f"{filename}: damaged or copied only in part ({brief(error)}); get it again or print it to PDF"
        ) from error
    count = found.pages or 0
    if count > MOST_PAGES:
        raise _too_many(filename, count)
    raws = []
    for index in range(count):
        raw = _Raw(text=found.texts.get(index, ""))
        if index in found.size:
            width, height = found.size[index]
            raw.landscape = width > height
        else:
            raw.problem = f"failed: {brief(error)}"
        raws.append(raw)
    return raws


def _too_many(filename: str, count: int) -> TooBig:
    return TooBig(f"{filename}: {count:,} pages, more than the {MOST_PAGES:,} that are taken in; split it")


def _all_pages(reader: pypdf.PdfReader, count: int, data: bytes, filename: str) -> list[_Raw]:
    """Each page by pypdf, and those that read badly again."""
    if count > MOST_PAGES:
        raise _too_many(filename, count)
    if not count:
        found = second.read(data)
        if not found.pages:
            raise EmptyDocument(f"{filename}: the PDF has no pages; print it again from its source")
        return _by_second(data, filename, EmptyDocument("no pages"))
    end = time.monotonic() + SECONDS
    raws = [_page(reader, index, end) for index in range(count)]
    doubtful = [index for index, raw in enumerate(raws) if raw.second]
    if doubtful:
        found = second.read(data, doubtful)
        for index, text in found.texts.items():
            _prefer(raws[index], text)
    for raw in raws:
        if garble(raw.text) >= UNREADABLE:
            raw.text, raw.problem, raw.title = "", "needs-ocr", None
        elif not raw.text.strip() and raw.problem is None and raw.images:
            raw.problem = "needs-ocr"
    return raws


def _prefer(raw: _Raw, text: str) -> None:
    """Keep the second reading when more of it can be read; a twentieth more is no reason."""
    if worth(text) > 1.05 * worth(raw.text) or (raw.problem is not None and raw.text == ""):
        raw.text, raw.title, raw.pieces = text, None, []
        if text.strip() or not raw.images:
            raw.problem = None


def _page(reader: pypdf.PdfReader, index: int, end: float) -> _Raw:
    """One page by pypdf; whatever goes wrong is said of the page."""
    raw = _Raw()
    start = time.monotonic()
    if start > end:
        raw.problem, raw.second = "failed: the document takes too long to read", True
        return raw
    seen = {"show": 0, "image": 0, "count": 0}
    deadline = min(end, start + SECONDS_PER_PAGE)

    def watch(operator: Any, _operands: Any, _cm: Any, _tm: Any) -> None:
        if operator in (b"Tj", b"TJ", b"'", b'"'):
            seen["show"] += 1
        elif operator in (b"Do", b"INLINE IMAGE"):
            seen["image"] += 1
        seen["count"] += 1
        if seen["count"] % 256 == 0 and time.monotonic() > deadline:
            raise _TooSlow

    def collect(text: Any, cm: Any, tm: Any, _font: Any, size: Any) -> None:
        if len(raw.pieces) < 400 and text and not text.isspace():
            raw.pieces.append((_points(cm, tm, size), text))

    try:
        page = reader.get_page(index)
        raw.landscape = _is_landscape(page)
        raw.text = page.extract_text(visitor_operand_before=watch, visitor_text=collect)
    except _TooSlow:
        raw.problem, raw.second = "failed: takes too long to read", True
    except LimitReachedError as error:
        # Too many operators may be a fine drawing; too many bytes are not shown to pdfium.
        raw.problem, raw.second = f"failed: {brief(error)}", "decompress" not in str(error)
    except (Exception, RecursionError, MemoryError) as error:
        raw.problem, raw.second = f"failed: {brief(error)}", True
    if raw.problem is None:
        if not raw.text.strip():
            raw.second = seen["show"] > 0 or _shows_text(page)
            raw.images = seen["image"] > 0 and _has_image(page)
        else:
            raw.second = garble(raw.text) > DOUBTFUL
    return raw


def _points(cm: Sequence[float], tm: Sequence[float], size: float) -> float:
    """The size at which text is printed: its font size through both matrices."""
    try:
        return abs(float(size)) * math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0


def _is_landscape(page: Any) -> bool:
    try:
        box = page.cropbox
        turned = int(page.get("/Rotate", 0) or 0) % 180 == 90
        return bool(box.width < box.height if turned else box.width > box.height)
    except Exception:  # a page without a sound box is upright
        return False


def _shows_text(page: Any) -> bool:
    """Whether the content has an operator that shows text, or cannot be looked at."""
    try:
        contents = page.get_contents()
        if contents is None:
            return False
        data = contents.get_data()
        # Content that is there and decodes to nothing is damaged.
        return _SHOW.search(data) is not None or (not data.strip() and _stored(page) > 32)
    except (Exception, RecursionError, MemoryError):
        return True


def _stored(page: Any) -> int:
    """Bytes of content as they are stored."""
    contents = page["/Contents"].get_object()
    streams = contents if isinstance(contents, list) else [contents]
    return sum(len(stream.get_object()._data) for stream in streams)


def _has_image(page: Any, depth: int = 0) -> bool:
    """Whether a picture is drawn, in the page or in a form on it."""
    try:
        resources = page["/Resources"].get_object()
        objects = resources.get("/XObject", DictionaryObject()).get_object()
        for name in objects:
            thing = objects[name].get_object()
            if thing.get("/Subtype") == "/Image":
                return True
            if depth < 3 and "/Resources" in thing and _has_image(thing, depth + 1):
                return True
    except Exception:  # what cannot be looked up is taken for a picture: better asked for than passed over
        return True
    return depth == 0 and not objects


def _labels(reader: pypdf.PdfReader | None, count: int) -> list[str]:
    """The printed page labels; the numbers when there are none."""
    plain = [str(number) for number in range(1, count + 1)]
    if reader is None:
        return plain
    try:
        labels = [one_line(label) for label in reader.page_labels]
    except (Exception, RecursionError, MemoryError):  # labels are an extra
        return plain
    return [label or number for label, number in zip(labels, plain, strict=True)] if len(labels) == count else plain


def _metadata(reader: pypdf.PdfReader | None) -> tuple[str | None, tuple[str, ...], str | None, str | None]:
    """Title, authors, date and language tag, each guarded: any of them may be of any type, or lead nowhere."""

    def get(look: Callable[[Any], Any]) -> str | None:
        try:
            value = look(reader)
            return None if value is None else str(value)
        except (Exception, RecursionError, MemoryError):
            return None

    title = get(lambda r: r.metadata.title)
    author = get(lambda r: r.metadata.author)
    date = get(lambda r: r.metadata.get("/CreationDate")) or get(lambda r: r.metadata.get("/ModDate"))
    tag = get(lambda r: r.root_object.get("/Lang"))
    return sensible_title(title), people(author), iso_date(date), tag


# --------------------------------------------------------------------------------------------------------------- lines


def _pages(raws: list[_Raw], labels: list[str]) -> tuple[Page, ...]:
    """Raw pages with their lines put right."""
    lines = [_lines(raw.text) for raw in raws]
    _drop_page_numbers(lines, labels)
    words = vocabulary("\n".join(page) for page in lines)
    pages = []
    for index, raw in enumerate(raws):
        text = clean(
            "\n".join(flow([line.strip() for line in lines[index]], words, wrapped=_wrapped(lines[index], raw)))
        )
        title = _title(raw, text) if raw.landscape or index == 0 else None
        pages.append(Page(index + 1, text, label=labels[index], title=title, problem=raw.problem if not text else None))
    return tuple(pages)


def _lines(text: str) -> list[str]:
    """Clean lines; a blank at a line's end is kept, since it may tell that the line goes on."""
    text = _BULLET.sub("•", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = []
    for line in _LONE_BULLET.sub(r"\1 ", clean_bullets(text)).split("\n"):
        whole = clean(line)
        lines.append(whole + " " if whole and line[-1:].isspace() else whole)
    return lines


def clean_bullets(text: str) -> str:
    """Bullets out of symbol fonts, before lines are looked at."""
    return text.replace("\uf0b7", "•").replace("\uf0a7", "▪").replace("\uf0d8", "➢").replace("\uf0fc", "✓")


def _wrapped(lines: list[str], raw: _Raw) -> Callable[[int], bool] | None:
    """On slides, office programs leave the blank at which a line was wrapped; of use when not every line ends in one."""
    solid = [line for line in lines if line]
    trailing = sum(line.endswith(" ") for line in solid)
    if not raw.landscape or not trailing or trailing > 0.8 * len(solid):
        return None
    return lambda index: lines[index].endswith(" ")


def _drop_page_numbers(pages: list[list[str]], labels: list[str]) -> None:
    """Take the page's number out of its first or last line, when it is the page's own or runs along with the pages."""
    found: list[tuple[int, int, str]] = []
    for index, lines in enumerate(pages):
        solid = [position for position, line in enumerate(lines) if line]
        for position in {solid[0], solid[-1]} if len(solid) > 1 else ():
            line = lines[position].strip()
            match = _NUMBER_LINE.fullmatch(line) if len(line) <= 30 else None
            if match:
                found.append((index, position, match.group(1).lower()))
    offsets = Counter(int(value) - index for index, _, value in found if value.isdigit())
    for index, position, value in found:
        runs_along = value.isdigit() and offsets[int(value) - index] >= 3
        if runs_along or value in (str(index + 1), labels[index].lower()):
            pages[index][position] = ""


def _title(raw: _Raw, text: str) -> str | None:
    """The page's largest text, when it is clearly larger than the rest and stands in the first half of what is said."""
    sized = [(size, one_line(piece)) for size, piece in raw.pieces if one_line(piece)]
    if not sized or not text:
        return None
    largest = max(size for size, _ in sized)
    large = [size >= 0.93 * largest for size, _ in sized]
    first = large.index(True)
    last = next((index for index in range(first, len(large)) if not large[index]), len(large))
    title = one_line(" ".join(piece for _, piece in sized[first:last]))
    # All of one size: a title when it is all there is, else nobody can tell.
    if largest <= 0 or (all(large) and len(title) > 120) or not any(character.isalpha() for character in title):
        return None
    if all(large) and "\n" in text:
        return None
    return title if len(title) <= 200 else None
