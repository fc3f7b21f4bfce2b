"""Text recognition (OCR): a page that is only a picture is drawn by pdfium and read by tesseract.

    PDF, page ─► drawn at 300 dots an inch ─► PNG ─► tesseract (Dutch and English) ─► words with boxes ─► lines ─► paragraphs

Tesseract is a program of the system, and kb works without it: such a page is then kept without text and reported. Each page is
a task of its own in a limited child process (`ingest.workers`), so a page that takes too long costs that page.
"""

from __future__ import annotations

import io
import logging
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.source import Recognised, Source
from ingest.text import clean, flow, vocabulary
from ingest.workers import Workers
from kb.boxes import Box, PageWords, Word
from kb.errors import DocumentError, UnreadableDocument
from kb.model import PICTURE, RECOGNISED, Page

logger = logging.getLogger(__name__)

PROGRAM = "tesseract"
WANTED = ("nld", "eng")
DOTS_PER_INCH = 300
POINTS_PER_INCH = 72
MOST_PIXELS = 20_000_000
"""A larger page is drawn at a lower resolution: A4 at 300 dots an inch has 8.7 million pixels."""
SECONDS = 60.0
FEWEST_LETTERS = 3
"""Fewer letters than this on a whole page are specks of a picture, not text."""


HEAD = "level\t"
"""How tesseract's table begins."""
NOTHING = Recognised("")
"""A page on which nothing was read."""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """The program that reads pictures, and the languages that it is installed with."""

    program: str
    languages: tuple[str, ...]


def find_recogniser(is_wanted: bool = True) -> Recogniser | None:
    """Tesseract with Dutch, English or both; None when it is not wanted, not installed or has neither language."""
    program = shutil.which(PROGRAM) if is_wanted else None
    if program is None:
        return None
    try:
        listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=SECONDS, check=True)  # noqa: S603 - found on the path
    except (OSError, subprocess.SubprocessError):
        return None
    installed = set(listed.stdout.split())
    languages = tuple(language for language in WANTED if language in installed)
    return Recogniser(program, languages) if languages else None


def recognise_pages(source: Source, numbers: Sequence[int], workers: Workers, recogniser: Recogniser) -> Source:
    """The source with the text that is recognised on these pages; a page that cannot be read has no text."""
    begun = [
        workers.submit(source.filename, recognise, source.data, source.password, number, recogniser)
        for number in numbers
    ]
    texts: dict[int, Recognised] = {}
    for number, future in zip(numbers, begun, strict=True):
        try:
            texts[number] = future.result()
        except DocumentError as error:
            logger.warning("%s", error)
            texts[number] = NOTHING
    return replace(source, recognised=texts)


def recognise(data: bytes, password: str | None, number: int, recogniser: Recogniser) -> Recognised:
    """The text that is pictured on page `number` (from 1) of a PDF. Raises UnreadableDocument."""
    picture = _drawn(data, password, number)
    command = [
        recogniser.program,
        "stdin",
        "stdout",
        "-l",
        "+".join(recogniser.languages),
        "--dpi",
        str(DOTS_PER_INCH),
        "tsv",
    ]
    try:
        done = subprocess.run(  # noqa: S603 - the program that was found on the path
            command,
            input=picture,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as late:
        raise UnreadableDocument("recognition-slow", number=number, most=round(SECONDS)) from late
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnreadableDocument("recognition-failed", number=number) from error
    return read_table(done.stdout.decode("utf-8", errors="replace"))


def read_table(table: str) -> Recognised:
    """The text and the words of tesseract's table; what is no such table is the text itself, without places.

    A row: level, page, block, paragraph, line, word, left, top, width, height, confidence, text. Level 1 is the page, 5 a word.
    """
    if not table.startswith(HEAD):
        return Recognised(table)
    rows = [row for row in (line.split("\t", 11) for line in table.splitlines()[1:]) if len(row) == 12]
    wide, high = next(((float(row[8]), float(row[9])) for row in rows if row[0] == "1"), (1.0, 1.0))
    lines: dict[tuple[str, ...], list[str]] = {}
    words: list[Word] = []
    for row in rows:
        text = row[11].strip()
        if row[0] != "5" or not text:
            continue
        left, top, width, height = (float(value) for value in row[6:10])
        words.append(Word(text, Box(left / wide, top / high, (left + width) / wide, (top + height) / high)))
        lines.setdefault(tuple(row[2:5]), []).append(text)
    return Recognised(_paragraphs(lines), PageWords(tuple(words), high / max(wide, 1.0)))


def _paragraphs(lines: Mapping[tuple[str, ...], Sequence[str]]) -> str:
    """Lines of words, by block, paragraph and line, with a blank line between paragraphs."""
    text, before = "", None
    for (block, paragraph, _), words in lines.items():
        if before is not None:
            text += "\n" if before == (block, paragraph) else "\n\n"
        text, before = text + " ".join(words), (block, paragraph)
    return text


def _drawn(data: bytes, password: str | None, number: int) -> bytes:
    """A page as PNG in shades of grey."""
    import pypdfium2  # only a child process needs it: a hostile page may crash it

    with pypdfium2.PdfDocument(data, password=password) as document:
        page = document[number - 1]
        width, height = page.get_size()
        scale = DOTS_PER_INCH / POINTS_PER_INCH
        scale = min(scale, (MOST_PIXELS / max(1.0, width * height)) ** 0.5)
        picture = page.render(scale=scale, grayscale=True).to_pil()
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=1)
    return written.getvalue()


def pictured(pages: Sequence[Page]) -> tuple[int, ...]:
    """The numbers of the pages that are only pictures."""
    return tuple(page.number for page in pages if page.problem == "needs-ocr")


def with_recognised(pages: Sequence[Page], texts: Mapping[int, Recognised]) -> tuple[Page, ...]:
    """Pages with the text that was recognised on them, by page number; marked RECOGNISED, or PICTURE when there is none."""
    lines = {
        number: [line.strip() for line in each.text.replace("\f", "\n").split("\n")] for number, each in texts.items()
    }
    words = vocabulary(line for page in lines.values() for line in page)

    def one(page: Page) -> Page:
        if page.number not in lines or page.problem != "needs-ocr":
            return page
        text = clean("\n".join(flow(lines[page.number], words)))
        if sum(character.isalpha() for character in text) < FEWEST_LETTERS:
            return replace(page, problem=PICTURE)
        return replace(page, text=text, problem=RECOGNISED)

    return tuple(one(page) for page in pages)


def recognised_words(pages: Sequence[Page], found: Mapping[int, Recognised]) -> dict[int, PageWords]:
    """The words on the images of the pages whose text was recognised, by page number."""
    numbers = {page.number for page in pages if page.problem == RECOGNISED}
    return {number: each.page for number, each in found.items() if number in numbers and each.page is not None}
