"""`kb demo`: the demonstration collection from nothing to an answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

BLOCKED = "import sys; sys.modules['reportlab'] = None; from kb.cli import main; main()"
"""Runs `kb` where reportlab cannot be imported."""


def run(home: Path, *arguments: str, program: tuple[str, ...] = ("-m", "kb")) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KB_HOME": str(home)}
    command = [sys.executable, *program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_demonstration_is_taken_in_once_and_answers_a_question(tmp_path: Path) -> None:
    first = run(tmp_path, "demo", "--no-serve", "--json")
    files = json.loads(first.stdout)["files"]
    assert (first.returncode, len(files), {file["status"] for file in files}) == (0, 10, {"added"})
    assert {Path(file["path"]).parent for file in files} == {tmp_path / "demonstration"}

    again = run(tmp_path, "demo", "--no-serve")
    assert (again.returncode, {line.split("\t")[0] for line in again.stdout.splitlines()}) == (0, {"unchanged"})

    answer = json.loads(run(tmp_path, "ask", "liminal space", "--json").stdout)
    assert answer["answered"]
    assert answer["sources"][0]["document"]["filename"] == "webinar-studentenwelzijn-op-de-drempel.pdf"


def test_without_reportlab_the_demonstration_is_one_line_with_the_command(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--no-serve", program=("-c", BLOCKED))
    line = f"kb: the demonstration collection needs more packages: {sys.executable} -m pip install 'kb-slides[demo]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", line)
