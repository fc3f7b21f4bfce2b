"""Whether a quotation is whole, judged by the letters around it and not by the rules that cut sentences."""

from __future__ import annotations

import re

_BULLET = r"(?:[•▪●○◦‣·–—>-]|\(?\d{1,2}[.)]|\(?[a-z]\))"
_LINE_STARTS = re.compile(rf"(?:^|\n)\s*(?:{_BULLET}\s+)?$")
_STOPPED = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_SHORT_WORD = re.compile(r"(?:^|[\s(])\w{1,4}\.$")


def faults(text: str, start: int, end: int) -> list[str]:
    """Why text[start:end] is no whole sentence, bullet or row of a text; empty when it is one."""
    quote, before, after = text[start:end], text[:start].rstrip(" \t"), text[end:].lstrip(" \t")
    found = []
    if not quote.strip():
        found.append("empty")
    if not _LINE_STARTS.search(text[:start]):
        if not _STOPPED.search(before):
            found.append("starts inside a sentence")
        elif quote[:1].islower():
            found.append("starts in lower case")
    if after and not after.startswith("\n"):
        if not _STOPPED.search(quote):
            found.append("ends inside a sentence")
        elif after[:1].islower():
            found.append("goes on in lower case")
        elif _SHORT_WORD.search(quote) and after[:1].isdigit():
            found.append("ends at an abbreviation")
    return found
