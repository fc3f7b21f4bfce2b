"""Authors and editors of an entry: people in the orders that reference styles print, and institutions.

"Goot, K. van der, & Bond, J." · "K. van der Goot & J. Bond" · "Goot, Karel van der, and James Bond" · "Goot K, Bond J"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from ingest.entries.patterns import ROLE
from ingest.grammar import INITIALS, LOWER, PARTICLE, UPPER, WORD
from kb.bibliography import is_institution, literal, person
from kb.bibliography.items import name as any_name
from kb.bibliography.names import MORE_AUTHORS, says_institution

People = list[dict[str, Any]]
"""CSL names."""

_MORE_AT_END = re.compile(
    rf"(?i)[,;]?\s*(?:(?:&|en|and)\s+)?(?:{MORE_AUTHORS}|e\.\s?a|al\.?,\set|others|anderen|c\.s)\.?\s*$"
)
_COMPANY = re.compile(r",?\s(?:Inc|Ltd|LLC|GmbH|A\.C|B\.V|N\.V|S\.A)\.?$")
_GIVEN = rf"(?:{INITIALS}|{UPPER}{{1,3}}(?=,|$|\s&|\s(?:en|and)\s))"
_FAMILY_INITIALS = rf"(?:{PARTICLE}\s)*{UPPER}{LOWER}[\w'’-]+\s{UPPER}{{1,2}}"
_FAMILIES_INITIALS = re.compile(rf"{_FAMILY_INITIALS}(?:(?:,|,?\s(?:&|en|and))\s{_FAMILY_INITIALS})*")
_IS_GIVEN = re.compile(
    rf"(?:{INITIALS}|{UPPER}{LOWER}{{0,2}}\.(?:[\s-]*{UPPER}{LOWER}?\.?)*|{UPPER}{{1,3}}"
    rf"|(?:{WORD}\s)?{INITIALS})(?:\s*(?:{PARTICLE}))*"
    rf"|{WORD}(?:[\s-]{UPPER}\.)+"
)
_SUFFIX = re.compile(r"(?i)(?:jr|sr|ii|iii)\.?")
_ET_AL = re.compile(r"(?i)et al\.?|al\.?|et")
_SEVERAL_SENTENCES = re.compile(r"[.?!]\s+[A-Z][a-z]+\s[a-z]+\s[a-z]+")
_LONGEST_FAMILY = 5
"""A family name of more words is a sentence that was taken for authors."""


@dataclass(frozen=True, slots=True)
class Credited:
    """The people whom an entry credits, and as what."""

    people: People
    role: Literal["author", "editor"] = "author"


def credited(head: str) -> Credited:
    """The names before a year, in order; no names when they have no shape that names have."""
    head = head.strip()
    role: Literal["author", "editor"] = "editor" if ROLE.search(head) else "author"
    return Credited(_people(_without_additions(ROLE.sub("", head) if role == "editor" else head)), role)


def _without_additions(head: str) -> str:
    """Names without "et al." and what brackets add: "Noordewier, S. [Saskia]"."""
    head = _MORE_AT_END.sub("", head)
    head = re.sub(r"\s*\((?:[^()]{1,40})\)\s*$", "", head).rstrip(" ,;")
    return re.sub(r"\s*\[[^\]]{1,40}\]\.?\s*", " ", head).strip()


def _people(head: str) -> People:
    if not head:
        return []
    if _COMPANY.search(head):
        return [literal(head)]
    if _FAMILIES_INITIALS.fullmatch(head) and not says_institution(head):
        return [family_and_initials(part) for part in re.split(r",?\s(?:&|en|and)\s|,\s", head)]
    if re.match(rf"^{INITIALS}\s", head):
        return given_first(head)
    if re.search(rf",\s*{_GIVEN}", head):
        return _inverted(head)
    return _full_names(head) or institutions(head)


def family_and_initials(text: str) -> dict[str, Any]:
    """`Goot KM`: a family name and initials without full stops."""
    family, _, initials = text.rpartition(" ")
    return person(family, " ".join(f"{letter}." for letter in initials))


def _inverted(head: str) -> People:
    """`Goot, K. van der, Bond, J., Jr., & RIVM`: families, each followed by initials; institutions between them."""
    separated = re.sub(r",?\s*(?:…|\.\s?\.\s?\.)\s*,?\s*", ", ", head)
    separated = re.sub(r"\s*;\s*", ", ", separated)
    separated = re.sub(r",?\s+(?:&|und)\s+", ", ", separated)
    separated = re.sub(rf"(?:,\s*(?:en|and)\s+|(?<=\.)\s+(?:en|and)\s+)(?=(?:{PARTICLE}\s+)*{UPPER})", ", ", separated)
    parts = [part.strip() for part in separated.split(",") if part.strip()]
    people: People = []
    while parts:
        if len(parts) > 1 and _IS_GIVEN.fullmatch(parts[1]):
            suffix = parts[2] if len(parts) > 2 and _SUFFIX.fullmatch(parts[2]) else ""
            people.append(person(parts[0], parts[1], suffix))
            parts = parts[3:] if suffix else parts[2:]
        else:
            if not _ET_AL.fullmatch(parts[0]):
                people.append(_without_given(parts[0]))
            parts = parts[1:]
    if any(len(str(name.get("family", "")).split()) > _LONGEST_FAMILY for name in people):
        return []
    return people


def _without_given(text: str) -> dict[str, Any]:
    """A name between commas without initials: an institution, or a person who goes by one word."""
    return any_name(text) if re.match(rf"^{INITIALS}\s", text) else literal(text.rstrip("."))


def _full_names(head: str) -> People:
    """`Gowers, Richard J., Linke, Max, & Beckstein, Oliver`: families and given names in turn."""
    if is_institution(head) or "," not in head:
        return []
    parts = [p.strip(" .") for p in re.sub(r",?\s+(?:&|and|en)\s+", ", ", head).split(",") if p.strip()]
    if len(parts) % 2 or len(parts) < 2:
        return []
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    if not all(re.fullmatch(rf"(?:{PARTICLE}\s)*{WORD}(?:[\s-]{WORD})?", family) for family, _ in pairs):
        return []
    if not all(re.fullmatch(rf"{WORD}(?:\s(?:{WORD}|{UPPER}\.?))*(?:\s{PARTICLE})*", given) for _, given in pairs):
        return []
    return [person(family, given) for family, given in pairs]


def given_first(head: str) -> People:
    """`V. S. Ramachaudran & A. Bandura`, `A. Bandura, B. Jones, and C. Smith`."""
    parts = re.split(r",\s*(?:and|&|en)\s+|\s+(?:and|&|en)\s+|,\s+", head.rstrip(" ."))
    return [any_name(part) for part in parts if part.strip() and not re.fullmatch(r"(?i)et al\.?", part)]


def first_inverted(head: str) -> People:
    """Chicago's names: the first inverted, the others not; institutions whole."""
    head = ROLE.sub("", head).rstrip(" ,.") if ROLE.search(head) else head.rstrip(" ,")
    head = re.sub(r"(?i),?\s*(?:and\s)?(?:et al|others)\.?$", "", head)
    if "," not in head or is_institution(head):
        return institutions(head.rstrip("."))
    parts = [p for p in re.split(r",?\s+and\s+|,\s*&\s*|\s&\s|,?\s+en\s+|,\s+", head) if p.strip()]
    if any(_IS_GIVEN.fullmatch(part) for part in parts[3:]):
        return _inverted(head)  # "Goot, K., van Bond, J., 2020.": every name is inverted
    if len(parts) < 2 or not re.fullmatch(rf"(?:{PARTICLE}\s)*{WORD}(?:[\s-]{WORD}){{0,2}}", parts[0]):
        return []
    if not re.match(rf"^{UPPER}", parts[1]) or len(parts[1].split()) > 4:
        return []
    given = re.sub(rf"(?<=[\s.]){UPPER}$|^{UPPER}$", r"\g<0>.", parts[1].strip())  # its full stop closed the names
    others = [re.sub(rf"(?<=\s){UPPER}$", r"\g<0>.", part) for part in parts[2:]]
    return [person(parts[0], given), *(any_name(part) for part in others)]


