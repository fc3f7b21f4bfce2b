"""Retrieval by meaning: vectors in step with the catalogue, a cache that is trusted only where it is true."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import text

from index.dense import Dense, composed, nearest_sentences, nearness
from index.snapshot import Moment, Snapshot
from kb.catalogue import Catalogue, Prepared
from kb.model import Page, Passage, Query, StoredFile
from kb.originals import Originals
from tests.fakes import LetterEncoder


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def put(catalogue: Catalogue, name: str, *texts: str, context: str = "") -> int:
    pages = tuple(Page(number=i, text=text, label=str(i), language="nl") for i, text in enumerate(texts, 1))
    passages = tuple(
        Passage(page.number, 0, len(page.text), page.text, language="nl", context=context) for page in pages
    )
    file = StoredFile(name.ljust(64, "0"), f"{name}.pdf", f"/{name}.pdf", "application/pdf", 1)
    made = Prepared(
        title=name, kind="deck", language="nl", authors=(), date=None, pages=pages, passages=passages, citations=(),
        entries=(), file=file,
    )  # fmt: skip
    return catalogue.documents.put(made).id


def nearest(dense: Dense, text: str, catalogue: Catalogue, depth: int = 3) -> list[str]:
    hits = dense.snapshot().nearest(LetterEncoder().encode_query(text), depth)
    found = catalogue.passages.passages([hit.passage_id for hit in hits])
    return [found[hit.passage_id].text for hit in hits]


def cached(dense: Dense, catalogue: Catalogue) -> Snapshot | None:
    return dense._cache.read(Moment(*catalogue.passages.moment()))


def cache_file(folder: Path) -> Path:
    (file,) = folder.glob("dense-*")
    return file


def test_the_nearest_comes_first_with_its_cosine(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", "aaa", "aab", "zzz")
    dense = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    assert dense.refresh() == 3
    hits = dense.snapshot().nearest(LetterEncoder().encode_query("aaaa"), 3)
    assert nearest(dense, "aaaa", catalogue) == ["aaa", "aab", "zzz"]
    assert [hit.score for hit in hits] == pytest.approx([1.0, 2 / 5**0.5, 0.0], abs=1e-2)


def test_a_passage_is_embedded_under_its_context(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", "aaa", context="Title › Section")
    encoder = LetterEncoder()
    Dense(catalogue.passages, encoder, tmp_path).refresh()
    assert composed("aaa", "Title › Section") == "Title › Section\naaa"
    assert encoder.encoded == ["Title › Section\naaa", "aaa"]


def test_a_passage_is_as_near_as_it_and_its_nearest_sentence(catalogue: Catalogue, tmp_path: Path) -> None:
    document = put(catalogue, "deck", "Aaaa bbb.\nCccc ddd.\nEeee fff.")
    (passage,) = catalogue.passages.on_page(document, 1)
    dense = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    dense.refresh()
    vector = LetterEncoder().encode_query("Cccc ddd.")
    place, cosine = nearest_sentences(vector, dense.sentence_vectors([passage.id]))[passage.id]
    assert place == 1
    assert cosine == pytest.approx(1.0, abs=1e-3)  # sentences are kept at half precision
    assert nearness(0.4, 1.0) == pytest.approx((0.4 + 0.5) / 1.5)
    assert nearness(0.4, None) == 0.4


def test_only_what_is_allowed_is_found(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "one", "aaa")
    second = put(catalogue, "two", "aab", "zzz")
    dense = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    dense.refresh()
    allowed = catalogue.passages.passage_ids(Query("", document_id=second))
    vector = LetterEncoder().encode_query("aaa")
    found = dense.snapshot().nearest(vector, 5, allowed)
    texts = catalogue.passages.passages([hit.passage_id for hit in found])
    assert [texts[hit.passage_id].text for hit in found] == ["aab", "zzz"]
    assert list(dense.snapshot().nearest(vector, 5, np.array([], dtype=np.int64))) == []


def test_what_was_embedded_is_not_embedded_again(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "one", "aaa", "bbb")
    Dense(catalogue.passages, LetterEncoder(), tmp_path).refresh()
    put(catalogue, "two", "ccc")
    encoder = LetterEncoder()
    assert Dense(catalogue.passages, encoder, tmp_path).refresh() == 1
    assert encoder.encoded == ["ccc"]


def test_after_a_stop_only_the_rest_is_left(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.dense.BATCH", 2)
    put(catalogue, "deck", *(letter * 3 for letter in "abcde"))

    class Stopped(LetterEncoder):
        def encode_document(self, texts, progress=None):  # type: ignore[no-untyped-def]
            if self.encoded:
                raise KeyboardInterrupt
            return super().encode_document(texts, progress)

    with pytest.raises(KeyboardInterrupt):
        Dense(catalogue.passages, Stopped(), tmp_path).refresh()
    rest = LetterEncoder()
    assert Dense(catalogue.passages, rest, tmp_path).refresh() == 3
    assert rest.encoded == ["ccc", "ddd", "eee"]


def test_progress_counts_all_that_was_lacking(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.dense.BATCH", 2)
    put(catalogue, "deck", "aa", "bb", "cc")
    told: list[tuple[int, int]] = []
    Dense(catalogue.passages, LetterEncoder(), tmp_path).refresh(lambda done, of: told.append((done, of)))
    assert told == [(2, 3), (3, 3)]


def test_a_removed_document_is_found_no_more(catalogue: Catalogue, tmp_path: Path) -> None:
    one = put(catalogue, "one", "aaa")
    put(catalogue, "two", "bbb")
    dense = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    dense.refresh()
    catalogue.documents.remove(one)
    dense._not_before = 0
    assert nearest(dense, "aaa", catalogue) == ["bbb"]


def test_another_encoder_embeds_again_and_never_mixes(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", "aaa", "bbb")
    Dense(catalogue.passages, LetterEncoder("first", 26), tmp_path).refresh()
    other = LetterEncoder("second", 13)
    dense = Dense(catalogue.passages, other, tmp_path)
    assert dense.snapshot().base == ()
    assert dense.refresh() == 2
    assert other.encoded == ["aaa", "bbb"]
    assert list(catalogue.passages.fingerprints()) == [dense.fingerprint]
    (base,) = dense.snapshot().base
    assert base.index.d == 13


def test_a_new_process_searches_what_the_cache_holds(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", "aaa", "bbb")
    first = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    first.refresh()
    again = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    read = cached(again, catalogue)
    assert read is not None
    assert read.ids.tolist() == first.snapshot().ids.tolist()
    vector = LetterEncoder().encode_query("ab")
    ids = read.ids.tolist()
    assert read.cosines_of(vector, ids) == first.snapshot().cosines_of(vector, ids)
    assert nearest(again, "bb", catalogue, 1) == ["bbb"]


def test_vectors_are_mapped_from_the_cache_file_and_not_read(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", "aaa", "bbb")
    first = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    first.refresh()
    for dense in (first, Dense(catalogue.passages, LetterEncoder(), tmp_path)):
        (base,) = dense.snapshot().base
        assert not base.index.codes.is_owned
        cache_file(tmp_path).rename(tmp_path / "elsewhere")  # as when another process writes a new one
        assert nearest(dense, "bb", catalogue, 1) == ["bbb"]
        (tmp_path / "elsewhere").rename(tmp_path / "dense-again")
        (tmp_path / "dense-again").unlink()
        first._cache.write(whole(catalogue, tmp_path))


def restamped(file: Path, **change: object) -> None:
    content, stamp = file.read_bytes().rsplit(b"\n", 1)
    file.write_bytes(content + b"\n" + json.dumps(json.loads(stamp) | change).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"generation": 99},
        {"revision": 9},
        {"fingerprint": "x"},
        {"dimension": 3},
        {"count": 1},
        {"last": 9},
        {"checksum": "0"},
    ],
)
def test_a_stamp_that_disagrees_is_refused_and_the_index_built_again(
    catalogue: Catalogue, tmp_path: Path, change: dict[str, object]
) -> None:
    put(catalogue, "deck", "aaa", "bbb")
    Dense(catalogue.passages, LetterEncoder(), tmp_path).refresh()
    restamped(cache_file(tmp_path), **change)
    again = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    assert cached(again, catalogue) is None
    assert nearest(again, "bb", catalogue, 1) == ["bbb"]


@pytest.mark.parametrize("keep", [0, 1, 50, -1])
def test_a_cache_file_cut_short_is_refused(catalogue: Catalogue, tmp_path: Path, keep: int) -> None:
    put(catalogue, "deck", "aaa", "bbb")
    Dense(catalogue.passages, LetterEncoder(), tmp_path).refresh()
    file = cache_file(tmp_path)
    file.write_bytes(file.read_bytes()[:keep])
    again = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    assert cached(again, catalogue) is None
    assert nearest(again, "bb", catalogue, 1) == ["bbb"]


def test_the_cache_is_replaced_whole_and_leaves_nothing_lying_about(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "one", "aaa")
    Dense(catalogue.passages, LetterEncoder("first"), tmp_path).refresh()
    Dense(catalogue.passages, LetterEncoder("second"), tmp_path).refresh()
    assert [file.name for file in tmp_path.iterdir() if "sqlite" not in file.name] == [cache_file(tmp_path).name]


def test_an_empty_catalogue_finds_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    dense = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    assert dense.refresh() == 0
    assert list(dense.snapshot().nearest(LetterEncoder().encode_query("a"), 5)) == []
    assert dense.snapshot().cosines_of(LetterEncoder().encode_query("a"), [1]) == {}


def test_what_another_process_took_in_is_noticed(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "one", "aaa")
    here = Dense(catalogue.passages, LetterEncoder(), tmp_path / "here")
    here.refresh()
    put(catalogue, "two", "bbb")
    Dense(catalogue.passages, LetterEncoder(), tmp_path / "there").refresh()
    here._not_before = 0
    assert nearest(here, "bbb", catalogue, 1) == ["bbb"]


def test_threads_search_while_vectors_are_refreshed(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck-0", "aaa")
    dense = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    dense.refresh()
    stop = threading.Event()
    wrong: list[object] = []

    def search() -> None:
        while not stop.is_set():
            try:
                (first,) = dense.snapshot().nearest(LetterEncoder().encode_query("aaa"), 1)
                if first.score < 0.99:
                    wrong.append(first)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 9):
        put(catalogue, f"deck-{number}", f"bb{number}", f"cc{number}")
        dense.refresh()
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(dense.snapshot().ids) == 17


def test_cosines_of_certain_passages_are_those_of_their_vectors(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "deck", "aaa", "zzz")
    dense = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    dense.refresh()
    snapshot: Snapshot = dense.snapshot()
    first, second = snapshot.ids.tolist()
    vector = LetterEncoder().encode_query("aaa")
    assert snapshot.cosines_of(vector, [second, first, 999]) == pytest.approx({first: 1.0, second: 0.0}, abs=1e-2)
    assert snapshot.cosines_of(vector, []) == {}


def whole(catalogue: Catalogue, folder: Path) -> Snapshot:
    """The snapshot of a process that has no cache file: everything read from the catalogue."""
    return Dense(catalogue.passages, LetterEncoder(), folder / "elsewhere").snapshot()


def found_in(snapshot: Snapshot, text: str, allowed: npt.NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
    hits = snapshot.nearest(LetterEncoder().encode_query(text), 50, allowed)
    return sorted((hit.passage_id, round(hit.score, 5)) for hit in hits)


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_of_additions_and_removals_gives_what_reading_everything_gives(
    catalogue: Catalogue, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.snapshot.MOST_CHANGES", 6)
    monkeypatch.setattr("index.snapshot.CHANGED_PART", 3)
    chance = random.Random(seed)
    here = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    documents: list[int] = []
    for step in range(25):
        if documents and chance.random() < 0.4:
            catalogue.documents.remove(documents.pop(chance.randrange(len(documents))))
        else:
            texts = ("".join(chance.choices("abcdefg", k=6)) for _ in range(chance.randint(1, 4)))
            documents.append(put(catalogue, f"deck {step}.", *texts))
        embedder = here if chance.random() < 0.7 else Dense(catalogue.passages, LetterEncoder(), tmp_path)
        if chance.random() < 0.8:
            embedder.refresh()
        here._not_before = 0
        everything = whole(catalogue, tmp_path)
        allowed = np.array(sorted(chance.sample(everything.ids.tolist(), len(everything.ids) // 2)), dtype=np.int64)
        for process in (here, Dense(catalogue.passages, LetterEncoder(), tmp_path)):
            snapshot = process.snapshot()
            assert snapshot.ids.tolist() == everything.ids.tolist()
            assert found_in(snapshot, "abc") == found_in(everything, "abc")
            assert found_in(snapshot, "abc", allowed) == found_in(everything, "abc", allowed)
            vector, ids = LetterEncoder().encode_query("abc"), list(range(1, 80))
            assert snapshot.cosines_of(vector, ids) == pytest.approx(everything.cosines_of(vector, ids), abs=1e-6)


def test_an_addition_keeps_the_base_and_a_refresh_with_nothing_new_keeps_the_snapshot(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    put(catalogue, "one", "aaa", "bbb")
    dense = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    dense.refresh()
    base, file = dense.snapshot().base, cache_file(tmp_path).read_bytes()
    put(catalogue, "two", "ccc")
    dense.refresh()
    (tail,) = dense.snapshot().tail
    assert dense.snapshot().base is base
    assert tail.ids.tolist() == [3]
    assert cache_file(tmp_path).read_bytes() == file
    snapshot = dense.snapshot()
    assert dense.refresh() == 0
    assert dense.snapshot() is snapshot


def test_the_ids_of_a_catalogue_that_was_put_back_may_hold_other_texts(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "one", "aaa")
    catalogue.copy(tmp_path / "copy.sqlite")
    put(catalogue, "two", "bbb")
    Dense(catalogue.passages, LetterEncoder(), tmp_path).refresh()
    copy = Catalogue(tmp_path / "copy.sqlite")
    put(copy, "three", "ccc")
    put(copy, "four", "ddd")
    dense = Dense(copy.passages, LetterEncoder(), tmp_path)
    assert copy.passages.generation() >= json.loads(cache_file(tmp_path).read_bytes().rsplit(b"\n", 1)[1])["generation"]
    dense.refresh()
    again = Dense(copy.passages, LetterEncoder(), tmp_path)
    assert nearest(again, "ccc", copy, 1) == ["ccc"]
    assert nearest(again, "bbb", copy, 3)[0] != "bbb"
    copy.close()


def test_a_vector_that_was_made_anew_is_read_anew(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, "a1", "aaa", "bbb")
    dense = Dense(catalogue.passages, LetterEncoder(), tmp_path)
    dense.refresh()
    before = found_in(dense.snapshot(), "aaa")
    with catalogue.backend.engine.begin() as connection:
        connection.execute(text("UPDATE vectors SET vector = zeroblob(length(vector))"))
    misled = Dense(catalogue.passages, LetterEncoder(), tmp_path / "misled")
    assert found_in(misled.snapshot(), "aaa") == [(1, 0.0), (2, 0.0)]
    findings = catalogue.check(Originals(tmp_path / "originals"), dense.fingerprint, repair=True)
    assert "2 vectors are damaged" in [finding.message for finding in findings]
    for process in (misled, dense):
        process.refresh()
        assert found_in(process.snapshot(), "aaa") == before
