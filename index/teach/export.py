"""Export: a taught encoder becomes a folder that runs without torch, and can become a torch folder again.

    student + tokenizer ─► model.onnx, tokenizer.json, config.json, README.md ─► sentence-transformers folder

The graph is written node by node, so that every weight keeps a name of ours and the way back is exact: input_ids and
attention_mask go in, `sentence_embedding` (pooled, unit length) and `token_states` (before pooling) come out. The weights
can be kept in five ways:

    float32        as taught
    float16        rounded; cast back when the file is loaded
    int8           one scale for each embedding row and each output of a layer; multiplied back when loaded, so the
                   arithmetic stays float32 and every CPU gives the same ranking
    int8-blocks    one scale for each 32 weights of an output, and for each 32 numbers of a piece's state; multiplied as
                   integers (onnxruntime's MatMulNBits). Half the bytes move, so a query takes half the time
    int8-dynamic   the usual dynamic quantisation: one scale for all states of a batch. Quickest of all, but the vector
                   of a text then depends on the texts beside it; here to be measured, not to be shipped

Which one is shipped is decided by measured rankings (`index.teach.measure`), not by how close the vectors are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from tokenizers import Tokenizer

from index.teach.student import Shape, Student

Storage = Literal["float32", "float16", "int8", "int8-blocks", "int8-dynamic"]
# Largest weight. A CPU without VNNI adds products of unsigned states and signed weights in pairs, in 16 bits:
# 2 * 255 * 63 fits, 2 * 255 * 127 does not.
EIGHT_BITS, SEVEN_BITS = 127, 63
STORAGES: tuple[Storage, ...] = ("float32", "float16", "int8", "int8-blocks", "int8-dynamic")
Array = npt.NDArray[Any]

MODEL, TOKENIZER, CONFIG, CARD = "model.onnx", "tokenizer.json", "config.json", "README.md"
_OPSET = 20
_TABLE = "embeddings.word_embeddings.weight"
_KIND = "embeddings.token_type_embeddings.weight"
_PLACES = "embeddings.position_embeddings.weight"
_HIDDEN = -1e4
# Weights that share a scale in int8-blocks; and the byte for zero there.
_BLOCK, _NOUGHT = 32, 128


@dataclass(frozen=True, slots=True)
class Identity:
    """The contents of the folder's `config.json`; prompts are put before a text, "" for none."""

    name: str
    max_length: int = 256
    query_prompt: str = ""
    document_prompt: str = ""
    languages: tuple[str, ...] = ("nl", "en")


def export(
    student: Student,
    tokenizer: Tokenizer,
    folder: Path,
    identity: Identity,
    storage: Storage = "int8",
    card: str = "",
) -> Path:
    """Write the encoder to `folder` and return it; files that were there are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    graph = _Graph(storage)
    onnx.save(graph.build(student.weights(), student.shape), folder / MODEL)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    shape = student.shape
    config = {
        "name": identity.name,
        "dimension": shape.width,
        "max_length": identity.max_length,
        "pooling": "mean",
        "normalise": True,
        "query_prompt": identity.query_prompt,
        "document_prompt": identity.document_prompt,
        "languages": list(identity.languages),
        "storage": storage,
        "architecture": {
            "layers": shape.layers,
            "heads": shape.heads,
            "inner": shape.inner,
            "positions": shape.positions,
            "epsilon": shape.epsilon,
            "vocabulary": len(student.table),
        },
    }
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    if card:
        (folder / CARD).write_text(card, encoding="utf-8")
    return folder


def read_export(folder: Path) -> Student:
    """Load an exported folder back into a student, its weights as float32."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    built = config["architecture"]
    shape = Shape(
        config["dimension"], built["layers"], built["heads"], built["inner"], built["positions"], built["epsilon"]
    )
    weights = {
        name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in _read_weights(folder / MODEL, shape)
    }
    student = Student(shape, weights[_TABLE])
    student.take(weights)
    return student


