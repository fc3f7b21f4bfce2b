"""The command kb, run in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.writers import Slide

DECK = (
    Slide("Welkom", ("Een webinar over de overgang naar het hoger onderwijs",)),
    Slide(
        "Liminale ruimte",
        ("Wie begint aan een studie staat op een drempel: niet meer hier, nog niet daar (Turner, 1969).",),
    ),
    Slide("Koffie", ("In de pauze is er koffie en thee in de hal.",)),
)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


class Terminal:
    """`kb` in a process of its own, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"

    def __call__(self, *arguments: str | Path, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "kb", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            env={**os.environ, "KB_HOME": str(self.home), "PYTHONIOENCODING": "utf-8", **environment},
        )
        return Ran(done.returncode, done.stdout, done.stderr)
