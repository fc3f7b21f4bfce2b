"""Linking: which work each citation of the collection means.

    citations of one document that are worded alike ─► mention
    mention ─► entries of its document, else works of the collection ─► link
                                   └─► neither is certain: a work known by author and year alone, and a question

A citation that matches nothing still makes a reference, known by author and year alone; a question about it does not
delay that. An address on a slide (a URL) links to a work that has it, but makes none, because it may be a mere pointer; a
DOI does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kb.bibliography import authors, clean_doi, fold, title
from kb.bibliography.names import bare, cites_more_authors
from kb.catalogue.derivation import Material
from kb.model import Citation, Entry, Reason
from kb.works.answers import Answers
from kb.works.fingerprints import bare_names, citation_name
from kb.works.items import Cluster, Item, addresses, merge_items
from kb.works.matching import SURE, cited_csl, match_entries, match_works

ALONE = 0.9
"""Score of a name without a year in another document, when only one work of the collection can be meant."""
ASKED = 0.5
"""A possible match with a lower score is no question."""
CHOICES = 5
"""A citation with more possible works than this is no question."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A work that a citation may mean, with a score from 0 to 1."""

    cluster: Cluster
    score: float
    reason: Reason


@dataclass(slots=True, eq=False)
class Mention:
    """Citations in one document that are worded alike: one answer holds for all of them."""

    name: str
    citations: list[Citation]
    choices: list[Choice] = field(default_factory=list)
    """The works that it may mean, best first, while that is uncertain."""

    @property
    def first(self) -> Citation:
        return self.citations[0]

    @property
    def dated(self) -> bool:
        return self.first.year is not None


