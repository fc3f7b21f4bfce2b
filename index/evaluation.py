"""Evaluation: how good a run is, against judgements by hand.

    judged queries (TSV) ─► Qrels ┐
    rankings of pages    ─► Run  ─┴─► nDCG@10, MRR, recall@3, over all and by kind of query

A run ranks pages, each by its best passage. Pure functions, except `read_judged` and `evaluate_search`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kb.catalogue import Passages
from kb.errors import KnowledgeBaseError
from kb.model import Document, Query

if TYPE_CHECKING:
    from index.searcher import RetrieverName, Searcher

PageKey = tuple[str, int]
"""A file name (empty where only one document is judged) and a page number."""
Qrels = Mapping[str, Mapping[PageKey, int]]
"""For each query's id the grade of each judged page: 2 answers, 1 helps."""
Run = Mapping[str, Sequence[PageKey]]
"""For each query's id its pages, best first."""

_JUDGEMENT = re.compile(r"(?:(?P<filename>[^#]+)#)?(?P<page>\d+):(?P<grade>\d+)")


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query and the pages judged to answer it; without any, nothing in the collection answers it."""

    id: str
    language: str
    kind: str
    text: str
    grades: Mapping[PageKey, int]
    split: str = ""


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over queries, each 0 to 1."""

    queries: int
    ndcg: float
    mrr: float
    recall: float

    def figures(self) -> dict[str, float]:
        """As the contract has it."""
        return {
            "queries": self.queries,
            "ndcg@10": round(self.ndcg, 4),
            "mrr": round(self.mrr, 4),
            "recall@3": round(self.recall, 4),
        }


def read_judged(path: Path) -> list[JudgedQuery]:
    """The judged queries of a tab-separated file without header: id, language, kind, query, judgements[, split].

    Judgements are `page:grade`, or `filename#page:grade` where several documents are judged, with commas between; `-` or
    nothing where no page answers. Raises KnowledgeBaseError naming the line that cannot be understood.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeBaseError(f"the judged queries {path} cannot be read: {error}") from error
    judged = [
        _judged_query(line, f"{path}, line {number}")
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]
    repeated = [name for name, count in Counter(query.id for query in judged).items() if count > 1]
    if repeated:
        raise KnowledgeBaseError(f"{path}: the id {min(repeated)} is used more than once")
    return judged


def _judged_query(line: str, place: str) -> JudgedQuery:
    """One line of a file of judged queries; `place` names it in the KnowledgeBaseError for one that is malformed."""
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) not in (5, 6):
        raise KnowledgeBaseError(
            f"{place}: {len(fields)} fields where id, language, kind, query and judgements are wanted"
        )
    grades = _grades(fields[4])
    if grades is None:
        raise KnowledgeBaseError(f"{place}: {fields[4]!r} is not page:grade[,page:grade…]")
    return JudgedQuery(fields[0], fields[1], fields[2], fields[3], grades, *fields[5:])


def _grades(text: str) -> dict[PageKey, int] | None:
    grades: dict[PageKey, int] = {}
    if text in ("", "-"):
        return grades
    for judgement in text.split(","):
        found = _JUDGEMENT.fullmatch(judgement.strip())
        if found is None:
            return None
        grades[found["filename"] or "", int(found["page"])] = int(found["grade"])
    return grades


def first_of_each(pages: Iterable[PageKey]) -> list[PageKey]:
    """Pages in order, each only once: a page's place is that of its best passage."""
    return list(dict.fromkeys(pages))


