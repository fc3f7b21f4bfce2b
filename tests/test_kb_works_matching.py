"""Matching: which entry or work a citation means, and how certain that is."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.citations import citations
from ingest.entries import entries
from ingest.entries.entry import parse
from kb.bibliography import authors
from kb.bibliography.names import cites_more_authors
from kb.model import Citation, Entry, Page
from kb.works.matching import cited_csl, match_entries, match_works

APA = """Ahn, M. Y., & Davis, H. H. (2020). Four kinds of belonging. Studies in Things, 45(3), 622–634. https://doi.org/10.1234/abc
Bandura, A. (1994). Self-efficacy. In V. S. Ramachaudran (Ed.), Encyclopedia of behaviour (Vol. 4, pp. 71–81). Academic Press.
Bandura, A. (1997). Self-efficacy: The exercise of control (2e druk). Freeman.
van der Goot, K., & Van der Groot, P. (2019a). Wat studenten bindt. Tijdschrift voor Onderwijs, 12, 1-10.
Ministerie van Onderwijs, Cultuur en Wetenschap. (2023, 12 september). Agenda voor het hoger onderwijs.
ECIO. (z.d.). Kennisbank studentenwelzijn. Geraadpleegd op 3 mei 2024, van https://www.ecio.nl/kennisbank
Vries, S. E. de, Jansen, J., … Koch, C. (2020). Why stay?: Explaining choices. Proceedings of the Third Conference, 12–15."""


def cite(text: str, *who: str, year: str | None = None, form: Any = "parenthetical") -> Citation:
    return Citation(1, 0, len(text), text, form, tuple(who), year)


def listed(*raw: str) -> list[Entry]:
    return [Entry(text, parse(text)) for text in raw]


RYAN = listed(
    "Ryan, R. M., & Deci, E. L. (2000a). Intrinsic motivation. Journal of X, 1(1), 1–9.",
    "Ryan, R. M., & Deci, E. L. (2000b). Self-determination. Journal of Y, 1(1), 1–9.",
    "Deci, E. L., & Ryan, R. M. (2000). Goal pursuits. Journal of Z, 1(1), 1–9.",
    "Dopmeijer, J., Nuijen, J., & Busch, M. (2021). Monitor. RIVM.",
    "Ministerie van Onderwijs, Cultuur en Wetenschap. (2019). Agenda.",
    "van Gennep, A. (1960). The rites of passage. Press. (Original work published 1909)",
    "ECIO. (z.d.). Kennisbank. https://www.ecio.nl",
)


@pytest.mark.parametrize(
    ("citation", "entry"),
    [
        (cite("Ryan & Deci, 2000b", "Ryan", "Deci", year="2000b"), 1),
        (cite("Deci & Ryan, 2000", "Deci", "Ryan", year="2000"), 2),
        (cite("Dopmeijer et al., 2021", "Dopmeijer", year="2021"), 3),
        (cite("Dopmeijer, Nuijen en Busch (2021)", "Dopmeijer", "Nuijen", "Busch", year="2021"), 3),
        (cite("(Dopmeijer)", "Dopmeijer", form="author"), 3),
        (cite("Ministerie van OCW, 2019", "Ministerie van OCW", year="2019"), 4),
        (cite("OCW, 2019", "OCW", year="2019"), 4),
        (cite("Van Gennep (1909/1960)", "Van Gennep", year="1909/1960"), 5),
        (cite("ECIO, z.d.", "ECIO", year="z.d."), 6),
        (cite("www.ecio.nl", form="url"), 6),
    ],
)
def test_a_citation_finds_its_entry(citation: Citation, entry: int) -> None:
    assert [found.candidate for found in match_entries([citation], RYAN) if found.sure] == [entry]


@pytest.mark.parametrize(
    "citation",
    [
        cite("Ryan & Deci, 2000", "Ryan", "Deci", year="2000"),
        cite("Dopmeijer, 2021", "Dopmeijer", year="2021"),
        cite("Dopmeijer et al., 2020", "Dopmeijer", year="2020"),
    ],
)
def test_a_doubtful_link_is_a_question(citation: Citation) -> None:
    found = match_entries([citation], RYAN)
    assert found
    assert not any(one.sure for one in found)


@pytest.mark.parametrize(
    "citation",
    [
        cite("Ryan & Jones, 2000a", "Ryan", "Jones", year="2000a"),
        cite("Dopmeijer et al., 2011", "Dopmeijer", year="2011"),
        cite("Foto: Ryan", "Ryan", form="credit"),
        cite("Kuh, 2008", "Kuh", year="2008"),
    ],
)
def test_a_citation_of_another_work_finds_none(citation: Citation) -> None:
    assert match_entries([citation], RYAN) == ()


def test_a_number_finds_the_entry_with_that_label() -> None:
    numbered = [Entry("x", {}, label="1"), Entry("y", {}, label="2")]
    found = match_entries([cite("[2, p. 14]", form="numbered")], numbered)
    assert [(match.candidate, match.score) for match in found] == [(1, 1.0)]


def test_over_the_collection_an_author_alone_is_a_question_and_author_and_year_are_not() -> None:
    works = [entry.csl for entry in RYAN]
    (certain,) = match_works(cite("Dopmeijer et al., 2021", "Dopmeijer", year="2021"), works)
    (asked,) = match_works(cite("(Dopmeijer)", "Dopmeijer", form="author"), works)
    assert (certain.candidate, certain.sure, asked.candidate, asked.sure) == (3, True, 3, False)


def test_a_citation_alone_makes_a_small_item() -> None:
    assert cited_csl(cite("van der Goot & SCP, 2019a", "van der Goot", "SCP", year="2019a")) == {
        "type": "document",
        "author": [{"family": "Goot", "non-dropping-particle": "van der"}, {"literal": "SCP"}],
        "issued": {"date-parts": [[2019]]},
        "year-suffix": "a",
    }
    assert cited_csl(cite("[3]", form="numbered")) == {}


def test_every_citation_of_a_paper_finds_its_entry() -> None:
    body = "Binding telt (Ahn & Davis, 2020; van der Goot & Van der Groot, 2019a). "
    body += "Volgens Bandura (1997) werkt het, zie ook (Bandura, 1994)."
    pages = [Page(1, body), Page(2, f"Literatuur\n{APA}")]
    found = entries(pages, kind="literature")
    cited = citations(pages, known={name for e in found for name in authors(e.csl)}, kind="literature")
    assert [(cited[one.citation].text, one.candidate) for one in match_entries(cited, found) if one.sure] == [
        ("Ahn & Davis, 2020", 0), ("van der Goot & Van der Groot, 2019a", 3), ("Bandura (1997)", 2), ("(Bandura, 1994)", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("Kappe et al., 2020", True), ("Kappe et\nal., 2020", True), ("Kappe e.a., 2020", True), ("Kappe c.s.", True),
        ("Kappe en\nanderen (2020)", True), ("Kappe and colleagues", True), ("Kappe & Alberts, 2020", False),
        ("Budget alliance, 2020", False),
    ],
)  # fmt: skip
def test_left_out_authors_are_recognised_also_over_a_line_end(text: str, more: bool) -> None:
    assert cites_more_authors(text) is more
