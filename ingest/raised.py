"""Raised figures: the numbers that a page prints above the line, as notes and citations do, in Unicode's superscripts.

    "as many have shown" + "1–3" printed small and raised ─► "as many have shown¹–³"

Without this, "shown1" reads as a word. Only whole runs of numbers are changed: ordinals ("1st") keep their letters.
"""

from __future__ import annotations

import re

_FIGURES = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_RUN = re.compile(r"\s*\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*[,;]?\s*")
SUPERSCRIPT = "[⁰¹²³⁴⁵⁶⁷⁸⁹]"
"""Pattern of one raised figure."""


def raised(text: str) -> str:
    """A run of numbers as superscripts; another text as it is."""
    return text.translate(_FIGURES) if _RUN.fullmatch(text) else text
