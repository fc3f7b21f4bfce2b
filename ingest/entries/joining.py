"""The lines of an entry as one line: words cut at a line's end whole again, addresses without the break in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.entries.lines import LINK, Line
from ingest.entries.openings import OPENING, SAME_AUTHOR, label, opening
from ingest.grammar import BULLET, LOWER

LONGEST = 16_000
"""The lines of an entry with more characters than this are put together as they are: it is no entry."""


def joined(entry: Sequence[Line]) -> str:
    """The lines of an entry as one line: words cut at a line's end whole again, addresses without the break in them."""
    if sum(len(line.text) for line in entry) > LONGEST:
        return " ".join(line.text for line in entry)
    text = ""
    for line in entry:
        part = BULLET.sub("", line.text, count=1) if not text and not SAME_AUTHOR.match(line.text) else line.text
        if not text:
            text = part
        elif _cut_word(text, part):
            text = text[:-1] + part
        elif re.match(r"[\w)][-‐\u00ad]$", text[-2:]):
            text = text.rstrip("\u00ad") + part
        elif is_cut_link(text, part):
            text += part
        else:
            text = f"{text} {part}"
    text = re.sub(r"(?<!\s)\s+([\u0300-\u036f])", r"\1", text)  # an accent that the page put beside its letter
    return _mended(re.sub(r"(?<=\d)([–-])\s(?=\d)", r"\1", text))


def _mended(text: str) -> str:
    """Addresses whole again that a reader of the page joined over two lines with a space between."""
    words = text.split(" ")
    whole = words[:1]
    for at, word in enumerate(words[1:], 1):
        if _continues_address(whole[-1], word, is_last=at == len(words) - 1):
            whole[-1] += word
        else:
            whole.append(word)
    return " ".join(whole)


def _continues_address(address: str, word: str, is_last: bool) -> bool:
    """Whether a word behind a blank is the rest of the address before it."""
    if not (LINK.search(address) or re.search(r"(?i)^\W*https?:$", address)):
        return False
    if address.endswith(")") and re.fullmatch(r"[\d-]{4,}\.?|\d+\[.*", word):
        return True
    has_sign_of_address = bool(re.search(r"[/_=?&#\d]|\w\.\w", word))
    may_end_it = is_last and (address.endswith("_") or word.rstrip(".").islower())
    is_open = address.endswith(("/", "_", "=", "&", "%", ".", "-", ":"))
    return is_open and (has_sign_of_address or may_end_it) and is_cut_link(address, word)


def _cut_word(text: str, part: str) -> bool:
    """Whether a hyphen at a line's end was put there to cut a word; it stays behind a word that often takes one."""
    found = re.search(rf"(?<!{LOWER})({LOWER}{{1,30}})-$", text[-40:])
    return (
        bool(found)
        and bool(re.match(LOWER, part))
        and not LINK.search(text.rsplit(maxsplit=1)[-1])
        and found is not None
        and found[1] not in _HYPHENATES
    )


_REST = re.compile(r"(?:[^\W_]|[()])*[./_=#?&-][\w./#?=&%()-]+")
"""The rest of an address: it holds a sign of one. What comes before the first sign holds none, so that no part is tried twice."""

_HYPHENATES = frozenset(
    """self non well long short near high low open data large small full half cross multi peer student problem project
    evidence community computer web first second third year one two mixed follow meta post pre co re semi under over
    race work school face live step time""".split()
)


def is_rest_of_link(text: str, line: str) -> bool:
    """Whether a line opens with the rest of the address that the line above it broke off."""
    first = line.split(maxsplit=1)[0]
    return bool(text) and is_cut_link(text, line) and (first == line or bool(re.search(r"[/_=?&]|\w\.\w|\d", first)))


def is_cut_link(text: str, part: str) -> bool:
    """Whether an address goes on in the next line."""
    last = text.rsplit(maxsplit=1)[-1]
    first = part.split(maxsplit=1)[0]
    if last.lower() in {"https:", "http:"} and first.startswith("//"):
        return True
    if not LINK.search(last) and not re.search(r"(?i)(?:doi:|doi\.org/)10\.$", last):
        return False
    if last.endswith(("/", "_", "-", "=", "?", "&", "%", ":", "doi.", "10.")):
        return True
    if last.endswith("."):  # a full stop, unless what follows cannot open a sentence
        return bool(re.match(r"^[\w-]+(?:\.[\w-]+)*/\S+$", first)) or (
            bool(re.match(r"^(?:\d|[a-z])[\w./#?=&%()-]*$", first))
            and not re.match(r"^(?:van|via|from|de|het)$", first)
        )
    return bool(_REST.fullmatch(first)) and not first.lower().startswith(("http", "www"))


def split_after_links(line: Line) -> list[Line]:
    """A line that holds the end of one entry and the start of the next, cut behind the address between them."""
    words = list(re.finditer(r"\S+", line.text))
    ends_of_links = [
        following.start()
        for word, following in pairwise(words)
        if re.search(r"(?:https?://|doi:|www\.)\S", word.group())
    ]
    openings = {at: line.text[at : at + OPENING] for at in ends_of_links}
    cuts = [0, *(at for at, text in openings.items() if opening(text) or label(text))]
    parts = [(a, line.text[a:b].rstrip()) for a, b in zip(cuts, [*cuts[1:], len(line.text)], strict=True)]
    return [
        Line(line.number, line.start + a, line.start + a + len(text), text, line.after_empty and not a)
        for a, text in parts
    ]
