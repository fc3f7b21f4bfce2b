"""Clustering: which items are compared, and what becomes of values that very many of them share."""

from __future__ import annotations

from kb.bibliography import person
from kb.catalogue.derivation import Material
from kb.model import Entry
from kb.works.clustering import CROWDED
from kb.works.gather import gather

ISBN = "978-0-306-40615-7"


def book(number: int, title: str) -> Entry:
    csl = {
        "type": "book", "title": title, "author": [person(f"Auteur{title[-3:]}", "A.")], "ISBN": ISBN,
        "issued": {"date-parts": [[2001]]},
    }  # fmt: skip
    return Entry(f"{number} {title}", csl, id=number)


def test_an_isbn_in_a_publishers_every_book_asks_no_question_about_each_pair() -> None:
    count = CROWDED + 60
    books = [book(number, f"Boek over onderwerp nummer {number:03}") for number in range(1, count + 1)]
    found = gather(Material(entries=(*books, book(1000, books[-1].csl["title"]))))
    assert len(found.works) == count
    assert len(found.questions) == (CROWDED + 1) * CROWDED // 2
    assert (1000 in next(work.entries for work in found.works if count in work.entries)) is True
