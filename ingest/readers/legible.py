"""How garbled a text is: 0 reads well, 1 is no language.

Five ways in which a PDF's text goes wrong, each a share between 0 and 1; the text is as garbled as the worst of them:

    odd         NUL, control, private-use and replacement characters, of all characters that are not blank, three-fold:
                a tenth of them makes a text unreadable long before half does
    glyphs      characters inside glyph names (`/g12`, `/G3F`, `(cid:7)`, `uni0041`), of all that are not blank
    glued       mean length of words of Latin letters, from 15 (a heading of Dutch compounds; the mean of prose is 5) to 27
    spaced      letters in runs of five or more single letters on a line ("w e l z i j n"), of all letters, from 0.2 to 0.6;
                a column of single letters is an axis or a table
    voiceless   Latin words of four letters or more without a vowel, from 0.2 to 0.6: a font whose letters are numbered
                otherwise ("7KH" for "The")

Measured on the words as they stand, so before cleaning. Texts of under 20 characters that are not blank are judged by
`odd` and `glyphs` alone.
"""

from __future__ import annotations

import re

# A text more garbled than this gets a second reading; one more garbled than that is not kept as text.
DOUBTFUL = 0.08
UNREADABLE = 0.5

_ODD = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uefff\uf200-\uf8ff\ufffd\ufffe\uffff]")
_GLYPHS = re.compile(
    r"/[gGcC]\d{1,5}\b|/[A-Za-z]\d{2,5}(?=/|\s|$)|\(cid:\d+\)|/?uni[0-9A-F]{4}|/[Gg][0-9A-F]{2}\b|/gid\d+"
)
_BLANK = re.compile(r"\s+")
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+")
_SPACED = re.compile(r"(?<!\S)[^\W\d_](?:[ \xa0]{1,3}[^\W\d_]){4,}(?!\S)")
_BULLET_SIGN = re.compile(r"(?m)^[ \t]*[\x7f\x80\x83\x95][ \t]")
_NO_WORD = ("/", "@", "www.", "...", "___", "---", "…")
_VOWEL = re.compile("[aeiouyàáâäåæèéêëìíîïòóôöøùúûüýÿœ]", re.I)


def garble(text: str) -> float:
    """How garbled a text is, from 0 to 1; see the module. Blank text is 0."""
    solid = _BLANK.sub("", text)
    if not solid:
        return 0.0
    # One DEL at a line's start is how pypdf gives a bullet.
    odd = len(_ODD.findall(_BULLET_SIGN.sub("", text))) / len(solid)
    glyphs = sum(len(found) for found in _GLYPHS.findall(text)) / len(solid)
    worst = max(min(1.0, 3 * odd), min(1.0, glyphs))
    return worst if len(solid) < 20 else max(worst, _odd_words(text, len(solid)))


def _odd_words(text: str, solid: int) -> float:
    """How garbled the words of a text of so many characters are, from 0 to 1: spaced out, glued together, without vowels."""
    # Addresses and rows of dots are long without being glued.
    plain = " ".join(token for token in text.split() if not any(sign in token for sign in _NO_WORD))
    words = _WORD.findall(plain)
    letters = sum(map(len, words))
    if not words or letters < 0.5 * solid:
        return 0.0
    spaced = sum((len(run) + 1) // 2 for run in _SPACED.findall(text)) / letters
    worst = max(_ramp(spaced, 0.2, 0.6), _ramp(letters / len(words), 15.0, 27.0))
    long = [word for word in words if len(word) >= 4]
    if len(long) < 10:
        return worst
    voiceless = sum(not _VOWEL.search(word) for word in long) / len(long)
    return max(worst, _ramp(voiceless, 0.2, 0.6))


def worth(text: str) -> float:
    """How much can be read: characters that are not blank, less the garbled ones."""
    return len(_BLANK.sub("", text)) * (1.0 - garble(text))


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
