"""Citations: who is cited where, as printed.

    page ─► addresses, credits ─► brackets ─► names before a year ─► lines of attribution ─► candidates
    candidates that are sure ─► names ─► candidates that need a name to be believed ─► citations

A page is read twice over: what has its own evidence (two names, "et al.", a comma and a year) is believed at once,
and the
names it gives, with those of the reference list, decide about the rest: "(Strayhorn)", "Bandura (1994)" at the
start of a line.
Precision comes first: what stays doubtful is no citation, and what is believed carries a confidence.

Reference lists and running heads are no citations. A span never leaves its page:
page.field(c.field)[c.start:c.end] == c.text.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ingest.lists import (
    BULLET,
    INITIALS,
    LOWER,
    NO_DATE,
    PARTICLE,
    UPPER,
    WORD,
    YEAR,
    Listing,
    furniture,
    joined,
    lines,
    reference_lists,
)
from kb.bibliography import fold, is_institution
from kb.bibliography.identifiers import trim_link
from kb.bibliography.items import MONTH_NUMBERS
from kb.bibliography.names import PARTICLES, bare, says_institution
from kb.model import Citation, CitationForm, Field, Kind, Page

_FIELDS: tuple[Field, ...] = ("text", "notes")
_CLAIM = 1000
"""Characters around a bracket within which the sentence that it closes is looked for."""
BELIEVED = 0.7
"""Candidates below this confidence are no citations."""

_NAME = rf"(?:{INITIALS}\s+)?(?:{PARTICLE}\s+){{0,3}}{WORD}(?:[ ]{WORD})?"
_LAST = rf"(?:{INITIALS}\s+)?(?:{PARTICLE}\s+){{0,3}}{WORD}"
# No text fits both branches, or a long row of names that comes to nothing would be tried in every combination.
_AND = r"(?:,?\s+(?:en|and|und)\s+|,?\s*&\s*)"
_MANY = r"(?:,?\s+(?:et\.?\s+al\.?|e\.\s?a\.|en\s+anderen|and\s+others|en\s+collega['’]?s|and\s+colleagues|c\.s\.))"
_YEARS = rf"(?:{YEAR}\s?/\s?)?{YEAR}[a-z]?(?!\d)|{NO_DATE}"
_YEAR_LIST = rf"(?:{_YEARS})(?:\s*(?:,|;|&|en|and)\s*(?:{_YEARS}|[b-z](?![\w])))*"
_PLACE = r"[\w.]+(?:\s?[-–]\s?[\w.]+)?(?:\s?(?:,|&|en|and)\s?\d+)?"
_LOCATOR = (
    rf"(?:\s*,?\s*(?:pp?\.|blz\.?|pag\.|pagina|pages?|hoofdstuk|hfst\.|h\.|chapters?|ch\.|paragraaf|par\."
    rf"|para\.?|§|figuu?re?|fig\."
    rf"|tabe?le?|table|bijlage|appendix|sectie|section|sec\.|dia|slide|minuut|vol\.|deel)\s*{_PLACE}|\s*:\s?\d[\w–-]*|\s*,\s?\d{{1,3}}(?:[–-]\d{{1,4}})?(?=\s*$))"
)
_INTRO = re.compile(
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
_SECONDARY = re.compile(
    r"(?i)(?:,?\s+|^|(?<=[(,]))(?:(?:as\s+)?(?:cited|quoted|mentioned|described|discussed)\s+(?:in|by)"
    r"|geciteerd\s+(?:in|door)|aangehaald\s+(?:in|door)|zoals\s+(?:geciteerd|beschreven)\s+in"
    r"|genoemd\s+in|besproken\s+in|in(?=:?\s+(?:[A-Z]|van\s|de\s)))\s*:?\s+"
)
_CREDIT = re.compile(
    r"""(?ix) ^ (?: (?: foto | foto's | fotografie | fotograaf | afbeelding | afb\. | beeld | illustraties?
      | tekening | ontwerp | infographic
        | photos? | photograph | image | picture | illustration | drawing | artwork | icons? | iconen | cartoon )
      (?: \s* (?: bron | source | door | by | credits? | van ) )? \s* : | (?:bron | source) \s (?: afbeelding
        | foto | illustratie | image | photo | picture ) \s* :
      | (?: photo | image | foto | beeld | illustration | illustratie ) \s (?: by | door | credits?
        | courtesy ) \s | © | \(c\) \s ) \s* (?P<who> \S.{1,120}? ) \s* $"""
)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|(?i:doi\s*:?\s*))?\b10\.\d{4,9}/[^\s\"<>”’]+")
_URL = re.compile(r"(?i)\b(?:https?://|www\.)[^\s\"<>”’]+")
_BRACKET = re.compile(r"\(([^()]{1,400})\)|\[([^\[\]]{1,200})\]")
_ATTRIBUTION = re.compile(
    rf"^(?P<lead>[\s•●▪‣◦·∙*–—―~-]*(?:(?:Bron(?:nen)?|Sources?|Uit|Naar|Vrij naar|From|After|Adapted from"
    rf"|Based on|Gebaseerd op)\s*:?\s+)?)"
    rf"(?P<head>[^\d()\[\]:;]{{2,160}}?),?\s+(?P<years>{_YEAR_LIST})(?P<locator>{_LOCATOR})?"
    rf"(?P<tail>\s*[.)”\"]?\s*$|,\s+(?:in|vrij|freely|our|own|put|naar|onze|eigen|bewerkt|adapted|vertaald"
    rf"|translated|geparafraseerd|met|with)\b[^\d]{{0,80}}$)"
)
_TRIGGER = re.compile(
    rf"(?:\b(?:[Vv]olgens|[Aa]ldus|[Ii]n navolging van|[Aa]ccording to|[Gg]eciteerd in"
    rf"|[Aa]angehaald in|[Cc]ited in|[Gg]ebaseerd op(?: het werk van)?|[Bb]ased on(?: the work of)?)\s+)"
    rf"(?P<names>{_LAST}(?:{_AND}{_LAST})?{_MANY}?)(?!\s*[(\w]*\d|,?\s+(?:&|en|and)\s|,\s{UPPER})"
)
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}\b(?:\s*(?:uur|u\b|-|–))?")

# Capitalised words that stand before a year or in brackets and are nobody's name.
_NO_NAMES = frozenset(
    fold(word)
    for word in """
    amsterdam rotterdam utrecht groningen leiden nijmegen eindhoven tilburg maastricht wageningen delft enschede
    twente zwolle arnhem
    breda breukelen haarlem leeuwarden den haag 's-hertogenbosch brussel brussels antwerpen gent leuven london
    londen paris parijs berlin
    berlijn york chicago boston oxford cambridge wenen vienna rome bologna lissabon barcelona nederland belgie
    vlaanderen duitsland engeland frankrijk
    europa amerika canada australie netherlands belgium flanders germany england france europe america australia zweden
    finland noorwegen sweden finland norway denmark denemarken spanje spain italie italy china japan india africa
    afrika azie asia
    figuur tabel grafiek kader box bijlage hoofdstuk paragraaf deel week les module blok stap punt fase versie
    editie druk jaar kwartaal periode
    semester onderdeel thema sessie ronde zaal lokaal kamer gebouw ruimte locatie pagina dia sheet vraag opdracht
    casus model niveau groep team
    figure table chart appendix chapter section part step phase version edition year quarter stage session round
    room building page slide
    question exercise case level group item point lesson unit lustrum oprichting start einde begin opening fusie
    pilot conferentie
    congres symposium webinar workshop studiedag bijeenkomst training cursus evaluatie enquete monitor jaarverslag
    jaarplan begroting
    conference meeting survey evaluation report annual nota visie agenda strategie strategy plan vision programma
    programme program project wet act
    akkoord agreement verdrag treaty declaration verklaring besluit regeling richtlijn directive covid corona
    covid-19 pandemie pandemic windows office
    horizon studio euro olympische spelen zomer winter herfst lente voorjaar najaar spring summer autumn fall
    student studenten docent docenten
    docenten lector lectoren nederlands engels duits frans dutch english german french hbo wo mbo vo po nt2 bsa ec
    ects bijvoorbeeld
    totaal total gemiddelde mean mediaan median ja nee yes no niet wel noot note nb ps copyright bron source foto
    afbeelding internet google chatgpt
    wikipedia youtube linkedin twitter facebook instagram moodle canvas teams zoom excel word powerpoint python
    java pdf url html link binding
    """.split()
) | frozenset(MONTH_NUMBERS) | frozenset(
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag monday tuesday wednesday thursday friday saturday sunday".split()
)  # fmt: skip
# Where something is done, in brackets behind it. With a year they may be authors.
_SCHOOLS = frozenset(
    """avans fontys saxion inholland windesheim hanze zuyd stenden nhl thomas gerrit artez codarts driestar marnix ipabo vrije
    radboud erasmus twente tilburg wageningen havo vwo vmbo mavo pabo roc mboraad ecio surf npuls unl nvao""".split()
)
# Capitalised words that open a sentence before a name.
_OPENING = frozenset(
    fold(word)
    for word in """
    volgens ook in zoals aldus toen maar zie according as for the following while however later recently both dus
    uit onderzoek studie het de een
    this these that such although though since when where if because after before from with by on at to of and or
    en of bij voor door met na naar
    van over uit als omdat terwijl waar wanneer hoewel sinds daarom verder tot slot eerder vervolgens daarnaast
    bovendien echter inmiddels recent
    recentelijk anders professor prof dr hoogleraar lector onderzoeker onderzoekers auteur auteurs author authors
    researcher psychologist
    psycholoog socioloog antropoloog pedagoog filosoof work theory model theorie werk studies research how what why
    who hoe wat waarom wie
    similarly likewise also thus hence yet still already then there here dit dat deze die zo nog al pas juist
    vooral met name zelfs alleen niet
    geen wel inspired building drawing based compare contrast unlike like see cf vgl vergelijk naast behalve anno
    tegen volgend op a an it is not
    """.split()
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A citation that may be one. `sure`: it needs no other evidence than itself."""

    start: int
    end: int
    form: CitationForm
    authors: tuple[str, ...]
    year: str | None
    locator: str | None
    confidence: float
    sure: bool = True


