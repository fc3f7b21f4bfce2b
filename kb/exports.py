"""Cited works as files: APA text, BibTeX, RIS and CSL-JSON, the same from the command line and from the pages.

    References ─┬─► APA: one line per work, in the order of a reference list
                └─► CSL items ─► BibTeX, RIS, CSL-JSON

kb.bibliography writes the formats; this module decides which works are exported, under which id, in which order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from kb import bibliography
from kb.bibliography.items import title, year_text
from kb.bibliography.names import bare, fold
from kb.model import Language, Reference
from kb.serialise import authors

Format = Literal["apa", "bibtex", "ris", "csl-json"]
FORMATS: tuple[Format, ...] = ("apa", "bibtex", "ris", "csl-json")


_INCOMPLETE: dict[Language, str] = {"nl": "Onvolledig", "en": "Incomplete"}


def is_complete(reference: Reference) -> bool:
    """Whether a work is known well enough for somebody's reference list: at least by its title."""
    return bool(title(reference.csl))


def written(references: Sequence[Reference], form: Format, locale: Language, *, incomplete: bool = False) -> str:
    """The references in a format that people and reference managers read; `locale` is the language of APA text.

    Works without a title are left out of the formats of reference managers unless `incomplete` is set.
    """
    if form == "apa":
        return reference_list(references, locale)
    writers = {"bibtex": bibliography.to_bibtex, "ris": bibliography.to_ris, "csl-json": bibliography.to_csl_json}
    chosen = references if incomplete else [reference for reference in references if is_complete(reference)]
    return writers[form](items(chosen))


def reference_list(references: Sequence[Reference], locale: Language) -> str:
    """One line of APA text per work, in alphabetical order without regard to particles ("den Heijer" under H).

    Works without a title come last, under a heading of their own, for they cannot be handed in as they are.
    """
    filed = sorted(references, key=filing_key)
    whole, rest = (
        [entry for reference in filed if is_complete(reference) is complete and (entry := apa_entry(reference, locale))]
        for complete in (True, False)
    )
    lines = [*whole, *(["", _INCOMPLETE[locale]] if whole and rest else [_INCOMPLETE[locale]] if rest else []), *rest]
    return "".join(f"{line}\n" for line in lines)


def apa_entry(reference: Reference, locale: Language) -> str:
    """One work as an entry of a reference list; empty when nothing is known of it.

    A work without a title is given as it was printed, which holds more than its author and year.
    """
    if reference.raw and not title(reference.csl):
        return reference.raw[0]
    csl = reference.csl or {"author": [{"literal": name} for name in authors(reference)]}
    return bibliography.apa(csl, locale)


def filing_key(reference: Reference) -> tuple[str, str, str]:
    """Where a work belongs in an alphabetical list: by authors without particles, then year, then title."""
    printed = reference.raw[0] if reference.raw else ""
    names = " ".join(bare(fold(name)) for name in authors(reference))
    return names or fold(title(reference.csl) or printed), year_text(reference.csl) or "", fold(title(reference.csl))


def items(references: Sequence[Reference]) -> list[dict[str, Any]]:
    """CSL items of the works that were understood, each with an id of its own.

    An item keeps the id it was imported with; where another item has that id already the reference's key takes its place.
    """
    result: list[dict[str, Any]] = []
    taken: set[str] = set()
    for reference in references:
        if reference.csl:
            imported = str(reference.csl.get("id") or reference.key)
            identity = reference.key if imported in taken else imported
            taken.add(identity)
            result.append({**reference.csl, "id": identity})
    return result
