"""What keeps readers safe: headers on every answer, and a token in every form that changes something.

Documents come from anywhere, so their text is escaped (Jinja, always on), their files open in a sandbox or are saved,
and no page runs or styles anything that is not a file of ours.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import BadRequest

from web.wording import gettext as _

PAGES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
COOKIE = "csrf"


def signing_key(home: Path) -> str:
    """The key that signs tokens, kept in KB_HOME so that every process of one knowledge base has the same."""
    path = home / "web-key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError:  # a folder that may only be read: tokens last as long as the process
        return secrets.token_hex(32)
    return path.read_text() or secrets.token_hex(32)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="csrf")


def csrf_token() -> str:
    """The token for a form on this page; the answer's cookie carries its other half."""
    if "csrf" not in g:
        g.csrf = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
    token = _signer().dumps(g.csrf)
    return token if isinstance(token, str) else token.decode()


def check_csrf() -> None:
    """Refuse a form that no page of ours has given out to this browser."""
    try:
        half = _signer().loads(request.form.get("csrf", ""))
    except BadSignature:
        half = ""
    cookie = request.cookies.get(COOKIE, "")
    if not half or not secrets.compare_digest(str(half), cookie):
        raise BadRequest(_("This form is no longer valid: open the page again and repeat what you did"))


def use_protection(app: Flask) -> None:
    """Put the headers on every answer and the token within reach of templates."""
    app.jinja_env.globals.update(csrf_token=csrf_token)

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", PAGES)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        headers.setdefault("X-Frame-Options", "DENY")
        if not request.path.startswith("/static/"):
            headers.setdefault("Cache-Control", "no-cache, private")
        if "csrf" in g and request.cookies.get(COOKIE) != g.csrf:
            response.set_cookie(COOKIE, g.csrf, samesite="Strict", httponly=True, secure=request.is_secure)
        return response
