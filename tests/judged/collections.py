"""The two small judged collections, put into a catalogue as they are written in their files."""

from __future__ import annotations

from pathlib import Path

from kb.catalogue import Catalogue, Prepared
from kb.model import Page, Passage, StoredFile

JUDGED = Path(__file__).parent
DEVELOPMENT = JUDGED / "development"
"""Questions, and documents of schools, that may be looked at while developing."""
COLLECTIONS = ("toetsing", "inclusie")


def take_in(catalogue: Catalogue, path: Path) -> None:
    """Put a collection of tests/judged into the catalogue; the head of each file says how it is written."""
    documents: list[tuple[list[str], list[tuple[str | None, list[str]]]]] = []
    section: str | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            documents.append(([part.strip() for part in line[3:].split("|")], []))
            section = None
        elif line.startswith("## "):
            section = line[3:]
        elif line.startswith("-- "):
            documents[-1][1].append((section, [line[3:]]))
        elif line and not line.startswith("# "):
            documents[-1][1][-1][1].append(line)
    for (filename, language, title), written in documents:
        pages, passages = [], []
        for number, (above, (heading, *lines)) in enumerate(written, 1):
            text = "\n\n".join([heading, "\n".join(lines)] if lines else [heading])
            divider = above == heading
            pages.append(
                Page(number, text, str(number), heading, above, divider=divider, language=language)  # type: ignore[arg-type]
            )
            context = " › ".join(part for part in (title, None if divider else above, heading) if part)
            passages.append(
                Passage(number, 0, len(text), text, language=language, context=context, listing=heading == "Bronnen")  # type: ignore[arg-type]
            )
        file = StoredFile(filename.ljust(64, "0"), filename, f"/{filename}", "application/pdf", 1)
        catalogue.documents.put(
            Prepared(
                title=title, kind="deck", language=language, authors=(), date=None, pages=tuple(pages),  # type: ignore[arg-type]
                passages=tuple(passages), citations=(), entries=(), file=file,
            )
        )  # fmt: skip
