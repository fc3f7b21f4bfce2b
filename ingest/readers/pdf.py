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
import re
import statistics
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pypdf
from pypdf.errors import FileNotDecryptedError, LimitReachedError
from pypdf.generic import DictionaryObject, NullObject

from ingest import slides
from ingest.readers import ligatures, pdfium
from ingest.readers.failures import MOST_PAGES, brief, failed, locked, too_many_pages
from ingest.readers.layout import Piece, lines_of, piece, points
from ingest.readers.legible import DOUBTFUL, UNREADABLE, garble, worth
from ingest.readers.pdf_lines import RawPage, pages_of
from ingest.readers.properties import iso_date, language, people, sensible_title
from ingest.readers.reading import Reading
from ingest.text import one_line
from kb.errors import DocumentError, EmptyDocument, TooBig, UnreadableDocument

MEDIA_TYPE = "application/pdf"

# A page of text is some 10 KB of content and a busy drawing a few MB.
LARGEST_CONTENT = 24 * 2**20
MOST_OPERANDS = 600_000
# A page with fewer characters may be a picture with a number or a template's words on it.
FEW_WORDS = 200
SECONDS_PER_PAGE = 4.0
SECONDS = 25.0
NO_LETTERS: Mapping[str, str] = {}

# pypdf warns of every oddity that it mends; oddities that it cannot mend are noted as problems of the page.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

_SHOW = re.compile(rb"[)\]>]\s*(?:T[jJ]|['\"])")


class _TooSlow(BaseException):
    """Out of pypdf, which catches every Exception inside a form."""


def read(data: bytes, filename: str, password: str | None = None, *, by_pdfium: bool = False) -> Reading:
    """Read a PDF; `password` opens one that asks for it, `by_pdfium` leaves pypdf out.

    Raises LockedDocument, EmptyDocument (no pages), TooBig, UnreadableDocument.
    """
    with pypdf.apply_configuration(
        zlib_maximum_output_length=LARGEST_CONTENT,
        lzw_maximum_output_length=LARGEST_CONTENT,
        run_length_maximum_output_length=LARGEST_CONTENT,
        array_based_stream_maximum_output_length=LARGEST_CONTENT,
        stream_parsing_work_maximum_count=MOST_OPERANDS,
        disable_legacy_handling=True,
    ):
        return _read(_File(data, filename, password), by_pdfium=by_pdfium)


def _read(file: _File, *, by_pdfium: bool) -> Reading:
    reader: pypdf.PdfReader | None = None
    if by_pdfium:
        raws = _by_second(file, "slow")
    else:
        reader, raws = _raw_pages(file)
    labels = _labels(reader, len(raws))
    pages = pages_of(raws, labels)
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


def _raw_pages(file: _File) -> tuple[pypdf.PdfReader | None, list[RawPage]]:
    """The reader and the pages by it; by pdfium when pypdf cannot open the file. Raises LockedDocument, TooBig."""
    reader: pypdf.PdfReader | None = None
    try:
        reader = pypdf.PdfReader(io.BytesIO(file.data), strict=False)
        if reader.is_encrypted and not (reader.decrypt("") or (file.password and reader.decrypt(file.password))):
            raise locked(file.filename, file.password)
        count = len(reader.pages)
    except DocumentError:
        raise
    except (FileNotDecryptedError, NotImplementedError) as error:
        raise locked(file.filename, file.password) from error
    except LimitReachedError as error:
        raise TooBig("inflates-pdf", filename=file.filename) from error
    except (Exception, RecursionError, MemoryError) as error:
        return reader, _by_second(file, brief(error))
    return reader, _all_pages(reader, count, file)


@dataclass(frozen=True, slots=True)
class _File:
    """A file, as a second reading needs it."""

    data: bytes
    filename: str
    password: str | None


def _by_second(file: _File, cause: str) -> list[RawPage]:
    """pypdf could not open it, for this cause: pdfium may."""
    filename = file.filename
    found = pdfium.read(file.data, password=file.password)
    if found.locked:
        raise locked(filename, file.password)
    if not any(text.strip() for text in found.texts.values()):
        raise UnreadableDocument("damaged-pdf", filename=filename, cause=cause)
    count = found.pages or 0
    if count > MOST_PAGES:
        raise too_many_pages(filename, count)
    raws = []
    for index in range(count):
        raw = RawPage(text=found.texts.get(index, ""))
        if index in found.size:
            width, height = found.size[index]
            raw.landscape = width > height
        else:
            raw.problem = failed(cause)
        raws.append(raw)
    return raws


