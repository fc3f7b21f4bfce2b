"""The catalogue: documents, passages, vectors and words, kept together and removed together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.catalogue import Catalogue
from kb.errors import NotInKnowledgeBase, Removed
from kb.model import Passage, Query
from kb.works.gather import RULES
from tests.catalogue_material import ENCODER, find, prepared


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def test_what_was_put_in_comes_out_as_it_was(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    assert (document.pages, document.passages, document.citations, document.references) == (2, 1, 1, 1)
    assert document.year == 2023
    assert catalogue.documents.pages(document.id) == prepared().pages
    (citation,) = catalogue.documents.citations(document.id)
    assert (citation.text, citation.authors, citation.number) == ("(Turner, 1969)", ("Turner",), 1)
    (passage,) = catalogue.passages.on_page(document.id, 1)
    assert passage.text == prepared().pages[0].text
    (entry,) = catalogue.documents.entries(document.id)
    assert (entry.csl["title"], entry.confidence) == ("The ritual process", 0.97)


def test_the_years_are_those_of_documents_that_are_here(catalogue: Catalogue) -> None:
    first = catalogue.documents.put(prepared("a", "een"))
    catalogue.documents.put(replace(prepared("b", "twee"), date="2019"))
    catalogue.documents.put(replace(prepared("c", "drie"), date="2019-05"))
    catalogue.documents.put(replace(prepared("d", "vier"), date=None))
    assert catalogue.documents.years() == [2023, 2019]
    catalogue.documents.remove(first.id)
    assert catalogue.documents.years() == [2019]


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("liminaale", "Liminale"),
        ("turnr", "Turner"),
        ("liminale", None),
        ("ruimt", "ruimte"),
        ("kwantum", None),
        ("abc", None),
    ],
)
def test_a_misspelled_word_has_a_nearest_one_in_titles_and_authors(
    catalogue: Catalogue, word: str, nearest: str | None
) -> None:
    made = prepared()
    titled = tuple(replace(page, title="Liminale ruimte") for page in made.pages)
    catalogue.documents.put(replace(made, pages=titled))
    catalogue.derivation.derive(RULES)
    assert catalogue.spelling.nearest(word) == nearest


def test_offsets_count_characters_beyond_the_basic_plane_too(catalogue: Catalogue) -> None:
    text = "🎓🎓 welzijn"
    made = prepared("emoji", text)
    cut = replace(made.passages[0], start=3, end=len(text), text="welzijn")
    document = catalogue.documents.put(replace(made, passages=(cut,)))
    assert catalogue.passages.on_page(document.id, 1)[0].text == "welzijn"


def test_a_passage_that_does_not_stand_on_its_page_is_refused_and_nothing_is_kept(catalogue: Catalogue) -> None:
    made = prepared()
    crooked = replace(made, passages=(replace(made.passages[0], start=1),))
    with pytest.raises(ValueError, match="is not in the text of page 1"):
        catalogue.documents.put(crooked)
    assert catalogue.documents.all() == []
    assert catalogue.passages.generation() == 0


def test_the_sentences_of_a_passage_keep_their_vectors_and_lose_them_with_it(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared("deck", "een twee", "drie"))
    ids = [key for key, _, _ in catalogue.passages.unembedded(ENCODER)]
    parts = [np.array([[1, 0], [0.5, 0.5]], dtype=np.float32), np.array([[0, 1]], dtype=np.float32)]
    catalogue.passages.add_vectors(ENCODER, ids, np.eye(2, dtype=np.float32), parts)
    found = catalogue.passages.sentence_vectors(ENCODER, [*ids, 999])
    assert {key: part.tolist() for key, part in found.items()} == {ids[0]: [[1, 0], [0.5, 0.5]], ids[1]: [[0, 1]]}
    assert catalogue.passages.sentence_vectors("another", ids) == {}
    catalogue.documents.remove(document.id)
    assert catalogue.passages.sentence_vectors(ENCODER, ids) == {}


def test_ids_are_never_used_again(catalogue: Catalogue) -> None:
    first = catalogue.documents.put(prepared("een"))
    passage = catalogue.passages.on_page(first.id, 1)[0].id
    catalogue.documents.remove(first.id)
    second = catalogue.documents.put(prepared("twee"))
    assert second.id > first.id
    assert catalogue.passages.on_page(second.id, 1)[0].id > passage


def test_removed_is_gone_from_words_vectors_and_pages_and_says_what_it_was(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    (passage,) = catalogue.passages.on_page(document.id, 1)
    catalogue.passages.add_vectors(ENCODER, [passage.id], np.ones((1, 3), dtype=np.float32))
    assert find(catalogue, "drempel") == [passage.id]
    assert catalogue.documents.remove(document.id) == document.files
    assert find(catalogue, "drempel") == []
    assert catalogue.passages.vectors(ENCODER)[0].tolist() == []
    assert catalogue.passages.fingerprints() == {}
    assert catalogue.passages.passages([passage.id]) == {}
    assert catalogue.files.known(document.files[0].sha256) is None
    assert catalogue.files.at_path("/decks/deck.pdf") is None
    with pytest.raises(Removed, match="Titel van deck") as gone:
        catalogue.documents.get(document.id)
    assert gone.value.title == "Titel van deck"


def test_never_there_is_not_the_same_as_removed(catalogue: Catalogue) -> None:
    with pytest.raises(NotInKnowledgeBase) as error:
        catalogue.documents.get(7)
    assert not isinstance(error.value, Removed)


def test_replacing_keeps_the_id_and_leaves_no_old_word(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared("deck", "oude woorden"))
    newer = prepared("deck", "verse woorden")
    newer = replace(newer, file=replace(newer.file, sha256="f" * 64))
    replaced = catalogue.documents.replace(document.id, newer)
    assert replaced.id == document.id
    assert find(catalogue, "oud") == []
    assert len(find(catalogue, "vers")) == 1
    known = catalogue.files.known("deck".ljust(64, "0"))
    assert known is not None
    assert known.superseded
    assert catalogue.files.at_path("/decks/deck.pdf") == (document.id, "f" * 64)


def test_a_page_that_returns_unchanged_keeps_its_vector(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared("deck", "blijft", "gaat"))
    ids = [key for key, _, _ in catalogue.passages.unembedded(ENCODER)]
    catalogue.passages.add_vectors(ENCODER, ids, np.eye(2, 3, dtype=np.float32))
    catalogue.documents.replace(document.id, prepared("deck", "blijft", "nieuw"))
    assert [text for _, text, _ in catalogue.passages.unembedded(ENCODER)] == ["nieuw"]
    kept, vectors = catalogue.passages.vectors(ENCODER)
    assert vectors.tolist() == [[1.0, 0.0, 0.0]]
    assert catalogue.passages.passages(kept.tolist())[kept[0]].text == "blijft"


def test_the_same_text_twice_is_embedded_once_and_found_twice(catalogue: Catalogue) -> None:
    catalogue.documents.put(prepared("een", "zelfde"))
    catalogue.documents.put(prepared("twee", "zelfde"))
    waiting = catalogue.passages.unembedded(ENCODER)
    assert len(waiting) == 1
    catalogue.passages.add_vectors(ENCODER, [waiting[0][0]], np.ones((1, 2), dtype=np.float32))
    assert len(catalogue.passages.vectors(ENCODER)[0]) == 2


def test_vectors_of_two_encoders_never_mix(catalogue: Catalogue) -> None:
    catalogue.documents.put(prepared("deck", "woord"))
    (waiting,) = catalogue.passages.unembedded("a")
    catalogue.passages.add_vectors("a", [waiting[0]], np.zeros((1, 2), dtype=np.float32))
    catalogue.passages.add_vectors("b", [waiting[0]], np.ones((1, 5), dtype=np.float32))
    assert catalogue.passages.vectors("a")[1].shape == (1, 2)
    assert catalogue.passages.vectors("b")[1].shape == (1, 5)
    assert catalogue.passages.drop_vectors(keep="b") == 1
    assert catalogue.passages.fingerprints() == {"b": 1}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query("", kind="deck"), ["deck"]),
        (Query("", kind="literature"), ["paper"]),
        (Query("", language="en"), []),
        (Query("", year=2023), ["deck", "paper"]),
        (Query("", year=1999), []),
    ],
)
def test_filters_confine_what_words_find(catalogue: Catalogue, query: Query, expected: list[str]) -> None:
    names = {
        catalogue.documents.put(prepared("deck", "woord")).id: "deck",
        catalogue.documents.put(prepared("paper", "woord", kind="literature")).id: "paper",
    }
    found = catalogue.passages.passages(find(catalogue, "woord", query)).values()
    assert sorted(names[passage.document_id] for passage in found) == expected
    allowed = catalogue.passages.passage_ids(query)
    assert allowed is not None
    assert len(allowed) == len(expected)
    assert catalogue.passages.passage_ids(Query("woord")) is None


def test_evidence_brings_a_hit_home(catalogue: Catalogue) -> None:
    document = catalogue.documents.put(prepared())
    (passage,) = catalogue.passages.on_page(document.id, 1)
    found = catalogue.passages.found([passage.id, 999])
    assert list(found) == [passage.id]
    home = found[passage.id]
    assert (home.passage, home.page.number, home.document) == (passage, 1, document)
    assert [citation.text for citation in home.citations] == ["(Turner, 1969)"]


def test_what_is_of_a_reference_list_is_known_as_such(catalogue: Catalogue) -> None:
    made = prepared("deck", "Bandura, A. (1994). Self-efficacy.", "Wie durft, leert.")
    first, second = made.passages
    document = catalogue.documents.put(replace(made, passages=(replace(first, listing=True), second)))
    (listed,) = catalogue.passages.listings()
    assert catalogue.passages.passages([listed])[listed].listing
    assert [p.listing for p in catalogue.passages.on_page(document.id, 2)] == [False]


def test_a_passage_speaks_its_own_language_or_else_its_document_s(catalogue: Catalogue) -> None:
    made = prepared("deck", "Een drempel.", "A threshold.", "1969")
    spoken = (made.passages[0], replace(made.passages[1], language="en"), replace(made.passages[2], language=None))
    catalogue.documents.put(replace(made, passages=spoken))
    silent = catalogue.documents.put(
        replace(prepared("other", "2012"), language=None, passages=(Passage(1, 0, 4, "2012"),))
    )
    (left_out,) = catalogue.passages.on_page(silent.id, 1)
    languages = catalogue.passages.languages()
    assert [languages[key] for key in sorted(languages)] == ["nl", "en", "nl"]
    assert left_out.id not in languages


def test_ids_of_passages_follow_from_known_ones_whatever_came_and_went(catalogue: Catalogue) -> None:
    passages, documents = catalogue.passages, catalogue.documents
    first = documents.put(prepared("first", "eerste tekst", "een tweede tekst"))
    known = passages.ids()
    assert passages.ids(known).tolist() == [1, 2]
    second = documents.put(prepared("second", "derde tekst"))
    third = documents.put(prepared("third", "vierde tekst"))
    assert passages.ids(known).tolist() == [1, 2, 3, 4]
    assert passages.ids(known[1:]).tolist() == [1, 2, 3, 4]
    documents.remove(second.id)
    assert passages.ids(known).tolist() == passages.ids(passages.ids()).tolist() == [1, 2, 4]
    documents.remove(first.id)
    assert passages.ids(known).tolist() == [4]
    documents.remove(third.id)
    assert passages.ids(known).tolist() == []


def test_passages_after_the_last_that_is_known_to_be_embedded_wait(catalogue: Catalogue) -> None:
    catalogue.documents.put(prepared("first", "eerste tekst"))
    ids = [key for key, _, _ in catalogue.passages.unembedded(ENCODER)]
    assert not catalogue.passages.embedded(ENCODER)
    catalogue.passages.mark_embedded(ENCODER)
    assert not catalogue.passages.embedded(ENCODER)  # one has no vector yet
    catalogue.passages.add_vectors(ENCODER, ids, np.ones((1, 2), dtype=np.float32))
    catalogue.passages.mark_embedded(ENCODER)
    assert catalogue.passages.embedded(ENCODER)
    assert not catalogue.passages.embedded("other")
    catalogue.documents.put(prepared("second", "tweede tekst"))
    assert not catalogue.passages.embedded(ENCODER)
    assert [text for _, text, _ in catalogue.passages.unembedded(ENCODER)] == ["tweede tekst"]


def test_an_encoder_whose_vectors_were_dropped_is_known_to_have_none(catalogue: Catalogue) -> None:
    catalogue.documents.put(prepared("first", "eerste tekst"))
    ids = [key for key, _, _ in catalogue.passages.unembedded(ENCODER)]
    for encoder in (ENCODER, "other"):
        catalogue.passages.add_vectors(encoder, ids, np.ones((1, 2), dtype=np.float32))
    catalogue.passages.mark_embedded(ENCODER)
    catalogue.passages.drop_vectors(keep="other")
    assert not catalogue.passages.embedded(ENCODER)
    assert [key for key, _, _ in catalogue.passages.unembedded(ENCODER)] == ids


def test_the_list_of_documents_follows_each_change(catalogue: Catalogue) -> None:
    def listed() -> list[tuple[str, int]]:
        return [(document.title, document.passages) for document in catalogue.documents.all()]

    second = catalogue.documents.put(prepared("b", "tekst"))
    first = catalogue.documents.put(prepared("a", "tekst", "tekst"))
    assert listed() == [("Titel van a", 2), ("Titel van b", 1)]
    catalogue.documents.all().clear()  # each caller has a list of its own
    assert listed() == [("Titel van a", 2), ("Titel van b", 1)]
    catalogue.documents.replace(second.id, prepared("c", "tekst", "tekst", "tekst"))
    catalogue.documents.remove(first.id)
    assert listed() == [("Titel van c", 3)]
