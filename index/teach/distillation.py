"""Distillation: the student learns to put a Dutch text where its teacher puts the English twin.

    pairs ─► pools by source ─► chunks (sampled, some joined to passages) ─► batches of one length
    teacher(English) ─► target;  student(Dutch) ─► vector;  step: nearer to its target, and to no other

This is multilingual distillation (Reimers & Gurevych, 2020) with a contrast added: beside the distance to its own
target, a sentence must stand to thousands of other teacher vectors as its twin does (a softmax over similarities,
with the teacher's own softmax as the answer, so that near-synonyms in the bank are no mistakes). A share of the
batches is English on both sides and keeps the encoder where it was. The teacher reads each English text once.

All sampling comes from the seed and the chunk number, so a run that was stopped goes on where it was; only the
arithmetic of the gradient steps may differ between machines.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from index.teach.pairs import Pair
from index.teach.student import Student, padded, quick_kind

Ids = npt.NDArray[np.int32]

# How often a pair is shown, relative to others: natural sentences first, documentation and bare words last.
DOMAIN_WEIGHTS: Mapping[str, float] = {
    "general": 2.0,
    "edu_wellbeing": 3.0,
    "edu_wellbeing_lexicon": 5.0,
    "it_docs": 0.5,
    "it_ui": 0.5,
    "web_privacy": 0.5,
    "medical_terms": 0.35,
    "lexicon": 0.6,
    "short": 0.6,
}
# Sources that are not like the rest of their domain: news and captions are scarce, phenotypes and game dialogue are not.
SOURCE_WEIGHTS: Mapping[str, float] = {"stsb_nl_train": 4.0, "game_spd": 1.0, "hpo_nl": 0.25}
# A pair of so few words is `short`, whatever its domain: a button or a heading, not a sentence.
SHORT = 2


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to teach. Rates are for AdamW on the body and row-wise Adam on the embeddings."""

    steps: int | None = None
    minutes: float | None = None
    seed: int = 7
    body_rate: float = 1e-4
    table_rate: float = 1e-3
    warm_up: float = 0.03
    tokens: int = 1536
    largest_batch: int = 128
    english_share: float = 0.2
    passage_share: float = 0.12
    passage_pieces: int = 160
    mixed_share: float = 0.15
    chunk: int = 12_288
    bank: int = 4096
    temperature: float = 0.05
    nearness: float = 8.0
    weights: Mapping[str, float] = field(default_factory=lambda: dict(DOMAIN_WEIGHTS))
    source_weights: Mapping[str, float] = field(default_factory=lambda: dict(SOURCE_WEIGHTS))
    threads: int = 2
    checkpoint_minutes: float = 5.0


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn: piece ids for the student, and the row of the target in the chunk's teacher vectors."""

    ids: Ids
    target: int


@dataclass(frozen=True, slots=True)
class Pool:
    """The pairs of one source, with how many of them a chunk gets."""

    name: str
    pairs: Ids
    per_chunk: int


