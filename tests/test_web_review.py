"""Questions about references, answered and taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.soup import form, soup, words
from tests.web_fakes import FakeKnowledgeBase, fake_knowledge_base
from web import create_app


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> FakeKnowledgeBase:
    """A collection that the tests read; those that change one make their own."""
    return fake_knowledge_base(tmp_path_factory.mktemp("kb"))


@pytest.fixture(scope="module")
def app(base: FakeKnowledgeBase) -> Flask:
    app = create_app(base)
    app.testing = True
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of its own, with no cookies yet."""
    return app.test_client()


def questions(client: FlaskClient) -> list[str]:
    page = soup(client.get("/references/review?lang=en"))
    return [words(heading) for heading in page.select(".doubts h2")]


@pytest.fixture
def reviewer(tmp_path: Path) -> FlaskClient:
    """A browser on a collection of its own, for it changes things."""
    return create_app(fake_knowledge_base(tmp_path)).test_client()


@pytest.mark.parametrize("verdict", ["confirm", "refuse"])
def test_a_doubt_is_answered_with_one_click_and_the_answer_taken_back(reviewer: FlaskClient, verdict: str) -> None:
    asked = questions(reviewer)
    assert asked == ["Is this work meant?", "Are these one work?", "Is this work the document that is here?"]
    answer = reviewer.post("/references/review", data={**form(reviewer), "verdict": verdict})
    assert answer.status_code == 303
    page = soup(reviewer.get(f"{answer.headers['Location']}&lang=en"))
    assert words(page.select_one("[role=status]")) == "Your answer is kept. 2 questions wait"
    assert words(page.select_one(".just-made strong")) == {"confirm": "Yes", "refuse": "No"}[verdict]
    assert questions(reviewer) == asked[1:]
    answer = reviewer.post("/references/review/undo", data=form(reviewer, ".answered form"))
    assert words(soup(reviewer.get(answer.headers["Location"])).select_one("[role=status]")).startswith(
        "Your answer is taken"
    )
    assert questions(reviewer) == asked


@pytest.fixture
def chooser(tmp_path: Path) -> FlaskClient:
    """A browser on a collection with one citation that may mean two works."""
    base = fake_knowledge_base(tmp_path)
    first = base.asked[0]
    other = replace(first, id="d4", candidate=base.reference("bandura-1994"), score=0.6)
    base.asked = [first, other, base.asked[1]]
    return create_app(base).test_client()


@pytest.mark.parametrize(("chosen", "kept"), [(0, ["Yes"]), (1, ["Yes"]), (2, ["No", "No"])])
def test_of_several_works_one_is_chosen_or_none(chooser: FlaskClient, chosen: int, kept: list[str]) -> None:
    assert questions(chooser) == ["Which work is meant?", "Are these one work?"]
    choices = soup(chooser.get("/references/review?lang=en")).select(".choices form")
    assert [words(choice.select_one("button")) for choice in choices] == ["This one", "This one", "None of these"]
    picked = choices[chosen]
    fields: dict[str, object] = {
        "csrf": str(picked.select("input[name=csrf]")[0]["value"]),
        "doubt": [str(each["value"]) for each in picked.select("input[name=doubt]")],
        "verdict": str(picked.select("button")[0]["value"]),
    }
    answer = chooser.post("/references/review", data=fields)
    page = soup(chooser.get(f"{answer.headers['Location']}&lang=en"))
    assert [words(each) for each in page.select(".just-made strong")] == kept
    assert chooser.post("/references/review", data=fields).status_code == 404
    taken = [str(each["value"]) for each in page.select(".just-made input[name=decision]")]
    assert chooser.post("/references/review/undo", data={**fields, "decision": taken}).status_code == 303
    assert questions(chooser) == ["Which work is meant?", "Are these one work?"]


def test_questions_are_put_in_another_order(chooser: FlaskClient) -> None:
    page = soup(chooser.get("/references/review?lang=en&sort=reading"))
    assert words(page.select_one(".order strong")) == "least certainly read first"
    assert page.select(".doubts form")[0]["action"] == "/references/review?sort=reading"
    assert chooser.get("/references/review?sort=loudest").status_code == 400


def test_what_is_ticked_is_said_to_be_one_work(reviewer: FlaskClient) -> None:
    asked = reviewer.get("/references/join?key=goot&key=turner-1969&key=goot")
    page = soup(asked)
    assert words(page.select_one("main .entry")) == "van der Goot, onleesbare regel 12"
    fields = {"csrf": str(page.select_one("main input[name=csrf]")["value"]), "key": ["goot", "turner-1969"]}  # type: ignore[index]
    answer = reviewer.post("/references/join", data=fields)
    assert answer.status_code == 303
    made = soup(reviewer.get(f"{answer.headers['Location']}&lang=en")).select_one(".just-made")
    assert words(made).startswith("Are these one work? Yes")
    assert reviewer.get("/references/join?key=goot").status_code == 400
    assert reviewer.post("/references/join", data={**fields, "key": ["goot"]}).status_code == 400
    assert reviewer.post("/references/join", data={**fields, "key": ["goot", "goot"]}).status_code == 409
    assert reviewer.post("/references/join", data={**fields, "csrf": ""}).status_code == 400


