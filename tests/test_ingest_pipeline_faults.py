"""Bad files, odd paths and other processes: one line each, and nothing else is lost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.files import is_junk, walk
from ingest.pipeline import ingest
from ingest.report import IngestReport
from kb.errors import Removed
from tests.library import DECK, Library
from tests.writers import Slide, write_deck_pdf, write_pdf, write_picture_pptx, write_pptx


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.catalogue.close()


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
    assert (report.status, report.document_id, report.reason) == ("replaced", first, "a deck before, literature now")
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
