"""Retrieval by words: over a real catalogue."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from index.request import SearchRequest
from index.sparse import BY_CONTEXT, BY_PART, Sparse, Wanted, asked, coverage, holds_phrase, idf, weigh
from kb.catalogue import Catalogue, Match, Passages, Prepared
from kb.language import query_words
from kb.model import Language, Page, Passage, Query, StoredFile

SLIDES = (
    "Studentenwelzijn\nHet welzijn van studenten staat onder druk",
    "Een gevoel van thuis zijn\nWie zich thuis voelt, blijft",
    "Self-efficacy (Bandura, 1994)\nGeloof in eigen kunnen",
    "E-learning\nLeren met een scherm",
    "AI in het hbo\nWat mag een tekstgenerator?",
    "Kwaliteitsregistratie van de opleidingen",
    "Prestatiedruk onder eerstejaars",
    "Een 19e-eeuws gebouw van de UvA-HvA",
    "Uitval na een jaar",
)


def request(passages: Passages, query: Query) -> SearchRequest:
    """A search of these passages."""
    return SearchRequest(query, passages.generation(), passages.passage_count())


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path_factory.mktemp("words") / "catalogue.sqlite")
    put(opened, "deck", "nl", SLIDES)
    put(
        opened,
        "paper",
        "en",
        ("Studies of student teachers and their feelings of belonging", "The effects of studying"),
    )
    yield opened
    opened.close()


def put(catalogue: Catalogue, name: str, language: Language, texts: tuple[str, ...]) -> None:
    pages = tuple(
        Page(number=i, text=text, label=str(i), language=language, title=text.split("\n")[0])
        for i, text in enumerate(texts, 1)
    )
    passages = tuple(Passage(page.number, 0, len(page.text), page.text, language=language) for page in pages)
    file = StoredFile(name.ljust(64, "0"), f"{name}.pdf", f"/{name}.pdf", "application/pdf", 1)
    catalogue.documents.put(
        Prepared(
            title=f"Over {name}", kind="deck", language=language, authors=(), date=None, pages=pages,
            passages=passages, citations=(), entries=(), file=file,
        )
    )  # fmt: skip


def found(catalogue: Catalogue, text: str, **filters: Language) -> list[str]:
    hits = Sparse(catalogue.passages).retrieve(request(catalogue.passages, Query(text, **filters)), 10)  # type: ignore[arg-type]
    texts = catalogue.passages.passages([hit.passage_id for hit in hits])
    return [texts[hit.passage_id].text.split("\n")[0] for hit in hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("welzijn", "Studentenwelzijn"),
        ("studenten welzijn", "Studentenwelzijn"),
        ("welzijn van de student", "Studentenwelzijn"),
        ("registratie", "Kwaliteitsregistratie van de opleidingen"),
        ("prestatie", "Prestatiedruk onder eerstejaars"),
        ("self efficacy", "Self-efficacy (Bandura, 1994)"),
        ("selfefficacy", "Self-efficacy (Bandura, 1994)"),
        ("bandura 1994", "Self-efficacy (Bandura, 1994)"),
        ("elearning", "E-learning"),
        ("e-learning", "E-learning"),
        ("AI", "AI in het hbo"),
        ("HBO", "AI in het hbo"),
        ("hva", "Een 19e-eeuws gebouw van de UvA-HvA"),
        ("19e eeuw", "Een 19e-eeuws gebouw van de UvA-HvA"),
        ("study", "The effects of studying"),
    ],
)
def test_a_query_finds_what_holds_its_words(catalogue: Catalogue, query: str, first: str) -> None:
    assert found(catalogue, query)[0] == first


def test_a_verb_is_found_whole_when_the_query_parts_it(catalogue: Catalogue) -> None:
    assert found(catalogue, "waarom vallen zij uit") == ["Uitval na een jaar"]


def test_a_word_is_found_by_itself_and_inside_a_compound(catalogue: Catalogue) -> None:
    assert set(found(catalogue, "druk")) == {"Studentenwelzijn", "Prestatiedruk onder eerstejaars"}


def test_a_compound_in_the_query_finds_its_halves(catalogue: Catalogue) -> None:
    assert "Prestatiedruk onder eerstejaars" in found(catalogue, "studentendruk")
    assert "Een 19e-eeuws gebouw van de UvA-HvA" in found(catalogue, "kwaliteitsgebouw")


def test_words_that_stand_nowhere_find_nothing(catalogue: Catalogue) -> None:
    assert found(catalogue, "appeltaart") == []
    assert found(catalogue, "") == []
    assert found(catalogue, "?!") == []


def test_filters_confine_what_is_found(catalogue: Catalogue) -> None:
    assert found(catalogue, "student", language="en") == ["Studies of student teachers and their feelings of belonging"]


def test_a_phrase_and_a_title_are_exact_and_loose_words_are_not(catalogue: Catalogue) -> None:
    def exact(text: str) -> list[bool]:
        return [hit.exact for hit in Sparse(catalogue.passages).retrieve(request(catalogue.passages, Query(text)), 10)]

    assert exact("eigen kunnen")[0] is True
    assert exact("kunnen eigen")[0] is False
    assert exact("Een gevoel van thuis zijn")[0] is True
    assert exact("welzijn druk")[0] is False


def test_coverage_is_the_share_of_the_query_s_weight_that_a_passage_holds() -> None:
    wanted = [Wanted("a", ("a",), (), 3.0, {}), Wanted("b", ("b", "bb"), ("x", "y"), 1.0, {})]
    assert coverage(wanted, Match(1, 1.0, "", "a c", "", "")) == pytest.approx(0.75)
    assert coverage(wanted, Match(1, 1.0, "bb", "a", "", "")) == pytest.approx(1.0)
    assert coverage(wanted, Match(1, 1.0, "", "", "a", "")) == pytest.approx(0.75 * BY_PART)
    assert coverage(wanted, Match(1, 1.0, "", "", "", "a b")) == pytest.approx(BY_CONTEXT)
    assert coverage(wanted, Match(1, 1.0, "", "x y", "", "")) == pytest.approx(0.25 * 2 * 0.5 * BY_PART)
    assert coverage([], Match(1, 1.0, "", "a", "", "")) == 0.0


def test_a_rarer_word_weighs_more_and_an_unknown_one_most() -> None:
    assert idf(0, 100) > idf(1, 100) > idf(50, 100) > idf(100, 100) > 0
    assert idf(9, 100) == pytest.approx(math.log(1 + 91.5 / 9.5))


def test_small_words_carry_nothing_unless_there_are_no_others(catalogue: Catalogue) -> None:
    assert [word.text for word in weigh(query_words("wat is het welzijn"), catalogue.passages, 10)] == ["welzijn"]
    assert {word.text for word in weigh(query_words("wat is het"), catalogue.passages, 10)} == {"wat", "is", "het"}


def test_common_words_are_not_looked_up_unless_there_are_no_others() -> None:
    assert looked_up(1000, common=300, rare=5) == ["rare"]
    assert looked_up(1000, common=300, unknown=0) == ["unknown", "common"]
    assert looked_up(10, common=8, rare=5) == ["rare", "common"]


def test_what_is_looked_up_stands_in_few_enough_passages_but_for_the_two_rarest_terms() -> None:
    assert looked_up(100_000, few=10, some=500, others=480, much=900) == ["few", "others", "some"]
    assert looked_up(100_000, much=900, more=5000, most=6000) == ["much", "more"]
    halved = Wanted(
        "studentwelzijn", ("studentwelzijn",), ("student", "welzijn"), 1.0, {"student": 5000, "welzijn": 90}
    )
    assert asked([halved, wanted(drempel=20)], 10_000) == ["studentwelzijn", "drempel", "welzijn"]


def wanted(**frequencies: int) -> Wanted:
    ((word, frequency),) = frequencies.items()
    return Wanted(word, (word,), (), 1.0, {word: frequency})


def looked_up(count: int, **frequencies: int) -> list[str]:
    return asked([wanted(**{word: frequency}) for word, frequency in frequencies.items()], count)


def test_a_row_of_terms_stands_where_they_are_side_by_side() -> None:
    match = Match(1, 1.0, "liminal ruimt", "een self efficacy x", "selfefficacy", "")
    assert holds_phrase(["self", "efficacy"], match)
    assert holds_phrase(["liminal", "ruimt"], match)
    assert holds_phrase(["selfefficacy"], match)
    assert not holds_phrase(["efficacy", "self"], match)
    assert not holds_phrase(["elf", "efficacy"], match)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=80), st.text(alphabet="\"*^():-+{}[]ANDORNOTEAR '", max_size=40)))
def test_no_query_text_is_a_syntax_error(catalogue: Catalogue, text: str) -> None:
    for hit in Sparse(catalogue.passages).retrieve(request(catalogue.passages, Query(text)), 10):
        assert 0.0 <= hit.coverage <= 1.0 + 1e-9


def test_a_whole_text_is_no_burden_as_a_query(catalogue: Catalogue) -> None:
    assert found(catalogue, " ".join(SLIDES) + " woord" * 5000)


def test_a_filter_does_not_run_the_full_text_query_once_for_each_passage_it_admits(tmp_path: Path) -> None:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    for number in range(30):
        put(opened, f"deck-{number:02}-", "nl", SLIDES)
    sparse = Sparse(opened.passages)

    def steps(query: Query) -> int:
        """Thousands of steps of SQLite's virtual machine that a query takes."""
        counted = [0]

        def count() -> int:
            counted[0] += 1
            return 0

        def watch(connection: sqlite3.Connection, *_: object) -> None:
            connection.set_progress_handler(count, 1000)

        event.listen(opened.backend.engine, "checkout", watch)
        assert len(sparse.retrieve(request(opened.passages, query), 10)) == 10
        event.remove(opened.backend.engine, "checkout", watch)
        return counted[0]

    words = "welzijn van studenten staat onder druk"
    assert steps(Query(words, kind="deck")) <= 2 * steps(Query(words)) + 10
    opened.close()
