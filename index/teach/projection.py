"""The projection of token vectors: the directions in which the states of everyday sentences differ most.

    python -m index.teach.projection TRAIN.tsv[.xz] MODEL

Each line of TRAIN starts with a text in two languages, separated by a tab. Writes `token_projection.npy` (d, 64), float16.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import LightEncoder, Vectors
from index.teach.pairs import read_pairs
from index.tokens import FILE

DIRECTIONS = 64
PAIRS = 3000
SEED = 1


def projection(states: Iterable[Vectors], directions: int = DIRECTIONS) -> npt.NDArray[np.float16]:
    """The first principal directions (d, directions) of states (n, d), each state scaled to length one, not centred."""
    total: npt.NDArray[np.float64] | None = None
    for each in states:
        unit = each / np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-9)
        product = (unit.T @ unit).astype(np.float64)
        total = product if total is None else total + product
    if total is None:
        raise ValueError("there is no text")
    _, vectors = np.linalg.eigh(total)
    found: npt.NDArray[np.float16] = vectors[:, ::-1][:, :directions].astype(np.float16)
    return found


def states(encoder: LightEncoder, texts: Iterable[str]) -> Iterator[Vectors]:
    """The states of the pieces of texts, batch by batch."""
    remaining = iter(texts)
    while batch := list(islice(remaining, 64)):
        yield np.concatenate([each for each in encoder.encode_tokens(batch)[1] if len(each)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("model", type=Path)
    given = parser.parse_args()
    pairs = list(read_pairs([given.train]))
    random.Random(SEED).shuffle(pairs)  # noqa: S311
    texts = [text for pair in pairs[:PAIRS] for text in (pair.english, pair.dutch)]
    np.save(given.model / FILE, projection(states(LightEncoder(given.model), texts)))


if __name__ == "__main__":
    main()
