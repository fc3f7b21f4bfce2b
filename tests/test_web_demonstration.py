"""The reading room over the real thing: the demonstration collection, taken in, searched and opened in Chromium."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from kb.anchor import Anchor
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.demonstration.build import build
from kb.language.syntax import read_query
from kb.model import Query
from kb.settings import Settings
from tests.browser import DESK, PHONE, served, visit
from tests.web_links import follow_all
from web import create_app
from web.search import EXAMPLES

QUESTIONS = ("liminal space", "Wat is een liminale ruimte?", "How does self-efficacy grow?")


@dataclass(frozen=True)
class House:
    """The knowledge base with its door."""

    base: KnowledgeBase
    app: Flask

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("demonstration")
    build(folder / "collection")
    base = open_knowledge_base(Settings(folder / "home"))
    reports = list(base.ingest([folder / "collection"]))
    assert {report.status for report in reports} == {"added"}
    base.refresh()
    yield House(base, create_app(base))
    base.close()


@pytest.fixture(scope="module")
def home(house: House) -> Iterator[str]:
    with served(house.app) as address:
        yield address


def test_every_link_leads_somewhere(house: House) -> None:
    visited, broken = follow_all(house.client, skip=("lang=", "format=", "at="))
    assert broken == []
    pages = {f"/documents/{each.id}/pages/{n}" for each in house.base.documents() for n in range(1, each.pages + 1)}
    assert pages <= visited


def test_a_listed_work_is_on_the_page_that_its_link_names(house: House) -> None:
    client, named = house.client, 0
    for reference in house.base.references():
        page = BeautifulSoup(client.get(f"/references/{reference.key}").get_data(as_text=True), "html.parser")
        for link in page.select(".printed .where a"):
            there = BeautifulSoup(client.get(str(link["href"])).get_data(as_text=True), "html.parser")
            assert there.h1 is not None
            name = next(iter(there.h1.stripped_strings))
            assert link.get_text().endswith(name[:1].lower() + name[1:])
            named += name == "Page 220"  # as it is printed: the fourth page of its file
    assert named > 10


def test_the_examples_on_the_first_page_are_answered(house: House) -> None:
    page = BeautifulSoup(house.client.get("/").get_data(as_text=True), "html.parser")
    offered = [link.get_text() for link in page.select(".examples a")]
    assert len(offered) >= 3
    assert all(house.base.ask(Query(question)).answered for question in offered)


def test_reference_lists_are_hits_only_of_a_query_that_asks_for_a_work(house: House) -> None:
    topic = house.base.ask(Query("sense of belonging"), 100)
    assert not any(hit.passage.listing for hit in topic.evidence)
    works = house.base.works_listed(topic)
    assert {"strayhorn-2012", "strayhorn-2019"} <= {work.key for work in works}
    assert all(re.search("belong|sense", work.raw[0], re.IGNORECASE) for work in works)
    for text in ("Strayhorn 2019", '"key to educational success"', "a key to educational success for all students"):
        asked = house.base.ask(read_query(text), 100)
        assert any(hit.passage.listing for hit in asked.evidence), text
        assert house.base.works_listed(asked) == []


@pytest.mark.parametrize(
    "question", ["sense of belonging", "Wat helpt eerstejaars om zich thuis te voelen?", "studenten"]
)
@pytest.mark.parametrize("chosen", [{"kind": "deck"}, {"language": "en"}, {"kind": "literature", "language": "nl"}])
def test_filters_give_the_hits_that_pass_them_and_no_fewer(house: House, question: str, chosen: dict[str, Any]) -> None:
    everything, part = house.base.ask(Query(question), 1000), house.base.ask(Query(question, **chosen), 1000)
    for facet, value in chosen.items():
        assert part.total == part.facets[facet][value]
    found, hits = ({(hit.document.id, hit.page.number) for hit in each.evidence} for each in (part, everything))
    assert len(found) > 2
    assert found <= hits


@pytest.mark.parametrize("question", [*EXAMPLES, "studentenwelzijn", "Turner", "mattering", "drempel"])
def test_what_is_quoted_stands_on_its_page_character_for_character(house: House, question: str) -> None:
    client = house.client
    results = BeautifulSoup(client.get("/", query_string={"q": question}).get_data(as_text=True), "html.parser")
    for said in results.select(".quotes li"):
        address = str(said.a["href"])  # type: ignore[index]
        document, number = (int(part) for part in urlsplit(address).path.split("/")[2::2])
        page = house.base.page(document, number)
        assert said.q is not None
        anchor = Anchor.parse(parse_qs(urlsplit(address).query)["at"][0])
        assert anchor is not None
        assert said.q.get_text() == page.text[anchor.start : anchor.end]
        there = BeautifulSoup(client.get(address.partition("#")[0]).get_data(as_text=True), "html.parser")
        marked = "".join(mark.get_text() for mark in there.select("mark"))
        assert "".join(marked.split()) == "".join(said.q.get_text().split())


def test_the_text_of_every_page_is_shown_whole(house: House) -> None:
    client = house.client
    for document in house.base.documents():
        for page in house.base.pages(document.id):
            answer = client.get(f"/documents/{document.id}/pages/{page.number}").get_data(as_text=True)
            soup = BeautifulSoup(answer, "html.parser")
            for field, selector in (("text", ".sheet .line"), ("notes", ".notes .line")):
                shown = [line.get_text() for line in soup.select(selector)]
                text = page.text if field == "text" else page.notes
                assert shown == [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_in_either_language_leads_to_the_marked_sentence_and_back(
    browser: Browser, home: str, question: str, size: tuple[int, int]
) -> None:
    with visit(browser, home, size=size, language="nl") as there:
        there.go("/")
        there.page.get_by_role("searchbox").fill(question)
        there.page.keyboard.press("Enter")
        quotation = there.text(".quotes q")
        asked = there.address()
        there.page.locator(".quotes a.number").first.click()
        there.page.wait_for_selector("#marked")
        marked = "".join(there.page.locator("mark").all_inner_texts())
        assert "".join(marked.split()) == "".join(quotation.split())
        there.page.go_back()
        assert there.address() == asked
        there.page.locator(".hit h3 a").first.click()
        # Found by words, the passage is marked with those words in it; found by meaning, its nearest sentence is.
        there.page.wait_for_selector("#marked")
        assert "".join(there.page.locator("mark").all_inner_texts()).strip()


@pytest.mark.parametrize("question", ["binding"])
def test_the_first_hit_is_in_sight_below_an_answer(browser: Browser, home: str, question: str) -> None:
    for size, in_sight in (((1280, 800), "whole"), ((390, 844), "begun")):
        with visit(browser, home, size=size, language="nl") as there:
            there.go(f"/?q={question}")
            assert there.page.locator(".answer .sources li").count() >= 1
            box = there.page.locator(".hit").first.bounding_box()
            assert box is not None
            assert box["y"] + (box["height"] if in_sight == "whole" else 40) <= size[1]
            for more in there.page.locator(".rest summary").all():
                more.click()
                assert there.page.locator(".rest .quotes").is_visible()


def test_an_author_on_a_slide_leads_to_every_place_that_cites_her(browser: Browser, home: str, house: House) -> None:
    reference = max(house.base.references(only="cited"), key=lambda each: len(each.cited_by))
    first = reference.cited_by[0]
    with visit(browser, home) as there:
        there.go(f"/documents/{first.document_id}/pages/{first.number}")
        there.page.locator(f'a.cited[href="/references/{reference.key}"]').first.click()
        there.page.wait_for_selector("#places")
        assert there.page.locator(".hit").count() == len(reference.cited_by)
        there.page.locator(".hit .where a").last.click()
        there.page.wait_for_selector("#marked")
        last = reference.cited_by[-1]
        marked = "".join(there.page.locator("mark").all_inner_texts())
        assert "".join(marked.split()) == "".join(last.text.split())


def test_the_real_pages_are_accessible(browser: Browser, home: str, house: House) -> None:
    documents = house.base.documents()
    key = next(each.key for each in house.base.references(only="cited"))
    addresses = [
        "/",
        "/?q=liminal+space",
        "/documents",
        f"/references/{key}",
        "/references",
        "/references?only=missing",
    ]
    for kind in ("deck", "literature"):
        document = next(each for each in documents if each.kind == kind)
        hit = house.base.search(Query("studenten", kind=kind), 1).evidence[0]
        addresses += [f"/documents/{document.id}", hit.url]
    with visit(browser, home, language="nl", reduced_motion="reduce") as there:
        for address in addresses:
            assert there.go(address) == 200
            there.page.evaluate(Axe().axe_script)
            found = there.page.evaluate("() => axe.run({resultTypes: ['violations']})")
            wrong = [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found["violations"]]
            assert wrong == [], address


def test_a_wsgi_server_finds_the_application(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import web.wsgi; print(web.wsgi.app.test_client().get('/healthz').status_code)"],
        env={**os.environ, "KB_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "200"
    assert re.fullmatch(r"\S+ INFO web\.access: GET /healthz 200 \d+ ms\n", done.stderr)
