"""Every page: one heading, its language, nothing of documents is run, addresses that make no sense."""

from __future__ import annotations

import itertools
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.soup import soup, words
from tests.web_fakes import WORKS, FakeKnowledgeBase, fake_knowledge_base
from tests.web_links import follow_all
from web import create_app

EVERY_PAGE = (
    "/",
    "/?q=liminal+space",
    "/?q=zzz",
    "/?q=Turner&kind=deck&language=nl&year=2024&document=1",
    "/documents",
    "/documents?kind=deck&sort=added",
    "/documents/1",
    "/documents/2",
    "/documents/3",
    "/documents/1/pages/2?passage=58&q=student",
    "/documents/1/pages/4",
    "/documents/2/pages/1?citation=5",
    "/documents/3/pages/1",
    "/references",
    "/references?only=missing&sort=year",
    "/references/turner-1969",
    "/references/goot",
    "/references/review",
    "/intake",
    "/documents/99",
    "/nowhere",
    "/?year=abc",
)


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


@pytest.mark.parametrize("address", EVERY_PAGE)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_has_one_heading_a_title_and_its_language(client: FlaskClient, address: str, language: str) -> None:
    page = soup(client.get(address, headers={"Accept-Language": language}))
    assert len(page.find_all("h1")) == 1
    assert words(page.title)
    assert page.html is not None
    assert page.html["lang"] == language
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_no_page_runs_or_styles_anything_of_its_own(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    page = soup(answer)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not page.find_all("style")
    assert all(script.get("src") and not script.string for script in page.find_all("script"))
    assert not [tag for tag in page.find_all(True) for name in tag.attrs if name.startswith("on") or name == "style"]
    fetched = [tag.get("src") or tag.get("href") for tag in page.find_all(["script", "link", "img"])]
    assert not [address for address in fetched if not str(address).startswith("/")]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "address", ["/?q=script", "/documents", "/documents/3", "/documents/3/pages/1?passage=64&q=script"]
)
def test_text_of_documents_stays_text(client: FlaskClient, address: str) -> None:
    text = client.get(address).get_data(as_text=True)
    assert "gotcha" in text
    assert "<script>document" not in text


def test_markup_in_a_reference_does_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(2)><i onclick="alert(3)">slanted</i> & <b>'
    key = "we/ird?key#1 <b>"
    csl = {
        "type": "book",
        "title": hostile,
        "author": [{"family": hostile}],
        "container-title": hostile,
        "DOI": hostile,
    }
    monkeypatch.setitem(WORKS, key, (csl, hostile))
    listed = soup(client.get("/references"))
    (link,) = [str(link["href"]) for link in listed.select(".work") if "alert(1)" in link.get_text()]
    for page in (listed, soup(client.get(link))):
        main = page.main
        assert main is not None
        assert "alert(1)" in main.get_text()
        assert not main.select("script, img, b, [onclick], [onerror]")
        assert all(not tag.attrs for tag in main.select("i, sup, sub"))


def test_a_query_is_shown_as_text(client: FlaskClient) -> None:
    text = client.get("/?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E").get_data(as_text=True)
    assert "<img" not in text
    assert "&lt;img" in text


def test_every_link_leads_somewhere(client: FlaskClient) -> None:
    visited, broken = follow_all(client)
    assert broken == []
    assert {"/documents/1/pages/6", "/references/goot", "/intake", "/api/openapi.json"} <= visited
    assert any("?at=" in address for address in visited)
