"""Answers: quoted, read with what they stand under, short, and withheld where nothing answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from index.answer import FLOOR, MOST_WORDS, Candidate, Room, answer, probability, quote
from index.calibration import calibrate
from index.coverage import Matcher
from index.fusion import Fused
from index.matches import NO_TOKENS, EncodedQuery
from index.questions import read_question
from index.quotes import lines
from index.support import Asking, Retrieved, Supported, retrieved, supported
from kb.language import sentences
from kb.model import Answer, Document, Evidence, Page, Passage, Query
from tests.fakes import WordEncoder

BELONGING = (
    "Erbij horen\n\nErbij horen is het gevoel dat je gezien wordt. Wie erbij hoort blijft vaker.\n"
    "• Een vaste groep helpt bij erbij horen\n• Een docent die namen kent doet ertoe"
)
BLOCKS = "Bouwstenen van verbondenheid\n\nGedeelde idealen\nEen steunende omgeving\nZelfvertrouwen\n(Ma, 2003)"


def evidence(rank: int, text: str, *, title: str | None = None, document: str = "") -> Evidence:
    passage = Passage(rank, 0, len(text), text, language="nl", id=rank, document_id=rank)
    page = Page(rank, text, title=title or text.split("\n")[0], language="nl")
    deck = Document(rank, document or f"Document {rank}", "deck", "d.pdf", language="nl")
    return Evidence(rank, 1.0 / rank, passage, page, deck)


def measure(question: str, *found: Evidence) -> list[Supported]:
    encoder = WordEncoder()
    query = EncodedQuery(encoder.encode_query(question), NO_TOKENS)
    asking = Asking(Matcher(read_question(question), None), query, calibrate(encoder))
    measured = []
    for item in found:
        text = item.passage.text
        vectors = encoder.encode_document([text[span.start : span.end] for span in sentences(text)])
        (z_score,) = asking.z_scores(item, encoder.encode_document([text]))
        measured.append(supported(asking, item, vectors, Retrieved(z_score)))
    return measured


def ask(question: str, *found: Evidence) -> Answer:
    answered = answer(read_question(question), measure(question, *found))
    return Answer(Query(question), found, *answered) if answered else Answer(Query(question), found)


def quoted(question: str, *found: Evidence) -> list[str]:
    return [sentence.text for sentence in ask(question, *found).sentences]


def test_every_sentence_stands_in_its_source_character_for_character() -> None:
    answered = ask(
        "wat is erbij horen",
        evidence(1, BELONGING),
        evidence(2, "Wie erbij mag horen\n\nOok thuis wil men erbij horen."),
    )
    assert answered.answered
    for sentence in answered.sentences:
        passage = answered.sources[sentence.source - 1].passage
        assert passage.text[sentence.start : sentence.end] == sentence.text


def test_the_bullets_of_a_slide_answer_what_its_title_asks() -> None:
    assert quoted("bouwstenen van verbondenheid", evidence(1, BLOCKS)) == [
        "Gedeelde idealen", "Een steunende omgeving", "Zelfvertrouwen", "(Ma, 2003)",
    ]  # fmt: skip


def test_the_slide_that_is_titled_with_the_topic_comes_before_one_that_holds_its_words() -> None:
    loose = "Agenda\n\nStraks gaat het over verbondenheid en daarna over de bouwstenen van een begroting"
    answered = ask("bouwstenen van verbondenheid", evidence(1, loose), evidence(2, BLOCKS))
    assert answered.sources[0].passage.text == BLOCKS


def test_a_name_that_no_passage_holds_is_not_answered() -> None:
    page = evidence(
        1, "Motivatie\n\nVolgens Astin leren studenten meer als zij meedoen aan de cognitieve ontwikkeling."
    )
    assert quoted("wat zegt Astin over cognitieve ontwikkeling", page)
    assert quoted("wat zegt Piaget over cognitieve ontwikkeling", page) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            "wanneer is het webinar over campusontwikkeling",
            "Campusontwikkeling\n\nIn dit webinar gaat het over campusontwikkeling.",
        ),
        ("parkeertarieven binnenstad", BELONGING),
        ("wat kost een studentenpsycholoog", "Begeleiding\n\nEen studentenpsycholoog luistert naar studenten."),
    ],
)
def test_what_no_passage_says_is_not_answered(question: str, text: str) -> None:
    assert quoted(question, evidence(1, text)) == []


def test_a_question_for_a_time_is_answered_by_the_line_with_the_time() -> None:
    programme = "Programma\n\nCampusontwikkeling 12 september 11:00\nBibliotheken 12 september 13:30"
    (first, *_) = quoted("wanneer is het webinar over campusontwikkeling", evidence(1, programme))
    assert first == "Campusontwikkeling 12 september 11:00"


def test_no_evidence_and_no_words_give_no_answer() -> None:
    assert not ask("erbij horen").answered
    assert not ask("wat is het", evidence(1, BELONGING)).answered


def test_what_two_pages_say_alike_is_quoted_once() -> None:
    said = "Een vaste groep helpt studenten om zich thuis te voelen."
    answered = ask(
        "vaste groep thuis voelen",
        evidence(1, f"Dia een\n\n{said}"),
        evidence(2, f"Dia twee\n\n{said}"),
        evidence(3, "Dia drie\n\nIn een vaste groep leren studenten elkaar kennen en voelen zij zich thuis."),
    )
    assert [sentence.text for sentence in answered.sentences].count(said) == 1
    assert sorted(source.passage.id for source in answered.sources) == [1, 3]


@pytest.mark.parametrize(
    "withheld",
    [
        "Strayhorn, T. L. (2012). Erbij horen op de campus en thuis. Routledge.",
        "Lees verder over erbij horen op https://example.org/erbij-horen",
        "Afbeelding: erbij horen op de campus",
        "Erbij horen 12 34 56 78 90 12 34 56 78 90 12 34",
        "Erbij horen op de campus",
    ],
)
def test_entries_links_credits_numbers_and_titles_are_not_quoted(withheld: str) -> None:
    assert quoted("erbij horen op de campus", evidence(1, f"Erbij horen op de campus\n\n{withheld}")) == []


def test_a_citation_line_is_not_quoted_alone() -> None:
    item = evidence(1, "Erbij horen\n\n“Een gevoel van geborgenheid.”\nAsher & Weeks, 2013")
    title, said, cited = lines(item, sentences(item.passage.text))
    assert (title.quotable, said.alone) == (False, True)
    assert (cited.quotable, cited.alone) == (True, False)


def test_the_first_row_of_a_table_is_not_quoted() -> None:
    table = evidence(1, "Dia\n\nErbij horen in het onderwijs | Wat helpt\nSamen eten | Erbij horen groeit in het klein")
    assert "Erbij horen in het onderwijs | Wat helpt" not in quoted("wat helpt bij erbij horen", table)


def test_an_answer_is_short_and_in_the_order_of_its_sources() -> None:
    long = " ".join(f"Studenten horen erbij als groep nummer {i} samen kookt en eet." for i in range(30))
    answered = ask("horen studenten erbij", evidence(1, long, title="Samen eten"), evidence(2, BELONGING))
    assert answered.answered
    assert sum(len(sentence.text.split()) for sentence in answered.sentences) <= MOST_WORDS
    places = [(sentence.source, sentence.start) for sentence in answered.sentences]
    assert places == sorted(places)


def test_a_list_goes_with_the_line_that_introduces_it() -> None:
    text = (
        "Dia\n\nStudenten vragen om drie dingen. Voor welzijn helpt het volgende:\n"
        "• Rust in het rooster;\n• Een vaste docent;\n• Iemand om mee te praten."
    )
    (measured,) = measure("helpt voor welzijn", evidence(1, text))
    candidate = Candidate(measured, tuple(lines(measured.evidence, [unit.span for unit in measured.units])), 1.0)
    assert [line.text for line in quote(candidate, Room(60, 4, 60))][-2:] == [
        "Een vaste docent;",
        "Iemand om mee te praten.",
    ]


def test_the_probability_grows_with_coverage_and_passes_the_floor_only_where_signals_agree() -> None:
    (near,) = measure("een docent die namen kent", evidence(1, BELONGING))
    (far,) = measure("de begroting van het ministerie", evidence(1, BELONGING))
    assert probability(far.signals) < 0.05 < FLOOR < probability(near.signals)


def hit(passage_id: int, score: float) -> Fused:
    return Fused(passage_id, score, support=1.0, by_words=True, by_meaning=True, z_score=4.0)


def test_how_a_passage_came_out_of_retrieval_is_measured_beside_the_best_and_the_other_candidates() -> None:
    near, far = np.array([0.9, 0.8], dtype=np.float32), np.array([0.5, 0.2], dtype=np.float32)
    places = retrieved([hit(1, 0.5), hit(2, 0.25), hit(3, 0.1)], 0.5, {1: near, 2: far})
    assert [place.share for place in places] == pytest.approx([1.0, 0.5, 0.2])
    # Means of 0.85 and 0.35: half a unit apart, so each a quarter from their mean.
    assert [place.prominence for place in places] == pytest.approx([0.25 / 0.27, -0.25 / 0.27, 0.0], abs=1e-6)
    assert places[2].nearness is None
    assert retrieved([hit(1, 0.5)], 0.5, {1: near})[0].prominence == 0.0


def test_one_asked_word_that_no_piece_of_a_passage_comes_near_to_lowers_the_probability() -> None:
    """The pieces of "docent" are near, those of "zeldzaam" in one passage and not in the other."""
    question = read_question("zeldzame docent")
    spans = tuple(word.span for word in question.asked if word.span)
    query = EncodedQuery(WordEncoder().encode_query("zeldzame docent"), np.zeros((2, 1), dtype=np.float32), spans)
    asking = Asking(Matcher(question, None), query, calibrate(WordEncoder()))
    assert asking.weighty == [0, 1]
    both, one = (
        supported(asking, evidence(1, BELONGING), None, Retrieved(nearness=np.array(near, dtype=np.float32))).signals
        for near in ([0.9, 0.8], [0.1, 0.8])
    )
    assert both.weakest == pytest.approx(0.8)
    assert one.weakest == pytest.approx(0.1)
    assert probability(one) < probability(both)


def test_of_a_bare_term_that_many_passages_are_about_one_is_quoted() -> None:
    """None of them stands out, so a sentence that asks for more than the term is refused."""
    assert read_question("sense of belonging").is_term
    assert not read_question("how is belonging measured").is_term
    assert not read_question("Strayhorn").is_term
    found = [evidence(rank, f"Kop {rank}\n\nVerbondenheid telt bij {name}.") for rank, name in enumerate("abcdef", 1)]
    for question, answered in (("verbondenheid", True), ("waarom telt verbondenheid", False)):
        measured = [replace(each, signals=replace(each.signals, share=0.3)) for each in measure(question, *found)]
        assert probability(measured[0].signals) < FLOOR
        assert (answer(read_question(question), measured) is not None) is answered


def test_two_passages_of_one_page_are_one_source() -> None:
    halves = [
        Evidence(
            rank,
            1.0 / rank,
            Passage(1, 0, len(text), text, language="nl", id=rank, document_id=1),
            Page(1, BELONGING, title="Erbij horen", language="nl"),
            Document(1, "Deck", "deck", "d.pdf", language="nl"),
        )
        for rank, text in ((1, "Erbij horen is het gevoel dat je gezien wordt."), (2, "Wie erbij hoort blijft vaker."))
    ]
    assert [item.passage.id for item in ask("wat is erbij horen", *halves).sources] == [1]


def test_the_page_that_defines_a_term_is_quoted_before_one_that_only_has_it() -> None:
    uses = "Erbij horen in het rooster\n\nErbij horen begint in de les.\nErbij horen vraagt om tijd."
    defines = "Thuis\n\nErbij horen is het gevoel dat je gezien wordt."
    titled = "Wat is erbij horen?\n\nGezien worden door wie bij je erbij is.\nErbij horen vraagt om tijd."
    for other in (defines, titled):
        first = ask("wat is erbij horen", evidence(1, uses), evidence(2, other)).sources[0]
        assert first.passage.text == other
    assert ask("hoe vraagt erbij horen om tijd", evidence(1, uses), evidence(2, defines)).sources[0].rank == 1


def test_a_cover_is_quoted_where_a_date_is_asked_for_and_not_for_a_definition() -> None:
    text = "Sense of belonging\n\nA webinar for lecturers\n\n6 October 2026"
    cover = evidence(1, text, document="Sense of belonging")
    assert "6 October 2026" in quoted("date of the webinar on belonging", cover)
    assert quoted("what is belonging", cover) == []


def test_several_sources_share_five_sentences() -> None:
    sentences_of = [f"Erbij horen is een gevoel nummer {number}. " for number in range(4)]
    first, second = (f"Over {name}\n\n" + "".join(sentences_of) for name in ("erbij horen", "horen"))
    answered = ask("wat is erbij horen", evidence(1, first), evidence(2, second.replace("gevoel", "behoefte")))
    assert len(answered.sources) == 2
    assert len(answered.sentences) <= 5


PITFALLS = (
    "Valkuilen\n\nDe student moed inpraten zonder opdracht.\nDe toets repareren in plaats van de les.\n"
    "Denken dat meer altijd beter is.\nVergeten dat docenten ook twijfelen.\nTekening: werkgroep beeld"
)
HABITS = (
    "Erbij horen begint klein. Wij noemen drie gewoonten die verbondenheid geven. Begin in de les, want daar komt iedereen. "
    "Ken de namen van je studenten. Geef in de eerste week een opdracht in een groep van vier. "
)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("welke valkuilen zijn er bij toetsing", "list"),
        ("wat zijn de valkuilen bij toetsing", "list"),
        ("which habits help students", "list"),
        ("noem de bouwstenen van verbondenheid", "list"),
        ("four sources of confidence", "list"),
        ("wat helpt eerstejaars", "list"),
        ("wat is toetsing", "definition"),
        ("wat zijn academische vaardigheden", "definition"),
        ("welke dag is het webinar", "when"),
        ("waarom vallen studenten uit", "other"),
    ],
)
def test_a_question_asks_for_a_list_or_for_something_else(question: str, kind: str) -> None:
    assert read_question(question).kind == kind


def test_a_list_is_quoted_whole_and_without_its_credits() -> None:
    assert quoted("wat zijn de valkuilen", evidence(1, PITFALLS)) == [
        "De student moed inpraten zonder opdracht.",
        "De toets repareren in plaats van de les.",
        "Denken dat meer altijd beter is.",
        "Vergeten dat docenten ook twijfelen.",
    ]


def test_of_a_list_that_is_too_long_the_best_line_and_what_follows_it_are_quoted() -> None:
    text = HABITS + "Daarna volgt er nog veel meer over heel andere dingen in dit stuk. " * 12
    found = quoted("welke gewoonten geven verbondenheid", evidence(1, text, title="Gewoonten"))
    assert found[:4] == [
        "Wij noemen drie gewoonten die verbondenheid geven.",
        "Begin in de les, want daar komt iedereen.",
        "Ken de namen van je studenten.",
        "Geef in de eerste week een opdracht in een groep van vier.",
    ]
    assert sum(len(line.split()) for line in found) <= MOST_WORDS


def test_a_question_by_author_quotes_the_sentence_that_cites() -> None:
    text = (
        "Leren gebeurt op grenzen. Wie een grens oversteekt, leert over beide kanten (Vosmeer & Smaling, 2011). "
        "Veel opleidingen merken dat pas laat. Dat is jammer voor studenten."
    )
    assert quoted("Vosmeer & Smaling", evidence(1, text, title="Grenzen")) == [
        "Wie een grens oversteekt, leert over beide kanten (Vosmeer & Smaling, 2011)."
    ]


def test_an_entry_of_a_reference_list_is_not_quoted_where_it_is_cut_after_the_year() -> None:
    item = evidence(1, "Zo werkt het.\nVosmeer, S. F., & Smaling, A. (2011). Over grenzen. De Kade.", title="Grenzen")
    quotable = {line.text: line.quotable for line in lines(item, sentences(item.passage.text))}
    assert quotable == {
        "Zo werkt het.": True, "Vosmeer, S. F., & Smaling, A. (2011).": False, "Over grenzen.": False, "De Kade.": False,
    }  # fmt: skip


def test_a_list_from_a_second_source_keeps_to_five_sentences_in_all() -> None:
    first = "Valkuilen bij toetsing\n\n" + "".join(
        f"Valkuil {number} bij toetsing is haast. " for number in "een twee drie vier".split()
    )
    second = "Over valkuilen bij toetsing\n\nDe valkuilen bij toetsing zijn bekend. Haast is er een. Vaagheid ook. Angst ook."
    answered = ask("wat zijn de valkuilen bij toetsing", evidence(1, first), evidence(2, second))
    assert len(answered.sources) == 2
    assert len(answered.sentences) == 5
