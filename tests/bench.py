"""`make bench`: speed, as ratios in one run on one machine, each against its goal.

    start    `kb --help`; `kb search` from process start to result, against the same through sentence-transformers
             `kb ask` against `kb search`
    query    a warm query over 10,000 passages (encode, both retrievers, fusion, evidence), a question (with its answer)
             and a results page over 1,000, each against the encoder alone
    ingest   a deck of 1,000 slides: the share of the wall time that is encoding

Ratios carry over to other machines, seconds do not. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from index.dense import parts
from index.encoder import SHIPPED
from index.teach import sentence_transformers_folder
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.model import Query
from kb.settings import Settings
from tests.writers import Slide, write_pptx
from web import create_app

ROUNDS = 5
QUERY_ROUNDS = 15
WARMING = 4

# Slides are made of the small words of both languages and of invented content words that are as unevenly used as real
# ones (Zipf): bench measures time, not sense, but the sparse retriever is only as fast as its words are rare.
SMALL = "de het een van en in is dat op te voor met niet zijn aan er om ook als the of and to in that is for on with as".split()
SYLLABLES = (
    "ba de ki lo mu na pe ri so tu va we zo stra blen kro flin dam gor hel jas pren ter sching lijk heid".split()
)
CONTENT = 20_000
QUERIES = 64

THROUGH_TORCH = """
import sys
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1])
model.encode([sys.argv[2]], normalize_embeddings=True)
"""


def seconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median wall time of a call."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def by_turns(rounds: int, *calls: Callable[[str], object]) -> list[list[float]]:
    """The mean wall time (s) of each call for one query, round by round.

    The calls take turns within each round, for a machine is not equally quick all day.
    """
    taken: list[list[float]] = [[] for _ in calls]
    for each in range(1, rounds + 1):
        for number, (call, times) in enumerate(zip(calls, taken, strict=True)):
            questions = queries(each + 100 * number)
            began = time.perf_counter()
            for question in questions:
                call(question)
            times.append((time.perf_counter() - began) / len(questions))
    return taken


def word(rank: int) -> str:
    """The content word of a rank; the same number always spells the same word."""
    spelled, rest = "", rank + len(SYLLABLES)
    while rest:
        rest, place = divmod(rest, len(SYLLABLES))
        spelled += SYLLABLES[place]
    return spelled


def text(chance: random.Random, words: int) -> str:
    """A sentence: two small words to three content words, ranks by Zipf's law."""
    picked = [
        chance.choice(SMALL) if chance.random() < 0.4 else word(int(CONTENT ** chance.random()) - 1)
        for _ in range(words)
    ]
    return " ".join(picked).capitalize() + "."


def queries(seed: int) -> list[str]:
    """Questions of six words, no two alike, so that nothing remembered answers them."""
    chance = random.Random(seed)
    return [text(chance, 6) for _ in range(QUERIES)]


def deck(slides: int, seed: int) -> bytes:
    chance = random.Random(seed)
    return write_pptx(
        [Slide(text(chance, 4), tuple(text(chance, 10) for _ in range(5))) for _ in range(slides)], f"Deck {seed}"
    )


def run(home: Path, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "kb", *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, "KB_HOME": str(home)},
    )


