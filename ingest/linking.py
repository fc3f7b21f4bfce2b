"""Linking: from all that is listed, imported and cited to one reference for each work of the collection.

    entries, records, documents ─► works          the same work once, whatever it is called in each list
    citations + entries of their document ─► links          then + works of the collection ─► links
    what is left, by author and year ─► works known by no more than that
    everything that is half sure ─► questions          answers of people ─► joined, or kept apart

One pure function, `gather`. Only what may be alike is compared: works that share a DOI, an ISBN, a title, or first author,
year and how the title begins or ends. A work is joined only when an item agrees with one of its entries and with none of
the others disagrees, so that two works do not grow together through a third that is less precise than both.

A citation that nothing lists still makes a reference, known by author and year alone. A question about it does not hold
that up: the reference stands by itself until somebody says what it is. An address on a slide (a URL) is a way to get
somewhere, and links to a work that has it, but makes none; a DOI does.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.references import SURE, csl_of, link, resolve
from kb.bibliography import (
    authors,
    clean_doi,
    document_csl,
    fold,
    is_institution,
    key,
    matches_document,
    same_work,
    title,
    year,
)
from kb.bibliography.names import bare
from kb.bibliography.sameness import LONG, WHOLE, Verdict, normal_title
from kb.catalogue.references import (
    CitationLink,
    Material,
    Names,
    Question,
    Related,
    Ruling,
    Standing,
    Work,
)
from kb.model import CSL, Citation, Document, Entry, Reference

# A work is compared by this many of its entries, the richest; a hundred lists say nothing that twelve do not.
COMPARED = 12
# How likely a yes is when two works agree in half of what tells works apart.
HALF = 0.6
# A name without a year, elsewhere in the collection, when only one work there can be meant.
ALONE = 0.9
# A question below this is not worth asking.
ASKED = 0.5
# Nor is one with more possible answers than this.
CHOICES = 5


def gather(material: Material) -> Related:
    """Derive works, links, questions and keys from all that is listed, cited and decided."""
    answers = _Answers(material.rulings)
    items = _items(material)
    clusters, doubts = _clustered(items, answers)
    shelf = _Shelf(clusters)
    cited = _Cited(material, shelf, answers)
    cited.link()
    return _named(material, shelf, cited, doubts, answers)


# -- what a work is made of


@dataclass(slots=True, eq=False)
class _Item:
    """One thing that says what a work is: entries that say the same, an imported record, or a document itself."""

    csl: CSL
    names: Names
    entries: list[Entry] = field(default_factory=list)
    document: Document | None = None
    doi: str | None = None
    """A document's own."""
    unread: bool = False
    """Of whom nothing was understood: known by its words alone."""

    @property
    def richness(self) -> tuple[int, ...]:
        imported = any(entry.document_id is None for entry in self.entries)
        return (not self.unread, self.document is None, imported, bool(self.csl.get("DOI")), len(self.csl))


@dataclass(slots=True, eq=False)
class _Cluster:
    """Items that are one work."""

    items: list[_Item] = field(default_factory=list)
    bare: bool = False
    """Known from citations alone."""
    key: str = ""

    @property
    def names(self) -> Names:
        return frozenset(name for item in self.items for name in item.names)

    @property
    def entries(self) -> list[Entry]:
        return [entry for item in self.items for entry in item.entries]

    @property
    def document(self) -> Document | None:
        return next((item.document for item in self.items if item.document is not None), None)

    @property
    def stands(self) -> bool:
        """Whether it is a work before anything cites it: a document by itself is not a cited work."""
        return self.bare or any(item.entries for item in self.items)


def digest(*parts: object) -> str:
    """A name: what content is known by over the years."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()


def entry_names(raw: str, csl: CSL) -> Names:
    """An entry's names: its words as printed; and author, year and title, which outlive a comma."""
    found = {digest("raw", fold(raw))}
    said = normal_title(title(csl))
    if said:
        who = authors(csl)
        found.add(digest("work", bare(fold(who[0])) if who else "", year(csl), csl.get("edition") or "", said))
    return frozenset(found)


def citation_name(citation: Citation, document_title: str) -> str:
    """What a citation is known by: its document's title, whom it names and when. The same on every page of a document."""
    return digest("cites", fold(document_title), *_said(citation))


def bare_names(csl: CSL) -> Names:
    """The name of a work that is known by author and year alone."""
    said = [fold(name) for name in authors(csl)]
    where = (clean_doi(str(csl.get("DOI") or "")) or "").upper()
    return frozenset({digest("bare", *said, year(csl), csl.get("year-suffix") or "", where)})


