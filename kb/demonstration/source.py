"""Sources: the readable text of a deck or a paper becomes slides, sections and blocks.

    title: …                     a header, closed by an empty line
    = Section                    a section; the slides below belong to it
    # Title {hidden}             a slide (of a paper: a section); marks are title, divider, hidden, nl, en
    - bullet                     two spaces before the dash: one level deeper
    > statement                  set large, or as a quotation
    -- attribution               a line of its own under a statement
    | cell | cell |              a row of a table, the first one is its head
    chart: Title | Series        the lines `  Category | 12` below it are its values
    picture: arches | credit     a drawing of ours, with the credit below it
    notes: …                     speaker notes (PowerPoint only)
    @key                         an entry of the reference list, its text from works.txt
    @key: …                      the same, with the entry as it must be printed here
    anything else                a paragraph

Inside a line, `*…*` is italic and `{{text|form|keys}}` marks what a person judged to be a citation, or a trap that looks
like one (form `not-a-citation`). Only the text of a mark is in the built file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kb.errors import KnowledgeBaseError

HERE = Path(__file__).parent / "sources"
MARK = re.compile(r"\{\{(?P<text>.+?)\|(?P<form>[a-z-]+)\|(?P<keys>[^|}]+)(?:\|(?P<language>[a-z]{2}))?\}\}")
ITALIC = re.compile(r"\*(.+?)\*")
FLAG = re.compile(r"\s*\{(title|divider|hidden|nl|en)\}$")


class SourceError(KnowledgeBaseError):
    """A source that cannot be built; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation, or a trap, as judged in a source."""

    text: str
    form: str
    keys: str
    language: str
    before: str
    paragraph: str


@dataclass(frozen=True, slots=True)
class Work:
    """A cited work: its facts (for the judgements) and its entry in each language."""

    key: str
    kind: str
    authors: str
    year: str
    title: str
    container: str
    doi: str
    entries: dict[str, str]

    def entry(self, language: str) -> str:
        """The entry in APA style; works whose entry is the same in both languages have one."""
        return self.entries.get(language) or self.entries["en"]


@dataclass(slots=True)
class Block:
    """A piece of a slide or section: its kind, and its lines without marks, italics still starred."""

    kind: str
    lines: list[str]
    level: int = 0
    key: str = ""

    @property
    def rows(self) -> list[list[str]]:
        """The lines of a table or chart as cells."""
        return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in self.lines]


@dataclass(slots=True)
class Slide:
    """A slide of a deck, or a section of a paper."""

    title: str
    look: str = ""
    section: str = ""
    hidden: bool = False
    language: str = ""
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Source:
    """A whole deck or paper."""

    name: str
    header: dict[str, str]
    slides: list[Slide]
    marks: list[Mark]

    @property
    def filename(self) -> str:
        return f"{self.name}.{self.header['format']}"

    @property
    def language(self) -> str:
        return self.header["language"]


def sources(folder: Path = HERE) -> Iterator[Source]:
    """Every source of the collection, by name."""
    known = works(folder / "works.txt")
    for path in sorted(folder.glob("*.txt")):
        if path.name != "works.txt":
            yield read(path, known)


def works(path: Path = HERE / "works.txt") -> dict[str, Work]:
    """The cited works by key: paragraphs of `name: value` lines, the first being the key in square brackets."""
    found: dict[str, Work] = {}
    for paragraph in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        key = lines[0].strip("[] ")
        fields = dict(_named(line, path) for line in lines[1:])
        if key in found:
            raise SourceError(f"{path.name}: {key} is defined twice")
        found[key] = Work(
            key=key,
            kind=fields["type"],
            authors=fields["authors"],
            year=fields["year"],
            title=fields["title"],
            container=fields.get("in", ""),
            doi=fields.get("doi", ""),
            entries={language: fields[language] for language in ("en", "nl") if language in fields},
        )
    return found


def read(path: Path, known: dict[str, Work]) -> Source:
    """One source, its marks taken out of the text and kept apart."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    header = dict(_named(line, path) for line in head.splitlines())
    source = Source(path.stem, header, [], [])
    section = ""
    for number, line in enumerate(body.splitlines(), start=head.count("\n") + 3):
        if not line.strip():
            if source.slides and source.slides[-1].blocks:
                source.slides[-1].blocks.append(Block("gap", []))
        elif line.startswith("= "):
            section = line[2:].strip()
        elif line.startswith("# "):
            source.slides.append(_slide(line[2:].strip(), section, source))
        elif not source.slides:
            raise SourceError(f"{path.name}:{number}: text before the first slide")
        else:
            _add(line, source.slides[-1], source, known, f"{path.name}:{number}")
    for slide in source.slides:
        slide.blocks = [block for block in slide.blocks if block.kind != "gap"]
    return source


