"""Fusion: pure functions, held to values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import (
    EXACT,
    SHARE,
    SMOOTHING,
    Candidate,
    Fused,
    dense_scores,
    enough,
    fuse,
    keep,
    reciprocal_rank_fusion,
    sparse_scores,
)
from kb.model import Hit


def order(*candidates: Candidate) -> list[int]:
    return [hit.passage_id for hit in fuse(candidates)]


def test_fusion_prefers_agreement_over_one_loud_voice() -> None:
    loud, quiet = [Hit(1, 99.0), Hit(2, 98.0)], [Hit(2, 0.2), Hit(3, 0.1)]
    assert [hit.passage_id for hit in reciprocal_rank_fusion([loud, quiet])] == [2, 1, 3]


def test_a_score_is_the_sum_of_reciprocal_ranks_times_what_is_said() -> None:
    fused = reciprocal_rank_fusion([[Hit(1, 5.0), Hit(2, 4.0)], [Hit(2, 1.0)]], [{1: 1.0, 2: 0.5}, {2: 2.0}], 10)
    assert fused == [Hit(2, pytest.approx(0.5 / 12 + 2.0 / 11)), Hit(1, pytest.approx(1 / 11))]  # type: ignore[arg-type]


def test_fusion_leaves_its_input_as_it_was_and_ties_go_to_the_lower_id() -> None:
    first = [Hit(7, 1.0)]
    assert [hit.passage_id for hit in reciprocal_rank_fusion([first, [Hit(3, 1.0)]])] == [3, 7]
    assert first == [Hit(7, 1.0)]
    assert reciprocal_rank_fusion([]) == []


def test_words_that_matched_only_a_common_word_do_not_outvote_meaning() -> None:
    twin = Candidate(1, cosine=0.7, related=8.0)
    common = Candidate(2, cosine=0.2, related=1.0, bm25=2.0, coverage=0.08)
    assert order(common, twin) == [1, 2]


def test_words_that_hold_the_whole_query_outvote_a_vague_neighbour() -> None:
    neighbour = Candidate(1, cosine=0.4, related=4.0)
    named = Candidate(2, cosine=0.2, related=1.0, bm25=9.0, coverage=1.0)
    assert order(neighbour, named) == [2, 1]


@given(st.floats(0, 5), st.floats(0, 0.5), st.floats(0, 20))
def test_an_exact_hit_never_ranks_under_a_vague_neighbour(related: float, coverage: float, bm25: float) -> None:
    neighbour = Candidate(1, cosine=0.5, related=related, bm25=bm25 if coverage else 0.0, coverage=coverage)
    exact = Candidate(2, cosine=0.1, related=0.5, bm25=8.0, coverage=1.0, exact=True)
    assert order(neighbour, exact) == [2, 1]


def test_a_page_that_says_it_comes_before_the_reference_list_that_names_it() -> None:
    listing = Candidate(1, cosine=0.5, related=5.0, bm25=9.0, coverage=1.0, exact=True, listing=True)
    page = Candidate(2, cosine=0.4, related=4.0, bm25=5.0, coverage=0.6)
    assert order(listing, page) == [2, 1]


def test_meaning_speaks_for_words_where_the_query_has_none_of_the_language() -> None:
    english = Candidate(1, cosine=0.4, related=4.0, bm25=6.0, coverage=0.7, language="en")
    dutch = Candidate(2, cosine=0.75, related=9.0, language="nl")
    assert sparse_scores([english, dutch])[2] == pytest.approx(1.25 * 0.9 * 0.7 * 0.9)
    assert order(english, dutch) == [2, 1]


def test_where_words_could_have_spoken_their_silence_counts() -> None:
    named = Candidate(1, cosine=0.4, related=4.0, bm25=6.0, coverage=0.7, language="nl")
    silent = Candidate(2, cosine=0.6, related=6.0, language="nl")
    assert 2 not in sparse_scores([named, silent])
    assert order(named, silent) == [1, 2]


def test_a_single_leg_ranks_by_what_it_measures() -> None:
    candidates = [Candidate(1, cosine=0.2, bm25=9.0, coverage=1.0, exact=True), Candidate(2, cosine=0.9)]
    assert [hit.passage_id for hit in fuse(candidates, "dense")] == [2, 1]
    assert [hit.passage_id for hit in fuse(candidates, "sparse")] == [1]
    assert [hit.score for hit in fuse(candidates, "dense")] == [0.9, 0.2]


def test_why_a_passage_was_found_is_told() -> None:
    by = {
        hit.passage_id: (hit.by_words, hit.by_meaning)
        for hit in fuse([
            Candidate(1, related=8.0),
            Candidate(2, related=0.5, bm25=3.0, coverage=1.0),
            Candidate(3, related=5.0, bm25=3.0, coverage=1.0),
        ])
    }  # fmt: skip
    assert by == {1: (False, True), 2: (True, False), 3: (True, True)}


def fused(passage_id: int, support: float) -> Fused:
    return Fused(passage_id, 1.0 / passage_id, support, by_words=False, by_meaning=True)


def test_nothing_is_kept_when_the_best_is_only_the_least_bad() -> None:
    assert keep([fused(1, enough(100) - 0.01), fused(2, 0.3)], 100) == []
    assert len(keep([fused(1, enough(100) + 0.01)], 100)) == 1
    assert keep([], 100) == []


def test_the_best_of_many_has_to_be_better_than_the_best_of_few() -> None:
    assert enough(1) == enough(2) < enough(100) < enough(10_000) < 1.2
    assert enough(1000) == pytest.approx(0.25 + (2 * math.log(1000)) ** 0.5 / 5)


def test_what_falls_far_behind_the_best_is_not_kept() -> None:
    hits = [fused(1, 2.0), fused(2, 2.0 * SHARE - 0.01), fused(3, 2.0 * SHARE + 0.01)]
    assert [hit.passage_id for hit in keep(hits, 100)] == [1, 3]


def test_what_is_worth_showing_by_itself_is_kept_beside_an_entry_that_has_the_very_words() -> None:
    alone = enough(100) + 0.01
    assert alone < SHARE * 3.0
    assert [hit.passage_id for hit in keep([fused(1, 3.0), fused(2, alone), fused(3, enough(100) - 0.01)], 100)] == [
        1,
        2,
    ]


candidates = st.builds(
    Candidate,
    st.integers(1, 40),
    cosine=st.floats(-1, 1),
    related=st.floats(-10, 20),
    bm25=st.floats(0, 30),
    coverage=st.floats(0, 1),
    exact=st.booleans(),
    language=st.sampled_from(["nl", "en", None]),
    listing=st.booleans(),
)


@given(st.lists(candidates, max_size=30, unique_by=lambda candidate: candidate.passage_id), st.randoms())
def test_every_candidate_is_ranked_once_whatever_the_order_it_comes_in(given_: list[Candidate], random: object) -> None:
    ranked = fuse(given_)
    assert sorted(hit.passage_id for hit in ranked) == sorted(candidate.passage_id for candidate in given_)
    assert [hit.score for hit in ranked] == sorted((hit.score for hit in ranked), reverse=True)
    shuffled = list(given_)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fuse(shuffled) == ranked


def test_no_leg_says_more_than_it_may() -> None:
    best = Candidate(1, cosine=0.9, related=10.0, bm25=5.0, coverage=1.0, exact=True)
    (hit,) = fuse([best])
    assert dense_scores([best]) == {1: 1.0}
    assert sparse_scores([best]) == {1: 1.25}
    assert hit.score == pytest.approx((1.0 + 1.25 + EXACT) / (SMOOTHING + 1))
