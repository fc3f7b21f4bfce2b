"""Names, keys, sameness, APA text and what web pages say about works."""

from __future__ import annotations

import html
import string
import subprocess
import sys
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import bibliography
from kb.bibliography import (
    apa,
    apa_html,
    coins,
    document_csl,
    fold,
    full_family,
    highwire,
    is_institution,
    key,
    matches_document,
    name,
    person,
    same_family,
    same_work,
    search_key,
    slide_csl,
)
from kb.bibliography.identifiers import clean_doi
from kb.bibliography.sameness import valid_isbn
from kb.model import Document, Page


def item(**fields: Any) -> dict[str, Any]:
    csl: dict[str, Any] = {"id": "x", "type": "article-journal", "title": "Belonging as a situated practice in groups"}
    csl["author"] = [person("Strayhorn", "T. L.")]
    csl["issued"] = {"date-parts": [[2012]]}
    return {field: value for field, value in {**csl, **fields}.items() if value is not None}


# --- names


@pytest.mark.parametrize(
    ("family", "given", "expected"),
    [
        ("van der Goot", "K.", {"family": "Goot", "given": "K.", "non-dropping-particle": "van der"}),
        ("Goot", "K. van der", {"family": "Goot", "given": "K.", "non-dropping-particle": "van der"}),
        ("Van der Groot", "P.", {"family": "Groot", "given": "P.", "non-dropping-particle": "Van der"}),
        ("De Luca", "M.", {"family": "De Luca", "given": "M."}),
        ("in 't Veld", "R.", {"family": "Veld", "given": "R.", "non-dropping-particle": "in 't"}),
        ("Ford Versypt", "A. N.", {"family": "Ford Versypt", "given": "A. N."}),
        ("Cunha Jr", "A.", {"family": "Cunha", "given": "A.", "suffix": "Jr"}),
        ("van", "K.", {"family": "van", "given": "K."}),
    ],
)
def test_a_particle_belongs_to_the_name_and_not_to_the_family(
    family: str, given: str, expected: dict[str, str]
) -> None:
    assert person(family, given) == expected


def test_two_people_with_particles_stay_two_people() -> None:
    goot, groot = person("van der Goot", "K."), person("Van der Groot", "P.")
    assert [full_family(goot), full_family(groot)] == ["van der Goot", "Van der Groot"]
    assert not same_family(full_family(goot), full_family(groot))


@pytest.mark.parametrize("other", ["Goot", "Van der Goot", "van der goot", "VAN DER GOOT"])
def test_a_family_is_the_same_with_and_without_particle_and_capitals(other: str) -> None:
    assert same_family("van der Goot", other)


def test_a_name_as_people_write_it_is_turned_round() -> None:
    assert name("Jolien Dopmeijer") == {"family": "Dopmeijer", "given": "Jolien"}
    assert name("Marie van der Berg") == {"family": "Berg", "given": "Marie", "non-dropping-particle": "van der"}
    assert name("SCP") == {"literal": "SCP"}


@pytest.mark.parametrize(
    "text",
    [
        "SCP",
        "Ministerie van OCW",
        "World Health Organization",
        "Raad voor Volksgezondheid en Samenleving",
        "R Core Team",
    ],
)
def test_an_institution_is_known_as_one(text: str) -> None:
    assert is_institution(text)


@pytest.mark.parametrize("text", ["Strayhorn", "van der Goot", "Winter-Collins", "Ma", "De Vries"])
def test_a_person_is_no_institution(text: str) -> None:
    assert not is_institution(text)


def test_folding_keeps_letters_and_digits_alone() -> None:
    assert fold("Čertík, O’Neill & Ærø–Łódź 2") == "certik oneill aero lodz 2"


# --- keys


