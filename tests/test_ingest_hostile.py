"""Bad input is a normal day: one line that names the file, and nothing that takes the process down."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.readers import detect, office, pdf, pdfium, read
from kb.errors import DocumentError, EmptyDocument, LockedDocument, TooBig, UnreadableDocument, UnsupportedFormat
from tests import writers as files

ROOT = Path(__file__).resolve().parents[1]


def slide(text: str = "dia") -> Callable[[Any, Any], None]:
    return lambda _, page: files.box(page, text, 0.1, 0.1)


def a_pdf() -> bytes:
    return files.pdf(files.pdf_text("Een"), files.pdf_text("Twee"))


def a_docx() -> bytes:
    return files.text_document(lambda document: document.add_paragraph("tekst"))


def zip_of(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def refusal(data: bytes, name: str) -> DocumentError:
    """The error for a file, which is one line and begins with the file's name."""
    with pytest.raises(DocumentError) as caught:
        read(data, name)
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert message.isprintable()
    assert len(message) < 300
    return caught.value


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b" \n \r\n"])
@pytest.mark.parametrize("name", ["a.pdf", "a.pptx", "a.txt", "zonder"])
def test_an_empty_file_is_empty_whatever_its_name(data: bytes, name: str) -> None:
    assert type(refusal(data, name)) is EmptyDocument


def test_a_pdf_that_is_a_picture_is_said_to_be_one() -> None:
    error = refusal(files.png(), "Één überzicht (naïef).pdf")
    assert type(error) is UnsupportedFormat
    assert "a PNG picture, though it is named as a PDF" in str(error)


@pytest.mark.parametrize(
    ("data", "name", "advice"),
    [
        (files.ole("PowerPoint Document"), "oud.ppt", "save it as .pptx or PDF"),
        (files.ole("WordDocument"), "oud.doc", "save it as .docx or PDF"),
        (files.ole("Workbook"), "oud.xls", "an old Office format"),
        (zip_of(("mimetype", b"application/vnd.oasis.opendocument.presentation")), "a.odp", "save it as .pptx or PDF"),
        (zip_of(("mimetype", b"application/vnd.oasis.opendocument.text")), "a.odt", "save it as .docx or PDF"),
        (zip_of(("mimetype", b"application/epub+zip")), "a.epub", "an e-book"),
        (zip_of(("deck.pptx", b"x")), "alles.zip", "unpack it"),
        (zip_of(("[Content_Types].xml", b"<x>spreadsheetml.sheet.main+xml</x>")), "a.xlsx", "Excel"),
        (b"\xff\xd8\xff\xe0 JFIF", "foto.jpg", "a JPEG picture"),
        (b"\0\0\0\x20ftypmp42", "film.mp4", "a film"),
        (bytes(range(256)) * 20, "iets.bin", "no known format"),
    ],
)
def test_what_is_not_taken_in_is_named_with_what_to_do(data: bytes, name: str, advice: str) -> None:
    error = refusal(data, name)
    assert type(error) is UnsupportedFormat
    assert advice in str(error)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (files.locked_pdf(a_pdf(), user="geheim"), "a.pdf"),
        (files.locked_pdf(a_pdf(), user="geheim", algorithm="RC4-128"), "a.pdf"),
        (files.ole("EncryptionInfo", "EncryptedPackage"), "a.pptx"),
        (files.ole("EncryptionInfo", "EncryptedPackage"), "a.docx"),
    ],
)
def test_a_password_is_asked_for_in_one_line(data: bytes, name: str) -> None:
    error = refusal(data, name)
    assert type(error) is LockedDocument
    assert "without password" in str(error)


def test_a_zip_with_encrypted_parts_is_locked() -> None:
    data = bytearray(files.deck(slide()))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert type(refusal(bytes(data), "a.pptx")) is LockedDocument


def test_a_pdf_without_pages_is_empty() -> None:
    assert type(refusal(files.pdf(), "a.pdf")) is EmptyDocument


