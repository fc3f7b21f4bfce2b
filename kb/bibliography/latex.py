"""Text as BibTeX files write it, in TeX's commands, and as plain characters.

    {\\"o} \\textendash{} \\& $\\alpha$ H\\textsubscript{2}O ─► decoded ─► ö – & α H<sub>2</sub>O          encoded: the way back

Capitals in braces, fonts and quotation commands lose their command and keep their text; a command that is not known stays
as it is written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kb.bibliography.items import clean

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "&": r"\&", "%": r"\%", "_": r"\_",
    "#": r"\#", "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_ESCAPED = str.maketrans(_ESCAPES)
_COMMANDS = {
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~", "textasciicircum": "^",
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "i", "j": "j", "textendash": "–", "textemdash": "—", "ldots": "…", "dots": "…", "textquoteright": "’",
    "textquoteleft": "‘", "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'", "euro": "€",
    "texteuro": "€", "copyright": "©", "textregistered": "®", "texttrademark": "™", "S": "§", "dag": "†", "pounds": "£",
    "thinspace": " ", "guillemotleft": "«", "guillemotright": "»", "textdegree": "°", "LaTeX": "LaTeX", "TeX": "TeX",
}  # fmt: skip
_ACCENTS = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "k": "\u0328", "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
_LATEX = re.compile(
    r"""(?x) \\(?P<mark>["'`^~=.]) \s* (?: \{ \s* (?P<a>\\?\w?) \s* \} | (?P<b>\\[ij](?![a-zA-Z])\s?|[^\W\d_]) )
    | \\(?P<letter>[cvHukrdb]) (?: \s* \{ \s* (?P<c>\\?\w?) \s* \} | \s+ (?P<d>[^\W\d_]) )
    | \\(?P<sign>[&%_#$ {},/;:!-])
    | \\(?P<font>emph|textit|textbf|textrm|textsc|texttt|textsf|textup|mbox|text|uppercase|url|href|enquote)\s*(?=\{)
    | \\(?P<command>[a-zA-Z]+) (?: \s* \{\} | \s+ | (?![a-zA-Z]) )
    | (?P<brace>[{}]) | (?P<tie>~) | (?P<print>---?|``|'')"""
)
_MARKED = re.compile(r"[\\{}~]|--|``|''")
_PRINTED = {"---": "—", "--": "–", "``": "“", "''": "”"}


@lru_cache(maxsize=8192)
def decoded(text: str) -> str:
    """BibTeX's text as plain characters; a command nobody knows stays as it is written."""
    if not _MARKED.search(text):
        return clean(text)
    return clean(_LATEX.sub(_plain, text))


_SIGNS = {"-": "", "/": "", "!": "", ",": " ", ";": " ", ":": " "}


def _plain(found: re.Match[str]) -> str:
    accent = found["mark"] or found["letter"]
    if accent:
        base = next((found[group] for group in "abcd" if found[group]), "").strip()
        base = base.removeprefix("\\")
        return unicodedata.normalize("NFC", base + _ACCENTS[accent]) if base else ""
    if found["sign"]:
        return _SIGNS.get(found["sign"], found["sign"])
    if found["font"] or found["brace"]:
        return ""
    if found["tie"]:
        return " "
    if found["print"]:
        return _PRINTED[found["print"]]
    return _COMMANDS.get(found["command"], found.group())


def encoded(text: str) -> str:
    """Plain characters as BibTeX's text, in UTF-8."""
    text = text.translate(_ESCAPED)
    return re.sub(r"(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?=')", "{}", text)


def verbatim(text: str) -> str:
    """A DOI or address as written in a field."""
    text = re.sub(r"^\\url\s*\{(.*)\}$", r"\1", text.strip())
    text = re.sub(r"\\([&%_#$~])", r"\1", text)
    for sign in "{}\\":
        text = text.replace(_ESCAPES[sign], sign)
    return clean(text)


def braces_only(text: str) -> str:
    return re.sub(r"[{}\\]", lambda found: _ESCAPES[found.group()], text)
