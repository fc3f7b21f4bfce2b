"""What goes out in BibTeX, RIS and CSL-JSON comes back as it was, and other programs can read it."""

from __future__ import annotations

import json
import string
from typing import Any

import bibtexparser
import jsonschema
import pytest
import rispy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.bibliography import SCHEMA, from_bibtex, from_csl_json, from_ris, person, to_bibtex, to_csl_json, to_ris
from kb.bibliography.items import clean
from kb.bibliography.latex import decoded, encoded

QUICK = settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.too_slow])

letters = "abcdefghijklmnopqrstuvwxyzéèëïöüçñšž"
signs = letters + letters.upper() + string.digits + " .,:;!?-–—()[]{}\\&%_#$~^@\"'`’“”<>/+=*|…"
texts = st.text(signs, min_size=1, max_size=40).map(clean).filter(bool)
words = st.text(letters, min_size=2, max_size=10).map(str.capitalize)
digits = st.integers(1, 9999).map(str)
people = st.one_of(
    st.builds(person, words, st.sampled_from(["A.", "Jan Piet", "K. L.", "É."])),
    st.builds(lambda f, p: person(f"{p} {f}", "K."), words, st.sampled_from(["van der", "de", "van", "in 't", "el"])),
    st.builds(lambda f: person(f, "A.", "Jr"), words),
    st.builds(lambda t: {"literal": t}, texts.filter(lambda t: t.lower() != "others")),
    st.builds(lambda t: {"family": t, "given": "A."}, texts.filter(lambda t: " " in t)),
)
dates = st.one_of(
    st.tuples(st.integers(1500, 2099)),
    st.tuples(st.integers(1500, 2099), st.integers(1, 12)),
    st.tuples(st.integers(1500, 2099), st.integers(1, 12), st.integers(1, 28)),
).map(lambda parts: {"date-parts": [list(parts)]})
dois = st.text(letters[:26] + string.digits + "()<>;._-/%{}", min_size=1, max_size=20).map(lambda t: f"10.1234/{t}")


def items(types: list[str], **more: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"id": st.just("item-1"), "type": st.sampled_from(types), "title": texts},
        optional={
            "author": st.lists(people, min_size=1, max_size=4),
            "editor": st.lists(people, min_size=1, max_size=2),
            "issued": dates, "accessed": dates, "container-title": texts, "volume": digits, "issue": digits,
            "page": st.one_of(digits, st.tuples(digits, digits).filter(lambda p: p[0] != p[1]).map("-".join)),
            "publisher": texts, "publisher-place": texts, "edition": digits, "DOI": dois, "abstract": texts, "note": texts,
            "URL": texts.map(lambda t: "https://example.org/" + t.replace(" ", "")), "collection-title": texts,
            "keyword": st.lists(words, min_size=1, max_size=3).map(", ".join), "language": st.sampled_from(["nl", "en"]),
            "number": digits, "annote": texts, "PMID": digits, "PMCID": digits.map("PMC{}".format), **more
        },
    ).filter(lambda item: item["type"] != "book" or item.get("container-title") != item["title"])  # fmt: skip


def fields_of(entries: list[Any]) -> dict[str, dict[str, str]]:
    """Decoded fields by key of what bibtexparser read: what two files have to agree in to say the same."""
    return {e.key: {f.key.lower(): decoded(str(f.value).strip()) for f in e.fields} for e in entries}


def without_custom(item: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in item.items() if field != "custom"}


@QUICK
@given(texts)
def test_bibtex_escapes_say_what_the_text_said(text: str) -> None:
    assert decoded(encoded(text)) == text


@QUICK
@given(
    items(["article-journal", "book", "chapter", "paper-conference", "webpage", "document", "dataset"], version=digits)
)
def test_an_item_comes_back_from_bibtex_as_it_went(item: dict[str, Any]) -> None:
    written = to_bibtex([item])
    back, problems = from_bibtex(written)
    assert problems == []
    assert [without_custom(found) for found in back] == [item]