def reference_names(reference: Reference, document: Document | None = None) -> Names:
    """What a reference is known by: its entries, else its document, else author and year."""
    if reference.listed:
        return frozenset(name for entry in reference.listed for name in entry_names(entry.raw, entry.csl))
    if document is not None:
        return entry_names(document.title, reference.csl)
    return bare_names(reference.csl)


def _said(citation: Citation) -> tuple[str, ...]:
    if citation.form in {"doi", "url", "numbered"} or not citation.authors:
        return (citation.form, citation.text.casefold())
    many = "et al" if _MANY.search(citation.text) else ""
    return (*(fold(name) for name in citation.authors), citation.year or "", many)


_MANY = re.compile(r"(?i)\bet\.? al|\be\.\s?a\.|\bc\.s\.|en anderen|and others|en collega|and colleagues")
_DOI = re.compile(r"\b10\.\d{4,9}/\S+")


def _items(material: Material) -> list[_Item]:
    """Entries and records that say the same are one item; each document is one."""
    found: dict[tuple[str, str], _Item] = {}
    for entry in material.entries:
        unread = not title(entry.csl) and not authors(entry.csl)
        identity = ("", fold(entry.raw)) if unread else (fold(entry.raw), repr(sorted(entry.csl.items(), key=_first)))
        item = found.get(identity)
        if item is None:
            item = found[identity] = _Item(entry.csl, entry_names(entry.raw, entry.csl), unread=unread)
        item.entries.append(entry)
    listed: dict[int, list[Entry]] = {}
    for entry in material.entries:
        if entry.document_id is not None and entry.number == 1:
            listed.setdefault(entry.document_id, []).append(entry)
    for document in material.documents:
        doi = own_doi(material.fronts.get(document.id, ""), listed.get(document.id, ()))
        csl = {name: value for name, value in document_csl(document).items() if name != "id"}
        if doi:
            csl["DOI"] = doi
        found["document", str(document.id)] = _Item(csl, entry_names(document.title, csl), document=document, doi=doi)
    return sorted(found.values(), key=lambda item: (*(-part for part in item.richness), min(item.names)))


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def own_doi(front: str, listed: Iterable[Entry] = ()) -> str | None:
    """The DOI that a paper prints as its own: the only one on its first page outside a reference list."""
    for entry in listed:
        if entry.start is not None and entry.end is not None:
            front = front[: entry.start] + " " * (entry.end - entry.start) + front[entry.end :]
    found: dict[str, str] = {}
    for match in _DOI.findall(front):
        if doi := clean_doi(match):
            found.setdefault(doi.casefold(), doi)
    return next(iter(found.values())) if len(found) == 1 else None


# -- one work or two


