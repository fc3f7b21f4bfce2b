"""A deck that tries to run, fetch or draw what it should not, taken in and opened in Chromium."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing

import pytest
from PIL import Image
from playwright.sync_api import Browser
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Inches

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.settings import Settings
from tests.browser import served, visit
from tests.fakes import WordEncoder
from web import create_app

TITLE = "<script>document.title='gotcha'</script> Drempels"
LINES = (
    '"><img src="http://elsewhere.example/x.png" onerror="document.title=\'gotcha\'"> over drempels',
    "</p></article><style>body{display:none}</style> drempel",
    '<svg onload="document.title=\'gotcha\'"><use href="http://elsewhere.example/#a"/></svg> drempel',
    "javascript:alert(1) &lt;b&gt; {{ 7 * 7 }} drempel",
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
NAME = "<img src=x onerror=alert(1)>&'drempel'.pptx"


def hostile_deck() -> bytes:
    """Markup in its title, lines, notes and properties; an SVG, a linked picture, a hostile link and a huge picture."""
    deck = Presentation()
    deck.core_properties.title, deck.core_properties.author = TITLE, "<script>alert('author')</script>"
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = TITLE
    slide.placeholders[1].text = "\n".join(LINES)
    slide.notes_slide.notes_text_frame.text = LINES[0]
    run = slide.placeholders[1].text_frame.paragraphs[0].runs[0]
    run.hyperlink.address = "javascript:alert(1)"
    huge = io.BytesIO()
    Image.new("1", (9000, 9000)).save(huge, "PNG")
    picture = slide.shapes.add_picture(huge, 0, 0, Inches(1), Inches(1))
    elsewhere = slide.part.relate_to("http://elsewhere.example/x.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    blip = picture._element.blipFill.blip
    blip.set("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}link", elsewhere)
    svg = Part(PackURI("/ppt/media/hostile.svg"), "image/svg+xml", deck.part.package, SVG)
    slide.part.relate_to(svg, RELATIONSHIP_TYPE.IMAGE)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / NAME).write_bytes(hostile_deck())
    base = open_knowledge_base(Settings(home=folder / "home"), WordEncoder)
    (report,) = base.ingest([folder / NAME])
    assert report.status == "added"
    base.refresh()
    yield base
    base.close()


ADDRESSES = (
    "/documents",
    "/documents/1",
    "/documents/1?view=grid",
    "/documents/1/pages/1?q=drempel",
    "/?q=drempel",
    "/?q=%3Cscript%3Ealert(1)%3C/script%3E+drempel",
    "/intake",
)


def test_nothing_in_a_hostile_deck_runs_or_is_fetched(browser: Browser, base: KnowledgeBase) -> None:
    # `visit` fails on any complaint of the browser and on any request elsewhere.
    with served(create_app(base)) as home, visit(browser, home) as there:
        there.page.on("dialog", lambda dialog: there.complaints.append(dialog.message))
        for address in ADDRESSES:
            assert there.go(address) == 200
            there.page.wait_for_load_state("networkidle")
            assert there.page.title() != "gotcha"
            assert there.page.locator("main").is_visible()
            assert there.page.locator("main script, main svg[onload], main style, main [onerror]").count() == 0
            assert there.page.locator("a[href^='javascript:']").count() == 0


def test_the_words_of_a_hostile_deck_are_shown_as_they_are(browser: Browser, base: KnowledgeBase) -> None:
    with served(create_app(base)) as home, visit(browser, home) as there:
        there.go("/documents/1/pages/1")
        shown = there.text("article.sheet")
        for line in (TITLE, *LINES):
            assert " ".join(line.split()) in shown
        there.go("/?q=drempel")
        assert "<img src=" in there.text(".hit .snippet")


def test_the_picture_and_the_original_of_a_hostile_deck_stay_within_limits(base: KnowledgeBase) -> None:
    client = create_app(base).test_client()
    document = base.document(1)
    with closing(client.get(f"/documents/1/files/{document.files[0].sha256}/deck.pptx")) as original:
        assert original.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in original.headers["Content-Security-Policy"]
        assert original.headers["X-Content-Type-Options"] == "nosniff"
    picture = base.pictures.picture(document, 1)
    assert picture is None or len(base.pictures.image(picture, 320) or b"") < 100_000
