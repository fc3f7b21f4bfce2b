"""Reference lists of styles other than APA: where an entry begins, by names, numbers, keys or paragraphs."""

from __future__ import annotations

import textwrap

import pytest

from ingest.citations import citations
from ingest.entries import entries
from ingest.entries.labeller import Labelled, Part
from ingest.entries.parts import item_of
from kb.bibliography import authors
from kb.model import Page
from kb.works.matching import match_entries

LISTS = {
    "springer": """Sol JP, Vonk T (2014) Tides and dikes of the north and what they cost. Coastal Studies 3:62-75
van der Smit A (1999) Water boards in the long nineteenth century. Oakfield, Leeds
Wit B, Groen CD (2003) Salt marshes. In: Bos K (ed) Yearbook of coasts. Oakfield, Leeds, pp 2-33""",
    "annual reviews": """Sol JP, Vonk T. 2014. Tides and dikes of the north. Coastal Studies 3(2):62-75
van der Smit A. 1999. Water boards in the long nineteenth century. Leeds: Oakfield
Wit B, Groen CD, et al. 2003. Salt marshes in winter. Coastal Studies 5(1):2-33""",
    "acl": """Jo Sol, Tom Vonk, and Ann Bakker. 2014. Tides and dikes of the north. Coastal Studies, 3(2):62-75.
Anna van der Smit. 1999. Water boards in the long nineteenth century. Oakfield, Leeds.
Bo Wit and Cor D. Groen. 2003. Salt marshes in winter. Coastal Studies, 5(1):2-33.""",
    "year last": """Sol, J., and T. Vonk. Tides and dikes of the north and what they cost. Oakfield, 2014.
Smit, Anna. Water boards in the long nineteenth century. Meridian Press, 1999.
Wit, B., and C. D. Groen. Salt marshes in winter. Leeds: Oakfield, 2003.""",
    "latex plain": """[1] J. Sol and T. Vonk. Tides and dikes of the north. Coastal Studies, 3(2):62-75, 2014.
[2] A. Smit. Water boards in the long nineteenth century. Oakfield, Leeds, 1999.
[3] B. Wit and C. D. Groen. Salt marshes in winter. Coastal Studies, 5(1):2-33, 2003.""",
    "capitals": """SOL, Jo en VONK, Tom, 2014. Tides and dikes of the north. Coastal Studies. 2014. Vol. 3, no. 2, p. 62-75.
VAN DER SMIT, Anna, 1999. Water boards in the long nineteenth century. Leeds: Oakfield.
WIT, Bo en GROEN, Cor D., 2003. Salt marshes in winter. Coastal Studies. 2003. Vol. 5, no. 1, p. 2-33.""",
    "numbers in round brackets": """(1) Sol, J.; Vonk, T. Tides and dikes of the north. Coastal Studies 2014, 3 (2), 62-75.
(2) van der Smit, A. Water boards in the long nineteenth century; Oakfield: Leeds, 1999.
(3) Wit, B.; Groen, C. D. Salt marshes in winter. Coastal Studies 2003, 5 (1), 2-33.""",
    "bare numbers": """1 Sol JP, Vonk T. Tides and dikes of the north. Coastal Studies 2014; 3: 62-75.
2 van der Smit A. Water boards in the long nineteenth century. Leeds: Oakfield, 1999.
3 Wit B, Groen CD. Salt marshes in winter. Coastal Studies 2003; 5: 2-33.""",
    "keys": """[SV14] Jo Sol and Tom Vonk. Tides and dikes of the north. Coastal Studies, 3(2):62-75, 2014.
[van der Smit, 1999] Anna van der Smit. Water boards in the long nineteenth century. Oakfield, Leeds, 1999.
[WG03] Bo Wit and Cor D. Groen. Salt marshes in winter. Coastal Studies, 5(1):2-33, 2003.""",
}


def page_of(text: str, width: int = 70) -> Page:
    """A page with a list, its entries wrapped as a PDF prints them."""
    wrapped = [line for entry in text.splitlines() for line in textwrap.wrap(entry, width)]
    return Page(1, "\n".join(["References", *wrapped]))


@pytest.mark.parametrize("style", LISTS)
def test_each_entry_of_a_list_is_read_with_its_authors(style: str) -> None:
    found = entries([page_of(LISTS[style])], kind="literature")
    assert [authors(entry.csl)[0].split()[-1] for entry in found] == ["Sol", "Smit", "Wit"]
    assert [entry.csl["issued"]["date-parts"][0][0] for entry in found] == [2014, 1999, 2003]


