"""The arbiter: which reading of an entry wins, that of the rules of a style or that of the sequence labeller.

rules ─► reading ──┐
                   ├─► first rule that applies ─► item, or nothing: raw rather than wrong
labeller ─► parts ─┘
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from ingest.entries.labeller import Labelled, label
from ingest.entries.parts import item_of
from ingest.grammar import PARTICLE, UPPER, WORD
from kb.bibliography import fold, is_institution

CERTAIN_STYLES = frozenset({"apa", "quoted", "ieee_book"})
"""Styles whose shape no other has: a year in brackets behind names, a title in quotation marks, `Place: Publisher, year`."""
PROBABLE = 0.6
"""A labelled reading below this confidence is not used."""
PREFERRED = 0.8
"""A labelled reading above this confidence wins from a style's rules that read another title."""
OF_CERTAIN_STYLE = 0.97
OF_AGREEMENT = 0.9
OF_RULES_ALONE = 0.3
OF_ADDRESS_ALONE = 0.2
"""Share of entries with the right title and year, by how they were read: measured on invented works that citeproc-py renders
in fifty styles. A reading by the labeller alone has the labeller's own confidence."""
_PLACES = ("container-title", "publisher", "genre", "number", "edition", "page")
"""Fields that show where a title ended; without any of them the title may run on into its place of appearance."""
_TWO_WORDS = rf"{WORD}\s{WORD}"
_SENTENCE = re.compile(r"(?:^(?:A|An|The|Een|De|Het)\s.*\s[a-z]{2,}\s|\s[a-z]{2,}\s[a-z]{2,}\s.*[a-z]{3,}\.\s[A-Z])")
_ALIKE = 90
_LONGEST_WITH_LABELS = 1500
"""A longer text is left to the rules: it is a running text more often than an entry."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules of one style read in an entry."""

    style: str
    item: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The item of the reading that wins, empty when none is sure enough, and the probability that it is right."""

    item: dict[str, Any]
    confidence: float


NOTHING = Chosen({}, 0.0)


def chosen(reading: Reading | None, text: str) -> Chosen:
    """The reading that wins; nothing when none is sure enough."""
    if reading and _is_certain(reading):
        # Rule "certain style": on this shape the rules are right more often than the labeller.
        return Chosen(reading.item, OF_CERTAIN_STYLE)
    if len(text) > _LONGEST_WITH_LABELS:
        return Chosen(reading.item, OF_RULES_ALONE) if reading else NOTHING
    labelled = label(text)
    item = item_of(labelled)
    if is_invented(item):
        item = {}
    if reading is None:  # rule "labeller alone"
        return Chosen(item, labelled.confidence) if _is_reference(labelled, item) else NOTHING
    return _between(reading.item, item, labelled.confidence)


def _between(by_rules: dict[str, Any], by_labels: dict[str, Any], confidence: float) -> Chosen:
    """The item of two readings of an entry."""
    if not by_labels:
        return Chosen(by_rules, OF_RULES_ALONE)
    if _is_cut(by_labels, by_rules) and _holds_sentence(by_rules):  # rule "second sentence" of a title
        is_longer = confidence >= PREFERRED
        return Chosen(by_labels, confidence) if is_longer else Chosen(by_rules, OF_RULES_ALONE)
    is_agreed = _same_title(by_rules, by_labels) or _is_cut(by_labels, by_rules)
    least = PROBABLE if _is_cut(by_rules, by_labels) else PREFERRED
    if not is_agreed and confidence >= least:
        return Chosen(by_labels, confidence)  # rules "shorter title", "sure labeller"
    # Rule "agreement": the rules fill more fields; the labeller finds names in any order.
    is_sure = is_agreed and confidence >= PREFERRED
    takes_names = by_labels.get("author") and _has_names(by_labels) and (is_sure or not _has_names(by_rules))
    item = {**by_rules, "author": by_labels["author"]} if takes_names else by_rules
    return Chosen(item, max(confidence, OF_AGREEMENT) if is_agreed else OF_RULES_ALONE)


def _is_cut(longer: dict[str, Any], shorter: dict[str, Any]) -> bool:
    """Whether a title is another one up to a sign where a place of appearance may follow; a subtitle follows a question."""
    whole, start = str(longer.get("title", "")), str(shorter.get("title", "")).rstrip(".")
    return (
        bool(start)
        and whole.casefold().startswith(start.casefold())
        and whole[len(start) :][:1] in set(".,;(”")
        and not start.endswith(("?", "!"))
    )


def _is_reference(labelled: Labelled, item: dict[str, Any]) -> bool:
    """Whether parts that the labeller alone found are an entry: it labels any text, also a sentence.

    Names that cannot be read may hold the first words of the title, so both are left out then.
    """
    has_unread_names = bool(labelled.first("author")) and not item.get("author")
    return (
        not has_unread_names
        and bool(item.get("issued") or item.get("container-title"))
        and labelled.confidence >= PROBABLE
    )


def _same_title(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return fuzz.ratio(fold(str(one.get("title", ""))), fold(str(other.get("title", "")))) >= _ALIKE


def _is_certain(reading: Reading) -> bool:
    """Whether a reading has the shape of a certain style, names, a title of some length, and a place of appearance."""
    return (
        reading.style in CERTAIN_STYLES
        and _has_names(reading.item)
        and len(str(reading.item.get("title", ""))) >= 4
        and any(reading.item.get(field) for field in _PLACES)
        and not _holds_sentence(reading.item)
    )


def _holds_sentence(item: dict[str, Any]) -> bool:
    """Whether a place of appearance reads as the second sentence of a title: "A study of tides in Europe. Tide Review"."""
    places = (str(item.get(field) or "") for field in ("container-title", "publisher"))
    return any(_SENTENCE.search(place) for place in places)


def _has_names(item: dict[str, Any]) -> bool:
    """Whether an item has people or institutions, all of them with the shape of a name."""
    people = [*item.get("author", ()), *item.get("editor", ())]
    return bool(people) and all(_looks_like_a_name(name, alone=len(people) == 1) for name in people)


def _looks_like_a_name(name: dict[str, Any], alone: bool) -> bool:
    """Whether a name is a person's with a given name, or an institution's; alone, an institution may have any name."""
    text = str(name.get("literal") or "")
    if not text:
        is_pair = re.fullmatch(_TWO_WORDS, str(name.get("family"))) and re.fullmatch(_TWO_WORDS, str(name.get("given")))
        return bool(name.get("given")) and not is_pair  # "Karel Goot, James Bond": two people taken for one
    if len(text.split()) > 12 or re.search(rf"{WORD}\s{UPPER}{{1,3}},", text):
        return False  # "Sato JP, Vos T": people whom the rules took for one institution
    if re.search(r"\s(?:en|and|&)\s", text) and not is_institution(text):
        return False
    if re.fullmatch(rf"(?:{WORD}|{UPPER}\.)\s(?:{UPPER}\.\s?)*(?:{PARTICLE}\s)*{WORD}|{WORD}\s{UPPER}{{1,3}}", text):
        return is_institution(text)  # "Karel van der Goot", "Goot KM"
    return is_institution(text) or (alone and "," not in text)


def is_invented(item: dict[str, Any]) -> bool:
    """Whether a reading cannot be right: a name with digits or a bracket in it or of one letter, a title of one letter."""
    people = [*item.get("author", ()), *item.get("editor", ())]
    if any(re.search(r"\d|[“”\"()\[\]:;]", f"{name.get('family', '')} {name.get('given', '')}") for name in people):
        return True
    has_initial_for_family = any(re.fullmatch(rf"{UPPER}\.?", str(name.get("family", ""))) for name in people)
    return has_initial_for_family or len(re.sub(r"\W", "", str(item.get("title", "xx")))) < 2
