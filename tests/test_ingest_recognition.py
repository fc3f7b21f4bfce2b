"""Text recognition: a page that is only a picture is read, marked as such, and never costs another page or file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.pictures import Pictures
from ingest.pipeline import ingest
from ingest.recognition import Recogniser, find_recogniser, read_table
from ingest.report import IngestReport
from ingest.restoring import restore
from kb.boxes import Box, Word
from kb.catalogue import Catalogue
from kb.model import PICTURE, RECOGNISED, Query, Span
from kb.originals import Originals
from tests.writers import write_scan

DUTCH = "Liminale ruimte\n\nDe student bevindt zich op een drempel\ntussen twee fasen van de studie."
ENGLISH = "Students learn best when they feel\nthat they belong at their school."

TABLE = "\n".join(
    [
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext",
        "1\t1\t0\t0\t0\t0\t0\t0\t200\t400\t-1\t",
        "5\t1\t1\t1\t1\t1\t20\t40\t60\t20\t96\tWie",
        "5\t1\t1\t1\t1\t2\t100\t40\t80\t20\t96\tbegint",
        "5\t1\t1\t1\t2\t1\t20\t80\t60\t20\t96\tstaat",
        "5\t1\t1\t2\t1\t1\t20\t80\t60\t20\t10\t ",
        "5\t1\t2\t1\t1\t1\t20\t120\t60\t20\t96\tKop",
    ]
)
"""What tesseract gives for a page of two paragraphs and a heading."""


class Intake:
    """A knowledge base that files are taken into, with a recogniser or without."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self.originals = Originals(folder / "originals")

    def ingest(self, data: bytes, recogniser: Recogniser | None) -> IngestReport:
        path = self.folder / "scan.pdf"
        path.write_bytes(data)
        (report,) = ingest([path], self.catalogue, self.originals, max_bytes=10**7, recogniser=recogniser)
        return report

    def pages(self) -> dict[int, tuple[str, str | None]]:
        (document,) = self.catalogue.documents.all()
        return {page.number: (page.text, page.problem) for page in self.catalogue.documents.pages(document.id)}

    def finds(self, term: str) -> int:
        return len(self.catalogue.passages.match([[term]], 100, Query("")))


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    made = Intake(tmp_path)
    yield made
    made.catalogue.close()


@pytest.fixture(scope="module")
def tesseract() -> Recogniser:
    """Debian's tesseract with Dutch and English, which `make test` installs."""
    found = find_recogniser()
    assert found is not None, "install tesseract-ocr and tesseract-ocr-nld"
    return found


def program(folder: Path, body: str) -> Recogniser:
    """A stand-in for tesseract that behaves badly."""
    path = folder / "tesseract"
    path.write_text(f"#!{sys.executable}\nimport sys\nsys.stdin.buffer.read()\n{body}\n")
    path.chmod(0o755)
    return Recogniser(str(path), ("nld", "eng"))


def test_a_scan_is_read_in_dutch_and_english_and_marked_as_recognised(intake: Intake, tesseract: Recogniser) -> None:
    report = intake.ingest(write_scan(DUTCH, ENGLISH), tesseract)
    assert (report.status, report.pages) == ("added", 2)
    assert [reason.code for reason in report.reasons] == ["recognised"]
    pages = intake.pages()
    assert "De student bevindt zich op een drempel tussen twee fasen van de studie." in pages[1][0]
    assert pages[2] == ("Students learn best when they feel that they belong at their school.", RECOGNISED)
    assert intake.finds("drempel") == 1


def test_a_stretch_of_recognised_text_is_marked_on_the_picture_where_its_words_are(
    intake: Intake, tesseract: Recogniser, tmp_path: Path
) -> None:
    intake.ingest(write_scan(DUTCH, None), tesseract)
    (document,) = intake.catalogue.documents.all()
    page, own = intake.catalogue.documents.pages(document.id)
    pictures = Pictures(intake.originals, tmp_path / "cache", soffice=None, words_on=intake.catalogue.files.words_on)
    picture = pictures.picture(document, 1)
    assert picture is not None
    start = page.text.index("drempel")
    first, sentence = pictures.marked(
        picture, page, [Span(start, start + 7), Span(page.text.index("De student"), len(page.text))]
    )
    pictures.close()
    words = intake.catalogue.files.words_on(document.files[0].sha256, 1)
    assert words is not None
    (drempel,) = [word.box for word in words.words if word.text == "drempel"]
    assert (first.share, sentence.share) == (1.0, 1.0)
    (box,) = first.boxes
    assert (round(box.left, 6), box.top, box.bottom) == (round(drempel.left, 6), drempel.top, drempel.bottom)
    assert box.right == pytest.approx(drempel.right)
    # The sentence runs over two lines.
    assert len(sentence.boxes) == 2
    assert sentence.boxes[0].bottom < sentence.boxes[1].bottom
    assert intake.catalogue.files.words_on(document.files[0].sha256, own.number) is None


