"""Name lists of BibTeX and CSL names, both ways.

"van der Goot, K. and {Ministerie van OCW}" ─► parse_names ─► two CSL names ─► written_name ─► the same text
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kb.bibliography.items import clean, name_parts
from kb.bibliography.latex import decoded, encoded
from kb.bibliography.names import full_family, literal, person


def encloses(text: str) -> bool:
    """Whether the first sign's partner is the last one."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return at == len(text) - 1
    return False


def parse_names(text: str) -> list[dict[str, Any]]:
    """A BibTeX name list as CSL names; "and others" is left out."""
    people = []
    for part in _split(text, "and"):
        written = part.strip()
        if not written or written.lower() == "others":
            continue
        people.append(_parse_name(written))
    return [name for name in people if full_family(name)]


def _family_begins(words: list[str]) -> int:
    """The first word of the family name in "given von family": the first in small letters, else the last."""
    return next((index for index, word in enumerate(words[:-1]) if word[:1].islower()), len(words) - 1)


def _parse_name(text: str) -> dict[str, Any]:
    if text.startswith("{") and text.endswith("}") and encloses(text):
        return literal(decoded(text))
    parts = [part.strip() for part in _split(text, ",")]
    if len(parts) == 1:
        words = [word for word in _split(text, " ") if word.strip()]
        at = _family_begins(words)
        return _person(" ".join(words[at:]), " ".join(words[:at]), "")
    return _person(parts[0], parts[-1], parts[1] if len(parts) > 2 else "")


def _person(family: str, given: str, suffix: str) -> dict[str, Any]:
    """A person; a family name in braces is taken whole, and the words before it are its particle."""
    words = [word for word in _split(family, " ") if word.strip()]
    if not words or not (words[-1].startswith("{") and encloses(words[-1])):
        return person(decoded(family), decoded(given), decoded(suffix))
    parts = {
        "family": decoded(words[-1]),
        "given": decoded(given),
        "non-dropping-particle": decoded(" ".join(words[:-1])),
        "suffix": decoded(suffix),
    }
    return {part: text for part, text in parts.items() if text}


def written_name(name: Mapping[str, Any]) -> str:
    """A CSL name as BibTeX writes it: `van der Goot, K.`, `Cunha, Jr, A.`, `{Ministerie van OCW}`."""
    if name.get("literal"):
        return "{" + encoded(clean(str(name["literal"]))) + "}"
    family, given, suffix, particle = name_parts(name)
    parts = [f"{particle} {family}".strip(), *([suffix] if suffix else []), *([given] if given or suffix else [])]
    written = ", ".join(encoded(part) for part in parts)
    meant = {"family": family, "given": given, "suffix": suffix, "non-dropping-particle": particle}
    if parse_names(written) == [{part: text for part, text in meant.items() if text}]:
        return written
    front = f"{encoded(particle)} " if particle else ""
    return ", ".join(
        front * (part is family) + "{" + encoded(part) + "}" for part in _written_parts(family, suffix, given)
    )


def _written_parts(family: str, suffix: str, given: str) -> list[str]:
    return [family, suffix, given] if suffix else [family, given]


def _split(text: str, separator: str) -> list[str]:
    """Cut at a separator outside braces: a sign, or the word `and`."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 2
            continue
        depth += (sign == "{") - (sign == "}")
        end = _separator_end(text, at, separator) if depth <= 0 else at
        if end > at:
            parts.append(text[start:at])
            start = end
        at = max(end, at + 1)
    return [*parts, text[start:]]


_AND = re.compile(r"\s+and(?=\s)", re.IGNORECASE)  # the space behind may open the next " and "


def _separator_end(text: str, at: int, separator: str) -> int:
    """Where a separator that begins at `at` ends; `at` when none begins there."""
    if separator == "and":
        found = _AND.match(text, at)
        return found.end() if found else at
    is_one = text[at] == separator or (separator == " " and text[at] in " ~\t\n")
    return at + 1 if is_one else at
