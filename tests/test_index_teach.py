"""Teaching an encoder another language, with a tiny encoder and a tiny world of two languages."""

from __future__ import annotations

import itertools
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
    Pair,
    Recipe,
    graft,
    read_export,
    read_pairs,
    sentence_transformers_folder,
    sift,
    teach,
)
from index.teach.alignment import align
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
from index.teach.vocabulary import CONTINUED, base_pieces, cut, grow
from index.vectors import Tokens

NOUNS = [
    ("cat", "kat"),
    ("dog", "hond"),
    ("house", "huis"),
    ("teacher", "docent"),
    ("student", "leerling"),
    ("bread", "brood"),
]
VERBS = [("sees", "ziet"), ("wants", "wil"), ("finds", "vindt"), ("eats", "eet")]
SENTENCES = [
    Pair(f"the {one} {verb} a {two}", f"de {een} {doet} een {twee}", "world")
    for (one, een), (verb, doet), (two, twee) in itertools.product(NOUNS, VERBS, NOUNS)
]
ENGLISH = ["the", "a", *(noun for noun, _ in NOUNS), *(verb for verb, _ in VERBS)]


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


# ── pairs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pairs_are_read_with_their_source_and_domain(tmp_path: Path) -> None:
    path = tmp_path / "set.tsv"
    path.write_text("Good morning\tGoedemorgen\n \tleeg\nBread\tBrood\tbakery\tfood\n", encoding="utf-8")
    assert list(read_pairs([path])) == [
        Pair("Good morning", "Goedemorgen", "set", "general"),
        Pair("Bread", "Brood", "bakery", "food"),
    ]


def test_a_row_without_two_languages_is_named(tmp_path: Path) -> None:
    path = tmp_path / "set.tsv"
    path.write_text("Good morning\tGoedemorgen\nonly English\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"set\.tsv, line 2"):
        list(read_pairs([path]))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "set.tsv.xz"
    path.write_bytes(b"not xz")
    with pytest.raises(ValueError, match=r"set\.tsv\.xz cannot be read"):
        list(read_pairs([path]))


def test_copies_and_near_copies_of_kept_texts_are_dropped_and_counted() -> None:
    kept = ["De trein naar Utrecht vertrekt vandaag om half negen van een ander spoor dan gisteren"]
    copy = Pair("x", "de trein naar Utrecht vertrekt vandaag om half negen van een ander spoor dan gisteren!")
    near = Pair("y", "De trein naar Utrecht vertrekt vandaag om half negen van een ander spoor dan eergisteren")
    fresh = Pair("z", "De bus naar Utrecht vertrekt morgen")
    sifted = sift([copy, near, fresh], kept)
    assert (sifted.pairs, sifted.copies, sifted.near_copies) == ((fresh,), 1, 1)


# ── vocabulary ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_are_cut_longest_piece_first() -> None:
    known = {"student", "stud", "##en", "##welzijn", "##w"}
    assert cut("studentenwelzijn", known) == ("student", "##en", "##welzijn")
    assert cut("studie", known) == ()


def test_new_pieces_take_the_unused_places_first_and_leave_the_others() -> None:
    base = {"[PAD]": 0, "[unused0]": 1, "the": 2, "w": 3, "##e": 4}
    grown = grow(base, {"welzijn": 9.0, "drempel": 5.0}, {}, size=40)
    assert {piece: grown.ids[piece] for piece in ("[PAD]", "the", "w", "##e")} == {
        "[PAD]": 0,
        "the": 2,
        "w": 3,
        "##e": 4,
    }
    assert (grown.ids["welzijn"], grown.ids["drempel"], grown.size) == (1, 5, 6)
    assert grown.new == {"welzijn", "drempel"}


def test_a_piece_that_english_uses_more_than_dutch_is_not_added() -> None:
    base = {"s": 0, "##s": 1, "sta": 2, "##tin": 3, "##ti": 4, "##n": 5, "##i": 6, "##t": 7}
    assert "stati" in grow(base, {"stati": 4.0}, {}, size=5).ids
    assert "stati" not in grow(base, {"stati": 4.0}, {"statins": 9.0}, size=5).ids


def test_the_ending_of_compounds_becomes_a_piece() -> None:
    base = {"dieren": 0, "kinder": 1, "studenten": 2}
    words = {"welzijn": 30.0, "dierenwelzijn": 1.0, "kinderwelzijn": 1.0, "studentenwelzijn": 1.0}
    assert grow(base, words, {}, size=2).new == {"welzijn", "##welzijn"}


# ── alignment ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_find_their_translation() -> None:
    found = align((pair.english.split(), pair.dutch.split()) for pair in SENTENCES)
    for english, dutch in [*NOUNS, *VERBS]:
        best, probability = found.words[dutch][0]
        assert best == english
        assert probability > 0.9


def test_nothing_to_align_gives_no_translations() -> None:
    assert align([([], ["kat"])]).words == {}


def test_a_new_word_starts_where_its_translation_is(base: Path) -> None:
    grafted = graft(SENTENCES, base, pieces=20)
    ids, before = grafted.vocabulary.ids, Student.read(base).table.numpy()
    for english, dutch in NOUNS:
        one, two = grafted.table[ids[english]], grafted.table[ids[dutch]]
        assert float(one @ two / np.linalg.norm(one) / np.linalg.norm(two)) > 0.95
    assert np.array_equal(grafted.table[ids["cat"]], before[base_pieces(grafted.tokenizer)["cat"]])
    assert grafted.tokenizer.encode("de docent").tokens == ["[CLS]", "de", "docent", "[SEP]"]


# ── student and distillation ─────────────────────────────────────────────────────────────────────────────────────────


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


# ── export ───────────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── the whole, and what it is worth ──────────────────────────────────────────────────────────────────────────────────


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

    def encode_tokens(self, texts: object) -> list[Tokens]:
        return []


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
