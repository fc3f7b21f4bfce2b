"""Wrong usage, bad settings and faults of the machine: one line each, and the right exit code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from tests.terminal import DECK, Terminal
from tests.writers import write_deck_pdf, write_pptx


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    terminal = Terminal(tmp_path_factory.mktemp("cli"))
    decks = terminal.folder / "decks"
    decks.mkdir()
    (decks / "overgang.pptx").write_bytes(write_pptx(DECK, "De overgang"))
    (decks / "overgang.pdf").write_bytes(write_deck_pdf(DECK, "De overgang"))
    assert terminal("ingest", decks).code == 0
    return terminal


@pytest.fixture
def empty(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_an_id_or_a_year_that_cannot_be_is_wrong_usage(kb: Terminal) -> None:
    for arguments in (
        ("show", "99999999999999999999"),
        ("remove", "0"),
        ("references", "--document", "99999999999999999999"),
        ("evaluate", "judged.tsv", "--document", "-1"),
        ("search", "drempel", "--year", "99999999999999999999"),
    ):
        done = kb(*arguments)
        assert (done.code, done.out) == (2, "")
        assert "Traceback" not in done.err


def test_bytes_that_are_no_text_stop_nothing_and_leave_json_json(kb: Terminal, tmp_path: Path) -> None:
    broken = os.fsdecode(b"drempel\xff")
    assert kb("search", broken).code == 0
    assert kb("search", broken, "--json").json["query"] == "drempel\ufffd"
    assert kb("references", broken, "--json").json == {"references": []}
    file = tmp_path / os.fsdecode(b"\xff.tar")
    assert kb("backup", file, "--json").json["backup"] == str(file)


def test_json_is_utf_8_and_text_is_shown_whatever_the_terminal_speaks(kb: Terminal) -> None:
    plain = kb("show", "1", PYTHONIOENCODING="latin-1")
    assert (plain.code, plain.err) == (0, "")
    assert "\\u2500\\u2500 2 Liminale ruimte" in plain.out
    assert kb("search", "liminaliteit “drempel”", "--json", PYTHONIOENCODING="latin-1").json["query"][-1] == "”"


def test_serving_where_nobody_can_is_one_line(empty: Terminal) -> None:
    for arguments in (("--host", "nergens.invalid"), ("--host", "192.0.2.1", "--port", "0")):
        done = empty("serve", *arguments)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert done.err.startswith("kb: cannot listen on ")


def test_a_setting_that_makes_no_sense_is_one_line(empty: Terminal) -> None:
    for name, value in (("KB_LOG", "loud"), ("KB_TOKEN", "short")):
        done = empty("documents", **{name: value})
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert done.err.startswith(f"kb: {name} ")
        assert "short" not in done.err


def test_serving_other_machines_comes_with_a_warning(empty: Terminal) -> None:
    arguments = [sys.executable, "-m", "kb", "serve", "--host", "0.0.0.0", "--port", "0"]  # noqa: S104
    serving = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=bare(empty, "")
    )
    with serving:
        assert serving.stdout is not None
        assert serving.stderr is not None
        assert serving.stdout.readline().startswith("kb is at http://0.0.0.0:")
        assert "another machine may change nothing (KB_TOKEN would allow it)" in serving.stderr.readline()
        serving.terminate()


def test_a_home_that_leads_nowhere_is_one_line(empty: Terminal) -> None:
    loop = empty.folder / "loop"
    loop.symlink_to(loop)
    for home in ("~nobody-of-that-name/kb", str(loop)):
        done = empty("documents", KB_HOME=home)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert done.err.startswith("kb: KB_HOME is ")


def test_what_was_taken_in_is_reported_when_the_model_fails(empty: Terminal) -> None:
    deck = empty.folder / "deck.pptx"
    deck.write_bytes(write_pptx(DECK))
    done = empty("ingest", deck, "--json", KB_MODEL="/geen/model")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert [file["status"] for file in done.json["files"]] == ["added"]
    assert empty("search", "drempel", "--json").json["hits"][0]["page"]["number"] == 2


def test_nothing_to_do_is_said(empty: Terminal) -> None:
    inbox = empty.folder / "in"
    inbox.mkdir()
    done = empty("ingest", inbox)
    assert (done.code, done.out, done.err) == (0, "", f"kb: no files to take in: {inbox}\n")
    assert "kb ingest PATH" in empty("documents").err


def test_a_judged_set_that_cannot_be_measured_is_no_zero(kb: Terminal, tmp_path: Path) -> None:
    judged = tmp_path / "judged.tsv"
    judged.write_text("a\tnl\tkeyword\tdrempel\t2:2\n", encoding="utf-8")
    assert kb("evaluate", judged, "--json").json["ndcg@10"] == 1.0
    for text, said in (("", "holds no queries"), ("a\tnl\tkeyword\tdrempel\t99:2\n", "judges page 99")):
        judged.write_text(text, encoding="utf-8")
        done = kb("evaluate", judged)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert said in done.err


def test_a_backup_without_a_lost_original_is_made_and_ends_with_one(empty: Terminal) -> None:
    deck = empty.folder / "deck.pptx"
    deck.write_bytes(write_pptx(DECK))
    empty("ingest", deck)
    (original,) = (empty.home / "originals").glob("*/*")
    original.unlink()
    made = empty("backup", empty.folder / "backup.tar", "--json")
    assert (made.code, made.json["files"], made.json["lost"]) == (1, 0, ["the original of deck.pptx (document 1)"])
    restored = empty("restore", empty.folder / "backup.tar", "--replace", "--json")
    assert (restored.code, restored.json["lost"]) == (1, made.json["lost"])
    assert empty("ingest", deck).out.startswith("unchanged\t")
    assert empty("check").code == 0


@pytest.mark.skipif(shutil.which("make") is None, reason="the Makefile is for those who have make")
def test_make_run_keeps_a_home_with_a_space_whole(tmp_path: Path) -> None:
    installed = tmp_path / "venv"
    (installed / "bin").mkdir(parents=True)
    command = installed / "bin" / "kb"
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$KB_HOME" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    (installed / ".run").touch()
    run = ["make", "--silent", "run", "KB_HOME=/srv/a b", f"VENV={installed}", "PORT=8123"]
    done = subprocess.run(run, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["/srv/a b", "demo", "--port", "8123"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is a device of Linux")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("documents",), ("documents", "--json"), ("--help",), ("search", "drempel")])
def test_a_full_disk_is_one_line_whatever_the_buffering(
    kb: Terminal, arguments: tuple[str, ...], unbuffered: str
) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run_with_output(kb, arguments, full, unbuffered)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("kb: the disk is full")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("documents",), ("--help",), ("search", "drempel")])
def test_a_closed_pipe_ends_a_command_quietly(kb: Terminal, arguments: tuple[str, ...], unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = run_with_output(kb, arguments, pipe, unbuffered)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_refusal_keeps_its_code_where_no_line_can_be_written(kb: Terminal) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kb", "show", "999"], stdout=full, stderr=full, check=False, env=bare(kb, "")
        )
    assert done.returncode == 1


def run_with_output(
    kb: Terminal, arguments: tuple[str, ...], out: IO[bytes], unbuffered: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kb", *arguments]
    environment = bare(kb, unbuffered)
    return subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, check=False, env=environment)


def bare(kb: Terminal, unbuffered: str) -> dict[str, str]:
    """No variable of this machine; PYTHONUNBUFFERED empty is the same as not set."""
    return {"PATH": os.environ["PATH"], "KB_HOME": str(kb.home), "PYTHONUNBUFFERED": unbuffered}
