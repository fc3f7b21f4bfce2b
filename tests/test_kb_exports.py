"""Files of cited works: the same entries, ids and order from every door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kb.cli import main
from kb.exports import apa_entry, written
from kb.model import Citation, Entry, Reference
from kb.settings import Settings
from tests.web_fakes import fake_knowledge_base
from web import create_app


def work(key: str, family: str, year: int, title: str = "A title", **more: object) -> Reference:
    csl = {"type": "book", "title": title, "author": [{"family": family}], "issued": {"date-parts": [[year]]}, **more}
    return Reference(key, csl)


def test_a_reference_list_is_in_alphabetical_order_without_particles() -> None:
    found = [work("a", "Ismael", 2001), work("b", "Gibson", 2000)]
    heijer = {"family": "Heijer", "given": "Alexandra", "non-dropping-particle": "den"}
    found.append(Reference("c", {"type": "book", "title": "A title", "author": [heijer]}))
    lines = written(found, "apa", "nl").splitlines()
    assert [line.split(",")[0].split(".")[0] for line in lines] == ["Gibson", "den Heijer", "Ismael"]


def test_works_of_one_author_are_in_the_order_of_their_years() -> None:
    found = [work("b", "Dweck", 2006, "Mindset"), work("a", "Dweck", 1999, "Self-theories")]
    assert [line[7:13] for line in written(found, "apa", "en").splitlines()] == ["(1999)", "(2006)"]


def test_a_work_that_is_only_cited_has_its_author_and_year() -> None:
    cited = Citation(3, 0, 12, "(Dweck, 2006)", "parenthetical", ("Dweck",), "2006")
    csl = {"author": [{"family": "Dweck"}], "issued": {"date-parts": [[2006]]}}
    assert apa_entry(Reference("dweck-2006", csl, cited_by=(cited,)), "en") == "Dweck. (2006)."
    assert apa_entry(Reference("dweck-2006", {}, cited_by=(cited,)), "en") == "Dweck. (n.d.)."


def test_a_work_without_a_title_is_given_as_printed_and_one_that_is_unknown_not_at_all() -> None:
    printed = Reference(
        "x", {"author": [{"family": "Goot"}]}, ("van der Goot, onleesbare regel",), listed=(Entry("", {}),)
    )
    assert apa_entry(printed, "nl") == "van der Goot, onleesbare regel"
    assert written([Reference("y", {}), printed], "apa", "nl") == "Onvolledig\nvan der Goot, onleesbare regel\n"


def test_works_without_a_title_come_last_and_stay_out_of_reference_managers_unless_asked_for() -> None:
    found = [
        Reference("ma-2003", {"author": [{"family": "Ma"}], "issued": {"date-parts": [[2003]]}}),
        work("z", "Zwart", 2000),
    ]
    assert written(found, "apa", "en").splitlines() == ["Zwart. (2000). A title.", "", "Incomplete", "Ma. (2003)."]
    assert [item["id"] for item in json.loads(written(found, "csl-json", "en"))] == ["z"]
    assert [item["id"] for item in json.loads(written(found, "csl-json", "en", incomplete=True))] == ["ma-2003", "z"]
    assert "2003" not in written(found, "bibtex", "en") + written(found, "ris", "en")


def test_items_keep_the_id_they_were_imported_with_unless_it_is_taken() -> None:
    found = [work("one", "A", 2000, id="smith"), work("two", "B", 2001, id="smith"), work("three", "C", 2002)]
    assert [item["id"] for item in json.loads(written(found, "csl-json", "nl"))] == ["smith", "two", "three"]


@pytest.mark.parametrize("form", ["apa", "bibtex", "ris", "csl-json"])
def test_the_page_exports_what_the_writer_writes(form: str, tmp_path: Path) -> None:
    base = fake_knowledge_base(tmp_path)
    body = create_app(base).test_client().get(f"/references?format={form}&lang=nl").get_data(as_text=True)
    assert body == written(base.references(), form, "nl")  # type: ignore[arg-type]
    assert body.strip()


def test_an_empty_knowledge_base_exports_an_empty_list(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["references", "--format", "apa"], obj=Settings(tmp_path))
    assert (done.exit_code, done.output) == (0, "")
