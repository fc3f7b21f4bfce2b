"""Names of authors: people with their particles, and institutions whole.

"Goot, K. van der", "van der Goot, K." and "K. van der Goot" are one person: family `Goot`, given `K.`, non-dropping
particle `van der`. An institution is a literal and is never turned round. Names are printed as they were written; they
are compared folded (case, accents, punctuation), because the same Belgian author is "Van der Groot" in one list and
"van der Groot" in the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from kb.language import fold_text

Name = Mapping[str, Any]
"""A CSL name: `family` with `given`, `non-dropping-particle` and `suffix`, or `literal`."""

PARTICLES = frozenset(
    """van von der den de het 't ’t ter ten te tot op in aan bij uit voor over onder
    vander vanden ver la le les l' du des di da do dos das del della dello delle dei degli d' el al bin ibn ben bint
    abu af av y e zu zum zur vom und auf""".split()
)
"""Words that may belong before a family name. Not all of them may open one: see `_OPENERS`."""

_OPENERS = frozenset(
    """van von de den der het 't ’t t ter ten te op in la le les du des di da do dos das del della dello dei degli el al
    bin ibn ben bint abu af av zu zum zur vom d' l' vander vanden""".split()
)
_CAPITALISED = frozenset("van von den der ter ten 't ’t op zum zur vom vander vanden".split())
"""Particles that are taken for one even when a list prints them with a capital. "De", "Le" and "La" are not: in Italian,
French and Belgian names they belong to the family name, so they stay as printed unless another particle follows."""

_SUFFIXES = frozenset("jr sr jnr snr ii iii iv".split())

_INSTITUTION_WORDS = re.compile(
    r"""(?ix) \b(?: ministerie | ministry | inspectie | inspectorate | rijks\w* | gemeente | provincie | commissie | committee
    | commission | raad | \w+raad | council | bureau | \w*bureau | instituu?t | institute | \w+instituut | \w*centrum
    | centre | center | stichting | foundation | vereniging | association | society | universiteit\w* | university
    | hogescho\w+ | college | school | academie | academy | akademie | bond | unie | union | federatie | federation
    | organi[sz]ati\w* | agency | agentschap | department | departement | office | authority | autoriteit | platform
    | programma | programme | netwerk | network | consorti\w+ | werkgroep | team | taskforce | force | group | groep | community
    | nationaal | nationale | national | international\w* | internationale | european | europese | world | nederlandse?
    | landelijke? | interstedelijk | koninklijke? | royal | centraal | sociaal | planbureau | kenniscentrum
    | expertisecentrum | bibliotheek | bibliotheken | library | libraries | museum | press | project | developers? | docs
    | help | inc | ltd | llc | gmbh | bv | b\.v | corporation | company | contributors | kamer | parlement | government
    | overheid | regering | staten | service | services | dienst | diensten | alliance | alliantie | coalitie | coalition
    | initiative | initiatief | fund | fonds | bank | trust | partnership | task | panel | board | bestuur | lab
    | laboratory | collective | collectief )\b"""
)
_SMALL = re.compile(r"\b(?:van|voor|of|for|the|het|der|tot|on|in|aan|to)\b")
_ACRONYM = re.compile(r"[A-Z][A-Z0-9&./-]{0,8}[A-Z0-9](?:-[a-z]+)?")


def fold(text: str) -> str:
    """Fold a name or a title for comparison."""
    return fold_text(text)


def person(family: str, given: str = "", suffix: str = "") -> dict[str, Any]:
    """A CSL name of a person; particles are taken off the family name's front or the given name's back."""
    particle, rest = _leading_particle(family.split())
    if not particle:  # "Barneveld, A. van": the particle is printed after the initials; both at once does not happen
        given, particle = _trailing_particle(given.split())
    if len(rest) > 1 and not suffix and rest[-1].rstrip(".").lower() in _SUFFIXES:
        suffix, rest = rest[-1], rest[:-1]
    parts = {"given": given.strip(), "non-dropping-particle": particle, "suffix": suffix.strip()}
    return {"family": " ".join(rest), **{part: text for part, text in parts.items() if text}}


def _leading_particle(words: list[str]) -> tuple[str, list[str]]:
    """The particle at the front of a family name, and the rest of the name."""
    front = 0
    while front < len(words) - 1 and _opens(words, front):
        front += 1
    return " ".join(words[:front]), words[front:]


def _trailing_particle(words: Sequence[str]) -> tuple[str, str]:
    """Given names, and the particle that is printed after them."""
    end = len(words)
    while end > 1 and words[end - 1] in PARTICLES and words[end - 1] == words[end - 1].lower():
        end -= 1
    return " ".join(words[:end]), " ".join(words[end:])


def _opens(words: list[str], at: int) -> bool:
    word = words[at]
    low = word.lower()
    if at == 0:
        if low not in _OPENERS:
            return False
        # "De la Cruz": a capital that another particle follows.
        return word == low or low in _CAPITALISED or (len(words) > 2 and words[1] in PARTICLES)
    return word in PARTICLES


def literal(text: str) -> dict[str, Any]:
    """A CSL name of an institution."""
    return {"literal": text.strip()}


def full_family(name: Name) -> str:
    """Family name with its particle ("van der Goot"), or the institution."""
    if name.get("literal"):
        return str(name["literal"])
    parts = (name.get("dropping-particle"), name.get("non-dropping-particle"), name.get("family"))
    return " ".join(str(p) for p in parts if p)


def same_family(one: str, other: str) -> bool:
    """Whether two family names as printed are one, particles or not: "Goot" and "van der Goot" are."""
    a, b = fold(one), fold(other)
    return bool(a) and (a == b or bare(a) == bare(b))


@lru_cache(maxsize=65536)
def bare(folded: str) -> str:
    """A folded family name without the particles in front of it and the "Jr" behind."""
    words = folded.split()
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words = words[:-1]
    while len(words) > 1 and words[0] in _OPENERS:
        words = words[1:]
    return " ".join(words)


def abbreviates(short: str, long: str) -> bool:
    """Whether a short name is made of a long one's capitals ("SCP", "Ministerie van OCW")."""
    in_brackets = re.findall(r"[(\[]([^)\]]+)[)\]]", long)
    if any(fold(short) == fold(word) for word in in_brackets):
        return True
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", long) if word[0].isupper())
    letters = re.sub(r"\W", "", short)
    if len(letters) >= 2 and letters.isupper():
        return letters == initials or (len(letters) >= 3 and initials.endswith(letters))
    return _ends_in_acronym(short, long, initials)


