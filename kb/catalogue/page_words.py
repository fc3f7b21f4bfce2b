"""Page words: where the words of pages are that were read with text recognition, on the pictures of these pages."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from kb.boxes import Box, PageWords, Word
from kb.catalogue import tables

DIGITS = 4
"""Decimals of a coordinate: a tenth of a millimetre on a page of a metre."""

_PAGE = tables.page_words.c


def add_page_words(connection: Connection, sha256: str, pages: Mapping[int, PageWords]) -> None:
    """Write the words of pages of a stored file, by page number."""
    if pages:
        rows = [
            {"sha256": sha256, "number": number, "ratio": page.ratio, "words": _to_json(page)}
            for number, page in pages.items()
        ]
        connection.execute(insert(tables.page_words), rows)


def load_page_words(connection: Connection, sha256: str, number: int | None = None) -> dict[int, PageWords]:
    """The words of the pages of a stored file, or of one page, by page number; a page without text recognition has none."""
    choosing = select(tables.page_words).where(_PAGE.sha256 == sha256)
    if number is not None:
        choosing = choosing.where(_PAGE.number == number)
    return {row.number: PageWords(_to_words(row.words), row.ratio) for row in connection.execute(choosing)}


def _to_json(page: PageWords) -> str:
    def numbers(box: Box) -> list[float]:
        return [round(value, DIGITS) for value in (box.left, box.top, box.right, box.bottom)]

    return json.dumps([[word.text, *numbers(word.box)] for word in page.words], ensure_ascii=False)


def _to_words(stored: str) -> tuple[Word, ...]:
    return tuple(Word(text, Box(*box)) for text, *box in json.loads(stored))
