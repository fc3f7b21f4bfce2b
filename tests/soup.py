"""Helpers for tests of pages: parsed HTML and its text."""

from __future__ import annotations

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def words(element: object) -> str:
    """The text of an element as it is read: spaces made single."""
    assert element is not None
    return " ".join(element.get_text().split())  # type: ignore[attr-defined]


def form(client: FlaskClient, selector: str = ".doubts form", address: str = "/references/review") -> dict[str, str]:
    """The hidden fields of the first such form of a page."""
    found = soup(client.get(address)).select_one(selector)
    assert found is not None
    return {str(each["name"]): str(each["value"]) for each in found.select("input[type=hidden]")}
