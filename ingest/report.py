"""Reports: the outcome of one file, as a status, reasons (kb.outcomes), and the counts of its document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.catalogue import Bibliography
from kb.errors import DocumentError, KnowledgeBaseError
from kb.model import LETTERS_LOST, RECOGNISED, Document, Page
from kb.outcomes import TAKEN_IN, OutcomeReason, Status
from kb.refusals import Value, cause

# The most page numbers and broken records that a reason lists.
LISTED = 12


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The outcome of one file."""

    path: str
    status: Status
    reasons: tuple[OutcomeReason, ...] = ()
    document_id: int | None = None
    pages: int = 0
    passages: int = 0
    citations: int = 0
    references: int = 0

    @property
    def reason(self) -> str:
        """The reasons in English, on one line."""
        return "; ".join(str(reason) for reason in self.reasons)

    @property
    def taken_in(self) -> bool:
        return self.status in TAKEN_IN


Progress = Callable[[int, int, str], None]
"""Called with (files done, files in all, the one at hand)."""


def because(code: str, **values: Value) -> tuple[OutcomeReason, ...]:
    """One reason, as a report holds it."""
    return (OutcomeReason(code, values),)


def refusal(path: str, error: KnowledgeBaseError) -> IngestReport:
    """The report of a file that is refused with an error of ours."""
    status: Status = error.status  # type: ignore[assignment]
    if isinstance(error, DocumentError):
        return IngestReport(path, status, because(error.code, **error.values))
    return IngestReport(path, status, because("refused", text=str(error)))


def document_report(
    path: str, status: Status, document: Document, reasons: tuple[OutcomeReason, ...] = ()
) -> IngestReport:
    """The report of a file that is part of a document, with the document's counts."""
    return IngestReport(
        path,
        status,
        reasons,
        document.id,
        document.pages,
        document.passages,
        document.citations,
        document.references,
    )


_PAGE_REASONS = {"needs-ocr": "pages-need-ocr", RECOGNISED: "recognised", LETTERS_LOST: "letters-lost"}
"""The reason for each problem of pages that are kept."""


def page_problems(pages: Sequence[Page]) -> tuple[tuple[OutcomeReason, ...], bool]:
    """The reasons that pages without their whole text give, and whether any page failed or lacks letters."""
    failed = [page for page in pages if (page.problem or "").startswith("failed")]
    reasons: tuple[OutcomeReason, ...] = ()
    if failed:
        reasons += because("pages-failed", **_page_list(failed), reason=_cause(failed[0]))
    for problem, code in _PAGE_REASONS.items():
        having = [page for page in pages if page.problem == problem]
        reasons += because(code, **_page_list(having)) if having else ()
    return reasons, any(reason.code in ("pages-failed", "letters-lost") for reason in reasons)


def bibliography_report(
    path: str, held: Bibliography, status: Status, reasons: tuple[OutcomeReason, ...] = ()
) -> IngestReport:
    """The report of a bibliography; `partial` when some records are broken and the rest is new."""
    if held.problems:
        broken = broken_records(held.problems)
        reasons += because("records-left-out", records=len(held.problems), **broken)
        status = "partial" if status != "unchanged" else status
    return IngestReport(path, status, reasons, references=held.records)


def broken_records(problems: Sequence[str]) -> dict[str, Value]:
    """The first broken records, and how many more there are, as values of a reason."""
    return {"broken": "; ".join(problems[:LISTED]), **_more(problems)}


def _page_list(pages: Sequence[Page]) -> dict[str, Value]:
    """The numbers of the first pages, and how many more there are, as values of a reason."""
    return {"pages": ", ".join(str(page.number) for page in pages[:LISTED]), **_more(pages)}


def _more(items: Sequence[object]) -> dict[str, Value]:
    return {"more": len(items) - LISTED} if len(items) > LISTED else {}


def _cause(page: Page) -> str:
    """Why a page could not be read."""
    return cause((page.problem or "").removeprefix("failed: "))
