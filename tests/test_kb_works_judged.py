"""The demonstration collection, judged by hand."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from ingest.preparing import prepare
from ingest.source import Source
from kb.catalogue.derivation import Material
from kb.demonstration.build import build
from kb.model import Citation, Document, Entry
from kb.works.gather import gather


def plain(text: str) -> str:
    return " ".join(text.split())


def judged(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / "judged" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_citations_of_the_demonstration_collection_lead_to_the_works_that_people_say_they_mean(tmp_path: Path) -> None:
    documents: list[Document] = []
    entries: list[Entry] = []
    citations: list[Citation] = []
    files: dict[int, str] = {}
    for number, path in enumerate(build(tmp_path), 1):
        made = prepare(Source.of(path.read_bytes(), path.name, str(path)))
        files[number] = path.name
        when = int(made.date[:4]) if made.date else None
        documents.append(Document(number, made.title, made.kind, path.name, authors=made.authors, year=when))
        entries += [replace(entry, id=len(entries) + at, document_id=number) for at, entry in enumerate(made.entries)]
        citations += [replace(one, id=len(citations) + at, document_id=number) for at, one in enumerate(made.citations)]
    found = gather(Material(tuple(documents), {}, tuple(entries), tuple(citations)))
    of_entry = {number: work.key for work in found.works for number in work.entries}
    works: dict[str, set[str]] = {}
    for row in judged("references.tsv"):
        for entry in entries:
            if files[entry.document_id or 0] == row["file"] and plain(entry.raw) == plain(row["raw"]):
                works.setdefault(of_entry[entry.id], set()).add(row["key"])
    assert all(len(keys) == 1 for keys in works.values())  # no two works have grown together
    names = [next(iter(keys)) for keys in works.values()]
    assert [name for name in set(names) if names.count(name) > 1] == []  # a ministry and its short form are one, too
    meant = {
        (files[one.document_id], one.number, plain(one.text)): next(iter(works.get(link.key, {"-"})))
        for one in citations
        if one.form != "numbered"
        for link in found.links
        if link.citation_id == one.id
    }
    rows = [
        row for row in judged("citations.tsv") if row["form"] not in ("not-a-citation", "credit", "numbered", "url")
    ]
    pairs = [(row, meant.get((row["file"], int(row["page"]), plain(row["text"])))) for row in rows]
    wrong = [(row["file"], row["text"], said) for row, said in pairs if said not in (None, "-", row["keys"])]
    assert wrong == []
    right = sum(said == row["keys"] for row, said in pairs)
    assert right >= 0.97 * len(rows), [(row["file"], row["text"]) for row, said in pairs if said != row["keys"]]
