"""Search: over a real catalogue, with an encoder that is small enough to foresee."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.answer import ask
from index.calibration import BACKGROUND, calibrate, stored_calibration
from index.request import SearchRequest
from index.searcher import RETRIEVERS, Searcher, searcher_over
from index.sparse import WordHit
from kb.catalogue import Catalogue, Passages, Prepared
from kb.language.glossary import Glossary
from kb.language.syntax import read_query
from kb.model import Field, Kind, Language, Page, Passage, Query, StoredFile
from tests.fakes import WordEncoder

TWINS = {
    "threshold": "drempel", "feeling": "gevoel", "home": "thuis", "teacher": "docent", "called": "namen",
    "pressure": "druk", "exam": "tentamen", "library": "bibliotheek",
}  # fmt: skip


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def put(
    catalogue: Catalogue,
    name: str,
    *texts: str,
    language: Language = "nl",
    kind: Kind = "deck",
    notes: str = "",
    listing: tuple[int, ...] = (),
) -> int:
    pages = tuple(
        Page(number=i, text=text, label=str(i), language=language, title=text.split("\n")[0], notes=notes)
        for i, text in enumerate(texts, 1)
    )
    cut = [
        Passage(page.number, start, start + len(piece), piece, language=language, listing=page.number in listing)
        for page in pages
        for piece in page.text.split("\n\n")
        for start in [page.text.index(piece)]
    ]
    if notes:
        field: Field = "notes"
        cut += [Passage(page.number, 0, len(notes), notes, field=field, language=language) for page in pages]
    file = StoredFile(name.ljust(64, "0"), f"{name}.pdf", f"/{name}.pdf", "application/pdf", 1)
    return catalogue.documents.put(
        Prepared(
            title=name, kind=kind, language=language, authors=(), date="2023", pages=pages, passages=tuple(cut),
            citations=(), entries=(), file=file,
        )
    ).id  # fmt: skip


SLIDES = (
    "Drempels\nEen drempel tussen school en studie",
    "Thuis voelen\nHet gevoel ergens thuis te zijn",
    "Namen\nEen docent die namen kent",
    "Druk\nZeven tentamens in twee weken geven druk",
    "Bibliotheek\nStille plekken in de bibliotheek",
)


def searcher(catalogue: Catalogue, tmp_path: Path) -> Searcher:
    # Without a glossary the languages meet by meaning alone.
    made = searcher_over(catalogue.passages, WordEncoder(same=TWINS), tmp_path / "cache", glossary=Glossary())
    made.refresh()
    return made


def titles(search: Searcher, text: str, **filters: object) -> list[str]:
    return [found.page.title or "" for found in search.search(Query(text, **filters))]  # type: ignore[arg-type]


def test_a_query_in_the_other_language_finds_the_slide_by_meaning(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES)
    (first, *_) = searcher(catalogue, tmp_path).search(Query("teacher called"))
    assert (first.page.number, first.page.title) == (3, "Namen")
    assert (first.by_meaning, first.by_words) == (True, False)
    assert first.matched == ()
    assert first.rank == 1
    assert first.url.startswith(f"/documents/{first.document.id}/pages/3?at={first.passage.start}-{first.passage.end}.")


def test_a_query_in_its_own_language_is_found_by_words_that_are_marked(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES)
    (first, *_) = searcher(catalogue, tmp_path).search(Query("stille bibliotheek"))
    assert first.by_words
    marked = [first.passage.text[span.start : span.end] for span in first.matched]
    assert marked == ["Bibliotheek", "Stille", "bibliotheek"]


def test_nothing_is_found_for_a_question_about_something_else(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES)
    search = searcher(catalogue, tmp_path)
    assert search.search(Query("appeltaart met kaneel")) == ()
    assert search.search(Query("football champions")) == ()
    assert search.search(Query("   ")) == ()
    assert search.search(Query("drempel"), limit=0) == ()


def test_hits_and_answer_come_from_one_retrieval(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES, notes="De bibliotheek is op zondag dicht")
    search = searcher(catalogue, tmp_path)
    query = Query("stille plekken bibliotheek")
    answered = ask(search, query, n=3)
    assert answered.evidence == search.search(query, 3)
    assert [source.passage.text for source in answered.sources] == [SLIDES[4]]
    assert answered.closest == ()


def test_a_refusal_names_at_most_three_closest_passages(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES, *(f"Druk {i}\nDruk" for i in range(5)))
    refused = ask(searcher(catalogue, tmp_path), Query("wanneer is er druk"))
    assert (refused.sentences, refused.sources) == ((), ())
    assert len(refused.closest) == 3
    assert not refused.answered


def test_an_abbreviation_is_found_by_words_or_not_at_all(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES, "Vera", "Wie is de UD van het vak")
    search = searcher_over(
        catalogue.passages, WordEncoder(same={**TWINS, "oer": "vera", "stem": "vera"}), tmp_path / "cache"
    )
    search.refresh()
    assert titles(search, "ud") == ["Wie is de UD van het vak"]
    assert titles(search, "OER?") == titles(search, "oer") == titles(search, "STEM") == []
    assert titles(search, "stem") == ["Vera"]


def test_an_empty_knowledge_base_finds_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    search = searcher(catalogue, tmp_path)
    assert [search.search(Query("drempel"), retriever=retriever) for retriever in RETRIEVERS] == [(), (), ()]


def test_a_page_is_found_once_by_its_best_passage(catalogue: Catalogue, tmp_path: Path) -> None:
    put(
        catalogue, "deck", "Drempel\n\nEen drempel is een overgang\n\nWie een drempel over gaat", "Iets anders\n\nNiets"
    )
    search = searcher(catalogue, tmp_path)
    assert [found.page.number for found in search.search(Query("drempel overgang"))] == [1]
    assert search.search(Query("drempel overgang"))[0].passage.text == "Een drempel is een overgang"


def test_what_two_documents_say_in_the_same_words_is_shown_once(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "one", *SLIDES)
    put(
        catalogue,
        "two",
        *(text.replace("\n", "\n ") for text in SLIDES[:2]),
        "Drempels hier\nEen drempel in een gebouw",
    )
    found = searcher(catalogue, tmp_path).search(Query("drempel"))
    assert [evidence.page.title for evidence in found].count("Drempels") == 1
    assert "Drempels hier" in [evidence.page.title for evidence in found]


def test_a_slide_carried_over_with_a_word_changed_is_shown_once(catalogue: Catalogue, tmp_path: Path) -> None:
    text = "Drempels\nOp de drempel sta je tussen twee fasen in, niet meer hier en nog niet daar, en dat is wennen"
    put(catalogue, "2022", text)
    put(catalogue, "2023", text.replace("wennen", "lastig"), "Drempel\nKort", "Drempel\nKern")
    found = searcher(catalogue, tmp_path).search(Query("drempel fasen"))
    assert [evidence.page.title for evidence in found] == ["Drempels", "Drempel", "Drempel"]


def test_filters_confine_what_is_found(catalogue: Catalogue, tmp_path: Path) -> None:
    deck = put(catalogue, "deck", *SLIDES)
    paper = put(catalogue, "paper", "The threshold\nA threshold at school", language="en", kind="literature")
    search = searcher(catalogue, tmp_path)
    for each in RETRIEVERS:
        assert {
            e.document.id for e in search.search(Query("drempel threshold", kind="literature"), retriever=each)
        } == {paper}
        assert {e.document.id for e in search.search(Query("drempel threshold", language="nl"), retriever=each)} == {
            deck
        }
        assert {e.document.id for e in search.search(Query("drempel threshold", document_id=deck), retriever=each)} == {
            deck
        }
        assert search.search(Query("drempel threshold", year=1999), retriever=each) == ()


def test_what_may_be_quoted_is_neither_notes_nor_a_reference_list(catalogue: Catalogue, tmp_path: Path) -> None:
    put(
        catalogue, "deck", "Dia\nEen drempel", "Bronnen\nTurner over de drempel", notes="Vertel over de drempel.",
        listing=(2,),
    )  # fmt: skip
    search = searcher(catalogue, tmp_path)
    found = search.candidates(search.retrieve(Query("drempel")), 10)
    fields = {(e.passage.field, e.passage.listing) for _, e in found}
    assert fields == {("text", False)}


def test_removed_is_found_no_more_and_new_is_found_after_a_refresh(catalogue: Catalogue, tmp_path: Path) -> None:
    first = put(catalogue, "one", *SLIDES)
    search = searcher(catalogue, tmp_path)
    assert titles(search, "drempel")
    catalogue.documents.remove(first)
    assert titles(search, "drempel") == []
    put(catalogue, "two", "Een nieuwe dia over de drempel")
    search.refresh()
    assert titles(search, "drempel") == ["Een nieuwe dia over de drempel"]


def test_words_find_what_has_no_vector_yet(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "one", *SLIDES)
    search = searcher(catalogue, tmp_path)
    put(catalogue, "two", "Rolmodellen\nEen rolmodel in de collegezaal")
    (found, *_) = search.search(Query("rolmodel collegezaal"))
    assert (found.page.title, found.by_words, found.by_meaning) == ("Rolmodellen", True, False)


def test_ranking_leaves_nothing_out_and_each_leg_can_be_asked_alone(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES)
    search = searcher(catalogue, tmp_path)
    query = Query("teacher druk")
    assert len(search.rank(query)) == len(search.rank(query, retriever="dense")) == 5
    assert len(search.rank(query, retriever="sparse")) == 1
    scores = [hit.score for hit in search.rank(query)]
    assert scores == sorted(scores, reverse=True)
    assert len(search.rank(query, depth=2)) == 2


def test_the_same_query_gives_the_same_evidence(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES)
    search = searcher(catalogue, tmp_path)
    assert search.search(Query("thuis gevoel")) == search.search(Query("thuis gevoel"))


def test_threads_search_while_documents_come_in(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES)
    search = searcher(catalogue, tmp_path)
    stop = threading.Event()
    wrong: list[object] = []

    def ask() -> None:
        while not stop.is_set():
            try:
                found = titles(search, "drempel school")
                if "Drempels" not in found:
                    wrong.append(found)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(4):
        put(catalogue, f"more-{number}", f"Dia {number}\nIets over de bibliotheek {number}")
        search.refresh()
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    "text", ['"', "drempel AND", "(", "*", "NEAR(", "drempel:", "\x00\ud800", "🎓" * 500, "a " * 3000]
)
def test_no_query_is_an_error(catalogue: Catalogue, tmp_path: Path, text: str) -> None:
    put(catalogue, "deck", *SLIDES)
    searcher(catalogue, tmp_path).search(Query(text))


def test_the_calibration_is_made_once_and_stored(tmp_path: Path) -> None:
    first = WordEncoder()
    seen = stored_calibration(first, tmp_path)
    assert len(first.encoded) == len(BACKGROUND["nl"]) + len(BACKGROUND["en"])
    second = WordEncoder()
    again = stored_calibration(second, tmp_path)
    assert second.encoded == []
    assert again.spread == seen.spread
    for language in BACKGROUND:
        assert np.array_equal(again.vectors[language], seen.vectors[language])
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert stored_calibration(WordEncoder(), tmp_path).spread == seen.spread
    other = WordEncoder("words-2")
    stored_calibration(other, tmp_path)
    assert other.encoded


def test_the_level_of_a_query_is_its_mean_cosine_to_background_texts() -> None:
    encoder = WordEncoder()
    seen = calibrate(encoder)
    unrelated = encoder.encode_query("zzzz")
    assert seen.level(unrelated)["nl"] == pytest.approx(0.0, abs=1e-3)
    near = encoder.encode_query(BACKGROUND["nl"][0])
    assert seen.level(near)["nl"] >= 1 / len(BACKGROUND["nl"])
    assert seen.spreads()[None] == max(seen.spread.values())


def test_the_cache_folder_may_be_thrown_away(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES)
    before = searcher(catalogue, tmp_path).search(Query("drempel"))
    shutil.rmtree(tmp_path / "cache")
    encoder = WordEncoder(same=TWINS)
    after = searcher_over(catalogue.passages, encoder, tmp_path / "cache").search(Query("drempel"))
    assert [found.passage.id for found in after] == [found.passage.id for found in before]


class InOrder:
    """A retriever by words that finds every passage, the one with the lowest id first."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids
        self.requests: list[SearchRequest] = []

    def retrieve(self, request: SearchRequest, depth: int) -> list[WordHit]:
        self.requests.append(request)
        hits = [WordHit(key, 1 / rank, 1 / rank, exact=False) for rank, key in enumerate(self.ids, 1)]
        return hits[:depth]


