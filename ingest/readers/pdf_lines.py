"""Pages of a PDF from their raw text: lines put right, page numbers taken out, titles found.

raw page ─► clean lines, bullets with their text ─► line and page numbers out ─► paragraphs ─► page
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from ingest import slides
from ingest.readers.layout import Line, arranged, clean_line
from ingest.readers.line_numbers import without_line_numbers
from ingest.text import BULLETS, clean, flow, one_line, vocabulary
from kb.model import LETTERS_LOST, Page

_LONE_BULLET = re.compile(f"[{BULLETS}]")
_NUMBER_LINE = re.compile(
    r"\W*(?:page|pagina|slide|dia|p\.)?\s*(\d{1,5}|[ivxl]{1,7})\s*(?:(?:/|of|van|\|)\s*\d{1,5})?\W*", re.IGNORECASE
)


@dataclass(slots=True)
class RawPage:
    """A page as it was read, before its lines are put right."""

    text: str = ""
    problem: str | None = None
    images: bool = False
    """Whether it shows a picture; asked of pages of few words only."""
    damaged: bool = False
    """Whether it has content that cannot be unpacked; asked of pages that gave no text only."""
    second: bool = False
    """Whether a second reading may be asked for."""
    lacks_letters: bool = False
    """Whether words of it lack letters that a font has no name for."""
    landscape: bool = False
    turned: int = 0
    lines: list[Line] = field(default_factory=list)
    """The text with its places; empty when these are not known."""


def pages_of(raws: list[RawPage], labels: list[str]) -> tuple[Page, ...]:
    """Raw pages with their lines put right."""
    lines = [_lines(raw) for raw in raws]
    if not any(raw.landscape for raw in raws):
        lines = without_line_numbers(lines)
    _drop_page_numbers(lines, labels, [raw.images for raw in raws])
    words = vocabulary("\n".join(line.text for line in page) for page in lines)
    return tuple(_page(index, raw, lines[index], labels[index], words) for index, raw in enumerate(raws))


def _page(index: int, raw: RawPage, lines: list[Line], label: str, words: Mapping[str, int]) -> Page:
    """One page: its paragraphs, and its title where it is a slide or the first page."""
    text = _text(raw, lines, words)
    title = _title(lines) if raw.landscape or index == 0 else None
    is_picture = not text or (raw.landscape and slides.is_all_leftover(text))
    if raw.images and raw.problem is None and is_picture:
        raw.problem, text = "needs-ocr", ""
    kept = LETTERS_LOST if raw.lacks_letters else None
    return Page(index + 1, text, label=label, title=title, problem=kept if text else raw.problem)


def _text(raw: RawPage, lines: Sequence[Line], words: Mapping[str, int]) -> str:
    """The paragraphs of a page, by the places of its lines where these are known."""
    if all(line.size for line in lines if line.text):
        return arranged(lines, words, slide=raw.landscape)
    return clean("\n".join(flow([line.text for line in lines], words)))


def _lines(raw: RawPage) -> list[Line]:
    """Clean lines with their places, bullets and all."""
    lines = raw.lines
    if not any(line.size for line in lines):
        lines = [Line(clean_line(line)) for line in raw.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    found: list[Line] = []
    for line in lines:
        if found and _LONE_BULLET.fullmatch(found[-1].text) and line.text:
            found[-1] = replace(line, text=f"{found[-1].text} {line.text}", x=found[-1].x)
        else:
            found.append(line)
    return found


def _drop_page_numbers(pages: list[list[Line]], labels: list[str], pictured: Sequence[bool]) -> None:
    """Take the page's number out of its first or last line, when it is the page's own or runs along with the pages.

    A number that is the only text of a page goes only when there is a picture beside it (`pictured`).
    """
    found = [
        (index, position, number)
        for index, lines in enumerate(pages)
        for position, number in _number_lines(lines, alone=pictured[index])
    ]
    offsets = Counter(int(value) - index for index, _, value in found if value.isdigit())
    for index, position, value in found:
        runs_along = value.isdigit() and offsets[int(value) - index] >= 3
        if runs_along or value in (str(index + 1), labels[index].lower()):
            pages[index][position] = Line("")


def _title(lines: list[Line]) -> str | None:
    """The page's largest text, when it is clearly larger than the rest, or all there is."""
    solid = [line for line in lines if line.text]
    largest = max((line.size for line in solid), default=0.0)
    large = [line.size >= 0.93 * largest for line in solid]
    if largest <= 0 or (all(large) and _is_body(solid)):
        return None
    rest = solid[large.index(True) :]
    title = one_line(" ".join(line.text for line in takewhile(lambda line: line.size >= 0.93 * largest, rest)))
    title = title.strip(f"{BULLETS} ")
    return title if len(title) <= 200 and any(character.isalpha() for character in title) else None


def _number_lines(lines: Sequence[Line], *, alone: bool) -> Iterator[tuple[int, str]]:
    """The place and the number of a first or last line that is only a number; `alone`: also when it is the only line."""
    solid = [position for position, line in enumerate(lines) if line.text]
    if not solid or (len(solid) == 1 and not alone):
        return
    for position in {solid[0], solid[-1]}:
        text = lines[position].text
        match = _NUMBER_LINE.fullmatch(text) if len(text) <= 30 else None
        if match:
            yield position, match.group(1).lower()


def _is_body(lines: Sequence[Line]) -> bool:
    """Whether lines of one size are the text of a page: several long ones, or a list."""
    is_long = len(lines) > 1 and len(" ".join(line.text for line in lines)) > 120
    return is_long or any(line.text[:1] in BULLETS for line in lines)
