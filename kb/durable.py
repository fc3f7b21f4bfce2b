"""Files and folders that exist whole or not at all: written under another name, fsynced, renamed.

A folder that holds something cannot be replaced by one rename, so it takes three, and a stop between any two of them is
finished by `finish_replacement`, which the next open calls:

    NEW ─► HOME.restored        from here on the new folder is known to be whole
    HOME ─► HOME.before-…       the earlier contents are kept
    HOME.restored ─► HOME
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Any]:
    """A file to write that takes the place of `path` once it is whole and on disk, or never."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".writing-", delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder last through a power cut, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def replace_folder(new: Path, target: Path) -> Path | None:
    """Put the folder `new` in the place of `target`, beside it; returns where the old contents are now, if there were any.

    Raises OSError, and then the old contents are in their place.
    """
    whole, set_aside = _whole(target), None
    shutil.rmtree(whole, ignore_errors=True)  # of a replacement that was stopped before it set anything aside
    new.rename(whole)
    try:
        if target.exists() and any(target.iterdir()):  # raises NotADirectoryError for a file
            set_aside = target.with_name(f"{target.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
            target.rename(set_aside)
        elif target.exists():
            target.rmdir()
        _take_name(whole, target)
    except OSError:
        if set_aside is not None:
            set_aside.rename(target)
        shutil.rmtree(whole, ignore_errors=True)
        raise
    sync_folder(target.parent)
    return set_aside


def finish_replacement(target: Path) -> bool:
    """Finish a replacement that was stopped after the old folder was set aside; whether there was one."""
    if _holds_something(target) or not _whole(target).is_dir():
        return False
    _take_name(_whole(target), target)
    sync_folder(target.parent)
    return True


def _whole(target: Path) -> Path:
    return target.with_name(f"{target.name}.restored")


def _holds_something(path: Path) -> bool:
    """Whether a path is a file, or a folder that is not empty."""
    return path.exists() and (not path.is_dir() or any(path.iterdir()))


def _take_name(whole: Path, target: Path) -> None:
    try:
        whole.rename(target)
    except FileNotFoundError:
        if not target.is_dir():  # else another process finished this replacement a moment earlier
            raise
