"""Short forms for tests of the catalogue: a prepared document, a search."""

from __future__ import annotations

from kb.catalogue import Catalogue, Prepared
from kb.model import Citation, Entry, Page, Passage, Query, StoredFile

ENCODER = "letters-1"


def prepared(name: str = "deck", *texts: str, kind: str = "deck") -> Prepared:
    texts = texts or ("Liminale ruimte\nDe drempel tussen twee fasen (Turner, 1969).", "")
    pages = tuple(Page(number=i, text=text, label=str(i), language="nl") for i, text in enumerate(texts, 1))
    cut = tuple(Passage(page.number, 0, len(page.text), page.text, language="nl") for page in pages if page.text)
    at = texts[0].find("(Turner, 1969)")
    cited = (Citation(1, at, at + 14, "(Turner, 1969)", "parenthetical", ("Turner",), "1969"),) if at >= 0 else ()
    return Prepared(
        title=f"Titel van {name}",
        kind=kind,  # type: ignore[arg-type]
        language="nl",
        authors=("Jo Jansen",),
        date="2023-09-12",
        pages=pages,
        passages=cut,
        citations=cited,
        entries=(
            Entry(
                "Turner, V. (1969). The ritual process.",
                {"type": "book", "title": "The ritual process"},
                confidence=0.97,
            ),
        ),
        file=StoredFile(name.ljust(64, "0"), f"{name}.pdf", f"/decks/{name}.pdf", "application/pdf", 10),
    )


def find(catalogue: Catalogue, expression: str, query: Query | None = None) -> list[int]:
    return [found.passage_id for found in catalogue.passages.match([[expression]], 10, query or Query(""))]
