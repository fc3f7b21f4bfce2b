"""HTML, Markdown and plain text, and how a format, a date and people are recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers import read
from ingest.readers.properties import people, printed_date
from tests import writers as files
from tests.readings import texts

SHARED = Path(__file__).resolve().parents[2] / "shared"


PAGE = """<!doctype html><html lang="nl"><head><title>Binding - Hogeschool</title>
<meta name="citation_author" content="Vries, Jan de">
<style>p {}</style></head><body><nav>Menu</nav><h1>Binding</h1><p>Over
<b>verbonden</b>heid.</p><h2>Theorie</h2><ul><li>een<li>twee</ul><script>alert(1)</script><h2>Praktijk</h2>
<table><tr><td>a<td>b</table><p hidden>weg</p><p>regel<br>regel</p></body></html>"""


def test_a_page_of_html_begins_at_each_heading_and_leaves_out_what_is_not_shown() -> None:
    reading = read(PAGE.encode(), "a.html")
    assert [(page.title, page.section, page.text) for page in reading.pages] == [
        ("Binding", None, "Binding\n\nOver verbondenheid."),
        ("Theorie", "Binding", "Theorie\n\neen\ntwee"),
        ("Praktijk", "Binding", "Praktijk\n\na b\n\nregel\nregel"),
    ]
    assert (reading.title, reading.authors, reading.language) == ("Binding", ("Vries, Jan de",), "nl")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "iso-8859-15"])
def test_html_is_read_in_the_encoding_that_it_has(encoding: str) -> None:
    data = f'<html><meta charset="{encoding}"><body>Één coördinatie</body></html>'.encode(encoding)
    assert texts(read(data, "a.html")) == ["Één coördinatie"]


def test_a_page_that_is_all_in_a_form_is_read_and_a_form_that_only_asks_is_not() -> None:
    page = b"""<body><form id="aspnetForm"><form><label>Zoek</label><input></form>
    <h1>Binding</h1><p>Wat studenten bindt.</p></form></body>"""
    assert texts(read(page, "a.html")) == ["Binding\n\nWat studenten bindt."]
    page = b"<body><h1>Binding</h1><form><label>Zoek in deze site</label><input></form><p>Wat bindt.</p></body>"
    assert texts(read(page, "a.html")) == ["Binding\n\nWat bindt."]


def test_a_declaration_that_cannot_be_true_is_passed_over() -> None:
    page = '<html><head><meta charset="utf-16"></head><body><p>Één café</p></body></html>'
    assert texts(read(page.encode("cp1252"), "a.html")) == ["Één café"]


def test_the_lines_of_code_stay_lines() -> None:
    assert texts(read(b"Een.\n\n```\nfor i in a:\n    print(i)\n```\n", "a.md")) == ["Een.\n\nfor i in a:\nprint(i)"]


def test_a_note_of_markdown_that_is_an_address_is_text() -> None:
    text = b"Een zin.[^1]\n\n[^1]: https://voorbeeld.nl/bron\n\n[bron]: https://voorbeeld.nl/weg\n"
    assert texts(read(text, "a.md")) == ["Een zin.[^1]\n\n[^1]: https://voorbeeld.nl/bron"]


@pytest.mark.parametrize("text", ["BMI en welzijn van studenten", "MZ-onderzoek naar één ding", "ID3 is een boom"])
def test_a_text_that_begins_like_a_picture_or_a_program_is_a_text(text: str) -> None:
    assert texts(read(text.encode(), "a.txt")) == [text]


def test_many_line_ends_do_not_take_forever() -> None:
    assert texts(read(b"<body>a" + b"<br> " * 10_000 + b"b</body>", "a.html")) == ["a\nb"]


def test_deep_nesting_is_read_flat() -> None:
    assert "diep" in texts(read(b"<body>" + b"<div>" * 3000 + b"diep</body>", "a.html"))[0]


def test_markdown_is_read_without_its_signs() -> None:
    data = "---\ntitle: Binding\nlang: nl\n---\n# Theorie\nEen *nadruk* en [link](http://x.nl).\n\n- a\n- b\n\n# Praktijk\n`code`"
    reading = read(data.encode(), "a.md")
    assert texts(reading) == ["Theorie\n\nEen nadruk en link.\n\na\nb", "Praktijk\n\ncode"]
    assert (reading.title, reading.language, reading.media_type) == ("Binding", "nl", "text/markdown")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_plain_text_is_read_in_the_encoding_that_it_has(encoding: str) -> None:
    assert texts(read("Één naïef coördinaat".encode(encoding), "a.txt")) == ["Één naïef coördinaat"]


def test_a_form_feed_ends_a_page_and_a_blank_page_stays() -> None:
    assert texts(read(b"een\f\fdrie\f", "a.txt")) == ["een", "", "drie"]


def test_content_counts_and_the_name_does_not() -> None:
    deck = files.deck(lambda _, slide: files.box(slide, "dia", 0.1, 0.1))
    for name in ("Één überzicht (naïef).pdf", "zonder", "dia's van dinsdag.txt"):
        assert texts(read(deck, name)) == ["dia"]
    assert texts(read(files.pdf(files.pdf_text("pagina")), "Één überzicht (naïef).pptx")) == ["pagina"]


@pytest.mark.skipif(not (SHARED / "decks").is_dir(), reason="the owner's deck is not here")
@pytest.mark.parametrize("name", ["studentenwelzijn.pdf", "studentenwelzijn.pptx"])
def test_the_owners_deck_has_its_38_slides(name: str) -> None:
    reading = read((SHARED / "decks" / name).read_bytes(), name)
    assert [page.number for page in reading.pages] == list(range(1, 39))
    assert (reading.kind, reading.title) == ("deck", "Studentenwelzijn")
    assert not any(page.problem for page in reading.pages)
    assert all(page.text for page in reading.pages)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Webinar 12 september 2023", "2023-09-12"),
        ("September 3rd, 2021", "2021-09-03"),
        ("Utrecht, mei 2019", "2019-05"),
        ("versie 03-11-2022", "2022-11-03"),
        ("12 september 09:30-10:30", None),
        ("Punt 4 van 2030", None),
        ("99-99-2022", None),
    ],
)
def test_a_deck_is_of_the_day_that_is_printed_on_its_first_slide(text: str, date: str | None) -> None:
    assert printed_date(text) == date


def test_the_printed_day_of_a_deck_counts_and_that_of_a_paper_does_not() -> None:
    content, info = files.pdf_text("Webinar", "12 september 2023"), b"/CreationDate (D:20240101)"
    assert read(files.pdf(content, info=info), "a.pdf").date == "2023-09-12"
    assert read(files.pdf(content, info=info, size=(595, 842)), "a.pdf").date == "2024-01-01"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Jan de Vries, Femke Test", ("Jan de Vries", "Femke Test")),
        ("Vries, Jan de", ("Vries, Jan de",)),
        ("Jan de Vries en Femke Test; Meike Proef", ("Jan de Vries", "Femke Test", "Meike Proef")),
        ("Microsoft Office-gebruiker", ()),
        ("Gebruiker", ()),
        (None, ()),
    ],
)
def test_people_are_told_apart_and_programs_are_nobody(names: str | None, expected: tuple[str, ...]) -> None:
    assert people(names) == expected
