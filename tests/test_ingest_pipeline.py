"""The walk of a file into the catalogue: once, whole, or refused with a reason."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.files import is_junk, walk
from ingest.pipeline import ingest
from ingest.report import IngestReport
from kb.catalogue import Catalogue
from kb.errors import Removed
from kb.model import Kind, Query
from kb.originals import Originals
from tests.writers import Slide, write_deck_pdf, write_pdf, write_picture_pptx, write_pptx

DECK = (
    Slide("Thuis op de campus", ("Een webinar over binding en welzijn", "Programma en sprekers")),
    Slide(
        "Liminale ruimte", ("Een drempel is geen plek om te blijven.", "Wie oversteekt, laat iets achter."), "Vertel."
    ),
    Slide("Concept, nog niet tonen", ("Deze dia blijft verborgen in de zaal.",), hidden=True),
    Slide("Wat helpt", ("Een docent die namen kent.", "Een klas die klein genoeg is.")),
    Slide("Vragen", ("Waar sta jij over een jaar?", "Schrijf het op en bewaar het.")),
)


class Library:
    """A folder of files to take in, and the knowledge base it goes into."""

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "decks"
        self.inbox.mkdir()
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self.originals = Originals(folder / "originals")

    def write(self, name: str, data: bytes) -> Path:
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def ingest(
        self, *paths: Path, jobs: int = 1, kind: Kind | None = None, max_bytes: int = 10**7
    ) -> list[IngestReport]:
        return list(
            ingest(paths or (self.inbox,), self.catalogue, self.originals, jobs=jobs, kind=kind, max_bytes=max_bytes)
        )

    def statuses(self) -> dict[str, str]:
        return {Path(report.path).name: report.status for report in self.ingest()}

    def finds(self, term: str) -> int:
        return len(self.catalogue.passages.match([[term]], 100, Query("")))


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
        f"similar to a-v1.pptx (document {first.document_id}), both are kept",
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
        report.reason == f"similar to {name} (document {first[name]}), both are kept"
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


def test_removed_is_gone_and_may_come_back_under_a_new_id(library: Library) -> None:
    library.write("deck.pptx", write_pptx(DECK))
    (report,) = library.ingest()
    assert report.document_id is not None
    library.catalogue.documents.remove(report.document_id)
    with pytest.raises(Removed):
        library.catalogue.documents.get(report.document_id)
    (again,) = library.ingest()
    assert again.status == "added"
    assert again.document_id is not None
    assert again.document_id > report.document_id


def test_a_bad_file_ends_in_one_line_and_the_rest_is_taken_in(library: Library) -> None:
    good = write_pptx(DECK)
    library.write("a leeg.pdf", b"")
    library.write("b plaatje.pdf", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64)
    library.write("c afgekapt.pptx", good[: len(good) // 2])
    library.write("d beeld.pptx", write_picture_pptx())
    library.write("e te groot.txt", b"woord " * 400_000)
    library.write("f Één überzicht (naïef).pptx", good)
    reports = library.ingest(max_bytes=2_000_000)
    assert [report.status for report in reports] == ["empty", "unsupported", "failed", "needs-ocr", "too-big", "added"]
    for report in reports[:-1]:
        assert Path(report.path).name in report.reason, report
        assert "\n" not in report.reason


def test_a_missing_path_is_said_and_the_rest_is_done(library: Library) -> None:
    library.write("deck.pptx", write_pptx(DECK))
    missing, taken = library.ingest(library.inbox / "elders", library.inbox)
    assert (missing.status, missing.reason) == ("failed", "there is no such file or folder")
    assert taken.status == "added"


def test_links_in_circles_and_to_nowhere_and_odd_names_stop_nothing(library: Library) -> None:
    (library.inbox / "a rond").symlink_to(library.inbox / "a rond")
    (library.inbox / "b nergens.pdf").symlink_to(library.inbox / "weg.pdf")
    (library.inbox / "c terug").symlink_to(library.inbox)
    os.mkfifo(library.inbox / "d pijp.pdf")
    odd = os.fsencode(library.inbox) + b"/e \xff.txt"
    Path(os.fsdecode(odd)).write_bytes(b"Een naam die geen tekst is, met woorden die dat wel zijn.")
    reports = library.ingest()
    assert {Path(report.path).name: report.status for report in reports} == {
        "a rond": "unsupported",
        "b nergens.pdf": "unsupported",
        "d pijp.pdf": "unsupported",
        "e \\xff.txt": "added",
    }
    assert [document.filename for document in library.catalogue.documents.all()] == ["e \\xff.txt"]


def test_a_folder_that_may_not_be_read_is_named_and_the_rest_is_done() -> None:
    with tempfile.TemporaryDirectory() as name:
        inbox = Path(name)
        inbox.chmod(0o755)
        (inbox / "a dicht").mkdir(mode=0)
        (inbox / "b.txt").write_text("open")
        with as_anybody():
            found = list(walk([inbox, inbox / "a dicht" / "binnen.pdf"]))
        reports = [item for item in found if isinstance(item, IngestReport)]
        assert [Path(report.path).name for report in reports] == ["a dicht", "binnen.pdf"]
        assert [report.status for report in reports] == ["failed", "failed"]
        assert "Permission denied" in reports[0].reason
        assert inbox / "b.txt" in found


@contextmanager
def as_anybody() -> Iterator[None]:
    """As a user without privileges: root may read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_systems_leave_in_folders_is_passed_over() -> None:
    names = (".DS_Store", "~$deck.pptx", "Thumbs.db", "__MACOSX", "deck.pptx:Zone.Identifier", "deck.pdf.part")
    assert all(is_junk(name) for name in names)
    assert not any(is_junk(name) for name in ("deck.pptx", "thumbs.pdf", "part.pdf"))


