"""Citations, entries and documents become works, joined only where they agree."""

from __future__ import annotations

import pytest

from kb.catalogue.derivation import Material, Related, Work
from kb.model import Entry, Reason
from kb.works.gather import gather
from kb.works.items import own_doi
from tests.works_material import answered, asked, cites, keys, linked, listed, paper, work

SELF_EFFICACY = "Self-efficacy: Toward a unifying theory of behavioral change"


def the(related: Related, key: str) -> Work:
    return next(work for work in related.works if work.key == key)


BANDURA = work("Bandura, A.", 1977, SELF_EFFICACY)


def test_a_work_that_three_documents_list_and_cite_is_one_reference() -> None:
    variants = [
        BANDURA,
        work("Bandura, Albert", 1977, "Self-efficacy: toward a unifying theory of behavioral change.", volume="84"),
        work("Bandura, A.", 1977, "Self-efficacy: Toward a unifying theory of behavioral change", DOI="10.1037/0033"),
    ]
    found = gather(
        Material(
            documents=tuple(paper(number) for number in (1, 2, 3)),
            entries=tuple(listed(number, number, csl, f"in list {number}") for number, csl in enumerate(variants, 1)),
            citations=tuple(cites(number, number, "(Bandura, 1977)", "Bandura", year="1977") for number in (1, 2, 3)),
        )
    )
    assert keys(found) == ["bandura-1977"]
    assert linked(found) == dict.fromkeys((1, 2, 3), "bandura-1977")
    whole = the(found, "bandura-1977")
    assert (whole.listed, whole.entries, len(whole.raw)) == (3, (1, 2, 3), 3)
    assert (whole.csl["DOI"], whole.csl["volume"]) == ("10.1037/0033", "84")
    assert not found.questions


@pytest.mark.parametrize("cited", ["van der Goot", "Van der Goot", "Goot"])
def test_particles_do_not_part_a_citation_from_its_entry(cited: str) -> None:
    goot = work("Goot, K. van der", 2019, "Wie wordt gemist")
    found = gather(
        Material((paper(1),), {}, (listed(1, 1, goot),), (cites(1, 1, f"({cited}, 2019)", cited, year="2019"),))
    )
    assert linked(found) == {1: "van-der-goot-2019"}


def test_the_same_doi_over_another_title_is_a_question_and_not_a_merge() -> None:
    found = gather(
        Material(
            entries=(
                listed(1, None, work("Vos, A.", 2001, "Rooms that answer back to whoever enters", DOI="10.1000/182")),
                listed(2, None, work("Vos, A.", 2001, "Gardens of the northern provinces", DOI="10.1000/182")),
            )
        )
    )
    assert keys(found) == ["vos-2001", "vos-2001a"]
    assert [(q.kind, q.reason) for q in found.questions] == [("works", Reason("doi-agrees-title-differs"))]


def test_a_preprint_and_its_published_version_are_two_works_and_no_question() -> None:
    said = "Belonging in the first year of study: a panel of six cohorts"
    found = gather(
        Material(
            entries=(
                listed(1, None, work("Vos, A.", 2020, said, DOI="10.31234/osf.io/abcd", type="article")),
                listed(2, None, work("Vos, A.", 2021, said, DOI="10.1000/999", **{"container-title": "Studies"})),
            )
        )
    )
    assert keys(found) == ["vos-2020", "vos-2021"]
    assert asked(found) == set()


def test_an_entry_that_fits_two_versions_joins_neither_unless_it_says_where_it_appeared() -> None:
    said = "Belonging in the first year of study: a panel of six cohorts"
    versions = (
        listed(1, None, work("Vos, A.", 2020, said, DOI="10.31234/osf.io/abcd", type="article")),
        listed(2, None, work("Vos, A.", 2021, said, DOI="10.1000/999", **{"container-title": "Studies"})),
    )
    vague = gather(Material((paper(1),), {}, (*versions, listed(3, 1, work("Vos, A.", 2021, said)))))
    assert len(vague.works) == 3
    told = work("Vos, A.", 2021, said, **{"container-title": "Studies"})
    exact = gather(Material((paper(1),), {}, (*versions, listed(3, 1, told))))
    assert the(exact, "vos-2021").entries == (2, 3)