class _Answers:
    """What people said: which content is one, which is not."""

    def __init__(self, rulings: Sequence[Ruling]) -> None:
        self.rulings = {ruling.id: ruling for ruling in rulings}
        self._sides: dict[str, list[tuple[int, int]]] = {}
        for ruling in rulings:
            for side, names in ((0, ruling.one), (1, ruling.other)):
                for name in names:
                    self._sides.setdefault(name, []).append((ruling.id, side))

    def between(self, one: Iterable[str], other: Iterable[str]) -> Ruling | None:
        """The latest decision about these two."""
        if not self._sides:
            return None
        here = {answer for name in one for answer in self._sides.get(name, ())}
        if not here:
            return None
        there = {answer for name in other for answer in self._sides.get(name, ())}
        about = [number for number, side in here if (number, 1 - side) in there]
        return self.rulings[max(about)] if about else None

    def same_as(self, name: str) -> Iterator[Names]:
        """What people said that this content is, the latest first; what was taken back by a later answer is left out."""
        for number, side in sorted(self._sides.get(name, ()), reverse=True):
            ruling = self.rulings[number]
            if ruling.confirmed and self.between(ruling.one, ruling.other) is ruling:
                yield ruling.one if side else ruling.other


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Two clusters that may be one work."""

    one: _Cluster
    other: _Cluster
    reason: str


def _clustered(items: Sequence[_Item], answers: _Answers) -> tuple[list[_Cluster], list[_Doubt]]:
    """Put items that are one work together, the richest first; what is half sure becomes a doubt."""
    clusters: list[_Cluster] = []
    doubts: dict[tuple[int, int], _Doubt] = {}
    blocks: dict[tuple[object, ...], list[_Cluster]] = {}
    judge = _Judge(answers)
    for group in _joined(items, answers):
        shared = list(dict.fromkeys(block for item in group for block in _blocks(item)))
        near = {id(cluster): cluster for block in shared for cluster in blocks.get(block, ())}
        verdicts = [(cluster, judge.between(group, cluster)) for cluster in near.values()]
        agreeing = [cluster for cluster, verdict in verdicts if verdict.word == "same"]
        chosen = agreeing[0] if len(agreeing) == 1 else _closest(group, agreeing)
        if chosen is None:
            chosen = _Cluster()
            clusters.append(chosen)
            reason = "agrees with more than one work"
            verdicts = [
                (cluster, Verdict("doubtful", reason) if verdict.word == "same" else verdict)
                for cluster, verdict in verdicts
            ]
        chosen.items.extend(group)
        for block in shared:
            held = blocks.setdefault(block, [])
            if chosen not in held:
                held.append(chosen)
        for cluster, verdict in verdicts:
            if cluster is not chosen and verdict.word == "doubtful":
                pair = (min(id(cluster), id(chosen)), max(id(cluster), id(chosen)))
                doubts.setdefault(pair, _Doubt(chosen, cluster, verdict.reason))
    return clusters, list(doubts.values())


def _joined(items: Sequence[_Item], answers: _Answers) -> Iterator[list[_Item]]:
    """Items that people said are one, together; in the order of the richest of each group."""
    by_name: dict[str, list[_Item]] = {}
    confirmed = [ruling for ruling in answers.rulings.values() if ruling.confirmed and ruling.kind != "citation"]
    if confirmed:
        for item in items:
            for name in item.names:
                by_name.setdefault(name, []).append(item)
    parent: dict[int, _Item] = {}

    def root(item: _Item) -> _Item:
        while (above := parent.get(id(item))) is not None:
            item = above
        return item

    for ruling in confirmed:
        if answers.between(ruling.one, ruling.other) is not ruling:
            continue  # a later answer says otherwise
        sides = [[item for name in side for item in by_name.get(name, ())] for side in (ruling.one, ruling.other)]
        if not all(sides):
            continue
        first, *rest = sides[0] + sides[1]
        for item in rest:
            if (a := root(first)) is not (b := root(item)):
                parent[id(b)] = a
    groups: dict[int, list[_Item]] = {}
    for item in items:
        groups.setdefault(id(root(item)), []).append(item)
    yield from groups.values()


class _Judge:
    """Compares a group of items with a work."""

    def __init__(self, answers: _Answers) -> None:
        self.answers = answers

    def between(self, group: Sequence[_Item], cluster: _Cluster) -> Verdict:
        """`same` when some agree and none disagree; `doubtful` when some half agree, or some agree and others do not."""
        ruling = self.answers.between((name for item in group for name in item.names), cluster.names)
        if ruling is not None:
            return Verdict("same", "decided") if ruling.confirmed else Verdict("different", "decided")
        doubtful: Verdict | None = None
        agree = differ = False
        for item in group[:COMPARED]:
            for member in cluster.items[:COMPARED]:
                verdict = compared(item, member)
                if verdict.word == "same":
                    agree = True
                elif verdict.word == "doubtful":
                    doubtful = doubtful or verdict
                else:
                    differ = True
                    disagreement = verdict
        if doubtful is not None and not (agree and _weak(doubtful)):
            return doubtful if agree or not differ else Verdict("doubtful", doubtful.reason)
        if agree and differ:
            return Verdict("doubtful", f"agrees with one entry, and with another does not: {disagreement.reason}")
        return Verdict("same", "agrees") if agree else Verdict("different", "other")


def _weak(verdict: Verdict) -> bool:
    """Whether a doubt is only that one side says less; another entry that says more may settle it."""
    return "on one side" in verdict.reason or "no title" in verdict.reason


def compared(one: _Item, other: _Item) -> Verdict:
    """Whether two items are one work."""
    if one.unread or other.unread:
        alike = one.unread and other.unread and bool(one.names & other.names)
        return Verdict("same" if alike else "different", "the same words")
    if one.document is not None and other.document is not None:
        # Two documents of the collection are two documents, whatever they say of themselves.
        return Verdict("different", "two documents")
    if other.document is not None:
        one, other = other, one
    if one.document is not None:
        document = one.document
        return matches_document(
            other.csl, title=document.title, authors=document.authors, year=document.year, doi=one.doi
        )
    if not title(one.csl) and not title(other.csl):
        # Entries without a title are one when they are printed alike, and no question otherwise.
        return Verdict("same" if one.names & other.names else "different", "printed alike")
    verdict = same_work(one.csl, other.csl)
    if verdict.word == "same" or normal_title(title(one.csl)) != normal_title(title(other.csl)):
        return verdict
    when, who = (
        (year(one.csl), year(other.csl)),
        [[fold(name) for name in authors(csl)] for csl in (one.csl, other.csl)],
    )
    if when == (None, None) and who[0] == who[1] != [] and _where(one.csl) == _where(other.csl):
        return Verdict("same", "title, authors and address agree, no date on either side")
    named_otherwise = all(is_institution(name) for csl in (one.csl, other.csl) for name in authors(csl)[:1])
    if verdict.word == "different" and when[0] == when[1] is not None and named_otherwise and who[0] != who[1]:
        return Verdict("doubtful", "same title and year, the institution is named otherwise")
    return verdict


def _where(csl: CSL) -> str:
    return next(_places({"URL": csl.get("URL")}), "")


def _closest(group: Sequence[_Item], agreeing: Sequence[_Cluster]) -> _Cluster | None:
    """Of several works that agree, the one that appeared in the same place; None when that is none, or several."""
    places = {normal_title(str(item.csl.get("container-title") or "")) for item in group} - {""}
    found = [
        cluster
        for cluster in agreeing
        if any(normal_title(str(item.csl.get("container-title") or "")) in places for item in cluster.items)
    ]
    return found[0] if len(found) == 1 else None


def _blocks(item: _Item) -> Iterator[tuple[object, ...]]:
    """What an item has to share with another for the two to be compared."""
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
    said = normal_title(title(csl))
    if not said:
        for name in item.names:
            yield ("printed", name)
        return
    whole = said.replace(" ", "")
    yield ("title", whole)
    main = normal_title(re.split(r"\s*[:?–—]\s+|\.\s+", title(csl))[0])
    if main != said and len(main) >= LONG:
        yield ("title", main.replace(" ", ""))
    who, when = authors(csl), year(csl)
    if who and when is not None:
        family = bare(fold(who[0]))
        # Two nearly equal titles differ in one place: they begin or they end alike. Years may be one apart.
        for at in (when, when + 1):
            yield ("begins", family, at, whole[:6])
            yield ("ends", family, at, whole[-6:])


# -- the works, and who may be meant


class _Shelf:
    """Works by what a citation may say of them."""

    def __init__(self, clusters: Sequence[_Cluster]) -> None:
        self.clusters = list(clusters)
        self.of_entry: dict[int, _Cluster] = {}
        self.of_name: dict[str, _Cluster] = {}
        self._by_name: dict[str, list[_Cluster]] = {}
        self._by_place: dict[str, list[_Cluster]] = {}
        self._csl: dict[int, dict[str, Any]] = {}
        for cluster in clusters:
            self._file(cluster)

    def add(self, cluster: _Cluster) -> None:
        """Put a work on the shelf that citations alone make."""
        self.clusters.append(cluster)
        self._file(cluster)

    def _file(self, cluster: _Cluster) -> None:
        for item in cluster.items:
            for entry in item.entries:
                self.of_entry[entry.id] = cluster
            for name in item.names:
                self.of_name.setdefault(name, cluster)
        csl = self.csl(cluster)
        who = authors(csl)
        for name in filing_names(who[0] if who else title(csl)):
            self._by_name.setdefault(name, []).append(cluster)
        for place in _places(csl):
            self._by_place.setdefault(place, []).append(cluster)

    def csl(self, cluster: _Cluster) -> dict[str, Any]:
        """What is known of a work, all its entries taken together."""
        if id(cluster) not in self._csl:
            self._csl[id(cluster)] = merged(cluster.items)
        return self._csl[id(cluster)]

    def near(self, citation: Citation) -> list[_Cluster]:
        """Works that a citation may mean."""
        found: dict[int, _Cluster] = {}
        if citation.form in {"doi", "url"}:
            for place in _places(csl_of(citation)):
                found.update((id(cluster), cluster) for cluster in self._by_place.get(place, ()))
        elif citation.authors:
            for name in filing_names(citation.authors[0]):
                found.update((id(cluster), cluster) for cluster in self._by_name.get(name, ()))
        return list(found.values())


def filing_names(name: str) -> set[str]:
    """What a first author is filed under: a name as cited and the name as listed have one of these in common."""
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


def _places(csl: CSL) -> Iterator[str]:
    if doi := clean_doi(str(csl.get("DOI") or csl.get("URL") or "")):
        yield doi.casefold()
    if url := str(csl.get("URL") or ""):
        yield re.sub(r"^(?:https?://)?(?:www\.)?|[/#]*$", "", url.strip().casefold())


_FILLED = ("DOI", "URL", "ISBN", "ISSN", "volume", "issue", "page", "publisher", "publisher-place", "container-title")


def merged(items: Sequence[_Item]) -> dict[str, Any]:
    """One item of several of the same work: the richest, with what it lacks from others of its type."""
    best, *others = sorted(items, key=lambda item: item.richness, reverse=True)
    csl = dict(best.csl)
    for other in others:
        if other.document is None and other.csl.get("type") == csl.get("type"):
            for name in _FILLED:
                if other.csl.get(name) and not csl.get(name):
                    csl[name] = other.csl[name]
        if not csl.get("issued") and other.csl.get("issued"):
            csl["issued"] = other.csl["issued"]
    if any(
        str(item.csl.get("year-suffix") or "") != str(csl.get("year-suffix") or "") for item in others if item.entries
    ):
        csl.pop("year-suffix", None)  # the letter belongs to a list, not to the work
    return csl


# -- citations


@dataclass(slots=True, eq=False)
class _Mention:
    """Citations in one document that say the same: one answer does for all of them."""

    name: str
    citations: list[Citation]
    choices: list[tuple[_Cluster, float, str]] = field(default_factory=list)
    """What it may mean, best first, when that is not sure."""

    @property
    def first(self) -> Citation:
        return self.citations[0]


class _Cited:
    """The citations of the collection, and what each was found to mean."""

    def __init__(self, material: Material, shelf: _Shelf, answers: _Answers) -> None:
        self.shelf = shelf
        self.answers = answers
        self.links: dict[int, tuple[_Cluster, float, str]] = {}
        self.mentions: list[_Mention] = []
        self.asked: list[tuple[_Mention, _Cluster]] = []
        """Mentions with choices, and the work that each makes for as long as nobody chose."""
        self._entries: dict[int, list[Entry]] = {}
        for entry in material.entries:
            if entry.document_id is not None:
                self._entries.setdefault(entry.document_id, []).append(entry)
        self._titles = {document.id: document.title for document in material.documents}
        self._own = {
            item.document.id: item.doi.casefold()
            for cluster in shelf.clusters
            for item in cluster.items
            if item.document is not None and item.doi
        }
        self._by_document: dict[int, list[Citation]] = {}
        for citation in material.citations:
            if citation.document_id in self._titles and not self._itself(citation):
                self._by_document.setdefault(citation.document_id, []).append(citation)
        self._seen: dict[int, list[_Cluster]] = {}
        """Works that a document's dated citations mean."""
        self._bare: dict[str, _Cluster] = {}

    def _itself(self, citation: Citation) -> bool:
        """Whether a citation is the DOI that a paper prints as its own, or a credit, which cites nothing."""
        if citation.form == "credit":
            return True
        own = self._own.get(citation.document_id)
        return bool(own) and citation.form == "doi" and (clean_doi(citation.text) or "").casefold() == own

    def link(self) -> None:
        """First at home, then across the collection; names with a year before names alone, fuller ones before others."""
        waiting: list[_Mention] = []
        for document_id, citations in self._by_document.items():
            waiting += self._at_home(document_id, citations)
        waiting.sort(key=lambda m: (m.first.year is None, m.first.form == "secondary", -len(m.first.authors), m.name))
        for mention in waiting:
            self._elsewhere(mention)

    def _at_home(self, document_id: int, citations: Sequence[Citation]) -> list[_Mention]:
        """Link what the document's own list settles; returns the rest, with what it may mean."""
        entries = self._entries.get(document_id, [])
        mentions: dict[str, _Mention] = {}
        for citation in citations:
            name = citation_name(citation, self._titles[document_id])
            mentions.setdefault(name, _Mention(name, [])).citations.append(citation)
        # A work that stands in two lists of a document (each part of a deck has its own) is one candidate, not two.
        once = list({id(self.shelf.of_entry[entry.id]): entry for entry in reversed(entries)}.values())
        rest: list[_Mention] = []
        firsts = [mention.first for mention in mentions.values()]
        found: dict[int, list[tuple[_Cluster, float, str]]] = {}
        for listed, numbered in ((once, False), (entries, True)):
            which = [at for at, citation in enumerate(firsts) if (citation.form == "numbered") == numbered]
            for one in link([firsts[at] for at in which], listed):
                cluster = self.shelf.of_entry[listed[one.entry].id]
                found.setdefault(which[one.citation], []).append((cluster, one.score, one.reason))
        for at, mention in enumerate(mentions.values()):
            self.mentions.append(mention)
            mention.choices = self._admitted(mention, found.get(at, []))
            if not self._told(mention) and not self._settle(mention):
                rest.append(mention)
        return rest

    def _admitted(
        self, mention: _Mention, choices: Iterable[tuple[_Cluster, float, str]]
    ) -> list[tuple[_Cluster, float, str]]:
        """Choices without those that somebody refused, the best first."""
        kept = [choice for choice in choices if self.answers.between([mention.name], choice[0].names) is None]
        return sorted(kept, key=lambda choice: -choice[1])

    def _told(self, mention: _Mention) -> bool:
        """Make the link that somebody made, whatever else it looks like."""
        csl = csl_of(mention.first)
        for name in (mention.name, *(bare_names(csl) if csl else ())):
            for names in self.answers.same_as(name):
                cluster = next((self.shelf.of_name[each] for each in sorted(names) if each in self.shelf.of_name), None)
                if cluster is not None:
                    self._make(mention, cluster, 1.0, "confirmed")
                    return True
        return False

    def _settle(self, mention: _Mention) -> bool:
        """Make the link when the best choice is sure."""
        if not mention.choices or mention.choices[0][1] < SURE:
            return False
        self._make(mention, *mention.choices[0])
        return True

    def _make(self, mention: _Mention, cluster: _Cluster, score: float, reason: str) -> None:
        mention.choices = []
        for citation in mention.citations:
            self.links[citation.id] = (cluster, score, reason)
        if mention.first.year is not None:
            seen = self._seen.setdefault(mention.first.document_id, [])
            if cluster not in seen:
                seen.append(cluster)

    def _elsewhere(self, mention: _Mention) -> None:
        """Look for a mention's work in the whole collection, and make one by author and year when there is none."""
        citation = mention.first
        if citation.form == "numbered" or self._told(mention):
            return
        alone = citation.year is None and citation.form not in {"doi", "url"}
        at_home = mention.choices
        near = [
            cluster
            for cluster in self.shelf.near(citation)
            # A document does not cite itself.
            if cluster.document is None or cluster.document.id != citation.document_id
        ]
        scored = self._resolved(citation, near)
        if alone and not at_home:
            # A name alone continues what the document said before in full.
            here = [cluster for cluster in self._seen.get(citation.document_id, ()) if cluster in near]
            home = self._resolved(citation, here)
            if len(home) == 1:
                scored = [(home[0][0], SURE, "the one work by this name that the document cites")]
            elif home:
                scored = home
            elif len(scored) == 1 and scored[0][0].entries and self._all_named(citation, scored[0][0]):
                scored = [(scored[0][0], ALONE, "the one work by this name in the collection")]
        known = {id(cluster) for cluster, _, _ in at_home}
        found = [choice for choice in scored if id(choice[0]) not in known]
        if at_home:
            # Two places to look, two answers: a person chooses.
            found = [(cluster, min(score, SURE - 0.05), reason) for cluster, score, reason in found]
        mention.choices = self._admitted(mention, [*at_home, *found])
        if self._settle(mention):
            return
        own = self._own_work(mention)
        choices = [choice for choice in mention.choices if choice[0] is not own and choice[1] >= ASKED]
        mention.choices = choices if len(choices) <= CHOICES else []
        if own is None:
            return
        for each in mention.citations:
            self.links[each.id] = (own, each.confidence, "by author and year alone")
        if citation.year is not None:
            self._seen.setdefault(citation.document_id, []).append(own)
        if mention.choices:
            self.asked.append((mention, own))

    def _all_named(self, citation: Citation, cluster: _Cluster) -> bool:
        """Whether a citation names every author of a work, or says that there are more."""
        count = len(authors(self.shelf.csl(cluster)))
        return len(citation.authors) == count or (count > 1 and bool(_MANY.search(citation.text)))

    def _resolved(self, citation: Citation, near: Sequence[_Cluster]) -> list[tuple[_Cluster, float, str]]:
        references = [Reference(str(at), self.shelf.csl(cluster)) for at, cluster in enumerate(near)]
        reason = "author and year" if citation.year else "author alone"
        return [(near[int(at)], score, reason) for at, score in resolve(citation, references)]

    def _own_work(self, mention: _Mention) -> _Cluster | None:
        """The work that a citation makes by itself; None when it says too little for one."""
        csl = {} if mention.first.form == "url" else csl_of(mention.first)
        if not csl:
            return None
        (name,) = bare_names(csl)
        cluster = self._bare.get(name)
        if cluster is None:
            cluster = self._bare[name] = _Cluster([_Item(csl, frozenset({name}))], bare=True)
            self.shelf.add(cluster)
        return cluster