def test_any_retriever_can_take_the_place_of_one(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES)
    given = searcher(catalogue, tmp_path)
    ids = sorted(catalogue.passages.languages())
    in_order = InOrder(ids)
    search = Searcher(catalogue.passages, given.dense, in_order, given.encoder, tmp_path / "cache")
    assert [hit.passage_id for hit in search.rank(Query("druk"), retriever="sparse")] == ids
    assert {hit.passage_id for hit in search.rank(Query("druk"))} == set(ids)
    request = SearchRequest(Query("druk"), catalogue.passages.generation(), len(ids))
    assert in_order.requests == [request, request]


def test_each_passage_with_a_phrase_is_a_hit_whatever_its_meaning(catalogue: Catalogue, tmp_path: Path) -> None:
    texts = [f"Deel {i} {word * 9}\nhalf vol" for i, word in enumerate("abcdefghijklmnopqrstuvwxyz" * 3)]
    put(catalogue, "deck", *SLIDES, *texts)
    search = searcher(catalogue, tmp_path)
    found = search.search(read_query('"half vol"'), limit=200)
    assert len(found) == len(texts)
    assert all("half vol" in evidence.passage.text for evidence in found)
    assert search.search(read_query('"vol half"')) == ()


def test_an_excluded_word_is_in_no_hit(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", *SLIDES, "Deur\nEen drempel in een deur")
    search = searcher(catalogue, tmp_path)
    assert [evidence.page.title for evidence in search.search(read_query("drempel -school"))] == ["Deur"]


class Recording(Passages):
    """Passages that record after which id their languages are read."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue.backend)
        self.after: list[int] = []

    def languages(self, after: int = 0) -> dict[int, Language]:
        self.after.append(after)
        return super().languages(after)


def test_after_a_change_only_facts_of_new_passages_are_read(catalogue: Catalogue, tmp_path: Path) -> None:
    passages = Recording(catalogue)
    search = searcher_over(passages, WordEncoder(same=TWINS), tmp_path / "cache", glossary=Glossary())
    first = put(catalogue, "deck", *SLIDES)
    search.refresh()
    assert titles(search, "stille bibliotheek") == ["Bibliotheek"]
    put(catalogue, "paper", "Koffie\nKoffie in de pauze", "Koffiemolen, K. (2020). Koffie", listing=(2,))
    search.refresh()
    assert titles(search, "koffie pauze") == ["Koffie"]
    assert titles(search, "stille bibliotheek") == ["Bibliotheek"]
    assert passages.after == [0, len(SLIDES)]
    catalogue.documents.remove(first)  # most of the known facts are then of passages that are gone
    search.refresh()
    assert titles(search, "koffie pauze") == ["Koffie"]
    assert titles(search, "stille bibliotheek") == []
    assert passages.after == [0, len(SLIDES), 0]
