"""Cues: whether a passage holds the kind of thing that is asked for: a date, a number, a name, a definition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.questions import Kind, Question
from index.quotes import Line
from index.support import Supported

# A line or title is about the term where it alone covers so much of the question.
ABOUT = 0.6
# What is taken off the log odds where the kind of thing that is asked for is not there: a date or time, a number, a name.
NO_DATE, NO_NUMBER, NO_NAME = 8.0, 4.0, 1.5

_DEFINING_TITLE = re.compile(
    r"""\W*(?:wat\s+(?:is|zijn|betekent|bedoelen|verstaan)|what\s+(?:is|are|does|do\s+(?:we|you)\s+mean)|definiti|begripsbepaling)""",
    re.IGNORECASE | re.VERBOSE,
)
_DEFINING_LINE = re.compile(
    r"""\b(?:is|zijn|are)\s+(?:een|het|de|an?|the|dat|wanneer|when)\b|\b(?:betekent|means|refers\s+to|houdt\s+in|verstaan|heet|heten
    |noemen\s+(?:we|wij)|gedefinieerd|defined\s+as)\b|\bis\s+called\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DATE = re.compile(
    r"""\b(?:\d{1,2}[:.]\d\d|(?:1[89]|20)\d\d|\d{1,2}\s*(?:uur|u|am|pm)\b|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag
    |monday|tuesday|wednesday|thursday|friday|saturday|sunday|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober
    |november|december|january|february|march|may|june|july|august|october)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER = re.compile(
    r"""\d|%|\b(?:één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|half|halve|helft|kwart|derde|honderd|duizend|tientallen|two
    |three|four|five|six|seven|eight|nine|ten|half|quarter|third|hundred|thousand|dozens?|twice|once|per\s*cent|procent)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NAME = re.compile(
    r"\b[A-ZÀ-Þ][\w'’-]+\s+(?:(?:van|de|den|der|von|ter|ten|&|and|en)\s+){0,3}[A-ZÀ-Þ][\w'’-]+|\([A-ZÀ-Þ][\w'’-]+"
)


# The kinds of question that ask for one thing, the lines that hold such a thing, and the penalty where no line does.
FACTS: Mapping[Kind, tuple[re.Pattern[str], float]] = {
    "when": (_DATE, NO_DATE), "number": (_NUMBER, NO_NUMBER), "who": (_NAME, NO_NAME),
}  # fmt: skip


def penalty(question: Question, found: Sequence[Line]) -> float:
    """What the log odds lose where no line holds the kind of thing that is asked for."""
    if question.kind not in FACTS:
        return 0.0
    pattern, less = FACTS[question.kind]
    return 0.0 if any(pattern.search(line.text) for line in found if line.quotable) else less


def defines(measured: Supported, found: Sequence[Line]) -> bool:
    """Whether a passage says what the asked term is: by the title of its page, or in a line that is about the term."""
    titled = measured.signals.title >= ABOUT and _DEFINING_TITLE.match(measured.evidence.page.title or "")
    return bool(titled) or any(
        line.alone and unit.focus >= ABOUT and _DEFINING_LINE.search(line.text)
        for line, unit in zip(found, measured.units, strict=True)
    )
