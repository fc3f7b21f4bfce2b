"""Teaching of the labeller of reference entries: lessons from files and styles in, a model and its card out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.entries.features import features
from ingest.entries.labeller import load
from ingest.teach.items import items
from ingest.teach.labelled import read_labelled
from ingest.teach.rendering import render
from ingest.teach.training import style_names, train
from kb.cli import main
from kb.errors import KnowledgeBaseError

LABELLED = """<?xml version="1.0"?><dataset>
<sequence><author>Sol, J.</author><date>(2014).</date><title>Tides and dikes.</title><journal>Coast,</journal></sequence>
<sequence><author>Vonk, T.</author><date>(2015).</date><title>Dikes and tides.</title><isbn>90-1</isbn></sequence></dataset>"""


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A small file of labelled entries."""
    path = tmp_path / "labelled.xml"
    path.write_text(LABELLED, encoding="utf-8")
    return path


def test_labelled_entries_are_read_word_by_word(labelled: Path) -> None:
    first, second = read_labelled(labelled)
    assert first.words == ("Sol,", "J.", "(2014).", "Tides", "and", "dikes.", "Coast,")
    assert first.labels == ("author", "author", "date", "title", "title", "title", "journal")
    assert second.labels[-1] == "note"


def test_a_file_without_labelled_entries_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match=r"missing\.xml holds no labelled entries"):
        read_labelled(tmp_path / "missing.xml")


def test_the_same_seed_gives_the_same_items() -> None:
    assert items(3, 5, "nl") == items(3, 5, "nl") != items(4, 5, "nl")


def test_a_rendered_entry_has_the_labels_of_its_fields() -> None:
    item = {
        "id": "i",
        "type": "article-journal",
        "title": "Tides and dikes",
        "author": [{"family": "Sol", "given": "Jo"}],
        "issued": {"date-parts": [[2014]]},
        "container-title": "Coastal Studies",
        "volume": "31",
        "page": "621-655",
    }
    [entry] = render([item], "apa", "en")
    assert dict(zip(entry.words, entry.labels, strict=True)) == {
        "Sol,": "author",
        "J.": "author",
        "(2014).": "date",
        "Tides": "title",
        "and": "title",
        "dikes.": "title",
        "Coastal": "journal",
        "Studies,": "journal",
        "31,": "volume",
        "621–655.": "pages",
    }


def test_styles_for_measuring_are_never_taught() -> None:
    assert not set(style_names(taught=True)) & set(style_names(taught=False))


def test_a_field_learns_its_lessons(labelled: Path) -> None:
    lessons = read_labelled(labelled) * 4
    field = train(lessons)
    path = field.best_path(field.scores(features(lessons[0].words)))
    assert tuple(field.labels[at] for at in path) == lessons[0].labels


def test_teaching_from_the_command_line_writes_a_model_and_its_card(labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    done = CliRunner().invoke(
        main, ["teach", "references", "--labelled", str(labelled), "--out", str(out), "--styles", "2"]
    )
    assert done.exit_code == 0, done.output
    assert {"author", "title", "date"} <= set(load(out / "references.npz").labels)
    assert "--styles 2 --seed 7" in (out / "README.md").read_text(encoding="utf-8")
