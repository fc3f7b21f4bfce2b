"""Answers: quoted, relevant, spread over sources, and silent when the evidence does not answer."""

from __future__ import annotations

import pytest

from index.answer import Quote, answer, choose, quotable
from index.calibration import calibrate
from kb.language.sentences import sentences
from kb.model import Answer, Document, Evidence, Field, Page, Passage, Query, Span
from tests.fakes import WordEncoder

BELONGING = (
    "Erbij horen\n\nErbij horen is het gevoel dat je gezien wordt. Wie erbij hoort blijft vaker.\n"
    "• Een vaste groep helpt bij erbij horen\n• Een docent die namen kent doet ertoe"
)


def evidence(
    rank: int, text: str, *, title: str | None = None, field: Field = "text", listing: bool = False
) -> Evidence:
    passage = Passage(rank, 0, len(text), text, field=field, language="nl", listing=listing, id=rank, document_id=rank)
    page = Page(rank, text, title=title or text.split("\n")[0], language="nl")
    return Evidence(rank, 1.0 / rank, passage, page, Document(rank, f"Document {rank}", "deck", "d.pdf", language="nl"))


def ask(question: str, *found: Evidence) -> Answer:
    encoder = WordEncoder()
    return answer(Query(question), found, encoder, encoder.encode_query(question), calibrate(encoder))


def test_every_sentence_stands_in_its_source_character_for_character() -> None:
    answered = ask(
        "erbij horen", evidence(1, BELONGING), evidence(2, "Wie erbij mag horen\n\nOok thuis wil men erbij horen.")
    )
    assert answered.answered
    for sentence in answered.sentences:
        passage = answered.sources[sentence.source - 1].passage
        assert passage.text[sentence.start : sentence.end] == sentence.text


def test_the_sentence_that_says_what_was_asked_is_quoted() -> None:
    answered = ask("wat is erbij horen", evidence(1, BELONGING))
    assert answered.sentences[0].text == "Erbij horen is het gevoel dat je gezien wordt."
    assert "Een docent die namen kent doet ertoe" not in [sentence.text for sentence in answered.sentences]


def test_evidence_that_does_not_answer_is_not_quoted() -> None:
    answered = ask("parkeertarieven binnenstad", evidence(1, BELONGING))
    assert answered.sentences == ()
    assert answered.sources == ()
    assert not answered.answered
    assert len(answered.evidence) == 1


def test_no_evidence_is_no_answer() -> None:
    assert not ask("erbij horen").answered


def test_what_two_pages_say_alike_is_quoted_once_and_an_answer_draws_on_several_pages() -> None:
    said = "Een vaste groep helpt studenten om zich thuis te voelen."
    answered = ask(
        "vaste groep thuis voelen",
        evidence(1, f"Dia een\n\n{said}"),
        evidence(2, f"Dia twee\n\n{said}"),
        evidence(3, "Dia drie\n\nIn een vaste groep leren studenten elkaar kennen en voelen zij zich thuis."),
    )
    assert [sentence.text for sentence in answered.sentences].count(said) == 1
    assert [source.passage.id for source in answered.sources] == [1, 3]
    assert [sentence.source for sentence in answered.sentences] == [1, 2]


@pytest.mark.parametrize(
    "withheld",
    [
        evidence(1, "Notities\n\nVertel hier dat erbij horen het gevoel is dat telt.", field="notes"),
        evidence(1, "Bronnen\n\nStrayhorn, T. L. (2012). Erbij horen is het gevoel. Routledge.", listing=True),
        evidence(1, "Strayhorn, T. L. (2012). Erbij horen op de campus en thuis. Routledge."),
        evidence(1, "Lees verder over erbij horen op https://example.org/erbij-horen"),
        evidence(1, "Erbij horen 12 34 56 78 90 12 34 56 78 90 12 34"),
    ],
)
def test_notes_references_links_and_numbers_are_not_quoted(withheld: Evidence) -> None:
    assert ask("erbij horen", withheld).sentences == ()


