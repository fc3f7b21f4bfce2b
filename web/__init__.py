"""The reading room: the door for people with a browser, and for programs over HTTP.

    search.py       /                 question, answer, hits
    documents.py    /documents …      documents, one document, original file
    pages.py        … /pages/14       one page, with the passage marked
    images.py       … /image/ …       a page as a picture
    literature.py   /references …     who is cited where
    intake.py       /intake           documents added last, and how to add
    concepts.py     /concepts/<term>  a term over all documents
    basket.py       /basket           what a reader put aside in the browser
    site.py         /logo             name and logo of the deployment
    api.py          /api/ …           the same for programs, in the shapes of kb.serialise

    below them      parameters.py (values in an address) · marking.py (marked text) · citing.py (exports)
                    wording.py (Dutch and English) · problems.py (errors) · protection.py (headers, forms, who may change)
                    access.py (logs) · server.py (the WSGI server and its limits)

It knows the knowledge base through `knowledge.py` alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flask import Flask

from kb.bibliography.items import year as csl_year
from kb.serialise import authors
from web import (
    api,
    basket,
    concepts,
    documents,
    images,
    intake,
    literature,
    pages,
    parameters,
    pasting,
    search,
    versions,
)
from web.access import Application, use_access_log
from web.knowledge import KnowledgeBase
from web.problems import use_problems
from web.protection import signing_key, use_protection
from web.server import LARGEST_FORM
from web.site import use_site
from web.wording import use_wording

STATIC = "/static"
A_YEAR = 365 * 24 * 3600  # seconds


def create_app(knowledge_base: KnowledgeBase, *, hosts: Sequence[str] = ()) -> Flask:
    """The application, for one knowledge base.

    `hosts` are the names under which it may be asked for; none given means any. A server on a loopback address gives its own,
    so that a page elsewhere cannot read it by pointing a name of its own at that address (DNS rebinding).
    """
    app = Application(__name__, static_url_path=STATIC)
    app.config.update(
        SECRET_KEY=signing_key(knowledge_base.settings.home),
        KB_TOKEN=knowledge_base.settings.token,
        TRUSTED_HOSTS=list(hosts) or None,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        SEND_FILE_MAX_AGE_DEFAULT=A_YEAR,  # addresses of static files carry a hash of their content
    )
    app.extensions["knowledge_base"] = knowledge_base
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, names=authors, year_of=csl_year, image_url=images.image_url)
    app.jinja_env.globals.update(concept_in=concepts.concept_in)
    app.jinja_env.globals.update(version_review=versions.review, likeness=versions.likeness)
    app.url_map.converters["int"] = parameters.Ordinal
    app.url_map.strict_slashes = False  # people type /documents/
    use_access_log(app)
    use_wording(app)
    use_site(app)
    use_problems(app)
    use_protection(app)
    for door in (search, documents, pages, images, pasting, literature, intake, versions, concepts, basket, api):
        app.register_blueprint(door.blueprint)
    return app


@cache
def asset(filename: str) -> str:
    """The address of a static file; it changes when the file does.

    Not made with `url_for`, which fails on the error page for a host name that is not ours.
    """
    content = (Path(__file__).parent / "static" / filename).read_bytes()
    return f"{STATIC}/{filename}?v={hashlib.sha256(content).hexdigest()[:12]}"
