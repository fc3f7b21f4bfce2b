"""Questions about references are asked once, with all works that may be the answer."""

from __future__ import annotations

from kb.inquiries import inquiries
from kb.model import Citation, Doubt, Entry, Reason, Reference

OWN = Reference("strayhorn", {})
OLD, NEW = (
    Reference(f"strayhorn-{year}", {"title": f"T{year}"}, listed=(Entry("x", {}, confidence=confidence),))
    for year, confidence in ((2012, 0.95), (2019, 0.4))
)


def cited(number: int, document: int, *, text: str = "(Strayhorn)", author: str = "Strayhorn") -> Citation:
    return Citation(1, 0, len(text), text, "author", (author,), id=number, document_id=document)


def doubt(name: str, candidate: Reference, score: float, *citations: Citation) -> Doubt:
    return Doubt(name, "citation", OWN, candidate, None, citations, score, Reason("author-alone"))


def test_one_citation_with_two_candidates_is_one_question() -> None:
    place = cited(1, 1)
    (asked,) = inquiries([doubt("a", OLD, 0.6, place), doubt("b", NEW, 0.7, place)])
    assert [(choice.candidate, choice.doubts) for choice in asked.choices] == [(NEW, ("b",)), (OLD, ("a",))]
    assert (asked.citations, asked.doubts, asked.confidence) == ((place,), ("b", "a"), 0.4)


def test_the_same_words_with_the_same_candidates_are_one_question_in_all_documents() -> None:
    here, there = cited(1, 1), cited(2, 2)
    asked = inquiries([doubt("a", OLD, 0.6, here), doubt("b", OLD, 0.6, there)])
    assert [(each.citations, each.choices[0].doubts) for each in asked] == [((here, there), ("a", "b"))]


def test_other_words_or_other_candidates_are_questions_of_their_own() -> None:
    others = [
        doubt("a", OLD, 0.6, cited(1, 1)),
        doubt("b", NEW, 0.6, cited(2, 2)),
        doubt("c", OLD, 0.6, cited(3, 3, text="(Strayhorn et al.)")),
        doubt("d", OLD, 0.6, cited(4, 4, author="Astin")),
        Doubt("e", "works", OLD, NEW, None, (), 0.6, Reason("doi-differs")),
        Doubt("f", "document", OLD, None, 3, (), 0.6, Reason("two-documents")),
    ]
    assert [each.doubts for each in inquiries(others)] == [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]


def test_the_least_certainly_read_come_first_when_that_is_asked() -> None:
    asked = [doubt("a", OLD, 0.9, cited(1, 1)), doubt("b", NEW, 0.5, cited(2, 2, author="Astin"))]
    assert [each.doubts for each in inquiries(asked, "likely")] == [("a",), ("b",)]
    assert [each.doubts for each in inquiries(asked, "reading")] == [("b",), ("a",)]
