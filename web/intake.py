"""Intake: files are added by whoever may change the knowledge base, and everybody sees what was added last.

    form ─► received ─► uploads (kept on disk) ─► job ─► list of jobs, with each outcome
    POST /api/documents ──┘

The page works without JavaScript: files are sent with the form, and the list is loaded again while a job waits. With it each
file is sent on its own, with its progress (static/upload.js).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from kb.errors import NotInKnowledgeBase
from kb.model import KINDS, Document
from kb.outcomes import Job, worded
from web import parameters
from web.knowledge import KnowledgeBase
from web.protection import check_csrf, check_keeper, is_keeper
from web.server import largest_upload
from web.wording import gettext as _
from web.wording import in_numbers

blueprint = Blueprint("intake", __name__)

LATEST = 20
JOBS = 20
"""Uploads that are listed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A document as the keeper looks at it."""

    document: Document
    cited: int
    """Works that it cites or lists."""
    unread: int
    """Pages without readable text."""


@blueprint.before_request
def allow_uploads() -> None:
    """Let files through to the form, which is otherwise as small as all others."""
    allow_large_body()


@blueprint.get("/intake")
def page() -> ResponseReturnValue:
    """How to add documents, the uploads, and the latest documents."""
    base = parameters.knowledge_base()
    documents = base.documents()
    replaces = parameters.number("replaces", 1, parameters.HIGHEST)
    return render_template(
        "intake.html",
        latest=list(_latest(base, documents)),
        total=len(documents),
        replaced=None if replaces is None else base.document(replaces),
        largest=base.settings.max_bytes,
        trash=base.trash() if is_keeper() else [],
        trash_days=base.settings.trash_days,
        **_listed(base),
    )


@blueprint.post("/intake/undelete")
def undelete() -> ResponseReturnValue:
    """Bring a document back from the trash, or a replaced version as a document of its own; then show it."""
    check_csrf()
    base = parameters.knowledge_base()
    restored = base.undelete(parameters.posted("document"))
    base.uploads.embed_soon()
    return redirect(url_for("documents.document", document_id=restored.id), 303)


@blueprint.get("/intake/jobs")
def jobs() -> ResponseReturnValue:
    """The list of uploads alone, for a page that is open."""
    check_keeper()
    return render_template("jobs.html", **_listed(parameters.knowledge_base()))


@blueprint.post("/intake")
def add() -> ResponseReturnValue:
    """Keep the files of the form."""
    check_csrf()
    received(parameters.knowledge_base())
    return redirect(url_for(".page") + "#uploads", 303)


def allow_large_body() -> None:
    """Let this request bring a file as large as may be taken in."""
    request.max_content_length = largest_upload(parameters.knowledge_base().settings.max_bytes)


def received(base: KnowledgeBase) -> list[Job]:
    """Keep the files of a request; their jobs. Raises BadRequest where a field makes no sense, TooBig for a file."""
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        raise BadRequest(_("No file was sent: choose one or more"))
    kind = next((each for each in KINDS if each == request.form.get("kind")), None)
    replaces = _replaced(base)
    if replaces is not None and len(files) > 1:
        raise BadRequest(_("Only one file can be the new version of a document"))
    password = request.form.get("password") or None
    return [
        base.uploads.add(file.stream, file.filename or "", kind=kind, replaces=replaces, password=password)
        for file in files
    ]


def _replaced(base: KnowledgeBase) -> int | None:
    """The id of the document that the file is a new version of; None when it is of none. Raises NotInKnowledgeBase."""
    if not request.form.get("replaces", "").strip():
        return None
    return base.document(parameters.posted("replaces")).id


def _listed(base: KnowledgeBase) -> dict[str, object]:
    """What the list of uploads is made of; nothing for those who may not change things."""
    jobs = base.jobs(JOBS) if is_keeper() else []
    return {"jobs": jobs, "waiting": any(job.state != "done" for job in jobs), "status_name": status_name,
            "advice": advice, "reason_text": reason_text}  # fmt: skip


def status_name(job: Job) -> str:
    """The state or the outcome of an upload, in the language of the interface."""
    if job.state != "done":
        return _("being read") if job.state == "running" else _("waiting")
    return {
        "added": _("added"),
        "unchanged": _("here already"),
        "replaced": _("new version"),
        "partial": _("partly read"),
        "empty": _("empty"),
        "needs-ocr": _("only pictures of text"),
        "locked": _("asks for a password"),
        "unsupported": _("cannot be read"),
        "too-big": _("too big"),
        "failed": _("failed"),
    }[job.status or "failed"]


def advice(job: Job) -> str:
    """What to do about an upload that was not taken in, in the language of the interface; empty when there is nothing."""
    return {
        "locked": _("Send it again with its password, or save a copy without one."),
        "unsupported": _("Save it as PDF, PowerPoint, Word, HTML or text, and send that."),
        "too-big": _("Make it smaller, for example by compressing its pictures."),
        "needs-ocr": _("Run text recognition (OCR) on it, or send the file that it was made from."),
        "empty": _("Look whether the file opens and holds text, and copy it again."),
        "failed": _("Look whether the file opens; save it anew, and send that."),
    }.get(job.status or "", "")


def reason_text(job: Job) -> str:
    """The reasons of an outcome, in the language of the interface where they are ours."""
    return "; ".join(worded(reason, _, in_numbers) for reason in job.reasons)


def _latest(base: KnowledgeBase, documents: list[Document]) -> Iterator[Taken]:
    """The documents that were added last, newest first."""
    for document in sorted(documents, key=lambda document: (document.added, document.id), reverse=True)[:LATEST]:
        try:
            unread = sum(page.problem is not None and not page.text for page in base.pages(document.id))
            yield Taken(document, base.reference_count(document_id=document.id), unread)
        except NotInKnowledgeBase:  # removed a moment ago
            continue
