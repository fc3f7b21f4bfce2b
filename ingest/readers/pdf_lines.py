"""Pages of a PDF from their raw text: lines put right, page numbers taken out, titles found.

raw page ─► clean lines, bullets with their text ─► page numbers out ─► paragraphs ─► page
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest import slides
from ingest.readers.layout import Line, arranged, clean_line
from ingest.text import BULLETS, clean, flow, one_line, vocabulary
from kb.model import Page

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
    landscape: bool = False
    turned: int = 0
    lines: list[Line] = field(default_factory=list)
    """The text with its places; empty when these are not known."""


def pages_of(raws: list[RawPage], labels: list[str]) -> tuple[Page, ...]:
    """Raw pages with their lines put right."""
    lines = [_lines(raw) for raw in raws]
    _drop_page_numbers(lines, labels, [raw.images for raw in raws])
    words = vocabulary("\n".join(line.text for line in page) for page in lines)
    pages = []
    for index, raw in enumerate(raws):
        if all(line.size for line in lines[index] if line.text):
            text = arranged(lines[index], words, slide=raw.landscape)
        else:
            text = clean("\n".join(flow([line.text for line in lines[index]], words)))
        title = _title(lines[index]) if raw.landscape or index == 0 else None
        if raw.images and raw.problem is None and (not text or (raw.landscape and slides.is_all_leftover(text))):
            raw.problem, text = "needs-ocr", ""
        pages.append(Page(index + 1, text, label=labels[index], title=title, problem=raw.problem if not text else None))
    return tuple(pages)


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

    A number that is all a page says goes only when there is a picture beside it (`pictured`).
    """
    found: list[tuple[int, int, str]] = []
    for index, lines in enumerate(pages):
        solid = [position for position, line in enumerate(lines) if line.text]
        for position in {solid[0], solid[-1]} if len(solid) > 1 or (solid and pictured[index]) else ():
            text = lines[position].text
            match = _NUMBER_LINE.fullmatch(text) if len(text) <= 30 else None
            if match:
                found.append((index, position, match.group(1).lower()))
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
    if largest <= 0 or (all(large) and len(solid) > 1 and len(" ".join(line.text for line in solid)) > 120):
        return None
    first = large.index(True)
    last = next((index for index in range(first, len(large)) if not large[index]), len(large))
    title = one_line(" ".join(line.text for line in solid[first:last])).strip(f"{BULLETS} ")
    if not any(character.isalpha() for character in title) or len(title) > 200:
        return None
    # Several lines of one size are a title only when nothing tells where it would end.
    return None if all(large) and any(line.text[:1] in BULLETS for line in solid) else title
