"""A file as it was read: its bytes, hashed once, with its name, its path and the kind that the user gives it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.files import is_bibliography, real_path
from kb.boxes import PageWords
from kb.errors import EmptyDocument, TooBig, UnreadableDocument, UnsupportedFormat
from kb.model import Kind


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text that was recognised on a page that is a picture, and where its words are."""

    text: str
    page: PageWords | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a file and where they came from."""

    data: bytes = field(repr=False)
    filename: str
    """The name that the user knows it by; an upload lies at a path with another name."""
    path: str
    """The real path, printable, by which a new version is recognised."""
    kind: Kind | None
    """As given by the user; None leaves it to the reader."""
    sha256: str
    """SHA-256 of `data`, hexadecimal."""
    password: str | None = field(default=None, repr=False)
    """Used to read the file, and never stored."""
    replaces: int | None = None
    """Id of the document of which the keeper says that this is a new version."""
    by_pdfium: bool = False
    """Whether a PDF is read by pdfium alone: the first reader took more time or memory than a file may use."""
    recognised: Mapping[int, Recognised] = field(default_factory=dict, repr=False)
    """What was recognised on pages that are pictures (`ingest.recognition`), by page number."""

    @classmethod
    def of(cls, data: bytes, filename: str, path: str, kind: Kind | None = None) -> Source:
        """A source of bytes at hand."""
        return cls(data, filename, path, kind, hashlib.sha256(data).hexdigest())

    @property
    def is_pdf(self) -> bool:
        """Whether the bytes are a PDF, whatever the name."""
        return b"%PDF-" in self.data[:1024]

    @property
    def is_bibliography(self) -> bool:
        """Whether it holds records for the references, and is no document."""
        return is_bibliography(self.filename)


def load(path: Path, filename: str, *, kind: Kind | None, max_bytes: int, password: str | None = None) -> Source:
    """Read a file. Raises a DocumentError with the reason when there is nothing to read."""
    try:
        _refuse_unreadable(path, filename, max_bytes)
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument("unreachable-file", cause=str(error.strerror or error)) from error
    return replace(Source.of(data, filename, real_path(path), kind), password=password)


def _refuse_unreadable(path: Path, filename: str, max_bytes: int) -> None:
    if not os.path.lexists(path):
        raise UnreadableDocument("gone")
    if not path.is_file():
        raise UnsupportedFormat("no-file")
    size = path.stat().st_size
    if size > max_bytes:
        most = round(max_bytes / 1e6)
        raise TooBig("larger-than-setting", filename=filename, size=round(size / 1e6), most=most)
    if size == 0:
        raise EmptyDocument("no-bytes", filename=filename)
