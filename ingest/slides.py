"""Slides: their titles and sections, dividers between sections, and leftovers of a template.

    pages as read ─► template leftovers out ─► titles ─► dividers become the section of the slides after them ─► languages

Pure functions from pages to pages; numbers and the order of pages stay. Text is only ever taken away whole lines at a
time, and a template's own text: "Click to add text", "xxxx", "Klik om tekst toe te voegen".
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ingest.text import BULLETS, clean
from kb.language import detect
from kb.model import Kind, Language, Page

# A slide of more words than this is read, not shown; slides of research talks have a median of some 60.
MOST_WORDS_PER_SLIDE = 160
# A line at the head or foot of this share of the pages belongs to the house style.
FURNITURE_SHARE = 0.4
LONGEST_TITLE = 120

_LEFTOVER = re.compile(
    r"(?:"
    r"x{3,}|"
    r"(?:place|insert|type|enter|add|put|write)\s+(?:your\s+|a\s+|the\s+)?(?:sub)?(?:title|text|content|name|heading|"
    r"quote|picture|image|caption|footer)\s*(?:here)?|"
    r"(?:your|sub)?\s*(?:title|text|name|heading|logo|subtitle)\s+(?:goes\s+)?here|your\s+(?:title|text|name|logo|subtitle)|"
    r"(?:double[- ])?click\s+(?:here\s+|icon\s+)?to\s+(?:add|edit|insert)\b.{0,60}|"
    r"(?:dubbel)?klik(?:ken)?\s+(?:hier\s+|op\s+het\s+pictogram\s+)?(?:om|voor)\b.{0,60}\b(?:toe\s?te\s?voegen|te\s+bewerken|bewerken|"
    r"te\s+maken|in\s+te\s+voegen|toevoegen)|"
    r"(?:titel|tekst|ondertitel|model)?stijl(?:en)?\s+(?:van\s+)?(?:het\s+)?model\s*(?:titel|tekst)?\s*(?:te\s+)?bewerken|"
    r"(?:klik\s+om\s+)?(?:de\s+)?(?:titel|tekst|ondertitel|model)?stijl(?:en)?\s+(?:van\s+het\s+model\s+)?te\s+bewerken|"
    r"edit\s+master\s+(?:title|text|subtitle)\s+styles?|"
    r"(?:second|third|fourth|fifth|tweede|derde|vierde|vijfde)\s+(?:level|niveau)|"
    r"(?:plaats|typ|voer|vul|zet|schrijf)\s+(?:hier\s+)?(?:uw|je|jouw|de|een)?\s*(?:sub|onder)?(?:titel|tekst|naam|kop)\s*(?:hier|in)?"
    r"(?:\s+in)?|"
    r"(?:uw|je|jouw)?\s*(?:sub|onder)?(?:titel|tekst|naam|kop|logo)\s+hier|"
    r"voeg\s+(?:hier\s+)?(?:een\s+|uw\s+|je\s+)?(?:titel|tekst|ondertitel|afbeelding)\s+toe|"
    r"(?:table|text|title)\s+background(?:\s+\w+){0,3}|"
    r"lorem\s+ipsum\b.*|dolor\s+sit\s+amet\b.*|.{0,30}\bconsectetu?er\s+adipiscing\b.*"
    r")[\s.…:!]*",
    re.I,
)
_STRIPPED = f"{BULLETS}-–—*[]<>() \t"
_ONLY_SIGNS = re.compile(r"[\W\d_]*")
_NUMBERED = re.compile(
    r"(?:(?:deel|part|hoofdstuk|chapter|module|blok|thema|theme|sectie|section|onderdeel|unit)\s+"
    r"(?P<word>\d{1,2}|[IVX]{1,4})\b|(?P<number>\d{1,2}|[IVX]{1,4})\s*[.):–—-]\s*\S|(?P<bare>\d{1,2})\s+[A-ZÀ-Þ])",
    re.I,
)
_NO_DIVIDER = re.compile(
    r"(?:vragen|pauze|bedankt|dank|tot slot|einde|welkom|discussi|afsluiting|questions|thank|break|welcome|the end|"
    r"q\s?&\s?a|contact)",
    re.I,
)
_ENDS_SECTION = re.compile(
    r"(?:bronnen|bronvermelding|literatuur|referenties|references|bibliogra|sources|literature|vragen\b|questions\b|bedankt|"
    r"thank|dank\b|contact\b)",
    re.I,
)
_HEADING = re.compile(
    r"(?:(?:hoofdstuk|chapter|deel|part|bijlage|appendix)\s+[\dIVX]+\b.{0,80}|\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+[A-ZÀ-Þ]\w.{1,70}|"
    r"(?:abstract|samenvatting|summary|inleiding|introduction|achtergrond|background|methoden?|methods?|methodology|"
    r"methodologie|resultaten|results|discussie|discussion|conclusies?|conclusions?|aanbevelingen|recommendations|"
    r"literatuur(?:lijst)?|literature|bronnen(?:lijst)?|referenties|references|bibliography|bibliografie|dankwoord|"
    r"acknowledge?ments|theoretisch kader|theoretical framework|voorwoord|preface|bijlagen|appendices)(?:\s+(?:en|and)\s+\w+)?)",
    re.I,
)
# A block of one short line that begins with a capital and is no sentence, no caption, no address.
_STANDS_ALONE = re.compile(r"[A-ZÀ-Þ\d“‘\"'][^\n@|]{1,79}[^\s.,;:!]")
_NO_HEADING = re.compile(r"\w\.\w+\.\w|://|\(\d{4}|\d{4}\)|·|\bet al\b|\be\.a\.")
_CAPTION = re.compile(
    r"(?:figuur|figure|fig\.|tabel|table|bron|source|foto|noot|note|doi|https?|www|copyright|©)\b", re.I
)
_ENDS_SENTENCE = re.compile(r"[.;,]$|\.{2,}\s*\d*$")


def sense(pages: tuple[Page, ...], *, kind: Kind = "deck", language: Language | None = None) -> tuple[Page, ...]:
    """Pages with title, section and language, and without leftovers of a template.

    `language` is the file's declared one; a page too short to tell takes the document's.
    """
    if kind == "literature":
        return _languages(_headings(pages), language)
    written = tuple(_without_leftovers(page) for page in pages)
    return _languages(_sections(_titles(written)), language)


def is_leftover(line: str) -> bool:
    """Whether a line is a template's, not a person's."""
    return len(line) <= 300 and _LEFTOVER.fullmatch(line.strip(_STRIPPED)) is not None


def is_all_leftover(text: str) -> bool:
    """Whether a template, not a person, wrote every line of a text; of no lines it did."""
    return all(is_leftover(line) for line in text.split("\n") if line)


def guess_kind(pages: Sequence[Page], *, landscape: float) -> Kind:
    """A deck has wide pages with few words; `landscape` is the share of wide pages."""
    words = [len(page.text.split()) for page in pages if page.text]
    return (
        "deck" if landscape >= 0.5 and (not words or statistics.median(words) <= MOST_WORDS_PER_SLIDE) else "literature"
    )


def document_language(pages: Sequence[Page], declared: Language | None = None) -> Language | None:
    """The language of all pages together; the declared one only when the text does not tell."""
    sample: list[str] = []
    for page in pages:
        sample.append(page.text)
        if sum(map(len, sample)) > 20_000:
            break
    return detect("\n".join(sample)) or declared


# -------------------------------------------------------------------------------------------------------------- leftovers


def _without_leftovers(page: Page) -> Page:
    text = _keep(page.text)
    notes = _keep(page.notes)
    title = None if page.title is not None and is_leftover(page.title) else page.title
    if text == page.text and notes == page.notes and title == page.title:
        return page
    return replace(page, text=text, notes=notes, title=title)


def _keep(text: str) -> str:
    lines = text.split("\n")
    kept = [line for line in lines if not line or not is_leftover(line)]
    return text if len(kept) == len(lines) else clean("\n".join(kept))


# ----------------------------------------------------------------------------------------------------------------- titles


def _titles(pages: tuple[Page, ...]) -> tuple[Page, ...]:
    furniture = _furniture(pages)
    return tuple(
        page if _is_title(page.title or "", furniture) else replace(page, title=_first_title(page.text, furniture))
        for page in pages
    )


def _furniture(pages: Sequence[Page], least: float = 3.0) -> frozenset[str]:
    """Lines (digits aside) at the head or foot of so many pages that they say nothing of any."""
    counts: Counter[str] = Counter()
    for page in pages:
        lines = [line for line in page.text.split("\n") if line]
        counts.update({_shape(line) for line in (*lines[:2], *lines[-2:])})
    least = max(least, FURNITURE_SHARE * len(pages))
    return frozenset(shape for shape, count in counts.items() if count >= least)


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line.casefold()).strip(_STRIPPED)


def _is_title(line: str, furniture: frozenset[str]) -> bool:
    return bool(line) and not _ONLY_SIGNS.fullmatch(line) and _shape(line) not in furniture and not is_leftover(line)


def _first_title(text: str, furniture: frozenset[str]) -> str | None:
    """The first line that could be a title; the first that is too long for one ends the search."""
    for line in text.split("\n"):
        candidate = line.strip(f"{BULLETS} ")
        if _is_title(candidate, furniture):
            return candidate if len(candidate) <= LONGEST_TITLE else None
    return None


# --------------------------------------------------------------------------------------------------------------- sections


def _sections(pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """Mark dividers; each names the section of the pages up to the next, or to a section that the file itself names."""
    dividers = _dividers(pages)
    found: list[Page] = []
    section: str | None = None
    named: str | None = None
    for index, page in enumerate(pages):
        if page.section != named:
            section, named = page.section, page.section
        if index in dividers:
            section = page.title
        elif _ENDS_SECTION.match(page.title or ""):
            section = named
        found.append(replace(page, section=section, divider=index in dividers))
    return tuple(found)


def _dividers(pages: Sequence[Page]) -> frozenset[int]:
    """Indexes of the slides that only announce.

    Sure are those with the file's own section layout. Then slides that hold a numbered title ("2. De praktijk") and at
    most a subtitle, when there are two or more and their numbers rise. Without any of these: short titles alone that
    are no question, with something under a title of its own after them, when there are two or more and not a third of
    the deck.
    """
    sure = frozenset(index for index, page in enumerate(pages) if page.divider and page.title)
    numbered = _numbered_titles(pages)
    if len(numbered) >= 2:
        return sure | numbered
    return sure or _short_titles_alone(pages)


def _numbered_titles(pages: Sequence[Page]) -> frozenset[int]:
    """Indexes of the slides with a numbered title and at most a subtitle; none when the numbers do not rise."""
    announcing = ((index, page.title) for index, page in enumerate(pages) if _announces(page.text, page.title or ""))
    numbers = {index: number for index, title in announcing if title and (number := _number(title)) is not None}
    rising = list(numbers.values()) == sorted(set(numbers.values()))
    return frozenset(numbers) if rising else frozenset()


def _short_titles_alone(pages: Sequence[Page]) -> frozenset[int]:
    """Indexes of the slides with only a short title, before a slide with more; none when they are few or many."""
    found = [
        index
        for index in range(1, len(pages) - 1)
        if _has_title_alone(pages[index])
        and not _has_title_alone(pages[index + 1])
        and pages[index + 1].text
        and _could_divide(pages[index].title or "")
    ]
    return frozenset(found) if 2 <= len(found) <= len(pages) / 3 else frozenset()


def _has_title_alone(page: Page) -> bool:
    return bool(page.title) and not page.notes and _says_only(page.text, page.title or "")


def _could_divide(title: str) -> bool:
    """Whether a title is short and neither a question nor of another kind than dividers have."""
    if len(title.split()) > 8 or title.endswith(("?", "!", "…", "...", ":")):
        return False
    return not _NO_DIVIDER.match(title)


def _says_only(text: str, title: str) -> bool:
    """Whether a page has its title and at most a word or two more, such as a number."""
    rest = Counter(text.casefold().split())
    rest.subtract(title.casefold().split())
    return sum(count for word, count in rest.items() if count > 0 and not _ONLY_SIGNS.fullmatch(word)) == 0


def _announces(text: str, title: str) -> bool:
    """Whether a page has its title and no more than a line below it, as a subtitle does."""
    lines = [line for line in text.split("\n") if line and not _ONLY_SIGNS.fullmatch(line)]
    below = [line for line in lines if line.casefold() not in title.casefold()]
    if _says_only(text, title) or not below:
        return True
    return len(below) == 1 and len(below[0].split()) <= 14 and below[0][0] not in BULLETS


def _number(title: str) -> int | None:
    match = _NUMBERED.match(title.strip())
    if match is None:
        return None
    number = match.group("word") or match.group("number") or match.group("bare")
    if number.isdigit():
        return int(number)
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in number.upper()]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def headings(text: str) -> list[tuple[int, str]]:
    """Headings in the text of a page of literature, each with its offset.

    A line that is numbered or has a name that headings have; or a line alone between blank lines, with text
    below it, and reads like a heading.
    """
    found: list[tuple[int, str]] = []
    lines = text.split("\n")
    start = 0
    for index, line in enumerate(lines):
        above = lines[index - 1] if index else ""
        below = lines[index + 1 : index + 3]
        alone = not above and len(below) == 2 and not below[0] and len(below[1]) > len(line)
        if _could_be(line) and (_HEADING.fullmatch(line) or (alone and _reads_like_one(line))):
            found.append((start, line))
        start += len(line) + 1
    return found


def page_headings(pages: Sequence[Page]) -> list[list[tuple[int, str]]]:
    """For each page of literature its headings, without the running heads."""
    furniture = _furniture(pages, least=2.0)
    return [[found for found in headings(page.text) if _shape(found[1]) not in furniture] for page in pages]


def _could_be(line: str) -> bool:
    return (
        len(line) <= 100
        and line.count("(") == line.count(")")
        and not _ENDS_SENTENCE.search(line)
        and not _CAPTION.match(line)
    )


def _reads_like_one(line: str) -> bool:
    is_short = len(line.split()) <= 12
    return (
        is_short
        and _STANDS_ALONE.fullmatch(line) is not None
        and not _NO_HEADING.search(line)
        and not is_leftover(line)
    )


def _headings(pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """For literature: the first heading on a page is its title; the last one before the page is its section."""
    found: list[Page] = []
    running: str | None = None
    for page, here in zip(pages, page_headings(pages), strict=True):
        title = page.title or (here[0][1] if here else None)
        section = page.section or (None if here and here[0][0] == 0 else running)
        found.append(replace(page, title=title, section=section if section != title else None))
        running = here[-1][1] if here else page.title or running
    return tuple(found)


# -------------------------------------------------------------------------------------------------------------- languages


def _languages(pages: tuple[Page, ...], declared: Language | None) -> tuple[Page, ...]:
    fallback = document_language(pages, declared)
    return tuple(
        replace(page, language=(detect(f"{page.text}\n{page.notes}") if page.text or page.notes else None) or fallback)
        for page in pages
    )
