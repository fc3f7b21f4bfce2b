"""Reasons: each code has its words, and what a reason holds besides is worded too."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from kb.catalogue import Catalogue
from kb.catalogue.store import known_migrations, statements
from kb.model import Reason, ReasonCode
from kb.reasons import TEXTS, worded


def test_every_code_has_its_words() -> None:
    assert set(TEXTS) == set(get_args(ReasonCode))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason("author-alone"), "author alone"),
        (Reason("equal-candidates", ("years-differ-by-one",)), "author; the years differ by one; another fits as well"),
        (Reason("entries-disagree", ("edition-differs",)), "agrees with one entry, and with another does not: another edition"),
        (Reason("crossref-differs", ("title", "year", "first-author")), "other title and year and first author"),
    ],
)  # fmt: skip
def test_a_reason_is_worded_with_what_it_holds(reason: Reason, words: str) -> None:
    assert worded(reason) == words


def test_a_translation_reaches_every_part() -> None:
    dutch = {"other %(parts)s": "anders: %(parts)s", "title": "titel", "year": "jaar", "and": "en"}
    assert worded(Reason("crossref-differs", ("title", "year")), dutch.__getitem__) == "anders: titel en jaar"


PROSE = {
    "author; the years differ by one": ("years-differ-by-one", ()),
    "author alone; another fits as well": ("equal-candidates", ("author-alone",)),
    "agrees with one entry, and with another does not: same title, other year": ("entries-disagree", ("year-differs",)),
    "same DOI, other title": ("doi-agrees-title-differs", ()),
    "a reason of long ago": ("decided", ()),
}


def test_reasons_that_were_stored_as_sentences_become_codes(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    before = [(name, script) for name, script in known_migrations() if name < "0003"]
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, script in before:
            for statement in statements(script):
                connection.execute(statement)
            connection.execute("INSERT INTO migrations (name) VALUES (?)", (name,))
        connection.execute("INSERT INTO works VALUES ('a', '{}', '[]', '', '', '', NULL, 0, 0, NULL, 0)")
        for reason in PROSE:
            connection.execute(
                "INSERT INTO decisions (kind, verdict, one, other, doubt, score, reason, made, key, candidate)"
                " VALUES ('works', 'confirm', '[]', '[]', '', 1, ?, '2026', 'a', 'a')",
                (reason,),
            )
            connection.execute(
                "INSERT INTO doubts VALUES (?, 'works', 'a', 'a', NULL, '[]', '[]', '[]', 0.6, ?)", (reason, reason)
            )
    connection.close()
    catalogue = Catalogue(path)
    expected = {Reason(code, values) for code, values in PROSE.values()}  # type: ignore[arg-type]
    assert {decision.doubt.reason for decision in catalogue.decisions.decisions()} == expected
    assert {doubt.reason for doubt in catalogue.decisions.doubts()} == expected
    catalogue.close()
