"""Backup and restore: the catalogue and the originals in one tar file.

    catalogue (a consistent copy, taken while others write) + originals ─► FILE.new ─► fsync ─► FILE

A backup is verified before it takes the place of anything, and what was there before is set aside, never deleted.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kb.catalogue import Catalogue
from kb.durable import sync_folder
from kb.errors import KnowledgeBaseError
from kb.originals import Originals
from kb.settings import Settings

CATALOGUE = "catalogue.sqlite"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and where what was there before is now."""

    files: int
    set_aside: Path | None


def backup(file: Path, catalogue: Catalogue, originals: Originals) -> int:
    """Write a backup; returns the number of originals in it. An existing file is only replaced by a whole one."""
    if file.is_dir():
        raise KnowledgeBaseError(f"{file} is a folder: name a file to write the backup to")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".kb-backup-") as folder:
            copy, new = Path(folder) / CATALOGUE, Path(folder) / "new.tar"
            # The catalogue first: files that arrive later are not spoken of in it, and files are never rewritten.
            catalogue.copy(copy)
            names = [name for name in originals.all() if catalogue.documents.known(name) is not None]
            with new.open("wb") as stream:
                with tarfile.open(fileobj=stream, mode="w") as tar:
                    tar.add(copy, CATALOGUE)
                    for name in names:
                        tar.add(originals.path(name), f"originals/{name[:2]}/{name}")
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise KnowledgeBaseError(f"the backup {file} cannot be written: {error.strerror or error}") from error
    return len(names)


def restore(file: Path, settings: Settings, *, replace: bool = False) -> Restored:
    """Bring a backup back into `settings.home`.

    Raises KnowledgeBaseError when the file is no whole backup, or when something is there and `replace` is not given.
    """
    home = settings.home
    occupied = settings.catalogue.exists()
    if occupied and not replace:
        raise KnowledgeBaseError(f"{home} holds a knowledge base: add --replace to set it aside and restore {file}")
    home.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=home.parent, prefix=".kb-restore-"))
    try:
        count = _unpack(file, folder)
        set_aside = None
        if home.exists() and any(home.iterdir()):
            set_aside = home.with_name(f"{home.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
            home.rename(set_aside)
        elif home.exists():
            home.rmdir()
        folder.rename(home)
        sync_folder(home.parent)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Restored(count, set_aside)


def _unpack(file: Path, folder: Path) -> int:
    """Unpack and verify; returns the number of originals."""
    count = 0
    try:
        with tarfile.open(file) as tar:
            for member in tar:
                data = tar.extractfile(member) if member.isfile() else None
                name = Path(member.name).name
                if data is None or member.name not in (CATALOGUE, f"originals/{name[:2]}/{name}"):
                    raise KnowledgeBaseError(f"{file} is not a backup that kb wrote (it holds {member.name!r})")
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as stream:
                    shutil.copyfileobj(data, stream, 1 << 20)
                    stream.flush()
                    os.fsync(stream.fileno())
                if member.name != CATALOGUE:
                    count += 1
                    with target.open("rb") as stream:
                        if hashlib.file_digest(stream, "sha256").hexdigest() != name:
                            raise KnowledgeBaseError(f"{file} is damaged: {name[:12]}… is not what it was")
    except (OSError, tarfile.TarError) as error:
        reason = getattr(error, "strerror", None) or error
        raise KnowledgeBaseError(f"the backup {file} cannot be read: {reason}") from error
    if not (folder / CATALOGUE).is_file():
        raise KnowledgeBaseError(f"{file} is not a backup that kb wrote: it holds no catalogue")
    restored = Catalogue(folder / CATALOGUE)
    try:
        missing = [
            stored.filename
            for document in restored.documents.all()
            for stored in document.files
            if not (folder / "originals" / stored.sha256[:2] / stored.sha256).is_file()
        ]
    finally:
        restored.close()
    if missing:
        raise KnowledgeBaseError(f"{file} is not whole: {missing[0]} is not in it")
    return count
