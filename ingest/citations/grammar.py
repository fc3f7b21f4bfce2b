"""Grammar of citations: the patterns of names, years, page numbers and the words around them.

Patterns are data: the modules beside this one decide what a match means. A name in upper case without an underscore is the
text of a pattern, for use in larger ones, or a compiled pattern that is used as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.grammar import INITIALS, NO_DATE, PARTICLE, UPPER, WORD, YEAR
from kb.bibliography.identifiers import DOI_IN_TEXT, DOI_RESOLVER
from kb.bibliography.names import MORE_AUTHORS

NAME = rf"(?:{INITIALS}\s+)?(?:{PARTICLE}\s+){{0,3}}{WORD}(?:[ ]{WORD})?"
LAST = rf"(?:{INITIALS}\s+)?(?:{PARTICLE}\s+){{0,3}}{WORD}"
# No text fits both branches, or a long row of names that comes to nothing would be tried in every combination.
AND = r"(?:,?\s+(?:en|and|und)\s+|,?\s*&\s*)"
MORE = rf"(?:,?\s+(?:{MORE_AUTHORS}))"
"""What says behind a name that there are more authors."""
YEARS = rf"(?:{YEAR}\s?/\s?)?{YEAR}[a-z]?(?!\d)|{NO_DATE}"
YEAR_LIST = rf"(?:{YEARS})(?:\s*(?:,|;|&|en|and)\s*(?:{YEARS}|[b-z](?![\w])))*"
PLACE = r"[\w.]+(?:\s?[-–]\s?[\w.]+)?(?:\s?(?:,|&|en|and)\s?\d+)?"
LOCATOR = (
    rf"(?:\s*,?\s*(?:pp?\.|blz\.?|pag\.|pagina|pages?|hoofdstuk|hfst\.|h\.|chapters?|ch\.|paragraaf|par\."
    rf"|para\.?|§|figuu?re?|fig\."
    rf"|tabe?le?|table|bijlage|appendix|sectie|section|sec\.|dia|slide|minuut|vol\.|deel)\s*{PLACE}|\s*:\s?\d[\w–-]*|\s*,\s?\d{{1,3}}(?:[–-]\d{{1,4}})?(?=\s*$))"
)
INTRO = re.compile(
    r"""(?ix) ^\s* (?: (?: maar | but | and | en | ook | also )\s+ )?
    (?: zie \s (?: ook | bijv\.? | bijvoorbeeld | o\.a\. | onder \s (?:andere|meer) | verder | hiervoor
      | daarvoor | voor .{0,40}? )? ,? | zie
      | voor \s (?: een \s )? (?: overzicht | meer .{0,20}? | kritiek | bespreking ) .{0,20}? ,? \s zie (?: \s ook )?
      | vgl\.? | vergelijk | cf\.? | see (?: \s also | ,? \s e\.g\.,? | \s for \s example,? )? | e\.g\.,?
        | i\.e\.,? | bijv\.,? | bijvoorbeeld,? | b\.v\.,?
      | o\.a\.,? | onder \s (?:andere|meer),? | m\.n\. | met \s name | aldus | volgens | (?:vrij \s)? naar | uit
        | bron(?:nen)? \s? :? | sources? \s? : | from | after
      | (?: vrij \s )? (?: gebaseerd | gebaseerd \s onder \s meer ) \s op | (?:loosely \s)? based \s on
        | bewerkt \s naar | bewerking \s van
      | overgenomen \s uit | (?:freely \s)? adapted \s from | in \s navolging \s van | following | in | both
        | especially | mainly | originally | oorspronkelijk | reviewed \s in
      | (?:for|as) \s (?:a|an) \s (?:review|overview) ,? \s see | ontleend \s aan | te \s vinden \s in
        | beschreven \s (?:in|door) | ontwikkeld \s door | according \s to )
    (?: (?<=[.,:]) | (?=[\s:]) ) \s* :? \s* (?= \S )"""
)
SECONDARY = re.compile(
    r"(?i)(?:,?\s+|^|(?<=[(,]))(?:(?:as\s+)?(?:cited|quoted|mentioned|described|discussed)\s+(?:in|by)"
    r"|geciteerd\s+(?:in|door)|aangehaald\s+(?:in|door)|zoals\s+(?:geciteerd|beschreven)\s+in"
    r"|genoemd\s+in|besproken\s+in|in(?=:?\s+(?:[A-Z]|van\s|de\s)))\s*:?\s+"
)
CREDIT = re.compile(
    r"""(?ix) ^ (?: (?: foto | foto's | fotografie | fotograaf | afbeelding | afb\. | beeld | illustraties?
      | tekening | ontwerp | infographic
        | photos? | photograph | image | picture | illustration | drawing | artwork | icons? | iconen | cartoon )
      (?: \s* (?: bron | source | door | by | credits? | van ) )? \s* : | (?:bron | source) \s (?: afbeelding
        | foto | illustratie | image | photo | picture ) \s* :
      | (?: photo | image | foto | beeld | illustration | illustratie ) \s (?: by | door | credits?
        | courtesy ) \s | © | \(c\) \s ) \s* (?P<who> \S.{1,120}? ) \s* $"""
)
PRINTED_DOI = re.compile(rf"(?:{DOI_RESOLVER}|(?i:doi\s*:?\s*))?\b{DOI_IN_TEXT}")
PRINTED_URL = re.compile(r"(?i)\b(?:https?://|www\.)[^\s\"<>”’]+")
BRACKET = re.compile(r"\(([^()]{1,400})\)|\[([^\[\]]{1,200})\]")
ATTRIBUTION = re.compile(
    rf"^(?P<lead>[\s•●▪‣◦·∙*–—―~-]*(?:(?:Bron(?:nen)?|Sources?|Uit|Naar|Vrij naar|From|After|Adapted from"
    rf"|Based on|Gebaseerd op)\s*:?\s+)?)"
    rf"(?P<head>[^\d()\[\]:;]{{2,160}}?),?\s+(?P<years>{YEAR_LIST})(?P<locator>{LOCATOR})?"
    rf"(?P<tail>\s*[.)”\"]?\s*$|,\s+(?:in|vrij|freely|our|own|put|naar|onze|eigen|bewerkt|adapted|vertaald"
    rf"|translated|geparafraseerd|met|with)\b[^\d]{{0,80}}$)"
)
TRIGGER = re.compile(
    rf"(?:\b(?:[Vv]olgens|[Aa]ldus|[Ii]n navolging van|[Aa]ccording to|[Gg]eciteerd in"
    rf"|[Aa]angehaald in|[Cc]ited in|[Gg]ebaseerd op(?: het werk van)?|[Bb]ased on(?: the work of)?)\s+)"
    rf"(?P<names>{LAST}(?:{AND}{LAST})?{MORE}?)(?!\s*[(\w]*\d|,?\s+(?:&|en|and)\s|,\s{UPPER})"
)
CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}\b(?:\s*(?:uur|u\b|-|–))?")
DATES_IN_BRACKET = re.compile(
    rf"^\s*(?P<years>{YEAR_LIST})(?P<locator>{LOCATOR})?\s*(?P<rest>[,;]\s*\S.*)?$", re.DOTALL
)
"""A bracket that begins with a year: `2003`, `2003, p. 4`, `1977, cited in Pajares, 2002`."""
DATED_NAMES = re.compile(
    rf"^(?P<head>\s*\S.*?)(?P<comma>,?)\s+\(?(?P<years>{YEAR_LIST})\)?(?P<locator>{LOCATOR})?\s*"
    r"(?P<tail>,\s*(?:eigen|vertaling|own|our|emphasis|cursivering|nadruk|table|cursief)\b.*)?$",
    re.DOTALL,
)
"""Names and years that fill a segment of a bracket: `zie ook Ma, 2003, p. 4`."""
ENTRY_NUMBERS = re.compile(r"\s*\d{1,4}(?:\s*(?:[,;–-]|en|and)\s*\d{1,4})*(?:,\s*pp?\.\s*[\d–-]+)?\s*")
"""The inside of a numbered citation: `3`, `3, 5`, `3–5`."""
NAMES_BEFORE_BRACKET = re.compile(
    rf"(?<![\w'’-])(?P<names>{NAME}(?:(?:,\s+|{AND}){NAME})*{MORE}?)(?P<genitive>['’]s?)?\s*$"
)


@dataclass(frozen=True, slots=True)
class PrintedYear:
    """A year of a list of years ("2019a, b"), its letter completed, and its place in that list."""

    text: str
    start: int
    end: int


def printed_years(text: str) -> list[PrintedYear]:
    """The years of a text that matched `YEAR_LIST`; "b" after "2019a" is "2019b"."""
    years: list[PrintedYear] = []
    for match in re.finditer(rf"{YEARS}|(?<![\w.])[b-z](?![\w.])", text):
        year = match.group()
        if len(year) == 1:
            year = (years[-1].text[:4] if years else "") + year
        years.append(PrintedYear(year, match.start(), match.end()))
    return years
