"""Crossref is asked when a person wants it, is believed when three things agree, and may fail without harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.bibliography import authors, person
from kb.errors import KnowledgeBaseError
from kb.model import Reason
from kb.works.crossref import CacheFolder, look_up
from tests.fakes import Crossref

OURS = {
    "title": "Belonging as a Practice",
    "author": [person("Goot", "K. van der")],
    "issued": {"date-parts": [[2012]]},
}


def test_a_title_finds_the_work_that_agrees_among_those_that_do_not(crossref: Crossref) -> None:
    found = look_up(OURS, base_url=crossref.url)
    assert found is not None
    assert (found.agrees, found.score, found.csl["DOI"]) == (True, 1.0, "10.1234/right")
    assert authors(found.csl) == ("van der Goot", "SCP")
    assert found.csl["type"] == "article-journal"


def test_a_doi_is_asked_for_by_itself(crossref: Crossref) -> None:
    found = look_up({**OURS, "DOI": "https://doi.org/10.1234/right"}, base_url=crossref.url)
    assert found is not None
    assert found.agrees
    assert crossref.asked == ["10.1234/right"]


def test_a_doi_that_does_not_exist_is_looked_for_by_title(crossref: Crossref) -> None:
    found = look_up({**OURS, "DOI": "10.1234/wrong"}, base_url=crossref.url)
    assert found is not None
    assert found.csl["DOI"] == "10.1234/right"
    assert crossref.asked == ["10.1234/wrong", "van der Goot Belonging as a Practice 2012"]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"issued": {"date-parts": [[2019]]}}, "year"),
        ({"author": [person("Didau", "D.")]}, "first-author"),
        ({"title": "Belonging as a way of life"}, "title"),
    ],
)
def test_a_work_that_disagrees_in_one_thing_is_shown_and_not_taken(
    crossref: Crossref, change: dict[str, Any], part: str
) -> None:
    found = look_up({**OURS, **change}, base_url=crossref.url)
    assert found is not None
    assert (found.agrees, found.reason) == (False, Reason("crossref-differs", (part,)))
    assert found.score < 1


def test_the_wrong_doi_of_another_work_is_no_agreement(crossref: Crossref) -> None:
    found = look_up(
        {"title": "Quite another thing", "author": [person("Kuh", "G.")], "DOI": "10.1234/right"}, base_url=crossref.url
    )
    assert found is None or not found.agrees


def test_what_is_in_the_cache_is_not_asked_again(crossref: Crossref) -> None:
    cache: dict[str, str] = {}
    first = look_up(OURS, base_url=crossref.url, cache=cache)
    second = look_up(OURS, base_url="http://127.0.0.1:9", cache=cache)
    assert first == second
    assert len(crossref.asked) == 1


def test_nothing_is_asked_about_an_entry_without_title_and_doi(crossref: Crossref) -> None:
    assert look_up({"author": [person("Kuh")]}, base_url=crossref.url) is None
    assert crossref.asked == []


def test_nothing_found_is_no_suggestion(crossref: Crossref) -> None:
    crossref.items = []
    assert look_up(OURS, base_url=crossref.url) is None


def test_a_server_that_fails_is_said_in_one_line(crossref: Crossref) -> None:
    crossref.status = 503
    with pytest.raises(KnowledgeBaseError, match="Crossref cannot be asked now") as caught:
        look_up(OURS, base_url=crossref.url)
    assert "\n" not in str(caught.value)


def test_a_server_that_hangs_up_or_is_not_there_is_said_in_one_line(crossref: Crossref) -> None:
    crossref.silent.set()
    for url in (crossref.url, "http://127.0.0.1:9"):
        with pytest.raises(KnowledgeBaseError, match="Crossref cannot be asked now") as caught:
            look_up(OURS, base_url=url, timeout=0.5)
        assert "\n" not in str(caught.value)


def test_answers_are_kept_in_files_and_a_broken_one_is_asked_again(crossref: Crossref, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    first = look_up(OURS, base_url=crossref.url, cache=CacheFolder(folder))
    assert look_up(OURS, base_url="http://127.0.0.1:9", cache=CacheFolder(folder)) == first
    (kept,) = folder.iterdir()
    kept.write_text('[{"title": ', encoding="utf-8")
    assert look_up(OURS, base_url=crossref.url, cache=CacheFolder(folder)) == first
    assert len(crossref.asked) == 2


def test_a_cache_that_cannot_be_written_costs_a_question_and_nothing_else(crossref: Crossref, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, where the folder should be", encoding="utf-8")
    for _ in range(2):
        found = look_up(OURS, base_url=crossref.url, cache=CacheFolder(tmp_path / "taken"))
        assert found is not None
        assert found.agrees
    assert len(crossref.asked) == 2
