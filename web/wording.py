"""The words of the interface: Dutch and English.

    ?lang= ─► cookie ─► Accept-Language ─► nl or en ─► catalogue (translations/<language>/…/messages.po) ─► text

Texts stand in English in templates and code; the Dutch catalogue is read as it was written, once, so that no compiled
file is kept. The interface's language never narrows a search: that is the filter `language`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, get_args

from flask import Flask, Response, g, has_request_context, request
from markupsafe import Markup

from kb.model import Document, Language, StoredFile

TRANSLATIONS = Path(__file__).parent / "translations"
COOKIE = "lang"
YEAR = 365 * 24 * 3600  # seconds

MEDIA = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "text/html": "HTML",
    "text/markdown": "Markdown",
    "text/plain": "Text",
}


@cache
def catalogue(language: Language) -> dict[str, str | tuple[str, ...]]:
    """The translation of each English text; plural forms as a tuple."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    return {
        message.id[0] if isinstance(message.id, tuple | list) else message.id: (
            tuple(message.string) if isinstance(message.string, tuple | list) else message.string
        )
        for message in messages
        if message.id and message.string
    }


def interface_language() -> Language:
    """The language of the page that is being made."""

    if not has_request_context():
        return "en"
    if "language" not in g:
        known = get_args(Language)
        asked = [request.args.get("lang"), request.cookies.get(COOKIE)]
        best = request.accept_languages.best_match(["nl", "nl-NL", "nl-BE", "en", "en-GB", "en-US"]) or "en"
        g.language = next((language for language in asked if language in known), best[:2])
    language: Language = g.language
    return language


def gettext(text: str) -> str:
    """A text in the language of the interface."""
    found = catalogue(interface_language()).get(text, text)
    return found if isinstance(found, str) else found[0]


def ngettext(one: str, many: str, number: int) -> str:
    """A text that counts; Dutch and English have the same two forms."""
    found = catalogue(interface_language()).get(one)
    forms = found if isinstance(found, tuple) else (one, many)
    return forms[0] if number == 1 else forms[-1]


def on_date(value: str | None) -> str:
    """An ISO date, as far as it is known, in words."""
    from datetime import date

    from babel.dates import format_date

    if not value:
        return ""
    shapes = {1: "y", 2: "MMMM y", 3: "d MMMM y"}
    try:
        parts = [int(part) for part in value[:10].split("-")]
        day = date(*[*parts, 1, 1][:3])
    except (TypeError, ValueError):
        return value
    return format_date(day, shapes[min(len(parts), 3)], locale=interface_language())


def in_numbers(value: int) -> str:
    """A count with the language's own grouping."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=interface_language())


def in_bytes(size: int) -> str:
    """A size in kB or MB, as file managers have it."""
    from babel.numbers import format_decimal

    unit, value = ("MB", size / 1e6) if size >= 1e6 else ("kB", max(size, 1) / 1e3)
    return f"{format_decimal(value, '0.#' if value < 10 else '0', locale=interface_language())} {unit}"


def media_name(file: StoredFile) -> str:
    """The name of a format for people."""
    return MEDIA.get(file.media_type) or file.filename.rpartition(".")[2].upper()


def page_name(document: Document, number: int, label: str = "") -> str:
    """The name of a page: a slide by its place in the deck, a page by the number that is printed on it."""
    if document.kind == "deck":
        return gettext("slide %(number)s") % {"number": number}
    return gettext("page %(number)s") % {"number": label or number}


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def lang_attribute(language: Language | None) -> Markup:
    """The `lang` attribute of an element whose text is in a language; nothing where it is not known."""
    return Markup(' lang="{}"').format(language) if language else Markup()


def use_wording(app: Flask) -> None:
    """Give templates their words, and remember a choice of language."""

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(
        on_date=on_date, in_numbers=in_numbers, in_bytes=in_bytes, media_name=media_name, capital=capital
    )
    app.jinja_env.globals.update(page_name=page_name, lang=lang_attribute)

    def switch(language: Language) -> str:
        """The address of this page in another language of the interface."""
        from urllib.parse import quote, urlencode

        kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
        path = quote(request.path.lstrip("/"))  # two slashes in front would be another host
        return f"/{path}?{urlencode([*kept, ('lang', language)])}"

    @app.context_processor
    def language_of_the_page() -> dict[str, Any]:
        return {"interface": interface_language(), "switch": switch}

    @app.after_request
    def remember(response: Response) -> Response:
        if request.path.startswith(("/api/", "/static/")):
            return response
        response.vary.update(["Accept-Language", "Cookie"])
        if response.mimetype == "text/html" and "Content-Disposition" not in response.headers:
            response.content_language.add(interface_language())
            if request.args.get("lang") in get_args(Language):
                response.set_cookie(COOKIE, interface_language(), max_age=YEAR, samesite="Lax", httponly=True)
        return response
