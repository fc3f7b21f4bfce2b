"""Teaching: pairs, pieces of words and translations, before any training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from index.teach import (
    Pair,
    graft,
    read_pairs,
    sift,
)
from index.teach.alignment import align
from index.teach.student import Shape, Student
from index.teach.vocabulary import CONTINUED, base_pieces, cut, grow
from tests.lessons import ENGLISH, NOUNS, SENTENCES, VERBS


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
