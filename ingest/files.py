"""Find the files to take in: folders recursively and by name, each file once, without the junk files of operating systems."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from ingest.report import IngestReport, because

# Files that systems leave beside those of users. A lock file (~$) marks a deck that is open in an office program.
JUNK_NAMES = frozenset({"thumbs.db", "desktop.ini"})
JUNK_FOLDERS = frozenset({"__macosx", "@eadir"})
JUNK_STARTS = (".", "~$")
JUNK_ENDS = (":zone.identifier", ".part", ".crdownload", ".tmp")
# The formats of reference managers.
BIBLIOGRAPHIES = (".bib", ".bibtex", ".ris", ".json")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def walk(paths: Iterable[Path]) -> Iterator[Path | IngestReport]:
    """The files to take in, folders recursively and by name; a report for each that cannot be opened."""
    seen: set[str] = set()
    for path in paths:
        for item in _files(path):
            if isinstance(item, IngestReport):
                yield item
            elif (identity := real_path(item)) not in seen:
                seen.add(identity)
                yield item


def _files(path: Path) -> Iterator[Path | IngestReport]:
    try:
        is_folder, exists = path.is_dir(), path.exists()
    except OSError as error:  # a folder on the way that may not be entered
        yield IngestReport(str(path), "failed", because("unreachable", text=str(error.strerror)))
        return
    if is_folder:
        yield from _inside(path)
    elif exists:
        yield path
    else:
        yield IngestReport(str(path), "failed", because("missing"))


def _inside(path: Path) -> Iterator[Path | IngestReport]:
    """The files in a folder. Linked folders are walked too, each once: a link may lead back to a folder above it."""
    problems: list[IngestReport] = []

    def refuse(error: OSError) -> None:
        problems.append(IngestReport(str(error.filename), "failed", because("folder-closed", text=str(error.strerror))))

    walked = {real_path(path)}
    for folder, folders, names in os.walk(path, onerror=refuse, followlinks=True):
        inside = {name: real_path(Path(folder, name)) for name in sorted(folders) if not is_junk(name)}
        folders[:] = [name for name, place in inside.items() if place not in walked]
        walked.update(inside.values())
        yield from (Path(folder, name) for name in sorted(names, key=_deck_first) if not is_junk(name))
    yield from problems


def _deck_first(name: str) -> tuple[str, bool, str]:
    """Sort by name, a deck before its export: the export of a deck that changed is then compared with the new deck."""
    path = PurePath(name)
    return path.stem, path.suffix.casefold() == ".pdf", name


def real_path(path: Path) -> str:
    """The one absolute path of a file, printable, links followed as far as they lead; a circle of links ends where it is."""
    return printable(os.path.realpath(path))


def printable(name: str) -> str:
    """A name of a file as text on one line.

    Bytes that are not UTF-8, which some systems allow in names, are written out as \\xff, and so are line ends and
    everything else that would control a terminal.
    """
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _CONTROL.sub(lambda sign: f"\\x{ord(sign.group()):02x}", text)


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is junk of an operating system, not a user's document."""
    folded = name.casefold()
    return (
        folded in JUNK_NAMES or folded in JUNK_FOLDERS or folded.startswith(JUNK_STARTS) or folded.endswith(JUNK_ENDS)
    )


def is_bibliography(filename: str) -> bool:
    """Whether a file of this name holds records of a reference manager."""
    return filename.casefold().endswith(BIBLIOGRAPHIES)
