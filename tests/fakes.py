"""Small things that behave: a tiny encoder, and writers of small real files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt


class LetterEncoder:
    """A text is its letter counts: deterministic, quick, and texts with the same letters mean the same."""

    def __init__(self, name: str = "letters-1", dimension: int = 26) -> None:
        self._name = name
        self._dimension = dimension
        self.encoded: list[str] = []
        """The passages it was given, in order."""

    @property
    def fingerprint(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode_query(self, text: str) -> npt.NDArray[np.float32]:
        vector: npt.NDArray[np.float32] = self._vectors([text])[0]
        return vector

    def encode_document(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.encoded.extend(texts)
        if progress is not None:
            progress(len(texts), len(texts))
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        counts = np.full((len(texts), self._dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    counts[row, (ord(letter) - ord("a")) % self._dimension] += 1
        lengths = np.linalg.norm(counts, axis=1, keepdims=True)
        return np.asarray(counts / np.maximum(lengths, 1e-12), dtype=np.float32)


class WordEncoder(LetterEncoder):
    """A text is its words: texts that share words are near, and those that share none lie at right angles.

    `same` gives words one meaning, as a bilingual encoder would.
    """

    def __init__(self, name: str = "words-1", dimension: int = 512, same: dict[str, str] | None = None) -> None:
        super().__init__(name, dimension)
        self._same = same or {}
        self._places: dict[str, int] = {}

    def _vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        counts = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                if len(word) > 3:
                    meaning = self._same.get(word, word)
                    place = self._places.setdefault(meaning, len(self._places) % (self._dimension - 1))
                    counts[row, place] += 1
        counts[:, -1] = 1e-3
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), dtype=np.float32)
