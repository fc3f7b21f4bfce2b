"""Settings of a deployment, read from the environment once, in a door, and passed on as values.

KB_HOME     the folder that holds everything (default: the platform's user data folder)
KB_DATABASE the catalogue's database as a URL: sqlite:////path/to/file (default: catalogue.sqlite in KB_HOME)
KB_MODEL    a model folder or name for sentence-transformers (default: the model that kb ships)
KB_MAX_MB   files larger than this are refused (default 200)
KB_TRASH_DAYS  days for which removed documents and replaced versions can be brought back (default 30)
KB_OCR      off: pages that are only pictures are never read with text recognition (default: on where tesseract is installed)
KB_RERANK   off: the best passages are not put in a new order by their word pieces, which are then not kept (default: on)
KB_CROSSREF a mail address: references may be looked up at Crossref, to which it is sent (default: never)
KB_LOG      the level from which is logged: debug, info, warning or error (default: warning; info for kb serve)
KB_HOSTS    the names under which the pages may be asked for, separated by commas (default: see kb serve)
KB_TITLE    the name of the collection, on every page (default: Knowledge base)
KB_LOGO     a picture beside that name: an .svg, .png or .webp file (default: that of kb)
KB_TOKEN    a secret that allows changes from other machines (default: only this machine may change anything)
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kb.errors import KnowledgeBaseError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SHORTEST_TOKEN = 16
LONGEST_TITLE = 60
LOGOS = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
"""Media types of logos, by the end of their names."""
LARGEST_LOGO = 256 * 1024
"""Bytes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a deployment."""

    home: Path
    database: Path | None = None
    """The SQLite file of the catalogue, when it is not `catalogue.sqlite` in `home`."""
    model: str | None = None
    max_bytes: int = 200 * 1024 * 1024
    trash_days: int = 30
    """Days for which removed documents and replaced versions can be brought back."""
    recognition: bool = True
    """Whether pages that are only pictures are read with text recognition, where tesseract is installed."""
    reranking: bool = True
    """Whether the best passages are put in a new order by their word pieces, where the encoder allows it."""
    crossref: str | None = None
    """The mail address that is sent to Crossref; None: nothing is ever looked up there."""
    crossref_url: str | None = None
    """The address of Crossref's API, when not its own."""
    log_level: str | None = None
    """One of LOG_LEVELS; None leaves it to the door."""
    hosts: tuple[str, ...] = ()
    """Names under which the pages may be asked for."""
    token: str | None = field(default=None, repr=False)
    """The secret that allows changes from other machines; None: they may change nothing."""

    title: str | None = None
    """The name of the collection; None for that of the program in the reader's language."""
    logo: Path | None = None

    @property
    def catalogue(self) -> Path:
        """The SQLite file of the catalogue."""
        return self.database or self.home / "catalogue.sqlite"

    @property
    def originals(self) -> Path:
        return self.home / "originals"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises a KnowledgeBaseError that names the variable for a value that cannot be used."""
        values = os.environ if environment is None else environment
        home = values.get("KB_HOME")
        if not home:
            import platformdirs  # start-up cost: only when KB_HOME is not set

            home = platformdirs.user_data_dir("kb", appauthor=False)
        return cls(
            home=_folder("KB_HOME", home),
            database=_database(values.get("KB_DATABASE", "")),
            model=values.get("KB_MODEL") or None,
            max_bytes=_megabytes(values.get("KB_MAX_MB", "200")) * 1024 * 1024,
            trash_days=_trash_days(values.get("KB_TRASH_DAYS", "30")),
            recognition=_switch("KB_OCR", values.get("KB_OCR", "")),
            reranking=_switch("KB_RERANK", values.get("KB_RERANK", "")),
            crossref=_mail(values.get("KB_CROSSREF", "")),
            log_level=_log_level(values.get("KB_LOG", "")),
            hosts=tuple(name.strip() for name in values.get("KB_HOSTS", "").split(",") if name.strip()),
            token=_token(values.get("KB_TOKEN", "")),
            title=_title(values.get("KB_TITLE", "")),
            logo=_logo(values.get("KB_LOGO", "")),
        )


def _megabytes(value: str) -> int:
    if not value.isdecimal() or int(value) == 0:
        raise KnowledgeBaseError(f"KB_MAX_MB is {value!r}: set it to a whole number of megabytes, such as 200")
    return int(value)


def _mail(value: str) -> str | None:
    """The mail address of KB_CROSSREF; None when it is not set."""
    mail = value.strip()
    if mail and not re.fullmatch(r"[^@\s]+@[^@\s]+", mail):
        raise KnowledgeBaseError(f"KB_CROSSREF is {mail!r}: set it to your mail address, or leave it out")
    return mail or None


def _switch(variable: str, value: str) -> bool:
    """A setting that is on or off; on when it is not set."""
    if value.strip().lower() not in ("", "on", "off"):
        raise KnowledgeBaseError(f"{variable} is {value!r}: set it to on or off, or leave it out")
    return value.strip().lower() != "off"


def _database(value: str) -> Path | None:
    """The file that KB_DATABASE names; None when it is not set. Its value may hold a password and is not repeated."""
    url = value.strip()
    if not url:
        return None
    scheme, _, path = url.partition(":///")
    if scheme != "sqlite" or not path:
        scheme = re.split(r"[^\w+]", url)[0]
        raise KnowledgeBaseError(
            f"KB_DATABASE names a database of the kind {scheme!r}: only SQLite is supported, as sqlite:////path/to/file;"
            " or leave it out to keep the catalogue in KB_HOME"
        )
    return _folder("KB_DATABASE", path)


def _folder(variable: str, value: str) -> Path:
    """A path of a variable, absolute."""
    try:
        path = Path(value).expanduser().resolve()
        if path.is_symlink():  # Python 3.13 resolves a loop of links to one of them
            raise OSError("a loop of links")
        return path
    except (OSError, RuntimeError, ValueError) as error:  # an unknown user, or a loop of links
        raise KnowledgeBaseError(f"{variable} is {value!r} ({error}): set it to a path you can write to") from error


def _trash_days(value: str) -> int:
    if not value.isdecimal() or len(value) > 5:
        raise KnowledgeBaseError(f"KB_TRASH_DAYS is {value!r}: set it to a whole number of days, such as 30")
    return int(value)


def _title(value: str) -> str | None:
    title = " ".join(value.split())
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise KnowledgeBaseError(f"KB_TITLE is {title[:80]!r}: set it to a name of at most {LONGEST_TITLE} characters")
    return title or None


def _logo(value: str) -> Path | None:
    """The file of KB_LOGO, which must be a picture of at most LARGEST_LOGO bytes; None when it is not set."""
    if not value.strip():
        return None
    path = _folder("KB_LOGO", value.strip())
    if path.suffix.lower() not in LOGOS or not path.is_file():
        raise KnowledgeBaseError(
            f"KB_LOGO is {value!r}: set it to a file that is there, with a name in {', '.join(LOGOS)}"
        )
    if path.stat().st_size > LARGEST_LOGO:
        raise KnowledgeBaseError(f"the logo {path} is larger than {LARGEST_LOGO // 1024} KiB: make it smaller")
    return path


def _log_level(value: str) -> str | None:
    """The level of KB_LOG in capitals; None when it is not set."""
    level = value.strip().upper()
    if level and level not in LOG_LEVELS:
        choices = ", ".join(LOG_LEVELS).lower()
        raise KnowledgeBaseError(f"KB_LOG is {value!r}: set it to one of {choices}, or leave it out")
    return level or None


def _token(value: str) -> str | None:
    """The secret of KB_TOKEN; a short one could be guessed and is refused."""
    token = value.strip()
    if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable()):
        raise KnowledgeBaseError(
            f"KB_TOKEN must be at least {SHORTEST_TOKEN} ASCII characters: `python3 -c 'import secrets; "
            "print(secrets.token_urlsafe())'` prints a good one"
        )
    return token or None