# -- keys, and everything written out


def _named(material: Material, shelf: _Shelf, cited: _Cited, doubts: Sequence[_Doubt], answers: _Answers) -> Related:
    """Give each work its key, and say everything in keys."""
    used = {id(cluster) for cluster, _, _ in cited.links.values()}
    works = [cluster for cluster in shelf.clusters if (cluster.stands and not cluster.bare) or id(cluster) in used]
    here = {id(cluster) for cluster in works}
    names = _keys(works, material, shelf)
    questions = [*_work_questions(doubts, here, answers), *_citation_questions(cited, here)]
    return Related(
        works=tuple(_work(cluster, shelf) for cluster in works),
        links=tuple(
            CitationLink(number, cluster.key, score, reason) for number, (cluster, score, reason) in cited.links.items()
        ),
        questions=tuple({question.id: question for question in questions}.values()),
        standing=tuple(_standing(answers, works, cited, material)),
        names=names,
        redirects=_redirects(works, names, cited),
    )


def _work(cluster: _Cluster, shelf: _Shelf) -> Work:
    entries = cluster.entries
    document = cluster.document
    return Work(
        key=cluster.key,
        csl=shelf.csl(cluster),
        raw=tuple(dict.fromkeys(entry.raw for entry in entries)),
        entries=tuple(sorted(entry.id for entry in entries)),
        document_id=None if document is None else document.id,
        names=cluster.names,
        listed=len({entry.document_id for entry in entries if entry.document_id is not None}),
    )


