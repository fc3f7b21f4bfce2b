"""Why two things may be one work: every phrase that is said below has its Dutch, whole or in parts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from flask import Flask

import ingest.linking
import ingest.references
import kb.bibliography.sameness
from web.reasons import in_words


def said(path: str) -> Iterator[str]:
    """The reasons in a module: what a Verdict or Link is made with, and texts beside a score."""
    for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Verdict", "Link"}:
            found = node.args[-1:]
        elif isinstance(node, ast.Tuple) and len(node.elts) > 1:
            found = (
                [] if isinstance(node.elts[0], ast.Constant) and isinstance(node.elts[0].value, str) else node.elts[-1:]
            )
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "reason":
            found = [node.value]
        for value in found:
            for each in ast.walk(value):
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and len(each.value) > 3:
                    yield each.value.strip("; :")


@pytest.mark.parametrize("module", [kb.bibliography.sameness, ingest.linking, ingest.references])
def test_every_reason_that_is_given_is_known(module: object, app: Flask) -> None:
    # These are kept with links that were made or refused, and no question shows them.
    unseen = {"agrees", "decided", "confirmed", "by author and year alone", "same DOI", "same ISBN",
              "title, year and author agree", "author and year agree, nothing else is known",
              "title, authors and address agree, no date on either side", "the one work by this name in the collection",
              "the one work by this name that the document cites"}  # fmt: skip
    given = set(said(str(module.__file__))) - unseen  # type: ignore[attr-defined]
    assert len(given) > 5
    with app.test_request_context("/?lang=nl"):
        assert {reason for reason in given if " " in reason and in_words(reason) is None} == set()


@pytest.fixture
def app() -> Flask:
    """Something to speak a language in."""
    return Flask(__name__)


@pytest.mark.parametrize(
    ("reason", "dutch"),
    [
        ("author alone; another fits as well", "alleen de auteur; een ander past even goed"),
        ("author; the years differ by one", "auteur; de jaren schelen er één"),
        (
            "same title and authors, other DOI: perhaps another version",
            "zelfde titel en auteurs, andere DOI: misschien een andere versie",
        ),
        (
            "agrees with one entry, and with another does not: another edition",
            "komt met de ene vermelding overeen en met een andere niet: een andere druk",
        ),
        ("other title and first author", "anders: titel en eerste auteur"),
    ],
)
def test_a_reason_is_told_in_the_language_of_the_page(app: Flask, reason: str, dutch: str) -> None:
    with app.test_request_context("/?lang=nl"):
        assert in_words(reason) == dutch
    with app.test_request_context("/?lang=en"):
        assert in_words(reason) == reason


def test_whatever_differs_at_crossref_is_known(app: Flask) -> None:
    with app.test_request_context("/?lang=nl"):
        for count in (1, 2, 3):
            for differ in combinations(("title", "year", "first author"), count):
                assert in_words(f"other {' and '.join(differ)}") is not None


def test_a_reason_that_is_not_known_is_left_as_it_is(app: Flask) -> None:
    with app.test_request_context("/?lang=nl"):
        assert in_words("same colour of cover") is None
        assert in_words("author alone; same colour of cover") is None
