"""Reports on cited works: each with the sentences that cite it, in Word, HTML and Markdown."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docx
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from markdown_it import MarkdownIt

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.cli import main
from kb.model import Citation, Document, Page, Reference
from kb.reports import REPORTS, report, search_addresses
from kb.settings import Settings
from tests.shelf import take_in
from tests.web_fakes import fake_knowledge_base
from tests.writers import Slide, write_pptx
from web import create_app

ROOT = "https://kb.example.org/"
TEXT = "Eerst iets anders. Zelfvertrouwen groeit door <oefening> & tijd (Bandura,\n1994). Daarna de rest."
BANDURA = {
    "type": "article-journal",
    "title": "Self-efficacy *in* [context]",
    "container-title": "Encyclopedia",
    "author": [{"family": "Bandura", "given": "Albert"}],
    "issued": {"date-parts": [[1994]]},
    "DOI": "10.1000/a<b",
}


class Shelf:
    """One deck with one slide."""

    def document(self, document_id: int, /) -> Document:
        return Document(document_id, "Dek & [meer]", "deck", "dek.pptx")

    def page(self, document_id: int, number: int, /) -> Page:
        return Page(number, TEXT, "")


def references() -> list[Reference]:
    start = TEXT.index("(Bandura")
    cited = Citation(
        14, start, TEXT.index(")", start) + 1, "(Bandura, 1994)", "parenthetical", ("Bandura",), "1994", document_id=3
    )
    return [
        Reference("goot", {}, ("van der Goot, onleesbare regel",)),
        Reference("bandura-1994", BANDURA, cited_by=(cited,)),
        Reference("vos-2001", {"type": "book", "title": "Rooms", "issued": {"date-parts": [[2001]]}}, document_id=7),
    ]


def made(form: str, locale: str = "nl") -> bytes:
    return report(references(), form, locale, Shelf(), ROOT)  # type: ignore[arg-type]


def test_html_gives_each_work_its_citing_sentence_and_links() -> None:
    page = BeautifulSoup(made("html").decode(), "html.parser")
    assert [heading.get_text() for heading in page.select("h1, h2")] == ["Aangehaalde werken", "Onvolledig"]
    quotation = page.select_one("blockquote")
    assert quotation is not None
    sentence = "Zelfvertrouwen groeit door <oefening> & tijd (Bandura, 1994)."
    assert quotation.get_text() == f"{sentence}Dek & [meer], dia 14"
    start = TEXT.index("(Bandura")
    addresses = [str(link["href"]) for link in page.select("a")]
    assert f"{ROOT}documents/3/pages/14?from={start}&to={start + 15}" in addresses
    assert f"{ROOT}documents/7" in addresses
    assert "https://doi.org/10.1000/a%3Cb" in addresses
    assert page.select_one("html")["lang"] == "nl"  # type: ignore[index]
    assert [italic.get_text() for italic in page.select("p > i")] == ["Encyclopedia", "Rooms"]


def test_markdown_keeps_signs_of_the_text_as_text() -> None:
    text = made("md", "en").decode()
    page = BeautifulSoup(MarkdownIt().render(text), "html.parser")
    assert [heading.get_text() for heading in page.select("h1, h2")] == ["Cited works", "Incomplete"]
    assert "Self-efficacy *in* [context]" in page.get_text()
    quotation = page.select_one("blockquote p")
    assert quotation is not None
    assert quotation.get_text() == "Zelfvertrouwen groeit door <oefening> & tijd (Bandura, 1994)."
    assert [link.get_text() for link in page.select("blockquote a")] == ["Dek & [meer], slide 14"]


def test_word_has_italics_and_links_that_work() -> None:
    document = docx.Document(io.BytesIO(made("docx")))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == "Aangehaalde werken"
    assert texts[-3:-1] == ["Onvolledig", "van der Goot, onleesbare regel"]
    assert "Zelfvertrouwen groeit door <oefening> & tijd (Bandura, 1994). Dek & [meer], dia 14" in texts
    italics = [run.text for paragraph in document.paragraphs for run in paragraph.runs if run.italic]
    assert italics == ["Encyclopedia", "Rooms"]
    linked = {link.address for paragraph in document.paragraphs for link in paragraph.hyperlinks}
    assert f"{ROOT}documents/7" in linked
    assert any(address.startswith("https://scholar.google.com/scholar?q=") for address in linked)


def test_a_work_that_is_not_here_is_looked_for_by_doi_author_and_title() -> None:
    searches = dict(search_addresses(references()[1]))
    assert list(searches) == ["DOI", "WorldCat", "Google Scholar"]
    assert searches["WorldCat"].endswith("?q=Bandura+Self-efficacy+%2Ain%2A+%5Bcontext%5D")
    assert list(dict(search_addresses(references()[0]))) == ["WorldCat", "Google Scholar"]


@pytest.mark.parametrize("form", REPORTS)
def test_no_work_gives_a_report_that_says_so(form: str) -> None:
    content = report([], form, "nl", Shelf(), ROOT)  # type: ignore[arg-type]
    text = (
        "\n".join(p.text for p in docx.Document(io.BytesIO(content)).paragraphs) if form == "docx" else content.decode()
    )
    assert "Geen werken gevonden." in text


@pytest.mark.parametrize("form", REPORTS)
def test_the_page_gives_a_report_on_what_is_ticked(form: str, tmp_path: Path) -> None:
    client = create_app(fake_knowledge_base(tmp_path)).test_client()
    answer = client.get(f"/references?report={form}&key=turner-1969&format=ris&lang=en")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=report.{form}"
    data = answer.get_data()
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(data)).paragraphs) if form == "docx" else data.decode()
    assert "The ritual process" in text
    assert "Strayhorn" not in text


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with closing(open_knowledge_base(Settings(tmp_path / "home"))) as opened:
        (tmp_path / "deck.pptx").write_bytes(
            write_pptx([Slide("Vertrouwen", ("Zelfvertrouwen groeit door oefening (Bandura, 1994).",))], "Vertrouwen")
        )
        take_in(opened, tmp_path / "deck.pptx")
        yield opened


def test_the_command_writes_a_report_or_says_why_not(base: KnowledgeBase, tmp_path: Path) -> None:
    def kb(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["references", *arguments], env={"KB_HOME": str(base.settings.home)})
        return done.exit_code, done.output

    file = tmp_path / "report.html"
    assert kb("--missing", "--report", "html", "-o", str(file), "--site", ROOT.rstrip("/")) == (0, f"{file}\t1 works\n")
    page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    quotation = page.select_one("blockquote")
    assert quotation is not None
    assert quotation.get_text() == "Zelfvertrouwen groeit door oefening (Bandura, 1994).Vertrouwen, dia 1"
    assert kb("--report", "html")[0] == 2
    assert kb("--report", "md", "-o", str(file), "--format", "ris")[0] == 2
    status, said = kb("--report", "md", "-o", str(tmp_path / "no" / "where.md"))
    assert status == 1
    assert "where.md cannot be written" in said
