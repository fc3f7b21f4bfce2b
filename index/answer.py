"""An answer without a language model: sentences and bullets quoted from the passages that answer, each with its source.

    Retrieval ─► candidates, one a page ─► signals ─► probability that it answers ─┬─► at least FLOOR: quotes from up to three
                        (index.support)       (Weights)                            └─► below: no answer, the closest passages

What a passage says is judged with what it stands under, so that the bullets of a slide answer what its title asks. Every
quotation is `passage.text[start:end]`, character for character. Where no passage reaches the floor, nothing is quoted: the
closest passages are named, and are no answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.coverage import Matcher
from index.cues import FACTS, defines, penalty
from index.questions import Kind, Question, read_question, stems_to_look_up
from index.quotes import Line, is_slide, lines
from index.recent import Recent
from index.support import Asking, Signals, Supported, Unit, retrieved, supported
from kb.model import Answer, Evidence, Query, Sentence

if TYPE_CHECKING:
    from index.searcher import Retrieval, Searcher

# Passages in which an answer is looked for, best first; what ranks lower resembles the question and does not answer it.
MOST_PASSAGES = 12
# Passages that are named as the closest where none answers.
MOST_CLOSEST = 3
# An answer is read at a glance: at most so many sources, and so many words over all of them.
MOST_SOURCES = 3
MOST_WORDS = 105
# Of these the first source may take the first share, and each further one the second.
FIRST_WORDS, FURTHER_WORDS = 75, 35
# Of several sources; a slide that answers alone may have more bullets.
MOST_SENTENCES = 5
# Sentences from a text that answers alone, from the first of several sources, and from each further one; a slide that is
# the first source may give more bullets.
ALONE_LINES, FIRST_LINES, FURTHER_LINES = 4, 3, 2

# Answers that are kept until the collection changes, each with its hits: together a few MiB.
MOST_ANSWERS = 100

# A page whose title covers so much of the question opens with the definition of what its title names.
DEFINES = 0.8


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression on the signals of index.support: the probability that a passage answers."""

    bias: float
    foreign: float
    """For a passage in another language than the question."""
    of: Mapping[str, float]
    """For the other signals, by name."""


# Learnt by `python -m tests.learn_answers` with 36 questions over papers besides, then moved by three tenths towards the
# weights that served short slides. A sentence that comes nearer than its passage as a whole says it; so `passage` counts against.
WITH_PIECES = Weights(-8.3, 0.35, {
    "coverage": 2.4, "window": 1.6, "title": -0.5, "named": 1.0, "weakest": 1.8, "prominence": 1.2, "share": 1.4,
    "sentence": 2.1, "passage": -1.1, "length": 0.17,
})  # fmt: skip
# For an encoder without vectors of word pieces.
WITHOUT_PIECES = Weights(-9.4, 0.35, {
    "coverage": 3.6, "window": 1.4, "title": -0.5, "named": 1.0, "least": 0.5, "share": 3.6, "sentence": 2.6,
    "passage": -1.3, "length": 0.23,
})  # fmt: skip
# What the log odds of a line gain that covers so much of a bare term. Where many passages are about the term, none of them
# stands out, and each answers.
OF_TERM, COVERED = 1.2, 0.9
# Below this probability a passage does not answer; a further source has besides so much of the first one's.
FLOOR = 0.36
BESIDE_FIRST = 0.5
# Of passages that answer, one whose page is titled with the question's words comes first by this much; and, where a definition
# is asked for or a bare term, one whose page is titled so, or in which a line that is about the term says what it is.
TITLED, DEFINING = 0.3, 0.3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with the lines that may be quoted from it and the probability that it answers."""

    support: Supported
    lines: tuple[Line, ...]
    probability: float
    defines: bool = False
    """Whether it says what a term is that is to be defined."""

    @property
    def preference(self) -> float:
        """The probability, and what title and definition add to it: of passages that answer, the highest is quoted first."""
        return self.probability + TITLED * self.support.signals.title + DEFINING * self.defines

    @property
    def evidence(self) -> Evidence:
        return self.support.evidence


def ask(searcher: Searcher, query: Query, n: int = 10) -> Answer:
    """The answer to a query, with at most `n` hits as evidence, from one retrieval."""
    if not query.text.strip():
        return Answer(query)
    retrieval = searcher.retrieve(query)
    question = question_of(searcher, retrieval)
    # First the candidates, more than are shown, so that the hits are among those that were looked up.
    measured = measure(searcher, retrieval, question)
    results = searcher.results(retrieval, n)
    hits = results.evidence
    sentences, sources = answer(question, measured) or ((), ())
    nearest = hits or searcher.nearest(retrieval, MOST_CLOSEST)
    closest = () if sentences else tuple(item for item in nearest if _may_be_shown(item))[:MOST_CLOSEST]
    return replace(results.answer(query), sentences=sentences, sources=sources, closest=closest)


def question_of(searcher: Searcher, retrieval: Retrieval) -> Question:
    """The question that a retrieval was made for, its words weighed by how rare they are in what was searched."""
    text = retrieval.query.text
    return read_question(text, searcher.term_shares(stems_to_look_up(text), retrieval.count), searcher.glossary)


def measure(searcher: Searcher, retrieval: Retrieval, question: Question) -> list[Supported]:
    """The candidates for an answer, best first, each with its signals."""
    text = retrieval.query.text
    offered = searcher.candidates(retrieval, MOST_PASSAGES)
    kept = searcher.sentence_vectors(retrieval, [item.passage.id for _, item in offered])
    asking = Asking(Matcher(question, searcher.word_space), searcher.encoded(text), searcher.calibration)
    asking.matcher.learn(
        text
        for _, item in offered
        for text in (item.passage.text, item.page.title, item.page.section, item.document.title)
        if text
    )
    best = retrieval.ranked[0].score if retrieval.ranked else 0.0
    places = retrieved([hit for hit, _ in offered], best, retrieval.nearness)
    return [
        supported(asking, item, kept.get(item.passage.id), place)
        for (_, item), place in zip(offered, places, strict=True)
    ]


class LastAnswers:
    """The last answers, until the collection changes: a page is asked for again on the way back, or in the other language.

    Safe to share between threads.
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._answers: tuple[tuple[str, ...], Recent[tuple[Query, int], Answer]] = ((), Recent(MOST_ANSWERS))

    def ask(self, query: Query, n: int = 10) -> Answer:
        """As the function `ask` answers."""
        state = self._searcher.state()
        known, answers = self._answers
        if known != state:
            answers = Recent(MOST_ANSWERS)
            self._answers = (state, answers)  # one assignment: other threads see answers of one state
        return answers.get((query, n), lambda: ask(self._searcher, query, n))


