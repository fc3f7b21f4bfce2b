"""Addresses that make no sense, and the language of the interface."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.soup import soup, words
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


@pytest.mark.parametrize(
    "address",
    ["/?q=x&n=-1", "/?q=x&n=99999", "/?q=x&year=abc", "/?q=x&year=٢٠٢٤", "/?q=x&kind=book", "/?q=x&language=fr",
     "/?q=x&document=1.5", "/documents?kind=x", "/documents?sort=%00", "/references?only=x", "/references?format=doc",
     "/references?page=0", "/documents/1/pages/2?passage=-4", "/documents/1/pages/2?passage=1&from=x",
     "/?q=" + "x" * 1001],
)  # fmt: skip
def test_a_parameter_that_makes_no_sense_is_named(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    name = re.findall(r"[?&](\w+)=", address)[-1]
    assert words(soup(answer).select_one(".lead")).startswith(f"{name} is ")


@pytest.mark.parametrize(
    "query", ["%00", "%ED%A0%80", "%FF%FE", "a%00b%1Bc", "%F3%A0%80%81", "%22%28%2A%29+AND+NEAR", "+", "%E2%80%AE"]
)
def test_no_query_text_is_an_error(client: FlaskClient, query: str) -> None:
    for address in (f"/?q={query}", f"/documents?q={query}", f"/references?q={query}",
                    f"/documents/1/pages/2?passage=58&q={query}"):  # fmt: skip
        assert client.get(address).status_code == 200


def test_a_passage_and_a_sentence_outside_the_page_mark_nothing_wrong(client: FlaskClient) -> None:
    for more in ("from=5&to=2", "from=0&to=999999", "from=3"):
        page = soup(client.get(f"/documents/1/pages/2?passage=58&{more}"))
        assert len(page.select("#marked")) == 1
        assert not [mark for mark in page.select("mark") if "passage" not in mark.get("class", [])]


def test_a_choice_of_language_is_kept(client: FlaskClient) -> None:
    assert soup(client.get("/", headers={"Accept-Language": "nl"})).html["lang"] == "nl"  # type: ignore[index]
    chosen = client.get("/documents?lang=en", headers={"Accept-Language": "nl"})
    assert "lang=en" in chosen.headers["Set-Cookie"]
    assert soup(client.get("/", headers={"Accept-Language": "nl"})).html["lang"] == "en"  # type: ignore[index]


def test_the_switch_keeps_the_question(client: FlaskClient) -> None:
    page = soup(client.get("/?q=liminal+space&kind=deck", headers={"Accept-Language": "nl"}))
    assert page.select_one(".languages a[hreflang]")["href"] == "/?q=liminal+space&kind=deck&lang=en"  # type: ignore[index]


def test_the_switch_never_leads_to_another_host(client: FlaskClient) -> None:
    for path in ("//evil.example/x", "/%2F%2Fevil.example", "/50%25", "/a%3Fb"):
        switch = soup(client.get(path)).select_one(".languages a[hreflang]")
        assert switch is not None
        assert re.match(r"/[^/?]", str(switch["href"]))
        assert urlsplit(str(switch["href"])).query.startswith("lang=")


@pytest.mark.parametrize(
    ("method", "address", "more", "says"),
    [
        ("DELETE", "/documents/1", {}, "Naar dit adres kan op deze manier niets worden gestuurd."),
        ("POST", "/references/join", {"data": {"key": "x" * 70_000}}, "Er is meer gestuurd dan in dit formulier thuishoort."),
        ("GET", "/", {"base_url": "http://evil.example"}, "Deze kennisbank luistert niet naar de naam evil.example."),
        ("GET", f"/documents/2/files/{'c' * 64}/x", {"headers": {"Range": "bytes=9999999-"}}, "Dat deel heeft het bestand niet."),
    ],
)  # fmt: skip
def test_what_the_server_refuses_is_said_in_dutch_too(
    base: FakeKnowledgeBase, method: str, address: str, more: dict[str, Any], says: str
) -> None:
    client = create_app(base, hosts=["localhost"]).test_client()
    client.set_cookie("lang", "nl", domain="evil.example")
    client.set_cookie("lang", "nl")
    answer = client.open(address, method=method, **more)
    assert answer.status_code >= 400
    assert words(soup(answer).select_one(".lead")) == says


def test_an_unknown_language_is_no_error(client: FlaskClient) -> None:
    for accept in ("fr", "*", "", "nl;q=x", "zh-Hant, *;q=0.1"):
        assert client.get("/", headers={"Accept-Language": accept}).status_code == 200
    assert "Set-Cookie" not in client.get("/?lang=fr").headers
