"""Office packages made safe: the zip around a PPTX or DOCX is checked, mended, and handed on without its pictures.

    zip ─► format_of(): what is it, and is it safe to unpack?
        ─► mended(): the XML parts alone, in the names and content types that python-pptx and python-docx expect

Both libraries load every part of a package and lose the whole document over one missing picture, one slideshow content
type, one damaged slide or the ISO "strict" namespaces. So they get a copy in which links that lead nowhere are cut,
content types are the plain ones, pictures and films are empty, and a slide that is no XML is a blank one that is
reported. Nothing is unpacked before its declared size has been weighed, and zipfile never reads beyond that.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote

from lxml import etree

from ingest.readers.failures import brief
from kb.errors import LockedDocument, TooBig, UnreadableDocument, UnsupportedFormat

# A book of a thousand pages is one XML part of some 20 MB; lxml takes ten times that in memory.
LARGEST_PART = 32 * 2**20
LARGEST_XML = 128 * 2**20
MOST_ENTRIES = 20_000
# Small elements weigh most: a part of the largest size made of nothing else would take gigabytes.
MOST_TAGS = 1_500_000
# Office XML packs 10 to 30 times, a drawing of one colour more, and a bomb a thousand times.
LARGEST_UNPACKED = 4 * 2**30
LARGEST_RATIO = 200
RATIO_COUNTS_FROM = 64 * 2**20

# A busy map or diagram has a few hundred.
MOST_SHAPES = 5_000

_SHAPE = re.compile(rb"<(?:\w+:)?(?:sp|pic|cxnSp|graphicFrame|grpSp)[\s>]")
_MAIN = re.compile(
    rb"(?:presentationml\.(?:presentation|slideshow|template)|ms-powerpoint\.\w+(?:\.macroEnabled(?:\.12)?)?)\.main\+xml"
)
_WORD = re.compile(
    rb"(?:wordprocessingml\.(?:document|template)|ms-word\.\w+(?:\.macroEnabled(?:Template)?(?:\.12)?)?)\.main\+xml"
)
_PML = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_WML = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"
_DOCTYPES = (b"<!DOCTYPE", b"<\x00!\x00D\x00O", b"\x00<\x00!\x00D")
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_OVERRIDE = "{http://schemas.openxmlformats.org/package/2006/content-types}Override"
_SLIDE = "application/vnd.openxmlformats-officedocument.presentationml.slide+xml"
_SLIDE_LIST = "ppt/_rels/presentation.xml.rels"
_BLANK_SLIDE = (
    b'<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    b'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree>'
    b'<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    b"</p:spTree></p:cSld></p:sld>"
)

_OPEN_DOCUMENTS = {
    "application/vnd.oasis.opendocument.presentation": (
        ".odp",
        "odp",
    ),
    "application/vnd.oasis.opendocument.text": (".odt", "odt"),
}
_OTHERS = {"application/epub+zip": "epub"}

# What goes wrong inside a zip: its own errors, an unknown compression, a password, a size that does not hold.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class Package:
    """An Office package that is safe to open."""

    data: bytes
    failures: dict[str, str] = field(default_factory=dict)
    """Part name (`ppt/slides/slide3.xml`) to what was wrong with it."""


class OpenDocument(Exception):
    """The zip is an OpenDocument, which LibreOffice can convert; `ending` is that of its format."""

    def __init__(self, ending: str, what: str) -> None:
        super().__init__(what)
        self.ending = ending


def parser(*, recover: bool = False) -> etree.XMLParser:
    """A parser that neither expands entities nor fetches anything nor builds a tree without end."""
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=recover, remove_comments=True
    )


def _not_office(archive: zipfile.ZipFile, mimetype: zipfile.ZipInfo | None, filename: str) -> Exception:
    """The error for a zip that is no Office file: OpenDocument, or UnsupportedFormat that names what it is."""
    kind = archive.read(mimetype).decode("ascii", "replace").strip() if mimetype and mimetype.file_size < 200 else ""
    if kind in _OPEN_DOCUMENTS:
        return OpenDocument(*_OPEN_DOCUMENTS[kind])
    other = _OTHERS.get(kind, "zip")
    return UnsupportedFormat("other-archive", filename=filename, what=other)


def format_of(data: bytes, filename: str) -> str:
    """`pptx` or `docx`: the reader for this zip, which is safe to unpack.

    Raises OpenDocument or UnsupportedFormat for other zips, TooBig for a bomb, LockedDocument when its parts are encrypted.
    """
    archive = _opened(data, filename)
    weigh(archive, len(data), filename)
    names = {_name(info): info for info in archive.infolist()}
    if any(info.flag_bits & 1 for info in names.values()):
        raise LockedDocument("office-password", filename=filename)
    types = names.get("[Content_Types].xml")
    if types is None:
        raise _not_office(archive, names.get("mimetype"), filename)
    try:
        declared = archive.read(types)
    except ZIP_ERRORS as error:
        raise _damaged(filename, error) from error
    if declared[:2] in (b"\xff\xfe", b"\xfe\xff"):
        declared = declared.decode("utf-16", "replace").encode()
    is_deck, is_text = _MAIN.search(declared) is not None, _WORD.search(declared) is not None
    if is_deck and (not is_text or any(name.startswith("ppt/") for name in names)):
        return "pptx"
    if is_text:
        return "docx"
    if b"spreadsheetml" in declared or b"ms-excel" in declared:
        raise UnsupportedFormat("other-archive", filename=filename, what="excel")
    raise UnsupportedFormat("other-office", filename=filename)


def weigh(archive: zipfile.ZipFile, size: int, filename: str) -> None:
    """Raise TooBig when unpacking would take more than a document needs; by declared sizes, so nothing is unpacked."""
    entries = archive.infolist()
    total = sum(info.file_size for info in entries)
    xml = [info.file_size for info in entries if _is_xml(info.filename)]
    largest = max(xml, default=0)
    expands = total > LARGEST_UNPACKED or (total > RATIO_COUNTS_FROM and total > LARGEST_RATIO * size)
    if len(entries) > MOST_ENTRIES:
        raise TooBig("too-many-parts", filename=filename, count=len(entries))
    if expands:
        raise TooBig("inflates", filename=filename, unpacked=round(total / 2**20), size=max(1, round(size / 2**10)))
    if largest > LARGEST_PART:
        raise TooBig("large-part", filename=filename, unpacked=round(largest / 2**20))
    if sum(xml) > LARGEST_XML:
        raise TooBig("large-xml", filename=filename, unpacked=round(sum(xml) / 2**20))


_NEEDED = ("[Content_Types].xml", "word/document.xml", "ppt/presentation.xml", "_rels/.rels")


def _read_parts(archive: zipfile.ZipFile, filename: str, *, thorough: bool) -> tuple[dict[str, bytes], dict[str, str]]:
    """The parts of a package by name, and why parts of it cannot be read; a damaged slide is blank, other parts are gone."""
    failures: dict[str, str] = {}
    parts: dict[str, bytes] = {}
    for info in archive.infolist():
        name = _name(info)
        if name.endswith("/") or not name:
            continue
        if not _is_xml(name):
            parts[name] = b""  # pictures, films, fonts: never unpacked
            continue
        try:
            parts[name] = _sound(_xml_part(archive, info, filename), thorough=thorough)
        except (*ZIP_ERRORS, etree.XMLSyntaxError) as error:
            if name in _NEEDED:
                raise _damaged(filename, error) from error
            failures[name] = brief(error)
            if _is_slide(name):
                parts[name] = _BLANK_SLIDE
    return parts, failures


def _xml_part(archive: zipfile.ZipFile, info: zipfile.ZipInfo, filename: str) -> bytes:
    """The bytes of an XML part. Raises TooBig for one with more tags or shapes than a document needs."""
    content = archive.read(info)
    if content.count(b"<") > MOST_TAGS:
        raise TooBig("too-many-tags-in-part", filename=filename, part=_name(info), most=MOST_TAGS)
    _refuse_crowded(_name(info), content, filename)
    return content


def mended(data: bytes, filename: str, *, thorough: bool = False) -> Package:
    """The package without what its reader would stumble over; `thorough` also tries every XML part."""
    parts, failures = _read_parts(_opened(data, filename), filename, thorough=thorough)
    for name in _slides_of(parts.get(_SLIDE_LIST, b"")):
        if name not in parts:
            failures[name], parts[name] = "part-missing", _BLANK_SLIDE
    known = {name.lower(): name for name in parts}
    for name in [name for name in parts if name.endswith(".rels")]:
        parts[name] = _linked(name, parts[name], known)
    parts["[Content_Types].xml"] = _typed(parts["[Content_Types].xml"], [name for name in parts if name in failures])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as lean:
        for name, content in parts.items():
            lean.writestr(zipfile.ZipInfo(name), content)
    return Package(out.getvalue(), failures)


def _refuse_crowded(name: str, content: bytes, filename: str) -> None:
    """Raise TooBig when a slide has more shapes than a slide can show."""
    shapes = sum(1 for _ in _SHAPE.finditer(content)) if _is_slide(name) else 0
    if shapes > MOST_SHAPES:
        part = PurePath(name).stem
        raise TooBig("too-many-shapes", filename=filename, count=shapes, part=part, most=MOST_SHAPES)


def _opened(data: bytes, filename: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except ZIP_ERRORS as error:
        raise _damaged(filename, error) from error


def _damaged(filename: str, error: BaseException) -> UnreadableDocument:
    return UnreadableDocument("damaged-archive", filename=filename, cause=brief(error))


def _name(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/").lstrip("/")


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def _is_slide(name: str) -> bool:
    return re.fullmatch(r"ppt/slides/[^/]+\.xml", name, re.I) is not None


def _sound(content: bytes, *, thorough: bool) -> bytes:
    """The XML without a document type (Office writes none; bombs do), in the transitional namespaces."""
    if b"purl.oclc.org/ooxml" in content:
        content = _STRICT.sub(_TRANSITIONAL, content)
    if any(mark in content for mark in _DOCTYPES):
        root = etree.fromstring(content, parser())
        for entity in list(root.iter(etree.Entity)):
            _remove_entity(entity)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return _recovered(content) if thorough else content


def _remove_entity(entity: Any) -> None:
    """Take an entity out of its element; the text after it stays."""
    parent, previous = entity.getparent(), entity.getprevious()
    if parent is None:
        return
    if previous is not None:
        previous.tail = (previous.tail or "") + (entity.tail or "")
    else:
        parent.text = (parent.text or "") + (entity.tail or "")
    parent.remove(entity)


def _recovered(content: bytes) -> bytes:
    """The XML as it is when it is well-formed, else as far as it can be read."""
    try:
        etree.fromstring(content, parser())
    except etree.XMLSyntaxError:
        root = etree.fromstring(content, parser(recover=True))
        if root is None:
            raise
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content


def _linked(name: str, content: bytes, known: dict[str, str]) -> bytes:
    """A relationships part with only the links that lead somewhere."""
    root = _relationships(content)
    if root is None:
        return b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
    for link in list(root.iter(_RELS)):
        if link.get("TargetMode") == "External":
            continue
        path = _target(name, link)
        found = known.get(path.lower()) or known.get(unquote(path).lower())
        parent = link.getparent()
        if found is not None and link.get("Id") and link.get("Type"):
            link.set("Target", "/" + found)
        elif parent is not None:
            parent.remove(link)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _relationships(content: bytes) -> etree._Element | None:
    try:
        root = etree.fromstring(content, parser(recover=True)) if content else None
    except etree.XMLSyntaxError:
        return None
    return root if root is not None and root.tag == _RELS + "s" else None


def _target(name: str, link: etree._Element) -> str:
    """The name of the part that a relationship of `name` leads to."""
    base = posixpath.dirname(posixpath.dirname(name))
    target = (link.get("Target") or "").replace("\\", "/")
    return posixpath.normpath(posixpath.join("/", base, target)).lstrip("/")


def _slides_of(content: bytes) -> list[str]:
    """The names of the slides that the presentation lists."""
    root = _relationships(content)
    links = [] if root is None else list(root.iter(_RELS))
    return [_target(_SLIDE_LIST, link) for link in links if (link.get("Type") or "").endswith("/slide")]


def _typed(content: bytes, blank: list[str]) -> bytes:
    """Content types with every sort of deck a presentation, every sort of text a document, and blank slides slides."""
    root = etree.fromstring(content, parser(recover=True))
    blank_parts = {f"/{name}" for name in blank}
    for override in [override for override in root.iter(_OVERRIDE) if override.get("PartName") in blank_parts]:
        root.remove(override)
    for name in blank:
        etree.SubElement(root, _OVERRIDE, PartName=f"/{name}", ContentType=_SLIDE)
    for override in root.iter(_OVERRIDE):
        declared = (override.get("ContentType") or "").encode()
        if _MAIN.search(declared):
            override.set("ContentType", _PML)
        elif _WORD.search(declared) and "glossary" not in (override.get("PartName") or ""):
            override.set("ContentType", _WML)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
