"""Images of pages, for results, lists and the page itself.

    /documents/3/pages/14/image/<key>-320.webp ─► the picture of the page ─► WebP, kept by browsers for a year

The key names file, page and way of drawing, so an address never shows another picture later. A page that cannot be drawn, or
not now, gives a plain sheet that is asked for again the next time.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from kb.model import Document
from web import parameters

blueprint = Blueprint("images", __name__)

THUMBNAIL, PAGE = 320, 1280
"""Widths in pixels."""
SHEET = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9" width="320" height="180">'
    '<rect width="16" height="9" fill="#e8ebea"/><path d="M3 3h10M3 4.5h10M3 6h6" stroke="#a9b3b5" stroke-width=".3"/></svg>'
)


def image_url(document: Document, number: int, width: int = PAGE) -> str | None:
    """The address of the image of a page; None when it has none, or none yet."""
    picture = parameters.knowledge_base().pictures.picture(document, number)
    if picture is None:
        return None
    # A page of results has dozens: `url_for` takes a tenth of a millisecond for each.
    return f"/documents/{document.id}/pages/{number}/image/{picture.key}-{width}.webp"


@blueprint.get("/documents/<int:document_id>/pages/<int:number>/image/<name>")
def image(document_id: int, number: int, name: str) -> Response:
    """The image of a page, in the width that the name ends with."""
    base = parameters.knowledge_base()
    document = base.document(document_id)
    picture = base.pictures.picture(document, number)
    width = next((each for each in (THUMBNAIL, PAGE) if picture and name == f"{picture.key}-{each}.webp"), None)
    if picture is None or width is None:
        raise NotFound
    data = base.pictures.image(picture, width)
    if data is None:
        return Response(SHEET, mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})
    answer = Response(data, mimetype="image/webp")
    answer.set_etag(name)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.make_conditional(request)
    return answer
