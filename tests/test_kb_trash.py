"""The trash: what is removed or replaced comes back with one command, until it is swept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.restoring import restore as bring_back
from kb.backup import restore
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.errors import NotInKnowledgeBase, Overtaken, Removed
from kb.model import Query
from kb.settings import Settings
from tests.fakes import WordEncoder
from tests.writers import Slide, write_deck_pdf, write_pptx

DECK = (
    Slide("Welkom", ("Een webinar over de overgang naar het hoger onderwijs",)),
    Slide("Drempels", ("Wie begint aan een studie staat op een drempel (Turner, 1969).",)),
)
NEXT = (
    Slide("Welkom", ("Een webinar over de overgang naar het hoger onderwijs",)),
    Slide("Bruggen", ("Wie een brug bouwt helpt de ander naar de overkant.",)),
)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[KnowledgeBase]:
    knowledge_base = open_knowledge_base(Settings(tmp_path / "home"), WordEncoder)
    yield knowledge_base
    knowledge_base.close()


def take_in(opened: KnowledgeBase, *paths: Path) -> list[str]:
    statuses: list[str] = [report.status for report in opened.ingest(paths)]
    opened.refresh()
    return statuses


def found(opened: KnowledgeBase, words: str) -> set[int]:
    return {item.document.id for item in opened.search(Query(words)).evidence}


def originals(opened: KnowledgeBase) -> int:
    return len(list(opened.stored.all()))


def test_a_removed_document_comes_back_under_its_id_with_both_files_and_is_found(
    opened: KnowledgeBase, tmp_path: Path
) -> None:
    (tmp_path / "deck.pptx").write_bytes(write_pptx(DECK, "De overgang"))
    (tmp_path / "deck.pdf").write_bytes(write_deck_pdf(DECK, "De overgang"))
    take_in(opened, tmp_path / "deck.pptx", tmp_path / "deck.pdf")
    before = opened.document(1)
    pages = opened.pages(1)

    opened.remove(1)
    with pytest.raises(Removed):
        opened.document(1)
    assert found(opened, "drempel") == set()
    assert originals(opened) == 2
    (trashed,) = opened.trash()
    assert (trashed.document_id, trashed.cause, trashed.title) == (1, "removed", before.title)

    assert opened.undelete(1).id == 1
    opened.refresh()
    assert opened.pages(1) == pages
    assert opened.document(1).files == before.files
    assert [citation.text for citation in opened.citations_of(1)] == ["(Turner, 1969)"]
    assert found(opened, "drempel") == {1}
    assert opened.trash() == []
    assert opened.check() == []


def test_a_replaced_version_comes_back_as_a_document_of_its_own_and_the_path_stays_the_current_ones(
    opened: KnowledgeBase, tmp_path: Path
) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(write_pptx(DECK, "De overgang"))
    take_in(opened, path)
    path.write_bytes(write_pptx(NEXT, "De overgang"))
    assert take_in(opened, path) == ["replaced"]
    assert [item.cause for item in opened.trash()] == ["replaced"]

    restored = opened.undelete(1)
    opened.refresh()
    assert restored.id == 2
    assert found(opened, "drempel") == {2}
    assert found(opened, "brug") == {1}

    path.write_bytes(write_pptx((*NEXT, Slide("Slot", ("Tot de volgende keer.",))), "De overgang"))
    assert take_in(opened, path) == ["replaced"]
    assert found(opened, "volgende keer") == {1}
    assert opened.pages(2)[1].title == "Drempels"


def test_nothing_is_kept_of_a_document_that_is_removed_for_good(opened: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    for slides in (DECK, NEXT):
        path.write_bytes(write_pptx(slides, "De overgang"))
        take_in(opened, path)
    assert originals(opened) == 2
    opened.remove(1, for_good=True)
    assert originals(opened) == 0
    assert opened.trash() == []
    with pytest.raises(NotInKnowledgeBase, match="kb trash lists"):
        opened.undelete(1)


def test_the_sweep_deletes_what_has_been_in_the_trash_for_too_long(opened: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(write_pptx(DECK, "De overgang"))
    take_in(opened, path)
    opened.remove(1)
    assert opened.sweep() == 0
    with closing(sqlite3.connect(opened.settings.catalogue)) as database, database:
        database.execute("UPDATE trash SET at = '2020-01-01T00:00:00+00:00'")
    assert opened.sweep() == 1
    assert (opened.trash(), originals(opened)) == ([], 0)
    assert opened.check() == []


def test_a_file_that_was_ingested_again_leaves_the_trash_and_its_old_document_stays_removed(
    opened: KnowledgeBase, tmp_path: Path
) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(write_pptx(DECK, "De overgang"))
    take_in(opened, path)
    trashed = opened.remove(1)
    assert take_in(opened, path) == ["added"]
    assert opened.trash() == []
    with pytest.raises(Removed):
        opened.document(trashed.id)


def test_two_processes_do_not_bring_back_the_same_document_twice(opened: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(write_pptx(DECK, "De overgang"))
    take_in(opened, path)
    opened.remove(1)
    (trashed,) = opened.trash()
    opened.undelete(1)
    with pytest.raises(Overtaken):
        bring_back(trashed, opened.catalogue, opened.stored)


def test_a_backup_holds_the_trash(opened: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(write_pptx(DECK, "De overgang"))
    take_in(opened, path)
    opened.remove(1)
    opened.backup(tmp_path / "all.tar")
    settings = Settings(tmp_path / "other")
    restore(tmp_path / "all.tar", settings)
    again = open_knowledge_base(settings, WordEncoder)
    assert again.undelete(1).id == 1
    again.close()
