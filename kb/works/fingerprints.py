"""Fingerprints: digests of content by which works and citations are known over the years.

    entry ─► its words as printed; author, year and title          citation ─► title of its document, authors, year

Ids change when a document is read anew and content is corrected; a stored key or decision refers to these digests, so
that it stays with its content. The catalogue calls a set of them `Names`. Changing a rule here orphans stored decisions.
"""

from __future__ import annotations

import hashlib

from kb.bibliography import authors, clean_doi, fold, title, year
from kb.bibliography.names import bare, cites_more_authors
from kb.bibliography.sameness import normal_title
from kb.catalogue.derivation import Names
from kb.model import CSL, Citation, Document, Reference


def digest(*parts: object) -> str:
    """A hexadecimal digest of 18 characters of a sequence of values."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()


def entry_names(raw: str, csl: CSL) -> Names:
    """Fingerprints of an entry: its words as printed; and author, year and title, which outlive a changed comma."""
    names = {digest("raw", fold(raw))}
    normal = normal_title(title(csl))
    if normal:
        who = authors(csl)
        first_author = bare(fold(who[0])) if who else ""
        names.add(digest("work", first_author, year(csl), csl.get("edition") or "", normal))
    return frozenset(names)


def citation_name(citation: Citation, document_title: str) -> str:
    """Fingerprint of a citation: title of its document, authors and year. Equal for each page of a document."""
    return digest("cites", fold(document_title), *_cited(citation))


def bare_names(csl: CSL) -> Names:
    """Fingerprint of a work that is known by author and year alone."""
    doi = (clean_doi(str(csl.get("DOI") or "")) or "").upper()
    families = [fold(name) for name in authors(csl)]
    return frozenset({digest("bare", *families, year(csl), csl.get("year-suffix") or "", doi)})


def reference_names(reference: Reference, document: Document | None = None) -> Names:
    """Fingerprints of a reference: those of its entries, else of its document, else of author and year."""
    if reference.listed:
        return frozenset(name for entry in reference.listed for name in entry_names(entry.raw, entry.csl))
    if document is not None:
        return entry_names(document.title, reference.csl)
    return bare_names(reference.csl)


def _cited(citation: Citation) -> tuple[str, ...]:
    if citation.form in {"doi", "url", "numbered"} or not citation.authors:
        number = number_within_range(citation)
        return (citation.form, citation.text.casefold(), *([number] if number else []))
    more = "et al" if cites_more_authors(citation.text) else ""
    return (*(fold(name) for name in citation.authors), citation.year or "", more)


def number_within_range(citation: Citation) -> str:
    """The number that a citation by a range means where the range does not print it: 5 of "[3]–[7]"; else empty."""
    locator = citation.locator or ""
    return locator if citation.form == "numbered" and locator.isdigit() else ""
