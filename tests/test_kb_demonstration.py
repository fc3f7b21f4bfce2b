"""The demonstration collection: built whole, the same every time, and judged as it is printed."""

import re
from collections import Counter
from pathlib import Path

import pptx
import pypdf
import pytest

from kb.demonstration import pdf
from kb.demonstration.build import build, main
from kb.demonstration.source import SourceError, plain, read, sources, works
from tests.judged.write import CITATIONS, HERE, REFERENCES, judgements, pages, table, words

QUERIES = ("id", "language", "kind", "query", "judgements", "half")


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demonstration")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def printed(collection: Path) -> dict[str, list[str]]:
    return {path.name: pages(path) for path in sorted(collection.iterdir())}


@pytest.fixture(scope="module")
def cited() -> list[dict[str, str]]:
    return table(HERE / "citations.tsv", CITATIONS)


@pytest.fixture(scope="module")
def listed() -> list[dict[str, str]]:
    return table(HERE / "references.tsv", REFERENCES)


def test_building_twice_gives_the_same_bytes(collection: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "again")
    assert [path.name for path in again] == sorted(path.name for path in collection.iterdir())
    assert [path.name for path in again if path.read_bytes() != (collection / path.name).read_bytes()] == []


def test_the_collection_is_small_and_its_names_are_ascii(collection: Path) -> None:
    assert sum(path.stat().st_size for path in collection.iterdir()) < 2_000_000
    assert all(re.fullmatch(r"[a-z0-9-]+\.(pdf|pptx|docx|html)", path.name) for path in collection.iterdir())


def test_there_are_four_decks_and_six_papers_in_two_languages() -> None:
    kinds = Counter((source.header["kind"], source.header["format"]) for source in sources())
    assert kinds == {
        ("deck", "pdf"): 2,
        ("deck", "pptx"): 2,
        ("paper", "pdf"): 2,
        ("paper", "docx"): 2,
        ("paper", "html"): 2,
    }
    papers = Counter(source.language for source in sources() if source.header["kind"] == "paper")
    assert papers == {"nl": 3, "en": 3}


def test_every_deck_has_twelve_to_eighteen_slides_and_one_page_each(printed: dict[str, list[str]]) -> None:
    for source in sources():
        if source.header["kind"] == "deck":
            assert 12 <= len(source.slides) <= 18
            assert len(printed[source.filename]) == len(source.slides)


def test_slide_fourteen_defines_the_liminal_space(printed: dict[str, list[str]]) -> None:
    slide = printed["webinar-studentenwelzijn-op-de-drempel.pdf"][13]
    assert slide.startswith("Liminale ruimte ")
    assert "Een liminale ruimte is het tussengebied waarin je de oude situatie al hebt verlaten" in slide


def test_every_paper_is_long_enough_and_lists_its_sources(printed: dict[str, list[str]]) -> None:
    for source in sources():
        if source.header["kind"] == "paper":
            count = sum(len(page.split()) for page in printed[source.filename])
            entries = sum(block.kind == "entry" for slide in source.slides for block in slide.blocks)
            assert 1200 <= count <= 2700, source.name
            assert 8 <= entries <= 24, source.name


def test_a_paper_carries_the_page_numbers_it_prints(collection: Path) -> None:
    paper = pypdf.PdfReader(collection / "overzicht-liminaliteit-hoger-onderwijs.pdf")
    assert paper.page_labels[:2] == ["217", "218"]
    assert words(paper.pages[1].extract_text()).endswith(" 218")


def test_powerpoint_decks_have_notes_a_table_a_chart_a_hidden_slide_and_sections(collection: Path) -> None:
    for path in collection.glob("*.pptx"):
        deck = pptx.Presentation(str(path))
        shapes = [shape for slide in deck.slides for shape in slide.shapes]
        assert any(slide.has_notes_slide for slide in deck.slides)
        assert any(getattr(shape, "has_table", False) for shape in shapes)
        assert any(getattr(shape, "has_chart", False) for shape in shapes)
        assert [slide._element.get("show") for slide in deck.slides].count("0") == 1
        assert b"p14:sectionLst" in deck.part.blob


def test_nothing_on_a_powerpoint_slide_covers_text_or_leaves_the_slide(collection: Path) -> None:
    for path in collection.glob("*.pptx"):
        deck = pptx.Presentation(str(path))
        for number, slide in enumerate(deck.slides, start=1):
            boxes = [
                (shape.left, shape.top, shape.left + shape.width, shape.top + shape.height)
                for shape in slide.shapes
                if shape.name != "Bar"
            ]
            for left, top, right, bottom in boxes:
                inside = min(left, top) >= 0 and right <= deck.slide_width and bottom <= deck.slide_height
                assert inside, (path.name, number)
            for index, one in enumerate(boxes):
                for other in boxes[index + 1 :]:
                    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                    assert apart, (path.name, number, one, other)


def test_no_markup_is_left_in_what_is_built(printed: dict[str, list[str]]) -> None:
    for name, texts in printed.items():
        for number, text in enumerate(texts, start=1):
            assert not re.search(r"\{\{|\}\}|\*\w|\w\*|\|[a-z-]+\|", text), (name, number)


