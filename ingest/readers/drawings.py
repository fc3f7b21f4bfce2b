"""Drawings of Office files: charts, SmartArt and tables of DrawingML, the same in a deck and in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from lxml import etree

from ingest.readers import office

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_CX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
# Literal parts of a number format: words, colours and currencies ("#,##0 \"days\";[Red]-#,##0"), single signs.
_LITERAL = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|[\\_*].")
# A number format of years, months by name or days: "d-m-yyyy", "mmm".
_DATES = re.compile(r"y|d|mmm", re.I)
# More points than any chart shows; points beyond it, in a damaged cache, are left out.
_MOST_POINTS = 10_000
BLIP = A + "blip"
IMAGE_DATA = "{urn:schemas-microsoft-com:vml}imagedata"


def graphics(shape: Any, part: Any) -> Iterator[str]:
    """The text of each table, chart and SmartArt below an element; `part` is where its relationships are."""
    for table in shape.iter(A + "tbl"):
        yield "\n".join(_rows(table))
    for chart in shape.iter(_C + "chart", _CX + "chart"):
        root = _related(part, chart.get(R + "id"))
        if root is not None:
            yield "\n".join(_chart(root))
    for diagram in shape.iter(_DGM + "relIds"):
        root = _related(part, diagram.get(R + "dm"))
        if root is not None:
            yield "\n".join(_diagram(root))


def _rows(table: Any) -> Iterator[str]:
    """A line per row, its cells apart by ` | `; a merged cell once."""
    for row in table.iter(A + "tr"):
        cells = []
        for cell in row.iter(A + "tc"):
            if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
                continue
            cells.append(" ".join(" ".join(paragraphs(cell)).split()))
        if any(cells):
            yield " | ".join(cell for cell in cells if cell)


def _related(part: Any, relation: str | None) -> Any:
    """The XML of a part that this one points to; None when it is not there or no XML."""
    if relation is None or relation not in part.rels or part.rels[relation].is_external:
        return None
    blob = part.rels[relation].target_part.blob
    try:
        return etree.fromstring(blob, office.parser(recover=True)) if blob else None
    except etree.XMLSyntaxError:
        return None


def _chart(root: Any) -> Iterator[str]:
    """Title, axis titles, then a line per series: its name and its categories with their values."""
    yield from _chart_titles(root)
    series = map(_series, root.iter(_C + "ser"))
    newer = map(_newer_series, root.iter(_CX + "series", _CX + "strDim"))
    yield from dict.fromkeys(line for line in (*series, *newer) if line)
    yield from _point_labels(root)


def _chart_titles(root: Any) -> Iterator[str]:
    """The titles of a chart and of its axes."""
    for rich in root.iter(_C + "title", _CX + "title"):
        words = " ".join("".join(t.text or "" for t in p.iter(A + "t")) for p in rich.iter(A + "p"))
        words = words or " ".join(v.text or "" for v in rich.iter(_C + "v"))
        if words.strip():
            yield " ".join(words.split())


def _series(series: Any) -> str:
    """The name of a series, and its categories with their values."""
    name = " ".join(_values(series.find(_C + "tx")))
    categories = _values(series.find(_C + "cat")) or _values(series.find(_C + "xVal"))
    values = _values(series.find(_C + "val")) or _values(series.find(_C + "yVal"))
    pairs = ", ".join(_pairs(categories, values))
    return ": ".join(piece for piece in (name, pairs) if piece)


def _newer_series(data: Any) -> str:
    """The words of a series of the chart types that came with Office 2016."""
    words = (value.text or "" for value in data.iter(_CX + "pt", _CX + "v"))
    return ", ".join(word for word in words if word.strip())


def _point_labels(root: Any) -> Iterator[str]:
    """The labels that were written at single points."""
    for label in root.iter(_C + "rich"):
        holder = label.getparent()
        if holder is not None and holder.getparent() is not None and holder.getparent().tag == _C + "dLbl":
            words = "".join(t.text or "" for t in label.iter(A + "t"))
            if words.strip():
                yield words


def _outline(root: Any) -> dict[str, list[str]]:
    """The points below each point of SmartArt, in their order."""
    children: dict[str, list[tuple[int, str]]] = {}
    for link in root.iter(_DGM + "cxn"):
        if link.get("type", "parOf") == "parOf":
            order = link.get("srcOrd", "0")
            place = (int(order) if order.isdigit() else 0, link.get("destId"))
            children.setdefault(link.get("srcId"), []).append(place)
    return {parent: [child for _, child in sorted(places)] for parent, places in children.items()}


def _outline_order(points: Mapping[str, Any], children: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """The points, each before those below it; points in a circle of links come last."""
    below = {child for listed in children.values() for child in listed}
    ordered: dict[str, None] = {}
    stack = [key for key in reversed(list(points)) if key not in below]
    while stack:
        key = stack.pop()
        if key not in ordered and key in points:
            ordered[key] = None
            stack.extend(reversed(children.get(key, ())))
    return (*ordered, *(key for key in points if key not in ordered))


def _values(element: Any) -> list[str]:
    """The cached values below an element, each at its place: a cell that is empty in the sheet is empty here.

    Levels of categories come one after the other, as they stand.
    """
    if element is None:
        return []
    levels = list(element.iter(_C + "lvl"))
    if levels:
        # The inner level has a name for each point, the outer ones for the first of several.
        inner = _points(levels[0], element)
        return inner + [value for level in levels[1:] for value in _points(level) if value]
    code = _LITERAL.sub("", next((code.text or "" for code in element.iter(_C + "formatCode")), ""))
    return [_formatted(value, code) for value in _points(element, element)]


def _formatted(value: str, code: str) -> str:
    """A value as its format code shows it: a day, a percentage, or as it is."""
    if code.strip().lower() in ("general", "standaard"):
        return value
    if _DATES.search(code):
        return _day(value)
    return _percentage(value) if "%" in code else value


def _points(level: Any, counted: Any = None) -> list[str]:
    """The values below an element by their place in the sheet, as many as `counted` gives; without places, in their order."""
    placed = _placed(level)
    if placed:
        counts = counted.iter(_C + "ptCount") if counted is not None else ()
        declared = next((str(count.get("val")) for count in counts), "")
        count = max(max(placed) + 1, min(int(declared), _MOST_POINTS) if declared.isdigit() else 0)
        return [placed.get(index, "") for index in range(count)]
    return [" ".join((value.text or "").split()) for value in level.iter(_C + "v")]


def _placed(level: Any) -> dict[int, str]:
    """The values below an element, by their place in the sheet."""
    placed: dict[int, str] = {}
    for point in level.iter(_C + "pt"):
        place = str(point.get("idx"))
        index = int(place) if place.isdigit() else len(placed)
        if index < _MOST_POINTS:
            placed[index] = " ".join(" ".join(value.text or "" for value in point.iter(_C + "v")).split())
    return placed


def _day(value: str) -> str:
    """A day as Excel counts them, from the end of 1899."""
    try:
        return (date(1899, 12, 30) + timedelta(days=int(float(value)))).isoformat()
    except (ValueError, OverflowError):
        return value


def _percentage(value: str) -> str:
    """A share as its format shows it: 0.25 is 25%."""
    try:
        return f"{_number(str(float(value) * 100))}%"
    except ValueError:
        return value


def _pairs(categories: list[str], values: list[str]) -> Iterator[str]:
    """Each category with its value; a category without one is alone."""
    for index in range(max(len(categories), len(values))):
        category = categories[index] if index < len(categories) else ""
        value = _number(values[index]) if index < len(values) else ""
        pair = f"{category} {value}".strip()
        if pair:
            yield pair


def _number(value: str) -> str:
    """A cached number as a person writes it: 4.2999999999999998 is 4.3, and large numbers are written out."""
    try:
        number = float(value)
    except ValueError:
        return value
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.10g}"


def _diagram(root: Any) -> Iterator[str]:
    """The points of SmartArt in the order of its outline."""
    points = {point.get("modelId"): point for point in root.iter(_DGM + "pt")}
    for key in _outline_order(points, _outline(root)):
        point = points[key]
        if point.get("type") in ("pres", "parTrans", "sibTrans"):
            continue
        text = "\n".join(line for body in point.iter(_DGM + "t") for line in paragraphs(body))
        if text.strip():
            yield text


def paragraphs(body: Any) -> Iterator[str]:
    """A line per paragraph; a line break within one is a line of its own."""
    for paragraph in body.iter(A + "p"):
        yield "".join(_runs(paragraph))


def _runs(element: Any) -> Iterator[str]:
    for run in element:
        if run.tag == A + "br":
            yield "\n"
        elif run.tag in (A + "t", M + "t"):
            if not _is_page_number(run):
                yield run.text or ""
        elif run.tag != MC + "Fallback":
            yield from _runs(run)


def _is_page_number(run: Any) -> bool:
    field = run.getparent()
    return field is not None and field.tag == A + "fld" and field.get("type") == "slidenum"
