"""`kb check`: damage of every kind is named, and what is derived is made again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.errors import IndexOutOfStep
from kb.model import Query
from kb.settings import Settings
from tests.fakes import LetterEncoder
from tests.writers import Slide, write_pptx

DECK = (
    Slide("Drempel", ("Wie begint staat op een drempel (Turner, 1969).", "Niet meer hier en nog niet daar.")),
    Slide("Koffie", ("In de pauze is er koffie in de hal.",)),
)


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    file = tmp_path / "drempel.pptx"
    file.write_bytes(write_pptx(DECK, "De drempel"))
    return file


@pytest.fixture
def base(tmp_path: Path, deck: Path) -> Iterator[KnowledgeBase]:
    base = open_knowledge_base(Settings(home=tmp_path / "home"), LetterEncoder)
    list(base.ingest([deck]))
    base.refresh()
    yield base
    base.close()


def damage(base: KnowledgeBase, *statements: str) -> None:
    with closing(sqlite3.connect(base.settings.catalogue)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def found(base: KnowledgeBase, *, repair: bool = False) -> list[tuple[str, str, bool]]:
    return [(finding.part, finding.message, finding.repaired) for finding in base.check(repair=repair)]


DERIVED = [
    ("words", "2 passages cannot be found by their words", ["DELETE FROM terms"]),
    (
        "words",
        "1 passages have other words kept than stand on their pages",
        ["UPDATE terms SET words = 'elders' WHERE rowid = 1"],
    ),
    (
        "words",
        "1 passages that are gone have left their words",
        ["INSERT INTO terms (rowid, title, words, parts, context) VALUES (99, '', 'spook', '', '')"],
    ),
    (
        "words",
        "the table of words is damaged (database disk image is malformed)",
        ["UPDATE terms_data SET block = x'00ff' WHERE id > 10"],
    ),
    ("vectors", "2 passages cannot be found by meaning yet", ["DELETE FROM vectors"]),
    (
        "vectors",
        "1 vectors are damaged",
        ["UPDATE vectors SET vector = x'00112233' WHERE digest = (SELECT digest FROM passages WHERE id = 1)"],
    ),
    (
        "vectors",
        "1 vectors are damaged",
        ["UPDATE vectors SET vector = zeroblob(length(vector)) WHERE digest = (SELECT max(digest) FROM vectors)"],
    ),
    ("vectors", "2 vectors are damaged", ["UPDATE vectors SET sentences = x'0011'"]),
]


@pytest.mark.parametrize(("part", "message", "statements"), DERIVED)
def test_what_is_derived_is_named_when_damaged_and_made_again(
    base: KnowledgeBase, part: str, message: str, statements: list[str]
) -> None:
    assert found(base) == []
    before = base.catalogue.passages.vectors(base.searcher.dense.fingerprint)[1].tolist()
    damage(base, *statements)
    assert found(base) == [(part, message, False)]
    assert found(base, repair=True) == [(part, message, True)]
    assert found(base) == []
    assert base.catalogue.passages.vectors(base.searcher.dense.fingerprint)[1].tolist() == before
    assert base.search(Query("koffie")).evidence[0].page.number == 2


def test_a_check_reports_how_many_passages_were_compared(base: KnowledgeBase) -> None:
    reported: list[tuple[int, int, str]] = []
    base.check(progress=lambda *values: reported.append(values))
    assert reported == [(2, 2, "passages")]


def test_a_repair_names_references_that_differ_from_what_all_documents_give(base: KnowledgeBase) -> None:
    assert found(base, repair=True) == []
    damage(base, "INSERT INTO work_redirects (old, key) SELECT 'other-2001', key FROM works LIMIT 1")
    assert found(base) == []
    message = "1 rows of references differ from what all documents and decisions give"
    assert found(base, repair=True) == [("references", message, True)]
    assert found(base, repair=True) == []


def test_a_search_over_vectors_that_were_cut_short_says_what_mends_them(base: KnowledgeBase) -> None:
    damage(base, "UPDATE vectors SET vector = x'0011'")
    with pytest.raises(IndexOutOfStep, match="kb check --repair"):
        base.catalogue.passages.vectors(base.searcher.dense.fingerprint)
    damage(base, "UPDATE vectors SET vector = zeroblob(24), sentences = x'0011'")
    with pytest.raises(IndexOutOfStep, match="kb check --repair"):
        base.catalogue.passages.sentence_vectors(base.searcher.dense.fingerprint, [1, 2])


@pytest.mark.parametrize("lose", [Path.unlink, lambda path: path.write_bytes(b"other bytes")])
def test_a_lost_original_comes_back_with_its_file_under_the_same_id(
    base: KnowledgeBase, deck: Path, lose: object
) -> None:
    (original,) = base.settings.originals.glob("??/*")
    assert callable(lose)
    lose(original)
    ((part, message, repaired),) = found(base, repair=True)
    assert (part, repaired) == ("files", False)
    assert "drempel.pptx (document 1) is missing or damaged: ingest the file again" in message
    (report,) = base.ingest([deck])
    assert (report.status, report.document_id) == ("unchanged", 1)
    assert report.reason == "its original was lost or damaged, and is kept again"
    assert original.read_bytes() == deck.read_bytes()
    assert found(base) == []


def test_a_stored_file_that_no_document_holds_is_moved_to_quarantine_and_not_deleted(base: KnowledgeBase) -> None:
    kept = set(base.settings.originals.glob("??/*"))
    stray = base.stored.keep(b"left by a stop in between")
    message = f"the stored file {stray[:12]}… belongs to no document"
    quarantine = base.settings.home / "quarantine"
    assert found(base) == [("files", message, False)]
    assert found(base, repair=True) == [("files", f"{message}, and was moved to {quarantine}", True)]
    assert set(base.settings.originals.glob("??/*")) == kept
    assert {each.name: each.read_bytes() for each in quarantine.iterdir()} == {stray: b"left by a stop in between"}


def test_a_lost_original_that_is_in_quarantine_is_brought_back(base: KnowledgeBase, deck: Path) -> None:
    sha256 = base.document(1).files[0].sha256
    base.stored.quarantine(sha256)
    assert [part for part, _, _ in found(base)] == ["files"]
    assert found(base, repair=True) == []
    assert base.stored.path(sha256).read_bytes() == deck.read_bytes()


def test_a_power_cut_while_an_original_is_deleted_leaves_a_catalogue_whose_originals_are_all_there(
    tmp_path: Path, base: KnowledgeBase, deck: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The model of a power cut: of the write-ahead log only what was synced is on disk, deleted files are gone.
    log = base.settings.home / "catalogue.sqlite-wal"
    synced = [b""]
    cuts: list[list[str]] = []
    fsync, unlink = os.fsync, os.unlink

    def recorded(descriptor: int) -> None:
        fsync(descriptor)
        if log.exists() and os.path.samestat(os.fstat(descriptor), log.stat()):
            synced[0] = log.read_bytes()

    def cut(path: Path, **options: int) -> None:
        unlink(path, **options)
        if Path(path).is_relative_to(base.settings.originals):
            after = tmp_path / f"cut-{len(cuts)}"
            shutil.copytree(base.settings.home, after)
            (after / log.name).write_bytes(synced[0])
            (after / "catalogue.sqlite-shm").unlink(missing_ok=True)
            opened = open_knowledge_base(Settings(home=after), LetterEncoder)
            cuts.append([finding.message for finding in opened.check() if finding.part == "files"])
            opened.close()

    base.catalogue.close()  # moves the log into the database: what is not in the log is on disk
    monkeypatch.setattr(os, "fsync", recorded)
    monkeypatch.setattr(os, "unlink", cut)
    deck.write_bytes(write_pptx((*DECK, Slide("Nieuw", ("Een dia erbij.",))), "De drempel"))
    (report,) = base.ingest([deck])
    assert report.status == "replaced"
    base.remove(1, for_good=True)
    # Between the two deletions the second file is one too many; no original is ever missing.
    (between, after) = cuts
    assert [line.partition("…")[2] for line in between] == [" belongs to no document"]
    assert after == []


def test_damage_that_nothing_can_be_made_from_is_named_with_what_to_do(base: KnowledgeBase) -> None:
    damage(base, "UPDATE pages SET text = 'kort' WHERE number = 2")
    findings = base.check(repair=True)
    assert any(
        finding.part == "catalogue" and "lies outside page 2 of document 1: restore a backup" in finding.message
        for finding in findings
    )
    assert not all(finding.repaired for finding in findings)


def test_a_check_never_holds_all_vectors_or_all_words_at_once(base: KnowledgeBase) -> None:
    fingerprint = base.searcher.dense.fingerprint
    size = 1 << 16  # of a vector, and of the words of a passage; in bytes
    unit = b"\0\0\x80\x3f" + bytes(size - 4)
    with closing(sqlite3.connect(base.settings.catalogue)) as connection, connection:
        connection.executemany(
            "INSERT INTO vectors (digest, fingerprint, vector, sentences) VALUES (?, ?, ?, x'')",
            [(f"{number:064}", fingerprint, unit) for number in range(100)],
        )
        connection.executemany(
            "INSERT INTO terms (rowid, title, words, parts, context) VALUES (?, '', ?, '', '')",
            [(number, "w" * size) for number in range(1000, 1100)],
        )
    tracemalloc.start()
    try:
        messages = [message for _, message, _ in found(base)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "100 passages that are gone have left their words" in messages
    assert "2 vectors are damaged" in messages  # the two of another length than the hundred
    assert "100 vectors belong to another encoder or to no passage" in messages
    assert peak < 50 * size


def test_a_passage_without_vectors_of_sentences_is_no_damage(base: KnowledgeBase) -> None:
    damage(base, "UPDATE vectors SET sentences = x''")
    assert found(base) == []


def test_a_file_that_an_earlier_version_replaced_by_title_is_named_until_it_is_here_again(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    newer, lost = tmp_path / "week 2.pptx", tmp_path / "week 1.pptx"
    lost.write_bytes(write_pptx(DECK[1:], "Week"))
    list(base.ingest([lost]))
    (before,) = (document for document in base.documents() if document.filename == "week 1.pptx")
    base.close()
    # As 0.1.0 left it: the document has another file, and the earlier one is only remembered by its name.
    with closing(sqlite3.connect(base.settings.catalogue)) as connection, connection:
        connection.execute(
            "INSERT INTO superseded SELECT sha256, document_id, filename, '2026' FROM files WHERE filename = 'week 1.pptx'"
        )
        connection.execute(
            "UPDATE files SET filename = 'week 2.pptx', sha256 = ? WHERE filename = 'week 1.pptx'", ("a" * 64,)
        )
        connection.execute("INSERT INTO superseded VALUES (?, 1, 'drempel.pptx', '2026')", ("b" * 64,))  # a new version
        connection.execute("DROP TABLE displaced")
        connection.execute("DELETE FROM migrations WHERE name = '0007_displaced'")
    with closing(open_knowledge_base(base.settings, LetterEncoder)) as upgraded:
        named = [finding.message for finding in upgraded.check() if "by its title alone" in finding.message]
        assert named == [
            f"week 1.pptx was replaced by document {before.id} (Week), by its title alone: ingest week 1.pptx again"
            " if it is another document"
        ]
        newer.write_bytes(lost.read_bytes())
        list(upgraded.ingest([newer]))
        assert not [finding for finding in upgraded.check() if "by its title alone" in finding.message]


def test_a_repair_names_a_displaced_file_once_more_and_forgets_it(base: KnowledgeBase) -> None:
    with closing(sqlite3.connect(base.settings.catalogue)) as connection, connection:
        connection.execute("INSERT INTO displaced VALUES (?, 1, 'week 1.pptx')", ("a" * 64,))
    (finding,) = base.check(repair=True)
    assert finding.repaired
    assert finding.message.startswith("week 1.pptx was replaced by document 1 (De drempel)")
    assert base.check() == []