@QUICK
@given(items(["article-journal", "book", "chapter", "webpage", "speech", "report", "document"]))
def test_an_item_comes_back_from_ris_as_it_went(item: dict[str, Any]) -> None:
    item["author"] = [n for n in item.get("author", []) if " " not in n.get("family", "x")] or [person("Bandura", "A.")]
    item.pop("editor", None)
    item["author"] = [n for n in item["author"] if "literal" not in n] or [{"literal": "Ministerie van OCW"}]
    back, problems = from_ris(to_ris([item]))
    assert problems == []
    assert [without_custom(found) for found in back] == [item]


institutions = st.lists(
    st.one_of(words, st.sampled_from(["van", "voor", "Raad", "OCW"])), min_size=1, max_size=4
).flatmap(lambda parts: st.sampled_from([" ", ", "]).map(lambda joint: joint.join(parts)))


@QUICK
@given(institutions, st.sampled_from(["report", "software", "book", "article-journal"]), digits, digits)
def test_an_institution_and_the_numbers_of_a_work_come_back_from_ris(
    name: str, kind: str, number: str, other: str
) -> None:
    variable = {"software": "version", "book": "collection-number"}.get(kind, "edition")
    item = {"id": "a", "type": kind, "title": "T", "author": [{"literal": name}], "number": number, variable: other}
    back, _ = from_ris(to_ris([item]))
    assert [without_custom(found) for found in back] == [item]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("TY  - RPRT\nSN  - CBS-2020/7\n", {"number": "CBS-2020/7"}),
        ("TY  - RPRT\nSN  - 978-90-1234-567-8\n", {"ISBN": "978-90-1234-567-8"}),
        ("TY  - JOUR\nAN  - 12345678\nDB  - PubMed\n", {"PMID": "12345678", "source": "PubMed"}),
        ("TY  - JOUR\nAN  - 12345678\nDB  - Scopus\n", {"source": "Scopus"}),
        ("TY  - JOUR\nAN  - PMID: 123\nC2  - PMC29\nC7  - e12\n", {"PMID": "123", "PMCID": "PMC29", "number": "e12"}),
        ("TY  - COMP\nET  - 2.1\n", {"version": "2.1"}),
        ("TY  - BOOK\nT2  - Studies\nM1  - 4\nET  - 2\n",
         {"collection-title": "Studies", "collection-number": "4", "edition": "2"}),
        ("TY  - CHAP\nT2  - Dikes\nRN  - Read\nN1  - Lent\n", {"container-title": "Dikes", "annote": "Read", "note": "Lent"}),
        ("TY  - RPRT\nAU  - World Health Organization,\n", {"author": [{"literal": "World Health Organization"}]}),
        ("TY  - RPRT\nAU  - Raad, A. de\n",
         {"author": [{"family": "Raad", "given": "A.", "non-dropping-particle": "de"}]}),
        ("TY  - RPRT\nAU  - Ministerie van Onderwijs, Cultuur en Wetenschap\n",
         {"author": [{"literal": "Ministerie van Onderwijs, Cultuur en Wetenschap"}]}),
    ],
)  # fmt: skip
def test_tags_mean_what_they_mean_in_a_record_of_their_type(lines: str, expected: dict[str, Any]) -> None:
    (item,), problems = from_ris(f"{lines}ER  - \n")
    assert problems == []
    assert {name: value for name, value in item.items() if name not in {"id", "type", "custom"}} == expected
    assert sorted(to_ris([item]).split("\n")) == sorted(f"{lines}ER  - \n".split("\n"))


@QUICK
@given(items(["article-journal", "book", "speech", "thesis", "report", "webpage"]))
def test_an_item_comes_back_from_csl_json_as_it_went_and_is_valid(item: dict[str, Any]) -> None:
    written = to_csl_json([item])
    jsonschema.validate(json.loads(written), SCHEMA)
    back, problems = from_csl_json(written)
    assert problems == []
    assert [without_custom(found) for found in back] == [item]


