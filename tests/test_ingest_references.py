"""Reference lists become entries, bibliography files come in, citations find their entry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.entries import entries, import_records
from ingest.entries.entry import parse
from kb.bibliography import authors, person, title, year
from kb.errors import EmptyDocument, TooBig, UnreadableDocument, UnsupportedFormat
from kb.model import Page

APA = """Ahn, M. Y., & Davis, H. H. (2020). Four kinds of belonging. Studies in Things, 45(3), 622–634. https://doi.org/10.1234/abc
Bandura, A. (1994). Self-efficacy. In V. S. Ramachaudran (Ed.), Encyclopedia of behaviour (Vol. 4, pp. 71–81). Academic Press.
Bandura, A. (1997). Self-efficacy: The exercise of control (2e druk). Freeman.
van der Goot, K., & Van der Groot, P. (2019a). Wat studenten bindt. Tijdschrift voor Onderwijs, 12, 1-10.
Ministerie van Onderwijs, Cultuur en Wetenschap. (2023, 12 september). Agenda voor het hoger onderwijs.
ECIO. (z.d.). Kennisbank studentenwelzijn. Geraadpleegd op 3 mei 2024, van https://www.ecio.nl/kennisbank
Vries, S. E. de, Jansen, J., … Koch, C. (2020). Why stay?: Explaining choices. Proceedings of the Third Conference, 12–15."""


def parsed(raw: str) -> tuple[tuple[str, ...], int | None, str]:
    csl = parse(raw)
    return authors(csl), year(csl), title(csl)


def test_a_list_is_split_into_its_entries() -> None:
    found = entries([Page(1, "Tekst (Bandura, 1994)."), Page(2, f"Literatuur\n{APA}")], kind="literature")
    assert [e.raw for e in found] == APA.split("\n")
    assert [(authors(e.csl)[0], year(e.csl)) for e in found] == [
        ("Ahn", 2020), ("Bandura", 1994), ("Bandura", 1997), ("van der Goot", 2019),
        ("Ministerie van Onderwijs, Cultuur en Wetenschap", 2023), ("ECIO", None), ("de Vries", 2020),
    ]  # fmt: skip
    text = f"Literatuur\n{APA}"
    assert [text[e.start or 0 : e.end] for e in found] == APA.split("\n")


def test_an_article_is_read_into_its_fields() -> None:
    csl = parse(APA.split("\n")[0])
    assert csl == {
        "type": "article-journal",
        "author": [{"family": "Ahn", "given": "M. Y."}, {"family": "Davis", "given": "H. H."}],
        "issued": {"date-parts": [[2020]]},
        "title": "Four kinds of belonging",
        "container-title": "Studies in Things", "volume": "45", "issue": "3", "page": "622-634", "DOI": "10.1234/abc",
    }  # fmt: skip


def test_a_chapter_is_read_with_its_editor_and_its_book() -> None:
    csl = parse(APA.split("\n")[1])
    assert (csl["type"], csl["container-title"], csl["volume"], csl["page"], csl["publisher"]) == (
        "chapter", "Encyclopedia of behaviour", "4", "71-81", "Academic Press",
    )  # fmt: skip
    assert csl["editor"] == [{"family": "Ramachaudran", "given": "V. S."}]


def test_particles_letters_editions_and_dates_of_access_are_read() -> None:
    goot, web, book, ministry = (parse(APA.split("\n")[n]) for n in (3, 5, 2, 4))
    assert goot["author"] == [person("van der Goot", "K."), person("Van der Groot", "P.")]
    assert goot["year-suffix"] == "a"
    assert (web["URL"], web["accessed"], web["type"]) == (
        "https://www.ecio.nl/kennisbank",
        {"date-parts": [[2024, 5, 3]]},
        "webpage",
    )
    assert "issued" not in web
    assert (book["edition"], book["title"], book["type"]) == ("2", "Self-efficacy: The exercise of control", "book")
    assert ministry["issued"] == {"date-parts": [[2023, 9, 12]]}
    assert ministry["author"] == [{"literal": "Ministerie van Onderwijs, Cultuur en Wetenschap"}]


STYLES = [
    ("Alpigini, James J. 2004. “Seeing Systems.” Information Things 3 (4):271–87. https://doi.org/10.1234/p.9",
     ("Alpigini",), 2004, "Seeing Systems"),
    ("Bradley, Elizabeth, and Holger Kantz. 2015. “Series Revisited.” Chaos: A Journal 25 (9):097610.",
     ("Bradley", "Kantz"), 2015, "Series Revisited"),
    ("Strogatz, Steven H. 2014. Nonlinear Dynamics. 2nd ed. Boulder, CO: Westview Press.",
     ("Strogatz",), 2014, "Nonlinear Dynamics"),
    ("Kuh, G. D., 2008. High-impact practices. Washington: AAC&U.", ("Kuh",), 2008, "High-impact practices"),
    ("A. Bandura and B. Jones, “Self-efficacy in groups,” Psych. Rev., vol. 3, no. 2, pp. 1–9, 1994.",
     ("Bandura", "Jones"), 1994, "Self-efficacy in groups"),
    ("V. Tinto and B. de Vries, Leaving College, 2nd ed. Chicago: UCP, 1993.", ("Tinto", "de Vries"), 1993, "Leaving College"),
    ("ECIO, “Kennisbank,” 2023. [Online]. Available: https://ecio.nl. [Accessed: 3 May 2024].", ("ECIO",), 2023, "Kennisbank"),
    ("Smith J, de Vries K. Finding a place. J Things. 2014;3(2):62-5.", ("Smith", "de Vries"), 2014, "Finding a place"),
    ("Gowers, Richard J., Linke, Max, & Beckstein, Oliver. (2016). A package. Proceedings of the Conference, 98–105.",
     ("Gowers", "Linke", "Beckstein"), 2016, "A package"),
    ("Dijk, T. van, & Jansen, K. (red.). (2018). Handboek studentbegeleiding. Coutinho.",
     ("van Dijk", "Jansen"), 2018, "Handboek studentbegeleiding"),
    ("De Jong, R. (2015, 4 mei). Student voelt zich eenzaam. de Volkskrant. https://www.volkskrant.nl/artikel",
     ("De Jong",), 2015, "Student voelt zich eenzaam"),
    ("Deci, E.L., Ryan, R.M. (2000) ‘The “what” and “why” of goals’, Psychological Inquiry, 11(4), pp. 227-268.",
     ("Deci", "Ryan"), 2000, "The “what” and “why” of goals"),
    ("OECD (2019), Education at a Glance 2019: OECD Indicators, OECD Publishing, Paris.",
     ("OECD",), 2019, "Education at a Glance 2019: OECD Indicators"),
    ("Prins, H., 2019, Welzijn op de campus, Utrecht: Trimbos-instituut.", ("Prins",), 2019, "Welzijn op de campus"),
    ("Studentenwelzijn. (2023, 12 september). In Wikipedia. https://nl.wikipedia.org/wiki/X", (), 2023, "Studentenwelzijn"),
    ("Zwart, R. C., & Noordewier, S. [Saskia]. (2015). Coachen. VU.", ("Zwart", "Noordewier"), 2015, "Coachen"),
    ("Pulay, P. (1980). Convergence of sequences. The case of iteration. Chemical Letters, 73(2), 393–398.",
     ("Pulay",), 1980, "Convergence of sequences. The case of iteration"),
    ("Bennett, S. (2009). Libraries and learning. portal: Libraries and the Academy, 9(2), 181–197.",
     ("Bennett",), 2009, "Libraries and learning"),
    ("RIVM, Trimbos-instituut, & GGD GHOR Nederland. (2021). Monitor. RIVM.",
     ("RIVM", "Trimbos-instituut", "GGD GHOR Nederland"), 2021, "Monitor"),
    ("Sawyer, R. K. (Ed.). (2006). The handbook. Cambridge University Press.", ("Sawyer",), 2006, "The handbook"),
    ("Last, B. (2023). Binding by design [PowerPoint-slides]. Hogeschool X.", ("Last",), 2023, "Binding by design"),
    ("Dopmeijer, J. M. (2021). Running on empty [Proefschrift, Universiteit van Amsterdam].",
     ("Dopmeijer",), 2021, "Running on empty"),
    ("Wat maakt dat je blijft? Een handreiking. (2020). https://example.org/x",
     (), 2020, "Wat maakt dat je blijft? Een handreiking"),
    ("Strayhorn, T. L. (in druk). College belonging. Routledge.", ("Strayhorn",), None, "College belonging"),
    ("Hahsler, M. (2017). Rules with R. R Journal, 9(2), 163–175.", ("Hahsler",), 2017, "Rules with R"),
    ("Boyle, J. (2015). When is it better? A review of cases. Journal of Cases, 3(1), 1–9.",
     ("Boyle",), 2015, "When is it better? A review of cases"),
    ("Benjamin, A. S. (2010). What makes practice work? Cognitive Things, 61(3), 228–247.",
     ("Benjamin",), 2010, "What makes practice work?"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "who", "when", "what"), STYLES, ids=[case[0][:30] for case in STYLES])
def test_a_style_is_told_by_where_its_year_stands(raw: str, who: tuple[str, ...], when: int | None, what: str) -> None:
    assert parsed(raw) == (who, when, what)


@pytest.mark.parametrize(
    "raw", ["Zie de website van de opleiding.", "", "12", "Dit is geen bron maar een zin uit 2020 over iets."]
)
def test_what_is_not_understood_stays_raw(raw: str) -> None:
    assert parse(raw) == {}


def test_wrapped_lines_words_and_addresses_become_whole() -> None:
    text = (
        "References\nLim, P., Jones, B., & Ford\nVersypt, A. (2021). Virtual train-\ning on envi-\nronments. Journal of Open\n"
        "Things, 4(46), 130. https://doi.org/10.\n21105/jose.00130\nRStudio Team. (2019). RStudio. http:\n//www.rstudio.com"
    )
    first, second = entries([Page(1, text)], kind="literature")
    assert first.csl["DOI"] == "10.21105/jose.00130"
    assert authors(first.csl) == ("Lim", "Jones", "Ford Versypt")
    assert title(first.csl) == "Virtual training on environments"
    assert second.csl["URL"] == "http://www.rstudio.com"


def test_an_entry_runs_over_a_page_and_its_running_foot() -> None:
    foot = "Ernest et al. (2023). Ecological things: A course. Journal of Open Source Education."
    pages = [
        Page(1, f"Intro text of the paper\n{foot}\n1"),
        Page(
            2,
            "References\nBada, S. (2015). Learning. Journal of X, 5(6), 66–70.\n"
            f"Dietze, M. C., Fox, A., & Larsen, L. (2018). Iterative\n{foot}\n2",
        ),
        Page(
            3,
            "near-term forecasting. Proceedings of Y, 115(7), 1424–1432.\n"
            f"Ernest, S. (2020). Deserts. BioRxiv, 332783.\n{foot}\n3",
        ),
    ]
    found = entries(pages, kind="literature")
    assert [title(e.csl) for e in found] == ["Learning", "Iterative near-term forecasting", "Deserts"]
    assert [e.number for e in found] == [2, 2, 3]
    assert pages[1].text[found[1].start or 0 : found[1].end] == "Dietze, M. C., Fox, A., & Larsen, L. (2018). Iterative"


def test_a_numbered_list_keeps_its_labels() -> None:
    text = "Bronnen\n1. Kuh, G. (2008). Practices. AAC.\n2. Tinto, V. (1993). Leaving\n"
    text += "college. Chicago.\n3. Ma, X. (2003). Belonging. Press."
    assert [(e.label, authors(e.csl)[0]) for e in entries([Page(9, text)], kind="deck")] == [
        ("1", "Kuh"),
        ("2", "Tinto"),
        ("3", "Ma"),
    ]


def test_a_list_goes_on_over_slides_and_stops_at_the_thanks() -> None:
    pages = [
        Page(20, "Bronnen (1/2)\n• Kuh, G. (2008). Practices. AAC."),
        Page(21, "Bronnen (2/2)\n• Tinto, V. (1993). Leaving college. Chicago."),
        Page(22, "Vragen?\nDank je wel voor je aandacht in 2023!"),
    ]
    assert [(e.number, e.raw) for e in entries(pages, kind="deck")] == [
        (20, "Kuh, G. (2008). Practices. AAC."), (21, "Tinto, V. (1993). Leaving college. Chicago."),
    ]  # fmt: skip


def test_a_reference_at_the_foot_of_a_slide_is_an_entry_without_a_list() -> None:
    text = "Wat bindt\n• Contact met docenten\nBron: Kuh, G. D. (2008). High-impact practices. AAC&U."
    (entry,) = entries([Page(5, text)], kind="deck")
    assert (authors(entry.csl), title(entry.csl)) == (("Kuh",), "High-impact practices")


@pytest.mark.parametrize(
    "heading",
    ["Bronnen", "BRONNEN:", "Literatuurlijst", "5. Referenties", "Gebruikte literatuur en bronnen", "Meer lezen?",
     "Verder lezen & kijken",
     "References (continued)", "Further reading", "Works cited", "Bibliografie", "Bronnen en verwijzingen",
     "Geraadpleegde bronnen 2/3"],
)  # fmt: skip
def test_a_list_is_known_by_its_heading(heading: str) -> None:
    text = f"{heading}\nKuh, G. (2008). Practices. AAC.\nTinto, V. (1993). Leaving college. Chicago."
    assert [authors(e.csl) for e in entries([Page(9, text)], kind="literature")] == [("Kuh",), ("Tinto",)]


def test_the_word_sources_in_an_agenda_begins_no_list() -> None:
    assert entries([Page(2, "Agenda\nInleiding\nBronnen\nVragen\nAfsluiting om 14:30")], kind="deck") == ()


def test_a_list_of_two_thousand_entries_is_read() -> None:
    listed = "\n".join(
        f"Author{chr(97 + n % 26)}, A. ({1900 + n % 120}). Title number {n}. Journal of X, {n}(1), 1–9."
        for n in range(2000)
    )
    found = entries([Page(1, f"References\n{listed}")], kind="literature")
    assert len(found) == 2000
    assert all(e.csl.get("title") for e in found)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_an_entry(text: str) -> None:
    parse(text)
    parse(f"Bandura, A. (1994). {text}")
    entries([Page(1, f"References\nKuh, G. (2008). Practices. AAC.\n{text}")], kind="literature")


# --- files

BIB = """@article{vdg2019, author={van der Goot, K. and {Ministerie van OCW}}, title={Over {DNA} <i>en</i> <script>x</script>}}
@book{broken, title={never closed, author={X}
@book{last2023, author={Last, B.}, title={Binding}, year=2023}
"""
RIS = "TY  - JOUR\r\nAU  - Čapek, K.\r\nAU  - Müller, J.\r\nTI  - Über Dinge\r\nPY  - 2019\r\nER  - \r\n"


def test_a_broken_entry_is_named_and_the_rest_comes_in() -> None:
    found, problems = import_records(BIB.encode(), "zotero.bib")
    assert [e.csl["id"] for e in found] == ["vdg2019", "last2023"]
    assert len(problems) == 1
    assert "zotero.bib: line 2: entry “broken”" in problems[0]


def test_markup_in_an_imported_title_is_kept_and_shown_as_text() -> None:
    found, _ = import_records(BIB.encode(), "zotero.bib")
    assert found[0].csl["title"] == "Over DNA <i>en</i> <script>x</script>"
    assert "Over DNA en" in found[0].raw


def test_ris_comes_in_as_utf_8_and_as_latin_1() -> None:
    for data, umlaut in ((RIS.encode(), "Čapek"), (RIS.replace("Č", "C").encode("cp1252"), "Capek")):
        (entry,), problems = import_records(data, "export.ris")
        assert problems == ()
        assert authors(entry.csl) == (umlaut, "Müller")
        assert title(entry.csl) == "Über Dinge"


def test_ris_names_what_is_broken_and_takes_the_rest() -> None:
    text = "TY  - BOOK\nTI  - One\n\nTY  - BOOK\nTI  - Two\nER  - \nTI  - headless\nER  - \nTY  - BOOK\nTI  - Three\n"
    found, problems = import_records(text.encode(), "x.ris")
    assert [title(e.csl) for e in found] == ["One", "Two", "Three"]
    assert [problem.split(":")[1].strip() for problem in problems] == ["line 1", "line 7", "line 9"]


def test_csl_json_names_what_is_no_item_and_keeps_unknown_fields() -> None:
    data: list[Any] = [
        {"id": "a", "type": "book", "title": "T", "author": "wrong", "extra": 1},
        7,
        {"id": "b", "type": "odd", "title": "U"},
    ]
    found, problems = import_records(json.dumps(data).encode(), "x.json")
    assert [(e.csl["id"], e.csl["type"]) for e in found] == [("a", "book"), ("b", "document")]
    assert found[0].csl["custom"]["other"] == {"author": "wrong", "extra": 1}
    assert [problem.split(":")[1].strip() for problem in problems] == ["record 1", "record 2"]


@pytest.mark.parametrize(
    ("data", "filename", "error"),
    [
        (b"", "leeg.bib", EmptyDocument),
        (b"   \n", "leeg.ris", EmptyDocument),
        (b"[]", "leeg.json", EmptyDocument),
        (b"{not json", "stuk.json", UnreadableDocument),
        (b"[" * 100_000, "diep.json", TooBig),
        (b"\x89PNG\r\n\x1a\n", "plaatje.bib", UnreadableDocument),
        (b"hello", "tekst.txt", UnsupportedFormat),
    ],
)
def test_a_file_that_is_no_bibliography_is_refused_in_one_line(
    data: bytes, filename: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        import_records(data, filename)
    assert filename in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_big_file_with_a_broken_entry_in_the_middle_tells_its_progress() -> None:
    good = "@book{k%d, author={Last, B.}, title={Title %d}, year=2000, abstract={" + "x" * 1000 + "}}\n"
    parts = [good % (n, n) for n in range(3000)]
    parts[1500] = "@book{broken, title={never closed, year=2000\n"
    told: list[tuple[int, int]] = []
    found, problems = import_records("".join(parts).encode(), "big.bib", lambda done, whole: told.append((done, whole)))
    assert len(found) == 2999
    assert ["entry “broken”" in problem and "line 1501" in problem for problem in problems] == [True]
    assert len(told) > 2
    assert told[-1][0] == told[-1][1]


# --- links


def test_a_heading_that_running_heads_repeat_opens_its_list() -> None:
    first = "BIBLIOGRAFIE\n" + APA
    second = "BIBLIOGRAFIE 69\nWit, J. (2001). Nog een titel van een boek. Uitgever."
    third = "BIBLIOGRAFIE 70\nZwart, J. (2002). De laatste titel. Uitgever."
    pages = [Page(1, "Een hoofdstuk.\nTekst."), Page(2, first), Page(3, second), Page(4, third)]
    found = entries(pages, kind="literature")
    assert [(e.number, authors(e.csl)[0]) for e in found][-3:] == [(2, "de Vries"), (3, "Wit"), (4, "Zwart")]


def test_the_first_word_of_a_title_behind_initials_is_no_given_name() -> None:
    raw = "Fischer, H. Centre Pompidou, Deutsche Bauzeitung, No. 134, Part 3, (2000), 20-21."
    assert parsed(raw) == (("Fischer",), 2000, "Centre Pompidou")


def test_a_title_between_names_and_journal_is_not_taken_for_a_name() -> None:
    raw = "Karnadi, I., Iskandar, A.A., Analysis of Superlens Performances, J. Opt. Soc. Am. A27, (2010) 268."
    assert parsed(raw) == (("Karnadi", "Iskandar"), 2010, "Analysis of Superlens Performances")


def test_titles_in_single_quotation_marks_are_read() -> None:
    raw = "J. Jansen en K. van der Goot, ‘Wat studenten bindt’, Tijdschrift voor Onderwijs, vol. 12, nr. 3, pp. 1–10, 2019."
    assert parsed(raw) == (("Jansen", "van der Goot"), 2019, "Wat studenten bindt")
