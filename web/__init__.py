"""The reading room: the door for people with a browser, and for programs over HTTP.

    search.py       /                 question, answer, hits
    documents.py    /documents …      document, page with the passage marked, original file
    literature.py   /references …     who is cited where
    intake.py       /intake           what is in, and how to add
    api.py          /api/ …           the same for programs        serialise.py   its shapes, shared with the command line

    below them      parameters.py (what stands in an address) · marking.py (marked text) · citing.py (taking along)
                    wording.py (Dutch and English) · problems.py (errors) · protection.py (headers, forms)

It knows the knowledge base through `knowledge.py` alone. This file imports nothing heavy, so that the command line can
use `web.serialise` without Flask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask

    from web.knowledge import KnowledgeBase


def create_app(knowledge_base: KnowledgeBase, *, hosts: Sequence[str] = ()) -> Flask:
    """The application, for one knowledge base.

    `hosts` are the names it answers to; none given is any. A server on a loopback address gives its own, so that a page
    elsewhere cannot read it by pointing a name of its own there (DNS rebinding).
    """
    import hashlib
    from functools import cache
    from pathlib import Path

    from flask import Flask

    from kb.bibliography.items import year as csl_year
    from web import api, documents, intake, literature, parameters, search
    from web.problems import use_problems
    from web.protection import signing_key, use_protection
    from web.serialise import authors
    from web.wording import use_wording

    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=signing_key(knowledge_base.settings.home),
        TRUSTED_HOSTS=list(hosts) or None,
        MAX_CONTENT_LENGTH=64 * 1024,  # forms of ours are small
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,  # addresses of static files carry their content's hash
    )
    app.extensions["knowledge_base"] = knowledge_base
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.lstrip_blocks = True

    @cache
    def asset(filename: str) -> str:
        """The address of a static file, new when the file is."""
        content = (Path(__file__).parent / "static" / filename).read_bytes()
        # Written out, for who asks by a name that is not ours gets a page too, and no address can be built for that name.
        return f"{app.static_url_path}/{filename}?v={hashlib.sha256(content).hexdigest()[:12]}"

    app.jinja_env.globals.update(asset=asset, names=authors, year_of=csl_year)
    app.url_map.converters["int"] = parameters.Ordinal
    app.url_map.strict_slashes = False  # people type /documents/
    use_wording(app)
    use_problems(app)
    use_protection(app)
    for door in (search, documents, literature, intake, api):
        app.register_blueprint(door.blueprint)
    return app
