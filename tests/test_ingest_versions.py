"""A deck and its export are one work; strangers and neighbours are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.readers import read
from ingest.slides import sense
from ingest.versions import same_work, similar
from kb.model import Page

DECKS = Path(__file__).resolve().parents[2] / "shared" / "decks"

TOPICS = {
    "Binding": "studenten blijven wanneer zij zich verbonden voelen met hun opleiding en met elkaar",
    "Liminaliteit": "de overgang van school naar hoger onderwijs is een drempel met onzekerheid en ruimte",
    "Zelfvertrouwen": "succes in kleine stappen laat het geloof in eigen kunnen groeien",
    "Bibliotheek": "een plek om stil te werken en elkaar te ontmoeten midden op de campus",
    "Campus": "gebouwen en groen bepalen waar toevallige gesprekken ontstaan",
    "Docent": "een docent die namen kent en fouten toestaat maakt een groep veilig",
}


def slides() -> tuple[Page, ...]:
    return tuple(Page(n, f"{title}\n\n{text}", title=title) for n, (title, text) in enumerate(TOPICS.items(), 1))


def export(pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """As a PDF shows it: bullets, a footer, a slide number, words broken; hidden slides left out."""
    shown = [page for page in pages if not page.hidden]
    return tuple(
        Page(n, page.text.replace("\n\n", "\n• ") + f"\nHogeschool Voorbeeld {n}" if page.text else "", label=str(n))
        for n, page in enumerate(shown, 1)
    )


def test_a_deck_and_its_export_are_one_work_page_by_page() -> None:
    assert same_work(slides(), export(slides())) == (1, 2, 3, 4, 5, 6)


def test_a_hidden_slide_has_no_page_in_the_export_and_the_rest_moves_up() -> None:
    pages = slides()
    pages = (*pages[:2], replace(pages[2], hidden=True), *pages[3:])
    assert same_work(pages, export(pages)) == (1, 2, None, 3, 4, 5)


def test_the_export_may_come_first() -> None:
    pages = slides()
    pages = (*pages[:2], replace(pages[2], hidden=True), *pages[3:])
    assert same_work(export(pages), pages) == (1, 2, 4, 5, 6)


def test_a_slide_that_is_a_picture_takes_its_place_between_its_neighbours() -> None:
    pages = slides()
    pages = (*pages[:3], replace(pages[3], text="", problem="needs-ocr"), *pages[4:])
    assert same_work(pages, export(pages)) == (1, 2, 3, 4, 5, 6)


def test_two_decks_on_one_subject_are_two_works() -> None:
    other = tuple(
        replace(page, text=f"{page.title}\n\nHeel iets anders over rooster {page.number}") for page in slides()
    )
    assert same_work(slides(), other) is None


def test_half_of_a_deck_is_another_work() -> None:
    pages = slides()
    other = tuple(
        replace(
            page, text=page.text if page.number < 4 else f"Nieuw onderwerp {page.number}: toetsen, roosters en stages"
        )
        for page in pages
    )
    assert same_work(pages, other) is None


def test_slides_in_another_order_are_another_work() -> None:
    pages = slides()
    other = tuple(replace(page, number=n) for n, page in enumerate(reversed(pages), 1))
    assert same_work(pages, other) is None


def test_pages_without_words_are_nobodys_twin() -> None:
    blank = (Page(1, ""), Page(2, ""))
    assert same_work(blank, blank) is None
    assert same_work((), slides()) is None


def test_a_deck_that_was_worked_on_is_similar() -> None:
    pages = slides()
    grown = (*pages[:5], Page(6, "Docent\n\neen heel nieuw verhaal"), Page(7, "Toetsing\n\nformatief handelen helpt"))
    assert similar(pages, grown)


def test_a_deck_about_something_else_is_not_similar() -> None:
    other = (Page(1, "Rooster\n\nin blok drie zijn er geen lessen op woensdag want dan vergaderen examencommissies"),)
    assert not similar(slides(), other)


@pytest.mark.skipif(not DECKS.is_dir(), reason="the owner's deck is not here")
def test_the_owners_deck_and_its_export_are_one_work_of_38_slides() -> None:
    readings = [read((DECKS / name).read_bytes(), name) for name in ("studentenwelzijn.pptx", "studentenwelzijn.pdf")]
    first, second = (sense(reading.pages, kind=reading.kind) for reading in readings)
    assert same_work(first, second) == tuple(range(1, 39))
    assert same_work(second, first) == tuple(range(1, 39))
    assert [page.title for page in first] == [page.title for page in second]
    assert [page.number for page in first if page.divider] == [5, 15, 19]
