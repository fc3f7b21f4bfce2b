"""DOCX: a page for each section, with everything that Word shows."""

from __future__ import annotations

from typing import Any

from ingest.readers import read
from tests import writers as files
from tests.readings import texts


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
