"""Reference lists: where they stand in a document, and where one entry ends and the next begins.

    pages ─► lines without running heads ─► heading ("Bronnen", "References" …) ─► lines of the list ─► entries

A page has lost its hanging indents by the time it is text, so entries are told apart by how they open: a label in a
numbered list, else authors and a year, and never before the entry at hand has had its own year. An entry may run
over a page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kb.model import Kind, Page

_U = "".join(chr(c) for c in range(0x41, 0x250) if chr(c).isupper())
_L = "".join(chr(c) for c in range(0x61, 0x250) if chr(c).islower())
UPPER, LOWER = f"[{_U}]", f"[{_L}]"
WORD = rf"(?:[dlDL]['’])?{UPPER}[{_L}{_U}'’*]*+(?:[-‐‑][{_L}{_U}][{_L}{_U}'’]*+)*+"
"""A capitalised word as family names are made of: `McDaniel`, `Winter-Collins`, `O'Kane`, `d'Arcy`.

It never gives back a part once matched (possessive quantifiers): in "Aa-Aa-Aa-…" every hyphen could otherwise also separate
two names, and a pattern of several names would try all combinations.
"""
LONGEST = 4000
"""A text of more characters than this is no entry."""
_OPENING = 1600
"""An entry's authors and year stand within this many characters of its start."""
PARTICLE = (
    r"(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Hh]et|['’][tT]|[Tt]er|[Tt]en|[Tt]e|[Ll]a|[Ll]e|[Ll]es|[Dd]u|[Dd]es"
    r"|[Dd]i|[Dd]a"
    r"|[Dd]o[ns]?|[Dd]os|[Dd]el|[Dd]ella|[Ee]l|[Aa]l|[Ii]bn|[Bb]in|[Zz]u[mr]?|[Vv]om|[Aa]f|[Aa]v|op|in)"
)
YEAR = r"(?:1[4-9]\d\d|20\d\d)"
NO_DATE = r"(?:[nNzZ]\.\s?[dD]\.|[Ii]n press|[Ii]n druk|[Tt]er perse|[Ff]orthcoming|[Tt]e verschijnen)"
INITIALS = rf"{UPPER}{LOWER}?{LOWER}?\.(?:[\s-]*{UPPER}{LOWER}?\.)*"

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
_YEARLY = re.compile(
    rf"\([^()]{{0,40}}\b{YEAR}[a-z]?\b[^()]{{0,40}}\)|\b{NO_DATE}|\.\s{YEAR}[a-z]?\.|,\s{YEAR}[a-z]?[.,;)]"
    rf"|\b{YEAR}[a-z]?;|{YEAR}[a-z]?\.?\s*$",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://|www\.|\bdoi:|\b10\.\d{4,9}/", re.IGNORECASE)
_LABEL = re.compile(r"^\s*(?:\[(\d{1,4})\]|(\d{1,4})[.)](?=\s+\S))\s*")
BULLET = re.compile(r"^[\s•●▪‣◦·∙*–—\-\uf0b7\uf0a7>]*?(?=[^\s•●▪‣◦·∙*–—\-\uf0b7\uf0a7>])")

_NAME = rf"(?:{PARTICLE}\s+){{0,4}}{WORD}(?:[\s-]+(?:{PARTICLE}\s+){{0,4}}{WORD}){{0,3}}(?:,?\s(?:Jr|Sr|III?)\.?)?"
# Atomic: what follows an author may be anything that the author's own pattern could give back.
_APA_AUTHOR = rf"(?>{_NAME},\s*(?:{INITIALS}|{UPPER}\b|{WORD}(?:\s{UPPER}\.)*(?=[,.]))(?:\s*{PARTICLE}\b)*)"
_STARTS_APA = re.compile(
    rf"^{_APA_AUTHOR}[^()\d]{{0,1500}}?(?:\([^()\d]{{1,40}}\)\.?,?\s*)?\(\s*(?:[^()]{{0,20}}\b)?(?:{YEAR}|{NO_DATE})"
)
_STARTS_HARVARD = re.compile(rf"^{_APA_AUTHOR}[^()\d“”\"]{{0,600}}?,\s+{YEAR}[a-z]?\.\s")
_STARTS_NAMED = re.compile(
    rf"^(?:{UPPER}|[a-z]{{1,3}}\s{UPPER})[^()\n]{{1,160}}?[.,]?\s*\(\s*(?:{YEAR}[a-z]?(?:,\s[^()]{{1,30}})?"
    rf"|{NO_DATE})\s*\)\s*[.,:]"
)
_STARTS_CHICAGO = re.compile(
    rf"^(?:{_NAME},\s{UPPER}[^\d“”\"()]{{1,600}}?|{UPPER}[^\d“”\"().,]{{2,80}})\.\s(?:{YEAR}[a-z]?"
    rf"|n\.d\.)\.\s*[“\"‘{_U}]"
)
_STARTS_SMALL = re.compile(rf"^[{_L}][\w-]{{2,30}}\.\s\((?:{YEAR}[a-z]?|{NO_DATE})\)\.\s")
_STARTS_SAME = re.compile(rf"^[—–_-]{{2,}}\.?,?\s*\(?{YEAR}")
_STARTS_MLA = re.compile(rf"^{_NAME},\s{UPPER}[^\d“”\"()]{{1,200}}?\.\s[“\"]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, or a part of it: page.text[start:end] == text, without white space around it."""

    number: int
    start: int
    end: int
    text: str
    apart: bool = False
    """Whether an empty line stands above it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A reference list: its heading (None for a reference that stands alone) and the lines of each entry."""

    heading: Line | None
    entries: tuple[tuple[Line, ...], ...]
    labels: tuple[str | None, ...]

    @property
    def numbered(self) -> bool:
        """Whether its entries carry numbers to cite them by."""
        return any(label is not None for label in self.labels)

    def lines(self) -> Iterator[Line]:
        """Every line of the list, heading first."""
        if self.heading:
            yield self.heading
        for entry in self.entries:
            yield from entry


def lines(page: Page) -> list[Line]:
    """The lines of a page's text that hold anything."""
    found, start, apart = [], 0, False
    for raw in page.text.split("\n"):
        text = raw.strip()
        if text:
            at = start + raw.index(text[0])
            found.append(Line(page.number, at, at + len(text), text, apart))
        apart = not text
        start += len(raw) + 1
    return found


def furniture(pages: Sequence[Page], kind: Kind) -> frozenset[tuple[int, int]]:
    """Running heads and feet: (page number, start) of lines at the edge of a page that other pages have too.

    Lines are compared without digits and spaces, so that a page number in them does not tell them apart. On
    slides, which are short and say things twice, a line has to stand on half of them, and on four at least.
    """
    least = max(2, min(len(pages), 12) / 3) if kind == "literature" else max(4, len(pages) / 2)
    edges = [line for page in pages for line in _edges(lines(page))]
    # Addresses differ in their digits alone, so they are compared whole.
    bare = {
        line: line.text
        if _LINK.search(line.text) and len(line.text.split()) < 3
        else re.sub(r"[\W\d_]+", "", line.text).casefold()
        for line in edges
    }
    pages_with = Counter(text for _, text in {(line.number, text) for line, text in bare.items()})
    heads = {(line.number, line.start) for line, text in bare.items() if len(text) >= 8 and pages_with[text] >= least}
    if kind == "deck":
        return frozenset(heads)
    # A page number is a number at the very edge, or next to a running head there: "122" may also end a broken address.
    for page in pages:
        on_page = lines(page)
        for ordered in (on_page, on_page[::-1]):
            for line in ordered[:5]:
                if re.fullmatch(r"\W*\d{1,4}\W*", line.text):
                    heads.add((line.number, line.start))
                    break
                if (line.number, line.start) not in heads:
                    break
    return frozenset(heads)


def _edges(on_page: list[Line]) -> Iterator[Line]:
    for at, line in enumerate(on_page):
        if at < 4 or at >= len(on_page) - 4:
            yield line


@lru_cache(maxsize=8)
def _reference_lists(pages: tuple[Page, ...], kind: Kind) -> tuple[Listing, ...]:
    skipped = furniture(pages, kind)
    by_page = [[line for line in lines(page) if (line.number, line.start) not in skipped] for page in pages]
    every = [line for on_page in by_page for line in on_page]
    found: list[Listing] = []
    at = 0
    while at < len(every):
        if not _is_heading(every, at, kind):
            at += 1
            continue
        body = _body(every, at + 1, kind)
        listing = _listing(every[at], body)
        if listing is None:
            at += 1
            continue
        found.append(listing)
        last = list(listing.lines())[-1]
        while at < len(every) and (every[at].number, every[at].start) <= (last.number, last.start):
            at += 1
    taken = {(line.number, line.start) for listing in found for line in listing.lines()}
    if kind == "deck":
        found += _standing_alone(line for line in every if (line.number, line.start) not in taken)
    return tuple(found)


def reference_lists(pages: Sequence[Page], kind: Kind) -> tuple[Listing, ...]:
    """The reference lists of a document in reading order; on slides also a reference that stands on its own."""
    return _reference_lists(tuple(pages), kind)


def _is_heading(every: list[Line], at: int, kind: Kind) -> bool:
    line = every[at]
    text = BULLET.sub("", line.text, count=1)
    if len(text) > 60 or not HEADING.match(text):
        return False
    # "Literatuur" as a word in a table of contents or an agenda is followed by no entry.
    ahead = every[at + 1 : at + 8]
    return bool(ahead) and any(starts(_ahead(ahead, i)) or _labelled(ahead[i].text) for i in range(min(5, len(ahead))))


def _body(every: list[Line], start: int, kind: Kind) -> list[Line]:
    """The lines after a heading up to what is no list any more."""
    body: list[Line] = []
    for at in range(start, len(every)):
        line = every[at]
        text = BULLET.sub("", line.text, count=1)
        if _AFTER.match(text):
            break
        if body and len(text) <= 200 and HEADING.match(text):
            # The list goes on under its heading on the next slide or page; elsewhere another list begins.
            if line.number == body[-1].number:
                break
            continue
        if body and line.number != body[-1].number and _complete(body[-1].text):
            new_page = [other for other in every[at : at + 12] if other.number == line.number]
            opens = starts(_ahead(new_page, 0)) or _labelled(line.text) is not None
            if not opens and not (kind == "literature" and _goes_on(new_page)):
                break
        body += _cut(line)
    return _without_foot(body)


def _cut(line: Line) -> list[Line]:
    """A line that holds the end of one entry and the start of the next, cut behind the address between them."""
    words = list(re.finditer(r"\S+", line.text))
    behind = [
        following.start()
        for word, following in pairwise(words)
        if re.search(r"(?:https?://|doi:|www\.)\S", word.group())
    ]
    openings = {at: line.text[at : at + _OPENING] for at in behind}
    cut = [0, *(at for at, text in openings.items() if starts(text) or _labelled(text))]
    parts = [(a, line.text[a:b].rstrip()) for a, b in zip(cut, [*cut[1:], len(line.text)], strict=True)]
    return [
        Line(line.number, line.start + a, line.start + a + len(text), text, line.apart and not a) for a, text in parts
    ]


def _without_foot(body: list[Line]) -> list[Line]:
    """The list without an announcement under it: a last line with a date or a dot between two things."""
    while (
        len(body) > 1
        and not starts(body[-1].text)
        and _complete(body[-2].text)
        and not _LABEL.match(body[-1].text)
        and not re.search(r"(?i)doi|geraadpleegd|retrieved|accessed|\(\d{4}|, \d", body[-1].text)
        and re.search(rf"\s·\s|\b\d{{1,2}}\s{LOWER}*{UPPER}?{LOWER}{{2,}}\s{YEAR}\b", body[-1].text)
    ):
        body = body[:-1]
    return body


def _goes_on(new_page: list[Line]) -> bool:
    """Whether a page opens with the rest of an entry: a link or numbers, and a new entry soon after."""
    return bool(_LINK.search(new_page[0].text) or re.match(r"^[\d(]|^[a-z]", new_page[0].text)) and any(
        starts(_ahead(new_page, i)) or _labelled(new_page[i].text) for i in range(1, min(6, len(new_page)))
    )


def _listing(heading: Line | None, body: list[Line]) -> Listing | None:
    groups, labels = _by_label(body) or _by_opening(body)
    keep = 0
    for at, group in enumerate(groups):
        if _plausible(joined(group)):
            keep = at + 1
    groups, labels = groups[:keep], labels[:keep]
    good = sum(_plausible(joined(group)) for group in groups)
    if not groups or good * 2 < len(groups):
        return None
    return Listing(heading, tuple(tuple(group) for group in groups), tuple(labels))


def _labelled(text: str) -> int | None:
    found = _LABEL.match(BULLET.sub("", text, count=1) if not text.lstrip().startswith("[") else text)
    return int(found[1] or found[2]) if found else None


def _by_label(body: list[Line]) -> tuple[list[list[Line]], list[str | None]] | None:
    """Entries that count 1, 2, 3 …; None when the list does not."""
    wanted, opened = 1, []
    for at, line in enumerate(body):
        if _labelled(line.text) == wanted and _LABEL.sub("", line.text).strip() + "".join(
            other.text for other in body[at + 1 : at + 2]
        ):
            opened.append(at)
            wanted += 1
    if len(opened) < 2 and not (opened == [0] and len(body) < 6):
        return None
    if opened[0] > 2:
        return None
    ends = [*opened[1:], len(body)]
    return [body[a:b] for a, b in zip(opened, ends, strict=True)], [str(n) for n in range(1, len(opened) + 1)]


def _by_opening(body: list[Line]) -> tuple[list[list[Line]], list[str | None]]:
    groups: list[list[Line]] = []
    # Of a long entry only its head and its tail are kept: nothing below looks further.
    head, tail, dated, linked = "", "", False, False
    for at, line in enumerate(body):
        rest = _rest_of_link(tail, line.text)
        if not groups or (dated and not rest and _opens(body, at, tail)):
            groups.append([])
            head, tail, dated, linked = "", "", False, False
        groups[-1].append(line)
        between = "" if rest or not tail else " "
        if len(head) < _OPENING:
            head += between + line.text
        linked = linked or bool(_LINK.search(tail[-20:] + between + line.text))
        tail = (tail + between + line.text)[-_OPENING:]
        dated = dated or bool(_YEARLY.search(tail[-400:])) or (linked and not _APA_HEAD.match(head[:_OPENING]))
    return groups, [None] * len(groups)


def _opens(body: list[Line], at: int, text: str) -> bool:
    """Whether a new entry begins with a line, after an entry that reads `text` so far and has had its year."""
    line = body[at]
    how = starts(_ahead(body, at))
    if how and _complete(text):
        return True
    if how == "authors":
        return not re.search(r"(?:[,&:;]|\b(?:In|en|and|of|van|by|door))$", text)
    return (
        line.apart
        and _complete(text)
        and bool(re.match(rf"\W{{0,2}}{UPPER}", line.text))
        and (_plausible(line.text) or at + 1 == len(body) or not body[at + 1].apart)
    )


_APA_HEAD = re.compile(rf"^{_APA_AUTHOR}")


def _ahead(body: Sequence[Line], at: int) -> str:
    """A line with what follows it, as far as a list of authors may reach."""
    return " ".join(line.text for line in body[at : at + 14])[:1600]


@lru_cache(maxsize=16384)
def starts(text: str) -> str:
    """How a text opens as an entry: `authors` (sure), `named` (an institution or title and its year), or not at all."""
    if _STARTS_SAME.match(text):
        return "authors"
    text = BULLET.sub("", text[:_OPENING], count=1)
    if (_STARTS_APA.match(text) and _early(text)) or (
        (harvard := _STARTS_HARVARD.match(text)) and all(len(part.split()) <= 5 for part in harvard.group().split(","))
    ):
        return "authors"
    if _STARTS_CHICAGO.match(text) or _STARTS_SMALL.match(text) or _STARTS_MLA.match(text):
        return "named"
    found = _STARTS_NAMED.match(text)
    if found and not re.search(rf"[?!]\s|https?:|\.\s.*\.\s|\b{YEAR}\b.*\b{YEAR}\b|;", found.group().rsplit("(", 1)[0]):
        return "named"
    return ""


def _early(text: str) -> bool:
    """Whether nothing but names stands before the year: a name is short, and a sentence of a title is not."""
    head = re.split(rf"\(\s*(?:[^()]{{0,20}}\b)?(?:{YEAR}|{NO_DATE})", text, maxsplit=1)[0]
    parts = re.split(r",|&|\ben\b|\band\b|…|\.\.\.", head)
    return all(len(part.split()) <= 6 for part in parts) and not re.search(
        rf"{LOWER}{{3,}}\s+{LOWER}{{3,}}\s+{LOWER}{{3,}}", head
    )


def _complete(text: str) -> bool:
    """Whether an entry may end here: a full stop, a closing bracket, or a link or number at its end."""
    text = text.rstrip()
    if not text:
        return False
    text = text[-_OPENING:]
    if text[-1] in ".)]>”\"'’?":
        return not re.search(rf"(?:^|[\s(]){UPPER}\.$", text)
    last = text.rsplit(maxsplit=1)[-1]
    return bool(_LINK.search(last)) or bool(re.search(r"\d$", last)) or "/" in last


def _plausible(text: str) -> bool:
    return len(text) >= 15 and len(text) <= 2500 and bool(_YEARLY.search(text) or _LINK.search(text))


def _standing_alone(every: Iterable[Line]) -> list[Listing]:
    """References on slides without a heading: a whole line or two in the form "Family, I. (year). Title."."""
    found: list[Listing] = []
    rest = list(every)
    at = 0
    while at < len(rest):
        line = rest[at]
        text = re.sub(r"^(?:bron|source|uit|from)\s*:\s*", "", BULLET.sub("", line.text, count=1), flags=re.IGNORECASE)
        on_slide = [other for other in rest[at : at + 6] if other.number == line.number]
        ahead = " ".join([text, *(other.text for other in on_slide[1:])])[:_OPENING]
        whole = re.match(
            rf"^{_APA_AUTHOR}[^()\d]{{0,400}}?\(\s*(?:{YEAR}[a-z]?[^()]{{0,25}}|{NO_DATE})\)\.\s+\S", ahead
        )
        if not whole or not _early(ahead):
            at += 1
            continue
        taken = 1
        while taken < len(on_slide):
            said = " ".join(other.text for other in on_slide[:taken])
            follower = on_slide[taken].text
            if (_YEARLY.search(said) and _complete(said) and not re.match(r"https?:|doi|10\.", follower)) or (
                _YEARLY.search(said) and BULLET.match(follower) and follower[:1] in "•●▪‣◦·–-"
            ):
                break
            taken += 1
        found.append(Listing(None, (tuple(on_slide[:taken]),), (None,)))
        at += taken
    return found


def joined(entry: Sequence[Line]) -> str:
    """The lines of an entry as one line: words cut at a line's end whole again, addresses without the break in them."""
    if sum(len(line.text) for line in entry) > 4 * LONGEST:
        return " ".join(line.text for line in entry)
    text = ""
    for line in entry:
        part = BULLET.sub("", line.text, count=1) if not text and not _STARTS_SAME.match(line.text) else line.text
        if not text:
            text = part
        elif _cut_word(text, part):
            text = text[:-1] + part
        elif re.match(r"[\w)][-‐\u00ad]$", text[-2:]):
            text = text.rstrip("\u00ad") + part
        elif _cut_link(text, part):
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
        last = whole[-1]
        if _LINK.search(last) or re.search(r"(?i)^\W*https?:$", last):
            ends = at == len(words) - 1
            goes_on = bool(re.search(r"[/_=?&#\d]|\w\.\w", word)) or (
                ends and (last.endswith("_") or word.rstrip(".").islower())
            )
            rest = last.endswith(")") and bool(re.fullmatch(r"[\d-]{4,}\.?|\d+\[.*", word))
            open_end = last.endswith(("/", "_", "=", "&", "%", ".", "-", ":"))
        else:
            goes_on = rest = open_end = False
        if rest or (open_end and goes_on and _cut_link(last, word)):
            whole[-1] = last + word
        else:
            whole.append(word)
    return " ".join(whole)


def _cut_word(text: str, part: str) -> bool:
    """Whether a hyphen at a line's end was put there to cut a word; it stays behind a word that often takes one."""
    found = re.search(rf"(?<!{LOWER})({LOWER}{{1,30}})-$", text[-40:])
    return (
        bool(found)
        and bool(re.match(LOWER, part))
        and not _LINK.search(text.rsplit(maxsplit=1)[-1])
        and found is not None
        and found[1] not in _HYPHENATES
    )


_HYPHENATES = frozenset(
    """self non well long short near high low open data large small full half cross multi peer student problem project
    evidence community computer web first second third year one two mixed follow meta post pre co re semi under over
    race work school face live step time""".split()
)


def _rest_of_link(text: str, line: str) -> bool:
    """Whether a line opens with the rest of the address that the line above it broke off."""
    first = line.split(maxsplit=1)[0]
    return bool(text) and _cut_link(text, line) and (first == line or bool(re.search(r"[/_=?&]|\w\.\w|\d", first)))


def _cut_link(text: str, part: str) -> bool:
    """Whether an address goes on in the next line."""
    last = text.rsplit(maxsplit=1)[-1]
    first = part.split(maxsplit=1)[0]
    if last.lower() in {"https:", "http:"} and first.startswith("//"):
        return True
    if not _LINK.search(last) and not re.search(r"(?i)(?:doi:|doi\.org/)10\.$", last):
        return False
    if last.endswith(("/", "_", "-", "=", "?", "&", "%", ":", "doi.", "10.")):
        return True
    if last.endswith("."):  # a full stop, unless what follows cannot open a sentence
        return bool(re.match(r"^[\w-]+(?:\.[\w-]+)*/\S+$", first)) or (
            bool(re.match(r"^(?:\d|[a-z])[\w./#?=&%()-]*$", first))
            and not re.match(r"^(?:van|via|from|de|het)$", first)
        )
    return bool(re.match(r"^[\w()-]*(?:[./_=#?&-][\w./#?=&%()-]+)+$", first)) and not first.lower().startswith(
        ("http", "www")
    )
