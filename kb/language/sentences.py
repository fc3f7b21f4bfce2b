"""Sentences: where each sentence or bullet of a text starts and ends, the one rule for passages, vectors, answers and marks.

On slides each line is often a unit of its own, in a PDF a sentence runs over many lines, and the full stops of
abbreviations, initials and numbered labels end no sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from kb.model import Span

_ABBREVIATIONS = frozenset(
    """a.d.h.v. aant. afb. afd. al. approx. art. bijv. bijz. blz. bv. ca. cf. chap. d.m.v. d.w.z. dhr. diss. dpt. dr.
    drs. e.a. e.d. e.g. ed. eds. eng. enz. et.al. etc. evt. excl. ff. fig. figs. gem. hfst. hst. i.c. i.e. i.h.b. i.p.v.
    i.s.m. i.v.m. ibid. incl. ing. ir. jr. m.a.w. m.b.t. m.b.v. m.i.v. m.n. m.u.v. max. mevr. min. mr. mrs. ms.
    mw. n.a.v. n.b. n.d. ned. nl. no. nr. nrs. o.a. o.b.v. o.i.d. o.l.v. o.m. op.cit. p. p.p. par. pp. prof. red. ref. refs.
    resp. sec. sr. st. t.a.v. t.b.v. t.o.v. t/m tab. tel. u.s. univ. v.a. v.d. vgl. viz. vol. vs. w.o. z.d. z.g.
    zgn.""".split()
)
# Abbreviated months, days and parts of a book are also names and words ("Jan.", "Sun."), so their stop is an abbreviation's
# only before a number.
_BEFORE_NUMBERS = frozenset(
    """jan. feb. mrt. mar. apr. aug. sep. sept. okt. oct. nov. dec. ma. di. wo. do. vr. za. zo. mon. tue. tues. wed. thu.
    thurs. fri. sat. sun. ch. chs. sect. bk. pt.""".split()
)
# Words before the number of a part: "Stap 2. Vraag door" is one label. In lower case in the middle of a sentence they refer
# to a part, and a stop after the number ends the sentence: "Dat volgt in stap 2. Daarna begint het werk."
_LABELS = frozenset(
    """artikel art article bijlage annex appendix chapter hoofdstuk hfst deel part fase phase figuur figure laag layer les lesson
    level niveau module onderdeel paragraaf par section sectie stap step stage tabel table thema theme week""".split()
)
# A line that was ended on purpose does not end with one of these. (Particles of separable Dutch verbs are not among them.)
_RUN_ON = frozenset(
    """als bij dat de deze een en het hun met of onze te ten ter tot tussen van zonder
    a an and as at by from into of or our that the their to which with""".split()
)
# Lines were broken at the margin where the second widest has this share of the widest one's letters; a line broken there has,
# with the next line's first word, at least the other share.
ALIKE = 0.9
FILLED = 0.8
# A bracket that was opened this many letters ago was never closed.
FARTHEST = 300
# Between the cells of a table row.
CELL = " | "
# Letters before a full stop that decide whether it ends a sentence.
_TAIL = 60

_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)")
_OPENS = re.compile(r"\s+[\"'“‘„«(\[¿]*[A-ZÀ-ÖØ-Þ0-9•▪–]")
_DIGIT = re.compile(r"\s+[(\[]?\d")
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3})*[a-z]?\.")
_NUMBERED_HEADING = re.compile(
    r"\s*(?:(?P<label>[A-Z]\w+\.?)\s+\d{1,3}(?:\.\d{1,3})*[a-z]?|\d{1,2}(?:\.\d{1,2})+)[.:]?\s+[A-ZÀ-Þ]"
)
_INITIAL = re.compile(r"(?:^|[\s(.])[A-Za-zÀ-ÿ]\.$")
_BULLET = re.compile(r"\s*(?:[•▪●○◦‣·*–—►➢➤✓✔»>o-]\s+|\(?\d{1,2}[.)]\s+|\(?[a-z]\)\s+)")


def sentences(text: str) -> list[Span]:
    """The sentences and bullets of a text, in order, without the white space and bullet signs around them.

    A line break ends a sentence only where the next line begins a new one: on slides each line is often a unit of its own, in
    a PDF a sentence runs over many.
    """
    return list(_spans(text))


# An answer cuts the same passages several times: for the nearest sentence, the coverage of each, and the quotes.
@lru_cache(maxsize=512)
def _spans(text: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for start, end in _blocks(text):
        begin = start
        for stop in (*sentence_ends(text, start, end), end):
            if (span := _without_margins(text, begin, stop)) is not None:
                spans.append(span)
            begin = stop
    return tuple(spans)


def sentence_around(text: str, start: int, end: int) -> Span:
    """The sentence or bullet that holds text[start:end], or the several that it runs over."""
    touched = [span for span in sentences(text) if span.start < end and start < span.end]
    if not touched:
        return Span(start, end)
    return Span(min(start, touched[0].start), max(end, touched[-1].end))


def sentence_ends(text: str, start: int = 0, end: int | None = None) -> Iterator[int]:
    """The places right after each full stop, question or exclamation mark within running text that ends a sentence."""
    end = len(text) if end is None else end
    begin = start
    for mark in _END.finditer(text, start, end):
        if _OPENS.match(text, mark.end(), end) and not _abbreviates(text, begin, mark):
            yield mark.end()
            begin = mark.end()


def _abbreviates(text: str, begin: int, mark: re.Match[str]) -> bool:
    """Whether a full stop is that of an abbreviation, an initial or a numbered label; `begin` is where the sentence begins."""
    if not mark.group().startswith("."):
        return False
    tail = text[max(begin, mark.end() - _TAIL) : mark.end()]
    words = tail.split()
    word = words[-1].lstrip("(['\"“‘").casefold()
    if word in _ABBREVIATIONS or _INITIAL.search(tail):
        return True
    if word in _BEFORE_NUMBERS:
        return _DIGIT.match(text, mark.end()) is not None
    return (
        mark.group() == "."
        and _NUMBER.fullmatch(word) is not None
        and _labels(words, opens=mark.end() - begin <= _TAIL)
    )


def _labels(words: list[str], *, opens: bool) -> bool:
    """Whether the number that ends `words` labels a part: "2." or "Stap 2."; `opens` when the sentence begins with the words."""
    if len(words) == 1:
        return opens and len(words[0]) <= 3
    label = words[-2].lstrip("([")
    return label.casefold().rstrip(".") in _LABELS and (label[0].isupper() or (opens and len(words) == 2))


def _without_margins(text: str, start: int, end: int) -> Span | None:
    """The span without a bullet sign before it and the white space around it; None when nothing is left."""
    if bullet := _BULLET.match(text, start, end):
        start = bullet.end()
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of lines that run on into each other."""
    lines = [(match.start(), match.end()) for match in re.finditer(r"[^\n\r\v\f\u2028\u2029]+", text)]
    if not lines:
        return
    widths = sorted(len(text[start:end].strip()) for start, end in lines)
    # Where no other line is about as wide as the widest, no line was broken at the margin.
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
    if this.split()[-1].casefold() in _RUN_ON or _open_bracket(text, max(begin, line[1] - FARTHEST), line[1]):
        return False
    if _is_numbered_heading(this):
        return True
    # A line that had room for the next word was ended on purpose.
    return widest < 60 or len(this) + 1 + len(after.split()[0]) < FILLED * widest


def _open_bracket(text: str, start: int, end: int) -> bool:
    return text.count("(", start, end) > text.count(")", start, end)


def _is_numbered_heading(line: str) -> bool:
    """Whether a line begins as a heading with a number does: "3.2 Toetsing", "Artikel 6 Toelating"."""
    match = _NUMBERED_HEADING.match(line)
    return match is not None and (match["label"] is None or match["label"].casefold().rstrip(".") in _LABELS)
