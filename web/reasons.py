"""Why two things may be one work, in the language of the interface.

    "author alone; another fits as well" ─► its phrases ─► "alleen de auteur; een ander past even goed"

Whoever compares says why in English, and the catalogue keeps it so. Those phrases stand here a second time, for the
translations; a test holds this list to what is said there. A phrase that is not here is shown in English.
"""

from __future__ import annotations

import re
from itertools import combinations

from web.wording import gettext as _


def phrases() -> dict[str, str]:
    """Each phrase, and what it is in the language of the interface."""
    known = {
        "agrees with more than one work": _("agrees with more than one work"),
        "agrees with one entry, and with another does not": _("agrees with one entry, and with another does not"),
        "another edition": _("another edition"),
        "another fits as well": _("another fits as well"),
        "author": _("author"),
        "author alone": _("author alone"),
        "author and the year of the original": _("author and the year of the original"),
        "author and year": _("author and year"),
        "author and year agree, no title to compare": _("author and year agree, no title to compare"),
        "author, without date": _("author, without date"),
        "its address": _("its address"),
        "its number in the list": _("its number in the list"),
        "no year on one side": _("no year on one side"),
        "one author where several are meant": _("one author where several are meant"),
        "other": _("other"),
        "other author or year": _("other author or year"),
        "other title": _("other title"),
        "perhaps another edition": _("perhaps another edition"),
        "perhaps another version": _("perhaps another version"),
        "printed alike": _("printed alike"),
        "said by a person": _("said by a person"),
        "same DOI, other title": _("same DOI, other title"),
        "same ISBN, other title": _("same ISBN, other title"),
        "same title and authors, no year on one side": _("same title and authors, no year on one side"),
        "same title and authors, once at a conference and once in a journal": _(
            "same title and authors, once at a conference and once in a journal"
        ),
        "same title and authors, other DOI": _("same title and authors, other DOI"),
        "same title and authors, other ISBN": _("same title and authors, other ISBN"),
        "same title and year, the institution is named otherwise": _(
            "same title and year, the institution is named otherwise"
        ),
        "same title, authors known on one side only": _("same title, authors known on one side only"),
        "same title, no authors, other place": _("same title, no authors, other place"),
        "same title, other authors": _("same title, other authors"),
        "same title, other year": _("same title, other year"),
        "the letter is on one side only": _("the letter is on one side only"),
        "the same words": _("the same words"),
        "the years differ by one": _("the years differ by one"),
        "title, year and first author agree": _("title, year and first author agree"),
        "two documents": _("two documents"),
    }
    parts = {"title": _("title"), "year": _("year"), "first author": _("first author")}
    joined = " " + _("and") + " "
    for count in (1, 2, 3):  # what differs at Crossref
        for differ in combinations(parts, count):
            said = joined.join(parts[name] for name in differ)
            known.setdefault(f"other {' and '.join(differ)}", _("other %(parts)s") % {"parts": said})
    return known


def in_words(reason: str) -> str | None:
    """A reason in the language of the interface; None when a phrase of it is not known here."""
    known = phrases()
    said = re.split(r"([;:] )", reason)
    if any(phrase not in known for phrase in said[::2]):
        return None
    return "".join(known[part] if at % 2 == 0 else part for at, part in enumerate(said))
