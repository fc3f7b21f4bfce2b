"""Reference lists: where they are in a document, and where one entry ends and the next begins.

    pages ─► lines without running heads ─► heading ("Bronnen", "References" …) ─► lines of the list ─► entries

A page has lost its hanging indents by the time it is text, so entries are told apart by how they open: a label in a
numbered list, else authors and a year, and never before the entry at hand has had its own year. An entry may run
over a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingest.entries.joining import is_rest_of_link, joined, split_after_links
from ingest.entries.lines import LINK, Line, LineKey, lines, running_heads
from ingest.entries.openings import (
    AUTHOR,
    DATED,
    OPENING,
    OPENS_WITH_AUTHOR,
    bare_label,
    is_complete,
    is_plausible,
    key,
    label,
    names_precede_year,
    opening,
    opening_at,
    opens_quoted,
    opens_year_last,
    opens_year_last_at,
    without_label,
)
from ingest.grammar import BULLET, LOWER, NO_DATE, UPPER, YEAR
from kb.model import Kind, Page

_LISTED = r"""
    (?: (?: (?: gebruikte | geraadpleegde | aangehaalde | overige | aanbevolen | belangrijkste | relevante
          | interessante | handige | nuttige | verdere | list \s of | key | selected | cited | recommended
          | suggested | further | useful ) \s )?
        (?: bronnen (?: lijst | vermelding(?:en)? | overzicht )?
          | literatuur (?: lijst | verwijzingen | opgave | overzicht | suggesties )?
          | bibliogra (?: fie | phy | phie ) | referenties? | referentielijst | verwijzingen
          | references | reference \s list | literature | sources | readings? | reading \s list
          | works \s cited | literature \s cited | references \s cited | lees-?tips | leeslijst | kijktips
          | (?: meer | verder | om \s (?: verder \s )? te ) \s (?: lezen | kijken | weten )
          | lees \s (?: meer | verder ) | kijken | read \s more | learn \s more | links ) )"""
HEADING = re.compile(
    rf"""(?ix) ^\W* (?: \d{{1,2}} (?:\.\d+)* \.? \s+ | [ivx]{{1,4}} \. \s+ )?
    {_LISTED} (?: \s* (?: en | & | and | / | \+ ) \s* {_LISTED} ){{0,2}}
    (?: \s* [(\[] (?: vervolg | continued | cont\.? | \d+ \s*/\s* \d+ | \d+ ) [)\]] | \s+ vervolg
      | \s+ \d+ \s*/\s* \d+ )?
    \s* [:?]? \s* $"""
)
_AFTER = re.compile(
    r"""(?ix) ^ (?: \d{1,2} (?:\.\d+)* \.? \s+ )? (?: bijlagen? (?:\s+ \w{1,3})?
      | appendi(?:x|ces) (?:\s+ \w{1,3})? | acknowledge?ments?
    | dankwoord | dankbetuiging | over \s de \s auteurs? | about \s the \s authors? | author \s contributions?
      | noten | eindnoten
    | voetnoten | (?:end)?notes | supplement\w* .{0,30} | colofon | contact(?:gegevens)? | index | register
      | samenvatting | abstract | summary
    | conflicts? \s of \s interest | funding | data \s availability .{0,20} | vragen \?? | questions \??
      | bedankt .{0,30} ) \W{0,20} $ | ^ figure \s+ \d"""
)
_ENDS_AS_ENTRY = re.compile(r"(?:\d[)\]]?\.?|https?://\S+)$")
_LONGEST_HEADING = 60
_LONGEST_PRINTED_LINE = 180
"""A line of more characters is a paragraph: no page is that wide."""
_SHARE_OF_PARAGRAPHS = 0.8
_REFERENCE_ON_SLIDE = re.compile(rf"^{AUTHOR}[^()\d]{{0,400}}?\(\s*(?:{YEAR}[a-z]?[^()]{{0,25}}|{NO_DATE})\)\.\s+\S")
_SOURCE = re.compile(r"^(?:bron|source|uit|from)\s*:\s*", re.IGNORECASE)
_ANNOUNCEMENT = re.compile(rf"\s·\s|\b\d{{1,2}}\s{LOWER}*{UPPER}?{LOWER}{{2,}}\s{YEAR}\b")
_UNFINISHED = re.compile(r"(?:[,&:;]|\b(?:In|en|and|of|van|by|door))$")


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """A reference list: its heading (None for a reference that stands alone) and the lines of each entry."""

    heading: Line | None
    entries: tuple[tuple[Line, ...], ...]
    labels: tuple[str | None, ...]
    """The number of each entry in a numbered list."""

    def lines(self) -> Iterator[Line]:
        """Every line of the list, heading first."""
        if self.heading:
            yield self.heading
        for entry in self.entries:
            yield from entry


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a document that are not running text: its reference lists in reading order, and its running heads."""

    lists: tuple[ReferenceList, ...]
    running_heads: frozenset[LineKey]


