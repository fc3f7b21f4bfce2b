"""Entries of BibTeX files: what they take from other entries, and from the archives that they name."""

from __future__ import annotations

from typing import Any

import pytest

from kb.bibliography import apa, from_bibtex, to_bibtex

DIKES = """
@xdata{press, publisher={Dike Press}, location={Lelystad}}
@collection{dikes, title={Dikes}, subtitle={A History}, editor={Vonk, T.}, date={2012}, xdata={press}, keywords={sea}}
@incollection{sol, author={Sol, J.}, title={Tides}, crossref={dikes}, pages={1--9}}
@incollection{maan, author={Maan, K.}, title={Moons}, booktitle={Dikes Again}, year={2014}, crossref={dikes}}
"""


def by_key(source: str) -> dict[str, dict[str, Any]]:
    items, problems = from_bibtex(source)
    assert problems == []
    return {item["id"]: item for item in items}


def test_a_chapter_takes_the_book_and_its_editor_from_the_entry_of_the_book() -> None:
    found = by_key(DIKES)
    assert list(found) == ["dikes", "sol", "maan"]
    assert apa(found["sol"], "en") == "Sol, J. (2012). Tides. In T. Vonk (Ed.), Dikes: A History (pp. 1–9). Dike Press."
    assert found["dikes"]["publisher-place"] == "Lelystad"


def test_what_an_entry_has_itself_is_not_replaced() -> None:
    maan = by_key(DIKES)["maan"]
    assert (maan["container-title"], maan["issued"], maan["editor"][0]["family"]) == (
        "Dikes Again: A History", {"date-parts": [[2014]]}, "Vonk",
    )  # fmt: skip


def test_an_entry_that_took_fields_leaves_with_them() -> None:
    found = by_key(DIKES)
    alone = by_key(to_bibtex([found["sol"]]))["sol"]
    assert {**alone, "custom": 0} == {**found["sol"], "custom": 0}
    assert "crossref" not in to_bibtex([found["sol"]])


@pytest.mark.parametrize(
    ("parent", "child", "title", "container"),
    [
        ("proceedings", "inproceedings", "C", "P"),
        ("book", "inbook", "C", "P"),
        ("book", "incollection", "C", "P"),
        ("periodical", "article", "C", "P"),
        ("mvbook", "book", "C", None),
        ("article", "article", "C", None),
    ],
)
def test_the_title_of_a_parent_becomes_that_of_the_container(
    parent: str, child: str, title: str, container: str | None
) -> None:
    found = by_key(f"@{child}{{c, title={{C}}, crossref={{P}}}}\n@{parent}{{p, title={{P}}, author={{Sol, J.}}}}")["c"]
    assert (found["title"], found.get("container-title")) == (title, container)
    assert ("container-author" in found) == (child == "inbook")


def test_a_circle_and_a_parent_that_is_not_there_cost_nothing() -> None:
    found = by_key(
        "@book{a, crossref={b}, title={A}} @book{b, crossref={a}, year={2001}} @book{c, crossref={x}, title={C}}"
    )
    assert found["a"]["issued"] == {"date-parts": [[2001]]}
    assert "crossref = {x}" in to_bibtex([found["c"]])


def test_a_book_with_a_booktitle_is_not_in_itself() -> None:
    found = by_key("@book{a, title={Dikes}, booktitle={Dikes}, year={2012}} @proceedings{b, booktitle={Seas}}")
    assert [(item["title"], item.get("container-title")) for item in found.values()] == [
        ("Dikes", None),
        ("Seas", None),
    ]
    assert "booktitle = {Dikes}" in to_bibtex([found["a"]])


@pytest.mark.parametrize(
    ("fields", "variable", "value"),
    [
        ("eprint={1706.03762}, archiveprefix={arXiv}", "URL", "https://arxiv.org/abs/1706.03762"),
        ("eprint={arXiv:hep-th/9711200v2}", "URL", "https://arxiv.org/abs/hep-th/9711200v2"),
        ("journal={arXiv preprint arXiv:1706.03762}", "URL", "https://arxiv.org/abs/1706.03762"),
        ("eprint={12345678}, eprinttype={pubmed}", "PMID", "12345678"),
        ("eprint={PMC29}, eprinttype={pmcid}", "PMCID", "PMC29"),
        ("eprint={2-x_Y}, eprinttype={googlebooks}", "URL", "https://books.google.com/books?id=2-x_Y"),
        ("eprint={40}, eprinttype={JSTOR}", "URL", "https://www.jstor.org/stable/40"),
        ("eprint={https://example.org/p.pdf}", "URL", "https://example.org/p.pdf"),
        ("eprint={7}", "URL", None),
        ("eprint={1706.03762}, archiveprefix={arXiv}, url={https://a.nl/}", "URL", "https://a.nl/"),
    ],
)
def test_an_eprint_keeps_its_address_and_leaves_as_it_came(fields: str, variable: str, value: str | None) -> None:
    item = by_key(f"@article{{a, title={{T}}, {fields}}}")["a"]
    assert item.get(variable) == value
    written = to_bibtex([item])
    for field in fields.split(", "):
        assert field.replace("=", " = ") in written
    assert written.count("url = ") == fields.count("url=")


def test_an_address_at_arxiv_leaves_as_an_eprint() -> None:
    item = {"id": "a", "type": "article", "title": "T", "URL": "https://arxiv.org/abs/1706.03762"}
    assert "  eprint = {1706.03762},\n  archiveprefix = {arXiv},\n" in to_bibtex([item])
    assert by_key(to_bibtex([item]))["a"]["URL"] == item["URL"]


@pytest.mark.parametrize(
    ("entry", "variable"),
    [("article", "issue"), ("techreport", "number"), ("misc", "number"), ("book", "collection-number")],
)
def test_a_number_is_of_the_issue_of_the_work_or_of_its_place_in_a_series(entry: str, variable: str) -> None:
    item = by_key(f"@{entry}{{a, title={{T}}, number={{2}}}}")["a"]
    assert {name: item.get(name) for name in ("issue", "number", "collection-number") if name in item} == {
        variable: "2"
    }
    assert "  number = {2}" in to_bibtex([item])
