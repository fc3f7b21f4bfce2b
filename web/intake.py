"""Intake: the documents added last, and how to add more.

Files are taken in by `kb ingest`. Taking them in from a browser needs to know who is asking, which is not built: the
address is kept free for it and answers so.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kb.errors import NotInKnowledgeBase
from kb.model import Document
from web import parameters

blueprint = Blueprint("intake", __name__)

LATEST = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """A document as the keeper looks at it."""

    document: Document
    cited: int
    """Works that it cites or lists."""
    unread: int
    """Pages without readable text."""


@blueprint.get("/intake")
def page() -> ResponseReturnValue:
    """How to add documents, and the latest that were."""
    base = parameters.knowledge_base()
    documents = base.documents()
    latest = []
    for document in sorted(documents, key=lambda document: (document.added, document.id), reverse=True)[:LATEST]:
        try:
            unread = sum(page.problem is not None and not page.text for page in base.pages(document.id))
            latest.append(Taken(document, base.reference_count(document_id=document.id), unread))
        except NotInKnowledgeBase:  # removed a moment ago
            continue
    return render_template("intake.html", latest=latest, total=len(documents))
