"""The logs: one line per request without what was asked, and the traceback of every failure without it too."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kb.errors import CatalogueError
from kb.logs import configure
from kb.model import Answer, Query
from tests.web_fakes import FakeKnowledgeBase, fake_knowledge_base
from web import create_app


class Failing(FakeKnowledgeBase):
    """A knowledge base whose search fails, with the words of the query in the message as a database library has them."""

    error: Exception = RuntimeError()

    def search(self, query: Query, n: int = 10) -> Answer:
        raise self.error

    def ask(self, query: Query, n: int = 10) -> Answer:
        raise self.error


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return create_app(fake_knowledge_base(tmp_path)).test_client()


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "web.access"]


def test_a_request_is_one_line_without_what_was_asked(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "web"):
        client.get("/?q=liminale+ruimte")
        client.get("/documents/99")
        client.post("/references/review", data={"csrf": "geheim", "verdict": "confirm"})
    assert [re.sub(r" \d+ ms$", "", line) for line in logged(caplog)] == [
        "GET / 200",
        "GET /documents/99 404",
        "POST /references/review 400",
    ]


def test_a_path_cannot_begin_a_line_of_its_own(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "web"):
        client.get("/x%0AGET%20/admin%20200")
    (line,) = logged(caplog)
    assert line.startswith("GET /x%0AGET%20/admin%20200 404 ")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError('near MATCH: (\'"liminale" OR "ruimte"\',)'), 500),
        (CatalogueError("the catalogue is busy: liminale ruimte"), 503),
    ],
)
def test_a_failure_is_logged_with_its_traceback_and_without_what_was_asked(
    error: Exception, status: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    base = Failing(fake_knowledge_base(tmp_path).settings)
    base.error = error
    client = create_app(base).test_client()
    with caplog.at_level(logging.INFO, "web"):
        answer = client.get("/api/search?q=liminale+ruimte")
    assert answer.status_code == status
    failure, access = logged(caplog)
    assert failure.startswith("GET /api/search failed\nTraceback")
    assert "in search" in failure
    assert type(error).__name__ in failure
    assert "liminale" not in failure + access
    assert "ruimte" not in failure + access


def test_our_loggers_write_to_standard_error_from_the_level_that_is_configured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = logging.getLogger("kb.test")
    for level in ("INFO", None, "DEBUG"):
        configure(level)
        logger.info("at %s", level)
    configure(None)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[2] for line in lines] == ["INFO kb.test: at INFO", "INFO kb.test: at DEBUG"]
