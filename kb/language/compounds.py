"""Dutch compounds: their parts by a word list at ingest, every possible split of a query word at search time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from kb.language.stems import stem
from kb.language.words import SHORTEST, is_stop, word_set

# Nouns of higher education without an inflected form; simplemma's word list lacks them.
_HEADS = word_set(
    """afwezigheid angst armoede begrip beleid binding campus cultuur data didactiek diversiteit eenzaamheid ethiek
    feedback geluk hulp hbo huisvesting identiteit inclusie informatica integriteit internet kennis literatuur media
    mbo motivatie onderwijs onderzoek online ouderschap participatie pedagogiek privacy rendement rouw seksualiteit
    software sport statistiek steun stress taal talent team toezicht uitval veiligheid voeding vertrouwen web welzijn
    wetenschap wo zorg zelf mentor mentoraat dyslexie autisme burn-out prestatie slaap dynamica geletterdheid
    management professionalisering regulatie regulering sturing"""
)
# Endings and openings that are words by themselves but no part of a compound.
_NO_LAST = word_set(
    """chap chappen schappelijk schappelijke rijkste
    aar aard achtig atie baar dom eerd elen eren erig haft heden heid ieder ingen isch iteit lijk lijke lijks
    lingen loos loze matig name rijk rijke schap schappen sten teit ties waarts zaam zame zelf stens stel wijs wijze eens ende
    ander andere enen eten ijzer aren eden eigen"""
)
_NO_FIRST = word_set(
    """aan achter achterna aller alle bene beneden beste binnen boven buiten daar dan deze die door drie een eens eigen
    er even geen gelijk goed haar heel her hier hoe in langs los maar mede mee meer meest mis naar naast neder neer
    niet noch nog nu om omver onder ont ook op open over rond rondom samen staan tegen tegemoet terecht terug toe tot
    tussen uit uiteen vast veel ver verder vol voor voort voorbij waar wan want weer weg wel wie zeer zo zijn
    verant stelt geven sten erin zich ster"""
)
_LINKS = ("", "s", "e", "en", "er", "n")
_COMPOUND = range(7, 46)
"""Number of letters of a possible compound."""
_SHORT_PARTS = word_set("rol hbo mbo ict taal doel team vak dag")


@lru_cache(maxsize=1 << 16)
def parts(word: str) -> tuple[str, ...]:
    """The parts of a folded Dutch compound, without their linking letters; empty when it is none.

    >>> parts("studentenwelzijn")
    ('student', 'welzijn')
    """
    if len(word) not in _COMPOUND or not (word.isascii() and word.isalpha()):
        return ()
    split = _split(word, 4)
    return split if len(split) > 1 else ()


@lru_cache(maxsize=1 << 12)
def _split(word: str, most: int) -> tuple[str, ...]:
    """The split of `word` into the fewest known parts, then with the longest last part; empty when there is none."""
    best: tuple[str, ...] = ()
    for at in range(3, len(word) - 2):
        first = _known_first(word[:at])
        if not first:
            continue
        rest = word[at:]
        tail = (rest,) if _is_part(rest) and rest not in _NO_LAST else _split(rest, most - 1) if most > 2 else ()
        if tail and (not best or len(tail) + 1 < len(best) or (len(tail) + 1 == len(best) and _better(tail, best))):
            best = (first, *tail)
    return best


def _better(tail: tuple[str, ...], best: tuple[str, ...]) -> bool:
    # A linking letter taken into the last part makes that longer, but seldom right: "student-en-welzijn".
    return len(tail[-1]) > len(best[-1])


def _known_first(start: str) -> str:
    """`start` without linking letters when that is a known word, else empty."""
    if start in _NO_FIRST:
        return ""
    for link in _LINKS:
        if link and not start.endswith(link):
            continue
        bare = start[: len(start) - len(link)]
        if bare not in _NO_FIRST and _is_part(bare):
            return bare
    return ""


def _is_part(word: str) -> bool:
    if word in _HEADS or word in _SHORT_PARTS:
        return True
    return len(word) >= SHORTEST and not is_stop(word) and _in_word_list(word)


@lru_cache(maxsize=1 << 17)
def _in_word_list(word: str) -> bool:
    import simplemma  # its Dutch word list takes a third of a second and 40 MB: only when a file is taken in

    return bool(simplemma.is_known(word, "nl"))


def splits(word: str) -> Iterable[tuple[str, str]]:
    """Every possible split of a folded word into two parts, as stems; the caller keeps those that its collection knows."""
    if len(word) not in _COMPOUND or not (word.isascii() and word.isalpha()):
        return
    seen: set[tuple[str, str]] = set()
    for at in range(3, len(word) - 2):
        start, rest = word[:at], word[at:]
        if rest in _NO_LAST or start in _NO_FIRST:
            continue
        for link in _LINKS:
            bare = start[: len(start) - len(link)]
            if len(bare) < 3 or not start.endswith(link) or bare in _NO_FIRST or is_stop(bare):
                continue
            pair = (stem(bare, "nl"), stem(rest, "nl"))
            if pair not in seen:
                seen.add(pair)
                yield pair
