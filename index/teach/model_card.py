"""The model card: the material of a taught encoder, its licences, its figures, and how to make it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.teach.pairs import Pair

LICENCE_CLASSES = {
    "A": "CC0, CC BY, MIT, Apache, BSD, ISC, or reuse as the European Commission allows it",
    "B": "share-alike or copyleft (CC BY-SA, GFDL, GPL, AGPL, MPL, EUPL), or terms of its own",
    "–": "no class was given",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an encoder comes from: its base, the pairs it learnt from and the command that makes it again."""

    name: str
    base: str
    pairs: Mapping[str, int]
    dropped: int
    again: str
    licences: Mapping[str, str]


def count_sources(pairs: Sequence[Pair]) -> Mapping[str, int]:
    """How many pairs each source gave, most first."""
    return dict(Counter(pair.source for pair in pairs).most_common())


def card(origin: Origin, figures: str = "", notes: str = "") -> str:
    """Return the card in Markdown; `figures` is a table, `notes` is prose that goes before it."""
    rows = [f"| {source} | {origin.licences.get(source, '–')} | {count:,} |" for source, count in origin.pairs.items()]
    used = {origin.licences.get(source, "–") for source in origin.pairs}
    classes = [f"- {letter}: {meaning}" for letter, meaning in LICENCE_CLASSES.items() if letter in used]
    parts = [
        "---\nlanguage: [nl, en]\nlicense: apache-2.0\npipeline_tag: sentence-similarity\n---",
        f"# {origin.name}",
        f"A sentence encoder for Dutch and English in one space, taught from {origin.base} by `index.teach`: texts that "
        "mean the same are near each other, whichever of the two languages they are in. 384 numbers for a text, at most "
        "256 word pieces of it; mean pooling, unit length, no prompts.",
        notes,
        f"## Figures\n\n{figures}" if figures else "",
        f"## Make it again\n\n```sh\n{origin.again}\n```",
        f"## Learnt from\n\n{sum(origin.pairs.values()):,} pairs; {origin.dropped:,} were dropped because a side was a "
        "test text or nearly one. None of the pairs is in this repository.\n\n"
        "| source | licence class | pairs |\n| --- | --- | ---: |\n" + "\n".join(rows) + "\n\n" + "\n".join(classes),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