def answer(
    question: Question, measured: Sequence[Supported]
) -> tuple[tuple[Sentence, ...], tuple[Evidence, ...]] | None:
    """The sentences that answer and their sources; None where no passage reaches the floor."""
    if not question.asked:
        return None
    chosen = [each for each in _candidates(question, measured) if each.probability >= FLOOR]
    if not chosen:
        return None
    least = BESIDE_FIRST * max(each.probability for each in chosen)
    chosen = sorted((each for each in chosen if each.probability >= least), key=lambda each: -each.preference)
    return _quoted(_one_a_page(chosen)[:MOST_SOURCES], question.kind)


def _one_a_page(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The first candidate of each page."""
    pages: dict[tuple[int, int], Candidate] = {}
    for each in chosen:
        pages.setdefault((each.evidence.document.id, each.evidence.page.number), each)
    return list(pages.values())


def _quoted(chosen: Sequence[Candidate], kind: Kind) -> tuple[tuple[Sentence, ...], tuple[Evidence, ...]] | None:
    """The sentences to quote from passages that answer, within the bounds of an answer, and their sources."""
    sentences: list[Sentence] = []
    sources: list[Evidence] = []
    words = MOST_WORDS
    earlier: list[str] = []
    for each in chosen:
        room = _room(len(chosen), len(sentences), words, kind)
        lines = [line for line in quote(each, room, kind) if not _said(line, earlier)]
        if not lines:
            continue
        sources.append(each.evidence)
        for line in lines:
            sentences.append(Sentence(line.text, len(sources), line.span.start, line.span.end))
            earlier.append(_letters(line.text))
            words -= len(line.text.split())
    return (tuple(sentences), tuple(sources)) if sentences else None


@dataclass(frozen=True, slots=True)
class Room:
    """What a source may take of an answer: so many words, and so many sentences or bullets."""

    words: int
    lines: int
    bullets: int


def _room(sources: int, sentences: int, words: int, kind: Kind) -> Room:
    """The room for the next of so many sources, when so many sentences are quoted and so many words are left.

    A list is quoted whole, so its source may take all.
    """
    if kind == "list" and not sentences:
        return Room(MOST_WORDS, MOST_WORDS, MOST_WORDS)
    if sources == 1:
        return Room(MOST_WORDS, ALONE_LINES, MOST_WORDS)
    if not sentences:
        return Room(FIRST_WORDS, FIRST_LINES, FIRST_WORDS)
    left = min(FURTHER_LINES, MOST_SENTENCES - sentences)
    return Room(min(words, FURTHER_WORDS), left, left)


def probability(signals: Signals, less: float = 0.0) -> float:
    """The probability that a passage with these signals answers; `less` is taken off the log odds."""
    weights = WITHOUT_PIECES if signals.weakest is None else WITH_PIECES
    odds = weights.bias + weights.foreign * signals.foreign - less
    odds += sum(weight * getattr(signals, name) for name, weight in weights.of.items())
    return 1 / (1 + math.exp(-odds))


def _candidates(question: Question, measured: Sequence[Supported]) -> Iterator[Candidate]:
    """The passages from which something may be quoted and that hold each name that the question names."""
    literal = np.array([word.literal for word in question.asked], dtype=bool)
    is_term = question.is_term
    for each in measured:
        found = tuple(lines(each.evidence, [unit.span for unit in each.units]))
        if question.kind not in FACTS and _is_cover(each.evidence):
            found = tuple(_only_sentence(line) for line in found)
        if question.kind == "citation" and literal.any():
            found = _that_cite(found, [_names_all(unit, literal) for unit in each.units])
        names_it = not literal.any() or float(each.covered[literal].min()) >= 0.5
        if names_it and any(line.quotable for line in found):
            defining = (is_term or question.kind == "definition") and defines(each, found)
            less = penalty(question, found) - OF_TERM * (is_term and each.signals.window >= COVERED)
            yield Candidate(each, found, probability(each.signals, less), defining)


def _that_cite(found: Sequence[Line], names: Sequence[bool]) -> tuple[Line, ...]:
    """The lines, quotable where they hold the names that are asked for, or stand beside a line that holds nothing else."""
    bare = [named and not line.alone for line, named in zip(found, names, strict=True)]
    beside = [any(bare[max(0, place - 1) : place + 2]) for place in range(len(found))]
    return tuple(
        line if named or near else replace(line, quotable=False, alone=False)
        for line, named, near in zip(found, names, beside, strict=True)
    )


def _names_all(unit: Unit, literal: npt.NDArray[np.bool_]) -> bool:
    """Whether a line holds every name that is asked for; `literal` tells which asked words are names."""
    return float(unit.covered[literal].min()) >= 0.5


def _is_cover(item: Evidence) -> bool:
    """Whether a page is the first of its document and titled as the document is."""
    return item.page.number == 1 and item.page.title == item.document.title


def _only_sentence(line: Line) -> Line:
    """A line of a cover: quotable when it is a sentence, and not a subtitle, a name or a date."""
    return replace(line, quotable=False, alone=False) if line.bullet else line


def quote(candidate: Candidate, room: Room, kind: Kind = "other") -> list[Line]:
    """The lines to quote from a passage, in reading order: of a slide the best that fit, of a text the best and its like.

    Of a list in a text the best line and what follows it; of a slide that is titled with what is to be defined the first lines.
    """
    found, units = candidate.lines, candidate.support.units
    scores = [_score(line, unit) if line.quotable else -1.0 for line, unit in zip(found, units, strict=True)]
    if kind == "definition" and candidate.support.signals.title >= DEFINES:
        scores = [score if score < 0 else 1.0 - place / 100 for place, score in enumerate(scores)]
    whole = [place for place, line in enumerate(found) if line.quotable]
    if room.lines < 1:
        return []
    if is_slide(found):
        return [found[place] for place in _best_that_fit(found, whole, scores, room)]
    alone = [place for place in whole if found[place].alone]
    if not alone:
        return []
    best = max(alone, key=lambda place: (scores[place], -place))
    fits = len(found[best].text.split()) <= room.words
    around = _listed(found, whole, best, room) if kind == "list" else _around(found, best, scores, room)
    return [found[place] for place in sorted(around)] if fits else []


def _score(line: Line, unit: Unit) -> float:
    """How much a line has to do with the question, 0 to about 2."""
    return unit.window + unit.focus + unit.z_score / 10


def _best_that_fit(found: Sequence[Line], places: Sequence[int], scores: Sequence[float], room: Room) -> list[int]:
    """The places of the best lines that fit, in reading order."""
    chosen: list[int] = []
    words = room.words
    for place in sorted(places, key=lambda place: (-scores[place], place)):
        length = len(found[place].text.split())
        if length <= words and len(chosen) < room.bullets:
            chosen.append(place)
            words -= length
    return sorted(chosen) if any(found[place].alone for place in chosen) or len(chosen) > 1 else []


def _listed(found: Sequence[Line], whole: Sequence[int], best: int, room: Room) -> list[int]:
    """Every line that may be quoted, where they fit; else the best and those that follow it, as far as they fit."""
    if len(whole) <= room.lines and sum(len(found[place].text.split()) for place in whole) <= room.words:
        return list(whole)
    chosen, words = [best], room.words - len(found[best].text.split())
    for place in range(best + 1, len(found)):
        words -= len(found[place].text.split())
        if not found[place].quotable or words < 0 or len(chosen) == room.lines:
            break
        chosen.append(place)
    return chosen


def _around(found: Sequence[Line], best: int, scores: Sequence[float], room: Room) -> list[int]:
    """The best line and what stands beside it, on the better side first, as far as it fits; a list goes with its head."""
    chosen = [best]
    words = room.words - len(found[best].text.split())
    while len(chosen) < room.lines or found[max(chosen)].introduces:
        beside = [place for place in (min(chosen) - 1, max(chosen) + 1) if 0 <= place < len(found)]
        beside = [place for place in beside if found[place].quotable and len(found[place].text.split()) <= words]
        if not beside:
            break
        taken = max(beside, key=lambda place: (scores[place], place))
        chosen.append(taken)
        words -= len(found[taken].text.split())
    return chosen


def _may_be_shown(item: Evidence) -> bool:
    return item.passage.field == "text" and not item.passage.listing


def _said(line: Line, earlier: Sequence[str]) -> bool:
    """Whether an earlier quotation holds a line, or the line an earlier quotation."""
    letters = _letters(line.text)
    return any(letters in other or other in letters for other in earlier)


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
