"""APA text: as people write it, for each type of work, with nothing printed twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.entries.reading import entries
from ingest.readers.detect import read
from ingest.slides import sense
from kb.bibliography import apa, apa_html
from kb.demonstration.build import build

READ_WITHOUT_ITS_GENRE = ["threshold concepts and troublesome knowledge"]
"""Titles of reports whose genre the reader of entries leaves out."""


def work(kind: str, **fields: Any) -> dict[str, Any]:
    """A work of 2014 by one author."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    author = [{"family": "Dijk", "given": "Jan-Willem Pieter", "non-dropping-particle": "van"}]
    return {"type": kind, "author": author, "issued": {"date-parts": [[2014]]}, "title": "Leren", **named}


EDITORS = [{"family": "Carson", "given": "E."}, {"family": "Cobelli", "given": "C."}]


def test_what_is_read_from_a_reference_list_is_printed_as_it_was_written(tmp_path: Path) -> None:
    differing, count = [], 0
    for path in build(tmp_path):
        reading = read(path.read_bytes(), path.name)
        pages = tuple(sense(reading.pages, kind=reading.kind, language=reading.language))
        for entry in entries(pages, kind=reading.kind):
            written = "".join(entry.raw.split())  # lines end elsewhere in each file
            count += 1
            if written not in {"".join(apa(entry.csl, locale).split()) for locale in ("nl", "en")}:
                differing.append(entry.raw)
    assert count > 150
    assert [raw for raw in differing if not any(title in raw.casefold() for title in READ_WITHOUT_ITS_GENRE)] == []


@pytest.mark.parametrize(
    ("csl", "dutch", "english"),
    [
        (
            work("book", edition="2", volume="3", publisher="Boom"),
            "Leren (2e druk, Vol. 3). Boom.",
            "Leren (2nd ed., Vol. 3). Boom.",
        ),
        (work("book", edition="11"), "Leren (11e druk).", "Leren (11th ed.)."),
        (work("book", edition="Herziene"), "Leren (Herziene druk).", "Leren (Herziene ed.)."),
        (work("book", translator=EDITORS[:1]), "Leren (E. Carson, Vert.).", "Leren (E. Carson, Trans.)."),
        (work("book", editor=EDITORS), "Leren (E. Carson & C. Cobelli, Red.).", "Leren (E. Carson & C. Cobelli, Eds.)."),
        (
            work("chapter", container_title="Handboek", editor=EDITORS, page="83-110", publisher="Boom"),
            "Leren. In E. Carson & C. Cobelli (Red.), Handboek (pp. 83–110). Boom.",
            "Leren. In E. Carson & C. Cobelli (Eds.), Handboek (pp. 83–110). Boom.",
        ),
        (
            work("thesis", genre="Proefschrift", publisher="Universiteit Leiden"),
            "Leren [Proefschrift, Universiteit Leiden].",
            "Leren [Proefschrift, Universiteit Leiden].",
        ),
        (work("report", genre="Rapport", number="4"), "Leren (Rapport Nr. 4).", "Leren (Rapport No. 4)."),
        (
                work("software", version="1.2", publisher="Zenodo"),
                "Leren (Versie 1.2) [Computersoftware]. Zenodo.",
                "Leren (Version 1.2) [Computer software]. Zenodo.",
            ),
            (work("thesis", publisher="Noordhoff"), "Leren [Thesis, Noordhoff].", "Leren [Thesis, Noordhoff]."),
            (work("dataset", publisher="DANS"), "Leren [Dataset]. DANS.", "Leren [Data set]. DANS."),
        (
                work("software", container_title="GitHub repository", publisher="GitHub"),
                "Leren [Computersoftware]. GitHub.",
                "Leren [Computer software]. GitHub.",
            ),
        (
            work("article-journal", container_title="Tijdschrift", volume="41", issue="2-3", page="D36-D42", publisher="X"),
            "Leren. Tijdschrift, 41(2–3), D36–D42.",
            "Leren. Tijdschrift, 41(2–3), D36–D42.",
        ),
        (
            work("article-journal", container_title="Tijdschrift", page="203-220", DOI="10.3200/JEXE.75.3.203-220"),
            "Leren. Tijdschrift, 203–220. https://doi.org/10.3200/JEXE.75.3.203-220",
            "Leren. Tijdschrift, 203–220. https://doi.org/10.3200/JEXE.75.3.203-220",
        ),
    ],
)  # fmt: skip
def test_each_type_of_work_has_its_form(csl: dict[str, Any], dutch: str, english: str) -> None:
    assert apa(csl, "nl") == f"van Dijk, J.-W. P. (2014). {dutch}"
    assert apa(csl, "en") == f"van Dijk, J.-W. P. (2014). {english}"


def test_an_edited_book_names_its_editors_once() -> None:
    book = {
        "type": "book",
        "editor": EDITORS,
        "issued": {"date-parts": [[2006]]},
        "title": "Leren",
        "publisher": "Boom",
    }
    assert apa(book, "nl") == "Carson, E., & Cobelli, C. (Red.). (2006). Leren. Boom."


def test_a_page_without_a_date_has_the_day_of_retrieval_and_a_dated_one_has_not() -> None:
    page = {
        "type": "webpage", "author": [{"literal": "UNESCO"}], "title": "Plan", "URL": "https://example.org/plan",
        "accessed": {"date-parts": [[2019, 4, 14]]},
    }  # fmt: skip
    assert apa(page, "nl") == "UNESCO. (z.d.). Plan. Geraadpleegd op 14 april 2019, van https://example.org/plan"
    assert apa(page, "en") == "UNESCO. (n.d.). Plan. Retrieved April 14, 2019, from https://example.org/plan"
    dated = {**page, "issued": {"date-parts": [[2018, 3, 2]]}}
    assert apa(dated, "nl") == "UNESCO. (2018, 2 maart). Plan. https://example.org/plan"


def test_of_more_than_twenty_authors_the_first_nineteen_and_the_last_are_named() -> None:
    many = [{"family": f"Naam{number:02}"} for number in range(1, 22)]
    shown = apa(work("book", author=many)).split(" (2014)")[0]
    assert shown.startswith("Naam01, Naam02, ")
    assert shown.endswith("Naam18, Naam19, … Naam21.")
    assert "Naam20" not in shown
    assert apa(work("book", author=many[:20])).split(" (2014)")[0].endswith("Naam19, & Naam20.")


def test_only_the_title_of_a_whole_work_and_the_container_of_a_part_are_in_italics() -> None:
    assert "(2014). <i>Leren</i>." in apa_html(work("book"))
    part = apa_html(work("article-journal", container_title="Tijdschrift", volume="3", issue="2"))
    assert "(2014). Leren. <i>Tijdschrift</i>, <i>3</i>(2)." in part
