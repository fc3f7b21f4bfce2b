"""An answer without a language model: sentences quoted from the evidence, each with its source.

    evidence ─► sentences and bullets, as spans ─► relevance to the question ─► a few that differ ─► quotations

Every quotation is `passage.text[start:end]`, character for character. Where no sentence says anything to the question the
answer is empty: the evidence may still be worth reading, but it does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from index.calibration import Calibration
from index.encoder import Encoder, Vector, Vectors
from kb import language
from kb.language.sentences import CELL, sentences
from kb.model import Answer, Evidence, Query, Sentence, Span

if TYPE_CHECKING:
    from index.searcher import Searcher

# An answer is read at a glance.
MOST_SENTENCES = 5
MOST_LETTERS = 900
# An answer is looked for in this many passages; where there is none, this many are named as the closest.
MOST_PASSAGES = 10
MOST_CLOSEST = 3
# From so many sources, best first; what ranks lower was not found for what it says but for what it resembles.
MOST_SOURCES = 5
# Encoding sentences is what an answer costs.
MOST_CANDIDATES = 36
# A quotation has at least so many words; a bullet of fewer says nothing by itself.
FEWEST_WORDS = 3
LONGEST = 420
# A line that ends without a stop and has fewer words than this is a heading to what follows.
HEADING = 4

# Relevance is relatedness to the question (see index.calibration) in tenths, about 1 for a translation of it, and:
# what a sentence gains that holds all words of the question;
WORDS = 0.25
# what it gains that says what the asked-for thing is;
DEFINITION = 0.12
# what it loses that stands on a page far below the best;
BELOW = 0.40
# what is lost by a question, which asks and does not answer, and by a line that starts in the middle of something.
QUESTION, FRAGMENT = 0.12, 0.10
# A further quotation from a page that was quoted already has to be so much better than one from another.
SAME_PAGE = 0.06
# Nearer to a chosen sentence than this, it says the same.
SAME = 0.86
# Below this it says nothing to the question; and a further sentence stays within reach of the first.
RELEVANT = 0.42
REACH = 0.70
# One sentence is torn out of what it says. It is joined by what the same page says on, if that has at least so much to do
# with the question, or else by what is relevant and was out of reach.
KINDRED = 0.15

_ENTRY = re.compile(
    r"""\s*(?:\[\d+\]\s*)?                              # a number, in a numbered list
        [^.(]{2,120}?,?\s(?:[A-Z]\.\s?)+.*?              # a name and initials
        \((?:1[89]|20)\d\d[a-z]?[^)]*\)\.?\s             # and a year in brackets
    """,
    re.VERBOSE,
)
_LINK = re.compile(r"https?://|www\.|\bdoi\.org/|\bdoi:", re.IGNORECASE)
_ASKS_WHAT = re.compile(
    r"\b(?:wat (?:is|zijn|betekent)|what (?:is|are|does)|definiti|define|betekenis|meaning of)\b", re.IGNORECASE
)
_DEFINES = re.compile(
    r"\b(?:is|zijn|are|betekent|betekenen|means?|refers? to|heet|noemt|beschrijft|describes?|staat voor)\b"
)
_NUMBER = re.compile(r"^\s*(?:\d+[.)]?)+\s*|\s+$")
_LETTER = re.compile(r"[^\W\d_]")


def ask(searcher: Searcher, query: Query, n: int = 10) -> Answer:
    """The answer to a query, with at most `n` hits as evidence, from one retrieval."""
    if not query.text.strip():
        return Answer(query)
    retrieval = searcher.retrieve(query)
    hits = searcher.evidence(retrieval, n)
    offered = searcher.evidence(retrieval, MOST_PASSAGES, quotable=True)
    kept = searcher.dense.sentence_vectors([item.passage.id for item in offered])
    answered = answer(query, offered, searcher.encoder, searcher.encode(query.text), searcher.calibration, kept)
    closest = () if answered.answered else offered[:MOST_CLOSEST]
    return replace(answered, evidence=hits, closest=closest)


def answer(
    query: Query,
    evidence: Sequence[Evidence],
    encoder: Encoder,
    vector: Vector,
    calibration: Calibration,
    kept: Mapping[int, Vectors] | None = None,
) -> Answer:
    """Quote what in the evidence says most to the question; no sentences when nothing does.

    `vector` is the query's, `calibration` what a cosine of this encoder is measured by. `kept` gives by passage id the
    vectors (n, d) of its first n sentences; only the sentences it lacks are encoded.
    """
    offered = list(_offered(evidence))[:MOST_CANDIDATES]
    if not offered:
        return Answer(query, tuple(evidence))
    vectors = _vectors(offered, encoder, kept or {})
    chosen = choose(offered, relevance(query, offered, vectors @ vector, calibration, vector), vectors)
    sources: list[Evidence] = []
    sentences: list[Sentence] = []
    for quote in sorted((offered[i] for i in chosen), key=lambda quote: (quote.evidence.rank, quote.span.start)):
        if quote.evidence not in sources:
            sources.append(quote.evidence)
        number = sources.index(quote.evidence) + 1
        sentences.append(Sentence(quote.text, number, quote.span.start, quote.span.end))
    return Answer(query, tuple(evidence), tuple(sentences), tuple(sources))


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that may be quoted."""

    text: str
    span: Span
    """In the passage's text."""
    evidence: Evidence
    place: int = 0
    """Which sentence of the passage it is, from 0."""
    heading: bool = False
    """Whether it names what others tell: quoted only where nothing tells it."""


