"""The door for programs: answers keep to the description, errors are problems, health is told."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from kb.bootstrap import open_knowledge_base
from kb.errors import CatalogueError, IndexOutOfStep
from kb.exports import FORMATS
from kb.model import Answer, Query
from kb.settings import Settings
from tests.web_fakes import FakeKnowledgeBase, fake_knowledge_base
from web import create_app
from web.openapi import description

# Every described address with something to ask it: (template, real address).
ASKED = (
    ("/api/search", "/api/search?q=liminal+space"),
    ("/api/search", "/api/search?q=zzz&n=3&kind=deck&language=nl&year=2024&document=1"),
    ("/api/ask", "/api/ask?q=liminal+space"),
    ("/api/search", "/api/search?q=liminal+foo:bar+year:x"),
    ("/api/ask", "/api/ask?q=zzz"),
    ("/api/ask", "/api/ask?q=zzz+foo:bar"),
    ("/api/documents", "/api/documents"),
    ("/api/documents", "/api/documents?kind=literature"),
    ("/api/documents/{id}", "/api/documents/1"),
    ("/api/references", "/api/references"),
    ("/api/references", "/api/references?only=missing&sort=year&document=1"),
    ("/api/references/{key}", "/api/references/turner-1969"),
    ("/api/references/{key}", "/api/references/goot"),
    ("/api/jobs", "/api/jobs?n=5"),
    ("/api/jobs/{id}", "/api/jobs/1"),
    ("/healthz", "/healthz"),
    ("/readyz", "/readyz"),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> FakeKnowledgeBase:
    base = fake_knowledge_base(tmp_path_factory.mktemp("kb"))
    base.uploads.add(BytesIO(b"%PDF-1.4"), "deck.pdf")
    return base


@pytest.fixture(scope="module")
def app(base: FakeKnowledgeBase) -> Flask:
    return create_app(base)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def check(value: Any, schema: dict[str, Any]) -> None:
    """Hold a value to a schema of the description."""
    whole = {**schema, "components": description()["components"]}
    Draft202012Validator.check_schema(whole)
    errors = [error.message for error in Draft202012Validator(whole).iter_errors(value)]
    assert errors == []


@pytest.mark.parametrize(("template", "address"), ASKED)
def test_answers_keep_to_the_description(client: FlaskClient, template: str, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    described = client.get("/api/openapi.json").json["paths"][template]["get"]["responses"]["200"]  # type: ignore[index]
    check(answer.json, described["content"]["application/json"]["schema"])


@pytest.mark.parametrize(("template", "address"), [each for each in ASKED if "references" in each[0]])
def test_every_file_is_of_a_sort_that_is_described(client: FlaskClient, template: str, address: str) -> None:
    described = description()["paths"][template]["get"]["responses"]["200"]["content"]
    more = "&" if "?" in address else "?"
    sorts = {client.get(f"{address}{more}format={form}").mimetype for form in FORMATS}
    assert {"application/json", *sorts} == set(described)


def test_references_of_a_document_that_is_not_here_are_a_problem_that_is_described(tmp_path: Path) -> None:
    with closing(open_knowledge_base(Settings(tmp_path))) as base:
        answer = create_app(base).test_client().get("/api/references?document=9")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert "404" in description()["paths"]["/api/references"]["get"]["responses"]


def test_every_described_address_is_asked() -> None:
    assert set(description()["paths"]) == {template for template, _address in ASKED}


def test_the_description_and_the_application_know_the_same_addresses(app: Flask) -> None:
    known = {
        rule.rule.replace("<int:document_id>", "{id}").replace("<int:job_id>", "{id}").replace("<path:key>", "{key}")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint not in {"api.openapi", "api.nothing"}
    }
    assert known == set(description()["paths"])


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/api/search", 400, "q is missing"),
        ("/api/ask?q=+", 400, "q is missing"),
        ("/api/search?q=x&n=-1", 400, "n is '-1'"),
        ("/api/search?q=x&n=0", 400, "n is '0'"),
        ("/api/search?q=x&n=1e3", 400, "n is '1e3'"),
        ("/api/search?q=x&year=abc", 400, "year is 'abc'"),
        ("/api/search?q=x&kind=book", 400, "kind is 'book'"),
        ("/api/search?q=" + "x" * 1001, 400, "1001 characters"),
        ("/api/references?only=all", 400, "only is 'all'"),
        ("/api/documents/99", 404, "no document 99"),
        ("/api/references/nobody", 404, "no reference nobody"),
        ("/api/nothing", 404, "/api/nothing"),
        ("/api/", 404, "/api/"),
        ("/api", 404, "/api/"),
    ],
)
def test_an_error_is_a_problem_that_says_what(client: FlaskClient, address: str, status: int, says: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    check(answer.json, {"$ref": "#/components/schemas/Problem"})
    assert answer.json is not None
    assert answer.json["status"] == status
    assert says in answer.json["detail"]


def test_a_program_that_asks_for_json_gets_its_problem_anywhere(client: FlaskClient) -> None:
    answer = client.get("/documents/99", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_removed_document_is_gone_and_named(tmp_path: Path) -> None:
    base = fake_knowledge_base(tmp_path)
    base.remove(1)
    answer = create_app(base).test_client().get("/api/documents/1")
    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")
    assert answer.json is not None
    assert answer.json["removed"] == "Tussen twee deuren"
    check(answer.json, {"$ref": "#/components/schemas/Problem"})


def test_what_is_not_offered_is_refused_with_what_is(client: FlaskClient) -> None:
    answer = client.delete("/api/documents/1")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("query", ["%00", "%ED%A0%80", "%FF", "%22(*)+AND", "%F0%9F%98%80", "-", "e%CC%81"])
def test_no_query_text_breaks_an_answer(client: FlaskClient, query: str) -> None:
    for door in ("search", "ask"):
        assert client.get(f"/api/{door}?q={query}").status_code in {200, 400}


def test_text_travels_in_its_own_letters(client: FlaskClient) -> None:
    text = client.get("/api/search?q=student").get_data(as_text=True)
    assert "• De student" in text
    assert "\\u" not in text


def test_health_is_told_apart_from_readiness(tmp_path: Path) -> None:
    base = fake_knowledge_base(tmp_path)
    client = create_app(base).test_client()
    assert client.get("/readyz").json == {"status": "ready", "checks": base.state}
    base.state["vectors"] = False
    unready = client.get("/readyz")
    assert unready.status_code == 503
    assert unready.json == {"status": "not ready", "checks": base.state}
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("error", [CatalogueError("The catalogue is busy: try again"), IndexOutOfStep("Out of step")])
def test_a_house_that_is_not_in_order_says_so_and_is_no_defect(tmp_path: Path, error: Exception) -> None:
    class OutOfOrder(FakeKnowledgeBase):
        def search(self, query: Query, n: int = 10) -> Answer:
            raise error

    base = fake_knowledge_base(tmp_path)
    broken = OutOfOrder(base.settings, base.held, base.removed, base.passages, base.citations)
    client = create_app(broken).test_client()
    answer = client.get("/api/search?q=x")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["detail"] == str(error)
    assert str(error) in client.get("/?q=x").get_data(as_text=True)


def test_a_defect_is_a_problem_without_its_inside(tmp_path: Path) -> None:
    class Defective(FakeKnowledgeBase):
        def search(self, query: Query, n: int = 10) -> Answer:
            raise ZeroDivisionError("secret path /home/x")

    base = fake_knowledge_base(tmp_path)
    app = create_app(Defective(base.settings, base.held, base.removed, base.passages, base.citations))
    app.logger.disabled = True
    answer = app.test_client().get("/api/search?q=x")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "secret" not in answer.get_data(as_text=True)


def test_tokens_of_two_processes_are_signed_alike(tmp_path: Path) -> None:
    first, second = (create_app(fake_knowledge_base(tmp_path)).config["SECRET_KEY"] for _ in range(2))
    assert first == second
    assert len(first) == 64
    assert (tmp_path / "web-key").stat().st_mode & 0o077 == 0
