"""Dates in entries: the year of publication and the day of access, as far as they are given."""

from __future__ import annotations

import re
from typing import Any

from ingest.grammar import YEAR
from kb.bibliography.items import MONTH_NUMBERS, issued


def date(text: str) -> tuple[int, ...]:
    """Year, month and day as far as a text gives them: "2019-08-22", "12 september 2023", "May 1, 2025"."""
    if match := re.search(r"(\d{4})-(\d\d)-(\d\d)", text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := re.search(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})", text):
        return int(match[3]), int(match[2]), int(match[1])
    if not (year := re.search(rf"{YEAR}", text)):
        return ()
    rest = text.replace(year.group(), " ")
    month = next((MONTH_NUMBERS[w.lower()] for w in re.findall(r"[A-Za-z]+", rest) if w.lower() in MONTH_NUMBERS), 0)
    day = re.search(r"\b\d{1,2}\b", rest)
    if month and day and 1 <= int(day.group()) <= 31:
        return int(year.group()), month, int(day.group())
    return (int(year.group()), month) if month else (int(year.group()),)


def publication(when: str) -> dict[str, Any]:
    """The fields that the text in the place of the year fills: `2020a`, `2023, 12 september`, `1909/1960`, `z.d.`."""
    if not (years := re.findall(rf"({YEAR})([a-z])?(?![a-z])", when)):
        return {"status": when} if re.match(r"(?i)in |ter |te |forth", when) else {}
    year, letter = years[-1]
    item: dict[str, Any] = {"issued": issued(*(date(when) if len(years) == 1 else (int(year),)))}
    if letter:
        item["year-suffix"] = letter
    if len(years) > 1 and "/" in when:
        item["original-date"] = issued(int(years[0][0]))
    return item
