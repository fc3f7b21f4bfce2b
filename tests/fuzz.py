"""Coverage-guided fuzzing of readers and of functions on document text: `make fuzz SECONDS=300`, or one target by name.

    valid files ─► corpus ─► atheris changes bytes ─► target ─► an exception, a hang or a crash ─► tests/finds/TARGET/

A target promises that nothing but a DocumentError comes out of any input, within SLOWEST seconds, and that passages and
citations are where they are said to be. Each find is kept as a file, which `tests/test_ingest_finds.py` gives to its target
from then on. In an Office file the first byte of the input chooses the part that is replaced by the rest.

Needs the package atheris, which `make fuzz` installs.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from ingest.citations import citations
from ingest.entries import entries, import_records
from ingest.entries.entry import parse
from ingest.entries.joining import joined
from ingest.entries.lines import lines
from ingest.entries.openings import opening
from ingest.passages import passages
from ingest.preparing import prepare
from ingest.slides import sense
from ingest.source import Source
from ingest.text import clean, flow, vocabulary
from kb.errors import DocumentError
from kb.language.sentences import sentences
from kb.language.syntax import read_query
from kb.model import Page
from tests import writers

FINDS = Path(__file__).parent / "finds"
CORPUS = Path(__file__).parents[1] / ".fuzz"
SLOWEST = 20
"""Seconds that one input may take."""
MEMORY = 2500
"""Megabytes that the process of a target may take."""
LONGEST = {"text": 4_000, "file": 60_000}

PROGRAM = """
import sys, atheris
with atheris.instrument_imports(include=["ingest", "kb"]):
    from tests import fuzz
