"""The inbox: each file that arrives is taken in once or refused once, and nothing is deleted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ingest.pipeline import ingest
from ingest.report import IngestReport
from ingest.watch import Inbox
from kb.catalogue import Catalogue
from kb.errors import CatalogueError, KnowledgeBaseError
from kb.originals import Originals


class Home:
    """A knowledge base with an inbox beside it, and a clock that the tests set."""

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self.memory = folder / "inbox.json"
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self.originals = Originals(folder / "originals")
        self.now = 0.0
        self.taken: list[str] = []

    def take_in(self, paths: Sequence[Path]) -> Iterator[IngestReport]:
        """Ingest, remembering what was asked for."""
        self.taken.extend(path.name for path in paths)
        return ingest(paths, self.catalogue, self.originals, max_bytes=10**6)

    def open(self, *, move: bool = False) -> Inbox:
        """The inbox, as a process that starts now sees it."""
        return Inbox(self.inbox, self.take_in, self.memory, self.catalogue.inbox_jobs, move=move, still=2.0)

    def later(self, inbox: Inbox, seconds: float = 2.0) -> list[tuple[str, str]]:
        """Look after so many seconds; name and status of what was handled."""
        self.now += seconds
        reports = list(inbox.handle(inbox.look(self.now)))
        return [(Path(report.path).name, report.status) for report in reports]

    def write(self, name: str, text: str) -> Path:
        """Put a file into the inbox."""
        path = self.inbox / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.catalogue.close()


def text(subject: str) -> str:
    """A text about something."""
    return f"Een tekst over {subject}, met genoeg woorden om een bladzijde te zijn."


def test_a_file_is_taken_in_once_when_it_has_been_still(home: Home) -> None:
    inbox = home.open()
    home.write("a.txt", text("drempels"))
    assert home.later(inbox) == []
    assert home.later(inbox, 1.9) == []
    assert home.later(inbox, 0.1) == [("a.txt", "added")]
    assert home.later(inbox) == []
    assert home.later(inbox) == []
    assert home.taken == ["a.txt"]


def test_a_file_that_grows_is_left_alone_until_it_is_whole(home: Home) -> None:
    inbox = home.open()
    path = home.write("a.txt", text("drempels"))
    for part in range(5):
        assert home.later(inbox) == []
        with path.open("a") as file:
            file.write(f" Deel {part}.")
    assert home.later(inbox) == []
    assert home.later(inbox) == [("a.txt", "added")]
    (document,) = home.catalogue.documents.all()
    assert home.catalogue.documents.pages(document.id)[0].text.endswith("Deel 4.")


def test_a_file_that_failed_is_tried_again_when_it_changes_and_not_before(home: Home) -> None:
    inbox = home.open()
    path = home.write("a.pdf", "%PDF-1.7 geen pdf")
    home.later(inbox)
    assert home.later(inbox) == [("a.pdf", "failed")]
    assert [home.later(inbox) for _ in range(3)] == [[], [], []]
    assert home.later(home.open()) == []
    again = home.open()
    home.later(again)
    assert home.later(again) == []
    path.write_text("%PDF-1.7 nog steeds geen pdf")
    home.later(again)
    assert home.later(again) == [("a.pdf", "failed")]
    assert home.taken == ["a.pdf", "a.pdf"]


def test_a_new_version_replaces_and_a_removed_document_does_not_come_back(home: Home) -> None:
    inbox = home.open()
    path = home.write("a.txt", text("drempels"))
    home.later(inbox)
    home.later(inbox)
    path.write_text(text("binding en welzijn"))
    home.later(inbox)
    assert home.later(inbox) == [("a.txt", "replaced")]
    (document,) = home.catalogue.documents.all()
    home.catalogue.documents.remove(document.id)
    restarted = home.open()
    home.later(restarted)
    assert home.later(restarted) == []
    assert home.catalogue.documents.all() == []


def test_what_systems_leave_behind_and_folders_inside(home: Home) -> None:
    inbox = home.open()
    for name in (".DS_Store", "~$deck.pptx", "a.pdf.part", "b.crdownload", "Thumbs.db"):
        home.write(name, text("niets"))
    home.write("week 1/a.txt", text("drempels"))
    home.later(inbox)
    assert home.later(inbox) == [("a.txt", "added")]
    assert home.taken == ["a.txt"]


def test_after_a_kill_in_the_middle_each_file_is_in_the_catalogue_once(home: Home) -> None:
    for number in range(6):
        home.write(f"{number}.txt", text(f"onderwerp {number}"))
    killed = home.open()
    killed.look(0.0)
    reports = iter(home.take_in(killed.look(2.0)))
    assert [next(reports).status for _ in range(3)] == ["added"] * 3  # and then it is killed, with nothing remembered
    restarted = home.open()
    home.later(restarted)
    assert [status for _, status in home.later(restarted)] == ["unchanged"] * 3 + ["added"] * 3
    assert len(home.catalogue.documents.all()) == 6


def test_a_memory_that_is_damaged_costs_a_look_and_no_document(home: Home) -> None:
    home.write("a.txt", text("drempels"))
    inbox = home.open()
    home.later(inbox)
    home.later(inbox)
    home.memory.write_text('{"half')
    again = home.open()
    home.later(again)
    assert home.later(again) == [("a.txt", "unchanged")]


def test_a_file_that_is_deleted_before_it_is_read_is_no_error(home: Home) -> None:
    inbox = home.open()
    path = home.write("a.txt", text("drempels"))
    inbox.look(0.0)
    ready = inbox.look(2.0)
    path.unlink()
    assert list(inbox.handle(ready)) == []


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(home: Home) -> None:
    path = home.write("a.txt", text("drempels"))
    inbox = home.open()
    inbox.look(0.0)
    for report in inbox.handle(inbox.look(2.0)):
        assert report.status == "added"
    changing = home.open()

    def take_in_and_change(paths: Sequence[Path]) -> Iterator[IngestReport]:
        for report in home.take_in(paths):
            path.write_text(text("binding en veel meer"))
            yield report

    path.write_text(text("welzijn"))
    changing._take_in = take_in_and_change
    changing.look(0.0)
    assert [report.status for report in changing.handle(changing.look(2.0))] == ["replaced"]
    changing._take_in = home.take_in
    changing.look(4.0)
    assert [report.status for report in changing.handle(changing.look(6.0))] == ["replaced"]
    (document,) = home.catalogue.documents.all()
    assert "binding" in home.catalogue.documents.pages(document.id)[0].text


def test_handled_files_are_moved_with_the_reason_and_none_is_overwritten(home: Home) -> None:
    inbox = home.open(move=True)
    for subject in ("drempels", "binding en welzijn"):
        home.write("deck.txt", text(subject))
        home.write("kapot.pdf", f"%PDF-1.7 {subject}")
        home.later(inbox)
        handled = home.later(inbox)
        assert [status for _, status in handled] == ["added", "failed"]
    places = {path.relative_to(home.inbox).as_posix(): path for path in home.inbox.rglob("*") if path.is_file()}
    assert sorted(places) == [
        "done/deck (2).txt",
        "done/deck.txt",
        "failed/kapot (2).pdf",
        "failed/kapot (2).pdf.reason.txt",
        "failed/kapot.pdf",
        "failed/kapot.pdf.reason.txt",
    ]
    assert places["failed/kapot.pdf.reason.txt"].read_text().startswith("failed: kapot.pdf: damaged")
    # The second deck of that name is another document: the first is still there, under `done`.
    assert len(home.catalogue.documents.all()) == 2


def test_the_inbox_goes_on_after_an_error(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    home.write("a.txt", text("drempels"))
    inbox = home.open()
    inbox._still = 0.0
    stop = threading.Event()
    failures = [CatalogueError("the disk is full")]

    def take_in(paths: Sequence[Path]) -> Iterator[IngestReport]:
        if failures:
            raise failures.pop()
        return home.take_in(paths)

    inbox._take_in = take_in
    with caplog.at_level(logging.WARNING):
        for report in inbox.run(stop, every=0.0):
            assert report.status == "added"
            stop.set()
    assert "the disk is full; it is tried again" in caplog.text


def test_once_takes_what_is_still_and_leaves_what_changes(home: Home) -> None:
    home.write("a.txt", text("drempels"))
    growing = home.write("b.txt", text("binding"))

    def wait(seconds: float) -> None:
        home.now += seconds
        growing.write_text(text("binding en welzijn"))

    assert [Path(report.path).name for report in home.open().once(wait, lambda: home.now)] == ["a.txt"]
    reports = home.open().once(lambda seconds: setattr(home, "now", home.now + seconds), lambda: home.now)
    assert [Path(report.path).name for report in reports] == ["b.txt"]


def test_an_inbox_that_is_no_folder_is_refused(home: Home) -> None:
    home.inbox.rmdir()
    with pytest.raises(KnowledgeBaseError, match="is no folder"):
        home.open()


def listed(home: Home) -> list[tuple[str, str, str | None, int]]:
    """The jobs, oldest first: name, state, outcome, attempts."""
    jobs = home.catalogue.jobs.latest(10)[::-1]
    return [(job.filename, job.state, job.status, job.attempts) for job in jobs]


def test_a_file_is_listed_as_a_job_while_it_waits_and_runs(home: Home) -> None:
    home.write("a.txt", text("drempels"))
    home.write("b.txt", text("binding"))
    inbox = home.open()
    inbox.look(home.now)
    home.now += 2
    reports = inbox.handle(inbox.look(home.now))
    next(reports)
    assert listed(home) == [("a.txt", "done", "added", 1), ("b.txt", "running", None, 1)]
    # No process that takes up uploads takes it.
    assert home.catalogue.jobs.claim() is None
    assert home.catalogue.jobs.until_next_lease_ends() is None
    assert home.catalogue.jobs.stored() == set()
    list(reports)
    assert listed(home) == [("a.txt", "done", "added", 1), ("b.txt", "done", "added", 1)]


def test_the_next_watcher_goes_on_with_the_job_of_one_that_died(home: Home) -> None:
    path = home.write("a.txt", text("drempels"))
    jobs = home.catalogue.inbox_jobs
    jobs.LEASE = -1.0
    jobs.start(jobs.begin(str(path), "a.txt", 3))
    jobs.begin(str(home.inbox / "gone.txt"), "gone.txt", 3)
    assert listed(home) == [("a.txt", "waiting", None, 1), ("gone.txt", "waiting", None, 0)]
    inbox = home.open()
    inbox.forget_gone()
    home.later(inbox)
    assert home.later(inbox) == [("a.txt", "added")]
    assert listed(home) == [("a.txt", "done", "added", 2)]


def test_a_file_that_changes_while_it_is_read_has_one_job(home: Home) -> None:
    path = home.write("a.txt", text("drempels"))
    inbox = home.open()
    inbox.look(home.now)
    home.now += 2
    for report in inbox.handle(inbox.look(home.now)):
        assert report.status == "added"
    path.write_text(text("drempels en binding"))
    home.later(inbox)
    assert home.later(inbox) == [("a.txt", "replaced")]
    assert listed(home) == [("a.txt", "done", "added", 1), ("a.txt", "done", "replaced", 1)]
