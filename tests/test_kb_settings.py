"""Settings, as read from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.backup import restore
from kb.bootstrap import open_knowledge_base
from kb.errors import KnowledgeBaseError
from kb.settings import Settings


def test_the_catalogue_is_in_the_home_folder_unless_a_database_is_named(tmp_path: Path) -> None:
    home = {"KB_HOME": str(tmp_path)}
    assert Settings.from_environment(home).catalogue == tmp_path / "catalogue.sqlite"
    elsewhere = tmp_path / "other.sqlite"
    settings = Settings.from_environment({**home, "KB_DATABASE": f"sqlite:///{elsewhere}"})
    assert settings.catalogue == elsewhere
    open_knowledge_base(settings).close()
    assert elsewhere.exists()
    assert not (tmp_path / "catalogue.sqlite").exists()


@pytest.mark.parametrize(
    "url", ["postgresql://keeper:geheim@localhost/kb", "mysql:///kb", "sqlite:///", "catalogue.sqlite"]
)
def test_a_database_of_another_kind_is_refused_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="only SQLite is supported") as refused:
        Settings.from_environment({"KB_HOME": str(tmp_path), "KB_DATABASE": url})
    assert "geheim" not in str(refused.value)


def test_a_backup_is_not_restored_beside_a_database_of_its_own(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home", database=tmp_path / "other.sqlite")
    with pytest.raises(KnowledgeBaseError, match="leave KB_DATABASE out"):
        restore(tmp_path / "backup.tar", settings)


def test_a_title_and_a_logo_are_taken_as_they_are_and_refused_in_one_line(tmp_path: Path) -> None:
    logo = tmp_path / "house.svg"
    logo.write_text("<svg/>", encoding="utf-8")
    settings = Settings.from_environment(
        {"KB_HOME": str(tmp_path), "KB_TITLE": " De  leeskamer ", "KB_LOGO": str(logo)}
    )
    assert (settings.title, settings.logo) == ("De leeskamer", logo)
    assert Settings.from_environment({"KB_HOME": str(tmp_path)}).title is None
    large = tmp_path / "large.png"
    large.write_bytes(b"0" * (256 * 1024 + 1))
    for values, reason in (
        ({"KB_TITLE": "a" * 61}, "at most 60 characters"),
        ({"KB_LOGO": str(tmp_path / "none.svg")}, "a file that is there"),
        ({"KB_LOGO": str(tmp_path / "catalogue.html")}, "with a name in .svg, .png, .webp"),
        ({"KB_LOGO": str(large)}, "larger than 256 KiB"),
    ):
        with pytest.raises(KnowledgeBaseError, match=reason):
            Settings.from_environment({"KB_HOME": str(tmp_path), **values})