def test_chapters_that_carry_the_isbn_of_their_book_stay_chapters() -> None:
    isbn = "978-0-306-40615-7"
    book = work("Land, R.", 2014, "Threshold concepts in practice", type="book", ISBN=isbn)
    one = work("Vos, A.", 2014, "On the doorstep of a discipline", type="chapter", ISBN=isbn)
    two = work("Bos, B.", 2014, "What lecturers see and say", type="chapter", ISBN=isbn)
    found = gather(Material(entries=tuple(listed(at, None, csl) for at, csl in enumerate((book, one, two), 1))))
    assert keys(found) == ["bos-2014", "land-2014", "vos-2014"]
    assert not found.questions


def test_works_do_not_grow_together_through_a_third_that_is_less_precise() -> None:
    years = [listed(at, None, work("Vos, A.", year, "Rooms that answer back")) for at, year in ((1, 2018), (2, 2020))]
    between = listed(3, None, work("Vos, A.", 2019, "Rooms that answer back"))
    found = gather(Material(entries=(*years, between)))
    assert sorted(len(work.entries) for work in found.works) == [1, 2]
    assert [(q.kind, q.reason) for q in found.questions] == [("works", Reason("entries-disagree", ("year-differs",)))]


def test_letters_of_a_year_keep_two_works_apart_and_lead_citations_to_the_right_one() -> None:
    first = work("Goodenow, C.", 1993, "Classroom belonging among early adolescents", **{"year-suffix": "a"})
    second = work("Goodenow, C.", 1993, "The psychological sense of school membership", **{"year-suffix": "b"})
    found = gather(
        Material(
            (paper(1),),
            {},
            (listed(1, 1, first), listed(2, 1, second)),
            (
                cites(1, 1, "Goodenow, 1993a", "Goodenow", year="1993a"),
                cites(2, 1, "1993b", "Goodenow", year="1993b"),
            ),
        )
    )
    assert linked(found) == {1: "goodenow-1993a", 2: "goodenow-1993b"}


def test_a_year_without_its_letter_is_a_question_and_the_citation_stands_by_itself_meanwhile() -> None:
    works = [
        {
            "author": [{"literal": "Werkgroep Kb"}],
            "issued": {"date-parts": [[2026]]},
            "title": said,
            "year-suffix": letter,
        }
        for letter, said in (("a", "Tussen school en beroep"), ("b", "Erbij horen in het eerste jaar"))
    ]
    found = gather(
        Material(
            (paper(1),),
            {},
            tuple(listed(at, 1, csl) for at, csl in enumerate(works, 1)),
            (cites(1, 1, "(Werkgroep Kb, 2026)", "Werkgroep Kb", year="2026"),),
        )
    )
    own = linked(found)[1]
    assert own == "werkgroep-kb-2026"
    assert asked(found) == {
        ("citation", own, "werkgroep-kb-2026a"),
        ("citation", own, "werkgroep-kb-2026b"),
    }
    assert the(found, own).csl == {
        "type": "document",
        "author": [{"literal": "Werkgroep Kb"}],
        "issued": {"date-parts": [[2026]]},
    }


def test_what_nothing_lists_is_a_reference_by_author_and_year_and_one_over_all_documents() -> None:
    found = gather(
        Material(
            (paper(1), paper(2)),
            citations=(
                cites(1, 1, "(Ma, 2003)", "Ma", year="2003"),
                cites(2, 2, "Ma (2003)", "Ma", year="2003", form="narrative"),
                cites(3, 2, "Foto: Unsplash", "Unsplash", form="credit"),
                cites(4, 2, "www.example.org", form="url"),
                cites(5, 2, "[3]", form="numbered"),
            ),
        )
    )
    assert keys(found) == ["ma-2003"]
    assert linked(found) == {1: "ma-2003", 2: "ma-2003"}
    assert the(found, "ma-2003").listed == 0


def test_a_name_alone_continues_what_its_document_cited_in_full() -> None:
    strayhorn = [
        listed(at, None, work("Strayhorn, T. L.", 2010 + at, f"Belonging, part {at} of many")) for at in (1, 2)
    ]
    found = gather(
        Material(
            (paper(1), paper(2)),
            {},
            tuple(strayhorn),
            (
                cites(1, 1, "(Strayhorn, 2011)", "Strayhorn", year="2011"),
                cites(2, 1, "(Strayhorn)", "Strayhorn", form="author"),
                cites(3, 2, "(Strayhorn)", "Strayhorn", form="author"),
            ),
        )
    )
    assert linked(found) == {1: "strayhorn-2011", 2: "strayhorn-2011", 3: "strayhorn"}
    assert asked(found) == {("citation", "strayhorn", "strayhorn-2011"), ("citation", "strayhorn", "strayhorn-2012")}


