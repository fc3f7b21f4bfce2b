"""Build the demonstration collection: sources go in, decks and papers come out.

    python -m kb.demonstration.build OUT_FOLDER

The same sources give the same bytes on every machine and every day, so that taking the folder in again reports `unchanged`.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from kb.demonstration import pdf, powerpoint, web, word
from kb.demonstration.source import Source, SourceError, sources

WRITERS: dict[tuple[str, str], Callable[[Source], bytes]] = {
    ("deck", "pdf"): pdf.deck,
    ("paper", "pdf"): pdf.paper,
    ("deck", "pptx"): powerpoint.deck,
    ("paper", "docx"): word.paper,
    ("paper", "html"): web.paper,
}


def build(folder: Path) -> list[Path]:
    """Write every deck and paper into `folder` (made when it is not there) and return their paths, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sources():
        path = folder / source.filename
        path.write_bytes(WRITERS[source.header["kind"], source.header["format"]](source))
        written.append(path)
    return written


def main(arguments: list[str]) -> int:
    """Run the command: 0 when built, 1 when a source is wrong; wrong usage ends it with 2."""
    parser = argparse.ArgumentParser(
        prog="python -m kb.demonstration.build", description="Build the demonstration collection."
    )
    parser.add_argument("folder", metavar="OUT_FOLDER", type=Path, help="made when it is not there")
    try:
        for path in build(parser.parse_args(arguments).folder):
            sys.stdout.write(f"{path}  {path.stat().st_size:,} bytes\n")
    except (SourceError, OSError) as error:
        sys.stderr.write(f"not built: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