def layout(pages: Sequence[Page], kind: Kind) -> Layout:
    """The reference lists of a document, on slides also a reference that stands alone, and its running heads."""
    by_page = [lines(page) for page in pages]
    heads = running_heads(by_page, kind) - _first_headings(by_page)
    every = [line for on_page in by_page for line in on_page if line.key not in heads]
    found = _lists_with_heading(every, kind)
    if kind == "deck":
        listed = {line.key for one in found for line in one.lines()}
        found += _standing_alone([line for line in every if line.key not in listed])
    return Layout(tuple(found), heads)


def opens_entry(lines: list[Line], at: int) -> bool:
    """Whether a line may open an entry: by its number or key, or by names in the order of a known style."""
    text = lines[at].text
    return bool(label(text) is not None or key(text) or opening_at(lines, at) or opens_year_last_at(lines, at))


# --- heading and extent


def _first_headings(by_page: Sequence[Sequence[Line]]) -> frozenset[LineKey]:
    """The first heading of each wording: a running head repeats it on the pages that follow ("BIBLIOGRAFIE 69")."""
    first: dict[str, LineKey] = {}
    for line in (line for on_page in by_page for line in on_page if _reads_as_heading(line.text)):
        first.setdefault(line.text.casefold(), line.key)
    return frozenset(first.values())


def _lists_with_heading(every: list[Line], kind: Kind) -> list[ReferenceList]:
    found: list[ReferenceList] = []
    at = 0
    while at < len(every):
        one = reference_list(every[at], _body(every, at + 1, kind)) if _is_heading(every, at) else None
        at += 1
        if one:
            found.append(one)
            last = list(one.lines())[-1]
            while at < len(every) and every[at].key <= last.key:
                at += 1
    return found


def _reads_as_heading(text: str) -> bool:
    return len(text) <= 200 and bool(HEADING.match(text))


def _is_heading(every: list[Line], at: int) -> bool:
    """Whether a line is a list's heading: "Literatuur" in a table of contents or an agenda is followed by no entry."""
    text = BULLET.sub("", every[at].text, count=1)
    if len(text) > _LONGEST_HEADING or not HEADING.match(text):
        return False
    ahead = every[at + 1 : at + 8]
    return (
        any(opens_entry(ahead, i) for i in range(min(5, len(ahead))))
        or _begins_count(ahead)
        or _begins_paragraphs(ahead)
    )


def _begins_count(ahead: list[Line]) -> bool:
    """Whether numbers without a full stop count from 1: "1 Goot KM. Title"; a year follows, as in no table of contents."""
    is_first = bool(ahead) and bare_label(ahead[0].text) == 1
    return is_first and opens_year_last(without_label(" ".join(line.text for line in ahead)))


def _begins_paragraphs(ahead: list[Line]) -> bool:
    """Whether two paragraphs follow that end as entries do, with a year, pages or a link."""
    return len(ahead) > 1 and all(
        re.match(UPPER, line.text) and is_plausible(line.text) and _ENDS_AS_ENTRY.search(line.text)
        for line in ahead[:2]
    )


