"""Re-ranking by word pieces: the order, the token vectors that it rests on, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.encoder import SHIPPED, LightEncoder
from index.fusion import Fused
from index.reranker import DEPTH, nearest_pieces, rerank
from index.searcher import searcher_over
from index.teach.projection import projection
from index.tokens import SCALE, Tokens, TokenSpace, open_token_space
from kb.bootstrap import open_knowledge_base
from kb.catalogue import Catalogue
from kb.model import Query
from kb.settings import Settings
from tests.catalogue_material import prepared
from tests.fakes import LetterEncoder

EAST, NORTH = np.array([[1.0, 0.0]], dtype=np.float32), np.array([[0.0, 1.0]], dtype=np.float32)


@pytest.fixture(scope="module")
def space() -> TokenSpace:
    opened = open_token_space(LightEncoder(SHIPPED))
    assert opened is not None
    return opened


def stored(*vectors: tuple[float, float]) -> Tokens:
    tokens: Tokens = np.rint(np.array(vectors) * SCALE).astype(np.int8)
    return tokens


def hits(count: int) -> list[Fused]:
    """Hits 0, 1, 2, … with falling scores."""
    empty = Fused(passage_id=0, score=0.0, support=1.0, by_words=True, by_meaning=True)
    return [replace(empty, passage_id=number, score=1.0 - number / 100) for number in range(count)]


def order(ranked: Sequence[Fused]) -> list[int]:
    return [hit.passage_id for hit in ranked]


def test_each_piece_of_the_query_counts_by_the_nearest_piece_of_the_passage() -> None:
    query = np.concatenate([EAST, NORTH])
    both, one, halfway = stored((1, 0), (0, 1)), stored((1, 0), (1, 0)), stored((0.6, 0.8))
    nearest = nearest_pieces(query, [both, one, halfway])
    assert nearest.tolist() == pytest.approx(np.array([[1.0, 1.0], [1.0, 0.0], [0.6, 0.8]]), abs=0.01)


def test_a_passage_that_has_the_words_rises_and_the_scores_keep_falling() -> None:
    tokens = {0: stored((0, 1)), 1: stored((0, 1)), 2: stored((1, 0))}
    reranked = rerank(hits(3), EAST, lambda ids: {key: tokens[key] for key in ids})
    ranked = reranked.hits
    assert {key: near.tolist() for key, near in reranked.nearness.items()} == {0: [0.0], 1: [0.0], 2: [1.0]}
    assert order(ranked) == [0, 2, 1]  # above the second, whose score was nearer, and not above the first
    assert [hit.score for hit in ranked] == [hit.score for hit in hits(3)]


def test_only_the_best_are_put_in_a_new_order() -> None:
    asked: list[int] = []

    def look_up(ids: Sequence[int]) -> Mapping[int, Tokens]:
        asked.extend(ids)
        return {key: stored((1, 0) if key == DEPTH - 1 else (0, 1)) for key in ids}

    ranked = rerank(hits(DEPTH + 5), EAST, look_up).hits
    assert asked == list(range(DEPTH))
    assert order(ranked)[-5:] == list(range(DEPTH, DEPTH + 5))
    assert sorted(order(ranked)) == list(range(DEPTH + 5))


@pytest.mark.parametrize("known", [{}, {0: stored((0, 1))}])
def test_the_order_stays_where_token_vectors_are_missing(known: dict[int, Tokens]) -> None:
    assert order(rerank(hits(3), EAST, lambda _: known).hits) == [0, 1, 2]
    assert order(rerank(hits(3), np.zeros((0, 2), dtype=np.float32), lambda _: known).hits) == [0, 1, 2]


def test_one_pass_gives_the_vector_that_encoding_alone_gives_and_a_state_for_each_piece(space: TokenSpace) -> None:
    texts = ["De drempel van de school.", "x", "", "A threshold is no place to stay."]
    vectors, states = space.encoder.encode_tokens(texts)
    assert np.allclose(vectors, space.encoder.encode_document(texts), atol=1e-6)
    # An empty text keeps its two special pieces, so that every passage has one to compare.
    assert [len(each) for each in states] == [len(space.encoder.piece_ids(text)) or 2 for text in texts]
    vector, query, spans = space.encoder.encode_query_tokens(texts[0])
    assert "".join(texts[0][span.start : span.end] for span in spans) == texts[0].replace(" ", "")
    assert np.allclose(vector, space.encoder.encode_query(texts[0]), atol=1e-6)
    assert np.allclose(query, states[0], atol=1e-4)


def test_reduced_vectors_have_length_one_and_bytes_are_near_them(space: TokenSpace) -> None:
    _, (states,) = space.encoder.encode_tokens(["De drempel van de school."])
    reduced, kept = space.reduce(states), space.kept(states)
    assert np.allclose(np.linalg.norm(reduced, axis=1), 1.0, atol=1e-5)
    assert np.abs(kept / SCALE - reduced).max() <= 0.5 / SCALE + 1e-6


def test_the_projection_keeps_the_directions_in_which_states_differ_most() -> None:
    chance = np.random.default_rng(3)
    states = chance.normal(size=(500, 6)).astype(np.float32) * np.array([9, 1, 1, 5, 1, 1], dtype=np.float32)
    found = projection([states], directions=2).astype(np.float32)
    assert np.abs(found[[0, 3]]).max(axis=1).tolist() == pytest.approx([1.0, 1.0], abs=0.05)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with closing(Catalogue(tmp_path / "catalogue.sqlite")) as opened:
        opened.documents.put(prepared("deck", "Een drempel is geen plek om te blijven.", "De lift is kapot."))
        yield opened


def test_token_vectors_are_made_with_the_vectors_and_kept(
    catalogue: Catalogue, space: TokenSpace, tmp_path: Path
) -> None:
    searcher = searcher_over(catalogue.passages, space.encoder, tmp_path)
    searcher.refresh()
    ids = [hit.passage_id for hit in searcher.rank(Query("drempel"))]
    tokens = searcher.dense.token_vectors(ids)
    assert sorted(tokens) == sorted(ids)
    assert {vectors.shape[1] for vectors in tokens.values()} == {64}
    assert searcher.dense.token_vectors([999]) == {}


def test_an_encoder_without_token_vectors_and_a_setting_leave_the_order_alone(
    catalogue: Catalogue, space: TokenSpace, tmp_path: Path
) -> None:
    for searcher in (
        searcher_over(catalogue.passages, LetterEncoder(), tmp_path),
        searcher_over(catalogue.passages, space.encoder, tmp_path, reranking=False),
    ):
        searcher.refresh()
        assert searcher.tokens is None
        assert searcher.dense.token_vectors([1, 2]) == {}
        assert len(searcher.search(Query("drempel"))) >= 1
    with closing(open_knowledge_base(Settings(tmp_path / "home", reranking=False))) as base:
        assert base.searcher.tokens is None
