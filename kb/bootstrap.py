"""The one place where the parts meet.

    settings ─► catalogue, originals ─► encoder ─► dense + sparse ─► searcher ─► KnowledgeBase ─► doors

Plain calls, no container. What costs time to open (the encoder, the vectors) is opened when it is first needed, so that
a list of documents does not wait for a model.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.anchor import Anchor
from kb.catalogue import Bibliography, Catalogue, Finding
from kb.catalogue.references import Only
from kb.durable import finish_replacement
from kb.errors import KnowledgeBaseError, NotInKnowledgeBase
from kb.model import (
    CSL,
    Answer,
    Citation,
    Decision,
    DecisionVerdict,
    Document,
    Doubt,
    Kind,
    Page,
    Passage,
    Query,
    Reference,
    Suggestion,
)
from kb.originals import Originals
from kb.places import Place, find, find_elsewhere
from kb.settings import Settings

if TYPE_CHECKING:
    from index.encoder import Encoder
    from index.searcher import Leg, Searcher
    from ingest.pictures import Pictures
    from ingest.report import IngestReport
    from ingest.watch import Inbox
    from kb.backup import Saved
    from kb.works.decisions import Described, NewRuling

Progress = Callable[[int, int, str], None]


def open_knowledge_base(settings: Settings, encoder: Callable[[], Encoder] | None = None) -> KnowledgeBase:
    """Open, and on first use create, the knowledge base in `settings.home`. Raises CatalogueError or KnowledgeBaseError.

    `encoder` gives one that is being opened elsewhere; without it the settings' is opened when it is first needed.
    """
    try:
        finish_replacement(settings.home)
        settings.home.mkdir(parents=True, exist_ok=True)
        catalogue = Catalogue(settings.catalogue)
    except OSError as error:
        raise KnowledgeBaseError(
            f"{settings.home} cannot be used ({error.strerror}): set KB_HOME to a folder you can write to"
        ) from error
    return KnowledgeBase(settings, catalogue, encoder)


class KnowledgeBase:
    """All that the doors can ask. Safe to use from several threads."""

    def __init__(self, settings: Settings, catalogue: Catalogue, encoder: Callable[[], Encoder] | None = None) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.stored = Originals(settings.originals)
        self._encoder = encoder
        self._opening = threading.Lock()

    def close(self) -> None:
        self.catalogue.close()
        if "pictures" in vars(self):
            self.pictures.close()

    # -- asking

    def search(self, query: Query, n: int = 10) -> Answer:
        """Evidence for a query, best first, at most one hit a page; empty when nothing answers."""
        began = time.perf_counter()
        evidence = self.searcher.search(query, n)
        return Answer(query, tuple(evidence), took_ms=_since(began))

    def ask(self, query: Query, n: int = 10) -> Answer:
        """The answer and the hits of a query, from one retrieval.

        `evidence` holds the hits that `search(query, n)` gives, so a page that shows both need not search as well;
        `sentences` and `sources` are the answer; without one, `closest` holds up to three passages that come nearest.
        """
        from index.answer import ask

        began = time.perf_counter()
        return replace(ask(self.searcher, query, n), took_ms=_since(began))

    def evaluate_answers(self, file: Path) -> dict[str, Any]:
        """Judge the answers to the questions of a file; see index.answer_evaluation for its form and the figures."""
        from index.answer_evaluation import judge_all, read_questions, report

        return report(judge_all(read_questions(file), self.ask))

    def evaluate(self, file: Path, *, document_id: int | None = None, leg: Leg = "hybrid") -> dict[str, Any]:
        """nDCG@10, MRR and recall@3 of the search on a judged set, in all and by kind of query.

        Judgements without a file name are of the pages of one document: `document_id`, or the only one there is.
        Queries that nothing answers are searched as people search, to see whether nothing is found.
        """
        from index.evaluation import read_judged, report

        judged = read_judged(file)
        names = {document.id: document.filename for document in self.documents()}
        if document_id is None and any(not filename for query in judged for filename, _ in query.grades):
            if len(names) != 1:
                raise KnowledgeBaseError(
                    f"{file} judges the pages of one document and {len(names)} are here: name it with --document ID"
                )
            document_id = next(iter(names))
        if document_id is not None:
            last = self.document(document_id).pages
            highest = max((page for query in judged for filename, page in query.grades if not filename), default=0)
            if highest > last:
                raise KnowledgeBaseError(
                    f"{file} judges page {highest} and document {document_id} has {last}: name the right one with --document ID"
                )
        aliases = {stored.filename: names[document.id] for document in self.documents() for stored in document.files}
        judged = [
            replace(
                query, grades={(aliases.get(name, name), page): grade for (name, page), grade in query.grades.items()}
            )
            for query in judged
        ]
        run: dict[str, list[tuple[str, int]]] = {}
        for query in judged:
            asked = Query(query.text, document_id=document_id)
            if not query.grades:
                run[query.id] = [("", hit.passage.number) for hit in self.searcher.search(asked, leg=leg)]
                continue
            ranked = self.searcher.rank(asked, leg=leg)
            found = self.catalogue.passages.passages([hit.passage_id for hit in ranked])
            here = [found[hit.passage_id] for hit in ranked if hit.passage_id in found]
            named = any(name for name, _ in query.grades)
            run[query.id] = [(names[passage.document_id] if named else "", passage.number) for passage in here]
        return report(run, judged)

    # -- looking up

    def documents(self) -> list[Document]:
        return self.catalogue.documents.all()

    def document(self, document_id: int) -> Document:
        return self.catalogue.documents.get(document_id)

    def pages(self, document_id: int) -> tuple[Page, ...]:
        return self.catalogue.documents.pages(document_id)

    def page(self, document_id: int, number: int) -> Page:
        return self.catalogue.documents.page(document_id, number)

    def passage(self, passage_id: int) -> Passage:
        return self.catalogue.passages.get(passage_id)

    def passages_on(self, document_id: int, number: int) -> tuple[Passage, ...]:
        return self.catalogue.passages.on_page(document_id, number)

    def find_words(self, document_id: int, number: int, anchor: Anchor) -> Place | None:
        """Where the words of a permanent address are now: on its page, else on another of the document; None: gone."""
        page = self.page(document_id, number)
        if found := find(anchor, page, self.passages_on(document_id, number)):
            return found
        pages = ((each, self.passages_on(document_id, each.number)) for each in self.pages(document_id))
        return find_elsewhere(anchor, pages, number)

    def citations_on(self, document_id: int, number: int) -> tuple[Citation, ...]:
        return self.catalogue.documents.citations(document_id, number)

    def citations_of(self, document_id: int) -> tuple[Citation, ...]:
        return self.catalogue.documents.citations(document_id)

    def original(self, document_id: int, sha256: str) -> Path:
        """The file of a document with these bytes. Raises NotInKnowledgeBase when it is not one of its files."""
        document = self.document(document_id)
        if all(file.sha256 != sha256 for file in document.files):
            raise NotInKnowledgeBase(
                f"document {document_id} ({document.title}) has no such file: it has a newer version"
            )
        return self.stored.path(sha256)

    # -- who is cited where

    def references(
        self,
        *,
        text: str = "",
        document_id: int | None = None,
        only: Only | None = None,
        sort: str = "author",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Reference]:
        """References with every word of `text`; `document_id` keeps those that the document cites or lists.

        `sort`: `author`, `year` (newest first), `title` or `cited` (most cited first). `only`: see kb.catalogue.references.
        """
        if document_id is not None:
            self.document(document_id)
        return self.catalogue.references.find(
            text=text, document_id=document_id, only=only, sort=sort, limit=limit, offset=offset
        )

    def reference_count(self, *, text: str = "", document_id: int | None = None, only: Only | None = None) -> int:
        """How many references there are of these."""
        return self.catalogue.references.count(text=text, document_id=document_id, only=only)

    def reference(self, key: str) -> Reference:
        """One reference; the key of a work that was joined to another leads to that. Raises NotInKnowledgeBase."""
        return self.catalogue.references.get(key)

    def references_on(self, document_id: int, number: int) -> list[Reference]:
        """The references cited on a page, in the order in which they are."""
        return self.catalogue.references.on_page(document_id, number)

    def references_for_query(self, text: str) -> list[Reference]:
        """The references that a query asks for by name: "(Bandura, 1994)", "strayhorn". Most often none."""
        return self.catalogue.references.named(text)

    def doubts(self) -> list[Doubt]:
        """Questions about references that wait for a person, the likeliest yes first."""
        return self.catalogue.decisions.doubts()

    def decisions(self) -> list[Decision]:
        """What was answered about references that are here, newest first."""
        return self.catalogue.decisions.decisions()

    def bibliographies(self) -> list[Bibliography]:
        """Imported bibliographies, by file name."""
        return self.catalogue.bibliographies.all()

    def look_up(self, key: str) -> Suggestion | None:
        """What Crossref knows that is most like a reference, from the cache when it was asked before; None is nothing.

        Changes nothing. Raises a KnowledgeBaseError when KB_CROSSREF is not set, or when Crossref does not answer.
        """
        if self.settings.crossref is None:
            raise KnowledgeBaseError(
                "looking up at Crossref is off: set KB_CROSSREF to your mail address, which Crossref is told, to turn it on"
            )
        from kb.works.crossref import CacheFolder, look_up

        return look_up(
            self.reference(key).csl,
            cache=CacheFolder(self.settings.cache / "crossref"),
            base_url=self.settings.crossref_url,
            mailto=self.settings.crossref,
        )

    def citable(self, document_id: int, number: int | None = None) -> CSL:
        """A document, or one slide or page of it, as a citable item."""
        from kb.bibliography import document_csl, slide_csl

        document = self.document(document_id)
        return document_csl(document) if number is None else slide_csl(document, self.page(document_id, number))

    # -- changing

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        kind: Kind | None = None,
        jobs: int = 1,
        names: Mapping[Path, str] | None = None,
        progress: Progress | None = None,
        password: str | None = None,
    ) -> Iterator[IngestReport]:
        """Take files and folders in; a report for each as it is done. `refresh` then makes them found by meaning."""
        from ingest.pipeline import ingest

        try:
            yield from ingest(
                paths,
                self.catalogue,
                self.stored,
                kind=kind,
                jobs=jobs,
                max_bytes=self.settings.max_bytes,
                names=names,
                progress=progress,
                password=password,
            )
        finally:  # also of a batch that was broken off
            self.relate()

    def inbox(self, folder: Path, *, kind: Kind | None = None, move: bool = False) -> Inbox:
        """A folder whose files are taken in as they arrive; what was handled is remembered in the home folder."""
        from ingest.watch import Inbox

        return Inbox(folder, partial(self.ingest, kind=kind), self.settings.home / "inbox.json", move=move)

    def refresh(self, progress: Progress | None = None) -> int:
        """Bring what is derived up to date: references, and vectors of passages that this encoder has not seen.

        Returns how many passages were embedded.
        """

        def told(done: int, total: int) -> None:
            if progress is not None:
                progress(done, total, "passages")

        self.relate()
        return self.searcher.refresh(told)

    def waiting(self) -> bool:
        """Whether there are passages that this encoder has not seen."""
        return bool(self.catalogue.passages.unembedded(self.searcher.dense.fingerprint, 1))

    def remove(self, document_id: int) -> Document:
        """Remove a document: pages, words, vectors, files, what it cites and lists. Its address says what it was."""
        document = self.document(document_id)
        for file in self.catalogue.documents.remove(document_id):
            self.catalogue.documents.discard(file.sha256, self.stored)
        self.relate()
        return document

    def forget(self, bibliography_id: int) -> Bibliography:
        """Forget an imported bibliography and its records. Raises NotInKnowledgeBase."""
        forgotten = self.catalogue.bibliographies.remove(bibliography_id)
        self.relate()
        return forgotten

    def relate(self, *, anew: bool = False) -> bool:
        """Bring references up to date with documents and decisions; whether there was anything to do."""
        if not anew and self.catalogue.derivation.current():
            return False
        from kb.works.gather import gather

        return self.catalogue.derivation.derive(gather, anew=anew)

    def decide(self, doubt_id: str, verdict: DecisionVerdict) -> int:
        """Answer a doubt; returns the id of the decision. Raises NotInKnowledgeBase when it is no longer open."""
        decision_id = self.catalogue.decisions.decide(doubt_id, verdict)
        self.relate()
        return decision_id

    def join(self, key: str, other: str) -> int:
        """Say that two references are one work; returns the id of the decision, which can be undone."""
        from kb.works import decisions

        return self._rule(decisions.join(self._described(self.reference(key)), self._described(self.reference(other))))

    def part(self, key: str, *, entry_id: int | None = None, citation_id: int | None = None) -> int:
        """Say that an entry, or a citation, is not of this work; returns the id of the decision, which can be undone."""
        from kb.works import decisions

        reference = self.reference(key)
        if entry_id is not None:
            return self._rule(decisions.separate_entry(reference, entry_id))
        citation = next((each for each in reference.cited_by if each.id == citation_id), None)
        if citation is None:
            raise NotInKnowledgeBase(f"the reference {key} has no such entry or citation")
        document = self.document(citation.document_id)
        return self._rule(decisions.separate_citation(self._described(reference), citation, document))

    def accept(self, key: str) -> Bibliography:
        """Store what `look_up` suggests as an imported record; `forget` removes it.

        Entries keep their words as printed. Raises a KnowledgeBaseError unless title, year and first author agree.
        """
        from kb.works import decisions

        reference = self.reference(key)
        accepted = decisions.accepted_record(reference, self.look_up(key))
        stored, _ = self.catalogue.bibliographies.put("Crossref", accepted.path, accepted.sha256, [accepted.entry], ())
        self.relate()
        if not decisions.holds_record(self.reference(key), accepted.entry.csl):
            # The two do not agree well enough by themselves (a wrong DOI in print, say), and a person has confirmed it.
            self._rule(decisions.confirm_record(self._described(reference), accepted.entry))
        return stored

    def _described(self, reference: Reference) -> Described:
        from kb.works.decisions import Described

        document = None if reference.document_id is None else self.document(reference.document_id)
        return Described(reference, document)

    def _rule(self, ruling: NewRuling) -> int:
        decision_id = self.catalogue.decisions.rule(ruling.kind, ruling.verdict, ruling.one, ruling.other)
        self.relate()
        return decision_id

    def undo(self, decision_id: int) -> None:
        """Take a decision back: the question is open again. Raises NotInKnowledgeBase."""
        self.catalogue.decisions.undo(decision_id)
        self.relate()

    # -- keeping

    def check(self, *, repair: bool = False) -> list[Finding]:
        """Whether files, catalogue, words and vectors agree; with `repair` mend what can be mended."""
        findings = self.catalogue.check(self.stored, self.searcher.dense.fingerprint, repair=repair)
        if repair:
            self.relate(anew=any(finding.part == "references" for finding in findings))
            self.refresh()
        return findings

    def warning(self) -> str | None:
        """What a person should know of the model before trusting it, in one line; None when all is well."""
        from index.smoke import smoke

        seen = smoke(self.searcher.encoder)
        return None if seen.reads_dutch else str(seen)

    def backup(self, file: Path) -> Saved:
        """Write everything to one file; returns what is in it, and what could not be."""
        from kb.backup import backup

        return backup(file, self.catalogue, self.stored)

    def readiness(self) -> dict[str, bool | str]:
        """Whether catalogue, encoder and vectors agree."""
        state: dict[str, bool | str] = {"catalogue": False, "encoder": False, "vectors": False}
        try:
            self.catalogue.passages.generation()
            state["catalogue"] = True
            searcher = self.searcher
            state["encoder"] = True
            state["vectors"] = not self.catalogue.passages.unembedded(searcher.dense.fingerprint, 1)
        except KnowledgeBaseError as error:
            state["reason"] = str(error)
        return state

    # -- the parts, each opened once

    @cached_property
    def pictures(self) -> Pictures:
        """Images of pages; the process that draws them is started when the first is asked for."""
        from ingest.converting import installed
        from ingest.pictures import Pictures

        return Pictures(self.stored, self.settings.cache, installed())

    @property
    def searcher(self) -> Searcher:
        """Search, with its encoder; the model is loaded when this is first asked for."""
        with self._opening:
            return self._searcher

    @cached_property
    def _searcher(self) -> Searcher:
        from index.searcher import Searcher, open_searcher

        if self._encoder is not None:
            return Searcher(self.catalogue.passages, self._encoder(), self.settings.cache)
        return open_searcher(self.catalogue.passages, self.settings.model, self.settings.cache)


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
