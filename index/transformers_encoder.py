"""Any model that sentence-transformers can load, from a folder or by name. Needs torch."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.vectors import Vector, Vectors, readable, unit
from kb.errors import MissingExtra, ModelError

# Texts are encoded in blocks, so that progress can be shown.
BLOCK = 1024
# Models that want prompts but, in older copies, do not carry them.
KNOWN_PROMPTS = (
    (re.compile(r"\be5-(small|base|large)(-v2)?\b(?!.*instruct)"), {"query": "query: ", "document": "passage: "}),
)


class TransformersEncoder:
    """Encodes texts through sentence-transformers. Safe to share between threads."""

    def __init__(self, model: str) -> None:
        self.name = model
        self._check_folder(Path(model))
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # the doors show progress
            self._model = SentenceTransformer(model, device="cpu")
        except ModuleNotFoundError as error:
            raise MissingExtra(f"the model {model}", "models") from error
        except Exception as error:  # a foreign model folder can raise anything
            first_line = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
            raise ModelError(f"the model {model} cannot be loaded ({first_line}): check KB_MODEL") from error
        self._model.eval()
        self._max_length = int(self._model.get_max_seq_length() or 512)
        self._prompts = self._find_prompts()
        self._dimension = int(self.encode_query("").shape[0])
        self._fingerprint = self._make_fingerprint()

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode_query(self, text: str) -> Vector:
        vector: Vector = self._encode([self._prompts["query"] + text])[0]
        return vector

    def encode_document(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        vectors: list[Vectors] = []
        for start in range(0, len(texts), BLOCK):
            block = texts[start : start + BLOCK]
            vectors.append(self._encode([self._prompts["document"] + text for text in block]))
            if progress is not None:
                progress(start + len(block), len(texts))
        return np.concatenate(vectors)

    @staticmethod
    def _check_folder(folder: Path) -> None:
        if not folder.is_dir():
            return
        if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
            raise ModelError(f"the model folder {folder} has no config.json or modules.json: fetch the model again")
        weights = ("*.safetensors", "*.bin", "*.onnx", "*.xml")
        if not any(next(folder.rglob(pattern), None) for pattern in weights):
            raise ModelError(f"the model folder {folder} has no model.safetensors: fetch the model again")

    def _find_prompts(self) -> dict[str, str]:
        prompts = {key: value for key, value in (self._model.prompts or {}).items() if value}
        for pattern, known in KNOWN_PROMPTS:
            if not prompts and pattern.search(Path(self.name).name.lower()):
                prompts = dict(known)
        default = prompts.get(self._model.default_prompt_name or "", "")
        document = prompts.get("document") or prompts.get("passage") or prompts.get("corpus") or default
        return {"query": prompts.get("query") or default, "document": document}

    def _make_fingerprint(self) -> str:
        digest = hashlib.sha256()
        for key, value in sorted(self._model.state_dict().items()):
            digest.update(f"{key} {value.dtype} {tuple(value.shape)}".encode())
            digest.update(value.detach().cpu().contiguous().flatten().view(dtype=_byte_type()).numpy())
        backend = getattr(getattr(self._model, "tokenizer", None), "backend_tokenizer", None)
        digest.update(backend.to_str().encode() if backend is not None else b"")
        digest.update(json.dumps([self._max_length, self._prompts, str(self._model)], sort_keys=True).encode())
        return f"torch:{Path(self.name).name}:{self._dimension}:{digest.hexdigest()[:16]}"

    def _encode(self, texts: Sequence[str]) -> Vectors:
        try:
            # The prompt is part of the text already; an empty one keeps the model's own from being added.
            vectors = self._model.encode(
                [readable(text, self._max_length) for text in texts],
                batch_size=32,
                prompt="",
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        except Exception as error:
            raise ModelError(f"the model {self.name} cannot encode ({error}): check KB_MODEL") from error
        return unit(np.asarray(vectors, dtype=np.float32))


def _byte_type() -> Any:
    import torch

    return torch.uint8