def institutions(head: str) -> People:
    """One institution, or several joined by an ampersand; a comma within a name stays in it."""
    head = head.strip().rstrip(".").strip()
    if not head or len(head) > 200 or _SEVERAL_SENTENCES.search(head):
        return []
    parts = re.split(r",?\s+&\s+", head)
    if len(parts) > 1 and all(is_institution(part) for part in parts):
        is_one = re.match(r"(?i)ministerie|ministry|department", parts[0])
        first = [parts[0]] if is_one else re.split(r",\s+", parts[0])
        return [literal(part) for part in [*first, *parts[1:]]]
    return [literal(head)]


def editors(text: str) -> People:
    """The names before "(Eds.)", in either order."""
    if re.match(INITIALS, text):
        return given_first(text)
    parts = re.split(r",\s*(?:&|and|en)\s+|\s+(?:&|and|en)\s+|,\s+", text)
    if all(re.fullmatch(rf"(?:{WORD}|{UPPER}\.)(?:\s(?:{WORD}|{UPPER}\.|{PARTICLE}))+", part) for part in parts):
        return [any_name(part) for part in parts]
    return credited(text).people


def people_in_addition(text: str) -> People:
    """The names in a bracket behind a title, before "Ed." or "Trans."."""
    return given_first(text) if re.match(INITIALS, text) else credited(text).people


