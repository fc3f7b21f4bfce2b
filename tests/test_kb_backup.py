"""Backup and restore: all comes back or nothing changes, and what is not in a backup is said when it is made."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.backup import restore
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.errors import KnowledgeBaseError
from kb.settings import Settings
from tests.fakes import LetterEncoder
from tests.faults import killed


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    for name in ("een", "twee"):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\nDit is document {name} over studeren.\n", encoding="utf-8")
    base = open_knowledge_base(Settings(home=tmp_path / "home"), LetterEncoder)
    list(base.ingest([tmp_path / "een.md", tmp_path / "twee.md"]))
    yield base
    base.close()


@pytest.fixture
def file(tmp_path: Path, base: KnowledgeBase) -> Path:
    assert base.backup(tmp_path / "backup.tar").files == 2
    return tmp_path / "backup.tar"


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def titles(home: Path) -> list[str]:
    opened = open_knowledge_base(Settings(home=home), LetterEncoder)
    try:
        assert opened.check(repair=True) is not None
        assert opened.check() == []
        return [document.title for document in opened.documents()]
    finally:
        opened.close()


def test_a_backup_holds_every_original_and_restores_elsewhere(tmp_path: Path, file: Path) -> None:
    restored = restore(file, Settings(home=tmp_path / "new"))
    assert (restored.files, restored.set_aside, restored.lost) == (2, None, ())
    assert titles(tmp_path / "new") == ["een", "twee"]
    assert not (tmp_path / "new" / "contents.json").exists()


@pytest.mark.parametrize("damaged", [True, False])
def test_a_lost_original_is_left_out_and_named_and_the_rest_can_be_restored(
    tmp_path: Path, base: KnowledgeBase, damaged: bool
) -> None:
    original = base.stored.path(base.document(1).files[0].sha256)
    original.write_bytes(b"other bytes") if damaged else original.unlink()
    saved = base.backup(tmp_path / "backup.tar")
    assert (saved.files, saved.lost) == (1, ("the original of een.md (document 1)",))
    restored = restore(tmp_path / "backup.tar", Settings(home=tmp_path / "new"))
    assert (restored.files, restored.lost) == (1, saved.lost)


def test_an_earlier_backup_is_not_overwritten_by_one_that_has_less(base: KnowledgeBase, file: Path) -> None:
    whole = file.read_bytes()
    base.stored.path(base.document(1).files[0].sha256).unlink()
    with pytest.raises(KnowledgeBaseError, match=r"een\.md"):
        base.backup(file)
    assert file.read_bytes() == whole


def test_a_backup_never_lands_in_what_it_is_a_backup_of(base: KnowledgeBase) -> None:
    before = base.settings.catalogue.read_bytes()
    with pytest.raises(KnowledgeBaseError, match="outside"):
        base.backup(base.settings.catalogue)
    assert base.settings.catalogue.read_bytes() == before


def test_a_backup_with_one_byte_of_the_catalogue_changed_is_refused(tmp_path: Path, file: Path) -> None:
    data = bytearray(file.read_bytes())
    with tarfile.open(file) as tar:
        at = tar.getmember("catalogue.sqlite").offset_data
    data[at + 5000] ^= 1
    file.write_bytes(data)
    with pytest.raises(KnowledgeBaseError, match=r"is damaged: catalogue.sqlite has changed"):
        restore(file, Settings(home=tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_a_backup_cut_off_anywhere_is_refused_in_one_line(tmp_path: Path, file: Path) -> None:
    whole = file.read_bytes()
    with tarfile.open(file) as tar:
        ends = [member.offset for member in tar]
    before = sorted(path.name for path in tmp_path.iterdir())
    for end in (0, 100, *ends, *(end + 512 for end in ends)):
        file.write_bytes(whole[:end])
        with pytest.raises(KnowledgeBaseError, match=r"restore another") as caught:
            restore(file, Settings(home=tmp_path / "new"))
        assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_another_tar_file_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "other.tar"
    with tarfile.open(other, "w") as tar:
        member = tarfile.TarInfo("../../etc/passwd")
        tar.addfile(member, io.BytesIO())
    with pytest.raises(KnowledgeBaseError, match="not a backup that kb wrote"):
        restore(other, Settings(home=tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_what_was_here_is_set_aside_whole(tmp_path: Path, base: KnowledgeBase, file: Path) -> None:
    base.remove(1)
    base.close()
    before = everything(base.settings.home)
    restored = restore(file, base.settings, replace=True)
    assert restored.set_aside is not None
    assert everything(restored.set_aside) == before
    assert titles(base.settings.home) == ["een", "twee"]


def test_a_home_that_cannot_be_made_is_one_line(tmp_path: Path, file: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(KnowledgeBaseError, match="set KB_HOME"):
            restore(file, Settings(home=home))
    assert (tmp_path / "file").read_text(encoding="utf-8") == "x"


def test_a_damaged_catalogue_is_not_backed_up_over_a_sound_backup(base: KnowledgeBase, file: Path) -> None:
    whole = file.read_bytes()
    base.close()
    with base.settings.catalogue.open("r+b") as stream:  # the root page of an index, found by its kind
        data = stream.read()
        page = next(at for at in range(4096, len(data), 4096) if data[at] == 10)
        stream.seek(page + 3)
        stream.write(b"\xff\xff\xff\xff")
    with pytest.raises(KnowledgeBaseError, match="catalogue"):
        base.backup(file)
    assert file.read_bytes() == whole


RESTORES = """
import sys
from pathlib import Path
from kb.backup import restore
from kb.settings import Settings
restore(Path(sys.argv[1]), Settings(home=Path(sys.argv[2])), replace=True)
"""


@pytest.mark.parametrize(("number", "after"), [(1, ["twee"]), (2, ["twee"]), (3, ["een", "twee"])])
def test_a_restore_killed_at_any_rename_leaves_the_old_knowledge_base_or_the_new_one(
    base: KnowledgeBase, file: Path, number: int, after: list[str]
) -> None:
    base.remove(1)
    base.close()
    assert killed(RESTORES, "rename", number, str(file), str(base.settings.home))
    assert titles(base.settings.home) == after
