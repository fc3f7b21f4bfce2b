"""Concepts: a term over all documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kb.language.glossary import names
from tests.soup import soup, words
from tests.web_fakes import fake_knowledge_base
from web import create_app


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return create_app(fake_knowledge_base(tmp_path_factory.mktemp("kb"))).test_client()


def test_a_concept_has_its_names_and_the_pages_of_each_document_that_hold_one(client: FlaskClient) -> None:
    page = soup(client.get("/concepts/liminal?lang=en"))
    assert words(page.h1) == "Liminal"
    assert [words(each) for each in page.select(".names div")] == ["Dutchliminale ruimte", "Englishliminal"]
    assert sorted(str(link["href"]) for link in page.select(".by-document h3 a")) == ["/documents/1", "/documents/2"]
    marked = {words(mark) for mark in page.select(".by-document mark")}
    assert {"liminal", "liminale"} & marked
    assert next(link["href"] for link in page.select(".entries .work")) == "/references/turner-1969"
    for link in page.select(".by-document li li > a"):
        assert client.get(str(link["href"]).split("#")[0]).status_code == 200


def test_a_term_of_one_document_or_of_none_is_no_concept(client: FlaskClient) -> None:
    for term in ("Thuishoren", "zzz", "one two three four five", 'quo"te', "<script>"):
        answer = client.get(f"/concepts/{term}?lang=en")
        assert answer.status_code == 404, term


def test_results_lead_to_a_concept_and_to_none_that_is_not_there(client: FlaskClient) -> None:
    for text, link in (("liminal space", None), ("Turner", None), ("zzz", None)):
        shown = soup(client.get("/", query_string={"q": text})).select_one(".to-concept a")
        assert (shown and shown["href"]) == link


def test_the_glossary_names_a_term_in_both_languages_and_a_keeper_adds_to_it(tmp_path: Path) -> None:
    found = names("Sense of Belonging")
    assert "thuisgevoel" in found["nl"]
    assert "sense of belonging" in found["en"]
    assert names("kwispelstaart") == {}
    (tmp_path / "glossary.tsv").write_text("kwispelstaart; kwispel\ttail wagging\n", encoding="utf-8")
    assert names("tail wagging", tmp_path) == {"nl": ("kwispelstaart", "kwispel"), "en": ("tail wagging",)}
