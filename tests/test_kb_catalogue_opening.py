"""Opening a catalogue: migrations, other processes, and what they leave."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.catalogue import Catalogue
from kb.catalogue.sqlite import switch_to_wal
from kb.catalogue.store import known_migrations
from kb.errors import CatalogueError, Overtaken, Removed
from kb.originals import Originals
from tests.catalogue_material import ENCODER, find, prepared


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def test_each_change_raises_the_generation_and_a_failed_one_does_not(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    assert catalogue.passages.generation() == 1
    made = prepared("other")
    with pytest.raises(ValueError, match="is not in the text of page 1"):
        catalogue.documents.put(replace(made, passages=(*made.passages, replace(made.passages[0], start=1))))
    assert catalogue.passages.generation() == 1
    catalogue.documents.remove(document.id)
    assert catalogue.passages.generation() == 2


def test_opening_again_finds_everything_and_migrates_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    first = Catalogue(path)
    document = first.documents.put(prepared())
    first.close()
    second = Catalogue(path)
    assert second.documents.all() == [document]
    second.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        applied = [row[0] for row in connection.execute("SELECT name FROM migrations ORDER BY name")]
    assert applied == [name for name, _ in known_migrations()]


def test_a_catalogue_from_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    Catalogue(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO migrations VALUES ('9999_tomorrow')")
    with pytest.raises(CatalogueError, match="9999_tomorrow"):
        Catalogue(path)


def test_a_file_that_is_no_catalogue_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(CatalogueError, match="cannot be read") as error:
        Catalogue(path)
    assert "\n" not in str(error.value)


def test_two_that_take_in_the_same_bytes_at_once_leave_one_document(tmp_path: Path, catalogue: Catalogue) -> None:
    other = Catalogue(tmp_path / "catalogue.sqlite")
    first = catalogue.documents.put(prepared())
    with pytest.raises(Overtaken, match=f"document {first.id}"):
        other.documents.put(prepared())
    assert other.documents.all() == [first]
    other.close()


def test_a_new_version_of_what_was_removed_meanwhile_fills_no_tombstone(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared("deck", "oude woorden"))
    catalogue.documents.remove(document.id)
    newer = prepared("deck", "verse woorden")
    other = replace(newer.file, sha256="e" * 64)
    for change in (
        lambda: catalogue.documents.replace(document.id, newer),
        lambda: catalogue.documents.add_file(document.id, other),
        lambda: catalogue.documents.swap_file(document.id, newer.file.sha256, other),
    ):
        with pytest.raises(Overtaken, match="was removed"):
            change()
    assert find(catalogue, "vers") == []
    assert catalogue.files.known(newer.file.sha256) is None


def test_a_path_seen_too_late_leads_to_no_removed_document(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    catalogue.documents.remove(document.id)
    catalogue.files.seen_at("/decks/copy.pdf", document.files[0].sha256, document.id)
    assert catalogue.files.at_path("/decks/copy.pdf") is None


def test_removing_twice_says_that_it_was_removed(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    catalogue.documents.remove(document.id)
    with pytest.raises(Removed, match="Titel van deck"):
        catalogue.documents.remove(document.id)
    assert catalogue.passages.generation() == 2


def test_bytes_that_a_document_holds_are_not_discarded(tmp_path: Path, catalogue: Catalogue) -> None:
    originals = Originals(tmp_path / "originals")
    sha256 = originals.keep(b"the bytes of a deck")
    made = prepared()
    document = catalogue.documents.put(replace(made, file=replace(made.file, sha256=sha256)))
    catalogue.files.discard(sha256, originals)
    assert originals.sound(sha256)
    catalogue.documents.remove(document.id)
    catalogue.files.discard(sha256, originals)
    assert originals.sound(sha256)
    catalogue.trash.forget([sha256])
    catalogue.files.discard(sha256, originals)
    assert list(originals.all()) == []


def test_words_made_by_other_rules_are_made_again_when_the_catalogue_is_opened(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    catalogue.documents.put(prepared("deck", "Studentenwelzijn telt"))
    path = tmp_path / "catalogue.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE terms SET words = 'studentwelz', parts = ''")
        connection.execute("UPDATE meta SET value = 'words-0' WHERE name = 'words'")
    assert find(catalogue, "welzijn") == []
    again = Catalogue(path)
    assert len(find(again, "welzijn")) == 1
    assert again.passages.generation() == 2
    again.close()
    Catalogue(path).close()
    assert catalogue.passages.generation() == 2


def test_a_catalogue_that_another_writes_to_for_too_long_is_said_to_be_busy(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.catalogue.sqlite.BUSY_SECONDS", 0)
    impatient = Catalogue(tmp_path / "catalogue.sqlite")
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite", isolation_level=None)) as other, other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CatalogueError, match="busy: another kb has been writing") as error:
            impatient.documents.put(prepared())
        assert "\n" not in str(error.value)
        other.execute("ROLLBACK")
    assert impatient.documents.put(prepared()).id == 1
    impatient.close()


OPENS = "import sys; from pathlib import Path; from kb.catalogue import Catalogue; Catalogue(Path(sys.argv[1])).close()"


def test_several_that_open_a_new_catalogue_at_once_all_do(tmp_path: Path) -> None:
    def opening(path: Path) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", OPENS, str(path)], stderr=subprocess.PIPE, text=True)

    said = [each.communicate()[1] for each in [opening(tmp_path / "catalogue.sqlite") for _ in range(4)]]
    assert said == [""] * 4


def test_a_new_file_that_another_is_switching_over_is_tried_again() -> None:
    # SQLite does not wait by itself when two switch a new file to WAL: it says "locked" to one of them at once.
    class Refused:
        asked = 0

        def execute(self, _statement: str) -> None:
            self.asked += 1
            if self.asked < 3:
                error = sqlite3.OperationalError("database is locked")
                error.sqlite_errorcode = sqlite3.SQLITE_BUSY
                raise error

    refused = Refused()
    switch_to_wal(refused)  # type: ignore[arg-type]
    assert refused.asked == 3


def test_a_tombstone_keeps_a_title_and_nothing_else_that_was_read(tmp_path: Path, catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    catalogue.documents.remove(document.id)
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as connection, connection:
        (row,) = connection.execute("SELECT title, authors, date, year FROM documents").fetchall()
    assert row == ("Titel van deck", "[]", None, None)


def test_a_hit_is_brought_home_under_the_title_of_today(tmp_path: Path, catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared("deck", "woord"))
    (old,) = find(catalogue, "woord")
    assert catalogue.passages.found([old])[old].document.title == "Titel van deck"
    other = Catalogue(tmp_path / "catalogue.sqlite")  # another process
    other.documents.replace(document.id, replace(prepared("deck", "woord"), title="Een andere titel"))
    other.close()
    (new,) = find(catalogue, "woord")
    assert catalogue.passages.found([new])[new].document.title == "Een andere titel"


def test_a_vector_of_a_text_that_no_passage_holds_is_named_and_swept_up(tmp_path: Path, catalogue: Catalogue) -> None:
    made = prepared("deck", "woord")
    catalogue.documents.put(replace(made, file=replace(made.file, sha256="a" * 64)))
    ((key, _, _),) = catalogue.passages.unembedded(ENCODER)
    catalogue.passages.add_vectors(ENCODER, [key], np.ones((1, 2), dtype=np.float32))
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as connection, connection:
        connection.execute("INSERT INTO vectors SELECT 'gone', fingerprint, vector, sentences, tokens FROM vectors")
    assert catalogue.passages.fingerprints() == {ENCODER: 2}
    originals = Originals(tmp_path / "originals")
    findings = catalogue.check(originals, ENCODER, repair=True)
    assert [each.repaired for each in findings if "to no passage" in each.message] == [True]
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as connection, connection:
        assert connection.execute("SELECT count(*) FROM vectors WHERE digest = 'gone'").fetchone() == (0,)
