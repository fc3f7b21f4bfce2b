"""Pasted references: what was understood of each, and whether its work is in the collection.

text ─► entries, each with its confidence ─► compared with the works and documents of the collection ─► Pasted
Pasted, chosen by a person ─► a record in the collection, which can be forgotten again
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from kb.bibliography import authors, clean_doi, fold, matches_document, same_work, title, year
from kb.bibliography.items import printed
from kb.bibliography.names import bare
from kb.bibliography.sameness import Verdict, normal_title
from kb.catalogue import Bibliography
from kb.errors import KnowledgeBaseError
from kb.model import Document, Entry, Reference
from kb.reference_work import ReferenceWork

Found = TypeVar("Found", Reference, Document)

MOST = 500
"""References that one text may hold."""
FILENAME = "pasted"
"""What an imported bibliography is called whose records were pasted."""
_COMPARED = 20
"""Works that are compared with one entry, at most, for each way to look."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """An entry that was pasted, and the work or document of the collection that it describes, if any."""

    entry: Entry
    reference: Reference | None = None
    document: Document | None = None
    verdict: Verdict | None = None
    """Whether `reference` or `document` is this work: `same` or `doubtful`; None where neither is known."""

    @property
    def understood(self) -> bool:
        """Whether enough is known to keep it as a record."""
        return bool(title(self.entry.csl) or self.entry.csl.get("DOI"))

    @property
    def here(self) -> bool:
        """Whether the work is in the collection, as far as that is certain."""
        return self.verdict is not None and self.verdict.same


class Pasting(ReferenceWork):
    """Reference work, and references that are pasted."""

    def parse_references(self, text: str) -> tuple[list[Pasted], tuple[str, ...]]:
        """What is understood of a pasted text: its references in order, and a line for each record that is malformed.

        Raises a KnowledgeBaseError when it holds more than `MOST` or records that cannot be read.
        """
        from ingest.entries import read_pasted

        entries, problems = read_pasted(text)
        if len(entries) > MOST:
            raise KnowledgeBaseError(
                f"{len(entries)} references are more than {MOST}: save them as a file and ingest it"
            )
        self.relate()
        documents = _Titles(self.documents())
        return [self._placed(entry, documents) for entry in entries], problems

    def add_references(self, entries: Sequence[Entry]) -> Bibliography:
        """Keep entries as records of an imported bibliography, which `forget` removes. Raises KnowledgeBaseError for none."""
        if not entries:
            raise KnowledgeBaseError("there is nothing to add: no reference was chosen that was understood")
        records = [replace(entry, raw=entry.raw or printed(entry.csl)) for entry in entries]
        digest = hashlib.sha256("\n".join(entry.raw for entry in records).encode("utf-8", "replace")).hexdigest()
        stored, _ = self.catalogue.bibliographies.put(FILENAME, f"pasted:{digest[:16]}", digest, records, ())
        self.relate()
        return stored

    def _placed(self, entry: Entry, documents: _Titles) -> Pasted:
        """An entry with the work, else the document, that it describes."""
        best = _best((same_work(entry.csl, each.csl), each) for each in self._candidates(entry))
        if best and best[0].same:
            return Pasted(entry, best[1], verdict=best[0])
        described = documents.describing(entry)
        if described and (described[0].same or not best):
            return Pasted(entry, document=described[1], verdict=described[0])
        return Pasted(entry, best[1], verdict=best[0]) if best else Pasted(entry)

    def _candidates(self, entry: Entry) -> Iterable[Reference]:
        """The references that may be the work of an entry: by DOI, by words of the title, by first author and year."""
        find, csl = self.catalogue.references.find, entry.csl
        doi = clean_doi(str(csl.get("DOI") or ""))
        found = self.catalogue.references.with_doi(doi) if doi else []
        words = sorted(normal_title(title(csl)).split(), key=len)[-3:]
        if words:
            found += find(text=" ".join(words), limit=_COMPARED)
        who, when = authors(csl), year(csl)
        if who and when is not None:
            found += find(text=f"{bare(fold(who[0]))} {when}", limit=_COMPARED)
        return list({each.key: each for each in found}.values())


def _best(verdicts: Iterable[tuple[Verdict, Found]]) -> tuple[Verdict, Found] | None:
    """The first thing that is the same work, else the first that may be; None when there is neither."""
    order = {"same": 0, "doubtful": 1}
    return min((each for each in verdicts if each[0].word in order), key=lambda each: order[each[0].word], default=None)


class _Titles:
    """Documents by how their titles begin."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._by_start: dict[str, list[Document]] = {}
        for document in documents:
            self._by_start.setdefault(_start(document.title), []).append(document)

    def describing(self, entry: Entry) -> tuple[Verdict, Document] | None:
        """The document that an entry describes, or may describe."""
        near = self._by_start.get(_start(title(entry.csl)), []) if title(entry.csl) else []
        return _best((self._verdict(entry, each), each) for each in near)

    @staticmethod
    def _verdict(entry: Entry, document: Document) -> Verdict:
        return matches_document(entry.csl, title=document.title, authors=document.authors, year=document.year)


def _start(text: str) -> str:
    return normal_title(text).replace(" ", "")[:6]