@pytest.mark.parametrize("share", [0.9, 0.5, 0.05])
def test_a_truncated_pdf_is_refused(share: float) -> None:
    data = files.pdf(*(files.pdf_text(f"Bladzijde {n}") for n in range(9)))
    error = refusal(data[: int(len(data) * share)], "half.pdf")
    assert type(error) is UnreadableDocument
    assert "copied only in part" in str(error)


def test_a_truncated_office_file_is_refused() -> None:
    for data, name in ((files.deck(slide()), "a.pptx"), (a_docx(), "a.docx")):
        assert type(refusal(data[: len(data) // 2], name)) is UnreadableDocument


def test_an_office_file_that_is_none_is_refused() -> None:
    assert type(refusal(b"dit is geen presentatie", "a.pptx")) is UnreadableDocument


def test_a_document_of_which_no_page_can_be_read_is_refused() -> None:
    data = files.rezipped(files.deck(slide(), slide()), lambda n, b: b"<x" if n.startswith("ppt/slides/slide") else b)
    assert type(refusal(data, "a.pptx")) is UnreadableDocument


# ------------------------------------------------------------------------------------------------------------------ bombs


def test_a_part_that_unpacks_to_too_much_xml_is_too_big() -> None:
    huge = b"<x>" + b" " * (office.LARGEST_PART + 1)
    error = refusal(files.rezipped(files.deck(slide()), {"ppt/slides/slide1.xml": huge}), "bom.pptx")
    assert type(error) is TooBig
    assert "MB of XML" in str(error)


def test_many_parts_that_together_unpack_to_too_much_are_too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "LARGEST_PART", 2**20)
    monkeypatch.setattr(office, "LARGEST_XML", 4 * 2**20)
    part = b" " * (office.LARGEST_PART - 1)
    many = [(f"ppt/x{n}.xml", part) for n in range(office.LARGEST_XML // len(part) + 1)]
    assert type(refusal(files.rezipped(a_docx(), {}, many), "bom.docx")) is TooBig


def test_too_many_parts_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MOST_ENTRIES", 100)
    many = [(f"x{n}", b"") for n in range(office.MOST_ENTRIES + 1)]
    assert type(refusal(files.rezipped(a_docx(), {}, many), "bom.docx")) is TooBig


def test_pictures_that_unpack_a_thousandfold_are_too_big() -> None:
    picture = [("ppt/media/bom.bmp", b"\0" * (office.RATIO_COUNTS_FROM + 1))]
    assert type(refusal(files.rezipped(files.deck(slide()), {}, picture), "bom.pptx")) is TooBig


def test_a_part_of_a_million_small_elements_is_too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MOST_TAGS", 5_000)
    body = files.rezipped(a_docx(), lambda name, body: body.replace(b"<w:sectPr", b"<w:p/>" * 5_000 + b"<w:sectPr"))
    assert type(refusal(body, "bom.docx")) is TooBig


def test_a_text_longer_than_any_book_is_too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect, "LARGEST_TEXT", 1_000)
    for name in ("a.txt", "a.md", "a.html"):
        assert type(refusal(b"woord " * 200, name)) is TooBig


def test_a_size_that_lies_unpacks_no_further_than_it_says() -> None:
    data = files.deck(slide())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("ppt/slides/slide1.xml").file_size
    lying = data.replace(size.to_bytes(4, "little"), (size - 20).to_bytes(4, "little"))
    assert lying != data
    assert type(refusal(lying, "a.pptx")) is UnreadableDocument


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "' + "&a;" * 100 + '"><!ENTITY c "' + "&b;" * 100 + '"><!ENTITY d "' + "&c;" * 100
    + '"><!ENTITY e "' + "&d;" * 100 + '">]>'
)  # fmt: skip


def laughing(name: str) -> bytes:
    """A deck of two slides with one part that expands to a hundred million characters."""

    def laugh(part: str, body: bytes) -> bytes:
        if part != name:
            return body
        start = body.index(b"?>") + 2
        middle = body.index(b">", start) + 1
        return body[:start] + LAUGHS.encode() + body[start:middle] + b"&e;" + body[middle:]

    return files.rezipped(files.deck(slide("a"), slide("b")), laugh)


@pytest.mark.parametrize("name", ["ppt/presentation.xml", "[Content_Types].xml"])
def test_entities_that_expand_without_end_are_refused(name: str) -> None:
    assert type(refusal(laughing(name), "lach.pptx")) is UnreadableDocument


@pytest.mark.parametrize(("name", "texts"), [("ppt/slides/slide1.xml", ["", "b"]), ("docProps/core.xml", ["a", "b"])])
def test_entities_that_expand_without_end_lose_only_the_part_they_are_in(name: str, texts: list[str]) -> None:
    assert [page.text for page in read(laughing(name), "lach.pptx").pages] == texts


def test_an_entity_that_points_to_a_file_brings_nothing_in(tmp_path: Path) -> None:
    secret = tmp_path / "geheim.txt"
    secret.write_text("wachtwoord")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()
    data = files.rezipped(
        a_docx(),
        lambda name, body: (
            body.replace(b"<w:document", doctype + b"<w:document").replace(b"tekst", b"voor &e; na")
            if name == "word/document.xml"
            else body
        ),
    )
    assert read(data, "a.docx").pages[0].text == "voor na"


def test_a_page_that_unpacks_to_gigabytes_is_given_up_and_never_shown_to_pdfium(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(pdfium, "read", lambda *request: asked.append(request))
    error = refusal(files.pdf_bomb(pdf.LARGEST_CONTENT // 2**20 + 8), "bom.pdf")
    assert type(error) is UnreadableDocument
    assert asked == []


def test_a_page_of_too_many_operators_for_pypdf_is_read_by_pdfium(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_OPERANDS", 4_000)
    busy = b"BT /F1 12 Tf 40 40 Td (druk) Tj ET\n" + b"0 0 m 1 1 l S\n" * (pdf.MOST_OPERANDS // 4)
    pages = read(files.pdf(files.pdf_text("Een"), busy), "druk.pdf").pages
    assert [(page.text, page.problem) for page in pages] == [("Een", None), ("druk", None)]


def test_a_page_tree_that_refers_to_itself_gives_the_pages_that_are_there() -> None:
    data = a_pdf().replace(b"/Kids [6 0 R 8 0 R]", b"/Kids [2 0 R 8 0 R]")
    assert "Twee" in [page.text for page in read(data, "kring.pdf").pages]


def test_a_file_larger_than_any_document_is_too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect, "LARGEST_FILE", 100)
    assert type(refusal(a_pdf(), "groot.pdf")) is TooBig


# ----------------------------------------------------------------------------------------------------------- the child


def test_when_pdfium_dies_the_document_is_refused_and_we_live_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying = tmp_path / "pdfium.py"
    dying.write_text("import os; os.abort()")
    monkeypatch.setattr(pdfium, "__file__", str(dying))
    assert type(refusal(b"%PDF-1.7\nniets dan dit", "stuk.pdf")) is UnreadableDocument


def test_the_pages_that_pdfium_said_before_it_died_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dying = tmp_path / "pdfium.py"
    line = json.dumps({"index": 0, "text": "gered", "width": 2, "height": 1})
    dying.write_text(f"import os\nprint('{{\"pages\": 2}}')\nprint('{line}', flush=True)\nos.abort()")
    monkeypatch.setattr(pdfium, "__file__", str(dying))
    pages = read(b"%PDF-1.7\nniets dan dit", "stuk.pdf").pages
    assert [(page.text, bool(page.problem)) for page in pages] == [("gered", False), ("", True)]


def test_reading_brings_nothing_to_standard_error_and_no_heavy_library_until_it_is_needed() -> None:
    program = (
        "import sys; import ingest.readers as r;"
        "assert not {'pypdf', 'pptx', 'docx', 'lxml', 'bs4', 'markdown_it', 'pypdfium2'} & set(sys.modules), 'heavy';"
        "r.read(sys.stdin.buffer.read(), 'a.pdf'); assert 'pptx' not in sys.modules and 'pypdfium2' not in sys.modules"
    )
    # A cross-reference table that is wrong: pypdf mends it, and would like to say so.
    data = a_pdf().replace(b"startxref\n", b"startxref\n9")
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=data,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, b"")
