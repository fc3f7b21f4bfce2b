"""Student: a small BERT that turns word pieces into one unit vector, written out so that each step is cheap.

    piece ids ─► embeddings ─► layers of attention and feed-forward ─► mean over the pieces ─► a unit vector

It reads and writes the usual sentence-transformers folder (BERT, mean pooling, normalised). Three things differ from
the library's BERT, all for speed on a few cores: drop-out is left out, attention is spelled out (for short sentences
that beats the fused kernel's backward pass four to one), and the embedding table is outside autograd, so that a
step touches only the rows it used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

PADDING = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of the encoder, as `config.json` gives it."""

    width: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float

    @staticmethod
    def read(folder: Path) -> Shape:
        """Read `config.json`; a folder that is not a BERT is a ValueError."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") != "bert":
            raise ValueError(f"{folder}: only BERT encoders can be taught, not {config.get('model_type')}")
        return Shape(
            config["hidden_size"],
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["intermediate_size"],
            config["max_position_embeddings"],
            config["layer_norm_eps"],
        )


class Layer(nn.Module):
    """One transformer layer, normalised after each half as BERT does."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.look = nn.Linear(shape.width, 3 * shape.width)
        self.gather = nn.Linear(shape.width, shape.width)
        self.settle = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.widen = nn.Linear(shape.width, shape.inner)
        self.narrow = nn.Linear(shape.inner, shape.width)
        self.rest = nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, states: Tensor, hidden: Tensor | None) -> Tensor:
        """Map states (batch, pieces, width) to states; `hidden` (batch, 1, 1, pieces) is -inf-like where padded."""
        many, long, width = states.shape
        heads, kind = self.shape.heads, states.dtype
        looked = _linear(states, self.look).view(many, long, 3, heads, width // heads)
        query, key, value = looked.permute(2, 0, 3, 1, 4)
        scores = torch.matmul(query, key.transpose(-1, -2)) * (width // heads) ** -0.5
        if hidden is not None:
            scores = scores + hidden.to(kind)
        seen = torch.matmul(torch.softmax(scores, -1), value).transpose(1, 2).reshape(many, long, width)
        states = _norm(states + _linear(seen, self.gather), self.settle)
        return _norm(states + _linear(functional.gelu(_linear(states, self.widen)), self.narrow), self.rest)


class Student(nn.Module):
    """The encoder: `table` (pieces, width) holds the embeddings, everything else is a parameter."""

    def __init__(self, shape: Shape, table: Tensor) -> None:
        super().__init__()
        self.shape = shape
        self.table = table
        self.places = nn.Parameter(torch.zeros(shape.positions, shape.width))
        self.kind = nn.Parameter(torch.zeros(2, shape.width))
        self.start = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))

    @staticmethod
    def read(folder: Path) -> Student:
        """Load a sentence-transformers folder that holds a BERT."""
        weights = load_file(folder / "model.safetensors")
        student = Student(Shape.read(folder), weights["embeddings.word_embeddings.weight"].float().clone())
        student.take(weights)
        return student

    def take(self, weights: dict[str, Tensor]) -> None:
        """Copy weights under their BERT names into place (the embedding table too)."""
        self.table = weights["embeddings.word_embeddings.weight"].float().clone()
        own = {name: weights[theirs] for name, theirs in _same_names(self.shape).items()}
        for i in range(self.shape.layers):
            for part in ("weight", "bias"):
                own[f"layers.{i}.look.{part}"] = torch.cat(
                    [weights[f"encoder.layer.{i}.attention.self.{name}.{part}"] for name in ("query", "key", "value")]
                )
        self.load_state_dict(own)

    def weights(self) -> dict[str, Tensor]:
        """Return all weights under their BERT names, ready for a `model.safetensors`."""
        own = self.state_dict()
        named = {theirs: own[name].detach().clone() for name, theirs in _same_names(self.shape).items()}
        named["embeddings.word_embeddings.weight"] = self.table.detach().clone()
        for i in range(self.shape.layers):
            for part in ("weight", "bias"):
                thirds = own[f"layers.{i}.look.{part}"].chunk(3)
                for name, third in zip(("query", "key", "value"), thirds, strict=True):
                    named[f"encoder.layer.{i}.attention.self.{name}.{part}"] = third.detach().clone()
        return named

    def forward(self, rows: Tensor, mask: Tensor | None, kind: torch.dtype = torch.float32) -> Tensor:
        """Turn embedding rows (batch, pieces, width) into unit vectors (batch, width); `mask` is 1 on real pieces.

        `kind` is the arithmetic of the layers; bfloat16 is about three times as fast on CPUs that have AMX.
        """
        states = rows + self.places[: rows.shape[1]] + self.kind[0]
        states = functional.layer_norm(
            states, (self.shape.width,), self.start.weight, self.start.bias, self.shape.epsilon
        )
        states = states.to(kind)
        hidden = None if mask is None else (1.0 - mask[:, None, None, :].float()) * -1e4
        for layer in self.layers:
            states = layer(states, hidden)
        states = states.float()
        if mask is None:
            pooled = states.mean(1)
        else:
            real = mask[:, :, None].float()
            pooled = (states * real).sum(1) / real.sum(1).clamp_min(1.0)
        return functional.normalize(pooled, dim=-1)

    def encode(
        self, pieces: Sequence[npt.NDArray[np.int32]], kind: torch.dtype = torch.float32, tokens: int = 8192
    ) -> npt.NDArray[np.float32]:
        """Return unit vectors (len(pieces), width) for lists of piece ids, in order, without gradients."""
        vectors = np.zeros((len(pieces), self.shape.width), dtype=np.float32)
        order = sorted(range(len(pieces)), key=lambda i: len(pieces[i]))
        start = 0
        with torch.inference_mode():
            while start < len(order):
                end = min(len(order), start + 256)
                while end - start > 1 and (end - start) * len(pieces[order[end - 1]]) > tokens:
                    end = start + (end - start + 1) // 2
                chosen = order[start:end]
                ids, mask = padded([pieces[i] for i in chosen])
                vectors[chosen] = self(functional.embedding(ids, self.table), mask, kind).numpy()
                start = end
        return vectors


