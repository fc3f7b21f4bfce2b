"""References over a collection: linked, listed, decided, kept in step with their documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.errors import KnowledgeBaseError, NotInKnowledgeBase, Removed
from kb.model import Doubt
from kb.settings import Settings
from tests.shelf import DECK, GARDENS, ROOMS, WORKS, ZOTERO, findings, ids, keys, take_in
from tests.writers import write_pptx


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    opened = open_knowledge_base(Settings(home=tmp_path / "home"))
    yield opened
    opened.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "gardens.md").write_text(GARDENS, encoding="utf-8")
    (folder / "rooms.md").write_text(ROOMS, encoding="utf-8")
    (folder / "vertrouwen.pptx").write_bytes(write_pptx(DECK, "Vertrouwen"))
    return folder


def tables(base: KnowledgeBase) -> dict[str, int]:
    """Rows of everything that is derived, and of what was decided about it."""
    names = (
        "works",
        "work_entries",
        "work_citations",
        "work_authors",
        "work_redirects",
        "doubts",
        "entries",
        "citations",
    )
    with base.catalogue.backend.engine.connect() as connection:
        return {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in names}


def the_doubt(base: KnowledgeBase, candidate: str) -> Doubt:
    return next(doubt for doubt in base.doubts() if doubt.candidate is not None and doubt.candidate.key == candidate)


def test_one_work_over_three_documents_is_one_reference_with_each_place_that_cites_it(
    base: KnowledgeBase, shelf: Path
) -> None:
    take_in(base, shelf)
    assert keys(base) == WORKS
    bandura = base.reference("bandura-1977")
    here = ids(base)
    places = {(one.document_id, one.text) for one in bandura.cited_by}
    assert places == {
        (here["rooms.md"], "Bandura, 1977"),
        (here["gardens.md"], "(Bandura, 1977, p. 191)"),
        (here["vertrouwen.pptx"], "(Bandura, 1977)"),
    }
    assert {entry.document_id for entry in bandura.listed} == {here["rooms.md"], here["gardens.md"]}
    for citation in bandura.cited_by:
        page = base.page(citation.document_id, citation.number)
        assert page.field(citation.field)[citation.start : citation.end] == citation.text
        assert citation.reference == "bandura-1977"


def test_citations_carry_their_reference_wherever_they_are_read(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    deck = ids(base)["vertrouwen.pptx"]
    assert [(one.text, one.reference) for one in base.citations_of(deck)] == [
        ("(Bandura, 1977)", "bandura-1977"),
        ("(Ma, 2003)", "ma-2003"),
    ]
    (passage,) = base.passages_on(deck, 3)
    (cited,) = base.catalogue.passages.found([passage.id])[passage.id].citations
    assert cited.reference == "ma-2003"
    assert [reference.key for reference in base.references_on(deck, 2)] == ["bandura-1977"]
    assert [entry.reference for entry in base.catalogue.documents.entries(ids(base)["gardens.md"])] == [
        "bandura-1977",
        "van-der-goot-2019",
    ]


def test_the_list_is_narrowed_by_words_document_and_state_and_sorted(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    (shelf / "zotero.bib").write_text(ZOTERO, encoding="utf-8")
    take_in(base, shelf / "zotero.bib")
    here = ids(base)
    assert keys(base, text="goot 2019") == ["van-der-goot-2019"]
    assert keys(base, text="(Bandura, 1977)") == ["bandura-1977"]
    assert keys(base, text="efficacy") == ["bandura-1977"]
    assert keys(base, text="100% _") == []
    assert keys(base, document_id=here["gardens.md"]) == ["bandura-1977", "van-der-goot-2019"]
    assert "eco-2015" not in keys(base, only="cited")
    assert keys(base, only="missing") == keys(base, only="cited")
    assert keys(base, only="here") == []
    assert keys(base, only="doubtful") == [key for key in WORKS if key.startswith("werkgroep")]
    assert keys(base, sort="cited")[:2] == ["bandura-1977", "van-der-goot-2019"]
    assert keys(base, sort="year")[-1] == "bandura-1977"
    assert keys(base, sort="title")[:2] == ["werkgroep-campus-2026b", "eco-2015"]
    assert keys(base, sort="title")[-2:] == ["ma-2003", "werkgroep-campus-2026"]
    assert keys(base, limit=2, offset=1) == keys(base)[1:3]
    assert base.reference_count() == 7
    assert base.reference_count(text="werkgroep", only="doubtful") == 3


def test_a_cited_paper_that_is_taken_in_is_here_and_no_longer_when_it_is_removed(
    base: KnowledgeBase, shelf: Path
) -> None:
    take_in(base, shelf)
    citing = shelf / "citing.md"
    listed = "Vos, A. (2021). *Rooms that answer back*. Boom."
    citing.write_text(f"# Een stad\n\nEen kamer spreekt (Vos, 2021).\n\n## Literatuur\n\n{listed}\n", encoding="utf-8")
    take_in(base, citing)
    rooms = ids(base)["rooms.md"]
    (doubt,) = [doubt for doubt in base.doubts() if doubt.kind == "document"]
    assert (doubt.reference.key, doubt.document_id) == ("vos-2021", rooms)
    base.decide(doubt.id, "confirm")
    assert base.reference("vos-2021").document_id == rooms
    assert keys(base, only="here") == ["vos-2021"]
    assert "vos-2021" not in keys(base, only="missing")
    base.remove(rooms)
    assert base.reference("vos-2021").document_id is None
    assert base.decisions() == []
    assert findings(base) == []
    take_in(base, shelf / "rooms.md")
    assert base.reference("vos-2021").document_id == ids(base)["rooms.md"]
    assert [decision.verdict for decision in base.decisions()] == ["confirm"]


def test_an_answer_outlives_a_new_version_of_its_document_and_can_be_taken_back(
    base: KnowledgeBase, shelf: Path
) -> None:
    take_in(base, shelf)
    doubt = the_doubt(base, "werkgroep-campus-2026b")
    assert doubt.reference.key == "werkgroep-campus-2026"
    assert [one.text for one in doubt.citations] == ["(Werkgroep Campus, 2026)"]
    number = base.decide(doubt.id, "confirm")
    assert [one.text for one in base.reference("werkgroep-campus-2026b").cited_by] == ["(Werkgroep Campus, 2026)"]
    assert base.reference("werkgroep-campus-2026").key == "werkgroep-campus-2026b"  # the old address leads there
    assert base.doubts() == []
    (shelf / "rooms.md").write_text("A line in front.\n\n" + ROOMS, encoding="utf-8")
    assert take_in(base, shelf)["rooms.md"][0] == "replaced"
    assert [one.text for one in base.reference("werkgroep-campus-2026b").cited_by] == ["(Werkgroep Campus, 2026)"]
    (decision,) = base.decisions()
    assert (decision.id, decision.verdict, decision.doubt.id) == (number, "confirm", doubt.id)
    assert decision.doubt.reference.csl["issued"] == {"date-parts": [[2026]]}
    base.undo(number)
    assert the_doubt(base, "werkgroep-campus-2026b").id == doubt.id
    assert base.decisions() == []
    with pytest.raises(NotInKnowledgeBase, match="was taken back"):
        base.undo(number)


def test_an_answer_does_not_make_anybody_read_vectors_anew(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    generation = base.catalogue.passages.generation()
    base.undo(base.decide(the_doubt(base, "werkgroep-campus-2026b").id, "confirm"))
    assert base.catalogue.passages.generation() == generation


def test_a_question_is_answered_once(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    doubt = the_doubt(base, "werkgroep-campus-2026b")
    base.decide(doubt.id, "refuse")
    assert [left.candidate.key for left in base.doubts() if left.candidate] == ["werkgroep-campus-2026a"]
    with pytest.raises(NotInKnowledgeBase, match="answered or has lapsed"):
        base.decide(doubt.id, "confirm")


def test_works_are_joined_and_parted_by_hand_and_that_is_undone(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    joined = base.join("ma-2003", "van-der-goot-2019")
    goot = base.reference("ma-2003")
    assert (goot.key, len(goot.cited_by)) == ("van-der-goot-2019", 4)
    assert findings(base) == []
    base.undo(joined)
    assert base.reference("ma-2003").key == "ma-2003"
    merged = base.join("werkgroep-campus-2026a", "werkgroep-campus-2026b")
    assert len(base.reference("werkgroep-campus-2026b").listed) == 2
    with pytest.raises(KnowledgeBaseError, match="one reference already"):
        base.join("werkgroep-campus-2026a", "werkgroep-campus-2026b")
    base.undo(merged)
    assert keys(base) == WORKS


def test_the_works_that_a_hit_cites_are_those_of_the_last_decision(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    deck = ids(base)["vertrouwen.pptx"]
    (linked,) = [one for one in base.reference("bandura-1977").cited_by if one.document_id == deck]
    (passage, *_) = base.catalogue.passages.on_page(deck, linked.number)

    def cited() -> set[str | None]:
        return {one.reference for one in base.catalogue.passages.found([passage.id])[passage.id].citations}

    assert "bandura-1977" in cited()
    parted = base.part("bandura-1977", citation_id=linked.id)
    assert "bandura-1977a" in cited()
    base.undo(parted)
    assert "bandura-1977a" not in cited()


def test_a_citation_or_an_entry_that_was_linked_wrongly_is_parted_and_comes_back(
    base: KnowledgeBase, shelf: Path
) -> None:
    take_in(base, shelf)
    bandura = base.reference("bandura-1977")
    deck = ids(base)["vertrouwen.pptx"]
    (wrong,) = [one for one in bandura.cited_by if one.document_id == deck]
    parted = base.part("bandura-1977", citation_id=wrong.id)
    (own,) = [one.reference for one in base.citations_of(deck) if one.id == wrong.id]
    assert own == "bandura-1977a"
    assert base.reference("bandura-1977a").csl.get("title") is None
    assert base.doubts() == [doubt for doubt in base.doubts() if doubt.reference.key != "bandura-1977a"]
    base.undo(parted)
    assert len(base.reference("bandura-1977").cited_by) == 3
    (shelf / "zotero.bib").write_text(ZOTERO, encoding="utf-8")
    take_in(base, shelf / "zotero.bib")
    (record,) = [entry for entry in base.reference("bandura-1977").listed if entry.document_id is None]
    number = base.part("bandura-1977", entry_id=record.id)
    assert record.id not in [entry.id for entry in base.reference("bandura-1977").listed]
    # The deck has no list: which of the two it means is a question again, and meanwhile it has the key that it had.
    assert set(keys(base, text="bandura")) == {"bandura-1977", "bandura-1977a", "bandura-1977b"}
    assert base.citations_of(deck)[0].reference == "bandura-1977a"
    base.undo(number)
    assert len(base.reference("bandura-1977").listed) == 3
    with pytest.raises(NotInKnowledgeBase, match="no such entry or citation"):
        base.part("bandura-1977", entry_id=99_999)


def test_taking_the_same_files_in_again_changes_nothing(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    before, counted = base.references(), tables(base)
    generation = base.catalogue.passages.generation()
    assert {status for status, *_ in take_in(base, shelf).values()} == {"unchanged"}
    assert base.references() == before
    assert tables(base) == counted
    assert base.catalogue.passages.generation() == generation


def test_removal_leaves_no_citation_reference_link_question_or_visible_decision(
    base: KnowledgeBase, shelf: Path
) -> None:
    take_in(base, shelf)
    base.decide(the_doubt(base, "werkgroep-campus-2026a").id, "confirm")
    gone = ids(base)
    for number in gone.values():
        base.remove(number)
    assert base.references() == []
    assert set(tables(base).values()) == {0}
    assert (base.doubts(), base.decisions()) == ([], [])
    assert findings(base) == []
    with pytest.raises(NotInKnowledgeBase, match="not cited or listed any more"):
        base.reference("bandura-1977")
    with pytest.raises(NotInKnowledgeBase, match="there is no reference nobody"):
        base.reference("nobody")
    with pytest.raises(Removed):
        base.references(document_id=gone["rooms.md"])


def test_keys_stay_when_documents_leave_and_return_in_another_order(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    before = {reference.key: reference.csl for reference in base.references()}
    for number in ids(base).values():
        base.remove(number)
    for name in ("vertrouwen.pptx", "rooms.md", "gardens.md"):
        take_in(base, shelf / name)
    assert {reference.key: reference.csl for reference in base.references()} == before


def test_check_names_what_does_not_agree_and_deriving_anew_mends_it(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    before = base.references()
    with base.catalogue.backend.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM work_citations WHERE key = 'ma-2003'")
        connection.exec_driver_sql("DELETE FROM work_entries WHERE key = 'bandura-1977'")
        connection.exec_driver_sql(
            "INSERT INTO works SELECT 'stray', csl, raw, search, by_author, by_title, year, 0, 0, NULL, 0 FROM works LIMIT 1"
        )
    said = " | ".join(findings(base))
    for part in (
        "2 citations with a name",
        "2 entries of reference lists",
        "2 references are cited",
        "1 references count",
    ):
        assert part in said
    base.relate_anew()
    assert findings(base) == []
    assert base.references() == before


def test_check_notices_that_references_are_behind_their_documents(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    base.catalogue.documents.remove(ids(base)["rooms.md"])  # as when the power fails before references are derived
    assert "changed since references were derived" in " | ".join(findings(base))
    assert base.relate()
    assert findings(base) == []
    assert not base.relate()