# --- names in an order that is not known

_INITIALS_ALONE = re.compile(rf"(?:{UPPER}{LOWER}?\.?[\s-]?){{1,5}}(?:\s?{PARTICLE}(?:\s{PARTICLE})*)?")
_FAMILY = rf"(?:{PARTICLE}\s){{0,3}}{WORD}(?:[\s-]{WORD}){{0,2}}"
_FAMILY_ALONE = re.compile(_FAMILY)
_FAMILY_BARE_INITIALS = re.compile(
    rf"(?P<family>{_FAMILY}?)\s(?P<initials>(?:{UPPER}\.?-?){{1,5}})(?P<particles>(?:\s{PARTICLE}){{0,3}})"
)
_GIVEN_FAMILY = re.compile(
    rf"(?:(?:{WORD}|{UPPER}{LOWER}?\.(?:-?{UPPER}\.)*|{UPPER})\s*){{1,4}}(?:{PARTICLE}\s){{0,3}}{WORD}"
)
_GIVEN_ALONE = re.compile(rf"{WORD}(?:\s(?:{WORD}|{UPPER}\.?)){{0,2}}(?:\s{PARTICLE}){{0,3}}")
_BETWEEN_NAMES = re.compile(r"\s*[;/]\s*|,?\s+(?:&|and|en|und)\s+|\s*&\s*|,\s*")


def people_in_any_order(text: str) -> People:
    """The names of a text that is known to be the authors of an entry; none when any part of it has no shape of a name."""
    head = _MORE_AT_END.sub("", text.strip(" ,;:")).strip(" ,;:")
    head = re.sub(rf"(?<={LOWER}{LOWER})\.$", "", head)
    head = re.sub(r",?\s*(?:…|\.\s?\.\s?\.)\s*,?\s*", ", ", head)
    head = re.sub(r"^(?:by|door)\s+|\s*\(.{0,40}\)$", "", head)
    if not head or re.search(r"\d|[“”\"()\[\]?!]", head):
        return []
    if _COMPANY.search(head) or (_reads_as_institution(head) and not _has_people(head)):
        return institutions(head)
    if not re.search(r"[,;/]", head):
        return _given_first_alone(head)
    parts = [part.strip() for part in _BETWEEN_NAMES.split(head) if part.strip(" .")]
    if capitals := _in_capitals(parts):
        return capitals
    people: People = []
    while parts:
        taken = _first_person(parts, is_first=not people)
        if taken is None:
            return []
        people.append(taken.name)
        parts = parts[taken.parts :]
    return people


