"""`make quality`: retrieval, answers and citations on all judged sets, in one table.

    python -m tests.quality [--json FILE]

Sets of this repository (`tests/judged`): the demonstration collection and two small collections, each in two halves:
`tune` (may be looked at while tuning) and `kept` (for reporting). The deck of `../shared` is judged where it is at hand.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from index.answer_evaluation import Question, judge_all, negatives_refused, read_questions, shares
from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.catalogue import Catalogue
from kb.demonstration.build import build
from kb.model import Query
from kb.settings import Settings
from tests.judged.collections import COLLECTIONS, DEVELOPMENT, JUDGED, take_in
from tests.test_judged_references import aligned, places, rows
from tests.wholeness import faults

SHARED = Path(__file__).parents[2] / "shared"


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table: a set, a measure and its value, 0 to 1."""

    judged_set: str
    measure: str
    value: float


@contextmanager
def knowledge_base(home: Path) -> Iterator[KnowledgeBase]:
    opened = open_knowledge_base(Settings(home))
    try:
        opened.refresh()
        yield opened
    finally:
        opened.close()


def half(question: Question) -> str:
    """The half of a judged question: odd numbers are for tuning, even numbers are kept."""
    return "kept" if int(re.sub(r"\D", "", question.id)) % 2 == 0 else "tune"


def retrieval(opened: KnowledgeBase, name: str, file: Path) -> list[Figure]:
    figures = opened.evaluate(file)
    by_kind = [Figure(name, f"nDCG@10 {kind}", row["ndcg@10"]) for kind, row in figures["by_kind"].items()]
    return [Figure(name, "nDCG@10", figures["ndcg@10"]), *by_kind]


def answers(opened: KnowledgeBase, name: str, questions: Sequence[Question]) -> list[Figure]:
    if not questions:
        return []
    judged = judge_all(questions, opened.ask)
    all_shares = shares(judged)
    return [
        Figure(name, "answers right", all_shares.right),
        Figure(name, "answers wrong", all_shares.wrong),
        Figure(name, "refused wrongly", all_shares.refused),
        Figure(name, "negatives refused", negatives_refused(judged)),
        Figure(name, "quotations whole", whole(opened, questions)),
    ]


def whole(opened: KnowledgeBase, questions: Sequence[Question]) -> float:
    """The share of quoted sentences that are whole (`tests.wholeness`)."""
    cut = [
        bool(faults(answer.sources[sentence.source - 1].passage.text, sentence.start, sentence.end))
        for answer in (opened.ask(Query(question.text)) for question in questions)
        for sentence in answer.sentences
    ]
    return 1 - sum(cut) / max(1, len(cut))


def citations(opened: KnowledgeBase) -> list[Figure]:
    """Precision and recall of the citations of the demonstration collection."""
    found = {document.filename: list(opened.citations_of(document.id)) for document in opened.documents()}
    wanted = right = 0
    for row in rows("citations.tsv"):
        if row["form"] != "not-a-citation":
            wanted += len(places(row))
            right += len(aligned(row, found[row["file"]]))
    false = sum(map(len, found.values()))
    return [
        Figure("demonstration", "citations precision", right / (right + false)),
        Figure("demonstration", "citations recall", right / wanted),
    ]


@contextmanager
def built(folder: Path) -> Iterator[KnowledgeBase]:
    """The demonstration collection, built and taken in anew."""
    build(folder / "files")
    with knowledge_base(folder / "home") as opened:
        for _ in opened.ingest([folder / "files"]):
            pass
        opened.refresh()
        yield opened


@contextmanager
def in_memory(folder: Path, name: str) -> Iterator[KnowledgeBase]:
    """A small collection of `tests/judged`."""
    folder.mkdir(parents=True)
    catalogue = Catalogue(folder / "catalogue.sqlite")
    take_in(catalogue, JUDGED / f"{name}.txt")
    catalogue.close()
    with knowledge_base(folder) as opened:
        yield opened


def paraphrases(opened: KnowledgeBase, name: str, folder: Path) -> Iterable[Figure]:
    """nDCG@10 of the questions that share no word with the pages that answer them, by half."""
    here = {document.filename for document in opened.documents()}
    judged = [line.split("\t") for line in (DEVELOPMENT / "paraphrases.tsv").read_text("utf-8").splitlines()]
    for group in ("tune", "kept"):
        lines = []
        for *start, pages, side in judged:
            known = [place for place in pages.split(",") if place.partition("#")[0] in here]
            if side == group and known:
                lines.append("\t".join((*start, ",".join(known), side)) + "\n")
        file = folder / f"paraphrases-{group}.tsv"
        file.write_text("".join(lines), encoding="utf-8")
        yield Figure(name, f"nDCG@10 paraphrases, {group}", opened.evaluate(file)["ndcg@10"])


def demonstration(folder: Path) -> Iterable[Figure]:
    with built(folder) as opened:
        yield from retrieval(opened, "demonstration", JUDGED / "demonstration-queries.tsv")
        yield from paraphrases(opened, "demonstration", folder)
        questions = read_questions(JUDGED / "answers-demonstration.tsv")
        for name in ("tune", "kept"):
            yield from answers(opened, f"demonstration, {name}", [item for item in questions if half(item) == name])
        further = read_questions(DEVELOPMENT / "answers-demonstration.tsv")
        yield from answers(opened, "demonstration, dev.", further)
        yield from citations(opened)


def schools(folder: Path) -> Iterable[Figure]:
    with knowledge_base(folder) as opened:
        for _ in opened.ingest([DEVELOPMENT / "schools"]):
            pass
        opened.refresh()
        yield from answers(opened, "schools, dev.", read_questions(DEVELOPMENT / "answers-schools.tsv"))


def small_collection(folder: Path, name: str) -> Iterable[Figure]:
    with in_memory(folder, name) as opened:
        yield from retrieval(opened, name, JUDGED / f"{name}.tsv")
        yield from paraphrases(opened, name, folder)
        yield from answers(opened, name, read_questions(JUDGED / f"answers-{name}.tsv"))


def shared_deck(folder: Path) -> Iterable[Figure]:
    if not (SHARED / "decks").is_dir():
        return
    with knowledge_base(folder) as opened:
        for _ in opened.ingest([SHARED / "decks"]):
            pass
        opened.refresh()
        yield from retrieval(opened, "deck", SHARED / "eval" / "studentenwelzijn-queries.tsv")
        yield from answers(opened, "deck", read_questions(SHARED / "eval" / "answers-deck.tsv"))


@click.command()
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures to this file as well.")
def main(file: Path | None) -> None:
    """Print the quality of retrieval, answers and citations on all judged sets."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as scratch:
        figures += demonstration(Path(scratch, "demonstration"))
        for name in COLLECTIONS:
            figures += small_collection(Path(scratch, name), name)
        figures += schools(Path(scratch, "schools"))
        figures += shared_deck(Path(scratch, "deck"))
    for figure in figures:
        click.echo(f"{figure.judged_set:22}{figure.measure:28}{figure.value:.3f}")
    if file is not None:
        held = [[figure.judged_set, figure.measure, round(figure.value, 4)] for figure in figures]
        file.write_text(json.dumps(held, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