def sentence_transformers_folder(model: Path, out: Path) -> Path:
    """Build the sentence-transformers folder of an exported model in `out`, and return it."""
    config = json.loads((model / CONFIG).read_text(encoding="utf-8"))
    student = read_export(model)
    out.mkdir(parents=True, exist_ok=True)
    # BERT comes with a head that nothing here uses; without its weights every loading would warn.
    width = student.shape.width
    head = {"pooler.dense.weight": torch.zeros(width, width), "pooler.dense.bias": torch.zeros(width)}
    save_file(student.weights() | head, out / "model.safetensors", metadata={"format": "pt"})
    tokenizer = Tokenizer.from_file(str(model / TOKENIZER))
    tokenizer.save(str(out / TOKENIZER))
    shape, longest = student.shape, config["max_length"]
    files: dict[str, object] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.width,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.inner,
            "max_position_embeddings": shape.positions,
            "layer_norm_eps": shape.epsilon,
            "type_vocab_size": 2,
            "vocab_size": len(student.table),
            "pad_token_id": 0,
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": longest, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": config["query_prompt"], "document": config["document_prompt"]},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "BertTokenizerFast",
            "do_lower_case": True,
            "model_max_length": longest,
            "unk_token": "[UNK]",
            "sep_token": "[SEP]",
            "pad_token": "[PAD]",
            "cls_token": "[CLS]",
            "mask_token": "[MASK]",
        },
        "1_Pooling/config.json": {"word_embedding_dimension": shape.width, "pooling_mode_mean_tokens": True},
    }
    for name, content in files.items():
        path = out / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (out / "2_Normalize").mkdir(exist_ok=True)
    if (model / CARD).exists():
        (out / CARD).write_text((model / CARD).read_text(encoding="utf-8"), encoding="utf-8")
    return out


