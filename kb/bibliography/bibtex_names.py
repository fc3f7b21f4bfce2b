"""Name lists of BibTeX and CSL names, both ways.

"van der Goot, K. and {Ministerie van OCW}" ─► parse_names ─► two CSL names ─► written_name ─► the same text
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kb.bibliography.items import clean
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


def _parse_name(text: str) -> dict[str, Any]:
    if text.startswith("{") and text.endswith("}") and encloses(text):
        return literal(decoded(text))
    parts = [part.strip() for part in _split(text, ",")]
    if len(parts) == 1:
        words = _split(text, " ")
        words = [word for word in words if word.strip()]
        at = next((i for i, w in enumerate(words[:-1]) if w[:1].islower() and i > 0), len(words) - 1)
        if words and words[0][:1].islower() and len(words) > 1:
            at = 0
        return _person(" ".join(words[at:]), " ".join(words[:at]), "")
    return _person(parts[0], parts[-1], parts[1] if len(parts) > 2 else "")


def _person(family: str, given: str, suffix: str) -> dict[str, Any]:
    """A person; a family name in braces is taken whole, and what stands before it is its particle."""
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
    family, given, suffix, particle = (
        clean(str(name.get(part) or "")) for part in ("family", "given", "suffix", "non-dropping-particle")
    )
    if dropping := clean(str(name.get("dropping-particle") or "")):
        given = f"{given} {dropping}".strip()
    parts = [f"{particle} {family}".strip(), *([suffix] if suffix else []), *([given] if given or suffix else [])]
    written = ", ".join(encoded(part) for part in parts)
    said = {"family": family, "given": given, "suffix": suffix, "non-dropping-particle": particle}
    if parse_names(written) == [{part: text for part, text in said.items() if text}]:
        return written
    front = f"{encoded(particle)} " if particle else ""
    return ", ".join(
        front * (part is family) + "{" + encoded(part) + "}" for part in _written_parts(family, suffix, given)
    )


def _written_parts(family: str, suffix: str, given: str) -> list[str]:
    return [family, suffix, given] if suffix else [family, given]


def _split(text: str, separator: str) -> list[str]:
    """Cut at a separator that stands outside braces: a sign, or the word `and`."""
    parts, depth, start, at = [], 0, 0, 0
    word = re.compile(r"\s+and\s+", re.IGNORECASE) if separator == "and" else None
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 2
            continue
        depth += (sign == "{") - (sign == "}")
        if depth <= 0:
            if word is not None and sign.isspace() and (found := word.match(text, at)):
                parts.append(text[start:at])
                at = start = found.end() - 1  # the space behind may open the next " and "
                continue
            if word is None and (sign == separator or (separator == " " and sign in " ~\t\n")):
                parts.append(text[start:at])
                start = at + 1
        at += 1
    return [*parts, text[start:]]
