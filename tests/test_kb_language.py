"""Words: the same when taken in, when searched and when marked."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.bibliography import fold as fold_name
from kb.catalogue.contents import title_key
from kb.language import (
    analyse,
    detect,
    fold,
    fold_text,
    index_terms,
    matches,
    parts,
    query_words,
    separated,
    splits,
    stems,
    terms,
)
from kb.model import Language, Span


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Studenten die zich thuis voelen, blijven", "nl"),
        ("Students who feel at home stay", "en"),
        ("Wat helpt tegen eenzaamheid?", "nl"),
        ("What helps against loneliness?", "en"),
        ("de overgangsfase", "nl"),
        ("the threshold phase", "en"),
        ("Prestatiedruk", "nl"),
        ("Belongingness", "en"),
        ("KANSENGELIJKHEID IN HET HOGER ONDERWIJS", "nl"),
    ],
)
def test_the_language_is_told_from_small_words_and_spelling(text: str, language: Language) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "2013", "Bandura", "A & B", "10.1000/182", "学生の幸福", "\x00\ud800", "project"])
def test_a_text_that_does_not_tell_its_language_is_not_guessed(text: str) -> None:
    assert detect(text) is None


@pytest.mark.parametrize(
    ("compound", "expected"),
    [
        ("studentenwelzijn", ("studenten", "welzijn")),
        ("kwaliteitsregistratie", ("kwaliteit", "registratie")),
        ("studentenwelzijnsbeleid", ("studenten", "welzijn", "beleid")),
        ("zorgverzekering", ("zorg", "verzekering")),
        ("prestatiedruk", ("prestatie", "druk")),
        ("bindingsgevoel", ("binding", "gevoel")),
        ("rolmodel", ("rol", "model")),
        ("driehoeksbroodje", ("driehoek", "broodje")),
        ("slachtofferfiches", ("slachtoffer", "fiches")),
        ("rundergehakt", ("rund", "gehakt")),
    ],
)
def test_a_compound_is_split_with_its_linking_letters(compound: str, expected: tuple[str, ...]) -> None:
    assert parts(compound) == expected


@pytest.mark.parametrize(
    "word",
    "verantwoordelijkheid gemeenschap onderwijs universiteiten persoonlijke ondersteuning docent bibliotheek".split(),
)
def test_a_word_that_is_no_compound_stays_whole(word: str) -> None:
    assert parts(word) == ()


FORMS = """toets toetsen toetst|probleem problemen|sociaal sociale|cultureel culturele|emotioneel emotionele|kind kinderen
mentor mentoren|coördinator coördinatoren|goed goede|groot grote|hoog hoge|nieuw nieuwe|eenzaam eenzame|serieus serieuze
kwetsbaar kwetsbare|kans kansen|grens grenzen|plaats plaatsen|advies adviezen|proces processen|criterium criteria
curriculum curricula|examen examens|gevoel gevoelens|leren leert|studeren studeert|ontwikkelen ontwikkelt|voelen voelt
lezen leest|kiezen kiest|vragen vraagt|bouwen bouwt|rekenen rekent|oefenen oefent|regulatie regulering|hbo hbo'er hbo'ers
student studenten|docent docenten|universiteit universiteiten|idee ideeën|categorie categorieën|foto foto's"""


@pytest.mark.parametrize("forms", [row.split() for line in FORMS.splitlines() for row in line.split("|")])
def test_each_form_of_a_dutch_word_finds_the_others(forms: list[str]) -> None:
    assert len({terms(form, "nl")[0] for form in forms}) == 1


APART = "taal tal|maan man|boom bom|school schol|leer les|kunst kunde|docent doceert|student studie|maat mat|mens men|niets niet"


@pytest.mark.parametrize("words", [row.split() for row in APART.split("|")])
def test_words_that_only_look_alike_stay_apart(words: list[str]) -> None:
    one, other = words
    assert terms(one, "nl")[0] != terms(other, "nl")[0]


def test_a_compound_is_marked_by_the_word_that_closes_it_in_the_plural() -> None:
    assert matches("raad", "de studentenraden", "nl") == (Span(3, 17),)


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("welzijn", "Studentenwelzijn", "nl"),
        ("docent", "De docenten", "nl"),
        ("student", "First-year students", "en"),
        ("students", "De student", "nl"),
        ("patienten", "Patiënten", "nl"),
        ("idee", "ideeën", "nl"),
        ("AI", "Gebruik van AI.", "nl"),
        ("hbo", "het HBO", "nl"),
        ("e-learning", "met e-learning", "nl"),
        ("elearning", "met e-learning", "en"),
        ("learning", "met e-learning", "en"),
        ("HvA", "UvA-HvA", "nl"),
        ("eeuws", "een 19e-eeuws gebouw", "nl"),
        ("19e", "een 19e-eeuws gebouw", "nl"),
        ("foto", "foto's", "nl"),
        ("Didau", "Didau's phase", "en"),
        ("self efficacy", "Self-efficacy", "nl"),
        ("cafe", "cafe\N{COMBINING ACUTE ACCENT}", "nl"),
        ("2013", "(Asher & Weeks, 2013)", "en"),
    ],
)
def test_a_query_finds_the_text(query: str, text: str, language: Language) -> None:
    wanted = {stem for word in query_words(query) for stem in word.stems}
    assert wanted & set(terms(text, language))