def _keys(works: Sequence[_Cluster], material: Material, shelf: _Shelf) -> dict[str, str]:
    """Give each work the key it had, or a new one; returns every name with its key, old ones too.

    A work has the key that most of what it is made of had; of equals the plainest. One whose entries were all corrected
    since has no name in common with what it was: it takes the key of the work that was here before, is not now, and is
    the same.
    """
    names = dict(material.names)
    wanted: dict[int, list[str]] = {}
    for cluster in works:
        votes = Counter(names[name] for name in sorted(cluster.names) if name in names)
        wanted[id(cluster)] = sorted(votes, key=lambda held: (-votes[held], len(held), held))
    taken: set[str] = set()
    for cluster in sorted(works, key=lambda cluster: (-len(cluster.names), -len(cluster.entries), _seniority(cluster))):
        for held in wanted[id(cluster)]:
            if held not in taken:
                cluster.key = held
                taken.add(held)
                break
    fresh = [cluster for cluster in works if not cluster.key]
    if fresh:
        _inherit(fresh, material, shelf, taken)
        remembered = set(names.values()) | taken
        for cluster in sorted(fresh, key=_seniority):
            if not cluster.key:
                cluster.key = key(_keyed(cluster, shelf), remembered)
                remembered.add(cluster.key)
    for cluster in works:
        for name in cluster.names:
            names.setdefault(name, cluster.key)
    return names


