"""Clean text stays clean, and joined lines say what the page says."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text import clean, flow, mended, one_line, vocabulary

ANYTHING = st.text(st.characters(codec=None), max_size=60)


@given(ANYTHING)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANYTHING)
def test_clean_text_holds_no_control_format_private_or_surrogate_character(text: str) -> None:
    assert {unicodedata.category(c) for c in clean(text) if c != "\n"}.isdisjoint({"Cc", "Cf", "Co", "Cs"})


@given(ANYTHING)
def test_clean_text_is_nfc_and_can_be_encoded(text: str) -> None:
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


@given(ANYTHING)
def test_clean_lines_have_no_blanks_at_their_ends_and_blocks_one_blank_line_between(text: str) -> None:
    cleaned = clean(text)
    assert all(line == line.strip() and "  " not in line for line in cleaned.split("\n"))
    assert "\n\n\n" not in cleaned
    assert cleaned == cleaned.strip()


@given(st.text(st.characters(categories=["L", "N"], max_codepoint=0x24F), max_size=40))
def test_cleaning_keeps_every_letter_and_digit_of_latin_script(text: str) -> None:
    text = unicodedata.normalize("NFC", text).replace("ĳ", "ij").replace("Ĳ", "IJ")
    assert clean(text) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("oﬃciële ﬁnanciën", "officiële financiën"),
        ("ĳsvrĳ", "ijsvrij"),
        ("wel\xadzijn en op\xad\nnieuw", "welzijn en opnieuw"),
        ("nul\u200bbreed \ufeffteken", "nulbreed teken"),
        ("na\u0308ief", "näief"),
        ("a\x00b\x07c", "abc"),
        ("half \ud83d surrogaat", "half surrogaat"),
        ("\ud83d\ude00", "😀"),
        ("een\xa0twee\u2003drie\tvier", "een twee drie vier"),
        ("een\r\ntwee\vdrie\u2029vier", "een\ntwee\ndrie\n\nvier"),
        ("\uf0b7 punt", "• punt"),
        ("½ ² ™", "½ ² ™"),
    ],
)
def test_what_print_adds_is_taken_off(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def test_a_title_is_one_line() -> None:
    assert one_line(" Studenten\nen hun  \v welzijn ") == "Studenten en hun welzijn"


def joined(*lines: str, known: str = "") -> list[str]:
    return flow(lines, vocabulary([known, *lines]))


def test_a_word_broken_at_a_line_end_is_whole_again() -> None:
    assert joined("een goed geopti-", "maliseerd systeem") == ["een goed geoptimaliseerd systeem"]


def test_a_hyphen_that_belongs_to_the_word_stays() -> None:
    assert joined("de invoering van e-", "learning in het hbo") == ["de invoering van e-learning in het hbo"]


def test_the_document_itself_says_how_a_word_is_written() -> None:
    assert joined("over sociaal-", "emotionele groei", known="een sociaal-emotionele les") == [
        "over sociaal-emotionele groei"
    ]
    assert joined("over zelf-", "vertrouwen", known="veel zelfvertrouwen") == ["over zelfvertrouwen"]


def test_a_suspended_hyphen_keeps_its_blank() -> None:
    assert joined("voor onderzoeks-", "en onderwijsbeleid") == ["voor onderzoeks- en onderwijsbeleid"]


def test_a_hyphen_before_a_capital_is_left_alone() -> None:
    assert joined("de as Rotterdam-", "Antwerpen is druk") == ["de as Rotterdam-", "Antwerpen is druk"]


def test_a_line_that_runs_on_in_lower_case_is_joined() -> None:
    lines = ("Studenten die zich verbonden voelen met hun opleiding", "vallen minder vaak uit.")
    assert joined(*lines) == [" ".join(lines)]


def test_an_address_that_is_broken_at_a_line_end_is_whole_again() -> None:
    assert mended("Zie doi:10.1177/", "0160017607301605", {}) == "Zie doi:10.1177/0160017607301605"
    assert mended("op (http://dar", "ribas.org/gds15/) staat", {}) == "op (http://darribas.org/gds15/) staat"
    assert mended("op https://www.ecio.nl", "en elders", {}) == "op https://www.ecio.nl en elders"
    assert mended("op https://www.ecio.nl.", "Dat is", {}) == "op https://www.ecio.nl. Dat is"


def test_a_hyphen_before_a_figure_or_a_name_stays_without_a_blank() -> None:
    assert mended("tijdens COVID-", "19", {}) == "tijdens COVID-19"
    assert mended("volgens Winter-", "Collins", {}) == "volgens Winter-Collins"


def test_english_ties_two_words_where_dutch_makes_one() -> None:
    assert mended("the mixed-", "mode", vocabulary(["the mode is mixed"])) == "the mixed-mode"
    assert mended("de studie-", "keuze", vocabulary(["de studie en de keuze"])) == "de studiekeuze"


def test_a_reference_list_keeps_its_line_starts() -> None:
    lines = (
        "Bandura, A. (1994). Self-efficacy. In V. S. Ramachaudran (Ed.), Encyclopedia of human",
        "behavior (Vol. 4, pp. 71-81). Academic Press.",
        "van der Goot, M. (2020). Een titel over iets dat lang genoeg is om een regel te vullen",
        "Strayhorn, T. L. (2019). College students' sense of belonging. Routledge.",
    )
    assert [line[:7] for line in joined(*lines)] == ["Bandura", "van der", "Strayho"]


def test_bullets_keep_their_own_line() -> None:
    lines = ("• een lange regel over welzijn van studenten en", "• ook een tweede punt", "1. en een genummerd punt")
    assert joined(*lines) == list(lines)


def test_a_very_long_word_does_not_take_forever() -> None:
    assert flow(["a" * 300_000 + "-", "b" * 300_000], Counter()) == ["a" * 300_000 + "b" * 300_000]
