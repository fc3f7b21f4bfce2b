"""PPTX: slides in the order in which they are shown, each with everything a person can read on it.

    package ─► slides ─► shapes in reading order ─┬─ text boxes, placeholders     a line per paragraph
                                                  ├─ groups, content controls     their shapes, in their own order
                                                  ├─ tables                       a line per row
                                                  ├─ charts                       title, axes, series with categories
                                                  └─ SmartArt                     the text of its points
                       └► notes (a field of their own), hidden, section, title

python-pptx finds the slides, the inherited positions of placeholders, the notes and the properties. The shapes are
walked in their XML, because python-pptx passes over the contents of `mc:AlternateContent`, in SmartArt and in charts of
the newer kind. Of alternatives the Choice is read, never the Fallback: it would double the text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pptx import Presentation

from ingest.readers import drawings, office
from ingest.readers.failures import brief, failed
from ingest.readers.properties import iso_date, language, people, sensible_title
from ingest.readers.reading import Reading
from ingest.slides import is_all_leftover
from ingest.text import clean, one_line
from kb.errors import EmptyDocument
from kb.model import Language, Page

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_P14 = "{http://schemas.microsoft.com/office/powerpoint/2010/main}"

_TITLES = ("title", "ctrTitle")
# A slide number is no text, and a date only on the first slide; a footer may hold a source.
_NUMBER, _DATE = "sldNum", "dt"
_DEFAULT_SECTION = re.compile(
    r"(default|untitled) section|standaardsectie|naamloze sectie|sectie zonder titel|section \d+", re.I
)


@dataclass(frozen=True, slots=True)
class _Block:
    """Text with its place on the slide, in EMU; a shape without a place of its own has none."""

    text: str
    box: tuple[int, int, int, int] | None = None
    """left, top, right, bottom"""
    title: bool = False
    date: bool = False


def read(data: bytes, filename: str) -> Reading:
    """Read a deck; a slide that cannot be read is a page with a problem. Raises EmptyDocument when it has no slides."""
    package = office.mended(data, filename)
    try:
        deck = Presentation(io.BytesIO(package.data))
        slides = list(deck.slides)
    except Exception:
        package = office.mended(data, filename, thorough=True)
        deck = Presentation(io.BytesIO(package.data))
        slides = list(deck.slides)
    if not slides:
        raise EmptyDocument("no-slides", filename=filename)
    sections = _sections(deck)
    # Not slide.slide_id, which looks through all slides for each.
    ids = [str(entry.get("id")) for entry in deck.part._element.sldIdLst]
    first = _first_number(deck)
    pages = tuple(
        _page(number, slide, str(first + number - 1), sections.get(identity), package.failures)
        for number, (identity, slide) in enumerate(zip(ids, slides, strict=True), 1)
    )
    title, authors, date, declared = _properties(deck)
    return Reading(
        pages=pages,
        media_type=MEDIA_TYPE,
        kind="deck",
        title=title or pages[0].title,
        authors=authors,
        date=date,
        language=declared,
    )


def _first_number(deck: Any) -> int:
    """The number that is printed on the first slide."""
    number = str(deck.part._element.get("firstSlideNum") or "1")
    return int(number) if number.isdigit() else 1


def _text_and_title(slide: Any, number: int) -> tuple[str, str | None]:
    """The text of a slide, and its title when it has one; the date of a footer counts on the first slide only."""
    found = _blocks(slide._element.cSld.spTree, slide.part, _places(slide), None)
    blocks = _ordered([block for block in found if number == 1 or not block.date])
    titles = (one_line(block.text) for block in blocks if block.title and block.text.strip())
    return clean("\n\n".join(block.text for block in blocks)), next(titles, None) or None


def _page(number: int, slide: Any, label: str, section: str | None, failures: dict[str, str]) -> Page:
    """One slide."""
    failure = failures.get(str(slide.part.partname).lstrip("/"))
    if failure is not None:
        return Page(number, "", label=label, section=section, problem=failed(failure))
    hidden = slide._element.get("show") in ("0", "false")
    try:
        text, title = _text_and_title(slide, number)
        notes = _notes(slide)
    except (Exception, RecursionError) as error:
        return Page(number, "", label=label, section=section, hidden=hidden, problem=failed(brief(error)))
    return Page(
        number,
        text,
        label=label,
        title=title,
        section=section,
        notes=notes,
        hidden=hidden,
        divider=_is_section_header(slide),
        problem="needs-ocr" if is_all_leftover(text) and _has_picture(slide) else None,
    )


# ------------------------------------------------------------------------------------------------------------- shapes


def _blocks(
    tree: Any, part: Any, places: dict[Any, tuple[int, int, int, int]], frame: tuple[float, ...] | None
) -> Iterator[_Block]:
    """The text of each shape below `tree`; `frame` maps a group's own coordinates to the slide's."""
    for shape in tree:
        tag = shape.tag
        if tag == _MC + "AlternateContent":
            chosen = shape.find(_MC + "Choice")
            if chosen is None:
                chosen = shape.find(_MC + "Fallback")
            yield from _blocks(chosen if chosen is not None else (), part, places, frame)
        elif tag == _P + "grpSp":
            yield from _group(shape, part, places, frame)
        elif isinstance(tag, str) and tag not in _WITHOUT_TEXT:
            block = _block(shape, part, places, frame)
            if block.text.strip():
                yield block


_WITHOUT_TEXT = (_P + "pic", _P + "nvGrpSpPr", _P + "grpSpPr", _P + "extLst")


def _block(
    shape: Any, part: Any, places: dict[Any, tuple[int, int, int, int]], frame: tuple[float, ...] | None
) -> _Block:
    """The text of one shape, or of any other element that may hold text (content controls, ink)."""
    if shape.tag == _P + "graphicFrame":
        return _Block("\n\n".join([*drawings.graphics(shape, part), *_bodies(shape)]), _box(shape, frame))
    if shape.tag not in (_P + "sp", _P + "cxnSp"):
        text = "\n".join(line for body in shape.iter(_P + "txBody") for line in drawings.paragraphs(body))
        return _Block(text, _box(shape, frame))
    role = _role(shape)
    return _Block(_shape_text(shape, role), places.get(shape) or _box(shape, frame), role in _TITLES, role == _DATE)


def _shape_text(shape: Any, role: Any) -> str:
    """The text of a shape; nothing for the number of the slide and for the date of the day it is shown."""
    body = shape.find(_P + "txBody")
    is_today = role == _DATE and next(shape.iter(drawings.A + "fld"), None) is not None
    return "" if body is None or role == _NUMBER or is_today else "\n".join(drawings.paragraphs(body))


def _group(
    shape: Any, part: Any, places: dict[Any, tuple[int, int, int, int]], frame: tuple[float, ...] | None
) -> Iterator[_Block]:
    """A group is one block in the reading order of its slide, with its own reading order inside."""
    inner = _frame_of(shape, frame)
    blocks = _ordered(list(_blocks(shape, part, places, inner)))
    if not blocks:
        return
    yield from (block for block in blocks if block.title)
    rest = "\n\n".join(block.text for block in blocks if not block.title)
    if rest.strip():
        yield _Block(rest, _hull([block.box for block in blocks if block.box is not None]))


def _hull(boxes: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, int, int] | None:
    """The box around boxes."""
    if not boxes:
        return None
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _role(shape: Any) -> str | None:
    """The sort of placeholder, None when the shape is none."""
    for holder in shape.iter(_P + "ph"):
        return str(holder.get("type", "body"))
    return None


def _bodies(shape: Any) -> Iterator[str]:
    """An embedded object may show text of its own."""
    for body in shape.iter(_P + "txBody"):
        yield "\n".join(drawings.paragraphs(body))


# -------------------------------------------------------------------------------------------------------------- order


def _places(slide: Any) -> dict[Any, tuple[int, int, int, int]]:
    """Where the placeholders stand that take their place from the layout."""
    places = {}
    for holder in slide.placeholders:
        try:
            left, top, width, height = holder.left, holder.top, holder.width, holder.height
        except Exception:  # noqa: S112 - a layout that is not there leaves the shape without a place
            continue
        if left is not None and top is not None:
            places[holder._element] = (left, top, left + (width or 0), top + (height or 0))
    return places


def _numbers(element: Any, names: tuple[str, ...]) -> tuple[int, ...] | None:
    try:
        return tuple(int(float(element.get(name))) for name in names)
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None


def _xfrm(shape: Any) -> Any:
    for holder in ("spPr", "grpSpPr"):
        properties = shape.find(_P + holder)
        if properties is not None:
            return properties.find(_A + "xfrm")
    return shape.find(_P + "xfrm")


def _box(shape: Any, frame: tuple[float, ...] | None) -> tuple[int, int, int, int] | None:
    """The box of a shape on the slide; None when the file has none."""
    xfrm = _xfrm(shape)
    if xfrm is None:
        return None
    offset = _numbers(xfrm.find(_A + "off"), ("x", "y"))
    extent = _numbers(xfrm.find(_A + "ext"), ("cx", "cy")) or (0, 0)
    if offset is None:
        return None
    left, top, right, bottom = offset[0], offset[1], offset[0] + extent[0], offset[1] + extent[1]
    if frame is not None:
        dx, dy, sx, sy = frame
        return int(dx + left * sx), int(dy + top * sy), int(dx + right * sx), int(dy + bottom * sy)
    return left, top, right, bottom


def _frame_of(group: Any, frame: tuple[float, ...] | None) -> tuple[float, ...] | None:
    """The group's coordinates in the slide's: x on the slide is dx + x·sx."""
    xfrm = _xfrm(group)
    box = _box(group, frame)
    if xfrm is None or box is None:
        return frame
    offset = _numbers(xfrm.find(_A + "chOff"), ("x", "y"))
    extent = _numbers(xfrm.find(_A + "chExt"), ("cx", "cy"))
    if offset is None or extent is None or not extent[0] or not extent[1]:
        return frame
    sx, sy = (box[2] - box[0]) / extent[0], (box[3] - box[1]) / extent[1]
    return box[0] - offset[0] * sx, box[1] - offset[1] * sy, sx, sy


def _ordered(blocks: list[_Block]) -> list[_Block]:
    """Blocks as a person reads them: titles, then rows and columns, then what has no place."""
    titles = [block for block in blocks if block.title]
    placed = [block for block in blocks if not block.title and block.box is not None]
    unplaced = [block for block in blocks if not block.title and block.box is None]
    return titles + _cut(placed, 0) + unplaced


def _cut(blocks: list[_Block], depth: int) -> list[_Block]:
    """Cut along the widest empty strip there is, rows before columns (a recursive XY cut); overlapping: top, then left."""
    if len(blocks) < 2 or depth > 20:
        return sorted(blocks, key=_corner)
    for axis in (1, 0):
        parts = _strips(blocks, axis)
        if len(parts) > 1:
            return [block for part in parts for block in _cut(part, depth + 1)]
    return sorted(blocks, key=_corner)


def _corner(block: _Block) -> tuple[int, int]:
    box = block.box or (0, 0, 0, 0)
    return box[1], box[0]


def _strips(blocks: list[_Block], axis: int) -> list[list[_Block]]:
    """Blocks that share no stretch of the axis apart; frames are drawn generously, so a tenth may overlap."""
    strips: list[list[_Block]] = []
    end = 0.0
    for block in sorted(blocks, key=lambda b: (b.box or (0, 0, 0, 0))[axis]):
        box = block.box or (0, 0, 0, 0)
        low, high = box[axis], box[axis + 2]
        slack = 0.1 * (high - low)
        if strips and low + slack < end:
            strips[-1].append(block)
            end = max(end, high - slack)
        else:
            strips.append([block])
            end = high - slack
    return strips


# ---------------------------------------------------------------------------------------------------- what goes with it


def _notes(slide: Any) -> str:
    """The speaker notes: the text of the notes page's body, without the slide's picture, number, header and date."""
    if not slide.has_notes_slide:
        return ""
    lines: list[str] = []
    for shape in slide.notes_slide._element.iter(_P + "sp"):
        role = _role(shape)
        if role in ("sldNum", "sldImg", "hdr", "ftr", "dt"):
            continue
        for body in shape.iter(_P + "txBody"):
            lines.extend(drawings.paragraphs(body))
    return clean("\n".join(lines))


def _has_picture(slide: Any) -> bool:
    """Whether there is anything to look at: a picture, a picture filling, an embedded object, a film."""
    tree = slide._element
    tags = (_P + "pic", _A + "blip", _P + "oleObj", _P + "contentPart")
    return next(tree.iter(*tags), None) is not None


def _is_section_header(slide: Any) -> bool:
    try:
        return str(slide.slide_layout._element.get("type")) == "secHead"
    except Exception:  # a slide without a layout is no section header
        return False


def _sections(deck: Any) -> dict[str, str]:
    """Slide id to the name of its section, as the section list extension has them."""
    names: dict[str, str] = {}
    for section in deck.part._element.iter(_P14 + "section"):
        name = one_line(section.get("name") or "")
        if not name or _DEFAULT_SECTION.fullmatch(name):
            continue
        for slide in section.iter(_P14 + "sldId"):
            names[str(slide.get("id"))] = name
    return names


def _properties(deck: Any) -> tuple[str | None, tuple[str, ...], str | None, Language | None]:
    """Title, authors, date and language as far as the file has them; each may be missing by itself."""
    return (
        sensible_title(_property(deck, "title")),
        people(_property(deck, "author")),
        iso_date(_property(deck, "created")) or iso_date(_property(deck, "modified")),
        language(_property(deck, "language")),
    )


def _property(deck: Any, name: str) -> str:
    try:
        return str(getattr(deck.core_properties, name) or "")
    except Exception:  # a damaged property is a missing one
        return ""
