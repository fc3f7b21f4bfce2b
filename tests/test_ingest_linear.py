"""Work on a text grows in proportion to its length, whatever the text holds.

A pattern that backtracks in several places takes minutes on a few kilobytes of repeated text. Each function of the table
reads texts made by rule at 10, 20 and 40 kB; its processor time may grow by at most 2.5 when the length doubles.
A function on document text belongs in `FUNCTIONS`.
"""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from ingest.citations import citations
from ingest.entries import entries
from ingest.entries.entry import parse
from ingest.entries.joining import joined
from ingest.entries.lines import lines
from ingest.entries.openings import opening
from kb.model import Page

QUICK = 0.02
"""Seconds of processor time at the largest size below which growth is not measured: the clock decides there, not the text."""
GROWTH = 2.5
SIZES = (10_000, 20_000, 40_000)

UNITS = (
    "Aa-", "Aa ", "Aa, ", "Aa & ", "Aa\n", "aa ", "AA-", "A. ", "A.", "A, B. ", "Aa, A., ", "Aa, A. ", "Aa A, ",
    "van ", "van der ", "van Aa ", "de ", "O'Aa", "(", "[", "((", ")", "]", "(Aa", "(Aa, ", "(Aa, 2003; ", "(Aa, 2003) ",
    "(2003) ", "2003, ", "2003a, b, ", "2003/", "(n.d.) ", "[1] ", "[1, ", "1, ", "1. ", "1. Aa\n", "[1] Aa\n",
    "et al. ", "Aa et al. ", "en anderen ", "zie ", "zie ook ", "cited in ", "in Aa ", "Aa's ",
    "10.1000/", "doi:", "https://doi.org/10.1000/", "http://a", "http://a ", "http://a\n", "http://a/\n", "www.",
    "pp. 1-", "p. 1, ", "1-", "1(1), ", "vol. 1 ", "\"", "“", "‘", "’", "“Aa” ", "– ", "-", "—\n", "•", "• Aa\n", ". ", ".", "; ",
    ": ", "&", " ", "\n", " \n", "\t", "a", "A", "1", "é", "\u0301", "Bron: ", "Bron: Aa\n", "Foto: ", "Foto: Aa\n",
    "Aa, A. (2003). ", "Aa, A. (2003). Aa.\n", "Aa, A. (2003) Aa\n", "Aa, A., 2003. Aa\n", "Aa, Aa. 2003. “Aa\n",
    "Aa A. Aa. Aa. 2003;1:\n",
    "Aa. Aa. ", "Aa | ", "10:00 ", "In Aa (Ed.), ", "Aa (2003) ", "Aa (2003, p. 1; ", "volgens Aa ", "Literatuur\n",
    "References\nAa, A. (2003).\n",
)  # fmt: skip
"""What the texts repeat: parts of names, years, brackets, addresses, lists, and what separates them."""


def repeated(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def page(text: str) -> list[Page]:
    return [Page(1, text=text)]


def listed(text: str) -> list[Page]:
    return page(f"References\nAa, B. (2003). Title of a work. Publisher.\n{text}")


def entry(text: str) -> str:
    return joined(lines(Page(1, text=text)))


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "citations": lambda text: citations(page(text), kind="deck", known={"Aa", "Bond van Aa en Bb"}),
    "entries of a deck": lambda text: entries(page(text), kind="deck"),
    "entries of a paper": lambda text: entries(listed(text), kind="literature"),
    "an entry's text": entry,
    "an entry's opening": opening,
    "an entry": parse,
}
"""Every function whose patterns read document text."""


SHORT = {"an entry's opening", "an entry"}
"""Functions that leave longer texts alone: they are measured up to a tenth of the sizes."""


def seconds(function: Callable[[str], object], text: str, times: int = 1) -> float:
    """The least processor time of several calls."""
    taken = []
    for _ in range(times):
        begin = time.process_time()
        function(text)
        taken.append(time.process_time() - begin)
    return min(taken)


def grows(function: Callable[[str], object], unit: str, sizes: Sequence[int]) -> bool:
    """Whether the time grows faster than the text. One call at two sizes settles most; the others are measured again."""
    texts = [repeated(unit, size) for size in sizes]
    largest = seconds(function, texts[-1])
    if largest < QUICK or largest < GROWTH**2 * seconds(function, texts[0]):
        return False
    first, second, third = (seconds(function, text, 4) for text in texts)
    return third >= QUICK and third > GROWTH * second and third > GROWTH**2 * first


@pytest.fixture(autouse=True)
def no_collection_of_garbage() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_work_on_a_text_grows_in_proportion_to_its_length(name: str) -> None:
    function = FUNCTIONS[name]
    function(repeated("Aa (2003) Literatuur\n", 1000))  # word lists and patterns are loaded once, outside the measure
    sizes = [size // 10 if name in SHORT else size for size in SIZES]
    assert [unit for unit in UNITS if grows(function, unit, sizes)] == []


def test_a_pattern_that_takes_too_long_is_noticed() -> None:
    # Cubic: eightfold per doubling, so that no noise of a busy machine brings it near the limit.
    assert grows(lambda text: re.search(r"a+a+$", text + "b"), "a", (250, 500, 1_000))