def test_a_key_is_author_and_year_and_takes_a_letter_when_it_is_taken() -> None:
    bandura = item(author=[person("Bandura", "A.")], issued={"date-parts": [[1994]]})
    assert key(bandura) == "bandura-1994"
    assert key(bandura, {"bandura-1994"}) == "bandura-1994a"
    assert key(bandura, {"bandura-1994", "bandura-1994a"}) == "bandura-1994b"
    assert key(item(author=[person("van der Goot", "K.")], issued=None)) == "van-der-goot"
    assert key(item(author=[person("Didau")], issued=None), {"didau"}) == "didau-a"
    assert key({"type": "webpage", "title": "Één plek, voor iedereen & altijd"}) == "een-plek-voor-iedereen"
    assert key({"type": "document"}) == "zonder-titel"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30), st.sets(st.sampled_from(["bandura", "bandura-a", "bandura-b"])))
def test_a_key_is_ascii_and_never_taken(family: str, taken: set[str]) -> None:
    found = key({"type": "book", "author": [{"family": family or "Bandura"}]}, taken)
    assert found not in taken
    assert set(found) <= set(string.ascii_lowercase + string.digits + "-")


def test_what_is_searched_is_folded_authors_year_and_title() -> None:
    assert search_key(item(author=[person("Čertík", "O.")], title="Over <i>Ruimte</i>")) == "certik 2012 over ruimte"


# --- sameness


def test_one_work_is_the_same_however_its_title_is_spelled() -> None:
    other = item(title="The Belonging as a Situated Practice in Groups.", issued={"date-parts": [[2013]]})
    assert same_work(item(), other).word == "same"


SAMENESS = [
    ("same DOI, other title", item(DOI="10.1234/a"), item(DOI="10.1234/A", title="Something else altogether"), "doubtful"),
    ("same DOI, same title", item(DOI="10.1234/a"), item(DOI="https://doi.org/10.1234/A", author=None), "same"),
    ("other DOI", item(DOI="10.1234/a"), item(DOI="10.1234/b"), "doubtful"),
    ("other title", item(), item(title="Belonging in the classroom of today"), "different"),
    ("other author", item(), item(author=[person("Didau", "D.")]), "different"),
    ("other first initial", item(), item(author=[person("Strayhorn", "A.")]), "different"),
    ("years far apart", item(), item(issued={"date-parts": [[2019]]}), "different"),
    ("no year on one side", item(), item(issued=None), "doubtful"),
    ("no author on one side", item(), item(author=None), "doubtful"),
    ("an edition", item(type="book"), item(type="book", edition="2"), "different"),
    ("an institution and its short form", item(author=[{"literal": "Ministerie van OCW"}]),
     item(author=[{"literal": "Ministerie van Onderwijs, Cultuur en Wetenschap"}]), "same"),
    ("parts of a series", item(title="Learning to teach in schools 1"), item(title="Learning to teach in schools 2"),
     "different"),
    ("conference and journal", item(type="paper-conference", **{"container-title": "Proceedings of X"}),
     item(**{"container-title": "Journal of Y"}), "doubtful"),
    ("two chapters of one book", item(type="chapter", ISBN="9780140449136"),
     item(type="chapter", ISBN="9780140449136", title="Another chapter of the book"), "different"),
    ("same ISBN, other title", item(type="book", ISBN="9780140449136"),
     item(type="book", ISBN="978-0-14-044913-6", title="Quite another title"), "doubtful"),
    ("a nonsense ISBN", item(type="book", ISBN="0000000001"), item(type="book", ISBN="0000000001", title="Other"), "different"),
    ("author and year alone", item(title=None), item(), "doubtful"),
    ("author and year alone, twice", item(title=None), item(title=None), "same"),
    ("an article one year on", item(), item(issued={"date-parts": [[2013]]}), "same"),
    ("a book one year on", item(type="book"), item(type="book", issued={"date-parts": [[2013]]}), "doubtful"),
    ("a yearly report", item(type="report", author=[{"literal": "CBS"}]),
     item(type="report", author=[{"literal": "CBS"}], issued={"date-parts": [[2013]]}), "different"),
    ("a new version of software", item(type="software"), item(type="software", issued={"date-parts": [[2013]]}), "different"),
    ("software and its paper", item(type="software"), item(**{"container-title": "Journal of Y"}), "different"),
    ("preprint and article", item(type="document", URL="https://arxiv.org/abs/1201.00001"),
     item(**{"container-title": "Journal of Y"}), "different"),
    ("preprint on a list and article", item(**{"container-title": "arXiv preprint arXiv:1201.00001"}),
     item(**{"container-title": "Journal of Y"}), "different"),
    ("an article with an eprint", item(URL="https://arxiv.org/abs/1201.00001", **{"container-title": "Journal of Y"}),
     item(**{"container-title": "Journal of Y"}), "same"),
    ("a preprint twice", item(type="article", publisher="arXiv"), item(**{"container-title": "arXiv"}), "same"),
    ("subtitle left out", item(title="Learning spaces for everyone: A review"), item(title="Learning spaces for everyone"),
     "same"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "word"), [case[1:] for case in SAMENESS], ids=[case[0] for case in SAMENESS])
