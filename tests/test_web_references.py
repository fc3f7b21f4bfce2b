"""Cited works: the list, a work, and how they are exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from kb.bootstrap import open_knowledge_base
from kb.model import Entry
from kb.settings import Settings
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


def test_a_reference_shows_each_place_with_its_sentence_and_leads_there(client: FlaskClient) -> None:
    page = soup(client.get("/references/turner-1969"))
    places = page.select(".hit")
    assert [words(place.select_one(".snippet")) for place in places] == [
        "Rituelen helpen haar verder (Turner, 1969).",
        "Turner (1969) called the stretch between two states liminal.",
    ]
    for place, printed in zip(places, ["(Turner, 1969)", "Turner (1969)"], strict=True):
        link = place.select_one(".where a")
        assert link is not None
        there = soup(client.get(str(link["href"]).split("#")[0]))
        assert words(there.select_one("#marked")) == printed


def test_a_reference_that_is_here_leads_to_the_document(client: FlaskClient) -> None:
    assert soup(client.get("/references/fielding-2021")).select_one('.is-here a[href="/documents/2"]')
    assert not soup(client.get("/references/turner-1969")).select(".is-here")


def test_what_was_not_understood_is_shown_as_printed(client: FlaskClient) -> None:
    assert "van der Goot, onleesbare regel 12" in words(soup(client.get("/references/goot")).select_one("#apa"))


def test_a_list_of_references_can_be_saved_from(client: FlaskClient) -> None:
    titles = [str(span["title"]) for span in soup(client.get("/references")).select("span.Z3988")]
    assert len(titles) == 4
    assert all("ctx_ver=Z39.88-2004" in title for title in titles)


@pytest.mark.parametrize(
    ("form", "media_type", "says"),
    [
        ("bibtex", "application/x-bibtex", "title = {Self-efficacy}"),
        ("ris", "application/x-research-info-systems", "TI  - Self-efficacy"),
        ("csl-json", "application/vnd.citationstyles.csl+json", '"title": "Self-efficacy"'),
        ("apa", "text/plain", "Bandura, A. (1994). Self-efficacy."),
    ],
)
def test_a_reference_can_be_taken_along(client: FlaskClient, form: str, media_type: str, says: str) -> None:
    for address in ("/references/bandura-1994", "/api/references/bandura-1994", "/references"):
        answer = client.get(f"{address}?format={form}")
        assert answer.mimetype == media_type
        assert says.lower() in answer.get_data(as_text=True).lower()
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_is_ticked_is_what_is_taken_along(client: FlaskClient) -> None:
    ticked = client.get("/references?format=ris&key=turner-1969&key=strayhorn-2018").get_data(as_text=True)
    assert ticked.count("TY  - ") == 2
    whole = client.get("/references?format=ris").get_data(as_text=True)
    assert whole.count("TY  - ") == 4
    nothing = client.get("/references?format=ris&key=nobody").get_data(as_text=True)
    assert nothing.count("TY  - ") == 0


def test_a_reference_is_negotiated_as_dois_are(client: FlaskClient) -> None:
    for accept in ("application/x-bibtex", "application/vnd.citationstyles.csl+json"):
        assert client.get("/references/bandura-1994", headers={"Accept": accept}).mimetype == accept
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    assert client.get("/references/bandura-1994", headers={"Accept": browser}).mimetype == "text/html"


def test_the_sheets_of_a_long_list_together_are_the_list(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def keys(page: BeautifulSoup) -> list[str]:
        return [str(box["value"]) for box in page.select("input[name=key]")]

    whole = keys(soup(client.get("/references?sort=year")))
    monkeypatch.setattr("web.literature.SHEET", 2)
    address, shown = "/references?sort=year", []
    while address:
        page = soup(client.get(address))
        shown += keys(page)
        following = page.select_one('.turn-pages a[rel~="next"]')
        address = str(following["href"]) if following else ""
    assert shown == whole
    assert keys(soup(client.get("/references?sort=year&page=99"))) == whole[4:]


def test_a_preprint_leads_to_its_publication_and_back(tmp_path: Path) -> None:
    base = open_knowledge_base(Settings(home=tmp_path))
    work: dict[str, Any] = {"title": "Tides and dikes of the north", "author": [{"family": "Sol", "given": "J."}]}
    preprint = {**work, "type": "article", "publisher": "arXiv", "issued": {"date-parts": [[2019]]}}
    article = {**work, "type": "article-journal", "container-title": "Coasts", "issued": {"date-parts": [[2020]]}}
    base.add_references([Entry("", preprint), Entry("", article)])
    client = create_app(base).test_client()
    for key, other in (("sol-2019", "sol-2020"), ("sol-2020", "sol-2019")):
        links = soup(client.get(f"/references/{key}")).select("section[aria-labelledby=forms] a")
        assert [link["href"] for link in links] == [f"/references/{other}"]
    base.close()


def test_of_many_documents_those_are_offered_whose_titles_have_the_words(
    client: FlaskClient, base: FakeKnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def options(page: BeautifulSoup) -> list[str]:
        return [option.get_text() for option in page.select("#document option")][1:]

    titles = {document.id: document.title for document in base.documents()}
    assert options(soup(client.get("/references"))) == list(titles.values())
    monkeypatch.setattr("web.literature.OFFERED", 2)
    page = soup(client.get("/references"))
    assert (options(page), len(page.select("#in"))) == ([], 1)
    chosen, title = next(iter(titles.items()))
    page = soup(client.get("/references", query_string={"in": title.upper()}))
    assert [str(option["value"]) for option in page.select("#document option[selected]")] == [str(chosen)]
    alone = soup(client.get(f"/references?document={chosen}"))
    assert options(alone) == [title]
    assert [box["value"] for box in page.select("input[name=key]")] == [
        box["value"] for box in alone.select("input[name=key]")
    ]
    assert "No document has these words in its title." in words(soup(client.get("/references?in=nergens")))