def fill(knowledge_base: KnowledgeBase, folder: Path, passages: int) -> None:
    """Passages enough for a realistic query; their vectors are random, for only their number costs time."""
    chance = np.random.default_rng(7)
    for seed in range(passages // 500):
        path = folder / f"{seed}.pptx"
        path.write_bytes(deck(500, seed))
        list(knowledge_base.ingest([path]))
    encoder = knowledge_base.searcher.encoder
    fingerprint = knowledge_base.searcher.dense.fingerprint

    def drawn(count: int) -> npt.NDArray[np.float32]:
        vectors = chance.normal(size=(count, encoder.dimension)).astype(np.float32)
        unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    while waiting := knowledge_base.catalogue.passages.unembedded(fingerprint, 2000):
        knowledge_base.catalogue.passages.add_vectors(
            fingerprint,
            [key for key, _, _ in waiting],
            drawn(len(waiting)),
            [drawn(len(parts(text))) for _, text, _ in waiting],
            [chance.integers(-50, 50, size=(100, 64), dtype=np.int8) for _ in waiting],
        )


@dataclass(frozen=True, slots=True)
class Result:
    """One figure with its goal."""

    name: str
    figure: str
    goal: str
    met: bool


def at_most(name: str, whole: Sequence[float], part: Sequence[float], goal: float) -> Result:
    """How many times one time (s) the other is, round by round; the median counts."""
    ratio = statistics.median(one / other for one, other in zip(whole, part, strict=True))
    shown = f"{statistics.median(whole) * 1000:.1f} ms against {statistics.median(part) * 1000:.1f} ms"
    return Result(name, f"{shown}: {ratio:.1f} times", f"≤ {goal:g} times", ratio <= goal)


def measure_start(folder: Path) -> Iterator[Result]:
    """Commands from process start, on one deck."""
    home = folder / "small"
    small = open_knowledge_base(Settings(home))
    path = folder / "small.pptx"
    path.write_bytes(deck(40, 1))
    list(small.ingest([path]))
    small.refresh()
    small.close()
    question = "hoe help je studenten die zich niet thuis voelen"

    help_time = seconds(lambda: run(home, "--help"))
    yield Result("kb --help", f"{help_time:.2f} s", "< 0.30 s", help_time < 0.3)

    search_time = seconds(lambda: run(home, "search", question))
    model = folder / "model"
    sentence_transformers_folder(SHIPPED, model)
    torch_time = seconds(
        lambda: subprocess.run(
            [sys.executable, "-c", THROUGH_TORCH, str(model), question], check=True, capture_output=True
        ),
        rounds=3,
    )
    ratio = torch_time / search_time
    shown = f"{search_time:.2f} s against {torch_time:.2f} s: {ratio:.1f} times faster"
    yield Result("kb search, from process start", shown, "≥ 8 times", ratio >= 8)

    ask_time = seconds(lambda: run(home, "ask", question))
    yield at_most("kb ask against kb search, from process start", [ask_time], [search_time], 1.3)


def measure_queries(folder: Path) -> Iterator[Result]:
    """Warm queries over 10,000 passages, and pages over 1,000; no query is asked twice."""
    large = open_knowledge_base(Settings(folder / "large"))
    fill(large, folder, 10_000)
    large.refresh()
    for seed in range(WARMING):
        for query in queries(1000 + seed):
            large.ask(Query(query))
    # Encoded in a row, its weights at hand: the least that the encoder can need, so the strictest measure. Each call has
    # questions of its own, for the vector of a query is kept.
    encoding, answering, asking = by_turns(
        QUERY_ROUNDS,
        large.searcher.encoder.encode_query,
        lambda query: large.search(Query(query)),
        lambda query: large.ask(Query(query)),
    )
    yield at_most("warm query, 10,000 passages", answering, encoding, 3)
    yield at_most("warm question, 10,000 passages", asking, encoding, 5)
    large.close()

    middle = open_knowledge_base(Settings(folder / "middle"))
    fill(middle, folder, 1_000)
    middle.refresh()
    client = create_app(middle).test_client()
    for query in queries(1000):
        client.get("/", query_string={"q": query})
    encoding, serving = by_turns(
        QUERY_ROUNDS,
        middle.searcher.encoder.encode_query,
        lambda query: client.get("/", query_string={"q": query}),
    )
    yield at_most("results page with answer, 1,000 passages", serving, encoding, 5)
    middle.close()


def measure_ingest(folder: Path) -> Iterator[Result]:
    """A deck of 1,000 slides."""
    fresh = open_knowledge_base(Settings(folder / "fresh"))
    path = folder / "thousand.pptx"
    path.write_bytes(deck(1000, 99))
    fresh.searcher.encoder.encode_query("warm")
    began = time.perf_counter()
    list(fresh.ingest([path]))
    taken_in = time.perf_counter()
    fresh.refresh()
    done = time.perf_counter()
    fresh.close()
    share = (done - taken_in) / (done - began)
    shown = f"{done - began:.1f} s, of which {share:.0%} embedding"
    yield Result("ingest of 1,000 slides", shown, "≥ 80 %", share >= 0.8)


def main() -> int:
    all_met = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for result in chain(measure_start(folder), measure_queries(folder), measure_ingest(folder)):
            click.echo(f"{'ok  ' if result.met else 'MISS'}  {result.name}: {result.figure} (goal {result.goal})")
            all_met = all_met and result.met
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main())