def ndcg(ranked: Sequence[PageKey], grades: Mapping[PageKey, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain: Σ grade / log2(1 + rank), over that of the best order (Järvelin & Kekäläinen, 2002).

    Gains are the grades as they are, as in trec_eval; the best order is that of all judged pages, found or not.
    """

    def gain(values: Iterable[int]) -> float:
        return sum(value / math.log2(1 + rank) for rank, value in enumerate(values, 1))

    best = gain(sorted(grades.values(), reverse=True)[:depth])
    return gain(grades.get(page, 0) for page in first_of_each(ranked)[:depth]) / best if best else 0.0


def reciprocal_rank(ranked: Sequence[PageKey], grades: Mapping[PageKey, int]) -> float:
    """One over the rank of the first page judged above 0; 0 when there is none."""
    for rank, page in enumerate(first_of_each(ranked), 1):
        if grades.get(page, 0) > 0:
            return 1.0 / rank
    return 0.0


def recall(ranked: Sequence[PageKey], grades: Mapping[PageKey, int], depth: int = 3) -> float:
    """The share of the pages judged above 0 that stand among the first `depth`."""
    wanted = {page for page, grade in grades.items() if grade > 0}
    if not wanted:
        return 0.0
    return len(wanted.intersection(first_of_each(ranked)[:depth])) / len(wanted)


def evaluate(run: Run, qrels: Qrels) -> Measures:
    """The means over all queries of `qrels` that have a page judged above 0; one that the run lacks counts as 0."""
    asked = [key for key, grades in qrels.items() if any(grade > 0 for grade in grades.values())]
    if not asked:
        return Measures(0, 0.0, 0.0, 0.0)
    ranked = {key: run.get(key, ()) for key in asked}
    return Measures(
        queries=len(asked),
        ndcg=sum(ndcg(ranked[key], qrels[key]) for key in asked) / len(asked),
        mrr=sum(reciprocal_rank(ranked[key], qrels[key]) for key in asked) / len(asked),
        recall=sum(recall(ranked[key], qrels[key]) for key in asked) / len(asked),
    )


def report(run: Run, judged: Sequence[JudgedQuery]) -> dict[str, object]:
    """The figures of `kb evaluate --json`: the measures over all queries and by kind.

    For queries that nothing answers: how often the run returned nothing.
    """
    qrels = {query.id: query.grades for query in judged}
    kinds = sorted({query.kind for query in judged if query.grades})
    by_kind = {kind: {query.id: query.grades for query in judged if query.kind == kind} for kind in kinds}
    figures: dict[str, object] = dict(evaluate(run, qrels).figures())
    figures["by_kind"] = {kind: evaluate(run, grades).figures() for kind, grades in by_kind.items()}
    unanswerable = [query for query in judged if not query.grades]
    if unanswerable:
        refused = sum(not run.get(query.id) for query in unanswerable)
        figures["unanswerable"] = {"queries": len(unanswerable), "nothing_found": refused}
    return figures


def evaluate_search(
    file: Path,
    searcher: Searcher,
    passages: Passages,
    documents: Sequence[Document],
    *,
    document_id: int | None = None,
    retriever: RetrieverName = "hybrid",
) -> dict[str, object]:
    """Measure a searcher on a judged set; the figures are those of `report`.

    Judgements without a file name are of the pages of one document: `document_id`, or the only one of `documents`.
    Queries that nothing answers are searched as people search, to see whether nothing is found. Raises
    KnowledgeBaseError for a file that cannot be read or that judges other pages.
    """
    judged = read_judged(file)
    if document_id is None:
        document_id = _only_document(file, judged, documents)
    if document_id is not None:
        _check_pages(file, judged, next(each for each in documents if each.id == document_id))
    judged = [_by_main_file(query, documents) for query in judged]
    names = {document.id: document.filename for document in documents}

    def pages(query: JudgedQuery) -> list[PageKey]:
        asked = Query(query.text, document_id=document_id)
        if not query.grades:
            return [("", hit.passage.number) for hit in searcher.search(asked, retriever=retriever)]
        ranked = searcher.rank(asked, retriever=retriever)
        found = passages.passages([hit.passage_id for hit in ranked])
        here = [found[hit.passage_id] for hit in ranked if hit.passage_id in found]
        named = any(name for name, _ in query.grades)
        return [(names[passage.document_id] if named else "", passage.number) for passage in here]

    return report({query.id: pages(query) for query in judged}, judged)


def _only_document(file: Path, judged: Sequence[JudgedQuery], documents: Sequence[Document]) -> int | None:
    """The document whose pages are judged without a file name; None when all judgements name their file."""
    if all(filename for query in judged for filename, _ in query.grades):
        return None
    if len(documents) != 1:
        raise KnowledgeBaseError(
            f"{file} judges the pages of one document and {len(documents)} are here: name it with --document ID"
        )
    return documents[0].id


def _check_pages(file: Path, judged: Sequence[JudgedQuery], document: Document) -> None:
    highest = max((page for query in judged for filename, page in query.grades if not filename), default=0)
    if highest > document.pages:
        raise KnowledgeBaseError(
            f"{file} judges page {highest} and document {document.id} has {document.pages}:"
            " name the right one with --document ID"
        )


def _by_main_file(query: JudgedQuery, documents: Sequence[Document]) -> JudgedQuery:
    """A query whose judgements name the main file of each document, where they named another of its files."""
    main = {file.filename: document.filename for document in documents for file in document.files}
    return replace(query, grades={(main.get(name, name), page): grade for (name, page), grade in query.grades.items()})
