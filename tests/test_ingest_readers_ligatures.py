"""Letters that a font draws as one sign without a name are put back, or the page is said to lack letters."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from ingest.readers import read
from ingest.readers.ligatures import lacking, put_back, replacements
from ingest.report import page_problems
from kb.model import LETTERS_LOST
from tests.writers import pdf

TEXT = """De motivatie van studenten is in de eerste periode sterk.
Een motiverende docent geeft feedback op de reflectie van de groep.
De organisatie van de introductie vraagt om participatie van iedereen.
Wie zich thuis voelt bij de opleiding heeft meer motivatie.
De relatie met medestudenten is een conditie voor integratie en binding.
Traditie en rituelen markeren de transitie naar het hoger onderwijs.
De definitie van succes verschilt per institutie en per situatie.
Evaluatie van de activiteiten laat een positieve beweging zien.
Sociale interactie helpt bij de constructie van een eigen plek.
Communicatie over verwachtingen is een investering in de toekomst.
Wie in het eerste jaar blijft komen, blijft vaak ook daarna komen.
De bibliotheek en de kantine zijn plekken waar je elkaar tegenkomt."""


def printed(text: str) -> bytes:
    """A PDF with these lines on its one page; \\x01 is a sign that its font has no name for."""
    shown = b" ".join(b"(%s) '" % line.encode("latin-1") for line in text.split("\n"))
    return pdf(b"BT /F1 11 Tf 20 TL 40 500 Td %s ET" % shown, size=(595, 842))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_letters_under_an_unnamed_sign_are_put_back() -> None:
    (page,) = read(printed(TEXT.replace("ti", "\x01")), "a.pdf").pages
    assert words(page.text) == words(TEXT)
    assert page.problem is None


@pytest.mark.parametrize("left", ["", " "])
def test_a_page_whose_letters_are_gone_is_partial_with_a_reason(left: str) -> None:
    reading = read(printed(TEXT.replace("ti", left)), "a.pdf")
    assert [page.problem for page in reading.pages] == [LETTERS_LOST]
    (reason,), is_partial = page_problems(reading.pages)
    assert is_partial
    assert str(reason).startswith("the text of page 1 lacks letters")


def test_a_whole_text_lacks_nothing() -> None:
    (page,) = read(printed(TEXT), "a.pdf").pages
    assert (words(page.text), page.problem) == (words(TEXT), None)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["reflec/t_ie moti/t_iverend rela/t_ie organisa/t_ie situa/t_ie"], {"/t_i": "ti"}),
        (["\x02nancieel e\x02ect", "o\x03ciel de\x02nitie spe\x02ek pro\x02el"], {"\x02": "fi"}),
        (["http://a.nl/t_index http://b.nl/t_item /t_intro"], {}),
        (["\x7f eerste punt", "\x7f tweede punt", "\x7f derde punt"], {}),
        (["\x01xq \x01zzv \x01qqw"], {}),
    ],
)
def test_letters_are_put_back_only_where_they_make_words(texts: list[str], expected: Mapping[str, str]) -> None:
    assert replacements(texts) == expected
    assert put_back("situa/t_ie", expected) == ("situatie" if "/t_i" in expected else "situa/t_ie")


@pytest.mark.parametrize(
    "text",
    [
        "Jansen Bakker Visser Meijer Mulder Groot Bos Vos Hendriks Leeuwen Dekker Brouwer Dijkstra Smits Linden Kok "
        * 8,
        "Die Würde des Menschen ist unantastbar. Sie zu achten und zu schützen ist Aufgabe aller Gewalt im Lande. " * 8,
        "x = a[n] + b[n]; y = max(x, 0); return [y for y in values if y > 0] # " * 12,
    ],
)
def test_names_code_and_other_languages_lack_nothing(text: str) -> None:
    assert lacking([text]) == [0]
