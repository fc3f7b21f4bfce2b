"""The cost of one change, one search and one page as the collection grows: CPU seconds, by hand.

    python -m tests.growth 10000 100000 [--home FOLDER]

Each size is a home of synthetic decks of 30 pages, one passage a page, with citations and a reference list, filled straight
into the catalogue; the encoder is a fake that costs almost nothing, so that what is left is the cost of the catalogue,
linking and the index. With `--home` the homes are kept, and used again by the next run. Goals are printed beside the figures
and not asserted, for they are ratios and seconds of one machine.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from ingest.placing import Shelves, place
from ingest.workers import Workers
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.catalogue import Prepared
from kb.model import Citation, Entry, Page, Passage, Query, StoredFile
from kb.settings import Settings
from tests.bench import queries, text, word
from web import create_app

PAGES = 30
# Works that a deck lists and cites, of a stock that grows with the collection as that of a real one does.
LISTED = 5
DECKS_PER_WORK = 2
ROUNDS = 3
DIMENSION = 256
GOALS = {
    "one deck in": "<= 1.3 times the smallest",
    "remove": "<= 0.2 s",
    "decide and undo": "<= 0.4 s",
    "refresh, nothing new": "<= 0.02 s",
    "search, kind=deck": "<= 1.3 times search",
    "results page": "<= 2 times search",
}
PDF = "application/pdf"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


class HashEncoder:
    """A unit vector drawn by the digest of a text."""

    fingerprint = "hash-1"
    dimension = DIMENSION

    def encode_query(self, text: str) -> npt.NDArray[np.float32]:
        vector: npt.NDArray[np.float32] = self.encode_document([text])[0]
        return vector

    def encode_document(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        drawn = np.stack(
            [np.random.default_rng(_number(text)).standard_normal(DIMENSION, np.float32) for text in texts]
        )
        unit: npt.NDArray[np.float32] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
        return unit


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def deck(number: int, decks: int) -> Prepared:
    """A deck of a collection of so many: pages of two sentences, the first ones with a citation, and a reference list."""
    chance = random.Random(number)
    works = [chance.randrange(max(decks * LISTED // DECKS_PER_WORK, LISTED)) for _ in range(LISTED)]
    cited = [(word(7 * work).capitalize(), str(1970 + work % 50)) for work in works]
    texts = [f"{text(chance, 12)} {text(chance, 12)}" for _ in range(PAGES - 1)]
    citations = []
    for at, (name, year) in enumerate(cited):
        printed = f"({name}, {year})"
        texts[at] += f" {printed}"
        start = len(texts[at]) - len(printed)
        citations.append(Citation(at + 1, start, len(texts[at]), printed, "parenthetical", (name,), year))
    lines = [f"{name}, A. ({year}). {_title(work)}." for work, (name, year) in zip(works, cited, strict=True)]
    texts.append("\n".join(lines))
    starts = [texts[-1].index(line) for line in lines]
    entries = tuple(
        Entry(line, _csl(work, name, int(year)), PAGES, start, start + len(line))
        for line, work, (name, year), start in zip(lines, works, cited, starts, strict=True)
    )
    pages = tuple(Page(number=at, text=each, language="nl") for at, each in enumerate(texts, 1))
    passages = tuple(
        Passage(page.number, 0, len(page.text), page.text, language="nl", listing=page.number == PAGES)
        for page in pages
    )
    # Half of the decks are exports, each of which a PPTX that comes in may be the source of.
    name, media_type = (f"{number}.pdf", PDF) if number % 2 else (f"{number}.pptx", PPTX)
    file = StoredFile(hashlib.sha256(name.encode()).hexdigest(), name, f"/decks/{name}", media_type, 1)
    return Prepared(f"Deck {number}", "deck", "nl", (), "2024-01-01", pages, passages, tuple(citations), entries, file)


def _title(work: int) -> str:
    return f"{text(random.Random(-work), 6)[:-1]} {word(work)}"


def _csl(work: int, name: str, year: int) -> dict[str, object]:
    author = [{"family": name, "given": "A."}]
    return {"type": "book", "title": _title(work), "author": author, "issued": {"date-parts": [[year]]}}


def cpu(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def fill(base: KnowledgeBase, decks: int) -> None:
    for number in range(len(base.documents()), decks):
        base.catalogue.documents.put(deck(number, decks))
    base.refresh()
    # The first deck after an update of kb waits for what is made once, and the first in a process for imports.
    added, _ = one_deck(base, 2 * decks + 1, decks)
    base.remove(added, for_good=True)
    base.refresh()


def one_deck(base: KnowledgeBase, number: int, decks: int) -> tuple[int, dict[str, float]]:
    """Take in one deck; its id and the CPU seconds of each stage."""
    prepared = deck(number, decks)
    with Workers(1) as workers:
        shelves = Shelves(base.catalogue, base.stored, workers)
        began = time.process_time()
        placed = place(prepared, shelves)
        took = {"place": time.process_time() - began}
    took["link"] = cpu(base.relate)
    took["vectors"] = cpu(base.searcher.refresh)
    return placed.document.id, took


def decide_and_undo(base: KnowledgeBase) -> None:
    one, other = (reference.key for reference in base.references(only="cited", limit=2))
    base.undo(base.join(one, other))


def measure(base: KnowledgeBase, decks: int) -> dict[str, float]:
    """CPU seconds of each measured action; the median of some rounds where it can be repeated."""
    added, took = one_deck(base, 2 * decks, decks)
    took = {"one deck in": sum(took.values()), **{f"one deck in: {stage}": value for stage, value in took.items()}}
    took["remove"] = cpu(lambda: base.remove(added))
    base.refresh()
    took["decide and undo"] = cpu(lambda: decide_and_undo(base))
    took["refresh, nothing new"] = cpu(base.refresh)
    asked = iter(queries(decks))
    base.search(Query(next(asked)))
    took["search"] = min(cpu(lambda: base.search(Query(next(asked)))) for _ in range(ROUNDS))
    took["search, kind=deck"] = min(cpu(lambda: base.search(Query(next(asked), kind="deck"))) for _ in range(ROUNDS))
    client = create_app(base).test_client()
    client.get("/", query_string={"q": next(asked)})
    took["results page"] = min(cpu(lambda: client.get("/", query_string={"q": next(asked)})) for _ in range(ROUNDS))
    took["start page"] = min(cpu(lambda: client.get("/")) for _ in range(ROUNDS))
    took["documents page"] = min(cpu(lambda: client.get("/documents")) for _ in range(ROUNDS))
    took["kb check"] = cpu(base.check)
    return took


@click.command()
@click.argument("passages", nargs=-1, type=int)
@click.option("--home", type=click.Path(path_type=Path), help="Folder in which the homes are kept.")
def main(passages: tuple[int, ...], home: Path | None) -> None:
    """Measure collections of so many PASSAGES (10000 and 100000)."""
    with tempfile.TemporaryDirectory() as scratch:
        tables = {}
        for count in passages or (10_000, 100_000):
            settings = Settings(home=(home or Path(scratch)) / str(count))
            with closing(open_knowledge_base(settings, HashEncoder)) as base:
                began = time.process_time()
                fill(base, count // PAGES)
                click.echo(f"filling {count:,}: {time.process_time() - began:.0f} s", err=True)
                tables[count] = measure(base, count // PAGES)
    click.echo("".join([f"{'CPU seconds':28}", *(f"{count:>10,}" for count in tables)]))
    for name in next(iter(tables.values())):
        click.echo(
            "".join([f"{name:28}", *(f"{table[name]:10.3f}" for table in tables.values()), f"  {GOALS.get(name, '')}"])
        )


if __name__ == "__main__":
    main()
