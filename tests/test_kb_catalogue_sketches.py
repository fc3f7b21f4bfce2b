"""Decks that may show the same are found by their sketches: none that is alike is left out, and few others are kept."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from kb.catalogue import Catalogue
from kb.language import word_counts
from tests.catalogue_material import prepared

WORDS = "de het een van binding drempel ruimte campus docent student bibliotheek welzijn lezen schrijven toets".split()
PAGES = range(1, 10)
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def drawn(chance: random.Random) -> list[str]:
    """The texts of two pages of words drawn from a short list, so that decks share some or many."""
    return [" ".join(chance.choices(WORDS, k=chance.randint(1, 12))) for _ in range(2)]


def dice(one: Sequence[str], other: Sequence[str]) -> float:
    left, right = (sum((word_counts(each) for each in texts), Counter[str]()) for texts in (one, other))
    return 2 * (left & right).total() / (left.total() + right.total())


@pytest.mark.parametrize("least", [0.4, 0.6, 0.9])
def test_the_decks_found_are_those_that_share_as_many_words(catalogue: Catalogue, least: float) -> None:
    chance = random.Random(4)
    decks = [drawn(chance) for _ in range(60)]
    ids = [catalogue.documents.put(prepared(f"deck {at}.", *texts)).id for at, texts in enumerate(decks)]
    for asked in (drawn(chance) for _ in range(30)):
        expected = [id_ for id_, texts in zip(ids, decks, strict=True) if dice(asked, texts) >= least]
        assert catalogue.documents.decks_like(PPTX, PAGES, asked, least) == expected


def test_a_word_that_is_repeated_counts_as_often_as_in_both(catalogue: Catalogue) -> None:
    deck = catalogue.documents.put(prepared("deck", "lezen lezen lezen lezen"))
    # Two of the six words are in common: 2 * 1 / (4 + 2) with one "lezen", 2 * 2 / (4 + 2) with two.
    assert catalogue.documents.decks_like(PPTX, PAGES, ["lezen toets"], 0.5) == []
    assert catalogue.documents.decks_like(PPTX, PAGES, ["lezen lezen"], 0.5) == [deck.id]


def test_only_decks_of_as_many_pages_and_without_the_format_are_found(catalogue: Catalogue) -> None:
    deck = catalogue.documents.put(prepared("deck", "binding op de campus", "de drempel"))
    catalogue.documents.put(prepared("paper", "binding op de campus", "de drempel", kind="literature"))
    texts = ["binding op de campus de drempel"]
    found = catalogue.documents.decks_like
    assert found(PPTX, range(2, 3), texts, 0.6) == [deck.id]
    assert found(PPTX, range(1, 2), texts, 0.6) == found(PPTX, range(3, 9), texts, 0.6) == []
    assert found("application/pdf", range(2, 3), texts, 0.6) == []
    assert found(PPTX, range(2, 3), [""], 0.6) == []


def test_a_sketch_follows_its_document_through_replacement_and_removal(catalogue: Catalogue) -> None:
    deck = catalogue.documents.put(prepared("deck", "binding op de campus"))
    newer = replace(prepared("deck", "de docent en de student"), file=prepared("newer").file)
    catalogue.documents.replace(deck.id, newer)
    assert catalogue.documents.decks_like(PPTX, PAGES, ["binding op de campus"], 0.6) == []
    assert catalogue.documents.decks_like(PPTX, PAGES, ["de docent en de student"], 0.6) == [deck.id]
    catalogue.documents.remove(deck.id)
    assert catalogue.documents.decks_like(PPTX, PAGES, ["de docent en de student"], 0.6) == []


def test_the_decks_of_a_catalogue_without_sketches_get_them(catalogue: Catalogue) -> None:
    deck = catalogue.documents.put(prepared("deck", "binding op de campus"))
    with catalogue.backend.engine.begin() as connection:
        connection.execute(text("DELETE FROM sketches"))
        connection.execute(text("DELETE FROM meta WHERE name = 'sketches'"))
    assert catalogue.documents.decks_like(PPTX, PAGES, ["binding op de campus"], 0.6) == [deck.id]
