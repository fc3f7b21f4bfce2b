"""The glossary: terms that mean the same, in both languages, for search and for answers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

from index.coverage import BY_TRANSLATION, Matcher
from index.questions import read_question
from index.searcher import searcher_over
from kb.catalogue import Catalogue
from kb.language import query_words
from kb.language.glossary import Glossary, open_glossary, read_line
from kb.model import Query
from tests.catalogue_material import prepared
from tests.fakes import LetterEncoder


def others(glossary: Glossary, query: str) -> dict[str, set[str]]:
    """For each word of a query the stems of the other terms."""
    words = query_words(query)
    found = glossary.others(words)
    return {word.text: {" ".join(row) for row in found[word.start]} for word in words if word.start in found}


def test_every_line_that_ships_is_whole_and_no_term_stands_twice_in_it() -> None:
    text = (resources.files("kb.language") / "glossary.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) >= 240
    for line in lines:
        read_line(line)
        terms = [term.strip() for side in line.split("\t") for term in side.split(";")]
        assert all(terms), line
    assert lines == sorted(set(lines), key=lines.index)


def test_a_word_has_its_translations_and_its_synonyms_whatever_its_form() -> None:
    found = others(open_glossary(), "waarom vallen studenten uit: uitvallers en Dropouts")
    assert {"dropout", "drop out", "attrit"} <= found["uitvallers"]
    assert {"uitval", "uitvaller"} <= found["dropouts"]
    assert {"attrit", "dropout"} <= found["vallen"]  # with the particle that stands apart
    assert "vallen" not in others(open_glossary(), "de bladeren vallen")


def test_the_longest_term_counts_and_each_of_its_words_has_its_translations() -> None:
    glossary = Glossary([read_line("toetsing\tassessment"), read_line("formatief toetsen\tformative assessment")])
    assert others(glossary, "what is formative assessment") == {
        "formative": {"former toets"}, "assessment": {"former toets"},
    }  # fmt: skip
    assert others(glossary, "assessment") == {"assessment": {"toets"}}


@pytest.mark.parametrize("line", ["uitval dropout", "uitval\t", "a\tb\tc", "een te lange term van vijf woorden\tx"])
def test_a_line_that_cannot_be_used_is_refused_with_the_reason(line: str) -> None:
    with pytest.raises(ValueError, match="needs"):
        read_line(line)


def test_the_keeper_adds_terms_and_a_bad_line_costs_itself_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "glossary.tsv").write_text("# eigen termen\nspuit 11\tlatecomer\n\nzonder tab\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        glossary = open_glossary(tmp_path)
    assert others(glossary, "latecomers") == {"latecomers": {"spuit 11"}}
    assert "dropout" in others(glossary, "uitval")["uitval"]
    assert [record.getMessage().partition("line ")[2] for record in caplog.records] == [
        "4 is left out: it needs Dutch terms, one tab, and English terms"
    ]
    (tmp_path / "glossary.tsv").write_bytes(b"\xff\xfe\x00")
    assert others(open_glossary(tmp_path), "latecomers") == {}


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with closing(Catalogue(tmp_path / "catalogue.sqlite")) as opened:
        opened.documents.put(prepared("a", "Uitval in het eerste jaar", "Over tentamens en roosters"))
        opened.documents.put(prepared("b", "Tentamens in juni", "Nog een dia"))
        yield opened


def found(catalogue: Catalogue, tmp_path: Path, query: str) -> list[tuple[int, int]]:
    searcher = searcher_over(catalogue.passages, LetterEncoder(), tmp_path)
    hits = [hit.passage_id for hit in searcher.rank(Query(query), retriever="sparse")]
    passages = catalogue.passages.passages(hits)
    return [(passages[key].document_id, passages[key].number) for key in hits]


def test_a_word_that_the_collection_does_not_have_is_found_by_its_translation(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    assert found(catalogue, tmp_path, "dropout") == [(1, 1)]
    assert sorted(found(catalogue, tmp_path, "exams")) == [(1, 2), (2, 1)]
    assert found(catalogue, tmp_path, "uitval") == [(1, 1)]


def test_an_answer_covers_a_word_by_its_translation() -> None:
    question = read_question("why do students drop out", glossary=open_glossary())
    covered = Matcher(question, None).match("Waarom studenten uitvallen").within()
    by_word = dict(zip([word.text for word in question.asked], covered.tolist(), strict=True))
    assert by_word["drop"] == pytest.approx(BY_TRANSLATION)
    assert Matcher(read_question("why do students drop out"), None).match("uitvallen").within().max() == 0
