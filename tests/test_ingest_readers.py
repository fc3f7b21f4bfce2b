"""Readers find what a person can read, where a person would read it.

The nine traps of slides each have a deck of their own here: group, table, chart, SmartArt, notes, hidden slide, order of
text boxes, title alone, picture alone.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Emu

from ingest.readers import Reading, read
from ingest.readers.legible import DOUBTFUL, garble
from ingest.readers.properties import people, printed_date
from tests import small_files as files

SHARED = Path(__file__).resolve().parents[2] / "shared"


def texts(reading: Reading) -> list[str]:
    return [page.text for page in reading.pages]


def slide_text(*fill: Callable[[Any, Any], None], **options: Any) -> str:
    return read(files.deck(*fill, **options), "a.pptx").pages[0].text


# -------------------------------------------------------------------------------------------------- nine traps of slides


def test_trap_1_shapes_in_a_group_in_a_group_are_read_in_their_own_order() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "onder", 0.1, 0.8)
        outer = slide.shapes.add_group_shape()
        inner = outer.shapes.add_group_shape()
        second = inner.shapes.add_textbox(Emu(5_000_000), Emu(1_000_000), Emu(900_000), Emu(300_000))
        second.text_frame.text = "rechts"
        first = inner.shapes.add_textbox(Emu(500_000), Emu(1_000_000), Emu(900_000), Emu(300_000))
        first.text_frame.text = "links"

    assert slide_text(fill) == "links\n\nrechts\n\nonder"


def test_trap_2_a_table_is_read_row_by_row_and_a_merged_cell_once() -> None:
    def fill(_: Any, slide: Any) -> None:
        table = slide.shapes.add_table(2, 3, Emu(0), Emu(0), Emu(9_000_000), Emu(900_000)).table
        for row, cells in enumerate((("jaar", "uitval", ""), ("2021", "12%", "eerste jaar"))):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        table.cell(0, 1).merge(table.cell(0, 2))

    assert slide_text(fill) == "jaar | uitval\n2021 | 12% | eerste jaar"


def test_trap_3_a_chart_says_its_title_its_series_and_its_categories() -> None:
    def fill(_: Any, slide: Any) -> None:
        data = CategoryChartData()
        data.categories = ["2021", "2022"]
        data.add_series("Uitval", (12.0, 9.5))
        frame = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Emu(0), Emu(0), Emu(90), Emu(90), data)
        frame.chart.has_title = True
        frame.chart.chart_title.text_frame.text = "Uitval per jaar"

    assert slide_text(fill) == "Uitval per jaar\nUitval: 2021 12, 2022 9.5"


def test_days_on_the_axis_of_a_chart_are_days() -> None:
    def fill(_: Any, slide: Any) -> None:
        data = CategoryChartData()
        data.categories = [datetime.date(2023, 9, 12), datetime.date(2023, 10, 1)]
        data.add_series("Bezoek", (3, 4), number_format='0 "dagen"')
        slide.shapes.add_chart(XL_CHART_TYPE.LINE, Emu(0), Emu(0), Emu(90), Emu(90), data)

    assert slide_text(fill) == "Bezoek: 2023-09-12 3, 2023-10-01 4"


def chart(
    series: dict[str, tuple[float | None, ...]], categories: Sequence[str], number_format: str = "General"
) -> str:
    """The text of a slide with this chart."""

    def fill(_: Any, slide: Any) -> None:
        data = CategoryChartData(number_format=number_format)
        data.categories = categories
        for name, values in series.items():
            data.add_series(name, values)
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Emu(0), Emu(0), Emu(90), Emu(90), data)

    return slide_text(fill)


def test_a_cell_that_is_empty_moves_no_value_of_a_chart_to_another_category() -> None:
    said = chart({"Man": (1.5, None, 3), "Vrouw": (None, 2, None)}, ["Jaar 1", "Jaar 2", "Jaar 3"])
    assert said == "Man: Jaar 1 1.5, Jaar 2, Jaar 3 3\nVrouw: Jaar 1, Jaar 2 2, Jaar 3"


@pytest.mark.parametrize(
    ("number_format", "values", "said"),
    [
        ("#,##0;[Red]-#,##0", (45, -3), "A 45, B -3"),  # the d of Red is no day
        ("[$USD] 0", (45, 3), "A 45, B 3"),
        ('0 "dagen"', (45, 3), "A 45, B 3"),
        ("0%", (0.25, 0.07), "A 25%, B 7%"),
        ("General", (12345678901, 4.2999999999999998), "A 12345678901, B 4.3"),
    ],
)
def test_the_figures_of_a_chart_are_those_that_it_shows(
    number_format: str, values: tuple[float, ...], said: str
) -> None:
    assert chart({"Bezoek": values}, ["A", "B"], number_format) == f"Bezoek: {said}"


def test_categories_of_two_levels_take_no_value_from_each_other() -> None:
    def fill(_: Any, slide: Any) -> None:
        data = CategoryChartData()
        for year, terms in (("2023", ("najaar", "voorjaar")), ("2024", ("najaar",))):
            category = data.add_category(year)
            for term in terms:
                category.add_sub_category(term)
        data.add_series("Bezoek", (3, 4, 5))
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Emu(0), Emu(0), Emu(90), Emu(90), data)

    assert slide_text(fill) == "Bezoek: najaar 3, voorjaar 4, najaar 5, 2023, 2024"


def test_trap_4_smart_art_is_read_in_the_order_of_its_outline() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.add_smart_art(slide, {"Kennen": ["naam", "verhaal"], "Binden": ["groep"]})

    assert slide_text(fill) == "Kennen\nnaam\nverhaal\nBinden\ngroep"


def test_trap_5_speaker_notes_are_a_field_of_their_own() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "Binding", 0.1, 0.1)
        slide.notes_slide.notes_text_frame.text = "Vertel over de introductieweek."

    page = read(files.deck(fill), "a.pptx").pages[0]
    assert (page.text, page.notes) == ("Binding", "Vertel over de introductieweek.")


def test_trap_6_a_hidden_slide_is_a_page_and_marked() -> None:
    def shown(_: Any, slide: Any) -> None:
        files.box(slide, "te zien", 0.1, 0.1)

    def hidden(_: Any, slide: Any) -> None:
        files.box(slide, "verborgen", 0.1, 0.1)
        slide._element.set("show", "0")

    pages = read(files.deck(shown, hidden, shown), "a.pptx").pages
    assert [(page.number, page.text, page.hidden) for page in pages] == [
        (1, "te zien", False),
        (2, "verborgen", True),
        (3, "te zien", False),
    ]


def test_trap_7_text_boxes_are_read_by_place_rows_before_columns_not_by_when_they_were_drawn() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "rechts onder", 0.55, 0.62)
        files.box(slide, "rechts boven", 0.55, 0.41)
        files.box(slide, "voet", 0.05, 0.9, width=0.9)
        files.box(slide, "links, een lange kolom", 0.05, 0.4, height=0.4)
        files.box(slide, "kop", 0.05, 0.05, width=0.9)

    assert slide_text(fill) == "kop\n\nlinks, een lange kolom\n\nrechts boven\n\nrechts onder\n\nvoet"


def test_trap_8_a_slide_with_a_title_alone_has_text_and_title() -> None:
    def fill(_: Any, slide: Any) -> None:
        slide.shapes.title.text = "1. De wereld van studenten"

    page = read(files.deck(fill, layout=5), "a.pptx").pages[0]
    assert (page.text, page.title, page.problem) == ("1. De wereld van studenten",) * 2 + (None,)


def test_trap_9_a_slide_with_a_picture_alone_needs_ocr_and_a_blank_one_needs_nothing() -> None:
    def picture(_: Any, slide: Any) -> None:
        slide.shapes.add_picture(io.BytesIO(files.png()), 0, 0)

    def both(_: Any, slide: Any) -> None:
        slide.shapes.add_picture(io.BytesIO(files.png()), 0, 0)
        files.box(slide, "Foto: de campus", 0.1, 0.1)

    pages = read(files.deck(picture, lambda *_: None, both), "a.pptx").pages
    assert [(page.text, page.problem) for page in pages] == [
        ("", "needs-ocr"),
        ("", None),
        ("Foto: de campus", None),
    ]


# ----------------------------------------------------------------------------------------------------------- more of PPTX


def test_a_picture_with_what_a_template_left_beside_it_needs_ocr_too() -> None:
    def picture(_: Any, slide: Any) -> None:
        slide.shapes.add_picture(io.BytesIO(files.png()), Emu(0), Emu(0))
        files.box(slide, "Klik om tekst toe te voegen", 0.1, 0.1)

    def said(_: Any, slide: Any) -> None:
        slide.shapes.add_picture(io.BytesIO(files.png()), Emu(0), Emu(0))
        files.box(slide, "De nieuwe bibliotheek", 0.1, 0.1)

    assert [page.problem for page in read(files.deck(picture, said), "a.pptx").pages] == ["needs-ocr", None]


def test_of_alternatives_the_choice_is_read_and_never_the_fallback() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.add_xml(
            slide,
            f'<mc:AlternateContent><mc:Choice Requires="p14">{files.shape_xml("keuze")}</mc:Choice>'
            f"<mc:Fallback>{files.shape_xml('terugval')}</mc:Fallback></mc:AlternateContent>",
        )

    assert slide_text(fill) == "keuze"


def test_the_title_comes_first_wherever_it_stands() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "boven de titel", 0.1, 0.0)
        slide.shapes.title.text = "De titel\vop twee regels"
        slide.shapes.title.top = Emu(4_000_000)

    page = read(files.deck(fill, layout=5), "a.pptx").pages[0]
    assert page.text == "De titel\nop twee regels\n\nboven de titel"
    assert page.title == "De titel op twee regels"


def test_each_paragraph_is_a_line() -> None:
    def fill(_: Any, slide: Any) -> None:
        slide.shapes.title.text = "Titel"
        slide.placeholders[1].text = "een\ntwee"

    assert slide_text(fill, layout=1) == "Titel\n\neen\ntwee"


def test_a_slide_number_and_the_day_of_printing_are_no_text() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "inhoud", 0.1, 0.1)
        for role, field in (("sldNum", "slidenum"), ("dt", "datetime1")):
            shape = files.shape_xml("12").replace("<p:nvPr/>", f'<p:nvPr><p:ph type="{role}"/></p:nvPr>')
            shape = shape.replace("<a:r>", f'<a:fld id="x" type="{field}">').replace("</a:r>", "</a:fld>")
            files.add_xml(slide, shape)

    assert slide_text(fill) == "inhoud"


def test_a_date_that_was_written_stands_on_the_first_slide_and_only_there() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "inhoud", 0.1, 0.1)
        shape = files.shape_xml("12 september 2023", top=6_000_000)
        files.add_xml(slide, shape.replace("<p:nvPr/>", '<p:nvPr><p:ph type="dt"/></p:nvPr>'))

    reading = read(files.deck(fill, fill), "a.pptx")
    assert texts(reading) == ["inhoud\n\n12 september 2023", "inhoud"]
    assert reading.date == "2023-09-12"


def test_slides_have_the_numbers_that_are_printed_on_them_as_labels() -> None:
    def fill(deck: Any, slide: Any) -> None:
        files.box(slide, "inhoud", 0.1, 0.1)
        deck.part._element.set("firstSlideNum", "11")

    pages = read(files.deck(fill, fill), "a.pptx").pages
    assert [(page.number, page.label) for page in pages] == [(1, "11"), (2, "12")]


def test_slides_come_in_the_order_in_which_they_are_shown() -> None:
    def write(word: str) -> Callable[[Any, Any], None]:
        def fill(deck: Any, slide: Any) -> None:
            files.box(slide, word, 0.1, 0.1)
            order = deck.part._element.sldIdLst
            order.insert(0, order[-1])

        return fill

    assert texts(read(files.deck(write("derde"), write("tweede"), write("eerste")), "a.pptx")) == [
        "eerste",
        "tweede",
        "derde",
    ]


def test_sections_have_the_names_that_a_person_gave_them() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "x", 0.1, 0.1)

    p14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
    sections = (
        f'<p:extLst xmlns:p="{files.P}"><p:ext uri="x"><p14:sectionLst xmlns:p14="{p14}">'
        '<p14:section name="Standaardsectie"><p14:sldIdLst><p14:sldId id="256"/></p14:sldIdLst></p14:section>'
        '<p14:section name="Praktijk"><p14:sldIdLst><p14:sldId id="257"/></p14:sldIdLst></p14:section>'
        "</p14:sectionLst></p:ext></p:extLst>"
    )
    pages = read(files.deck(fill, fill, sections=sections), "a.pptx").pages
    assert [page.section for page in pages] == [None, "Praktijk"]


def test_the_layout_of_a_section_header_makes_a_divider() -> None:
    def fill(_: Any, slide: Any) -> None:
        slide.shapes.title.text = "Praktijk"

    assert read(files.deck(fill, layout=2), "a.pptx").pages[0].divider
    assert not read(files.deck(fill, layout=5), "a.pptx").pages[0].divider


def test_one_missing_slide_is_a_page_with_a_problem_and_the_rest_is_read() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "goed", 0.1, 0.1)

    pages = read(files.rezipped(files.deck(fill, fill, fill), {"ppt/slides/slide2.xml": None}), "a.pptx").pages
    assert [(page.text, page.problem) for page in pages] == [
        ("goed", None),
        ("", "failed: it is missing from the file"),
        ("goed", None),
    ]


@pytest.mark.parametrize(
    "name",
    ["ppt/slideMasters/_rels/slideMaster1.xml.rels", "ppt/slideLayouts/slideLayout7.xml", "ppt/theme/theme1.xml"],
)
def test_what_is_not_the_slides_own_may_be_damaged(name: str) -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "goed", 0.1, 0.1)

    for damage in (None, b"<x", b"<x/>"):
        assert texts(read(files.rezipped(files.deck(fill, fill), {name: damage}), "a.pptx")) == ["goed", "goed"]


def test_one_damaged_slide_is_a_page_with_a_problem_and_the_rest_is_read() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "goed", 0.1, 0.1)

    data = files.rezipped(files.deck(fill, fill, fill), {"ppt/slides/slide2.xml": b"\x00\x01 no xml"})
    pages = read(data, "a.pptx").pages
    assert [page.text for page in pages] == ["goed", "", "goed"]
    assert (pages[1].problem or "").startswith("failed: XMLSyntaxError")


def test_a_picture_that_is_missing_from_the_file_loses_nothing() -> None:
    def fill(_: Any, slide: Any) -> None:
        slide.shapes.add_picture(io.BytesIO(files.png()), 0, 0)
        files.box(slide, "tekst", 0.1, 0.1)

    data = files.rezipped(files.deck(fill), lambda name, body: None if name.endswith(".png") else body)
    assert texts(read(data, "a.pptx")) == ["tekst"]


@pytest.mark.parametrize("kind", [b".slideshow.main", b".template.main"])
def test_a_slideshow_and_a_template_are_decks(kind: bytes) -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "tekst", 0.1, 0.1)

    data = files.rezipped(files.deck(fill), lambda _, body: body.replace(b".presentation.main", kind))
    assert texts(read(data, "a.ppsx")) == ["tekst"]


def test_strict_office_files_are_read() -> None:
    def fill(_: Any, slide: Any) -> None:
        files.box(slide, "tekst", 0.1, 0.1)

    def strict(name: str, body: bytes) -> bytes:
        for word in (b"presentationml", b"drawingml", b"officeDocument"):
            old = b"http://schemas.openxmlformats.org/" + word + b"/2006/"
            body = body.replace(old, b"http://purl.oclc.org/ooxml/" + word + b"/")
        return body

    assert texts(read(files.rezipped(files.deck(fill), strict), "a.pptx")) == ["tekst"]


def test_title_and_people_are_those_of_the_file_unless_a_program_made_them_up() -> None:
    def fill(_: Any, slide: Any) -> None:
        slide.shapes.title.text = "Binding in het eerste jaar"

    assert read(files.deck(fill, layout=5, title="Studentenwelzijn"), "a.pptx").title == "Studentenwelzijn"
    assert (
        read(files.deck(fill, layout=5, title="PowerPoint-presentatie"), "a.pptx").title == "Binding in het eerste jaar"
    )
    assert read(files.deck(fill, layout=5), "a.pptx").authors == ()


# -------------------------------------------------------------------------------------------------------------------- PDF


def test_each_page_of_a_pdf_keeps_its_number_blank_ones_too() -> None:
    pages = read(files.pdf(files.pdf_text("Een"), b"", files.pdf_text("Drie")), "a.pdf").pages
    assert [(page.number, page.text, page.problem) for page in pages] == [
        (1, "Een", None),
        (2, "", None),
        (3, "Drie", None),
    ]


def test_a_page_with_a_picture_alone_needs_ocr() -> None:
    pages = read(files.pdf(files.PDF_PICTURE, files.pdf_text("Tekst") + b"\n" + files.PDF_PICTURE), "a.pdf").pages
    assert [page.problem for page in pages] == ["needs-ocr", None]


def test_a_picture_with_the_number_of_its_slide_needs_ocr_too() -> None:
    picture = files.PDF_PICTURE + b"\n" + files.pdf_text("2")
    year = files.PDF_PICTURE + b"\n" + files.pdf_text("1968")
    pages = read(files.pdf(files.pdf_text("Een"), picture, year), "a.pdf").pages
    assert [(page.text, page.problem) for page in pages] == [("Een", None), ("", "needs-ocr"), ("1968", None)]


@pytest.mark.parametrize("damage", ["zeroed", "cut", "none at all"])
def test_a_page_whose_content_is_damaged_is_reported_and_never_taken_for_blank(damage: str) -> None:
    packed, _ = files.deflated(b"\n".join(files.pdf_text(f"Regel {number * 7919}") for number in range(40)))
    hole = b"\0" * (len(packed) - 60)
    torn = {"zeroed": b"\0" * len(packed), "cut": packed[:60] + hole, "none at all": packed}[damage]
    data = files.pdf(files.pdf_text("Een"), torn, b"", files.pdf_text("Vier"))
    head = b"<< /Length %d >>\nstream\n%s" % (len(torn), torn)
    assert head in data
    data = data.replace(head, head.replace(b" >>", b" /Filter /FlateDecode >>", 1))
    if damage == "none at all":
        data = data.replace(b"/Contents 9 0 R", b"/Contents 9    ")
    pages = read(data, "a.pdf").pages
    assert [page.text for page in pages] == ["Een", "", "", "Vier"]
    assert [(page.problem or "")[:6] for page in pages] == ["", "failed", "", ""]


def test_the_largest_text_of_a_slide_is_its_title() -> None:
    page = read(
        files.pdf(files.pdf_text("Definitie van welzijn", "Energie en veerkracht", "Tevreden met jezelf")), "a.pdf"
    ).pages[0]
    assert page.title == "Definitie van welzijn"
    assert page.text == "Definitie van welzijn\n\nEnergie en veerkracht\nTevreden met jezelf"


def test_printed_labels_stand_beside_page_numbers() -> None:
    labels = b"/PageLabels << /Nums [0 << /S /r >> 1 << /S /D /St 217 >>] >>"
    pages = read(
        files.pdf(files.pdf_text("a"), files.pdf_text("b"), files.pdf_text("c"), catalog=labels), "a.pdf"
    ).pages
    assert [(page.number, page.label) for page in pages] == [(1, "i"), (2, "217"), (3, "218")]


def test_the_number_of_a_page_is_taken_out_of_its_text_and_other_numbers_stay() -> None:
    pages = read(
        files.pdf(
            files.pdf_text("Een", "1"), files.pdf_text("73%", "Twee", "Pagina 2 van 3"), files.pdf_text("2019", "Drie")
        ),
        "a.pdf",
    ).pages
    assert [page.text for page in pages] == ["Een", "73%\n\nTwee", "2019\n\nDrie"]


def test_page_numbers_that_run_along_are_taken_out_wherever_they_start() -> None:
    pages = read(
        files.pdf(*(files.pdf_text(f"Tekst {word}", str(214 + n)) for n, word in enumerate("abcd"))), "a.pdf"
    ).pages
    assert [page.text for page in pages] == ["Tekst a", "Tekst b", "Tekst c", "Tekst d"]


def test_wide_pages_of_few_words_are_a_deck_and_upright_ones_literature() -> None:
    assert read(files.pdf(files.pdf_text("Een")), "a.pdf").kind == "deck"
    assert read(files.pdf(files.pdf_text("Een"), size=(595, 842)), "a.pdf").kind == "literature"
    assert read(files.pdf(files.pdf_text("Een")), "a.pdf", kind="literature").kind == "literature"


@pytest.mark.parametrize(
    ("info", "title"),
    [
        (b"/Title (Studentenwelzijn)", "Studentenwelzijn"),
        (b"/Title (Microsoft PowerPoint - Studentenwelzijn)", "Studentenwelzijn"),
        (b"/Title (untitled)", "Kop van de pagina"),
        (b"/Title (Microsoft Word - stuk v3.docx)", "Kop van de pagina"),
        (b"/Title 99 0 R /Author [1 2] /CreationDate /Gisteren", "Kop van de pagina"),
        (b"", "Kop van de pagina"),
    ],
)
def test_a_title_that_a_program_made_up_gives_way_to_what_the_page_says(info: bytes, title: str) -> None:
    reading = read(files.pdf(files.pdf_text("Kop van de pagina", "tekst"), info=info), "a.pdf")
    assert reading.title == title
    assert texts(reading) == ["Kop van de pagina\n\ntekst"]


def test_author_and_date_are_read() -> None:
    info = b"/Author (Jolien Voorbeeld; Femke Test) /CreationDate (D:20230912093000+02'00')"
    reading = read(files.pdf(files.pdf_text("a"), info=info), "a.pdf")
    assert (reading.authors, reading.date) == (("Jolien Voorbeeld", "Femke Test"), "2023-09-12")


def test_one_bad_page_never_loses_the_document() -> None:
    damaged = b"BT /F1 18 Tf 40 500 Td (Twee) Tj ET << /a } >> ) ]"
    pages = read(files.pdf(files.pdf_text("Een"), damaged, files.pdf_text("Drie")), "a.pdf").pages
    assert [page.text for page in pages if page.number != 2] == ["Een", "Drie"]
    # What pypdf stumbles over is read a second time, by pdfium.
    assert pages[1].text == "Twee"


def test_words_broken_at_a_line_end_are_whole_and_bullets_keep_their_lines() -> None:
    lines = (
        "Titel",
        "\x95 De opleiding wil de begeleiding opti-",
        "maliseren voor iedere student",
        "\x95 Een tweede punt",
    )
    page = read(files.pdf(files.pdf_text(*(line.replace("\x95", "•") for line in lines))), "a.pdf").pages[0]
    assert (
        page.text == "Titel\n\n• De opleiding wil de begeleiding optimaliseren voor iedere student\n• Een tweede punt"
    )


def test_text_of_a_page_that_is_shown_turned_is_laid_out_as_it_is_seen() -> None:
    turned = b"0 1 -1 0 540 0 cm\n" + files.pdf_text("Titel", "Een", "Twee")
    data = files.pdf(turned, size=(540, 960)).replace(b"/Type /Page ", b"/Type /Page /Rotate 90 ")
    page = read(data, "a.pdf").pages[0]
    assert (page.text, page.title) == ("Titel\n\nEen\nTwee", "Titel")


def test_an_empty_password_opens_without_asking() -> None:
    data = files.locked_pdf(files.pdf(files.pdf_text("Open")), user="")
    assert texts(read(data, "a.pdf")) == ["Open"]


@pytest.mark.parametrize(
    "text",
    [
        "/g12/g45/g7/g88 /g12/g45/g7/g88/g3",
        "Stu\x00den\x00ten\x00wel\x00zijn",
        "S t u d e n t e n w e l z i j n  i s  v a n  o n s  a l l e m a a l",
        "Studentenwelzijnisvanonsallemaal Eneenieder diehoortbijdeopleidingvoeltzich thuisopdecampusvandehogeschool",
        "7KLV LV QRW D WHVW RI WKH VKLIWHG IRQW ZKLFK FDQQRW EH UHDG ZLWKRXW D PDSSLQJ EHWZHHQ JOSKV DQG OHWWHUV WKDW ZRUNV",
    ],
)
def test_garbled_text_is_recognised(text: str) -> None:
    assert garble(text) > DOUBTFUL


@pytest.mark.parametrize(
    "text",
    [
        "Gezondheidsbevorderingsprogramma's en arbeidsongeschiktheidsverzekeringen voor hogeschooldocenten",
        "Zie https://www.voorbeeld.nl/een/heel/lang/adres/zonder/enige/spatie?met=nog&meer=daarna",
        "Vraag 1 ........................................................................ 3",
        "a\nb\nc\nd\ne\nf\ng\nh\ni\nj",
        "x = a + b · c en y = d − e, met p < 0,05 (N = 38)",
        "\x7f Een bolletje van pypdf\n\x7f en nog een",
        "HBO, WO, MBO, SCP, OCW, NVAO en VH",
        "",
    ],
)
def test_unusual_text_is_not_taken_for_garbled(text: str) -> None:
    assert garble(text) <= DOUBTFUL


# ------------------------------------------------------------------------------------------------------------------- DOCX


def test_a_page_of_a_text_begins_at_each_top_heading() -> None:
    def fill(document: Any) -> None:
        document.add_heading("Binding in beeld", 0)
        document.add_paragraph("Vooraf.")
        document.add_heading("Inleiding", 1)
        document.add_paragraph("Waarom binding.")
        document.add_heading("Aanleiding", 2)
        document.add_paragraph("Uitval.")
        document.add_heading("Methode", 1)
        document.add_paragraph("Gesprekken.")

    reading = read(files.text_document(fill), "a.docx")
    assert [(page.title, page.text) for page in reading.pages] == [
        (None, "Binding in beeld\n\nVooraf."),
        ("Inleiding", "Inleiding\n\nWaarom binding.\n\nAanleiding\n\nUitval."),
        ("Methode", "Methode\n\nGesprekken."),
    ]
    assert (reading.title, reading.kind) == ("Binding in beeld", "literature")


def test_a_page_break_begins_a_page_of_the_same_section() -> None:
    def fill(document: Any) -> None:
        document.add_heading("Een", 1)
        document.add_paragraph("voor")
        document.add_page_break()
        document.add_paragraph("na")
        document.add_heading("Twee", 1)

    pages = read(files.text_document(fill), "a.docx").pages
    assert [(page.title, page.text) for page in pages] == [("Een", "Een\n\nvoor"), ("Een", "na"), ("Twee", "Twee")]


def test_a_table_in_a_table_and_a_merged_cell_are_read_once() -> None:
    def fill(document: Any) -> None:
        table = document.add_table(2, 2)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "samen"
        table.cell(1, 0).text = "links"
        inner = table.cell(1, 1).add_table(1, 2)
        inner.cell(0, 0).text, inner.cell(0, 1).text = "binnen", "in"

    assert texts(read(files.text_document(fill), "a.docx")) == ["samen\nlinks\nbinnen | in"]


def paragraph(inside: str) -> str:
    return f"<w:p>{inside}</w:p>"


def run(text: str, tag: str = "t") -> str:
    return f"<w:r><w:{tag}>{text}</w:{tag}></w:r>"


def test_insertions_are_text_and_deletions_are_not() -> None:
    def fill(document: Any) -> None:
        inside = (
            f'<w:ins w:id="1">{run("nieuw ")}</w:ins><w:del w:id="2">{run("oud ", "delText")}</w:del>{run("blijft")}'
        )
        files.add_body_xml(document, paragraph(inside))

    assert texts(read(files.text_document(fill), "a.docx")) == ["nieuw blijft"]


def test_content_controls_are_read() -> None:
    def fill(document: Any) -> None:
        files.add_body_xml(document, f"<w:sdt><w:sdtContent>{paragraph(run('blok'))}</w:sdtContent></w:sdt>")
        files.add_body_xml(document, paragraph(f"<w:sdt><w:sdtContent>{run('regel')}</w:sdtContent></w:sdt>"))

    assert texts(read(files.text_document(fill), "a.docx")) == ["blok\nregel"]


def test_a_text_box_is_read_once_though_word_writes_it_twice() -> None:
    def fill(document: Any) -> None:
        box = f"<w:txbxContent>{paragraph(run('in het kader'))}</w:txbxContent>"
        files.add_body_xml(
            document,
            paragraph(
                run("ernaast")
                + f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice>'
                + f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
            ),
        )

    assert texts(read(files.text_document(fill), "a.docx")) == ["ernaast\n\nin het kader"]


def add_footnotes(document: Any, notes: dict[int, str]) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    inside = "".join(f'<w:footnote w:id="{key}">{paragraph(run(text))}</w:footnote>' for key, text in notes.items())
    blob = f"<w:footnotes {files.NAMES}>{inside}</w:footnotes>"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, blob.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def footnote(key: int) -> str:
    return f'<w:r><w:footnoteReference w:id="{key}"/></w:r>'


def test_a_footnote_stands_below_the_page_that_has_it() -> None:
    def fill(document: Any) -> None:
        add_footnotes(document, {2: "Zie Tinto (1993)."})
        document.add_heading("Een", 1)
        files.add_body_xml(document, paragraph(run("Uitval") + footnote(2)))
        document.add_heading("Twee", 1)

    assert texts(read(files.text_document(fill), "a.docx")) == ["Een\n\nUitval [1]\n\n[1] Zie Tinto (1993).", "Twee"]


def test_a_footnote_of_a_heading_stands_below_the_page_that_the_heading_begins() -> None:
    def fill(document: Any) -> None:
        add_footnotes(document, {2: "Met dank aan de bibliotheek.", 3: "Zie Tinto (1993)."})
        document.add_heading("Een", 1)
        document.add_heading("Twee", 1)._p.append(files.named(footnote(2)))
        before = "<w:pPr><w:pageBreakBefore/></w:pPr>"
        files.add_body_xml(document, paragraph(before + run("Uitval") + footnote(3)))

    pages = read(files.text_document(fill), "a.docx").pages
    assert [page.text for page in pages] == [
        "Een",
        "Twee [1]\n\n[1] Met dank aan de bibliotheek.",
        "Uitval [2]\n\n[2] Zie Tinto (1993).",
    ]
    # The mark of a note is no part of the heading.
    assert [page.title for page in pages] == ["Een", "Twee", "Twee"]


def test_a_page_break_in_the_middle_of_a_paragraph_begins_a_page() -> None:
    def fill(document: Any) -> None:
        files.add_body_xml(document, paragraph(run("voor") + '<w:r><w:br w:type="page"/></w:r>' + run("na")))
        document.add_paragraph("slot")

    assert texts(read(files.text_document(fill), "a.docx")) == ["voor", "na\nslot"]


def test_what_word_asks_for_and_what_is_hidden_is_no_text() -> None:
    def fill(document: Any) -> None:
        asked = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
        files.add_body_xml(document, asked.format(paragraph(run("Klik of tik om tekst in te voeren."))))
        files.add_body_xml(document, asked.format(paragraph(run("Wat een programma hier invulde."))))
        secret = "<w:r><w:rPr><w:vanish/></w:rPr><w:t> en verborgen</w:t></w:r>"
        shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> en getoond</w:t></w:r>'
        files.add_body_xml(document, paragraph(run("Te lezen") + secret + shown))

    assert texts(read(files.text_document(fill), "a.docx")) == ["Wat een programma hier invulde.\nTe lezen en getoond"]


# ---------------------------------------------------------------------------------------------------- HTML, Markdown, text

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


# ------------------------------------------------------------------------------------------------------------------ names


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


# ------------------------------------------------------------------------------------------------------------- properties


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