class WorkIndex:
    """The clusters, found by entry, fingerprint, first author and address."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        self.clusters: list[Cluster] = []
        self.by_entry: dict[int, Cluster] = {}
        self.by_name: dict[str, Cluster] = {}
        self._by_author: dict[str, list[Cluster]] = {}
        self._by_address: dict[str, list[Cluster]] = {}
        self._csl: dict[Cluster, dict[str, Any]] = {}
        for cluster in clusters:
            self.add(cluster)

    def add(self, cluster: Cluster) -> None:
        """Index one more cluster."""
        self.clusters.append(cluster)
        for item in cluster.items:
            self.by_entry.update((entry.id, cluster) for entry in item.entries)
            for name in item.names:
                self.by_name.setdefault(name, cluster)
        csl = self.csl(cluster)
        who = authors(csl)
        for name in filing_names(who[0] if who else title(csl)):
            self._by_author.setdefault(name, []).append(cluster)
        for address in addresses(csl):
            self._by_address.setdefault(address, []).append(cluster)

    def csl(self, cluster: Cluster) -> dict[str, Any]:
        """The CSL item of a cluster, merged from all its items."""
        if cluster not in self._csl:
            self._csl[cluster] = merge_items(cluster.items)
        return self._csl[cluster]

    def near(self, citation: Citation) -> list[Cluster]:
        """Clusters with the address or the first author of a citation, each once."""
        found: Iterable[Cluster] = ()
        if citation.form in {"doi", "url"}:
            found = (each for address in addresses(cited_csl(citation)) for each in self._by_address.get(address, ()))
        elif citation.authors:
            names = sorted(filing_names(citation.authors[0]))
            found = (each for name in names for each in self._by_author.get(name, ()))
        return list(dict.fromkeys(found))


def filing_names(name: str) -> set[str]:
    """The index keys of a first author: a name as cited and the same name as listed have one in common."""
    folded = fold(name)
    words = folded.split()
    if not words:
        return set()
    capitals = "".join(word[0] for word in re.findall(r"[^\W\d_]+", name) if word[0].isupper()).casefold()
    found = {folded, bare(folded), words[-1], " ".join(words[:3])}
    if len(words) > 1:
        found.add(words[0])
        if len(capitals) > 1:
            found.add(capitals)
    found.update(word.casefold() for word in re.findall(r"\b[A-Z]{2,}\b", name))
    return found - {""}


class CitationLinker:
    """Links of the citations of the collection, and the citations that are questions."""

    def __init__(self, material: Material, index: WorkIndex, answers: Answers) -> None:
        self.index = index
        self.answers = answers
        self.links: dict[int, Choice] = {}
        """By id of the citation."""
        self.mentions: list[Mention] = []
        self.asked: list[tuple[Mention, Cluster]] = []
        """Mentions that are questions, each with the work that it is linked to until there is an answer."""
        self._titles = {document.id: document.title for document in material.documents}
        self._entries: dict[int, list[Entry]] = {}
        for entry in material.entries:
            if entry.document_id is not None:
                self._entries.setdefault(entry.document_id, []).append(entry)
        self._citations = _by_document(material.citations, self._titles, _own_dois(index.clusters))
        self._cited_here: dict[int, list[Cluster]] = {}
        """Works that the dated citations of a document mean, by id of the document."""
        self._from_citations: dict[str, Cluster] = {}
        """Works known by author and year alone, by fingerprint."""

    def link_all(self) -> None:
        """Link within each document, then across the collection: dated before undated, more names before fewer."""
        waiting: list[Mention] = []
        for document_id, citations in self._citations.items():
            waiting += self._link_in_document(document_id, citations)
        waiting.sort(key=lambda m: (not m.dated, m.first.form == "secondary", -len(m.first.authors), m.name))
        for mention in waiting:
            self._link_in_collection(mention)

    # -- within a document

    def _link_in_document(self, document_id: int, citations: Sequence[Citation]) -> list[Mention]:
        """Link the mentions that the document's own list settles; returns the others, with their choices."""
        mentions: dict[str, Mention] = {}
        for citation in citations:
            name = citation_name(citation, self._titles[document_id])
            mentions.setdefault(name, Mention(name, [])).citations.append(citation)
        waiting = []
        choices = self._choices_in_document(document_id, list(mentions.values()))
        for mention in mentions.values():
            self.mentions.append(mention)
            mention.choices = self._without_refused(mention, choices.get(mention, []))
            if not self._apply_answer(mention) and not self._link_if_sure(mention):
                waiting.append(mention)
        return waiting

    def _choices_in_document(self, document_id: int, mentions: Sequence[Mention]) -> dict[Mention, list[Choice]]:
        entries = self._entries.get(document_id, [])
        # A work that is in two lists of a document (each part of a deck has its own) is one candidate, not two.
        distinct = list({self.index.by_entry[entry.id]: entry for entry in reversed(entries)}.values())
        choices: dict[Mention, list[Choice]] = {}
        for listed, numbered in ((distinct, False), (entries, True)):
            chosen = [mention for mention in mentions if (mention.first.form == "numbered") == numbered]
            if not chosen:
                continue
            for match in match_entries([mention.first for mention in chosen], listed):
                cluster = self.index.by_entry[listed[match.candidate].id]
                choices.setdefault(chosen[match.citation], []).append(Choice(cluster, match.score, match.reason))
        return choices

    # -- across the collection

    def _link_in_collection(self, mention: Mention) -> None:
        """Look for a mention's work in the whole collection, and make one by author and year when there is none."""
        if mention.first.form == "numbered" or self._apply_answer(mention):
            return
        in_document = mention.choices
        mention.choices = self._without_refused(mention, [*in_document, *self._choices_in_collection(mention)])
        if not self._link_if_sure(mention):
            self._link_provisionally(mention)

    def _choices_in_collection(self, mention: Mention) -> list[Choice]:
        """Choices beside those of the mention's own document."""
        citation, in_document = mention.first, mention.choices
        near = [cluster for cluster in self.index.near(citation) if not _is_document(cluster, citation.document_id)]
        choices = self._matches(citation, near)
        if not in_document and not mention.dated and citation.form not in {"doi", "url"}:
            choices = self._by_name_alone(citation, near, choices)
        known = {choice.cluster for choice in in_document}
        others = [choice for choice in choices if choice.cluster not in known]
        if in_document:
            # Two places to look, two answers: a person chooses.
            return [Choice(choice.cluster, min(choice.score, SURE - 0.05), choice.reason) for choice in others]
        return others

    def _by_name_alone(self, citation: Citation, near: Sequence[Cluster], choices: list[Choice]) -> list[Choice]:
        """A name without a year refers back to a work that the document cited in full, else to the one work by that name."""
        cited_here = [cluster for cluster in self._cited_here.get(citation.document_id, ()) if cluster in near]
        matches = self._matches(citation, cited_here)
        if len(matches) == 1:
            return [Choice(matches[0].cluster, SURE, Reason("only-work-cited-here"))]
        if matches:
            return matches
        if len(choices) == 1 and self._names_all_authors(citation, choices[0].cluster):
            return [Choice(choices[0].cluster, ALONE, Reason("only-work-in-collection"))]
        return choices

    def _names_all_authors(self, citation: Citation, cluster: Cluster) -> bool:
        """Whether a citation names every author of a listed work, or gives "et al." for those it leaves out."""
        count = len(authors(self.index.csl(cluster)))
        complete = len(citation.authors) == count or (count > 1 and cites_more_authors(citation.text))
        return bool(cluster.entries) and complete

    def _matches(self, citation: Citation, near: Sequence[Cluster]) -> list[Choice]:
        reason = Reason("author-year" if citation.year else "author-alone")
        matches = match_works(citation, [self.index.csl(cluster) for cluster in near])
        return [Choice(near[match.candidate], match.score, reason) for match in matches]

    # -- making links

    def _without_refused(self, mention: Mention, choices: Iterable[Choice]) -> list[Choice]:
        """Choices that nobody refused, the best first."""
        kept = [choice for choice in choices if self.answers.between([mention.name], choice.cluster.names) is None]
        return sorted(kept, key=lambda choice: -choice.score)

    def _apply_answer(self, mention: Mention) -> bool:
        """Make the link that a person confirmed, if there is one."""
        if not self.answers.rulings:
            return False
        csl = cited_csl(mention.first)
        for name in (mention.name, *(bare_names(csl) if csl else ())):
            for names in self.answers.same_as(name):
                cluster = next((self.index.by_name[each] for each in sorted(names) if each in self.index.by_name), None)
                if cluster is not None:
                    self._make(mention, Choice(cluster, 1.0, Reason("confirmed")))
                    return True
        return False

    def _link_if_sure(self, mention: Mention) -> bool:
        if not mention.choices or mention.choices[0].score < SURE:
            return False
        self._make(mention, mention.choices[0])
        return True

    def _make(self, mention: Mention, choice: Choice) -> None:
        mention.choices = []
        for citation in mention.citations:
            self.links[citation.id] = choice
        if mention.dated:
            cited_here = self._cited_here.setdefault(mention.first.document_id, [])
            if choice.cluster not in cited_here:
                cited_here.append(choice.cluster)

    def _link_provisionally(self, mention: Mention) -> None:
        """Link a mention to the work that it makes by itself; a question when there are choices."""
        own = self._own_work(mention)
        choices = [choice for choice in mention.choices if choice.cluster is not own and choice.score >= ASKED]
        mention.choices = choices if len(choices) <= CHOICES else []
        if own is None:
            return
        for each in mention.citations:
            self.links[each.id] = Choice(own, each.confidence, Reason("author-year-only"))
        if mention.dated:
            self._cited_here.setdefault(mention.first.document_id, []).append(own)
        if mention.choices:
            self.asked.append((mention, own))

    def _own_work(self, mention: Mention) -> Cluster | None:
        """The work that a citation makes by itself; None when it names no author and no DOI."""
        csl = {} if mention.first.form == "url" else cited_csl(mention.first)
        if not csl:
            return None
        (name,) = bare_names(csl)
        cluster = self._from_citations.get(name)
        if cluster is None:
            cluster = Cluster([Item(csl, frozenset({name}))], from_citations=True)
            self._from_citations[name] = cluster
            self.index.add(cluster)
        return cluster


def _own_dois(clusters: Iterable[Cluster]) -> dict[int, str]:
    """The DOI that each document prints as its own, by id of the document."""
    items = (item for cluster in clusters for item in cluster.items)
    return {item.document.id: item.doi.casefold() for item in items if item.document is not None and item.doi}


def _by_document(
    citations: Iterable[Citation], titles: dict[int, str], own_dois: dict[int, str]
) -> dict[int, list[Citation]]:
    """Citations by document, without credits, which cite nothing, and without the DOI of the document itself."""
    grouped: dict[int, list[Citation]] = {}
    for citation in citations:
        if citation.document_id not in titles or citation.form == "credit":
            continue
        own = own_dois.get(citation.document_id)
        if not own or citation.form != "doi" or (clean_doi(citation.text) or "").casefold() != own:
            grouped.setdefault(citation.document_id, []).append(citation)
    return grouped


def _is_document(cluster: Cluster, document_id: int) -> bool:
    """Whether a cluster is this document: a document does not cite itself."""
    return cluster.document is not None and cluster.document.id == document_id
