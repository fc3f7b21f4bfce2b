"""Marked text: a text and the spans that matter in it become pieces that a template can write out, escaped.

    text + ranges ─► lines of pieces          (a page with its passage, sentence and citations)
    text + spans  ─► snippet of pieces        (a hit with the words that matched)

A piece is a stretch in which nothing begins or ends; it knows every range that covers it, so ranges may overlap and
nest. The texts of the pieces joined are the text: nothing is added or lost here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kb.language.sentences import sentence_around, sentences
from kb.model import Span

WINDOW = 210
"""Characters of a snippet: about four lines on a desk, six on a phone."""

# A window may grow or shrink by this much to start and end between sentences or words.
SLACK = 60


@dataclass(frozen=True, slots=True)
class Range:
    """A span with its role; `about` holds values for the template."""

    start: int
    end: int
    role: str
    about: Any = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and the ranges that cover it by role (the innermost one of each)."""

    text: str
    about: dict[str, Range]
    first: frozenset[str] = frozenset()
    """Roles whose range shows for the first time here: the place for an anchor."""

    def __contains__(self, role: str) -> bool:
        return role in self.about

    def of(self, role: str) -> Any:
        """The values of the range with this role; None when none covers the piece."""
        return self.about[role].about if role in self.about else None


def _cuts(ranges: Sequence[Range], start: int, end: int) -> list[int]:
    """The ends of ranges within text[start:end], and its own."""
    bounds = [*(each.start for each in ranges), *(each.end for each in ranges)]
    return sorted({start, end, *(min(max(at, start), end) for at in bounds)})


def pieces(
    text: str, ranges: Iterable[Range], start: int = 0, end: int | None = None, shown: set[int] | None = None
) -> list[Piece]:
    """The pieces of text[start:end]; ranges that reach outside are cut off, empty ones dropped.

    `shown` remembers ranges over several calls, so that each is first in one piece only.
    """
    end = len(text) if end is None else end
    shown = set() if shown is None else shown
    kept = [each for each in ranges if max(each.start, start) < min(each.end, end)]
    cuts = _cuts(kept, start, end)
    # Longer ranges first, so that in the dictionary of a piece the innermost of a role has the last word.
    kept.sort(key=lambda each: each.start - each.end)
    result = []
    for left, right in itertools.pairwise(cuts):
        about = _about(kept, left, right)
        first = frozenset(role for role, each in about.items() if id(each) not in shown)
        shown.update(map(id, about.values()))
        result.append(Piece(text[left:right], about, first))
    return result


def _about(ranges: Sequence[Range], left: int, right: int) -> dict[str, Range]:
    """The ranges that cover text[left:right], by role; the last of several with one role."""
    return {each.role: each for each in ranges if each.start <= left and right <= each.end}


def lines(text: str, ranges: Iterable[Range]) -> list[list[Piece]]:
    """The pieces of each line; an empty line has none."""
    ranges = list(ranges)
    shown: set[int] = set()
    result, at = [], 0
    for line in text.split("\n"):
        result.append(pieces(text, ranges, at, at + len(line), shown))
        at += len(line) + 1
    return result


@dataclass(frozen=True, slots=True)
class Snippet:
    """A window on a text."""

    pieces: list[Piece]
    before: bool
    """Whether something was left out before it."""
    after: bool


def _window(text: str, spans: Sequence[Range], start: int, width: int) -> tuple[int, int]:
    """The stretch of at most `width` characters that shows most spans, cut between sentences or words.

    The choice is of the beginning and of the windows that begin a little before a span (of a long one its beginning); the
    first among equals. Its end may be cut back by SLACK.
    """
    starts = [start, *(max(start, min(span.start - SLACK, len(text) - width)) for span in spans)]
    shown = width - SLACK
    needed = [(span.start, min(span.end, span.start + shown - SLACK)) for span in spans]
    left = max(starts, key=lambda at: sum(at <= first and end <= at + shown for first, end in needed))
    right = min(len(text), left + width)
    sentence_starts = [span.start for span in sentences(text)]
    left = _between(text, left, start, sentence_starts)
    return left, _between(text, right, left, sentence_starts) if right < len(text) else right


def snippet(
    text: str,
    matched: Sequence[Span],
    start: int = 0,
    width: int = WINDOW,
    near: Span | None = None,
    without: Sequence[Span] = (),
) -> Snippet:
    """The stretch of text[start:] with most matched words in it, cut between sentences or words.

    Where no word matched, `near` (the sentence that is near in meaning) is shown. Lines with a stretch of `without`, such as
    the credit of a picture, are never shown.
    """
    spans = [Range(span.start, span.end, "match") for span in matched]
    if near is not None and not matched:
        spans = [Range(near.start, near.end, "near")]
    first, end = _part_to_show(text, start, spans, without)
    spans = [Range(max(span.start, first), min(span.end, end), span.role) for span in spans
             if span.start < end and span.end > first and (span.role == "near" or span.start >= first)]  # fmt: skip
    left, right = first, end
    if right - left > width + SLACK:
        left, right = _window(text[:end], spans, first, width)
    before = bool(text[start:left].strip())
    left += len(text[left:right]) - len(text[left:right].lstrip())
    right = max(left, left + len(text[left:right].rstrip()))
    return Snippet(pieces(text, spans, left, right), before, after=right < len(text.rstrip()))


def _part_to_show(text: str, start: int, spans: Sequence[Range], without: Sequence[Span]) -> tuple[int, int]:
    """Of the parts of text[start:] between lines that are not shown that with most spans; of equals the longest."""
    ends = [start]
    for span in sorted(without, key=lambda span: span.start):
        line_end = text.find("\n", span.end)
        ends += [text.rfind("\n", 0, span.start) + 1, len(text) if line_end < 0 else line_end + 1]
    ends.append(len(text))
    parts = [(left, right) for left, right in zip(ends[::2], ends[1::2], strict=True) if start <= left < right]

    def worth(part: tuple[int, int]) -> tuple[int, int]:
        left, right = part
        return sum(left <= span.start < right for span in spans), len(text[left:right].strip())

    return max(parts, key=worth, default=(start, start))


def _between(text: str, at: int, floor: int, starts: Sequence[int]) -> int:
    """The nearest place at or before `at` where a sentence (`starts`) or line begins, else a word; never below `floor`."""
    if at <= floor:
        return floor
    lowest = max(floor, at - SLACK)
    begins = {floor, *starts}
    for place in range(at, lowest - 1, -1):
        if place in begins or text[place - 1] == "\n":
            return place
    for place in range(at, lowest - 1, -1):
        if text[place - 1].isspace():
            return place
    return at


def sentence_near(text: str, start: int, end: int, reach: int = 400) -> tuple[int, int]:
    """The sentence or bullet that holds text[start:end], at most `reach` characters each way."""
    span = sentence_around(text, start, end)
    return max(span.start, start - reach), min(span.end, end + reach)
