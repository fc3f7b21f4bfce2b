"""Stems of Dutch and English words: Snowball, with corrections for Dutch inflections that it leaves apart."""

from __future__ import annotations

import re
import threading
from functools import lru_cache

import Stemmer

from kb.model import Language

# Forms that no rule conflates: Latin plurals, and a few that the stemmer analyses wrongly.
_FORMS = {
    "academici": "academicus", "alumni": "alumnus", "antwoorden": "antwoord", "criteria": "criterium",
    "curricula": "curriculum", "examens": "examen", "examina": "examen", "gevoelens": "gevoel", "kinderen": "kind",
    "kinder": "kind", "musea": "museum", "oefen": "oefenen", "promovendi": "promovendus",
    "reken": "rekenen", "tentamens": "tentamen", "tentamina": "tentamen",
}  # fmt: skip
# Inflections that Snowball's Dutch stemmer (Kraaij and Pohlmann, 1994) leaves apart from the dictionary form, and the rules that
# conflate them. Before stemming, adjectives that it knows by their ending alone; after it, the t of "studeert" and "voelt",
# the e of "grote" and "serieuze", the second vowel of "sociaal" and "mentoor", and the s of "adviezen" (it takes it
# off "advies"). Wrong conflations ("soort", "soor") are rarer than right ones.
_SINGLE = re.compile("^[^aeiouy]*[aeiou]{1,2}(?:[nrt]|id)s$")
_BEFORE = ((re.compile("bare$"), "baar"), (re.compile("(?:(?<=[iu])|(?<=on|ur|rm))ele$"), "eel"))
_VERB = re.compile(
    "^.+(?:eer|[aeiou]l|(?:oo|aa)n|(?:ee|ie|ij|ei)s)(?=t$)|^eis(?=t$)"
    "|^.{2,}(?:[gmwd]|[kf]en|oei|aai|ts|..(?:aa|oo|uu)r)(?=t$)"
)
_OPEN = re.compile("^[^aeiouy]*[aeou][^aeiouwxy]$")
_LONG = re.compile("(?<=[aeiouy])(.*)(aa|ee|oo|uu)([^aeiouy])$")
_LAST_S = re.compile("(?:[^aeiousjy]|(?<=..[ic])e)(?=s$)")


_per_thread = threading.local()


@lru_cache(maxsize=1 << 16)
def stem(word: str, language: Language) -> str:
    """The stem of a folded word."""
    if not word.isalpha():
        return word
    stemmed = snowball_stem(word, language)
    return _strip_inflection(stemmed) if language == "nl" and len(stemmed) > 2 else stemmed


@lru_cache(maxsize=1 << 16)
def snowball_stem(word: str, language: Language) -> str:
    """The stem that Snowball gives a folded word; a Dutch word is first put in a form that the stemmer knows."""
    # A stemmer keeps state during a call, so each thread has its own.
    stemmers: dict[str, Stemmer.Stemmer] | None = getattr(_per_thread, "stemmers", None)
    if stemmers is None:
        stemmers = _per_thread.stemmers = {"nl": Stemmer.Stemmer("dutch"), "en": Stemmer.Stemmer("english")}
    if language == "nl":
        word = _dictionary_form(word)
    stemmed: str = stemmers[language].stemWord(word)
    return stemmed if len(stemmed) > 1 else word


def _dictionary_form(word: str) -> str:
    """A Dutch word in a form that the stemmer knows."""
    if word in _FORMS:
        return _FORMS[word]
    if word.endswith(("eeen", "ieen")):
        return word[:-2]  # ideeën, categorieën: without its accent the stemmer does not know the plural
    if _SINGLE.match(word):
        return f"{word}en"  # kans, mens, toets: singular, though the stemmer takes them for plurals
    if len(word) > 6:
        for ending, known in _BEFORE:
            word = ending.sub(known, word)
    return word


def _strip_inflection(stemmed: str) -> str:
    """A Dutch stem without the part of an inflection that Snowball leaves."""
    if _VERB.match(stemmed):
        stemmed = stemmed[:-1]
    if _LAST_S.search(stemmed) and not _SINGLE.match(stemmed):
        stemmed = stemmed[:-1]
    if len(stemmed) > 3 and stemmed[-1] == "e" and stemmed[-2] not in "aeio":
        stemmed = stemmed[:-1]
        if _OPEN.match(stemmed):
            stemmed = stemmed[:-1] + stemmed[-2:]  # "hog" is "hoog"
    if stemmed[-1] in "zv":
        stemmed = stemmed[:-1] + ("s" if stemmed[-1] == "z" else "f")
    if long := _LONG.search(stemmed):
        stemmed = f"{stemmed[: long.start(2)]}{long[2][0]}{long[3]}"
    return stemmed


@lru_cache(maxsize=1 << 16)
def stems(word: str, language: Language | None = None) -> tuple[str, ...]:
    """The stems of a folded word: in one language, or in each."""
    if language is not None:
        return (stem(word, language),)
    return tuple(dict.fromkeys((stem(word, "nl"), stem(word, "en"))))
