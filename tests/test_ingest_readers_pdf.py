"""PDF: every page keeps its number, and one bad page never loses the document."""

from __future__ import annotations

import pytest

from ingest.readers import read
from ingest.readers.legible import DOUBTFUL, garble
from tests import writers as files
from tests.readings import texts


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
