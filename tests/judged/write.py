"""Write the judgements that stand as marks in the sources as plain files, each with the page where it is printed.

    python -m tests.judged.write

Every mark was placed by a person reading the source; this only looks up on which page of the built file it ended. It reads
with the libraries themselves, never with our own readers, so that it cannot agree with their mistakes.
"""

import csv
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import docx
import pptx
import pypdf
from lxml import html

from kb.demonstration.build import build
from kb.demonstration.source import Source, plain, sources, works

HERE = Path(__file__).parent
CITATIONS = ("file", "page", "text", "form", "language", "keys", "paragraph")
REFERENCES = ("file", "number", "page", "key", "authors", "year", "title", "container", "doi", "type", "raw")


def words(text: str) -> str:
    """The text with every run of white space as one space."""
    return re.sub(r"\s+", " ", text).strip()


def pages(path: Path) -> list[str]:
    """The pages of a built file as text: of a deck with notes after the slide, of DOCX and HTML a page per section.

    The first page of a DOCX or HTML paper is its title with what stands above the first heading.
    """
    if path.suffix == ".pdf":
        return [words(page.extract_text()) for page in pypdf.PdfReader(path).pages]
    if path.suffix == ".pptx":
        return [words("\n".join(_slide(slide))) for slide in pptx.Presentation(str(path)).slides]
    if path.suffix == ".docx":
        return _sections(_docx(path))
    article = html.fromstring(path.read_bytes()).find(".//article")
    assert article is not None
    return _sections((part.tag == "h2", str(part.xpath("string()"))) for part in article)


def _slide(slide: pptx.slide.Slide) -> Iterable[str]:
    for shape in slide.shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text
        if getattr(shape, "has_table", False):
            for row in shape.table.rows:
                yield from (cell.text for cell in row.cells)
        if getattr(shape, "has_chart", False):
            yield shape.chart.chart_title.text_frame.text
    if slide.has_notes_slide:
        yield slide.notes_slide.notes_text_frame.text


def _docx(path: Path) -> Iterable[tuple[bool, str]]:
    for part in docx.Document(str(path)).iter_inner_content():
        if isinstance(part, docx.table.Table):
            yield False, "\n".join(cell.text for row in part.rows for cell in row.cells)
        else:
            yield part.style.name == "Heading 1", part.text


def _sections(parts: Iterable[tuple[bool, str]]) -> list[str]:
    found: list[list[str]] = [[]]
    for heading, text in parts:
        if heading:
            found.append([])
        found[-1].append(text)
    return [words("\n".join(section)) for section in found]


def citations(source: Source, texts: list[str]) -> list[dict[str, str]]:
    """The marks of a source with the page each is printed on."""
    rows: list[dict[str, str]] = []
    page = end = 0
    for mark in source.marks:
        text, before = words(mark.text), words(mark.before)
        # Notes and tables may be built in another order than they are written, but never on another page.
        for number in range(page, len(texts)):
            where = texts[number].find(f"{before} {text}" if mark.before.endswith(" ") else f"{before}{text}")
            if where < 0:
                where = texts[number].find(text, end if number == page else 0)
            if where >= 0:
                break
        else:
            raise LookupError(f"{source.filename}: {text!r} stands on no page from {page + 1} on")
        page, end = number, (end if number == page else 0)
        rows.append(
            {
                "file": source.filename,
                "page": str(page + 1),
                "text": text,
                "form": mark.form,
                "language": mark.language,
                "keys": mark.keys,
                "paragraph": words(mark.paragraph),
            }
        )
    return rows


def references(source: Source, texts: list[str]) -> list[dict[str, str]]:
    """The entries of a source's reference lists, what is true of each work, and the page where each entry starts."""
    known = works()
    rows: list[dict[str, str]] = []
    for slide in source.slides:
        for block in slide.blocks:
            if block.kind != "entry":
                continue
            raw = words(plain(block.lines[0]))
            start = raw[:40]
            found = [number for number, text in enumerate(texts, start=1) if raw in text]
            # An entry that runs over a page stands whole on neither.
            found = found or [number for number, text in enumerate(texts, start=1) if start in text]
            if not found:
                raise LookupError(f"{source.filename}: {raw!r} stands on no page")
            work = known[block.key]
            rows.append(
                {
                    "file": source.filename,
                    "number": str(len(rows) + 1),
                    "page": str(found[-1]),
                    "key": work.key,
                    "authors": work.authors if "OCW" not in raw else "Ministerie van OCW",
                    "year": work.year,
                    "title": work.title,
                    "container": work.container or "-",
                    "doi": work.doi or "-",
                    "type": work.kind,
                    "raw": raw,
                }
            )
    return rows


def judgements(folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Citations and references of the collection built in `folder`."""
    cited: list[dict[str, str]] = []
    listed: list[dict[str, str]] = []
    for source in sources():
        texts = pages(folder / source.filename)
        cited += citations(source, texts)
        listed += references(source, texts)
    return cited, listed


def table(path: Path, names: Iterable[str]) -> list[dict[str, str]]:
    """A judged file as rows."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, tuple(names), delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def main() -> int:
    """Write both files anew."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        cited, listed = judgements(Path(folder))
    for name, names, rows in (("citations", CITATIONS, cited), ("references", REFERENCES, listed)):
        lines = ["\t".join(names), *("\t".join(row[one] for one in names) for row in rows)]
        (HERE / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(cited)} citations and traps, {len(listed)} references\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
