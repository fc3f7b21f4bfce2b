"""A BERT sentence encoder, written as the ONNX graph that the light encoder runs.

    a sentence-transformers folder (model.safetensors, …) ─► model.onnx + tokenizer.json + config.json

Put together from the weights by hand: it needs neither torch nor a trace, takes two seconds, and the graph says what the
model does. It covers BERT with mean or first-token pooling; anything else is refused, and left to sentence-transformers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kb.durable import replacing
from kb.errors import ModelError

Weights = Mapping[str, npt.NDArray[Any]]

OPSET = 17


def export(source: Path, target: Path, *, name: str, languages: tuple[str, ...] = ()) -> None:
    """Write the model of the folder `source` to the folder `target`, whole or not at all.

    Raises ModelError when a file is missing or the model is not one that this covers.
    """
    settings = _read(source, "config.json")
    pooling = _pooling(source)
    if settings.get("model_type") != "bert" or settings.get("hidden_act") != "gelu":
        raise ModelError(f"the model in {source} is not a BERT with GELU: use it through sentence-transformers")
    for needed in ("model.safetensors", "tokenizer.json"):
        if not (source / needed).is_file():
            raise ModelError(f"the model folder {source} has no {needed}: fetch the model again")
    from safetensors.numpy import load_file

    weights = {key.removeprefix("bert."): value for key, value in load_file(source / "model.safetensors").items()}
    lengths = [
        settings.get("max_position_embeddings"),
        _read(source, "sentence_bert_config.json").get("max_seq_length"),
        _read(source, "tokenizer_config.json").get("model_max_length"),
    ]
    prompts = _prompts(source)
    config = {
        "name": name,
        "dimension": int(settings["hidden_size"]),
        "max_length": int(min(length for length in lengths if length)),
        "pooling": pooling,
        "normalise": True,
        "query_prompt": prompts.get("query", ""),
        "document_prompt": prompts.get("document", prompts.get("passage", "")),
        "languages": list(languages),
    }
    target.mkdir(parents=True, exist_ok=True)
    graph = bert_graph(weights, heads=int(settings["num_attention_heads"]), epsilon=float(settings["layer_norm_eps"]))
    _write(target / "model.onnx", graph)
    _write(target / "tokenizer.json", (source / "tokenizer.json").read_bytes())
    # Last, so that a folder with a config.json is a whole one.
    _write(target / "config.json", json.dumps(config, indent=1).encode())


def _read(folder: Path, filename: str) -> dict[str, Any]:
    try:
        content = json.loads((folder / filename).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"the model folder {folder} has no {filename}: fetch the model again") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / filename} cannot be read ({error}): fetch the model again") from error
    if not isinstance(content, dict):
        raise ModelError(f"{folder / filename} is not a JSON object: fetch the model again")
    return content


def _pooling(source: Path) -> str:
    modes = _read(source / "1_Pooling", "config.json")
    if modes.get("pooling_mode_mean_tokens") or modes.get("pooling_mode") == "mean":
        return "mean"
    if modes.get("pooling_mode_cls_token") or modes.get("pooling_mode") == "cls":
        return "cls"
    raise ModelError(f"the model in {source} pools neither by mean nor by first token: use sentence-transformers")


def _prompts(source: Path) -> dict[str, str]:
    if not (source / "config_sentence_transformers.json").is_file():
        return {}
    return dict(_read(source, "config_sentence_transformers.json").get("prompts") or {})


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)
        Path(file.name).chmod(0o644)


def bert_graph(weights: Weights, *, heads: int, epsilon: float) -> bytes:
    """The ONNX bytes of a BERT encoder: (input_ids, attention_mask), int64 (n, pieces) -> last_hidden_state (n, pieces, d).

    Every text is its own first segment, so the table of segments is added to that of positions beforehand.
    """
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: dict[str, npt.NDArray[Any]] = {}

    def constant(name: str, value: npt.NDArray[Any]) -> str:
        constants[name] = np.ascontiguousarray(value)
        return name

    def node(operator: str, *inputs: str, **attributes: Any) -> str:
        output = f"{operator}_{len(nodes)}"
        nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def floats(key: str) -> npt.NDArray[np.float32]:
        try:
            return np.asarray(weights[key], dtype=np.float32)
        except KeyError:
            raise ModelError(f"the model's weights have no {key}: fetch the model again") from None

    def linear(hidden: str, key: str) -> str:
        product = node("MatMul", hidden, constant(f"{key}.weight", floats(f"{key}.weight").T))
        return node("Add", product, constant(f"{key}.bias", floats(f"{key}.bias")))

    def norm(hidden: str, key: str) -> str:
        scale = constant(f"{key}.weight", floats(f"{key}.weight"))
        shift = constant(f"{key}.bias", floats(f"{key}.bias"))
        return node("LayerNormalization", hidden, scale, shift, axis=-1, epsilon=epsilon)

    width = floats("embeddings.word_embeddings.weight").shape[1]
    each = width // heads
    one = constant("one", np.array([1], dtype=np.int64))
    zero = constant("zero", np.array([0], dtype=np.int64))
    two = constant("two", np.array([2], dtype=np.int64))
    split = constant("split", np.array([0, 0, heads, each], dtype=np.int64))
    join = constant("join", np.array([0, 0, width], dtype=np.int64))

    positions = floats("embeddings.position_embeddings.weight") + floats("embeddings.token_type_embeddings.weight")[0]
    length = node("Slice", node("Shape", "input_ids"), one, two, zero)
    placed = node("Slice", constant("positions", positions), zero, length, zero)
    words = node("Gather", constant("words", floats("embeddings.word_embeddings.weight")), "input_ids")
    hidden = norm(node("Add", words, placed), "embeddings.LayerNorm")

    # Padding must not be attended to: its scores are lowered beyond effect.
    given = node("Cast", "attention_mask", to=TensorProto.FLOAT)
    absent = node("Sub", constant("full", np.array(1.0, dtype=np.float32)), given)
    lowered = node("Mul", absent, constant("unseen", np.array(-1e9, dtype=np.float32)))
    mask = node("Unsqueeze", lowered, constant("over_heads", np.array([1, 2], dtype=np.int64)))
    scale = constant("scale", np.array(1 / math.sqrt(each), dtype=np.float32))
    half = constant("half", np.array(0.5, dtype=np.float32))
    unit = constant("unit", np.array(1.0, dtype=np.float32))
    root = constant("root", np.array(1 / math.sqrt(2), dtype=np.float32))

    layer = 0
    while f"encoder.layer.{layer}.attention.self.query.weight" in weights:
        key = f"encoder.layer.{layer}"
        parts = {
            name: node("Reshape", linear(hidden, f"{key}.attention.self.{name}"), split)
            for name in ("query", "key", "value")
        }
        query = node("Transpose", parts["query"], perm=[0, 2, 1, 3])
        keys = node("Transpose", parts["key"], perm=[0, 2, 3, 1])
        values = node("Transpose", parts["value"], perm=[0, 2, 1, 3])
        scores = node("Add", node("Mul", node("MatMul", query, keys), scale), mask)
        seen = node("MatMul", node("Softmax", scores, axis=-1), values)
        seen = node("Reshape", node("Transpose", seen, perm=[0, 2, 1, 3]), join)
        seen = linear(seen, f"{key}.attention.output.dense")
        hidden = norm(node("Add", hidden, seen), f"{key}.attention.output.LayerNorm")
        inner = linear(hidden, f"{key}.intermediate.dense")
        curve = node("Add", node("Erf", node("Mul", inner, root)), unit)
        inner = node("Mul", node("Mul", inner, half), curve)
        hidden = norm(node("Add", hidden, linear(inner, f"{key}.output.dense")), f"{key}.output.LayerNorm")
        layer += 1
    if layer == 0:
        raise ModelError("the model's weights have no encoder.layer.0: fetch the model again")
    nodes.append(helper.make_node("Identity", [hidden], ["last_hidden_state"]))

    graph = helper.make_graph(
        nodes,
        "sentence-encoder",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "pieces"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["texts", "pieces", width])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    # An older representation suffices for this opset, and older runtimes read it.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    written: bytes = model.SerializeToString()
    return written