def _seniority(cluster: _Cluster) -> tuple[bool, int, str]:
    numbers = [entry.id for entry in cluster.entries]
    return (cluster.bare, min(numbers, default=0), min(cluster.names))


def _keyed(cluster: _Cluster, shelf: _Shelf) -> CSL:
    csl = shelf.csl(cluster)
    if authors(csl) or title(csl):
        letters = Counter(letter for item in cluster.items if (letter := str(item.csl.get("year-suffix") or "")))
        return {**csl, "year-suffix": min(letters, key=lambda letter: (-letters[letter], letter))} if letters else csl
    if doi := csl.get("DOI"):
        return {"title": f"doi {doi}"}
    return {"title": next((entry.raw for entry in cluster.entries), "")}


def _inherit(fresh: Sequence[_Cluster], material: Material, shelf: _Shelf, taken: set[str]) -> None:
    """Works that are the same as one that was here a moment ago, and whose every word was changed, keep its key."""
    orphaned: dict[str, list[str]] = {}
    for old, csl in material.before.items():
        if old not in taken:
            orphaned.setdefault(key(csl), []).append(old)
    if not orphaned:
        return
    for cluster in fresh:
        csl = _keyed(cluster, shelf)
        for old in orphaned.get(key(csl), ()):
            if old not in taken and same_work(csl, material.before[old]).same:
                cluster.key = old
                taken.add(old)
                break


