"""Search as it is shipped, on collections judged by hand: what is there is found, and what is not is not made up.

The thresholds lie a little under what is measured, so that a change that costs quality is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from index.answer import ask
from index.encoder import open_encoder
from index.evaluation import JudgedQuery, PageKey, evaluate, read_judged
from index.language_check import check_language
from index.searcher import Searcher, searcher_over
from kb.bootstrap import KnowledgeBase
from kb.catalogue import Catalogue
from kb.model import Query
from tests.judged.collections import COLLECTIONS, JUDGED, take_in


@dataclass(frozen=True, slots=True)
class Collection:
    catalogue: Catalogue
    searcher: Searcher
    queries: tuple[JudgedQuery, ...]
    filenames: dict[int, str]

    def pages(self, query: JudgedQuery, retriever: str = "hybrid") -> list[PageKey]:
        """The pages as ranked."""
        ranked = self.searcher.rank(Query(query.text), retriever=retriever)  # type: ignore[arg-type]
        found = self.catalogue.passages.passages([hit.passage_id for hit in ranked])
        passages = [found[hit.passage_id] for hit in ranked]
        return [(self.filenames[passage.document_id], passage.number) for passage in passages]

    def ndcg(self, retriever: str, kind: str | None = None) -> float:
        asked = [query for query in self.queries if query.grades and kind in (None, query.kind)]
        run = {query.id: self.pages(query, retriever) for query in asked}
        return evaluate(run, {query.id: query.grades for query in asked}).ndcg


@pytest.fixture(scope="module", params=COLLECTIONS)
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    home = tmp_path_factory.mktemp(request.param)
    catalogue = Catalogue(home / "catalogue.sqlite")
    take_in(catalogue, JUDGED / f"{request.param}.txt")
    searcher = searcher_over(catalogue.passages, open_encoder(), home / "cache")
    searcher.refresh()
    queries = tuple(read_judged(JUDGED / f"{request.param}.tsv"))
    filenames = {document.id: document.filename for document in catalogue.documents.all()}
    yield Collection(catalogue, searcher, queries, filenames)
    catalogue.close()


def test_the_shipped_model_reads_dutch(judged: Collection) -> None:
    assert check_language(judged.searcher.encoder).reads_dutch


def test_the_pages_that_answer_come_first(judged: Collection) -> None:
    hybrid = judged.ndcg("hybrid")
    assert hybrid >= 0.88
    assert hybrid >= judged.ndcg("sparse") + 0.2
    assert hybrid >= judged.ndcg("dense") - 0.03


def test_words_do_not_pull_a_question_in_the_other_language_down(judged: Collection) -> None:
    assert judged.ndcg("hybrid", "cross") >= judged.ndcg("dense", "cross") - 0.05


def test_nothing_is_found_for_what_nothing_is_about(judged: Collection) -> None:
    unanswerable = [query.text for query in judged.queries if not query.grades]
    found = [text for text in unanswerable if judged.searcher.search(Query(text))]
    assert len(found) <= 0.05 * len(unanswerable), found


def test_something_is_found_for_what_is_there(judged: Collection) -> None:
    answerable = [query.text for query in judged.queries if query.grades]
    missed = [text for text in answerable if not judged.searcher.search(Query(text))]
    assert len(missed) <= 0.15 * len(answerable), missed


def test_answers_quote_their_sources_and_mostly_from_pages_that_answer(judged: Collection) -> None:
    searcher = judged.searcher
    answered = relevant = 0
    for query in judged.queries:
        given = ask(searcher, Query(query.text))
        for sentence in given.sentences:
            source = given.sources[sentence.source - 1]
            assert source.page.text[source.passage.start :][sentence.start : sentence.end] == sentence.text
        if query.grades and given.answered:
            answered += 1
            pages = {(source.document.filename, source.page.number) for source in given.sources}
            relevant += any(query.grades.get(page, 0) > 0 for page in pages)
    assert relevant >= 0.8 * answered > 10


def test_the_demonstration_collection_is_searched_well(demonstration: KnowledgeBase) -> None:
    told = demonstration.evaluate(JUDGED / "demonstration-queries.tsv")
    assert told["queries"] == 50
    assert told["ndcg@10"] >= 0.78
    assert (
        told["ndcg@10"]
        >= demonstration.evaluate(JUDGED / "demonstration-queries.tsv", retriever="dense")["ndcg@10"] + 0.05
    )
    assert told["by_kind"]["cross"]["ndcg@10"] >= 0.75


def test_what_the_demonstration_collection_is_not_about_is_mostly_not_found(demonstration: KnowledgeBase) -> None:
    lines = (JUDGED / "negative-queries.tsv").read_text(encoding="utf-8").splitlines()
    unanswerable = [line.split("\t")[2] for line in lines if line.strip()]
    found = [text for text in unanswerable if demonstration.search(Query(text)).evidence]
    # What is left speaks of students, universities or libraries, which the collection is about.
    assert len(found) <= 0.25 * len(unanswerable), found