def test_a_name_alone_joins_the_only_work_of_the_collection_when_it_names_all_its_authors() -> None:
    pair = work("Hurtado, S.; Carter, D. F.", 1997, "Effects of college transition")
    team = work("Dopmeijer, J.; Nuijen, J.; Busch, M.", 2021, "Monitor mentale gezondheid")
    found = gather(
        Material(
            (paper(1), paper(2)),
            {},
            (listed(1, 1, pair), listed(2, 1, team)),
            (
                cites(1, 2, "(Hurtado & Carter)", "Hurtado", "Carter", form="author"),
                cites(2, 2, "(Dopmeijer)", "Dopmeijer", form="author"),
            ),
        )
    )
    assert linked(found) == {1: "hurtado-1997", 2: "dopmeijer"}
    assert asked(found) == {("citation", "dopmeijer", "dopmeijer-2021")}


def test_and_others_after_a_name_is_the_work_that_was_cited_in_full_before() -> None:
    found = gather(
        Material(
            (paper(1),),
            citations=(
                cites(1, 1, "(Palmer et al., 2009)", "Palmer", year="2009"),
                cites(2, 1, "(Palmer, O'Kane, & Owens, 2009)", "Palmer", "O'Kane", "Owens", year="2009"),
            ),
        )
    )
    assert linked(found) == {1: "palmer-2009", 2: "palmer-2009"}


def test_a_work_is_here_when_a_document_agrees_and_a_question_when_it_half_agrees() -> None:
    cited = (
        listed(1, 3, work("Fielding, A.", 2021, "Rooms that answer back: campus and newcomer")),
        listed(2, 3, work("Hoekstra, B.", 2019, "Gardens of the northern provinces")),
        listed(3, 3, work("Elders, C.", 2001, "Not here at all, whoever looks")),
    )
    documents = (
        paper(1, "Rooms that answer back: campus and newcomer", "Ada Fielding", year=2021),
        paper(2, "Gardens of the northern provinces"),
        paper(3),
    )
    found = gather(Material(documents, {}, cited))
    assert {work.key: work.document_id for work in found.works} == {
        "fielding-2021": 1,
        "hoekstra-2019": None,
        "elders-2001": None,
    }
    assert asked(found) == {("document", "hoekstra-2019", 2)}
    confirmed = gather(Material(documents, {}, cited, rulings=(answered(found.questions[0], yes=True),)))
    assert the(confirmed, "hoekstra-2019").document_id == 2
    assert not confirmed.questions


def test_a_document_that_nobody_cites_is_no_reference_and_one_that_is_cited_by_name_and_year_is() -> None:
    documents = (paper(1, "Rooms that answer back", "Ada Fielding", year=2021), paper(2))
    assert gather(Material(documents)).works == ()
    found = gather(Material(documents, citations=(cites(1, 2, "(Fielding, 2021)", "Fielding", year="2021"),)))
    assert the(found, "fielding-2021").document_id == 1
    own = gather(Material(documents, citations=(cites(1, 1, "(Fielding, 2021)", "Fielding", year="2021"),)))
    assert the(own, "fielding-2021").document_id is None  # a paper does not cite itself


def test_a_doi_on_a_page_leads_to_its_work_makes_one_by_itself_and_is_none_when_it_is_the_papers_own() -> None:
    known = listed(1, 1, work("Ahn, M.", 2020, "Four domains of belonging", DOI="10.1080/0307"))
    found = gather(
        Material(
            (paper(1),),
            {1: "Four rooms. https://doi.org/10.5555/own. Abstract"},
            (known,),
            (
                cites(1, 1, "https://doi.org/10.1080/0307", form="doi"),
                cites(2, 1, "doi:10.1000/other", form="doi"),
                cites(3, 1, "https://doi.org/10.5555/own", form="doi", page=1),
            ),
        )
    )
    assert linked(found) == {1: "ahn-2020", 2: "doi-10-1000-other"}
    assert the(found, "doi-10-1000-other").csl == {"type": "document", "DOI": "10.1000/other"}


def test_a_first_page_with_two_dois_says_nothing_of_its_own() -> None:
    assert own_doi("See 10.1000/a and 10.1000/b") is None
    assert own_doi("Printed twice: 10.1000/a, doi:10.1000/A") == "10.1000/a"
    entry = Entry("x", {}, number=1, start=15, end=33)
    assert own_doi("Own 10.1000/a; Vos. 10.1000/listed", [entry]) == "10.1000/a"