fuzz.fuzz(sys.argv[1], int(sys.argv[2]))
"""
"""The program that fuzzes one target."""

Target = Callable[[bytes], object]


def check_refusal(error: DocumentError) -> None:
    """Raise AssertionError for a refusal that is not one line."""
    assert str(error).isprintable()


def prepared(data: bytes, filename: str) -> None:
    """Take a file through its reader and everything after it. Raises AssertionError where a promise is broken."""
    try:
        result = prepare(Source.of(data, filename, filename))
    except DocumentError as error:
        check_refusal(error)
        return
    by_number = {page.number: page for page in result.pages}
    for passage in result.passages:
        assert by_number[passage.number].field(passage.field)[passage.start : passage.end] == passage.text
    for citation in result.citations:
        assert by_number[citation.number].field(citation.field)[citation.start : citation.end] == citation.text


def file_target(filename: str) -> Target:
    """The target for the bytes of a file of this name."""
    return lambda data: prepared(data, filename)


@cache
def office_file(filename: str) -> bytes:
    """A small valid file of this name."""
    if filename.endswith(".pptx"):
        return writers.write_pptx(
            [writers.Slide("Drempels", ("Wie begint staat op een drempel (Turner, 1969).",))], "Deck"
        )
    return writers.text_document(lambda document: document.add_paragraph("Wie begint staat op een drempel."))


@cache
def parts(filename: str) -> tuple[str, ...]:
    """The names of the XML parts of that file."""
    with zipfile.ZipFile(io.BytesIO(office_file(filename))) as archive:
        return tuple(name for name in archive.namelist() if name.endswith((".xml", ".rels")))


def part_target(filename: str) -> Target:
    """The target for one part of an Office file: the first byte of the input chooses the part, the rest is its content."""

    def target(data: bytes) -> None:
        names = parts(filename)
        name = names[data[0] % len(names)] if data else names[0]
        prepared(writers.rezipped(office_file(filename), {name: data[1:]}), filename)

    return target


def records_target(filename: str) -> Target:
    """The target for a bibliography of this name."""

    def target(data: bytes) -> None:
        try:
            import_records(data, filename)
        except DocumentError as error:
            check_refusal(error)

    return target


def text_target(function: Callable[[str], object]) -> Target:
    """The target for a function on document text."""
    return lambda data: function(data.decode("utf-8", "replace"))


def page(text: str) -> list[Page]:
    return [Page(1, text=text)]


def listed(text: str) -> list[Page]:
    return page(f"References\nAa, B. (2003). Title of a work. Publisher.\n{text}")


def flowed(text: str) -> str:
    """The text of recognised or printed lines."""
    printed = text.split("\n")
    return clean("\n".join(flow(printed, vocabulary(printed))))


FILES: dict[str, Target] = {
    "pdf": file_target("a.pdf"),
    "html": file_target("a.html"),
    "markdown": file_target("a.md"),
    "plain": file_target("a.txt"),
    "unnamed": file_target("a"),
    "pptx-part": part_target("a.pptx"),
    "docx-part": part_target("a.docx"),
    "pptx": file_target("a.pptx"),
    "bibtex": records_target("a.bib"),
    "ris": records_target("a.ris"),
    "csl-json": records_target("a.json"),
}
TEXTS: dict[str, Target] = {
    "citations": text_target(lambda text: citations(page(text), kind="deck", known={"Aa", "Bond van Aa en Bb"})),
    "entries-deck": text_target(lambda text: entries(page(text), kind="deck")),
    "entries-paper": text_target(lambda text: entries(listed(text), kind="literature")),
    "entry-text": text_target(lambda text: joined(lines(Page(1, text=text)))),
    "entry-opening": text_target(opening),
    "entry": text_target(parse),
    "passages": text_target(lambda text: passages(page(text), title="Aa", language="nl", kind="literature")),
    "slides": text_target(lambda text: sense(tuple(page(text)), kind="deck")),
    "flow": text_target(flowed),
    "sentences": text_target(sentences),
    "query": text_target(read_query),
}
TARGETS: dict[str, Target] = {**FILES, **TEXTS}

WORDS = (
    "Aa, A. (2003). Title of a work. Publisher.\nBb, B., & Cc, C. (2004a). Another. Journal, 1(2), 3-4. doi:10.1000/1\n",
    "Wie begint (Turner, 1969; zie ook van der Goot e.a., z.d., p. 12) staat op een drempel. Volgens Aa et al. (2003, pp. 1-2).",
    'titel:"een frase" -woord auteur:Turner jaar:2019..2023 soort:deck',
    "• een\n• twee\nwel-\nzijn\n1. Literatuur\n[1] Aa, A. Title. 2003.\n",
)


def seeds(name: str) -> Iterable[bytes]:
    """Valid inputs of a target, from which changed ones are made."""
    if name.endswith("-part"):
        filename = f"a.{name.removesuffix('-part')}"
        with zipfile.ZipFile(io.BytesIO(office_file(filename))) as archive:
            return [bytes([number]) + archive.read(part) for number, part in enumerate(parts(filename)) if number < 256]
    made: dict[str, Callable[[], Sequence[bytes]]] = {
        "pdf": lambda: [writers.write_pdf([WORDS]), writers.pdf(writers.pdf_text("Een"), writers.pdf_text("Twee"))],
        "pptx": lambda: [office_file("a.pptx")],
        "html": lambda: [b"<html><head><title>T</title></head><h1>Een</h1><table><tr><td>1</td></tr></table><ul><li>a</ul>"],
        "markdown": lambda: [b"---\ntitle: T\n---\n# Een\n\n> citaat[^1]\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[^1]: noot\n"],
        "bibtex": lambda: [b"@string{x = {Aa}}\n@book{k, author = {Aa, B. and Cc}, title = x # { t}, year = 2003}\n"],
        "ris": lambda: [b"TY  - JOUR\nAU  - Aa, B.\nTI  - T\nPY  - 2003/01/02\nSP  - 1\nEP  - 2\nER  - \n"],
        "csl-json": lambda: [b'[{"type": "book", "author": [{"family": "Aa"}], "issued": {"date-parts": [[2003]]}}]'],
    }  # fmt: skip
    return made[name]() if name in made else [text.encode() for text in WORDS]


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one target in this process, which ends with it; our modules were imported with instruments (see PROGRAM)."""
    import atheris

    corpus, finds = CORPUS / name, FINDS / name
    for folder in (corpus, finds):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    longest = LONGEST["file" if name in FILES else "text"]
    options = [f"-max_total_time={seconds}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MEMORY}", f"-max_len={longest}"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={finds}/", str(corpus)], TARGETS[name])
    atheris.Fuzz()


def kept(name: str) -> set[Path]:
    """The finds of a target."""
    return set((FINDS / name).glob("*"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("targets", nargs="*", help=f"of: {' '.join(TARGETS)}; all when none is given")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"there is no target {' '.join(sorted(unknown))}")
    found = 0
    for name in options.targets or TARGETS:
        before = kept(name)
        command = [sys.executable, "-c", PROGRAM, name, str(options.seconds)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        new = kept(name) - before
        runs = next((line for line in reversed(done.stderr.splitlines()) if line.startswith("Done ")), "ended early")
        sys.stdout.write(f"{name}\t{runs}\t{len(new)} new finds\n")
        sys.stdout.flush()
        if new or done.returncode:
            sys.stderr.write("\n".join(done.stderr.splitlines()[-40:]) + "\n")
            found += 1
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
