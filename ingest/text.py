"""Clean text: what a reader found becomes what a person would have typed.

    raw ─► newlines, surrogates, ligatures, invisible characters ─► NFC ─► spaces ─► clean text
    lines of a printed page ─► flow(): words broken at a line end and sentences that run on are whole again

Readers call this before anyone takes an offset, so that a passage is the same characters everywhere. Cleaning is
idempotent. NFC rather than NFKC: compatibility forms (½, ², ™) belong to the text, only ligatures are a matter of print.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

# Ligatures that fonts print for letters, the Dutch ij among them, and the two that Adobe fonts keep in private use.
_LIGATURES = {
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "ﬅ": "st",
    "ﬆ": "st",
    "ĳ": "ij",
    "Ĳ": "IJ",
    "\uf001": "fi",
    "\uf002": "fl",
}
# Wingdings and Symbol come through as private-use characters; these are the ones that office programs put before a line.
_SYMBOLS = {
    "\uf0b7": "•",
    "\uf0a7": "▪",
    "\uf0a8": "▪",
    "\uf06e": "▪",
    "\uf071": "▪",
    "\uf0d8": "➢",
    "\uf076": "❖",
    "\uf0fc": "✓",
    "\uf0e0": "→",
    "\uf0e8": "→",
    "\uf0ae": "→",
    "\uf02d": "–",
}
_NEWLINES = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_SURROGATES = re.compile("[\ud800-\udfff]")
BULLETS = "•▪◦‣●○■□➢❖✓→⁃∙·"
_BULLET = re.compile(rf"(?:[{BULLETS}*o–—-]|\(?\d{{1,3}}[.)]|\(?[a-z][.)])\s")


@cache
def _translation(character: str) -> str:
    """What one character that is not plain text becomes."""
    known = _LIGATURES.get(character) or _SYMBOLS.get(character)
    if known is not None:
        return known
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Co", "Cs") or (category == "Cn" and _is_noncharacter(character)):
        return character if character == "\n" else " " if character in "\t\x1f" else ""
    return character


def _is_noncharacter(character: str) -> bool:
    code = ord(character)
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


class _Translation(dict[int, str]):
    """A table for `str.translate` that works out each character once."""

    def __missing__(self, code: int) -> str:
        value = self[code] = _translation(chr(code))
        return value


_TABLE = _Translation()


def clean(text: str) -> str:
    """The text without control characters, lone surrogates, ligatures, soft hyphens and zero-width characters.

    NFC; one space between words, no space at a line's ends, at most one blank line between blocks, none at either end.
    """
    if _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    text = _NEWLINES.sub("\n", text).replace("\u2029", "\n\n").replace("\xad\n", "")
    if not text.isascii() or not text.isprintable():
        text = unicodedata.normalize("NFC", text.translate(_TABLE))
    text = _SPACES.sub(" ", text)
    text = "\n".join([line.strip() for line in text.split("\n")])
    return _BLANK_LINES.sub("\n\n", text).strip()


def one_line(text: str) -> str:
    """The text, clean, on one line: for titles and names."""
    return " ".join(clean(text).split())


# ---------------------------------------------------------------------------------------------- lines of a printed page

_LETTERS = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_BROKEN = re.compile(r"([^\W\d_]+)[-‐]$")
# Before these a hyphen belongs to the word: e-learning, co-creatie, zelf-evaluatie. Anything that takes no hyphen in
# most words (her-, on-, un-) is not here.
_HYPHENATED = frozenset(
    "e co non semi ex anti pre post mid self well non-native sub multi quasi pseudo niet zelf".split()
)
# "onderzoeks- en onderwijsbeleid": the hyphen replaces the rest of the word.
_SUSPENDED = frozenset("en of and or und".split())
# An address runs to the line's end, and the next line begins with what looks like the rest of one.
_ADDRESS = re.compile(r"(?:https?://|www\.|doi:|\b10\.\d{4,9}/)\S*$")
_ADDRESS_GOES_ON = re.compile(r"[\w%~#]")
_DOTTED = re.compile(r"[\w%~#-]+[./?=&][\w%~#/?=&-]")
_SENTENCE_END = re.compile(r"[.!?:;…][”’\"')\]]*$")
_PARTICLE_ENTRY = re.compile(r"(?:van|de|der|den|ter|ten|te|’t|'t|von|di|da|du|la|le)\s.{0,30}?[A-ZÀ-Þ][^\s,]*,")
_OPEN_END = re.compile(
    r"(?:[,&(/–—]|\b(?:de|het|een|van|en|of|op|met|voor|door|naar|aan|bij|om|te|dat|die|the|a|an|of|and|or|in|to|for|"
    r"with|by|on|at|from|as|that|which))$",
    re.IGNORECASE,
)


def vocabulary(texts: Iterable[str]) -> Counter[str]:
    """How often each word, lower-cased, occurs within a line: decides whether a line-end hyphen is part of a word."""
    words: Counter[str] = Counter()
    for text in texts:
        for line in text.split("\n"):
            words.update(word.lower().replace("‐", "-") for word in _LETTERS.findall(line))
    return words


def flow(lines: Sequence[str], words: Mapping[str, int]) -> list[str]:
    """Lines of a printed page, joined where one clearly runs on into the next; blank lines stay.

    `words` are the document's own (see `vocabulary`). Clearly means: a word is broken with a hyphen; or the line is
    nearly full and the next begins in lower case or the line ends in a word that cannot end one. Lines that begin with
    a bullet, a number or an author keep their line, so that a reference list can still be split.
    """
    joined: list[str] = []
    full = full_length(lines)
    for index, line in enumerate(lines):
        previous = joined[-1] if joined else ""
        if not previous or not line or _BULLET.match(line):
            joined.append(line)
        elif runs_on(lines[index - 1], line, full):
            joined[-1] = mended(previous, line, words)
        else:
            joined.append(line)
    return joined


def full_length(lines: Iterable[str]) -> int:
    """The length of a full line in characters: most are about that, and a footer in small print is longer."""
    lengths = sorted(len(line) for line in lines if line)
    return lengths[int(0.8 * (len(lengths) - 1))] if lengths else 0


def mended(previous: str, line: str, words: Mapping[str, int]) -> str:
    """Two lines that are one: a hyphen at the end of the first goes, stays, or replaces the rest of a word."""
    broken = _BROKEN.search(previous, max(0, len(previous) - 60))
    if _ADDRESS.search(previous, max(0, len(previous) - 300)) and _ADDRESS_GOES_ON.match(line):
        last = previous[-1]
        if last in "/_=?&%-" or ((last != "." or not line[0].isupper()) and _DOTTED.match(line)):
            return previous + line
    compound = previous[-2:-1].isalnum() and previous[-1:] in "-‐" and line[:1].isalnum()
    if not compound:
        return f"{previous} {line}"
    if broken is None:
        return previous + line  # COVID-19
    word = _LETTERS.match(line)
    head, tail = broken.group(1), word.group() if word else ""
    if tail.lower() in _SUSPENDED:
        return f"{previous} {line}"
    return (previous if _keeps_hyphen(head, tail, words) else previous[:-1]) + line


def _keeps_hyphen(head: str, tail: str, words: Mapping[str, int]) -> bool:
    """Whether a word that is broken after `head` has its hyphen within a line too."""
    whole, hyphened = words.get(f"{head}{tail}".lower(), 0), words.get(f"{head}-{tail}".lower(), 0)
    if whole != hyphened:
        return hyphened > whole
    if head.lower() in _HYPHENATED or head.isupper() or tail[:1].isupper():
        return True
    # English ties words with a hyphen where Dutch writes them as one: mixed-mode, but studiekeuze.
    english = words.get("the", 0) > words.get("de", 0)
    return english and all(len(part) > 3 and words.get(part.lower(), 0) > 0 for part in (head, tail))


def runs_on(previous: str, line: str, full: int) -> bool:
    """Whether a line, by its words, is the rest of the one before; `full` is the length of a full line."""
    if line[:1].islower() and _BROKEN.search(previous, max(0, len(previous) - 60)):
        return True
    open_end = _OPEN_END.search(previous, max(0, len(previous) - 20)) is not None
    if open_end and line[:1].islower():
        return True
    if len(previous) < 0.7 * full or len(previous) < 20:
        return False
    if _SENTENCE_END.search(previous, max(0, len(previous) - 20)):
        return False
    if line[:1].islower():
        return not _PARTICLE_ENTRY.match(line)
    return open_end or previous.rfind("(") > previous.rfind(")")