def plain(text: str) -> str:
    """A line as it reads: no stars."""
    return ITALIC.sub(r"\1", text)


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """The line in pieces, each with whether it is italic."""
    for index, piece in enumerate(ITALIC.split(text)):
        if piece:
            yield piece, index % 2 == 1


def _named(line: str, path: Path) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise SourceError(f"{path.name}: `name: value` expected, found {line!r}")
    return name.strip(), value.strip()


def _slide(title: str, section: str, source: Source) -> Slide:
    flags = set()
    while found := FLAG.search(title):
        flags.add(found[1])
        title = title[: found.start()]
    look = "title" if "title" in flags else "divider" if "divider" in flags else ""
    language = "en" if "en" in flags else "nl" if "nl" in flags else source.language
    return Slide(_unmarked(title, source, language), look, section, "hidden" in flags, language)


def _unmarked(line: str, source: Source, language: str) -> str:
    text = MARK.sub(lambda mark: mark["text"], line)
    where = 0
    for mark in MARK.finditer(line):
        before = plain(MARK.sub(lambda earlier: earlier["text"], line[: mark.start()]))
        source.marks.append(
            Mark(
                text=plain(mark["text"]),
                form=mark["form"],
                keys=mark["keys"],
                language=mark["language"] or language,
                before=before[-40:],
                paragraph=_paragraph(plain(text), plain(mark["text"]))[:60],
            )
        )
        where = mark.end()
    if "{{" in text or "}}" in text:
        raise SourceError(f"{source.name}: a mark is not closed in {line[where:]!r}")
    return text


def _paragraph(line: str, text: str) -> str:
    """The line as it is built, without the sign in front; of a table or a picture only the cell with the text."""
    if line.startswith(("|", "picture:", "chart:")):
        line = next((cell for cell in line.split("|") if text in cell), line)
    return re.sub(r"^( *- |> |-- |notes: *)", "", line).strip()


def _add(line: str, slide: Slide, source: Source, known: dict[str, Work], where: str) -> None:
    if line.startswith("@"):
        slide.blocks.append(_entry(line, slide, known, where))
    elif line.startswith("notes:"):
        slide.notes.append(plain(_unmarked(line[6:].strip(), source, slide.language)))
    else:
        _add_text(_unmarked(line, source, slide.language), slide)


def _entry(line: str, slide: Slide, known: dict[str, Work], where: str) -> Block:
    key, _, own = line[1:].partition(":")
    if key.strip() not in known:
        raise SourceError(f"{where}: works.txt has no {key.strip()}")
    text = own.strip() or known[key.strip()].entry(slide.language)
    return Block("entry", [text], key=key.strip())


def _add_text(text: str, slide: Slide) -> None:
    """Add a line to the block that it continues, or as a block of its own."""
    last = slide.blocks[-1].kind if slide.blocks else ""
    if (last == "chart" and text.startswith("  ")) or (last == "table" and text.startswith("|")):
        slide.blocks[-1].lines.append(text)
    else:
        slide.blocks.append(_block(text))


def _block(text: str) -> Block:
    if bullet := re.match(r"( *)- ", text):
        return Block("bullet", [text[bullet.end() :]], level=len(bullet[1]) // 2)
    if text.startswith(("chart:", "picture:")):
        kind, _, rest = text.partition(":")
        return Block(kind, [rest.strip()])
    for sign, kind in (("> ", "statement"), ("-- ", "attribution")):
        if text.startswith(sign):
            return Block(kind, [text.removeprefix(sign)])
    return Block("table", [text]) if text.startswith("|") else Block("text", [text.strip()])