def test_a_heading_is_quoted_only_where_nothing_tells_more() -> None:
    heading = evidence(1, "Erbij horen in het hoger onderwijs\n\nFoto: een trap")
    telling = evidence(2, "Dia\n\nErbij horen is een voorwaarde om te blijven in het onderwijs.")
    assert [s.text for s in ask("erbij horen onderwijs", heading, telling).sentences] == [
        "Erbij horen is een voorwaarde om te blijven in het onderwijs."
    ]
    assert [s.text for s in ask("erbij horen onderwijs", heading).sentences] == ["Erbij horen in het hoger onderwijs"]


def test_a_sentence_does_not_stand_alone_where_its_page_says_on() -> None:
    page = "Dia\n\nErbij horen is een voorwaarde om te blijven in het onderwijs. Vaste groepen horen daar dus ook bij."
    aside = "Dia\n\nErbij horen is een voorwaarde om te blijven in het onderwijs. De lift is maandag weer in bedrijf."
    assert len(ask("erbij horen onderwijs", evidence(1, page)).sentences) == 2
    assert len(ask("erbij horen onderwijs", evidence(1, aside)).sentences) == 1


def test_the_second_half_of_a_title_is_a_heading_and_so_is_the_first_row_of_a_table() -> None:
    telling = "Erbij horen is een voorwaarde om te blijven in het onderwijs."
    titled = evidence(
        1,
        "Wie blijft er:\nErbij horen in het\nhoger onderwijs",
        title="Wie blijft er: Erbij horen in het hoger onderwijs",
    )
    table = evidence(1, "Erbij horen in het onderwijs | Wat helpt\nSamen eten | Erbij horen groeit in het klein")
    assert [s.text for s in ask("erbij horen onderwijs", titled, evidence(2, f"Dia\n\n{telling}")).sentences] == [
        telling
    ]
    quoted = [s.text for s in ask("erbij horen onderwijs", table, evidence(2, f"Dia\n\n{telling}")).sentences]
    assert telling in quoted
    assert "Erbij horen in het onderwijs | Wat helpt" not in quoted


def test_an_answer_is_short_and_in_the_order_of_its_sources() -> None:
    long = " ".join(f"Studenten horen erbij als groep nummer {i} samen kookt en eet." for i in range(30))
    answered = ask("horen studenten erbij", evidence(1, long), evidence(2, BELONGING))
    assert 1 <= len(answered.sentences) <= 5
    assert sum(len(sentence.text) for sentence in answered.sentences) <= 900
    places = [(sentence.source, sentence.start) for sentence in answered.sentences]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Een docent die namen kent", True),
        ("Twee woorden", False),
        ("Bandura, A. (1994). Self-efficacy in een boek. Academic Press.", False),
        ("Kijk op www.example.org voor alle details", False),
        ("2012 2013 2014 2015 in tabel vier drie", False),
        ("woord " * 100, False),
    ],
)
def test_what_may_be_quoted_says_something_by_itself(text: str, expected: bool) -> None:
    assert quotable(text) is expected


def test_a_weak_sentence_does_not_join_a_strong_one() -> None:
    import numpy as np

    offered = [Quote(f"zin nummer {i} zegt iets anders", Span(0, 10), evidence(i + 1, "x")) for i in range(3)]
    assert choose(offered, [1.0, 0.3, 0.9], np.eye(3, dtype=np.float32)) == [0, 2]
    assert choose(offered, [0.2, 0.1, 0.3], np.eye(3, dtype=np.float32)) == []


def test_vectors_that_are_kept_are_not_made_again() -> None:
    encoder, question = WordEncoder(), "erbij horen"
    found = evidence(1, BELONGING)
    texts = [BELONGING[span.start : span.end] for span in sentences(BELONGING)]
    kept = {1: encoder.encode_document(texts)}

    class Counting(WordEncoder):
        def encode_document(self, texts, progress=None):  # type: ignore[no-untyped-def]
            assert list(texts) == []
            return super().encode_document(texts, progress)

    vector, calibration = encoder.encode_query(question), calibrate(encoder)
    fresh = answer(Query(question), [found], encoder, vector, calibration)
    assert answer(Query(question), [found], Counting(), vector, calibration, kept) == fresh
    assert fresh.answered
