"""Sentences: cut where they end, on slides and in running text, and nowhere else."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.sentences import sentence_around, sentences
from kb.model import Span


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Een zin. En nog een.", ["Een zin.", "En nog een."]),
        ("Dat is zo (vgl. Bandura, 1994). Maar niet altijd!", ["Dat is zo (vgl. Bandura, 1994).", "Maar niet altijd!"]),
        ("Bijv. Jansen e.a. vonden dit op p. 12 terug.", ["Bijv. Jansen e.a. vonden dit op p. 12 terug."]),
        ("As Dr. Jones et al. showed, it works. Really.", ["As Dr. Jones et al. showed, it works.", "Really."]),
        ("Volgens J. M. Dopmeijer is dat zo. Daarom.", ["Volgens J. M. Dopmeijer is dat zo.", "Daarom."]),
        ("In 1994. Daarna niet.", ["In 1994.", "Daarna niet."]),
        ("Hij daalde 3.5 punt. Zij niet.", ["Hij daalde 3.5 punt.", "Zij niet."]),
        ("“Blijf.” Dat zei zij.", ["“Blijf.”", "Dat zei zij."]),
        ("Echt waar? Ja.", ["Echt waar?", "Ja."]),
        ("Zie Ref. 12 en Ref. Jansen. Daarna.", ["Zie Ref. 12 en Ref. Jansen.", "Daarna."]),
        ("Op 12 jan. 2024 kwam Jan. Hij bleef.", ["Op 12 jan. 2024 kwam Jan.", "Hij bleef."]),
        (
            "Lees Strayhorn (ch. 1) op di. 4 mei. Rust op Sun. Ga dan.",
            ["Lees Strayhorn (ch. 1) op di. 4 mei.", "Rust op Sun.", "Ga dan."],
        ),
        ("Laag 1. Universele preventie. Laag 2. Steun.", ["Laag 1. Universele preventie.", "Laag 2. Steun."]),
        ("Artikel 28. De student", ["Artikel 28. De student"]),
        ("artikel 28. Toelating", ["artikel 28. Toelating"]),
        ("Hoofdstuk 3.2. Toetsen", ["Hoofdstuk 3.2. Toetsen"]),
        ("Zo doen we dat: Stap 1. Kijk, Stap 2. Vraag.", ["Zo doen we dat: Stap 1. Kijk, Stap 2. Vraag."]),
        ("Dat volgt in stap 2. Daarna begint het.", ["Dat volgt in stap 2.", "Daarna begint het."]),
        ("Het waren er 12. Nu niet.", ["Het waren er 12.", "Nu niet."]),
        ("zonder hoofdletter. en dan verder", ["zonder hoofdletter. en dan verder"]),
    ],
)
def test_a_sentence_ends_at_its_stop_and_not_at_that_of_an_abbreviation(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_bullets_are_sentences_without_their_signs() -> None:
    text = "Wat helpt\n• Een vast gezicht\n– Tijd om te landen\n2) Een klein groepje"
    assert cut(text) == ["Wat helpt", "Een vast gezicht", "Tijd om te landen", "Een klein groepje"]


def test_a_line_of_a_slide_stands_by_itself() -> None:
    assert cut("Prestatiedruk\nVeel tentamens\nWeinig slaap") == ["Prestatiedruk", "Veel tentamens", "Weinig slaap"]


def test_a_sentence_that_runs_over_lines_is_one() -> None:
    text = (
        "Studenten die in het eerste jaar een vaste groep hebben, vinden vaker aansluiting bij de\n"
        "opleiding dan studenten die steeds met anderen samenwerken. Dat blijkt uit het onderzoek\n"
        "van vorig jaar."
    )
    assert cut(text) == [text[: text.index(" Dat blijkt")], text[text.index("Dat blijkt") :]]


def test_long_bullets_without_signs_stand_by_themselves_too() -> None:
    lines = [
        "Iemand met zelfvertrouwen gelooft dat hij in een lastige situatie kan slagen (Bakker, 1994)",
        "Sterk gevoel van betrokkenheid bij taken en doelen die hij heeft gekozen",
        "Ziet eerder een uitdaging dan een probleem",
        "Veerkracht, geloof in eigen vaardigheid en kracht om tegenslag op te vangen",
    ]
    assert cut("\n".join(lines)) == lines


@pytest.mark.parametrize(
    "text",
    [
        "Het schema komt uit de studie van overgangen (van\nGennep, 1909).",
        "De opvatting komt van\nTurner.",
        "Zij bouwt voort op het werk van onder anderen de\nFranse etnograaf Van Gennep.",
        "This was first described by\nTurner.",
    ],
)
def test_a_line_runs_on_after_an_open_bracket_or_a_word_that_ends_no_sentence(text: str) -> None:
    assert cut(text) == [text]


def test_a_bracket_that_is_never_closed_does_not_swallow_the_page() -> None:
    lines = [f"Regel {number} van deze dia" for number in range(40)]
    assert len(cut("\n".join(["Een haakje ( te veel", *lines]))) > 20


@pytest.mark.parametrize(
    "heading",
    [
        "3.2 Toetsing van samenwerkende studenten in het eerste jaar",
        "Artikel 6 Toelating van de studenten tot de toetsen van het jaar",
    ],
)
def test_a_numbered_heading_does_not_run_on_into_the_sentence_below_it(heading: str) -> None:
    below = "Studenten die in het eerste jaar een vaste groep hebben, vinden aansluiting."
    last = "Wie alleen studeert, vindt die aansluiting pas veel later in het jaar."
    assert cut(f"{heading}\n{below}\n{last}") == [heading, below, last]


def test_a_numbered_line_that_ends_with_a_preposition_runs_on() -> None:
    text = "3.2 Toetsing volgens de regels van\nTurner"
    assert cut(text) == [text]


def test_the_sentence_around_a_place_is_the_one_that_holds_it_or_all_that_it_runs_over() -> None:
    text = "Een zin. Nog een zin. En de laatste."
    assert sentence_around(text, 10, 12) == Span(9, 21)
    assert sentence_around(text, 5, 12) == Span(0, 21)
    assert sentence_around(" • ", 0, 1) == Span(0, 1)


def test_the_rows_of_a_table_stand_by_themselves() -> None:
    assert cut("Begrip | Vraag\nBinding | Hoor ik erbij?") == ["Begrip | Vraag", "Binding | Hoor ik erbij?"]


def test_a_blank_line_ends_a_sentence() -> None:
    assert cut("Titel van deze dia\n\nen wat eronder staat") == ["Titel van deze dia", "en wat eronder staat"]


@given(st.text(alphabet=st.sampled_from("ab Z.!?\n•-|1\u2028 é🎓("), max_size=120))
def test_sentences_stand_in_the_text_in_order_and_lose_no_letter(text: str) -> None:
    spans = sentences(text)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] != "" for span in spans)
    # An a or b may be the letter of a list, "a)"; every other letter is kept.
    assert [c for span in spans for c in text[span.start : span.end] if c in "Zé🎓"] == [c for c in text if c in "Zé🎓"]
