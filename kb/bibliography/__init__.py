"""Bibliography: cited works as CSL items, in and out of the formats people carry them in.

    .bib .ris .json ─► items ─► APA text, BibTeX, RIS, CSL-JSON, COinS, Highwire tags
                         └────► one work or two? (`same_work`)

Pure functions over mappings; each module that needs a heavy package loads it when it is first used.
"""

from kb.bibliography.apa import apa, apa_html, apa_label
from kb.bibliography.bibtex import from_bibtex, to_bibtex
from kb.bibliography.csljson import SCHEMA, from_csl_json, to_csl_json
from kb.bibliography.items import (
    authors,
    clean,
    clean_doi,
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

__all__ = [
    "SCHEMA", "Verdict", "apa", "apa_html", "apa_label", "authors", "clean", "clean_doi", "coins", "context_object",
    "document_csl", "fold", "from_bibtex", "from_csl_json", "from_ris", "full_family", "highwire", "is_institution", "key",
    "literal", "matches_document", "name", "person", "plain", "same_family", "same_work", "search_key", "slide_csl",
    "title", "titles_agree", "to_bibtex", "to_csl_json", "to_ris", "year", "year_text",
]  # fmt: skip
