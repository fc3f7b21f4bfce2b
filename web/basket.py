"""The basket: references and passages that a reader puts aside, across pages and questions.

It is kept in the browser (static/basket.js), so that the server knows nothing of it; its references are exported as any
selection from the list of references is.
"""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint("basket", __name__)


@blueprint.get("/basket")
def page() -> ResponseReturnValue:
    """The page that the browser fills with what was put aside."""
    return render_template("basket.html")
