"""Alignment: which words mean each other, and so where a new piece's meaning starts.

    pairs of word lists ─► every word beside every word ─► expectation–maximisation ─► a translation table
    translation table + embeddings of English words ─► a first embedding for each new piece

IBM model 1 (Brown et al., 1993) with two additions: words prefer partners at the same relative place (Dyer et al.,
2013), and the two directions must agree while they learn (Liang et al., 2006): the product of both directions'
posteriors is what gets counted. Everything is arrays over all co-occurrences at once, so five rounds over fifty
million of them are a minute or two of NumPy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.teach.vocabulary import CONTINUED, Vocabulary, cut

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# How strongly a word prefers a partner at its own relative place in the sentence.
DIAGONAL = 4.0
# A word may also have no partner: the weight of "nothing" beside one real word.
NOTHING = 0.1
# Translations below this probability are noise in an average.
FAINT = 0.04


@dataclass(frozen=True, slots=True)
class Translations:
    """For each Dutch word its English words with probabilities, likeliest first; `seen` is how much evidence there was."""

    words: Mapping[str, tuple[tuple[str, float], ...]]
    seen: Mapping[str, float]


def align(
    sentences: Iterable[tuple[Sequence[str], Sequence[str]]],
    rounds: int = 5,
    longest: int = 40,
    progress: Callable[[str], None] = lambda _: None,
) -> Translations:
    """Learn word translations from pairs of (English words, Dutch words); longer sides are cut at `longest` words."""
    english: dict[str, int] = {}
    dutch: dict[str, int] = {}
    blocks = _cooccurrences(sentences, english, dutch, longest)
    if blocks is None:
        return Translations({}, {})
    key, at_english, at_dutch, prior = blocks
    progress(f"{len(key):,} co-occurrences of {len(english):,} English and {len(dutch):,} Dutch words")
    links, link = np.unique(key, return_inverse=True)
    link = link.astype(np.int32)
    link_english, link_dutch = (links // len(dutch)).astype(np.int32), (links % len(dutch)).astype(np.int32)
    to_dutch = np.full(len(links), 1.0, dtype=np.float32)
    to_english = np.full(len(links), 1.0, dtype=np.float32)
    counts: npt.NDArray[np.float64] = np.zeros(len(links))
    for turn in range(rounds):
        forward, backward = prior * to_dutch[link], prior * to_english[link]
        # The first round knows nothing yet: "nothing" must weigh like one typical word.
        idle = NOTHING * float(forward.mean())
        forward /= (np.bincount(at_dutch, forward) + idle).astype(np.float32)[at_dutch]
        idle = NOTHING * float(backward.mean())
        backward /= (np.bincount(at_english, backward) + idle).astype(np.float32)[at_english]
        forward *= backward
        counts = np.bincount(link, forward, minlength=len(links)).astype(np.float64)
        of_dutch = np.bincount(link_dutch, counts, minlength=len(dutch))
        of_english = np.bincount(link_english, counts, minlength=len(english))
        # The small constants keep a pair seen once from being certain.
        to_dutch = (counts / (of_english[link_english] + 0.01)).astype(np.float32)
        to_english = (counts / (of_dutch[link_dutch] + 0.01)).astype(np.float32)
        progress(f"round {turn + 1} of {rounds}")
    return _table(counts, link_english, link_dutch, list(english), list(dutch))


def _cooccurrences(
    sentences: Iterable[tuple[Sequence[str], Sequence[str]]],
    english: dict[str, int],
    dutch: dict[str, int],
    longest: int,
) -> tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.int32], Floats] | None:
    """Every English word beside every Dutch word of its sentence: pair key, both positions (global), prior."""
    sides: list[tuple[Ints, Ints]] = []
    for left, right in sentences:
        if left and right:
            numbers = [english.setdefault(word, len(english)) for word in left[:longest]]
            sides.append(
                (np.array(numbers), np.array([dutch.setdefault(word, len(dutch)) for word in right[:longest]]))
            )
    if not sides:
        return None
    total = sum(len(one) * len(two) for one, two in sides)
    key = np.empty(total, dtype=np.int64)
    at_english, at_dutch = np.empty(total, dtype=np.int32), np.empty(total, dtype=np.int32)
    prior = np.empty(total, dtype=np.float32)
    start = place_english = place_dutch = 0
    grids: dict[tuple[int, int], tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Floats]] = {}
    for one, two in sides:
        n, m = len(one), len(two)
        if (n, m) not in grids:
            row, column = np.divmod(np.arange(n * m, dtype=np.int32), m)
            apart = np.abs((row + 0.5) / n - (column + 0.5) / m)
            grids[n, m] = row, column, np.exp(-DIAGONAL * apart).astype(np.float32)
        row, column, near = grids[n, m]
        end = start + n * m
        key[start:end] = one[row] * len(dutch) + two[column]
        at_english[start:end], at_dutch[start:end] = row + place_english, column + place_dutch
        prior[start:end] = near
        start, place_english, place_dutch = end, place_english + n, place_dutch + m
    return key, at_english, at_dutch, prior


def _table(
    counts: npt.NDArray[np.float64],
    link_english: npt.NDArray[np.int32],
    link_dutch: npt.NDArray[np.int32],
    english: list[str],
    dutch: list[str],
) -> Translations:
    total = np.bincount(link_dutch, counts, minlength=len(dutch))
    share = counts / np.maximum(total[link_dutch], 1e-12)
    kept = np.flatnonzero((share >= FAINT) & (counts > 1e-3))
    found: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for i in kept[np.argsort(-share[kept], kind="stable")]:
        found[dutch[link_dutch[i]]].append((english[link_english[i]], float(share[i])))
    words = {word: tuple(pairs) for word, pairs in found.items()}
    return Translations(words, {word: float(total[i]) for i, word in enumerate(dutch) if word in words})


def first_embeddings(
    vocabulary: Vocabulary,
    base: Mapping[str, int],
    embeddings: Floats,
    translations: Translations,
    dutch: Mapping[str, float],
    english: Mapping[str, float],
) -> Floats:
    """Return the grown embedding table (pieces, width): known pieces as they were, new ones where their meaning is.

    A new whole word starts at the average of its English words, weighted by probability; a piece inside words at the
    average of the words it occurs in, pulled to the word it spells if there is one. A known piece that Dutch uses
    and English hardly does (het, een, niet) moves towards its Dutch meaning.
    """
    table = np.zeros((vocabulary.size, embeddings.shape[1]), dtype=np.float32)
    table[: len(embeddings)] = embeddings
    meanings = {
        word: vector
        for word in translations.words
        if (vector := _meaning(translations.words[word], base, embeddings)) is not None
    }
    sums: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(embeddings.shape[1], dtype=np.float32))
    weights: defaultdict[str, float] = defaultdict(float)
    for word, weight in dutch.items():
        meaning = meanings.get(word)
        if meaning is None:
            continue
        pieces = vocabulary.pieces(word)
        if len(pieces) > 1:
            for piece in pieces:
                if piece in vocabulary.new:
                    share = float(np.sqrt(weight)) * len(piece.removeprefix(CONTINUED)) / len(word)
                    sums[piece] += share * meaning
                    weights[piece] += share
    typical = float(np.median(np.linalg.norm(embeddings, axis=1)))
    for piece in vocabulary.new:
        spelt = meanings.get(piece.removeprefix(CONTINUED))
        inside = sums[piece] / weights[piece] if weights[piece] else None
        if spelt is not None and (inside is None or not piece.startswith(CONTINUED)):
            vector = spelt
        elif spelt is not None and inside is not None:
            vector = 0.7 * spelt + 0.3 * inside
        elif inside is not None:
            vector = inside
        else:
            vector = _own_pieces(piece, base, embeddings)
        # Averages are short and the encoder expects pieces of a usual length.
        table[vocabulary.ids[piece]] = vector * (typical / max(float(np.linalg.norm(vector)), 1e-6))
    for word, number in base.items():
        meaning = meanings.get(word)
        here, abroad = dutch.get(word, 0.0), 20.0 * english.get(word, 0.0)
        if meaning is not None and here > abroad and here >= 20:
            old = embeddings[number]
            moved = (here * meaning + abroad * old) / (here + abroad)
            table[number] = moved * (typical / max(float(np.linalg.norm(moved)), 1e-6))
    return table


def _meaning(translated: tuple[tuple[str, float], ...], base: Mapping[str, int], embeddings: Floats) -> Floats | None:
    total = np.zeros(embeddings.shape[1], dtype=np.float32)
    known = 0.0
    for word, share in translated:
        rows = [base[piece] for piece in cut(word, base)]
        if rows:
            total += share * embeddings[rows].mean(axis=0)
            known += share
    return total / known if known else None


def _own_pieces(piece: str, base: Mapping[str, int], embeddings: Floats) -> Floats:
    """The last resort: the average of the pieces the base would have cut it into."""
    rows = [base[part] for part in cut(piece.removeprefix(CONTINUED), base)]
    vector: Floats = embeddings[rows].mean(axis=0) if rows else embeddings.mean(axis=0)
    return vector
