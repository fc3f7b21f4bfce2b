"""Names in citations: which text is a list of names, and which part of a printed name is the family name.

"Hurtado & Carter" ─► people ─► Hurtado, Carter          "Inspectie van het Onderwijs" ─► people ─► one institution
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ingest.citations.candidate import NameList
from ingest.citations.grammar import AND, MORE, NAME
from ingest.citations.words import is_no_name
from ingest.grammar import INITIALS, UPPER
from kb.bibliography import fold, is_institution
from kb.bibliography.names import PARTICLES, bare

_MORE_AT_END = re.compile(rf"(?:{MORE}|,? e\.a)\.?$")
_SEPARATOR = re.compile(rf"{AND}|,\s+")
_LONGEST = 160
"""A text of more characters than this is no list of names."""
_SMALL_WORDS = "van|voor|de|het|der|den|en|of|for|the|and|in|op|aan|ten|on|to|&|'t|i\\.o\\."
_INSTITUTION_WORD = re.compile(rf"(?:{_SMALL_WORDS}|{UPPER}[\w.&'’/-]*|[a-z]{{1,4}}|[a-z]+-{UPPER}?[\w-]*),?")


class KnownNames:
    """Names of cited authors and institutions that are known from elsewhere: a reference list, other citations."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = tuple(names)
        self._folded = {fold(name) for name in names}
        self._bare = {bare(name) for name in self._folded}
        self._acronyms = {initials_of(name).lower() for name in names if " " in name}
        # Longest first, so that a name within another is not taken for it.
        long = sorted((name for name in names if is_institution(name) and len(name.split()) > 2), key=len, reverse=True)
        alternatives = "|".join(r"\s+".join(re.escape(word) for word in name.split()) for name in long)
        self._long = re.compile(rf"(?<![\w'’-])({alternatives})\s*$") if long else None

    def __contains__(self, name: str) -> bool:
        """Whether a name is known, with or without its particles, or as an acronym."""
        folded = fold(name)
        return bool(folded) and (
            folded in self._folded or bare(folded) in self._bare or (name.isupper() and folded in self._acronyms)
        )

    def has_whole(self, name: str) -> bool:
        """Whether a name is known exactly as printed, particles included."""
        return fold(name) in self._folded

    def at_end_of(self, text: str) -> tuple[int, str] | None:
        """The longest known institution of several words that a text ends with, and where it starts."""
        match = self._long.search(text) if self._long else None
        return (match.start(1), " ".join(match[1].split())) if match else None

    def __bool__(self) -> bool:
        return bool(self._folded)


def initials_of(text: str) -> str:
    """The first letters of a text's capitalised words."""
    return "".join(word[0] for word in re.findall(r"[^\W\d_]+", text) if word[0].isupper())


def people(text: str, known: KnownNames) -> NameList | None:
    """The names of a text that holds nothing but names; None when it holds anything else."""
    head, more = _without_more(re.sub(r"\s+", " ", text).strip(" ,:“”\"'‘’"))
    if not _may_be_names(head):
        return None
    if known.has_whole(head):
        return NameList((head,), more)
    parts = [part for part in _SEPARATOR.split(head) if part.strip()]
    if _opens_with_acronym(parts, known):
        parts, head = parts[1:], head[len(parts[0]) :].lstrip(" ,")
    are_names = all(re.fullmatch(NAME, part) for part in parts)
    if are_names and len(parts) > 1 and _are_families(parts, known) and not _is_one_institution(head, parts):
        return NameList(_families(parts, known), more)
    if is_printed_institution(head):
        return NameList(_institutions(head), more)
    if are_names and not all(is_no_name(part) and part not in known for part in parts):
        return NameList(_families(parts, known), more)
    return None


def _without_more(head: str) -> tuple[str, bool]:
    """A text without "et al.", an institution's short form or a genitive at its end, and whether "et al." was there."""
    more = _MORE_AT_END.search(head)
    if more:
        head = head[: more.start()].strip(" ,")
    head = re.sub(r"\s*[(\[][A-Za-z&-]{2,12}[)\]]$", "", head)
    return (head, True) if more else (re.sub(r"['’]s$", "", head), False)


def _may_be_names(head: str) -> bool:
    """Whether a text has no sign that names do not have."""
    if not head or len(head) > _LONGEST or re.search(r"[·•|]", head):
        return False
    return not re.search(r"[.?!:]\s+[a-z]|\d|[?!:;/=<>@#%]", re.sub(INITIALS, "", head))


def _opens_with_acronym(parts: list[str], known: KnownNames) -> bool:
    """Whether the first part is what the citation is for: "(ESDA, Anselin, 1999)"."""
    return (
        len(parts) > 1
        and parts[0].isupper()
        and parts[0] not in known
        and all(part in known for part in parts[1:])
    )  # fmt: skip


def _families(parts: list[str], known: KnownNames) -> tuple[str, ...]:
    return tuple(family(part, known) for part in parts)


def _are_families(parts: list[str], known: KnownNames) -> bool:
    return all(len(family(part, known).split()) == 1 or part in known for part in parts)


def _institutions(head: str) -> tuple[str, ...]:
    """One institution, or several joined by an ampersand."""
    joined = re.split(r",?\s+&\s+", head)
    if len(joined) > 1 and all(is_institution(part) for part in joined):
        first = joined[0].split(", ")
        return (*(first if all(map(is_institution, first)) else joined[:1]), *joined[1:])
    return (re.sub(r"^(?:de|het|the)\s+", "", head),)


def _is_one_institution(head: str, parts: list[str]) -> bool:
    """Whether "Sociaal en Cultureel Planbureau" is one name: its last part is an institution's, its first no family's."""
    return is_institution(head) and (
        (is_institution(parts[-1]) and len(parts[-1].split()) > 1)
        or bool(re.match(r"(?i)ministerie|raad\b|inspectie|vereniging", head))
    )


def is_printed_institution(head: str) -> bool:
    """Whether a text is the name of an institution and nothing more."""
    if not re.match(rf"^(?:[a-z]{{1,4}}\s)?{UPPER}", head) or not is_institution(head):
        return False
    words = head.split()
    return len(words) <= 14 and all(_INSTITUTION_WORD.fullmatch(word) for word in words)


def family(name: str, known: KnownNames) -> str:
    """The family name in a printed name: without initials, and without a given name unless the whole is known."""
    name = re.sub(rf"^{INITIALS}\s+|['’]s$", "", name.strip())
    words = name.split()
    if known.has_whole(name) or len(words) == 1 or words[0].lower() in PARTICLES:
        return name
    for at in range(1, len(words)):
        rest = " ".join(words[at:])
        if rest in known or known.has_whole(rest) or words[at].lower() in PARTICLES:
            return rest
    return name
