"""Patterns of the parts of an entry: editions, volumes, page ranges, journals, publishers, genres.

Patterns are data; the modules beside this one decide what a match means.
"""

from __future__ import annotations

import re

from ingest.grammar import UPPER

ROLE = re.compile(r"(?i),?\s*\(?\b(?:eds?|red|hrsg|reds|editors?|redactie)\b\.?\)?\.?\s*$")
EDITION = re.compile(
    r"(?i)\b(?:(?P<n>\d{1,2})\s?(?:st|nd|rd|th|e|de|ste)?\s*(?:,?\s*\w+\.?)?\s*(?:ed\b\.?|edition|druk|dr\b\.?"
    r"|editie|uitgave|uitg\b\.?)"
    r"|(?P<word>second|third|fourth|fifth|tweede|derde|vierde|vijfde|revised|rev\."
    r"|herziene)\s(?:\w+\s)?(?:ed\b\.?|edition|druk|editie))"
)
WORD_NUMBERS = dict(
    zip("second third fourth fifth tweede derde vierde vijfde".split(), "2 3 4 5 2 3 4 5".split(), strict=True)
)
VOLUME = re.compile(r"(?i)\b(?:vol\.?|volume|dl\.?|deel|band|bd\.)\s*(\d+[a-z]?(?:[-–]\d+)?|[IVX]+)\b")
PAGES = re.compile(
    r"(?i)\b(?:pp?\.|blz\.?|pag\.|pages?|pagina(?:'s)?)\s*([A-Za-z]?\d[\w.]*(?:\s*[-–]\s*[A-Za-z]?\d[\w.]*)?)"
)
NUMBER = re.compile(
    r"(?i)\b(?:(?:report|rapport|working paper|paper|publication|publicatie|occasional \w+)\s)?(?:no\.?|nr\.?"
    r"|number|nummer)\s*([\w.-]*\d[\w.-]*)"
)
PAGE_RANGE = r"[A-Za-z]{0,2}\d[\w.]*(?:\s?[-–]\s?[A-Za-z]{0,2}\d[\w.]*)+|[eE]\d{3,}(?:\s?[-–]\s?[eE]?\d+)?"
JOURNAL = re.compile(
    rf"""(?x) ^ (?P<name> .{{2,160}}? ) ,\s*
    (?: (?:[Vv]ol(?:ume)?\.?|[Jj]rg\.?|[Jj]aargang|[Jj]g\.)?\s* (?P<volume> \d{{1,4}} (?:[-–/]\d{{1,4}})?
      | [A-Za-z]+/\d[\d.]* | [IVXL]+ ) (?![\w-]*–)
        \s* (?: ,?\s*\( \s* (?P<issue> [^()]{{1,40}} ) \)
          | ,\s* (?:[Nn]o|[Nn]r|[Ii]ssue|[Nn]ummer)\.?\s* (?P<issue2>[\w/–-]+) | :(?=\s?\d) )?
        (?: \s* [,:;]\s* (?:pp?\.|blz\.|[Aa]rticle|[Aa]rt\.|[Aa]rtikel|[Pp]aper)?\s* (?P<page> {PAGE_RANGE} | \d[\w.]* ) )?
      | (?: pp?\.\s* | blz\.\s* | [Aa]rticle\s* )? (?P<page2> {PAGE_RANGE} | (?<=Article\s)\d+ | \d{{5,}} ) )
    (?P<rest> (?: \s* [,.;] .* )? ) $"""
)
JOURNAL_WORDS = re.compile(
    r"(?i)\b(?:journal|tijdschrift|proceedings|review|transactions|annals|bulletin|magazine|quarterly|letters"
    r"|archives|courant|dagblad|bioRxiv|arxiv|preprint)\b"
)
MEETING = re.compile(r"(?i)\b(?:proceedings|conference|conferentie|congres|symposium|workshop|meeting|handelingen)\b")
PUBLISHERS = re.compile(
    r"(?i)\b(?:press|publish\w*|publications?|uitgever\w*|books|verlag|university|universiteit\w*|hogescho\w+"
    r"|uitgeverij|routledge|springer|wiley|sage|elsevier|boom|lemma|eburon|zenodo|github|garant|acco|lannoo"
    r"|coutinho|noordhoff|inc|ltd|instituut|institute|association|department|ministerie|foundation|stichting)\b"
)
GENRES = re.compile(
    r"(?i)thesis|dissertation|proefschrift|scriptie|report|rapport|software|powerpoint|slides|presentati"
    r"|webinar|video|podcast|blog|data ?set|poster|brochure|infographic|lezing|lecture|website|web ?page|brief"
    r"|letter|preprint|toespraak|paper|notitie|factsheet|whitepaper|app\b|film|afbeelding|tool"
)
TYPES_BY_GENRE = (
    ("thesis", r"thesis|dissertation|proefschrift|scriptie"),
    ("software", r"software|\bapp\b|tool"),
    ("speech", r"powerpoint|slides|presentati|webinar|lezing|lecture|toespraak|poster"),
    ("dataset", r"data ?set"),
    ("motion_picture", r"video|film"),
    ("song", r"podcast"),
    ("post-weblog", r"blog"),
    ("report", r"report|rapport|notitie|factsheet|whitepaper|brochure|brief|paper"),
    ("webpage", r"website|web ?page"),
    ("graphic", r"infographic|afbeelding"),
    ("article", r"preprint"),
)
PLACES = (
    "(?:Amsterdam|Rotterdam|Utrecht|Den Haag|Den Bosch|'s-Hertogenbosch|Groningen|Leiden|Nijmegen|Assen"
    "|Bussum|Houten|Antwerpen|Apeldoorn"
    "|Arnhem|Delft|Eindhoven|Tilburg|Enschede|Maastricht|Wageningen|Zwolle|Leuven|Gent|Brussel|Brussels"
    "|London|Londen|Oxford|Cambridge"
    "|New York|San Francisco|Chicago|Boston|Paris|Parijs|Berlin|Washington|Thousand Oaks|Englewood Cliffs"
    "|Princeton|Toronto|Sydney)"
)
NEWSPAPERS = re.compile(
    r"(?:de Volkskrant|NRC(?: Handelsblad)?|Trouw|Het Parool|het Parool|de Telegraaf|Het Financieele Dagblad"
    r"|De Groene Amsterdammer|Folia"
    r"|De Correspondent|ScienceGuide|HOP|Punt\.|Profielen|The Guardian|The New York Times|Times Higher Education)\b"
)
OPENS_AFTER_TITLE = re.compile(
    rf"{UPPER}|[\d“\"‘\[(]|arXiv|bio[Rr]xiv|medRxiv|e[A-Z]|i[A-Z]|lulu|[a-z]+\.[a-z]+|in\s{UPPER}|npj|m[A-Z]"
    rf"|(?:de|het)\s{UPPER}"
)
"""What may open the sentence after a title."""
SMALL_JOURNAL = re.compile(r"[a-z][\w\s&:’'-]{2,80},\s\d{1,4}\s?\([\d–-]{1,9}\),\s\w?\d")
"""A journal that writes itself without a capital: "portal: Libraries and the Academy, 9(2), 181"."""
ABBREVIATED = re.compile(
    r"(?:^|[\s(\[“\"])(?:[A-Z]|vs|St|Dr|Prof|Mr|Mrs|Ms|Vol|vol|No|no|nr|pp|p|ed|eds|Eds|Ed|Red|red|al|cf|vgl"
    r"|ca|jr|Jr|Sr|dl|blz|e\.g|i\.e|bijv|m\.b\.t|d\.w\.z|o\.a|etc|Inc|Ltd|U\.S|U\.K|Ph\.D|incl|resp|zgn|Sept"
    r"|Jan|Feb|Aug|Oct|Nov|Dec|Clim|Nat|Eur|Phys|Int|Proc|J|Sci|Res|Educ|Psychol|Rev|Am|Conf|Assoc)$"
)
