"""Measure: the figures of an encoder, as one table that anyone can print again.

    encoders × sets kept aside ─► accuracy, rank correlation, nDCG, size, seconds ─► a table

Nothing here is learnt from, and `index.teach.pairs.sift` keeps near copies of these texts out of the lessons.

    python -m index.teach.measure --bitext FOLDER [--deck PDF --queries TSV] [--papers FOLDER] [--speed] MODEL...

MODEL is whatever `open_encoder` opens: a folder of ours, a sentence-transformers folder, or the name of a model.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, open_encoder

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs of texts with a score by people: STS and SICK."""

    name: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Twins:
    """The same sentences in two languages, row by row: Tatoeba."""

    name: str
    dutch: tuple[str, ...]
    english: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Queries over passages; `grades[i]` maps the place of a passage to how well it answers query i."""

    name: str
    queries: tuple[str, ...]
    passages: tuple[str, ...]
    grades: tuple[Mapping[int, float], ...]


Set = Scored | Twins | Judged


@dataclass(frozen=True, slots=True)
class Figure:
    """One number in the table, in percent unless its name has another unit."""

    measure: str
    value: float


def measure(encoder: Encoder, sets: Sequence[Set]) -> list[Figure]:
    """Return the figures of one encoder on each set."""
    return [figure for one in sets for figure in _figures(encoder, one)]


def table(encoders: Mapping[str, Encoder], sets: Sequence[Set], more: Mapping[str, Sequence[Figure]] = {}) -> str:
    """Return a Markdown table: a row for each measure, a column for each encoder; `more` adds rows by encoder."""
    columns = {name: [*measure(encoder, sets), *more.get(name, ())] for name, encoder in encoders.items()}
    rows = list(dict.fromkeys(figure.measure for figures in columns.values() for figure in figures))
    known = {name: {figure.measure: figure.value for figure in figures} for name, figures in columns.items()}
    lines = ["| measure | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    for row in rows:
        cells = (f"{known[name][row]:.2f}" if row in known[name] else "–" for name in columns)
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _figures(encoder: Encoder, one: Set) -> Iterator[Figure]:
    if isinstance(one, Twins):
        likeness = _vectors(encoder, one.dutch) @ _vectors(encoder, one.english).T
        for way, matrix in (("nl→en", likeness), ("en→nl", likeness.T)):
            found = matrix.argmax(axis=1)
            yield Figure(f"{one.name} {way} accuracy", 100 * accuracy(found))
            yield Figure(f"{one.name} {way} F1", 100 * mined_f1(found))
    elif isinstance(one, Scored):
        likeness = (_vectors(encoder, one.left) * _vectors(encoder, one.right)).sum(axis=1)
        yield Figure(f"{one.name} Spearman", 100 * spearman(likeness, np.array(one.scores)))
    else:
        queries = np.stack([encoder.encode_query(query) for query in one.queries])
        scores = queries @ encoder.encode_document(one.passages).T
        yield Figure(f"{one.name} nDCG@10", 100 * ndcg(scores, one.grades))
        yield Figure(f"{one.name} MRR@10", 100 * reciprocal_rank(scores, one.grades))


def _vectors(encoder: Encoder, texts: Sequence[str]) -> Floats:
    """Encode each different text once: the same sentences stand in many pairs of STS and SICK."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return encoder.encode_document(list(places))[[places[text] for text in texts]]


def accuracy(found: npt.NDArray[np.int64]) -> float:
    """Share of rows whose nearest row has the same number."""
    return float((found == np.arange(len(found))).mean())


def mined_f1(found: npt.NDArray[np.int64]) -> float:
    """F1 of bitext mining as MTEB computes it: weighted over the gold rows, a row found often is worth less."""
    often = np.bincount(found, minlength=len(found))
    right = found == np.arange(len(found))
    return float(np.where(right, 2.0 / (1.0 + often), 0.0).mean())


def spearman(one: npt.ArrayLike, two: npt.ArrayLike) -> float:
    """Rank correlation; ties share the mean of their ranks."""
    return float(np.corrcoef(_ranks(np.asarray(one)), _ranks(np.asarray(two)))[0, 1])


