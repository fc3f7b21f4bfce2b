"""Identifiers: DOIs and addresses as people print them, and how two are compared.

    "https://doi.org/10.1000/182." ─► clean_doi ─► "10.1000/182"          "https://www.kb.nl/" ─► bare_url ─► "kb.nl"

The only place with the form of a DOI (ISO 26324: a prefix of `10.` and a registrant's number, a slash, and a
suffix of any characters). Patterns are exported as text for the grammars that have a DOI in the middle of more.
"""

from __future__ import annotations

import re

DOI = r"10\.\d{4,9}/\S+"
"""Pattern of a DOI; it takes along the punctuation behind it, which `trim_link` removes."""
DOI_IN_TEXT = r"10\.\d{4,9}/[^\s\"<>”’]+"
"""Pattern of a DOI in running text, where a quotation mark or an angle bracket ends it."""
DOI_RESOLVER = r"https?://(?:dx\.)?doi\.org/"
"""Pattern of the address that resolves a DOI, up to the DOI."""
ADDRESS_START = r"https?://|www\.|\bdoi:|\b10\.\d{4,9}/"
"""Pattern of how an address in running text begins."""

_DOI = re.compile(DOI)
_WHOLE_DOI = re.compile(rf"\b{DOI}")
_DOI_LABEL = re.compile(rf"^(?:{DOI_RESOLVER}|doi:\s*)", re.IGNORECASE)
_URL_ENDS = re.compile(r"^(?:https?://)?(?:www\.)?|[/#]*$")
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_PUNCTUATION = ".,;:'\"”’»>!?*"


def clean_doi(text: str) -> str | None:
    """The first DOI in a DOI, an address or a line, without stray punctuation. None when there is none."""
    match = _DOI.search(text)
    return trim_link(match.group()) if match else None


def find_dois(text: str) -> list[str]:
    """All DOIs in a text, in order, without stray punctuation."""
    return [doi for match in _WHOLE_DOI.findall(text) if (doi := clean_doi(match))]


def without_resolver(text: str) -> str:
    """A DOI without `https://doi.org/` or `doi:` in front of it."""
    return _DOI_LABEL.sub("", text)


def trim_link(link: str) -> str:
    """A DOI or address without the punctuation of the sentence around it; brackets stay when they are its own."""
    while link and _is_stray(link):
        link = link[:-1]
    return link


def _is_stray(link: str) -> bool:
    """Whether the last character belongs to the sentence and not to the link."""
    last = link[-1]
    return last in _PUNCTUATION or (last in _BRACKETS and link.count(last) > link.count(_BRACKETS[last]))


def bare_url(url: str) -> str:
    """An address as it is compared: lower case, without scheme, `www.` and a slash at the end."""
    return _URL_ENDS.sub("", url.strip().casefold())
