"""The main job in a real browser: ask, read, follow a citation to the marked sentence, back; with and without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from kb.model import Citation, Document, Page
from tests.browser import DESK, NARROW, PHONE, Visit, served, visit
from tests.web_fakes import fake_knowledge_base
from web import create_app

# One address of every sort of page.
SORTS = {
    "start": "/",
    "results": "/?q=liminal+space",
    "filtered": "/?q=Turner&kind=deck",
    "grouped": "/?q=de+liminale+student+thuishoren+foo:bar",
    "nothing": "/?q=zzz",
    "documents": "/documents",
    "document": "/documents/1",
    "grid": "/documents/1?view=grid",
    "slide": "/documents/1/pages/2?passage=58&q=student",
    "hidden": "/documents/1/pages/5",
    "page": "/documents/2/pages/1?passage=63&from=24&to=80",
    "references": "/references",
    "reference": "/references/turner-1969",
    "unread": "/references/goot",
    "review": "/references/review",
    "join": "/references/join?key=turner-1969&key=goot",
    "intake": "/intake",
    "basket": "/basket",
    "concept": "/concepts/liminal",
    "problem": "/nowhere",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(create_app(fake_knowledge_base(tmp_path_factory.mktemp("kb")))) as address:
        yield address


def in_view(there: Visit, selector: str) -> bool:
    """Whether the element stands within the window."""
    box = there.page.locator(selector).first.bounding_box()
    size = there.page.viewport_size
    assert box is not None
    assert size is not None
    return 0 <= box["y"] <= size["height"] - box["height"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("question", ["liminal space", "Turner liminale"])
def test_a_question_leads_to_the_marked_sentence_and_back(
    browser: Browser, home: str, question: str, size: tuple[int, int]
) -> None:
    with visit(browser, home, size=size) as there:
        there.go("/")
        there.page.get_by_role("searchbox").fill(question)
        there.page.get_by_role("button", name="Search").click()
        quotation = there.text(".quotes q")
        asked = there.address()
        there.page.locator(".quotes a.number").first.click()
        there.page.wait_for_selector("#marked")
        assert there.text("#marked") == quotation
        assert in_view(there, "#marked")
        there.page.go_back()
        assert there.address() == asked
        assert there.text(".quotes q") == quotation
        there.page.locator(".sources a").first.click()
        there.page.wait_for_selector("#marked")
        assert there.text("#marked") == quotation
        there.page.go_back()
        there.page.locator(".hit h3 a").first.click()
        there.page.get_by_role("link", name=f"Results for “{question}”").click()
        assert there.page.get_by_role("searchbox").input_value() == question


def test_the_main_job_is_done_with_the_keyboard_alone(browser: Browser, home: str) -> None:
    with visit(browser, home) as there:
        there.go("/")
        there.page.keyboard.press("Tab")
        assert there.text(":focus") == "Skip to the content"
        assert in_view(there, ":focus")
        there.page.keyboard.press("Enter")
        assert there.tab_to("input[name=q]") == 1
        there.page.keyboard.type("liminal space")
        there.page.keyboard.press("Enter")
        there.page.wait_for_selector(".quotes")
        quotation = there.text(".quotes q")
        there.tab_to(".quotes a.number")
        there.page.keyboard.press("Enter")
        there.page.wait_for_selector("#marked")
        assert there.text("#marked") == quotation
        there.tab_to("a.cited")
        there.page.keyboard.press("Enter")
        there.page.wait_for_selector("#places")
        assert there.address() == "/references/turner-1969"
        there.page.go_back()
        assert there.text("#marked") == quotation


def test_what_has_the_focus_is_seen_to_have_it(browser: Browser, home: str) -> None:
    with visit(browser, home) as there:
        for address in ("/", "/?q=liminal+space", "/documents/1/pages/2", "/references"):
            there.go(address)
            for _ in range(14):
                there.page.keyboard.press("Tab")
                outline = there.page.locator(":focus").evaluate(
                    "element => [element, element.closest('.ask')].some(each => each"
                    " && getComputedStyle(each).outlineStyle === 'solid'"
                    " && parseFloat(getComputedStyle(each).outlineWidth) >= 2)"
                )
                assert outline, there.page.locator(":focus").evaluate("element => element.outerHTML")


def test_the_main_job_needs_no_scripts(browser: Browser, home: str) -> None:
    with visit(browser, home, scripts=False) as there:
        there.go("/")
        there.page.locator("#q").fill("liminal space")
        there.page.locator("#kind").select_option("deck")
        there.page.locator(".ask button").click()
        assert there.page.locator(".hit").count() == 1
        there.page.locator(".quotes a.number").first.click()
        assert there.text("#marked") == "In die liminale ruimte gelden oude regels niet meer."
        assert there.page.locator("button[data-copy]:visible").count() == 0


@pytest.mark.parametrize(
    ("language", "question", "heading"), [("nl", "Zoeken", "1 passage"), ("en", "Search", "1 passage")]
)
def test_the_interface_speaks_the_language_of_the_browser(
    browser: Browser, home: str, language: str, question: str, heading: str
) -> None:
    with visit(browser, home, language=language) as there:
        there.go("/")
        there.page.get_by_role("searchbox").fill("drempel")
        there.page.get_by_role("button", name=question).click()
        assert there.page.locator("html").get_attribute("lang") == language
        other = {"nl": "English", "en": "Nederlands"}[language]
        there.page.get_by_role("link", name=other).click()
        assert there.page.locator("html").get_attribute("lang") != language
        assert there.page.get_by_role("searchbox").input_value() == "drempel"
        there.page.get_by_role("link", name="Docum").click()
        assert there.page.locator("html").get_attribute("lang") != language


def test_a_place_that_cites_is_reached_from_the_reference(browser: Browser, home: str) -> None:
    with visit(browser, home) as there:
        there.go("/references?q=Strayhorn")
        there.page.locator(".entries .work").click()
        there.page.locator(".hit .where a").last.click()
        there.page.wait_for_selector("#marked")
        assert there.text("#marked") == "(Strayhorn, 2018)"
        assert in_view(there, "#marked")


def test_an_entry_is_copied_as_text(browser: Browser, home: str) -> None:
    with visit(browser, home, permissions=["clipboard-read", "clipboard-write"]) as there:
        there.go("/references/bandura-1994")
        there.page.get_by_role("button", name="Copy").click()
        there.page.get_by_role("button", name="Copied").wait_for()
        copied = there.page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("Bandura, A. (1994). Self-efficacy.")
        assert there.text("#status") == "Copied"


def test_what_is_ticked_is_copied(browser: Browser, home: str) -> None:
    with visit(browser, home, permissions=["clipboard-read", "clipboard-write"]) as there:
        there.go("/references")
        there.page.locator('input[value="bandura-1994"]').check()
        there.page.locator("#format").select_option("apa")
        there.page.get_by_role("button", name="Copy").click()
        there.page.get_by_role("button", name="Copied").wait_for()
        copied = there.page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("Bandura, A. (1994). Self-efficacy.")
        assert "\n" not in copied


def test_a_doubt_is_answered_with_the_keyboard(browser: Browser, tmp_path: Path) -> None:
    with served(create_app(fake_knowledge_base(tmp_path))) as home, visit(browser, home) as there:
        there.go("/references")
        there.page.get_by_role("link", name="3 questions").click()
        there.tab_to("button[value=confirm]")
        there.page.keyboard.press("Enter")
        there.page.wait_for_selector(".just-made")
        assert there.text("p[role=status]") == "Your answer is kept. 2 questions wait"
        there.page.get_by_role("button", name="Take back").click()
        assert there.text("p[role=status]") == "Your answer is taken back. 3 questions wait"


def test_what_is_ticked_is_downloaded(browser: Browser, home: str) -> None:
    with visit(browser, home, accept_downloads=True) as there:
        there.go("/references")
        there.page.get_by_role("checkbox").nth(1).check()
        with there.page.expect_download() as download:
            there.page.get_by_role("button", name="Download").click()
        assert download.value.suggested_filename == "reference.ris"
        assert download.value.path().read_text().count("TY  - ") == 1


def test_an_original_that_could_carry_scripts_is_saved_not_opened(browser: Browser, home: str) -> None:
    with visit(browser, home, accept_downloads=True) as there:
        there.go("/documents/3")
        with there.page.expect_download() as download:
            there.page.locator(".files a").click()
        assert download.value.path().read_bytes() == b"<script>alert(1)</script>"
        assert there.address() == "/documents/3"


def test_what_could_not_be_copied_is_not_said_to_be(browser: Browser, home: str) -> None:
    with visit(browser, home, permissions=["clipboard-read", "clipboard-write"]) as there:
        there.go("/references")
        there.page.route("**/references?*", lambda route: route.fulfill(status=503, body="<!doctype html>busy"))
        there.page.get_by_role("button", name="Copy").click()
        there.page.get_by_role("button", name="Not copied").wait_for()
        assert there.text("#status") == "Not copied"
        assert "doctype" not in there.page.evaluate("navigator.clipboard.readText()")
        assert [each for each in there.complaints if "503" not in each] == []
        there.complaints.clear()  # the browser itself reports the 503


def test_a_word_longer_than_a_phone_is_wide_is_broken(browser: Browser, tmp_path: Path) -> None:
    base, word = fake_knowledge_base(tmp_path), "studentenwelzijn" * 20
    address = f"https://example.org/{word}"
    text = f"{address} and {word} of zebras."
    base.add(
        Document(4, word, "deck", f"{word}.pptx", "en", (word,)), [Page(1, text, "1", word, word, text, language="en")]
    )
    base.citations.append(Citation(1, 0, len(address), address, "url", (), None, id=99, document_id=4))
    with served(create_app(base)) as home, visit(browser, home, size=NARROW) as there:
        for where in ("/?q=zebras", "/documents", "/documents/4", "/documents/4/pages/1?q=zebras", "/intake"):
            there.go(where)
            assert there.page.evaluate("document.documentElement.scrollWidth") <= NARROW[0], where
        there.go("/?q=zebras")
        assert there.page.locator(".quotes q").count() > 0


def test_arrow_keys_turn_slides(browser: Browser, home: str) -> None:
    with visit(browser, home) as there:
        there.go("/documents/1/pages/2")
        there.page.keyboard.press("ArrowRight")
        there.page.wait_for_url("**/pages/3")
        there.page.keyboard.press("ArrowLeft")
        there.page.wait_for_url("**/pages/2")


def test_a_slash_puts_the_cursor_in_the_search_box_unless_one_is_typing(browser: Browser, home: str) -> None:
    with visit(browser, home) as there:
        there.go("/?q=liminal+space")
        there.page.locator("h1").evaluate("element => document.activeElement.blur()")
        there.page.keyboard.press("/")
        there.page.keyboard.type("a/b")
        assert there.page.locator("#q").input_value() == "a/b"


def test_a_document_that_attacks_the_page_is_only_text(browser: Browser, home: str) -> None:
    with visit(browser, home) as there:
        for address in (
            "/?q=script",
            "/documents",
            "/documents/3",
            "/documents/3/pages/1",
            "/documents/3/pages/1?q=%3Cb%3E",
        ):
            there.go(address)
            assert "gotcha" not in there.page.title() or "<script>" in there.page.title()
            assert there.page.locator("main script").count() == 0


AXE = "options => axe.run(options)"
ALL_RULES: dict[str, Any] = {"resultTypes": ["violations", "passes"]}
CONTRAST: dict[str, Any] = {**ALL_RULES, "runOnly": ["color-contrast", "link-in-text-block", "target-size"]}


def violations(there: Visit, rules: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """What axe-core finds wrong; it must have looked at contrast."""
    found = there.page.evaluate(AXE, rules)
    assert "color-contrast" in {rule["id"] for rule in [*found["passes"], *found["violations"]]}
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found["violations"]]


@pytest.fixture(scope="module")
def window(browser: Browser, home: str) -> Iterator[Visit]:
    """One window for the pages that are only looked at."""
    with visit(browser, home, language="nl", reduced_motion="reduce") as there:
        yield there


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_of_page_is_accessible_on_desk_and_phone_by_day_and_night(window: Visit, sort: str) -> None:
    page, expected = window.page, len(window.complaints)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.emulate_media(color_scheme="light")
    assert window.go(SORTS[sort]) == (404 if sort == "problem" else 200)
    if sort == "problem":
        del window.complaints[expected:]  # the browser itself reports the 404
    page.evaluate(Axe().axe_script)
    assert violations(window, ALL_RULES) == []
    page.emulate_media(color_scheme="dark")
    assert violations(window, CONTRAST) == []
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert violations(window, CONTRAST) == []
    page.emulate_media(color_scheme="light")
    assert violations(window, ALL_RULES) == []
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]


def test_a_filter_applies_when_it_is_chosen_and_by_a_button_without_scripts(browser: Browser, home: str) -> None:
    with visit(browser, home) as there:
        there.go("/?q=liminal+space&lang=en")
        there.page.locator("#kind").select_option("deck")
        there.page.wait_for_selector(".in-use")
        assert there.page.locator(".hit").count() == 1
        there.page.locator("#q").focus()
        there.page.locator("input[name=cites]").check()
        there.page.wait_for_selector("input[name=cites]:checked")
        assert "cites=1" in there.page.url
        assert there.page.locator(".filters button").count() == 0
    with visit(browser, home, scripts=False) as there:
        there.go("/?q=liminal+space&lang=en")
        there.page.locator("#kind").select_option("deck")
        there.page.locator(".filters button").click()
        assert there.page.locator(".hit").count() == 1
