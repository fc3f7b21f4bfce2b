"""Entries with a label for each word, to teach the sequence labeller with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from ingest.entries.features import words_of
from kb.errors import KnowledgeBaseError

_ONE_OF = {"director": "author", "producer": "note", "medium": "note", "source": "note", "isbn": "note"}
"""Rare labels, and the label that they are taught as."""


@dataclass(frozen=True, slots=True)
class LabelledEntry:
    """The words of an entry and their labels."""

    words: tuple[str, ...]
    labels: tuple[str, ...]


def read_labelled(path: Path) -> list[LabelledEntry]:
    """The entries of a file in the format of AnyStyle: `<sequence>`, and in it an element for each part of the entry."""
    try:
        root = etree.parse(str(path)).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise KnowledgeBaseError(
            f"{path} holds no labelled entries ({error}): give a file in AnyStyle's XML"
        ) from error
    found = []
    for sequence in root:
        pairs = [
            (word, _ONE_OF.get(str(part.tag), str(part.tag)))
            for part in sequence
            for word in words_of(part.text or "")
        ]  # fmt: skip
        if pairs:
            words, labels = zip(*pairs, strict=True)
            found.append(LabelledEntry(tuple(words), tuple(labels)))
    return found
