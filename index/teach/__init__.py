"""Teach: an English sentence encoder learns another language, without a model hub and without a GPU.

    text pairs ─► pairs         without test sets and their near copies
        ├──────► vocabulary     the word pieces the other language needs
        ├──────► alignment      which words mean each other: where each new piece starts
        ├──────► distillation   the student puts a sentence where the teacher puts its English twin
        └──────► export         a folder that runs without torch (and a sentence-transformers folder on demand)
                 measure        the table of figures, beside other encoders

The first three take minutes and no gradient step, and give most of what the whole gives. Any language pair, or the
vocabulary of a field, is grafted in the same way: `Dutch` in the names below is the side to be learnt. Only this
package imports torch; nothing in the rest of `index` imports this package.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from index.teach.alignment import Floats, align, first_embeddings
from index.teach.distillation import Lessons, Recipe, distil, encode_pieces
from index.teach.export import Identity, Storage, export, read_export, sentence_transformers_folder
from index.teach.model_card import Origin, card, count_sources
from index.teach.pairs import Pair, Sifted, read_lines, read_pairs, sift
from index.teach.student import Student, quick_kind
from index.teach.vocabulary import WORD_WEIGHTS, Vocabulary, base_pieces, grow, split_words, with_vocabulary

__all__ = [
    "Grafted",
    "Identity",
    "Pair",
    "Recipe",
    "Sifted",
    "graft",
    "read_export",
    "read_pairs",
    "sentence_transformers_folder",
    "sift",
    "teach",
]

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Grafted:
    """The base encoder's vocabulary and embeddings, grown by the new language's pieces."""

    tokenizer: Tokenizer
    vocabulary: Vocabulary
    table: Floats


def teach(
    pairs: Iterable[Path],
    out: Path,
    base: Path,
    *,
    steps: int | None = None,
    minutes: float | None = None,
    seed: int = 7,
    pieces: int = 21_000,
    name: str = "kb-minilm-nl-en",
    storage: Storage = "int8",
    kept_aside: Sequence[Path] = (),
    judged_on: Sequence[Path] = (),
    work: Path | None = None,
    recipe: Recipe | None = None,
    licences: Mapping[str, str] | None = None,
    progress: Progress = lambda _: None,
) -> Path:
    """Teach the encoder in folder `base` from files of text pairs, write it to `out`, and return `out`.

    `kept_aside` are tab-separated files of which no text, nor a near copy, may be learnt; `judged_on` are pair files
    (never learnt from either) for a line of figures at each checkpoint. `work` keeps checkpoints (default: beside
    `out`): the same call goes on where the last one stopped. Exactly one of `steps` and `minutes` bounds the
    gradient steps; 0 of either exports the grafted encoder as it is. `licences` gives a licence class for each source,
    for the model card. Raises ValueError for files that are not pairs and for a base that is not a BERT folder.
    """
    recipe = replace(recipe or Recipe(), steps=steps, minutes=minutes, seed=seed)
    if (steps is None) == (minutes is None):
        raise ValueError("say either how many steps or how many minutes to teach")
    for needed in ("config.json", "tokenizer.json", "model.safetensors"):
        if not (base / needed).is_file():
            raise ValueError(f"the base {base} has no {needed}: wanted is a sentence-transformers folder of a BERT")
    work = work or out.with_name(out.name + ".work")
    work.mkdir(parents=True, exist_ok=True)
    judged = list(read_pairs(judged_on))
    held = [*_texts(kept_aside), *(text for pair in judged for text in (pair.english, pair.dutch))]
    sifted = sift(read_pairs(pairs), held)
    dropped = f"{sifted.copies} copies and {sifted.near_copies} near copies of texts kept aside"
    progress(f"{len(sifted.pairs):,} pairs; dropped {dropped}")
    if not sifted.pairs:
        raise ValueError("there are no pairs to learn from")
    grafted = _grafted(sifted.pairs, base, pieces, work, progress)
    teacher, student = Student.read(base), Student.read(base)
    student.table = torch.from_numpy(grafted.table)
    if steps or minutes:
        teacher_cut = _tokenizer(base)
        lessons = Lessons(sifted.pairs, teacher, teacher_cut, grafted.tokenizer, recipe)
        judge = _judge(judged, teacher, teacher_cut, grafted.tokenizer) if judged else None
        student = distil(student, lessons, recipe, work / "checkpoint.pt", progress, judge)
    export(
        student,
        grafted.tokenizer,
        out,
        Identity(name),
        storage,
        card(_origin(name, base, sifted, licences or {}, recipe)),
    )
    progress(f"written to {out}")
    return out


def graft(pairs: Sequence[Pair], base: Path, pieces: int = 21_000, progress: Progress = lambda _: None) -> Grafted:
    """Grow the vocabulary of the encoder in `base` and give each new piece its first embedding; no gradient step."""
    tokenizer = _tokenizer(base)
    known = base_pieces(tokenizer)
    dutch: Counter[str] = Counter()
    english: Counter[str] = Counter()
    sentences: list[tuple[list[str], list[str]]] = []
    for pair in pairs:
        weight = WORD_WEIGHTS.get(pair.domain, 1.0)
        sides = split_words(tokenizer, pair.english), split_words(tokenizer, pair.dutch)
        sentences.append(sides)
        for counts, words in zip((english, dutch), sides, strict=True):
            for word in words:
                counts[word] += weight  # type: ignore[assignment]  # weights are fractions of occurrences
    progress(f"{len(dutch):,} Dutch and {len(english):,} English words")
    vocabulary = grow(known, dutch, english, pieces)
    progress(f"{len(vocabulary.new):,} new pieces")
    translations = align(sentences, progress=progress)
    embeddings = Student.read(base).table.numpy()
    table = first_embeddings(vocabulary, known, embeddings, translations, dutch, english)
    return Grafted(with_vocabulary(tokenizer, vocabulary), vocabulary, table)


def _grafted(pairs: Sequence[Pair], base: Path, pieces: int, work: Path, progress: Progress) -> Grafted:
    """The graft kept in `work`, or a new one that is kept there."""
    cut, new, rows = work / "tokenizer.json", work / "new-pieces.json", work / "table.npy"
    if rows.exists():
        tokenizer = Tokenizer.from_file(str(cut))
        vocabulary = Vocabulary(base_pieces(tokenizer), frozenset(json.loads(new.read_text(encoding="utf-8"))))
        progress(f"goes on with the graft in {work}")
        return Grafted(tokenizer, vocabulary, np.load(rows))
    made = graft(pairs, base, pieces, progress)
    made.tokenizer.save(str(cut))
    new.write_text(json.dumps(sorted(made.vocabulary.new)), encoding="utf-8")
    np.save(rows, made.table)
    return made


def _origin(name: str, base: Path, sifted: Sifted, licences: Mapping[str, str], recipe: Recipe) -> Origin:
    bound = f"--steps {recipe.steps}" if recipe.steps is not None else f"--minutes {recipe.minutes:g}"
    again = f"kb teach --pairs FILE … --base {base.name} {bound} --seed {recipe.seed} --out FOLDER"
    dropped = sifted.copies + sifted.near_copies
    return Origin(name, base.name, count_sources(sifted.pairs), dropped, again, licences)


def _judge(
    pairs: Sequence[Pair], teacher: Student, teacher_cut: Tokenizer, student_cut: Tokenizer
) -> Callable[[Student], str]:
    """Return a function that gives in one line how a student does on pairs it does not learn from."""
    read = teacher.encode(encode_pieces(teacher_cut, [pair.english for pair in pairs]), quick_kind())
    dutch = encode_pieces(student_cut, [pair.dutch for pair in pairs])
    english = encode_pieces(student_cut, [pair.english for pair in pairs])

    def judge(student: Student) -> str:
        began = time.monotonic()
        ours, theirs = student.encode(dutch), student.encode(english)
        likeness, right = ours @ theirs.T, np.arange(len(pairs))
        found = [100 * float((matrix.argmax(1) == right).mean()) for matrix in (likeness, likeness.T)]
        near = [float((vectors * read).sum(1).mean()) for vectors in (ours, theirs)]
        return (
            f"kept aside: nl→en {found[0]:.2f}, en→nl {found[1]:.2f}; cosine to the teacher: nl {near[0]:.4f}, "
            f"en {near[1]:.4f} ({time.monotonic() - began:.0f} s)"
        )

    return judge


def _tokenizer(base: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _texts(paths: Iterable[Path]) -> Iterable[str]:
    """Every cell of tab-separated files that is more than a label or a number."""
    for path in paths:
        for line in read_lines(path):
            yield from (cell for cell in line.split("\t") if " " in cell or cell.endswith((".", "!", "?")))