class _Known:
    """Family names that are known to be somebody's who is cited."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = tuple(names)
        self._folded = {fold(name) for name in names}
        # Longest first, so that a name within another is not taken for it.
        long = sorted((name for name in names if is_institution(name) and len(name.split()) > 2), key=len, reverse=True)
        together = "|".join(r"\s+".join(re.escape(word) for word in name.split()) for name in long)
        self._long = re.compile(rf"(?<![\w'’-])({together})\s*$") if long else None
        self._bare = {bare(name) for name in self._folded}
        self._acronyms = {
            "".join(w[0] for w in re.findall(r"[^\W\d_]+", n) if w[0].isupper()).lower() for n in names if " " in n
        }

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        folded = fold(name)
        return bool(folded) and (
            folded in self._folded or bare(folded) in self._bare or (name.isupper() and folded in self._acronyms)
        )

    def whole(self, name: str) -> bool:
        """Whether the name is known as it stands, particles and all."""
        return fold(name) in self._folded

    def at_end_of(self, text: str) -> tuple[int, str] | None:
        """The longest known name of several words that a text closes with, and where it starts."""
        if self._long is None:
            return None
        found = self._long.search(text)
        return (found.start(1), " ".join(found[1].split())) if found else None

    def __bool__(self) -> bool:
        return bool(self._folded)


def citations(pages: Sequence[Page], *, known: Collection[str] = (), kind: Kind) -> tuple[Citation, ...]:
    """The citations of a document, in reading order.

    `known`: family names and institutions of its own reference list, or of what else is cited in the collection.
    """
    lists = reference_lists(pages, kind)
    skipped: dict[int, list[tuple[int, int]]] = {}
    for listing in lists:
        for line in listing.lines():
            skipped.setdefault(line.number, []).append((line.start, line.end))
    heads = furniture(pages, kind)
    for page in pages:
        for line in lines(page):
            if (line.number, line.start) in heads:
                skipped.setdefault(line.number, []).append((line.start, line.end))
    labels = {label for listing in lists for label in listing.labels if label}
    names = _Known([*known, *_opened_by(lists)])
    texts = [
        (page, field, page.field(field), sorted(skipped.get(page.number, ())) if field == "text" else [])
        for page in pages
        for field in _FIELDS
        if page.field(field).strip()
    ]
    sure = [
        c
        for page, field, text, skip in texts
        for c in _candidates(page, field, text, skip, names, labels, kind)
        if c.sure
    ]
    told = _Known([*names.names, *(name for c in sure for name in c.authors if c.form not in {"credit", "doi", "url"})])
    lower = _lower_words(text for _, _, text, _ in texts)
    found: list[Citation] = []
    for page, field, text, skip in texts:
        kept = _settled(
            [_weighed(c, told, lower, names) for c in _candidates(page, field, text, skip, told, labels, kind)]
        )
        found += [
            Citation(
                number=page.number, start=c.start, end=c.end, text=text[c.start : c.end], form=c.form, authors=c.authors,
                year=c.year, locator=c.locator, field=field, confidence=round(c.confidence, 2),
            )
            for c in kept
        ]  # fmt: skip
    return tuple(found)


def _opened_by(lists: Sequence[Listing]) -> Iterator[str]:
    """What stands before the year of listed works without authors: an institution, or the title they are cited by."""
    for listing in lists:
        for entry in listing.entries:
            if found := re.match(rf"^([^(),]{{3,80}}?)\.?\s\(({YEAR}|{NO_DATE})", joined(entry[:2])):
                yield found[1]


def _lower_words(texts: Iterator[str]) -> frozenset[str]:
    """Words that the document writes without a capital: they are no names."""
    return frozenset(word for text in texts for word in re.findall(rf"(?<![\w-]){LOWER}{{3,}}(?![\w-])", text))


def _weighed(candidate: _Candidate, known: _Known, lower: frozenset[str], listed: _Known) -> _Candidate:
    """The candidate with the confidence that the document's other names give it."""
    confidence = candidate.confidence
    if candidate.form in {"doi", "url", "credit", "numbered"} or not candidate.authors:
        return candidate
    if all(name in known for name in candidate.authors):
        # A name known from nothing but this candidate is no evidence for it, unless it is sure by itself.
        if candidate.sure or all(name in listed for name in candidate.authors):
            confidence = min(0.99, confidence + 0.25)
        else:
            confidence = min(0.95, confidence + 0.2)
    elif len(candidate.authors) == 1 and not candidate.sure:
        words = candidate.authors[0].split()
        if words[-1].lower() in lower:
            confidence -= 0.3
    return replace(candidate, confidence=confidence)


