"""A folder of files, and the knowledge base that they are taken into."""

from __future__ import annotations

from pathlib import Path

from ingest.pipeline import ingest
from ingest.report import IngestReport
from kb.catalogue import Catalogue
from kb.model import Kind, Query
from kb.originals import Originals
from tests.writers import Slide

DECK = (
    Slide("Thuis op de campus", ("Een webinar over binding en welzijn", "Programma en sprekers")),
    Slide(
        "Liminale ruimte", ("Een drempel is geen plek om te blijven.", "Wie oversteekt, laat iets achter."), "Vertel."
    ),
    Slide("Concept, nog niet tonen", ("Deze dia blijft verborgen in de zaal.",), hidden=True),
    Slide("Wat helpt", ("Een docent die namen kent.", "Een klas die klein genoeg is.")),
    Slide("Vragen", ("Waar sta jij over een jaar?", "Schrijf het op en bewaar het.")),
)


class Library:
    """A folder of files to take in, and the knowledge base it goes into."""

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "decks"
        self.inbox.mkdir()
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self.originals = Originals(folder / "originals")

    def write(self, name: str, data: bytes) -> Path:
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def ingest(
        self, *paths: Path, jobs: int = 1, kind: Kind | None = None, max_bytes: int = 10**7
    ) -> list[IngestReport]:
        return list(
            ingest(paths or (self.inbox,), self.catalogue, self.originals, jobs=jobs, kind=kind, max_bytes=max_bytes)
        )

    def statuses(self) -> dict[str, str]:
        return {Path(report.path).name: report.status for report in self.ingest()}

    def finds(self, term: str) -> int:
        return len(self.catalogue.passages.match([[term]], 100, Query("")))
