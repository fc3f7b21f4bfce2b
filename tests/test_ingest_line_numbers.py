"""Line numbers of drafts: taken out of a PDF's pages, and nothing else with them."""

from __future__ import annotations

import io
import textwrap

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from ingest.entries import entries
from ingest.readers import read
from ingest.readers.layout import Line
from ingest.readers.line_numbers import without_line_numbers
from kb.bibliography import authors

BODY = textwrap.wrap(
    "The tide came in before the boards of the north could meet, and the dikes gave way (Sol, 2014). " * 14, 80
)
LIST = [
    "References",
    "Sol, J., & Vonk, T. (2014). Tides and dikes of the north and what they cost",
    "the people behind them. Coastal Studies, 3(2), 62-75.",
    "https://doi.org/10.1234/abcd.5678",
    *(f"Wit, B. ({year}). Salt marshes in the winter of {year}. Oakfield." for year in range(1990, 2000)),
]


def draft(pages: list[list[str]], step: int = 1) -> bytes:
    """A PDF whose lines are numbered in the margin."""
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=A4)
    number = 0
    for lines in pages:
        for row, text in enumerate(lines):
            number += 1
            canvas.setFont("Times-Roman", 11)
            canvas.drawString(72, 780 - 15 * row, text)
            if number % step == 0:
                canvas.setFont("Helvetica", 6)
                canvas.drawRightString(55, 780 - 15 * row, str(number))
        canvas.showPage()
    canvas.save()
    return data.getvalue()


@pytest.mark.parametrize("step", [1, 5])
def test_a_draft_reads_as_its_text_without_numbers(step: int) -> None:
    numbered = read(draft([BODY, LIST], step), "draft.pdf", kind="literature")
    plain = read(draft([BODY, LIST], 10_000), "paper.pdf", kind="literature")
    assert [page.text for page in numbered.pages] == [page.text for page in plain.pages]


def test_the_list_of_a_draft_is_read() -> None:
    found = entries(read(draft([BODY, LIST]), "draft.pdf", kind="literature").pages, kind="literature")
    assert [authors(entry.csl) for entry in found] == [("Sol", "Vonk"), *[("Wit",)] * 10]
    assert found[0].csl["DOI"] == "10.1234/abcd.5678"


def lines(texts: list[str]) -> list[Line]:
    """Lines of these texts."""
    return [Line(text) for text in texts]


def test_numbers_before_the_text_of_each_line_are_cut() -> None:
    pages = [lines([f"{12 * page + row} words of line {row}" for row in range(12)]) for page in range(3)]
    cut = without_line_numbers(pages)
    assert [line.text for line in cut[2]] == [f"words of line {row}" for row in range(12)]


def test_a_last_page_with_a_few_lines_loses_its_numbers_too() -> None:
    pages = [lines([f"{12 * page + row} words" for row in range(3 if page == 2 else 12)]) for page in range(3)]
    assert [line.text for line in without_line_numbers(pages)[2]] == ["words"] * 3


@pytest.mark.parametrize(
    "texts",
    [
        [f"{n}. An item of a numbered list" for n in range(1, 13)],
        [text for n in range(1, 9) for text in (str(1990 + n), "a row", "of a table", "with its cells")],
        [f"{n * n} words that open with a number" for n in range(12)],
    ],
)
def test_numbered_lists_and_tables_stay(texts: list[str]) -> None:
    pages = [lines(texts), lines(texts)]
    assert without_line_numbers(pages) == pages


def test_a_single_page_with_numbers_keeps_them() -> None:
    pages = [lines([f"{n} Family AB. A title" for n in range(1, 13)]), lines(BODY)]
    assert without_line_numbers(pages) == pages
