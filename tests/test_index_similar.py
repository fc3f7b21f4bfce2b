"""Similar documents."""

from __future__ import annotations

from pathlib import Path

from index.searcher import searcher_over
from index.similar import similar
from kb.catalogue import Catalogue
from kb.language.glossary import Glossary
from tests.catalogue_material import prepared
from tests.fakes import WordEncoder

TEXTS = {
    "stress": ("tentamens geven druk", "druk en tentamens", "veel tentamens samen"),
    "pressure": ("pressure of exams", "exams bring pressure", "exams in one week"),
    "library": ("boeken lenen", "stille zalen vol boeken", "boeken en zalen"),
    "mixed": ("tentamens en druk", "boeken lenen", "een zaal"),
}


def test_the_documents_about_the_same_come_first_and_those_about_something_else_not_at_all(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    ids = {name: catalogue.documents.put(prepared(name, *texts)).id for name, texts in TEXTS.items()}
    search = searcher_over(
        catalogue.passages,
        WordEncoder(same={"exams": "tentamens", "pressure": "druk"}),
        tmp_path / "cache",
        glossary=Glossary(),
    )
    search.refresh()

    def like(name: str, most: int = 3) -> list[int]:
        return [document.id for document in similar(search, catalogue.passages, ids[name], most)]

    assert like("stress")[0] == ids["pressure"]
    assert ids["library"] not in like("stress")
    assert like("stress", 1) == [ids["pressure"]]
    assert ids["stress"] not in like("stress")
    catalogue.close()