def _body(every: list[Line], start: int, kind: Kind) -> list[Line]:
    """The lines after a heading up to where the list ends."""
    body: list[Line] = []
    for at in range(start, len(every)):
        line = every[at]
        text = BULLET.sub("", line.text, count=1)
        if _AFTER.match(text):
            break
        if body and _reads_as_heading(text):
            # The list goes on under its heading on the next slide or page; elsewhere another list begins.
            if line.number == body[-1].number:
                break
            continue
        if body and line.number != body[-1].number and is_complete(body[-1].text):
            new_page = [other for other in every[at : at + 12] if other.number == line.number]
            opens = opens_entry(new_page, 0) or bare_label(line.text) is not None
            if not opens and not (kind == "literature" and _goes_on(new_page)):
                break
        body += split_after_links(line)
    return _without_announcement(body)


def _without_announcement(body: list[Line]) -> list[Line]:
    """The list without an announcement under it: a last line with a date or a dot between two things."""
    while len(body) > 1 and _is_announcement(body[-1].text, body[-2].text):
        body = body[:-1]
    return body


def _is_announcement(text: str, before: str) -> bool:
    return (
        not opening(text)
        and is_complete(before)
        and label(text) is None
        and not re.search(r"(?i)doi|geraadpleegd|retrieved|accessed|\(\d{4}|, \d", text)
        and bool(_ANNOUNCEMENT.search(text))
    )


def _goes_on(new_page: list[Line]) -> bool:
    """Whether a page opens with the rest of an entry: a link or numbers, and a new entry soon after."""
    first = new_page[0].text
    return bool(LINK.search(first) or re.match(r"^[\d(]|^[a-z]", first)) and any(
        opens_entry(new_page, i) for i in range(1, min(6, len(new_page)))
    )


# --- entries


@dataclass(frozen=True, slots=True)
class _Groups:
    """The lines of each entry, and its number in a numbered list."""

    entries: list[list[Line]]
    labels: list[str | None]


def reference_list(heading: Line | None, body: list[Line]) -> ReferenceList | None:
    """The list of these lines; None when most of what it would hold is no entry."""
    groups = _by_label(body, label) or _by_label(body, bare_label) or _by_key(body) or _by_opening_or_paragraph(body)
    plausible = [is_plausible(joined(group)) for group in groups.entries]
    keep = max((at + 1 for at, good in enumerate(plausible) if good), default=0)
    if not keep or sum(plausible) * 2 < keep:
        return None
    return ReferenceList(heading, tuple(map(tuple, groups.entries[:keep])), tuple(groups.labels[:keep]))


def _by_label(body: list[Line], number: Callable[[str], int | None]) -> _Groups | None:
    """Entries that count 1, 2, 3 …; None when the list does not. `number` reads the number that a line opens with."""
    opened: list[int] = []
    for at, line in enumerate(body):
        following = body[at + 1].text if at + 1 < len(body) else ""
        if number(line.text) == len(opened) + 1 and (without_label(line.text).strip() or following):
            opened.append(at)
    is_counted = len(opened) >= 2 or (opened == [0] and len(body) < 6)
    if not is_counted or opened[0] > 2:
        return None
    return _groups(body, opened, [str(n) for n in range(1, len(opened) + 1)])


def _groups(body: list[Line], opened: list[int], labels: list[str | None]) -> _Groups:
    """The lines from each opened line to the next."""
    return _Groups([body[a:b] for a, b in zip(opened, [*opened[1:], len(body)], strict=True)], labels)


def _by_key(body: list[Line]) -> _Groups | None:
    """Entries that each open with a key in brackets, `[Goo20]` or `[Goot, 2020]`; None when the list has no keys."""
    opened = [at for at, line in enumerate(body) if key(line.text)]
    if len(opened) < 2 or opened[0] > 2:
        return None
    return _groups(body, opened, [key(body[at].text) for at in opened])


def _by_paragraph(body: list[Line]) -> _Groups | None:
    """Entries that are a line each, as word processors and slides store paragraphs; None when lines are wrapped."""
    whole = [line.text for line in body if not _is_link(line.text)]
    is_wrapped = all(len(LINK.split(text)[0]) <= _LONGEST_PRINTED_LINE for text in whole)
    complete = sum(is_complete(text) for text in whole)
    if is_wrapped or min(complete, sum(map(is_plausible, whole)) + 1) < _SHARE_OF_PARAGRAPHS * len(whole):
        return None
    opened = [at for at, line in enumerate(body) if at == 0 or not _is_link(line.text)]
    return _groups(body, opened, [None] * len(opened))


