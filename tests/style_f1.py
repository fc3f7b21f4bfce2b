"""How well reference lists of many styles are read: invented works, rendered by citeproc-py, read back field by field.

    python -m tests.style_f1 [--style NAME]… [--misses] [--count 60]

A list per style and language: a heading, the entries wrapped at 90 characters as a PDF gives them. Titles and names are not
those that the labeller was taught with; every second style was never used in teaching (a `*` marks it; a relative of it may
have been). Styles that print no titles are left out. Scored as `tests.reference_f1` scores the papers.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.entries import entries
from ingest.teach.rendering import printed
from ingest.teach.training import style_names
from kb.model import Page
from tests.reference_f1 import Tally, score

STYLES = """apa chicago-author-date ieee harvard-cite-them-right elsevier-vancouver modern-language-association nature
association-for-computational-linguistics association-for-computing-machinery springer-lecture-notes-in-computer-science
american-medical-association american-chemical-society springer-basic-author-date elsevier-harvard annual-reviews frontiers
wiley-vch-books acm-sig-proceedings the-lancet iso690-author-date-en american-political-science-association""".split()
_FAMILIES = """Akkerman Boersma Cuijpers Dijkgraaf Engelen Fokkema Geurts Haverkamp IJzerman Jorritsma Koopmans Leeflang
Noordhof Oosting Pronk Rietveld Slagter Terpstra Uitdehaag Vlasblom Wesseling Zonneveld Ashworth Bloomfield Crawley Dunmore
Eastwood Farnham Godfrey Hargreaves Ingram Kingsley Lockhart Merriman Norwood Pemberton Quigley Redgrave
Stanhope Thackeray""".split()
_GIVEN = "Arend Bea Cor Dirk Elske Frits Greta Hugo Inge Jelle Alice Brian Clara Derek Edith Frank Grace Henry Irene Jack".split()
_PARTICLES = ("van", "van der", "de", "ten")
_TITLES = {
    "nl": """Vroege signalen van vastlopen in het eerste jaar|Leren van fouten|Rekenen met breuken: een kwestie van tijd
De stad als klaslokaal|Wie blijft er over? Over voortijdig schoolverlaten|Muziekles en concentratie bij kleuters
Mentoraat op afstand|Van nature nieuwsgierig|Huiswerk in de brugklas: zin en onzin|Een kleine geschiedenis van het schoolbord
Talige hindernissen op het mbo|Buiten spelen helpt|Hoe ouders kiezen|Samen lezen, samen denken|Grenzen aan maatwerk
Tien jaar passend beleid: een terugblik|Slaap, stress en schoolcijfers|Leraar worden in de avonduren
De waarde van verveling|Oefenen onder druk""",
    "en": """Early signs of falling behind in the first year|Learning from mistakes|Fractions: A matter of time
