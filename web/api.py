"""The same for programs: JSON in the shapes of the contract, described at /api/openapi.json.

`/healthz` shows that the process lives, `/readyz` that catalogue, vectors and encoder agree.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from kb.conditions import Remark
from kb.model import KINDS, Query
from kb.remarks import worded
from kb.serialise import (
    ask_json,
    document_json,
    documents_json,
    job_json,
    jobs_json,
    reference_json,
    references_json,
    search_json,
)
from web import citing, parameters
from web.intake import allow_large_body, received
from web.knowledge import ONLY, SORTS
from web.literature import exporting
from web.openapi import description
from web.problems import problem
from web.protection import check_keeper, check_origin
from web.wording import gettext as _

blueprint = Blueprint("api", __name__)

DEPTH, DEEPEST = 10, 100


def missing_query(query: Query) -> Response:
    """There is nothing to look for."""
    if query.typed:
        return problem(400, worded(Remark("nothing-to-look-for"), _))
    return problem(400, _("q is missing: say what to look for"))


@blueprint.get("/api/search")
def search() -> ResponseReturnValue:
    """Passages for a query, best first."""
    query, n = parameters.query(), parameters.number("n", 1, DEEPEST) or DEPTH
    return jsonify(search_json(parameters.knowledge_base().search(query, n))) if query.text else missing_query(query)


@blueprint.get("/api/ask")
def ask() -> ResponseReturnValue:
    """Sentences that answer a query, each with its source."""
    query = parameters.query()
    return jsonify(ask_json(parameters.knowledge_base().ask(query))) if query.text else missing_query(query)


@blueprint.get("/api/documents")
def documents() -> ResponseReturnValue:
    """The documents of the knowledge base."""
    kind = parameters.choice("kind", KINDS)
    found = parameters.knowledge_base().documents()
    return jsonify(documents_json(document for document in found if kind in (None, document.kind)))


@blueprint.get("/api/documents/<int:document_id>")
def document(document_id: int) -> ResponseReturnValue:
    """One document with its pages."""
    base = parameters.knowledge_base()
    return jsonify(document_json(base.document(document_id), base.pages(document_id)))


@blueprint.post("/api/documents")
def add() -> ResponseReturnValue:
    """Keep files that are to be taken in; their jobs tell what became of them."""
    check_origin()
    allow_large_body()
    return jsonify(jobs_json(received(parameters.knowledge_base()))), 202


@blueprint.get("/api/jobs")
def jobs() -> ResponseReturnValue:
    """The latest uploads, newest first."""
    check_keeper()
    return jsonify(jobs_json(parameters.knowledge_base().jobs(parameters.number("n", 1, 100) or 20)))


@blueprint.get("/api/jobs/<int:job_id>")
def job(job_id: int) -> ResponseReturnValue:
    """One upload."""
    check_keeper()
    return jsonify(job_json(parameters.knowledge_base().job(job_id)))


@blueprint.get("/api/references")
def references() -> ResponseReturnValue:
    """Cited works, with the places that cite them."""
    found = parameters.knowledge_base().references(
        text=parameters.text("q"),
        document_id=parameters.number("document", 1, parameters.HIGHEST),
        only=parameters.choice("only", ONLY),
        sort=parameters.choice("sort", SORTS) or "author",
    )
    form = exporting()
    return citing.export(found, form) if form else jsonify(references_json(found))


@blueprint.get("/api/references/<path:key>")
def reference(key: str) -> ResponseReturnValue:
    """One cited work."""
    found = parameters.knowledge_base().reference(key)
    form = exporting()
    return citing.export([found], form) if form else jsonify(reference_json(found))


@blueprint.get("/api/openapi.json")
def openapi() -> ResponseReturnValue:
    """The parameters of this API."""
    return jsonify(description())


@blueprint.route("/api/", defaults={"rest": ""})
@blueprint.route("/api/<path:rest>")
def nothing(rest: str) -> ResponseReturnValue:
    """No such address."""
    return problem(404, _("There is no /api/%(rest)s: see /api/openapi.json") % {"rest": rest})


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process lives."""
    return jsonify({"status": "alive"})


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Catalogue, vectors and encoder agree, or 503 with what does not."""
    checks = dict(parameters.knowledge_base().readiness())
    ready = all(value is not False for value in checks.values())
    answer = jsonify({"status": "ready" if ready else "not ready", "checks": checks})
    return answer, 200 if ready else 503
