"""Sentences: where each sentence or bullet of a text starts and ends.

On slides each line often stands by itself, in a PDF a sentence runs over many lines, and abbreviations have stops of
their own. What is embedded, marked on a page and quoted in an answer is cut by this one rule, so that it is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.model import Span

_ABBREVIATIONS = frozenset(
    """a.d.h.v. aant. afb. afd. al. approx. art. bijv. bijz. blz. bv. ca. cf. chap. d.m.v. d.w.z. dhr. diss. dpt. dr.
    drs. e.a. e.d. e.g. ed. eds. eng. enz. et.al. etc. evt. excl. ff. fig. figs. gem. i.c. i.e. i.h.b. i.p.v.
    i.s.m. i.v.m. ibid. incl. ing. ir. jr. m.a.w. m.b.t. m.b.v. m.i.v. m.n. m.u.v. max. mevr. min. mr. mrs. ms.
    mw. n.a.v. n.b. ned. nl. no. nr. nrs. o.a. o.b.v. o.i.d. o.l.v. o.m. op.cit. p. p.p. par. pp. prof. red.
    resp. sec. sr. st. t.a.v. t.b.v. t.o.v. t/m tab. tel. u.s. univ. v.a. v.d. vgl. viz. vol. vs. w.o. z.d. z.g.
    zgn.""".split()
)
# No line that was ended on purpose ends with one of these. (Prepositions that Dutch verbs part with are not among them.)
_RUN_ON = frozenset(
    """als bij dat de deze een en het hun met of onze te ten ter tot tussen van zonder
    a an and as at by from into of or our that the their to which with""".split()
)
# Of lines broken for want of room a second one has so much of the widest one's letters, and each has, with the word that
# found no room on it, so much of them.
ALIKE = 0.9
FILLED = 0.8
# A bracket that was opened so many letters ago was forgotten, or lost on the way.
FARTHEST = 300
# What stands between the cells of a table row.
CELL = " | "

_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)")
_OPENS = re.compile(r"\s+[\"'“‘„«(\[¿]*[A-ZÀ-ÖØ-Þ0-9•▪–]")
_INITIAL = re.compile(r"(?:^|[\s(.])[A-Za-zÀ-ÿ]\.$")
_BULLET = re.compile(r"\s*(?:[•▪●○◦‣·*–—►➢➤✓✔»>o-]\s+|\(?\d{1,2}[.)]\s+|\(?[a-z]\)\s+)")


def sentences(text: str) -> list[Span]:
    """The sentences and bullets of a text, in order, without the white space and bullet signs around them.

    A line break ends a sentence only where the next line begins a new one: on slides each line often stands by itself, in
    a PDF a sentence runs over many.
    """
    found: list[Span] = []
    for start, end in _blocks(text):
        at = start
        for stop in _stops(text, start, end):
            _add(found, text, at, stop)
            at = stop
        _add(found, text, at, end)
    return found


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    bullet = _BULLET.match(text, start, end)
    if bullet:
        start = bullet.end()
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append(Span(start, end))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of lines that run on into each other."""
    lines = [(match.start(), match.end()) for match in re.finditer(r"[^\n\r\v\f\u2028\u2029]+", text)]
    if not lines:
        return
    widths = sorted(len(text[start:end].strip()) for start, end in lines)
    # Where no other line is about as wide as the widest, no line was broken for want of room.
    widest = widths[-1] if len(widths) > 1 and widths[-2] >= ALIKE * widths[-1] else 0
    begin, previous = lines[0][0], lines[0]
    for line in lines[1:]:
        if _breaks(text, begin, previous, line, widest):
            yield begin, previous[1]
            begin = line[0]
        previous = line
    yield begin, previous[1]


def _breaks(text: str, begin: int, line: tuple[int, int], following: tuple[int, int], widest: int) -> bool:
    """Whether a sentence ends with `line`, of the stretch that begins at `begin`, and the following line begins another."""
    this, after = text[slice(*line)].rstrip(), text[slice(*following)].lstrip()
    if text[line[1] : following[0]].count("\n") > 1 or not this or not after or CELL in this or CELL in after:
        return True
    if _BULLET.match(text, *following) or this.endswith((".", "!", "?", ":", ";", "…")):
        return not (after[0].islower() and this.endswith("."))
    if after[0].islower() or this.endswith((",", "-", "–", "&", "/", "(")):
        return False
    since = max(begin, line[1] - FARTHEST)
    if this.split()[-1].casefold() in _RUN_ON or text.count("(", since, line[1]) > text.count(")", since, line[1]):
        return False
    # A line that had room for the next word was ended on purpose.
    return widest < 60 or len(this) + 1 + len(after.split()[0]) < FILLED * widest


def _stops(text: str, start: int, end: int) -> Iterator[int]:
    """Where sentences end within a stretch of text."""
    for match in _END.finditer(text, start, end):
        before = text[start : match.end()]
        word = before.split()[-1].lstrip("(['\"“‘").casefold()
        if not _OPENS.match(text, match.end(), end):
            continue
        if match.group().startswith(".") and (word in _ABBREVIATIONS or _INITIAL.search(before)):
            continue
        if match.group() == "." and (re.fullmatch(r"\d{1,2}\.", word) and before.strip().casefold() == word):
            continue
        yield match.end()
