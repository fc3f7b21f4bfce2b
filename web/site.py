"""The name and the logo of the deployment, on every page and where a link to one is shown elsewhere (Open Graph)."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import NotFound

from kb.settings import LOGOS
from web import parameters
from web.wording import gettext as _

blueprint = Blueprint("site", __name__)

DESCRIBED = 200
"""Characters of a text that describe a page."""


def use_site(app: Flask) -> None:
    """Give the name and the logo to every template."""
    app.register_blueprint(blueprint)
    settings = parameters.settings_of(app)

    @app.context_processor
    def name_and_logo() -> dict[str, Any]:
        logo = settings.logo
        return {
            "site_title": settings.title or _("Knowledge base"),
            "logo": f"/logo?v={_digest(logo)}" if logo else None,
            "absolute": lambda address: urljoin(request.host_url, address),
            "described": described,
        }


def described(text: str) -> str:
    """The beginning of a text on one line, as the description of its page."""
    words = " ".join(text.split())
    return words if len(words) <= DESCRIBED else words[:DESCRIBED].rsplit(" ", 1)[0] + " …"


@cache
def _digest(logo: Path) -> str:
    return hashlib.sha256(logo.read_bytes()).hexdigest()[:12]


@blueprint.get("/logo")
def logo() -> Response:
    """The logo of the deployment; an SVG may run nothing."""
    path = parameters.knowledge_base().settings.logo
    if path is None:
        raise NotFound
    answer = Response(path.read_bytes(), mimetype=LOGOS[path.suffix.lower()])
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
