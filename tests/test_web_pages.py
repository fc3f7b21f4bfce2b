"""The pages, as a browser without scripts meets them: over a small collection that behaves."""

from __future__ import annotations

import itertools
import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.bootstrap import open_knowledge_base
from kb.model import Answer, Query, Sentence
from kb.settings import Settings
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


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def words(element: object) -> str:
    """The text of an element as it is read: spaces made single."""
    assert element is not None
    return " ".join(element.get_text().split())  # type: ignore[attr-defined]


# --- every page


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


# --- asking


def test_lines_of_a_slide_do_not_run_into_each_other_in_an_answer(tmp_path: Path) -> None:
    class InTwoLines(FakeKnowledgeBase):
        def ask(self, query: Query, n: int = 10) -> Answer:
            answer = super().ask(query, n)
            return replace(answer, sentences=(Sentence("Low belonging (Turner)\nHigh costs", 1, 0, 33),))

    base = fake_knowledge_base(tmp_path)
    app = create_app(InTwoLines(base.settings, base.held, base.removed, base.passages, base.citations))
    said = soup(app.test_client().get("/?q=liminal+space")).select_one(".quotes q")
    assert said is not None
    assert said.get_text() == "Low belonging (Turner)\nHigh costs"
    assert [span["class"] for span in said.select("span")] == [["turn"]]


def test_a_line_that_ends_before_a_marked_word_is_told_from_the_next(app: Flask) -> None:
    with app.test_request_context():
        run_on = app.jinja_env.get_template("macros.html").make_module({"interface": "en"}).run_on  # type: ignore[attr-defined]
    assert str(run_on("leads to drop-out\n", True)) == 'leads to drop-out<span class="turn">\n</span>'
    assert re.findall("turn|fold", str(run_on("services\n\n6 October", True))) == ["fold", "turn"]
    assert str(run_on("a\n• b", True)) == 'a<span class="fold">\n</span>• b'
    assert str(run_on("a\nb", False)) == 'a<span class="fold">\n</span>b'


def test_the_answer_quotes_and_links_to_the_sentence(client: FlaskClient) -> None:
    page = soup(client.get("/?q=liminal+space&lang=en"))
    quotation = page.select_one(".quotes li")
    assert quotation is not None
    link = quotation.select_one("a")
    assert link is not None
    assert words(quotation.q) == "In die liminale ruimte gelden oude regels niet meer."
    assert quotation.q is not None
    assert quotation.q["lang"] == "nl"
    assert (words(link), link["aria-label"]) == ("1", "Source 1: Tussen twee deuren, slide 2")
    there = soup(client.get(str(link["href"]).split("#")[0]))
    assert words(there.select_one("#marked")) == "In die liminale ruimte gelden oude regels niet meer."


def test_a_hit_by_meaning_leads_to_the_sentence_that_is_near(client: FlaskClient) -> None:
    hit = soup(client.get("/?q=liminal+space")).select_one(".hit")
    assert hit is not None
    assert words(hit.select_one("mark.near")) == "In die liminale ruimte gelden oude regels niet meer."
    there = soup(client.get(str(hit.select("h3 a")[0]["href"]).split("#")[0]))
    assert words(there.select_one("#marked")) == "In die liminale ruimte gelden oude regels niet meer."


def test_a_hit_says_where_it_stands_what_matched_and_why(client: FlaskClient) -> None:
    page = soup(client.get("/?q=liminal+space&lang=en"))
    first, second = page.select(".hit")
    assert words(first.h3) == "Liminale ruimte"
    assert words(first.select_one(".where")) == "Tussen twee deuren (2024)slide 2"
    assert "found by its meaning" in words(first.select_one(".why"))
    assert words(second.select_one(".where")).endswith("(2021)page 219")
    assert [words(mark) for mark in second.select(".snippet mark")] == ["liminal", "space"]
    assert "found by" not in words(second.select_one(".why"))
    assert [link["href"] for link in second.select(".why a")] == [
        "/references/strayhorn-2018",
        "/references/turner-1969",
    ]
    snippet = second.select_one(".snippet")
    assert snippet is not None
    assert snippet["lang"] == "en"


def test_notes_are_called_notes(client: FlaskClient) -> None:
    hit = soup(client.get("/?q=zaal", headers={"Accept-Language": "nl"})).select_one(".hit")
    assert hit is not None
    assert words(hit.select_one(".snippet")).startswith("Spreekersnotities Vraag de zaal")


def test_a_search_without_result_says_so_and_helps(client: FlaskClient) -> None:
    page = soup(client.get("/?q=zzz&year=2024&lang=en"))
    assert words(page.select_one("[role=status]")) == "Nothing found"
    assert "zzz" in words(page.title)
    assert not page.select(".hit, .answer")
    assert page.select_one('.notice a[href="/?q=zzz"]')


