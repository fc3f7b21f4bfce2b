"""Support: how likely a passage is to answer a question, from a few signals that agree or do not.

    coverage of the question by the best window, by the title; nearness in meaning of the best sentence, of the passage
        ─► logistic combination ─► probability, the same scale for ten passages and for ten thousand

A window is a sentence or bullet with the one before it, read with the title above it, its section and its document. No signal
depends on the other passages, but for the word weights, which depend little on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.calibration import Calibration
from index.coverage import Degrees, Matcher, Matches
from index.vectors import Vector, Vectors
from kb.language import sentences
from kb.model import Evidence, Span

# What a match counts for by where it stands, beside 1 in the sentence itself.
IN_TITLE, IN_SECTION, IN_DOCUMENT, BEFORE = 0.95, 0.7, 0.6, 0.8
# An asked word of so much weight is not allowed to be left open (see `least`).
WEIGHTY = 0.75
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
    sentence: float
    """z-score of the nearest sentence, in tens."""
    passage: float
    """z-score of the passage as a whole, in tens."""
    words: float
    """Share of the query's weight that retrieval by words found in it, 0 to 1."""


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


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as passages are measured against it."""

    matcher: Matcher
    vector: Vector
    calibration: Calibration

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


def supported(
    asking: Asking, item: Evidence, vectors: Vectors | None, z_score: float = 0.0, words: float = 0.0
) -> Supported:
    """Measure how far a passage answers: `vectors` (n, d) of its first n sentences, its own z-score and found words."""
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
    signals = Signals(
        coverage=float(matcher.coverage(covered)),
        window=max((unit.window for unit in units), default=0.0),
        title=0.0 if title == item.document.title else float(matcher.coverage(in_title)),
        named=_named(of_title),
        least=float(covered[weighty].min()) if weighty.any() else 1.0,
        sentence=min(HIGHEST, max((unit.z_score for unit in units), default=0.0)) / 10,
        passage=min(HIGHEST, z_score) / 10,
        words=words,
    )
    return Supported(item, units, signals, covered, context)


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
