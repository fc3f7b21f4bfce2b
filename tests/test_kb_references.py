"""References in the knowledge base: looked up, asked about, decided, taken in and taken along, and nothing left behind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kb.bibliography import document_csl, slide_csl
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.catalogue import Catalogue
from kb.catalogue.derivation import Material, Related
from kb.catalogue.naming import meant, read
from kb.cli import main
from kb.errors import KnowledgeBaseError, NotInKnowledgeBase, Removed
from kb.model import Doubt
from kb.settings import Settings
from kb.works.gather import gather
from tests.writers import Slide, write_pptx

ROOMS = """# Rooms that answer back

A campus teaches before anyone speaks (van der Goot, 2019). Corridors tell a newcomer whether she was expected
(Werkgroep Campus, 2026), and a bench says more than a speech (Bandura, 1977; Ma, 2003).

## References

Bandura, A. (1977). Self-efficacy: Toward a unifying theory of behavioral change. *Psychological Review, 84*(2), 191–215.

van der Goot, K. (2019). *Wie wordt gemist, hoort erbij*. Boom.

Werkgroep Campus. (2026a). *Tussen school en beroep in het eerste jaar*. Werkgroep Campus.

Werkgroep Campus. (2026b). *De bibliotheek als huiskamer van de stad*. Werkgroep Campus.
"""
GARDENS = """# Gardens of the northern provinces

Who waters a garden learns to wait (Bandura, 1977, p. 191). A gate is a promise (van der Goot, 2019).

## References

Bandura, A. (1977). Self-efficacy: Toward a unifying theory of behavioral change. *Psychological Review, 84*(2), 191–215.

van der Goot, K. (2019). *Wie wordt gemist, hoort erbij*. Boom.
"""
DECK = (
    Slide("Welkom", ("Over de eerste honderd dagen van de opleiding",)),
    Slide("Vertrouwen", ("Wie gelooft dat het lukt, begint eraan (Bandura, 1977).",)),
    Slide("Thuishoren", ("Wie wordt gemist, hoort erbij (Ma, 2003).",)),
)
ZOTERO = """
@article{bandura77, author = {Bandura, Albert}, title = {Self-efficacy: Toward a unifying theory of behavioral change},
  journal = {Psychological Review}, year = {1977}, doi = {10.1037/0033-295X.84.2.191}, keywords = {trust}}
