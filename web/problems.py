"""Error responses: a page for people, `application/problem+json` (RFC 9457) for programs.

    our own errors ─┐
    HTTP errors ────┴─► status, title, detail ─► page or problem        a status of 500 or more is logged with its traceback

Whether a person or a program asks is read from the address and the Accept header.
"""

from __future__ import annotations

import json

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, SecurityError, Unauthorized

from kb.errors import (
    CatalogueError,
    DocumentError,
    IndexOutOfStep,
    KnowledgeBaseError,
    ModelError,
    NotInKnowledgeBase,
    Removed,
)
from kb.refusals import TEXTS, filled
from web import parameters
from web.access import log_failure
from web.protection import may_change
from web.wording import gettext as _
from web.wording import in_numbers


def status_of(error: KnowledgeBaseError) -> int:
    """410 for a removed document, 404 for an unknown one, 422 for a bad file, 503 for a knowledge base that is not ready.

    Our other errors are 409: the request cannot be met in the present state.
    """
    if isinstance(error, Removed):
        return 410
    if isinstance(error, NotInKnowledgeBase):
        return 404
    if isinstance(error, DocumentError):
        return 422
    return 503 if isinstance(error, CatalogueError | IndexOutOfStep | ModelError) else 409


def in_words(error: KnowledgeBaseError) -> str:
    """An error in the language of the interface where it is about a file; else as it is."""
    if isinstance(error, DocumentError):
        return filled(TEXTS[error.code], error.values, _, in_numbers)
    return str(error)


def titles() -> dict[int, str]:
    """Names of these states for people."""
    return {
        400: _("That does not work"),
        401: _("A token is needed"),
        403: _("Not allowed"),
        404: _("Nothing here"),
        405: _("That cannot be done here"),
        410: _("Removed from the knowledge base"),
        413: _("Too big"),
        422: _("That cannot be taken in"),
        500: _("Something went wrong"),
        503: _("The knowledge base is not available"),
    }


def nothing_there() -> str:
    """The text for an unknown address."""
    return _("There is no such page. Perhaps the address was copied in part.")


def details() -> dict[int, str]:
    """Texts for errors that are not ours; ours have their own."""
    return {
        400: _("What was asked cannot be understood."),
        404: nothing_there(),
        405: _("Nothing can be sent to this address in this way."),
        413: _("More was sent than belongs in this form."),
        416: _("The file has no such part."),
        500: _("This is a defect in the program; the log of the program has the details."),
    }


def wants_problem() -> bool:
    """Whether the asker is a program."""
    if request.path == "/api" or request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def problem(status: int, detail: str, *, removed: Removed | None = None) -> Response:
    """The response for an error; `removed` is the error for a document that was here."""
    title = titles().get(status) or _("That cannot be done")
    if wants_problem():
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": request.path}
        if removed is not None:
            body["removed"] = removed.title
        return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")
    returns = removed is not None and may_change() and can_be_brought_back(removed.document_id)
    page = render_template("problem.html", status=status, title=title, detail=detail, removed=removed, returns=returns)
    return Response(page, status, mimetype="text/html")


def moved(error: Removed) -> Response | None:
    """A redirection to the document that a removed one is now a version of; None where the address names no such document."""
    old, new = f"/documents/{error.document_id}", f"/documents/{error.became}"
    head, found, tail = request.full_path.rstrip("?").partition(old)
    if error.became is None or request.method not in {"GET", "HEAD"} or not found or tail[:1] not in ("", "/", "?"):
        return None
    return Response(status=302, headers={"Location": f"{head}{new}{tail}"})


def can_be_brought_back(document_id: int) -> bool:
    """Whether a removed document is still in the trash."""
    return any(item.document_id == document_id for item in parameters.knowledge_base().trash())


def detail_of(error: HTTPException) -> str:
    """One sentence about an HTTP error: our own where there is one, never a library's."""
    if isinstance(error, SecurityError):
        name = request.environ.get("HTTP_HOST", "")
        return _("This knowledge base does not answer to the name %(name)s.") % {"name": name}
    if type(error) in (BadRequest, Forbidden, Unauthorized) and error.description != type(error).description:
        return error.description or ""
    return details().get(error.code or 500, error.name)


def use_problems(app: Flask) -> None:
    """Translate errors, once, for this door."""

    @app.errorhandler(Removed)
    def removed(error: Removed) -> Response:
        return moved(error) or ours(error)

    @app.errorhandler(KnowledgeBaseError)
    def ours(error: KnowledgeBaseError) -> Response:
        status, detail = status_of(error), in_words(error)
        if status >= 500:
            log_failure(error)
        if status == 404 and not wants_problem():
            # The catalogue's message names commands that a reader does not have.
            detail = nothing_there() if request.method in {"GET", "HEAD"} else _("This has changed since: look again.")
        return problem(status, detail, removed=error if isinstance(error, Removed) else None)

    @app.errorhandler(HTTPException)
    def theirs(error: HTTPException) -> Response:
        if (error.code or 500) < 400:
            return error.get_response()  # type: ignore[return-value]
        answer = problem(error.code or 500, detail_of(error))
        own = error.get_response().headers
        for header in ("Allow", "WWW-Authenticate"):
            if header in own:
                answer.headers[header] = own[header]
        return answer