The city as a classroom|Who is left? On leaving school early|Music lessons and concentration in young children
Mentoring at a distance|Curious by nature|Homework in secondary school: Sense and nonsense|A short history of the blackboard
Language barriers in vocational training|Playing outdoors helps|How parents choose|Reading together, thinking together
The limits of tailoring|Ten years of inclusive policy: A retrospective|Sleep, stress and grades|Evening routes into teaching
The value of boredom|Practising under pressure""",
}
_JOURNALS = {
    "nl": ("Tijdschrift voor Onderwijsrecht", "School en Samenleving", "Didactief", "Pedagogiek in Praktijk"),
    "en": (
        "Journal of Schooling",
        "Teaching and Society",
        "Northern Review of Education",
        "Classroom Studies Quarterly",
    ),
}
_BOOKS = {"nl": ("Jaarboek onderwijs", "De school van morgen"), "en": ("Yearbook of schooling", "Schools of tomorrow")}
_PUBLISHERS = (
    ("Zuiderpers", "Zwolle"),
    ("Meridian Press", "Dublin"),
    ("Uitgeverij Kade", "Rotterdam"),
    ("Oakfield", "Leeds"),
)
_KINDS = ("article-journal", "article-journal", "book", "chapter", "article-journal", "paper-conference")
_OWN_NUMBER = re.compile(r"^(\W?)1(\W?\s?)(?=\D)")


def works(language: str, count: int, seed: int = 41) -> list[dict[str, Any]]:
    """So many works that do not exist, as CSL items; the same for the same seed."""
    draw = random.Random(seed)
    titles = re.split(r"\||\n", _TITLES[language])
    return [_work(draw, titles[n % len(titles)], language, n) for n in range(count)]


def _work(draw: random.Random, title: str, language: str, n: int) -> dict[str, Any]:
    kind = _KINDS[n % len(_KINDS)]
    first = draw.randint(1, 899)
    item: dict[str, Any] = {"id": f"w{n}", "type": kind, "title": title, "language": language}
    item |= {"author": _people(draw), "issued": {"date-parts": [[draw.randint(1975, 2024)]]}}
    if kind == "article-journal":
        item |= {"container-title": draw.choice(_JOURNALS[language]), "volume": str(draw.randint(1, 60))}
        item |= {"issue": str(draw.randint(1, 8)), "DOI": f"10.{draw.randint(1000, 9999)}/js.{first}.{n}"}
    else:
        item["publisher"], item["publisher-place"] = draw.choice(_PUBLISHERS)
    if kind in {"chapter", "paper-conference"}:
        item |= {"container-title": draw.choice(_BOOKS[language]), "editor": _people(draw)[:2]}
    if kind != "book":
        item["page"] = f"{first}-{first + draw.randint(2, 30)}"
    return item


def _people(draw: random.Random) -> list[dict[str, str]]:
    people = []
    for _ in range(draw.choice((1, 2, 2, 3, 4))):
        name = {"family": draw.choice(_FAMILIES), "given": draw.choice(_GIVEN)}
        if draw.random() < 0.2:
            name["given"] += f" {draw.choice('ABDEHJLMW')}."
        if draw.random() < 0.12:
            name["non-dropping-particle"] = draw.choice(_PARTICLES)
        people.append(name)
    return people


def rendered_list(items: Sequence[Mapping[str, Any]], style: str, language: str) -> str:
    """A page with the items' list in a style; numbered where the style numbers."""
    texts = [text for text, _ in printed(items, style, language)]
    if all(_OWN_NUMBER.match(text) for text in texts):
        texts = [_OWN_NUMBER.sub(rf"\g<1>{n}\g<2> ", text) for n, text in enumerate(texts, 1)]
    heading = {"nl": "Literatuur", "en": "References"}[language]
    return "\n".join([heading, *(line for text in texts for line in textwrap.wrap(text, 90))])


def truth(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as `tests.reference_f1` has deposited entries."""
    names = [f"{name.get('non-dropping-particle', '')} {name['family']}".strip() for name in item["author"]]
    year = item["issued"]["date-parts"][0][0]
    return {"authors": names, "year": year, "title": item["title"], "doi": item.get("DOI")}


def measure(style: str, language: str, count: int) -> Tally:
    """Render a list, read it and count."""
    items = works(language, count)
    page = Page(1, rendered_list(items, style, language))
    tally = Tally()
    score([truth(item) for item in items], entries([page], kind="literature"), tally, f"{style} {language}")
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line per style and language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--style", action="append", help="only this style (repeatable)")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--misses", action="store_true", help="print every disagreement")
    chosen = parser.parse_args(arguments)
    kept = set(style_names(taught=False))
    fields = ("entry", "title", "year", "authors")
    sys.stdout.write(f"{'style':52}" + "".join(f"{name:>8}" for name in fields) + "\n")
    for style in chosen.style or STYLES:
        for language in ("nl", "en"):
            tally = measure(style, language, chosen.count)
            if chosen.misses:
                sys.stdout.write("".join(f"{miss}\n" for miss in tally.misses))
            scores = "".join(f"{tally.f1(name)[2]:8.2f}" for name in fields)
            sys.stdout.write(f"{style + ('*' if style in kept else ''):49}{language:3}{scores}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
