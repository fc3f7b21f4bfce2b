"""Text as BibTeX files write it, in TeX's commands, and as plain characters.

    {\\"o} \\textendash{} \\& $\\alpha_1$ H\\textsubscript{2}O ─► decoded ─► ö – & α₁ H₂O          encoded: the way back

Capitals in braces, fonts and colours lose their command and keep their text; quotation commands become marks. Sub- and
superscripts and mathematics become Unicode where it has the characters, else the plain text inside. A command without
argument that is not known stays as it is written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kb.bibliography.items import clean
from kb.bibliography.tex_symbols import ACCENTS, COMMANDS, DECLARATIONS, FORMS, QUOTES, subscript, superscript

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "&": r"\&", "%": r"\%", "_": r"\_",
    "#": r"\#", "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_ESCAPED = str.maketrans(_ESCAPES)
_MARKED = re.compile(r"[\\{}~$]|--|``|''")
_PRINTED = {"---": "—", "--": "–", "``": "“", "''": "”", "~": " "}
_UNIT = re.compile(r"\\[a-zA-Z]+\*?|\\&amp;|\\.|---?|``|''|[{}$^_~]|[^\\{}$^_~`'-]+|.", re.DOTALL)
_SIGNS = {"-": "", "/": "", "!": "", "@": "", ",": " ", ";": " ", ":": " ", "\\": " ", "|": "‖", ")": "",
          "[": "", "]": "", "\n": " ", "\t": " ", "&amp;": "&"}  # fmt: skip
"""What a command of one sign prints; `\\&`, `\\%` and the like print the sign."""
_SELF = frozenset("&%_#${} ")
_LIKE_MATHS = re.compile(r"(?!\s)(?:(?!\d)(?:[^$\\]|\\.)*(?<!\s)\$|\d(?:[^$\\]|\\.)*(?<!\s)\$(?!\d))", re.DOTALL)
"""What follows a dollar sign that opens mathematics; "$5 to $10" is money."""
_ACCENTED = re.compile(r"\s*(?:[{\\]|[^\W\d_])")
_SCRIPTS = {
    "^": superscript, "_": subscript, "textsuperscript": superscript, "mkbibsuperscript": superscript,
    "textsubscript": subscript, "mkbibsubscript": subscript, "mathsuperscript": superscript,
}  # fmt: skip
_DEEPEST = 40
"""Groups within groups that are read; a text with more of them is no title."""


@lru_cache(maxsize=8192)
def decoded(text: str) -> str:
    """BibTeX's text as plain characters; a command nobody knows stays as it is written."""
    if not _MARKED.search(text):
        return clean(text)
    return clean(_Reader(text).read())


