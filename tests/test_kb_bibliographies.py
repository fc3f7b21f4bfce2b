"""Imported bibliographies, and queries that name a work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.bibliography import document_csl, slide_csl
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.catalogue.naming import meant, read
from kb.errors import NotInKnowledgeBase
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