def _redirects(works: Sequence[_Cluster], names: Mapping[str, str], cited: _Cited) -> dict[str, str]:
    """Keys that lead elsewhere: of works that were joined, and of a bare work whose citations found a real one."""
    live = {cluster.key for cluster in works}
    found: dict[str, str] = {}
    for cluster in works:
        for name in cluster.names:
            if names[name] not in live:
                found[names[name]] = cluster.key
    means: dict[str, set[str]] = {}
    for mention in cited.mentions:
        linked = cited.links.get(mention.first.id)
        csl = csl_of(mention.first)
        if linked is not None and csl and not linked[0].bare:
            (name,) = bare_names(csl)
            if name in names and names[name] not in live:
                means.setdefault(names[name], set()).add(linked[0].key)
    for old, keys in means.items():
        if len(keys) == 1:
            found.setdefault(old, next(iter(keys)))
    return found


def _work_questions(doubts: Sequence[_Doubt], here: Collection[int], answers: _Answers) -> Iterator[Question]:
    """Works that may be one; a document that may be a work."""
    for doubt in doubts:
        one, other = doubt.one, doubt.other
        if id(one) not in here:
            one, other = other, one
        if id(one) not in here or answers.between(one.names, other.names) is not None:
            continue
        if id(other) in here:
            one, other = sorted((one, other), key=lambda cluster: cluster.key)
            yield Question(
                digest("works", one.key, other.key), "works", one.key, other.key, None, (), one.names, other.names,
                HALF, doubt.reason,
            )  # fmt: skip
        elif other.document is not None:
            yield Question(
                digest("document", one.key, *sorted(other.names)), "document", one.key, None, other.document.id, (),
                one.names, other.names, HALF, doubt.reason,
            )  # fmt: skip


