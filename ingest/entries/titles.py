"""Titles: where the title of an entry ends, and the brackets behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest.entries.patterns import (
    ABBREVIATED,
    GENRES,
    JOURNAL,
    JOURNAL_WORDS,
    OPENS_AFTER_TITLE,
    PLACES,
    PUBLISHERS,
    SMALL_JOURNAL,
)
from ingest.grammar import UPPER

_QUOTED = re.compile(
    r"^(?:[“\"](?=[^‘])|‘(?=[^’]))(?P<title>.+?)[.,]?[”\"’][.,]?\s+(?=[A-Z(]|in\s[A-Zd]|$)(?P<rest>.*)$"
)
_IN_EDITED_BOOK = re.compile(
    r"^(?P<title>[^()]{3,300}?)(?:\.,|,)\s(?P<rest>in:?\s(?=[A-Z]|[Dd]e\s).*\b(?:[Ee]ds?|[Rr]eds?)\b.*)$"
)
"""`Title., in Book, eds. A. Names (Place: Publisher), 2–3`: the book that a title appeared in, with its editors."""
_ADDITION = re.compile(
    r"(?i)\b(?:eds?\.|edition|red\.|druk\b|editie|vol\.|dl\.|deel \d|pp?\.|blz|version|versie|no\.|nr\."
    r"|trans\.|vert\.|vertal|isbn|report|rapport)"
)
_BRACKET_AT_END = re.compile(r"\s*(\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\])\s*\.?\s*$")
_LONGEST_GENRE = 120


@dataclass(frozen=True, slots=True)
class Split:
    """A title, and the text behind it."""

    title: str
    rest: str


def split_title(text: str) -> Split:
    """A title and what follows it: the title ends with the first sentence that a place of appearance can follow."""
    quoted = _QUOTED.match(text)
    if quoted and not re.match(r"^(?!in\s)[:–—a-z]", quoted["rest"]):
        return Split(quoted["title"], quoted["rest"])
    if in_book := _IN_EDITED_BOOK.match(text):
        return Split(in_book["title"], in_book["rest"])
    depth = 0
    for at, sign in enumerate(text):
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth = max(0, depth - 1)
            if sign == ")" and depth == 0 and re.match(rf"\){UPPER}", text[at : at + 2]):
                return Split(text[: at + 1], text[at + 1 :])
        is_inside_bracket = depth and at < len(text) - 1
        if sign in ".?!…" and not is_inside_bracket and (split := _split_at(text, at)):
            return split
    return Split(text, "")


def _split_at(text: str, at: int) -> Split | None:
    """The title that ends with the sign at a place; None when it goes on."""
    sign, follows = text[at], text[at + 1 :]
    if not follows.strip():
        return Split(text[:at] if sign == "." else text[: at + 1], "")
    ends_word = follows[0].isspace() or (follows[0] in "”\"'’)" and follows[1:2].isspace())
    after = follows.lstrip("”\"'’) ").lstrip()
    if not ends_word or not (_full_stop_ends(text[:at], after) if sign == "." else _question_ends(after)):
        return None
    cut = at if sign == "." else at + 1
    return Split(text[:cut] + ("”" if follows[:1] == "”" else ""), after)


def _full_stop_ends(before: str, after: str) -> bool:
    """Whether a full stop between two texts ends the title."""
    opens = OPENS_AFTER_TITLE.match(after) or SMALL_JOURNAL.match(after)
    return bool(opens) and not _is_abbreviation(before) and not _has_second_sentence(after)


def _has_second_sentence(after: str) -> bool:
    """Whether a title goes on: a journal with its numbers comes, but after another sentence of several words."""
    for at, segment in enumerate(re.split(r"\.\s+(?=[A-Z])", after)[:4]):
        if re.search(r",\s*\d|[()\[\]]|^In\s|https?:", segment):
            if at > 0 and re.match(r"In:?\s[A-Z]", segment):
                return True
            has_issue = bool(re.search(r",\s*\d{1,4}\s?\([\d–-]+\)", segment))
            return at > 0 and has_issue and bool(JOURNAL.match(segment.rstrip(" .")))
        if JOURNAL_WORDS.search(segment):
            return False
        is_sentence = len(segment.split()) >= 3 and re.search(r"\s[a-z]{2,}\s", f"{segment} ")
        if not is_sentence and not re.fullmatch(r"[IVX]{1,4}", segment):
            return False
    return False


def _is_abbreviation(before: str) -> bool:
    """Whether the full stop behind this belongs to its last word; in "with R." it does not."""
    before = before[-40:]
    return bool(ABBREVIATED.search(before)) and not re.search(
        r"\b(?:in|with|for|using|and|of|to|the|met|voor|en)\s[A-Z]$", before
    )


def _question_ends(after: str) -> bool:
    """Whether a question or exclamation ends the title: a container follows it, or the last sentence of the entry."""
    if not re.match(rf"^(?:{UPPER}|In\s)", after):
        return False
    first, _, rest = after.partition(". ")
    return first.startswith("In ") or not rest.strip(" .") or bool(JOURNAL.match(first.rstrip(".")))


def split_place(title: str) -> Split:
    """A title that runs into its publisher, from the publisher: "…, Utrecht: Boom", "…, OECD Publishing, Paris"."""
    if match := re.match(rf"^(?P<title>.+?),\s(?P<place>{PLACES}(?:,\s\w\w)?:\s[^:]+)$", title):
        return Split(match["title"], match["place"])
    match = re.match(rf"^(?P<title>.+?),\s(?P<publisher>[^,]+),\s{PLACES}\.?$", title)
    if match and PUBLISHERS.search(match["publisher"]):
        return Split(match["title"], match["publisher"])
    return Split(title, "")


@dataclass(frozen=True, slots=True)
class BareTitle:
    """A title without the brackets behind it, and what those held: edition, volume, pages, editors; and the genre."""

    title: str
    additions: list[str] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)


def without_brackets(title: str) -> BareTitle:
    """A title from the brackets behind it that hold an edition, volume, pages, number, editors or genre."""
    bare = BareTitle(title)
    while match := _BRACKET_AT_END.search(title):
        inner = match[1][1:-1]
        if match[1].startswith("["):
            if not GENRES.search(inner) or len(inner) > _LONGEST_GENRE:
                break
            bare.genres.append(inner)
        elif _ADDITION.search(inner):
            bare.additions.append(inner)
        else:
            break
        title = title[: match.start()]
    return BareTitle(title, bare.additions, bare.genres)
