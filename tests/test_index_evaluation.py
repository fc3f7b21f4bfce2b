"""Measures: against values worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from index.evaluation import (
    JudgedQuery,
    evaluate,
    first_of_each,
    ndcg,
    read_judged,
    recall,
    reciprocal_rank,
    report,
)
from kb.errors import KnowledgeBaseError

A, B, C, D = ("", 1), ("", 2), ("", 3), ("", 4)


def test_ndcg_is_gain_over_the_best_gain() -> None:
    grades = {A: 2, B: 1, C: 2}
    best = 2 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert ndcg([A, C, B], grades) == pytest.approx(1.0)
    assert ndcg([D, A, B], grades) == pytest.approx((2 / math.log2(3) + 1 / math.log2(4)) / best)
    assert ndcg([D, A, B], grades, depth=2) == pytest.approx((2 / math.log2(3)) / (2 + 2 / math.log2(3)))
    assert ndcg([], grades) == 0.0
    assert ndcg([A], {}) == 0.0


def test_a_page_counts_once_where_its_best_passage_stands() -> None:
    assert first_of_each([B, A, B, A, C]) == [B, A, C]
    assert ndcg([B, B, B, A], {A: 2}) == pytest.approx(1 / math.log2(3))


def test_reciprocal_rank_looks_for_the_first_page_that_helps() -> None:
    assert reciprocal_rank([D, C, A], {A: 2, C: 1}) == 0.5
    assert reciprocal_rank([D], {A: 2}) == 0.0
    assert reciprocal_rank([A], {A: 0}) == 0.0


def test_recall_is_the_share_found_among_the_first() -> None:
    assert recall([A, D, B, C], {A: 2, B: 1, C: 2}) == pytest.approx(2 / 3)
    assert recall([A], {}) == 0.0


def test_means_are_over_all_queries_that_have_an_answer() -> None:
    measured = evaluate({"1": [A], "3": [B]}, {"1": {A: 2}, "2": {A: 1}, "3": {}})
    assert (measured.queries, measured.ndcg, measured.mrr, measured.recall) == (2, 0.5, 0.5, 0.5)
    assert evaluate({}, {}).queries == 0


def test_the_report_tells_by_kind_and_how_often_nothing_was_rightly_found() -> None:
    judged = [
        JudgedQuery("1", "nl", "keyword", "a", {A: 2}),
        JudgedQuery("2", "en", "cross", "b", {B: 2}),
        JudgedQuery("3", "en", "negative", "c", {}),
        JudgedQuery("4", "en", "negative", "d", {}),
    ]
    told = report({"1": [A], "2": [A, B], "4": [A]}, judged)
    assert told["queries"] == 2
    assert told["mrr"] == 0.75
    assert told["by_kind"] == {
        "cross": {"queries": 1, "ndcg@10": 0.6309, "mrr": 0.5, "recall@3": 1.0},
        "keyword": {"queries": 1, "ndcg@10": 1.0, "mrr": 1.0, "recall@3": 1.0},
    }
    assert told["unanswerable"] == {"queries": 2, "nothing_found": 1}


def test_a_judged_file_is_read_in_both_forms(tmp_path: Path) -> None:
    file = tmp_path / "judged.tsv"
    file.write_text(
        "d1\ten\tcross\tliminal space\t13:2, 14:1\n\n"
        "d2\tnl\tkeyword\tdrempel\tdeck één.pdf#3:2,b.pptx#12:1\ttune\n"
        "d3\tnl\tnegative\tappeltaart\t-\tkept\n",
        encoding="utf-8",
    )
    first, second, third = read_judged(file)
    assert first == JudgedQuery("d1", "en", "cross", "liminal space", {("", 13): 2, ("", 14): 1})
    assert second.grades == {("deck één.pdf", 3): 2, ("b.pptx", 12): 1}
    assert (second.split, third.split, third.grades) == ("tune", "kept", {})


@pytest.mark.parametrize(
    "line",
    ["d1\ten\tcross\tliminal", "d1\ten\tcross\tliminal\tthirteen:2", "d1\ta\tb\tc\t1:2\te\tf", "x\ty\tz\tq\t1:2,"],
)
def test_a_line_that_cannot_be_understood_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "judged.tsv"
    file.write_text(f"ok\ten\tcross\tq\t1:2\n{line}\n", encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match="line 2"):
        read_judged(file)


def test_an_id_that_stands_twice_and_a_file_that_is_not_there_are_named(tmp_path: Path) -> None:
    file = tmp_path / "judged.tsv"
    file.write_text("ok\ten\tcross\tq\t1:2\nok\ten\tcross\tr\t1:2\n", encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match="id ok"):
        read_judged(file)
    with pytest.raises(KnowledgeBaseError, match="cannot be read"):
        read_judged(tmp_path / "none.tsv")
