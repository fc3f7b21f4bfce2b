"""Encoders: both give the same vectors, any text gives a finite one, and a broken folder is named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import light_encoder
from index.encoder import SHIPPED, LightEncoder, TransformersEncoder, open_encoder, unit
from index.export import export
from index.light_encoder import batches
from kb.errors import MissingExtra, ModelError

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] de het een student docent voelt zich thuis the teacher campus ##en ##s a b c ."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT, of random weights, as sentence-transformers keeps one."""
    return write_model(tmp_path_factory.mktemp("tiny"))


def write_model(folder: Path, prompts: dict[str, str] | None = None) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(3)
    bare = folder / "bare"
    bare.mkdir(parents=True)
    (bare / "vocab.txt").write_text("\n".join(WORDS.split()), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(WORDS.split()),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=32,
        initializer_range=0.4,
    )
    BertModel(config).save_pretrained(bare)
    BertTokenizerFast(vocab_file=str(bare / "vocab.txt")).save_pretrained(bare)
    transformer = Transformer(str(bare), max_seq_length=20)
    modules = [transformer, Pooling(16, pooling_mode="mean"), Normalize()]
    model = SentenceTransformer(modules=modules, device="cpu", prompts=prompts)
    made = folder / "model"
    model.save_pretrained(str(made))
    return made


@pytest.fixture(scope="module")
def light_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("light")
    export(folder, target, name="tiny", languages=("nl", "en"))
    return target


@pytest.fixture(scope="module")
def light(light_folder: Path) -> LightEncoder:
    return LightEncoder(light_folder)


@pytest.fixture
def broken(light_folder: Path, tmp_path: Path) -> Path:
    target = tmp_path / "broken"
    shutil.copytree(light_folder, target)
    return target


TEXTS = [
    "De student voelt zich thuis.",
    "the teacher",
    "",
    "thuis " * 100,
    "iets heel anders",
    "een student\x00 \ud800 docenten",
]


def test_both_encoders_give_the_same_vectors(folder: Path, light: LightEncoder) -> None:
    reference = TransformersEncoder(str(folder))
    assert light.dimension == reference.dimension == 16
    cosines = (light.encode_document(TEXTS) * reference.encode_document(TEXTS)).sum(axis=1)
    assert cosines.min() >= 0.999
    assert float(light.encode_query(TEXTS[0]) @ reference.encode_query(TEXTS[0])) >= 0.999
    assert light.fingerprint != reference.fingerprint


def test_prompts_are_put_before_the_text_and_change_the_fingerprint(folder: Path, tmp_path: Path) -> None:
    prompted = write_model(tmp_path / "prompted", {"query": "de ", "document": "het "})
    export(prompted, tmp_path / "light", name="tiny")
    plain = TransformersEncoder(str(folder))
    for encoder in (TransformersEncoder(str(prompted)), LightEncoder(tmp_path / "light")):
        assert float(encoder.encode_query("student") @ plain.encode_query("de student")) >= 0.999
        assert float(encoder.encode_document(["student"])[0] @ plain.encode_query("het student")) >= 0.999
        assert encoder.fingerprint != plain.fingerprint


def test_the_fingerprint_is_that_of_the_content_and_not_of_the_place(light_folder: Path, broken: Path) -> None:
    first = LightEncoder(light_folder).fingerprint
    assert LightEncoder(broken).fingerprint == first
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps(config | {"max_length": 12}))
    assert LightEncoder(broken).fingerprint != first


def test_a_batch_does_not_change_a_vector(light: LightEncoder) -> None:
    alone = np.stack([light.encode_document([text])[0] for text in TEXTS])
    assert np.allclose(light.encode_document(TEXTS), alone, atol=1e-5)
    assert light.encode_document([]).shape == (0, 16)