def _ranks(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    _, place, often = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(often)
    ranks: npt.NDArray[np.float64] = (last - (often - 1) / 2.0)[place]
    return ranks


def ndcg(scores: Floats, grades: Sequence[Mapping[int, float]], depth: int = 10) -> float:
    """Mean normalised discounted cumulative gain (Järvelin & Kekäläinen, 2002), gain = grade."""
    values = []
    for row, judged in zip(scores, grades, strict=True):
        discount = 1.0 / np.log2(np.arange(2, depth + 2))
        gains = [judged.get(int(place), 0.0) for place in np.argsort(-row, kind="stable")[:depth]]
        best = sorted(judged.values(), reverse=True)[:depth]
        values.append(float(np.dot(gains, discount[: len(gains)]) / np.dot(best, discount[: len(best)])))
    return float(np.mean(values))


def reciprocal_rank(scores: Floats, grades: Sequence[Mapping[int, float]], depth: int = 10) -> float:
    """Mean of 1 / rank of the first passage with any grade, 0 beyond `depth`."""
    values = []
    for row, judged in zip(scores, grades, strict=True):
        order = np.argsort(-row, kind="stable")[:depth]
        values.append(next((1.0 / rank for rank, place in enumerate(order, 1) if judged.get(int(place))), 0.0))
    return float(np.mean(values))


def read_bitext(folder: Path) -> list[Set]:
    """Read Tatoeba, STS-B and SICK (`test-*.tsv`) from a folder."""
    english, dutch = zip(*_rows(folder / "test-tatoeba.tsv"), strict=True)
    sets: list[Set] = [Twins("Tatoeba", dutch, english)]
    for name, file in (("STS-B", "test-stsb.tsv"), ("SICK", "test-sick.tsv")):
        rows = _rows(folder / file)[1:]
        scores = tuple(float(row[4]) for row in rows)
        for language, left in (("nl", 2), ("en", 0)):
            sets.append(
                Scored(
                    f"{name} {language}", tuple(row[left] for row in rows), tuple(row[left + 1] for row in rows), scores
                )
            )
    return sets


def read_deck(deck: Path, queries: Path) -> list[Set]:
    """Read judged queries (id, language, kind, query, page:grade,…) over the pages of a PDF; one set per kind and all."""
    pages = tuple(_pages(deck))
    rows = _rows(queries)
    grades = [
        {int(page) - 1: float(grade) for page, grade in (one.split(":") for one in row[4].split(","))} for row in rows
    ]
    sets: list[Set] = [Judged("deck", tuple(row[3] for row in rows), pages, tuple(grades))]
    for kind in sorted({row[2] for row in rows}):
        chosen = [i for i, row in enumerate(rows) if row[2] == kind]
        sets.append(Judged(f"deck {kind}", tuple(rows[i][3] for i in chosen), pages, tuple(grades[i] for i in chosen)))
    return sets


def read_papers(folder: Path, words: int = 110) -> list[Set]:
    """English passages found by English questions: each passage of the PDFs loses a sentence, and that must find it.

    This is the inverse cloze task (Lee et al., 2019): no judgements are needed and the passages are as long as ours.
    """
    queries, passages = [], []
    for path in sorted(folder.glob("*.pdf")):
        text = " ".join(" ".join(_pages(path)).split())
        sentences = [one for one in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text) if one.isprintable()]
        passage: list[str] = []
        for sentence in sentences:
            passage.append(sentence)
            if sum(len(one.split()) for one in passage) >= words:
                # Every third sentence or so is long enough to be a question and far enough from the edges.
                middle = next((one for one in passage[1:-1] if 8 <= len(one.split()) <= 25), None)
                if middle is not None:
                    queries.append(middle)
                    passages.append(" ".join(one for one in passage if one is not middle))
                passage = []
    return [Judged("English papers", tuple(queries), tuple(passages), tuple({i: 1.0} for i in range(len(queries))))]


_COLD = """
import sys, time
began = time.perf_counter()
{load}
encode("student well-being")
first = time.perf_counter() - began
times = []
for _ in range(100):
    began = time.perf_counter()
    encode("hoe voelen studenten zich thuis op de universiteit")
    times.append(time.perf_counter() - began)
print(first, sorted(times)[len(times) // 2])
"""
_LIGHT = "from index.encoder import open_encoder; encode = open_encoder(sys.argv[1]).encode_query"
# The way everybody runs such a model, and so the yardstick: without our encoder around it.
_TORCH = "from sentence_transformers import SentenceTransformer; encode = SentenceTransformer(sys.argv[1], device='cpu').encode"


def speed(folder: Path) -> list[Figure]:
    """Seconds from a fresh interpreter to the first vector, and median milliseconds of a query after that."""
    load = _LIGHT if (folder / "model.onnx").exists() else _TORCH
    code = _COLD.format(load=load)
    done = subprocess.run(  # noqa: S603  # our own interpreter on our own text
        [sys.executable, "-W", "ignore", "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    first, warm = (float(part) for part in done.stdout.split()[-2:])
    return [Figure("cold start to first vector (s)", first), Figure("warm query (ms)", 1000 * warm)]


def size(folder: Path) -> Figure:
    """Megabytes (10^6 bytes) of all files in a model folder."""
    return Figure("files (MB)", sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6)


def _rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]


def _pages(path: Path) -> list[str]:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return [document[i].get_textpage().get_text_range() for i in range(len(document))]
    finally:
        document.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m index.teach.measure", description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    parser.add_argument("--bitext", type=Path, help="folder with test-tatoeba.tsv, test-stsb.tsv and test-sick.tsv")
    parser.add_argument("--deck", type=Path, help="a PDF whose pages are judged")
    parser.add_argument("--queries", type=Path, help="judged queries over the deck")
    parser.add_argument("--papers", type=Path, help="folder of English PDFs")
    parser.add_argument("--speed", action="store_true", help="cold start and warm query, each in a fresh interpreter")
    chosen = parser.parse_args(arguments)
    sets: list[Set] = []
    if chosen.bitext:
        sets += read_bitext(chosen.bitext)
    if chosen.deck and chosen.queries:
        sets += read_deck(chosen.deck, chosen.queries)
    if chosen.papers:
        sets += read_papers(chosen.papers)
    more = {path.name: [size(path), *(speed(path) if chosen.speed else ())] for path in chosen.models}
    began = time.perf_counter()
    print(table({path.name: open_encoder(str(path)) for path in chosen.models}, sets, more))
    print(f"\n{time.perf_counter() - began:.0f} seconds", file=sys.stderr)


if __name__ == "__main__":
    main()