def _all_pages(reader: pypdf.PdfReader, count: int, file: _File) -> list[RawPage]:
    """Each page by pypdf, and those that read badly again."""
    if count > MOST_PAGES:
        raise too_many_pages(file.filename, count)
    if not count:
        found = pdfium.read(file.data, password=file.password)
        if not found.pages:
            raise EmptyDocument("no-pages", filename=file.filename)
        return _by_second(file, "no-pages-found")
    end = time.monotonic() + SECONDS
    raws = [_page(reader, index, end) for index in range(count)]
    letters = ligatures.replacements(raw.text for raw in raws)
    if letters:
        raws = [_page(reader, index, end, letters) for index in range(count)]
    _read_again(raws, file)
    _mend_letters(raws, file)
    for raw in raws:
        _name_problem(raw)
    return raws


def _read_again(raws: Sequence[RawPage], file: _File) -> None:
    """Read the doubtful pages with pdfium, and keep the better reading."""
    doubtful = [index for index, raw in enumerate(raws) if raw.second]
    if doubtful:
        found = pdfium.read(file.data, doubtful, file.password)
        for index, text in found.texts.items():
            _prefer(raws[index], text)


def _mend_letters(raws: Sequence[RawPage], file: _File) -> None:
    """Read the pages on which words lack letters with pdfium, and keep the reading that lacks fewer; mark what still does."""
    counts = ligatures.lacking([raw.text for raw in raws])
    wanted = [index for index, count in enumerate(counts) if count]
    if not wanted:
        return
    found = pdfium.read(file.data, wanted, file.password).texts
    texts = [found.get(index, "") for index in wanted]
    letters = ligatures.replacements(texts)
    for index, text in zip(wanted, texts, strict=True):
        mended = ligatures.put_back(text, letters)
        if ligatures.count(mended) < counts[index] and worth(mended) >= 0.9 * worth(raws[index].text):
            raws[index].text, raws[index].lines = mended, []
        raws[index].lacks_letters = ligatures.count(raws[index].text) > 0


def _name_problem(raw: RawPage) -> None:
    """Take away a text that nobody can read, and note why a page has none."""
    if garble(raw.text) >= UNREADABLE:
        raw.text, raw.problem, raw.lines = "", "needs-ocr", []
    elif not raw.text.strip() and raw.problem is None and raw.images:
        raw.problem = "needs-ocr"
    elif not raw.text.strip() and raw.problem is None and raw.damaged:
        raw.problem = failed("content-damaged")


def _prefer(raw: RawPage, text: str) -> None:
    """Keep the second reading when more of it can be read; a twentieth more is no reason."""
    if worth(text) > 1.05 * worth(raw.text) or (raw.problem is not None and raw.text == ""):
        raw.text, raw.lines = text, []
        if text.strip() or not (raw.images or raw.damaged):
            raw.problem = None


def _page(reader: pypdf.PdfReader, index: int, end: float, letters: Mapping[str, str] = NO_LETTERS) -> RawPage:
    """One page by pypdf, with letters put back; whatever goes wrong is noted as its problem."""
    raw = RawPage()
    start = time.monotonic()
    if start > end:
        raw.problem, raw.second = failed("slow-document"), True
        return raw
    watch = _Watch(min(end, start + SECONDS_PER_PAGE), letters)
    page: pypdf.PageObject | None = None
    try:
        page = reader.get_page(index)
        raw.landscape, raw.turned = _is_landscape(page), _turned(page)
        watch.turned = raw.turned
        read_text = page.extract_text(visitor_operand_before=watch.operator, visitor_text=watch.text)
        raw.text = ligatures.put_back(read_text, letters)
    except _TooSlow:
        raw.problem, raw.second = failed("slow"), True
    except LimitReachedError as error:
        # Too many operators may be a fine drawing; too many bytes are not shown to pdfium.
        raw.problem, raw.second = failed(brief(error)), "decompress" not in str(error)
    except (Exception, RecursionError, MemoryError) as error:
        raw.problem, raw.second = failed(brief(error)), True
        raw.damaged = page is None or _is_damaged(page)
    if raw.problem is None:
        _weigh(raw, page, watch)
    return raw


