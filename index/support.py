"""Support: how likely a passage is to answer a question, from a few signals that agree or do not.

    coverage of the question by the passage, its place in the ranking, the nearest piece to each asked word, nearness in
    meaning of the best sentence ─► logistic combination (index.answer) ─► probability

Words show what is left open: a passage about all but one of the asked words does not answer. The ranking shows which of the
passages that hold them is meant. A window is a sentence or bullet with the one before it, read with the title above it, its
section and its document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from index.calibration import Calibration
from index.coverage import Degrees, Matcher, Matches
from index.fusion import Fused
from index.matches import EncodedQuery
from index.vectors import Vector, Vectors
from kb.language import detect, sentences
from kb.model import Evidence, Language, Span

# What a match counts for by where it stands, beside 1 in the sentence itself.
IN_TITLE, IN_SECTION, IN_DOCUMENT, BEFORE = 0.95, 0.7, 0.6, 0.8
# An asked word of so much weight is not allowed to be left open (see `least`).
WEIGHTY = 0.6
# A question of more asked words is as long as it gets.
LONGEST_QUESTION = 8
# Added to the standard deviation of late interaction, so that equal passages do not stand out by chance.
LEAST_SPREAD = 0.02
# A z-score above this says no more: a translation of the question lies about there.
HIGHEST = 12.0


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a passage answering a question; each grows with it."""

    coverage: float
    """Of the question by the passage with its title, section and document, 0 to 1."""
    window: float
    """Of the question by the best window, 0 to 1."""
    title: float
    """Of the question by the page's title alone, 0 to 1."""
    named: float
    """Of the title by the question: how much of the title is about it, 0 to 1."""
    least: float
    """Of the least covered of the weighty words, 0 to 1."""
    weakest: float | None
    """Of the pieces of the weighty words the one that the passage comes least near to: the cosine of its nearest piece; None
    where pieces are not compared."""
    prominence: float
    """Late interaction (`index.reranker`) in standard deviations above the mean of the candidates."""
    share: float
    """The passage's score in the ranking, as a share of the best one's, 0 to 1."""
    foreign: float
    """1 where the passage is in another language than the question, so that words can hardly cover it; else 0."""
    length: float
    """Number of asked words, at most LONGEST_QUESTION: of a long question less is covered by chance."""
    sentence: float
    """z-score of the nearest sentence, in tens."""
    passage: float
    """z-score of the passage as a whole, in tens."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or bullet of a passage, with what speaks for quoting it."""

    span: Span
    """In the passage's text."""
    covered: Degrees
    """By the unit alone."""
    window: float
    """Coverage by the unit read with what stands around it."""
    z_score: float
    focus: float
    """Coverage by the unit alone, where rare words count more (`Matcher.focus`)."""


@dataclass(frozen=True)
class Asking:
    """A question as passages are measured against it."""

    matcher: Matcher
    query: EncodedQuery
    calibration: Calibration

    @property
    def vector(self) -> Vector:
        return self.query.vector

    @cached_property
    def language(self) -> Language | None:
        """The language of the question; None where it is not clear."""
        return detect(self.matcher.question.text)

    @cached_property
    def weighty(self) -> list[int]:
        """The places of the query's pieces that belong to a weighty word."""
        spans = [word.span for word in self.matcher.question.asked if word.span and word.weight >= WEIGHTY]
        return [
            place
            for place, piece in enumerate(self.query.spans)
            if any(piece.start < span.end and span.start < piece.end for span in spans)
        ]

    def z_scores(self, item: Evidence, vectors: Vectors | None) -> Sequence[float]:
        """How near sentences of a passage are to the question, in standard deviations above unrelated texts."""
        if vectors is None or not len(vectors):
            return ()
        spoken = item.passage.language or item.document.language
        level, spread = self.calibration.level(self.vector)[spoken], self.calibration.spreads()[spoken]
        return [float(cosine) for cosine in (vectors @ self.vector - level) / spread]


