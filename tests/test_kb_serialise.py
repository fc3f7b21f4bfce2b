"""The JSON of the contract, word for word; both doors use it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kb.model import (
    Answer,
    Citation,
    Document,
    Evidence,
    Page,
    Passage,
    Query,
    Reference,
    Sentence,
    StoredFile,
)
from kb.serialise import ask_json, document_json, documents_json, ingest_json, references_json, search_json

DOCUMENT = Document(3, "Tussen deuren", "deck", "tussen.pdf", "nl", ("K. Vos",), 2024, "2024-09", 1, 1, 1, 1, "2026-11-20",
                    (StoredFile("ab", "tussen.pdf", "/x/tussen.pdf", "application/pdf", 9),))  # fmt: skip
PAGE = Page(14, "De drempel (Turner)", "14", "De drempel")
CITATION = Citation(14, 11, 19, "(Turner)", "author", ("Turner",), reference="turner", document_id=3)
EVIDENCE = Evidence(1, 0.031, Passage(14, 0, 10, "De drempel", id=57, document_id=3), PAGE, DOCUMENT, (CITATION,))
HIT = {
    "rank": 1,
    "score": 0.031,
    "passage": 57,
    "text": "De drempel",
    "start": 0,
    "end": 10,
    "document": {"id": 3, "title": "Tussen deuren", "kind": "deck", "filename": "tussen.pdf", "language": "nl"},
    "page": {"number": 14, "label": "14", "title": "De drempel"},
    "citations": [{"text": "(Turner)", "reference": "turner"}],
    "url": "/documents/3/pages/14?at=0-10.1d80ec365de6",
}


def test_a_search_is_as_the_contract_has_it() -> None:
    facets: dict[str, dict[Any, int]] = {"kind": {"deck": 7, "literature": 2}, "year": {2023: 9}, "cites": {True: 1}}
    answer = Answer(Query("drempel"), (EVIDENCE,), took_ms=12.3, total=9, facets=facets)
    assert search_json(answer) == {
        "query": "drempel",
        "took_ms": 12.3,
        "total": 9,
        "complete": True,
        "facets": {
            "kind": [{"value": "deck", "count": 7}, {"value": "literature", "count": 2}],
            "language": [],
            "year": [{"value": 2023, "count": 9}],
            "author": [],
            "cites": [{"value": True, "count": 1}],
        },
        "hits": [HIT],
    }


def test_an_answer_numbers_its_sources_as_its_sentences_do() -> None:
    answer = Answer(Query("drempel"), (EVIDENCE,), (Sentence("De drempel", 1, 0, 10),), (EVIDENCE,))
    assert ask_json(answer) == {
        "query": "drempel",
        "answered": True,
        "sentences": [{"text": "De drempel", "source": 1}],
        "sources": [{"number": 1, **HIT}],
        "closest": [],
    }


def test_a_refusal_names_the_closest_passages_apart_from_sources() -> None:
    assert ask_json(Answer(Query("x"), (EVIDENCE,), closest=(EVIDENCE,))) == {
        "query": "x",
        "answered": False,
        "sentences": [],
        "sources": [],
        "closest": [HIT],
    }


def test_a_reference_says_who_cites_it_where() -> None:
    csl = {"type": "book", "title": "The ritual process", "author": [{"family": "Turner"}],
           "issued": {"date-parts": [[1969]]}}  # fmt: skip
    place = {"document": 3, "page": 14, "text": "(Turner)", "url": "/documents/3/pages/14?at=11-19.66713687e1cb"}
    assert references_json([Reference("turner", csl, cited_by=(CITATION,))]) == {
        "references": [
            {
                "key": "turner",
                "authors": ["Turner"],
                "year": 1969,
                "title": "The ritual process",
                "csl": csl,
                "in_knowledge_base": False,
                "document": None,
                "cited_by": [place],
            }
        ]
    }


def test_a_reference_that_is_only_cited_has_the_authors_of_its_citation() -> None:
    (reference,) = references_json([Reference("turner", {}, cited_by=(CITATION,))])["references"]
    assert (reference["authors"], reference["year"], reference["title"], reference["csl"]) == (
        ["Turner"],
        None,
        None,
        {},
    )


def test_particles_belong_to_the_family_name_and_institutions_are_authors() -> None:
    csl = {"author": [{"family": "Goot", "given": "K.", "non-dropping-particle": "van der"}, {"literal": "SCP"}]}
    (reference,) = references_json([Reference("x", csl)])["references"]
    assert reference["authors"] == ["van der Goot", "SCP"]


def test_a_document_with_its_pages_is_its_summary_with_pages() -> None:
    (summary,) = documents_json([DOCUMENT])["documents"]
    whole = document_json(DOCUMENT, [PAGE])
    assert summary["pages"] == 1
    assert summary["url"] == "/documents/3"
    assert summary["files"] == [{"filename": "tussen.pdf", "sha256": "ab", "media_type": "application/pdf", "size": 9}]
    assert {**whole, "pages": 1} == summary
    assert [(page["number"], page["text"], page["url"]) for page in whole["pages"]] == [
        (14, "De drempel (Turner)", "/documents/3/pages/14")
    ]


@dataclass
class Taken:
    path: Path = Path("a/b.pdf")
    status: str = "partial"
    taken_in: bool = False
    reason: str | None = "page 3: damaged"
    document_id: int | None = 3
    pages: int = 38
    passages: int = 41
    citations: int = 9
    references: int = 0


def test_an_ingest_reports_each_file() -> None:
    assert ingest_json([Taken()]) == {
        "files": [
            {"path": str(Path("a/b.pdf")), "status": "partial", "reason": "page 3: damaged", "document": 3, "pages": 38,
             "passages": 41, "citations": 9, "references": 0}
        ]
    }  # fmt: skip


def test_the_command_line_can_serialise_without_flask() -> None:
    heavy = "flask", "jinja2", "werkzeug", "citeproc", "bibtexparser", "babel"
    code = f"import sys, kb.serialise; print(*[name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_hit_in_the_speaker_notes_says_so() -> None:
    notes = replace(EVIDENCE, passage=replace(EVIDENCE.passage, field="notes"))
    (hit,) = search_json(Answer(Query("drempel"), (notes,)))["hits"]
    assert hit == {**HIT, "field": "notes"}
