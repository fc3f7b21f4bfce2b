"""Short forms for entries, citations and documents, from which tests make works."""

from __future__ import annotations

from typing import Any

from kb.bibliography import person
from kb.catalogue.derivation import Question, Related, Ruling
from kb.model import Citation, CitationForm, Document, Entry


def work(who: str, when: int | None, said: str, **more: Any) -> dict[str, Any]:
    """A CSL item: authors are parted by `;`, as "Family, G."."""
    people = [person(*(part.strip() for part in one.split(",", 1))) for one in who.split(";") if one.strip()]
    csl: dict[str, Any] = {"type": "article-journal", "author": people, "title": said}
    if when is not None:
        csl["issued"] = {"date-parts": [[when]]}
    return {name: value for name, value in {**csl, **more}.items() if value}


def listed(number: int, document: int | None, csl: dict[str, Any], raw: str = "", label: str | None = None) -> Entry:
    shown = raw or f"{csl.get('author')} {csl.get('issued')} {csl.get('title')} {csl.get('year-suffix')}"
    return Entry(shown, csl, None if document is None else 9, label=label, id=number, document_id=document)


def cites(
    number: int,
    document: int,
    text: str,
    *who: str,
    year: str | None = None,
    form: CitationForm = "parenthetical",
    page: int = 2,
) -> Citation:
    return Citation(page, 0, len(text), text, form, who, year, id=number, document_id=document)


def paper(number: int, title: str = "", *authors: str, year: int | None = None) -> Document:
    return Document(number, title or f"Document {number}", "literature", f"{number}.pdf", authors=authors, year=year)


def keys(related: Related) -> list[str]:
    return sorted(work.key for work in related.works)


def linked(related: Related) -> dict[int, str]:
    return {link.citation_id: link.key for link in related.links}


def asked(related: Related) -> set[tuple[str, str, str | int | None]]:
    return {(q.kind, q.key, q.candidate or q.document_id) for q in related.questions}


def answered(question: Question, *, yes: bool, number: int = 1) -> Ruling:
    return Ruling(number, question.kind, yes, question.one, question.other)
