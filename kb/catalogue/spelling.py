"""Spelling: the nearest word of the collection for a word that no passage holds ("Bandoura", "campusontwikeling").

    titles of documents, pages and sections; names of cited authors ─► vocabulary ─► nearest by edits

The vocabulary is read when a query has such a word, and kept until the next change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, select

from kb.catalogue import tables
from kb.catalogue.backend import Backend
from kb.catalogue.remembered import Remembered
from kb.catalogue.store import read_transaction
from kb.language.folding import fold
from kb.language.words import WORD

# Letters of the shortest word that is corrected, and the share of letters in which two words must agree (Levenshtein, scaled).
SHORTEST = 5
ALIKE = 82
# Titles that are read: more than enough of a vocabulary, and read in a second.
MOST_TITLES = 200_000


class Spelling:
    """The vocabulary of a catalogue."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._vocabulary: Remembered[str, dict[str, str]] = Remembered(1)

    def nearest(self, word: str) -> str | None:
        """The word of the collection that is nearest to a folded one, as it is written there; None when none is near."""
        if len(word) < SHORTEST or not word.isalpha():
            return None
        from rapidfuzz import fuzz, process  # only for words that no passage holds

        with read_transaction(self._backend) as connection:
            known = self._vocabulary.get(connection, ["words"], lambda _: {"words": _vocabulary(connection)})["words"]
        found = process.extractOne(word, known.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return None if found is None or found[0] == word else known[found[0]]


def _vocabulary(connection: Connection) -> dict[str, str]:
    """The folded words of titles and names, each with the way it is written most often."""
    written: dict[str, Counter[str]] = {}
    for title in _titles(connection):
        for match in WORD.finditer(title):
            if len(word := fold(match.group())) >= SHORTEST:
                written.setdefault(word, Counter())[match.group()] += 1
    return {word: forms.most_common(1)[0][0] for word, forms in written.items()}


def _titles(connection: Connection) -> Iterator[str]:
    for column in (tables.documents.c.title, tables.pages.c.title, tables.pages.c.section):
        choosing = select(column).where(column.is_not(None)).distinct().limit(MOST_TITLES)
        if column is tables.documents.c.title:
            choosing = choosing.where(tables.documents.c.removed.is_(None))
        yield from connection.execute(choosing).scalars()
    names = select(tables.work_authors.c.name).distinct().limit(MOST_TITLES)
    yield from (name.title() for name in connection.execute(names).scalars())  # names are kept folded
