"""The JSON shapes of the contract, shared by all doors: values in, plain JSON objects out.

    Answer ─► search_json, ask_json        Document ─► document(s)_json        Reference ─► references_json

Pure functions without Flask: `kb --json` and `/api/` cannot differ, and the command line starts quickly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from kb.bibliography.items import authors as csl_authors
from kb.bibliography.items import title as csl_title
from kb.bibliography.items import year as csl_year
from kb.facets import FACETS
from kb.model import RECOGNISED, Answer, Citation, Document, Evidence, Page, Query, Reference, Suggestion, Trashed
from kb.outcomes import Job
from kb.reasons import worded

if TYPE_CHECKING:
    from kb.pasting import Pasted

JSON = dict[str, Any]


class Report(Protocol):
    """The outcome of one file."""

    @property
    def path(self) -> object: ...
    @property
    def status(self) -> str: ...
    @property
    def taken_in(self) -> bool: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def document_id(self) -> int | None: ...
    @property
    def pages(self) -> int: ...
    @property
    def passages(self) -> int: ...
    @property
    def citations(self) -> int: ...
    @property
    def references(self) -> int: ...


def hit_json(evidence: Evidence) -> JSON:
    """One hit; `start` and `end` count characters of the page's text (or of its notes)."""
    document, page, passage = evidence.document, evidence.page, evidence.passage
    return {
        "rank": evidence.rank,
        "score": evidence.score,
        "passage": passage.id,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "document": {
            "id": document.id,
            "title": document.title,
            "kind": document.kind,
            "filename": document.filename,
            "language": document.language,
        },
        "page": {"number": page.number, "label": page.label, "title": page.title},
        "citations": [{"text": citation.text, "reference": citation.reference} for citation in evidence.citations],
        "url": evidence.url,
        # `start` and `end` count in the page's text; in its speaker notes only with this field.
        **({"field": passage.field} if passage.field != "text" else {}),
        **({"problem": RECOGNISED} if page.problem == RECOGNISED else {}),
    }


def search_json(answer: Answer) -> JSON:
    """`kb search --json` and `/api/search`; `facets` gives for each filter its values, each with the hits that it leaves.

    Where the list is not `complete`, there are more hits than `total`, and more than each count.
    """
    return {
        "query": answer.query.typed,
        "took_ms": answer.took_ms,
        "total": answer.total,
        "complete": answer.complete,
        "facets": {
            facet: [{"value": value, "count": count} for value, count in answer.facets.get(facet, {}).items()]
            for facet in FACETS
        },
        "hits": [hit_json(evidence) for evidence in answer.evidence],
        **_remarks(answer.query),
    }


def ask_json(answer: Answer) -> JSON:
    """`kb ask --json` and `/api/ask`; sources are numbered from 1, as the sentences count them.

    `closest`: where nothing answers, at most three passages that come nearest; they are no answer.
    """
    return {
        "query": answer.query.typed,
        "answered": answer.answered,
        "sentences": [{"text": sentence.text, "source": sentence.source} for sentence in answer.sentences],
        "sources": [{"number": number, **hit_json(source)} for number, source in enumerate(answer.sources, 1)],
        "closest": [hit_json(evidence) for evidence in answer.closest],
        **_remarks(answer.query),
    }


def _remarks(query: Query) -> JSON:
    """The parts of a query that were not understood; no field where there are none."""
    remarks = [{"code": remark.code, "part": remark.part} for remark in query.conditions.remarks]
    return {"not_understood": remarks} if remarks else {}


def document_url(document_id: int) -> str:
    """The permanent address of a document."""
    return f"/documents/{document_id}"


def summary_json(document: Document) -> JSON:
    """A document in a list."""
    return {
        "id": document.id,
        "title": document.title,
        "kind": document.kind,
        "filename": document.filename,
        "language": document.language,
        "authors": list(document.authors),
        "year": document.year,
        "date": document.date,
        "pages": document.pages,
        "passages": document.passages,
        "citations": document.citations,
        "references": document.references,
        "added": document.added,
        "files": [
            {
                "filename": file.filename,
                "sha256": file.sha256,
                "media_type": file.media_type,
                "size": file.size,
            }
            for file in document.files
        ],
        "url": document_url(document.id),
    }


