"""Keys: the permanent name of each work (`bandura-1994`), and redirects from keys that are no longer in use.

fingerprints of a work ─► the key they had before, else the key of the same work after a correction, else a new one
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kb.bibliography import authors, key, same_work, title
from kb.catalogue.derivation import Material
from kb.model import CSL
from kb.works.fingerprints import bare_names
from kb.works.items import Cluster
from kb.works.linking import CitationLinker, WorkIndex
from kb.works.matching import cited_csl


def assign_keys(works: Sequence[Cluster], material: Material, index: WorkIndex) -> dict[str, str]:
    """Give each work its previous key or a new one; returns the key of every fingerprint, earlier ones included.

    A work keeps the key that most of its fingerprints had, those apart that another work has too, unless it has no other; of
    equally frequent keys the shortest. A work whose entries
    were all corrected has no fingerprint in common with what it was: it takes the key of the work that was here before,
    is not here now, and is the same.
    """
    remembered = dict(material.names)
    _keep_keys(works, remembered)
    unnamed = [cluster for cluster in works if not cluster.key]
    if unnamed:
        taken = {cluster.key for cluster in works if cluster.key}
        _inherit_keys(unnamed, material, index, taken)
        new = [cluster for cluster in unnamed if not cluster.key]
        _new_keys(new, index, _InUse({*remembered.values(), *taken}, material.in_use))
    for cluster in works:
        for name in cluster.names:
            remembered.setdefault(name, cluster.key)
    return remembered


def _keep_keys(works: Sequence[Cluster], remembered: Mapping[str, str]) -> None:
    taken: set[str] = set()
    owners = Counter(name for cluster in works for name in cluster.names)
    for cluster in sorted(works, key=lambda cluster: (-len(cluster.names), -len(cluster.entries), _seniority(cluster))):
        own = {name for name in cluster.names if owners[name] == 1}
        free = [held for held in _previous_keys(own or cluster.names, remembered) if held not in taken]
        if free:
            cluster.key = free[0]
            taken.add(cluster.key)


def _previous_keys(names: Collection[str], remembered: Mapping[str, str]) -> list[str]:
    votes = Counter(remembered[name] for name in names if name in remembered)
    return sorted(votes, key=lambda held: (-votes[held], len(held), held))


def _inherit_keys(unnamed: Sequence[Cluster], material: Material, index: WorkIndex, taken: set[str]) -> None:
    """Give works whose every word was changed the key of the same work in the previous derivation."""
    orphaned: dict[str, list[str]] = {}
    for old, csl in material.before.items():
        if old not in taken:
            orphaned.setdefault(key(csl), []).append(old)
    if not orphaned:
        return
    for cluster in unnamed:
        csl = _described(cluster, index)
        for old in orphaned.get(key(csl), ()):
            if old not in taken and same_work(csl, material.before[old]).same:
                cluster.key = old
                taken.add(old)
                break


@dataclass(frozen=True, slots=True)
class _InUse:
    """Keys that no new work may have: of this material, and of works outside it."""

    keys: set[str]
    elsewhere: Container[str]

    def __contains__(self, key: object) -> bool:
        return key in self.keys or key in self.elsewhere


def _new_keys(unnamed: Iterable[Cluster], index: WorkIndex, taken: _InUse) -> None:
    for cluster in sorted(unnamed, key=_seniority):
        cluster.key = key(_described(cluster, index), taken)
        taken.keys.add(cluster.key)


def _seniority(cluster: Cluster) -> tuple[bool, int, str]:
    """Sort key: works that were listed first come first, works known from citations alone last."""
    return (cluster.from_citations, min((entry.id for entry in cluster.entries), default=0), min(cluster.names))


def _described(cluster: Cluster, index: WorkIndex) -> CSL:
    """The item that a key is made of: with the most frequent year letter; a DOI or the words as printed as title."""
    csl = index.csl(cluster)
    if authors(csl) or title(csl):
        letters = Counter(letter for item in cluster.items if (letter := str(item.csl.get("year-suffix") or "")))
        return {**csl, "year-suffix": min(letters, key=lambda letter: (-letters[letter], letter))} if letters else csl
    if doi := csl.get("DOI"):
        return {"title": f"doi {doi}"}
    return {"title": next((entry.raw for entry in cluster.entries), "")}


def redirects(works: Sequence[Cluster], names: Mapping[str, str], linker: CitationLinker) -> dict[str, str]:
    """Old keys with the key they lead to: of joined works, and of works by author and year that a citation identified."""
    current = {cluster.key for cluster in works}
    found: dict[str, str] = {}
    for cluster in works:
        for name in cluster.names:
            if names[name] not in current:
                found[names[name]] = cluster.key
    for old, targets in _identified(names, current, linker).items():
        if len(targets) == 1:
            found.setdefault(old, next(iter(targets)))
    return found


def _identified(names: Mapping[str, str], current: set[str], linker: CitationLinker) -> dict[str, set[str]]:
    """Old keys of works by author and year, with the keys of the listed works that their citations now mean."""
    targets: dict[str, set[str]] = {}
    if current.issuperset(names.values()):
        return targets
    for mention in linker.mentions:
        link, csl = linker.links.get(mention.first.id), cited_csl(mention.first)
        if link is None or not csl or link.cluster.from_citations:
            continue
        (name,) = bare_names(csl)
        if name in names and names[name] not in current:
            targets.setdefault(names[name], set()).add(link.cluster.key)
    return targets
