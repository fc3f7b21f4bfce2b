"""Coverage: how much of a question a text covers."""

from __future__ import annotations

import numpy as np
import pytest

from index.coverage import BY_COMPOUND, BY_HALF, Matcher
from index.questions import read_question
from kb import language
from kb.language.terms import written_words
from kb.language.words import written
from kb.model import Span

TEXT = """Thuis voelen in het hbo: first-generation-studenten, e-learning en co-creatie.
’s Avonds vallen zij uit; de OCW-brief van 2019 zegt: “toetsing” en campusontwikkeling."""


def matcher(question: str) -> Matcher:
    return Matcher(read_question(question), None)


@pytest.mark.parametrize("text", [TEXT, TEXT.upper(), "DE HBO-raad", "a - b"])
def test_a_text_read_word_by_word_has_the_words_of_the_text_read_whole(text: str) -> None:
    whole = sorted(language.query_words(text), key=lambda word: word.start)
    by_word = [
        (start + word.start, word.text, word.stems, word.stop)
        for start, each in written(text)
        for word in written_words(each, text.isupper())
    ]
    assert by_word == [(word.start, word.text, word.stems, word.stop) for word in whole]


def test_words_that_are_learned_beforehand_give_the_same_degrees() -> None:
    question = "waarom vallen eerstejaarsstudenten uit bij toetsing"
    learned = matcher(question)
    learned.learn([TEXT, TEXT.upper(), "toetsing"])
    for text in (TEXT, "toetsing", TEXT.upper(), "Uitval van eerstejaars"):
        assert np.array_equal(learned.match(text).degrees, matcher(question).match(text).degrees)


def test_each_stretch_has_its_best_degrees() -> None:
    matches = matcher("toetsing campus").match("toetsing en toetsing. Niets hier. Campusontwikkeling")
    spans = [Span(0, 21), Span(22, 33), Span(34, 52), Span(21, 22)]
    degrees = matches.within_each(spans)
    assert np.allclose(degrees, [[1.0, 0.0], [0.0, 0.0], [0.0, BY_COMPOUND], [0.0, 0.0]])
    assert matches.within().tolist() == pytest.approx([1, BY_COMPOUND])


def test_a_compound_is_covered_in_part_by_one_of_its_parts() -> None:
    matches = matcher("studentenwelzijn").match("het welzijn telt")
    assert float(matches.within().max()) == pytest.approx(BY_HALF)


def test_coverage_is_the_share_of_the_weight() -> None:
    asking = matcher("toetsing campus")
    assert float(asking.coverage(asking.match("toetsing").within())) == pytest.approx(
        asking.weights[0] / asking.weights.sum()
    )
    assert float(asking.coverage(asking.match("iets anders").within())) == 0.0