def test_words_go_with_their_file_and_come_back_with_it(intake: Intake, tmp_path: Path) -> None:
    recogniser = program(tmp_path, f"print({TABLE!r})")
    intake.ingest(write_scan(DUTCH), recogniser)
    (document,) = intake.catalogue.documents.all()
    sha256, pages = document.files[0].sha256, intake.pages()
    words = intake.catalogue.files.words_on(sha256, 1)
    assert words is not None
    intake.catalogue.documents.remove(document.id)
    assert intake.catalogue.files.words_on(sha256, 1) is None
    restore(intake.catalogue.trash.of(document.id), intake.catalogue, intake.originals, recogniser)
    assert intake.pages() == pages
    assert intake.catalogue.files.words_on(sha256, 1) == words


def test_the_table_of_tesseract_gives_lines_paragraphs_and_fractions_of_the_page() -> None:
    found = read_table(TABLE)
    assert found.text == "Wie begint\nstaat\n\nKop"
    assert found.page is not None
    assert found.page.ratio == 2.0
    assert found.page.words[1] == Word("begint", Box(0.5, 0.1, 0.9, 0.15))


def test_a_page_with_text_of_its_own_is_not_read_again(intake: Intake, tmp_path: Path) -> None:
    report = intake.ingest(write_scan("Gelezen", None), program(tmp_path, "print('iets heel anders')"))
    assert report.status == "added"
    assert [text for text, _ in intake.pages().values()] == ["iets heel anders", "This page has text of its own."]


def test_a_picture_without_text_is_said_to_be_one_and_is_not_tried_again(intake: Intake, tmp_path: Path) -> None:
    scan = write_scan("een foto", None)
    assert intake.ingest(scan, program(tmp_path, "print('~ .')")).status == "added"
    assert intake.pages()[1] == ("", PICTURE)
    assert intake.ingest(scan, program(tmp_path, "print('nu wel tekst')")).status == "unchanged"


@pytest.mark.parametrize("body", ["raise SystemExit(3)", "import os\nos.abort()"])
def test_recognition_that_fails_costs_its_page_alone(body: str, intake: Intake, tmp_path: Path) -> None:
    report = intake.ingest(write_scan("een scan", None), program(tmp_path, body))
    assert (report.status, report.pages) == ("added", 2)
    assert intake.pages() == {1: ("", PICTURE), 2: ("This page has text of its own.", None)}


def test_a_document_of_pictures_alone_is_refused_with_the_way_out(intake: Intake, tmp_path: Path) -> None:
    without = intake.ingest(write_scan("een scan"), None)
    assert without.status == "needs-ocr"
    assert "install tesseract" in without.reason
    blank = intake.ingest(write_scan("een foto"), program(tmp_path, ""))
    assert blank.status == "empty"
    assert "text recognition found no text" in blank.reason


def test_pictures_are_read_when_tesseract_is_installed_later(intake: Intake, tmp_path: Path) -> None:
    scan = write_scan("een scan", None)
    assert [reason.code for reason in intake.ingest(scan, None).reasons] == ["pages-need-ocr"]
    assert intake.ingest(scan, None).status == "unchanged"
    later = intake.ingest(scan, program(tmp_path, "print('De drempel van de school')"))
    assert (later.status, [reason.code for reason in later.reasons]) == ("replaced", ["recognised-again", "recognised"])
    assert intake.pages()[1] == ("De drempel van de school", RECOGNISED)
    assert len(intake.catalogue.documents.all()) == 1


def test_tesseract_without_dutch_and_english_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_recogniser() is None
    program(tmp_path, "print('List of available languages (2):\\nosd\\nfra')")
    assert find_recogniser() is None
    program(tmp_path, "print('List of available languages (2):\\neng\\nosd')")
    assert find_recogniser() == Recogniser(os.fspath(tmp_path / "tesseract"), ("eng",))
