"""Matches: what each retriever found for one query, and the candidates that are made of both.

WordHits       (sparse) ┐
MeaningMatches (dense)  ┼─► join ─► Candidate, scored by both ─► index.fusion
PassageFacts            ┘
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from index.encoder import Vector, Vectors
from index.fusion import Candidate
from index.sparse import WordHit
from kb.model import Language, Span


@dataclass(frozen=True, slots=True)
class PassageFacts:
    """Properties of all passages at one generation of the catalogue."""

    generation: int
    count: int
    """Number of passages."""
    last: int
    """The facts of passages with an id up to this one are known."""
    languages: Mapping[int, Language]
    """The language of each passage, or else of its document; left out where neither is known."""
    reference_lists: frozenset[int]
    section_slides: frozenset[int]

    def is_mostly_gone(self, count: int) -> bool:
        """Whether most of these facts are of passages that are gone, when there are so many."""
        return len(self.languages) > 2 * count


NO_FACTS = PassageFacts(-1, 0, 0, {}, frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class WordMatches:
    """The sparse side of a retrieval."""

    hits: Mapping[int, WordHit]
    sentences: Mapping[int, Vectors]
    """The vectors of the sentences of the best of them."""


@dataclass(frozen=True, slots=True)
class MeaningMatches:
    """The dense side of a retrieval."""

    cosines: Mapping[int, float]
    sentences: Mapping[int, tuple[int, float]]
    """For passages whose sentences were compared: the nearest sentence (its place, from 0) and its cosine."""
    level: Mapping[Language | None, float]
    spread: Mapping[Language | None, float]
    """Mean and standard deviation of the cosines to background texts, by language."""

    def z_score(self, passage_id: int, language: Language | None) -> float:
        """A passage's cosine in standard deviations above the background texts; 0 when it has no vector."""
        cosine = self.cosines.get(passage_id)
        return 0.0 if cosine is None else (cosine - self.level[language]) / self.spread[language]


NO_WORDS = WordMatches({}, {})
NO_MEANING = MeaningMatches({}, {}, {}, {})


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """A query as the encoder reads it."""

    vector: Vector
    tokens: Vectors
    """The reduced vectors (n, k) of its pieces; none where the encoder has no token space."""
    spans: tuple[Span, ...] = ()
    """Where each piece stands in the query."""


NO_TOKENS: Vectors = np.zeros((0, 0), dtype=np.float32)


def join(facts: PassageFacts, words: Mapping[int, WordHit], meaning: MeaningMatches) -> list[Candidate]:
    """Each passage that either retriever found, with the scores of both."""
    candidates = []
    for key in {**meaning.cosines, **words}:
        spoken = facts.languages.get(key)
        hit = words.get(key)
        sentence = meaning.sentences.get(key)
        candidates.append(
            Candidate(
                key,
                cosine=meaning.cosines.get(key, 0.0),
                related=meaning.z_score(key, spoken),
                bm25=hit.score if hit else 0.0,
                coverage=hit.coverage if hit else 0.0,
                exact=hit.exact if hit else False,
                language=spoken,
                listing=key in facts.reference_lists,
                divider=key in facts.section_slides,
                sentence=None if sentence is None else sentence[0],
            )
        )
    return candidates
