"""Questions: possible matches that wait for a person, and the works that each stored decision is about at present.

possible matches of clusters ─► "are these one work?", "is this document that work?"
mentions with choices ─► "do these places cite that work?"
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from kb.catalogue.derivation import Question, Ruling, Standing
from kb.works.answers import Answers
from kb.works.clustering import PossibleMatch
from kb.works.fingerprints import digest
from kb.works.items import Cluster, Item
from kb.works.linking import Choice, CitationLinker, Mention
from kb.works.matching import cited_csl

EVEN = 0.6
"""Match probability that is shown for a partial agreement between two works."""


def work_questions(
    possible: Sequence[PossibleMatch], works: Collection[Cluster], answers: Answers
) -> Iterator[Question]:
    """Questions about works that may be one, and about documents that may be a work; `works` have keys."""
    for match in possible:
        one, other = match.one, match.other
        if one not in works:
            one, other = other, one
        if one not in works or answers.between(one.names, other.names) is not None:
            continue
        if other in works:
            one, other = sorted((one, other), key=lambda cluster: cluster.key)
            yield Question(
                digest("works", one.key, other.key), "works", one.key, other.key, None, (), one.names, other.names,
                EVEN, match.reason,
            )  # fmt: skip
        elif other.document is not None:
            yield Question(
                digest("document", one.key, *sorted(other.names)), "document", one.key, None, other.document.id, (),
                one.names, other.names, EVEN, match.reason,
            )  # fmt: skip


def citation_questions(linker: CitationLinker, works: Collection[Cluster]) -> Iterator[Question]:
    """Questions about citations that may mean a work or a document."""
    for mention, own in linker.asked:
        for choice in mention.choices:
            if choice.cluster in works or choice.cluster.document is not None:
                yield _citation_question(mention, own, choice, cited=choice.cluster in works)


def _citation_question(mention: Mention, own: Cluster, choice: Choice, *, cited: bool) -> Question:
    cluster = choice.cluster
    return Question(
        digest("citation", mention.name, cluster.key or min(cluster.names)),
        "citation",
        own.key,
        cluster.key if cited else None,
        None if cited or cluster.document is None else cluster.document.id,
        tuple(citation.id for citation in mention.citations),
        frozenset({mention.name}),
        cluster.names,
        choice.score,
        choice.reason,
    )


class Decided:
    """The works and places that stored decisions are about at present; a decision of which one is not here waits."""

    def __init__(self, works: Collection[Cluster], linker: CitationLinker) -> None:
        self._works = works
        self._linker = linker
        self._clusters: dict[str, Cluster] = {}
        self._items: dict[str, Item] = {}
        for cluster in linker.index.clusters:
            for item in cluster.items:
                for name in item.names:
                    self._clusters[name] = cluster
                    self._items[name] = item
        self._mentions = {mention.name: mention for mention in linker.mentions}

    def standing(self, ruling: Ruling) -> Standing | None:
        """The two sides of a decision, as they are at present; None when one of them is not here."""
        others = [name for name in sorted(ruling.other) if name in self._clusters]
        if not others:
            return None
        return self._of_citation(ruling, others[0]) if ruling.kind == "citation" else self._of_work(ruling, others[0])

    def _of_citation(self, ruling: Ruling, other: str) -> Standing | None:
        mention = next((self._mentions[name] for name in sorted(ruling.one) if name in self._mentions), None)
        link = None if mention is None else self._linker.links.get(mention.first.id)
        if mention is None or link is None:
            return None
        places = tuple(citation.id for citation in mention.citations)
        return Standing(
            ruling.id, link.cluster.key, *self._side(other), places, cited_csl(mention.first), self._items[other].csl
        )

    def _of_work(self, ruling: Ruling, other: str) -> Standing | None:
        ones = [name for name in sorted(ruling.one) if self._clusters.get(name) in self._works]
        if not ones:
            return None
        key = self._clusters[ones[0]].key
        return Standing(ruling.id, key, *self._side(other), (), self._items[ones[0]].csl, self._items[other].csl)

    def _side(self, name: str) -> tuple[str | None, int | None]:
        """Key and document of the work with a fingerprint; no key when it is not a cited work."""
        cluster = self._clusters[name]
        document = cluster.document
        return (cluster.key if cluster in self._works else None, None if document is None else document.id)