def documents_json(documents: Iterable[Document]) -> JSON:
    """`kb documents --json` and `/api/documents`."""
    return {"documents": [summary_json(document) for document in documents]}


def trashed_json(trashed: Trashed) -> JSON:
    """An entry of `kb trash --json`."""
    return {
        "document": trashed.document_id,
        "cause": trashed.cause,
        "at": trashed.at,
        "title": trashed.title,
        "kind": trashed.kind,
        "filenames": [file.filename for file in trashed.files],
    }


def page_json(document_id: int, page: Page) -> JSON:
    """A page; `problem` is why it has no text."""
    return {
        "number": page.number,
        "label": page.label,
        "title": page.title,
        "section": page.section,
        "text": page.text,
        "notes": page.notes,
        "hidden": page.hidden,
        "language": page.language,
        "problem": page.problem,
        "url": f"{document_url(document_id)}/pages/{page.number}",
    }


def document_json(document: Document, pages: Sequence[Page]) -> JSON:
    """`kb show ID --json` and `/api/documents/<id>`: a document with its pages; its `pages` is a list here."""
    return {**summary_json(document), "pages": [page_json(document.id, page) for page in pages]}


def authors(reference: Reference) -> list[str]:
    """The authors of a reference, from its item, else from the places that cite it."""
    return list(csl_authors(reference.csl)) or next(
        (list(cite.authors) for cite in reference.cited_by if cite.authors), []
    )


def citation_json(citation: Citation) -> JSON:
    """A place that cites."""
    return {
        "document": citation.document_id,
        "page": citation.number,
        "text": citation.text,
        "url": citation.url,
    }


def reference_json(reference: Reference) -> JSON:
    """A cited work; `document` is the id of the document that is this work."""
    csl = reference.csl
    return {
        "key": reference.key,
        "authors": authors(reference),
        "year": csl_year(csl),
        "title": csl_title(csl) or None,
        "csl": dict(csl),
        "in_knowledge_base": reference.document_id is not None,
        "document": reference.document_id,
        "cited_by": [citation_json(citation) for citation in reference.cited_by],
    }


def pasted_json(pasted: Pasted) -> JSON:
    """A pasted reference: as it was pasted, what was understood, and the work or document of the collection that it is."""
    entry, reference = pasted.entry, pasted.reference
    document = pasted.document.id if pasted.document else reference.document_id if reference else None
    return {
        "raw": entry.raw,
        "csl": dict(entry.csl),
        "confidence": entry.confidence,
        "known": pasted.verdict.word if pasted.verdict else None,
        "key": reference.key if reference else None,
        "document": document,
    }


def suggestion_json(suggestion: Suggestion | None, accepted: str | None = None) -> JSON | None:
    """Crossref's suggestion for a reference, with `kb references --look-up`; null when there is none.

    `accepted` is what `--forget` takes to undo it, when it was taken over.
    """
    if suggestion is None:
        return None
    return {
        "csl": dict(suggestion.csl),
        "score": suggestion.score,
        "agrees": suggestion.agrees,
        "reason": worded(suggestion.reason),
        "accepted": accepted,
    }


def references_json(references: Iterable[Reference]) -> JSON:
    """`kb references --json` and `/api/references`."""
    return {"references": [reference_json(reference) for reference in references]}


def jobs_json(jobs: Iterable[Job]) -> JSON:
    """`/api/jobs`, and the answer to an upload."""
    return {"jobs": [job_json(job) for job in jobs]}


def job_json(job: Job) -> JSON:
    """One upload or file of an inbox, and its outcome once it is done."""
    return {
        "id": job.id,
        "origin": job.origin,
        "filename": job.filename,
        "size": job.size,
        "state": job.state,
        "added": job.added,
        "replaces": job.replaces,
        "status": job.status,
        "reason": "; ".join(map(str, job.reasons)),
        "document": job.document_id,
        "url": f"/api/jobs/{job.id}",
    }


def ingest_json(reports: Iterable[Report]) -> JSON:
    """`kb ingest --json`."""
    return {
        "files": [
            {
                "path": str(report.path),
                "status": report.status,
                "reason": report.reason,
                "document": report.document_id,
                "pages": report.pages,
                "passages": report.passages,
                "citations": report.citations,
                "references": report.references,
            }
            for report in reports
        ]
    }
