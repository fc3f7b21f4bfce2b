"""HTML: a page per section, as its headings have it; without scripts, navigation and hidden parts.

The rule for pages: a new page begins at each heading of the top level that is used more than once (h1, else h2, else
h3); text before the first is a page of its own. Blocks are blocks, list items and table rows are lines.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Comment, NavigableString, PageElement, Tag, XMLParsedAsHTMLWarning
from bs4.dammit import EncodingDetector

from ingest.readers.plain import decode
from ingest.readers.properties import iso_date, language, people, sensible_title
from ingest.readers.reading import Reading
from ingest.text import clean, one_line
from kb.errors import EmptyDocument, TooBig
from kb.model import Page

MEDIA_TYPE = "text/html"

_NOT_TEXT = frozenset(
    "script style noscript template svg math nav head iframe object embed canvas select button input textarea "
    "dialog audio video map".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr html main ol p pre section summary table tbody td tfoot th thead ul".split()
)
_LINES = frozenset("li tr dt dd br caption".split())
_FURNITURE = frozenset("navigation banner contentinfo search menu menubar complementary".split())
_HEADINGS = ("h1", "h2", "h3")
_DEEPEST = 200
# A book of 5 MB has some 100,000; the tree takes about 1 KB for each.
MOST_TAGS = 500_000
_BREAK = "\x1d"
_LINE = "\x1e"


@dataclass(slots=True)
class _Section:
    title: str | None = None
    section: str | None = None
    pieces: list[str] = field(default_factory=list)


def _title(meta: dict[str, list[str]], found: Mapping[str, list[Tag]]) -> str | None:
    """The title of a page, without the name of its site ("Binding - Hogeschool Voorbeeld") where a heading has it alone."""
    first = {name: tags[0].get_text(" ") for name, tags in found.items() if name in ("title", "h1")}
    title = sensible_title(_any(meta, "citation_title", "dc.title", "og:title") or first.get("title"))
    heading = sensible_title(first.get("h1"))
    return heading if heading and (title is None or title.startswith(heading)) else title


def read(data: bytes, filename: str) -> Reading:
    """Read a page of the web. Raises EmptyDocument when there is no text to be seen on it, TooBig."""
    tags = data.count(b"<")
    if tags > MOST_TAGS:
        raise TooBig("too-many-tags", filename=filename, count=tags, most=MOST_TAGS)
    soup = _soup(data)
    found = _by_name(soup)
    body = _body(soup, found)
    sections = _sections(body)
    pages = tuple(Page(n, _text(s), label=str(n), title=s.title, section=s.section) for n, s in enumerate(sections, 1))
    if not any(page.text for page in pages):
        raise EmptyDocument("no-text", filename=filename)
    meta = _meta(found.get("meta", []))
    return Reading(
        pages=pages,
        media_type=MEDIA_TYPE,
        kind="literature",
        title=_title(meta, found),
        authors=people(meta.get("citation_author") or _any(meta, "author", "dc.creator")),
        date=iso_date(_any(meta, "citation_publication_date", "article:published_time", "dc.date", "date")),
        language=language(found["html"][0].get("lang") if "html" in found else None),
    )


def _by_name(soup: BeautifulSoup) -> dict[str, list[Tag]]:
    """The tags that say something of the whole page, in one walk."""
    found: dict[str, list[Tag]] = {}
    for tag in soup.find_all(["html", "title", "meta", "main", "article", "h1"]):
        found.setdefault(tag.name, []).append(tag)
    return found


def _body(soup: BeautifulSoup, found: dict[str, list[Tag]]) -> Tag:
    """The main part of the page, when most of the text is in it."""
    whole = soup.body or soup
    for name in ("main", "article"):
        if name in found:
            part = found[name][0]
            return part if len(part.get_text()) >= 0.5 * len(whole.get_text()) else whole
    return whole


def _soup(data: bytes) -> BeautifulSoup:
    """The page parsed, in the encoding that it declares when that holds, else as guessed."""
    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    if (declared or "").lower().startswith(("utf-16", "utf-32")):
        declared = None  # what could be read to find this out is not in it
    text = decode(data)
    if declared and "\x00" not in text and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            try:
                text = data.decode(declared)
            except (LookupError, UnicodeError):
                text = decode(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # XHTML is read as HTML, and that is well
        return BeautifulSoup(text, "lxml")


def _meta(tags: list[Tag]) -> dict[str, list[str]]:
    """The metadata of the page: lower-case name to its values, in order."""
    values: dict[str, list[str]] = {}
    for tag in tags:
        name = str(tag.get("name") or tag.get("property") or "").lower()
        content = str(tag.get("content") or "").strip()
        if name and content:
            values.setdefault(name, []).append(content)
    return values


def _any(values: dict[str, list[str]], *names: str) -> str | None:
    return next((values[name][0] for name in names if name in values), None)


def _top(body: Tag) -> str | None:
    """The heading at which pages begin."""
    names = [tag.name for tag in body.find_all(list(_HEADINGS))]
    return next((name for name in _HEADINGS if names.count(name) > 1), None)


def _sections(body: Tag) -> list[_Section]:
    top = _top(body)
    above = _HEADINGS[: _HEADINGS.index(top)] if top else ()
    sections = [_Section()]
    chapter: str | None = None
    for piece in _pieces(body, 0):
        heading = one_line(piece.get_text(" ")) if isinstance(piece, Tag) else ""
        if not isinstance(piece, Tag):
            sections[-1].pieces.append(piece)
        elif heading:
            chapter = heading if piece.name in above else chapter
            if piece.name == top:
                _begin_section(sections, chapter)
            if piece.name == top or sections[-1].title is None:
                sections[-1].title = heading
            sections[-1].pieces.extend((_BREAK, heading, _BREAK))
    return sections


def _begin_section(sections: list[_Section], chapter: str | None) -> None:
    """Add a section, unless the last one is still empty."""
    if any(piece.strip() for piece in sections[-1].pieces):
        sections.append(_Section())
    sections[-1].section = chapter


def _pieces(element: Tag, depth: int, *, verbatim: bool = False) -> Iterator[str | Tag]:
    """Text and line ends in the order of the page; headings as they are; the lines of `verbatim` text stay."""
    if depth > _DEEPEST:
        yield element.get_text(" ")
        return
    for child in element.children:
        if isinstance(child, Tag):
            if not _is_left_out(child, element):
                yield from _tag_pieces(child, depth, verbatim=verbatim)
        elif _is_text(child):
            yield str(child).replace("\n", _LINE) if verbatim else re.sub(r"\s+", " ", str(child))


def _is_left_out(tag: Tag, parent: Tag) -> bool:
    """Whether nothing in an element is text of the page."""
    if tag.name in _NOT_TEXT or _is_hidden(tag):
        return True
    return (tag.name == "footer" and parent.name == "body") or (tag.name == "form" and _only_asks(tag))


def _tag_pieces(tag: Tag, depth: int, *, verbatim: bool) -> Iterator[str | Tag]:
    """The pieces of an element: a heading as it is, a line end, or its contents between the breaks that it makes."""
    if tag.name in _HEADINGS:
        yield tag
        return
    if tag.name == "br":
        yield _LINE
        return
    mark = _break_around(tag.name)
    yield mark
    yield from _pieces(tag, depth + 1, verbatim=verbatim or tag.name == "pre")
    yield mark


def _break_around(name: str) -> str:
    """The white space that an element of this name makes before and after its text."""
    if name in ("td", "th"):
        return " "
    if name in _LINES:
        return _LINE
    return _BREAK if name in _BLOCKS else ""


def _only_asks(form: Tag) -> bool:
    """Whether a form holds no more than its fields and their labels: some sites put the whole page in one."""
    return form.find(["p", "article", "main", *_HEADINGS]) is None


def _is_text(child: PageElement) -> bool:
    return isinstance(child, NavigableString) and type(child) in (NavigableString,) and not isinstance(child, Comment)


def _is_hidden(tag: Tag) -> bool:
    style = str(tag.get("style") or "").replace(" ", "").lower()
    role = str(tag.get("role") or "").lower()
    return (
        tag.has_attr("hidden")
        or str(tag.get("aria-hidden") or "").lower() == "true"
        or "display:none" in style
        or "visibility:hidden" in style
        or role in _FURNITURE
    )


def _text(section: _Section) -> str:
    blocks = "".join(section.pieces).split(_BREAK)
    lines = ["\n".join(line for part in block.split(_LINE) if (line := one_line(part))) for block in blocks]
    return clean("\n\n".join(block for block in lines if block))