def _citation_questions(cited: _Cited, here: Collection[int]) -> Iterator[Question]:
    """Citations that may mean a work."""
    for mention, own in cited.asked:
        for cluster, score, reason in mention.choices:
            document = None if id(cluster) in here else cluster.document
            if id(cluster) not in here and document is None:
                continue
            yield Question(
                digest("citation", mention.name, cluster.key or min(cluster.names)),
                "citation",
                own.key,
                cluster.key if id(cluster) in here else None,
                None if document is None else document.id,
                tuple(citation.id for citation in mention.citations),
                frozenset({mention.name}),
                cluster.names,
                score,
                reason,
            )


def _standing(answers: _Answers, works: Sequence[_Cluster], cited: _Cited, material: Material) -> Iterator[Standing]:
    """What each decision is about just now; those whose two sides are not both here wait."""
    if not answers.rulings:
        return
    by_name: dict[str, _Cluster] = {name: cluster for cluster in cited.shelf.clusters for name in cluster.names}
    items = {name: item for cluster in cited.shelf.clusters for item in cluster.items for name in item.names}
    mentions = {mention.name: mention for mention in cited.mentions}
    here = {id(cluster) for cluster in works}
    for ruling in answers.rulings.values():
        others = [by_name[name] for name in sorted(ruling.other) if name in by_name]
        if not others:
            continue
        other = others[0]
        candidate = other.key if id(other) in here else None
        document = other.document
        said = next(items[name].csl for name in sorted(ruling.other) if name in items)
        if ruling.kind == "citation":
            mention = next((mentions[name] for name in ruling.one if name in mentions), None)
            linked = None if mention is None else cited.links.get(mention.first.id)
            if mention is None or linked is None:
                continue
            places = tuple(citation.id for citation in mention.citations)
            yield Standing(
                ruling.id, linked[0].key, candidate, None if document is None else document.id, places,
                csl_of(mention.first), said,
            )  # fmt: skip
            continue
        ones = [name for name in sorted(ruling.one) if name in by_name and id(by_name[name]) in here]
        if ones:
            yield Standing(
                ruling.id, by_name[ones[0]].key, candidate, None if document is None else document.id, (),
                items[ones[0]].csl, said,
            )  # fmt: skip
