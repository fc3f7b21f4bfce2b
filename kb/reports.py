"""Reports on cited works for people who write policy: each work with the sentences that cite it, and links to them.

    References ─► works (entry, places, whether it is here, where to look for it) ─► Word, HTML or Markdown

Works come in the order of a reference list; those of which no title is known come last, under a heading of their own.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args
from urllib.parse import quote, quote_plus, urljoin

from kb import bibliography
from kb.bibliography.items import title
from kb.exports import apa_entry, filing_key, is_complete
from kb.language.sentences import sentence_around
from kb.model import Citation, Document, Language, Page, Reference
from kb.serialise import authors

ReportFormat = Literal["docx", "html", "md"]
REPORTS: tuple[ReportFormat, ...] = get_args(ReportFormat)

_WORDS: dict[Language, dict[str, str]] = {
    "nl": {
        "title": "Aangehaalde werken",
        "incomplete": "Onvolledig",
        "here": "In de kennisbank",
        "not here": "Niet in de kennisbank",
        "look": "Zoeken",
        "slide": "dia",
        "page": "p.",
        "listed": "Alleen in een literatuurlijst",
        "nothing": "Geen werken gevonden.",
    },
    "en": {
        "title": "Cited works",
        "incomplete": "Incomplete",
        "here": "In the knowledge base",
        "not here": "Not in the knowledge base",
        "look": "Look for it",
        "slide": "slide",
        "page": "p.",
        "listed": "Only in a reference list",
        "nothing": "No works found.",
    },
}


class Pages(Protocol):
    """Where documents and pages are looked up."""

    def document(self, document_id: int, /) -> Document: ...

    def page(self, document_id: int, number: int, /) -> Page: ...


@dataclass(frozen=True, slots=True)
class CitingPlace:
    """A sentence that cites a work."""

    sentence: str
    where: str
    address: str


@dataclass(frozen=True, slots=True)
class ReportedWork:
    """A work as a report shows it."""

    entry: str
    """APA text."""
    entry_html: str
    """The same as HTML, with `<i>`."""
    complete: bool
    here: str | None
    """The address of the document that is this work."""
    searches: tuple[tuple[str, str], ...]
    """Names and addresses of places to look for a work that is not here."""
    places: tuple[CitingPlace, ...]


def report(references: Sequence[Reference], form: ReportFormat, locale: Language, pages: Pages, root: str) -> bytes:
    """A report as a file; `root` is the address of the pages, such as "http://127.0.0.1:8000/"."""
    works = [_work(reference, locale, pages, root) for reference in sorted(references, key=filing_key)]
    works.sort(key=lambda work: not work.complete)  # stable: the order of the list stays within both
    writers: Mapping[ReportFormat, Callable[[Sequence[ReportedWork], Language], bytes]] = {
        "docx": _as_docx, "html": _as_html, "md": _as_markdown,
    }  # fmt: skip
    return writers[form](works, locale)


def search_addresses(reference: Reference) -> tuple[tuple[str, str], ...]:
    """Where to look for a work: its DOI, the union catalogue of libraries, and Google Scholar."""
    words = " ".join(
        [*authors(reference)[:1], title(reference.csl) or (reference.raw[0][:200] if reference.raw else "")]
    )
    doi = str(reference.csl.get("DOI") or "")
    searches = [("DOI", f"https://doi.org/{quote(doi, safe='/')}")] if doi else []
    searches.append(("WorldCat", f"https://search.worldcat.org/search?q={quote_plus(words)}"))
    searches.append(("Google Scholar", f"https://scholar.google.com/scholar?q={quote_plus(words)}"))
    return tuple(searches)


def _work(reference: Reference, locale: Language, pages: Pages, root: str) -> ReportedWork:
    entry = apa_entry(reference, locale) or reference.key
    complete = is_complete(reference)
    here = reference.document_id
    return ReportedWork(
        entry=entry,
        entry_html=bibliography.apa_html(reference.csl, locale) if complete else html.escape(entry),
        complete=complete,
        here=None if here is None else urljoin(root, f"documents/{here}"),
        searches=() if here is not None else search_addresses(reference),
        places=tuple(_place(citation, locale, pages, root) for citation in reference.cited_by),
    )


def _place(citation: Citation, locale: Language, pages: Pages, root: str) -> CitingPlace:
    document, page = pages.document(citation.document_id), pages.page(citation.document_id, citation.number)
    text = page.notes if citation.field == "notes" else page.text
    span = sentence_around(text, citation.start, citation.end)
    name = _WORDS[locale]["slide" if document.kind == "deck" else "page"]
    number = str(page.number) if document.kind == "deck" else page.label or str(page.number)
    address = urljoin(root, f"documents/{document.id}/pages/{page.number}?from={citation.start}&to={citation.end}")
    return CitingPlace(" ".join(text[span.start : span.end].split()), f"{document.title}, {name} {number}", address)


def _sections(works: Sequence[ReportedWork], locale: Language) -> Iterator[tuple[str, Sequence[ReportedWork]]]:
    """The works under their headings."""
    complete = [work for work in works if work.complete]
    yield _WORDS[locale]["title"], complete
    if incomplete := [work for work in works if not work.complete]:
        yield _WORDS[locale]["incomplete"], incomplete


# -- Markdown


def _as_markdown(works: Sequence[ReportedWork], locale: Language) -> bytes:
    words, lines = _WORDS[locale], []
    for level, (heading, listed) in enumerate(_sections(works, locale), 1):
        lines += [f"{'#' * min(level, 2)} {heading}", ""]
        if not works:
            lines += [words["nothing"], ""]
        for work in listed:
            lines += [f"**{_plain_markdown(work.entry)}**", "", _state(work, words, "[{0}]({1})".format), ""]
            for place in work.places:
                lines += [
                    f"> {_plain_markdown(place.sentence)}",
                    ">",
                    f"> [{_plain_markdown(place.where)}]({place.address})",
                    "",
                ]
    return "\n".join(lines).encode()


def _plain_markdown(text: str) -> str:
    """Text whose signs mean nothing in Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)


