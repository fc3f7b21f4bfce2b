"""Token vectors: the vectors of a text's word pieces, reduced so that they can be kept for every passage.

    states (n, d) of the encoder ─► projection (d, 64) ─► length one ─► bytes (n, 64)

The projection keeps the directions in which the states of 6,000 Dutch and English sentences differ most (principal
components without centring; `python -m index.teach.projection`). A passage of 100 pieces takes 6 kB. On four judged
collections bytes of 64 directions rank as the whole states do.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, LightEncoder, Vectors

Tokens = npt.NDArray[np.int8]
"""Reduced vectors of the pieces of a text, shape (n, directions)."""

FILE = "token_projection.npy"
SCALE = 127


@dataclass(frozen=True, slots=True)
class TokenSpace:
    """The projection of an encoder's token vectors."""

    encoder: LightEncoder
    projection: npt.NDArray[np.float32]
    """Shape (d, directions)."""

    @property
    def fingerprint(self) -> str:
        """Another for another projection."""
        return f"tokens-{hashlib.sha256(self.projection.tobytes()).hexdigest()[:8]}"

    def reduce(self, states: Vectors) -> Vectors:
        """The states of pieces (n, d) as vectors of length one (n, directions)."""
        reduced = states @ self.projection
        lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
        vectors: Vectors = (reduced / np.maximum(lengths, 1e-9)).astype(np.float32)
        return vectors

    def kept(self, states: Vectors) -> Tokens:
        """The states of pieces as they are stored."""
        return np.rint(self.reduce(states) * SCALE).astype(np.int8)


def open_token_space(encoder: Encoder) -> TokenSpace | None:
    """The token space of an encoder; None for one without a projection, or without token vectors."""
    if not isinstance(encoder, LightEncoder) or not encoder.gives_tokens:
        return None
    path = Path(encoder.model_file).with_name(FILE)
    return TokenSpace(encoder, np.load(path).astype(np.float32)) if path.is_file() else None