def test_the_judged_files_are_what_the_marks_say(
    collection: Path, cited: list[dict[str, str]], listed: list[dict[str, str]]
) -> None:
    # When a source changed: python -m tests.judged.write
    marked, entered = judgements(collection)
    assert cited == marked
    assert listed == entered


def test_every_judged_citation_stands_on_its_page(printed: dict[str, list[str]], cited: list[dict[str, str]]) -> None:
    absent = [row for row in cited if row["text"] not in printed[row["file"]][int(row["page"]) - 1]]
    assert absent == []


def test_every_judged_reference_starts_on_its_page(printed: dict[str, list[str]], listed: list[dict[str, str]]) -> None:
    absent = [row for row in listed if row["raw"][:40] not in printed[row["file"]][int(row["page"]) - 1]]
    assert absent == []


def test_the_judged_citations_are_many_of_many_forms_in_both_languages(cited: list[dict[str, str]]) -> None:
    real = [row for row in cited if row["form"] != "not-a-citation"]
    traps = [row for row in cited if row["form"] == "not-a-citation"]
    languages = Counter(row["language"] for row in real)
    assert len(real) >= 150
    assert len({row["form"] for row in real}) >= 12
    assert min(languages["nl"], languages["en"]) >= 0.4 * len(real)
    assert len(traps) >= 20
    assert all(row["keys"] == "-" for row in traps)


def test_a_citation_points_to_entries_that_are_listed(
    cited: list[dict[str, str]], listed: list[dict[str, str]]
) -> None:
    known = {row["key"] for row in listed}
    pointed = {key for row in cited for key in row["keys"].split(";")} - {"-"}
    assert pointed <= known


def test_every_work_is_used(listed: list[dict[str, str]]) -> None:
    assert set(works()) == {row["key"] for row in listed}


def test_the_judged_queries_name_pages_that_exist(printed: dict[str, list[str]]) -> None:
    rows = [line.split("\t") for line in (HERE / "demonstration-queries.tsv").read_text("utf-8").splitlines()]
    queries = [dict(zip(QUERIES, row, strict=True)) for row in rows]
    assert len(queries) >= 40
    assert len({query["id"] for query in queries}) == len(queries)
    assert {query["language"] for query in queries} == {"nl", "en"}
    assert {query["kind"] for query in queries} == {"keyword", "paraphrase", "cross"}
    halves = Counter(query["half"] for query in queries)
    assert abs(halves["tune"] - halves["kept"]) <= 2
    assert set(halves) == {"tune", "kept"}
    for query in queries:
        judged = re.findall(r"([^,#]+)#(\d+):([12])(?:,|$)", query["judgements"])
        assert ",".join(f"{name}#{page}:{grade}" for name, page, grade in judged) == query["judgements"]
        assert any(grade == "2" for _, _, grade in judged), query["id"]
        for name, page, _ in judged:
            assert 1 <= int(page) <= len(printed[name]), query["id"]


def test_the_negative_queries_are_many_and_in_both_languages() -> None:
    rows = [line.split("\t") for line in (HERE / "negative-queries.tsv").read_text("utf-8").splitlines()]
    assert len(rows) >= 15
    assert {row[1] for row in rows} == {"nl", "en"}
    assert all(len(row) == 3 for row in rows)


def test_no_sentence_of_ours_stands_as_a_quotation_under_the_name_of_another() -> None:
    said = re.compile(r"naar\b|, (in onze woorden|in our words|freely rendered)$", re.IGNORECASE)
    ours = re.compile(r"Werkgroep Demonstratiecollectie kb|kb Demonstration Collection Working Group")
    blocks = [block for source in sources() for slide in source.slides for block in slide.blocks]
    attributions = [plain(block.lines[0]) for block in blocks if block.kind == "attribution"]
    assert len(attributions) >= 6
    assert [line for line in attributions if not ours.search(line) and not said.search(line)] == []


def test_a_source_that_cites_an_unknown_work_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.txt"
    path.write_text("kind: deck\nformat: pdf\nlanguage: nl\n\n# Bronnen\n@nobody-1900\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"wrong\.txt:6: works\.txt has no nobody-1900"):
        read(path, works())


def test_a_changed_slide_of_a_pdf_deck_shows_its_chart_and_its_marks_leave_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(
        "kind: deck\nformat: pdf\nlanguage: nl\ntitle: Mijn dia\nauthor: Ik\ndate: 2026-11-22\n\n# Telling\n"
        "chart: Bezoek | Aantal\n  Maandag | 12\n  Dinsdag | 7\n- Zie {{(Temple, 2008)|bracket|temple-2008}}.\n",
        encoding="utf-8",
    )
    source = read(path, works())
    built = tmp_path / "mine.pdf"
    built.write_bytes(pdf.deck(source))
    (text,) = pages(built)
    assert all(part in text for part in ("Telling", "Bezoek", "Maandag", "12", "Dinsdag", "Zie (Temple, 2008)."))
    assert [(mark.text, mark.form, mark.keys) for mark in source.marks] == [
        ("(Temple, 2008)", "bracket", "temple-2008")
    ]


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0), (["--folder"], 2), (["a", "b"], 2)])
def test_wrong_usage_and_help_build_nothing(
    arguments: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert (ended.value.code, list(tmp_path.iterdir())) == (code, [])
