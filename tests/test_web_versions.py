"""Questions about versions on the pages and at the command line: answered with one click or command, and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.cli import main
from kb.settings import Settings
from kb.versions import Resemblance, VersionQuestion
from tests.fake_uploads import settle
from tests.fakes import WordEncoder
from tests.soup import form, soup, words
from tests.web_fakes import fake_knowledge_base
from tests.writers import Slide, write_pptx
from web import create_app

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
ROOMS = Slide("Kamers", ("Een lokaal dat open is nodigt studenten uit om te blijven zitten.",))
DOORS = Slide("Drempels", ("Wie begint aan een studie staat op een drempel van het huis.",))
BRIDGES = Slide("Bruggen", ("Wie een brug bouwt helpt de ander naar de overkant.",))
OLDER, NEWER = (write_pptx((ROOMS, other), "De overgang") for other in (DOORS, BRIDGES))


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    """A knowledge base with two versions of a deck, as documents 1 and 2."""
    with closing(open_knowledge_base(Settings(tmp_path / "home"), WordEncoder)) as opened:
        client = create_app(opened).test_client()
        files = [(BytesIO(OLDER), "webinar.pptx"), (BytesIO(NEWER), "webinar-2.pptx")]
        assert client.post("/api/documents", data={"file": files}).status_code == 202
        settle()
        yield opened


@pytest.fixture
def client(base: KnowledgeBase) -> FlaskClient:
    return create_app(base).test_client()


def run(base: KnowledgeBase, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["review", *arguments], obj=base.settings)


def test_a_yes_is_one_click_and_so_is_taking_it_back(client: FlaskClient, base: KnowledgeBase) -> None:
    page = soup(client.get("/intake?lang=nl"))
    assert words(page.select_one("#versions .doubts h3")) == "Is dit een nieuwe versie?"
    assert words(page.select_one("#versions .verdict .soft")) == (
        "zelfde titel en soort; 1 van de 2 pagina’s hebben dezelfde woorden"
    )
    yes = form(client, "#versions .verdict", "/intake") | {"verdict": "confirm"}
    answer = client.post("/versions", data=yes)
    settle()
    assert (answer.status_code, answer.location) == (303, "/intake#versions")
    assert [each.id for each in base.documents()] == [1]
    # Its addresses lead to the document that it became.
    moved = client.get("/documents/2/pages/1?at=0-5.abc", headers={"Accept": "text/html"})
    assert (moved.status_code, moved.location) == (302, "/documents/1/pages/1?at=0-5.abc")
    assert client.get("/api/documents/2").location == "/api/documents/1"
    answer = client.post("/versions/undo", data=form(client, "#versions .answered form", "/intake"))
    settle()
    assert answer.location == "/intake#versions"
    assert [each.id for each in base.documents()] == [1, 2]
    assert client.get("/documents/2").status_code == 200


def test_an_answer_that_cannot_be_undone_whole_says_so(client: FlaskClient, base: KnowledgeBase) -> None:
    client.post("/versions", data=form(client, "#versions .verdict", "/intake") | {"verdict": "confirm"})
    base.undelete(1)
    answer = client.post("/versions/undo", data=form(client, "#versions .answered form", "/intake"))
    assert answer.location == "/intake?changed=1#versions"
    assert len(base.documents()) == 2


def test_a_verdict_is_needed_and_an_answered_question_is_not_answered_again(client: FlaskClient) -> None:
    fields = form(client, "#versions .verdict", "/intake")
    assert client.post("/versions", data=fields).status_code == 400
    assert client.post("/versions", data=fields | {"verdict": "refuse"}).status_code == 303
    assert client.post("/versions", data=fields | {"verdict": "refuse"}).status_code == 404
    assert client.post("/versions", data={"verdict": "refuse", "question": "1-2"}).status_code == 400
    settle()


def test_the_command_line_asks_answers_and_takes_back(base: KnowledgeBase) -> None:
    asked = run(base).output.splitlines()
    assert asked[0].split("\t") == [
        "1-2",
        "is document 2 (De overgang, webinar-2.pptx) a new version of document 1 (De overgang, webinar.pptx)?",
        "the same title and kind; 1 of 2 pages have the same words",
    ]
    assert (run(base, "1-2", "no").output, run(base, "1-2", "no").exit_code) == ("v1\tno\n", 1)
    listed = json.loads(run(base, "--json").output)
    assert (listed["questions"], [each["name"] for each in listed["answers"]]) == ([], ["v1"])
    assert json.loads(run(base, "--undo", "v1", "--json").output) == {"answer": "v1", "verdict": "taken back"}
    assert run(base, "1-2", "yes").output == "v1\tyes\n"
    assert [each.id for each in base.documents()] == [1]
    assert run(base, "--undo", "v1").exit_code == 0
    assert [each.id for each in base.documents()] == [1, 2]
    assert [run(base, *wrong).exit_code for wrong in (("1-2",), ("1-2", "yes", "--undo", "v1"), ("--undo", "vx"))] == [
        2,
        2,
        1,
    ]


def test_the_queue_of_references_has_the_question_too_and_readers_do_not_see_it(tmp_path: Path) -> None:
    base = fake_knowledge_base(tmp_path)
    base.versions.append(VersionQuestion(base.document(1), base.document(2), Resemblance("same-pages", 3, 4)))
    client = create_app(base).test_client()
    address = "/references/review?lang=en"
    assert words(soup(client.get(address)).select_one("#versions .verdict .soft")) == "3 of 4 pages have the same words"
    assert words(soup(client.get(address)).select_one("[role=status]")) == "4 questions wait"
    answer = client.post("/versions", data=form(client, "#versions .verdict", address) | {"verdict": "refuse"})
    assert answer.location == "/references/review#versions"
    assert words(soup(client.get(address)).select_one("[role=status]")) == "3 questions wait"
    base.undo_version(1)
    assert soup(client.get(address, environ_base=ELSEWHERE)).select_one("#versions") is None
