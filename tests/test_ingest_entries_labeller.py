"""The sequence labeller of reference entries, what is made of its labels, and the arbiter between it and the rules."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.entries import entries
from ingest.entries.arbiter import NOTHING, Reading, chosen
from ingest.entries.entry import parse, read
from ingest.entries.features import features
from ingest.entries.labeller import Field, Labelled, Part, label, load
from ingest.entries.parts import item_of
from ingest.entries.people import people_in_any_order
from ingest.teach.items import items
from kb.bibliography import authors, title, year
from kb.bibliography.style import apa
from kb.model import Page

RANDOM = np.random.default_rng(5)
FIELD = Field(
    ("author", "title", "date"),
    {"a": 0, "b": 1, "c": 2},
    np.vstack([RANDOM.normal(size=(3, 3)), np.zeros((1, 3))]).astype(np.float32),
    RANDOM.normal(size=(3, 3)).astype(np.float32),
)
WORDS = (("a", "b"), ("c",), ("never seen", "a"), ("b", "c"))


def path_scores() -> dict[tuple[int, ...], float]:
    """The score of every sequence of labels, added up by hand."""
    scores = {}
    for path in product(range(3), repeat=len(WORDS)):
        own = sum(
            FIELD.weights[FIELD.rows[f], at]
            for at, word in zip(path, WORDS, strict=True)
            for f in word
            if f in FIELD.rows
        )
        scores[path] = float(own + sum(FIELD.transitions[a, b] for a, b in pairwise(path)))
    return scores


def test_the_best_path_is_the_best_of_all_paths() -> None:
    scores = path_scores()
    assert tuple(FIELD.best_path(FIELD.scores(WORDS))) == max(scores, key=lambda path: scores[path])


def test_marginals_are_the_shares_of_all_paths() -> None:
    scores = path_scores()
    total = sum(np.exp(score) for score in scores.values())
    wanted = np.zeros((len(WORDS), 3))
    for path, score in scores.items():
        for at, name in enumerate(path):
            wanted[at, name] += np.exp(score) / total
    np.testing.assert_allclose(FIELD.marginals(FIELD.scores(WORDS)), wanted, atol=1e-5)


def test_a_field_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    FIELD.save(tmp_path / "field.npz")
    again = load(tmp_path / "field.npz")
    assert (again.labels, again.rows) == (FIELD.labels, FIELD.rows)
    np.testing.assert_allclose(again.weights, FIELD.weights, atol=2e-3)
    np.testing.assert_array_equal(again.transitions, FIELD.transitions)


def test_features_tell_a_year_from_initials_and_words_in_quotation_marks() -> None:
    initials, year, quoted = features(["J.", "(2014).", "“Rust”"])
    assert "kind=initials" in initials
    assert "kind=year" in year
    assert "state=quoted" in quoted


def test_an_entry_is_cut_into_its_parts() -> None:
    labelled = label("Sol JP, Vonk T. Tides and dikes of the north. J Coastal Stud. 2014;3(2):62-5.")
    assert labelled.parts[:3] == (
        Part("author", "Sol JP, Vonk T."),
        Part("title", "Tides and dikes of the north."),
        Part("journal", "J Coastal Stud."),
    )
    assert 0.5 < labelled.confidence <= 1


def test_volume_issue_and_pages_are_read_from_behind_the_year() -> None:
    parts = (
        Part("author", "Sol JP"),
        Part("title", "Tides."),
        Part("journal", "J Coast."),
        Part("date", "2014;3(2):62-5."),
    )
    item = item_of(Labelled(parts, 0.9))
    assert (item["volume"], item["issue"], item["page"]) == ("3", "2", "62-5")
    assert item["issued"] == {"date-parts": [[2014]]}


NAMES = [
    ("Berg, B. van den, & Vonk, T.", ("van den Berg", "Vonk")),
    ("Sol JP, Vonk T", ("Sol", "Vonk")),
    ("J. Sol, T. de Vonk and A. Smit-Bakker", ("Sol", "de Vonk", "Smit-Bakker")),
    ("Anna Sol, Bram de Vonk, and Cor Smit", ("Sol", "de Vonk", "Smit")),
    ("Sol, J.; van der Vonk, T.", ("Sol", "van der Vonk")),
    ("Sol, Anna, Bram de Vonk, and Cor Smit", ("Sol", "de Vonk", "Smit")),
    ("Sol J, Vonk T, et al.", ("Sol", "Vonk")),
    ("Ministerie van Onderwijs, Cultuur en Wetenschap", ("Ministerie van Onderwijs, Cultuur en Wetenschap",)),
    ("Over het leren van fouten in 2019", ()),
]


@pytest.mark.parametrize(("text", "families"), NAMES)
def test_names_are_read_in_any_order_or_not_at_all(text: str, families: tuple[str, ...]) -> None:
    assert authors({"author": people_in_any_order(text)}) == families


# --- the arbiter


APA = "Sol, J. (2014). Tides and dikes. Coastal Studies, 3(2), 62–65."
APA_ITEM = {
    "author": [{"family": "Sol", "given": "J."}],
    "title": "Tides and dikes",
    "container-title": "Coastal Studies",
}
SENTENCE = "The tide came in earlier than anybody had expected, and the dikes of the north were not ready for it."


def test_the_rules_of_a_certain_style_win() -> None:
    assert chosen(Reading("apa", APA_ITEM), APA).item == APA_ITEM


def test_rules_that_agree_with_the_labeller_keep_their_other_fields() -> None:
    item = {**APA_ITEM, "title": "Tides and dikes.", "note": "kept"}
    assert chosen(Reading("harvard", item), APA).item == item


def test_a_sentence_stays_raw() -> None:
    assert chosen(None, SENTENCE) == NOTHING


def test_a_long_text_is_left_to_the_rules() -> None:
    assert chosen(None, APA * 40) == NOTHING


def test_readings_that_two_agree_on_are_surer_than_those_of_one_alone() -> None:
    certain, agreed = chosen(Reading("apa", APA_ITEM), APA), chosen(Reading("harvard", APA_ITEM), APA)
    alone = chosen(Reading("harvard", {**APA_ITEM, "author": []}), "x" * 1600)
    address, unread = read("see https://doi.org/10.1234/tides"), read(SENTENCE)
    found = [each.confidence for each in (certain, agreed, alone, address, unread)]
    assert min(found[:2]) >= 0.9
    assert found[2:] == [0.3, 0.2, 0.0]
    (entry,) = entries([Page(1, f"References\n{APA}\n")], kind="literature")
    assert entry.confidence == certain.confidence


@pytest.mark.parametrize("family", ["Sol 2014", "A27", "S."])
def test_a_certain_style_needs_names(family: str) -> None:
    item = {"author": [{"family": family}], "title": "T"}
    assert chosen(Reading("apa", item), APA).item["title"] == "Tides and dikes"


OWN_ENTRIES = [
    (item, language) for language in ("nl", "en") for item in items(5, 40, language) if item["type"] != "thesis"
]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_entries_that_kb_writes_are_read_back(language: str) -> None:
    written = {apa(item, language): item for item, its_language in OWN_ENTRIES if its_language == language}
    wrong = [text for text, item in written.items() if facts(parse(text)) != facts(item)]
    assert wrong == []
    assert len(written) > 30


def facts(item: dict[str, Any]) -> tuple[object, ...]:
    """What identifies a work: authors, title, year."""
    return authors(item), title(item), year(item)


RENDERED = [
    "Karel Bos, Jan Smit, en Inge Vonk. 2022. Wind, water en zout. Tijdschrift voor Dijkbeheer, 16(4):802-804.",
    "1Bos KM, Smit J, Vonk I. Wind, water en zout. Tijdschr Dijkbeheer 2022; 16: 802-4.",
    "[12] K. M. Bos, J. Smit en I. Vonk, ‘Wind, water en zout’, Tijdschrift voor Dijkbeheer, jrg. 16, nr. 4, pp. 802-804, 2022.",
    "BOS, Karel, SMIT, Jan en VONK, Inge, 2022. Wind, water en zout. Tijdschrift voor Dijkbeheer. 2022. Vol. 16, p. 802-804.",
    "Bos KM, Smit J, Vonk I (2022) Wind, water en zout. Tijdschrift voor Dijkbeheer 16:802–804",
    "(3) Bos, K. M.; Smit, J.; Vonk, I. Wind, water en zout. Tijdschrift voor Dijkbeheer 2022, 16 (4), 802–804.",
    "Bos, K. M., Smit, J. & Vonk, I. Wind, water en zout. Tijdschrift voor Dijkbeheer 16, 802–804 (2022).",
    "4. Bos, K.M., Smit, J., Vonk, I.: Wind, water en zout. Tijdschrift voor Dijkbeheer 16(4), 802–804 (2022)",
]


@pytest.mark.parametrize("text", RENDERED)
def test_one_work_is_read_in_many_styles(text: str) -> None:
    assert facts(parse(text)) == (("Bos", "Smit", "Vonk"), "Wind, water en zout", 2022)
