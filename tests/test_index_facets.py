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


LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """A deck of 156 slides about thresholds, and papers that say less about them: 78 pages, and a reference list."""
    folder = tmp_path_factory.mktemp("deep")
    catalogue = Catalogue(folder / "catalogue.sqlite")
    catalogue.documents.put(prepared("deck", *(f"drempel drempel {letter * 5}" for letter in LETTERS * 6)))
    papers = [f"een drempel is niet alles {letter * 4} {letter * 6}" for letter in LETTERS * 3]
    catalogue.documents.put(prepared("papers", *papers, kind="literature"))
    lists = prepared("lists", "Turner over de drempel als tussenruimte (Aldine)", kind="literature")
    catalogue.documents.put(replace(lists, passages=tuple(replace(each, listing=True) for each in lists.passages)))
    found = searcher_over(catalogue.passages, WordEncoder(), folder / "cache", glossary=Glossary())
    found.refresh()
    yield found
    catalogue.close()


def test_a_filter_lists_each_hit_that_it_counts_however_many_others_are_better(deep: Searcher) -> None:
    everything = ask(deep, Query("drempel"))
    # Slides whose letters are alike are one hit: 26 of each.
    assert (everything.total, everything.complete) == (52, True)
    assert everything.facets["kind"] == {"deck": 26, "literature": 26}
    papers = ask(deep, Query("drempel", kind="literature"), 100)
    assert [each.document.title for each in papers.evidence] == ["Titel van papers"] * 26
    assert papers.facets["kind"] == everything.facets["kind"]


def test_of_a_query_that_finds_too_much_each_filter_still_finds_its_own(
    deep: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.hits.REACH", 30)
    everything = ask(deep, Query("drempel"))
    assert (everything.complete, set(everything.facets["kind"])) == (False, {"deck"})
    papers = ask(deep, Query("drempel", kind="literature"))
    assert (papers.complete, papers.total) == (False, 26)
    assert {each.document.kind for each in papers.evidence} == {"literature"}


def test_a_reference_list_is_a_hit_only_for_who_asks_for_a_work(deep: Searcher) -> None:
    def lists(text: str) -> int:
        return sum(each.passage.listing for each in ask(deep, read_query(text), 200).evidence)

    assert [lists(text) for text in ("drempel", "tussenruimte", "wat is een drempel als tussenruimte")] == [0, 0, 0]
    assert [lists(text) for text in ('"tussenruimte"', "de drempel als tussenruimte", "tussenruimte 1969")] == [1, 1, 1]


@pytest.mark.parametrize(("length", "closest"), [(150, 1), (350, 0)])
def test_where_filters_leave_no_hit_the_passages_that_come_near_are_named(
    tmp_path: Path, length: int, closest: int
) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    slide = " ".join(("threshold", *(f"word{i}" for i in range(length))))
    catalogue.documents.put(prepared("deck", slide, *(f"school {letter * 5}" for letter in LETTERS)))
    catalogue.documents.put(prepared("paper", *(f"drempel {letter * 5}" for letter in LETTERS), kind="literature"))
    search = searcher_over(
        catalogue.passages, WordEncoder(same={"threshold": "drempel"}), tmp_path / "cache", glossary=Glossary()
    )
    search.refresh()
    answer = ask(search, Query("drempel", kind="deck"))
    assert (answer.total, answer.facets, len(answer.closest)) == (0, {}, closest)
    catalogue.close()


def test_each_passage_with_a_phrase_is_a_hit_however_many_there_are(
    deep: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.hits.REACH", 30)
    answer = ask(deep, read_query('"drempel"'))
    assert (answer.total, answer.complete, answer.facets["kind"]) == (53, True, {"deck": 26, "literature": 27})
    monkeypatch.setattr("index.hits.PHRASE_REACH", 40)
    assert not ask(deep, read_query('"drempel"')).complete
