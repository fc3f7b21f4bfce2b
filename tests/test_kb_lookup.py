"""Looking up at Crossref: only when it is on and a person asks, asked once, taken over only when three things agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.cli import main
from kb.errors import KnowledgeBaseError
from kb.model import Reason
from kb.settings import Settings
from tests.fakes import Crossref
from web import create_app

ROOMS = """# Rooms that answer back

A bench says more than a speech (van der Goot, 2012; Kuh, 2001). A gate is a promise (van der Goot, 2013).

## References

Kuh, G. (2001). *Doors that stay open*. Boom.

van der Goot, K. (2012). Belonging as a Practice. *Journal of X, 3*(1).

van der Goot, K. (2013). Belonging as a way of life. *Journal of Y, 4*(2).
"""
GOOT, WRONG, KUH = "van-der-goot-2012", "van-der-goot-2013", "kuh-2001"
PRINTED = "van der Goot, K. (2012). Belonging as a Practice. Journal of X, 3(1)."
PATH = "https://doi.org/10.1234/right"


@pytest.fixture
def base(tmp_path: Path, crossref: Crossref) -> Iterator[KnowledgeBase]:
    """A document with three entries, in a knowledge base that may look up at Crossref."""
    opened = open_knowledge_base(Settings(tmp_path / "home", crossref="kennis@example.org", crossref_url=crossref.url))
    (tmp_path / "rooms.md").write_text(ROOMS, encoding="utf-8")
    assert [report.status for report in opened.ingest([tmp_path / "rooms.md"])] == ["added"]
    yield opened
    opened.close()


def without(base: KnowledgeBase, **changed: str | None) -> KnowledgeBase:
    """The same knowledge base with other settings."""
    settings = {"crossref": base.settings.crossref, "crossref_url": base.settings.crossref_url, **changed}
    return KnowledgeBase(Settings(base.settings.home, **settings), base.catalogue)  # type: ignore[arg-type]


# -- the setting


def test_it_is_off_until_a_mail_address_is_given(tmp_path: Path) -> None:
    home = {"KB_HOME": str(tmp_path)}
    assert Settings.from_environment(home).crossref is None
    assert Settings.from_environment({**home, "KB_CROSSREF": ""}).crossref is None
    assert Settings.from_environment({**home, "KB_CROSSREF": "me@example.org"}).crossref == "me@example.org"
    with pytest.raises(KnowledgeBaseError, match="KB_CROSSREF is 'yes'"):
        Settings.from_environment({**home, "KB_CROSSREF": "yes"})


def test_when_it_is_off_nothing_is_asked_and_it_is_said_how_to_turn_it_on(
    base: KnowledgeBase, crossref: Crossref
) -> None:
    off = without(base, crossref=None)
    for act in (off.look_up, off.accept):
        with pytest.raises(KnowledgeBaseError, match="set KB_CROSSREF to your mail address"):
            act(GOOT)
    assert crossref.asked == []


def test_taking_in_deriving_and_checking_never_ask(base: KnowledgeBase, crossref: Crossref) -> None:
    base.relate_anew()
    base.references()
    assert base.reference_count() == 3
    assert crossref.asked == []


# -- looking up and accepting


def test_a_reference_is_looked_up_once_and_kept_on_disk(base: KnowledgeBase, crossref: Crossref) -> None:
    first = base.look_up(GOOT)
    assert first is not None
    assert (first.agrees, first.csl["DOI"]) == (True, "10.1234/right")
    assert without(base, crossref_url="http://127.0.0.1:9").look_up(GOOT) == first
    assert crossref.asked == ["van der Goot Belonging as a Practice 2012"]
    assert "DOI" not in base.reference(GOOT).csl  # looking changes nothing


def test_what_agrees_is_taken_over_and_the_entry_keeps_its_words(base: KnowledgeBase, crossref: Crossref) -> None:
    base.accept(GOOT)
    found = base.reference(GOOT)
    assert (found.csl["DOI"], found.csl["publisher"]) == ("10.1234/right", "Press")
    assert PRINTED in found.raw
    assert [entry.document_id is None for entry in found.listed] == [False, True]
    assert len(found.cited_by) == 1
    assert base.reference_count() == 3
    assert base.decisions() == []  # the two agree, nobody had to say so
    assert [item.path for item in base.bibliographies()] == [PATH]


def test_accepting_twice_is_accepting_once_and_forgetting_takes_it_back(base: KnowledgeBase) -> None:
    before = base.reference(GOOT)
    base.accept(GOOT)
    base.accept(GOOT)
    (held,) = base.bibliographies()
    base.forget(held.id)
    assert base.reference(GOOT) == before


def test_another_title_is_suggested_and_refused(base: KnowledgeBase, crossref: Crossref) -> None:
    crossref.items = [{**crossref.items[1], "issued": {"date-parts": [[2013]]}}]
    found = base.look_up(WRONG)
    assert found is not None
    assert (found.agrees, found.reason) == (False, Reason("crossref-differs", ("title",)))
    with pytest.raises(KnowledgeBaseError, match=rf"{WRONG}: .*\(other title\): nothing was changed"):
        base.accept(WRONG)
    assert base.bibliographies() == []


def test_nothing_found_is_no_suggestion_and_cannot_be_accepted(base: KnowledgeBase, crossref: Crossref) -> None:
    crossref.items = []
    assert base.look_up(KUH) is None
    with pytest.raises(KnowledgeBaseError, match="Crossref knows nothing like it"):
        base.accept(KUH)


def test_a_wrong_doi_in_print_does_not_keep_what_a_person_accepts_apart(
    base: KnowledgeBase, crossref: Crossref, tmp_path: Path
) -> None:
    (tmp_path / "doors.md").write_text(
        "# Doors\n\nA door is a question (Didau, 2012).\n\n## References\n\n"
        "Didau, D. (2012). Doors as a practice (2nd ed.). Boom. https://doi.org/10.1234/wrong\n",
        encoding="utf-8",
    )
    list(base.ingest([tmp_path / "doors.md"]))
    title, author = "Doors as a practice", [{"family": "Didau", "given": "David"}]
    crossref.items = [{**crossref.items[1], "title": [title], "author": author}]
    base.accept("didau-2012")
    found = base.reference("didau-2012")
    assert crossref.asked == ["10.1234/wrong", "Didau Doors as a practice 2012"]
    assert (found.csl["DOI"], found.csl["edition"]) == ("10.1234/right", "2")
    assert len(found.listed) == 2
    assert base.doubts() == []
    assert findings(base) == []
    (decision,) = base.decisions()
    assert decision.verdict == "confirm"
    base.forget(base.bibliographies()[0].id)
    assert base.reference("didau-2012").csl["DOI"] == "10.1234/wrong"
    assert base.decisions() == []  # it waits for the record to come back
    assert findings(base) == []


def findings(base: KnowledgeBase) -> list[str]:
    return [str(finding) for finding in base.catalogue.check(base.stored, "no encoder") if finding.part == "references"]


# -- the command


def kb(base: KnowledgeBase, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["references", *arguments], obj=base.settings)


def test_the_command_shows_suggestions_and_takes_over_what_agrees(base: KnowledgeBase, crossref: Crossref) -> None:
    shown = kb(base, "goot", "--look-up").output.splitlines()
    assert [line.split("\t")[:3] for line in shown] == [
        [GOOT, "1.00", "title, year and first author agree"],
        [WRONG, shown[1].split("\t")[1], "other title and year"],
    ]
    assert base.bibliographies() == []
    taken = kb(base, "goot", "--look-up", "--accept").output.splitlines()
    assert taken[1] == f"{GOOT}\taccepted\ttake it back with: kb references --forget {PATH}"
    assert len(taken) == 3
    assert len(crossref.asked) == 2
    assert kb(base, "--forget", PATH).output == "forgotten\tCrossref\t1 references\n"
    assert base.bibliographies() == []


def test_the_command_says_it_as_json_by_key(base: KnowledgeBase) -> None:
    (one,) = json.loads(kb(base, WRONG, "--look-up", "--accept", "--json").output)["references"]
    assert (one["key"], one["suggestion"]["agrees"], one["suggestion"]["accepted"]) == (WRONG, False, None)
    (one,) = json.loads(kb(base, GOOT, "--look-up", "--accept", "--json").output)["references"]
    assert (one["suggestion"]["score"], one["suggestion"]["accepted"]) == (1.0, PATH)
    assert "suggestion" not in json.loads(kb(base, GOOT.replace("-", " "), "--json").output)["references"][0]


def test_no_more_than_ten_are_looked_up(base: KnowledgeBase, crossref: Crossref, tmp_path: Path) -> None:
    records = "".join(f"@book{{k{i}, author={{Vos, A.}}, title={{Part {i} of it}}, year={{2001}}}}" for i in range(12))
    (tmp_path / "many.bib").write_text(records, encoding="utf-8")
    list(base.ingest([tmp_path / "many.bib"]))
    done = kb(base, "vos", "--look-up")
    assert (len(crossref.asked), done.exit_code) == (10, 0)
    assert done.stderr == "kb: looking up the first 10 of 12: give more words to narrow them down\n"


def test_a_server_that_is_down_is_one_line_and_what_came_before_it_is_shown(
    base: KnowledgeBase, crossref: Crossref
) -> None:
    kb(base, GOOT, "--look-up")
    crossref.status = 503
    done = kb(base, "goot", "--look-up")
    assert done.exit_code == 1
    assert done.stdout.startswith(f"{GOOT}\t1.00\t")
    assert done.stderr.startswith("kb: Crossref cannot be asked now (")
    assert done.stderr.count("\n") == 1
    off = CliRunner().invoke(main, ["references", GOOT, "--look-up", "--json"], obj=Settings(base.settings.home))
    assert (off.exit_code, off.stdout, off.stderr.count("\n")) == (1, "", 1)
    assert "KB_CROSSREF" in off.stderr


def test_options_that_make_no_sense_together_are_wrong_usage(base: KnowledgeBase) -> None:
    assert kb(base, "--accept").exit_code == 2
    assert kb(base, "--look-up", "--format", "ris").exit_code == 2


# -- the page


@pytest.fixture
def client(base: KnowledgeBase) -> FlaskClient:
    app = create_app(base)
    app.testing = True
    return app.test_client()


def page(client: FlaskClient, key: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(f"/references/{key}?lang=en").get_data(as_text=True), "html.parser")


def address(key: str) -> str:
    return f"/references/{key}"


def form(shown: BeautifulSoup, action: str) -> dict[str, str]:
    return {str(field["name"]): str(field["value"]) for field in shown.select(f"form[action='{action}'] input")}


ACCEPT = "/references/accept"


def test_a_page_has_the_button_only_where_it_is_on(
    base: KnowledgeBase, client: FlaskClient, crossref: Crossref
) -> None:
    assert form(page(client, GOOT), address(GOOT)) != {}
    off = create_app(without(base, crossref=None)).test_client()
    assert form(page(off, GOOT), address(GOOT)) == {}
    assert crossref.asked == []


def test_a_page_shows_the_suggestion_and_takes_it_over_with_one_click(base: KnowledgeBase, client: FlaskClient) -> None:
    fields = form(page(client, GOOT), address(GOOT))
    assert client.post(address(GOOT), data={**fields, "csrf": ""}).status_code == 400
    shown = BeautifulSoup(client.post(address(GOOT), data=fields).get_data(as_text=True), "html.parser")
    assert client.get(str(shown.select("header a[hreflang=nl]")[0]["href"])).status_code == 200
    said = " ".join(shown.select("section[aria-labelledby=suggestion]")[0].get_text().split())
    assert "100 % alike: title, year and first author agree." in said
    assert "10.1234/right" in said
    assert base.bibliographies() == []
    assert client.post(ACCEPT, data={**form(shown, ACCEPT), "csrf": ""}).status_code == 400
    answer = client.post(ACCEPT, data=form(shown, ACCEPT))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/references/{GOOT}")
    after = page(client, GOOT).get_text()
    assert "doi.org/10.1234/right" in after
    assert PRINTED in after


def test_a_page_shows_what_does_not_agree_without_a_button_to_accept_it(
    base: KnowledgeBase, client: FlaskClient
) -> None:
    fields = form(page(client, WRONG), address(WRONG))
    answer = client.post(address(WRONG), data=fields)
    shown = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    section = shown.select("section[aria-labelledby=suggestion]")[0]
    assert "other title and year" in section.get_text()
    assert section.select("button") == []
    assert client.post(ACCEPT, data={**fields, "key": WRONG}).status_code == 409
    assert base.bibliographies() == []


def test_a_page_says_it_when_crossref_is_down_or_knows_nothing(client: FlaskClient, crossref: Crossref) -> None:
    fields = form(page(client, KUH), address(KUH))
    crossref.status = 503
    answer = client.post(address(KUH), data=fields)
    assert answer.status_code == 409
    assert "Crossref cannot be asked now" in answer.get_data(as_text=True)
    crossref.status, crossref.items = 200, []
    assert "Crossref knows nothing like it." in client.post(address(KUH), data=fields).get_data(as_text=True)
