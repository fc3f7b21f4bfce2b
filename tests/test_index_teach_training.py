"""Teaching: training, exporting and measuring an encoder."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from index.encoder import open_encoder
from index.teach import (
    Identity,
    Recipe,
    graft,
    read_export,
    sentence_transformers_folder,
    teach,
)
from index.teach.distillation import Lessons, RowAdam, distil, encode_pieces
from index.teach.export import STORAGES, export
from index.teach.measure import (
    Judged,
    Scored,
    Set,
    Twins,
    accuracy,
    main,
    mined_f1,
    ndcg,
    read_bitext,
    reciprocal_rank,
    spearman,
    table,
)
from index.teach.student import Shape, Student, padded
from index.teach.vocabulary import CONTINUED
from tests.lessons import ENGLISH, SENTENCES


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A BERT of 16 numbers and two layers that knows the English half of the world."""
    folder = tmp_path / "base"
    folder.mkdir()
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused0]", "[unused1]", *letters]
    pieces += [CONTINUED + letter for letter in letters] + [word for word in ENGLISH if word not in letters]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "model_type": "bert",
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 64,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    torch.manual_seed(3)
    student = Student(Shape.read(folder), torch.randn(len(pieces), 16))
    for parameter in student.parameters():
        if parameter.dim() == 2:
            torch.nn.init.normal_(parameter, std=0.4)
    save_file(student.weights(), folder / "model.safetensors")
    return folder


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.tsv.xz"
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(f"{pair.english}\t{pair.dutch}\tworld\tgeneral\n" for pair in SENTENCES)
    return path


def small(steps: int) -> Recipe:
    return Recipe(steps=steps, chunk=96, bank=64, tokens=400, body_rate=1e-3, table_rate=2e-2, threads=1)


def lessons_and_student(base: Path, recipe: Recipe) -> tuple[Lessons, Student, Callable[[Student], float]]:
    grafted = graft(SENTENCES, base, pieces=20)
    teacher, student = Student.read(base), Student.read(base)
    student.table = torch.from_numpy(grafted.table)
    known = Tokenizer.from_file(str(base / "tokenizer.json"))
    lessons = Lessons(SENTENCES, teacher, known, grafted.tokenizer, recipe)
    target = teacher.encode(encode_pieces(known, [pair.english for pair in SENTENCES]))
    dutch = encode_pieces(grafted.tokenizer, [pair.dutch for pair in SENTENCES])
    return lessons, student, lambda taught: float((taught.encode(dutch) * target).sum(1).mean())


def test_padding_does_not_change_a_vector(base: Path) -> None:
    student = Student.read(base)
    short, long = np.array([2, 9, 3], dtype=np.int32), np.array([2, 9, 10, 11, 12, 3], dtype=np.int32)
    assert np.allclose(student.encode([short])[0], student.encode([short, long])[0], atol=1e-5)
    ids, mask = padded([short, long])
    assert mask is not None
    assert mask.tolist() == [[1, 1, 1, 0, 0, 0], [1] * 6]
    assert ids.tolist()[0] == [2, 9, 3, 0, 0, 0]


def test_the_student_gives_its_weights_back_as_it_took_them(base: Path) -> None:
    student = Student.read(base)
    again = Student.read(base)
    again.take(student.weights())
    ids = [np.array([2, 9, 10, 3], dtype=np.int32)]
    assert np.array_equal(student.encode(ids), again.encode(ids))


def test_only_used_rows_move() -> None:
    rows = RowAdam(torch.zeros(4, 2))
    rows.step(torch.tensor([1, 3]), torch.tensor([[1.0, -1.0], [2.0, 0.0]]), rate=0.1)
    assert rows.table.tolist()[0] == [0.0, 0.0]
    assert np.allclose(rows.table.numpy()[[1, 3]], [[-0.1, 0.1], [-0.1, 0.0]], atol=1e-6)


def test_lessons_are_the_same_for_a_seed_and_go_through_everything(base: Path) -> None:
    recipe = replace(small(1), chunk=len(SENTENCES), passage_share=0.0, english_share=0.0)
    lessons, _, _ = lessons_and_student(base, recipe)
    first, _ = lessons.chunk(0)
    again, _ = lessons.chunk(0)
    other, _ = lessons.chunk(1)
    said = [tuple(example.ids.tolist()) for example in first]
    assert said == [tuple(example.ids.tolist()) for example in again]
    assert said != [tuple(example.ids.tolist()) for example in other]
    assert len(set(said)) == len({pair.dutch for pair in SENTENCES})


