"""Capitalised words that are no family names: places, months, parts of a document, schools, words that open a sentence."""

from __future__ import annotations

from functools import lru_cache

from kb.bibliography import fold
from kb.bibliography.items import MONTH_NUMBERS

# Capitalised words that stand before a year or in brackets and are no family names.
NO_NAMES = frozenset(
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
SCHOOLS = frozenset(
    """avans fontys saxion inholland windesheim hanze zuyd stenden nhl thomas gerrit artez codarts driestar marnix ipabo vrije
    radboud erasmus twente tilburg wageningen havo vwo vmbo mavo pabo roc mboraad ecio surf npuls unl nvao""".split()
)
# Capitalised words that open a sentence before a name.
OPENING = frozenset(
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


def is_no_name(name: str) -> bool:
    """Whether a name consists of words that are no family names, or begins with one."""
    words = fold(name).split()
    return not words or words[0] in NO_NAMES or all(word in NO_NAMES or word.isdigit() for word in words)


@lru_cache(maxsize=4096)
def is_common(word: str) -> bool:
    """Whether a Dutch or English dictionary has a word; most family names are in neither."""
    from simplemma import is_known  # loads its dictionaries, which takes half a second

    return any(is_known(form, language) for form in (word, word.lower()) for language in ("nl", "en"))