def test_the_number_of_passages_is_announced(client: FlaskClient) -> None:
    page = soup(client.get("/?q=liminal+space&lang=en"))
    assert words(page.select_one("#found [role=status]")) == "2 passages"
    assert words(page.title) == "2 passages for “liminal space” · Knowledge base"


def test_hits_without_an_answer_are_not_sold_as_one(client: FlaskClient) -> None:
    page = soup(client.get("/?q=drempel+uitval&lang=en"))
    assert page.select(".hit")
    assert not page.select(".answer")
    assert "No source answers this" in page.select(".refusal")[0].get_text()


def test_filters_stand_before_the_results_and_can_be_taken_away(client: FlaskClient) -> None:
    page = soup(client.get("/?q=liminal+space&kind=literature&lang=en"))
    assert [words(hit.h3) for hit in page.select(".hit")] == ["Rooms that answer back"]
    markup = str(page)
    assert markup.index('id="kind"') < markup.index('class="hit')
    assert page.select_one("#kind option[selected]")["value"] == "literature"  # type: ignore[index]
    assert page.select_one('.in-use a[href="/?q=liminal+space"]')


def test_who_asks_for_an_author_gets_the_work_first(client: FlaskClient) -> None:
    for query in ("Bandura", "(Bandura, 1994)"):
        page = soup(client.get("/", query_string={"q": query}))
        assert [link["href"] for link in page.select(".named .work")] == ["/references/bandura-1994"]
    assert not soup(client.get("/?q=Bandura+1986")).select(".named .work")


def test_the_empty_page_says_what_is_here(client: FlaskClient) -> None:
    page = soup(client.get("/?lang=en"))
    assert [words(each) for each in page.select(".holdings dl div")] == [
        "deck16 slides",
        "works of literature23 pages",
        "cited works31 of them is here",
    ]
    assert "liminal space" in [words(link) for link in page.select(".examples a")]


def test_examples_are_only_what_the_collection_answers(client: FlaskClient) -> None:
    for link in soup(client.get("/")).select(".examples a"):
        assert soup(client.get(str(link["href"]))).select(".quotes")


def test_an_empty_knowledge_base_says_how_to_fill_it(tmp_path: Path) -> None:
    base = fake_knowledge_base(tmp_path)
    for document in base.documents():
        base.remove(document.id)
    client = create_app(base).test_client()
    for address in ("/", "/?q=liminal"):
        assert soup(client.get(address)).select_one('.notice a[href="/intake"]')
    for address in ("/?q=liminal", "/documents", "/references", "/intake"):
        assert client.get(address).status_code == 200


def test_the_keeper_sees_what_was_not_read_and_how_much_is_cited(client: FlaskClient, base: FakeKnowledgeBase) -> None:
    shown = {words(row.a): [words(cell) for cell in row.select("td.count, .label")]
             for row in soup(client.get("/intake?lang=en")).select("tbody tr")}  # fmt: skip
    for document in base.documents():
        cited = str(base.reference_count(document_id=document.id))
        unread = sum(page.problem is not None for page in base.pages(document.id))
        labels = [f"{unread} page{'s' * (unread > 1)} not read"] if unread else []
        assert shown[" ".join(document.title.split())] == [*labels, str(document.pages), cited]
    assert any(len(cells) == 3 for cells in shown.values())


def test_a_browser_learns_how_to_search_here(client: FlaskClient) -> None:
    assert soup(client.get("/")).select_one('link[rel=search][href="/opensearch.xml"]')
    answer = client.get("/opensearch.xml")
    assert answer.mimetype == "application/opensearchdescription+xml"
    assert 'template="http://localhost/?q={searchTerms}"' in answer.get_data(as_text=True)


def test_robots_are_kept_out_of_results_and_let_in_to_documents(client: FlaskClient) -> None:
    robots = RobotFileParser()
    robots.parse(client.get("/robots.txt").get_data(as_text=True).splitlines())
    assert robots.can_fetch("*", "http://localhost/documents/1")
    assert not robots.can_fetch("*", "http://localhost/api/search")


# --- documents


def test_a_page_marks_the_passage_and_the_words(client: FlaskClient) -> None:
    page = soup(client.get("/documents/1/pages/2?passage=58&q=student"))
    assert [words(mark) for mark in page.select(".sheet mark mark")] == ["student", "student"]
    assert "".join(mark.get_text() for mark in page.select(".sheet mark.passage")).startswith("Liminale ruimte")
    assert len(page.select("#marked")) == 1
    assert page.select_one('a[href="/?q=student"]')


def test_the_way_back_keeps_the_filters(client: FlaskClient) -> None:
    asked = "/?q=liminal+space&kind=deck&language=nl&year=2024&document=1"
    page = soup(client.get(asked))
    for link in (*page.select(".quotes a.number"), *page.select(".hit h3 a"), *page.select(".sources a")):
        there = soup(client.get(str(link["href"]).partition("#")[0]))
        assert there.select_one(".crumbs a")["href"] == asked  # type: ignore[index]


