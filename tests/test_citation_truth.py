"""The page cited is the page that holds the words: every hit and every quoted sentence, character for character.

Twice: against the page as the knowledge base shows it, and, word for word, against the original file as another library
reads it, so that a page number that slipped on the way in cannot hide.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from pptx import Presentation

from index.evaluation import read_judged
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.model import Evidence, Query
from kb.settings import Settings
from tests.wholeness import faults

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared"
# Of the words of a passage this many stand on the same page as another library reads it: libraries differ in ligatures,
# hyphens and the order of boxes, never by a page.
ENOUGH = 0.9


def questions() -> list[str]:
    judged = [query.text for query in read_judged(HERE / "judged" / "demonstration-queries.tsv")]
    deck = SHARED / "eval" / "studentenwelzijn-queries.tsv"
    return judged + ([query.text for query in read_judged(deck)] if deck.exists() else [])


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def pages_of_pdf(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return [document[i].get_textpage().get_text_range() for i in range(len(document))]
    finally:
        document.close()


def pages_of_pptx(path: Path) -> list[str]:
    # Everything that is written anywhere in the slide's parts; tables and charts have no text frame.
    def texts(slide: object) -> Iterator[str]:
        part = slide.part  # type: ignore[attr-defined]
        for one in (part, *(relation.target_part for relation in part.rels.values() if not relation.is_external)):
            if "slideLayout" not in str(one.partname) and one.partname.endswith(".xml"):
                yield re.sub(r"<[^>]+>", " ", one.blob.decode("utf-8"))

    return [" ".join(texts(slide)) for slide in Presentation(str(path)).slides]


READ: dict[str, Callable[[Path], list[str]]] = {"application/pdf": pages_of_pdf}
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
READ[PPTX] = pages_of_pptx


def all_evidence(base: KnowledgeBase) -> Iterator[tuple[str, Evidence]]:
    for question in questions():
        for evidence in base.search(Query(question), 10).evidence:
            yield question, evidence


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase | None]:
    """The owner's deck, where it is at hand."""
    if not (SHARED / "decks").is_dir():
        yield None
        return
    base = open_knowledge_base(Settings(tmp_path_factory.mktemp("deck")))
    list(base.ingest([SHARED / "decks"]))
    base.refresh()
    yield base
    base.close()


def bases(*found: KnowledgeBase | None) -> list[KnowledgeBase]:
    return [base for base in found if base is not None]


def test_every_hit_stands_on_the_page_it_names(demonstration: KnowledgeBase, deck: KnowledgeBase | None) -> None:
    checked = 0
    for base in bases(demonstration, deck):
        for question, evidence in all_evidence(base):
            page = base.page(evidence.document.id, evidence.page.number)
            passage = evidence.passage
            assert page.field(passage.field)[passage.start : passage.end] == passage.text, question
            for span in evidence.matched:
                assert passage.text[span.start : span.end].strip() == passage.text[span.start : span.end]
                assert 0 <= span.start < span.end <= len(passage.text)
            for citation in evidence.citations:
                assert page.field(citation.field)[citation.start : citation.end] == citation.text
            checked += 1
    assert checked >= 100


def test_every_quoted_sentence_stands_whole_in_its_sources_page(
    demonstration: KnowledgeBase, deck: KnowledgeBase | None
) -> None:
    answered = 0
    for base in bases(demonstration, deck):
        for question in questions():
            answer = base.ask(Query(question))
            quoted_words = sum(len(sentence.text.split()) for sentence in answer.sentences)
            # A slide that answers by itself is quoted with all its bullets, as far as they can be read at a glance.
            assert len(answer.sentences) <= 5 or (len(answer.sources) == 1 and quoted_words <= 120)
            for sentence in answer.sentences:
                source = answer.sources[sentence.source - 1]
                page = base.page(source.document.id, source.page.number)
                assert sentence.text in page.text, question
                assert source.passage.text[sentence.start : sentence.end] == sentence.text, question
                assert faults(source.passage.text, sentence.start, sentence.end) == [], (question, sentence.text)
            answered += answer.answered
    assert answered >= 25


def test_another_library_reads_the_same_words_on_the_same_page(
    demonstration: KnowledgeBase, deck: KnowledgeBase | None
) -> None:
    checked = 0
    for base in bases(demonstration, deck):
        read: dict[str, list[str]] = {}
        for question, evidence in all_evidence(base):
            for file in evidence.document.files:
                number = file.page_number(evidence.page.number)
                if file.media_type not in READ or number is None:
                    continue
                if evidence.passage.field == "notes" and file.media_type != PPTX:
                    continue
                path = base.original(evidence.document.id, file.sha256)
                pages = read.setdefault(file.sha256, READ[file.media_type](path))
                said, there = words(evidence.passage.text), words(pages[number - 1])
                share = (said & there).total() / max(1, said.total())
                assert share >= ENOUGH, (question, file.filename, number, evidence.passage.text[:80])
                checked += 1
    assert checked >= 100


def test_a_newcomer_lands_on_slide_14(demonstration: KnowledgeBase) -> None:
    first = demonstration.search(Query("liminal space")).evidence[0]
    assert (first.document.kind, first.document.language) == ("deck", "nl")
    assert (first.page.number, first.page.title) == (14, "Liminale ruimte")
