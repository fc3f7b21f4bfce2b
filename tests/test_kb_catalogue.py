"""The catalogue: one transaction a change, words included; ids never used again; what is removed is gone."""

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

from kb.catalogue import Catalogue, Prepared
from kb.catalogue.sqlite import switch_to_wal
from kb.catalogue.store import known_migrations
from kb.errors import CatalogueError, NotInKnowledgeBase, Overtaken, Removed
from kb.model import Citation, Entry, Page, Passage, Query, StoredFile
from kb.originals import Originals

ENCODER = "letters-1"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def prepared(name: str = "deck", *texts: str, kind: str = "deck") -> Prepared:
    texts = texts or ("Liminale ruimte\nDe drempel tussen twee fasen (Turner, 1969).", "")
    pages = tuple(Page(number=i, text=text, label=str(i), language="nl") for i, text in enumerate(texts, 1))
    cut = tuple(Passage(page.number, 0, len(page.text), page.text, language="nl") for page in pages if page.text)
    at = texts[0].find("(Turner, 1969)")
    cited = (Citation(1, at, at + 14, "(Turner, 1969)", "parenthetical", ("Turner",), "1969"),) if at >= 0 else ()
    return Prepared(
        title=f"Titel van {name}",
        kind=kind,  # type: ignore[arg-type]
        language="nl",
        authors=("Jo Jansen",),
        date="2023-09-12",
        pages=pages,
        passages=cut,
        citations=cited,
        entries=(Entry("Turner, V. (1969). The ritual process.", {"type": "book", "title": "The ritual process"}),),
        file=StoredFile(name.ljust(64, "0"), f"{name}.pdf", f"/decks/{name}.pdf", "application/pdf", 10),
    )


def find(catalogue: Catalogue, expression: str, query: Query | None = None) -> list[int]:
    return [found.passage_id for found in catalogue.passages.match([[expression]], 10, query or Query(""))]


