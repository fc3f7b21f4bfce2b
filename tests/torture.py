"""What kb promises under kill −9, checked on real processes: `make torture`.

    inbox    files that are written slowly, renamed into place, copied in halves, replaced and deleted, while the watcher is
             killed and started again ─► each file that is there is one document with its present bytes, or is refused with
             a reason
    ingest   `kb ingest` is killed at random moments, over files that change between the rounds ─► after each kill nothing
             that was committed is lost and `kb check` finds only what a repair mends; at the end each file is one document

Prints what it checked, and ends with exit code 1 when a check fails.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.settings import Settings
from tests.writers import Slide, write_pptx

LINES = 12
"""Lines of a text: enough for a passage or two."""
REST = 3.0
"""Seconds in which the watcher runs at least before it is killed."""
WAITS = ("cannot be found by meaning yet", "since references were derived", "belongs to no document")
"""What `kb check` may find after a kill: derived data that the next ingest or search makes, and an original that was kept for a
document that was not committed, which a repair moves to the quarantine."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def text(draw: random.Random) -> bytes:
    """A text of words that no other has."""
    words = [f"woord{draw.randrange(10**9)}" for _ in range(8 * LINES)]
    return "\n".join(" ".join(words[start : start + 8]) for start in range(0, len(words), 8)).encode()


def deck(draw: random.Random) -> bytes:
    """A deck of words that no other has."""
    slides = [Slide(f"Dia {draw.randrange(10**9)}", (text(draw).decode().replace("\n", " "),)) for _ in range(3)]
    return write_pptx(slides, f"Presentatie {draw.randrange(10**9)}")


@dataclass
class Checks:
    """The checks that were made, and those that failed."""

    made: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def check(self, name: str, holds: bool, detail: str = "") -> None:
        """Count a check; remember it when it fails."""
        self.made[name] += 1
        if not holds:
            self.failed.append(f"{name}: {detail}" if detail else name)


def kb(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(command(*arguments), env=environment(home), capture_output=True, text=True, check=False)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "kb", *map(str, arguments)]


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "KB_HOME": str(home), "KB_OCR": "off"}


# -- the inbox


