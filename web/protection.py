"""Protection of readers and of the collection: headers on every response, forms that cannot be forged, who may change things.

Documents come from anywhere, so their text is escaped (Jinja, always on), their files open in a sandbox or are saved,
and no page runs or styles anything that is not a file of ours.

    a change ─┬─ from this machine ─────────────────────────────► allowed
              └─ from another ─► the secret KB_TOKEN, as a bearer token or as the password of a browser's own dialogue
"""

from __future__ import annotations

import secrets
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized

from web.wording import gettext as _

PAGES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
COOKIE = "csrf"
READING = ("GET", "HEAD", "OPTIONS")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
"""Headers that a proxy adds: the request then comes from another machine, although the proxy may run on this one."""


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
    """The token for a form on this page; a cookie of the response carries the value that it must match."""
    if "csrf" not in g:
        g.csrf = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
    token = _signer().dumps(g.csrf)
    return token if isinstance(token, str) else token.decode()


def check_csrf() -> None:
    """Refuse a form that no page of ours gave to this browser (cross-site request forgery)."""
    try:
        half = _signer().loads(request.form.get("csrf", ""))
    except BadSignature:
        half = ""
    cookie = request.cookies.get(COOKIE, "")
    if not half or not secrets.compare_digest(str(half), cookie):
        raise BadRequest(_("This form is no longer valid: open the page again and repeat what you did"))


def from_this_machine() -> bool:
    """Whether the request was made on this machine, to a name that only this machine has, and not through a proxy."""
    try:
        local = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    name = urlsplit(f"//{request.headers.get('Host', '')}").netloc.rpartition("@")[2]
    name = name if name.endswith("]") else name.rpartition(":")[0] or name
    return local and name.lower() in LOOPBACK_NAMES and not any(header in request.headers for header in FORWARDED)


def has_token() -> bool:
    """Whether the request carries the secret of this deployment."""
    token: str | None = current_app.config["KB_TOKEN"]
    given = request.authorization
    if token is None or given is None:
        return False
    secret = given.token if given.type == "bearer" else given.password
    return secrets.compare_digest((secret or "").encode(), token.encode())


def may_change() -> bool:
    """Whether this visitor is offered changes: on another machine where a token is set, which is asked for when it is used."""
    return from_this_machine() or current_app.config["KB_TOKEN"] is not None


def check_change() -> None:
    """Refuse a change that comes from another machine without the token."""
    if request.method not in READING:
        check_keeper()


def is_keeper() -> bool:
    """Whether this visitor may change things as the request is."""
    return from_this_machine() or has_token()


def check_keeper() -> None:
    """Refuse a request for which one must be allowed to change things."""
    if is_keeper():
        return
    if current_app.config["KB_TOKEN"] is None:
        raise Forbidden(_("Nothing can be changed from another machine: this knowledge base has no token (KB_TOKEN)"))
    raise Unauthorized(
        _("To change something here, give the token of this knowledge base as the password"),
        www_authenticate=WWWAuthenticate("basic", {"realm": "kb", "charset": "UTF-8"}),
    )


def check_origin() -> None:
    """Refuse a change that a page elsewhere made a browser send: an address for programs has no form to sign."""
    origin = request.headers.get("Origin")
    elsewhere = origin is not None and urlsplit(origin).netloc != request.host
    if elsewhere or request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise Forbidden(_("A page of another site may not change anything here"))


def check_host() -> None:
    """Refuse a request without a Host header: which name was asked for cannot be checked."""
    if not request.environ.get("HTTP_HOST"):
        raise BadRequest(_("The request names no host"))


def use_protection(app: Flask) -> None:
    """Check who asks and who changes, put the headers on every response, and give templates their part of it."""
    app.jinja_env.globals.update(csrf_token=csrf_token, may_change=may_change, is_keeper=is_keeper)
    app.before_request(check_host)
    app.before_request(check_change)

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
