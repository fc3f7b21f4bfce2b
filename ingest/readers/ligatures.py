"""Letters that a font of a PDF draws as one sign (ti, fi, ff, tt, ft) and gives no name for: put back, or noticed.

    "mo\\x01verende", "reflec/t_ie"  a sign or a glyph name in their place ─► the letters that make most words known
    "moverende", "reflec e"         nothing or a blank in their place     ─► counted: words that are known with them

Whether words are known is asked of word lists, which take time to load: first it is counted whether pairs of letters that every
Dutch or English text has are missing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kb.language.known import is_known

LIGATURES = ("ti", "tt", "ft", "fi", "fl", "ff", "ffi", "ffl", "tti", "fj")
PAIRS: Mapping[str, float] = {"ti": 0.0056, "tt": 0.001}
"""The least share of pairs in the letters of ordinary Dutch and English texts (kb/demonstration/sources)."""
FEWEST_EXPECTED = 3
"""A text is long enough to miss a pair when it should have it so many times."""
PRESENT = 0.1
"""Share of the expected pairs below which they are missing."""
EVIDENCE = 3
"""Different words that must become known before letters are put back or missed."""
SHARE = 0.5
"""Share of the words with a sign that must become known with the letters for it."""
LACKING = 0.005
"""Share of the words of a text that become known with letters put back, from which it lacks letters."""
SHORTEST = 6
"""Letters of a word that is doubted; in shorter ones another word is too often a ligature away."""

LONGEST = 40
"""Letters of a word; a longer run of letters is none."""

_SIGN = "[\x01-\x08\x0e-\x1e\x7f-\x9f\ue000-\uf8ff\ufffd]"
_GLYPH = r"/(?:[fTt]_)+[fijltbhk]"
_MARK = re.compile(f"{_SIGN}|{_GLYPH}")
_BEFORE = re.compile(r"[^\W\d_]*\Z")
_AFTER = re.compile(r"[^\W\d_]*")
_WORD = re.compile(r"[^\W\d_]+")
_PIECE = re.compile(r"([^\W\d_]+)( ?)")


def replacements(texts: Iterable[str]) -> dict[str, str]:
    """The letters for each sign or glyph name that takes the place of letters in some texts; empty when there is none."""
    around: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for text in texts:
        for found in _MARK.finditer(text):
            before = _BEFORE.search(text[max(0, found.start() - LONGEST) : found.start()])
            after = _AFTER.match(text, found.end(), found.end() + LONGEST)
            place = tuple("" if letters is None else letters.group().casefold() for letters in (before, after))
            if any(place):
                around[found.group()].add((place[0], place[1]))
    chosen = ((mark, _best(mark, places)) for mark, places in around.items() if len(places) >= EVIDENCE)
    return {mark: letters for mark, letters in chosen if letters is not None}


def _best(mark: str, places: set[tuple[str, str]]) -> str | None:
    """The letters that make most of the words around a mark known; None when too few are."""
    candidates = (mark[1:].replace("_", ""),) if mark.startswith("/") else LIGATURES
    known = {letters: sum(is_known(f"{before}{letters}{after}") for before, after in places) for letters in candidates}
    best = max(candidates, key=lambda letters: known[letters])
    return best if known[best] >= max(EVIDENCE, SHARE * len(places)) else None


def put_back(text: str, letters: Mapping[str, str]) -> str:
    """A text with the letters of `replacements`."""
    for mark, replacement in letters.items():
        text = text.replace(mark, replacement)
    return text


def may_lack(text: str) -> bool:
    """Whether a text is without a pair of letters that ordinary texts of its length have."""
    folded = text.casefold()
    count = sum(map(len, _WORD.findall(folded)))
    return any(
        count * share >= FEWEST_EXPECTED and folded.count(pair) < PRESENT * count * share
        for pair, share in PAIRS.items()
    )


def lacking(texts: Sequence[str]) -> list[int]:
    """For each text the number of its words that become known with letters put back; zeros when no letters are missed."""
    if not may_lack("\n".join(texts)):
        return [0] * len(texts)
    found = [list(_lacking(text.casefold())) for text in texts]
    words = sum(len(_WORD.findall(text)) for text in texts)
    different = len({word for page in found for word in page})
    return [len(page) for page in found] if different >= max(EVIDENCE, LACKING * words) else [0] * len(texts)


def count(text: str) -> int:
    """The number of words of a text that become known with letters put back."""
    return sum(1 for _ in _lacking(text.casefold()))


def _lacking(text: str) -> Iterator[str]:
    """The words of a text that become known with letters put in, or with letters in place of the blank that follows."""
    for match in _PIECE.finditer(text):
        word, blank = match.groups()
        if len(word) < 2 or is_known(word):
            continue
        rest = _WORD.match(text, match.end(2)) if blank else None
        if rest is not None and _joined(word, rest.group()):
            yield f"{word} {rest.group()}"
        elif SHORTEST <= len(word) <= LONGEST and _completed(word):
            yield word


def _joined(word: str, rest: str) -> bool:
    """Whether two pieces are a known word with letters between them."""
    return SHORTEST <= len(word) + len(rest) <= LONGEST and any(
        is_known(f"{word}{letters}{rest}") for letters in LIGATURES
    )


def _completed(word: str) -> bool:
    """Whether an unknown word is known with letters put in somewhere."""
    return any(is_known(f"{word[:at]}{letters}{word[at:]}") for at in range(len(word) + 1) for letters in LIGATURES)
