"""Versions: a deck and its PDF export are one work; a document of the same title may be another version of it.

    pages of a ┐
               ├─► words in common, page by page, in order ─► for each page of a the page of b that shows it
    pages of b ┘

Two pages are the same when PAGE_ALIKE of their words are (Dice, on words as a multiset): an export adds a slide number
and a footer, breaks a word at a line's end, and draws the numbers of a chart otherwise; two slides of one lecture that
are not the same share a third. Two files are one work when WORK_ALIKE of the pages with words, of the visible ones of
both, are the same in the same order. A version that was worked on falls below it; `similar` finds those, to be named in
a report and never to replace anything: weekly decks of one course are as much alike as two versions of one deck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from kb.language import word_counts
from kb.model import Page

PAGE_ALIKE = 0.7
# Share of words in common, over all pages (Dice), below which two files are not one work: less than of a page, for hidden
# slides and footers.
ALL_ALIKE = 0.6
WORK_ALIKE = 0.8
# Fewer words than this in all, and two title slides of a house style would be one work.
LEAST_WORDS = 12
# How far an export may run ahead or behind, over the difference in the number of pages.
SLACK = 4
SIMILAR = 1 / 3


def same_work(a: Sequence[Page], b: Sequence[Page]) -> tuple[int | None, ...] | None:
    """For each page of `a` the number of the page of `b` that shows it; None when they are not the same work.

    A hidden slide that the export leaves out has no page there. A page without words takes its place between its
    neighbours'.
    """
    left, right = [_words(page) for page in a], [_words(page) for page in b]
    if not a or not b or min(_total(left), _total(right)) < LEAST_WORDS:
        return None
    if _dice(_sum(left), _sum(right)) < ALL_ALIKE:
        return None
    pairs = {i: j for i, j in _align(left, right).items() if left[i] and _alike(left[i], right[j]) >= PAGE_ALIKE}
    shown = _shown_pages(a, left, pairs), _shown_pages(b, right, set(pairs.values()))
    if min(shown) == 0 or len(pairs) < WORK_ALIKE * max(shown):
        return None
    _fill(pairs, a, b)
    return tuple(b[pairs[i]].number if i in pairs else None for i in range(len(a)))


def _shown_pages(pages: Sequence[Page], words: Sequence[Collection[str]], paired: Collection[int]) -> int:
    """The number of pages with words that an export shows: hidden ones only where they have a pair."""
    return sum(bool(words[i]) and (not page.hidden or i in paired) for i, page in enumerate(pages))


def likeness(old: Sequence[Page], new: Sequence[Page]) -> float:
    """Share of words in common, from 0 to 1: distinct words of five letters or more, of the larger's.

    Short words are in every text of a language; with them two strangers share a third.
    """
    ours = {word for page in old for word in _words(page) if len(word) >= 5}
    theirs = {word for page in new for word in _words(page) if len(word) >= 5}
    if not ours and not theirs:
        return 1.0
    return len(ours & theirs) / max(len(ours), len(theirs))


def similar(a: Sequence[Page], b: Sequence[Page]) -> bool:
    """Whether two documents of one title may be versions of each other: a third of the words is shared."""
    return likeness(a, b) >= SIMILAR


def agreement(a: Sequence[Page], b: Sequence[Page]) -> float:
    """Share of words in common, from 0 to 1 (Dice, on words as a multiset): orders works that are the same page by page."""
    return _dice(_sum([_words(page) for page in a]), _sum([_words(page) for page in b]))


def _words(page: Page) -> Counter[str]:
    return word_counts(page.text)


def _sum(counters: Sequence[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def _total(counters: Sequence[Counter[str]]) -> int:
    return sum(sum(counter.values()) for counter in counters)


def _dice(left: Counter[str], right: Counter[str]) -> float:
    total = sum(left.values()) + sum(right.values())
    return 2 * sum((left & right).values()) / total if total else 0.0


def _alike(left: Counter[str], right: Counter[str]) -> float:
    """How alike two pages are; where words are broken or glued otherwise, their letters decide."""
    from rapidfuzz import fuzz

    share = _dice(left, right)
    if 0.3 <= share < PAGE_ALIKE:
        letters = ("".join(sorted(words.elements())) for words in (left, right))
        share = max(share, 0.9 * fuzz.ratio(*letters) / 100)
    return share


def _align(left: Sequence[Counter[str]], right: Sequence[Counter[str]]) -> dict[int, int]:
    """The pairs of pages, in order, with the most words in common (Needleman–Wunsch within a band)."""
    band = abs(len(left) - len(right)) + SLACK
    best: dict[tuple[int, int], float] = {}
    step: dict[tuple[int, int], str] = {}
    for i in range(len(left) + 1):
        for j in range(max(0, i - band), min(len(right), i + band) + 1):
            options = [(best[i - 1, j], "a")] if (i - 1, j) in best else []
            if (i, j - 1) in best:
                options.append((best[i, j - 1], "b"))
            if (i - 1, j - 1) in best:
                words = sum(left[i - 1].values()) + sum(right[j - 1].values())
                options.append((best[i - 1, j - 1] + _dice(left[i - 1], right[j - 1]) * (1 + words) ** 0.5, "ab"))
            best[i, j], step[i, j] = max(options, default=(0.0, ""))
    pairs: dict[int, int] = {}
    i, j = len(left), len(right)
    while move := step[i, j]:
        i, j = i - ("a" in move), j - ("b" in move)
        if move == "ab" and _dice(left[i], right[j]) > 0:
            pairs[i] = j
    return pairs


def _fill(pairs: dict[int, int], a: Sequence[Page], b: Sequence[Page]) -> None:
    """Pages between two pairs that are as many on both sides belong together, one by one."""
    anchors = [(-1, -1), *sorted(pairs.items()), (len(a), len(b))]
    for (i, j), (k, m) in pairwise(anchors):
        between = [index for index in range(i + 1, k) if not a[index].hidden]
        if len(between) == m - j - 1:
            pairs.update(zip(between, range(j + 1, m), strict=True))
