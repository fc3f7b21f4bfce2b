"""Images of pages: drawn in a process with limits, kept, and passages found on them."""

from __future__ import annotations

import io
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from ingest.alignment import Letters, PageText, align, lines, marked
from ingest.converting import Converter
from ingest.pictures import PDF, PPTX, Pictures
from ingest.rendering import PAGE, THUMBNAIL, Renderer
from kb.bootstrap import KnowledgeBase
from kb.boxes import Box
from kb.model import Document, Page, Span, StoredFile
from kb.originals import Originals
from tests.writers import pdf, pdf_bomb, pdf_text

SHA = "ab" * 32


@pytest.fixture
def renderer(tmp_path: Path) -> Iterator[Renderer]:
    opened = Renderer(tmp_path / "cache")
    yield opened
    opened.close()


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


def test_a_page_is_drawn_in_both_widths(renderer: Renderer, tmp_path: Path) -> None:
    file = saved(tmp_path, pdf(pdf_text("Thuishoren")))
    for width in (THUMBNAIL, PAGE):
        data = renderer.image(file, SHA, 1, width)
        assert data is not None
        image = Image.open(io.BytesIO(data))
        assert (image.format, image.size) == ("WEBP", (width, width * 9 // 16))


def test_an_image_is_made_once_and_kept(renderer: Renderer, tmp_path: Path) -> None:
    file = saved(tmp_path, pdf(pdf_text("Thuishoren")))
    first = renderer.image(file, SHA, 1, THUMBNAIL)
    assert first is not None
    assert renderer.image(tmp_path / "nowhere", SHA, 1, THUMBNAIL) == first
    assert renderer.image(tmp_path / "nowhere", SHA, 1, PAGE) is None


def test_a_cache_that_cannot_be_written_costs_no_image(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    renderer = Renderer(tmp_path / "cache")
    assert renderer.image(saved(tmp_path, pdf(pdf_text("Thuishoren"))), SHA, 1, THUMBNAIL) is not None
    renderer.close()


def test_the_images_not_asked_for_longest_leave_when_the_cache_is_full(tmp_path: Path) -> None:
    file = saved(tmp_path, pdf(*(pdf_text(f"Dia {number}") for number in range(1, 9))))
    first = Renderer(tmp_path / "cache")
    size = len(first.image(file, SHA, 1, THUMBNAIL) or b"")
    first.close()
    renderer = Renderer(tmp_path / "cache", largest=4 * size)
    for number in range(1, 9):
        renderer.image(file, SHA, number, THUMBNAIL)
    kept = sorted(path.name.split("-")[1] for path in (tmp_path / "cache").rglob("*.webp"))
    assert 1 <= len(kept) <= 4
    assert "8" in kept
    assert "1" not in kept
    renderer.close()


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4 torn", b"PK\x03\x04 not a PDF", pdf_bomb(400)])
def test_what_cannot_be_drawn_has_no_image_and_costs_no_other(data: bytes, renderer: Renderer, tmp_path: Path) -> None:
    bad = saved(tmp_path, data)
    good = tmp_path / "good"
    good.write_bytes(pdf(pdf_text("Thuishoren")))
    renderer.image(bad, SHA, 1, THUMBNAIL)
    assert renderer.image(good, "cd" * 32, 1, THUMBNAIL) is not None
    assert renderer.image(good, "cd" * 32, 99, THUMBNAIL) is None


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    file = saved(tmp_path, pdf(pdf_text("Thuishoren")))
    hurried = Renderer(tmp_path / "cache", seconds=0.0)
    assert hurried.image(file, SHA, 1, PAGE) is None
    hurried.close()


def test_a_passage_is_marked_line_by_line(renderer: Renderer, tmp_path: Path) -> None:
    text = "Thuishoren is een gevoel\nWie wordt gemist, hoort erbij"
    file = saved(tmp_path, pdf(pdf_text(*text.split("\n"))))
    whole, second, none = renderer.marked(file, SHA, 1, text, [Span(0, len(text)), Span(25, 28), Span(24, 25)])
    assert (whole.share, second.share, none.share) == (1.0, 1.0, 0.0)
    assert (len(whole.boxes), len(second.boxes), len(none.boxes)) == (2, 1, 0)
    upper, lower = whole.boxes
    assert upper.bottom < lower.top
    assert (second.boxes[0].left, second.boxes[0].top) == pytest.approx((lower.left, lower.top), abs=0.01)
    assert second.boxes[0].right < lower.right / 2


def test_every_passage_of_the_demonstration_is_found_on_its_page(demonstration: KnowledgeBase) -> None:
    shares = {}
    for document in demonstration.documents():
        for page in demonstration.pages(document.id):
            picture = demonstration.pictures.picture(document, page.number)
            passages = [each for each in demonstration.passages_on(document.id, page.number) if each.field == "text"]
            if picture is None:
                continue
            spans = [Span(each.start, each.end) for each in passages]
            for passage, found in zip(passages, demonstration.pictures.marked(picture, page, spans), strict=True):
                shares[passage.id] = found.share
    assert len(shares) > 50
    assert min(shares.values()) >= 0.98


# -- alignment


def aligned(stored: str, present: str) -> str:
    """The letters of `present` that the letters of `stored` were aligned with."""
    wanted, page = Letters.of(stored), Letters.of(present)
    found = align(stored, wanted, page.text)
    return "".join(page.text[found[at]] if at in found else "-" for at in range(len(wanted.text)))


def test_hyphens_ligatures_and_spaces_do_not_count() -> None:
    assert aligned("De motivatie stijgt efficiënt", "De mo-\ntivatie  stijgt eﬃciënt") == "demotivatiestijgtefficient"


def test_columns_in_another_order_are_found() -> None:
    assert aligned("linker kolom\nrechter kolom", "rechter kolom linker kolom") == "linkerkolomrechterkolom"


def test_letters_that_are_not_there_are_not_found() -> None:
    assert aligned("niet gehoord", "gehoord") == "----gehoord"


def test_of_a_repeated_line_each_occurrence_is_its_own() -> None:
    wanted = Letters.of("Ja\nJa")
    assert align("Ja\nJa", wanted, "jaja") == {0: 0, 1: 1, 2: 2, 3: 3}


def test_two_columns_at_one_height_are_two_boxes() -> None:
    boxes = (Box(0.1, 0.1, 0.12, 0.15), Box(0.13, 0.1, 0.15, 0.15), Box(0.6, 0.1, 0.62, 0.15))
    page = PageText("abc", boxes, 0.5625)
    assert list(lines(page, [0, 1, 2])) == [Box(0.1, 0.1, 0.15, 0.15), Box(0.6, 0.1, 0.62, 0.15)]
    assert marked(page, "abc", [Span(0, 3)])[0].share == 1.0


# -- which file shows a page


def test_a_slide_is_shown_by_the_pdf_of_its_deck(tmp_path: Path) -> None:
    originals = Originals(tmp_path / "originals")
    data = pdf(pdf_text("Een"), pdf_text("Drie"))
    sha256 = originals.keep(data)
    files = (
        StoredFile("a" * 64, "deck.pptx", "deck.pptx", PPTX, 1),
        StoredFile(sha256, "deck.pdf", "deck.pdf", PDF, 1, page_numbers=(1, None, 2)),
    )
    document = Document(1, "Deck", "deck", "deck.pptx", pages=3, files=files)
    pictures = Pictures(originals, tmp_path / "cache", soffice=None, words_on=lambda *_: None)
    third = pictures.picture(document, 3)
    assert third is not None
    assert (third.sha256, third.number) == (sha256, 2)
    assert [each.share for each in pictures.marked(third, Page(3, "Drie"), [Span(0, 4)])] == [1.0]
    assert pictures.picture(document, 2) is None
    originals.path(sha256).unlink()
    assert pictures.picture(document, 3) is None
    pictures.close()


# -- slides through LibreOffice, for which a small program stands in


def office(folder: Path, body: str) -> str:
    """A program that behaves like `soffice --convert-to`: the last argument is the deck, `--outdir` the folder."""
    program = folder / "soffice"
    program.write_text(
        f"#!{sys.executable}\nimport pathlib, sys, time\n"
        f"out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1])\ndeck = pathlib.Path(sys.argv[-1])\n{body}\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def test_a_deck_is_converted_once(tmp_path: Path) -> None:
    made = pdf(pdf_text("Dia"))
    body = f"assert deck.read_bytes() == b'deck'\n(out / 'deck.pdf').write_bytes({made!r})"
    converter = Converter(tmp_path / "cache", office(tmp_path, body))
    deck = saved(tmp_path, b"deck")
    converter.convert(deck, SHA)
    kept = converter.pdf(deck, SHA)
    assert kept is not None
    assert kept.read_bytes() == made


@pytest.mark.parametrize(
    "body",
    ["raise SystemExit(3)", "time.sleep(600)", "(out / 'deck.pdf').write_bytes(b'not a PDF')", "bytearray(1 << 40)"],
)
def test_a_deck_that_cannot_be_converted_is_shown_as_text(body: str, tmp_path: Path) -> None:
    converter = Converter(tmp_path / "cache", office(tmp_path, body), seconds=3.0)
    deck = saved(tmp_path, b"deck")
    with pytest.raises((OSError, RuntimeError)):
        converter.convert(deck, SHA)
    assert not (tmp_path / "cache" / "slides").exists()


def test_without_libreoffice_a_deck_is_shown_as_text(tmp_path: Path) -> None:
    converter = Converter(tmp_path / "cache", None)
    assert converter.pdf(saved(tmp_path, b"deck"), SHA) is None
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