FIELD_NAMES = [
    "author", "title", "journal", "journaltitle", "booktitle", "year", "date", "month", "volume", "number", "pages", "doi",
    "url", "publisher", "school", "note", "annote", "keywords", "abstract", "file", "eprint", "archiveprefix", "crossref",
    "howpublished", "series", "language", "issn", "timestamp", "mendeley-tags",
]  # fmt: skip
values = st.one_of(
    texts.map(encoded),
    st.sampled_from(
        [r"{DNA} en {\"o}ver", r"Caf\'{e} \& {L}atte", "12--15", "2020", "1", "jan", r"\url{https://x.nl/a_b}", "$a^2$",
         "{{Ministerie van OCW}}", "van der Goot, K. and Bandura, Albert and {SCP}", "A and B and others", "2023-09-12",
         r"\emph{x} ``quoted''", "10.1000/x_y"]
    ),
)  # fmt: skip


@QUICK
@given(
    st.sampled_from(["article", "book", "incollection", "inproceedings", "phdthesis", "mastersthesis", "techreport",
                     "misc", "online", "unpublished", "manual"]),
    st.dictionaries(st.sampled_from(FIELD_NAMES), values, min_size=1, max_size=9),
)  # fmt: skip
def test_bibtex_comes_out_with_every_field_that_went_in(kind: str, fields: dict[str, str]) -> None:
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    source = f"@{kind}{{goot2020,\n{body}\n}}\n"
    before = bibtexparser.parse_string(source)
    came_in, problems = from_bibtex(source)
    after = bibtexparser.parse_string(to_bibtex(came_in))
    assert problems == []
    assert [entry.entry_type for entry in after.entries] == [kind]
    assert fields_of(after.entries) == fields_of(before.entries)


@pytest.mark.parametrize("year", ["2023-09-12", "2023-09", "1980/1990", "2020a", "in press", "ca. 1912", "1969"])
def test_the_year_of_a_record_comes_out_of_bibtex_as_it_went_in(year: str) -> None:
    came_in, _ = from_bibtex(f"@article{{goot,\n  year = {{{year}}}\n}}\n")
    assert fields_of(bibtexparser.parse_string(to_bibtex(came_in)).entries) == {"goot": {"year": year}}


TAGS = ["TI", "T1", "AU", "A1", "A2", "PY", "Y1", "DA", "JO", "T2", "JF", "VL", "IS", "SP", "EP", "PB", "CY", "SN", "DO",
        "UR", "AB", "N2", "KW", "N1", "ET", "LA", "M3", "L1", "C1", "U1", "Y2", "AN"]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["SP  - 0–0", "SP  - 12–15", "SP  - 12-15", "PY  - 1980/1990", "PY  - 2020a", "PY  - in press"]
)
def test_pages_and_years_come_out_of_ris_as_they_went_in(line: str) -> None:
    came_in, _ = from_ris(f"TY  - JOUR\n{line}\nER  - \n")
    assert to_ris(came_in).splitlines() == ["TY  - JOUR", line, "ER  - "]


@QUICK
@given(
    st.sampled_from(["JOUR", "BOOK", "CHAP", "CONF", "THES", "RPRT", "ELEC", "SLIDE", "EJOUR"]),
    st.dictionaries(st.sampled_from(TAGS), st.lists(texts, min_size=1, max_size=3), min_size=1, max_size=9),
)
def test_ris_comes_out_with_every_tag_that_went_in(kind: str, tags: dict[str, list[str]]) -> None:
    lines = [f"{tag}  - {value}" for tag, said in tags.items() for value in said]
    source = "\n".join([f"TY  - {kind}", *lines, "ER  - ", ""])
    came_in, problems = from_ris(source)
    assert problems == []
    out = to_ris(came_in).splitlines()
    assert out[0] == f"TY  - {kind}"
    assert sorted(line for line in out[1:] if line.strip() and not line.startswith("ER")) == sorted(lines)


