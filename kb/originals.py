"""Originals: the bytes of ingested files, stored under their SHA-256.

    originals/3f/3f2a…e1      written under another name, fsynced, renamed: a name that exists holds those bytes, whole
    quarantine/3f2a…e1        files that no document holds, moved here by `kb check --repair`

A file is written before the catalogue refers to it and deleted after the commit that forgot it is on disk, so that a stop
in between leaves a file too many, never one too few. Repair moves files that no document holds to the quarantine folder:
they may be the last copy of something, so only a person deletes them.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from kb.durable import replacing, sync_folder
from kb.errors import NotInKnowledgeBase


class Originals:
    """A folder of files named by the SHA-256 of their contents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.quarantine_folder = folder.with_name("quarantine")

    def path(self, sha256: str) -> Path:
        """Where these bytes are kept. Raises NotInKnowledgeBase when they are not."""
        path = self._place(sha256)
        if not path.is_file():
            raise NotInKnowledgeBase(
                f"the original {sha256[:12]}… is missing from {self.folder}: ingest the file again, or restore a backup"
            )
        return path

    def keep(self, data: bytes, sha256: str | None = None) -> str:
        """Keep bytes; returns their SHA-256, hexadecimal, which a caller that knows it gives."""
        sha256 = sha256 or hashlib.sha256(data).hexdigest()
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

    def quarantine(self, sha256: str) -> None:
        """Move bytes to the quarantine folder; bytes that are gone already are no error."""
        self.quarantine_folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            self._place(sha256).replace(self.quarantine_folder / sha256)
        sync_folder(self.quarantine_folder)

    def recover(self, sha256: str) -> bool:
        """Bring bytes back from the quarantine folder; whether they were there, undamaged."""
        quarantined, place = self.quarantine_folder / sha256, self._place(sha256)
        if not has_digest(quarantined, sha256):
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        quarantined.replace(place)
        sync_folder(place.parent)
        return True

    def all(self) -> Iterator[str]:
        """The SHA-256 of everything kept."""
        for path in sorted(self.folder.glob("??/*")):
            if len(path.name) == 64:
                yield path.name

    def sound(self, sha256: str) -> bool:
        """Whether the bytes kept under a name can be read and are the ones it names."""
        return has_digest(self._place(sha256), sha256)

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotInKnowledgeBase(f"{sha256[:80]!r} is not the SHA-256 of a file")
        return self.folder / sha256[:2] / sha256


def has_digest(path: Path, sha256: str) -> bool:
    """Whether a file can be read and has this SHA-256."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
