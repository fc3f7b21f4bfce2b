"""Pictures of pages in the browser: their addresses, their marks, and permanent addresses of passages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from kb.anchor import Anchor
from tests.web_fakes import FakeKnowledgeBase, fake_knowledge_base
from web import create_app

TURNER = "• Rituelen helpen haar verder (Turner, 1969)."


@pytest.fixture
def base(tmp_path: Path) -> FakeKnowledgeBase:
    return fake_knowledge_base(tmp_path)


@pytest.fixture
def client(base: FakeKnowledgeBase) -> Iterator[FlaskClient]:
    with create_app(base).test_client() as client:
        yield client


def soup(client: FlaskClient, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).get_data(as_text=True), "html.parser")


def at(base: FakeKnowledgeBase, number: int, words: str, document: int = 1) -> str:
    """The permanent address of words on a page."""
    return Anchor.of(words, base.page(document, number).text.index(words)).on(document, number)


def marked(page: BeautifulSoup) -> str:
    """The text of the marks; a citation in it divides one."""
    return "".join(mark.get_text() for mark in page.select("mark") if not mark.find_parent("mark"))


def test_an_image_is_kept_by_browsers_and_named_for_what_it_shows(client: FlaskClient) -> None:
    image = soup(client, "/documents/1/pages/2").select_one("figure.picture img")
    assert image is not None
    answer = client.get(str(image["src"]))
    assert (answer.data, answer.mimetype) == (b"fake-2 1280", "image/webp")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    again = client.get(str(image["src"]), headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/documents/1/pages/2/image/fake-2-320.webp", 200),
        ("/documents/1/pages/2/image/fake-2-321.webp", 404),
        ("/documents/1/pages/2/image/fake-3-320.webp", 404),
        ("/documents/2/pages/1/image/fake-1-320.webp", 404),
        ("/documents/99/pages/1/image/fake-1-320.webp", 404),
    ],
)
def test_no_other_image_is_at_an_address(client: FlaskClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_images_of_a_removed_document_are_gone(client: FlaskClient, base: FakeKnowledgeBase) -> None:
    base.remove(1)
    assert client.get("/documents/1/pages/2/image/fake-2-320.webp").status_code == 410


def test_a_page_that_cannot_be_drawn_is_a_plain_sheet_that_nobody_keeps(client: FlaskClient) -> None:
    answer = client.get("/documents/1/pages/4/image/fake-4-320.webp")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_document_without_pictures_is_shown_as_text(client: FlaskClient) -> None:
    page = soup(client, "/documents/2/pages/1")
    assert page.select("figure.picture") == []
    assert page.select_one("article.sheet")


def test_words_are_marked_in_the_text_and_on_the_picture(client: FlaskClient, base: FakeKnowledgeBase) -> None:
    page = soup(client, at(base, 2, TURNER))
    assert marked(page) == TURNER
    sentence = page.select_one("rect.sentence")
    assert sentence is not None
    assert [sentence[name] for name in ("x", "y", "width", "height")] == ["100.0", "250.0", "400.0", "50.0"]
    svg = page.select_one("figure svg")
    assert svg is not None
    assert svg["aria-hidden"] == "true"


def test_what_is_not_found_on_the_picture_is_said_and_marked_in_the_text(
    client: FlaskClient, base: FakeKnowledgeBase
) -> None:
    page = soup(client, at(base, 2, base.page(1, 2).text) + "&lang=en")
    assert page.select("rect.passage") == []
    assert "not found on the picture" in page.select("figcaption")[0].get_text()
    assert marked(page).startswith("Liminale ruimte")


def test_an_address_finds_its_words_after_their_page_was_changed(client: FlaskClient, base: FakeKnowledgeBase) -> None:
    address = at(base, 2, TURNER)
    document, pages = base.held[1]
    changed = replace(pages[1], text=f"Een nieuwe regel bovenaan\n{pages[1].text}")
    base.held[1] = document, (pages[0], changed, *pages[2:])
    assert marked(soup(client, address)) == TURNER


def test_an_address_leads_to_the_page_where_its_words_are_now(client: FlaskClient, base: FakeKnowledgeBase) -> None:
    address = at(base, 2, TURNER)
    document, pages = base.held[1]
    base.held[1] = document, (pages[0], replace(pages[2], number=2), replace(pages[1], number=3), *pages[3:])
    answer = client.get(f"{address}&q=turner")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/documents/1/pages/3?at=")
    assert answer.headers["Location"].endswith("&q=turner")
    assert marked(soup(client, answer.headers["Location"])) == TURNER


def test_a_page_says_that_the_words_of_an_address_are_gone(client: FlaskClient, base: FakeKnowledgeBase) -> None:
    gone = Anchor.of("Deze woorden zijn er niet", 3).on(1, 2)
    page = soup(client, f"{gone}&lang=en")
    assert "has changed since" in page.select(".changed")[0].get_text()
    assert page.select("mark") == []
    assert not soup(client, "/documents/1/pages/2").select(".changed")


@pytest.mark.parametrize("value", ["x", "1-2", "2-1.aaaaaaaaaaaa", "1-2.aaaa"])
def test_an_address_that_was_copied_in_part_is_refused(client: FlaskClient, value: str) -> None:
    assert client.get(f"/documents/1/pages/2?at={value}").status_code == 400
