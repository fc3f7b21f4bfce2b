"""Slides: read where a person reads them. The nine traps each have a deck of their own."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Emu

from ingest.readers import read
from tests import writers as files
from tests.readings import texts


def slide_text(*fill: Callable[[Any, Any], None], **options: Any) -> str:
    return read(files.deck(*fill, **options), "a.pptx").pages[0].text


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