def test_entries_with_keys_are_labelled_by_them_and_keep_them_out_of_their_text() -> None:
    found = entries([page_of(LISTS["keys"])], kind="literature")
    assert [entry.label for entry in found] == ["SV14", "van der Smit, 1999", "WG03"]
    assert found[0].raw.startswith("Jo Sol and Tom Vonk.")


def test_paragraphs_are_entries_where_no_style_is_known() -> None:
    long = "Over de geschiedenis van het water en de mensen die daar op, in en langs leefden, " * 3
    paragraphs = [
        f"{long}Leeds: Oakfield, 1999.",
        "Het zout en de wind. Uitgeverij Kade, 2001.",
        "Aan de dijk, Zwolle, 2005.",
    ]
    found = entries([Page(1, "\n".join(["Literatuur", *paragraphs]))], kind="literature")
    assert [entry.raw for entry in found] == paragraphs


def test_capitalised_words_behind_the_last_initials_begin_the_title() -> None:
    parts = (Part("author", "Sol, J.; Vonk, T. Early"), Part("title", "Signs of Salt."), Part("date", "2014."))
    item = item_of(Labelled(parts, 0.9))
    assert (authors(item), item["title"]) == (("Sol", "Vonk"), "Early Signs of Salt")


def test_names_after_the_first_need_not_be_inverted() -> None:
    parts = (Part("author", "Sol, J., B. Vonk, and C. Smit."), Part("title", "Signs of Salt."), Part("date", "2014."))
    assert authors(item_of(Labelled(parts, 0.9))) == ("Sol", "Vonk", "Smit")


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("The dikes gave way [SV14].", [("[SV14]", 0)]),
        ("The dikes gave way [SV14, WG03].", [("SV14", 0), ("WG03", 2)]),
        ("The dikes gave way [van der Smit, 1999; WG03].", [("van der Smit, 1999", 1), ("WG03", 2)]),
        ("The dikes gave way [sic].", []),
    ],
)
def test_keys_in_brackets_cite_the_entries_that_they_open(sentence: str, cited: list[tuple[str, int]]) -> None:
    pages = [Page(1, sentence), Page(2, page_of(LISTS["keys"]).text)]
    found = citations(pages, kind="literature")
    matches = match_entries(found, entries(pages, kind="literature"))
    assert [(found[match.citation].text, match.candidate) for match in matches] == cited


def test_authors_that_a_list_leaves_out_do_not_veto_a_link() -> None:
    listed = "Boersma, C. e.a. (2019). De dijken van het noorden. Kade.\nWit, B. (2003). Zout in de winter. Kade."
    pages = [Page(1, "De dijken braken door (Boersma e.a., 2019)."), Page(2, f"Literatuur\n{listed}")]
    found = citations(pages, kind="literature")
    assert [(m.candidate, m.score > 0.9) for m in match_entries(found, entries(pages, kind="literature"))] == [
        (0, True)
    ]


@pytest.mark.parametrize(
    ("style", "cited", "wanted"),
    [
        ("springer", "(Sol and Vonk 2014; van der Smit 1999)", [0, 1]),
        ("springer", "Wit and Groen (2003)", [2]),
        ("annual reviews", "(Sol & Vonk 2014, van der Smit 1999)", [0, 1]),
        ("annual reviews", "(Wit et al. 2003)", [2]),
        ("acl", "(Sol et al., 2014)", [0]),
        ("capitals", "(Van der Smit, 1999)", [1]),
        ("numbers in round brackets", "(1)", [0]),
        ("numbers in round brackets", "(2,3)", [1, 2]),
        ("numbers in round brackets", "(4)", []),
        ("latex plain", "(1)", []),
        ("latex plain", "[1]-[3]", [0, 1, 2]),
    ],
)
def test_citations_in_the_form_of_a_style_are_linked(style: str, cited: str, wanted: list[int]) -> None:
    pages = [Page(1, f"The dikes gave way in the winter {cited} and so it went."), Page(2, page_of(LISTS[style]).text)]
    matches = match_entries(citations(pages, kind="literature"), entries(pages, kind="literature"))
    assert [match.candidate for match in matches if match.sure] == wanted