def test_what_was_put_in_comes_out_as_it_was(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    assert (document.pages, document.passages, document.citations, document.references) == (2, 1, 1, 1)
    assert document.year == 2023
    assert catalogue.documents.pages(document.id) == prepared().pages
    (citation,) = catalogue.documents.citations(document.id)
    assert (citation.text, citation.authors, citation.number) == ("(Turner, 1969)", ("Turner",), 1)
    (passage,) = catalogue.passages.on_page(document.id, 1)
    assert passage.text == prepared().pages[0].text
    assert catalogue.documents.entries(document.id)[0].csl["title"] == "The ritual process"


def test_offsets_count_characters_beyond_the_basic_plane_too(catalogue: Catalogue) -> None:
    text = "🎓🎓 welzijn"
    made = prepared("emoji", text)
    cut = replace(made.passages[0], start=3, end=len(text), text="welzijn")
    document = catalogue.documents.put(replace(made, passages=(cut,)))
    assert catalogue.passages.on_page(document.id, 1)[0].text == "welzijn"


def test_a_passage_that_does_not_stand_on_its_page_is_refused_and_nothing_is_kept(catalogue: Catalogue) -> None:
    made = prepared()
    crooked = replace(made, passages=(replace(made.passages[0], start=1),))
    with pytest.raises(ValueError, match="is not in the text of page 1"):
        catalogue.documents.put(crooked)
    assert catalogue.documents.all() == []
    assert catalogue.passages.generation() == 0


def test_the_sentences_of_a_passage_keep_their_vectors_and_lose_them_with_it(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared("deck", "een twee", "drie"))
    ids = [key for key, _, _ in catalogue.passages.unembedded(ENCODER)]
    parts = [np.array([[1, 0], [0.5, 0.5]], dtype=np.float32), np.array([[0, 1]], dtype=np.float32)]
    catalogue.passages.add_vectors(ENCODER, ids, np.eye(2, dtype=np.float32), parts)
    found = catalogue.passages.sentence_vectors(ENCODER, [*ids, 999])
    assert {key: part.tolist() for key, part in found.items()} == {ids[0]: [[1, 0], [0.5, 0.5]], ids[1]: [[0, 1]]}
    assert catalogue.passages.sentence_vectors("another", ids) == {}
    catalogue.documents.remove(document.id)
    assert catalogue.passages.sentence_vectors(ENCODER, ids) == {}


def test_ids_are_never_used_again(catalogue: Catalogue) -> None:
    first = catalogue.documents.put(prepared("een"))
    passage = catalogue.passages.on_page(first.id, 1)[0].id
    catalogue.documents.remove(first.id)
    second = catalogue.documents.put(prepared("twee"))
    assert second.id > first.id
    assert catalogue.passages.on_page(second.id, 1)[0].id > passage


def test_removed_is_gone_from_words_vectors_and_pages_and_says_what_it_was(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    (passage,) = catalogue.passages.on_page(document.id, 1)
    catalogue.passages.add_vectors(ENCODER, [passage.id], np.ones((1, 3), dtype=np.float32))
    assert find(catalogue, "drempel") == [passage.id]
    assert catalogue.documents.remove(document.id) == document.files
    assert find(catalogue, "drempel") == []
    assert catalogue.passages.vectors(ENCODER)[0].tolist() == []
    assert catalogue.passages.fingerprints() == {}
    assert catalogue.passages.passages([passage.id]) == {}
    assert catalogue.documents.known(document.files[0].sha256) is None
    assert catalogue.documents.at_path("/decks/deck.pdf") is None
    with pytest.raises(Removed, match="Titel van deck") as gone:
        catalogue.documents.get(document.id)
    assert gone.value.title == "Titel van deck"


def test_never_there_is_not_the_same_as_removed(catalogue: Catalogue) -> None:
    with pytest.raises(NotInKnowledgeBase) as error:
        catalogue.documents.get(7)
    assert not isinstance(error.value, Removed)


def test_replacing_keeps_the_id_and_leaves_no_old_word(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared("deck", "oude woorden"))
    newer = prepared("deck", "verse woorden")
    newer = replace(newer, file=replace(newer.file, sha256="f" * 64))
    replaced = catalogue.documents.replace(document.id, newer)
    assert replaced.id == document.id
    assert find(catalogue, "oud") == []
    assert len(find(catalogue, "vers")) == 1
    known = catalogue.documents.known("deck".ljust(64, "0"))
    assert known is not None
    assert known.superseded
    assert catalogue.documents.at_path("/decks/deck.pdf") == (document.id, "f" * 64)


def test_a_page_that_returns_unchanged_keeps_its_vector(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared("deck", "blijft", "gaat"))
    ids = [key for key, _, _ in catalogue.passages.unembedded(ENCODER)]
    catalogue.passages.add_vectors(ENCODER, ids, np.eye(2, 3, dtype=np.float32))
    catalogue.documents.replace(document.id, prepared("deck", "blijft", "nieuw"))
    assert [text for _, text, _ in catalogue.passages.unembedded(ENCODER)] == ["nieuw"]
    kept, vectors = catalogue.passages.vectors(ENCODER)
    assert vectors.tolist() == [[1.0, 0.0, 0.0]]
    assert catalogue.passages.passages(kept.tolist())[kept[0]].text == "blijft"


def test_the_same_text_twice_is_embedded_once_and_found_twice(catalogue: Catalogue) -> None:
    catalogue.documents.put(prepared("een", "zelfde"))
    catalogue.documents.put(prepared("twee", "zelfde"))
    waiting = catalogue.passages.unembedded(ENCODER)
    assert len(waiting) == 1
    catalogue.passages.add_vectors(ENCODER, [waiting[0][0]], np.ones((1, 2), dtype=np.float32))
    assert len(catalogue.passages.vectors(ENCODER)[0]) == 2


def test_vectors_of_two_encoders_never_mix(catalogue: Catalogue) -> None:
    catalogue.documents.put(prepared("deck", "woord"))
    (waiting,) = catalogue.passages.unembedded("a")
    catalogue.passages.add_vectors("a", [waiting[0]], np.zeros((1, 2), dtype=np.float32))
    catalogue.passages.add_vectors("b", [waiting[0]], np.ones((1, 5), dtype=np.float32))
    assert catalogue.passages.vectors("a")[1].shape == (1, 2)
    assert catalogue.passages.vectors("b")[1].shape == (1, 5)
    assert catalogue.passages.drop_vectors(keep="b") == 1
    assert catalogue.passages.fingerprints() == {"b": 1}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query("", kind="deck"), ["deck"]),
        (Query("", kind="literature"), ["paper"]),
        (Query("", language="en"), []),
        (Query("", year=2023), ["deck", "paper"]),
        (Query("", year=1999), []),
    ],
)
def test_filters_confine_what_words_find(catalogue: Catalogue, query: Query, expected: list[str]) -> None:
    names = {
        catalogue.documents.put(prepared("deck", "woord")).id: "deck",
        catalogue.documents.put(prepared("paper", "woord", kind="literature")).id: "paper",
    }
    found = catalogue.passages.passages(find(catalogue, "woord", query)).values()
    assert sorted(names[passage.document_id] for passage in found) == expected
    allowed = catalogue.passages.passage_ids(query)
    assert allowed is not None
    assert len(allowed) == len(expected)
    assert catalogue.passages.passage_ids(Query("woord")) is None


