"""One result set per query: its total, its parts, and the counts by facet, for random queries and filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.answer import ask
from index.searcher import Searcher, searcher_over
from kb.catalogue import Catalogue
from kb.facets import filters
from kb.language.glossary import Glossary
from kb.language.syntax import read_query
from kb.model import Answer, Citation, Language, Passage, Query
from tests.catalogue_material import prepared
from tests.fake_meaning import MEANING
from tests.fakes import WordEncoder

WORDS = ("drempel", "ruimte", "school", "stress", "thuishoren", "bibliotheek", "space", "belonging", "college", "druk")
PEOPLE = (("Ada Fielding",), ("Bram Hoekstra", "Ada Fielding"), ())


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """Twelve documents of eight pages, in two kinds and languages, of three years and authors, some with citations."""
    folder = tmp_path_factory.mktemp("facets")
    catalogue = Catalogue(folder / "catalogue.sqlite")
    for i in range(12):
        texts = [
            f"{WORDS[(i + j) % 10]} {WORDS[(i * j + 3) % 10]} deel {i} van {'xyz'[j % 3] * (j + 2)}" for j in range(8)
        ]
        language: Language = "nl" if i % 3 else "en"
        made = prepared(f"document-{i:02}", *texts, kind="deck" if i % 2 else "literature")
        cited = tuple(
            Citation(number, 0, 5, texts[number - 1][:5], "author", ("Ma",)) for number in range(1, 9, 1 + i % 4)
        )
        passages = tuple(replace(each, language=language) for each in made.passages)
        catalogue.documents.put(
            replace(
                made, language=language, passages=passages, citations=cited, entries=(),
                authors=PEOPLE[i % 3], date=(None, "2019", "2021", "2023")[i % 4],
            )
        )  # fmt: skip
    found = searcher_over(catalogue.passages, WordEncoder(same=MEANING), folder / "cache", glossary=Glossary())
    found.refresh()
    yield found
    catalogue.close()


FILTERS = {
    "kind": ("deck", "literature"), "language": ("nl", "en"), "year": (2019, 2021, 1999),
    "author": ("Ada Fielding", "Bram Hoekstra"), "cites": (True,),
}  # fmt: skip
CONDITIONS = ("", "", "", " -stress", ' "deel"', " kind:deck", " year:2019..2021", " author:fielding")


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """A query of one to three words, perhaps with a condition, and up to three filters."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
    names = draw(st.lists(st.sampled_from(sorted(FILTERS)), max_size=3, unique=True))
    chosen: dict[str, Any] = {name: draw(st.sampled_from(FILTERS[name])) for name in names}
    return replace(read_query(" ".join(words) + draw(st.sampled_from(CONDITIONS))), **chosen)


def hits(answer: Answer) -> list[tuple[int, int]]:
    return sorted((each.document.id, each.page.number) for group in answer.groups for each in group)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries())
def test_a_count_is_the_number_of_hits_that_choosing_its_value_gives(searcher: Searcher, query: Query) -> None:
    answer = ask(searcher, query)
    for facet, counts in answer.facets.items():
        for value, number in counts.items():
            assert number == ask(searcher, replace(query, **{facet: value})).total, (query, facet, value)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries(), shown=st.integers(1, 40))
def test_how_many_hits_are_shown_changes_neither_total_nor_order(searcher: Searcher, query: Query, shown: int) -> None:
    whole, part = ask(searcher, query, 1000), ask(searcher, query, shown)
    assert whole.total == len(whole.evidence) == len(hits(whole)) == part.total
    assert [each.passage for each in part.evidence] == [each.passage for each in whole.evidence][:shown]
    assert hits(part) == hits(whole)
    assert part.facets == whole.facets
    assert len({group[0].document.id for group in part.groups}) == len(part.groups)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries())
def test_each_hit_passes_all_filters_and_conditions(searcher: Searcher, query: Query) -> None:
    for group in ask(searcher, query).groups:
        for each in group:
            assert all(_passes(each.passage, each.document, each.citations, name, value)
                       for name, value in filters(query).items())  # fmt: skip
            assert not any(word in each.passage.text for word in query.conditions.excluded)
            assert all(phrase in each.passage.text for phrase in query.conditions.phrases)


def _passes(passage: Passage, document: Any, citations: tuple[Citation, ...], name: str, value: object) -> bool:
    if name == "cites":
        return bool(citations)
    if name == "author":
        return value in document.authors
    return bool((passage if name == "language" else document).__getattribute__(name) == value)


def test_filters_that_no_hit_passes_search_among_the_rest_and_count_nothing(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    deck = prepared("deck", *(f"drempel drempel {letter * 5}" for letter in "abcdefghijklmnopqrstuvwxyz" * 3))
    catalogue.documents.put(deck)
    catalogue.documents.put(prepared("paper", "school en drempel", "iets heel anders", kind="literature"))
    search = searcher_over(catalogue.passages, WordEncoder(), tmp_path / "cache", glossary=Glossary())
    search.refresh()
    answer = ask(search, Query("drempel", kind="literature"))
    assert [each.document.kind for each in answer.evidence] == ["literature"]
    assert answer.total == 1
    catalogue.close()
