"""Markdown: its text without the signs, a page per section.

CommonMark becomes HTML, and HTML has a reader. YAML front matter gives title, author, date and language.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from markdown_it import MarkdownIt

from ingest.readers import html
from ingest.readers.plain import decode
from ingest.readers.properties import iso_date, language, people, sensible_title
from ingest.readers.reading import Reading
from kb.errors import EmptyDocument, TooBig

MEDIA_TYPE = "text/markdown"

# The search for links takes time that grows with the square of the brackets that stay open.
MOST_BRACKETS = 20_000

_DEEP = re.compile(r"^(?:[ \t]*[>*+-]){20}", re.M)
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_FIELD = re.compile(r"^(title|author|date|lang|language)[ \t]*:[ \t]*(.+?)[ \t]*$", re.M | re.I)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields between dashes at the head of a text, by name in small letters, and the text below them."""
    front = _FRONT.match(text)
    if not front:
        return {}, text
    fields = {name.lower(): value.strip("\"'[] ") for name, value in _FIELD.findall(front.group(1))}
    return fields, text[front.end() :]


def read(data: bytes, filename: str) -> Reading:
    """Read Markdown. Raises EmptyDocument when there is no text in it."""
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    brackets = text.count("[")
    if brackets > MOST_BRACKETS:
        raise TooBig("too-many-brackets", filename=filename, count=brackets, most=MOST_BRACKETS)
    fields, text = _front_matter(text)
    text = _with_notes(text)
    # Raw HTML inside is shown as text by "js-default", and tables are read as tables.
    page = MarkdownIt("js-default").render(text)
    try:
        reading = html.read(f"<html><body>{page}</body></html>".encode(), filename)
    except EmptyDocument as error:
        if _DEEP.search(text):  # markdown-it leaves out parts nested deeper than its limit
            raise TooBig("nested-lists", filename=filename) from error
        raise
    return replace(
        reading,
        media_type=MEDIA_TYPE,
        title=sensible_title(fields.get("title")) or reading.title,
        authors=people(fields.get("author", "").replace(",", ";")) or reading.authors,
        date=iso_date(fields.get("date")) or reading.date,
        language=language(fields.get("lang") or fields.get("language")) or reading.language,
    )


def _with_notes(text: str) -> str:
    """The text with notes ("[^1]: https://…") that CommonMark would take for the address of a link and never show."""
    found: dict[str, Any] = {}
    parser = MarkdownIt("js-default")
    parser.parse(text, found)
    lines = text.split("\n")
    for label, target in found.get("references", {}).items():
        if label.startswith("^"):
            first = target["map"][0]
            lines[first] = lines[first].replace("[^", "\\[^", 1)
    return "\n".join(lines)
