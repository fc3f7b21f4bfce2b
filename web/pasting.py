"""Paste references: what is understood of each, whether its work is here, and adding those that are not.

    /references/paste ─► a text ─► its references, each with what was understood ─► ticked ones ─► records in the collection
                                                                                           └─► taken back with one click

Nothing is kept between the two steps but the text itself, which the form sends again.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from kb.pasting import FILENAME, Pasted
from web import citing, parameters
from web.literature import entry
from web.protection import check_csrf
from web.wording import gettext as _

blueprint = Blueprint("pasting", __name__, url_prefix="/references/paste")

LONGEST = 50_000
"""Characters of a text: the form must stay below the largest request."""
LIKELY = 0.6
"""An entry that was read with less certainty than this is not ticked."""


def is_ticked(pasted: Pasted) -> bool:
    """Whether a reference is proposed for adding: understood, read with some certainty, and not known here."""
    is_sure = pasted.entry.confidence is None or pasted.entry.confidence >= LIKELY
    return pasted.understood and pasted.verdict is None and is_sure


@blueprint.get("")
def ask() -> str:
    """The form, and what was added by pasting before."""
    return _shown("", None, ())


@blueprint.post("")
def read() -> str:
    """What is understood of a text."""
    check_csrf()
    text = request.form.get("text", "")
    found, problems = parameters.knowledge_base().parse_references(_checked(text))
    return _shown(text, found, problems)


@blueprint.post("/add")
def add() -> ResponseReturnValue:
    """Keep the references that were ticked."""
    check_csrf()
    base = parameters.knowledge_base()
    found, _problems = base.parse_references(_checked(request.form.get("text", "")))
    ticked = set(request.form.getlist("chosen"))
    chosen = [each.entry for number, each in enumerate(found, 1) if str(number) in ticked and each.understood]
    if not chosen:
        raise BadRequest(_("Tick the references to add: one or more"))
    return redirect(url_for(".ask", added=base.add_references(chosen).id), 303)


@blueprint.post("/forget")
def forget() -> ResponseReturnValue:
    """Take back what was added."""
    check_csrf()
    base, number = parameters.knowledge_base(), parameters.posted("bibliography")
    if all(each.id != number or each.filename != FILENAME for each in base.bibliographies()):
        raise NotFound(_("This was taken back before"))
    base.forget(number)
    return redirect(url_for(".ask", forgotten=1), 303)


def _checked(text: str) -> str:
    if len(text) > LONGEST:
        raise BadRequest(_("This text is too long: save it as a file and add that as a document"))
    return text


def _shown(text: str, found: list[Pasted] | None, problems: tuple[str, ...]) -> str:
    base = parameters.knowledge_base()
    pasted = [each for each in base.bibliographies() if each.filename == FILENAME]
    return render_template(
        "paste.html",
        text=text,
        longest=LONGEST,
        found=found,
        problems=problems,
        is_ticked=is_ticked,
        apa=citing.apa,
        entry=entry,
        added=parameters.number("added", 1, parameters.HIGHEST),
        forgotten="forgotten" in request.args,
        pasted=sorted(pasted, key=lambda each: -each.id),
    )
