"""Take a folder of hostile files in, and report what became of each: `python -m tests.corpus FOLDER [--jobs N]`.

    FOLDER/manifest.tsv ─► files with what is expected of them (`expect`, `min_chars`)
    FOLDER/files/       ─► ingest into a new knowledge base ─► status, seconds, memory and characters of each
                        ─► a table, and a line per file that misses what is expected

Nothing is copied into the repository. Ends with 1 when a file misses something.
"""

from __future__ import annotations

import argparse
import csv
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from ingest.files import is_bibliography, real_path
from ingest.pipeline import ingest
from ingest.readers.plain import decode
from ingest.report import IngestReport
from ingest.workers import USAGE
from kb.catalogue import Catalogue
from kb.originals import Originals
from kb.outcomes import Upload

MOST_SECONDS = 60.0
MOST_MEGABYTES = 1536
# A refusal of what unpacks to gigabytes has to come within this time.
MOST_SECONDS_FOR_A_BOMB = 10.0
ENOUGH = 0.98

TAKEN = {"added", "unchanged", "replaced", "partial"}
REFUSED = {"empty", "needs-ocr", "locked", "unsupported", "too-big", "failed"}
# What a robust reader may do, by the words of the manifest; text means that it is taken in.
ALLOWED: Mapping[str, set[str]] = {
    "text": TAKEN,
    "clean-failure": REFUSED | TAKEN,
    "locked-flag": {"locked", "unsupported", "failed"} | TAKEN,
    "empty-flag": {"empty", "needs-ocr", "failed"} | TAKEN,
    "needs-ocr-flag": {"needs-ocr", "empty", "partial", "added", "unchanged"},
    "clear-unsupported": {"unsupported"},
    "clear-unsupported-no-expansion": {"unsupported", "too-big", "failed"},
    "refuse-within-1GiB/10s": REFUSED | {"partial"},
}


@dataclass(slots=True)
class Usage(logging.Handler):
    """What each file used, by its name, as the workers log it."""

    seconds: dict[str, float] = field(default_factory=dict)
    megabytes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        logging.Handler.__init__(self)

    __hash__ = object.__hash__

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the most that a file used."""
        arguments: tuple[Any, ...] = record.args if isinstance(record.args, tuple) else ()
        name, _, seconds, megabytes = arguments
        self.seconds[name] = max(self.seconds.get(name, 0.0), seconds)
        self.megabytes[name] = max(self.megabytes.get(name, 0), megabytes)


@dataclass(frozen=True, slots=True)
class Result:
    """One file of the corpus."""

    path: str
    expect: str
    report: IngestReport
    characters: int
    least: int
    seconds: float
    megabytes: int

    def problems(self) -> Iterator[str]:
        """What this file misses."""
        if self.report.status not in ALLOWED.get(self.expect, TAKEN | REFUSED):
            yield f"is {self.report.status}, {self.expect} expected"
        if self.short:
            yield f"{self.characters} characters, {self.least} expected"
        if self.seconds > MOST_SECONDS or (self.expect.startswith("refuse") and self.seconds > MOST_SECONDS_FOR_A_BOMB):
            yield f"{self.seconds:.1f} seconds"
        if self.megabytes > MOST_MEGABYTES:
            yield f"{self.megabytes} MB"
        if "defect" in self.report.reason or "crashed" in self.report.reason:
            yield self.report.reason

    @property
    def short(self) -> bool:
        """Whether less text came out than is expected."""
        return self.characters < self.least


def main(arguments: Sequence[str]) -> int:
    """Run; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        results = list(run(options.folder, Path(home), options.jobs))
    for result in results:
        for problem in result.problems():
            show(f"{result.path}: {problem} ({result.report.reason[:160]})")
    return summary(results, time.monotonic() - started)


def run(folder: Path, home: Path, jobs: int) -> Iterator[Result]:
    """Take the files of a corpus in, into a knowledge base in `home`."""
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = {row["path"]: row for row in csv.DictReader(file, delimiter="\t")}
    usage = Usage()
    USAGE.addHandler(usage)
    USAGE.setLevel(logging.DEBUG)
    catalogue, originals = Catalogue(home / "catalogue.sqlite"), Originals(home / "originals")
    paths = {real_path(folder / "files" / name): name for name in rows}
    uploads = {Path(path): Upload(name.replace("/", " ")) for path, name in paths.items()}
    # The name that the user sees tells two files of one name in two folders apart, and keeps its ending.
    for report in ingest(
        [Path(path) for path in paths], catalogue, originals, jobs=jobs, max_bytes=10**9, uploads=uploads
    ):
        name = paths[real_path(Path(report.path))]
        shown = uploads[Path(real_path(Path(report.path)))].filename
        row = rows[name]
        least = least_characters(row, folder / "files" / name)
        yield Result(
            path=name,
            expect=row["expect"],
            report=report,
            characters=characters(catalogue, report),
            least=least,
            seconds=usage.seconds.get(shown, 0.0),
            megabytes=usage.megabytes.get(shown, 0),
        )


def characters(catalogue: Catalogue, report: IngestReport) -> int:
    """Characters of a document's text and notes, with a line end after each."""
    if report.document_id is None:
        return 0
    pages = catalogue.documents.pages(report.document_id)
    return sum(len(page.text) + len(page.notes) + 2 for page in pages)


def least_characters(row: Mapping[str, str], file: Path) -> int:
    """How many characters have to come out.

    The manifest counts those of plain libraries, line ends and indents included. In a text or web page, where these may
    be most of it, the words of the file itself are counted, of which nine tenths have to come out.
    """
    if is_bibliography(file.name):
        return 0
    least = int(row["min_chars"] or 0)
    if row["kind"] == "txt":
        words = decode(file.read_bytes())
    elif row["kind"] == "html":
        page = BeautifulSoup(file.read_bytes(), "lxml")
        for tag in page(["script", "style", "head", "nav", "footer", "noscript"]):
            tag.extract()
        words = page.get_text(" ")
    else:
        return least
    return min(least, int(0.9 * len(" ".join(words.split()))))


def summary(results: Sequence[Result], seconds: float) -> int:
    """Print the table; 1 when a file misses something that each must have."""
    table = Counter((result.expect, result.report.status) for result in results)
    for expect in sorted({result.expect for result in results}):
        statuses = ", ".join(f"{status} {count}" for (of, status), count in sorted(table.items()) if of == expect)
        show(f"{expect or '(none)':56} {statuses}")
    with_text = [result for result in results if result.least]
    reached = sum(not result.short for result in with_text)
    show(f"{len(results)} files in {seconds:.0f} s")
    show(f"most: {max(result.seconds for result in results):.1f} s, {max(result.megabytes for result in results)} MB")
    show(f"characters reached: {reached} of {len(with_text)} ({100 * reached / max(len(with_text), 1):.1f} %)")
    over = [result for result in results if result.seconds > MOST_SECONDS or result.megabytes > MOST_MEGABYTES]
    return int(bool(over) or reached < ENOUGH * len(with_text))


def show(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line.encode("utf-8", "backslashreplace").decode() + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
