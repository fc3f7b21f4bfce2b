"""Why two records may be one work, in the language of the page."""

from __future__ import annotations

from itertools import combinations

import pytest
from flask import Flask

from kb.model import Reason
from web.reasons import in_words


@pytest.fixture
def app() -> Flask:
    """An application whose requests have a language."""
    return Flask(__name__)


@pytest.mark.parametrize(
    ("reason", "dutch"),
    [
        (Reason("equal-candidates", ("author-alone",)), "alleen de auteur; een ander past even goed"),
        (Reason("years-differ-by-one"), "auteur; de jaren schelen er één"),
        (Reason("doi-differs"), "zelfde titel en auteurs, andere DOI: misschien een andere versie"),
        (
            Reason("entries-disagree", ("edition-differs",)),
            "komt met de ene vermelding overeen en met een andere niet: een andere druk",
        ),
        (Reason("crossref-differs", ("title", "first-author")), "anders: titel en eerste auteur"),
    ],
)
def test_a_reason_is_worded_in_dutch_on_a_dutch_page(app: Flask, reason: Reason, dutch: str) -> None:
    with app.test_request_context("/?lang=nl"):
        assert in_words(reason) == dutch


def test_whatever_differs_at_crossref_is_worded_in_dutch(app: Flask) -> None:
    with app.test_request_context("/?lang=nl"):
        for count in (1, 2, 3):
            for differing in combinations(("title", "year", "first-author"), count):
                words = in_words(Reason("crossref-differs", differing))
                assert words.startswith("anders: ")
                assert words.count(" en ") == count - 1
