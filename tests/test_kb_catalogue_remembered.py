"""Remembered values: read once, and anew after a change of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.answer import MOST_ANSWERS
from kb.bootstrap import open_knowledge_base
from kb.catalogue import Catalogue
from kb.catalogue.remembered import Remembered
from kb.catalogue.store import read_transaction
from kb.model import Query
from kb.settings import Settings
from tests.catalogue_material import prepared
from tests.fakes import WordEncoder


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def test_a_value_is_read_once_until_the_catalogue_changes(catalogue: Catalogue) -> None:
    remembered = Remembered[int, str](10)
    read: list[list[int]] = []

    def values(keys: list[int]) -> dict[int, str]:
        read.append(keys)
        return {key: f"value {key}" for key in keys if key != 3}

    def get(*keys: int) -> dict[int, str]:
        with read_transaction(catalogue.backend) as connection:
            return remembered.get(connection, keys, values)

    assert get(2, 1) == {2: "value 2", 1: "value 1"}
    assert get(1, 3) == {1: "value 1"}  # a key without a value is left out
    assert read == [[2, 1], [3]]
    catalogue.documents.put(prepared())
    assert get(1) == {1: "value 1"}
    assert read[2:] == [[1]]


def test_no_more_values_are_kept_than_allowed(catalogue: Catalogue) -> None:
    remembered = Remembered[int, int](3)
    read: list[int] = []

    def values(keys: list[int]) -> dict[int, int]:
        read.extend(keys)
        return {key: key * key for key in keys}

    for keys in ([1, 2, 3, 4], [4, 5], [5]):
        with read_transaction(catalogue.backend) as connection:
            assert remembered.get(connection, keys, values) == {key: key * key for key in keys}
    assert read == [1, 2, 3, 4, 4, 5]  # four were too many, so they were read anew; then 5 was still known


def test_a_passage_that_was_looked_up_changes_with_its_document(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared("deck", "liminale ruimte"))
    (passage,) = catalogue.passages.on_page(document.id, 1)
    assert catalogue.passages.found([passage.id])[passage.id].document.title == document.title
    catalogue.documents.remove(document.id)
    assert catalogue.passages.found([passage.id]) == {}


def test_an_answer_is_made_once_until_the_collection_changes(tmp_path: Path) -> None:
    home, text = Settings(tmp_path / "home"), tmp_path / "drempels.md"
    text.write_text("# Drempels\n\nEen drempel is een plek om te oefenen.\n", encoding="utf-8")
    question = Query("Wat is een drempel?")
    with closing(open_knowledge_base(home, WordEncoder)) as base:
        assert base.ask(question).evidence == ()
        list(base.ingest([text]))
        base.refresh()
        first = base.ask(question)
        assert [hit.document.title for hit in first.evidence] == ["Drempels"]
        assert base.ask(question).evidence is first.evidence
        assert base.ask(question, 5).evidence is not first.evidence
        base.remove(1)
        assert base.ask(question).evidence == ()
        assert [len(base.ask(Query(f"drempel {number}")).evidence) for number in range(MOST_ANSWERS + 1)] == [0] * 101
