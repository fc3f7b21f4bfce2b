"""Slide sense: titles, dividers, leftovers, language, kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.slides import guess_kind, headings, is_leftover, sense
from ingest.text import clean
from kb.model import KINDS, Kind, Page


def deck(*texts: str) -> tuple[Page, ...]:
    return tuple(Page(number, text) for number, text in enumerate(texts, 1))


@pytest.mark.parametrize(
    "line",
    [
        "xxxx",
        "• XXX",
        "Place your title here",
        "Click to add text",
        "Click to edit Master title style",
        "Klik om tekst toe te voegen",
        "Klik om de titel toe te voegen",
        "Klik om stijl te bewerken",
        "Klikken om de tekststijl van het model te bewerken",
        "Tweede niveau",
        "Second level",
        "Titel hier",
        "Typ hier uw tekst",
        "Vul hier de titel in",
        "Voeg een titel toe",
        "Lorem ipsum dolor sit amet, consectetur",
        "Table Background light yellow",
    ],
)
def test_what_a_template_wrote_is_known(line: str) -> None:
    assert is_leftover(line)


@pytest.mark.parametrize(
    "line",
    [
        "Click rates of students",
        "Titel van het onderzoek",
        "Place attachment and belonging",
        "Klikken docenten en studenten?",
        "Het tweede niveau van reflectie",
        "Your title IX rights",
        "Typ 1-fouten",
        "Ondertitels",
        "x",
        "",
        "Een tekst over achtergronden",
    ],
)
def test_what_a_person_wrote_is_kept(line: str) -> None:
    assert not is_leftover(line)


def test_leftovers_are_no_text_and_no_title() -> None:
    pages = sense((Page(1, "xxxx\n\n• Place your title here\n• Echte inhoud", title="xxxx"),))
    assert (pages[0].text, pages[0].title) == ("• Echte inhoud", "Echte inhoud")


def test_leftovers_in_literature_stay_since_nobody_laid_out_a_template() -> None:
    page = Page(1, "Lorem ipsum dolor sit amet is de bekendste opvultekst.")
    assert sense((page,), kind="literature")[0].text == page.text


def test_a_numbered_title_alone_names_the_section_of_what_follows() -> None:
    pages = sense(
        deck(
            "Studentenwelzijn\nEen webinar",
            "1. De wereld van studenten",
            "Wonen\n• duur",
            "Vera",
            "2. De uitdagingen",
            "Prestatiedruk\n• hoog",
            "Bronnen\nMa, X. (2003). Titel.",
        )
    )
    assert [page.section for page in pages] == [
        None,
        "1. De wereld van studenten",
        "1. De wereld van studenten",
        "1. De wereld van studenten",
        "2. De uitdagingen",
        "2. De uitdagingen",
        None,
    ]
    assert [page.number for page in pages if page.divider] == [2, 5]


def test_a_numbered_divider_may_have_a_subtitle_and_no_bullets() -> None:
    pages = sense(
        deck(
            "T\nO",
            "1. Theorie\n\nWat het is en wat niet",
            "A\n• a",
            "2. Praktijk\n\nWat je kunt doen",
            "3. Tips\n• lees voor",
        )
    )
    assert [page.title for page in pages if page.divider] == ["1. Theorie", "2. Praktijk"]


def test_short_titles_alone_divide_a_deck_without_numbers() -> None:
    pages = sense(
        deck(
            "Titel\nOndertitel",
            "Theorie",
            "A\n• a",
            "B\n• b",
            "Praktijk",
            "C\n• c",
            "D\n• d",
            "Bedankt",
            "Contact\nE-mail",
        )
    )
    assert [page.title for page in pages if page.divider] == ["Theorie", "Praktijk"]


def test_questions_and_a_single_title_alone_divide_nothing() -> None:
    pages = sense(deck("T\nO", "Wat is binding?", "A\n• a", "B\n• b", "Generatiedenken", "C\n• c", "D\n• d"))
    assert not any(page.divider for page in pages)


def test_the_files_own_section_slides_are_enough() -> None:
    pages = sense((Page(1, "Start\nwoord"), Page(2, "Praktijk", divider=True), Page(3, "Les\n• een")))
    assert pages[2].section == "Praktijk"


def test_a_section_that_the_file_names_ends_the_one_of_a_divider() -> None:
    pages = sense(
        (
            Page(1, "1. Een", section="Ochtend"),
            Page(2, "a\nb", section="Ochtend"),
            Page(3, "c\nd", section="Middag"),
            Page(4, "2. Twee", section="Middag"),
        )
    )
    assert [page.section for page in pages] == ["1. Een", "1. Een", "Middag", "2. Twee"]


def test_a_house_styles_header_is_no_title_and_stays_in_the_text() -> None:
    pages = sense(deck(*(f"Hogeschool Voorbeeld\nOnderwerp {letter}\n• punt" for letter in "abcde")))
    assert [page.title for page in pages] == [f"Onderwerp {letter}" for letter in "abcde"]
    assert all(page.text.startswith("Hogeschool Voorbeeld\n") for page in pages)


def test_a_page_too_short_to_tell_has_the_documents_language() -> None:
    pages = sense(
        deck("Studenten voelen zich niet altijd gehoord door hun docenten en dat heeft gevolgen.", "Vera", "2013"),
        language="en",
    )
    assert [page.language for page in pages] == ["nl", "nl", "nl"]


def test_an_english_slide_in_a_dutch_deck_is_english() -> None:
    pages = sense(
        deck(
            "Studenten voelen zich niet altijd gehoord door hun docenten en dat heeft gevolgen.",
            "Students who feel that they belong are more likely to stay in their first year.",
        )
    )
    assert [page.language for page in pages] == ["nl", "en"]


def test_headings_of_literature_are_titles_and_sections() -> None:
    pages = sense(
        deck(
            "Inleiding\nEen lange tekst over binding.",
            "De tekst gaat hier door.\nMethode\nWe vroegen studenten.",
            "En nog een bladzijde.",
            "Literatuur\nBandura, A. (1994). Self-efficacy.",
        ),
        kind="literature",
    )
    assert [(page.title, page.section) for page in pages] == [
        ("Inleiding", None),
        ("Methode", "Inleiding"),
        (None, "Methode"),
        ("Literatuur", None),
    ]


def test_a_running_head_of_a_short_paper_is_no_heading() -> None:
    body = "\n\nEen alinea die langer is dan de kop erboven, en nog iets langer."
    pages = sense(
        deck("Geloven dat je het kunt: een overzicht" + body, "Geloven" + body, "Geloven" + body), kind="literature"
    )
    assert [page.title for page in pages] == ["Geloven dat je het kunt: een overzicht", None, None]


def test_a_short_line_that_stands_alone_above_text_is_a_heading_and_a_caption_is_none() -> None:
    text = (
        "Binding in het eerste jaar\n\nStudenten die zich gezien weten, blijven.\n\nFiguur 1 Uitval per jaar\n\n"
        "Een zin die hier alleen staat.\n\nWat docenten doen\n\nZij kennen namen en vragen door.\n\nSlotregel"
    )
    assert [line for _, line in headings(text)] == ["Binding in het eerste jaar", "Wat docenten doen"]
    assert all(text[start:].startswith(line) for start, line in headings(text))


def test_a_deck_lies_on_its_side_and_says_little() -> None:
    short, long = deck("Binding\n• punt"), deck("woord " * 400)
    assert guess_kind(short, landscape=1.0) == "deck"
    assert guess_kind(long, landscape=1.0) == "literature"
    assert guess_kind(short, landscape=0.0) == "literature"


def test_numbers_and_blank_pages_stay() -> None:
    pages = deck("A\nb", "", "xxxx", "C\nd")
    assert [page.number for page in sense(pages)] == [1, 2, 3, 4]


LINES = st.lists(
    st.sampled_from(
        [
            "",
            "1. Een",
            "2. Twee",
            "3",
            "xxxx",
            "• punt",
            "•",
            "Deel II",
            "Bronnen",
            "Een zin. Nog een zin.",
            "(Ma, 2003)",
            "…",
        ]
    )
    | st.text(st.characters(codec="utf-8"), max_size=12),
    max_size=5,
)
PAGES = st.lists(
    st.builds(
        lambda lines, title, notes, divider: (clean("\n".join(lines)), title, notes, divider),
        LINES,
        st.none() | st.sampled_from(["1. Een", "2. Twee", "xxxx", "Vera", "A a"]),
        st.sampled_from(["", "noot"]),
        st.booleans(),
    ),
    max_size=8,
)


@given(PAGES, st.sampled_from(KINDS))
def test_whatever_the_slides_their_numbers_stay_and_no_text_is_made_up(
    drawn: list[tuple[str, str | None, str, bool]], kind: Kind
) -> None:
    pages = tuple(
        Page(number, text, title=title, notes=notes, divider=divider)
        for number, (text, title, notes, divider) in enumerate(drawn, 1)
    )
    made = sense(pages, kind=kind)
    assert [page.number for page in made] == [page.number for page in pages]
    for before, after in zip(pages, made, strict=True):
        kept = [line for line in before.text.split("\n") if not (kind == "deck" and is_leftover(line))]
        assert after.text == clean("\n".join(kept))
        assert kind == "literature" or not after.divider or after.title