def test_a_few_steps_bring_dutch_nearer_to_english(base: Path) -> None:
    recipe = small(60)
    lessons, student, nearness = lessons_and_student(base, recipe)
    before = nearness(student)
    assert nearness(distil(student, lessons, recipe)) > before + 0.1


def test_a_stopped_run_goes_on_where_it_was(base: Path, tmp_path: Path) -> None:
    recipe = replace(small(14), checkpoint_minutes=0.0)
    lessons, student, nearness = lessons_and_student(base, recipe)
    whole = nearness(distil(student, lessons, recipe))

    class Stopped(Exception):
        pass

    def stop_at_the_fifth(_: Student, seen: list[int] = []) -> str:  # noqa: B006  # counts its own calls
        seen.append(1)
        if len(seen) == 5:
            raise Stopped
        return ""

    checkpoint, said = tmp_path / "checkpoint.pt", list[str]()
    _, student, _ = lessons_and_student(base, recipe)
    with pytest.raises(Stopped):
        distil(student, lessons, recipe, checkpoint, judge=stop_at_the_fifth)
    _, student, _ = lessons_and_student(base, recipe)
    went_on = nearness(distil(student, lessons, recipe, checkpoint, said.append))
    assert said[0].startswith("goes on from step 5,")
    assert went_on == pytest.approx(whole, abs=1e-4)


@pytest.mark.parametrize("storage", STORAGES)
def test_an_export_reads_like_the_student(base: Path, tmp_path: Path, storage: str) -> None:
    student, tokenizer = Student.read(base), Tokenizer.from_file(str(base / "tokenizer.json"))
    folder = export(student, tokenizer, tmp_path / "model", Identity("tiny", 64), storage, "# Card\n")  # type: ignore[arg-type]
    texts = ["the cat sees a dog", "bread", "a student wants the teacher"]
    expected = student.encode(encode_pieces(tokenizer, texts))
    cosines = (open_encoder(str(folder)).encode_document(texts) * expected).sum(1)
    assert (
        cosines.min()
        > {"float32": 0.999999, "float16": 0.9999, "int8": 0.999, "int8-blocks": 0.999, "int8-dynamic": 0.98}[storage]
    )
    # int8-dynamic keeps weights in seven bits: in eight, sums overflow on a CPU without VNNI.
    back = (read_export(folder).encode(encode_pieces(tokenizer, texts)) * expected).sum(1)
    assert (
        back.min()
        > {"float32": 0.999999, "float16": 0.9999, "int8": 0.999, "int8-blocks": 0.999, "int8-dynamic": 0.997}[storage]
    )
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert (config["name"], config["dimension"], config["max_length"]) == ("tiny", 16, 64)


