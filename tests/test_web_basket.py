"""What readers take along, in a real browser: rich text on the clipboard, and the basket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser import served, visit
from tests.web_fakes import fake_knowledge_base
from web import create_app


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(create_app(fake_knowledge_base(tmp_path_factory.mktemp("kb")))) as address:
        yield address


RICH = """async () => {
  const [item] = await navigator.clipboard.read();
  const read = async (type) => (await item.getType(type)).text();
  return [await read("text/html"), await read("text/plain")];
}"""


def test_references_are_copied_with_their_italics(browser: Browser, home: str) -> None:
    with visit(browser, home, permissions=["clipboard-read", "clipboard-write"]) as there:
        there.go("/references/turner-1969")
        there.page.get_by_role("button", name="Copy").click()
        there.page.get_by_role("button", name="Copied").wait_for()
        html, text = there.page.evaluate(RICH)
        assert "<i>The ritual process" in html
        assert text.startswith("Turner, V. (1969). The ritual process")
        there.go("/references")
        for key in ("turner-1969", "bandura-1994"):
            there.page.locator(f'input[value="{key}"]').check()
        there.page.locator("#format").select_option("apa")
        there.page.get_by_role("button", name="Copy").click()
        there.page.get_by_role("button", name="Copied").wait_for()
        html, text = there.page.evaluate(RICH)
        assert [line.split(" (")[0] for line in text.splitlines()] == ["Bandura, A.", "Turner, V."]
        assert (html.count("<p"), "<i>The ritual process" in html) == (2, True)


def test_an_answer_is_copied_with_its_citations_and_their_list(browser: Browser, home: str) -> None:
    with visit(browser, home, permissions=["clipboard-read", "clipboard-write"]) as there:
        there.go("/?q=liminal+space")
        there.page.get_by_role("button", name="Copy answer with sources").click()
        there.page.get_by_role("button", name="Copied").wait_for()
        html, text = there.page.evaluate(RICH)
        first, *_, last = text.splitlines()
        assert first == "‘In die liminale ruimte gelden oude regels niet meer.’ (van der Goot, 2024, slide 2)"
        assert last.startswith("Fielding, A., & Hoekstra, B. (2021). Rooms that answer back")
        assert "<i>" in html
        assert "<script" not in html


def test_references_and_passages_are_put_aside_kept_and_taken_along(browser: Browser, home: str) -> None:
    with visit(browser, home, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True) as there:
        for key in ("turner-1969", "bandura-1994", "strayhorn-2018"):
            there.go(f"/references/{key}")
            there.page.get_by_role("button", name="Put aside").click()
            there.page.get_by_role("button", name="In the basket").wait_for()
        there.page.get_by_role("button", name="In the basket").click()  # and not that one
        there.go("/?q=liminal+space")
        there.page.locator(".quotes a.number").first.click()
        marked = there.text("#marked")
        passage = there.address().split("&")[0]
        there.page.get_by_role("button", name="Put aside").click()
        assert there.text("#to-basket") == "Basket 3"
        there.page.locator("#to-basket").click()
        there.page.reload()
        entries = there.page.locator("#basket li")
        assert entries.count() == 3
        assert [entries.nth(place).locator("a").get_attribute("href") for place in range(3)] == [
            "/references/turner-1969", "/references/bandura-1994", passage,
        ]  # fmt: skip
        assert there.text("#basket blockquote:visible") == marked
        assert Axe().run(there.page, options={"resultTypes": ["violations"]}).response["violations"] == []
        there.page.locator("#format").select_option("ris")
        with there.page.expect_download() as download:
            there.page.get_by_role("button", name="Download").click()
        assert download.value.path().read_text().count("TY  - ") == 2
        there.page.locator("[data-copy-passages]").click()
        there.page.get_by_role("button", name="Copied").wait_for()
        html, text = there.page.evaluate(RICH)
        assert text.startswith(f"{marked}\nvan der Goot, K. (2024")
        assert "<i>Tussen twee deuren" in html
        there.page.get_by_role("button", name="Remove: Turner").click()
        assert there.page.locator("#basket li").count() == 2
        there.page.get_by_role("button", name="Empty the basket").click()
        assert there.page.locator("[data-empty]").is_visible()


def test_what_another_script_left_in_the_basket_runs_nothing_and_leads_nowhere_else(
    browser: Browser, home: str
) -> None:
    with visit(browser, home) as there:
        there.go("/basket")
        hostile = """localStorage.setItem("kb-basket", JSON.stringify([{ kind: "passage", id: "x", url: "//elsewhere.example/",
            label: "<img src=x onerror=alert(1)>", text: "<script>alert(1)</script>", html: "<b>x</b>" }]))"""
        there.page.evaluate(hostile)
        there.page.reload()
        assert there.text("#basket blockquote") == "<script>alert(1)</script>"
        assert there.page.locator("#basket li a").get_attribute("href") == "/"
        assert there.page.locator("#basket img").count() == 0
        there.page.evaluate("""localStorage.setItem("kb-basket", "{broken")""")
        there.page.reload()
        assert there.page.locator("[data-empty]").is_visible()
