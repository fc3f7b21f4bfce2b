"""Files about rooms and gardens that cite each other, taken in by tests of references."""

from __future__ import annotations

from pathlib import Path

from kb.bootstrap import KnowledgeBase
from tests.writers import Slide

ROOMS = """# Rooms that answer back

A campus teaches before anyone speaks (van der Goot, 2019). Corridors tell a newcomer whether she was expected
(Werkgroep Campus, 2026), and a bench says more than a speech (Bandura, 1977; Ma, 2003).

## References

Bandura, A. (1977). Self-efficacy: Toward a unifying theory of behavioral change. *Psychological Review, 84*(2), 191–215.

van der Goot, K. (2019). *Wie wordt gemist, hoort erbij*. Boom.

Werkgroep Campus. (2026a). *Tussen school en beroep in het eerste jaar*. Werkgroep Campus.

Werkgroep Campus. (2026b). *De bibliotheek als huiskamer van de stad*. Werkgroep Campus.
"""


GARDENS = """# Gardens of the northern provinces

Who waters a garden learns to wait (Bandura, 1977, p. 191). A gate is a promise (van der Goot, 2019).

## References

Bandura, A. (1977). Self-efficacy: Toward a unifying theory of behavioral change. *Psychological Review, 84*(2), 191–215.

van der Goot, K. (2019). *Wie wordt gemist, hoort erbij*. Boom.
"""


DECK = (
    Slide("Welkom", ("Over de eerste honderd dagen van de opleiding",)),
    Slide("Vertrouwen", ("Wie gelooft dat het lukt, begint eraan (Bandura, 1977).",)),
    Slide("Thuishoren", ("Wie wordt gemist, hoort erbij (Ma, 2003).",)),
)


ZOTERO = """
@article{bandura77, author = {Bandura, Albert}, title = {Self-efficacy: Toward a unifying theory of behavioral change},
  journal = {Psychological Review}, year = {1977}, doi = {10.1037/0033-295X.84.2.191}, keywords = {trust}}
@book{eco, author = {Eco, Umberto}, title = {How to write a thesis}, year = {2015}, publisher = {MIT Press}}
"""


def take_in(base: KnowledgeBase, *paths: Path) -> dict[str, tuple[str, int | None, int, str]]:
    reports = list(base.ingest(paths))
    return {Path(one.path).name: (one.status, one.document_id, one.references, one.reason) for one in reports}


def ids(base: KnowledgeBase) -> dict[str, int]:
    return {document.filename: document.id for document in base.documents()}


def keys(base: KnowledgeBase, **chosen: object) -> list[str]:
    return [reference.key for reference in base.references(**chosen)]  # type: ignore[arg-type]


def findings(base: KnowledgeBase) -> list[str]:
    return [str(finding) for finding in base.catalogue.check(base.stored, "no encoder") if finding.part == "references"]


WORKS = [
    "bandura-1977", "van-der-goot-2019", "ma-2003", "werkgroep-campus-2026b", "werkgroep-campus-2026a",
    "werkgroep-campus-2026",
]  # fmt: skip