class _Reader:
    """Reads TeX token by token, and gives what it prints."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def read(self, end: str = "", *, maths: bool = False) -> str:
        """The text up to the token `end`, which is passed, or up to the end."""
        printed: list[str] = []
        while unit := self._next():
            if unit == end:
                break
            printed.append(self._printed(unit, maths=maths))
        return "".join(printed)

    def _next(self) -> str:
        found = _UNIT.match(self._text, self._at)
        if not found:
            return ""
        self._at = found.end()
        return found.group()

    def _printed(self, unit: str, *, maths: bool) -> str:
        """What a token prints, with the arguments behind it."""
        if unit == "{":
            return self._group(maths=maths)
        if unit[0] == "\\" and len(unit) > 1:
            return self._command(unit[1:], maths=maths)
        if unit == "$":
            return self._mathematics()
        if maths and unit in _SCRIPTS:
            return _SCRIPTS[unit](self._argument(maths=True))
        if maths:
            return unit.replace("''", "″").replace("'", "′").replace("~", " ")
        return "" if unit == "}" else _PRINTED.get(unit, unit)

    def _group(self, *, maths: bool) -> str:
        if self._depth > _DEEPEST:
            return ""  # the braces go, what is in them is read as if there were none
        self._depth += 1
        inside = self.read("}", maths=maths)
        self._depth -= 1
        return inside

    def _mathematics(self) -> str:
        """The formula behind a dollar sign; the sign itself when none is."""
        if self._text.startswith("$", self._at):  # $$ … $$, or an empty formula
            self._at += 1
            return ""
        return self.read("$", maths=True) if _LIKE_MATHS.match(self._text, self._at) else "$"

    def _argument(self, *, maths: bool = False) -> str:
        """The argument of a command: a group, else one letter or command."""
        self._skip(r"\s*")
        if self._text.startswith(("{", "\\"), self._at) and self._depth <= _DEEPEST:
            self._depth += 1
            argument = self._printed(self._next(), maths=maths)
            self._depth -= 1
            return argument
        letter = self._text[self._at : self._at + 1]
        self._at += len(letter)
        return letter

    def _skip(self, pattern: str) -> str:
        found = re.compile(pattern).match(self._text, self._at)
        if not found:
            return ""
        self._at = found.end()
        return found.group()

    def _command(self, name: str, *, maths: bool) -> str:
        if name in ACCENTS and self._has_accented():
            return _accented(self._argument(maths=maths), ACCENTS[name])
        if name == "(":
            return self.read("\\)", maths=True)
        if not name[0].isalpha():
            return name if name in _SELF else _SIGNS.get(name, f"\\{name}")
        name = name.rstrip("*")
        if name == "url":
            return verbatim(self._raw_argument())
        if name == "ensuremath":
            return self._argument(maths=True)
        if name in _SCRIPTS:
            return _SCRIPTS[name](self._argument(maths=maths))
        if name in QUOTES:
            return _quoted(self._argument(maths=maths))
        if name == "ce":
            return re.sub(r"(?<=[A-Za-z)\]])\d+", lambda found: subscript(found.group()), self._argument(maths=True))
        return self._other_command(name, maths=maths)

    def _has_accented(self) -> bool:
        """Whether a letter follows that the accent is on."""
        return bool(_ACCENTED.match(self._text, self._at))

    def _other_command(self, name: str, *, maths: bool) -> str:
        has_argument = self._text.startswith("{", self._at) and not self._text.startswith("{}", self._at)
        if name in COMMANDS:
            space = self._skip(r"\s*\{\}|\s+")
            is_relation = maths and not COMMANDS[name].isalpha()
            return COMMANDS[name] + (" " if is_relation and space.isspace() else "")
        if name in FORMS and has_argument:
            self._skip(r"\[[^\]]*\]")
            arguments = [self._raw_argument() if name == "href" else self._argument(maths=maths)]
            if "{1}" in FORMS[name]:
                arguments.append(self._argument(maths=maths))
            return FORMS[name].format(*arguments)
        if name in DECLARATIONS:
            self._skip(r"\s+")
            return ""
        return self._unknown_command(name, maths=maths)

    def _unknown_command(self, name: str, *, maths: bool) -> str:
        """The argument of a command that is not known, a font for one; its name in mathematics; else as it is written."""
        space = self._skip(r"\s*(?=\{[^}])")
        if self._text.startswith("{", self._at) and not self._text.startswith("{}", self._at):
            return self._argument(maths=maths)
        return name if maths else f"\\{name}{space}"

    def _raw_argument(self) -> str:
        """The text of a group as it is written: an address."""
        start = self._at
        self._skip(r"\s*\{")
        inside, depth = self._at, 1
        while depth and (unit := self._next()):
            depth += (unit == "{") - (unit == "}")
        return self._text[inside : self._at - (depth == 0)] if inside > start else ""


def _accented(text: str, accent: str) -> str:
    return unicodedata.normalize("NFC", text[:1] + accent + text[1:]) if text.strip() else ""


def _quoted(text: str) -> str:
    return "“" + text.translate(str.maketrans("“”", "‘’")) + "”"


def encoded(text: str) -> str:
    """Plain characters as BibTeX's text, in UTF-8."""
    text = text.translate(_ESCAPED).replace(r"\&amp;", r"\&{}amp;")
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
