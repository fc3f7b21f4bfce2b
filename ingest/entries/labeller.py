"""The sequence labeller: the part of an entry that each word belongs to, by a conditional random field.

    text ─► words ─► features ─► label of each word ─► parts (authors, date, title, container, …) with a probability

A linear-chain conditional random field (Lafferty, McCallum & Pereira, 2001). CRFsuite teaches it (`ingest.teach`); decoding is a
matrix product per word, so numpy does it and reading needs no compiled package beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.entries.features import features, words_of

MODEL = "references.npz"
_DECISIVE = ("author", "title", "date")
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Field:
    """A linear-chain conditional random field over `labels`."""

    labels: tuple[str, ...]
    rows: dict[str, int]
    """The row of each feature in `weights`."""
    weights: Floats
    """Shape (features + 1, labels): the last row is zero, for features that were never seen."""
    transitions: Floats
    """Shape (labels, labels): from the label of one word to that of the next."""

    def scores(self, described: Sequence[Sequence[str]]) -> Floats:
        """The score of each label for each word: shape (words, labels)."""
        unknown = len(self.weights) - 1
        rows = [self.rows.get(feature, unknown) for word in described for feature in word]
        starts = np.cumsum([0, *(len(word) for word in described[:-1])])
        summed: Floats = np.add.reduceat(self.weights[rows], starts, axis=0)
        return summed

    def best_path(self, scores: Floats) -> list[int]:
        """The most probable sequence of labels (Viterbi, 1967)."""
        total, behind = scores[0], []
        for score in scores[1:]:
            candidates = total[:, None] + self.transitions
            behind.append(candidates.argmax(axis=0))
            total = candidates.max(axis=0) + score
        path = [int(total.argmax())]
        for before in reversed(behind):
            path.append(int(before[path[-1]]))
        return path[::-1]

    def marginals(self, scores: Floats) -> Floats:
        """The probability of each label for each word (forward–backward, each word normalised): shape (words, labels)."""
        local = np.exp(scores - scores.max(axis=1, keepdims=True))
        step = np.exp(self.transitions - self.transitions.max())
        forward, backward = local.copy(), np.ones_like(local)
        for at in range(len(scores)):
            if at:
                forward[at] *= forward[at - 1] @ step
            forward[at] /= forward[at].sum()
        for at in range(len(scores) - 2, -1, -1):
            backward[at] = step @ (local[at + 1] * backward[at + 1])
            backward[at] /= backward[at].sum()
        joint: Floats = forward * backward
        joint /= joint.sum(axis=1, keepdims=True)
        return joint

    def save(self, path: Path) -> None:
        """Write the field to a compressed file, its weights in half precision."""
        text = "\n".join(self.rows).encode()
        np.savez_compressed(
            path,
            labels=np.array(self.labels),
            features=np.frombuffer(text, dtype=np.uint8),
            weights=self.weights[:-1].astype(np.float16),
            transitions=self.transitions,
        )


def load(path: Path) -> Field:
    """A field as `Field.save` wrote it."""
    with np.load(path, allow_pickle=False) as stored:
        names = stored["features"].tobytes().decode().split("\n")
        weights = np.vstack([stored["weights"].astype(np.float32), np.zeros((1, len(stored["labels"])), np.float32)])
        labels = tuple(str(label) for label in stored["labels"])
        return Field(labels, {name: row for row, name in enumerate(names)}, weights, stored["transitions"])


@lru_cache(maxsize=1)
def _field() -> Field:
    """The field that the package carries: only documents with references need it, so it is loaded at their first entry."""
    with as_file(files("ingest.entries").joinpath("model", MODEL)) as path:
        return load(path)


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring words of an entry with the same label."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """An entry in parts."""

    parts: tuple[Part, ...]
    confidence: float
    """The mean probability of the labels of authors, title or date, whichever is least; from 0 to 1."""

    def first(self, *labels: str) -> str:
        """The text of the first part with one of these labels; empty when there is none."""
        return next((part.text for part in self.parts if part.label in labels), "")

    def all(self, *labels: str) -> str:
        """The texts of all parts with one of these labels."""
        return " ".join(part.text for part in self.parts if part.label in labels)


def label(text: str) -> Labelled:
    """The parts of an entry."""
    words = words_of(text)
    if not words:
        return Labelled((), 0.0)
    field = _field()
    scores = field.scores(features(words))
    path = field.best_path(scores)
    probabilities = [float(p) for p in field.marginals(scores)[np.arange(len(path)), path]]
    labels = [field.labels[at] for at in path]
    runs = groupby(zip(labels, words, strict=True), key=lambda pair: pair[0])
    parts = tuple(Part(name, " ".join(word for _, word in run)) for name, run in runs)
    return Labelled(parts, round(_confidence(labels, probabilities), 3))


def _confidence(labels: Sequence[str], probabilities: Sequence[float]) -> float:
    """The mean probability of each decisive label's words, for the label with the least."""
    means = []
    for decisive in _DECISIVE:
        of_label = [p for name, p in zip(labels, probabilities, strict=True) if name == decisive]
        if of_label:
            means.append(sum(of_label) / len(of_label))
    return min(means, default=0.0)
