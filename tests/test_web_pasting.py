"""References are pasted, read, compared with the collection, added and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.soup import soup, words
from tests.web_fakes import fake_knowledge_base
from web import create_app

LIST = """Turner, V. (1969). The ritual process: Structure and anti-structure. Aldine.
Sol, J. (2014). Tides and dikes. Coastal Studies, 3(2), 62–65.

nothing that anyone could read as a reference"""


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return create_app(fake_knowledge_base(tmp_path)).test_client()


def token(client: FlaskClient) -> str:
    return str(soup(client.get("/references/paste")).select_one("input[name=csrf]")["value"])  # type: ignore[index]


def test_each_reference_is_shown_as_it_was_understood_and_whether_it_is_here(client: FlaskClient) -> None:
    answer = client.post("/references/paste?lang=en", data={"csrf": token(client), "text": LIST})
    page = soup(answer)
    assert words(page.select_one("#understood")) == "3 references"
    shown = page.select(".pasted li")
    assert [words(each.select_one(".label")) for each in shown] == ["known, but not here", "not here", "not understood"]
    assert words(shown[1].select_one(".apa")) == "Sol, J. (2014). Tides and dikes. Coastal Studies, 3(2), 62–65."
    assert words(shown[1].select_one(".certainty")) == "read with 97 % certainty"
    boxes = [each.select_one("input") for each in shown]
    assert [(box.has_attr("checked"), box.has_attr("disabled")) for box in boxes if box] == [
        (False, True), (True, False), (False, True),
    ]  # fmt: skip
    link = shown[0].select_one("a.entry")
    assert link is not None
    assert link["href"] == "/references/turner-1969"


def test_what_is_ticked_is_added_and_taken_back(client: FlaskClient) -> None:
    fields = {"csrf": token(client), "text": LIST}
    assert client.post("/references/paste/add", data=fields).status_code == 400
    answer = client.post("/references/paste/add", data={**fields, "chosen": ["2", "3"]})
    assert answer.status_code == 303
    page = soup(client.get(f"{answer.headers['Location']}&lang=en"))
    assert words(page.select_one("[role=status]")) == "1 reference is added."
    taken = {str(each["name"]): str(each["value"]) for each in page.select(".answered form input")}
    answer = client.post("/references/paste/forget", data=taken)
    page = soup(client.get(f"{answer.headers['Location']}&lang=en"))
    assert words(page.select_one("[role=status]")) == "The references are taken back."
    assert page.select(".answered") == []
    assert client.post("/references/paste/forget", data=taken).status_code == 404


def test_a_text_with_markup_is_shown_as_text(client: FlaskClient) -> None:
    text = "</textarea><script>alert(1)</script>"
    page = soup(client.post("/references/paste?lang=nl", data={"csrf": token(client), "text": text}))
    assert page.select("main script") == []
    assert page.select_one("#text").get_text().strip() == text  # type: ignore[union-attr]
    empty = soup(client.post("/references/paste?lang=nl", data={"csrf": token(client), "text": " "}))
    assert words(empty.select_one("#understood")) == "In deze tekst is geen bron gevonden."


def test_a_text_that_is_too_long_or_not_from_our_form_is_refused(client: FlaskClient) -> None:
    assert client.post("/references/paste", data={"csrf": "", "text": LIST}).status_code == 400
    assert client.post("/references/paste", data={"csrf": token(client), "text": "x" * 50_001}).status_code == 400
    assert client.post("/references/paste/add", data={"csrf": "", "text": LIST, "chosen": "2"}).status_code == 400
