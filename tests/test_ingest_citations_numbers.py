"""Numbered citations: raised above the line, and within a range."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ingest.citations import citations
from ingest.entries import entries
from ingest.raised import raised
from ingest.readers import read
from kb.catalogue.derivation import Material
from kb.model import Document, Page
from kb.works.gather import gather
from tests.writers import pdf, text_document

LIST = """References
1. Sol J. Tides and dikes. Coastal Studies. 2014;3(2):62-5.
2. Maan K. The moon and the sea. Nature. 2011;5:1-2.
3. Vonk T. Dikes of the north. Sea. 2012;1:3-9.
4. Smit A. Rain in the west. Sea. 2013;1:3-9.
"""


def cited(text: str, numbered: str = LIST) -> list[tuple[str, str | None]]:
    found = citations([Page(1, f"{text}\n\n{numbered}")], kind="literature")
    return [(citation.text, citation.locator) for citation in found if citation.form == "numbered"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tides rise twice a day.¹ Many have shown it,²,³ in 20 m² and 10³ ways.", ["¹", "²", "³"]),
        ("Tides rise twice a day,⁷ as footnotes tell.", []),
        ("Tides rise twice a day.¹ Others cite in brackets [2].", ["[2]"]),
        ("Tides rise twice a day.¹", ["¹"]),
    ],
)
def test_a_raised_number_cites_where_the_list_has_it_and_nothing_is_cited_in_brackets(
    text: str, expected: list[str]
) -> None:
    assert [printed for printed, _ in cited(text)] == expected


def test_a_raised_number_cites_nothing_without_a_numbered_list() -> None:
    assert cited("Tides rise twice a day.¹", "References\nSol, J. (2014). Tides and dikes. Sea, 1, 2–3.") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tides rise [1–4].", [("1", None), ("1–4", "2"), ("1–4", "3"), ("4", None)]),
        ("Tides rise [1]-[3].", [("[1]", None), ("[1]-[3]", "2"), ("[3]", None)]),
        ("Tides rise.²–⁴", [("²", None), ("²–⁴", "3"), ("⁴", None)]),
        ("Tides rise [1, 3].", [("1", None), ("3", None)]),
        ("Tides rise [1–2].", [("1", None), ("2", None)]),
    ],
)
def test_a_range_cites_the_numbers_within_it(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert cited(text) == expected


def test_each_number_of_a_range_leads_to_its_entry() -> None:
    pages = [Page(1, f"Tides rise.²–⁴\n\n{LIST}")]
    listed = [replace(each, id=n, document_id=1) for n, each in enumerate(entries(pages, kind="literature"))]
    places = [replace(each, id=n, document_id=1) for n, each in enumerate(citations(pages, kind="literature"))]
    found = gather(Material((Document(1, "Dikes", "literature", "d.md"),), {}, tuple(listed), tuple(places)))
    links = {link.citation_id: link.key for link in found.links}
    assert [links[place.id] for place in places] == ["maan-2011", "vonk-2012", "smit-2013"]


@pytest.mark.parametrize(
    ("text", "shown"), [("1", "¹"), ("1–3", "¹–³"), ("2,3", "²,³"), ("st", "st"), ("1st", "1st"), ("2014", "2014")]
)
def test_only_runs_of_numbers_become_superscripts(text: str, shown: str) -> None:
    assert raised(text) == shown


RISE = b"BT /F1 12 Tf 40 500 Td (Tides rise twice a day) Tj /F1 8 Tf 5 Ts (1-3) Tj 0 Ts /F1 12 Tf ( in H) Tj "
RISE += b"/F1 8 Tf -3 Ts (2) Tj 0 Ts /F1 12 Tf (O.) Tj ET"
PLACE = b"BT /F1 12 Tf 40 500 Td (Tides rise twice a day) Tj /F1 8 Tf 122 4 Td (1-3) Tj /F1 12 Tf 14 -4 Td ( in H) Tj "
PLACE += b"/F1 8 Tf 23 -2 Td (2) Tj /F1 12 Tf 5 2 Td (O.) Tj ET"


@pytest.mark.parametrize("content", [RISE, PLACE], ids=["text rise", "place"])
def test_a_number_that_a_pdf_prints_small_above_the_line_is_read_as_raised(content: bytes) -> None:
    (page,) = read(pdf(content), "a.pdf", kind="literature").pages
    assert page.text.replace(" ", "") == "Tidesrisetwiceaday¹-³inH2O."


def test_a_number_that_a_word_processor_raises_is_read_as_raised() -> None:
    def fill(document: Any) -> None:
        paragraph = document.add_paragraph("Tides rise twice a day")
        paragraph.add_run("1,2").font.superscript = True
        paragraph.add_run(" in H")
        paragraph.add_run("2").font.subscript = True
        paragraph.add_run("O.")

    (page,) = read(text_document(fill), "a.docx", kind="literature").pages
    assert page.text == "Tides rise twice a day¹,² in H2O."