def test_any_stretch_of_a_page_can_be_pointed_at(client: FlaskClient) -> None:
    page = soup(client.get("/documents/1/pages/3?from=0&to=10"))
    assert [words(mark) for mark in page.select("mark")] == ["Thuishoren"]
    assert len(page.select("#marked")) == 1
    assert not soup(client.get("/documents/1/pages/3?from=0&to=9999")).select("mark")


def test_the_text_of_a_page_is_there_character_for_character(client: FlaskClient, base: FakeKnowledgeBase) -> None:
    for document in base.documents():
        for page in base.pages(document.id):
            made = soup(client.get(f"/documents/{document.id}/pages/{page.number}?q=student"))
            lines = [line.get_text() for line in made.select(".sheet .line")]
            assert lines == [line for line in page.text.split("\n") if line.strip()]


def test_a_citation_on_a_page_leads_to_its_reference(client: FlaskClient) -> None:
    page = soup(client.get("/documents/2/pages/1"))
    assert [(words(link), link["href"]) for link in page.select("a.cited")] == [
        ("(Strayhorn, 2018)", "/references/strayhorn-2018"),
        ("Turner (1969)", "/references/turner-1969"),
    ]


def test_a_passage_that_is_gone_marks_nothing(client: FlaskClient) -> None:
    answer = client.get("/documents/1/pages/2?passage=999999")
    assert answer.status_code == 200
    assert not soup(answer).select("mark")


def test_a_page_of_pictures_says_so(client: FlaskClient) -> None:
    page = soup(client.get("/documents/1/pages/4?lang=en"))
    assert "pictures only" in words(page.select_one(".sheet"))


def test_a_hidden_slide_says_so(client: FlaskClient) -> None:
    assert "hidden slide" in soup(client.get("/documents/1/pages/5?lang=en")).select(".flags")[0].get_text()


def test_a_page_in_another_language_says_so(client: FlaskClient) -> None:
    assert soup(client.get("/documents/1/pages/6")).select_one(".sheet")["lang"] == "en"  # type: ignore[index]


def test_the_pdf_opens_at_the_page_that_shows_the_slide(client: FlaskClient) -> None:
    def pdf(number: int) -> tuple[str, str]:
        link = soup(client.get(f"/documents/1/pages/{number}?lang=en")).select_one(".files li")
        assert link is not None
        assert link.a is not None
        return words(link), str(link.a["href"]).rpartition("/")[2]

    assert pdf(2) == ("Open the PDF at this page", "tussen%20twee%20deuren.pdf#page=2")
    assert pdf(5) == ("Open the PDF this slide is not in it", "tussen%20twee%20deuren.pdf")
    assert pdf(6) == ("Open the PDF at this page page 5", "tussen%20twee%20deuren.pdf#page=5")