def test_an_unknown_storage_is_refused(base: Path, tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    with pytest.raises(ValueError, match="int4"):
        export(Student.read(base), tokenizer, tmp_path / "model", Identity("tiny"), "int4")  # type: ignore[arg-type]


def test_an_export_becomes_a_sentence_transformers_folder(base: Path, tmp_path: Path) -> None:
    student, tokenizer = Student.read(base), Tokenizer.from_file(str(base / "tokenizer.json"))
    folder = export(student, tokenizer, tmp_path / "model", Identity("tiny", 64, "query: "), "float32", "# Card\n")
    out = sentence_transformers_folder(folder, tmp_path / "torch")
    texts = ["the cat sees a dog", "bread"]
    expected = student.encode(encode_pieces(tokenizer, texts))
    again = Student.read(out).encode(encode_pieces(Tokenizer.from_file(str(out / "tokenizer.json")), texts))
    assert np.allclose(again, expected, atol=1e-5)
    prompts = json.loads((out / "config_sentence_transformers.json").read_text(encoding="utf-8"))["prompts"]
    assert prompts == {"query": "query: ", "document": ""}


def test_teaching_writes_a_folder_that_the_light_encoder_opens(base: Path, pairs: Path, tmp_path: Path) -> None:
    said: list[str] = []
    kept = tmp_path / "test.tsv"
    kept.write_text(f"{SENTENCES[0].english}\t{SENTENCES[0].dutch}\n", encoding="utf-8")
    out = teach(
        [pairs],
        tmp_path / "model",
        base,
        steps=40,
        pieces=20,
        kept_aside=[kept],
        recipe=small(1),
        licences={"world": "A"},
        progress=said.append,
    )
    encoder = open_encoder(str(out))
    vectors = encoder.encode_document(
        ["de docent ziet een leerling", "the teacher sees a student", "the dog eats bread"]
    )
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert "dropped 1 copies and 0 near copies of texts kept aside" in said[0]
    written = (out / "README.md").read_text(encoding="utf-8")
    assert "| world | A | 143 |" in written
    assert "143 pairs; 1 were dropped" in written
    assert "--steps 40 --seed 7" in written
    again: list[str] = []
    teach([pairs], out, base, steps=40, pieces=20, kept_aside=[kept], recipe=small(1), progress=again.append)
    assert any("goes on with the graft" in line for line in again)
    assert any("goes on from step 40" in line for line in again)


def test_teaching_wants_steps_or_minutes(base: Path, pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="steps or how many minutes"):
        teach([pairs], tmp_path / "model", base)


def test_a_base_that_is_not_whole_is_named(base: Path, pairs: Path, tmp_path: Path) -> None:
    (base / "tokenizer.json").unlink()
    with pytest.raises(ValueError, match=r"has no tokenizer\.json"):
        teach([pairs], tmp_path / "model", base, steps=1)


def test_the_figures_are_what_the_books_say() -> None:
    found = np.array([0, 0, 2, 3])
    assert accuracy(found) == 0.75
    # Row 0 is found twice, so its precision is a half and its F1 two thirds.
    assert mined_f1(found) == pytest.approx((2 / 3 + 0 + 1 + 1) / 4)
    assert spearman([1, 2, 3, 4], [10, 20, 40, 30]) == pytest.approx(0.8)
    assert spearman([1, 1, 2], [1, 1, 5]) == pytest.approx(1.0)
    scores = np.array([[0.9, 0.8, 0.1], [0.1, 0.2, 0.9]], dtype=np.float32)
    grades = [{1: 2.0}, {2: 1.0}]
    assert ndcg(scores, grades) == pytest.approx((1 / np.log2(3) + 1) / 2)
    assert reciprocal_rank(scores, grades) == pytest.approx(0.75)


class Letters:
    """An encoder by letter counts."""

    fingerprint, dimension = "letters", 26

    def encode_query(self, text: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        counts = np.array([text.lower().count(chr(97 + i)) for i in range(26)], dtype=np.float32)
        return counts / max(float(np.linalg.norm(counts)), 1e-6)

    def encode_document(
        self, texts: object, progress: object = None
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.stack([self.encode_query(text) for text in texts])  # type: ignore[attr-defined]


def test_the_table_has_a_row_for_each_measure_and_a_column_for_each_encoder() -> None:
    sets: list[Set] = [
        Twins("Twins", ("water", "bed"), ("water", "bed")),
        Scored("Scored", ("aa", "ab", "ab"), ("aa", "bb", "cd"), (5.0, 3.0, 0.0)),
        Judged("Judged", ("aaa",), ("bbb", "aab"), ({1: 2.0},)),
    ]
    lines = table({"letters": Letters()}, sets).splitlines()
    assert lines[0] == "| measure | letters |"
    assert lines[2:] == [
        "| Twins nl→en accuracy | 100.00 |",
        "| Twins nl→en F1 | 100.00 |",
        "| Twins en→nl accuracy | 100.00 |",
        "| Twins en→nl F1 | 100.00 |",
        "| Scored Spearman | 100.00 |",
        "| Judged nDCG@10 | 100.00 |",
        "| Judged MRR@10 | 100.00 |",
    ]


def test_the_table_is_one_command(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test-tatoeba.tsv").write_text("the cat\tde kat\nthe dog\tde hond\n", encoding="utf-8")
    (tests / "test-stsb.tsv").write_text(
        "en1\ten2\tnl1\tnl2\tscore\na\ta\tb\tb\t5\na\tthe\tb\tc\t1\n", encoding="utf-8"
    )
    (tests / "test-sick.tsv").write_text(
        "en1\ten2\tnl1\tnl2\trelatedness\tentailment\na\ta\tb\tb\t5\tNEUTRAL\na\tthe\tb\tc\t1\tNEUTRAL\n",
        encoding="utf-8",
    )
    assert [one.name for one in read_bitext(tests)] == ["Tatoeba", "STS-B nl", "STS-B en", "SICK nl", "SICK en"]
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    folder = export(Student.read(base), tokenizer, tmp_path / "model", Identity("tiny"), "int8")
    main(["--bitext", str(tests), str(folder)])
    printed = capsys.readouterr().out
    assert "| measure | model |" in printed
    assert "| STS-B en Spearman | 100.00 |" in printed
    assert "| files (MB) |" in printed
