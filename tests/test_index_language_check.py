"""Whether a model reads Dutch is told from sentences that must find their twin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.language_check import PAIRS, LanguageCheck, check_language
from tests.fakes import LetterEncoder


class Bilingual(LetterEncoder):
    """Gives each pair of the test one direction."""

    def _vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        place = {sentence: number for number, pair in enumerate(PAIRS) for sentence in pair}
        return np.eye(26, dtype=np.float32)[[place[text] for text in texts]]


def test_a_model_that_puts_twins_together_reads_dutch() -> None:
    seen = check_language(Bilingual())
    assert seen == LanguageCheck(len(PAIRS), len(PAIRS), len(PAIRS))
    assert seen.reads_dutch
    assert str(seen) == "this model reads Dutch and English (10 and 10 of 10 sentences found their twin)"


def test_a_model_that_does_not_says_so_in_one_line() -> None:
    seen = check_language(LetterEncoder())
    assert not seen.reads_dutch
    assert str(seen).startswith("this model does not read Dutch (")
    assert "\n" not in str(seen)


def test_both_ways_count() -> None:
    assert not LanguageCheck(10, 10, 7).reads_dutch
    assert LanguageCheck(10, 8, 8).reads_dutch