def test_evidence_brings_a_hit_home(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    (passage,) = catalogue.passages.on_page(document.id, 1)
    found = catalogue.passages.found([passage.id, 999])
    assert list(found) == [passage.id]
    home = found[passage.id]
    assert (home.passage, home.page.number, home.document) == (passage, 1, document)
    assert [citation.text for citation in home.citations] == ["(Turner, 1969)"]


def test_what_is_of_a_reference_list_is_known_as_such(catalogue: Catalogue) -> None:
    made = prepared("deck", "Bandura, A. (1994). Self-efficacy.", "Wie durft, leert.")
    first, second = made.passages
    document = catalogue.documents.put(replace(made, passages=(replace(first, listing=True), second)))
    (listed,) = catalogue.passages.listings()
    assert catalogue.passages.passages([listed])[listed].listing
    assert [p.listing for p in catalogue.passages.on_page(document.id, 2)] == [False]


def test_a_passage_speaks_its_own_language_or_else_its_document_s(catalogue: Catalogue) -> None:
    made = prepared("deck", "Een drempel.", "A threshold.", "1969")
    spoken = (made.passages[0], replace(made.passages[1], language="en"), replace(made.passages[2], language=None))
    catalogue.documents.put(replace(made, passages=spoken))
    silent = catalogue.documents.put(
        replace(prepared("other", "2012"), language=None, passages=(Passage(1, 0, 4, "2012"),))
    )
    (left_out,) = catalogue.passages.on_page(silent.id, 1)
    languages = catalogue.passages.languages()
    assert [languages[key] for key in sorted(languages)] == ["nl", "en", "nl"]
    assert left_out.id not in languages


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
    assert catalogue.documents.known(newer.file.sha256) is None


def test_a_path_seen_too_late_leads_to_no_removed_document(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    catalogue.documents.remove(document.id)
    catalogue.documents.seen_at("/decks/copy.pdf", document.files[0].sha256, document.id)
    assert catalogue.documents.at_path("/decks/copy.pdf") is None


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
    catalogue.documents.discard(sha256, originals)
    assert originals.sound(sha256)
    catalogue.documents.remove(document.id)
    catalogue.documents.discard(sha256, originals)
    assert originals.sound(sha256)
    catalogue.trash.forget([sha256])
    catalogue.documents.discard(sha256, originals)
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
        connection.execute("INSERT INTO vectors SELECT 'gone', fingerprint, vector, sentences FROM vectors")
    assert catalogue.passages.fingerprints() == {ENCODER: 2}
    originals = Originals(tmp_path / "originals")
    findings = catalogue.check(originals, ENCODER, repair=True)
    assert [each.repaired for each in findings if "to no passage" in each.message] == [True]
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as connection, connection:
        assert connection.execute("SELECT count(*) FROM vectors WHERE digest = 'gone'").fetchone() == (0,)