@dataclass(frozen=True, slots=True)
class Supported:
    """A passage with its units and its signals."""

    evidence: Evidence
    units: tuple[Unit, ...]
    signals: Signals
    covered: Degrees
    """By the passage read with its title, section and document."""
    context: Degrees
    """By title, section and document alone."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """How a passage came out of retrieval."""

    z_score: float = 0.0
    """Of its similarity to the query, in standard deviations above unrelated texts."""
    share: float = 1.0
    """Its score as a share of the best one's, 0 to 1."""
    nearness: Vector | None = None
    """The cosine of its nearest piece to each piece of the query, shape (pieces,); None where pieces are not compared."""
    prominence: float = 0.0
    """See Signals."""


def retrieved(hits: Sequence[Fused], best: float, nearness: Mapping[int, Vector]) -> list[Retrieved]:
    """How the candidates of an answer came out of retrieval; `best` is the score of the best hit."""
    late = np.array([float(nearness[hit.passage_id].mean()) for hit in hits if hit.passage_id in nearness])
    mean, spread = (float(late.mean()), float(late.std()) + LEAST_SPREAD) if len(late) else (0.0, 1.0)
    found = []
    for hit in hits:
        near = nearness.get(hit.passage_id)
        prominence = 0.0 if near is None else (float(near.mean()) - mean) / spread
        found.append(Retrieved(hit.z_score, hit.score / best if best > 0 else 0.0, near, prominence))
    return found


def supported(asking: Asking, item: Evidence, vectors: Vectors | None, place: Retrieved = Retrieved()) -> Supported:
    """Measure how far a passage answers: `vectors` (n, d) of its first n sentences, and how it came out of retrieval."""
    matcher = asking.matcher
    text, title = item.passage.text, item.page.title or ""
    matches = matcher.match(text)
    of_title = matcher.match(title)
    in_title = of_title.within()
    context = in_title * IN_TITLE
    for above, share in ((item.page.section, IN_SECTION), (item.document.title, IN_DOCUMENT)):
        if above and above != title:
            context = np.maximum(context, matcher.match(above).within() * share)
    units = tuple(_units(text, matcher, matches, context, asking.z_scores(item, vectors)))
    covered = np.maximum(matches.within(), context)
    weighty = matcher.weights >= WEIGHTY
    spoken = item.passage.language or item.document.language
    signals = Signals(
        coverage=float(matcher.coverage(covered)),
        window=max((unit.window for unit in units), default=0.0),
        title=0.0 if title == item.document.title else float(matcher.coverage(in_title)),
        named=_named(of_title),
        least=float(covered[weighty].min()) if weighty.any() else 1.0,
        weakest=_weakest(place.nearness, asking.weighty),
        prominence=place.prominence,
        share=place.share,
        foreign=float(asking.language is not None and spoken is not None and asking.language != spoken),
        length=float(min(LONGEST_QUESTION, len(matcher.question.asked))),
        sentence=min(HIGHEST, max((unit.z_score for unit in units), default=0.0)) / 10,
        passage=min(HIGHEST, place.z_score) / 10,
    )
    return Supported(item, units, signals, covered, context)


def _weakest(nearness: Vector | None, weighty: Sequence[int]) -> float | None:
    """The least cosine among those of weighty pieces, 0 where there is none; None without cosines."""
    if nearness is None:
        return None
    return float(nearness[weighty].min()) if weighty else 0.0


def _units(text: str, matcher: Matcher, matches: Matches, context: Degrees, z_scores: Sequence[float]) -> list[Unit]:
    spans = sentences(text)
    if not spans:
        return []
    covered = matches.within_each(spans)
    windows = np.maximum(covered, context)
    windows[1:] = np.maximum(windows[1:], covered[:-1] * BEFORE)
    scores = [*z_scores[: len(spans)], *[0.0] * (len(spans) - len(z_scores))]
    coverages, focused = matcher.coverage(windows).tolist(), matcher.focus(covered).tolist()
    return [Unit(*unit) for unit in zip(spans, covered, coverages, scores, focused, strict=True)]


def _named(matches: Matches) -> float:
    """The share of the words of a title that the question asks for."""
    if not matches.starts or not len(matches.degrees):
        return 0.0
    best = matches.degrees[: matches.asked].max(axis=0)
    return float(best.mean())
