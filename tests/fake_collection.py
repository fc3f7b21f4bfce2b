"""Three documents, and a knowledge base of them that searches without index and catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from kb.anchor import Anchor
from kb.errors import NotInKnowledgeBase, Removed
from kb.facets import count, filters, properties
from kb.model import (
    Answer,
    Citation,
    Document,
    Evidence,
    Language,
    Page,
    Passage,
    Query,
    Sentence,
    Span,
    StoredFile,
    Trashed,
)
from kb.outcomes import Job
from kb.places import Place, find, find_elsewhere
from kb.settings import Settings
from tests.fake_meaning import MEANING, nearest
from tests.fake_pictures import FakePictures
from tests.fake_uploads import FakeUploads

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def deck() -> tuple[Document, list[Page]]:
    """A Dutch deck of six slides, with notes, a hidden slide and a picture."""
    pages = [
        Page(
            1,
            "Tussen twee deuren\nOver de eerste honderd dagen",
            "1",
            "Tussen twee deuren",
            divider=True,
            language="nl",
        ),
        Page(
            2,
            "Liminale ruimte\n• De student is geen scholier meer en voelt zich nog geen student.\n"
            "• In die liminale ruimte gelden oude regels niet meer.\n• Rituelen helpen haar verder (Turner, 1969).",
            "2",
            "Liminale ruimte",
            "De drempel",
            "Vraag de zaal wie nog weet hoe de eerste week rook.\nNoem hier ook Turner.",
            language="nl",
        ),
        Page(
            3, "Thuishoren\nWie wordt gemist, hoort erbij (Strayhorn).", "3", "Thuishoren", "De drempel", language="nl"
        ),
        Page(4, "", "4", None, "De drempel", language="nl", problem="needs-ocr"),
        Page(5, "Reserve\nCijfers over uitval", "5", "Reserve", "Bijlagen", hidden=True, language="nl"),
        Page(
            6, "A word in English\nBelonging is a daily practice.", "6", "A word in English", "Bijlagen", language="en"
        ),
    ]
    files = (
        StoredFile("a" * 64, "tussen twee deuren.pdf", "decks/tussen.pdf", "application/pdf", 184_220,
                   page_numbers=(1, 2, 3, 4, None, 5), first=False),
        StoredFile("b" * 64, "tussen twee deuren.pptx", "decks/tussen.pptx", PPTX, 2_411_080),
    )  # fmt: skip
    document = Document(
        1, "Tussen twee deuren", "deck", "tussen twee deuren.pptx", "nl", ("Karin van der Goot",), 2024, "2024-09-12",
        added="2026-11-20T10:00:00+00:00", files=files,
    )  # fmt: skip
    return document, pages


def paper() -> tuple[Document, list[Page]]:
    """An English paper of two pages whose printed numbers differ."""
    first = (
        "Rooms that answer back\n\nA campus teaches before anyone speaks. Corridors tell a newcomer whether she was "
        "expected, and a bench in the right place says more than a welcome speech. Belonging begins where a building "
        "leaves room for those who have not yet found their own (Strayhorn, 2018).\n\nTurner (1969) called the stretch "
        "between two states liminal. A library at nine in the evening is such a space: nobody is at home there and "
        "nobody is a stranger."
    )
    second = (
        "Believing that one can\n\nSelf-efficacy grows from small things done well, not from praise (Bandura, 1994)."
    )
    pages = [
        Page(1, first, "219", "Rooms that answer back", language="en"),
        Page(2, second, "220", "Believing that one can", language="en"),
    ]
    files = (StoredFile("c" * 64, "rooms.pdf", "papers/rooms.pdf", "application/pdf", 96_004),)
    document = Document(
        2, "Rooms that answer back: campus, community and the newcomer", "literature", "rooms.pdf", "en",
        ("Ada Fielding", "Bram Hoekstra"), 2021, "2021", added="2026-11-21T10:00:00+00:00", files=files,
    )  # fmt: skip
    return document, pages


def page_of_code() -> tuple[Document, list[Page]]:
    """A document whose every text tries to get out of the page."""
    hostile = '<script>document.title="gotcha"</script> & "quotes"'
    pages = [Page(1, f"{hostile}\nscript words here", "1", hostile, hostile, hostile, language="en")]
    files = (StoredFile("d" * 64, 'we"ird <name>.html', "x.html", "text/html", 120),)
    return Document(3, hostile, "literature", "x.html", "en", (hostile,), added="2026-11-22T10:00:00+00:00",
                    files=files), pages  # fmt: skip


CITED = {"Turner": "turner-1969", "Strayhorn": "strayhorn-2018", "Bandura": "bandura-1994"}


@dataclass
class FakeCollection:
    """The calls of web.knowledge.KnowledgeBase that search and show documents."""

    settings: Settings
    held: dict[int, tuple[Document, tuple[Page, ...]]] = field(default_factory=dict)
    removed: dict[int, str] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    state: dict[str, bool | str] = field(
        default_factory=lambda: {"catalogue": True, "vectors": True, "encoder": "letters"}
    )
    pictures: FakePictures = field(default_factory=FakePictures)

    def add(self, document: Document, pages: list[Page]) -> None:
        """Take a document in: a passage for each page and its notes, citations by name."""
        for page in pages:
            for name in ("text", "notes"):
                text = page.field(name)
                if text.strip():
                    self.passages.append(
                        Passage(page.number, 0, len(text), text, name, page.language, id=len(self.passages) + 57,
                                document_id=document.id)
                    )  # fmt: skip
            for found in re.finditer(r"\((Turner|Strayhorn|Bandura)(?:, (\d{4}))?\)|(Turner) \((1969)\)", page.text):
                family, year = found[1] or found[3], found[2] or found[4]
                self.citations.append(
                    Citation(page.number, found.start(), found.end(), found[0], "parenthetical" if year else "author",
                             (family,), year, reference=CITED[family], id=len(self.citations) + 1,
                             document_id=document.id)
                )  # fmt: skip
        mine = [citation for citation in self.citations if citation.document_id == document.id]
        self.held[document.id] = (
            replace(
                document,
                pages=len(pages),
                passages=sum(passage.document_id == document.id for passage in self.passages),
                citations=len(mine),
                references=len({citation.reference for citation in mine}),
            ),
            tuple(pages),
        )

    def remove(self, document_id: int) -> None:
        """Leave a tombstone."""
        self.removed[document_id] = self.held.pop(document_id)[0].title
        self.passages = [passage for passage in self.passages if passage.document_id != document_id]
        self.citations = [citation for citation in self.citations if citation.document_id != document_id]

    def search(self, query: Query, n: int = 10) -> Answer:
        words = re.findall(r"\w+", query.text.lower())
        hits = []
        for passage in self.passages:
            document, pages = self.held[passage.document_id]
            if query.document_id not in (None, document.id):
                continue
            matched = tuple(
                Span(*found.span()) for found in re.finditer(r"\w+", passage.text) if found[0].lower() in words
            )
            meant = any(MEANING.get(word, "\0") in passage.text.lower() for word in words)
            if matched or meant:
                page = pages[passage.number - 1]
                score = len(matched) + 2.5 * meant
                hits.append((score, passage, page, document, matched, meant))
        hits.sort(key=lambda hit: (-hit[0], hit[1].id))
        found = tuple(
            Evidence(rank, score / 100, passage, page, document, self.citations_on(document.id, page.number), matched,
                     by_words=bool(matched), by_meaning=meant, sentence=nearest(words, passage.text))
            for rank, (score, passage, page, document, matched, meant) in enumerate(hits, 1)
        )  # fmt: skip
        chosen = filters(query)
        values = [properties(each.passage, each.document, each.citations) for each in found]
        admitted = [each for each, value in zip(found, values, strict=True) if value.admitted_by(chosen)]
        groups: dict[int, list[Evidence]] = {}
        for each in admitted:
            groups.setdefault(each.document.id, []).append(each)
        return Answer(
            query, tuple(admitted[:n]), took_ms=1.5, total=len(admitted), facets=count(query, enumerate(values)),
            groups=tuple(map(tuple, groups.values())),
        )  # fmt: skip

    def ask(self, query: Query, n: int = 10) -> Answer:
        answer = self.search(query, n)
        words = {*re.findall(r"\w+", query.text.lower())}
        words |= {MEANING[word] for word in words if word in MEANING}
        sentences: list[Sentence] = []
        sources: list[Evidence] = []
        for evidence in answer.evidence[:3]:
            best = max(
                re.finditer(r"[^.\n•]+\.", evidence.passage.text),
                key=lambda found: len(words & {*re.findall(r"\w+", found[0].lower())}),
                default=None,
            )
            if best and words & {*re.findall(r"\w+", best[0].lower())}:
                sources.append(evidence)
                start = best.start() + len(best[0]) - len(best[0].lstrip())
                sentences.append(Sentence(best[0].strip(), len(sources), start, best.end()))
        closest = () if sentences else answer.evidence[:3]
        return replace(answer, sentences=tuple(sentences), sources=tuple(sources), closest=closest)

    def similar_documents(self, document_id: int, /) -> list[Document]:
        return [document for document in self.documents() if document.id == 3 - document_id]

    def documents(self) -> list[Document]:
        return [document for document, _pages in self.held.values()]

    def years(self) -> list[int]:
        return sorted({document.year for document in self.documents() if document.year}, reverse=True)

    def names_of(self, term: str, /) -> Mapping[Language, Sequence[str]]:
        return {"nl": ("liminale ruimte",), "en": ("liminal",)} if term == "liminal" else {}

    def did_you_mean(self, text: str, /) -> str | None:
        return text.replace("limnal", "liminal") if "limnal" in text else None

    def document(self, document_id: int, /) -> Document:
        if document_id in self.removed:
            raise Removed(
                f"Document {document_id} was removed", document_id=document_id, title=self.removed[document_id]
            )
        if document_id not in self.held:
            raise NotInKnowledgeBase(f"There is no document {document_id}: see kb documents")
        return self.held[document_id][0]

    def pages(self, document_id: int, /) -> tuple[Page, ...]:
        self.document(document_id)
        return self.held[document_id][1]

    def page(self, document_id: int, number: int, /) -> Page:
        pages = self.pages(document_id)
        if not 0 < number <= len(pages):
            raise NotInKnowledgeBase(f"Document {document_id} has no page {number}: it has {len(pages)}")
        return pages[number - 1]

    def passage(self, passage_id: int, /) -> Passage:
        for passage in self.passages:
            if passage.id == passage_id:
                return passage
        raise NotInKnowledgeBase(f"There is no passage {passage_id}")

    def passages_on(self, document_id: int, number: int, /) -> tuple[Passage, ...]:
        return tuple(each for each in self.passages if (each.document_id, each.number) == (document_id, number))

    def citations_on(self, document_id: int, number: int, /) -> tuple[Citation, ...]:
        return tuple(each for each in self.citations if (each.document_id, each.number) == (document_id, number))

    @cached_property
    def uploads(self) -> FakeUploads:
        return FakeUploads(self.settings.max_bytes)

    def jobs(self, most: int, /) -> list[Job]:
        return self.uploads.jobs[::-1][:most]

    def job(self, job_id: int, /) -> Job:
        return self.uploads.get(job_id)

    def file(self, document_id: int, sha256: str, /) -> StoredFile:
        for file in self.document(document_id).files:
            if file.sha256 == sha256:
                return file
        raise NotInKnowledgeBase(f"Document {document_id} has no such file")

    def trash(self) -> list[Trashed]:
        return []

    def undelete(self, document_id: int, /) -> Document:
        raise NotInKnowledgeBase(f"Nothing of document {document_id} is in the trash")

    def original(self, document_id: int, sha256: str, /) -> Path:
        self.document(document_id)
        return self.settings.home / "originals" / sha256

    def find_words(self, document_id: int, number: int, anchor: Anchor, /) -> Place | None:
        pages = ((page, self.passages_on(document_id, page.number)) for page in self.pages(document_id))
        here = self.page(document_id, number)
        return find(anchor, here, self.passages_on(document_id, number)) or find_elsewhere(anchor, pages, number)

    def readiness(self) -> Mapping[str, bool | str]:
        return self.state
