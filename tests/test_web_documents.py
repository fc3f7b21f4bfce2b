"""Documents, their pages and their files."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.bootstrap import open_knowledge_base
from kb.errors import ModelError
from kb.model import Document
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


def test_the_slides_of_a_document_are_a_list_or_a_grid_of_pictures(client: FlaskClient) -> None:
    page = soup(client.get("/documents/1?lang=en"))
    assert [words(link) for link in page.select(".views a[aria-current]")] == ["List"]
    assert len(page.select(".pages li[id]")) == 6
    (grid,) = (link for link in page.select(".views a") if words(link) == "Pictures")
    shown = soup(client.get(str(grid["href"])))
    assert [words(link) for link in shown.select(".views a[aria-current]")] == ["Pictures"]
    assert [str(link["href"]) for link in shown.select(".grid a")] == [f"/documents/1/pages/{n}" for n in range(1, 7)]
    assert [str(image["src"]) for image in shown.select(".grid img")][1] == "/documents/1/pages/2/image/fake-2-320.webp"
    assert client.get("/documents/1?view=cards").status_code == 400
    assert not soup(client.get("/documents/2")).select(".views")


def test_the_outline_leads_to_the_first_page_of_each_section(client: FlaskClient) -> None:
    for address in ("/documents/1", "/documents/1?view=grid"):
        page = soup(client.get(address))
        assert [(words(link), link["href"]) for link in page.select(".outline a")] == [
            ("De drempel", "#page-2"),
            ("Bijlagen", "#page-5"),
        ]
        assert page.select_one("#page-2")
        assert page.select_one("#page-5")
    assert not soup(client.get("/documents/2")).select(".outline")


def test_a_long_list_comes_in_sheets_that_keep_the_filters(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(address: str) -> list[str]:
        return [words(title) for title in soup(client.get(address)).select(".documents h2")]

    everything = shown("/documents?sort=added&lang=en")
    monkeypatch.setattr("web.documents.SHEET", 2)
    first = soup(client.get("/documents?sort=added&lang=en"))
    assert "sheet 1 of 2" in words(first.select_one(".count"))
    assert [link["href"] for link in first.select(".turn-pages a")] == ["/documents?page=2&sort=added"]
    assert shown("/documents?sort=added") + shown("/documents?page=2&sort=added") == everything
    last = soup(client.get("/documents?page=9&sort=added"))
    assert [link["href"] for link in last.select(".turn-pages a")] == ["/documents?page=1&sort=added"]


def test_a_document_leads_to_those_like_it(client: FlaskClient) -> None:
    page = soup(client.get("/documents/1?lang=en"))
    assert [link["href"] for link in page.select(".similar a")] == ["/documents/2"]
    assert not soup(client.get("/documents/3")).select(".similar")


def test_a_document_is_shown_without_those_like_it_where_they_cannot_be_told(tmp_path: Path) -> None:
    class NoModel(FakeKnowledgeBase):
        def similar_documents(self, document_id: int, /) -> list[Document]:
            raise ModelError("no model here")

    base = fake_knowledge_base(tmp_path)
    client = create_app(NoModel(base.settings, base.held, base.removed, base.passages, base.citations)).test_client()
    answer = client.get("/documents/1")
    assert answer.status_code == 200
    assert not soup(answer).select(".similar")
