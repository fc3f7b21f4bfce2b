"""A second reading: the text of a PDF's pages by pdfium, in a process of its own.

    pages that pypdf left empty or garbled ─► read() ─► child process, limited in memory and time ─► their texts

pdfium reads what pypdf garbles, five times as fast, and when memory runs out it aborts the whole process: 7 KB of PDF
are enough. So it never lives in ours. Starting the child costs some 0.2 s, once per document that needs it.

The child is this file, run as a script: the request is a line of JSON and the bytes of the PDF on standard input, the
answer JSON on standard output.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MEMORY = 1024 * 2**20
SECONDS = 20.0
SECONDS_PER_PAGE = 0.25
MOST_SECONDS = 90.0
# More text than this on one page is not text to read.
LONGEST_PAGE = 400_000


@dataclass(frozen=True, slots=True)
class Second:
    """The pages as pdfium reads them."""

    texts: Mapping[int, str] = field(default_factory=dict)
    """Page index from 0 to its text; a page it could not read is missing."""
    pages: int | None = None
    """How many pages the file has; None when it could not be opened."""
    size: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    locked: bool = False


def read(data: bytes, wanted: Sequence[int] | None = None, password: str | None = None) -> Second:
    """Read the pages with these indexes, all when None. Never raises: what cannot be read is not in the answer."""
    lines = _answers(data, wanted, password)
    read_pages = {int(line["index"]): line for line in lines if "text" in line}
    return Second(
        texts={index: str(line["text"]) for index, line in read_pages.items()},
        pages=next((int(line["pages"]) for line in lines if "pages" in line), None),
        size={index: (float(line["width"]), float(line["height"])) for index, line in read_pages.items()},
        locked=any(line.get("locked") for line in lines),
    )


def _answers(data: bytes, wanted: Sequence[int] | None, password: str | None) -> list[dict[str, Any]]:
    """The lines that the child process wrote until it ended, or was ended for taking too long."""
    count = len(wanted) if wanted is not None else 200
    request = json.dumps({"wanted": None if wanted is None else list(wanted), "password": password}).encode()
    try:
        written: bytes = subprocess.run(  # noqa: S603 - our own interpreter and our own file
            # -P: this folder holds an html.py, which must not stand in for the standard library's.
            [sys.executable, "-P", str(Path(__file__).resolve())],
            input=request + b"\n" + data,
            capture_output=True,
            timeout=min(MOST_SECONDS, SECONDS + SECONDS_PER_PAGE * count),
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as late:
        written = late.stdout or b""
    except OSError:
        return []
    try:
        return [json.loads(line) for line in written.splitlines() if line.endswith(b"}")]
    except ValueError:
        return []


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows: the time limit of the parent alone
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(**answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _main() -> int:
    _limit()
    import pypdfium2

    request = json.loads(sys.stdin.buffer.readline())
    wanted = request["wanted"]
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read(), password=request["password"])
    except pypdfium2.PdfiumError as error:
        _say(locked="password" in str(error).lower() or "security" in str(error).lower())
        return 0
    _say(pages=len(document))
    for index in range(len(document)) if wanted is None else wanted:
        try:
            page = document[index]
            text = page.get_textpage().get_text_bounded()[:LONGEST_PAGE]
            width, height = page.get_size()
            page.close()
        except (pypdfium2.PdfiumError, IndexError, ValueError):
            continue
        # A hyphen at a line's end comes as one of these.
        text = text.replace("\x02", "-").replace("\ufffe", "-")
        _say(index=index, text=text, width=width, height=height)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
