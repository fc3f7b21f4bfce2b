"""Crossref is asked when a person wants it, is believed when three things agree, and may fail without harm."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from ingest.lookup import look_up
from kb.bibliography import authors, person
from kb.errors import KnowledgeBaseError

WORK: dict[str, Any] = {
    "type": "journal-article", "title": ["Belonging as a practice"], "DOI": "10.1234/right", "volume": "3",
    "container-title": ["Journal of X"], "issued": {"date-parts": [[2012, 5]]}, "publisher": "Press",
    "author": [{"given": "Karin", "family": "van der Goot"}, {"name": "SCP"}],
}  # fmt: skip
OURS = {
    "title": "Belonging as a Practice",
    "author": [person("Goot", "K. van der")],
    "issued": {"date-parts": [[2012]]},
}


class Crossref(ThreadingHTTPServer):
    """Answers as api.crossref.org does, for one work, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[str] = []
        self.status = 200
        self.silent = threading.Event()
        self.items: list[dict[str, Any]] = [{**WORK, "title": ["Something else"]}, WORK]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    server: Crossref

    def do_GET(self) -> None:
        asked = urlsplit(unquote(self.path))
        self.server.asked.append(
            asked.path.removeprefix("/works").strip("/") or parse_qs(asked.query)["query.bibliographic"][0]
        )
        if self.server.silent.is_set():
            self.server.silent.wait(0)
            self.close_connection = True
            return
        if asked.path.startswith("/works/"):
            known = asked.path == "/works/10.1234/right"
            status, message = (self.server.status, WORK) if known else (404, {})
        else:
            status, message = self.server.status, {"items": self.server.items, "total-results": 2}
        body = json.dumps({"status": "ok", "message": message}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""


@pytest.fixture
def crossref() -> Iterator[Crossref]:
    server = Crossref()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


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
    ("change", "reason"),
    [
        ({"issued": {"date-parts": [[2019]]}}, "other year"),
        ({"author": [person("Didau", "D.")]}, "other first author"),
        ({"title": "Belonging as a way of life"}, "other title"),
    ],
)
def test_a_work_that_disagrees_in_one_thing_is_shown_and_not_taken(
    crossref: Crossref, change: dict[str, Any], reason: str
) -> None:
    found = look_up({**OURS, **change}, base_url=crossref.url)
    assert found is not None
    assert (found.agrees, found.reason) == (False, reason)
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
