"""A query as it is typed: words, phrases, exclusions, filters, and what is not understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.conditions import Conditions, Remark, Years
from kb.language.phrases import holds_phrase
from kb.language.syntax import read_query
from kb.model import Query


def read(text: str) -> tuple[str, Conditions]:
    query = read_query(text)
    return query.text, query.conditions


@pytest.mark.parametrize(
    "text", ["What is belonging?", "c-d - e", "https://a.org/b c", "doi:10.1/x", "Waarom: omdat", "10:30 uur", ""]
)
def test_a_text_without_syntax_is_looked_for_as_it_is(text: str) -> None:
    assert read_query(text) == Query(text)


@pytest.mark.parametrize(
    ("text", "words", "conditions"),
    [
        ('"sense of belonging" study', "sense of belonging study", {"phrases": ("sense of belonging",)}),
        ("Wat is “een ruimte”?", "Wat is een ruimte?", {"phrases": ("een ruimte",)}),
        ('druk -stress -"burn out"', "druk", {"excluded": ("stress", "burn out")}),
        ('thuis author:"van der Goot" auteur:Ma', "thuis", {"authors": ("van der Goot", "Ma")}),
        ("x kind:slides Soort:literatuur", "x", {"kinds": ("deck", "literature")}),
        ("x year:2021", "x", {"years": (Years(2021, 2021),)}),
        ("x jaar:2019..2023", "x", {"years": (Years(2019, 2023),)}),
        ("x year:2023-2019", "x", {"years": (Years(2019, 2023),)}),
        ("x year:2019.. year:..2003", "x", {"years": (Years(2019, 2999), Years(1000, 2003))}),
    ],
)
def test_conditions_are_read_and_their_words_taken_out(text: str, words: str, conditions: dict[str, object]) -> None:
    assert read(text) == (words, Conditions(text, **conditions))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words", "remark"),
    [
        ("title:room x", "title:room x", Remark("unknown-filter", "title:")),
        ("x -kind:deck", "x", Remark("unknown-exclusion", "-kind:deck")),
        ("x kind:video", "x", Remark("unknown-kind", "kind:video")),
        ("x year:abc", "x", Remark("not-a-year", "year:abc")),
        ("x year:20192023", "x", Remark("not-a-year", "year:20192023")),
        ("author: Strayhorn", "Strayhorn", Remark("empty", "author:")),
        ('x "?!"', "x?!", Remark("empty", '"?!"')),
        ('an "open quote', "an open quote", Remark("open-quote")),
        ("author:strayhorn -x", "", Remark("nothing-to-look-for")),
    ],
)
def test_what_is_not_understood_is_remarked_on(text: str, words: str, remark: Remark) -> None:
    found, conditions = read(text)
    assert (found, conditions.remarks, conditions.typed) == (words, (remark,), text)


@given(st.text(alphabet=st.sampled_from('ab -":.“”13year kindauthor\n\u00a0'), max_size=60))
def test_any_text_is_read_and_typed_as_it_was(text: str) -> None:
    assert read_query(text).typed == text


@pytest.mark.parametrize(
    ("text", "phrase", "holds"),
    [
        ("Het REËLE gevoel", "reele  gevoel", True),
        ("sense of\nbelonging.", "Sense of belonging", True),
        ("Maslow's piramide", "maslow", True),
        ("l’état", "etat", False),
        ("stressvol", "stress", False),
        ("self efficacy", "self-efficacy", False),
        ("(self-efficacy)", "«self-efficacy»", True),
        ("iets", "...", False),
    ],
)
def test_a_phrase_is_held_word_for_word_but_for_case_and_accents(text: str, phrase: str, holds: bool) -> None:
    assert holds_phrase(text, phrase) is holds
