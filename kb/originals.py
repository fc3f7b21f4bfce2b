"""Originals: the bytes as they came, kept under their SHA-256.

    originals/3f/3f2a…e1      written beside, fsynced, renamed: a name that exists holds those bytes, whole

A file is written before the catalogue speaks of it and deleted after the catalogue has forgotten it, so that a stop in
between leaves a file too many, never one too few; `kb check --repair` sweeps those up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from kb.durable import replacing
from kb.errors import NotInKnowledgeBase


class Originals:
    """A folder of files named after what is in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where these bytes are kept. Raises NotInKnowledgeBase when they are not."""
        path = self._place(sha256)
        if not path.is_file():
            raise NotInKnowledgeBase(
                f"the original {sha256[:12]}… is missing from {self.folder}: ingest the file again, or restore a backup"
            )
        return path

    def keep(self, data: bytes) -> str:
        """Keep bytes; returns their SHA-256, hexadecimal."""
        sha256 = hashlib.sha256(data).hexdigest()
        place = self._place(sha256)
        if self.sound(sha256):  # damaged bytes under this name give way to whole ones
            return sha256
        place.parent.mkdir(parents=True, exist_ok=True)
        with replacing(place) as file:
            file.write(data)
        return sha256

    def discard(self, sha256: str) -> None:
        """Delete bytes that nothing refers to; that they are gone already is no error."""
        self._place(sha256).unlink(missing_ok=True)

    def all(self) -> Iterator[str]:
        """The SHA-256 of everything kept."""
        for path in sorted(self.folder.glob("??/*")):
            if len(path.name) == 64:
                yield path.name

    def sound(self, sha256: str) -> bool:
        """Whether the bytes kept under a name can be read and are the ones it names."""
        try:
            with self._place(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except OSError:
            return False

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotInKnowledgeBase(f"{sha256[:80]!r} is not the SHA-256 of a file")
        return self.folder / sha256[:2] / sha256
