"""Fixtures named for things: the demonstration collection, taken in once for all tests that only ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.demonstration.build import build
from kb.settings import Settings
from tests.browser import launch
from tests.fakes import Crossref

# A loaded machine may be slow to draw and to run an example: neither is a failure.
settings.register_profile("kb", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kb")


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demonstration collection, as it is built from its sources."""
    folder = tmp_path_factory.mktemp("demonstration")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def demonstration(collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The knowledge base that `make run` serves, with the model that ships. For tests that change nothing."""
    opened = open_knowledge_base(Settings(tmp_path_factory.mktemp("home")))
    reports = list(opened.ingest([collection]))
    assert {report.status for report in reports} == {"added"}, reports
    opened.refresh()
    yield opened
    opened.close()


@pytest.fixture
def crossref() -> Iterator[Crossref]:
    """Crossref on this machine, which remembers what it was asked."""
    server = Crossref()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one for the tests of a module."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