def test_folders_are_walked_by_name_and_a_file_named_twice_is_read_once(library: Library) -> None:
    library.write("b/2.txt", b"De tweede tekst gaat over iets anders dan de eerste.")
    first = library.write("a/1.txt", b"De eerste tekst gaat over de eerste dingen van een jaar.")
    reports = library.ingest(library.inbox, first)
    assert [Path(report.path).name for report in reports] == ["1.txt", "2.txt"]


def test_processes_read_what_one_process_reads(library: Library) -> None:
    library.write("a.pptx", write_pptx(DECK))
    library.write("b.pdf", b"%PDF-1.7 nothing that follows")
    library.write("c.pdf", write_pdf([("Een kort stuk over lezen", "met genoeg woorden om een pagina te zijn.")]))
    several = library.ingest(jobs=2)
    assert [report.status for report in several] == ["added", "failed", "added"]
    assert [report.passages > 0 for report in several] == [True, False, True]


def meanwhile(library: Library, path: Path, change: Callable[[], object]) -> IngestReport:
    """Take a file in; between its reading and its filing something else changes the catalogue."""
    changes = [change]

    def progress(_done: int, _all: int, _name: str) -> None:
        if changes:
            changes.pop()()

    (report,) = ingest([path], library.catalogue, library.originals, max_bytes=10**7, progress=progress)
    return report


def test_a_file_that_another_process_takes_in_meanwhile_is_taken_in_once(library: Library) -> None:
    path = library.write("deck.pptx", write_pptx(DECK))
    report = meanwhile(library, path, library.ingest)
    (document,) = library.catalogue.documents.all()
    assert (report.status, report.document_id) == ("unchanged", document.id)


def test_a_new_version_of_a_deck_that_is_removed_meanwhile_is_a_new_deck(library: Library) -> None:
    path = library.write("deck.pptx", write_pptx(DECK))
    (first,) = library.ingest()
    assert first.document_id is not None
    library.write("deck.pptx", write_pptx((*DECK, Slide("Slot", ("Dank voor het luisteren.",)))))
    report = meanwhile(library, path, lambda: library.catalogue.documents.remove(first.document_id or 0))
    assert report.status == "added"
    (document,) = library.catalogue.documents.all()
    assert document.id == report.document_id != first.document_id
    assert library.originals.sound(document.files[0].sha256)
    assert library.finds("dank") > 0


def test_processes_take_the_same_bytes_in_once(library: Library) -> None:
    same = write_pdf([("Een kort stuk over lezen", "met genoeg woorden om een pagina te zijn.")])
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        library.write(name, same)
    first, *others = library.ingest(jobs=3)
    assert first.status == "added"
    assert [(report.status, report.document_id) for report in others] == [("unchanged", first.document_id)] * 2
    assert all("the same bytes as a.pdf" in report.reason for report in others)
    # The bytes are still at two other paths: what is at the third now is another document.
    library.write("c.pdf", write_pdf([("Een heel ander verhaal", "van iemand die niet las.")]))
    assert [report.status for report in library.ingest(library.inbox / "c.pdf")] == ["added"]


def test_a_kind_given_later_counts_and_keeps_the_id_and_both_files(library: Library) -> None:
    deck = library.write("deck.pptx", write_pptx(DECK))
    library.write("deck.pdf", write_deck_pdf(DECK))
    first = library.ingest()[0].document_id
    assert first is not None
    found = library.finds("liminal")
    (report,) = library.ingest(deck, kind="literature")
    assert (report.status, report.document_id, report.reason) == ("replaced", first, "deck before, literature now")
    document = library.catalogue.documents.get(first)
    assert (document.kind, sorted(file.filename for file in document.files)) == (
        "literature",
        ["deck.pdf", "deck.pptx"],
    )
    assert all(library.originals.path(file.sha256).exists() for file in document.files)
    assert library.finds("liminal") == found > 0
    # Said once: a plain ingest does not take it back.
    assert {report.status for report in library.ingest()} == {"unchanged"}
    assert [report.status for report in library.ingest(deck, kind="literature")] == ["unchanged"]
    assert library.catalogue.documents.get(first).kind == "literature"


def test_a_name_with_a_line_end_is_one_line(library: Library) -> None:
    library.write("a\nb\x1b.txt", b"Een naam die twee regels beslaat, en woorden die dat niet doen.")
    (report,) = library.ingest()
    assert Path(report.path).name == "a\\x0ab\\x1b.txt"
    assert library.catalogue.documents.get(report.document_id or 0).filename == "a\\x0ab\\x1b.txt"
    assert library.statuses() == {"a\\x0ab\\x1b.txt": "unchanged"}


def test_a_file_that_goes_while_others_are_read_is_said_to_be_gone(library: Library) -> None:
    library.write("a.txt", b"De eerste tekst gaat over de eerste dingen van een jaar.")
    second = library.write("b.txt", b"De tweede tekst gaat over iets anders dan de eerste.")
    library.write("c.txt", b"En de derde gaat over wat er daarna nog kwam, later.")
    reports = ingest((library.inbox,), library.catalogue, library.originals, max_bytes=10**6)
    assert next(reports).status == "added"
    second.unlink()
    gone, third = reports
    assert (gone.status, gone.reason[:10], third.status) == ("failed", "it is gone", "added")
