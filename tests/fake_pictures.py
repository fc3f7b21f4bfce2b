"""Pictures of pages that behave: no file, no process that draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.boxes import Box, Marked
from kb.model import Document, Page, Span


@dataclass(frozen=True)
class FakePicture:
    """The picture of a page; its image is the key."""

    key: str


class FakePictures:
    """Pictures of the slides of the deck, on which the first line of a page is not found."""

    def picture(self, document: Document, number: int, /) -> FakePicture | None:
        return FakePicture(f"fake-{number}") if document.id == 1 else None

    def image(self, picture: FakePicture, width: int, /) -> bytes | None:
        return None if picture.key == "fake-4" else f"{picture.key} {width}".encode()

    def marked(self, picture: FakePicture, page: Page, spans: Sequence[Span], /) -> list[Marked]:
        return [Marked((Box(0.1, 0.25, 0.5, 0.3),), 0.5 if span.start == 0 else 1.0) for span in spans]
