"""Stages and forms of a work that are works of their own: a preprint and the published article, software and its paper.

title and people agree ─► preprint + published ─► two works that belong together (`is_preprint_of`)
                       └► software + publication ─► two works
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kb.bibliography.identifiers import clean_doi
from kb.bibliography.items import names
from kb.model import CSL

ARTICLES = frozenset({"article-journal", "article-magazine", "article-newspaper", "article", "paper-conference"})
"""Types of which one work may carry two years: that of its first appearance online, and that of its issue."""
_PUBLICATIONS = ARTICLES | {"book", "chapter", "report", "thesis"}
_SERVERS = (
    r"arxiv|biorxiv|medrxiv|chemrxiv|psyarxiv|socarxiv|edarxiv|ssrn|osf\spreprints?|preprints?\.org|research\ssquare"
)
_PREPRINT = re.compile(rf"(?i)\b(?:{_SERVERS}|preprint|e-?print|corr)\b")
_AT_SERVER = re.compile(
    r"(?i)arxiv\.org/|biorxiv\.org/|medrxiv\.org/|ssrn\.com/|osf\.io/preprints|psyarxiv\.com/|edarxiv\.org/"
)
_DOI_OF_SERVER = re.compile(r"(?i)10\.(?:48550|1101|31234|31219|31235|35542|2139|21203|20944|26434)/")


def is_preprint(csl: CSL) -> bool:
    """Whether an item is a preprint: where it appeared, else its publisher, address or DOI, is that of a server of preprints."""
    container = str(csl.get("container-title") or "")
    if container or csl.get("volume"):
        return bool(_PREPRINT.search(container))
    if _PREPRINT.search(f"{csl.get('publisher') or ''} {csl.get('genre') or ''} {csl.get('archive') or ''}"):
        return True
    doi = clean_doi(str(csl.get("DOI") or "")) or ""
    return bool(_DOI_OF_SERVER.match(doi) or (not doi and _AT_SERVER.search(str(csl.get("URL") or ""))))


def _is_published(csl: CSL) -> bool:
    """Whether an item names where it was published."""
    return csl.get("type") in _PUBLICATIONS and bool(csl.get("container-title")) and not is_preprint(csl)


def is_preprint_of(one: CSL, other: CSL) -> bool:
    """Whether, of two items with one title and the same people, one is a preprint and the other its publication."""
    return (is_preprint(one) and _is_published(other)) or (is_preprint(other) and _is_published(one))


def are_software_and_publication(one: CSL, other: CSL) -> bool:
    """Whether one item is software and the other a publication."""
    types = {one.get("type"), other.get("type")}
    return "software" in types and not types.isdisjoint(_PUBLICATIONS)


def appears_yearly(one: CSL, other: CSL) -> bool:
    """Whether two items of neighbouring years are two works: versions of software, yearly reports of an institution."""
    if "software" in {one.get("type"), other.get("type")}:
        return True
    return not _is_article(one) and not _is_article(other) and _of_institution(one) and _of_institution(other)


def may_carry_two_years(one: CSL, other: CSL) -> bool:
    """Whether two items of neighbouring years may be one article, or a document of the collection, whose date is its file's."""
    return all(_is_article(csl) or csl.get("type") == "document" for csl in (one, other))


def _is_article(csl: CSL) -> bool:
    return csl.get("type") in ARTICLES


def _of_institution(csl: CSL) -> bool:
    people: tuple[Mapping[str, Any], ...] = names(csl) or names(csl, "editor")
    return bool(people) and all(name.get("literal") for name in people)
