"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb.durable import finish_replacement, replace_folder, replacing
from tests.faults import killed


def test_a_file_that_is_not_finished_leaves_the_old_one_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "stamp.json"
    path.write_bytes(b"old")

    def stopping() -> None:
        with replacing(path) as file:
            file.write(b"half of the n")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        stopping()
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"stamp.json": b"old"}


def test_what_is_written_is_on_disk_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stamp.json"
    synced: list[bool] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(path.exists())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    with replacing(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert synced == [False, True]  # the file before its rename, then its folder


REPLACES = """
import sys
from pathlib import Path
from kb.durable import replace_folder
replace_folder(Path(sys.argv[1]) / "new", Path(sys.argv[1]) / "home")
"""


def contents(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text() for each in folder.iterdir()}


@pytest.mark.parametrize(("number", "after"), [(1, "old"), (2, "old"), (3, "new")])
def test_a_replacement_killed_at_any_rename_is_undone_or_finished_at_the_next_open(
    tmp_path: Path, number: int, after: str
) -> None:
    for name in ("new", "old"):
        folder = tmp_path / ("home" if name == "old" else name)
        folder.mkdir()
        (folder / "what").write_text(name)
    assert killed(REPLACES, "rename", number, str(tmp_path))
    assert finish_replacement(tmp_path / "home") is (after == "new")
    assert contents(tmp_path / "home") == {"what": after}
    kept = [contents(each) for each in tmp_path.glob("home.before-*")]
    assert kept == ([{"what": "old"}] if after == "new" else [])


def test_a_replacement_of_an_empty_folder_killed_before_the_last_rename_is_finished(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "what").write_text("new")
    (tmp_path / "home").mkdir()
    assert killed(REPLACES, "rename", 2, str(tmp_path))
    (tmp_path / "home").mkdir()  # as an older program does at its start
    assert finish_replacement(tmp_path / "home")
    assert contents(tmp_path / "home") == {"what": "new"}
    assert not finish_replacement(tmp_path / "home")


def test_what_a_stopped_replacement_left_does_not_hinder_the_next(tmp_path: Path) -> None:
    for name in ("new", "home"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "what").write_text(name)
    assert killed(REPLACES, "rename", 2, str(tmp_path))
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "what").write_text("newer")
    set_aside = replace_folder(tmp_path / "new", tmp_path / "home")
    assert set_aside is not None
    assert contents(set_aside) == {"what": "home"}
    assert contents(tmp_path / "home") == {"what": "newer"}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home", set_aside.name]
