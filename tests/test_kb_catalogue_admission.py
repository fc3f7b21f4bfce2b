"""The passages that filters and conditions admit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kb.catalogue import Catalogue
from kb.language.syntax import read_query
from tests.catalogue_material import find, prepared

TEXTS = {
    "deck": "Een woord over de drempel\nHet gevoel van reële stress",
    "paper": "Een woord: stressvol is de drempel over het gevoel",
    "essay": "Een woord van Maslow's piramide",
}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path_factory.mktemp("admission") / "catalogue.sqlite")
    opened.documents.put(replace(prepared("deck", TEXTS["deck"]), date="2019", authors=("Karin van der Goot",)))
    paper = prepared("paper", TEXTS["paper"], kind="literature")
    opened.documents.put(replace(paper, date="2021", authors=("Ada Fielding", "Jo Jansen")))
    opened.documents.put(replace(prepared("essay", TEXTS["essay"], kind="literature"), date=None))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ('"de drempel"', ["deck", "paper"]),
        ('"over de drempel"', ["deck"]),
        ('"REELE stress"', ["deck"]),
        ('"drempel het gevoel"', ["deck"]),
        ('"stress"', ["deck"]),
        ('"maslow"', ["essay"]),
        ('"nergens te vinden"', []),
        ("woord -stress", ["essay", "paper"]),
        ('woord -"de drempel"', ["essay"]),
        ("woord -niets", ["deck", "essay", "paper"]),
        ("woord author:goot", ["deck"]),
        ('woord author:"van der goot"', ["deck"]),
        ("woord author:goo", []),
        ("woord author:fielding author:jansen", ["paper"]),
        ("woord kind:literature", ["essay", "paper"]),
        ("woord kind:deck kind:literature", ["deck", "essay", "paper"]),
        ("woord year:2019", ["deck"]),
        ("woord year:2019..2021", ["deck", "paper"]),
        ("woord year:..2020 kind:literature", []),
        ('"de drempel" -stress year:2021 author:jansen', ["paper"]),
    ],
)
def test_conditions_confine_words_and_meaning_alike(catalogue: Catalogue, typed: str, expected: list[str]) -> None:
    names = {document.id: document.filename.split(".")[0] for document in catalogue.documents.all()}
    query = read_query(typed)
    allowed = catalogue.passages.passage_ids(query)
    assert allowed is not None
    passages = catalogue.passages.passages(allowed.tolist()).values()
    assert sorted(names[passage.document_id] for passage in passages) == expected
    assert sorted(find(catalogue, "woord", query)) == allowed.tolist()


def test_a_phrase_is_looked_up_anew_after_a_change(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    query = read_query('"de drempel"')
    ids = []
    for name in ("deck", "paper"):
        catalogue.documents.put(prepared(name, TEXTS[name]))
        allowed = catalogue.passages.passage_ids(query)
        assert allowed is not None
        ids.append(len(allowed))
    catalogue.close()
    assert ids == [1, 2]
