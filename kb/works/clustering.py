"""Clustering: which items describe one work.

    items ─► groups that people confirmed ─► each compared with the clusters that share a block ─► cluster, or a new one
                                                                      └─► possible matches, for questions

Only items that share a block are compared (Fellegi and Sunter, 1969, call it blocking): a DOI, an ISBN, a title, or first
author, year and how the title begins or ends. An item joins a cluster only when it agrees with one of its items and
disagrees with none, so that two works do not grow together through a third item that is less precise than both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.bibliography import authors, clean_doi, fold, is_institution, matches_document, same_work, title, year
from kb.bibliography.names import bare
from kb.bibliography.sameness import LONG, WHOLE, Verdict, normal_title
from kb.model import CSL, Reason
from kb.works.answers import Answers
from kb.works.items import Cluster, Item, addresses

COMPARED = 12
"""Items of a cluster that are compared, the richest first: a hundred lists agree no better than twelve do."""
CROWDED = 100
"""Clusters in one block above which it identifies none, and its clusters are not compared: an ISBN that a publisher put in
each of its books, or the title "Editorial". Comparing them all would take time and questions quadratic in their number."""

_ONE_SIDE_SAYS_LESS = frozenset({"authors-on-one-side", "year-on-one-side", "no-title-to-compare"})
"""Doubts that another item of the cluster, with more fields, may settle."""

Block = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class PossibleMatch:
    """Two clusters that may be one work."""

    one: Cluster
    other: Cluster
    reason: Reason


def cluster_items(items: Sequence[Item], answers: Answers) -> tuple[list[Cluster], list[PossibleMatch]]:
    """Put items that describe one work together; an uncertain pair becomes a possible match. Items come richest first."""
    clustering = _Clustering(answers)
    for group in _confirmed_groups(items, answers):
        clustering.place(group)
    return clustering.clusters, list(clustering.possible.values())


def _confirmed_groups(items: Sequence[Item], answers: Answers) -> Iterator[list[Item]]:
    """Items that people confirmed to be one work, together; in the order of the richest of each group."""
    confirmed = answers.confirmed()
    by_name: dict[str, list[Item]] = {}
    if confirmed:
        for item in items:
            for name in item.names:
                by_name.setdefault(name, []).append(item)
    parent: dict[Item, Item] = {}

    def root(item: Item) -> Item:
        while (above := parent.get(item)) is not None:
            item = above
        return item

    for ruling in confirmed:
        sides = [[item for name in side for item in by_name.get(name, ())] for side in (ruling.one, ruling.other)]
        if not all(sides):
            continue
        first, *rest = sides[0] + sides[1]
        for item in rest:
            if (a := root(first)) is not (b := root(item)):
                parent[b] = a
    groups: dict[Item, list[Item]] = {}
    for item in items:
        groups.setdefault(root(item), []).append(item)
    yield from groups.values()


class _Clustering:
    """Clusters under construction, found by block."""

    def __init__(self, answers: Answers) -> None:
        self.clusters: list[Cluster] = []
        self.possible: dict[frozenset[Cluster], PossibleMatch] = {}
        self._answers = answers
        self._by_block: dict[Block, list[Cluster]] = {}

    def place(self, group: Sequence[Item]) -> None:
        """Add a group to the one cluster that it agrees with, or to a new cluster."""
        blocks = list(dict.fromkeys(block for item in group for block in blocks_of(item)))
        verdicts = {cluster: self._judge(group, cluster) for cluster in self._sharing(blocks)}
        agreeing = [cluster for cluster, verdict in verdicts.items() if verdict.same]
        chosen = agreeing[0] if len(agreeing) == 1 else _in_same_container(group, agreeing)
        if chosen is None:
            chosen = Cluster()
            self.clusters.append(chosen)
            verdicts.update(dict.fromkeys(agreeing, Verdict("doubtful", Reason("several-works-agree"))))
        chosen.items.extend(group)
        self._file(chosen, blocks)
        for cluster, verdict in verdicts.items():
            if cluster is not chosen and verdict.word == "doubtful":
                self.possible.setdefault(frozenset({chosen, cluster}), PossibleMatch(chosen, cluster, verdict.reason))

    def _sharing(self, blocks: Sequence[Block]) -> list[Cluster]:
        """The clusters that share a block that is not crowded, each once."""
        shared = (self._by_block.get(block, ()) for block in blocks)
        return list(dict.fromkeys(cluster for clusters in shared if len(clusters) <= CROWDED for cluster in clusters))

    def _file(self, cluster: Cluster, blocks: Sequence[Block]) -> None:
        for block in blocks:
            filed = self._by_block.setdefault(block, [])
            if cluster not in filed:
                filed.append(cluster)

    def _judge(self, group: Sequence[Item], cluster: Cluster) -> Verdict:
        ruling = self._answers.between((name for item in group for name in item.names), cluster.names)
        if ruling is not None:
            return Verdict("same" if ruling.confirmed else "different", Reason("decided"))
        return _combined(
            [compare_items(item, member) for item in group[:COMPARED] for member in cluster.items[:COMPARED]]
        )


def _combined(verdicts: Sequence[Verdict]) -> Verdict:
    """`same` when one or more agree and none disagrees; `doubtful` when one is, or when some agree and others do not."""
    agree = any(verdict.same for verdict in verdicts)
    doubtful = next((verdict for verdict in verdicts if verdict.word == "doubtful"), None)
    if doubtful is not None and not (agree and doubtful.reason.code in _ONE_SIDE_SAYS_LESS):
        return doubtful
    disagreements = [verdict for verdict in verdicts if verdict.word == "different"]
    if agree and disagreements:
        return Verdict("doubtful", Reason("entries-disagree", (disagreements[-1].reason.code,)))
    return Verdict("same", Reason("agrees")) if agree else Verdict("different", Reason("differs"))


def compare_items(one: Item, other: Item) -> Verdict:
    """Whether two items describe one work."""
    if one.unread or other.unread:
        alike = one.unread and other.unread and bool(one.names & other.names)
        return Verdict("same" if alike else "different", Reason("same-words"))
    if one.document is not None and other.document is not None:
        # Two documents of the collection are two documents, whatever is printed on them.
        return Verdict("different", Reason("two-documents"))
    if one.document is not None:
        return _compare_with_document(other.csl, one)
    if other.document is not None:
        return _compare_with_document(one.csl, other)
    if not title(one.csl) and not title(other.csl):
        # Entries without a title are one when they are printed alike, and no question otherwise.
        return Verdict("same" if one.names & other.names else "different", Reason("printed-alike"))
    verdict = same_work(one.csl, other.csl)
    if verdict.same or normal_title(title(one.csl)) != normal_title(title(other.csl)):
        return verdict
    return _compare_equal_titles(one.csl, other.csl, verdict)


def _compare_with_document(csl: CSL, item: Item) -> Verdict:
    document = item.document
    assert document is not None  # noqa: S101 -- narrows the type; both callers have checked it
    return matches_document(csl, title=document.title, authors=document.authors, year=document.year, doi=item.doi)


def _compare_equal_titles(one: CSL, other: CSL, verdict: Verdict) -> Verdict:
    """Web pages without a date, and institutions named in two ways, that agree in their whole title."""
    years = (year(one), year(other))
    families = [[fold(name) for name in authors(csl)] for csl in (one, other)]
    same_people = bool(families[0]) and families[0] == families[1]
    if years == (None, None) and same_people and _first_address(one) == _first_address(other):
        return Verdict("same", Reason("title-authors-address-agree"))
    institutions = all(is_institution(name) for csl in (one, other) for name in authors(csl)[:1])
    same_year = years[0] is not None and years[0] == years[1]
    if verdict.word == "different" and same_year and institutions and families[0] != families[1]:
        return Verdict("doubtful", Reason("institution-named-otherwise"))
    return verdict


def _first_address(csl: CSL) -> str:
    return next(addresses({"URL": csl.get("URL")}), "")


def _in_same_container(group: Sequence[Item], agreeing: Sequence[Cluster]) -> Cluster | None:
    """The one cluster that appeared in the same journal or book as the group; None when there is none, or several."""
    containers = {_container(item) for item in group} - {""}
    matching = [cluster for cluster in agreeing if any(_container(item) in containers for item in cluster.items)]
    return matching[0] if len(matching) == 1 else None


def _container(item: Item) -> str:
    return normal_title(str(item.csl.get("container-title") or ""))


def blocks_of(item: Item) -> Iterator[Block]:
    """The blocks of an item: two items are compared when they have one in common."""
    if item.unread:
        yield ("unread", min(item.names))
        return
    csl = item.csl
    doi = (item.doi or clean_doi(str(csl.get("DOI") or csl.get("URL") or "")) or "").upper()
    if doi:
        yield ("doi", doi)
    if csl.get("type") in WHOLE:
        for isbn in re.findall(r"[\dXx-]{10,17}", str(csl.get("ISBN") or "")):
            yield ("isbn", isbn.replace("-", "").upper())
    normal = normal_title(title(csl))
    if normal:
        yield from _title_blocks(csl, normal)
    else:
        for name in sorted(item.names):
            yield ("printed", name)


def _title_blocks(csl: CSL, normal: str) -> Iterator[Block]:
    whole = normal.replace(" ", "")
    yield ("title", whole)
    main = normal_title(re.split(r"\s*[:?–—]\s+|\.\s+", title(csl))[0])
    if main != normal and len(main) >= LONG:
        yield ("title", main.replace(" ", ""))
    who, when = authors(csl), year(csl)
    if who and when is not None:
        family = bare(fold(who[0]))
        # Two nearly equal titles differ in one place: they begin or they end alike. Years may be one apart.
        for number in (when, when + 1):
            yield ("begins", family, number, whole[:6])
            yield ("ends", family, number, whole[-6:])
