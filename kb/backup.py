"""Backup and restore: the catalogue and the originals in one tar file.

    catalogue (a consistent copy, taken while others write) + originals + contents ─► FILE.new ─► fsync ─► FILE

The contents come last and say what should be there, so that half a backup is never taken for a whole one. An original
that is lost or damaged is left out and named: nobody should find that out on the day of the restore, and no earlier
backup, which may still have it, is overwritten by one without it. A backup is verified before it takes the place of
anything, and what was there before is set aside, never deleted.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.catalogue import Catalogue
from kb.catalogue.sqlite import damage
from kb.durable import finish_replacement, replace_folder, sync_folder
from kb.errors import KnowledgeBaseError
from kb.model import StoredFile
from kb.originals import Originals
from kb.settings import Settings

CATALOGUE = "catalogue.sqlite"
CONTENTS = "contents.json"


@dataclass(frozen=True, slots=True)
class Saved:
    """How many originals a backup holds, and a line for each that is lost or damaged and therefore not in it."""

    files: int
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """The restored contents, the folder of the earlier ones, and the originals that were lost when the backup was made."""

    files: int
    set_aside: Path | None
    lost: tuple[str, ...] = ()


def backup(file: Path, catalogue: Catalogue, originals: Originals) -> Saved:
    """Write a backup. An existing file is only replaced by a whole one."""
    if file.is_dir():
        raise KnowledgeBaseError(f"{file} is a folder: name a file to write the backup to")
    home = originals.folder.parent
    if file.resolve().is_relative_to(home.resolve()):
        raise KnowledgeBaseError(f"{file} lies in {home} itself: name a file outside of what it is a backup of")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".kb-backup-") as folder:
            copy, new = Path(folder) / CATALOGUE, Path(folder) / "new.tar"
            # The catalogue first: files that arrive later are not spoken of in it, and files are never rewritten.
            catalogue.copy(copy)
            if fault := damage(copy):
                raise KnowledgeBaseError(
                    f"the catalogue is damaged ({fault}): nothing was written; restore an earlier backup"
                )
            saved = _write(new, copy, originals)
            if saved.lost and file.exists():
                raise KnowledgeBaseError(
                    f"{file} is not replaced by a backup with less in it ({saved.lost[0]}): name a new file,"
                    " or mend what `kb check` finds first"
                )
            new.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise KnowledgeBaseError(f"the backup {file} cannot be written: {error.strerror or error}") from error
    return saved


def _write(new: Path, copy: Path, originals: Originals) -> Saved:
    """Write the tar file: the copied catalogue and its originals, as far as they are there and undamaged."""
    held: list[str] = []
    lost: dict[str, str] = {}
    with new.open("wb") as stream:
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for document_id, stored in _files(copy):
                if originals.sound(stored.sha256):
                    tar.add(originals.path(stored.sha256), _member(stored.sha256))
                    held.append(stored.sha256)
                else:
                    lost[stored.sha256] = f"the original of {stored.filename} (document {document_id})"
            tar.add(copy, CATALOGUE)
            contents = {"catalogue": _digest(copy), "originals": held, "lost": lost}
            listed = json.dumps(contents, ensure_ascii=False, indent=1).encode()
            member = tarfile.TarInfo(CONTENTS)
            member.size = len(listed)
            tar.addfile(member, io.BytesIO(listed))
        stream.flush()
        os.fsync(stream.fileno())
    return Saved(len(held), tuple(lost.values()))


def _files(path: Path) -> list[tuple[int, StoredFile]]:
    """(document id, file) of all that a catalogue which nobody else has open speaks of."""
    catalogue = Catalogue(path)
    try:
        held = [(document.id, stored) for document in catalogue.documents.all() for stored in document.files]
        return held + [(item.document_id, stored) for item in catalogue.trash.all() for stored in item.files]
    finally:
        catalogue.close()


def _member(sha256: str) -> str:
    return f"originals/{sha256[:2]}/{sha256}"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def restore(file: Path, settings: Settings, *, replace: bool = False) -> Restored:
    """Bring a backup back into `settings.home`.

    Raises KnowledgeBaseError when the file is no whole backup, or when something is there and `replace` is not given.
    """
    home = settings.home
    if settings.database is not None and settings.database != home / CATALOGUE:
        raise KnowledgeBaseError(
            f"a backup is restored to KB_HOME ({home}) and KB_DATABASE names {settings.database}: leave KB_DATABASE out"
        )
    finish_replacement(home)
    if settings.catalogue.exists() and not replace:
        raise KnowledgeBaseError(f"{home} holds a knowledge base: add --replace to set it aside and restore {file}")
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=home.parent, prefix=".kb-restore-"))
        try:
            count, lost = _unpack(file, folder)
            folder.chmod(home.stat().st_mode & 0o777 if home.exists() else 0o755)
            set_aside = replace_folder(folder, home)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except OSError as error:
        raise KnowledgeBaseError(
            f"{file} cannot be restored to {home} ({error.strerror or error}), and nothing was changed:"
            " set KB_HOME to a folder that can be made and written"
        ) from error
    return Restored(count, set_aside, lost)


def _verify(file: Path, digests: Mapping[str, str], contents: Mapping[str, Any]) -> None:
    """Raise KnowledgeBaseError unless each file of the list of contents is there, undamaged."""
    listed = [(CATALOGUE, contents["catalogue"]), *((_member(name), name) for name in contents["originals"])]
    for name, expected in listed:
        if name not in digests:
            raise KnowledgeBaseError(f"the backup {file} is not whole: {name} is not in it; restore another")
        if digests[name] != expected:
            raise KnowledgeBaseError(f"the backup {file} is damaged: {name} has changed; restore another")


def _unpack(file: Path, folder: Path) -> tuple[int, tuple[str, ...]]:
    """Unpack and verify; returns the number of originals, and a line for each that was lost before."""
    digests: dict[str, str] = {}
    try:
        with tarfile.open(file, mode="r:") as tar:
            for member in tar:
                data = tar.extractfile(member) if member.isfile() else None
                name = Path(member.name).name
                if data is None or member.name not in (CATALOGUE, CONTENTS, _member(name)):
                    raise KnowledgeBaseError(f"{file} is not a backup that kb wrote (it holds {member.name!r})")
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as stream:
                    shutil.copyfileobj(data, stream, 1 << 20)
                    stream.flush()
                    os.fsync(stream.fileno())
                digests[member.name] = _digest(target)
    except tarfile.TarError as error:
        raise KnowledgeBaseError(
            f"the backup {file} is not whole, or none that kb wrote ({error}): restore another"
        ) from error
    except OSError as error:
        raise KnowledgeBaseError(f"the backup {file} cannot be read: {error.strerror or error}") from error
    contents = _contents(file, folder / CONTENTS)
    _verify(file, digests, contents)
    if fault := damage(folder / CATALOGUE):
        raise KnowledgeBaseError(f"the catalogue in {file} is damaged ({fault}): restore another")
    spoken_of = {stored.sha256 for _, stored in _files(folder / CATALOGUE)}
    if lacking := spoken_of - set(contents["originals"]) - set(contents["lost"]):
        raise KnowledgeBaseError(f"the backup {file} is not whole: {min(lacking)} is not in it; restore another")
    return len(contents["originals"]), tuple(contents["lost"].values())


def _contents(file: Path, path: Path) -> dict[str, Any]:
    """The list of contents of a backup, which is not restored itself."""
    try:
        contents = json.loads(path.read_bytes())
        path.unlink()
        return {
            "catalogue": contents["catalogue"],
            "originals": list(contents["originals"]),
            "lost": dict(contents["lost"]),
        }
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise KnowledgeBaseError(
            f"the backup {file} is not whole, or none that kb wrote (it does not end with what it holds): restore another"
        ) from error
