"""What a deployment decides, read from the environment once, in a door, and passed on as values.

KB_HOME     the folder that holds everything (default: the platform's user data folder)
KB_MODEL    a model folder or name for sentence-transformers (default: the model that kb ships)
KB_MAX_MB   files larger than this are refused (default 200)
KB_CROSSREF a mail address: references may be looked up at Crossref, which is told it (default: never)
KB_LOG      the level from which is logged: debug, info, warning or error (default: warning; info for kb serve)
KB_HOSTS    the names under which the pages may be asked for, separated by commas (default: see kb serve)
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


@dataclass(frozen=True, slots=True)
class Settings:
    """The few things a deployment decides."""

    home: Path
    model: str | None = None
    max_bytes: int = 200 * 1024 * 1024
    crossref: str | None = None
    """The mail address that Crossref is told; None: nothing is ever looked up there."""
    crossref_url: str | None = None
    """Where Crossref answers, when not at its own address."""
    log_level: str | None = None
    """One of LOG_LEVELS; None leaves it to the door."""
    hosts: tuple[str, ...] = ()
    """Names under which the pages may be asked for."""
    token: str | None = field(default=None, repr=False)
    """The secret that allows changes from other machines; None: they may change nothing."""

    @property
    def catalogue(self) -> Path:
        return self.home / "catalogue.sqlite"

    @property
    def originals(self) -> Path:
        return self.home / "originals"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; a value that makes no sense is a KnowledgeBaseError naming the variable."""
        values = os.environ if environment is None else environment
        megabytes = values.get("KB_MAX_MB", "200")
        if not megabytes.isdecimal() or int(megabytes) == 0:
            raise KnowledgeBaseError(f"KB_MAX_MB is {megabytes!r}: set it to a whole number of megabytes, such as 200")
        mail = values.get("KB_CROSSREF", "").strip()
        if mail and not re.fullmatch(r"[^@\s]+@[^@\s]+", mail):
            raise KnowledgeBaseError(f"KB_CROSSREF is {mail!r}: set it to your mail address, or leave it out")
        home = values.get("KB_HOME")
        if not home:
            import platformdirs  # only when nothing was decided

            home = platformdirs.user_data_dir("kb", appauthor=False)
        try:
            folder = Path(home).expanduser().resolve()
        except (OSError, RuntimeError, ValueError) as error:  # nobody's home, or a link that leads round in a circle
            raise KnowledgeBaseError(f"KB_HOME is {home!r} ({error}): set it to a folder you can write to") from error
        return cls(
            home=folder,
            model=values.get("KB_MODEL") or None,
            max_bytes=int(megabytes) * 1024 * 1024,
            crossref=mail or None,
            log_level=_log_level(values.get("KB_LOG", "")),
            hosts=tuple(name.strip() for name in values.get("KB_HOSTS", "").split(",") if name.strip()),
            token=_token(values.get("KB_TOKEN", "")),
        )


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
