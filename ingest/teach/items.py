"""CSL items made by rule, to be rendered in many styles: works that do not exist, by people who do not exist.

Names, words and patterns of titles are our own, in Dutch and English. The same seed gives the same items.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

_FAMILIES = """Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Willems Kuipers Hoekstra Maas Verhoeven
Postma Timmermans Hermans Scholten Prins Blom Huisman Jonker Kramer Veenstra Schouten Wouters Claessens Peeters Maes Goossens
Claes Lambrechts Dubois Moreau Fontaine Walker Turner Harris Cooper Bennett Parker Hughes Foster Simmons Barnes Fletcher Marsh
Whitaker Ellsworth O'Neill McCarthy MacLeod Müller Schäfer Krüger Weiß Bergström Lindqvist Sørensen Nielsen Korhonen Nowak
Kowalczyk Novák Horváth Popescu Ivanov Rossi Bianchi Esposito García Fernández Silva Santos Nguyen Tran Zhang Wang Li Chen Kim
Park Tanaka Sato Yılmaz Öztürk Haddad Rahman Singh Patel Okafor Mensah Smith-Jones Veldhuis-Bakker Winter-Collins""".split()
_PARTICLES = ("van", "van der", "van den", "de", "ter", "van de", "den", "von", "van 't")
_GIVEN = """Anna Bram Carla Daan Eva Femke Gijs Hanna Iris Jeroen Karel Lotte Maaike Niels Otto Pieter Quinten Ruth Sanne Thijs
Ursula Vera Willem Yvonne Zoë James Mary Robert Linda Michael Susan David Karen Thomas Nancy Jean-Paul Marie-Claire Li Wei
Ahmed Fatima Giulia Sofía João Björn Astrid Piotr""".split()
_NOUNS = {
    "nl": """studenten docenten leerlingen binding welzijn motivatie studiesucces uitval diversiteit feedback toetsing begeleiding
    onderwijs leeromgeving samenwerking burgerschap taalvaardigheid digitalisering duurzaamheid kwaliteit loopbaan stage
    zelfregulatie participatie gezondheid prestaties identiteit curriculum lerarenopleiding arbeidsmarkt wetenschap beleid
    stedelijke vernieuwing jeugdzorg armoede klimaat energie landbouw waterbeheer erfgoed literatuur democratie""".split(),
    "en": """students teachers pupils belonging wellbeing motivation achievement dropout diversity feedback assessment guidance
    education environments collaboration citizenship literacy technology sustainability quality careers internships
    self-regulation participation health performance identity curriculum preparation markets science policy regeneration
    welfare poverty climate energy agriculture heritage literature democracy memory attention networks proteins surfaces
    turbulence optimization inference algorithms sensors membranes catalysts genomes galaxies sediments""".split(),
}  # fmt: skip
_ADJECTIVES = {
    "nl": "sociale hybride formatieve academische regionale nieuwe stille veerkrachtige inclusieve professionele eerste duurzame "
    "digitale historische lokale vroege".split(),
    "en": "social hybrid formative academic regional novel silent resilient inclusive professional early sustainable digital "
    "historical local adaptive robust deep sparse thermal".split(),
}  # fmt: skip
_TITLES = {
    "nl": (
        "{A} {n} in het hoger onderwijs", "De rol van {n} bij {n}", "{N} en {n}: een {a} perspectief", "Naar {a} {n}",
        "Wat werkt bij {n}? Een onderzoek naar {a} {n}", "{N} onder eerstejaars: oorzaken en gevolgen van {n}",
        "Handboek {n}", "Effecten van {n} op {a} {n}", "{N}", "Tussen {n} en {n}. Een studie van {a} {n} in Nederland",
        "Waarom {n} ertoe doen", "Monitor {n} {y}", "‘{N}’ als opdracht: {a} {n} in de praktijk",
    ),
    "en": (
        "{A} {n} in higher education", "The role of {n} in {a} {n}", "{N} and {n}: A {a} perspective", "Towards {a} {n}",
        "What works in {n}? A review of {a} {n}", "{N} among first-year {n}: Causes and consequences", "Handbook of {n}",
        "Effects of {n} on {a} {n}", "{N}", "Between {n} and {n}. A study of {a} {n} in Europe", "Why {n} matter",
        "A survey of {a} {n} for {a} {n}", "On the {n} of {a} {n}", "{N} by design", "Measuring {n} with {a} {n} in R",
        "Learning {a} {n} from {n}", "“{N}” revisited: {a} {n}, {n} and {n}",
    ),
}  # fmt: skip
_JOURNALS = {
    "nl": ("Tijdschrift voor {N}", "Pedagogische {N}", "{N}", "Mens en {N}", "{N} en {N}", "Nederlands Tijdschrift voor {N}"),
    "en": ("Journal of {N}", "{N} Review", "European Journal of {N}", "{N}", "International Journal of {A} {N}", "Annals of {N}",
           "{N} and {N}", "J. {A} {N}", "Studies in {A} {N}", "{A} {N} Letters"),
}  # fmt: skip
_MEETINGS = (
    "Proceedings of the {n} Conference on {N}",
    "Advances in {N}",
    "Proceedings of the International Workshop on {A} {N}",
)
_BOOKS = {"nl": ("Handboek {n}", "Perspectieven op {n}", "{N} in beweging"),
          "en": ("Handbook of {n}", "Perspectives on {a} {n}", "The Oxford companion to {n}")}  # fmt: skip
_PUBLISHERS = (
    "Boom", "Coutinho", "Lemma", "Garant", "Noordhoff", "Uitgeverij De Brug", "Cambridge University Press", "Routledge",
    "Springer", "Sage", "Oxford University Press", "Academic Press", "Northlake Press", "Wiley", "MIT Press",
)  # fmt: skip
_PLACES = ("Amsterdam", "Utrecht", "Den Haag", "Groningen", "Antwerpen", "London", "New York", "Cambridge", "Berlin",
           "Boston, MA", "Oxford", "Cham", "Thousand Oaks, CA", "Leiden")  # fmt: skip
_INSTITUTIONS = {
    "nl": ("Ministerie van Onderwijs, Cultuur en Wetenschap", "Inspectie van het Onderwijs", "Sociaal en Cultureel Planbureau",
           "Vereniging Hogescholen", "RIVM", "Centraal Bureau voor de Statistiek", "Onderwijsraad", "Expertisecentrum Noord"),
    "en": ("World Health Organization", "OECD", "National Research Council", "European Commission", "UNESCO",
           "Department for Education", "R Core Team", "Institute of Northern Studies"),
}  # fmt: skip
_TYPES = (
    ("article-journal",) * 6
    + ("book",) * 3
    + ("chapter",) * 2
    + ("paper-conference",) * 2
    + ("report", "thesis", "webpage")
)


def items(seed: int, count: int, language: str) -> list[dict[str, Any]]:
    """So many items in Dutch (`nl`) or English (`en`)."""
    draw = random.Random(seed)  # noqa: S311  (repeatable, not secret)
    return [dict(_item(draw, language, n)) for n in range(count)]


def _item(draw: random.Random, language: str, n: int) -> Iterator[tuple[str, Any]]:
    kind = draw.choice(_TYPES)
    year = draw.randint(1968, 2025)
    yield from {"id": f"i{n}", "type": kind, "language": language}.items()
    yield "title", _filled(draw, draw.choice(_TITLES[language]), language, year)
    is_institution = kind in {"report", "webpage"} and draw.random() < 0.7
    yield "author", [{"literal": draw.choice(_INSTITUTIONS[language])}] if is_institution else _people(draw)
    yield (
        "issued",
        {"date-parts": [[year] if draw.random() < 0.7 else [year, draw.randint(1, 12), draw.randint(1, 28)]]},
    )
    if kind == "article-journal":
        yield "container-title", _filled(draw, draw.choice(_JOURNALS[language]), language, year)
        yield "volume", str(draw.randint(2, 99))
        if draw.random() < 0.75:
            yield "issue", str(draw.randint(1, 12))
    if kind == "chapter":
        yield "container-title", _filled(draw, draw.choice(_BOOKS[language]), language, year)
        yield "editor", _people(draw)[:3]
    if kind == "paper-conference":
        yield "container-title", _filled(draw, draw.choice(_MEETINGS), "en", year)
    if kind in {"article-journal", "chapter", "paper-conference"} and draw.random() < 0.9:
        first = draw.randint(101, 899)
        yield "page", f"{first}-{first + draw.randint(3, 40)}"
    if kind in {"book", "chapter", "report", "paper-conference", "thesis"}:
        yield "publisher", draw.choice(_PUBLISHERS)
        yield "publisher-place", draw.choice(_PLACES)
    if kind == "book" and draw.random() < 0.3:
        yield "edition", str(draw.randint(2, 6))
    if kind == "webpage" or draw.random() < 0.1:
        yield "URL", f"https://www.example.org/{draw.choice(_NOUNS['en'])}/{draw.randint(10, 999)}"
        yield "accessed", {"date-parts": [[draw.randint(2015, 2025), draw.randint(1, 12), draw.randint(1, 28)]]}
    elif draw.random() < 0.4:
        yield "DOI", f"10.{draw.randint(1000, 9999)}/{draw.choice(_NOUNS['en'])[:4]}.{draw.randint(100, 99999)}"


def _people(draw: random.Random) -> list[dict[str, str]]:
    """One to seven people, some with particles."""
    people = []
    for _ in range(draw.choice((1, 1, 2, 2, 3, 3, 4, 5, 7))):
        name = {"family": draw.choice(_FAMILIES), "given": draw.choice(_GIVEN)}
        if draw.random() < 0.3:
            name["given"] += f" {draw.choice('ABCDEFGHJKLMNPRSTVW')}."
        if draw.random() < 0.15:
            name["non-dropping-particle"] = draw.choice(_PARTICLES)
        people.append(name)
    return people


def _filled(draw: random.Random, pattern: str, language: str, year: int) -> str:
    """A pattern with words for its places; `{N}` and `{A}` with a capital, `{y}` the year."""
    while "{" in pattern:
        at = pattern.index("{")
        place = pattern[at + 1]
        words = _ADJECTIVES[language] if place in "aA" else _NOUNS[language]
        word = str(year) if place == "y" else draw.choice(words)
        pattern = pattern[:at] + (word.capitalize() if place.isupper() else word) + pattern[at + 3 :]
    return pattern[0].upper() + pattern[1:]
