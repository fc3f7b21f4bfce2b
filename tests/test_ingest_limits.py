"""Limits by work, each refused with its numbers before parsing, and a named state for every kind of file."""

from __future__ import annotations

import io
import zipfile
from contextlib import closing
from pathlib import Path

import pypdf
import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, StreamObject

from ingest.entries import import_records
from ingest.pipeline import ingest
from ingest.readers import read
from ingest.worker_host import Limits
from kb.catalogue import Catalogue
from kb.errors import DocumentError, EmptyDocument, LockedDocument, TooBig, UnreadableDocument, UnsupportedFormat
from kb.originals import Originals
from tests.writers import Slide, pdf, pdf_text, write_pdf, write_pptx


def refusal(data: bytes, name: str, password: str | None = None) -> tuple[type[DocumentError], str]:
    """What the reader raises."""
    with pytest.raises(DocumentError) as caught:
        read(data, name, password=password)
    assert str(caught.value).startswith(f"{name}: ")
    return type(caught.value), str(caught.value).removeprefix(f"{name}: ")


# -------------------------------------------------------------------------------------------------------------- limits


def test_a_page_of_19_mb_of_tags_is_refused_with_its_number() -> None:
    kind, reason = refusal(b"<p><b>" * 3_200_000, "tags.html")
    assert (kind, reason) == (TooBig, "6,400,000 tags, more than the 500,000 that are taken in; split it")


def test_a_slide_of_60_000_shapes_is_refused_with_its_number() -> None:
    deck = write_pptx([Slide("Vormen")])
    shape = (
        b'<p:sp><p:nvSpPr><p:cNvPr id="9" name="s"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>'
        b"<a:p><a:r><a:t>vorm</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(deck)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "ppt/slides/slide1.xml":
                content = content.replace(b"</p:spTree>", 59_998 * shape + b"</p:spTree>")
            new.writestr(info.filename, content)
    kind, reason = refusal(out.getvalue(), "shapes.pptx")
    assert kind is TooBig
    assert reason.startswith("60,000 shapes on one slide (slide1), more than the 5,000 that are taken in")


def test_more_pages_than_a_book_has_are_refused_with_their_number() -> None:
    text = b"Een bladzijde met woorden.\f"
    assert refusal(text * 5_001, "a.txt") == (TooBig, "5,002 pages, more than the 5,000 that are taken in; split it")
    assert len(read(text * 5_000, "a.txt").pages) == 5_000
    blank = pypdf.PdfWriter()
    for _ in range(5_001):
        blank.add_blank_page(100, 100)
    out = io.BytesIO()
    blank.write(out)
    assert refusal(out.getvalue(), "a.pdf") == (
        TooBig,
        "5,001 pages, more than the 5,000 that are taken in; split it",
    )


def test_a_megabyte_of_brackets_ends_with_a_reason_or_with_its_text() -> None:
    brackets = b"[" * 1_000_000
    kind, reason = refusal(brackets, "a.md")
    assert (kind, reason) == (TooBig, "1,000,000 brackets, more than the 20,000 that are taken in; split it")
    assert len(read(brackets, "a.txt").pages[0].text) == 1_000_000
    with pytest.raises(TooBig, match="nested too deeply"):
        import_records(brackets, "a.json")


def test_what_is_nested_too_deeply_is_not_called_empty() -> None:
    kind, reason = refusal(b">" * 5_000 + b" diep", "a.md")
    assert (kind, "nested too deeply" in reason) == (TooBig, True)
    assert refusal(b"> \n", "a.md")[0] is EmptyDocument


def test_a_number_that_is_infinite_costs_its_record_and_no_batch() -> None:
    found, problems = import_records(
        b'[{"id": "a", "type": "book", "title": "Over drempels", "issued": {"date-parts": [[1e999]]}},'
        b' {"id": "b", "type": "book", "title": "Over bruggen"}]',
        "a.json",
    )
    assert [entry.csl["title"] for entry in found] == ["Over bruggen"]
    assert len(problems) == 1
    assert "record 1" in problems[0]


# -------------------------------------------------------------------------------------------------------------- states


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.eml", "From: a@b.nl\nSubject: Hallo\n\nDit is een bericht.", "this is a mail; print it to PDF"),
        ("a.ipynb", '{"cells": [], "nbformat": 4}', "this is a notebook; export it as HTML or PDF"),
        ("a.xml", "<?xml version='1.0'?><a>tekst</a>", "this is an XML file; save it as HTML, DOCX or PDF"),
        ("a.csv", "naam,jaar\njan,2001\n", "this is a table of data; save the part that matters as PDF or DOCX"),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHallo", "this is a file of subtitles; save its words as .txt"),
        ("a.py", "def f(x):\n    return x\n", "this is a program text; print it to PDF when it is to be searched"),
        ("notes.xyz", "zomaar wat tekst", "the ending .xyz is not known"),
    ],
)
def test_a_text_that_is_no_literature_is_unsupported_by_name_with_a_way_out(name: str, data: str, reason: str) -> None:
    kind, given = refusal(data.encode(), name)
    assert kind is UnsupportedFormat
    assert given.startswith(reason)


