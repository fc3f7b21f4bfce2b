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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.coverage import Matcher
from index.questions import Question, read_question, stems_to_look_up
from index.quotes import Line, is_slide, lines
from index.support import Asking, Signals, Supported, Unit, supported
from kb.model import Answer, Evidence, Query, Sentence

if TYPE_CHECKING:
    from index.searcher import Searcher

# Passages in which an answer is looked for, best first; what ranks lower resembles the question and does not answer it.
MOST_PASSAGES = 12
# Passages that are named as the closest where none answers.
MOST_CLOSEST = 3
# An answer is read at a glance: at most so many sources, and so many words over all of them.
MOST_SOURCES = 3
MOST_WORDS = 105
# Of these the first source may take the first share, and each further one the second.
FIRST_WORDS, FURTHER_WORDS = 75, 35
# A further source is left out where it would make more sentences than this; a slide that answers alone may have more bullets.
MOST_SENTENCES = 5
# Sentences from a text; a slide may give more bullets.
FIRST_LINES, FURTHER_LINES = 4, 2

# The probability that a passage answers: a logistic regression on the signals of index.support.
WEIGHTS = {
    "coverage": 5.1, "window": 0.8, "title": -1.6, "named": 3.4, "sentence": 2.8, "passage": 1.8, "words": 1.1,
}  # fmt: skip
BIAS = -7.7
# Below this probability a passage does not answer; a further source has besides so much of the first one's.
FLOOR = 0.25
BESIDE_FIRST = 0.5
# What is taken off the log odds where the kind of thing that is asked for is not there: a date or time, a number, a name.
NO_DATE, NO_NUMBER, NO_NAME = 8.0, 4.0, 1.5