@dataclass(slots=True)
class _Watch:
    """Counts what a page draws while pypdf reads it, and keeps the pieces of text with their places."""

    deadline: float
    """When the page has taken too long, by the monotonic clock."""
    letters: Mapping[str, str] = field(default_factory=dict)
    """Letters to put back, by the sign in their place."""
    turned: int = 0
    """By how many degrees the page is shown turned."""
    operators: int = 0
    texts: int = 0
    images: int = 0
    rise: float = 0.0
    """The text rise that is set (points)."""
    rise_of_text: float = 0.0
    """The text rise when text was last shown."""
    pieces: list[Piece] = field(default_factory=list)

    def operator(self, operator: Any, operands: Any, _cm: Any, _tm: Any) -> None:
        """Count an operator of the content, and note the text rise. Raises _TooSlow after the deadline."""
        if operator in (b"Tj", b"TJ", b"'", b'"'):
            self.texts += 1
            self.rise_of_text = self.rise
        elif operator == b"Ts":
            self.rise = points(operands)
        self.images += operator in (b"Do", b"INLINE IMAGE")
        self.operators += 1
        if self.operators % 256 == 0 and time.monotonic() > self.deadline:
            raise _TooSlow

    def text(self, text: Any, cm: Any, tm: Any, _font: Any, size: Any) -> None:
        """Keep a piece of text."""
        if text:
            text = ligatures.put_back(text, self.letters)
            found = piece(text, cm, tm, size, self.turned) or Piece(text, 0.0, 0.0, 0.0)
            self.pieces.append(replace(found, rise=self.rise_of_text) if self.rise_of_text else found)


def _weigh(raw: RawPage, page: Any, watch: _Watch) -> None:
    """Note the lines of a page that was read, and whether it shows pictures, is damaged or needs a second reading."""
    if "".join(found.text for found in watch.pieces) == raw.text:
        raw.lines = lines_of([replace(found, text=found.text.replace("\r", "")) for found in watch.pieces])
    if len(raw.text.strip()) <= FEW_WORDS:
        raw.images = watch.images > 0 and _has_image(page)
    if raw.text.strip():
        raw.second = garble(raw.text) > DOUBTFUL
    else:
        raw.damaged = _is_damaged(page)
        raw.second = raw.damaged or watch.texts > 0 or _shows_text(page)


def _turned(page: Any) -> int:
    """By how many degrees clockwise the page is shown."""
    try:
        return int(page.get("/Rotate", 0) or 0)
    except Exception:  # upright by default
        return 0


def _is_landscape(page: Any) -> bool:
    try:
        box = page.cropbox
        return bool(box.width < box.height if _turned(page) % 180 == 90 else box.width > box.height)
    except Exception:  # a page without a sound box is upright
        return False


def _shows_text(page: Any) -> bool:
    """Whether the content has an operator that shows text, or cannot be looked at."""
    try:
        contents = page.get_contents()
        if contents is None:
            return False
        return _SHOW.search(contents.get_data()) is not None
    except (Exception, RecursionError, MemoryError):
        return True


def _is_damaged(page: Any) -> bool:
    """Whether there is content that does not unpack: pypdf passes over such content, and the page looks blank."""
    try:
        if "/Contents" not in page:
            return False
        contents = page["/Contents"].get_object()
        if contents is None or isinstance(contents, NullObject):
            return False
        return any(_is_torn(stream.get_object()) for stream in (contents if isinstance(contents, list) else [contents]))
    except (Exception, RecursionError, MemoryError):
        return True


def _is_torn(stream: Any) -> bool:
    """Whether a stream is none, or packed bytes that break off or make no sense."""
    stored = stream._data
    filters = stream.get("/Filter")
    first = filters[0] if isinstance(filters, list) and filters else filters
    if first != "/FlateDecode":
        return len(stored) > 32 and not stream.get_data()
    if len(stored) <= 32:
        return False
    # Without the head, which may be wrong, and the sum at the end, which may be lost to a wrong /Length.
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = unpacking.decompress(stored[2:], LARGEST_CONTENT)
    except zlib.error:
        return True
    checksum = unpacking.unused_data[:4]
    return not unpacking.eof or (len(checksum) == 4 and int.from_bytes(checksum) != zlib.adler32(content))


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
    except Exception:  # an unreadable object counts as a picture: better reported than passed over
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
