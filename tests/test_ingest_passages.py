"""Passages quote their page, cover it, and never cross it."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.passages import LENGTHS, Lengths, context_of, passages, stretches
from ingest.text import clean
from kb.model import KINDS, Kind, Page

WORDS = st.sampled_from(
    "Welzijn van studenten. Binding, vraagt! tijd? (Ma, 2003) • e-learning\n \n\n Zie bijv. A. B. ".split(" ")
)
TEXTS = st.one_of(
    st.lists(WORDS, max_size=400).map(" ".join).map(clean),
    st.text(st.characters(codec="utf-8"), max_size=3000).map(clean),
    st.integers(0, 5000).map(lambda length: "x" * length),
)


@given(TEXTS, TEXTS, st.sampled_from(KINDS))
def test_a_passage_is_the_text_of_its_page_and_together_they_leave_out_only_blanks(
    text: str, notes: str, kind: Kind
) -> None:
    page = Page(3, text, notes=notes)
    found = passages([page], title="Titel", language="nl", kind=kind)
    for passage in found:
        assert passage.text == page.field(passage.field)[passage.start : passage.end]
        assert passage.text == passage.text.strip() != ""
        assert passage.number == 3
    for field in ("text", "notes"):
        spans = [(p.start, p.end) for p in found if p.field == field]
        whole = page.field(field)
        kept = "".join(whole[start:end] for start, end in spans)
        assert re.sub(r"\s", "", kept) == re.sub(r"\s", "", whole)
        assert spans == sorted(spans)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@given(TEXTS)
def test_no_stretch_is_longer_than_the_longest(text: str) -> None:
    for lengths in LENGTHS.values():
        assert all(end - start <= max(lengths.whole, lengths.most) for start, end in stretches(text, lengths))


def test_a_short_slide_is_one_passage() -> None:
    page = Page(1, "Liminale fase\n\n• Het ondertussen\n• Onzekerheid en potentieel", title="Liminale fase")
    (passage,) = passages([page], title="Deck", language="nl", kind="deck")
    assert (passage.start, passage.end) == (0, len(page.text))


def test_a_slide_with_a_title_alone_is_a_passage() -> None:
    (passage,) = passages([Page(1, "Vera", title="Vera")], title="Deck", language="nl", kind="deck")
    assert passage.text == "Vera"


def test_a_blank_page_gives_no_passage_and_the_next_keeps_its_number() -> None:
    found = passages([Page(1, ""), Page(2, "Hier staat iets.")], title="T", language="nl", kind="deck")
    assert [passage.number for passage in found] == [2]


def test_notes_are_passages_of_their_own_field() -> None:
    page = Page(1, "Binding", notes="Vertel hier over de eerste honderd dagen.")
    found = passages([page], title="T", language="nl", kind="deck")
    assert [(p.field, p.text) for p in found] == [
        ("text", "Binding"),
        ("notes", "Vertel hier over de eerste honderd dagen."),
    ]


def test_literature_is_cut_between_paragraphs_when_there_is_one_in_reach() -> None:
    paragraphs = [f"Alinea {i}. " + "Dit is een zin over binding. " * 18 for i in range(3)]
    page = Page(1, clean("\n\n".join(paragraphs)))
    found = passages([page], title="T", language="nl", kind="literature")
    assert [p.text.split(".")[0] for p in found] == ["Alinea 0", "Alinea 1", "Alinea 2"]


def test_a_long_paragraph_is_cut_between_sentences_and_not_after_an_abbreviation() -> None:
    sentence = "Volgens Bandura (1994) e.a. groeit vertrouwen door bijv. Ervaring met succes op school. "
    found = passages([Page(1, clean(sentence * 30))], title="T", language="nl", kind="literature")
    assert len(found) > 2
    assert all(passage.text.startswith("Volgens") and passage.text.endswith("school.") for passage in found)


def test_the_rest_is_shared_out_rather_than_left_as_a_remnant() -> None:
    text = clean("Een zin van dertig letters hier. " * 31)
    lengths = [end - start for start, end in stretches(text, Lengths(900, 450, 900))]
    assert len(lengths) == 2
    assert min(lengths) > 200


def test_the_context_says_what_a_passage_stands_under_each_once() -> None:
    page = Page(4, "x", title="Binding", section="2. De praktijk")
    assert context_of(page, "Studentenwelzijn") == "Studentenwelzijn › 2. De praktijk › Binding"
    assert context_of(Page(1, "x", title="studentenwelzijn"), "Studentenwelzijn") == "Studentenwelzijn"


def test_language_is_told_per_passage_and_falls_back_to_the_documents() -> None:
    pages = [
        Page(1, "Het welzijn van studenten is een gedeelde verantwoordelijkheid van docenten en begeleiders."),
        Page(2, "The well-being of students is a shared responsibility of teachers and of their tutors."),
        Page(3, "2013"),
    ]
    found = passages(pages, title="T", language="nl", kind="deck")
    assert [passage.language for passage in found] == ["nl", "en", "nl"]


def test_a_passage_of_literature_stands_under_the_nearest_heading_above_it() -> None:
    body = "Studenten blijven wanneer zij zich gezien weten door docenten en door elkaar. " * 9
    page = Page(2, clean(f"{body}\n\nMethode\n\n{body}\n\nResultaten\n\n{body}"), section="Inleiding")
    found = passages([page], title="Binding", language="nl", kind="literature")
    assert found[0].context == "Binding › Inleiding"
    assert found[-1].context == "Binding › Resultaten"
    assert "Binding › Methode" in {passage.context for passage in found}


def test_a_running_head_before_a_heading_does_not_keep_a_passage_from_it() -> None:
    page = Page(
        2, clean("Hogeschool\n\nMethode\n\n" + "We vroegen studenten naar hun eerste weken. " * 9), section="Inleiding"
    )
    (passage,) = passages([page], title="Binding", language="nl", kind="literature")
    assert passage.context == "Binding › Methode"
