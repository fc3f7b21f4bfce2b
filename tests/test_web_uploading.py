"""Uploading in a real browser: files chosen or dropped, with their outcomes, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.settings import Settings
from tests.browser import PHONE, served, visit
from tests.fake_uploads import settle
from tests.fakes import WordEncoder
from tests.writers import Slide, write_pptx
from web import create_app

DROP = """form => {
  const data = new DataTransfer();
  data.items.add(new File(["junk"], "notes.xyz"));
  form.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with closing(open_knowledge_base(Settings(tmp_path / "home", max_bytes=1_000_000), WordEncoder)) as opened:
        yield opened


@pytest.fixture
def home(base: KnowledgeBase) -> Iterator[str]:
    with served(create_app(base)) as address:
        yield address


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A deck, a file that nothing reads, one that is too large, and one that is gone when it is sent."""
    contents = {
        "week 1.pptx": write_pptx([Slide("Liminale ruimte", ("Een drempel is geen plek.",))], "Drempels"),
        "notes.xyz": b"junk",
        "large.pdf": bytes(1_000_001),
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return [str(tmp_path / name) for name in contents]


def test_each_file_that_is_chosen_gets_its_outcome_on_the_page(
    browser: Browser, base: KnowledgeBase, home: str, files: list[str]
) -> None:
    with visit(browser, home) as there:
        there.go("/intake?lang=nl")
        there.page.locator("#file").set_input_files(files)
        there.page.locator("form.upload button").click()
        there.page.locator("#jobs ul:not([data-waiting]) li:has-text('week 1.pptx')").wait_for()
        there.page.locator("#jobs ul:not([data-waiting]) li:has-text('notes.xyz')").wait_for()
        assert there.text("#jobs li:has-text('week 1.pptx') strong") == "toegevoegd"
        assert there.text("#jobs li:has-text('notes.xyz') strong") == "kan niet worden gelezen"
        assert there.text(".sending li:has-text('large.pdf')") == "large.pdf is groter dan 1 MB"
        there.page.locator("#jobs li:has-text('week 1.pptx') a").click()
        assert there.text("h1") == "Drempels"
    assert [document.title for document in base.documents()] == ["Drempels"]


def test_a_file_that_is_dropped_is_sent(browser: Browser, home: str) -> None:
    with visit(browser, home, size=PHONE) as there:
        there.go("/intake?lang=en")
        there.page.locator("form.upload").evaluate(DROP)
        there.page.locator("#jobs ul:not([data-waiting]) li").wait_for()
        assert there.text("#jobs li strong") == "cannot be read"


def test_a_file_that_could_not_be_sent_is_sent_again_with_one_click(
    browser: Browser, home: str, files: list[str]
) -> None:
    with visit(browser, home) as there:
        there.go("/intake?lang=en")
        there.context.set_offline(True)
        there.page.locator("#file").set_input_files(files[:1])
        there.page.locator("form.upload button").click()
        there.page.locator(".sending li:has-text('could not be sent')").wait_for()
        there.complaints.clear()  # the browser says that it is offline
        there.context.set_offline(False)
        there.page.locator(".sending li button:has-text('Try again')").click()
        there.page.locator("#jobs ul:not([data-waiting]) li:has-text('added')").wait_for()
        assert there.page.locator(".sending li").count() == 0


def test_files_are_sent_without_scripts_and_a_new_version_is_named(
    browser: Browser, base: KnowledgeBase, home: str, files: list[str], tmp_path: Path
) -> None:
    newer = tmp_path / "week 1 (beter).pptx"
    newer.write_bytes(write_pptx([Slide("Liminale ruimte", ("Een drempel is een plek.",))], "Drempels, beter"))
    with visit(browser, home, scripts=False) as there:
        there.go("/intake")
        there.page.locator("#file").set_input_files(files[:1])
        there.page.locator("form.upload button").click()
        settle()
        there.go("/documents/1")
        there.page.locator("a[href='/intake?replaces=1']").click()
        assert "Drempels" in there.text("form.upload")
        there.page.locator("#file").set_input_files(str(newer))
        there.page.locator("form.upload button").click()
        assert there.address() == "/intake#uploads"
        assert there.page.locator("#jobs li").count() == 2
    settle()
    assert [(document.id, document.title) for document in base.documents()] == [(1, "Drempels, beter")]
