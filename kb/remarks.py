"""Remarks on a query in words, for the command line and, translated, for the pages.

The texts are English; a door that speaks another language passes its own `gettext`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kb.conditions import Remark, RemarkCode

TEXTS: Mapping[RemarkCode, str] = {
    "unknown-filter": "“%(part)s” is not a filter and was looked for as words. Filters are author:, kind: and year:.",
    "unknown-exclusion": "“%(part)s” was left out: only words and phrases can be excluded with a minus.",
    "unknown-kind": "“%(part)s” was left out: a kind is deck or literature.",
    "not-a-year": "“%(part)s” was left out: give a year, such as year:2021, or a range, such as year:2019..2023.",
    "empty": "“%(part)s” was left out: nothing follows it. Write for example author:strayhorn.",
    "open-quote": "A quotation mark has no partner, so its words were not looked for as a phrase.",
    "nothing-to-look-for": "Filters alone find nothing: add words to look for.",
}


def worded(remark: Remark, gettext: Callable[[str], str] = str) -> str:
    """A remark as one or two sentences."""
    return gettext(TEXTS[remark.code]) % {"part": remark.part}