class Lessons:
    """The pairs, cut into pieces once; gives the examples of any chunk from its number alone."""

    def __init__(
        self, pairs: Sequence[Pair], teacher: Student, teacher_cut: Tokenizer, student_cut: Tokenizer, recipe: Recipe
    ) -> None:
        self.recipe = recipe
        self._teacher = teacher
        texts: dict[str, int] = {}
        self._english_of = np.array([texts.setdefault(pair.english, len(texts)) for pair in pairs], dtype=np.int32)
        self._dutch = encode_pieces(student_cut, [pair.dutch for pair in pairs])
        self._english = encode_pieces(student_cut, list(texts))
        self._read = encode_pieces(teacher_cut, list(texts))
        self._known = np.zeros(len(texts), dtype=bool)
        self._targets = np.zeros((len(texts), teacher.shape.width), dtype=np.float32)
        self._pools = _pools(pairs, recipe)

    def chunk(self, number: int) -> tuple[list[Example], npt.NDArray[np.float32]]:
        """Return the examples of chunk `number` and the teacher vectors (n, width) their targets point into."""
        recipe, rng = self.recipe, np.random.default_rng([self.recipe.seed, number])
        chosen = np.concatenate([_turn(pool, number, recipe.seed) for pool in self._pools])
        self._ask(np.unique(self._english_of[chosen]))
        targets = [self._targets[self._english_of[chosen]]]
        examples = [Example(self._dutch[pair], row) for row, pair in enumerate(chosen)]
        joined = self._passages(chosen, rng)
        if joined:
            read = [self._join(self._read, self._english_of[group]) for group in joined]
            targets.append(self._teacher.encode(read, quick_kind()))
            for row, group in enumerate(joined, len(chosen)):
                examples.append(Example(self._mixed(group, rng), row))
        english = rng.choice(len(examples), int(recipe.english_share * len(chosen)), replace=False)
        examples.extend(
            Example(self._english[self._english_of[chosen[row]]], int(row)) for row in english if row < len(chosen)
        )
        examples.extend(
            Example(self._join(self._english, self._english_of[group]), row)
            for row, group in enumerate(joined, len(chosen))
            if rng.random() < 2 * recipe.english_share
        )
        return examples, np.concatenate(targets)

    def batches(self, number: int) -> tuple[list[list[Example]], npt.NDArray[np.float32]]:
        """Return chunk `number` as batches of (nearly) one length, in random order, with the teacher vectors."""
        rng = np.random.default_rng([self.recipe.seed, number, 1])
        examples, targets = self.chunk(number)
        order = rng.permutation(len(examples))
        order = order[np.argsort([len(examples[i].ids) for i in order], kind="stable")]
        batches: list[list[Example]] = []
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and end - start < self.recipe.largest_batch:
                if (end - start + 1) * len(examples[order[end]].ids) > self.recipe.tokens and end - start >= 8:
                    break
                end += 1
            batches.append([examples[i] for i in order[start:end]])
            start = end
        return [batches[i] for i in rng.permutation(len(batches))], targets

    def _ask(self, texts: Ids) -> None:
        """Encode with the teacher the texts that are new to it."""
        fresh = texts[~self._known[texts]]
        if len(fresh):
            self._targets[fresh] = self._teacher.encode([self._read[i] for i in fresh], quick_kind())
            self._known[fresh] = True

    def _passages(self, chosen: Ids, rng: np.random.Generator) -> list[Ids]:
        """Join pairs of one source to passages of slide length."""
        by_source: defaultdict[int, list[int]] = defaultdict(list)
        spans = np.cumsum([pool.per_chunk for pool in self._pools])
        for place, pair in enumerate(chosen):
            if len(self._dutch[pair]) >= SHORT + 3:
                by_source[int(np.searchsorted(spans, place, side="right"))].append(int(pair))
        wanted = int(self.recipe.passage_share * len(chosen))
        groups: list[Ids] = []
        members = [np.array(pairs) for pairs in by_source.values() if len(pairs) >= 6]
        if not members:
            return groups
        odds = np.array([len(pairs) for pairs in members], dtype=float) ** 0.75
        for which in rng.choice(len(members), wanted, p=odds / odds.sum()):
            room = int(rng.integers(24, self.recipe.passage_pieces))
            group: list[int] = []
            for pair in rng.choice(members[which], min(8, len(members[which])), replace=False):
                size = len(self._dutch[pair]) - 2
                if size > room and group:
                    break
                group.append(int(pair))
                room -= size
            if len(group) > 1:
                groups.append(np.array(group, dtype=np.int32))
        return groups

    def _mixed(self, group: Ids, rng: np.random.Generator) -> Ids:
        """A Dutch passage in which a sentence now and then stayed English, as on a Dutch slide."""
        stays = rng.random(len(group)) < self.recipe.mixed_share
        pieces = [
            self._english[self._english_of[pair]] if stay else self._dutch[pair]
            for pair, stay in zip(group, stays, strict=True)
        ]
        return self._join(pieces, np.arange(len(group), dtype=np.int32))

    def _join(self, pieces: Sequence[Ids], rows: Ids) -> Ids:
        inner = np.concatenate([pieces[i][1:-1] for i in rows])[: self.recipe.passage_pieces + 64]
        first = pieces[rows[0]]
        return np.concatenate([first[:1], inner, first[-1:]])


