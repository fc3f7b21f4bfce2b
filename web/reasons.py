"""Why two records may be one work, in the language of the interface."""

from __future__ import annotations

from kb.model import Reason
from kb.reasons import worded
from web.wording import gettext


def in_words(reason: Reason) -> str:
    """A reason in the language of the interface."""
    return worded(reason, gettext)