def test_words_and_parts_are_filed_apart_so_that_a_phrase_is_a_row_of_words() -> None:
    words, further = index_terms("Self-efficacy en studentenwelzijn", "nl")
    assert words.split() == ["self", "efficacy", "en", "studentenwelzijn"]
    assert further.split() == ["selfefficacy", "student", "welzijn"]


def test_a_text_of_unknown_language_is_filed_under_both_stems() -> None:
    assert set(stems("studies")) <= set(terms("studies", None))


def test_a_query_word_asks_for_each_language_and_small_words_are_known() -> None:
    words = query_words("The studies of IT")
    assert [(word.text, word.stop) for word in words] == [
        ("the", True),
        ("studies", False),
        ("of", True),
        ("it", False),
    ]
    assert words[1].stems == stems("studies")


def test_a_hyphened_word_stands_in_a_query_by_its_pieces_and_as_a_whole() -> None:
    assert [(w.text, w.stop, w.joined) for w in query_words("e-learning")] == [
        ("e", True, False), ("learning", False, False), ("elearning", False, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "whole"),
    [
        ("waarom vallen studenten uit", "uitval"),
        ("wie haakt er af", "afhaken"),
        ("een student opbellen", ""),
        ("hoe bel je een student op", "opbellen"),
    ],
)
def test_a_verb_that_was_parted_is_put_together(query: str, whole: str) -> None:
    found = {term for _, terms_ in separated(query_words(query)) for term in terms_}
    assert set(stems(whole, "nl") if whole else ()) <= found
    assert bool(found) is bool(whole)


def test_every_real_split_is_among_the_possible_ones_a_query_asks_for() -> None:
    for word in ("studentenwelzijn", "kwaliteitsregistratie", "bindingsgevoel"):
        first, last = parts(word)
        assert (stems(first, "nl")[0], stems(last, "nl")[0]) in set(splits(word))


def test_matched_words_are_marked_where_they_stand() -> None:
    text = "Het welzijn van de student, of: studentenwelzijn."
    assert [text[m.start : m.end] for m in matches("welzijn", text, "nl")] == ["welzijn", "studentenwelzijn"]
    assert matches("de", "de student", "nl") != ()
    assert matches("de docent", "de student", "nl") == ()


def test_a_part_of_a_word_that_is_no_part_is_not_marked() -> None:
    assert matches("test", "een protest", "nl") == ()
    assert matches("art", "party", "en") == ()


@given(st.text(max_size=200), st.sampled_from(["nl", "en", None]))
def test_any_text_has_terms_with_spans_inside_it(text: str, language: Language | None) -> None:
    for term in analyse(text, language):
        assert 0 <= term.start < term.end <= len(text)
        assert term.text
        assert " " not in term.text
    assert [t for t in analyse(text, language) if not t.part] == sorted(
        (t for t in analyse(text, language) if not t.part), key=lambda term: term.start
    )
    for span in matches(text, text, language):
        assert span.start < span.end
    query_words(text)
    detect(text)


def test_a_search_never_loads_the_word_list() -> None:
    program = (
        "import sys, kb.language as l; l.query_words('studentenwelzijn'); list(l.splits('studentenwelzijn'));"
        "l.matches('welzijn', 'studentenwelzijn', 'nl'); l.detect('de student'); print('simplemma' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_a_word_too_long_to_be_one_is_found_by_its_start_and_not_split() -> None:
    endless = "a" * 100_000
    assert [len(term) for term in terms(endless, "nl")] == [60]
    assert list(splits(endless)) == []
    assert matches("a" * 60, endless, "nl") == (Span(0, 100_000),)


@pytest.mark.parametrize(
    ("written", "folded"),
    [("Bjørn", "bjorn"), ("Ǿrsted", "orsted"), ("Łódź", "lodz"), ("İzmir", "izmir"), ("STRASSE", "strasse"),
     ("Straße", "strasse"),
     ("Guðrún", "gudrun"), ("co\u00adördinator", "coordinator")],
)  # fmt: skip
def test_words_names_and_titles_are_folded_by_one_rule(written: str, folded: str) -> None:
    assert (fold(written), fold_text(written), fold_name(written), title_key(written)) == (folded,) * 4


def test_a_folded_word_has_no_ending_after_its_apostrophe_and_a_folded_name_keeps_it() -> None:
    assert [fold(word) for word in ("hbo'ers", "hbo’ers", "hbo´ers", "Piaget's")] == ["hbo", "hbo", "hbo", "piaget"]
    assert fold_text("O’Neill & d'Arc") == "oneill darc"