class _Graph:
    """The encoder as ONNX nodes, its weights stored in one of the five ways."""

    def __init__(self, storage: Storage) -> None:
        if storage not in STORAGES:
            raise ValueError(f"unknown storage {storage!r}: choose one of {', '.join(STORAGES)}")
        self._storage = storage
        self._nodes: list[Any] = []
        self._tensors: list[Any] = []
        self._made = 0

    def build(self, weights: Mapping[str, torch.Tensor], shape: Shape) -> Any:
        """Return the ONNX model."""
        arrays = {name: weight.detach().numpy().astype(np.float32) for name, weight in weights.items()}
        states = self._embed(arrays, shape)
        hidden = self._hide()
        for i in range(shape.layers):
            states = self._layer(states, hidden, arrays, f"encoder.layer.{i}.", shape)
        self._pool(states)
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [
                helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "pieces"])
                for name in ("input_ids", "attention_mask")
            ],
            [
                helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", shape.width]),
                helper.make_tensor_value_info("token_states", TensorProto.FLOAT, ["batch", "pieces", shape.width]),
            ],
            initializer=self._tensors,
        )
        opsets = [helper.make_opsetid("", _OPSET)]
        if self._storage == "int8-blocks":
            opsets.append(helper.make_opsetid("com.microsoft", 1))
        model = helper.make_model(graph, opset_imports=opsets, producer_name="kb")
        model.ir_version = 10
        onnx.checker.check_model(model)
        return model

    def _embed(self, arrays: Mapping[str, Array], shape: Shape) -> str:
        table = arrays[_TABLE]
        if self._storage.startswith("int8"):
            bytes_, scale = _squeeze(table, axis=1)
            kept, scales = self._hold(_TABLE + ".int8", bytes_), self._hold(_TABLE + ".scale", scale)
            rows = self._node("Cast", [self._node("Gather", [kept, "input_ids"])], to=TensorProto.FLOAT)
            rows = self._node("Mul", [rows, self._node("Gather", [scales, "input_ids"])])
        elif self._storage == "float16":
            kept = self._hold(_TABLE, table.astype(np.float16))
            rows = self._node("Cast", [self._node("Gather", [kept, "input_ids"])], to=TensorProto.FLOAT)
        else:
            rows = self._node("Gather", [self._hold(_TABLE, table), "input_ids"])
        # One language, one sentence: the token kind is always 0 and is added to the places once and for all.
        places = self._hold(_PLACES, arrays[_PLACES] + arrays[_KIND][0])
        length = self._node("Shape", ["input_ids"], start=1, end=2)
        here = self._node("Slice", [places, self._ints([0]), length, self._ints([0])])
        states = self._node("Add", [rows, here])
        return self._norm(states, arrays, "embeddings.LayerNorm", shape)

    def _hide(self) -> str:
        """Return (batch, 1, 1, pieces): 0 where there is a piece, very negative where there is padding."""
        self._mask = self._node("Cast", ["attention_mask"], to=TensorProto.FLOAT)
        absent = self._node("Sub", [self._floats(1.0), self._mask])
        return self._node("Unsqueeze", [self._node("Mul", [absent, self._floats(_HIDDEN)]), self._ints([1, 2])])

    def _layer(self, states: str, hidden: str, arrays: Mapping[str, Array], name: str, shape: Shape) -> str:
        size = shape.width // shape.heads
        looks = []
        for part in ("query", "key", "value"):
            # The scale of attention is part of the query's weights: one multiplication less for every query.
            factor = size**-0.5 if part == "query" else 1.0
            look = self._linear(states, arrays, f"{name}attention.self.{part}", factor)
            look = self._node("Reshape", [look, self._ints([0, 0, shape.heads, size])])
            looks.append(self._node("Transpose", [look], perm=[0, 2, 3, 1] if part == "key" else [0, 2, 1, 3]))
        query, key, value = looks
        scores = self._node("Add", [self._node("MatMul", [query, key]), hidden])
        seen = self._node("MatMul", [self._node("Softmax", [scores], axis=-1), value])
        seen = self._node("Transpose", [seen], perm=[0, 2, 1, 3])
        seen = self._node("Reshape", [seen, self._ints([0, 0, shape.width])])
        gathered = self._linear(seen, arrays, f"{name}attention.output.dense")
        states = self._norm(self._node("Add", [states, gathered]), arrays, f"{name}attention.output.LayerNorm", shape)
        wide = self._node("Gelu", [self._linear(states, arrays, f"{name}intermediate.dense")])
        narrow = self._linear(wide, arrays, f"{name}output.dense")
        return self._norm(self._node("Add", [states, narrow]), arrays, f"{name}output.LayerNorm", shape)

    def _pool(self, states: str) -> None:
        real = self._node("Unsqueeze", [self._mask, self._ints([2])])
        total = self._node("ReduceSum", [self._node("Mul", [states, real]), self._ints([1])], keepdims=0)
        count = self._node("ReduceSum", [self._mask, self._ints([1])], keepdims=1)
        mean = self._node("Div", [total, self._node("Max", [count, self._floats(1.0)])])
        length = self._node("ReduceL2", [mean, self._ints([1])], keepdims=1)
        unit = helper.make_node(
            "Div", [mean, self._node("Max", [length, self._floats(1e-12)])], ["sentence_embedding"], name="unit"
        )
        self._nodes.append(unit)
        self._nodes.append(helper.make_node("Identity", [states], ["token_states"], name="states"))

    def _linear(self, states: str, arrays: Mapping[str, Array], name: str, factor: float = 1.0) -> str:
        matrix, bias = (arrays[f"{name}.weight"] * np.float32(factor)).T, arrays[f"{name}.bias"] * np.float32(factor)
        key = f"{name}.weight"
        if self._storage == "float32":
            product = self._node("MatMul", [states, self._hold(key, matrix)])
        elif self._storage == "float16":
            half = self._hold(key, matrix.astype(np.float16))
            product = self._node("MatMul", [states, self._node("Cast", [half], to=TensorProto.FLOAT)])
        elif self._storage == "int8-blocks":
            product = self._blocks(states, matrix.T, key)
        else:
            bytes_, scale = _squeeze(
                matrix, axis=0, largest=SEVEN_BITS if self._storage == "int8-dynamic" else EIGHT_BITS
            )
            kept, scales = self._hold(key + ".int8", bytes_), self._hold(key + ".scale", scale)
            if self._storage == "int8":
                whole = self._node("Mul", [self._node("Cast", [kept], to=TensorProto.FLOAT), scales])
                product = self._node("MatMul", [states, whole])
            else:
                product = self._integers(states, kept, scales)
        return self._node("Add", [product, self._hold(f"{name}.bias", bias)])

    def _blocks(self, states: str, weight: Array, key: str) -> str:
        """Multiply by a matrix (out, in) whose rows are kept in blocks, each with its scale."""
        out, wide = weight.shape
        padding = -wide % _BLOCK
        bytes_, scale = _squeeze(np.pad(weight, ((0, 0), (0, padding))).reshape(out, -1, _BLOCK), axis=2)
        kept = self._hold(key + ".blocks", (bytes_.astype(np.int16) + _NOUGHT).astype(np.uint8))
        scales = self._hold(key + ".scale", scale[:, :, 0])
        shape = {"K": wide, "N": out, "bits": 8, "block_size": _BLOCK, "accuracy_level": 4}
        return self._node("MatMulNBits", [states, kept, scales], domain="com.microsoft", **shape)

    def _integers(self, states: str, kept: str, scales: str) -> str:
        small, scale, zero = (f"n{self._made + i}" for i in range(3))
        self._nodes.append(helper.make_node("DynamicQuantizeLinear", [states], [small, scale, zero], name=small))
        self._made += 3
        product = self._node("MatMulInteger", [small, kept, zero])
        factor = self._node("Mul", [scale, scales])
        return self._node("Mul", [self._node("Cast", [product], to=TensorProto.FLOAT), factor])

    def _norm(self, states: str, arrays: Mapping[str, Array], name: str, shape: Shape) -> str:
        held = [self._hold(f"{name}.{part}", arrays[f"{name}.{part}"]) for part in ("weight", "bias")]
        return self._node("LayerNormalization", [states, *held], axis=-1, epsilon=shape.epsilon)

    def _node(self, kind: str, inputs: list[str], **attributes: object) -> str:
        name = f"n{self._made}"
        self._made += 1
        self._nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def _hold(self, name: str, array: Array) -> str:
        self._tensors.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _ints(self, values: list[int]) -> str:
        return self._hold(f"c{len(self._tensors)}", np.array(values, dtype=np.int64))

    def _floats(self, value: float) -> str:
        return self._hold(f"c{len(self._tensors)}", np.array(value, dtype=np.float32))