_DATE = re.compile(
    r"""\b(?:\d{1,2}[:.]\d\d|(?:1[89]|20)\d\d|\d{1,2}\s*(?:uur|u|am|pm)\b|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag
    |monday|tuesday|wednesday|thursday|friday|saturday|sunday|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober
    |november|december|january|february|march|may|june|july|august|october)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER = re.compile(
    r"""\d|%|\b(?:één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|half|halve|helft|kwart|derde|honderd|duizend|tientallen|two
    |three|four|five|six|seven|eight|nine|ten|half|quarter|third|hundred|thousand|dozens?|twice|once|per\s*cent|procent)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NAME = re.compile(
    r"\b[A-ZÀ-Þ][\w'’-]+\s+(?:(?:van|de|den|der|von|ter|ten|&|and|en)\s+){0,3}[A-ZÀ-Þ][\w'’-]+|\([A-ZÀ-Þ][\w'’-]+"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with the lines that may be quoted from it and the probability that it answers."""

    support: Supported
    lines: tuple[Line, ...]
    probability: float

    @property
    def evidence(self) -> Evidence:
        return self.support.evidence


def ask(searcher: Searcher, query: Query, n: int = 10) -> Answer:
    """The answer to a query, with at most `n` hits as evidence, from one retrieval."""
    if not query.text.strip():
        return Answer(query)
    retrieval = searcher.retrieve(query)
    hits = searcher.evidence(retrieval, n)
    question = read_question(query.text, searcher.term_shares(stems_to_look_up(query.text), retrieval.count))
    offered = searcher.candidates(retrieval, MOST_PASSAGES)
    kept = searcher.dense.sentence_vectors([item.passage.id for _, item in offered])
    asking = Asking(Matcher(question, searcher.word_space), searcher.encode(query.text), searcher.calibration)
    measured = [supported(asking, item, kept.get(item.passage.id), hit.z_score, hit.coverage) for hit, item in offered]
    answered = answer(question, measured)
    closest = () if answered else tuple(item for item in hits if _may_be_shown(item))[:MOST_CLOSEST]
    return Answer(query, hits, *answered, closest=closest) if answered else Answer(query, hits, closest=closest)


def answer(
    question: Question, measured: Sequence[Supported]
) -> tuple[tuple[Sentence, ...], tuple[Evidence, ...]] | None:
    """The sentences that answer and their sources; None where no passage reaches the floor."""
    if not question.asked:
        return None
    candidates = sorted(_candidates(question, measured), key=lambda each: -each.probability)
    chosen = [each for each in candidates if each.probability >= FLOOR]
    if not chosen:
        return None
    chosen = [each for each in chosen if each.probability >= BESIDE_FIRST * chosen[0].probability][:MOST_SOURCES]
    sentences: list[Sentence] = []
    sources: list[Evidence] = []
    left = MOST_WORDS
    earlier: list[str] = []
    for place, each in enumerate(chosen):
        room = min(left, FURTHER_WORDS if place else (FIRST_WORDS if len(chosen) > 1 else MOST_WORDS))
        quoted = [
            line for line in quote(each, room, FURTHER_LINES if place else FIRST_LINES) if not _said(line, earlier)
        ]
        if not quoted or (sources and len(sentences) + len(quoted) > MOST_SENTENCES):
            continue
        sources.append(each.evidence)
        for line in quoted:
            sentences.append(Sentence(line.text, len(sources), line.span.start, line.span.end))
            earlier.append(_letters(line.text))
            left -= len(line.text.split())
    return (tuple(sentences), tuple(sources)) if sentences else None


def probability(signals: Signals, penalty: float = 0.0) -> float:
    """The probability that a passage with these signals answers; `penalty` is taken off the log odds."""
    odds = BIAS - penalty + sum(weight * getattr(signals, name) for name, weight in WEIGHTS.items())
    return 1 / (1 + math.exp(-odds))


def _candidates(question: Question, measured: Sequence[Supported]) -> Iterator[Candidate]:
    """The passages from which something may be quoted and that hold each name that the question names."""
    literal = np.array([word.literal for word in question.asked], dtype=bool)
    for each in measured:
        found = tuple(lines(each.evidence, [unit.span for unit in each.units]))
        if not any(line.quotable for line in found):
            continue
        if literal.any() and float(each.covered[literal].min()) < 0.5:
            continue
        yield Candidate(each, found, probability(each.signals, _penalty(question, found)))


def _penalty(question: Question, found: Sequence[Line]) -> float:
    """What the log odds lose where no line holds the kind of thing that is asked for."""
    patterns = {"when": (_DATE, NO_DATE), "number": (_NUMBER, NO_NUMBER), "who": (_NAME, NO_NAME)}
    if question.kind not in patterns:
        return 0.0
    pattern, penalty = patterns[question.kind]
    return 0.0 if any(pattern.search(line.text) for line in found if line.quotable) else penalty


def quote(candidate: Candidate, words: int, most: int) -> list[Line]:
    """The lines to quote from a passage, in reading order, of at most so many words: of a slide as much as fits."""
    found, units = candidate.lines, candidate.support.units
    scores = [_score(line, unit) if line.quotable else -1.0 for line, unit in zip(found, units, strict=True)]
    whole = [place for place, line in enumerate(found) if line.quotable]
    if is_slide(found):
        return [found[place] for place in _best_that_fit(found, whole, scores, words)]
    best = max(
        (place for place in whole if found[place].alone), key=lambda place: (scores[place], -place), default=None
    )
    if best is None:
        return []
    return [found[place] for place in sorted(_around(found, best, scores, words, most))]


def _score(line: Line, unit: Unit) -> float:
    """How much a line has to do with the question, 0 to about 2."""
    return unit.window + float(unit.covered.mean() if len(unit.covered) else 0.0) + unit.z_score / 10


def _best_that_fit(found: Sequence[Line], places: Sequence[int], scores: Sequence[float], words: int) -> list[int]:
    """The places of the best lines that fit in so many words, in reading order."""
    chosen: list[int] = []
    for place in sorted(places, key=lambda place: (-scores[place], place)):
        length = len(found[place].text.split())
        if length <= words:
            chosen.append(place)
            words -= length
    return sorted(chosen) if any(found[place].alone for place in chosen) or len(chosen) > 1 else []


def _around(found: Sequence[Line], best: int, scores: Sequence[float], words: int, most: int) -> list[int]:
    """The best line and what stands beside it, on the better side first, as far as it fits; a list goes with its head."""
    chosen = [best]
    words -= len(found[best].text.split())
    while len(chosen) < most or found[max(chosen)].introduces:
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