def _settled(candidates: list[_Candidate]) -> list[_Candidate]:
    """Those believed; where two overlap the more confident, then the longer one."""
    kept: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (-_rank(c), c.start - c.end)):
        # Those kept overlap none of each other, so that only the two beside it can stand in its way.
        place = bisect(kept, candidate.start, key=lambda c: c.start)
        free = (place == 0 or kept[place - 1].end <= candidate.start) and (
            place == len(kept) or candidate.end <= kept[place].start
        )
        if candidate.confidence >= BELIEVED and free:
            kept.insert(place, candidate)
    return kept


def _rank(candidate: _Candidate) -> float:
    return candidate.confidence + {"doi": 2, "url": 2, "credit": 1}.get(candidate.form, 0)


def _candidates(
    page: Page,
    field: Field,
    text: str,
    skip: Sequence[tuple[int, int]],
    known: _Known,
    labels: Collection[str],
    kind: Kind,
) -> list[_Candidate]:
    found: list[_Candidate] = []
    found += _addresses(text)
    if field == "text":
        found += _credits(text)
    programme = len(_CLOCK.findall(text)) >= 2
    found += _brackets(text, known, labels, page, programme)
    found += _lines(text, known, page, kind, programme, field)
    found += _triggered(text, known)
    return [c for c in found if not _overlaps(c, skip)]


