"""The start page, and the page that answers a question."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.robotparser import RobotFileParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.model import Answer, Document, Query, Sentence
from tests.soup import soup, words
from tests.web_fakes import FakeKnowledgeBase, fake_knowledge_base
from web import create_app
from web.search import EXAMPLES, Examples, lines_of, shown_at_once


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


def test_a_misspelled_word_is_offered_as_the_collection_writes_it(client: FlaskClient) -> None:
    link = soup(client.get("/?q=limnal+space&lang=nl")).select_one(".suggestion a")
    assert link is not None
    assert (link.get_text(), link["href"]) == ("liminal space", "/?q=liminal+space")
    assert soup(client.get("/?q=liminal+space")).select(".suggestion") == []


def test_what_is_not_understood_is_named_on_the_page(client: FlaskClient) -> None:
    page = soup(client.get("/", query_string={"q": "liminal space year:then", "lang": "nl"}))
    assert "“year:then” is weggelaten" in words(page.select_one(".suggestion"))
    assert page.select_one("#q")["value"] == "liminal space year:then"  # type: ignore[index]
    assert len(page.select(".hit")) == 2
    assert not soup(client.get("/?q=liminal+space&lang=en")).select(".suggestion")


def test_filters_without_words_are_no_search(client: FlaskClient) -> None:
    page = soup(client.get("/", query_string={"q": "author:fielding", "lang": "en"}))
    assert words(page.select_one(".suggestion")) == "Filters alone find nothing: add words to look for."
    assert not page.select(".hit")


def test_filters_by_author_and_by_citing_are_applied_together(client: FlaskClient) -> None:
    both = soup(client.get("/", query_string={"q": "liminal space", "author": "Ada Fielding", "cites": "1"}))
    assert [words(hit.h3) for hit in both.select(".hit")] == ["Rooms that answer back"]
    other = soup(client.get("/", query_string={"q": "liminal space", "author": "Ada Fielding", "kind": "deck"}))
    assert not other.select(".hit")


def test_hits_of_one_document_are_one_card_with_its_other_pages_beside(client: FlaskClient) -> None:
    page = soup(client.get("/?q=de+liminale+student+thuishoren&lang=en"))
    groups = page.select(".hit")
    shown = [words(link) for link in groups[0].select(".strip a")]
    assert words(groups[0].select_one(".where a")) == "Tussen twee deuren"
    assert shown
    assert len({words(group.select_one(".where a")) for group in groups}) == len(groups)
    total = sum(1 + len(group.select(".strip a")) for group in groups)
    assert words(page.select_one("#found [role=status]")) == f"{total} passages in {len(groups)} documents"
    link = groups[0].select(".strip a")[0]
    there = soup(client.get(str(link["href"]).split("#")[0]))
    assert there.select_one("#marked")


def test_within_one_document_each_hit_is_a_card(client: FlaskClient) -> None:
    page = soup(client.get("/?q=de+liminale+student+thuishoren&document=1&lang=en"))
    assert len(page.select(".hit")) > 1
    assert not page.select(".strip")
    assert words(page.select_one("#found [role=status]")) == f"{len(page.select('.hit'))} passages"


def test_turning_reaches_each_hit_once_and_changes_no_total(client: FlaskClient) -> None:
    address, titles, totals = "/?q=de+liminale+student+thuishoren&document=1&n=1&lang=en", [], set()
    while address:
        page = soup(client.get(address))
        titles += [words(link) for link in page.select(".hit h3")]
        totals.add(words(page.select_one("#found [role=status]")).split(",")[0])
        further = [link for link in page.select(".more a") if words(link) == "Further passages"]
        address = str(further[0]["href"]) if further else ""
    whole = soup(client.get("/?q=de+liminale+student+thuishoren&document=1&lang=en"))
    assert titles == [words(link) for link in whole.select(".hit h3")]
    assert totals == {f"{len(titles)} passages"}


def test_each_choice_of_a_filter_gives_as_many_passages_as_it_says(client: FlaskClient) -> None:
    asked = {"q": "de liminal space thuishoren", "lang": "en"}
    checked = 0
    for option in soup(client.get("/", query_string=asked)).select(".filters option"):
        if option["value"]:
            chosen = {**asked, str(option.find_parent("select")["name"]): str(option["value"])}  # type: ignore[index]
            number = words(soup(client.get("/", query_string=chosen)).select_one("#found [role=status]")).split()[0]
            assert words(option).endswith(f" ({number})")
            checked += 1
    assert checked > 5


def test_works_that_reference_lists_name_are_listed_below_the_hits(client: FlaskClient) -> None:
    page = soup(client.get("/?q=process&lang=en"))
    assert [link["href"] for link in page.select(".listed .work")] == ["/references/turner-1969"]
    assert not soup(client.get("/?q=Turner")).select(".listed")


def test_a_list_that_is_not_complete_is_called_so(tmp_path: Path) -> None:
    class Cut(FakeKnowledgeBase):
        def ask(self, query: Query, n: int = 10) -> Answer:
            return replace(super().ask(query, n), complete=False)

    base = fake_knowledge_base(tmp_path)
    client = create_app(Cut(base.settings, base.held, base.removed, base.passages, base.citations)).test_client()
    page = soup(client.get("/?q=liminal+space&lang=en"))
    assert words(page.select_one("#found")) == "More than 2 passages"
    assert "Slides only (1+)" in words(page.select_one("#kind"))


def test_of_an_answer_as_many_sentences_are_shown_at_once_as_fit() -> None:
    assert [shown_at_once(lengths) for lengths in ([1, 1, 1, 1, 1], [2, 2, 1], [3, 2], [9, 1], [])] == [4, 2, 1, 1, 1]
    assert [lines_of("a" * length) for length in (1, 66, 67, 400)] == [1, 1, 2, 6]


def test_a_long_first_sentence_is_cut_until_the_whole_is_asked_for(tmp_path: Path) -> None:
    class Long(FakeKnowledgeBase):
        def ask(self, query: Query, n: int = 10) -> Answer:
            return replace(super().ask(query, n), sentences=(Sentence("word " * 100, 1, 0, 500),))

    base = fake_knowledge_base(tmp_path)
    client = create_app(Long(base.settings, base.held, base.removed, base.passages, base.citations)).test_client()
    page = soup(client.get("/?q=liminal+space&lang=en"))
    assert page.select_one(".quotes.long + .rest") is not None
    assert words(page.select_one(".rest summary")) == "Show the whole sentence"


def test_after_a_small_change_one_example_is_asked_each_time_and_after_a_large_one_all() -> None:
    documents = [Document(number, f"Deck {number}", "deck", "a.pdf") for number in range(1, 41)]
    asked: list[str] = []
    unanswered = {EXAMPLES[1]}

    def answers(text: str) -> bool:
        asked.append(text)
        return text not in unanswered

    examples = Examples()
    assert examples.answered([], answers) == []
    assert examples.answered(documents[:20], answers) == [EXAMPLES[0], *EXAMPLES[2:]]
    assert examples.answered(documents[:20], answers) == [EXAMPLES[0], *EXAMPLES[2:]]
    assert asked == [*EXAMPLES]
    unanswered.clear()
    assert examples.answered(documents[:21], answers) == [EXAMPLES[0], *EXAMPLES[2:]]
    assert examples.answered(documents[:21], answers) == [*EXAMPLES]
    assert asked[6:] == [*EXAMPLES[:2]]
    assert examples.answered(documents, answers) == [*EXAMPLES]
    assert asked[8:] == [*EXAMPLES]


def test_programs_get_the_total_and_the_counts_that_the_page_shows(client: FlaskClient) -> None:
    found = client.get("/api/search?q=liminal+space&n=1").get_json()
    assert (found["total"], found["complete"], len(found["hits"])) == (2, True, 1)
    assert found["facets"]["kind"] == [{"value": "deck", "count": 1}, {"value": "literature", "count": 1}]
    assert client.get("/api/search?q=liminal+space&kind=deck").get_json()["total"] == 1


def test_results_are_ordered_by_date_when_that_is_asked_for(client: FlaskClient) -> None:
    def years(address: str) -> list[str]:
        return [words(where)[-12:] for where in soup(client.get(address)).select(".hit .year")]

    best = years("/?q=liminal+campus+corridors+newcomer&lang=en")
    page = soup(client.get("/?q=liminal+campus+corridors+newcomer&sort=date&lang=en"))
    assert best == ["(2021)", "(2024)"]
    assert years("/?q=liminal+campus+corridors+newcomer&sort=date&lang=en") == ["(2024)", "(2021)"]
    assert words(page.select_one(".sorts [aria-current]")) == "Newest first"
    assert page.select_one("form.search input[name=sort][value=date]")
    hit = page.select_one(".hit h3 a")
    assert hit is not None
    assert "sort=date" in str(hit["href"])
    assert client.get("/?q=Turner&sort=size").status_code == 400


def test_a_page_leads_to_the_hits_before_and_after_it(client: FlaskClient) -> None:
    hits = soup(client.get("/?q=de+liminale+student+thuishoren&lang=en"))
    links = [str(link["href"]).split("#")[0] for link in hits.select(".hit h3 a, .hit .strip li:not(.all) a")]
    # A page may be a hit by its text and by its notes; the way leads there once.
    pages = [link.split("?")[0] for link in links]
    addresses = [link for at, link in enumerate(links) if pages.index(pages[at]) == at]
    assert len(addresses) > 2
    seen, address = [], addresses[0]
    while True:
        page = soup(client.get(address))
        seen.append(address)
        assert words(page.select_one(".walk span:not([aria-hidden])")) == f"Hit {len(seen)} of {len(addresses)}"
        following = page.select_one(".walk a[rel=next]")
        if following is None:
            break
        address = str(following["href"]).split("#")[0]
    assert seen == addresses
    back = soup(client.get(seen[-1])).select_one(".walk a[rel=prev]")
    assert back is not None
    assert str(back["href"]).split("#")[0] == seen[-2]


def test_from_a_page_that_is_no_hit_the_next_hit_of_its_document_is_offered(client: FlaskClient) -> None:
    page = soup(client.get("/documents/1/pages/1?q=thuishoren&lang=en"))
    assert [words(link) for link in page.select(".walk a")] == ["Next hit ›"]
    assert page.select_one(".walk span:not([aria-hidden])") is None
    assert not soup(client.get("/documents/1/pages/1")).select(".walk")
    assert not soup(client.get("/documents/1/pages/1?q=zzz")).select(".walk")
