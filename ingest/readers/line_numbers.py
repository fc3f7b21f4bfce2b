"""Line numbers in the margin of a draft, taken out of its pages.

A draft numbers every line, or every fifth, through the whole document or on each page anew. In the text of a PDF a number is a
line of its own or the start of its line. Both are recognised by their count: a run of numbers with one step, along most lines
of a page, on most pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ingest.readers.layout import Line

_ALONE = re.compile(r"\d{1,4}")
_BEFORE_TEXT = re.compile(r"(\d{1,4})\s*(?=[^\d\s.,:;)\]%/-])")
_STEPS = (1, 5)
_SHORTEST_RUN = 8
_SHARE_OF_LINES = 0.6
"""A run has a number for at least this share of a page's lines, divided by its step."""
_FULL_PAGE = 10
"""Pages with fewer lines are not asked."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Numbers that follow each other in one step, by the position of their lines."""

    step: int
    values: dict[int, int]

    @property
    def first(self) -> int:
        """The smallest number."""
        return min(self.values.values(), default=0)

    @property
    def last(self) -> int:
        """The largest number."""
        return max(self.values.values(), default=0)


def without_line_numbers(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """The pages without line numbers; as they are where most of them have none."""
    for number, removed in ((_alone, _dropped), (_before_text, _cut)):
        for step in _STEPS:
            runs = _runs_of_draft(pages, number, step)
            if runs:
                return [removed(page, run) for page, run in zip(pages, runs, strict=True)]
    return list(pages)


def _runs_of_draft(pages: Sequence[list[Line]], number: Callable[[str], int | None], step: int) -> list[_Run]:
    """The run of each page; none when fewer than two, or fewer than half of the full pages, are numbered throughout."""
    runs = [_run(page, number, step) for page in pages]
    full = [at for at, page in enumerate(pages) if _solid(page) >= _FULL_PAGE]
    numbered = [at for at in full if _is_throughout(runs[at], pages[at])]
    if len(numbered) < 2 or len(numbered) * 2 < len(full):
        return []
    kept, expected = [], 0
    for at, run in enumerate(runs):
        is_kept = at in numbered or (run.values and run.first == expected)
        kept.append(run if is_kept else _Run(step, {}))
        expected = kept[-1].last + step
    return kept


def _run(page: Sequence[Line], number: Callable[[str], int | None], step: int) -> _Run:
    """The longest run on a page."""
    longest: dict[int, int] = {}
    run: dict[int, int] = {}
    expected = 0
    for position, line in enumerate(page):
        value = number(line.text)
        if value is None or value % step or (value != expected and len(run) >= _SHORTEST_RUN):
            continue
        run = {**run, position: value} if value == expected else {position: value}
        expected = value + step
        longest = run if len(run) > len(longest) else longest
    return _Run(step, longest)


def _is_throughout(run: _Run, page: Sequence[Line]) -> bool:
    lines = sum(bool(line.text) and not _ALONE.fullmatch(line.text) for line in page)
    return len(run.values) >= max(3, _SHORTEST_RUN / run.step) and len(run.values) * run.step >= _SHARE_OF_LINES * lines


def _solid(page: Sequence[Line]) -> int:
    return sum(bool(line.text) for line in page)


def _alone(text: str) -> int | None:
    return int(text) if _ALONE.fullmatch(text.strip()) else None


def _before_text(text: str) -> int | None:
    match = _BEFORE_TEXT.match(text)
    return int(match[1]) if match else None


def _dropped(page: Sequence[Line], run: _Run) -> list[Line]:
    """The page without the lines that are a number."""
    return [line for position, line in enumerate(page) if position not in run.values]


def _cut(page: Sequence[Line], run: _Run) -> list[Line]:
    """The page with the number cut from the start of its lines."""
    return [
        replace(line, text=_BEFORE_TEXT.sub("", line.text, count=1)) if position in run.values else line
        for position, line in enumerate(page)
    ]
