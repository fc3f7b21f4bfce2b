"""Compare two knowledge bases that two versions of kb made of the same files.

    python -m tests.compare_homes OLD_HOME NEW_HOME [--old-code FOLDER] [--show N]

Pages, passages, citations, reference-list entries and works are read from both catalogues and compared as sets of values; ids
may differ. With --old-code, the folder of the older version's source, the judged queries are searched by each version in its
own home, and the ten best pages are compared. Prints a line for each difference; exit code 1 when there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent
QUERIES = HERE / "judged" / "demonstration-queries.tsv"
DEPTH = "10"

COMPARED = {
    "pages": """
        SELECT d.filename, p.number, p.label, p.title, p.section, p.text, p.notes, p.hidden, p.language
        FROM pages p JOIN documents d ON d.id = p.document_id WHERE d.removed IS NULL""",
    "passages": """
        SELECT d.filename, s.number, s.field, s.start, s."end", s.language, s.context, s.digest
        FROM passages s JOIN documents d ON d.id = s.document_id WHERE d.removed IS NULL""",
    "citations": """
        SELECT d.filename, c.number, c.field, c.start, c."end",
               substr(CASE c.field WHEN 'notes' THEN p.notes ELSE p.text END, c.start + 1, c."end" - c.start),
               c.form, c.authors, c.year, c.locator, round(c.confidence, 3)
        FROM citations c JOIN documents d ON d.id = c.document_id
        JOIN pages p ON p.document_id = c.document_id AND p.number = c.number WHERE d.removed IS NULL""",
    "links of citations": """
        SELECT d.filename, c.number, c.field, c.start, c."end", w.key, round(w.score, 3)
        FROM work_citations w JOIN citations c ON c.id = w.citation_id JOIN documents d ON d.id = c.document_id""",
    "entries": """
        SELECT coalesce(d.filename, b.filename), e.number, e.label, e.raw, e.csl, w.key
        FROM entries e LEFT JOIN documents d ON d.id = e.document_id LEFT JOIN bibliographies b ON b.id = e.bibliography_id
        LEFT JOIN work_entries w ON w.entry_id = e.id""",
    "references": """
        SELECT w.key, w.csl, w.cited, w.listed, d.filename, w.doubtful
        FROM works w LEFT JOIN documents d ON d.id = w.document_id""",
}
"""What is compared, and the query that reads it from a catalogue."""


def rows(home: Path, query: str) -> Counter[tuple[object, ...]]:
    """The rows of a query, each with how often it occurs."""
    with closing(sqlite3.connect(f"{(home / 'catalogue.sqlite').resolve().as_uri()}?mode=ro", uri=True)) as database:
        return Counter(tuple(map(canonical, row)) for row in database.execute(query))


def canonical(value: object) -> object:
    """The value; of a JSON object the same whatever the order of its keys."""
    try:
        fields = json.loads(value) if isinstance(value, str) and value.startswith("{") else None
    except ValueError:  # the text of a page
        return value
    return value if fields is None else json.dumps(fields, sort_keys=True, ensure_ascii=False)


def differences(old: Counter[tuple[object, ...]], new: Counter[tuple[object, ...]]) -> Iterator[str]:
    """A line for each row that only one side has, in the order of the rows: `-` old, `+` new."""
    only = [("-", row) for row in (old - new).elements()] + [("+", row) for row in (new - old).elements()]
    for sign, row in sorted(only, key=lambda signed: (*map(str, signed[1][:5]), signed[0])):
        yield f"{sign} {' | '.join(map(shown, row))}"


def shown(value: object) -> str:
    """A value on one line."""
    return " ".join(str("" if value is None else value).split())


def best_pages(home: Path, code: Path, query: str) -> list[str]:
    """The best pages for a query, as the version in `code` ranks them in `home`."""
    environment = {**os.environ, "KB_HOME": str(home), "PYTHONPATH": str(code)}
    command = [sys.executable, "-m", "kb", "search", query, "-n", DEPTH, "--json"]
    done = subprocess.run(command, cwd=code, env=environment, capture_output=True, check=True)
    return [f"{hit['document']['filename']}#{hit['page']['number']}" for hit in json.loads(done.stdout)["hits"]]


def ranking_differences(old: tuple[Path, Path], new: tuple[Path, Path]) -> Iterator[str]:
    """A line for each judged query whose best pages differ between two pairs of home and source folder."""
    for line in QUERIES.read_text(encoding="utf-8").splitlines():
        identity, query = line.split("\t")[0], line.split("\t")[3]
        before, after = best_pages(*old, query), best_pages(*new, query)
        if before != after:
            yield f"{identity} {query}: {', '.join(before)} → {', '.join(after)}"


def main() -> int:
    """Print the differences, each kind under its heading."""
    parser = argparse.ArgumentParser(description="Compare two knowledge bases made of the same files.")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--old-code", type=Path, help="compare rankings too: the source folder of the older version")
    parser.add_argument("--show", type=int, default=20, help="lines to print of each kind")
    options = parser.parse_args()
    found = {
        kind: list(differences(rows(options.old, query), rows(options.new, query))) for kind, query in COMPARED.items()
    }
    if options.old_code:
        found["rankings"] = list(
            ranking_differences((options.old, options.old_code.resolve()), (options.new, HERE.parent))
        )
    for kind, lines in found.items():
        sys.stdout.write(f"{kind}: {len(lines)} differences\n")
        for line in lines[: options.show]:
            sys.stdout.write(f"  {line}\n")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