def test_a_doubtful_case_is_a_question_and_no_merge(one: dict[str, Any], other: dict[str, Any], word: str) -> None:
    assert (same_work(one, other).word, same_work(other, one).word) == (word, word)


def test_a_document_of_the_collection_is_recognised_as_the_work_that_is_cited() -> None:
    title = "Belonging as a situated practice in groups"
    assert matches_document(item(), title=title, authors=["Terrell L. Strayhorn"], year=2012).same
    assert matches_document(item(), title=title, authors=["Jolien Dopmeijer"], year=2012).word == "different"
    assert matches_document(item(), title=title).word == "doubtful"
    assert matches_document(item(DOI="10.1234/a"), title="Other title entirely", doi="10.1234/a").word == "doubtful"


def test_an_isbn_is_checked_by_its_digit() -> None:
    assert [valid_isbn(n) for n in ("9780140449136", "9780140449137", "080442957X", "0000000000000")] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1037/a0026838.", "10.1037/a0026838"),
        ("(doi:10.1016/s0049-237x(06)x8001-1)", "10.1016/s0049-237x(06)x8001-1"),
        ("geen", None),
    ],
)
def test_a_doi_keeps_its_own_brackets_and_loses_the_sentence_s(text: str, doi: str | None) -> None:
    assert clean_doi(text) == doi


# --- APA

DOPMEIJER = Document(
    id=3, title="Studentenwelzijn", kind="deck", filename="s.pptx", language="nl", authors=("Jolien Dopmeijer",),
    date="2023-09-12", year=2023,
)  # fmt: skip


def test_a_slide_can_be_cited() -> None:
    slide = slide_csl(DOPMEIJER, Page(14, "", label="14"))
    assert apa(slide) == "Dopmeijer, J. (2023, 12 september). Studentenwelzijn [PowerPoint-slides], dia 14"
    assert apa(slide, "en") == "Dopmeijer, J. (2023, September 12). Studentenwelzijn [PowerPoint-slides], slide 14"


def test_an_article_is_printed_in_apa_with_its_particles_and_its_own_capitals() -> None:
    article = item(
        author=[person("van der Goot", "Karin"), {"literal": "Ministerie van OCW"}],
        title="Huisarts en wetenschap: DNA in de klas",
        **{
            "container-title": "Tijdschrift voor Hoger Onderwijs",
            "volume": "3",
            "issue": "2",
            "page": "12-15",
            "DOI": "10.1234/x",
        },
    )
    assert apa(article, "nl") == (
        "van der Goot, K., & Ministerie van OCW. (2012). Huisarts en wetenschap: DNA in de klas. "
        "Tijdschrift voor Hoger Onderwijs, 3(2), 12–15. https://doi.org/10.1234/x"
    )


def test_a_chapter_names_its_editor_in_the_reader_s_language() -> None:
    chapter = item(
        type="chapter", title="Self-efficacy", editor=[person("Ramachaudran", "V. S.")], publisher="Academic Press",
        **{"container-title": "Encyclopedia of human behavior", "volume": "4", "page": "71-81"},
    )  # fmt: skip
    assert "In V. S. Ramachaudran (Red.), Encyclopedia" in apa(chapter, "nl")
    assert "In V. S. Ramachaudran (Ed.), Encyclopedia" in apa(chapter, "en")


