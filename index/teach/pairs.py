"""Text pairs: two sentences with the same meaning, and test texts that must not be learnt from.

    files ─► pairs (English, Dutch, source, domain) ─► without the test sets and their near copies ─► pairs to learn from

A pair that shares a side with a test set would make every figure about that set a lie, and so would a pair that
differs from it in one comma. Both are dropped and counted, never silently.
"""

from __future__ import annotations

import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# Two texts whose three-word runs overlap this much (Jaccard) are one text with a slip of the pen.
NEAR_COPY = 0.75

_WORDS = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Pair:
    """One text in two languages; `english` is the side the teacher reads, `dutch` the side to be learnt."""

    english: str
    dutch: str
    source: str = ""
    domain: str = "general"


@dataclass(frozen=True, slots=True)
class Sifted:
    """The remaining pairs, and how many were dropped: exact copies and near copies of test texts."""

    pairs: tuple[Pair, ...]
    copies: int
    near_copies: int


def read_pairs(paths: Iterable[Path]) -> Iterator[Pair]:
    """Yield the pairs of tab-separated files (`.xz` or plain): English, Dutch and, if there, source and domain.

    Rows with an empty side are skipped; a row with fewer than two columns is a ValueError that names file and line.
    """
    for path in paths:
        for number, line in enumerate(read_lines(path), 1):
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) < 2:
                raise ValueError(f"{path}, line {number}: expected English, a tab and Dutch")
            if cells[0] and cells[1]:
                source = cells[2] if len(cells) > 2 else path.name.split(".")[0]
                yield Pair(cells[0], cells[1], source, cells[3] if len(cells) > 3 else "general")


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, `.xz` or plain; ValueError names a file that is neither."""
    try:
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
            for line in lines:
                yield line.rstrip("\n")
    except (UnicodeDecodeError, lzma.LZMAError, EOFError) as error:
        raise ValueError(f"{path} cannot be read ({error}): wanted is UTF-8 text, plain or .xz") from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from error


def sift(pairs: Iterable[Pair], kept_aside: Iterable[str]) -> Sifted:
    """Drop every pair of which either side is, or nearly is, one of the texts `kept_aside`."""
    held = _HeldTexts(kept_aside)
    kept: list[Pair] = []
    copies = near = 0
    for pair in pairs:
        verdicts = {held.verdict(pair.english), held.verdict(pair.dutch)}
        if "copy" in verdicts:
            copies += 1
        elif "near" in verdicts:
            near += 1
        else:
            kept.append(pair)
    return Sifted(tuple(kept), copies, near)


class _HeldTexts:
    """Texts kept aside, findable by their words whatever their punctuation."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._exact: set[str] = set()
        self._sizes: list[int] = []
        self._by_run: defaultdict[str, list[int]] = defaultdict(list)
        for text in texts:
            words = _words(text)
            plain = " ".join(words)
            if not plain or plain in self._exact:
                continue
            self._exact.add(plain)
            runs = _runs(words)
            for run in runs:
                self._by_run[run].append(len(self._sizes))
            self._sizes.append(len(runs))

    def verdict(self, text: str) -> str:
        words = _words(text)
        if not words:
            return "fresh"
        if " ".join(words) in self._exact:
            return "copy"
        runs = _runs(words)
        shared: Counter[int] = Counter()
        for run in runs:
            shared.update(self._by_run.get(run, ()))
        for held, count in shared.items():
            if count / (len(runs) + self._sizes[held] - count) >= NEAR_COPY:
                return "near"
        return "fresh"


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.casefold())


def _runs(words: Sequence[str]) -> set[str]:
    """Every three consecutive words, the edges counted as words, so that a short text has runs too."""
    edged = ["^", *words, "$"]
    return {" ".join(edged[i : i + 3]) for i in range(len(edged) - 2)}
