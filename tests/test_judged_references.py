"""The demonstration collection's citations and reference lists, as people judged them, are found.

Judgements stand in `tests/judged/`. A citation counts when it stands on the judged page with the judged words; an entry when
authors, year and title are right. Citations in reference lists and running heads count against precision like any other.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.citations import citations
from ingest.entries import entries
from ingest.readers import read
from ingest.slides import sense
from kb.bibliography import authors, fold, title, year
from kb.demonstration.build import build
from kb.model import Citation, Entry, Page
from kb.works.matching import Match, match_entries

JUDGED = Path(__file__).parent / "judged"
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (JUDGED / name).open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@dataclass(frozen=True)
class Read:
    """A document of the collection with what was found in it."""

    pages: tuple[Page, ...]
    citations: tuple[Citation, ...]
    entries: tuple[Entry, ...]
    links: tuple[Match, ...]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Read]:
    found: dict[str, Read] = {}
    for path in build(tmp_path_factory.mktemp("collection")):
        reading = read(path.read_bytes(), path.name)
        pages = tuple(sense(reading.pages, kind=reading.kind, language=reading.language))
        listed = entries(pages, kind=reading.kind)
        cited = citations(pages, known={n for e in listed for n in authors(e.csl)}, kind=reading.kind)
        found[path.name] = Read(pages, cited, listed, match_entries(cited, listed))
    return found


def squeezed(text: str) -> str:
    """Letters and digits alone: lines and hyphens fall otherwise in each file."""
    return fold(text).replace(" ", "")


def places(row: Row) -> list[str]:
    """The words of a judged citation: one text, or each number of `[1, 2]`."""
    return re.findall(r"\d+", row["text"]) if row["form"] == "numbered" else [row["text"]]


def fits(citation: Citation, page: int, words: str) -> bool:
    """Whether a citation is the judged one: with its bracket and its "see", or without."""
    found, wanted = squeezed(citation.text), squeezed(words)
    return citation.number == page and bool(found) and (found in wanted or wanted in found)


def aligned(row: Row, cited: list[Citation]) -> list[Citation]:
    """What was found for a judged row; taken out of `cited`, so that nothing counts twice."""
    taken = []
    for words in places(row):
        candidates = [c for c in cited if fits(c, int(row["page"]), words)]
        best = min(candidates, key=lambda c: abs(len(squeezed(c.text)) - len(squeezed(words))), default=None)
        if best is not None:
            cited.remove(best)
            taken.append(best)
    return taken


def test_citations_are_found_and_no_others(collection: dict[str, Read]) -> None:
    left = {name: list(found.citations) for name, found in collection.items()}
    wanted = right = 0
    for row in rows("citations.tsv"):
        if row["form"] != "not-a-citation":
            wanted += len(places(row))
            right += len(aligned(row, left[row["file"]]))
    false = [(name, c.number, c.text) for name, cited in left.items() for c in cited]
    assert wanted >= 150
    assert right / wanted >= 0.95
    assert right / (right + len(false)) >= 0.98, false


def test_every_form_is_found(collection: dict[str, Read]) -> None:
    left = {name: list(found.citations) for name, found in collection.items()}
    wanted: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row in rows("citations.tsv"):
        if row["form"] != "not-a-citation":
            wanted[row["form"]] += len(places(row))
            right[row["form"]] += len(aligned(row, left[row["file"]]))
    assert len(wanted) >= 12
    assert {form for form in wanted if right[form] / wanted[form] < 0.75} == set()


def test_a_span_is_what_stands_on_the_page(collection: dict[str, Read]) -> None:
    for found in collection.values():
        for citation in found.citations:
            page = found.pages[citation.number - 1]
            assert page.field(citation.field)[citation.start : citation.end] == citation.text


def test_entries_have_their_authors_year_and_title(collection: dict[str, Read]) -> None:
    judged = rows("references.tsv")
    right = 0
    wrong = []
    for row in judged:
        entry = next((e for e in collection[row["file"]].entries if squeezed(e.raw) == squeezed(row["raw"])), None)
        csl = entry.csl if entry else {}
        said = (squeezed("".join(authors(csl))), str(year(csl) or "-"), squeezed(title(csl)))
        wanted = (squeezed(row["authors"]), row["year"], squeezed(row["title"]))
        right += said == wanted
        if said != wanted:
            wrong.append((row["file"], row["raw"][:80]))
    assert right / len(judged) >= 0.95, wrong


def test_citations_are_linked_to_the_entry_of_the_work_they_mean(collection: dict[str, Read]) -> None:
    keys = {(row["file"], squeezed(row["raw"])): row["key"] for row in rows("references.tsv")}
    checked = wrong = 0
    for name, found in collection.items():
        left = list(found.citations)
        for row in rows("citations.tsv"):
            if row["file"] != name or row["form"] == "not-a-citation":
                continue
            for citation, key in zip(aligned(row, left), row["keys"].split(";"), strict=False):
                linked = [one for one in found.links if found.citations[one.citation] is citation and one.sure]
                said = {keys.get((name, squeezed(found.entries[one.candidate].raw))) for one in linked}
                listed = key in {keys.get((name, squeezed(e.raw))) for e in found.entries}
                checked += listed
                wrong += said != ({key} if listed else set())
    assert checked >= 150
    assert wrong / checked <= 0.05
