"""Shared by PowerPoint and Word files: properties, and an archive that is the same bytes every time.

python-pptx and python-docx write the time of day into their files. `without_clock` sets every such time to one moment, also
in the workbook inside a chart.
"""

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kb.demonstration.source import Source

WORD_LANGUAGES = {"nl": "nl-NL", "en": "en-GB"}
CLOCK = (2026, 1, 1, 0, 0, 0)


def set_properties(properties: Any, source: Source) -> None:
    """Fill in title, author, language and dates of a document's core properties."""
    properties.title = source.header["title"]
    properties.author = source.header["author"]
    properties.last_modified_by = source.header["author"]
    properties.subject = source.header.get("subject", "")
    properties.language = WORD_LANGUAGES[source.language]
    properties.comments = properties.keywords = ""
    properties.created = properties.modified = datetime(*_day(source), tzinfo=UTC)
    properties.revision = 1


def _day(source: Source) -> tuple[int, int, int]:
    year, month, day, *_ = (*(int(part) for part in source.header["date"].split("-")), 1, 1)
    return year, month, day


def saved(document: Any) -> bytes:
    """The bytes of a presentation or document, without the time at which they were made."""
    buffer = BytesIO()
    document.save(buffer)
    return without_clock(buffer.getvalue())


def without_clock(data: bytes, *, inside: bool = False) -> bytes:
    """The same archive with every time set to CLOCK; `inside`: also those in its own properties."""
    buffer = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            info = ZipInfo(entry.filename, CLOCK)
            info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, 0, 0
            new.writestr(info, _part_without_clock(entry.filename, old.read(entry), inside=inside))
    return buffer.getvalue()


def _part_without_clock(name: str, part: bytes, *, inside: bool) -> bytes:
    if name.endswith(".xlsx"):
        return without_clock(part, inside=True)
    if inside and name == "docProps/core.xml":
        return re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>2026-01-01T00:00:00Z", part)
    return part
