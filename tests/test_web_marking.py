"""Marked text keeps every character, and marks what it was told to mark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.sentences import sentences
from kb.model import Span
from web.marking import Range, lines, pieces, sentence_near, snippet

TEXTS = st.text("ab \n.(é", max_size=60)
SPANS = st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=6)


@given(TEXTS, SPANS)
def test_pieces_joined_are_the_text_however_ranges_overlap(text: str, spans: list[tuple[int, int]]) -> None:
    ranges = [Range(start, end, role) for (start, end), role in zip(spans, "aabbcc", strict=False)]
    assert "".join(piece.text for piece in pieces(text, ranges)) == text
    assert "\n".join("".join(piece.text for piece in line) for line in lines(text, ranges)) == text


@given(TEXTS, SPANS)
def test_a_character_is_marked_exactly_when_a_range_covers_it(text: str, spans: list[tuple[int, int]]) -> None:
    made = pieces(text, [Range(start, end, "match") for start, end in spans])
    marked = [("match" in piece) for piece in made for _letter in piece.text]
    assert marked == [any(start <= at < end for start, end in spans) for at in range(len(text))]


def test_an_anchor_stands_once_though_its_range_runs_over_lines() -> None:
    made = lines("one\ntwo\nthree", [Range(1, 9, "passage")])
    assert [["passage" in piece.first for piece in line] for line in made] == [[False, True], [False], [False, False]]


def test_the_innermost_range_of_a_role_is_what_a_piece_is_about() -> None:
    made = pieces("abcdef", [Range(0, 6, "language", "nl"), Range(2, 4, "language", "en")])
    assert [(piece.text, piece.of("language")) for piece in made] == [("ab", "nl"), ("cd", "en"), ("ef", "nl")]


def test_a_short_text_is_its_own_snippet() -> None:
    short = snippet("A bench says more.", [Span(2, 7)])
    assert [(piece.text, "match" in piece) for piece in short.pieces] == [
        ("A ", False),
        ("bench", True),
        (" says more.", False),
    ]
    assert (short.before, short.after) == (False, False)


def test_a_snippet_shows_the_matches_and_says_that_it_was_cut() -> None:
    text = "Filler sentence here. " * 40 + "The bench is here. " + "Filler sentence here. " * 40
    at = text.index("bench")
    cut = snippet(text, [Span(at, at + 5)])
    shown = "".join(piece.text for piece in cut.pieces)
    assert [piece.text for piece in cut.pieces if "match" in piece] == ["bench"]
    assert (cut.before, cut.after) == (True, True)
    assert shown.startswith("Filler sentence")
    assert len(shown) < 420


@given(st.integers(0, 900), st.integers(1, 20))
def test_a_word_that_matched_is_seen_in_its_snippet(at: int, length: int) -> None:
    text = "Filler sentence here, and some more of it. " * 25
    cut = snippet(text, [Span(at, at + length)])
    assert "".join(piece.text for piece in cut.pieces if "match" in piece).strip() == text[at : at + length].strip()


@given(TEXTS.map(lambda text: text * 12), SPANS, st.integers(0, 40))
def test_a_snippet_is_a_stretch_of_its_text(text: str, spans: list[tuple[int, int]], start: int) -> None:
    start = min(start, len(text))
    cut = snippet(text, [Span(*sorted(span)) for span in spans], start, width=50)
    assert "".join(piece.text for piece in cut.pieces) in text[start:]


def test_where_no_word_matched_a_snippet_shows_the_sentence_that_is_near() -> None:
    text = "Filler sentence here. " * 40 + "Nobody is a stranger. " + "Filler sentence here. " * 40
    at = text.index("Nobody")
    cut = snippet(text, [], near=Span(at, at + 21))
    assert [piece.text for piece in cut.pieces if "near" in piece] == ["Nobody is a stranger."]
    long = "Words without an end to them " * 30
    whole = snippet(text + long + text, [], near=Span(len(text), len(text + long)))
    assert "Words without an end" in "".join(piece.text for piece in whole.pieces if "near" in piece)
    assert not [piece for piece in snippet(text, [Span(0, 6)], near=Span(at, at + 21)).pieces if "near" in piece]


def test_the_sentence_near_a_citation_is_not_ended_by_an_abbreviation() -> None:
    text = "First one. As Ma et al. (2003, p. 4) wrote it e.g. here, they stay. Last one."
    start = text.index("Ma")
    left, right = sentence_near(text, start, start + 2)
    assert text[left:right] == "As Ma et al. (2003, p. 4) wrote it e.g. here, they stay."


def test_the_sentence_on_a_slide_is_its_line() -> None:
    text = "Thuishoren\n• Wie wordt gemist, hoort erbij (Strayhorn)\n• Volgende punt"
    start = text.index("(Strayhorn)")
    left, right = sentence_near(text, start, start + 11)
    assert text[left:right] == "Wie wordt gemist, hoort erbij (Strayhorn)"


def test_a_citation_is_shown_in_the_sentence_that_an_answer_would_quote() -> None:
    text = "Eerst iets. Volgens dhr. De Vries (zie blz. 12) helpt dit, m.b.t. de Wet (Jansen, 2019). Dan meer."
    start = text.index("(Jansen")
    left, right = sentence_near(text, start, start + 14)
    assert text[left:right] == "Volgens dhr. De Vries (zie blz. 12) helpt dit, m.b.t. de Wet (Jansen, 2019)."
    assert Span(left, right) in sentences(text)


def test_a_sentence_without_end_is_shown_within_reach_of_its_citation() -> None:
    text = "woord " * 400
    assert sentence_near(text, 1200, 1205, reach=50) == (1150, 1255)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A bench says more.\nImage: A. Fielding, Unsplash", "A bench says more."),
        ("Image: A. Fielding, Unsplash\nA bench says more.", "A bench says more."),
        ("A bench\nImage: A. Fielding, Unsplash\nsays more than a speech", "says more than a speech"),
        ("Image: A. Fielding, Unsplash", ""),
    ],
)
def test_the_credit_of_a_picture_is_never_a_snippet(text: str, shown: str) -> None:
    at = text.index("Image")
    cut = snippet(text, [Span(at, at + 5)], without=[Span(at, at + 28)])
    assert "".join(piece.text for piece in cut.pieces) == shown
    assert not any("match" in piece for piece in cut.pieces)