@dataclass
class Writer:
    """Fills an inbox as people and programs do, in a thread of its own."""

    folder: Path
    draw: random.Random
    files: int
    present: dict[Path, bytes] = field(default_factory=dict)
    """The files that stay, and their last bytes."""
    refused: set[Path] = field(default_factory=set)
    """Those of them that are of no known format."""

    def run(self) -> None:
        """Write all files."""
        ways: Sequence[Callable[[Path, bytes], None]] = (
            self.at_once, self.slowly, self.renamed, self.in_halves, self.replaced, self.moved, self.deleted,
        )  # fmt: skip
        for number in range(self.files):
            is_junk = self.draw.random() < 0.1
            content = deck(self.draw) if number % 10 == 0 and not is_junk else text(self.draw)
            ending = ".xyz" if is_junk else ".pptx" if number % 10 == 0 else ".txt"
            path = self.folder / f"bestand {number}{ending}"
            ways[number % len(ways)](path, content)
            if is_junk and path in self.present:
                self.refused.add(path)
            time.sleep(self.draw.random() * 0.2)

    def at_once(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        self.present[path] = content

    def slowly(self, path: Path, content: bytes) -> None:
        """In pieces, each within the time that a file must be still."""
        with path.open("wb") as file:
            for start in range(0, len(content), max(1, len(content) // 4)):
                file.write(content[start : start + max(1, len(content) // 4)])
                file.flush()
                time.sleep(self.draw.random() * 0.5)
        self.present[path] = content

    def renamed(self, path: Path, content: bytes) -> None:
        """Under the name of an unfinished download, which is renamed."""
        unfinished = path.with_name(path.name + ".part")
        unfinished.write_bytes(content)
        time.sleep(self.draw.random() * 0.3)
        self.present[unfinished.rename(path)] = content

    def in_halves(self, path: Path, content: bytes) -> None:
        """Half of it, and after a pause in which it may be taken in the rest."""
        path.write_bytes(content[: len(content) // 2])
        time.sleep(self.draw.random() * 3)
        with path.open("ab") as file:
            file.write(content[len(content) // 2 :])
        self.present[path] = content

    def replaced(self, path: Path, content: bytes) -> None:
        """Other bytes under the same name, at a moment at which the first may be read."""
        path.write_bytes(deck(self.draw) if path.suffix == ".pptx" else text(self.draw))
        time.sleep(self.draw.random() * 3)
        self.at_once(path, content)

    def moved(self, path: Path, content: bytes) -> None:
        """Under another name before it is still; a file that was renamed later has both its paths."""
        other = path.with_name("eerst " + path.name)
        other.write_bytes(content)
        self.present[other.rename(path)] = content

    def deleted(self, path: Path, content: bytes) -> None:
        """Gone before it is still."""
        path.write_bytes(content)
        path.unlink()


def torture_inbox(folder: Path, files: int, restarts: int, checks: Checks, draw: random.Random) -> None:
    """Watch an inbox with a watcher that is killed again and again while files arrive."""
    home, inbox = folder / "home", folder / "inbox"
    inbox.mkdir(parents=True)
    writer = Writer(inbox, random.Random(draw.random()), files)
    thread = threading.Thread(target=writer.run)
    thread.start()
    kills = 0
    while kills < restarts or thread.is_alive():
        watcher = subprocess.Popen(
            command("watch", inbox), env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(REST + draw.random() * REST)
        checks.check("the watcher lives until it is killed", watcher.poll() is None)
        watcher.send_signal(signal.SIGKILL)
        watcher.wait()
        kills += 1
    thread.join()
    for _ in range(2):
        kb(home, "watch", inbox, "--once")
    say(f"inbox: {files} files, {len(writer.present)} of them stay, watcher killed {kills} times")
    with closing(open_knowledge_base(Settings(home))) as base:
        check_inbox(base, writer, checks)
    checks.check("kb check finds nothing", (ran := kb(home, "check")).returncode == 0, ran.stderr.strip())


def check_inbox(base: KnowledgeBase, writer: Writer, checks: Checks) -> None:
    """Each file is one document with its present bytes, or refused with a reason; no job is open."""
    documents = base.documents()
    holders: dict[str, list[int]] = {}
    for document in documents:
        for file in document.files:
            holders.setdefault(file.sha256, []).append(document.id)
    outcomes = {job.filename: job for job in reversed(base.jobs(500))}
    for path, content in writer.present.items():
        held = holders.get(hashlib.sha256(content).hexdigest(), [])
        if path in writer.refused:
            job = outcomes.get(path.name)
            named = job is not None and job.status == "unsupported" and job.reasons != ()
            checks.check("a file of no known format is refused with a reason", named and not held, path.name)
        else:
            checks.check("a file is in one document, with its present bytes", len(held) == 1, f"{path.name}: {held}")
    expected = len(writer.present) - len(writer.refused)
    checks.check(
        "there is no document beyond the files", len(documents) == expected, f"{len(documents)}, not {expected}"
    )
    checks.check("no job is open", all(job.state == "done" for job in base.jobs(500)))


# -- ingest


def torture_ingest(folder: Path, kills: int, checks: Checks, draw: random.Random) -> None:
    """Kill `kb ingest` at random moments."""
    home, files = folder / "home", folder / "files"
    files.mkdir(parents=True)
    began = time.monotonic()
    kb(home, "documents")
    startup = time.monotonic() - began
    committed: dict[str, int] = {}
    for _ in range(kills):
        for number in draw.sample(range(12), 4):
            (files / f"deck {number}.pptx").write_bytes(deck(draw))
            (files / f"tekst {number}.txt").write_bytes(text(draw))
        ingest = subprocess.Popen(
            command("ingest", files), env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(startup + draw.random() * startup * 6)
        ingest.send_signal(signal.SIGKILL)
        ingest.wait()
        committed = check_killed(home, committed, checks)
    checks.check("the ingest after the kills ends well", (ran := kb(home, "ingest", files)).returncode == 0, ran.stderr)
    say(f"ingest: {kills} kills over {len(list(files.iterdir()))} files")
    with closing(open_knowledge_base(Settings(home))) as base:
        held = Counter(file.sha256 for document in base.documents() for file in document.files)
        present = Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in files.iterdir())
        checks.check("each file is one document", held == present, f"{len(held)} held, {len(present)} files")
    kb(home, "check", "--repair")
    checks.check("kb check finds nothing", (ran := kb(home, "check")).returncode == 0, ran.stderr.strip())


def check_killed(home: Path, before: dict[str, int], checks: Checks) -> dict[str, int]:
    """Check a home after a kill; the ids of its documents by path."""
    found = [line for line in findings(home) if not any(each in line for each in WAITS)]
    checks.check("after a kill kb check finds nothing but work that waits", found == [], "; ".join(found))
    with closing(open_knowledge_base(Settings(home))) as base:
        held = {file.path: document.id for document in base.documents() for file in document.files}
        for path, document_id in before.items():
            checks.check("a document that was committed is there", held.get(path) == document_id, path)
        for document in base.documents():
            pages = base.pages(document.id)
            checks.check("its pages are whole", len(pages) == document.pages > 0 and all(page.text for page in pages))
    return held


def findings(home: Path) -> Iterator[str]:
    """What `kb check` finds."""
    report: dict[str, Any] = json.loads(kb(home, "check", "--json").stdout)
    yield from (str(finding["message"]) for finding in report["findings"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=300, help="files that arrive in the inbox")
    parser.add_argument("--restarts", type=int, default=20, help="how often the watcher is killed, at least")
    parser.add_argument("--kills", type=int, default=30, help="how often an ingest is killed")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="repeats a run as far as time allows")
    options = parser.parse_args()
    say(f"seed {options.seed}")
    checks, draw = Checks(), random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        torture_inbox(Path(name, "one"), options.files, options.restarts, checks, draw)
        torture_ingest(Path(name, "two"), options.kills, checks, draw)
    for check, times in checks.made.items():
        wrong = sum(each.startswith(check) for each in checks.failed)
        say(f"{times:6}  {check}" + (f": {wrong} times not" if wrong else ""))
    for each in checks.failed[:20]:
        say(f"missed  {each}")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
