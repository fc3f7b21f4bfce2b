"""Refusals: why a file is not taken in, as codes with values, and the words for them.

    TooBig("too-many-pages", filename="a.pdf", count=6000, most=5000) ─► "a.pdf: 6,000 pages, more than …; split it"

The texts are English; a door that speaks another language passes its own `gettext` and its own way to write numbers. A value
under one of the names in PHRASED may be a code of PHRASES, and is then a phrase of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Value = str | int
Translate = Callable[[str], str]

TEXTS: Mapping[str, str] = {
    # before a file is read
    "unreachable-file": "it cannot be read: %(cause)s",
    "gone": "it is gone: it was moved or removed before it could be read",
    "no-file": "it is no file: a link that leads nowhere, a pipe or a device",
    "larger-than-setting": "%(filename)s is %(size)s MB and files up to %(most)s MB are taken in: make it smaller,"
    " or raise KB_MAX_MB",
    "larger-upload": "%(filename)s is larger than %(most)s MB: make it smaller, or raise KB_MAX_MB",
    "no-bytes": "%(filename)s is empty (0 bytes): copy it again",
    # its format
    "blank-file": "%(filename)s: the file is empty; check that it was copied completely",
    "large-file": "%(filename)s: %(size)s MB is more than the %(most)s MB that is taken in; compress its pictures and films, or"
    " save it as PDF",
    "large-text": "%(filename)s: %(size)s MB is more than the %(most)s MB that is taken in; split it",
    "other-format": "%(filename)s: this is %(what)s; taken in are PDF, PPTX, DOCX, HTML, Markdown and text",
    "misnamed": "%(filename)s: this is %(what)s, though it is named as %(claim)s; taken in are PDF, PPTX, DOCX, HTML,"
    " Markdown and text",
    "other-archive": "%(filename)s: this is %(what)s",
    "not-as-named": "%(filename)s: damaged, or not %(claim)s at all; save it again",
    "unknown-format": "%(filename)s: no known format; taken in are PDF, PPTX, DOCX, HTML, Markdown and text",
    "unknown-ending": "%(filename)s: the ending %(ending)s is not known; taken in are PDF, PPTX, DOCX, HTML, Markdown and"
    " text: rename it to .txt if it is a text",
    "old-office": "%(filename)s: an old Office format; save it as .pptx, .docx or PDF",
    "other-office": "%(filename)s: an Office file of a kind that is not taken in; save it as .pptx, .docx or PDF",
    "needs-libreoffice": "%(filename)s: %(what)s; or install LibreOffice, which kb then uses to read it",
    "not-converted": "%(filename)s: LibreOffice cannot convert it (%(cause)s); save it as PDF",
    # its password
    "office-password": "%(filename)s: asks for a password; save a copy without password and take that in",
    "password": "%(filename)s: asks for a password; give it with --password, or save a copy without password and take that in",
    "wrong-password": "%(filename)s: the password does not open it; give another, or save a copy without password",
    # its size
    "too-many-pages": "%(filename)s: %(count)s pages, more than the %(most)s that are taken in; split it",
    "too-many-tags": "%(filename)s: %(count)s tags, more than the %(most)s that are taken in; split it",
    "too-many-brackets": "%(filename)s: %(count)s brackets, more than the %(most)s that are taken in; split it",
    "too-many-tags-in-part": "%(filename)s: %(part)s has more than %(most)s tags; if it is a document, print it to PDF",
    "too-many-shapes": "%(filename)s: %(count)s shapes on one slide (%(part)s), more than the %(most)s that are taken in; if it"
    " is a drawing, print it to PDF",
    "too-many-parts": "%(filename)s: holds %(count)s parts, more than a document needs; if it is one, print it to PDF",
    "inflates": "%(filename)s: unpacks to %(unpacked)s MB from %(size)s kB, more than a document needs; if it is one,"
    " print it to PDF",
    "large-part": "%(filename)s: has a part of %(unpacked)s MB of XML, more than a document needs; if it is one, print it to PDF",
    "large-xml": "%(filename)s: unpacks to %(unpacked)s MB of XML, more than a document needs; if it is one, print it to PDF",
    "inflates-pdf": "%(filename)s: unpacks to more than a document needs; if it is one, print it to PDF again",
    "nested": "%(filename)s: its parts are nested too deeply to be read; save it again or print it to PDF",
    "nested-lists": "%(filename)s: its quotes or lists are nested too deeply to be read; make them shallower",
    "nested-records": "%(filename)s is nested too deeply to be CSL-JSON: export it again as CSL JSON",
    "no-memory": "%(filename)s: reading it takes more memory than there is; split it, or print it to PDF",
    "over-cpu": "%(filename)s: reading it takes more than %(most)s seconds of computing; split it, or print it to PDF",
    "over-wall": "%(filename)s: reading it takes more than %(most)s seconds; split it, or print it to PDF",
    "over-memory": "%(filename)s: reading it takes more than %(most)s MB of memory; split it, or print it to PDF",
    "over-output": "%(filename)s: reading it unpacks to more than %(most)s MB of text; split it, or print it to PDF",
    # its content
    "no-text": "%(filename)s: there is no text in it",
    "no-slides": "%(filename)s: the deck has no slides",
    "no-pages": "%(filename)s: the PDF has no pages; print it again from its source",
    "only-pictures": "%(filename)s has pictures and no text on any of its %(counted)s: install tesseract with Dutch and English"
    " (text recognition) and ingest it again",
    "no-text-recognised": "%(filename)s has %(counted)s with pictures, and text recognition found no text on them",
    "no-page-readable": "%(filename)s: no page of it could be read (%(cause)s): save it anew",
    "no-page-read": "%(filename)s: none of its pages can be read (%(cause)s); print it to PDF and take that in",
    "nothing-on-pages": "%(filename)s has %(counted)s and nothing on them: is it the right file?",
    "damaged": "%(filename)s: damaged, it cannot be read (%(cause)s); open it and save it again",
    "damaged-archive": "%(filename)s: damaged or copied only in part (%(cause)s); get it again from its source",
    "damaged-pdf": "%(filename)s: damaged or copied only in part (%(cause)s); get it again or print it to PDF",
    "crashed": "%(filename)s: the reader crashed on this file (%(cause)s): save it anew and ingest it again",
    "defect": "%(filename)s: kb has a defect that this file brings to light (%(cause)s): report it with the file; the others are"
    " not affected",
    "recognition-slow": "page %(number)s: text recognition takes more than %(most)s seconds",
    "recognition-failed": "page %(number)s: text recognition failed",
    # bibliographies
    "no-record-bytes": "%(filename)s is empty: export the bibliography again",
    "no-record": "%(filename)s holds no record: export the bibliography again",
    "no-records": "every record is malformed: %(broken)s",
    "not-csl-json": "%(filename)s is not CSL-JSON (%(cause)s): export it again as CSL JSON",
    "not-its-records": "%(filename)s holds no %(claim)s records: is it the right file?",
    "no-bibliography": "%(filename)s is not BibTeX, RIS or CSL-JSON: export the bibliography as one of these",
}

FORMATS: Mapping[str, str] = {
    "png": "a PNG picture",
    "jpeg": "a JPEG picture",
    "gif": "a GIF picture",
    "tiff": "a TIFF picture",
    "bmp": "a BMP picture",
    "gzip": "a gzip archive",
    "bzip2": "a bzip2 archive",
    "xz": "an xz archive",
    "7zip": "a 7-Zip archive",
    "rar": "a RAR archive",
    "zip": "a zip archive; unpack it and take in what is inside",
    "postscript": "a PostScript file",
    "rtf": "an RTF file",
    "program": "a program",
    "database": "a database",
    "sound": "a sound recording",
    "film": "a film or a picture",
    "riff": "a film, a sound recording or a picture",
    "epub": "an e-book; save it as PDF",
    "excel": "an Excel workbook; save the part that matters as PDF or DOCX",
    "mail": "a mail; print it to PDF",
    "table": "a table of data; save the part that matters as PDF or DOCX",
    "subtitles": "a file of subtitles; save its words as .txt",
    "notebook": "a notebook; export it as HTML or PDF",
    "xml": "an XML file; save it as HTML, DOCX or PDF",
    "settings": "a file of data or settings",
    "code": "a program text; print it to PDF when it is to be searched",
    "typesetting": "a text with commands of a typesetting program; make a PDF of it",
    "old-powerpoint": "the PowerPoint format of before 2007; save it as .pptx or PDF",
    "old-word": "the Word format of before 2007; save it as .docx or PDF",
    "odp": "this is an OpenDocument presentation; save it as .pptx or PDF",
    "odt": "this is an OpenDocument text; save it as .docx or PDF",
    ".pdf": "a PDF",
    ".pptx": "a PowerPoint file",
    ".docx": "a Word file",
    ".ppt": "an old PowerPoint file",
    "office-file": "an Office file",
}
"""What a file is, or is named as."""

CAUSES: Mapping[str, str] = {
    "misfit": "its parts do not fit together",
    "part-missing": "it is missing from the file",
    "content-damaged": "its content is damaged",
    "slow": "takes too long to read",
    "slow-document": "the document takes too long to read",
    "no-pages-found": "no pages",
}
"""Why something cannot be read. What a library or the system gives is not among them and is shown as it is."""

SYSTEM: Mapping[str, str] = {
    text: text
    for text in (
        "Permission denied",
        "No such file or directory",
        "No space left on device",
        "Input/output error",
        "Is a directory",
        "Too many levels of symbolic links",
    )
}
"""The errors of the system that users meet."""

KINDS: Mapping[str, str] = {"deck": "a deck", "literature": "literature"}
"""Kinds of documents."""

PHRASES: Mapping[str, str] = {**FORMATS, **CAUSES, **SYSTEM, **KINDS}
PHRASED = frozenset({"what", "claim", "cause", "reason", "text", "before", "now"})
"""Names of values that may be a code of PHRASES."""

COUNTS: Mapping[str, tuple[str, str]] = {
    "counted": ("%(count)s page", "%(count)s pages"),
    "records": ("%(count)s broken record", "%(count)s broken records"),
}
"""Names of numbers that are written with what they count: one of it, and several."""
PAGES = ("page %(numbers)s", "pages %(numbers)s", "pages %(numbers)s and %(more)s more")
"""The words for a list of page numbers: one, several, and the first ones of many."""
MORE = "%(first)s; and %(more)s more"
"""The words for the first items of a longer list."""


def in_english(value: int) -> str:
    """A number with the grouping of English."""
    return f"{value:,}"


def filled(
    text: str, values: Mapping[str, Value], translate: Translate = str, number: Callable[[int], str] = in_english
) -> str:
    """A text with its values, in the language of `translate`; `number` writes a number."""
    return translate(text) % {name: _worded(name, values, translate, number) for name in values}


def cause(text: str) -> str:
    """A cause that was worded in English, as its code; any other text as it is."""
    return next((code for code, worded in CAUSES.items() if worded == text), text)


def _worded(name: str, values: Mapping[str, Value], translate: Translate, number: Callable[[int], str]) -> str:
    """One value in words."""
    value = values[name]
    if name in COUNTS and isinstance(value, int):
        return translate(COUNTS[name][value != 1]) % {"count": number(value)}
    if isinstance(value, int):
        return str(value) if name == "document" else number(value)
    if name in PHRASED:
        return translate(PHRASES[value]) if value in PHRASES else value
    more = values.get("more", 0)
    if name == "pages" and value[:1].isdigit():
        shape = PAGES[2] if more else PAGES["," in value]
        return translate(shape) % {"numbers": value, "more": more}
    return translate(MORE) % {"first": value, "more": more} if name == "broken" and more else value