def test_progress_counts_to_the_end(light: LightEncoder) -> None:
    told: list[tuple[int, int]] = []
    light.encode_document(["student"] * 130, lambda done, of: told.append((done, of)))
    assert told[-1] == (130, 130)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_gives_a_finite_vector_of_length_one(light: LightEncoder, text: str) -> None:
    vector = light.encode_query(text)
    assert np.isfinite(vector).all()
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-5


@pytest.mark.parametrize("text", ["a" * 1_000_000, "学生" * 4000, "🎓" * 3000, "\ud800" * 10, "\x00\x01\x02", "​ ‮"])
def test_odd_texts_give_a_finite_vector_of_length_one(light: LightEncoder, text: str) -> None:
    vector = light.encode_query(text)
    assert np.isfinite(vector).all()
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-5


def test_a_vector_without_direction_or_not_finite_becomes_one_that_is() -> None:
    made = unit(np.array([[0, 0], [np.nan, 3], [np.inf, 0], [3, 4]], dtype=np.float32))
    assert made.tolist() == [[1, 0], [0, 1], [1, 0], pytest.approx([0.6, 0.8])]


def test_batches_hold_texts_of_like_length_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(light_encoder, "BATCH_PIECES", 20)
    assert list(batches([3, 10, 4, 9, 30])) == [[4], [1, 3], [2, 0]]
    assert list(batches([])) == []


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json", "config.json"])
def test_a_missing_file_is_named(broken: Path, missing: str) -> None:
    (broken / missing).unlink()
    with pytest.raises(ModelError, match=missing):
        open_encoder(str(broken))


@pytest.mark.parametrize("damaged", ["model.onnx", "tokenizer.json", "config.json"])
def test_a_damaged_file_is_named(broken: Path, damaged: str) -> None:
    (broken / damaged).write_bytes(b"\x00 not this")
    with pytest.raises(ModelError, match=damaged):
        open_encoder(str(broken))


@pytest.mark.parametrize("change", [{"pooling": "max"}, {"dimension": "wide"}, {"max_length": None}])
def test_a_setting_that_makes_no_sense_is_named(broken: Path, change: dict[str, object]) -> None:
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(ModelError, match=r"config\.json"):
        open_encoder(str(broken))


def test_a_folder_that_is_not_there_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no-such-folder"):
        open_encoder(str(tmp_path / "no-such-folder"))
    with pytest.raises(ModelError, match=r"config\.json"):
        open_encoder(str(tmp_path))


def test_a_sentence_transformers_folder_without_weights_is_named(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "bare"
    shutil.copytree(folder, target)
    (target / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        open_encoder(str(target))


def test_a_folder_is_opened_by_what_it_holds(folder: Path, light_folder: Path) -> None:
    assert isinstance(open_encoder(str(light_folder)), LightEncoder)
    assert isinstance(open_encoder(str(folder)), TransformersEncoder)


def test_encoding_writes_nothing_to_the_user_s_home(tmp_path: Path) -> None:
    # onnxruntime, left alone, keeps a device id and a queue of events in the user's cache folder and sends them on.
    program = "from index.encoder import open_encoder\nopen_encoder().encode_query('hallo')\n"
    quiet = ("CI", "ORT_", "XDG_")  # settings that switch this off elsewhere, or lead away from the home folder
    environment = {key: value for key, value in os.environ.items() if not key.startswith(quiet)}
    home = tmp_path / "home"
    home.mkdir()
    subprocess.run(
        [sys.executable, "-B", "-c", program], env=environment | {"HOME": str(home)}, cwd=SHIPPED.parents[1], check=True
    )
    assert list(home.rglob("*")) == []


def test_a_named_model_without_its_packages_is_one_line_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)  # Python then finds no such module
    with pytest.raises(MissingExtra) as caught:
        open_encoder("intfloat/multilingual-e5-small")
    assert str(caught.value) == (
        f"the model intfloat/multilingual-e5-small needs more packages: "
        f"{sys.executable} -m pip install 'kb-slides[models]'"
    )
