"""Conditions: what a query holds besides the words to look for.

    "sense of belonging" -stress author:strayhorn kind:deck year:2019..2023

`kb.language.syntax` reads them off a text; the catalogue admits only passages that meet all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RemarkCode = Literal[
    "unknown-filter", "unknown-exclusion", "unknown-kind", "not-a-year", "empty", "open-quote", "nothing-to-look-for",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remark:
    """A part of a query that was not understood: a code, worded by the doors, and the part as it was typed."""

    code: RemarkCode
    part: str = ""


@dataclass(frozen=True, slots=True)
class Years:
    """A range of years, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions that a passage meets, all of them; of several kinds or ranges of years, any one."""

    typed: str = ""
    """The whole query as it was typed."""
    phrases: tuple[str, ...] = ()
    """In the passage word for word; case and accents apart."""
    excluded: tuple[str, ...] = ()
    """Words and phrases that are not in the passage."""
    authors: tuple[str, ...] = ()
    """Words of a name; each is that of an author or speaker of the document."""
    kinds: tuple[str, ...] = ()
    years: tuple[Years, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def confining(self) -> bool:
        """Whether any passage may fail them."""
        return bool(self.phrases or self.excluded or self.authors or self.kinds or self.years)


NO_CONDITIONS = Conditions()
