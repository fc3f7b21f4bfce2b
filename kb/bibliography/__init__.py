"""Bibliography: cited works as CSL items, in and out of the formats people carry them in.

    .bib .ris .json ─► items ─► APA text, BibTeX, RIS, CSL-JSON, COinS, Highwire tags
                         └────► one work or two? (`same_work`)

Pure functions over mappings; each module that needs a heavy package loads it when it is first used. The modules themselves
are loaded when something of theirs is first asked for (PEP 562): a search needs none of the formats.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.bibliography.bibtex import from_bibtex, to_bibtex
    from kb.bibliography.csljson import SCHEMA, from_csl_json, to_csl_json
    from kb.bibliography.identifiers import clean_doi
    from kb.bibliography.items import (
        authors,
        clean,
        document_csl,
        key,
        name,
        plain,
        search_key,
        slide_csl,
        title,
        year,
        year_text,
    )
    from kb.bibliography.metadata import coins, context_object, highwire
    from kb.bibliography.names import fold, full_family, is_institution, literal, person, same_family
    from kb.bibliography.ris import from_ris, to_ris
    from kb.bibliography.sameness import Verdict, matches_document, same_work, titles_agree
    from kb.bibliography.style import apa, apa_html, apa_label

__all__ = [
    "SCHEMA", "Verdict", "apa", "apa_html", "apa_label", "authors", "clean", "clean_doi", "coins", "context_object",
    "document_csl", "fold", "from_bibtex", "from_csl_json", "from_ris", "full_family", "highwire", "is_institution", "key",
    "literal", "matches_document", "name", "person", "plain", "same_family", "same_work", "search_key", "slide_csl",
    "title", "titles_agree", "to_bibtex", "to_csl_json", "to_ris", "year", "year_text",
]  # fmt: skip

_MODULES = ("identifiers", "items", "names", "sameness", "style", "metadata", "bibtex", "ris", "csljson")


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            found = vars(import_module(f"{__name__}.{module}")).get(name)
            if found is not None:
                globals()[name] = found
                return found
    raise AttributeError(f"module {__name__} has no {name}")
