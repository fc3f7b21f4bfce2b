"""A small knowledge base that behaves: three decks, two papers, four cited works, searched by plain words.

It keeps the promises that the pages rest on (spans, page numbers, 404 and 410), so that a page can be tested without a
model or a file. Every sentence is our own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Unpack

from kb.catalogue import Bibliography
from kb.choices import Only, ReferenceChoice
from kb.errors import KnowledgeBaseError, NotInKnowledgeBase
from kb.model import (
    Answer,
    Decision,
    DecisionVerdict,
    Doubt,
    Reason,
    Reference,
    Suggestion,
)
from kb.settings import Settings
from tests.fake_collection import CITED, FakeCollection, deck, page_of_code, paper
from tests.fake_pasting import FakePasting
from tests.fake_versions import FakeVersions

WORKS: dict[str, tuple[Mapping[str, object], str]] = {
    "turner-1969": (
        {"type": "book", "title": "The ritual process: Structure and anti-structure", "publisher": "Aldine",
         "author": [{"family": "Turner", "given": "Victor"}], "issued": {"date-parts": [[1969]]}, "language": "en"},
        "Turner, V. (1969). The ritual process: Structure and anti-structure. Aldine.",
    ),
    "strayhorn-2018": (
        {"type": "book", "title": "College students' sense of belonging", "publisher": "Routledge",
         "author": [{"family": "Strayhorn", "given": "Terrell L."}], "issued": {"date-parts": [[2018]]}},
        "Strayhorn, T. L. (2018). College students' sense of belonging (2nd ed.). Routledge.",
    ),
    "bandura-1994": (
        {"type": "chapter", "title": "Self-efficacy", "container-title": "Encyclopedia of human behavior",
         "author": [{"family": "Bandura", "given": "Albert"}], "issued": {"date-parts": [[1994]]}, "volume": "4",
         "page": "71-81"},
        "Bandura, A. (1994). Self-efficacy. In Encyclopedia of human behavior (Vol. 4, pp. 71-81).",
    ),
    "fielding-2021": (
        {"type": "article-journal", "title": "Rooms that answer back: campus, community and the newcomer",
         "author": [{"family": "Fielding", "given": "Ada"}, {"family": "Hoekstra", "given": "Bram"}],
         "issued": {"date-parts": [[2021]]}},
        "Fielding, A., & Hoekstra, B. (2021). Rooms that answer back.",
    ),
    "goot": ({}, "van der Goot, onleesbare regel 12"),
}  # fmt: skip


@dataclass
class FakeKnowledgeBase(FakeCollection, FakeVersions, FakePasting):
    """The calls of web.knowledge.KnowledgeBase over three documents and the works that they cite."""

    asked: list[Doubt] = field(default_factory=list)
    answers: list[Decision] = field(default_factory=list)
    kept: list[Bibliography] = field(default_factory=list)

    def known(self) -> list[Reference]:
        return [self.reference(key) for key in WORKS]

    def references(self, **choice: Unpack[ReferenceChoice]) -> list[Reference]:
        text, document_id, only = choice.get("text", ""), choice.get("document_id"), choice.get("only")
        offset = choice.get("offset", 0)
        found = []
        for key in WORKS:
            reference = self.reference(key)
            here = reference.document_id is not None
            if all(word in reference.raw[0].lower() for word in text.lower().split()) and (
                document_id is None or any(cite.document_id == document_id for cite in reference.cited_by)
            ):
                state = {"cited": bool(reference.cited_by), "here": here, "doubtful": key == "goot",
                         "missing": bool(reference.cited_by) and not here, None: True}  # fmt: skip
                found += [reference] * state[only]
        if choice.get("sort") == "year":
            found.sort(key=lambda each: str(each.csl.get("issued")))
        return found[offset:][: choice.get("limit")]

    def reference_count(self, *, text: str = "", document_id: int | None = None, only: Only | None = None) -> int:
        return len(self.references(text=text, document_id=document_id, only=only))

    def references_meant(self, text: str, /) -> str | None:
        return "bandura" if text == "bandoera" else None

    def references_on(self, document_id: int, number: int, /) -> list[Reference]:
        keys = dict.fromkeys(cite.reference for cite in self.citations_on(document_id, number) if cite.reference)
        return [self.reference(key) for key in keys]

    def works_listed(self, answer: Answer, /) -> list[Reference]:
        return [
            self.reference(key)
            for key in WORKS
            if answer.query.text.casefold() in self.reference(key).raw[0].casefold()
        ]

    def references_for_query(self, text: str, /) -> list[Reference]:
        words = re.findall(r"\w+", text.lower())
        years = {word for word in words if word.isdigit()}
        return [self.reference(key) for name, key in CITED.items() if name.lower() in words and years <= {key[-4:]}]

    def reference(self, key: str, /) -> Reference:
        if key not in WORKS:
            raise NotInKnowledgeBase(f"There is no reference {key}: see kb references")
        csl, raw = WORKS[key]
        cited = tuple(citation for citation in self.citations if citation.reference == key)
        return Reference(key, dict(csl), (raw,), 2 if key == "fielding-2021" and 2 in self.held else None, cited)

    def doubts(self) -> list[Doubt]:
        answered = {decision.doubt.id for decision in self.answers}
        return [doubt for doubt in self.asked if doubt.id not in answered]

    def decide_all(self, doubt_ids: Sequence[str], verdict: DecisionVerdict, /) -> list[int]:
        open_doubts = {doubt.id: doubt for doubt in self.doubts()}
        if not open_doubts.keys() >= set(doubt_ids):
            raise NotInKnowledgeBase("This question was answered or has lapsed")
        return [self.record(verdict, open_doubts[doubt_id]) for doubt_id in doubt_ids]

    def join(self, key: str, other: str, /) -> int:
        one, two = self.reference(key), self.reference(other)
        if key == other:
            raise KnowledgeBaseError(f"{key} and {other} are one reference already")
        return self.record("confirm", Doubt("", "works", one, two, None, (), 1.0, Reason("decided-by-person")))

    def part(self, key: str, /, *, entry_id: int | None = None, citation_id: int | None = None) -> int:
        reference = self.reference(key)
        for citation in reference.cited_by:
            if citation.id == citation_id:
                doubt = Doubt("", "citation", reference, reference, None, (citation,), 1.0, Reason("decided-by-person"))
                return self.record("refuse", doubt)
        raise NotInKnowledgeBase(f"the reference {key} has no such entry or citation")

    def look_up(self, key: str, /) -> Suggestion | None:
        csl = self.reference(key).csl
        return Suggestion(csl, 1.0, True, Reason("crossref-agrees")) if csl else None

    def accept(self, key: str, /) -> object:
        return self.reference(key)

    def record(self, verdict: DecisionVerdict, doubt: Doubt) -> int:
        self.answers.insert(0, Decision(len(self.answers) + 1, verdict, "2026-11-22T12:00:00+00:00", doubt))
        return self.answers[0].id

    def decisions(self) -> list[Decision]:
        return self.answers

    def undo(self, decision_id: int, /) -> None:
        kept = [decision for decision in self.answers if decision.id != decision_id]
        if kept == self.answers:
            raise NotInKnowledgeBase(f"There is no decision {decision_id}")
        self.answers[:] = kept


def fake_knowledge_base(home: Path) -> FakeKnowledgeBase:
    """The collection above, with its files on disk."""
    base = FakeKnowledgeBase(Settings(home))
    (home / "originals").mkdir(parents=True, exist_ok=True)
    for made in (deck, paper, page_of_code):
        document, pages = made()
        base.add(document, pages)
        for file in document.files:
            base.original(document.id, file.sha256).write_bytes(
                b"<script>alert(1)</script>" if file.media_type == "text/html" else b"%PDF-1.4 " + file.sha256.encode()
            )
    strayhorn, fielding, goot = (base.reference(key) for key in ("strayhorn-2018", "fielding-2021", "goot"))
    base.asked = [
        Doubt(
            "d1",
            "citation",
            replace(strayhorn, csl={}, raw=()),
            strayhorn,
            None,
            strayhorn.cited_by[:1],
            0.72,
            Reason("author-alone"),
        ),
        Doubt("d2", "works", goot, strayhorn, None, (), 0.6, Reason("doi-differs")),
        Doubt("d3", "document", fielding, None, 2, (), 0.55, Reason("authors-on-one-side")),
    ]
    return base