def _squeeze(array: Array, axis: int, largest: int = EIGHT_BITS) -> tuple[Array, Array]:
    """Round to integers up to `largest` with one scale for each slice along `axis`; array ≈ bytes * scale."""
    scale = np.abs(array).max(axis=axis, keepdims=True) / float(largest)
    scale = np.where(scale == 0.0, 1.0, scale).astype(np.float32)
    return np.clip(np.rint(array / scale), -largest, largest).astype(np.int8), scale


def _read_weights(path: Path, shape: Shape) -> Iterator[tuple[str, Array]]:
    """Yield the weights of an exported graph under their BERT names, as float32."""
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}
    names = {name.removesuffix(".int8").removesuffix(".blocks").removesuffix(".scale") for name in held}
    factor = np.float32((shape.width // shape.heads) ** 0.5)
    yield _KIND, np.zeros((2, shape.width), dtype=np.float32)
    for name in sorted(names):
        if not name.startswith(("embeddings.", "encoder.")):
            continue
        if f"{name}.int8" in held:
            array = held[f"{name}.int8"].astype(np.float32) * held[f"{name}.scale"]
        elif f"{name}.blocks" in held:
            array = (held[f"{name}.blocks"].astype(np.float32) - _NOUGHT) * held[f"{name}.scale"][:, :, None]
            narrows = name.endswith("output.dense.weight") and ".attention." not in name
            array = array.reshape(len(array), -1)[:, : shape.inner if narrows else shape.width].T
        else:
            array = held[name].astype(np.float32)
        if ".self.query." in name:
            array = array * factor
        # Layers are kept the other way round in ONNX: (in, out).
        yield name, array.T if array.ndim == 2 and not name.startswith("embeddings.") else array
