"""Institutions by all their names: acronyms, long forms, and names in the other language.

institutions.tsv (shipped) ┐
"Long Form (LF)" in a text ┴─► rows of names ─► another_wording("rapport OCW") ─► "rapport ministerie van onderwijs …"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources

from kb.bibliography.names import fold

Row = tuple[str, ...]
"""The folded names of one institution."""

MOST = 8
"""Other wordings of one text, at most."""
_LONGEST = 12
"""Words of a long form, at most."""
_ACRONYM = r"[A-Z][A-Za-z]{1,8}"
_BEHIND = re.compile(rf"((?:[^\W\d_][\w’'-]*,?\s){{1,{_LONGEST}}})[(\[]({_ACRONYM})[)\]]")
_BEFORE = re.compile(rf"\b({_ACRONYM})\s[(\[]((?:[^\W\d_][\w’'-]*,?\s?){{2,{_LONGEST}}})[)\]]")


@cache
def shipped() -> tuple[Row, ...]:
    """The rows of the list that the package carries."""
    text = resources.files("kb.bibliography").joinpath("institutions.tsv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return tuple(tuple(fold(name) for name in line.split(";")) for line in lines)


def learnt(text: str) -> Iterator[Row]:
    """The institutions that a text introduces: "Ministerie van Onderwijs (MO)", "MO (Ministerie van Onderwijs)"."""
    pairs = [(found[2], found[1]) for found in _BEHIND.finditer(text)]
    pairs += [(found[1], found[2]) for found in _BEFORE.finditer(text)]
    for short, words in pairs:
        if sum(letter.isupper() for letter in short) > 1 and (long := _long_form(short, words.split())):
            yield fold(short), fold(long)


def _long_form(short: str, words: Sequence[str]) -> str:
    """The shortest row of words at the end whose initials give the acronym, words in small letters left out at will."""
    wanted = short.casefold()
    for start in range(len(words) - 1, -1, -1):
        chosen = words[start:]
        capitals = "".join(word[0] for word in chosen if word[0].isupper()).casefold()
        every = "".join(word[0] for word in chosen).casefold()
        if len(chosen) > 1 and (capitals.endswith(wanted) or every == wanted) and chosen[0][0].isupper():
            return " ".join(_with_kind(words, start))
    return ""


def _with_kind(words: Sequence[str], start: int) -> Sequence[str]:
    """The words from a place on, with the kind of institution before them: the acronym of a ministry leaves it out."""
    if start >= 2 and words[start - 1] in {"van", "of", "voor", "for"} and words[start - 2][0].isupper():
        return words[start - 2 :]
    return words[start:]


def other_wordings(text: str, rows: Iterable[Row] = ()) -> list[str]:
    """A folded text in which the name of an institution is replaced by each of its others; none where it names none.

    `rows` are institutions beside those of the list. Of names within each other the longest counts.
    """
    folded = fold(text)
    found: dict[str, None] = {}
    for row in (*shipped(), *rows):
        name = max((name for name in row if re.search(rf"\b{re.escape(name)}\b", folded)), key=len, default="")
        if name:
            found.update(
                dict.fromkeys(re.sub(rf"\b{re.escape(name)}\b", other, folded) for other in row if other != name)
            )
    return list(found)[:MOST]
