"""Whether a document is a new version of another is asked; a yes replaces, a no is remembered, and both can be taken back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pptx import Presentation

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.errors import NotInKnowledgeBase, Removed
from kb.model import Query
from kb.settings import Settings
from kb.versions import Resemblance
from tests.fakes import WordEncoder
from tests.writers import Slide, write_pptx

COVER = Slide("Welkom", ("Een webinar over de overgang naar het hoger onderwijs",))
DOORS = Slide("Drempels", ("Wie begint aan een studie staat op een drempel (Turner, 1969).",))
ROOMS = Slide("Kamers", ("Een lokaal dat open is nodigt studenten uit om te blijven zitten.",))
NAMES = Slide("Namen", ("Een docent die namen kent maakt van een groep een gezelschap.",))
BRIDGES = Slide("Bruggen", ("Wie een brug bouwt helpt de ander naar de overkant van het water.",))
FIRST = (COVER, DOORS, ROOMS, NAMES)
SECOND = (COVER, BRIDGES, ROOMS, NAMES)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[KnowledgeBase]:
    knowledge_base = open_knowledge_base(Settings(tmp_path / "home"), WordEncoder)
    yield knowledge_base
    knowledge_base.close()


def take_in(opened: KnowledgeBase, *paths: Path) -> list[tuple[str, str]]:
    reports = list(opened.ingest(paths))
    opened.refresh()
    return [(report.status, report.reasons[0].code if report.reasons else "") for report in reports]


def found(opened: KnowledgeBase, words: str) -> set[int]:
    return {item.document.id for item in opened.search(Query(words)).evidence}


def dated(deck: bytes, day: int) -> bytes:
    """A deck that was made on a day of September 2026."""
    opened, out = Presentation(io.BytesIO(deck)), io.BytesIO()
    opened.core_properties.created = datetime(2026, 9, day, tzinfo=UTC)
    opened.save(out)
    return out.getvalue()


@pytest.fixture
def two(opened: KnowledgeBase, tmp_path: Path) -> tuple[Path, Path]:
    """Two versions of one deck that were taken in, as documents 1 and 2."""
    first, second = tmp_path / "webinar.pptx", tmp_path / "webinar (nieuw).pptx"
    first.write_bytes(write_pptx(FIRST, "De overgang"))
    second.write_bytes(write_pptx(SECOND, "De overgang"))
    assert take_in(opened, first, second) == [("added", ""), ("added", "similar")]
    return first, second


def question(opened: KnowledgeBase) -> str:
    (asked,) = opened.version_questions()
    return asked.id


def test_a_deck_of_the_same_title_is_kept_beside_the_other_and_asked_about(
    opened: KnowledgeBase, two: tuple[Path, Path]
) -> None:
    (asked,) = opened.version_questions()
    assert (asked.older.id, asked.newer.id) == (1, 2)
    assert asked.resemblance == Resemblance("same-title", 3, 4)
    assert (found(opened, "drempel"), found(opened, "brug")) == ({1}, {2})


def test_yes_moves_the_older_to_the_trash_and_the_newer_to_the_address_that_was_given_first(
    opened: KnowledgeBase, two: tuple[Path, Path]
) -> None:
    older, newer = opened.document(1).files[0], opened.document(2).files[0]
    pages = opened.pages(2)
    opened.decide_version(question(opened), "confirm")
    opened.refresh()
    assert opened.pages(1) == pages
    assert [file.sha256 for file in opened.document(1).files] == [newer.sha256]
    assert (found(opened, "drempel"), found(opened, "brug")) == (set(), {1})
    with pytest.raises(Removed) as gone:
        opened.document(2)
    assert gone.value.became == 1
    # A link to the file of the replaced version holds.
    assert opened.original(1, older.sha256).read_bytes() == two[0].read_bytes()
    (trashed,) = opened.trash()
    assert (trashed.document_id, trashed.cause) == (1, "replaced")
    assert opened.version_questions() == []
    assert opened.check() == []


def test_a_replaced_file_that_is_ingested_again_does_not_come_back(
    opened: KnowledgeBase, two: tuple[Path, Path]
) -> None:
    opened.decide_version(question(opened), "confirm")
    assert take_in(opened, *two) == [("unchanged", "earlier-version"), ("unchanged", "")]
    assert [document.id for document in opened.documents()] == [1]


def test_a_yes_that_is_taken_back_gives_both_documents_back_under_their_own_ids(
    opened: KnowledgeBase, two: tuple[Path, Path]
) -> None:
    before = [(opened.document(number).files, opened.pages(number)) for number in (1, 2)]
    cited = [each.text for each in opened.citations_of(1)]
    answer = opened.decide_version(question(opened), "confirm")
    assert opened.undo_version(answer)
    opened.refresh()
    assert [(opened.document(number).files, opened.pages(number)) for number in (1, 2)] == before
    assert [each.text for each in opened.citations_of(1)] == cited == ["(Turner, 1969)"]
    assert (found(opened, "drempel"), found(opened, "brug")) == ({1}, {2})
    assert question(opened) == "1-2"
    assert (opened.version_answers(), opened.trash(), opened.check()) == ([], [], [])


def test_no_keeps_both_and_is_remembered_when_the_files_come_again(
    opened: KnowledgeBase, two: tuple[Path, Path]
) -> None:
    answer = opened.decide_version(question(opened), "refuse")
    assert [document.id for document in opened.documents()] == [1, 2]
    opened.remove(2, for_good=True)
    assert take_in(opened, two[1]) == [("added", "similar")]
    assert opened.version_questions() == []
    assert opened.undo_version(answer)
    with pytest.raises(NotInKnowledgeBase):
        opened.undo_version(answer)


def test_an_answer_is_given_once(opened: KnowledgeBase, two: tuple[Path, Path]) -> None:
    opened.decide_version("1-2", "refuse")
    for made_up in ("1-2", "2-1", "", "x-y", "1"):
        with pytest.raises(NotInKnowledgeBase):
            opened.decide_version(made_up, "confirm")


def test_a_yes_after_which_the_document_changed_is_forgotten_and_nothing_moves(
    opened: KnowledgeBase, two: tuple[Path, Path]
) -> None:
    answer = opened.decide_version(question(opened), "confirm")
    two[1].write_bytes(write_pptx((*SECOND, DOORS), "De overgang"))
    assert take_in(opened, two[1]) == [("replaced", "")]
    assert not opened.undo_version(answer)
    assert (opened.document(1).pages, len(opened.trash())) == (5, 2)
    assert opened.version_answers() == []


def test_a_deck_with_the_older_date_that_comes_later_is_the_older_version(
    opened: KnowledgeBase, tmp_path: Path
) -> None:
    (tmp_path / "a.pptx").write_bytes(dated(write_pptx(SECOND, "De overgang"), 8))
    (tmp_path / "b.pptx").write_bytes(dated(write_pptx(FIRST, "De overgang"), 1))
    take_in(opened, tmp_path / "a.pptx", tmp_path / "b.pptx")
    pages, before = opened.pages(1), opened.pages(2)
    (asked,) = opened.version_questions()
    assert (asked.older.id, asked.newer.id) == (2, 1)
    answer = opened.decide_version(asked.id, "confirm")
    assert opened.pages(1) == pages
    assert [document.id for document in opened.documents()] == [1]
    assert opened.undo_version(answer)
    assert (opened.pages(1), opened.pages(2)) == (pages, before)


def test_a_deck_under_another_title_with_most_of_the_slides_is_asked_about(
    opened: KnowledgeBase, tmp_path: Path
) -> None:
    for name, slides, title in (("a", FIRST, "De overgang"), ("b", (*FIRST[1:], BRIDGES), "Op de drempel")):
        (tmp_path / f"{name}.pptx").write_bytes(write_pptx(slides, title))
    take_in(opened, tmp_path / "a.pptx", tmp_path / "b.pptx")
    (asked,) = opened.version_questions()
    assert asked.resemblance == Resemblance("same-pages", 3, 4)


def test_decks_that_share_a_cover_are_not_asked_about(opened: KnowledgeBase, tmp_path: Path) -> None:
    for name, slides in (("a", (COVER, DOORS, ROOMS)), ("b", (COVER, NAMES, BRIDGES))):
        (tmp_path / f"{name}.pptx").write_bytes(write_pptx(slides, f"Week {name}"))
    take_in(opened, tmp_path / "a.pptx", tmp_path / "b.pptx")
    assert opened.version_questions() == []


def test_a_question_lapses_with_one_of_its_documents_and_returns_with_it(
    opened: KnowledgeBase, two: tuple[Path, Path]
) -> None:
    opened.remove(1)
    assert opened.version_questions() == []
    opened.undelete(1)
    assert question(opened) == "1-2"
