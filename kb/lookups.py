"""Lookups: the part of a knowledge base that reads the catalogue and the originals, without an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack

from kb.anchor import Anchor
from kb.bibliography import fold
from kb.bibliography.institutions import learnt, other_wordings
from kb.catalogue import Bibliography, Catalogue
from kb.choices import Only, ReferenceChoice
from kb.errors import NotInKnowledgeBase
from kb.language import matches, query_words
from kb.language.glossary import names
from kb.model import Answer, Citation, Decision, Document, Doubt, Language, Page, Passage, Query, Reference, StoredFile
from kb.originals import Originals
from kb.outcomes import Job
from kb.places import Place, find, find_elsewhere
from kb.settings import Settings

MOST_NAMED = 12
"""A text of more words than this names no institution."""
INTRODUCED = 20
"""Passages in which the introduction of an institution is looked for."""


class Lookups:
    """The documents, pages, passages and references of a knowledge base."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.stored = Originals(settings.originals)

    def close(self) -> None:
        """Close the catalogue."""
        self.catalogue.close()

    def documents(self) -> list[Document]:
        """Every document, by title."""
        return self.catalogue.documents.all()

    def years(self) -> list[int]:
        """The different years of the documents, newest first."""
        return self.catalogue.documents.years()

    def document(self, document_id: int) -> Document:
        """One document. Raises Removed or NotInKnowledgeBase."""
        return self.catalogue.documents.get(document_id)

    def pages(self, document_id: int) -> tuple[Page, ...]:
        """The pages of a document, in order."""
        return self.catalogue.documents.pages(document_id)

    def page(self, document_id: int, number: int) -> Page:
        """One page. Raises Removed or NotInKnowledgeBase."""
        return self.catalogue.documents.page(document_id, number)

    def passage(self, passage_id: int) -> Passage:
        """One passage. Raises NotInKnowledgeBase."""
        return self.catalogue.passages.get(passage_id)

    def passages_on(self, document_id: int, number: int) -> tuple[Passage, ...]:
        """The passages of a page, in order."""
        return self.catalogue.passages.on_page(document_id, number)

    def find_words(self, document_id: int, number: int, anchor: Anchor) -> Place | None:
        """Where the words of a permanent address are now: on its page, else on another of the document; None: gone."""
        page = self.page(document_id, number)
        if found := find(anchor, page, self.passages_on(document_id, number)):
            return found
        pages = ((each, self.passages_on(document_id, each.number)) for each in self.pages(document_id))
        return find_elsewhere(anchor, pages, number)

    def citations_on(self, document_id: int, number: int) -> tuple[Citation, ...]:
        """The citations on a page, in order."""
        return self.catalogue.documents.citations(document_id, number)

    def citations_of(self, document_id: int) -> tuple[Citation, ...]:
        """The citations in a document, in order."""
        return self.catalogue.documents.citations(document_id)

    def file(self, document_id: int, sha256: str) -> StoredFile:
        """The file of a document with these bytes, also of a replaced version while the trash keeps it.

        Raises NotInKnowledgeBase when it is none of these.
        """
        document = self.document(document_id)
        current = next((file for file in document.files if file.sha256 == sha256), None)
        found = current or self.catalogue.trash.replaced_file(document_id, sha256)
        if found is None:
            raise NotInKnowledgeBase(
                f"document {document_id} ({document.title}) has no such file: it has a newer version"
            )
        return found

    def original(self, document_id: int, sha256: str) -> Path:
        """The path of the file of a document with these bytes. Raises NotInKnowledgeBase as `file` does."""
        return self.stored.path(self.file(document_id, sha256).sha256)

    def references(self, **choice: Unpack[ReferenceChoice]) -> list[Reference]:
        """References with every word of a text, of a document, in a state, in an order; see kb.choices."""
        document_id = choice.get("document_id")
        if document_id is not None:
            self.document(document_id)
        others: dict[str, Any] = {name: value for name, value in choice.items() if name != "text"}
        return self.catalogue.references.find(text=self._wordings(choice.get("text", "")), **others)

    def reference_count(self, *, text: str = "", document_id: int | None = None, only: Only | None = None) -> int:
        """The number of references that `references` gives."""
        return self.catalogue.references.count(text=self._wordings(text), document_id=document_id, only=only)

    def _wordings(self, text: str) -> list[str]:
        """A text, and the same with the other names of its institutions, also those that passages introduce."""
        words = [word for word in query_words(text) if not word.stop and not word.joined]
        if not words or len(words) > MOST_NAMED:
            return [text]
        phrases = [[stem] for word in words for stem in word.stems[:1]]
        near = self.catalogue.passages.match(phrases, INTRODUCED, Query(text))
        passages = self.catalogue.passages.passages([match.passage_id for match in near]).values()
        return [text, *other_wordings(text, [row for passage in passages for row in learnt(passage.text)])]

    def references_meant(self, text: str) -> str | None:
        """A text for `references` near to one that finds nothing: names with other blanks or another spelling; else None."""
        words = text.split()
        dates = [word for word in words if any(letter.isdigit() for letter in word)]
        name = self.catalogue.references.name_without_blanks(" ".join(word for word in words if word not in dates))
        corrected = " ".join([name, *dates]) if name else self._spelt(words)
        is_better = corrected != text and self.reference_count(text=corrected) > 0
        return corrected if is_better else None

    def _spelt(self, words: Sequence[str]) -> str:
        """Words, each replaced by the nearest word of titles and names, where it is found in no work itself."""
        count, nearest = self.catalogue.references.count, self.catalogue.spelling.nearest
        return " ".join(word if count(text=word) else nearest(fold(word)) or word for word in words)

    def reference(self, key: str) -> Reference:
        """One reference; the key of a work that was joined to another leads to the other. Raises NotInKnowledgeBase."""
        return self.catalogue.references.get(key)

    def references_on(self, document_id: int, number: int) -> list[Reference]:
        """The references cited on a page, in the order of their citations."""
        return self.catalogue.references.on_page(document_id, number)

    def references_for_query(self, text: str) -> list[Reference]:
        """The references that a query names, such as "(Bandura, 1994)" or "strayhorn"; most often none."""
        return self.catalogue.references.named(text)

    def works_listed(self, answer: Answer) -> list[Reference]:
        """The works whose entries, among those that the query found in reference lists, hold words of it; most words first."""
        text = answer.query.text
        held: dict[str, int] = {}
        for key, printed in self.catalogue.references.listed_in([each.passage for each in answer.listed]):
            words = {printed[span.start : span.end].casefold() for span in matches(text, printed, None)}
            held[key] = max(held.get(key, 0), len(words))
        keys = sorted((key for key, words in held.items() if words), key=lambda key: -held[key])
        return self.catalogue.references.by_key(keys)

    def names_of(self, term: str) -> dict[Language, tuple[str, ...]]:
        """The names of a term in each language, as the glossary has them; none for a term that is not in it."""
        return names(term, self.settings.home)

    def did_you_mean(self, text: str) -> str | None:
        """A query with the words that no passage holds replaced by the nearest of the collection; None when there are none."""
        corrected = text
        words = [word for word in query_words(text) if not word.stop and not word.joined]
        known = self.catalogue.passages.term_frequencies([stem for word in words for stem in word.stems])
        for word in reversed(words):
            if known.keys().isdisjoint(word.stems):
                nearest = self.catalogue.spelling.nearest(word.text)
                if nearest is not None:
                    corrected = f"{corrected[: word.start]}{nearest}{corrected[word.end :]}"
        return corrected if corrected != text else None

    def doubts(self) -> list[Doubt]:
        """The open questions about references, the most probable yes first."""
        return self.catalogue.decisions.doubts()

    def decisions(self) -> list[Decision]:
        """The decisions about references that are here, newest first."""
        return self.catalogue.decisions.decisions()

    def jobs(self, most: int) -> list[Job]:
        """At most so many uploads, newest first."""
        return self.catalogue.jobs.latest(most)

    def job(self, job_id: int) -> Job:
        """One upload. Raises NotInKnowledgeBase."""
        return self.catalogue.jobs.get(job_id)

    def bibliographies(self) -> list[Bibliography]:
        """Imported bibliographies, by file name."""
        return self.catalogue.bibliographies.all()