def _reads_as_institution(head: str) -> bool:
    """Whether a text names institutions: by a word that only those have, or, of one name, by its form."""
    is_one = not re.search(r"[,;]|\s(?:en|and|und|&)\s", head)
    return says_institution(head) or (is_one and is_institution(head))


def _given_first_alone(head: str) -> People:
    """Names without a comma, which are not inverted: `Karel van der Goot and James Bond`, `Goot KM & Bond J`."""
    people: People = []
    for part in _BETWEEN_NAMES.split(head):
        taken = _first_person([part.strip()], is_first=not people)
        if taken is None:
            return []
        people.append(taken.name)
    return people


def _has_people(head: str) -> bool:
    """Whether names that read as an institution's hold initials beside a family name: "Goot JD, van Dijk J"."""
    has_bare = bool(re.match(rf"{_FAMILY}\s{UPPER}{{1,3}}(?:,|$)", head)) and not says_institution(head)
    return has_bare or bool(re.search(rf",\s*{INITIALS}", head))


def _in_capitals(parts: list[str]) -> People:
    """`GOOT, Karel van der, BOND, James`: families in capitals, each followed by a given name; none in another order."""
    families, given = parts[::2], parts[1::2]
    if len(families) != len(given) or not all(family.isupper() and len(family) > 2 for family in families):
        return []
    if not all(_GIVEN_ALONE.fullmatch(name) and not name.isupper() for name in given):
        return []
    return [person(_small(family), name) for family, name in zip(families, given, strict=True)]


def _small(family: str) -> str:
    """`VAN DER GOOT` as `van der Goot`."""
    words = (word.lower() if re.fullmatch(PARTICLE, word.capitalize()) else word.title() for word in family.split())
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A name, and how many parts of a list of names it took."""

    name: dict[str, Any]
    parts: int


def _first_person(parts: list[str], is_first: bool) -> _Taken | None:
    """The person with whom a list of parts opens; None when its first part is no name."""
    part, following = parts[0], parts[1] if len(parts) > 1 else ""
    is_family = bool(_FAMILY_ALONE.fullmatch(part))
    if is_family and _INITIALS_ALONE.fullmatch(following):
        has_suffix = len(parts) > 2 and _SUFFIX.fullmatch(parts[2])
        return _Taken(person(part, _dotted(following), parts[2] if has_suffix else ""), 3 if has_suffix else 2)
    if match := _FAMILY_BARE_INITIALS.fullmatch(part):
        return _Taken(person(match["family"], _dotted(match["initials"]) + match["particles"]), 1)
    if is_institution(part):
        return _Taken(literal(part), 1)
    is_single = len([word for word in part.split() if not re.fullmatch(PARTICLE, word)]) == 1
    if is_family and (is_single or is_first) and _GIVEN_ALONE.fullmatch(following) and (is_single or len(parts) == 2):
        return _Taken(person(part, following.rstrip(".") if len(following) > 2 else following), 2)
    if _GIVEN_FAMILY.fullmatch(part.rstrip(".")) and not is_single:
        return _Taken(any_name(part.rstrip(".")), 1)
    return (
        _Taken(person(part.rstrip(".")), 1)
        if is_first and len(parts) == 1 and _FAMILY_ALONE.fullmatch(part.rstrip("."))
        else None
    )


def _dotted(initials: str) -> str:
    """`KM`, `K M` or `K-M` as `K. M.`; initials with full stops stay as they are."""
    if "." in initials or not re.fullmatch(rf"(?:{UPPER}[\s-]?)+", initials):
        return initials
    return " ".join(f"{letter}." for letter in re.sub(r"[\s-]", "", initials))