def padded(pieces: Sequence[npt.NDArray[np.int32]]) -> tuple[Tensor, Tensor | None]:
    """Stack lists of ids (batch, longest); the mask is None when all are equally long."""
    longest = max(len(ids) for ids in pieces)
    stacked = np.full((len(pieces), longest), PADDING, dtype=np.int64)
    lengths = np.array([len(ids) for ids in pieces])
    for row, ids in zip(stacked, pieces, strict=True):
        row[: len(ids)] = ids
    if int(lengths.min()) == longest:
        return torch.from_numpy(stacked), None
    return torch.from_numpy(stacked), torch.from_numpy((np.arange(longest) < lengths[:, None]).astype(np.int64))


def quick_kind() -> torch.dtype:
    """bfloat16 where the CPU multiplies it in hardware, else float32."""
    supported = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return torch.bfloat16 if supported is not None and supported() else torch.float32


def _linear(states: Tensor, linear: nn.Linear) -> Tensor:
    return functional.linear(states, linear.weight.to(states.dtype), linear.bias.to(states.dtype))


def _norm(states: Tensor, norm: nn.LayerNorm) -> Tensor:
    return functional.layer_norm(
        states, norm.normalized_shape, norm.weight.to(states.dtype), norm.bias.to(states.dtype), norm.eps
    )


def _same_names(shape: Shape) -> dict[str, str]:
    """Our name of each weight that BERT keeps in one piece, and BERT's."""
    names = {
        "places": "embeddings.position_embeddings.weight",
        "kind": "embeddings.token_type_embeddings.weight",
        "start.weight": "embeddings.LayerNorm.weight",
        "start.bias": "embeddings.LayerNorm.bias",
    }
    halves = {
        "gather": "attention.output.dense",
        "settle": "attention.output.LayerNorm",
        "widen": "intermediate.dense",
        "narrow": "output.dense",
        "rest": "output.LayerNorm",
    }
    for i in range(shape.layers):
        for ours, theirs in halves.items():
            for part in ("weight", "bias"):
                names[f"layers.{i}.{ours}.{part}"] = f"encoder.layer.{i}.{theirs}.{part}"
    return names
