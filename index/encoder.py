"""Encoders: texts become vectors of length one, so that an inner product is a cosine.

                       ┌─ a folder with model.onnx ──► LightEncoder         onnxruntime and tokenizers: 0.5 s to a vector
    open_encoder(model)┤
                       └─ any other folder or name ──► TransformersEncoder  sentence-transformers: 10 s, and any model

Only the encoder modules know a model. Everything that a vector depends on (weights, tokenizer, prompts, pooling, length,
implementation) makes up the encoder's fingerprint; vectors of two fingerprints are never compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from index.light_encoder import LightEncoder
from index.transformers_encoder import TransformersEncoder
from index.vectors import Vector, Vectors, unit
from kb.errors import ModelError

__all__ = [
    "SHIPPED", "Encoder", "LightEncoder", "Progress", "TransformersEncoder", "Vector", "Vectors", "open_encoder",
    "unit",
]  # fmt: skip

Progress = Callable[[int, int], None]
"""Called with (done, total)."""

SHIPPED = Path(__file__).parent / "model"


class Encoder(Protocol):
    """Turns texts into vectors of length one."""

    @property
    def fingerprint(self) -> str:
        """Identifies everything that the vectors depend on."""

    @property
    def dimension(self) -> int:
        """Length of a vector, d."""

    def encode_query(self, text: str) -> Vector:
        """The vector of a query, float32 (d,)."""

    def encode_document(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """The vectors of passages, float32 (n, d), in the same order."""


def open_encoder(model: str | None = None) -> Encoder:
    """The encoder for a model folder or name; None for the one that is shipped.

    Raises ModelError, naming what is missing.
    """
    if model is None:
        return LightEncoder(SHIPPED)
    folder = Path(model).expanduser()
    if folder.is_dir():
        return LightEncoder(folder) if _is_light(folder) else TransformersEncoder(str(folder))
    if folder.exists() or folder.is_absolute() or model.startswith((".", "~")):
        raise ModelError(f"there is no model folder {model}: set KB_MODEL to a folder or the name of a model")
    return TransformersEncoder(model)


def _is_light(folder: Path) -> bool:
    """Whether the folder is one for the light encoder, complete or not."""
    if (folder / "modules.json").is_file():
        return False  # a sentence-transformers folder; some of those carry an ONNX file too
    try:
        return "model_type" not in json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True
