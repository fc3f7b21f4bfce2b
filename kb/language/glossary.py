"""The glossary: terms of the field that mean the same, in Dutch and English.

    glossary.tsv (shipped) ┐
    KB_HOME/glossary.tsv   ┴─► rows of stems ─► for a word of a query: the other ways to say it

A line holds Dutch terms, a tab and English terms, each separated by ";". Every term of a line stands for every other one, in
both languages. It complements the encoder, which compares meanings but not words: a word that is covered by its
translation has been answered.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from kb.language.folding import fold_text
from kb.language.stems import stem
from kb.language.terms import Word, query_words, separated
from kb.model import Language

log = logging.getLogger(__name__)

Row = tuple[str, ...]
"""The stems of a term of one or more words, in its language."""

LONGEST = 4
"""Words of the longest term that is looked for in a query."""
LARGEST = 1_000_000
"""Bytes of a keeper's glossary that are read."""


class Glossary:
    """Terms that mean the same. Never changed, so threads may share it."""

    def __init__(self, lines: Iterable[Sequence[Row]] = ()) -> None:
        """`lines` give the terms of each line."""
        self._others: dict[Row, dict[Row, None]] = {}
        for terms in lines:
            for term in terms:
                self._others.setdefault(term, {}).update(dict.fromkeys(other for other in terms if other != term))

    def __len__(self) -> int:
        return len(self._others)

    def others(self, words: Sequence[Word]) -> Mapping[int, tuple[Row, ...]]:
        """For the start of each word of a query the terms that mean the same as a term that the word is part of.

        Of terms within each other the longest counts: "formative assessment" is not "assessment".
        """
        single = [word for word in words if not word.joined]
        found: dict[int, tuple[Row, ...]] = {}
        for length in range(min(LONGEST, len(single)), 0, -1):
            for place in range(len(single) - length + 1):
                term = single[place : place + length]
                if any(word.start in found for word in term):
                    continue
                if others := self._same(term):
                    found |= {word.start: others for word in term if not word.stop}
        for verb, whole in separated(single):  # "vallen … uit" is "uitvallen"
            same = dict.fromkeys(other for each in whole for other in self._others.get((each,), ()))
            if same:
                found[verb.start] = tuple(same)
        return found

    def _same(self, term: Sequence[Word]) -> tuple[Row, ...]:
        rows = dict.fromkeys(_row(term, language) for language in ("nl", "en"))
        return tuple(dict.fromkeys(other for row in rows for other in self._others.get(row, ())))


def open_glossary(home: Path | None = None) -> Glossary:
    """The shipped glossary, with that of the keeper in `home`; a line of it that cannot be used is named in the log."""
    own = _own_lines(home / "glossary.tsv") if home is not None else []
    return Glossary([*_shipped(), *own]) if own else _shipped_glossary()


@cache
def _shipped_glossary() -> Glossary:
    return Glossary(_shipped())


@cache
def _shipped() -> tuple[tuple[Row, ...], ...]:
    text = (resources.files("kb.language") / "glossary.tsv").read_text(encoding="utf-8")
    return tuple(read_line(line) for line in text.splitlines() if line and not line.startswith("#"))


def _own_lines(path: Path) -> list[tuple[Row, ...]]:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        log.warning("%s is not read (%s): save it as UTF-8 text", path, error)
        return []
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            lines.append(read_line(line))
        except ValueError as error:
            log.warning("%s, line %d is left out: %s", path, number, error)
    return lines


def names(term: str, home: Path | None = None) -> dict[Language, tuple[str, ...]]:
    """The names of a term in each language, as the glossary writes them; none for a term that is not in it."""
    text = (resources.files("kb.language") / "glossary.tsv").read_text(encoding="utf-8")
    own = home / "glossary.tsv" if home is not None else None
    if own is not None and own.is_file():
        text += "\n" + own.read_text(encoding="utf-8", errors="replace")[:LARGEST]
    wanted = fold_text(term)
    for line in text.splitlines():
        dutch, tab, english = line.partition("\t")
        if not tab or line.startswith("#"):
            continue
        found: dict[Language, tuple[str, ...]] = {
            "nl": tuple(each.strip() for each in dutch.split(";")),
            "en": tuple(each.strip() for each in english.split(";")),
        }
        if any(fold_text(name) == wanted for each in found.values() for name in each):
            return found
    return {}


def read_line(line: str) -> tuple[Row, ...]:
    """The terms of a line. Raises ValueError with the reason for a line that is none."""
    dutch, tab, english = line.partition("\t")
    if not tab or "\t" in english:
        raise ValueError("it needs Dutch terms, one tab, and English terms")
    terms = [_row(query_words(term), "nl") for term in dutch.split(";")]
    terms += [_row(query_words(term), "en") for term in english.split(";")]
    if any(not term or len(term) > LONGEST for term in terms):
        raise ValueError(f"each term needs 1 to {LONGEST} words")
    return tuple(dict.fromkeys(terms))


def _row(words: Sequence[Word], language: Language) -> Row:
    """The stems of the words of a term; hyphened words by their pieces."""
    return tuple(stem(word.text, language) for word in words if not word.joined)
