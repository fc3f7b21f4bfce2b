"""The path of a file into the catalogue: once, whole, and in its own place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.library import DECK, Library
from tests.writers import Slide, write_deck_pdf, write_pptx


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.catalogue.close()


def test_a_deck_is_taken_in_once_and_whole(library: Library) -> None:
    library.write("campus.pptx", write_pptx(DECK, "Thuis op de campus"))
    (report,) = library.ingest()
    assert (report.status, report.pages) == ("added", 5)
    (document,) = library.catalogue.documents.all()
    pages = library.catalogue.documents.pages(document.id)
    assert [page.title for page in pages] == [slide.title for slide in DECK]
    assert [page.hidden for page in pages] == [False, False, True, False, False]
    assert pages[1].notes == "Vertel."
    (again,) = library.ingest()
    assert replace(again, status="added") == report
    assert library.catalogue.documents.all() == [document]


def test_the_same_bytes_under_another_name_are_no_news(library: Library) -> None:
    library.write("a.pptx", write_pptx(DECK))
    library.write("b.pptx", (library.inbox / "a.pptx").read_bytes())
    first, second = library.ingest()
    assert (first.status, second.status) == ("added", "unchanged")
    assert second.document_id == first.document_id
    assert "a.pptx" in second.reason


@pytest.mark.parametrize("order", [("deck.pptx", "deck.pdf"), ("deck.pdf", "deck.pptx")])
def test_a_deck_and_its_export_are_one_document_in_either_order(library: Library, order: tuple[str, str]) -> None:
    data = {"deck.pptx": write_pptx(DECK, "Thuis op de campus"), "deck.pdf": write_deck_pdf(DECK, "Thuis op de campus")}
    reports = [report for name in order for report in library.ingest(library.write(name, data[name]))]
    assert [report.status for report in reports] == ["added", "added"]
    assert reports[0].document_id == reports[1].document_id
    assert "same work" in reports[1].reason
    (document,) = library.catalogue.documents.all()
    assert {file.filename: file.first for file in document.files} == {"deck.pptx": True, "deck.pdf": False}
    assert library.catalogue.documents.pages(document.id)[1].notes == "Vertel."
    export = next(file for file in document.files if file.filename == "deck.pdf")
    # The hidden slide is not in the export: what follows it lies a page earlier there.
    assert [export.page_number(number) for number in range(1, 6)] == [1, 2, None, 3, 4]
    assert {report.status for report in library.ingest()} == {"unchanged"}


def test_another_deck_of_as_many_slides_is_another_document(library: Library) -> None:
    other = [
        Slide(f"Hoofdstuk {i}", (f"Over iets geheel anders, namelijk onderwerp {i}.", "x" * i)) for i in range(1, 6)
    ]
    library.write("een.pptx", write_pptx(DECK, "Een"))
    library.write("twee.pdf", write_deck_pdf(other, "Twee"))
    library.ingest()
    assert len(library.catalogue.documents.all()) == 2


def test_a_new_version_at_the_same_path_replaces_the_old(library: Library) -> None:
    path = library.write("deck.pptx", write_pptx(DECK, "Campus"))
    (first,) = library.ingest()
    old = path.read_bytes()
    path.write_bytes(write_pptx([*DECK[:4], Slide("Slot", ("Dank voor uw aandacht en tot ziens.",))], "Campus"))
    (second,) = library.ingest()
    assert (second.status, second.document_id) == ("replaced", first.document_id)
    assert (library.finds("aandacht"), library.finds("schrijf")) == (1, 0)
    assert len(list(library.originals.all())) == 2  # the earlier version is in the trash
    assert [item.cause for item in library.catalogue.trash.all()] == ["replaced"]
    path.write_bytes(old)
    (third,) = library.ingest()
    assert third.status == "replaced"
    assert (library.finds("aandacht"), library.finds("schrijf")) == (0, 1)


def test_a_version_under_another_name_is_kept_beside_the_first(library: Library) -> None:
    library.write("a-v1.pptx", write_pptx(DECK, "Campus"))
    library.write("b-v2.pptx", write_pptx([*DECK[:4], Slide("Slot", ("Dank voor uw aandacht.",))], "Campus"))
    first, second = library.ingest()
    assert (first.status, first.reason) == ("added", "")
    assert (second.status, second.reason) == (
        "added",
        f"perhaps a new version of a-v1.pptx (document {first.document_id}): both are kept, and a question waits",
    )
    assert (library.finds("aandacht"), library.finds("schrijf")) == (1, 1)
    generation = library.catalogue.passages.generation()
    assert library.statuses() == {"a-v1.pptx": "unchanged", "b-v2.pptx": "unchanged"}
    assert library.catalogue.passages.generation() == generation


def weekly(course: int, week: int) -> tuple[Slide, ...]:
    """A deck of a course: the cover and the house slides are those of every week, one slide is of this week."""
    subject = f"vak{course}week{week}"
    return (
        Slide(f"Studieloopbaan {course}", ("Hogeschool aan het water", "Docententeam eerste jaar")),
        Slide(
            "Afspraken", ("Telefoons weg, camera aan, vragen mogen altijd.", "Wie ziek is meldt zich voor negen uur.")
        ),
        Slide("Werkvormen", ("Eerst alleen, dan samen, daarna plenair bespreken.", "Schrijf je antwoord op papier.")),
        Slide(f"Thema {subject}", (f"Vandaag bespreken wij {subject} met voorbeelden.", f"Opdracht over {subject}.")),
        Slide("Tot volgende keer", ("Lees het hoofdstuk en maak de opdracht af.", "Inleveren via de elo.")),
    )


def test_of_fifty_pairs_of_decks_with_one_cover_and_house_style_no_deck_is_displaced(library: Library) -> None:
    for course in range(50):
        for week in (1, 2):
            deck = write_pptx(weekly(course, week), f"Studieloopbaan {course}")
            library.write(f"week{week}/slb-{course:02}.pptx", deck)
    reports = library.ingest()
    assert [report.status for report in reports] == ["added"] * 100
    assert len({report.document_id for report in reports}) == 100
    first = {Path(report.path).name: report.document_id for report in reports[:50]}
    assert all(
        report.reason
        == f"perhaps a new version of {name} (document {first[name]}): both are kept, and a question waits"
        for report in reports[50:]
        if (name := Path(report.path).name)
    )
    subjects = [f"vak{course}week{week}" for course in range(50) for week in (1, 2)]
    assert [subject for subject in subjects if library.finds(subject) == 0] == []
    assert len(list(library.originals.all())) == 100


def test_a_copied_deck_that_is_filled_in_leaves_the_deck_it_was_copied_from(library: Library) -> None:
    template = library.write("a-sjabloon.pptx", write_pptx(weekly(1, 1), "Studieloopbaan"))
    copy = library.write("b-week2.pptx", template.read_bytes())
    kept, _ = library.ingest()
    copy.write_bytes(write_pptx(weekly(1, 2), "Studieloopbaan"))
    unchanged, added = library.ingest()
    assert (unchanged.status, added.status) == ("unchanged", "added")
    assert added.document_id != kept.document_id
    assert (library.finds("vak1week1"), library.finds("vak1week2")) == (1, 1)
    # A copy that is gone was a move: the file at the other path is the document's only one.
    copy.unlink()
    template.write_bytes(write_pptx(weekly(1, 3), "Studieloopbaan"))
    (replaced,) = library.ingest()
    assert (replaced.status, replaced.document_id) == ("replaced", kept.document_id)


def test_an_earlier_version_at_a_path_of_its_own_is_a_document_of_its_own(library: Library) -> None:
    path = library.write("deck.pptx", write_pptx(weekly(1, 1), "Studieloopbaan"))
    earlier = path.read_bytes()
    (first,) = library.ingest()
    path.write_bytes(write_pptx(weekly(1, 2), "Studieloopbaan"))
    assert [report.status for report in library.ingest()] == ["replaced"]
    library.write("oud/deck.pptx", earlier)
    current, old = library.ingest()
    assert (current.status, current.document_id, old.status) == ("unchanged", first.document_id, "added")
    assert (library.finds("vak1week1"), library.finds("vak1week2")) == (1, 1)


def test_an_export_made_anew_stays_with_its_deck_whatever_changed(library: Library) -> None:
    for week in (1, 2):
        library.write("deck.pdf", write_deck_pdf(weekly(1, week)))
        library.write("deck.pptx", write_pptx(weekly(1, week)))
        reports = library.ingest()
    assert [report.status for report in reports] == ["replaced", "replaced"]
    (document,) = library.catalogue.documents.all()
    assert sorted(file.filename for file in document.files) == ["deck.pdf", "deck.pptx"]
    export = next(file for file in document.files if file.filename == "deck.pdf")
    assert [export.page_number(number) for number in range(1, 6)] == [1, 2, 3, 4, 5]
    kept = [file.filename for item in library.catalogue.trash.all() for file in item.files]
    assert sorted(kept) == ["deck.pdf", "deck.pptx"]
    assert len(list(library.originals.all())) == 4


def test_an_export_that_shows_another_deck_is_another_document(library: Library) -> None:
    library.write("deck.pptx", write_pptx(DECK))
    library.write("deck.pdf", write_deck_pdf(DECK))
    library.ingest()
    library.write("deck.pdf", write_deck_pdf(weekly(1, 1)))
    deck, export = library.ingest()
    assert (deck.status, export.status) == ("unchanged", "added")
    assert export.document_id != deck.document_id
    assert (library.finds("drempel"), library.finds("vak1week1")) == (1, 1)


def test_an_export_that_a_changed_deck_leaves_behind_is_kept_and_shows_none_of_its_pages(library: Library) -> None:
    library.write("deck.pptx", write_pptx(DECK))
    library.write("deck.pdf", write_deck_pdf(DECK))
    library.ingest()
    library.write("deck.pptx", write_pptx(weekly(1, 1)))
    assert [report.status for report in library.ingest()] == ["replaced", "unchanged"]
    (document,) = library.catalogue.documents.all()
    export = next(file for file in document.files if file.filename == "deck.pdf")
    assert [export.page_number(number) for number in range(1, 6)] == [None] * 5
    assert library.originals.sound(export.sha256)


def test_an_export_joins_the_version_of_the_deck_that_it_shows(library: Library) -> None:
    changed = (*DECK[:4], Slide("Vragen", ("Waar sta jij over tien jaar?", "Schrijf het op en lees het voor.")))
    library.write("a.pptx", write_pptx(DECK))
    library.write("b.pptx", write_pptx(changed))
    library.write("c.pdf", write_deck_pdf(changed))
    _, second, export = library.ingest()
    assert (export.status, export.document_id) == ("added", second.document_id)


def test_the_same_title_over_other_words_is_another_document(library: Library) -> None:
    library.write("a.pptx", write_pptx(DECK, "Notulen"))
    library.write("b.pptx", write_pptx([Slide("Begroting", ("Koffie kost meer dan thee dit kwartaal.",))], "Notulen"))
    assert library.statuses() == {"a.pptx": "added", "b.pptx": "added"}