@book{eco, author = {Eco, Umberto}, title = {How to write a thesis}, year = {2015}, publisher = {MIT Press}}
"""


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


def take_in(base: KnowledgeBase, *paths: Path) -> dict[str, tuple[str, int | None, int, str]]:
    reports = list(base.ingest(paths))
    return {Path(one.path).name: (one.status, one.document_id, one.references, one.reason) for one in reports}


def ids(base: KnowledgeBase) -> dict[str, int]:
    return {document.filename: document.id for document in base.documents()}


def keys(base: KnowledgeBase, **chosen: object) -> list[str]:
    return [reference.key for reference in base.references(**chosen)]  # type: ignore[arg-type]


def findings(base: KnowledgeBase) -> list[str]:
    return [str(finding) for finding in base.catalogue.check(base.stored, "no encoder") if finding.part == "references"]


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


WORKS = [
    "bandura-1977", "van-der-goot-2019", "ma-2003", "werkgroep-campus-2026b", "werkgroep-campus-2026a",
    "werkgroep-campus-2026",
]  # fmt: skip


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
        "2 citations that name",
        "2 entries of reference lists",
        "2 references are cited",
        "1 references count",
    ):
        assert part in said
    base.relate(anew=True)
    assert findings(base) == []
    assert base.references() == before


def test_check_notices_that_references_are_behind_their_documents(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    base.catalogue.documents.remove(ids(base)["rooms.md"])  # as when the power fails before references are derived
    assert "changed since references were derived" in " | ".join(findings(base))
    assert base.relate()
    assert findings(base) == []
    assert not base.relate()


# -- bibliographies


def test_a_zotero_collection_comes_in_once_is_replaced_by_a_newer_export_and_can_be_forgotten(
    base: KnowledgeBase, shelf: Path
) -> None:
    take_in(base, shelf)
    file = shelf / "zotero.bib"
    file.write_text(ZOTERO, encoding="utf-8")
    assert take_in(base, file) == {"zotero.bib": ("added", None, 2, "")}
    bandura = base.reference("bandura-1977")
    assert (bandura.csl["DOI"], len(bandura.listed), len(bandura.cited_by)) == ("10.1037/0033-295X.84.2.191", 3, 3)
    assert base.reference("eco-2015").cited_by == ()
    assert take_in(base, file) == {"zotero.bib": ("unchanged", None, 2, "")}
    shutil.copy(file, shelf / "copy.bib")
    assert take_in(base, shelf / "copy.bib") == {"copy.bib": ("unchanged", None, 2, "the same bytes as zotero.bib")}
    file.write_text(ZOTERO.replace("2015", "2016"), encoding="utf-8")
    assert take_in(base, file)["zotero.bib"][:3] == ("replaced", None, 2)
    assert keys(base, text="eco") == ["eco-2016"]
    (held,) = base.bibliographies()
    base.forget(held.id)
    assert keys(base) == WORKS
    assert "DOI" not in base.reference("bandura-1977").csl
    assert findings(base) == []


def test_a_broken_record_is_named_and_the_rest_comes_in(base: KnowledgeBase, tmp_path: Path) -> None:
    file = tmp_path / "half.bib"
    file.write_text(
        ZOTERO + "\n@book{broken, title = {No end,\n\n@book{b, title = {Whole}, year = {2001}}", encoding="utf-8"
    )
    status, document, references, reason = take_in(base, file)["half.bib"]
    assert (status, document, references) == ("partial", None, 3)
    assert "1 broken record left out" in reason
    assert "half.bib" in reason
    assert {reference.csl["title"] for reference in base.references()} >= {"How to write a thesis", "Whole"}


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("empty.bib", b"", "empty"),
        ("not.json", b"{}", "failed"),
        ("words.ris", b"just words", "failed"),
        ("latin.ris", "TY  - BOOK\nAU  - Müller, Jörg\nTI  - Über\nPY  - 2001\nER  - \n".encode("latin-1"), "added"),
    ],
)
def test_a_bibliography_that_is_none_is_said_in_one_line(
    base: KnowledgeBase, tmp_path: Path, name: str, content: bytes, status: str
) -> None:
    (tmp_path / name).write_bytes(content)
    found = take_in(base, tmp_path / name)[name]
    assert found[0] == status
    assert "\n" not in found[3]
    assert [reference.csl["author"] for reference in base.references()] == (
        [[{"family": "Müller", "given": "Jörg"}]] if status == "added" else []
    )


def test_many_references_are_listed_and_searched_by_the_page(base: KnowledgeBase, tmp_path: Path) -> None:
    records = "".join(
        f"@book{{k{i}, author = {{Vos{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}, A.}}, year = {{{1900 + i % 120}}},"
        f" title = {{Number {i} of the many}}}}\n"
        for i in range(1000)
    )
    (tmp_path / "many.bib").write_text(records, encoding="utf-8")
    assert take_in(base, tmp_path / "many.bib")["many.bib"][:3] == ("added", None, 1000)
    assert base.reference_count() == 1000
    assert [reference.csl["title"] for reference in base.references(text="number 731")] == ["Number 731 of the many"]
    assert keys(base, limit=50, offset=900) == keys(base)[900:950]
    assert len(set(keys(base))) == 1000


# -- names in queries


def test_a_query_that_names_an_author_leads_to_the_works(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    for query, expected in (
        ("(Bandura, 1977)", ["bandura-1977"]),
        ("bandura", ["bandura-1977"]),
        ("volgens Bandura (1977)", ["bandura-1977"]),
        ("Bandura 1999", []),
        ("wat zegt bandura over vertrouwen", ["bandura-1977"]),
        ("van der goot", ["van-der-goot-2019"]),
        ("waar steunen wij op Goot", ["van-der-goot-2019"]),
        ("ma", ["ma-2003"]),
        ("ma en pa komen kijken", []),
        ("Werkgroep Campus, 2026b", ["werkgroep-campus-2026b", "werkgroep-campus-2026"]),
        ("werkgroep-campus-2026a", ["werkgroep-campus-2026a"]),
        ("liminal space", []),
        ("'\"%_ ( ) --", []),
        ("", []),
    ):
        assert [reference.key for reference in base.references_for_query(query)] == expected, query


def test_an_ordinary_word_that_is_also_a_name_needs_a_year_or_a_capital_inside_the_query() -> None:
    found = [("land", "land-2014", 0)]
    years = {"land-2014": (2014, "")}
    for query, expected in (
        ("land", True),
        ("land 2014", True),
        ("land in zicht voor studenten", False),
        ("Land in zicht voor studenten", False),
        ("drempels volgens Land en anderen", True),
        ("LAND IN ZICHT", False),
    ):
        assert meant(read(query), found, years) == (["land-2014"] if expected else []), query


def test_two_names_lead_to_the_work_of_both(base: KnowledgeBase) -> None:
    works = {"ryan-2000a": (2000, ""), "ryan-2000b": (2000, ""), "deci-2000": (2000, ""), "ryan-1982": (1982, "")}
    found = [("ryan", key, int(key.startswith("deci"))) for key in works]
    found += [("deci", key, int(key.startswith("ryan"))) for key in works if key != "ryan-1982"]
    assert meant(read("Deci & Ryan"), found, works) == ["deci-2000", "ryan-2000a", "ryan-2000b"]
    assert meant(read("(Ryan & Deci, 2000b)"), found, works) == ["ryan-2000b", "ryan-2000a", "deci-2000"]
    assert meant(read("ryan"), found, works) == ["ryan-1982", "ryan-2000a", "ryan-2000b", "deci-2000"]


def test_a_slide_and_a_document_can_be_cited(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    deck = ids(base)["vertrouwen.pptx"]
    assert document_csl(base.document(deck))["title"] == "Vertrouwen"
    assert slide_csl(base.document(deck), base.page(deck, 3))["custom"] == {"locator": "3", "label": "slide"}
    with pytest.raises(NotInKnowledgeBase):
        base.page(deck, 44)


# -- the command


def kb(base: KnowledgeBase, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["references", *arguments], env={"KB_HOME": str(base.settings.home)})


def test_the_command_prints_a_table_json_and_four_formats(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    table = kb(base, "bandura").output.splitlines()
    assert table[0] == "key\tauthors\tyear\ttitle\there\tcited in"
    key, who, when, said, here, cited = table[1].split("\t")
    assert (key, who, when, here) == ("bandura-1977", "Bandura", "1977", "-")
    assert said == "Self-efficacy: Toward a unifying theory of behavioral change"
    assert f"document {ids(base)['vertrouwen.pptx']}: 2" in cited
    value = json.loads(kb(base, "bandura", "--json").output)["references"][0]
    assert (value["key"], value["authors"], value["year"], value["in_knowledge_base"]) == (
        "bandura-1977", ["Bandura"], 1977, False,
    )  # fmt: skip
    assert len(value["cited_by"]) == 3
    assert kb(base, "bandura", "--format", "bibtex").output.startswith("@article{bandura-1977,")
    assert kb(base, "bandura", "--format", "ris").output.startswith("TY  - JOUR")
    assert json.loads(kb(base, "bandura", "--format", "csl-json").output)[0]["id"] == "bandura-1977"
    dutch, english = (kb(base, "ma", "--format", "apa", "--locale", locale).output for locale in ("nl", "en"))
    assert dutch == english == "Ma. (2003).\n"
    assert (
        kb(base, "goot", "--format", "apa").output == "van der Goot, K. (2019). Wie wordt gemist, hoort erbij. Boom.\n"
    )


def test_the_command_narrows_forgets_and_refuses_what_makes_no_sense(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    (shelf / "zotero.bib").write_text(ZOTERO, encoding="utf-8")
    take_in(base, shelf / "zotero.bib")
    assert "eco-2015" not in kb(base, "--missing").output
    doubtful = kb(base, "--only", "doubtful").output
    assert "werkgroep-campus-2026 = werkgroep-campus-2026a?" in doubtful
    assert kb(base, "--missing", "--only", "here").exit_code == 2
    unknown = kb(base, "--document", "99")
    assert (unknown.exit_code, unknown.output.startswith("kb: there is no document 99")) == (1, True)
    nobody = kb(base, "nobody at all")
    assert (nobody.exit_code, nobody.output) == (0, "No references found.\n")
    wrong = kb(base, "--forget", "other.bib")
    assert (wrong.exit_code, "zotero.bib" in wrong.output) == (1, True)
    assert kb(base, "--forget", "zotero.bib").output == "forgotten\tzotero.bib\t2 references\n"
    assert base.bibliographies() == []


def test_a_catalogue_from_before_references_is_brought_up_to_date(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf)
    before = keys(base)
    with base.catalogue.backend.engine.begin() as connection:
        for table in ("works", "work_names"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.exec_driver_sql("UPDATE meta SET value = '' WHERE name = 'references'")
    assert base.relate()
    assert keys(base) == before


def test_two_processes_that_derive_at_once_end_with_the_same_references(base: KnowledgeBase, shelf: Path) -> None:
    take_in(base, shelf / "rooms.md")
    other = Catalogue(base.catalogue.path)
    base.catalogue.documents.remove(ids(base)["rooms.md"])
    interrupted: list[bool] = []

    def slow(material: Material) -> Related:
        if not interrupted:
            interrupted.append(True)
            take_in(base, shelf / "gardens.md")  # another process takes a document in meanwhile
        return gather(material)

    other.derivation.derive(slow)
    other.close()
    assert keys(base) == ["bandura-1977", "van-der-goot-2019"]
    assert findings(base) == []
