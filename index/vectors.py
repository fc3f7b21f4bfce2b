"""Vectors of texts, their types, and the cleaning of a text before any tokenizer reads it."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]

# No tokenizer piece is longer than this on average, so a longer text cannot fit the model's maximum of pieces.
LETTERS_PER_PIECE = 40

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


def readable(text: str, pieces: int) -> str:
    """The text without lone surrogates and control characters, cut to what fits in so many `pieces`.

    Each character that is replaced gives one character, so places in the result are places in the text.
    """
    return _UNREADABLE.sub(" ", text[: pieces * LETTERS_PER_PIECE])


def unit(vectors: Vectors) -> Vectors:
    """Scale vectors (n, d) to length one; a vector of zeros becomes the first axis."""
    vectors = np.nan_to_num(np.asarray(vectors, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors / np.maximum(lengths, 1e-12)
    vectors[lengths[:, 0] < 1e-12] = np.eye(1, vectors.shape[1], dtype=np.float32)
    return np.ascontiguousarray(vectors, dtype=np.float32)