def _state(work: ReportedWork, words: Mapping[str, str], link: Callable[[str, str], str]) -> str:
    """Whether a work is here, or where to look for it, with links as `link` writes them."""
    if work.here is not None:
        return link(words["here"], work.here)
    listed = f" {words['listed']}." if not work.places else ""
    return f"{words['not here']}.{listed} {words['look']}: {', '.join(link(*search) for search in work.searches)}"


# -- HTML

_STYLE = (
    "body{font:1rem/1.5 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
    "blockquote{margin:.5rem 0 .5rem 1.5rem}"
)


def _as_html(works: Sequence[ReportedWork], locale: Language) -> bytes:
    words = _WORDS[locale]

    def link(text: str, address: str) -> str:
        return f'<a href="{html.escape(address)}">{html.escape(text)}</a>'

    body = [] if works else [f"<p>{words['nothing']}</p>"]
    for level, (heading, listed) in enumerate(_sections(works, locale), 1):
        body.append(f"<h{min(level, 2)}>{heading}</h{min(level, 2)}>")
        for work in listed:
            body += [f"<p>{work.entry_html}</p>", f"<p><small>{_state(work, words, link)}</small></p>"]
            body += [
                f"<blockquote><p>{html.escape(place.sentence)}<br>{link(place.where, place.address)}</p></blockquote>"
                for place in work.places
            ]
    head = f'<meta charset="utf-8"><title>{words["title"]}</title><style>{_STYLE}</style>'
    text = "\n".join(body)
    return f'<!doctype html>\n<html lang="{locale}"><head>{head}</head><body>\n{text}\n</body></html>\n'.encode()


# -- Word


def _as_docx(works: Sequence[ReportedWork], locale: Language) -> bytes:
    import docx

    words, document = _WORDS[locale], docx.Document()
    document.core_properties.title = words["title"]
    document.core_properties.author = "kb"
    for level, (heading, listed) in enumerate(_sections(works, locale), 1):
        document.add_heading(heading, min(level, 2))
        if not works:
            document.add_paragraph(words["nothing"])
        for work in listed:
            _add_html(document.add_paragraph(), work.entry_html)
            state = document.add_paragraph()
            for text, address in _state_parts(work, words):
                _add_link(state, text, address) if address else state.add_run(text)
            for place in work.places:
                quoted = document.add_paragraph(style="Quote")
                quoted.add_run(f"{_printable(place.sentence)} ")
                _add_link(quoted, place.where, place.address)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _state_parts(work: ReportedWork, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """The state of a work as text with addresses; empty addresses for plain text."""
    marked = _state(work, words, "\x00{0}\x01{1}\x00".format)
    return [(text, address) for part in marked.split("\x00") for text, _, address in (part.partition("\x01"),) if text]


def _add_html(paragraph: Any, entry: str) -> None:
    """Add an entry, given as HTML with no other tags than `<i>`, `<b>`, `<sup>` and `<sub>`."""
    open_tags: set[str] = set()
    for part in re.split(r"(</?(?:i|b|sup|sub)>)", entry):
        tag = re.fullmatch(r"<(/?)(i|b|sup|sub)>", part)
        if tag is None:
            run = paragraph.add_run(_printable(html.unescape(part)))
            run.italic, run.bold = "i" in open_tags or None, "b" in open_tags or None
            run.font.superscript, run.font.subscript = "sup" in open_tags or None, "sub" in open_tags or None
        elif tag[1]:
            open_tags.discard(tag[2])
        else:
            open_tags.add(tag[2])


def _add_link(paragraph: Any, text: str, address: str) -> None:
    """Add a hyperlink, which python-docx has no call for (ECMA-376, part 1, 17.16.22)."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = paragraph.add_run(_printable(text))
    run.underline = True
    link.append(run._r)
    paragraph._p.append(link)


def _printable(text: str) -> str:
    """The text without control characters, which XML has no place for."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
