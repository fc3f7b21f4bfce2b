"""Versions: is a document a new version of another? Asked where documents are added and where references are reviewed.

question ─► yes: the newer replaces the older, which goes to the trash ─┬─► taken back with one click
          └► no: both stay ─────────────────────────────────────────────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from kb.model import DecisionVerdict
from kb.versions import Resemblance, VersionAnswer, VersionQuestion, worded
from web import parameters
from web.protection import check_csrf
from web.wording import gettext as _

blueprint = Blueprint("versions", __name__, url_prefix="/versions")

VERDICTS: dict[str, DecisionVerdict] = {"confirm": "confirm", "refuse": "refuse"}
MOST = 20
"""Questions, and answers, that are shown."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a page shows of questions about versions."""

    questions: Sequence[VersionQuestion]
    total: int
    answers: Sequence[VersionAnswer]


def review() -> Review:
    """The questions that wait, and the latest answers."""
    base = parameters.knowledge_base()
    questions = base.version_questions()
    return Review(questions[:MOST], len(questions), base.version_answers()[:MOST])


def likeness(resemblance: Resemblance) -> str:
    """How two documents are alike, in the language of the interface."""
    return worded(resemblance, _)


@blueprint.post("")
def decide() -> ResponseReturnValue:
    """Keep an answer, and act on it."""
    check_csrf()
    verdict = VERDICTS.get(request.form.get("verdict", ""))
    if verdict is None:
        raise BadRequest(_("%(name)s is missing") % {"name": "verdict"})
    base = parameters.knowledge_base()
    base.decide_version(request.form.get("question", ""), verdict)
    if verdict == "confirm":
        base.uploads.embed_soon()
    return _back()


@blueprint.post("/undo")
def undo() -> ResponseReturnValue:
    """Take an answer back."""
    check_csrf()
    base = parameters.knowledge_base()
    restored = base.undo_version(parameters.posted("answer"))
    base.uploads.embed_soon()
    return _back(changed="" if restored else "1")


def _back(changed: str = "") -> ResponseReturnValue:
    """To the page that the form is on."""
    page = "literature.review" if request.form.get("page") == "review" else "intake.page"
    return redirect(url_for(page, changed=changed or None) + "#versions", 303)