def _by_opening_or_paragraph(body: list[Line]) -> _Groups:
    """Entries by how they open; where that finds few of many paragraphs, their style is unknown and each paragraph is one."""
    opened, paragraphs = _by_opening(body), _by_paragraph(body)
    return paragraphs if paragraphs and len(paragraphs.entries) > 1.5 * len(opened.entries) else opened


def _is_link(text: str) -> bool:
    return bool(LINK.match(text)) and len(text.split()) <= 2


def _by_opening(body: list[Line]) -> _Groups:
    """Entries that each begin with an opening, after one that has had its year."""
    groups: list[list[Line]] = []
    is_year_last = _is_year_last(body)
    # Of a long entry only its head and its tail are kept: nothing below looks further.
    head, tail, is_dated, has_link = "", "", False, False
    for at, line in enumerate(body):
        is_rest = is_rest_of_link(tail, line.text)
        if not groups or (is_dated and not is_rest and _begins_entry(body, at, tail, is_year_last)):
            groups.append([])
            head, tail, is_dated, has_link = "", "", False, False
        groups[-1].append(line)
        added = line.text if is_rest or not tail else f" {line.text}"
        if len(head) < OPENING:
            head += added
        has_link = has_link or bool(LINK.search(tail[-20:] + added))
        tail = (tail + added)[-OPENING:]
        is_dated = is_dated or bool(DATED.search(tail[-400:]))
        is_dated = is_dated or (has_link and not OPENS_WITH_AUTHOR.match(head[:OPENING]))
    return _Groups(groups, [None] * len(groups))


def _is_year_last(body: list[Line]) -> bool:
    """Whether most entries of a list print the year at the end: one list has one style."""
    first = sum(bool(opening_at(body, at)) and not opens_quoted(body[at].text) for at in range(len(body)))
    last = sum(not opening_at(body, at) and opens_year_last_at(body, at) for at in range(len(body)))
    return last > first


def _begins_entry(body: list[Line], at: int, before: str, is_year_last: bool) -> bool:
    """Whether a new entry begins with a line, after an entry that ends with `before` so far and has had its year."""
    line = body[at]
    how = opening_at(body, at)
    if (how or (is_year_last and opens_year_last_at(body, at))) and is_complete(before):
        return True
    if how == "authors":
        return not _UNFINISHED.search(before[-10:])
    return (
        line.after_empty
        and is_complete(before)
        and bool(re.match(rf"\W{{0,2}}{UPPER}", line.text))
        and (is_plausible(line.text) or at + 1 == len(body) or not body[at + 1].after_empty)
    )


# --- references without a heading


def _standing_alone(every: list[Line]) -> list[ReferenceList]:
    """References on slides without a heading: a whole line or more in the form "Family, I. (year). Title."."""
    found: list[ReferenceList] = []
    at = 0
    while at < len(every):
        on_slide = [other for other in every[at : at + 6] if other.number == every[at].number]
        first = _SOURCE.sub("", BULLET.sub("", every[at].text, count=1))
        text = " ".join([first, *(other.text for other in on_slide[1:])])[:OPENING]
        if not _REFERENCE_ON_SLIDE.match(text) or not names_precede_year(text):
            at += 1
            continue
        length = _length_on_slide(on_slide)
        found.append(ReferenceList(None, (tuple(on_slide[:length]),), (None,)))
        at += length
    return found


def _length_on_slide(on_slide: list[Line]) -> int:
    """Over how many lines a reference goes: until it is dated and complete, or a new bullet follows."""
    for length in range(1, len(on_slide)):
        text = " ".join(other.text for other in on_slide[:length])
        following = on_slide[length].text
        if not DATED.search(text):
            continue
        if is_complete(text) and not re.match(r"https?:|doi|10\.", following):
            return length
        if following[:1] in "•●▪‣◦·–-":
            return length
    return len(on_slide)
