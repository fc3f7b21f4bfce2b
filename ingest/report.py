"""Reports: the outcome of one file, as a status, reasons (kb.outcomes), and the counts of its document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.catalogue import Bibliography
from kb.errors import KnowledgeBaseError
from kb.model import LETTERS_LOST, RECOGNISED, Document, Page
from kb.outcomes import TAKEN_IN, OutcomeReason, Status

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


def because(code: str, **values: str | int) -> tuple[OutcomeReason, ...]:
    """One reason, as a report holds it."""
    return (OutcomeReason(code, values),)


def refusal(path: str, error: KnowledgeBaseError) -> IngestReport:
    """The report of a file that is refused with an error of ours."""
    status: Status = error.status  # type: ignore[assignment]
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
        reasons += because("pages-failed", pages=_page_list(failed), reason=failed[0].problem or "")
    for problem, code in _PAGE_REASONS.items():
        having = [page for page in pages if page.problem == problem]
        reasons += because(code, pages=_page_list(having)) if having else ()
    return reasons, any(reason.code in ("pages-failed", "letters-lost") for reason in reasons)


def bibliography_report(
    path: str, held: Bibliography, status: Status, reasons: tuple[OutcomeReason, ...] = ()
) -> IngestReport:
    """The report of a bibliography; `partial` when some records are broken and the rest is new."""
    if held.problems:
        records = f"{len(held.problems)} broken record{'' if len(held.problems) == 1 else 's'}"
        reasons += because("records-left-out", records=records, broken=broken_records(held.problems))
        status = "partial" if status != "unchanged" else status
    return IngestReport(path, status, reasons, references=held.records)


def broken_records(problems: Sequence[str]) -> str:
    """The first broken records, and how many more there are."""
    more = f"; and {len(problems) - LISTED} more" if len(problems) > LISTED else ""
    return "; ".join(problems[:LISTED]) + more


def _page_list(pages: Sequence[Page]) -> str:
    shown = ", ".join(str(page.number) for page in pages[:LISTED])
    more = f" and {len(pages) - LISTED} more" if len(pages) > LISTED else ""
    return f"{'page' if len(pages) == 1 else 'pages'} {shown}{more}"
