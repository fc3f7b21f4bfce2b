"""Parameters of an address, checked: text, choices and numbers, or a BadRequest that names the mistake."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, ValidationError

from kb.language.syntax import read_query
from kb.model import KINDS, LANGUAGES, Evidence, Query
from kb.settings import Settings
from web.knowledge import KnowledgeBase
from web.wording import gettext as _

# Longer than any question; a pasted page is refused before it is analysed.
LONGEST = 1000

# No id is higher: the database cannot look a higher number up.
HIGHEST = 2**53

# Orders of results: best first, or the newest document first.
SORTS = ("relevance", "date")

T = TypeVar("T", bound=str)


class Ordinal(IntegerConverter):
    """A whole number in a path; one beyond every id is at no address."""

    def to_python(self, value: str) -> int:
        """The number; a longer one is refused before it is read as one."""
        if len(value) > len(str(HIGHEST)):
            raise ValidationError
        found: int = super().to_python(value)
        return found


def knowledge_base() -> KnowledgeBase:
    """The one that this application was made for."""
    found: KnowledgeBase = current_app.extensions["knowledge_base"]
    return found


def settings_of(app: Flask) -> Settings:
    """The settings of the knowledge base that an application was made for."""
    found: KnowledgeBase = app.extensions["knowledge_base"]
    return found.settings


def text(name: str, longest: int = LONGEST) -> str:
    """A text without control characters or half characters, spaces made single; empty when it is not there."""
    value = request.args.get(name, "")
    if len(value) > longest:
        raise BadRequest(
            _("%(name)s is %(length)s characters long: make it at most %(longest)s")
            % {"name": name, "length": len(value), "longest": longest}
        )
    value = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs", "Cn"} else letter for letter in value)
    return " ".join(unicodedata.normalize("NFC", value).split())


def choice(name: str, choices: Sequence[T]) -> T | None:
    """One of the choices; None when it is empty or not there."""
    value = request.args.get(name, "").strip()
    if not value:
        return None
    for known in choices:
        if known == value:
            return known
    raise BadRequest(
        _("%(name)s is %(value)s: choose one of %(choices)s")
        % {"name": name, "value": repr(value[:40]), "choices": ", ".join(choices)}
    )


def number(name: str, lowest: int, highest: int) -> int | None:
    """A whole number within bounds; None when it is empty or not there."""
    value = request.args.get(name, "").strip()
    if not value:
        return None
    if value.isascii() and value.isdecimal() and len(value) < 19 and lowest <= int(value) <= highest:
        return int(value)
    raise BadRequest(
        _("%(name)s is %(value)s: give a whole number from %(lowest)s to %(highest)s")
        % {"name": name, "value": repr(value[:40]), "lowest": lowest, "highest": highest}
    )


def posted(name: str) -> int:
    """An id in the form that was sent. Raises BadRequest when the field holds something else."""
    return all_posted(name)[0]


def all_posted(name: str) -> list[int]:
    """The ids in the form that was sent: one or more. Raises BadRequest when a field holds something else."""
    values = request.form.getlist(name)
    if not values or not all(value.isascii() and value.isdecimal() and len(value) < 17 for value in values):
        raise BadRequest(_("%(name)s is missing") % {"name": name})
    return [int(value) for value in values]


def sheet(total: int, size: int) -> tuple[int, int]:
    """The sheet of a list that this address asks for, and the number of sheets: `total` things, `size` on a sheet."""
    sheets = max(1, -(-total // size))
    return min(number("page", 1, 10**6) or 1, sheets), sheets


def query() -> Query:
    """The query in this address: q with the conditions typed in it, kind, language, year, document, author, cites."""
    return replace(
        read_query(text("q")),
        kind=choice("kind", KINDS),
        language=choice("language", LANGUAGES),
        year=number("year", 1000, 2999),
        document_id=number("document", 1, HIGHEST),
        author=text("author") or None,
        cites=choice("cites", ("1",)) is not None,
    )


def sort() -> str:
    """The order of results that this address asks for, one of SORTS."""
    return choice("sort", SORTS) or SORTS[0]


def in_order(groups: Sequence[Sequence[Evidence]]) -> list[Sequence[Evidence]]:
    """Hits by document in the order that this address asks for; documents without a date come last."""
    if sort() != "date":
        return list(groups)
    return sorted(groups, key=lambda group: group[0].document.date or str(group[0].document.year or ""), reverse=True)


def filters(query: Query) -> dict[str, Any]:
    """The parameters of the address that asks this query, in the order of results that is asked for here."""
    values = {
        "q": query.typed,
        "kind": query.kind,
        "language": query.language,
        "year": query.year,
        "document": query.document_id,
        "author": query.author,
        "cites": "1" if query.cites else None,
        "sort": "date" if sort() == "date" else None,
    }
    return {name: value for name, value in values.items() if value}
