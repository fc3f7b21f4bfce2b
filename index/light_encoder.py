"""A sentence encoder as ONNX, run by onnxruntime and tokenizers, without torch.

A folder holds `model.onnx`, `tokenizer.json` and a `config.json` of: name, dimension, max_length (in pieces), pooling
(`mean`, `cls`, or none when the graph gives a `sentence_embedding`), query_prompt, document_prompt. Token vectors come
from the graph's output `token_states` or `last_hidden_state`; a graph with neither gives none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from index.vectors import Vector, Vectors, readable, unit
from kb.errors import ModelError
from kb.model import Span

# A batch is as many texts as fit: time and memory depend on the padded number of pieces.
BATCH_PIECES = 4096
BATCH_TEXTS = 64
# Texts are sorted by length within a block, so that a batch pads little and memory stays flat however many there are.
BLOCK = 1024

_REMEDY = "fetch the model again"
_POOLED = "sentence_embedding"
_TOKEN_OUTPUTS = ("token_states", "last_hidden_state")


@dataclass(frozen=True, slots=True)
class LightConfig:
    """The settings in a model folder's `config.json`."""

    name: str
    dimension: int
    max_length: int
    pooling: str | None
    query_prompt: str
    document_prompt: str
    languages: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read `config.json`. Raises ModelError when it is missing, damaged or incomplete."""
        path = folder / "config.json"
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ModelError(f"the model folder {folder} has no config.json: {_REMEDY}") from None
        except (OSError, ValueError) as error:
            raise ModelError(f"{path} cannot be read ({error}): {_REMEDY}") from error
        try:
            config = cls(
                name=str(values.get("name", folder.name)),
                dimension=int(values["dimension"]),
                max_length=int(values["max_length"]),
                pooling=values.get("pooling"),
                query_prompt=str(values.get("query_prompt") or ""),
                document_prompt=str(values.get("document_prompt") or ""),
                languages=tuple(str(language) for language in values.get("languages") or ()),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{path} lacks a usable {error}: {_REMEDY}") from error
        if config.pooling not in ("mean", "cls", None):
            raise ModelError(f"{path} asks for pooling {config.pooling!r}: known are mean and cls")
        return config

    def digest_input(self) -> bytes:
        """The settings that a vector depends on."""
        keys = ("max_length", "pooling", "query_prompt", "document_prompt")
        return json.dumps({key: getattr(self, key) for key in keys}, sort_keys=True).encode()


class LightEncoder:
    """Encodes texts with an ONNX model. Safe to share between threads."""

    # A query takes one thread: two would make it little quicker, and the words are looked up on the other core meanwhile.
    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._config = LightConfig.read(folder)
        for needed in ("model.onnx", "tokenizer.json"):
            if not (folder / needed).is_file():
                raise ModelError(f"the model folder {folder} has no {needed}: {_REMEDY}")
        self._folder = folder
        with ThreadPoolExecutor(1) as reading:  # the files are read for their checksum while they are loaded
            fingerprint = reading.submit(self._make_fingerprint)
            self._tokenizer = self._open_tokenizer(folder / "tokenizer.json")
            self._session = self._open_session(min(threads, os.cpu_count() or 1))
            self._session_for_many: Any = None
            self._inputs = [given.name for given in self._session.get_inputs()]
            outputs = [given.name for given in self._session.get_outputs()]
            self._token_output = next((name for name in _TOKEN_OUTPUTS if name in outputs), None)
            self._output = self._choose_output(outputs)
            self._fingerprint = fingerprint.result()

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def languages(self) -> tuple[str, ...]:
        return self._config.languages

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._config.dimension

    @property
    def model_file(self) -> Path:
        """The graph with its weights."""
        return self._folder / "model.onnx"

    @property
    def gives_tokens(self) -> bool:
        """Whether the graph gives the states of word pieces."""
        return self._token_output is not None

    def piece_ids(self, text: str) -> list[int]:
        """The ids of the pieces of a text, without special ones."""
        ids: list[int] = self._tokenizer.encode(readable(text, self._config.max_length), add_special_tokens=False).ids
        return ids

    def encode_query(self, text: str) -> Vector:
        ids = self._piece_ids([self._config.query_prompt + text])
        vector: Vector = unit(self._pooled(self._session, ids))[0]
        return vector

    def encode_query_tokens(self, text: str) -> tuple[Vector, Vectors, tuple[Span, ...]]:
        """The vector of a query, the states (n, d) of its pieces and the span of each, empty in the prompt; from one pass."""
        prompt = self._config.query_prompt
        encoding = self._tokenizer.encode(readable(prompt + text, self._config.max_length))
        pooled, (states,) = self._with_states(self._session, [encoding.ids])
        return unit(pooled)[0], states, _spans(encoding.offsets, len(prompt))

    def encode_document(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        session = self._choose_session(len(texts))
        for places, ids in self._in_batches(texts, progress):
            vectors[places] = self._pooled(session, ids)
        return unit(vectors) if len(texts) else vectors

    def encode_tokens(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> tuple[Vectors, list[Vectors]]:
        """The vectors (n, d) of passages, and for each the states (pieces, d) of its pieces, from one pass."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        states: list[Vectors] = [vectors] * len(texts)
        session = self._choose_session(len(texts))
        for places, ids in self._in_batches(texts, progress):
            vectors[places], found = self._with_states(session, ids)
            for place, each in zip(places, found, strict=True):
                states[place] = each
        return (unit(vectors) if len(texts) else vectors), states

    def _in_batches(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None
    ) -> Iterator[tuple[list[int], list[list[int]]]]:
        """Batches of passages of like length: their places among the texts, and their piece ids."""
        done = 0
        for start in range(0, len(texts), BLOCK):
            ids = self._piece_ids([self._config.document_prompt + text for text in texts[start : start + BLOCK]])
            for batch in batches([len(row) for row in ids]):
                yield [start + place for place in batch], [ids[place] for place in batch]
                done += len(batch)
                if progress is not None:
                    progress(done, len(texts))

    def _open_tokenizer(self, path: Path) -> Any:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises plain Exception
            raise ModelError(f"{path} cannot be read ({error}): {_REMEDY}") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._config.max_length)
        return tokenizer

    def _open_session(self, threads: int) -> Any:
        # onnxruntime sends events and a device id to its maker unless this is set before it is imported (its Privacy.md).
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that wait for work by spinning take the processor from all other processes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Batches differ in shape; a memory plan kept for each would make memory grow.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        path = self._folder / "model.onnx"
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no public ancestor
            first_line = str(error).strip().splitlines()[0][:200]
            raise ModelError(f"{path} cannot be loaded ({first_line}): {_REMEDY}") from error

    def _choose_session(self, texts: int) -> Any:
        """A session with a thread for each core when there are many texts, else the one for queries."""
        threads = os.cpu_count() or 1
        if texts < BATCH_TEXTS or threads == 1:
            return self._session
        if self._session_for_many is None:
            self._session_for_many = self._open_session(threads)
        return self._session_for_many

    def _choose_output(self, outputs: Sequence[str]) -> str:
        if _POOLED in outputs:
            return _POOLED
        if self._token_output is not None and self._config.pooling is not None:
            return self._token_output
        raise ModelError(
            f"{self._folder / 'model.onnx'} gives {', '.join(outputs)}: wanted is sentence_embedding, "
            "or last_hidden_state and a pooling in config.json"
        )

    def _make_fingerprint(self) -> str:
        digest = hashlib.sha256()
        for filename in ("model.onnx", "tokenizer.json"):
            with (self._folder / filename).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        digest.update(self._config.digest_input())
        return f"onnx:{self.name}:{self.dimension}:{digest.hexdigest()[:16]}"

    def _piece_ids(self, texts: Sequence[str]) -> list[list[int]]:
        encoded = self._tokenizer.encode_batch_fast([readable(text, self._config.max_length) for text in texts])
        return [encoding.ids for encoding in encoded]

    def _with_states(self, session: Any, ids: Sequence[Sequence[int]]) -> tuple[Vectors, list[Vectors]]:
        """The vectors (n, d) of texts, not yet of length one, and the states of their pieces.

        Without special pieces, but for a text that has no others.
        """
        (output, states), mask = self._run(session, [self._output, str(self._token_output)], ids)
        return self._pool(output, mask), [
            each[1 : len(row) - 1] if len(row) > 2 else each[: len(row)] for each, row in zip(states, ids, strict=True)
        ]

    def _pooled(self, session: Any, ids: Sequence[Sequence[int]]) -> Vectors:
        """The vectors (n, d) of texts, not yet of length one."""
        (output,), mask = self._run(session, [self._output], ids)
        return self._pool(output, mask)

    def _pool(self, output: npt.NDArray[np.float32], mask: npt.NDArray[np.int64]) -> Vectors:
        if self._output == _POOLED:
            return output
        if self._config.pooling == "cls":
            return output[:, 0]
        weight = mask[:, :, None].astype(np.float32)
        mean: Vectors = (output * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1.0)
        return mean

    def _run(
        self, session: Any, outputs: Sequence[str], ids: Sequence[Sequence[int]]
    ) -> tuple[list[npt.NDArray[np.float32]], npt.NDArray[np.int64]]:
        """Outputs of the graph for a batch of piece ids, and the attention mask (n, pieces)."""
        longest = max(1, *map(len, ids))
        padded = np.zeros((len(ids), longest), dtype=np.int64)
        mask = np.zeros_like(padded)
        for row, given in enumerate(ids):
            padded[row, : len(given)] = given
            mask[row, : len(given)] = 1
        inputs = {"input_ids": padded, "attention_mask": mask, "token_type_ids": np.zeros_like(padded)}
        # A graph refuses an output that is asked for twice.
        names = list(dict.fromkeys(outputs))
        values = dict(zip(names, session.run(names, {name: inputs[name] for name in self._inputs}), strict=True))
        return [np.asarray(values[output], dtype=np.float32) for output in outputs], mask


def _spans(offsets: Sequence[tuple[int, int]], prompt: int) -> tuple[Span, ...]:
    """Where pieces stand in a text behind a prompt of so many letters, without special pieces but for a text of these alone."""
    places = offsets[1:-1] if len(offsets) > 2 else offsets
    return tuple(Span(max(0, start - prompt), max(0, end - prompt)) for start, end in places)


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group texts of these lengths, in pieces, into batches of like length; each batch is a list of indices."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        longest = lengths[batch[0]] if batch else lengths[index]
        if len(batch) == BATCH_TEXTS or (batch and longest * (len(batch) + 1) > BATCH_PIECES):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
