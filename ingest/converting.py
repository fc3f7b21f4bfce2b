"""Slides of a PPTX as a PDF, by LibreOffice where it is installed: once per deck, in the background, within limits.

    PPTX ─► queue ─► soffice (own profile, own folder, no network, limited) ─► cache/slides/<sha256>.pdf
                          └─ fails, hangs or is not installed ─► no images: the slide is shown as text

The profile switches macros and links to other places off and names a proxy that does not exist, so that a deck cannot fetch
anything. Hidden slides are exported too, so that slide numbers and PDF pages agree.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from kb.durable import replacing

logger = logging.getLogger(__name__)

SECONDS = 120.0
MEMORY = 6 * 2**30
"""Address space in bytes; LibreOffice maps far more than it uses."""
LARGEST = 256 * 2**20
"""Bytes of a file that it may write."""

_LIMITED = """
import os, resource, sys
for limit, value in ((resource.RLIMIT_AS, int(sys.argv[1])), (resource.RLIMIT_FSIZE, int(sys.argv[2])),
                     (resource.RLIMIT_CPU, int(sys.argv[3])), (resource.RLIMIT_CORE, 0)):
    resource.setrlimit(limit, (value, value))
os.nice(15)
os.execv(sys.argv[4], sys.argv[4:])
"""
_SETTING = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
_SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)
PROFILE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    + "".join(_SETTING.format(path=path, name=name, value=value) for path, name, value in _SETTINGS)
    + "</oor:items>"
)
_EXPORT = "pdf:impress_pdf_Export:" + json.dumps({"ExportHiddenSlides": {"type": "boolean", "value": "true"}})


def installed() -> str | None:
    """The program of LibreOffice; None when it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


class ConversionFailed(RuntimeError):
    """LibreOffice made no PDF of a deck."""


class Converter:
    """Converts decks one after another in a thread of its own, which is started when the first is asked for."""

    def __init__(self, cache: Path, program: str | None, seconds: float = SECONDS) -> None:
        """`program`: the path of LibreOffice (see `installed`); None: nothing is converted."""
        self._folder = cache / "slides"
        self._program = program
        self._seconds = seconds
        self._queue: queue.SimpleQueue[tuple[Path, str]] = queue.SimpleQueue()
        self._asked: set[str] = set()
        self._lock = threading.Lock()

    def pdf(self, deck: Path, sha256: str) -> Path | None:
        """The PDF of a deck; None while it is being made, or when it cannot be made."""
        kept = self._folder / f"{sha256}.pdf"
        if kept.is_file():
            return kept
        if self._program is not None:
            with self._lock:
                if sha256 not in self._asked:
                    self._asked.add(sha256)
                    self._queue.put((deck, sha256))
                    if len(self._asked) == 1:
                        threading.Thread(target=self._work, name="slides", daemon=True).start()
        return None

    def _work(self) -> None:
        while True:
            deck, sha256 = self._queue.get()
            try:
                self.convert(deck, sha256)
            except (OSError, ConversionFailed) as error:
                logger.warning("the slides of %s were not drawn: %s", sha256[:12], error)

    def convert(self, deck: Path, sha256: str) -> None:
        """Convert one deck now. Raises ConversionFailed, or OSError where nothing can be written."""
        if self._program is None:
            raise ConversionFailed("LibreOffice is not installed")
        with tempfile.TemporaryDirectory(prefix="kb-slides-") as name:
            folder = Path(name)
            shutil.copyfile(deck, folder / "deck.pptx")
            profile = folder / "profile"
            (profile / "user").mkdir(parents=True)
            (profile / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
            command = [
                self._program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo",
                "--convert-to", _EXPORT, "--outdir", name, str(folder / "deck.pptx"),
            ]  # fmt: skip
            run_limited(command, folder, self._seconds)
            made = folder / "deck.pdf"
            if not made.is_file() or made.read_bytes()[:5] != b"%PDF-":
                raise ConversionFailed("LibreOffice made no PDF of it")
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._folder / f"{sha256}.pdf") as file:
                file.write(made.read_bytes())


def run_limited(command: list[str], folder: Path, seconds: float) -> None:
    """Run a program with limits in a folder; all its processes end with it. Raises ConversionFailed."""
    limits = [str(MEMORY), str(LARGEST), str(int(2 * seconds) + 1)]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"}
    process = subprocess.Popen(  # noqa: S603 - a program that the machine has installed
        [sys.executable, "-P", "-c", _LIMITED, *limits, *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise ConversionFailed(f"LibreOffice took longer than {seconds:.0f} seconds") from error
    finally:
        # LibreOffice is a script that starts others.
        with_group(process.pid, signal.SIGKILL)
        process.wait()
    if code != 0:
        raise ConversionFailed(f"LibreOffice ended with code {code}")


def with_group(group: int, sent: signal.Signals) -> None:
    """Send a signal to a process group that may be gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sent)