def test_a_place_is_said_not_to_cite_this_work(reviewer: FlaskClient) -> None:
    page = soup(reviewer.get("/references/turner-1969"))
    button = page.select_one("button[name=citation]")
    assert button is not None
    fields = {str(each["name"]): str(each["value"]) for each in page.select("main form input")}
    answer = reviewer.post("/references/part", data={**fields, "citation": str(button["value"])})
    assert answer.status_code == 303
    made = soup(reviewer.get(f"{answer.headers['Location']}&lang=en")).select_one(".just-made")
    assert words(made).startswith("Is this work meant? No")
    assert reviewer.post("/references/part", data=fields).status_code == 400
    assert reviewer.post("/references/part", data={**fields, "citation": "999"}).status_code == 404
    assert reviewer.post("/references/part", data={**fields, "citation": "x"}).status_code == 400
    assert reviewer.post("/references/part", data={**fields, "csrf": "", "citation": "1"}).status_code == 400


def test_the_list_leads_to_the_questions(reviewer: FlaskClient) -> None:
    assert soup(reviewer.get("/references")).select_one('a[href="/references/review"]')


def test_the_reason_of_each_question_is_worded_in_dutch(reviewer: FlaskClient) -> None:
    page = soup(reviewer.get("/references/review?lang=nl"))
    said = [words(each) for each in page.select(".verdict .soft")]
    assert said[0] == "72 % waarschijnlijk: alleen de auteur"
    assert said[1] == "60 % waarschijnlijk: zelfde titel en auteurs, andere DOI: misschien een andere versie"
    assert not page.select(".verdict .soft [lang]")


def test_titles_are_read_aloud_in_their_own_language(reviewer: FlaskClient) -> None:
    place = soup(reviewer.get("/references/review?lang=en")).select_one(".as-cited a span")
    assert place is not None
    assert (place["lang"], words(place)) == ("nl", "Tussen twee deuren")
    options = soup(reviewer.get("/references")).select("#document option[lang]")
    assert [option["lang"] for option in options] == ["nl", "en", "en"]


def test_a_question_that_was_answered_elsewhere_is_no_bad_address(reviewer: FlaskClient) -> None:
    data = {**form(reviewer), "verdict": "confirm"}
    assert reviewer.post("/references/review", data=data).status_code == 303
    again = reviewer.post("/references/review", data=data)
    assert again.status_code == 404
    assert words(soup(again).select_one(".lead")) == "This has changed since: look again."


def test_a_question_is_asked_once(reviewer: FlaskClient) -> None:
    data = {**form(reviewer), "verdict": "confirm"}
    assert reviewer.post("/references/review", data=data).status_code == 303
    assert reviewer.post("/references/review", data=data).status_code == 404


@pytest.mark.parametrize("data", [{"verdict": "maybe"}, {"verdict": ""}, {}])
def test_an_answer_that_is_none_changes_nothing(reviewer: FlaskClient, data: dict[str, str]) -> None:
    assert reviewer.post("/references/review", data={**form(reviewer), **data}).status_code == 400
    assert reviewer.post("/references/review/undo", data={"csrf": form(reviewer)["csrf"]}).status_code == 400
    assert len(questions(reviewer)) == 3


def test_only_a_form_of_ours_in_this_browser_is_taken(app: Flask, reviewer: FlaskClient) -> None:
    own = {**form(reviewer), "verdict": "confirm"}
    forged = {
        "without a token": {key: value for key, value in own.items() if key != "csrf"},
        "with an empty one": {**own, "csrf": ""},
        "with one that was changed": {**own, "csrf": own["csrf"].swapcase()},
        "with one of another knowledge base": {**own, "csrf": form(app.test_client())["csrf"]},
    }
    for how, data in forged.items():
        assert reviewer.post("/references/review", data=data).status_code == 400, how
        assert reviewer.post("/references/review/undo", data={**data, "decision": "1"}).status_code == 400, how
    stranger = reviewer.application.test_client()
    assert stranger.post("/references/review", data=own).status_code == 400
    assert len(questions(reviewer)) == 3


def test_only_its_own_names_are_answered_to(base: FakeKnowledgeBase) -> None:
    client = create_app(base, hosts=["127.0.0.1", "localhost"]).test_client()
    assert client.get("/documents", base_url="http://127.0.0.1:8000").status_code == 200
    assert client.get("/documents", base_url="http://evil.example").status_code == 400


def test_the_cookies_of_forms_stay_here(reviewer: FlaskClient) -> None:
    (cookie,) = reviewer.get("/references/review").headers.getlist("Set-Cookie")
    assert cookie.startswith("csrf=")
    assert {"HttpOnly", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}
    assert "Set-Cookie" not in reviewer.application.test_client().get("/references").headers