class RowAdam:
    """Adam for an embedding table of which a step uses a few rows: only those rows move, and only they cost time."""

    def __init__(self, table: Tensor, betas: tuple[float, float] = (0.9, 0.99), epsilon: float = 1e-8) -> None:
        self.table = table
        self.betas, self.epsilon = betas, epsilon
        self.mean = torch.zeros_like(table)
        self.square = torch.zeros_like(table)
        self.turns = torch.zeros(len(table), 1)

    def step(self, rows: Tensor, gradient: Tensor, rate: float) -> None:
        """Move `rows` (n,) of the table against `gradient` (n, width)."""
        first, second = self.betas
        turns = self.turns[rows] + 1
        mean = self.mean[rows].lerp_(gradient, 1 - first)
        square = self.square[rows].mul_(second).addcmul_(gradient, gradient, value=1 - second)
        self.turns[rows], self.mean[rows], self.square[rows] = turns, mean, square
        size = (square / (1 - second**turns)).sqrt_().add_(self.epsilon)
        self.table[rows] -= rate * (mean / (1 - first**turns)) / size

    def state(self) -> dict[str, Tensor]:
        return {"mean": self.mean, "square": self.square, "turns": self.turns}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        self.mean, self.square, self.turns = state["mean"], state["square"], state["turns"]


def distil(
    student: Student,
    lessons: Lessons,
    recipe: Recipe,
    checkpoint: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    judge: Callable[[Student], str] | None = None,
) -> Student:
    """Teach the student until the recipe's steps or minutes are spent, and return it.

    With a `checkpoint` file the state is written there every few minutes, and a run that finds it goes on from it.
    `judge` is asked at each checkpoint for a line of figures to report.
    """
    if (recipe.steps is None) == (recipe.minutes is None):
        raise ValueError("say either how many steps or how many minutes to teach")
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    kind = quick_kind()
    body = torch.optim.AdamW(student.parameters(), lr=recipe.body_rate, weight_decay=0.0, fused=True)
    rows = RowAdam(student.table)
    step = chunk = batch = seen = 0
    spent = 0.0
    if checkpoint is not None and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        student.take(state["weights"])
        rows = RowAdam(student.table)
        rows.restore(state["rows"])
        body.load_state_dict(state["body"])
        step, chunk, batch, seen = (int(n) for n in state["place"])
        spent = float(state["spent"])
        progress(f"goes on from step {step}, after {spent / 60:.1f} minutes")
    began, saved = time.monotonic() - spent, time.monotonic()

    def save() -> None:
        if checkpoint is not None:
            state: dict[str, Any] = {
                "weights": student.weights(),
                "rows": rows.state(),
                "body": body.state_dict(),
                "place": [step, chunk, batch, seen],
                "spent": time.monotonic() - began,
            }
            fresh = checkpoint.with_suffix(".new")
            torch.save(state, fresh)
            fresh.replace(checkpoint)

    losses: list[tuple[float, float]] = []
    while True:
        batches, targets = lessons.batches(chunk)
        known = torch.from_numpy(targets)
        rng = np.random.default_rng([recipe.seed, chunk, 2])
        bank = known[torch.from_numpy(rng.choice(len(known), min(recipe.bank, len(known)), replace=False))]
        for at in range(batch, len(batches)):
            if recipe.steps is not None:
                done = step / max(recipe.steps, 1)
            else:
                done = (time.monotonic() - began) / (60 * (recipe.minutes or 1.0))
            if done >= 1.0:
                batch = at
                save()
                progress(f"finished at step {step}: {_summary(losses)}")
                return student
            pace = min(1.0, (done + 1e-3) / recipe.warm_up) * max(0.02, 1.0 - done)
            losses.append(_step(student, batches[at], known, bank, body, rows, pace, kind, recipe))
            step += 1
            seen += len(batches[at])
            if step % 100 == 0:
                minutes = (time.monotonic() - began) / 60
                progress(f"step {step} · {seen:,} texts · {minutes:.1f} min · {_summary(losses[-100:])}")
            if time.monotonic() - saved > 60 * recipe.checkpoint_minutes:
                batch = at + 1
                save()
                if judge is not None:
                    progress(judge(student))
                saved = time.monotonic()
        chunk, batch = chunk + 1, 0


