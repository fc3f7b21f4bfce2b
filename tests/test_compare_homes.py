"""The comparison of two knowledge bases sees what differs and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kb.bootstrap import open_knowledge_base
from kb.settings import Settings
from tests.compare_homes import main
from tests.writers import Slide, write_pptx

DECK = [Slide("Liminale ruimte", ("Wie begint staat op een drempel (Turner, 1969).",))]
OTHER = [Slide("Liminale ruimte", ("Wie begint staat op de drempel (Turner, 1969).",))]


def home(folder: Path, slides: list[Slide]) -> Path:
    """A knowledge base with one deck."""
    folder.mkdir()
    deck = folder / "deck.pptx"
    deck.write_bytes(write_pptx(slides, "De overgang"))
    knowledge_base = open_knowledge_base(Settings(folder / "home"))
    list(knowledge_base.ingest([deck]))
    knowledge_base.close()
    return folder / "home"


@pytest.mark.parametrize(
    ("slides", "code", "different"), [(DECK, 0, set()), (OTHER, 1, {"pages", "passages", "citations"})]
)
def test_homes_of_the_same_slides_are_equal_and_a_changed_word_is_reported(
    slides: list[Slide], code: int, different: set[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    old, new = home(tmp_path / "old", DECK), home(tmp_path / "new", slides)
    monkeypatch.setattr(sys, "argv", ["compare_homes", str(old), str(new)])
    assert main() == code
    counts = [
        line.removesuffix(" differences").split(": ") for line in capsys.readouterr().out.splitlines() if line[0] != " "
    ]
    assert {kind for kind, count in counts if count != "0"} >= different
    assert bool(different) or all(count == "0" for _, count in counts)