@pytest.mark.parametrize("name", ["a.txt", "LEESMIJ", "1. Over drempels", "a.html", "pagina.aspx"])
def test_a_text_is_read_by_its_content_when_its_name_does_not_speak_against_it(name: str) -> None:
    data = b"<html><body>Over drempels</body></html>" if name.endswith((".html", ".aspx")) else b"Over drempels"
    assert [page.text for page in read(data, name).pages] == ["Over drempels"]


def test_a_page_with_more_than_a_hundredth_of_replaced_characters_lacks_letters() -> None:
    good, bad = "a" * 1_000 + "\ufffd" * 10, "a" * 1_000 + "\ufffd" * 11
    pages = read(f"{good}\f{bad}".encode(), "a.txt").pages
    assert [page.problem for page in pages] == [None, "letters-lost"]
    assert pages[1].text == bad


def test_a_pdf_opens_with_the_password_that_is_given() -> None:
    plain = pypdf.PdfWriter(clone_from=io.BytesIO(write_pdf([("Achter slot", "en grendel.")])))
    plain.encrypt("geheim", algorithm="RC4-128")
    out = io.BytesIO()
    plain.write(out)
    assert refusal(out.getvalue(), "a.pdf") == (
        LockedDocument,
        "asks for a password; give it with --password, or save a copy without password and take that in",
    )
    kind, reason = refusal(out.getvalue(), "a.pdf", password="fout")
    assert (kind, reason.split(";")[0]) == (LockedDocument, "the password does not open it")
    assert "Achter slot" in read(out.getvalue(), "a.pdf", password="geheim").pages[0].text
    assert read(pdf(pdf_text("Open")), "b.pdf", password="geheim").pages[0].text == "Open"


# --------------------------------------------------------------------------------------------------------- LibreOffice

OLD_DECK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "PowerPoint Document".encode("utf-16-le")


def open_document() -> bytes:
    """An OpenDocument text, as far as anything looks at it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return out.getvalue()


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program in the place of LibreOffice."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_old_formats_are_unsupported_with_a_way_out_without_libreoffice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(OLD_DECK, "a.ppt") == (
        UnsupportedFormat,
        "the PowerPoint format of before 2007; save it as .pptx or PDF; or install LibreOffice, which kb then uses to read it",
    )
    kind, reason = refusal(open_document(), "a.odt")
    assert (kind, reason.split(";")[0]) == (UnsupportedFormat, "this is an OpenDocument text")


def test_an_old_deck_is_read_as_libreoffice_converts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new.pptx").write_bytes(write_pptx([Slide("Over drempels", ("Een oude presentatie.",))]))
    # Arguments: profile, --headless, --norestore, --convert-to, format, --outdir, folder, file.
    install(tmp_path, monkeypatch, f'test "$5 $8" = "pptx in.ppt" && cp {tmp_path}/new.pptx "$7/in.pptx"')
    reading = read(OLD_DECK, "a.ppt")
    assert (reading.media_type, reading.kind) == ("application/vnd.ms-powerpoint", "deck")
    assert [page.title for page in reading.pages] == ["Over drempels"]


def test_a_file_that_libreoffice_cannot_convert_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "exit 7")
    kind, reason = refusal(open_document(), "a.odt")
    assert (kind, reason) == (UnreadableDocument, "LibreOffice cannot convert it (exit 7); save it as PDF")


def costly_form(draws: int) -> bytes:
    """A PDF whose page draws one form many times, with a font whose map of characters takes long to read each time."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    own = [f"<{code:02x}> <{code:04x}>" for code in range(32, 127)]
    others = [f"<{code:04x}> <{code % 90 + 33:04x}>" for code in range(256, 60_000)]
    to_unicode = StreamObject()
    to_unicode.set_data("\n".join([f"{len(own) + len(others)} beginbfchar", *own, *others, "endbfchar\n"]).encode())
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
            NameObject("/ToUnicode"): writer._add_object(to_unicode),
        }
    )
    fonts = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})})
    form = StreamObject()
    form.set_data(b"BT /F1 12 Tf 72 700 Td (drempel) Tj ET")
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject([FloatObject(value) for value in (0, 0, 595, 842)]),
            NameObject("/Resources"): fonts,
        }
    )
    objects = DictionaryObject({NameObject("/Fm"): writer._add_object(form)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): objects})
    content = StreamObject()
    content.set_data(b"/Fm Do\n" * draws)
    page[NameObject("/Contents")] = writer._add_object(content)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def test_a_pdf_on_which_the_first_reader_runs_away_is_read_by_the_second(tmp_path: Path) -> None:
    path = tmp_path / "runaway.pdf"
    path.write_bytes(costly_form(200))
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    with closing(catalogue):
        limits = Limits(cpu_seconds=5)
        (report,) = ingest([path], catalogue, Originals(tmp_path / "originals"), max_bytes=10**8, limits=limits)
        (document,) = catalogue.documents.all()
        (page,) = catalogue.documents.pages(document.id)
    assert report.status == "added"
    assert page.text.startswith("drempel")
