"""Evaluation of answers: whether what is quoted answers, against questions judged by hand.

    judged questions (TSV) ─┐
    answers to them        ─┴─► verdicts ─► right, partly, wrong, refused; over all, by kind, by language pair

A question is judged by the pages that answer it and by words that the answer must hold. `right`: a judged page is cited,
and the quoted text, or the title of a cited page, holds a word of every group. `partly`: a judged page and some groups, or
all groups from other pages, or more than LONGEST_ANSWER quoted words. `wrong`: answered otherwise. `refused`: nothing
quoted, which is right for a question of the kind `negative`.

Pure functions but for reading the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb.errors import KnowledgeBaseError
from kb.model import Answer, Document, Query

Verdict = Literal["right", "partly", "wrong", "refused", "answered"]
"""`answered` is the verdict on a question that nothing answers and that was answered all the same."""

NEGATIVE = "negative"
LONGEST_ANSWER = 120
"""Quoted words; a longer answer leaves the reader to find what answers in it."""

_FIELDS = 6


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the places that answer it and the words that an answer must hold."""

    id: str
    language: str
    kind: str
    text: str
    places: frozenset[str] = frozenset()
    """`filename#page`, or a page number where one document is judged."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Of each group one word must be held, in any case."""

    @property
    def answerable(self) -> bool:
        return self.kind != NEGATIVE


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with the verdict on its answer."""

    question: Question
    verdict: Verdict
    source_language: str = ""
    """Language of the first cited passage; empty for a refusal."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the answerable questions, each 0 to 1; all 0 where none was asked."""

    questions: int
    right: float
    partly: float
    wrong: float
    refused: float

    def as_json(self) -> dict[str, float]:
        return {
            "questions": self.questions,
            "right": round(self.right, 4),
            "partly": round(self.partly, 4),
            "wrong": round(self.wrong, 4),
            "refused": round(self.refused, 4),
        }


def read_questions(path: Path) -> list[Question]:
    """Read the judged questions of a tab-separated file without header.

    Fields: id, language, kind, question, places with commas between, groups of words with `;` between groups and `|`
    between alternatives. `-` for the last two where nothing answers. Raises KnowledgeBaseError naming the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeBaseError(f"the judged questions {path} cannot be read: {error}") from error
    return [
        _question(line, f"{path}, line {number}")
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]


def _question(line: str, place: str) -> Question:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) != _FIELDS:
        raise KnowledgeBaseError(
            f"{place}: {len(fields)} fields where id, language, kind, question, pages and words are wanted"
        )
    key, language, kind, text, places, words = fields
    if kind == NEGATIVE:
        return Question(key, language, kind, text)
    if "-" in (places, words) or not (places and words):
        raise KnowledgeBaseError(f"{place}: a question that is not of the kind {NEGATIVE} names its pages and words")
    groups = tuple(tuple(word.casefold() for word in group.split("|")) for group in words.split(";"))
    return Question(key, language, kind, text, frozenset(places.split(",")), groups)


def _held(question: Question, answer: Answer) -> list[bool]:
    """For each group of words of the question whether one of them is quoted or is in the title of a source."""
    titles = [source.page.title or "" for source in answer.sources]
    quoted = " ".join([*(sentence.text for sentence in answer.sentences), *titles]).casefold()
    return [any(word in quoted for word in group) for group in question.groups]


def judge(question: Question, answer: Answer) -> Verdict:
    """The verdict on one answer."""
    if not answer.sentences:
        return "refused"
    if not question.answerable:
        return "answered"
    held = _held(question, answer)
    cited = not question.places.isdisjoint(_places(answer))
    too_long = sum(len(sentence.text.split()) for sentence in answer.sentences) > LONGEST_ANSWER
    if cited and all(held):
        return "partly" if too_long else "right"
    return "partly" if (cited and any(held)) or all(held) else "wrong"


def _places(answer: Answer) -> set[str]:
    numbers = {str(source.page.number) for source in answer.sources}
    return numbers | {
        f"{file}#{source.page.number}" for source in answer.sources for file in _filenames(source.document)
    }


def _filenames(document: Document) -> set[str]:
    return {document.filename, *(file.filename for file in document.files)}


def judge_all(questions: Sequence[Question], ask: Callable[[Query], Answer]) -> list[Judged]:
    """Ask each question and judge its answer."""
    judged = []
    for question in questions:
        answer = ask(Query(question.text))
        first = answer.sources[0] if answer.sources else None
        language = (first.passage.language or first.document.language or "") if first else ""
        judged.append(Judged(question, judge(question, answer), language))
    return judged


def shares(judged: Iterable[Judged]) -> Shares:
    """The shares of the verdicts on answerable questions."""
    counts = Counter(item.verdict for item in judged if item.question.answerable)
    total = counts.total() or 1
    return Shares(
        counts.total(), counts["right"] / total, counts["partly"] / total, counts["wrong"] / total,
        counts["refused"] / total,
    )  # fmt: skip


def negatives_refused(judged: Iterable[Judged]) -> float:
    """The share of refusals among questions that nothing answers; 0 where there are none."""
    verdicts = [item.verdict for item in judged if not item.question.answerable]
    return verdicts.count("refused") / len(verdicts) if verdicts else 0.0


def report(judged: Sequence[Judged]) -> dict[str, object]:
    """The figures that `kb evaluate --answers --json` prints: over all, by kind of question and by language pair.

    A language pair is that of the question and of the first source, `nl>en` for instance; refusals have none.
    """
    negatives = [item for item in judged if not item.question.answerable]
    return {
        **shares(judged).as_json(),
        "negatives": len(negatives),
        "negatives_refused": round(negatives_refused(judged), 4),
        "by_kind": _by(judged, lambda item: item.question.kind),
        "by_languages": _by(
            [item for item in judged if item.source_language],
            lambda item: f"{item.question.language}>{item.source_language}",
        ),
    }


def _by(judged: Sequence[Judged], key: Callable[[Judged], str]) -> Mapping[str, dict[str, float]]:
    groups: dict[str, list[Judged]] = {}
    for item in judged:
        if item.question.answerable:
            groups.setdefault(key(item), []).append(item)
    return {name: shares(groups[name]).as_json() for name in sorted(groups)}