def _step(
    student: Student,
    batch: Sequence[Example],
    known: Tensor,
    bank: Tensor,
    body: torch.optim.AdamW,
    rows: RowAdam,
    pace: float,
    kind: torch.dtype,
    recipe: Recipe,
) -> tuple[float, float]:
    """One gradient step; return (mean cosine to the targets, contrast loss)."""
    ids, mask = padded([example.ids for example in batch])
    target = known[torch.tensor([example.target for example in batch])]
    used, places = torch.unique(ids, return_inverse=True)
    leaf = student.table[used].requires_grad_()
    vectors = student(functional.embedding(places, leaf), mask, kind)
    cosine = (vectors * target).sum(1).mean()
    contrast = _contrast(vectors, target, bank, recipe.temperature)
    loss = recipe.nearness * (1.0 - cosine) + contrast
    for group in body.param_groups:
        group["lr"] = recipe.body_rate * pace
    body.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(student.parameters(), 2.0)
    body.step()
    with torch.no_grad():
        rows.step(used, leaf.grad if leaf.grad is not None else torch.zeros_like(leaf), recipe.table_rate * pace)
    return float(cosine.detach()), float(contrast.detach())


def _contrast(vectors: Tensor, target: Tensor, bank: Tensor, temperature: float) -> Tensor:
    """How differently student and teacher see a batch beside the bank: Kullback–Leibler divergence, both ways round."""
    others = torch.cat([target, bank])
    with torch.no_grad():
        wanted = functional.softmax(target @ others.T / temperature, dim=1)
        wanted_back = wanted[:, : len(target)] / wanted[:, : len(target)].sum(1, keepdim=True)
    there = functional.log_softmax(vectors @ others.T / temperature, dim=1)
    back = functional.log_softmax(target @ vectors.T / temperature, dim=1)
    missed = functional.kl_div(there, wanted, reduction="batchmean")
    return missed + 0.5 * functional.kl_div(back, wanted_back, reduction="batchmean")


def encode_pieces(tokenizer: Tokenizer, texts: Sequence[str], longest: int = 256) -> list[Ids]:
    """Cut texts into piece ids, [CLS] and [SEP] included, at most `longest` of them."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    return [np.array(one.ids, dtype=np.int32) for one in tokenizer.encode_batch_fast(list(texts))]


def _pools(pairs: Sequence[Pair], recipe: Recipe) -> list[Pool]:
    """Group pairs by source and divide a chunk among the groups by weight."""
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, pair in enumerate(pairs):
        short = "lexicon" not in pair.domain and max(len(pair.english.split()), len(pair.dutch.split())) <= SHORT
        groups[pair.source, "short" if short else pair.domain].append(number)
    weights = {}
    for (source, domain), group in groups.items():
        by_domain = recipe.weights.get(domain, 1.0)
        weights[source, domain] = len(group) * (
            by_domain if domain == "short" else recipe.source_weights.get(source, by_domain)
        )
    total = sum(weights.values())
    pools = []
    for (source, domain), group in groups.items():
        share = min(len(group), max(1, round(recipe.chunk * weights[source, domain] / total)))
        if weights[source, domain] > 0:
            pools.append(Pool(f"{source} ({domain})", np.array(group, dtype=np.int32), share))
    return pools


def _turn(pool: Pool, chunk: int, seed: int) -> Ids:
    """The pairs of a pool whose turn it is: the pool is gone through in a new order each time, nobody skipped."""
    start, size = chunk * pool.per_chunk, len(pool.pairs)
    taken: list[Ids] = []
    while sum(map(len, taken)) < pool.per_chunk:
        lap, place = divmod(start, size)
        order = np.random.default_rng([seed, lap, size]).permutation(size)
        part = order[place : place + pool.per_chunk - sum(map(len, taken))]
        taken.append(pool.pairs[part])
        start += len(part)
    return np.concatenate(taken)


def _summary(losses: Sequence[tuple[float, float]]) -> str:
    if not losses:
        return "nothing learnt yet"
    cosine, contrast = np.mean(losses, axis=0)
    return f"cosine {cosine:.4f} · contrast {contrast:.4f}"
