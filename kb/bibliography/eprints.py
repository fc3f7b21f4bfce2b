"""Eprints: the archive and number of a work, and the address or identifier that they make.

eprint = {1706.03762}, archiveprefix = {arXiv} ─► identifier ─► URL https://arxiv.org/abs/1706.03762
eprint = {12345678}, eprinttype = {pubmed}     ─► identifier ─► PMID 12345678
https://arxiv.org/abs/1706.03762 ─► eprint_fields ─► eprint, archiveprefix
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.bibliography.items import clean

_ADDRESSES = {
    "arxiv": "https://arxiv.org/abs/{}",
    "jstor": "https://www.jstor.org/stable/{}",
    "hdl": "https://hdl.handle.net/{}",
    "googlebooks": "https://books.google.com/books?id={}",
    "hal": "https://hal.science/{}",
    "ssrn": "https://ssrn.com/abstract={}",
    "eric": "https://eric.ed.gov/?id={}",
    "osf": "https://osf.io/{}",
}
"""The address of a work in an archive, by the archive's name in small letters without signs."""
_NUMBERS = {
    "pubmed": "PMID",
    "pmid": "PMID",
    "medline": "PMID",
    "pmc": "PMCID",
    "pmcid": "PMCID",
    "pubmedcentral": "PMCID",
}
_ARXIV_NUMBER = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
_BARE_ARXIV = re.compile(rf"(?i:arxiv:)?\s*({_ARXIV_NUMBER})(?:\s*\[[\w.-]+\])?")
_ARXIV_IN_TEXT = re.compile(rf"(?i)\barxiv:\s*({_ARXIV_NUMBER})")
_ARXIV_ADDRESS = re.compile(rf"https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/({_ARXIV_NUMBER})(?:\.pdf)?")
_TYPES = ("eprinttype", "archiveprefix")


def identifier(fields: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable (`URL`, `PMID`, `PMCID`) and its value for the eprint of a BibTeX entry; None when it names none."""
    eprint = clean(fields.get("eprint", "").replace(r"\_", "_"))
    archive = next((fields[name] for name in _TYPES if name in fields), "")
    archive = re.sub(r"[^a-z]", "", archive.lower())
    if eprint.startswith(("http://", "https://")):
        return "URL", eprint
    found = _BARE_ARXIV.fullmatch(eprint) if archive in {"", "arxiv"} else None
    found = found or (None if eprint else _ARXIV_IN_TEXT.search(fields.get("journal", "")))
    if found:
        return "URL", _ADDRESSES["arxiv"].format(found[1])
    if not eprint or re.search(r"\s", eprint):
        return None
    if archive in _NUMBERS:
        return _NUMBERS[archive], eprint
    return ("URL", _ADDRESSES[archive].format(eprint)) if archive in _ADDRESSES else None


def eprint_fields(url: str) -> dict[str, str]:
    """The fields of BibTeX for an address at arXiv; none for another."""
    found = _ARXIV_ADDRESS.fullmatch(url)
    return {"eprint": found[1], "archiveprefix": "arXiv"} if found else {}