def test_a_work_without_author_is_printed_by_its_title_once() -> None:
    assert apa(item(author=None, title="Geen auteur", type="webpage", URL="https://example.org")) == (
        "Geen auteur. (2012). https://example.org"
    )


def test_a_work_without_year_says_so_in_the_reader_s_language() -> None:
    assert ["z.d." in apa(item(issued=None), "nl"), "n.d." in apa(item(issued=None), "en")] == [True, True]


def test_nothing_is_printed_of_an_entry_that_was_not_understood() -> None:
    assert apa({}) == ""
    assert apa({"id": "x", "type": "document", "DOI": "10.1234/a"}) == ""


def test_a_title_ends_with_one_mark() -> None:
    assert "(2012). Why?" in apa(item(title="Why?", type="book"))
    assert "?." not in apa(item(title="Why?", type="book"))


def test_markup_in_a_title_is_shown_as_text_or_as_the_tag_it_may_be() -> None:
    risky = item(title="A <i>b</i> & <script>alert(1)</script> <img src=x onerror=y> c", type="book")
    shown = apa_html(risky)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;" in shown
    assert "<i>b</i> &amp; " in shown
    assert "A b & <script>alert(1)</script>" in apa(risky)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_item_breaks_the_printing_or_the_page(title: str, family: str, container: str) -> None:
    csl = item(title=title, author=[{"family": family}], **{"container-title": container})
    apa(csl, "nl")
    shown = apa_html(csl, "en")
    for tag in ("<i>", "</i>", "<b>", "</b>", "<sup>", "</sup>", "<sub>", "</sub>"):
        shown = shown.replace(tag, "")
    assert "<" not in shown
    assert ">" not in shown


# --- what a page says of a work


def test_coins_carries_the_item_in_an_attribute_that_cannot_be_broken_out_of() -> None:
    element = coins(item(title='A "quoted" <title> & more', **{"container-title": "T"}))
    assert element.startswith('<span class="Z3988" title="')
    assert element.endswith('"></span>')
    said = parse_qs(html.unescape(element.split('"')[3]))
    assert said["rft.atitle"] == ['A "quoted" <title> & more']
    assert said["rft.aulast"] == ["Strayhorn"]
    assert said["rft.date"] == ["2012"]


def test_highwire_tags_name_each_author_and_the_file() -> None:
    tags = highwire(DOPMEIJER, pdf_url="https://kb.example/1.pdf")
    assert ("citation_title", "Studentenwelzijn") in tags
    assert ("citation_author", "Dopmeijer, Jolien") in tags
    assert ("citation_publication_date", "2023/09/12") in tags
    assert ("citation_pdf_url", "https://kb.example/1.pdf") in tags
    two = highwire(item(author=[person("van der Goot", "K."), {"literal": "SCP"}]))
    assert [content for tag, content in two if tag == "citation_author"] == ["van der Goot, K.", "SCP"]


def test_a_document_is_an_item_of_its_kind() -> None:
    assert document_csl(DOPMEIJER)["type"] == "speech"
    assert document_csl(DOPMEIJER)["issued"] == {"date-parts": [[2023, 9, 12]]}


def test_what_the_package_offers_is_loaded_when_it_is_asked_for() -> None:
    loaded = "import sys, kb.catalogue; print(*(name for name in sys.modules if name.startswith('kb.bibliography.')))"
    modules = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True).stdout.split()
    assert {"kb.bibliography.style", "kb.bibliography.ris", "kb.bibliography.bibtex"}.isdisjoint(modules)
    for offered in bibliography.__all__:
        found = getattr(bibliography, offered)
        assert offered in {"SCHEMA", "Verdict"} or (found.__name__ == offered and callable(found))
    with pytest.raises(AttributeError, match="no nonsense"):
        bibliography.nonsense  # noqa: B018