def relevance(
    query: Query, offered: Sequence[Quote], cosines: Vector, calibration: Calibration, vector: Vector
) -> list[float]:
    """How much each quotation says to the question; see the constants above."""
    level, spread = calibration.level(vector), calibration.spreads()
    best = max(quote.evidence.score for quote in offered)
    told = []
    for quote, cosine in zip(offered, cosines, strict=True):
        of = quote.evidence.passage.language or quote.evidence.document.language
        related = (float(cosine) - level[of]) / spread[of] / 10
        below = BELOW * (1 - quote.evidence.score / best) if best > 0 else 0.0
        told.append(related + _words(quote, query.text) - _faults(quote.text) - below)
    return told


def choose(offered: Sequence[Quote], relevance: Sequence[float], vectors: Vectors) -> list[int]:
    """Which quotations make the answer: relevant, within reach of the best, unlike each other, spread over pages."""
    chosen: list[int] = []
    letters = 0
    left = [i for i in range(len(offered)) if relevance[i] >= RELEVANT]
    left = [i for i in left if not offered[i].heading] or left
    best = max((relevance[i] for i in left), default=0.0)
    left = [i for i in left if relevance[i] >= REACH * best]
    while left and len(chosen) < MOST_SENTENCES:
        quoted = {offered[i].evidence.rank for i in chosen}
        leader = max(left, key=lambda i: (relevance[i] - SAME_PAGE * (offered[i].evidence.rank in quoted), -i))
        left.remove(leader)
        if letters + len(offered[leader].text) > MOST_LETTERS and chosen:
            continue
        if any(_alike(leader, i, offered, vectors) for i in chosen):
            continue
        chosen.append(leader)
        letters += len(offered[leader].text)
    return chosen if len(chosen) != 1 else chosen + _second(chosen[0], offered, relevance, vectors)


def _second(only: int, offered: Sequence[Quote], relevance: Sequence[float], vectors: Vectors) -> list[int]:
    """The quotation, if any, that stands by the only one of an answer."""
    page = offered[only].evidence.rank
    others = [
        i
        for i, quote in enumerate(offered)
        if i != only
        and not quote.heading
        and relevance[i] >= (KINDRED if quote.evidence.rank == page else RELEVANT)
        and not _alike(i, only, offered, vectors)
        and len(quote.text) + len(offered[only].text) <= MOST_LETTERS
    ]
    return sorted(others, key=lambda i: (offered[i].evidence.rank != page, -relevance[i], i))[:1]


def _alike(one: int, other: int, offered: Sequence[Quote], vectors: Vectors) -> bool:
    """Whether two quotations say the same."""
    return float(vectors[one] @ vectors[other]) > SAME or _same(offered[one], offered[other])


