"""A file as it was read: its bytes, hashed once, with its name, its path and the kind that the user gives it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.files import is_bibliography, real_path
from kb.errors import EmptyDocument, TooBig, UnreadableDocument, UnsupportedFormat
from kb.model import Kind


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
    recognised: Mapping[int, str] = field(default_factory=dict, repr=False)
    """The text that was recognised on pages that are pictures (`ingest.recognition`), by page number."""

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
        raise UnreadableDocument(f"it cannot be read: {error.strerror or error}") from error
    return replace(Source.of(data, filename, real_path(path), kind), password=password)


def _refuse_unreadable(path: Path, filename: str, max_bytes: int) -> None:
    if not os.path.lexists(path):
        raise UnreadableDocument("it is gone: it was moved or removed before it could be read")
    if not path.is_file():
        raise UnsupportedFormat("it is no file: a link that leads nowhere, a pipe or a device")
    size = path.stat().st_size
    if size > max_bytes:
        raise TooBig(
            f"{filename} is {size / 1e6:,.0f} MB and files up to {max_bytes / 1e6:,.0f} MB are taken in:"
            " make it smaller, or raise KB_MAX_MB"
        )
    if size == 0:
        raise EmptyDocument(f"{filename} is empty (0 bytes): copy it again")
