"""Blocking keys: which documents, entries, citations and decisions may bear on each other's works and links.

    unit ─► the blocks of its item, its names ─────────► shared by equals
    item ─► its first author or title, its addresses ──► sought by the citations that may mean it
    citation ─► its first author and years ────────────► the items that it may mean, and what it makes a work of

Two units whose items can be compared, whose citation can mean the other, or that compete for one key have a blocking key in
common. So the units that are connected by such keys can be derived by themselves (`gather`): nothing outside bears on them.
A key in common without any bearing costs time and changes nothing; each key here is therefore a necessary condition of a rule
in clustering.py, matching.py, linking.py or keys.py, and is to be changed with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from kb.bibliography import authors, fold, is_institution, title, year
from kb.bibliography.identifiers import bare_url
from kb.bibliography.names import bare
from kb.catalogue.derivation import EARLIEST, LATEST, BlockingKey, Material, Side, Unit, UnitKind
from kb.model import CSL, Citation, Entry
from kb.works.clustering import blocks_of
from kb.works.fingerprints import bare_names, citation_name
from kb.works.items import Item, addresses, collect_items
from kb.works.linking import filing_names
from kb.works.matching import cited_csl, match_entries, original_year

Years = tuple[int, int]

UNDATED: Years = (EARLIEST, EARLIEST)
"""Years of a citation "n.d.": it means works without a year only, whose keys hold for all years."""
ALWAYS: Years = (EARLIEST, LATEST)
_PREFIX = 3
"""Letters of the second word of a title that are compared with those of a citation."""


def blocking_keys(material: Material) -> Iterator[tuple[Unit, BlockingKey]]:
    """The blocking keys of each unit; `material` holds each of its documents whole."""
    for item in collect_items(material):
        keys = [*_item_keys(item), *_work_keys(item.csl)]
        for unit in _units(item):
            yield from ((unit, key) for key in keys)
    titles = {document.id: document.title for document in material.documents}
    for citation in material.citations:
        if citation.document_id in titles and citation.form != "credit":
            for key in _citation_keys(citation, titles[citation.document_id]):
                yield Unit(UnitKind.CITATION, citation.id), key
    yield from _keys_in_documents(material)
    for ruling in material.rulings:
        for name in ruling.one | ruling.other:
            yield Unit(UnitKind.DECISION, ruling.id), _named(name)


def _units(item: Item) -> Iterator[Unit]:
    yield from (Unit(UnitKind.ENTRY, entry.id) for entry in item.entries)
    if item.document is not None:
        yield Unit(UnitKind.DOCUMENT, item.document.id)


def _item_keys(item: Item) -> Iterator[BlockingKey]:
    """What two items share when they are compared, or when one takes the key of the other."""
    yield from (BlockingKey(Side.EQUAL, _digest("block", *block)) for block in blocks_of(item))
    yield from map(_named, item.names)


def _named(name: str) -> BlockingKey:
    """The key of a name; its digest is the name itself, so that it leads to the keys that works had."""
    return BlockingKey(Side.NAME, bytes.fromhex(name))


def _digest(*parts: object) -> bytes:
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=9).digest()


# -- works, as citations seek them


def _work_keys(csl: CSL) -> Iterator[BlockingKey]:
    """What a citation shares with an item that it may mean. A work merged of several items has no other keys than those."""
    first, last = _years_of_work(csl)
    for word in set(_work_words(csl)):
        yield BlockingKey(Side.WORK, _digest(*word), first, last)
    for address in addresses(csl):
        yield BlockingKey(Side.WORK, _digest("address", address))


def _work_words(csl: CSL) -> Iterator[tuple[str, ...]]:
    who = authors(csl)
    if not who:
        yield from _title_words(title(csl))
        return
    kind = "institution" if is_institution(who[0]) else "person"
    yield ("family", bare(fold(who[0])))
    yield from ((kind, name) for name in filing_names(who[0]))


def _title_words(text: str) -> Iterator[tuple[str, ...]]:
    """What a citation by the first words of a title shares with it."""
    yield from (("title", name) for name in filing_names(text))
    first, second, *_ = [*fold(text).split(), "", ""]
    yield from (("title", first, second[:length]) for length in range(1, min(len(second), _PREFIX) + 1))


def _years_of_work(csl: CSL) -> Years:
    """The years by which a work is cited; all for a work without, which any citation may mean."""
    known = [max(EARLIEST + 1, min(number, LATEST)) for number in (year(csl), original_year(csl)) if number is not None]
    return (min(known), max(known)) if known and year(csl) is not None else ALWAYS


# -- citations


def _citation_keys(citation: Citation, document_title: str) -> Iterator[BlockingKey]:
    yield _named(citation_name(citation, document_title))
    csl = cited_csl(citation)
    if citation.form in {"doi", "url"}:
        sought = {*addresses(csl), bare_url(citation.text)}
        yield from (BlockingKey(Side.CITATION, _digest("address", address)) for address in sought)
    elif citation.authors and citation.form != "numbered":
        first, last = _cited_years(citation.year)
        for word in set(_sought_words(citation.authors[0])):
            yield BlockingKey(Side.CITATION, _digest(*word), first, last)
    if csl:  # the work that it makes by itself
        yield from map(_named, bare_names(csl))
        yield from _work_keys(csl)


def _sought_words(name: str) -> Iterator[tuple[str, ...]]:
    """What a work shares with a citation of this first author that means it."""
    words = fold(name).split()
    if not words:
        return
    yield ("family", bare(" ".join(words)))
    if len(words) > 1:
        yield ("family", words[-1])  # "Albert Bandura"
        yield ("title", words[0], words[1][:_PREFIX])
    filed = filing_names(name)
    yield from (("institution", each) for each in filed)
    if is_institution(name):
        yield from (("person", each) for each in filed)
    if len(words) == 1:
        yield from (("title", each) for each in filed)


def _cited_years(printed: str | None) -> Years:
    """The years of works that a citation may mean: one year off is a possible match."""
    if printed is None:
        return ALWAYS
    years = [int(number) for number, _ in re.findall(r"(\d{4})([a-z]?)", printed)]
    return (min([*years, years[-1] - 1]), max([*years, years[-1] + 1])) if years else UNDATED


# -- citations and entries of one document


def _keys_in_documents(material: Material) -> Iterator[tuple[Unit, BlockingKey]]:
    """A key for each entry that a citation of the same document may mean."""
    entries: dict[int, list[Entry]] = {}
    for entry in material.entries:
        if entry.document_id is not None:
            entries.setdefault(entry.document_id, []).append(entry)
    citations: dict[int, dict[Citation, list[Citation]]] = {}
    for citation in material.citations:
        if citation.document_id in entries and citation.form != "credit":
            alike = citations.setdefault(citation.document_id, {})
            alike.setdefault(_as_matched(citation), []).append(citation)
    for document_id, alike in citations.items():
        yield from _keys_in_document(alike, entries[document_id])


def _as_matched(citation: Citation) -> Citation:
    """A citation without what matching does not look at, so that citations that are printed alike are equal."""
    return Citation(0, 0, 0, citation.text, citation.form, citation.authors, citation.year)


def _keys_in_document(
    alike: Mapping[Citation, Iterable[Citation]], entries: list[Entry]
) -> Iterator[tuple[Unit, BlockingKey]]:
    different = list(alike)
    for match in match_entries(different, entries):
        entry = entries[match.candidate]
        key = BlockingKey(Side.EQUAL, _digest("entry", entry.id))
        yield Unit(UnitKind.ENTRY, entry.id), key
        yield from ((Unit(UnitKind.CITATION, each.id), key) for each in alike[different[match.citation]])
