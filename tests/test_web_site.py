"""The name and the logo of a deployment, and what a link to a page shows elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from tests.soup import soup, words
from tests.web_fakes import fake_knowledge_base
from web import create_app

LOGO = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def client_of(tmp_path: Path, *, named: bool) -> FlaskClient:
    base = fake_knowledge_base(tmp_path)
    if named:
        logo = tmp_path / "logo.svg"
        logo.write_text(LOGO, encoding="utf-8")
        base.settings = replace(base.settings, title='De "leeskamer" <b>', logo=logo)
    return create_app(base).test_client()


def test_a_deployment_has_its_own_name_and_logo_on_every_page(tmp_path: Path) -> None:
    client = client_of(tmp_path, named=True)
    page = soup(client.get("/?lang=nl"))
    assert words(page.select_one(".brand")) == 'De "leeskamer" <b>'
    assert words(page.title).endswith('· De "leeskamer" <b>')
    image = page.select_one(".brand img")
    assert image is not None
    logo = client.get(str(image["src"]))
    assert (logo.mimetype, logo.get_data(as_text=True)) == ("image/svg+xml", LOGO)
    assert "sandbox" in logo.headers["Content-Security-Policy"]
    assert "script-src" not in logo.headers["Content-Security-Policy"]


def test_without_settings_the_name_is_in_the_language_of_the_reader(tmp_path: Path) -> None:
    client = client_of(tmp_path, named=False)
    assert words(soup(client.get("/?lang=nl")).select_one(".brand")) == "Kennisbank"
    assert client.get("/logo").status_code == 404


def test_a_link_to_a_slide_shows_its_title_its_words_and_its_picture_elsewhere(tmp_path: Path) -> None:
    client = client_of(tmp_path, named=False)
    page = soup(client.get("/documents/1/pages/2?lang=en"))
    shown = {str(tag["property"]): str(tag["content"]) for tag in page.select("meta[property^='og:']")}
    assert shown["og:title"] == "Liminale ruimte · Slide 2 · Tussen twee deuren"
    assert shown["og:url"] == "http://localhost/documents/1/pages/2"
    assert shown["og:description"].startswith("Liminale ruimte • De student is geen scholier meer")
    assert len(shown["og:description"]) <= 202
    if "og:image" in shown:
        assert shown["og:image"].startswith("http://localhost/documents/1/pages/2/image/")
    assert soup(client.get("/documents/3")).select_one("meta[property='og:title']") is not None
