"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb.durable import replacing


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
