"""The picture of a page of a document: which file shows it, its image, and where a stretch of its text is.

Document, page ─┬─ a PDF among its files shows that page ──────────────────────► that PDF
                ├─ a PPTX, LibreOffice installed ─► converted in the background ► the PDF made of it
                └─ otherwise ───────────────────────────────────────────────────► no picture: the page is shown as text
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.alignment import PageText, marked
from ingest.converting import Converter
from ingest.rendering import VERSION, Renderer
from kb.boxes import Marked, PageWords
from kb.errors import NotInKnowledgeBase
from kb.model import RECOGNISED, Document, Page, Span, StoredFile
from kb.originals import Originals

PDF = "application/pdf"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


WordsOn = Callable[[str, int], PageWords | None]
"""The words on a page of a file, by its SHA-256 and the number of the page."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page of a PDF that shows a page of a document."""

    file: Path
    sha256: str
    number: int

    @property
    def key(self) -> str:
        """Identifies the picture: another file or another way of drawing has another key."""
        return f"{self.sha256[:16]}-{self.number}-v{VERSION}"


class Pictures:
    """Pictures of the pages of a knowledge base. Safe to share between threads."""

    def __init__(self, originals: Originals, cache: Path, soffice: str | None, words_on: WordsOn) -> None:
        """`soffice`: the path of LibreOffice, which draws decks without a PDF; None: they are shown as text.

        `words_on` gives the words on a page that was read with text recognition.
        """
        self._originals = originals
        self._words_on = words_on
        self._renderer = Renderer(cache)
        self._converter = Converter(cache, soffice)

    def close(self) -> None:
        """End the process that draws."""
        self._renderer.close()

    def picture(self, document: Document, number: int) -> Picture | None:
        """The picture of page `number`; None when there is none, or none yet."""
        try:
            return self._of_pdf(document, number) or self._of_deck(document, number)
        except NotInKnowledgeBase:  # the original is lost, which `kb check` reports
            return None

    def _of_pdf(self, document: Document, number: int) -> Picture | None:
        for file, at in shown_by(document, number, PDF):
            return Picture(self._originals.path(file.sha256), file.sha256, at)
        return None

    def _of_deck(self, document: Document, number: int) -> Picture | None:
        for file, at in shown_by(document, number, PPTX):
            converted = self._converter.pdf(self._originals.path(file.sha256), file.sha256)
            if converted is not None:
                return Picture(converted, file.sha256, at)
        return None

    def image(self, picture: Picture, width: int) -> bytes | None:
        """The picture as WebP, `width` pixels wide; None when it cannot be drawn, or not now."""
        return self._renderer.image(picture.file, picture.sha256, picture.number, width)

    def marked(self, picture: Picture, page: Page, spans: Sequence[Span]) -> list[Marked]:
        """For each span of a page's text where it is on the picture; nothing when that cannot be known."""
        if page.problem == RECOGNISED:
            words = self._words_on(picture.sha256, picture.number)
            return [] if words is None else marked(PageText.of_words(words), page.text, spans)
        return self._renderer.marked(picture.file, picture.sha256, picture.number, page.text, spans)


def shown_by(document: Document, number: int, media_type: str) -> Iterator[tuple[StoredFile, int]]:
    """Files of a kind that show page `number` of a document, each with the number of that page in it."""
    for file in document.files:
        at = file.page_number(number)
        if file.media_type == media_type and at is not None:
            yield file, at
