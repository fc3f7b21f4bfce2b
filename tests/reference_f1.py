"""How well reference lists are read: field by field against lists that publishers deposited.

    python -m tests.reference_f1 [--half first|second|all] [--papers FOLDER] [--misses]

The first half of the papers (every other one by name) is for developing, the second for reporting. Scored per field:
precision is over the entries found, recall over the entries deposited. An author is right when the folded family name
with its particles is; a title when it is nearly equal (0.9 of its letters, folded); a year and a DOI when they are equal.
Deposited lists that hold only a DOI or a string count for what they hold. `all names` counts every deposited author;
`authors` leaves out those that the paper itself does not print, behind its "…", "et al." or "& others".
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from ingest.entries import entries
from ingest.readers import read
from kb.bibliography import authors, fold, title, year
from kb.bibliography.names import bare
from kb.model import Entry

PAPERS = Path(__file__).parents[2] / "shared" / "references"


@dataclass
class Tally:
    """Right, found and wanted, per field."""

    right: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def f1(self, name: str) -> tuple[float, float, float]:
        """Precision, recall and their harmonic mean."""
        precision = self.right[name] / self.found[name] if self.found[name] else 0.0
        recall = self.right[name] / self.wanted[name] if self.wanted[name] else 0.0
        return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def family(name: str) -> str:
    """A family name as it is compared: folded, particles and marks of footnotes left out."""
    return bare(fold(name.replace("*", ""))).replace(" ", "")


def near(one: str, other: str) -> float:
    """How alike two titles are, from 0 to 1, cut to the shorter where one holds the other from its start."""
    a, b = fold(one).replace(" ", ""), fold(other).replace(" ", "")
    return fuzz.ratio(a, b) / 100 if a and b else 0.0


def score(truth: Sequence[dict[str, Any]], found: Sequence[Entry], tally: Tally, paper: str) -> None:
    """Align the entries of one paper and count what is right in them."""
    structured = any(reference.get("title") for reference in truth)
    pairs = sorted(
        ((likeness(reference, entry), -n, -at) for n, reference in enumerate(truth) for at, entry in enumerate(found)),
        reverse=True,
    )
    place: dict[int, int] = {}
    for alike, n, at in pairs:
        if alike >= 0.55 and -n not in place and -at not in place.values():
            place[-n] = -at
    left = [at for at in range(len(found)) if at not in place.values()]
    for n, reference in enumerate(truth):
        best = place.get(n)
        csl = found[best].csl if best is not None else {}
        tally.wanted["entry"] += 1
        tally.right["entry"] += best is not None
        for name, right, wanted in compared(reference, csl, found[best].raw if best is not None else ""):
            tally.wanted[name] += wanted
            tally.right[name] += right
            if right < wanted:
                tally.misses.append(f"{paper} {name}: wanted {said(reference, name)!r}, found {found_in(csl, name)!r}")
    tally.found["entry"] += len(found)
    for at in left:
        tally.misses.append(f"{paper} entry: nobody deposited {found[at].raw[:160]!r}")
    if structured:
        for entry in found:
            tally.found["authors"] += len(authors(entry.csl))
            tally.found["all names"] += len(authors(entry.csl))
            tally.found["year"] += year(entry.csl) is not None
            tally.found["title"] += bool(title(entry.csl))
    aligned = [entry for at, entry in enumerate(found) if at not in left]
    tally.found["doi"] += sum(bool(e.csl.get("DOI")) for e in aligned) if any(r.get("doi") for r in truth) else 0


def likeness(reference: dict[str, Any], entry: Entry) -> float:
    """How surely an entry is the deposited one: its DOI, its title in the raw text, or the words of the deposited string."""
    if reference.get("doi") and reference["doi"].lower() in re.sub(r"\s", "", entry.raw.lower()):
        return 1.0
    if reference.get("title"):
        whole = fold(entry.raw).replace(" ", "")
        inside = fuzz.partial_ratio(fold(reference["title"]).replace(" ", ""), whole) / 100 if whole else 0.0
        who = any(family(name) in whole for name in (reference.get("authors") or [])[:1])
        return (
            0.7 * inside
            + 0.1 * near(reference["title"], title(entry.csl))
            + 0.05 * who
            + 0.05 * (str(reference.get("year")) in whole)
        )
    if reference.get("unstructured"):
        return fuzz.token_set_ratio(fold(reference["unstructured"]), fold(entry.raw)) / 100 * 0.8
    return 0.0


def compared(reference: dict[str, Any], csl: Any, raw: str) -> Iterable[tuple[str, int, int]]:
    """Field, how many are right, how many are wanted."""
    if reference.get("authors"):
        wanted = Counter(family(name) for name in reference["authors"])
        got = Counter(family(name) for name in authors(csl))
        right = sum((wanted & got).values())
        yield "all names", right, sum(wanted.values())
        if re.search(r"…|\.\s?\.\s?\.|\bet al|& others|\be\.a\.", raw):
            letters = fold(raw).replace(" ", "")
            wanted = Counter({name: n for name, n in wanted.items() if name in letters and name != "others"})
        yield "authors", right, sum(wanted.values())
    if reference.get("year"):
        yield "year", int(str(year(csl)) == str(reference["year"])), 1
    if reference.get("title"):
        yield "title", int(near(reference["title"], title(csl)) >= 0.9), 1
    if reference.get("doi"):
        yield "doi", int(str(csl.get("DOI") or "").lower() == reference["doi"].lower()), 1


def said(reference: dict[str, Any], name: str) -> object:
    """A deposited field."""
    return reference.get(name)


def found_in(csl: Any, name: str) -> object:
    """The same field of what was found."""
    return {"authors": authors(csl), "year": year(csl), "title": title(csl), "doi": csl.get("DOI")}.get(name)


def measure(folder: Path, half: str) -> Tally:
    """Read a half of the papers and count."""
    tally = Tally()
    papers = sorted((json.loads(line) for line in (folder / "truth.jsonl").open()), key=lambda paper: paper["pdf"])
    chosen = {"first": papers[::2], "second": papers[1::2], "all": papers}[half]
    for paper in chosen:
        reading = read((folder / paper["pdf"]).read_bytes(), paper["pdf"], kind="literature")
        score(paper["references"], entries(reading.pages, kind="literature"), tally, paper["pdf"])
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line per field."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("first", "second", "all"), default="second")
    parser.add_argument("--papers", type=Path, default=PAPERS)
    parser.add_argument("--misses", action="store_true", help="print every disagreement")
    chosen = parser.parse_args(arguments)
    tally = measure(chosen.papers, chosen.half)
    out = sys.stdout.write
    if chosen.misses:
        out("".join(f"{miss}\n" for miss in tally.misses))
    out(f"{'field':9} {'precision':>9} {'recall':>7} {'F1':>6} {'wanted':>7}\n")
    for name in ("entry", "authors", "all names", "year", "title", "doi"):
        precision, recall, f1 = tally.f1(name)
        out(f"{name:9} {precision:9.3f} {recall:7.3f} {f1:6.3f} {tally.wanted[name]:7}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
