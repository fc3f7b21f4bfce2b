"""The command kb references."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.catalogue import Catalogue
from kb.catalogue.derivation import Material, Related
from kb.cli import main
from kb.settings import Settings
from kb.works.gather import RULES
from tests.shelf import DECK, GARDENS, ROOMS, ZOTERO, findings, ids, keys, take_in
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
    assert (dutch, english) == ("Onvolledig\nMa. (2003).\n", "Incomplete\nMa. (2003).\n")
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
        return RULES.gather(material)

    other.derivation.derive_anew(RULES._replace(gather=slow))
    other.close()
    assert keys(base) == ["bandura-1977", "van-der-goot-2019"]
    assert findings(base) == []