def _vectors(offered: Sequence[Quote], encoder: Encoder, kept: Mapping[int, Vectors]) -> Vectors:
    """A vector for each quotation, shape (len(offered), d)."""
    known = [kept.get(quote.evidence.passage.id) for quote in offered]
    found = [
        None if of is None or quote.place >= len(of) else of[quote.place]
        for quote, of in zip(offered, known, strict=True)
    ]
    lacking = [at for at, vector in enumerate(found) if vector is None]
    for at, vector in zip(lacking, encoder.encode_document([offered[at].text for at in lacking]), strict=True):
        found[at] = vector
    return np.stack([vector for vector in found if vector is not None])


def _same(one: Quote, other: Quote) -> bool:
    first, second = (re.sub(r"\W+", "", quote.text.casefold()) for quote in (one, other))
    return first in second or second in first


def _offered(evidence: Sequence[Evidence]) -> Iterator[Quote]:
    """What may be quoted, best evidence first; never notes, entries of reference lists, or links."""
    for item in list(evidence)[:MOST_SOURCES]:
        if item.passage.field != "text" or item.passage.listing:
            continue
        whole = item.passage.text
        for place, span in enumerate(sentences(whole)):
            text = whole[span.start : span.end]
            if quotable(text) and not _in_entry(whole, span):
                opens = not whole[: span.start].strip() and whole[span.end :].lstrip(" \t").startswith(("\n", "\r"))
                heading = _is_heading(text, item, opens=opens) or _heads_table(whole, span)
                yield Quote(text, span, item, place, heading)


def quotable(text: str) -> bool:
    """Whether a sentence says something by itself: enough words, and neither a reference nor a link."""
    words = text.split()
    spelled = sum(1 for word in words if _LETTER.search(word))
    return (
        spelled >= FEWEST_WORDS
        and len(text) <= LONGEST
        and not _LINK.search(text)
        and not _ENTRY.match(text)
        and 2 * len(_LETTER.findall(text)) > len(text)
    )


def _words(quote: Quote, question: str) -> float:
    """What the question's words add: each word counts, and a sentence that defines one where that is asked."""
    words = {word.text: word for word in language.query_words(question) if not word.stop and not word.joined}
    if not words:
        return 0.0
    found = set(language.stems_in(quote.text))
    held = [word for word in words.values() if not found.isdisjoint(word.stems)]
    defined = 0.0
    if held and _ASKS_WHAT.search(question):
        lead = _DEFINES.split(quote.text, maxsplit=1)
        if len(lead) == 2 and any(not set(word.stems).isdisjoint(language.stems_in(lead[0])) for word in held):
            defined = DEFINITION
    return WORDS * len(held) / len(words) + defined


def _faults(text: str) -> float:
    """What a quotation loses for what it is."""
    question = text.rstrip(" \"'”’»)").endswith("?")
    return QUESTION * question + FRAGMENT * (text[0].islower() or text.endswith(":"))


def _in_entry(whole: str, span: Span) -> bool:
    """Whether it is of a line that begins as an entry of a reference list does: the title of a work is a sentence too."""
    line = whole.rfind("\n", 0, span.start) + 1
    return line < span.start and _ENTRY.match(whole, line) is not None


def _is_heading(text: str, item: Evidence, *, opens: bool) -> bool:
    """Whether it names what the page or the lines below tell, and tells nothing itself."""
    above = (item.page.title, item.page.section, item.document.title)
    said = _bare(text)
    # A long title has a sentence of its own behind a colon, and its lines are broken elsewhere.
    if any(said in _bare(name) for name in above if name):
        return True
    ended = text.rstrip(" \"'”’»)").endswith((".", "!", "?", "…"))
    return not ended and (opens or len(text.split()) < HEADING)


def _bare(name: str) -> str:
    return " ".join(_NUMBER.sub("", name).casefold().split())


def _heads_table(whole: str, span: Span) -> bool:
    """Whether it is the first row of a table, which names the columns."""
    if CELL not in whole[span.start : span.end]:
        return False
    above = whole[: span.start].rstrip().rpartition("\n")[2]
    below = whole[span.end :].lstrip().partition("\n")[0]
    return CELL not in above and CELL in below
