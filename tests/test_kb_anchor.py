"""Permanent addresses: their form, and where their words are found again."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.anchor import Anchor, digest
from kb.model import Page, Passage, Span
from kb.places import Place, find, find_elsewhere

TEXT = "Thuishoren\nWie wordt gemist, hoort erbij. Dat vraagt aandacht."
PAGE = Page(3, TEXT, notes="Noem hier Turner.")
PASSAGE = Passage(3, 11, len(TEXT), TEXT[11:])


@given(st.text(min_size=1), st.integers(0, 10**6))
def test_an_anchor_is_read_from_what_it_is_written_as(words: str, start: int) -> None:
    anchor = Anchor.of(words, start)
    assert Anchor.parse(str(anchor)) == anchor
    assert anchor.names(words)


@pytest.mark.parametrize(
    "value", ["", "1-2", "1-2.", "1-2.xyzxyzxyzxyz", "2-1.aaaaaaaaaaaa", "3-3.aaaaaaaaaaaa", "-1-2.aaaaaaaaaaaa",
              "1-2.aaaaaaaaaaaaa", "1-2.AAAAAAAAAAAA", "٣-٤.aaaaaaaaaaaa", "1-2.aaaaaaaaaaaa\n"],
)  # fmt: skip
def test_what_is_not_an_anchor_is_none(value: str) -> None:
    assert Anchor.parse(value) is None


def test_white_space_and_composition_do_not_count() -> None:
    assert digest("één  zin\nvan twee") == digest(unicodedata.normalize("NFD", "één zin van twee "))
    assert digest("één zin") != digest("een zin")


def test_words_are_found_where_they_were() -> None:
    assert find(Anchor.of("Wie wordt gemist", 11), PAGE, ()) == Place(3, "text", Span(11, 27))
    assert find(Anchor.of("hier Turner", 5), PAGE, ()) == Place(3, "notes", Span(5, 16))


def test_words_that_moved_on_their_page_are_found_as_passage_sentence_or_line() -> None:
    for words, start in ((PASSAGE.text, 11), ("Dat vraagt aandacht.", 42), ("Thuishoren", 0)):
        moved = Anchor.of(words, start + 100)
        assert find(moved, PAGE, (PASSAGE,)) == Place(3, "text", Span(start, start + len(words)))


def test_words_that_are_gone_are_not_found() -> None:
    assert find(Anchor.of("Wie wordt gezien, hoort erbij.", 11), PAGE, (PASSAGE,)) is None


def test_of_other_pages_the_nearest_is_taken() -> None:
    pages = [(replace(PAGE, number=number), ()) for number in (1, 2, 6)]
    found = find_elsewhere(Anchor.of("Dat vraagt aandacht.", 0), pages, 3)
    assert found == Place(2, "text", Span(42, 62))
