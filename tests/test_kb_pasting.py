"""Pasted references: read in any form, found in the collection, and kept as records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.entries import read_pasted
from kb.bibliography import title
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.cli import main
from kb.errors import KnowledgeBaseError
from kb.pasting import MOST
from kb.settings import Settings
from tests.shelf import ROOMS, keys, take_in

TIDES = "Sol, J. (2014). Tides and dikes. Coastal Studies, 3(2), 62–65."
MOON = "Maan, K. (2011). The moon and the sea. Nature, 5, 1–2."
BANDURA = (
    "Bandura, A. (1977). Self-efficacy: Toward a unifying theory of behavioral change. Psychological Review, 84(2), "
    "191–215."
)

FORMS = {
    "one a line": (f"{TIDES}\n{MOON}", ["Tides and dikes", "The moon and the sea"]),
    "wrapped": (
        "Sol, J. (2014). Tides and dikes. Coastal\nStudies, 3(2), 62–65.\n"
        "Maan, K. (2011). The moon and\nthe sea. Nature, 5, 1–2.",
        ["Tides and dikes", "The moon and the sea"],
    ),
    "blocks": (f"References\n\n{TIDES}\n\n\n{MOON}\n", ["Tides and dikes", "The moon and the sea"]),
    "numbered": (
        '[1] J. Sol, "Tides and dikes," Coastal Studies, vol. 3, pp. 62-65, 2014.\n\n'
        '[2] K. Maan, "The moon and the sea," Nature, vol. 5, pp. 1-2, 2011.',
        ["Tides and dikes", "The moon and the sea"],
    ),
    "year last": (
        "Sol, J. & Vonk, T. Tides and dikes of the north. Coast. Stud. 3, 62–65 (2014).\n"
        "Maan, K. The moon and the sea. Nature 5, 1–2 (2011).",
        ["Tides and dikes of the north", "The moon and the sea"],
    ),
    "addresses": ("https://doi.org/10.1234/a\n10.1000/182", ["", ""]),
    "bibtex": ("@book{a, title={Dikes}, year={2012}}", ["Dikes"]),
    "ris": ("TY  - BOOK\nTI  - Dikes\nER  - \n", ["Dikes"]),
    "csl-json": ('[{"type": "book", "title": "Dikes"}]', ["Dikes"]),
    "nothing": ("  \n", []),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_references_are_told_apart_in_every_form(form: str) -> None:
    text, titles = FORMS[form]
    entries, problems = read_pasted(text)
    assert ([title(entry.csl) for entry in entries], problems) == (titles, ())


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("pasting")
    (folder / "rooms.md").write_text(ROOMS, encoding="utf-8")
    opened = open_knowledge_base(Settings(home=folder / "home"))
    take_in(opened, folder / "rooms.md")
    yield opened
    opened.close()


def kb(base: KnowledgeBase, *arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(main, ["references", *arguments], env={"KB_HOME": str(base.settings.home)}, input=text)


def test_a_reference_is_found_by_title_as_a_document_and_by_author_and_year(base: KnowledgeBase) -> None:
    listed = "Bandura A. Self-efficacy: toward a unifying theory of behavioral change. Psychol Rev. 1977;84(2):191-215."
    here = "Anonymous. (2020). Rooms that answer back. Boom."
    named = "Ma, B. (2003). A title that nothing here gives. Press."
    found, _ = base.parse_references("\n".join([listed, here, named, TIDES]))
    assert [(each.verdict.word if each.verdict else None) for each in found] == ["same", "doubtful", "doubtful", None]
    references = [each.reference.key if each.reference else None for each in found]
    assert references == ["bandura-1977", None, "ma-2003", None]
    assert found[1].document is not None
    assert found[1].document.title == "Rooms that answer back"


def test_the_command_shows_adds_and_forgets(base: KnowledgeBase, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text(f"{BANDURA}\n{TIDES}\n", encoding="utf-8")
    shown = kb(base, "--parse", str(file), "--locale", "en").output.splitlines()
    assert shown == ["sure\there\treference", f"97%\tbandura-1977\t{BANDURA}", f"97%\t-\t{TIDES}"]
    added = kb(base, "--parse", "-", "--add", text=f"{BANDURA}\n{TIDES}\n").output.splitlines()[-1]
    assert added.startswith("added\t1\ttake them back with: kb references --forget pasted:")
    assert "sol-2014" in keys(base)
    again = json.loads(kb(base, "--parse", str(file), "--add", "--json").output)
    assert [each["key"] for each in again["references"]] == ["bandura-1977", "sol-2014"]
    assert again["added"] == {"records": 0, "path": None}
    assert kb(base, "--forget", added.rsplit(" ", 1)[1]).exit_code == 0
    assert "sol-2014" not in keys(base)


def test_a_doi_is_found_in_any_case_and_stands_for_itself(base: KnowledgeBase) -> None:
    (entry,), _ = read_pasted("@article{a, title={A_%}, doi={10.1234/A_b%}}")
    stored = base.add_references([entry])
    assert [each.csl["DOI"] for each in base.catalogue.references.with_doi("10.1234/a_B%")] == ["10.1234/A_b%"]
    assert base.catalogue.references.with_doi("10.1234/axb%") == []
    (pasted,), _ = base.parse_references("doi:10.1234/a_b%")
    assert pasted.here
    assert pasted.reference is not None
    base.forget(stored.id)


def test_what_cannot_be_read_is_one_line_with_a_remedy(base: KnowledgeBase, tmp_path: Path) -> None:
    for arguments, code in ((("--parse", str(tmp_path / "none.txt")), 1), (("--add",), 2)):
        assert kb(base, *arguments).exit_code == code
    with pytest.raises(KnowledgeBaseError, match="more than 500: save them as a file"):
        base.parse_references("\n".join([TIDES] * (MOST + 1)))
    with pytest.raises(KnowledgeBaseError, match="nothing to add"):
        base.add_references([])
