"""Verdicts on answers, and the figures made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.answer_evaluation import (
    LONGEST_ANSWER,
    Judged,
    Question,
    judge,
    judge_all,
    negatives_refused,
    read_questions,
    report,
    shares,
)
from kb.errors import KnowledgeBaseError
from kb.model import Answer, Document, Evidence, Page, Passage, Query, Sentence
from tests.quality import half

JUDGED = Path(__file__).parent / "judged"
QUESTION = Question(
    "a1", "nl", "fact", "wat is een drempel", frozenset({"deck.pdf#3"}), (("poort", "gate"), ("leren",))
)


def source(text: str, page: int = 3, filename: str = "deck.pdf", title: str | None = None) -> Evidence:
    return Evidence(
        rank=1, score=1.0, document=Document(1, "Deck", "deck", filename, "nl"),
        passage=Passage(page, 0, len(text), text, language="nl"), page=Page(page, text, str(page), title),
    )  # fmt: skip


def answered(*sources: Evidence) -> Answer:
    sentences = tuple(Sentence(item.passage.text, number, 0, 1) for number, item in enumerate(sources, 1))
    return Answer(Query("?"), sources, sentences, sources)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (answered(source("Een Poort naar leren.")), "right"),
        (answered(source("A gate.", title="Leren")), "right"),
        (answered(source("Een poort.")), "partly"),
        (answered(source("Een poort naar leren.", page=4)), "partly"),
        (answered(source("Een poort naar leren.", filename="other.pdf")), "partly"),
        (answered(source("Een poort naar leren" + " en zo voort" * LONGEST_ANSWER)), "partly"),
        (answered(source("Een poort.", page=4)), "wrong"),
        (answered(source("Iets heel anders.")), "wrong"),
        (Answer(Query("?")), "refused"),
    ],
)
def test_a_verdict_looks_at_the_cited_page_and_the_quoted_words(answer: Answer, verdict: str) -> None:
    assert judge(QUESTION, answer) == verdict


def test_a_page_number_alone_names_a_place_where_one_document_is_judged() -> None:
    question = Question("a1", "nl", "fact", "?", frozenset({"3"}), (("poort",),))
    assert judge(question, answered(source("Een poort."))) == "right"


def test_a_question_that_nothing_answers_must_be_refused() -> None:
    negative = Question("n1", "en", "negative", "what is the capital of Peru")
    assert judge(negative, Answer(Query("?"))) == "refused"
    assert judge(negative, answered(source("Een poort."))) == "answered"


def test_figures_are_shares_of_the_answerable_questions_in_all_by_kind_and_by_languages() -> None:
    other = Question("a2", "en", "who", "who", frozenset({"3"}), (("jansen",),))
    negatives = [Question(f"n{number}", "nl", "negative", "?") for number in range(4)]
    replies = {QUESTION.text: answered(source("Een poort naar leren.")), "who": Answer(Query("?"))}

    judged = judge_all([QUESTION, other], lambda query: replies[query.text])
    judged += [Judged(negatives[0], "answered"), *(Judged(item, "refused") for item in negatives[1:])]

    figures = report(judged)
    assert (figures["questions"], figures["right"], figures["refused"], figures["wrong"]) == (2, 0.5, 0.5, 0.0)
    assert (figures["negatives"], figures["negatives_refused"]) == (4, 0.75)
    assert figures["by_kind"] == {
        "fact": {"questions": 1, "right": 1.0, "partly": 0.0, "wrong": 0.0, "refused": 0.0},
        "who": {"questions": 1, "right": 0.0, "partly": 0.0, "wrong": 0.0, "refused": 1.0},
    }
    assert list(figures["by_languages"]) == ["nl>nl"]  # type: ignore[call-overload]
    assert shares([]).questions == 0
    assert negatives_refused([]) == 0.0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a1\tnl\tfact\twat", "line 1: 4 fields"),
        ("a1\tnl\tfact\twat\t-\t-", "names its pages and words"),
        ("a1\tnl\tfact\twat\t3\t", "names its pages and words"),
    ],
)
def test_a_line_that_cannot_be_understood_is_named(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match=reason):
        read_questions(file)


def test_the_judged_sets_of_the_project_can_be_read_and_are_large_enough() -> None:
    questions = [question for file in sorted(JUDGED.glob("answers-*.tsv")) for question in read_questions(file)]
    assert sum(question.answerable for question in questions) >= 120
    assert sum(not question.answerable for question in questions) >= 60
    assert len({question.id for question in questions}) == len(questions)
    assert {question.language for question in questions} == {"nl", "en"}


def test_about_half_of_each_kind_of_question_is_kept_aside() -> None:
    questions = read_questions(JUDGED / "answers-demonstration.tsv")
    for answerable in (True, False):
        kept = [half(question) == "kept" for question in questions if question.answerable is answerable]
        assert 0.45 <= sum(kept) / len(kept) <= 0.55