def test_a_pdf_opens_and_everything_else_is_saved_in_a_sandbox(client: FlaskClient, base: FakeKnowledgeBase) -> None:
    for document in base.documents():
        for file in document.files:
            answer = client.get(f"/documents/{document.id}/files/{file.sha256}/x")
            disposition = answer.headers["Content-Disposition"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.mimetype == file.media_type
            if file.media_type == "application/pdf":
                assert disposition.startswith("inline")
            else:
                assert disposition.startswith("attachment")
                assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert answer.get_data() == base.original(document.id, file.sha256).read_bytes()
            answer.close()


def test_a_removed_document_does_not_go_on_opening_from_a_cache(tmp_path: Path) -> None:
    base = fake_knowledge_base(tmp_path)
    client, address = create_app(base).test_client(), f"/documents/2/files/{'c' * 64}/rooms.pdf"
    kept = client.get(address)
    assert {"no-cache", "private"} == set(kept.headers["Cache-Control"].split(", "))
    asked = {"If-None-Match": kept.headers["ETag"]}
    still = client.get(address, headers=asked)
    assert still.status_code == 304
    base.remove(2)
    assert client.get(address, headers=asked).status_code == 410
    kept.close()
    still.close()


def test_only_files_of_the_document_are_served(client: FlaskClient) -> None:
    assert client.get(f"/documents/1/files/{'c' * 64}/rooms.pdf").status_code == 404
    assert client.get("/documents/1/files/..%2F..%2Fcatalogue.sqlite/x").status_code == 404


def test_a_file_that_is_lost_is_not_found(tmp_path: Path) -> None:
    base = fake_knowledge_base(tmp_path)
    client = create_app(base).test_client()
    base.original(2, "c" * 64).unlink()
    assert client.get(f"/documents/2/files/{'c' * 64}/rooms.pdf").status_code == 404


def test_a_removed_document_is_gone_with_its_pages_and_says_what_it_was(tmp_path: Path) -> None:
    base = fake_knowledge_base(tmp_path)
    client = create_app(base).test_client()
    base.remove(2)
    for address in ("/documents/2", "/documents/2/pages/1", f"/documents/2/files/{'c' * 64}/rooms.pdf"):
        answer = client.get(address)
        assert answer.status_code == 410
        assert "Rooms that answer back" in answer.get_data(as_text=True)


def test_what_never_was_is_not_found(client: FlaskClient) -> None:
    for address in ("/documents/99", "/documents/1/pages/7", "/documents/1/pages/0", "/references/nobody", "/nowhere",
                    "/documents/99999999999999999999999"):  # fmt: skip
        assert client.get(address).status_code == 404


def test_a_number_beyond_every_id_is_not_found_in_a_real_catalogue(tmp_path: Path) -> None:
    with closing(open_knowledge_base(Settings(tmp_path))) as base:
        client = create_app(base).test_client()
        for number in ("9007199254740993", "9" * 23, "9" * 5000):
            for address in (f"/documents/{number}", f"/documents/1/pages/{number}", f"/api/documents/{number}"):
                assert client.get(address).status_code == 404, address[:40]


def test_a_slash_at_the_end_leads_to_the_same_page(client: FlaskClient) -> None:
    for address in ("/documents", "/documents/1", "/documents/1/pages/2", "/references", "/intake"):
        assert words(soup(client.get(f"{address}/")).h1) == words(soup(client.get(address)).h1)


def test_documents_can_be_narrowed_and_ordered(client: FlaskClient) -> None:
    def titles(address: str) -> list[str]:
        return [words(heading) for heading in soup(client.get(address)).select(".documents h2")]

    assert titles("/documents?kind=deck") == ["Tussen twee deuren"]
    assert titles("/documents?q=hoekstra+ROOMS") == ["Rooms that answer back: campus, community and the newcomer"]
    assert titles("/documents?language=nl") == ["Tussen twee deuren"]
    assert titles("/documents?sort=added")[-1] == "Tussen twee deuren"
    assert titles("/documents?q=zzz") == []


def test_a_document_tells_reference_managers_what_it_is(client: FlaskClient) -> None:
    page = soup(client.get("/documents/2"))
    tags = [(str(tag["name"]), str(tag["content"])) for tag in page.select('meta[name^="citation_"]')]
    assert ("citation_title", "Rooms that answer back: campus, community and the newcomer") in tags
    assert [value for name, value in tags if name == "citation_author"] == ["Fielding, Ada", "Hoekstra, Bram"]
    assert dict(tags)["citation_pdf_url"] == f"http://localhost/documents/2/files/{'c' * 64}/rooms.pdf"


def test_a_slide_can_be_cited_in_the_language_of_the_interface(client: FlaskClient) -> None:
    assert (
        words(soup(client.get("/documents/1/pages/2?lang=nl")).select_one("#apa"))
        .rstrip(".")
        .endswith("[PowerPoint-slides], dia 2")
    )
    assert "slide 2" in words(soup(client.get("/documents/1/pages/2?lang=en")).select_one("#apa"))


# --- cited works


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


# --- questions about references


def questions(client: FlaskClient) -> list[str]:
    page = soup(client.get("/references/review?lang=en"))
    return [words(heading) for heading in page.select(".doubts h2")]


def form(client: FlaskClient, selector: str = ".doubts form") -> dict[str, str]:
    """The hidden fields of the first such form."""
    found = soup(client.get("/references/review")).select_one(selector)
    assert found is not None
    return {str(each["name"]): str(each["value"]) for each in found.select("input[type=hidden]")}


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


# --- addresses that make no sense


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


# --- language of the interface


def test_a_choice_of_language_is_kept(client: FlaskClient) -> None:
    assert soup(client.get("/", headers={"Accept-Language": "nl"})).html["lang"] == "nl"  # type: ignore[index]
    chosen = client.get("/documents?lang=en", headers={"Accept-Language": "nl"})
    assert "lang=en" in chosen.headers["Set-Cookie"]
    assert soup(client.get("/", headers={"Accept-Language": "nl"})).html["lang"] == "en"  # type: ignore[index]


def test_the_switch_keeps_the_question(client: FlaskClient) -> None:
    page = soup(client.get("/?q=liminal+space&kind=deck", headers={"Accept-Language": "nl"}))
    assert page.select_one(".languages a")["href"] == "/?q=liminal+space&kind=deck&lang=en"  # type: ignore[index]


def test_the_switch_never_leads_to_another_host(client: FlaskClient) -> None:
    for path in ("//evil.example/x", "/%2F%2Fevil.example", "/50%25", "/a%3Fb"):
        switch = soup(client.get(path)).select_one(".languages a")
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