def _overlaps(candidate: _Candidate, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a candidate shares a character with one of the spans, which are in order and apart."""
    before = bisect(spans, candidate.end - 1, key=lambda span: span[0]) - 1
    return before >= 0 and spans[before][1] > candidate.start


# --- addresses and credits


def _addresses(text: str) -> Iterator[_Candidate]:
    dois = [(found.start(), found.start() + len(trim_link(found.group()))) for found in _DOI.finditer(text)]
    for start, end in dois:
        yield _Candidate(start, end, "doi", (), None, None, 1.0)
    for found in _URL.finditer(text):
        start, end = found.start(), found.start() + len(trim_link(found.group()))
        before = bisect(dois, (end,)) - 1
        if before < 0 or dois[before][1] <= start:
            yield _Candidate(start, end, "url", (), None, None, 1.0)


def _credits(text: str) -> Iterator[_Candidate]:
    for start, line in _text_lines(text):
        offset = len(line) - len(BULLET.sub("", line, count=1))
        bare_line = line[offset:].rstrip()
        if found := _CREDIT.match(bare_line):
            who = re.sub(r"(?i)\s*[(,].*$|\s+(?:on|via|op)\s+.*$", "", found["who"]).strip(" .")
            yield _Candidate(
                start + offset, start + offset + len(bare_line), "credit", (who,) if who else (), None, None, 0.97
            )


def _text_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines, and of a table's rows the cells, each with the place where it starts."""
    start = 0
    for line in text.split("\n"):
        at = start
        for cell in line.split(" | "):
            yield at, cell
            at += len(cell) + 3
        start += len(line) + 1


# --- brackets


def _brackets(text: str, known: _Known, labels: Collection[str], page: Page, programme: bool) -> Iterator[_Candidate]:
    for found in _BRACKET.finditer(text):
        content = found[1] if found[1] is not None else found[2]
        start = found.start() + 1
        if found[2] is not None and (numbers := _numbers(content, start, labels)) is not None:
            yield from numbers
            continue
        years = re.match(
            rf"^\s*(?P<years>{_YEAR_LIST})(?P<locator>{_LOCATOR})?\s*(?P<rest>[,;]\s*\S.*)?$", content, re.DOTALL
        )
        if years and found[1] is not None:
            yield from _narrative(text, found.start(), found.end(), content, years, known, page)
            continue
        yield from _parenthetical(text, found, content, start, known, page, programme)


def _numbers(content: str, start: int, labels: Collection[str]) -> list[_Candidate] | None:
    """`[3]`, `[3, 5]`, `[3–5]`: numbers of entries in the list, as printed; None when this is something else."""
    if not re.fullmatch(r"\s*\d{1,4}(?:\s*(?:[,;–-]|en|and)\s*\d{1,4})*(?:,\s*pp?\.\s*[\d–-]+)?\s*", content):
        return None
    listed, _, place = re.sub(r",\s*(?=pp?\.)", "\x00", content).partition("\x00")
    numbers = list(re.finditer(r"\d{1,4}", listed))
    if not labels or not all(number.group() in labels for number in numbers):
        return []
    found = [
        _Candidate(start + number.start(), start + number.end(), "numbered", (), None, None, 0.97) for number in numbers
    ]
    if len(found) == 1:
        return [replace(found[0], start=start - 1, end=start + len(content) + 1, locator=place.strip() or None)]
    return found


def _parenthetical(
    text: str, bracket: re.Match[str], content: str, start: int, known: _Known, page: Page, programme: bool
) -> Iterator[_Candidate]:
    found: list[_Candidate] = []
    whole = True
    at = 0
    for segment in re.split(r"(;)", content):
        if segment != ";":
            cited = list(_segment(segment, start + at, known))
            whole = whole and bool(cited)
            found += cited
        at += len(segment)
    if not found:
        if bracket[1] is not None and not programme:
            yield from _alone(text, bracket, content, known, page)
        return
    if len(found) == 1 and whole:
        # One work in a bracket is printed with its bracket.
        found = [replace(found[0], start=bracket.start(), end=bracket.end())]
    yield from found


def _segment(segment: str, start: int, known: _Known) -> Iterator[_Candidate]:
    """The citations in one part of a bracket, between semicolons."""
    if second := _SECONDARY.search(segment):
        rest = segment[second.end() :]
        source = _dated(rest, start + second.end(), known)
        if source and not segment[: second.start()].strip():
            yield _with_form(
                source[0], start + second.start() + (len(second.group()) - len(second.group().lstrip())), "secondary"
            )
            yield from source[1:]
            return
        if source:
            first = _dated(segment[: second.start()], start, known)
            if first:
                yield from first
                lead = start + second.start() + len(re.match(r"^[,\s]*", segment[second.start() :]).group())  # type: ignore[union-attr]
                yield _with_form(source[0], lead, "secondary")
            elif _people(segment[: second.start()].strip(" ,"), known):
                yield _with_form(source[0], start + len(segment) - len(segment.lstrip()), "secondary")
            else:
                yield from source
            return
    yield from _dated(segment, start, known)


def _with_form(candidate: _Candidate, start: int, form: CitationForm) -> _Candidate:
    return replace(candidate, start=start, form=form)


def _dated(segment: str, start: int, known: _Known) -> list[_Candidate]:
    """`zie ook Ma, 2003, p. 4`: names and one or more years, the whole segment or its end."""
    match = re.match(
        rf"^(?P<head>\s*\S.*?)(?P<comma>,?)\s+\(?(?P<years>{_YEAR_LIST})\)?(?P<locator>{_LOCATOR})?\s*(?P<tail>,\s*(?:eigen|vertaling|own|our|emphasis|cursivering|nadruk|table|cursief)\b.*)?$",
        segment,
        re.DOTALL,
    )
    if not match:
        return []
    head = match["head"]
    offset = len(head) - len(head.lstrip())
    generic = False
    while intro := _INTRO.match(head[offset:]):
        if not re.search(r"\w", head[offset + intro.end() :]):
            break
        offset += intro.end()
    printed_from = len(head) - len(head.lstrip())
    people = _people(head[offset:], known)
    if not people:
        # A few words of one's own before the names: "een begrip van Van Gennep, 1909".
        words = list(re.finditer(r"\S+", head[offset:]))
        for word in words[1:8]:
            before = head[offset : offset + word.start()].split()
            if before[-1][0].islower() and before[-1].lower() not in PARTICLES - {"van", "in", "uit", "bij", "over"}:
                people = _people(head[offset + word.start() :], known)
                if people:
                    printed_from, generic = offset + word.start(), True
                    break
        if not people:
            return []
    names, many = people
    if not match["comma"] and len(names) == 1 and not many and names[0] not in known and not known.whole(names[0]):
        confidence, sure = 0.6 if names[0].isupper() else 0.75, False  # "NSE 2023", "Windows 2000"
    elif len(names) == 1 and not many:
        confidence, sure = 0.93, True
    else:
        confidence, sure = 0.98, True
    if generic:
        confidence -= 0.05
    if len(names) == 1 and _no_name(names[0]) and names[0] not in known:
        return []
    found: list[_Candidate] = []
    years = list(re.finditer(rf"{_YEARS}|(?<![\w.])[b-z](?![\w.])", match["years"]))
    base = start + match.start("years")
    last_year = ""
    for n, year in enumerate(years):
        said = year.group()
        if re.fullmatch("[b-z]", said):
            said = last_year[:4] + said
        last_year = said
        first, last = n == 0, n == len(years) - 1
        locator = match["locator"].strip(" ,:") if last and match["locator"] else None
        end = base + year.end()
        if last and match["locator"]:
            end = start + match.end("locator")
        begin = start + printed_from if first else base + year.start()
        found.append(_Candidate(begin, end, "parenthetical", names, said, locator, confidence, sure))
    return found


def _no_name(name: str) -> bool:
    words = fold(name).split()
    return not words or (all(word in _NO_NAMES or word.isdigit() for word in words)) or words[0] in _NO_NAMES


def _people(head: str, known: _Known) -> tuple[tuple[str, ...], bool] | None:
    """The names of a text that holds nothing else, and whether there are more than it names; None when it is no such text."""
    head = re.sub(r"\s+", " ", head).strip(" ,:“”\"'‘’")
    many = re.search(rf"(?:{_MANY}|,? e\.a)\.?$", head)
    if many:
        head = head[: many.start()].strip(" ,")
    head = re.sub(r"\s*[(\[][A-Za-z&-]{2,12}[)\]]$", "", head)  # an institution's own short form
    head = re.sub(r"['’]s$", "", head) if not many else head
    if not head or len(head) > 160 or re.search(r"[·•|]", head):
        return None
    if re.search(r"[.?!:]\s+[a-z]|\d|[?!:;/=<>@#%]", re.sub(INITIALS, "", head)):
        return None
    if known.whole(head):
        return (head,), bool(many)
    parts = [part for part in re.split(rf"{_AND}|,\s+", head) if part.strip()]
    if len(parts) > 1 and parts[0].isupper() and parts[0] not in known and all(part in known for part in parts[1:]):
        parts, head = parts[1:], head[len(parts[0]) :].lstrip(" ,")  # "(ESDA, Anselin, 1999)": what it is for, not who
    plain = all(re.fullmatch(_NAME, part) for part in parts)
    simple = plain and all(len(_family(part, known).split()) == 1 or part in known for part in parts)
    if simple and len(parts) > 1 and not _one_institution(head, parts):
        return tuple(_family(part, known) for part in parts), bool(many)
    if _institutional(head):
        joined = re.split(r",?\s+&\s+", head)
        if len(joined) > 1 and all(is_institution(part) for part in joined):
            first = joined[0].split(", ")
            return (*(first if all(map(is_institution, first)) else joined[:1]), *joined[1:]), bool(many)
        return (re.sub(r"^(?:de|het|the)\s+", "", head),), bool(many)
    if plain:
        if all(_no_name(part) and part not in known for part in parts):
            return None
        return tuple(_family(part, known) for part in parts), bool(many)
    return None


def _one_institution(head: str, parts: list[str]) -> bool:
    """Whether "Sociaal en Cultureel Planbureau" is one name: its last part is an institution's, its first no family's."""
    return is_institution(head) and (
        (is_institution(parts[-1]) and len(parts[-1].split()) > 1)
        or bool(re.match(r"(?i)ministerie|raad\b|inspectie|vereniging", head))
    )


def _institutional(head: str) -> bool:
    if not re.match(rf"^(?:[a-z]{{1,4}}\s)?{UPPER}", head) or not is_institution(head):
        return False
    small = "van|voor|de|het|der|den|en|of|for|the|and|in|op|aan|ten|on|to|&|'t|i\\.o\\."
    return (
        all(
            re.fullmatch(rf"(?:{small}|{UPPER}[\w.&'’/-]*|[a-z]{{1,4}}|[a-z]+-{UPPER}?[\w-]*),?", word)
            for word in head.split()
        )
        and len(head.split()) <= 14
    )


def _family(name: str, known: _Known) -> str:
    """The family name of a name as printed: without initials, and without a given name unless the whole is known."""
    name = re.sub(rf"^{INITIALS}\s+|['’]s$", "", name.strip())
    words = name.split()
    if known.whole(name) or len(words) == 1 or words[0].lower() in PARTICLES:
        return name
    for at in range(1, len(words)):
        rest = " ".join(words[at:])
        if known.whole(rest) or rest in known:
            return rest
        if words[at].lower() in PARTICLES:
            return rest
    return name


# --- names before a year in brackets

_BEFORE = re.compile(rf"(?<![\w'’-])(?P<names>{_NAME}(?:(?:,\s+|{_AND}){_NAME})*{_MANY}?)(?P<genitive>['’]s?)?\s*$")


def _narrative(
    text: str, open_at: int, close_at: int, content: str, years: re.Match[str], known: _Known, page: Page
) -> Iterator[_Candidate]:
    """`Bandura (1994)`, `volgens de Raad voor … (2018, p. 3)`, `Bandura (1977, geciteerd in Pajares, 2002)`."""
    start = max(0, open_at - 220)
    before = text[start:open_at]
    if not before.strip() or not before[-1].isspace():
        return
    closes = bool(re.compile(r"[ .;]*+(?:\n|\Z)").match(text, close_at))
    named = _institution_before(before, closes, known) or _names_before(before, known, page, text, open_at)
    rest = years["rest"] or ""
    second = _SECONDARY.search(rest) if rest else None
    if rest and not second and not re.match(rf"^[,;]\s*(?:{_YEARS})", rest):
        if named and (more := list(_segments_after(rest, open_at + 1 + years.start("rest"), known))):
            yield from more
        elif not re.match(r"^[,;]\s*(?:p\.|eigen|vertaling|own|emphasis|cursivering|n\s*=)", rest):
            return
    if not named:
        return
    offset, names, _, confidence, sure = named
    every = list(re.finditer(rf"{_YEARS}|(?<![\w.])[b-z](?![\w.])", years["years"]))
    locator = (years["locator"] or "").strip(" ,:") or None
    last_year = ""
    for n, year in enumerate(every):
        said = last_year[:4] + year.group() if re.fullmatch("[b-z]", year.group()) else year.group()
        last_year = said
        base = open_at + 1 + years.start("years")
        first, last = n == 0, n == len(every) - 1
        begin = start + offset if first else base + year.start()
        end = close_at if last and not second and len(every) == 1 else base + year.end()
        if last and locator and len(every) > 1:
            end = open_at + 1 + years.end("locator")
        yield _Candidate(begin, end, "narrative", names, said, locator if last else None, confidence, sure)
    if second:
        source = _dated(rest[second.end() :], open_at + 1 + years.start("rest") + second.end(), known)
        for one in source:
            yield _with_form(one, one.start, "secondary")


def _segments_after(rest: str, start: int, known: _Known) -> Iterator[_Candidate]:
    at = 0
    for segment in re.split(r"(;)", rest):
        if segment != ";":
            yield from _segment(segment.lstrip(","), start + at + len(segment) - len(segment.lstrip(",")), known)
        at += len(segment)


_Named = tuple[int, tuple[str, ...], bool, float, bool]
"""Where the names start, the names, whether there are more, the confidence, and whether they are sure."""


def _institution_before(before: str, closes: bool, known: _Known) -> _Named | None:
    if listed := known.at_end_of(before):
        return listed[0], (listed[1],), False, 0.97, True
    small = "van|voor|de|het|der|den|en|of|for|the|and|in|op|aan|ten|on|to|&"
    word = rf"(?:{UPPER}[\w&'’/-]*|(?:{small})(?=[\s]))"
    found = re.search(
        rf"(?:^|(?<=[\s(“\"•]))(?P<name>{UPPER}[\w&'’/-]*(?:,?\s{word})*)(?:\s[\[(][A-Z][\w&-]+[\])])?\s*$", before
    )
    if not found:
        return None
    name, offset = found["name"], found.start("name")
    # What opens the sentence is no part of the name: "According to the Raad …", "In Nederland heeft …".
    while (first := re.match(r"^(\S+)\s+", name)) and (fold(first[1]) in _OPENING or first[1].islower()):
        offset += first.end()
        name = name[first.end() :]
    words, parts = name.split(), re.split(rf"{_AND}|,\s+", name)
    if not _institutional(name) or _no_name(words[0]):
        return None
    if len(parts) > 1 and (
        all(part in known for part in parts) or (len(words) <= 3 and re.search(rf"{_AND}{WORD}$", name))
    ):
        return None  # two people, one of whom is called Bond
    if re.search(rf"\b(?:of|van|by|door|in|from)\s{WORD}{_AND}{WORD}$", name) and not says_institution(name):
        return None  # "the ABC Notebooks of Smith & Jones"
    if len(words) == 1 and not name.isupper():
        return None  # "Bond", "School": left to the names
    if not re.search(r"[^\s•●▪‣◦·–*]\s*$", before[:offset].rsplit("\n", 1)[-1]) and closes:
        return offset, (name,), False, 0.5, False  # a heading of its own: "Nationaal Programma Onderwijs (2021)"
    return offset, (name,), False, 0.93, len(words) > 1


def _names_before(before: str, known: _Known, page: Page, text: str, open_at: int) -> _Named | None:
    # No name holds one of these, so that the search need not begin before the last of them.
    found = _BEFORE.search(before, max(before.rfind(sign) for sign in "()[];:0123456789") + 1)
    if not found:
        return None
    written = found["names"]
    many = bool(re.search(rf"{_MANY}$", written))
    bare_list = re.sub(rf"{_MANY}$", "", written)
    # The names one by one, with the place of each.
    cuts = [0, *(m.end() for m in re.finditer(rf"{_AND}|,\s+", bare_list))]
    ends = [*(m.start() for m in re.finditer(rf"{_AND}|,\s+", bare_list)), len(bare_list)]
    parts = [(a, bare_list[a:b]) for a, b in zip(cuts, ends, strict=True) if bare_list[a:b].strip()]
    parts[0] = _without_opening(*parts[0], known)
    while len(parts) > 1 and not _may_be_first(parts, known):
        parts = parts[1:]
    offset, first = _without_opening(*parts[0], known)
    offset, first = _without_preposition(offset, first, known, page, before[: found.start() + offset])
    if not first or (len(first.split()) == 1 and first.islower()):
        return None
    names = tuple(_family(name, known) for name in [first, *(name for _, name in parts[1:])])
    if all(_no_name(name) and name not in known for name in names):
        return None
    if len(names) == 1 and not many and fold(names[0]) in _OPENING:
        return None
    at = found.start() + offset
    if len(names) > 1 or many:
        return at, names, many, 0.97, True
    if names[0] in known:
        return at, names, many, 0.97, True
    # One unknown name: inside a sentence it is somebody's; where a line begins any noun has a capital.
    ahead = before[:at].rstrip(" \t")
    word = re.search(r"[\w'’-]+(?=,?$)", ahead)
    inside = bool(word and (word.group()[0].islower() or fold(word.group()) in _OPENING)) or ahead.endswith(("—", "―"))
    if inside:
        return at, names, many, 0.9, True
    if re.match(r"(?i)(?:van|von|in|op|uit) (?:de[rn]?|het|'t|ten|ter)\b|(?:ter|ten|von|vander|vanden)\b", names[0]):
        return at, names, many, 0.85, False
    if _common(names[0].split()[-1]) or len(names[0].split()) > 1:
        return at, names, many, 0.55, False
    return at, names, many, 0.8, False


def _may_be_first(parts: list[tuple[int, str]], known: _Known) -> bool:
    """Whether a list of names starts here: not with a place or the word that opens the sentence."""
    name = parts[0][1]
    if name in known:
        return True
    if _no_name(name) or fold(name.split()[-1]) in _OPENING:
        return False
    # "In Leiden, Strange and Banning": the rest is known and this is not.
    return not (len(parts) > 2 and all(other in known for _, other in parts[1:]))


def _without_opening(offset: int, name: str, known: _Known) -> tuple[int, str]:
    """A name without the capitalised word that only opens the sentence: "Volgens Bandura"."""
    words = name.split()
    while (
        len(words) > 1
        and not known.whole(name)
        and fold(words[0]) in _OPENING
        and words[0].lower() not in {"van", "de", "den", "het", "der", "op", "in"}
    ):
        offset += len(name) - len(name[len(words[0]) :].lstrip())
        name = name[len(words[0]) :].lstrip()
        words = name.split()
    return offset, name


def _without_preposition(offset: int, name: str, known: _Known, page: Page, ahead: str) -> tuple[int, str]:
    """A name without the Dutch "van" or "in" that is a preposition and no particle: "het werk van Bandura (1994)".

    Dutch writes a particle with a capital where no given name stands before it, so a lone small "van" is a preposition
    there; "van der" and "van den" are not. English has no such word.
    """
    words = name.split()
    if len(words) < 2 or known.whole(name):
        return offset, name
    first, rest = words[0], name[len(words[0]) :].lstrip()
    without = (offset + len(name) - len(rest), rest)
    lone = words[1].lower() not in PARTICLES
    if first in {"in", "In", "op", "Op"} and lone:
        return _without_preposition(*without, known, page, ahead)
    if first in {"de", "het", "De", "Het"} and lone and is_institution(rest):
        return without
    if not first.islower():
        return offset, name
    if rest in known or (not lone and words[1][0].isupper()):
        return without  # "van Van der Goot"
    if first == "van" and lone and page.language != "en" and not re.search(r"\b(?:by|of|the|and)\s*$", ahead):
        return without
    return offset, name


# --- an author alone in brackets


def _alone(text: str, bracket: re.Match[str], content: str, known: _Known, page: Page) -> Iterator[_Candidate]:
    """`(Strayhorn)`, `(Hurtado & Carter)`: names and nothing else, behind a claim."""
    said = re.sub(r"\s+", " ", content).strip()
    intro = _INTRO.match(said)
    said = said[intro.end() :] if intro and known else said
    people = _people(said, known)
    if not people or len(said) > 80 or re.search(r"[\"“”]", said):
        return
    names, many = people
    if any(_no_name(name) and name not in known for name in names):
        return
    listed = all(name in known for name in names)
    if any(is_institution(name) or re.search(r"[A-Z]{2}", name) for name in names):
        if not listed:
            return
    elif not listed and any(fold(name) in _SCHOOLS for name in names):
        return
    elif not listed and len(names) > 1 and not many and not re.search(_AND, said):
        return  # "(Firefox, Chrome, Safari)": a list of things
    elif not listed and any(len(name.split()) > 1 and name.split()[0].lower() not in PARTICLES for name in names):
        return  # a given name and a family name: the speaker in a programme
    before = text[max(0, bracket.start() - _CLAIM) : bracket.start()].rstrip()
    after = text[bracket.end() : bracket.end() + _CLAIM]
    if len(names) == 1 and names[0].isupper() and _initials(before[-160:]).endswith(names[0]):
        return  # "World Meteorological Organization (WMO)": its short form
    closes = not after.strip() or bool(re.match(r"\s*(?:[.,;:!?”\"]|\n|$)", after))
    claim = _claim(before)
    if listed:
        confidence = 0.75 if closes or claim >= 4 else 0.6
    elif many or len(names) > 1:
        confidence = 0.85 if closes and claim >= 2 else 0.5
    elif (
        len(names[0]) >= 4
        and closes
        and claim >= 2
        and not any(_common(word) for word in names[0].split() if word not in PARTICLES)
    ):
        confidence = 0.8 if claim >= 4 else 0.72
    else:
        confidence = 0.4
    yield _Candidate(bracket.start(), bracket.end(), "author", names, None, None, confidence, False)


def _initials(text: str) -> str:
    """The first letters of a text's capitalised words."""
    return "".join(word[0] for word in re.findall(r"[^\W\d_]+", text) if word[0].isupper())


def _claim(before: str) -> int:
    """How many words of the bullet or sentence stand before a bracket."""
    # A wrapped bullet goes on over the line's end; a new bullet or a full stop begins another.
    last = re.split(r"[.!?]\s|\n\s*[•●▪‣◦·∙–—-]\s|\n\s*\n", before)[-1]
    return len(re.findall(r"[^\W\d_]{2,}", last))


@lru_cache(maxsize=4096)
def _common(word: str) -> bool:
    """Whether a word is Dutch or English rather than a name that no dictionary has."""
    from simplemma import is_known

    return any(is_known(form, language) for form in (word, word.lower()) for language in ("nl", "en"))


# --- lines of attribution


def _lines(text: str, known: _Known, page: Page, kind: Kind, programme: bool, field: Field) -> Iterator[_Candidate]:
    for start, line in _text_lines(text):
        if len(line) > 200:
            continue
        found = _ATTRIBUTION.match(line)
        if not found:
            continue
        head = found["head"]
        offset = 0
        while intro := _INTRO.match(head[offset:]):
            offset += intro.end()
        people = _people(head[offset:], known)
        if not people:
            continue
        names, many = people
        comma = head.rstrip().endswith(",") or line[found.end("head") : found.end("head") + 1] == ","
        led = bool(found["lead"].strip()) or offset > 0
        listed = all(name in known for name in names)
        if all(_no_name(name) and name not in known for name in names):
            continue
        if not comma and not listed:
            continue
        first_page = page.number == 1 and kind == "deck"
        if any(is_institution(name) for name in names):
            confidence, sure = (0.9 if listed or not first_page else 0.5), listed
        elif len(names) > 1 or many:
            confidence, sure = (0.95, True) if not first_page or listed else (0.6, False)
        elif len(names[0].split()) > 1 and not listed and names[0].split()[0].lower() not in PARTICLES:
            # Given and family name: a speaker and a year, unless a dash ascribes a saying.
            confidence, sure = (0.8 if re.search(r"[—―~]", found["lead"]) and not first_page else 0.4), False
        elif first_page and not listed:
            confidence, sure = 0.4, False
        else:
            confidence, sure = (0.93, True) if listed or led else (0.78, False)
        if programme and not listed:
            continue
        begin = start + found.start("head") + offset + len(head[offset:]) - len(head[offset:].lstrip())
        end = start + (found.end("locator") if found["locator"] else found.end("years"))
        years = re.findall(_YEARS, found["years"])
        yield _Candidate(
            begin,
            end,
            "line",
            names,
            years[0] if years else found["years"],
            (found["locator"] or "").strip(" ,:") or None,
            confidence,
            sure,
        )


def _triggered(text: str, known: _Known) -> Iterator[_Candidate]:
    """`volgens Strayhorn`, `in navolging van Didau`: a known name behind a word that cites."""
    for found in _TRIGGER.finditer(text):
        people = _people(found["names"], known)
        if not people or not all(name in known for name in people[0]) or re.search(r"['’]s?$", found["names"]):
            continue  # "volgens Turners boek" is about a book, not a place that cites
        names, _ = people
        yield _Candidate(found.start("names"), found.end("names"), "author", names, None, None, 0.6, False)
