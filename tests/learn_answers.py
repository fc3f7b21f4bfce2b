"""Learn the weights of answers (`index.answer.Weights`) from judged questions: `python -m tests.learn_answers`.

    questions ─► candidates of each ─► signals, and whether the page is judged and holds the words ─► logistic regression

Prints for each weight what was learnt, and how the passage chosen does where one collection is left out in turn: the shares
of answerable questions whose passage holds the answer and whose does not, and of the others that are refused, at several
floors. Only questions that may be looked at take part: `tests/judged/development`, and the `tune` halves of `tests/judged`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from index.answer import WITH_PIECES, measure, question_of
from index.answer_evaluation import Question, read_questions
from index.support import Signals
from kb.bootstrap import KnowledgeBase
from kb.model import Evidence, Query
from tests.judged.collections import COLLECTIONS, DEVELOPMENT, JUDGED
from tests.quality import built, half, in_memory, knowledge_base

NAMES = (*WITH_PIECES.of, "foreign")
FLOORS = (0.2, 0.3, 0.36, 0.4, 0.5)


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate of a question."""

    collection: str
    question: Question
    signals: Signals
    answers: bool


def rows(opened: KnowledgeBase, collection: str, questions: Sequence[Question]) -> Iterator[Row]:
    """The candidates of each question with their signals."""
    for question in questions:
        retrieval = opened.searcher.retrieve(Query(question.text))
        asked = question_of(opened.searcher, retrieval)
        for each in measure(opened.searcher, retrieval, asked):
            yield Row(collection, question, each.signals, _answers(question, each.evidence))


def _answers(question: Question, item: Evidence) -> bool:
    """Whether a passage stands on a judged page and holds a word of every group."""
    text = " ".join(f"{item.passage.text} {item.page.title or ''}".casefold().split())
    held = all(any(" ".join(word.casefold().split()) in text for word in group) for group in question.groups)
    return question.answerable and held and f"{item.document.filename}#{item.page.number}" in question.places


def all_rows(folder: Path) -> Iterator[Row]:
    tune = [item for item in read_questions(JUDGED / "answers-demonstration.tsv") if half(item) == "tune"]
    with built(folder / "demonstration") as opened:
        yield from rows(opened, "demonstration", tune + read_questions(DEVELOPMENT / "answers-demonstration.tsv"))
    with knowledge_base(folder / "schools") as opened:
        for _ in opened.ingest([DEVELOPMENT / "schools"]):
            pass
        opened.refresh()
        yield from rows(opened, "schools", read_questions(DEVELOPMENT / "answers-schools.tsv"))
    for name in COLLECTIONS:
        questions = [item for item in read_questions(JUDGED / f"answers-{name}.tsv") if half(item) == "tune"]
        with in_memory(folder / name, name) as opened:
            yield from rows(opened, name, questions)


def learnt(found: Sequence[Row]) -> LogisticRegression:
    return LogisticRegression(max_iter=5000).fit(values(found), [row.answers for row in found])


def values(found: Sequence[Row]) -> npt.NDArray[np.float64]:
    return np.array([[getattr(row.signals, name) or 0.0 for name in NAMES] for row in found])


def left_out(found: Sequence[Row]) -> Iterator[tuple[Row, float]]:
    """For each question its likeliest candidate and the probability, by weights learnt from the other collections."""
    for collection in sorted({row.collection for row in found}):
        model = learnt([row for row in found if row.collection != collection])
        tested = [row for row in found if row.collection == collection]
        best: dict[str, tuple[Row, float]] = {}
        for row, probability in zip(tested, model.predict_proba(values(tested))[:, 1], strict=True):
            if row.question.id not in best or probability > best[row.question.id][1]:
                best[row.question.id] = row, float(probability)
        yield from best.values()


@click.command()
def main() -> None:
    """Print the weights learnt, and how they do on collections that they were not learnt from."""
    with tempfile.TemporaryDirectory() as folder:
        found = list(all_rows(Path(folder)))
    model = learnt(found)
    click.echo(f"bias {model.intercept_[0]:.1f}, " + ", ".join(
        f"{name} {weight:.2f}" for name, weight in zip(NAMES, model.coef_[0], strict=True)
    ))  # fmt: skip
    chosen = list(left_out(found))
    answerable = [(row, value) for row, value in chosen if row.question.answerable]
    others = [value for row, value in chosen if not row.question.answerable]
    click.echo(f"{len(answerable)} questions with an answer, {len(others)} without")
    for floor in FLOORS:
        right = sum(row.answers and value >= floor for row, value in answerable) / len(answerable)
        wrong = sum(not row.answers and value >= floor for row, value in answerable) / len(answerable)
        refused = sum(value < floor for value in others) / len(others)
        click.echo(f"floor {floor:.2f}: right {right:.2f}, wrong {wrong:.2f}, without an answer refused {refused:.2f}")


if __name__ == "__main__":
    main()
