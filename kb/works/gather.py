"""Derive the works of the collection from all that is listed, imported, cited and decided.

    material ─► items ─► clusters ─► links ─► keys ─► works, links, questions, redirects

One pure function, `gather`: the catalogue loads the material, of the whole collection or of a part that nothing outside bears
on (blocking.py), and stores the result.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kb.catalogue.derivation import CitationLink, Material, Related, Rules, Standing, Work
from kb.works.answers import Answers
from kb.works.blocking import blocking_keys
from kb.works.clustering import PossibleMatch, cluster_items
from kb.works.items import Cluster, collect_items
from kb.works.keys import assign_keys, redirects
from kb.works.linking import CitationLinker, WorkIndex
from kb.works.questions import Decided, citation_questions, work_questions


def gather(material: Material) -> Related:
    """Derive works, links, questions and keys from all that is listed, cited and decided."""
    answers = Answers(material.rulings)
    clusters, possible = cluster_items(collect_items(material), answers)
    linker = CitationLinker(material, WorkIndex(clusters), answers)
    linker.link_all()
    return _related(material, linker, possible, answers)


def _related(
    material: Material, linker: CitationLinker, possible: Sequence[PossibleMatch], answers: Answers
) -> Related:
    works = _cited_works(linker)
    names = assign_keys(works, material, linker.index)
    cited = frozenset(works)
    questions = [*work_questions(possible, cited, answers), *citation_questions(linker, cited)]
    return Related(
        works=tuple(_work(cluster, linker.index) for cluster in works),
        links=tuple(
            CitationLink(number, link.cluster.key, link.score, link.reason) for number, link in linker.links.items()
        ),
        questions=tuple({question.id: question for question in questions}.values()),
        standing=_standing(material, cited, linker),
        names=names,
        redirects=redirects(works, names, linker),
    )


def _standing(material: Material, works: Collection[Cluster], linker: CitationLinker) -> tuple[Standing, ...]:
    if not material.rulings:
        return ()
    decided = Decided(works, linker)
    return tuple(standing for ruling in material.rulings if (standing := decided.standing(ruling)) is not None)


def _cited_works(linker: CitationLinker) -> list[Cluster]:
    """Clusters that are listed or cited: a document that nothing refers to is not a cited work."""
    linked = {link.cluster for link in linker.links.values()}
    return [cluster for cluster in linker.index.clusters if cluster.listed or cluster in linked]


def _work(cluster: Cluster, index: WorkIndex) -> Work:
    entries, document = cluster.entries, cluster.document
    return Work(
        key=cluster.key,
        csl=index.csl(cluster),
        raw=tuple(dict.fromkeys(entry.raw for entry in entries)),
        entries=tuple(sorted(entry.id for entry in entries)),
        document_id=None if document is None else document.id,
        names=cluster.names,
        listed=len({entry.document_id for entry in entries if entry.document_id is not None}),
    )


RULES = Rules(gather, blocking_keys)
