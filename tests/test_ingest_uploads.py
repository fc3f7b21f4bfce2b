"""Jobs of uploads when processes die, sleep through their lease, or cannot store or embed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.catalogue import Jobs
from kb.errors import CatalogueError, ModelError
from kb.outcomes import Job, OutcomeReason, Upload
from kb.settings import Settings
from tests.fake_uploads import settle
from tests.fakes import WordEncoder
from tests.writers import Slide, locked_pdf, write_deck_pdf, write_pptx

DECK = write_pptx([Slide("Liminale ruimte", ("Een drempel is geen plek om te blijven.",))], "Drempels")
LOCKED = locked_pdf(write_deck_pdf([Slide("Binding", ("Een brug heeft twee oevers.",))], "Bruggen"), user="geheim")


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with closing(open_knowledge_base(Settings(tmp_path / "home"), WordEncoder)) as opened:
        yield opened


def add(base: KnowledgeBase, data: bytes, filename: str, *, claimed: bool = False) -> Job:
    """A job as an upload leaves it when its process dies before the job is done."""
    folder = base.settings.home / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / filename).write_bytes(data)
    return base.catalogue.jobs.add(Upload(filename), len(data), filename, kind=None, claimed=claimed)


def outcome(base: KnowledgeBase, job: Job) -> tuple[str, str | None, list[str]]:
    found = base.job(job.id)
    return found.state, found.status, [reason.code for reason in found.reasons]


def test_a_job_whose_process_died_is_taken_up_when_its_lease_ends(base: KnowledgeBase) -> None:
    base.catalogue.jobs.LEASE = 0.3
    job = add(base, DECK, "deck.pptx", claimed=True)
    del base.catalogue.jobs.LEASE
    base.uploads.resume()  # as a server does at its start, here within the lease
    settle()
    assert outcome(base, job) == ("done", "added", [])
    assert [document.title for document in base.documents()] == ["Drempels"]


def test_a_process_that_slept_through_its_lease_changes_no_outcome(base: KnowledgeBase) -> None:
    jobs = base.catalogue.jobs
    jobs.LEASE = -1.0
    sleeper = add(base, DECK, "deck.pptx", claimed=True)
    del jobs.LEASE
    base.uploads.resume()
    settle()
    assert outcome(base, sleeper) == ("done", "added", [])
    assert not jobs.finish(sleeper, "failed", [OutcomeReason("missing")], None)
    jobs.renew(sleeper)
    assert outcome(base, sleeper) == ("done", "added", [])


def test_only_the_latest_attempt_renews_a_lease(base: KnowledgeBase) -> None:
    moment = [1000.0]
    jobs = Jobs(base.catalogue.backend, lambda: moment[0])
    assert jobs.until_next_lease_ends() is None
    first = jobs.add(Upload("a.pdf"), 1, "a", kind=None, claimed=True)
    moment[0] += jobs.LEASE - 10
    assert jobs.until_next_lease_ends() == 10
    moment[0] += 11
    second = jobs.claim()
    assert second is not None
    assert (second.id, second.attempts) == (first.id, 2)
    moment[0] += 5
    jobs.renew(first)
    assert jobs.until_next_lease_ends() == jobs.LEASE - 5
    jobs.renew(second)
    assert jobs.until_next_lease_ends() == jobs.LEASE


def test_a_failure_to_embed_ends_neither_the_upload_nor_the_queue(base: KnowledgeBase) -> None:
    def fail() -> object:
        raise ModelError("the model cannot be opened")

    base.uploads._embed = fail
    first, second = add(base, DECK, "deck.pptx"), add(base, b"junk", "notes.xyz")
    base.uploads.resume()
    settle()
    assert (outcome(base, first)[1], outcome(base, second)[1]) == ("added", "unsupported")
    with_password = base.uploads.add(BytesIO(LOCKED), "locked.pdf", password="geheim")
    assert with_password.status == "added"


def test_an_outcome_that_cannot_be_stored_is_tried_again_and_costs_no_attempt(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = base.catalogue.jobs
    failures = [CatalogueError("the disk is full")]
    finish = jobs.finish

    def failing(*outcome: object) -> bool:
        if failures:
            raise failures.pop()
        return finish(*outcome)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "finish", failing)
    monkeypatch.setattr("ingest.uploads.AGAIN", 0.0)
    job = add(base, DECK, "deck.pptx")
    base.uploads.resume()
    settle()
    assert (base.job(job.id).status, base.job(job.id).attempts) == ("unchanged", 1)
    assert list((base.settings.home / "uploads").iterdir()) == []


def test_a_locked_file_whose_password_is_gone_says_so(base: KnowledgeBase) -> None:
    base.catalogue.jobs.LEASE = -1.0
    job = add(base, LOCKED, "locked.pdf", claimed=True)
    del base.catalogue.jobs.LEASE
    base.uploads.resume()
    settle()
    assert outcome(base, job) == ("done", "locked", ["password-gone"])


def test_the_files_of_an_inbox_are_listed_with_their_outcomes(base: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "deck.pptx").write_bytes(DECK)
    (folder / "notes.xyz").write_bytes(b"junk")
    inbox = base.inbox(folder)
    list(inbox.once(wait=lambda _: None, clock=iter([0.0, 10.0]).__next__))
    listed = [(job.filename, job.origin, job.status, job.document_id) for job in base.jobs(10)]
    assert listed == [("notes.xyz", "inbox", "unsupported", None), ("deck.pptx", "inbox", "added", 1)]
    base.uploads.resume()
    settle()
    assert len(base.documents()) == 1