def _ends_in_acronym(short: str, long: str, initials: str) -> bool:
    """Whether both names begin with the same word, and the acronym in the short one has the last initials of the long one."""
    words, acronyms = short.split(), re.findall(r"\b[A-Z]{2,}\b", short)
    if not acronyms or len(words) < 2 or long.split()[:1] != words[:1]:
        return False
    return initials.endswith(acronyms[-1])


MORE_AUTHORS = r"et\.?\s+al\.?|e\.\s?a\.|en\s+anderen|and\s+others|en\s+collega['’]?s|and\s+colleagues|c\.s\."
"""Pattern of the words for authors that were left out of a citation or an entry; to be read with (?i)."""
_MORE_AUTHORS = re.compile(rf"(?i)\b(?:{MORE_AUTHORS})")


def cites_more_authors(text: str) -> bool:
    """Whether a citation has words for authors that were left out: "et al.", "e.a.", "c.s.", "en anderen"."""
    return bool(_MORE_AUTHORS.search(text))


def initial(name: Name) -> str:
    """First letter of the given name, folded; empty when there is none."""
    return fold(str(name.get("given") or ""))[:1]


def says_institution(text: str) -> bool:
    """Whether a name holds a word that only institutions have: "raad", "University"."""
    return bool(_INSTITUTION_WORDS.search(text))


_INITIALS = re.compile(r"(?:[A-Z]\.-?)+")


def is_institution(text: str) -> bool:
    """Whether a name as printed in a list or a citation is an institution's rather than a person's."""
    words = text.split()
    if not words:
        return False
    if says_institution(text):
        return True
    if any(_INITIALS.fullmatch(word) for word in words):
        return False  # "P. A. M. van Lange"
    has_acronym = any(_ACRONYM.fullmatch(word) for word in words)
    if len(words) == 1:
        return has_acronym or "-instituut" in text
    return (has_acronym and "," not in text) or _reads_as_phrase(words, text)


def _reads_as_phrase(words: Sequence[str], text: str) -> bool:
    """Whether words in small letters that are no particles stand between the first and the last word."""
    between = words[1:-1]
    if not between or words[0].lower() in PARTICLES or all(word in PARTICLES for word in between):
        return False
    return _SMALL.search(text) is not None