@QUICK
@given(items(["article-journal", "book"]))
def test_other_programs_read_what_is_written(item: dict[str, Any]) -> None:
    assert len(bibtexparser.parse_string(to_bibtex([item, item])).entries) == 2
    assert len(rispy.loads(to_ris([item, item]))) == 2


def test_a_correction_goes_out_instead_of_the_spelling_it_corrects() -> None:
    (item,), _ = from_bibtex("@article{a, title={The {DNA} of it}, journaltitle={X}, eprint={7}}")
    item["title"] = "The RNA of it"
    written = to_bibtex([item])
    assert "title = {The RNA of it}" in written
    assert "journaltitle = {X}" in written
    assert "eprint = {7}" in written


def test_particles_and_institutions_are_written_as_each_format_has_them() -> None:
    item = {
        "id": "goot-2019",
        "type": "book",
        "title": "Over 100% & meer",
        "author": [person("van der Goot", "K."), {"literal": "Ministerie van OCW"}],
    }
    assert "author = {van der Goot, K. and {Ministerie van OCW}}" in to_bibtex([item])
    assert r"title = {Over 100\% \& meer}" in to_bibtex([item])
    assert "AU  - van der Goot, K.\nAU  - Ministerie van OCW\n" in to_ris([item])


@pytest.mark.parametrize("name", ["Goot, K. van der", "van der Goot, K.", "K. van der Goot"])
def test_a_particle_is_found_wherever_it_stands(name: str) -> None:
    (item,), _ = from_bibtex(f"@book{{a, author={{{name}}}, title={{T}}}}")
    assert item["author"] == [{"family": "Goot", "given": "K.", "non-dropping-particle": "van der"}]


def test_keys_are_ascii_and_unique() -> None:
    item = {
        "id": "é",
        "type": "book",
        "title": "T",
        "author": [person("Čapek", "K.")],
        "issued": {"date-parts": [[1920]]},
    }
    written = to_bibtex([item, item, {**item, "id": "x y"}])
    keys = [entry.key for entry in bibtexparser.parse_string(written).entries]
    assert keys == ["capek-1920", "capek-1920a", "capek-1920b"]


def test_a_key_or_a_field_given_twice_loses_no_entry() -> None:
    source = """@string{jth = "Journal of Things"}
@article{a, title={One {DNA}}, journal=jth, year=2000}
@article{a, title={Two}, journal=jth, year={2001}}
@book{c, title={Three}, year=2002, year={2003}}
"""
    found, problems = from_bibtex(source)
    assert problems == []
    assert [(item["title"], item.get("container-title")) for item in found] == [
        ("One DNA", "Journal of Things"), ("Two", "Journal of Things"), ("Three", None),
    ]  # fmt: skip
    written = bibtexparser.parse_string(to_bibtex(found))
    assert [entry.key for entry in written.entries] == ["a", "a-2", "c"]
    assert fields_of(written.entries)["a-2"]["title"] == "Two"


def test_names_and_letters_are_read_as_bibtex_writes_them() -> None:
    source = r"@book{a, title={\"Uber {\'E}t\'e \ss}, author={Jos{\'e} \'Alvarez and Ludwig van Beethoven and {Barnes and Co}}}"
    (item,), _ = from_bibtex(source)
    assert item["title"] == "Über Été ß"
    assert item["author"] == [
        {"family": "Álvarez", "given": "José"},
        {"family": "Beethoven", "given": "Ludwig", "non-dropping-particle": "van"},
        {"literal": "Barnes and Co"},
    ]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_a_record_with_a_number_that_is_none_costs_that_record_alone(number: str) -> None:
    text = f"""[{{"id": "a", "type": "book", "title": "Een", "issued": {{"date-parts": [[{number}]]}}}},
                {{"id": "b", "type": "book", "title": "Twee", "custom": {{"deep": [{number}]}}}},
                {{"id": "c", "type": "book", "title": "Drie"}}]"""
    items, problems = from_csl_json(text)
    assert [item["id"] for item in items] == ["c"]
    assert [problem.partition(":")[0] for problem in problems] == ["record 1", "record 2"]
