"""Items and clusters: the records that describe works, and the works that they form.

entries that are equal, imported records, documents ─► items          items of one work ─► cluster
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kb.bibliography import authors, clean_doi, document_csl, fold, title
from kb.bibliography.identifiers import bare_url, find_dois
from kb.catalogue.derivation import Material, Names
from kb.model import CSL, Document, Entry
from kb.works.fingerprints import entry_names

_FILLED = ("DOI", "URL", "ISBN", "ISSN", "volume", "issue", "page", "publisher", "publisher-place", "container-title")
"""Fields that the richest item of a cluster takes from the others when it lacks them."""


@dataclass(slots=True, eq=False)
class Item:
    """A record that describes a work: equal entries, an imported record, or a document itself."""

    csl: CSL
    names: Names
    entries: list[Entry] = field(default_factory=list)
    document: Document | None = None
    doi: str | None = None
    """The DOI that a document prints as its own."""
    unread: bool = False
    """Whether neither title nor author was understood: such an item is known by its words alone."""

    @property
    def richness(self) -> tuple[int, ...]:
        """Sort key: the item with the highest value describes its work best."""
        imported = any(entry.document_id is None for entry in self.entries)
        return (not self.unread, self.document is None, imported, bool(self.csl.get("DOI")), len(self.csl))


@dataclass(slots=True, eq=False)
class Cluster:
    """Items that describe one work. Compared and hashed by identity."""

    items: list[Item] = field(default_factory=list)
    from_citations: bool = False
    """Whether the work is known from citations alone."""
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
    def listed(self) -> bool:
        """Whether an entry or a record describes the work. A document alone is not a cited work."""
        return any(item.entries for item in self.items)


def collect_items(material: Material) -> list[Item]:
    """The items of all entries, records and documents, the richest first. Equal entries form one item."""
    items: dict[tuple[str, str], Item] = {}
    for entry in material.entries:
        unread = not title(entry.csl) and not authors(entry.csl)
        identity = ("", fold(entry.raw)) if unread else (fold(entry.raw), _canonical(entry.csl))
        item = items.get(identity)
        if item is None:
            item = items[identity] = Item(entry.csl, entry_names(entry.raw, entry.csl), unread=unread)
        item.entries.append(entry)
    collected = [*items.values(), *_document_items(material)]
    return sorted(collected, key=lambda item: (*(-part for part in item.richness), min(item.names)))


def _canonical(csl: CSL) -> str:
    return repr(sorted(csl.items(), key=lambda pair: str(pair[0])))


def _document_items(material: Material) -> Iterator[Item]:
    first_page_entries: dict[int, list[Entry]] = {}
    for entry in (*material.entries, *material.front_entries):
        if entry.document_id is not None and entry.number == 1:
            first_page_entries.setdefault(entry.document_id, []).append(entry)
    for document in material.documents:
        doi = own_doi(material.fronts.get(document.id, ""), first_page_entries.get(document.id, ()))
        csl = {name: value for name, value in document_csl(document).items() if name != "id"}
        if doi:
            csl["DOI"] = doi
        yield Item(csl, entry_names(document.title, csl), document=document, doi=doi)


def own_doi(front: str, entries: Iterable[Entry] = ()) -> str | None:
    """The DOI that a paper prints as its own: the only one on its first page outside the reference list.

    `front` is the text of the first page, `entries` the entries of a reference list that are on that page.
    """
    for entry in entries:
        if entry.start is not None and entry.end is not None:
            front = front[: entry.start] + " " * (entry.end - entry.start) + front[entry.end :]
    dois = {doi.casefold(): doi for doi in reversed(find_dois(front))}
    return next(iter(dois.values())) if len(dois) == 1 else None


def merge_items(items: Sequence[Item]) -> dict[str, Any]:
    """One CSL item of several that describe one work: the richest, completed from the others of its type."""
    best, *others = sorted(items, key=lambda item: item.richness, reverse=True)
    csl = dict(best.csl)
    for other in others:
        if other.document is None and other.csl.get("type") == csl.get("type"):
            _fill(csl, other.csl)
        if not csl.get("issued") and other.csl.get("issued"):
            csl["issued"] = other.csl["issued"]
    if any(_year_letter(item.csl) != _year_letter(csl) for item in others if item.entries):
        csl.pop("year-suffix", None)  # the letter belongs to a list, not to the work
    return csl


def _fill(csl: dict[str, Any], other: CSL) -> None:
    for name in _FILLED:
        if other.get(name) and not csl.get(name):
            csl[name] = other[name]


def _year_letter(csl: CSL) -> str:
    return str(csl.get("year-suffix") or "")


def addresses(csl: Mapping[str, Any]) -> Iterator[str]:
    """The DOI and the URL of an item, folded so that two spellings of one address are equal."""
    if doi := clean_doi(str(csl.get("DOI") or csl.get("URL") or "")):
        yield doi.casefold()
    if url := str(csl.get("URL") or ""):
        yield bare_url(url)
