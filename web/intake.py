"""Intake: what came in last, and how to add more.

Files are taken in by `kb ingest`. Taking them in from a browser needs to know who is asking, which is not built: the
address is kept free for it and says so.
"""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web import parameters

blueprint = Blueprint("intake", __name__)

LATEST = 20


@blueprint.get("/intake")
def page() -> ResponseReturnValue:
    """How to add documents, and the latest that were."""
    documents = parameters.knowledge_base().documents()
    latest = sorted(documents, key=lambda document: (document.added, document.id), reverse=True)[:LATEST]
    return render_template("intake.html", documents=latest, total=len(documents))
