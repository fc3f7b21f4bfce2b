"""Dutch and English words: which language a text is in, and the terms it is found by.

    text ─► words ─► folded (case, accents) ─► stemmed in the text's language ─► terms
                └─► joined over hyphens, compounds split ─► further terms ("parts")

The same text gives the same terms when it is taken in and when it is marked. A passage is analysed in its own language;
a query's language may be unknown, so a query asks for each word's Dutch and English stem (`query_words`).

Compounds are split by a Dutch word list (simplemma's, a third of a second to load) when a passage is taken in, and only
then. A query carries every *possible* split instead (`splits`); the words leg keeps those whose halves the collection
knows, so no search ever waits for the list. For the same reason the language of a text is told from its small words and
spelling: on short lines that is as good as a dictionary, costs microseconds, and loads nothing.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

from kb.model import Language, Span

__all__ = [
    "FINGERPRINT", "Term", "Word", "analyse", "detect", "index_terms", "matches", "parts", "query_words", "separated",
    "splits", "stems", "stems_in", "terms",
]  # fmt: skip

FINGERPRINT = f"words-2 snowball-{Stemmer.version()} dutch english"
"""What terms depend on. Terms made under another fingerprint have to be made again."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_STOP: dict[Language, frozenset[str]] = {
    "nl": _listed(
        """aan al alle alleen als bij daar daarom dan dat de deze die dit doen doet door dus echt een eens eigenlijk en
        er ga gaan gaat geen geweest had hadden heb hebben hebt heeft heel hem hen het hier hij hoe hoeveel
        hun ik in is ja je jij jou jouw jullie kan komen komt kun kunnen kunt ligt maar mag me meer men met
        mij mijn moet moeten mogen na naar nee niet nog nu of om omdat ons onze ook op over per te tegen ten
        ter toch toe tot tussen u uit uw van vanuit veel vind voor vooral waar waarin waarom wanneer want
        waren was wat we weer wel welk welke wie wij wil word worden wordt zal ze zelf zich zij zijn zo
        zoals zonder zou zouden"""
    ),
    "en": _listed(
        """a about after all also am an and any are as at be because been before being between but by came can come
        comes could did do does doing don dont each for from get gets go goes got had has have having he her
        here him his how i if in into is it its just many me more most much my no not of on one only or
        other our out over really s should so some such t than that the their them then there these they
        this those through to too under up us very was we were what when where which while who whom whose
        why will with would you your"""
    ),
}

# Spellings that tell the two apart, by how many times likelier they make one language than the other (4, 9 and 25
# times, as counted over the word lists of simplemma). `^` opens a word and `$` closes it.
_SPELLING: dict[Language, tuple[str, str, str]] = {
    "nl": (
        "^k ^v ^z ^op ^we ee er$ gt ht$ iel iev ka ke kb lt$ nn oo pt sd sg sie tb ui vo wer zer zo",
        "^af ^ge ^om ^on ^ver ek ez ief ieg iet ige inge ken ko ku kw lei nd$ oe oog tg tig tk ts$ uit wen zel zen zie "
        "eer de$",
        "^kl ^kr ^ont ^toe ^ui aa atie cht eid elijk en$ end$ enk erd$ erig fd gd gew gez htig iek$ ieuw ig$ igs ij "
        "isch je$ jk js jz kj kk nde$ nst$ oek oen oer oor rd$ rz sch sj ste$ tie$ tj tv uik uu uw vl voor vr weg zw heid",
    ),
    "en": (
        "^ab ^ch ^de ^em ^mis ^pre ^qu ^rep ^res ace ain ate ca ces cl cou cy dis ds$ ea enc ess est$ g$ ial ica io "
        "ing$ ive log nc ng$ on$ ous ped sin sub th tin us$ ve$ xi",
        "^dis ^for ^sh abl aw ay cal ce$ ck ead fore fy gy hes ish iz lea ngl oa ons$ oun ow ph ry sh tch ual wh wn ye",
        "^out ^th ^un ^wh ates ble$ c$ ed$ ful$ ght hing ical ify ion ise$ ity ize$ ked less$ ly$ ness ogy sed$ tion "
        "y$ ment$",
    ),
}
_STRENGTH = (1.4, 2.2, 3.2)
_STOP_WORD = 3.0
_SURE = 1.6
"""How far apart the languages must lie, in natural log odds, before we name one."""

# Nouns of our field that have no inflected form, so that the word list lacks them.
_HEADS = _listed(
    """afwezigheid angst armoede begrip beleid binding campus cultuur data didactiek diversiteit eenzaamheid ethiek
    feedback geluk hulp hbo huisvesting identiteit inclusie informatica integriteit internet kennis literatuur media
    mbo motivatie onderwijs onderzoek online ouderschap participatie pedagogiek privacy rendement rouw seksualiteit
    software sport statistiek steun stress taal talent team toezicht uitval veiligheid voeding vertrouwen web welzijn
    wetenschap wo zorg zelf mentor mentoraat dyslexie autisme burn-out prestatie slaap dynamica geletterdheid
    management professionalisering regulatie regulering sturing"""
)
# Endings and openings that are words by themselves but no part of a compound.
_NO_LAST = _listed(
    """chap chappen schappelijk schappelijke rijkste
    aar aard achtig atie baar dom eerd elen eren erig haft heden heid ieder ingen isch iteit lijk lijke lijks
    lingen loos loze matig name rijk rijke schap schappen sten teit ties waarts zaam zame zelf stens stel wijs wijze eens ende
    ander andere enen eten ijzer aren eden eigen"""
)
_NO_FIRST = _listed(
    """aan achter achterna aller alle bene beneden beste binnen boven buiten daar dan deze die door drie een eens eigen
    er even geen gelijk goed haar heel her hier hoe in langs los maar mede mee meer meest mis naar naast neder neer
    niet noch nog nu om omver onder ont ook op open over rond rondom samen staan tegen tegemoet terecht terug toe tot
    tussen uit uiteen vast veel ver verder vol voor voort voorbij waar wan want weer weg wel wie zeer zo zijn
    verant stelt geven sten erin zich ster"""
)
# What Dutch verbs part with in a main clause.
_PARTICLES = _listed(
    "aan af bij binnen door in langs los mee na om op over rond samen tegen terug toe uit vol voor weg"
)
_LINKS = ("", "s", "e", "en", "er", "n")

# Forms that no rule brings together: Latin plurals, and a few that the stemmer takes for something else.
_FORMS = {
    "academici": "academicus", "alumni": "alumnus", "antwoorden": "antwoord", "criteria": "criterium",
    "curricula": "curriculum", "examens": "examen", "examina": "examen", "gevoelens": "gevoel", "kinderen": "kind",
    "kinder": "kind", "musea": "museum", "oefen": "oefenen", "promovendi": "promovendus",
    "reken": "rekenen", "tentamens": "tentamen", "tentamina": "tentamen",
}  # fmt: skip
# Inflections that Snowball's Dutch (Kraaij and Pohlmann) leaves apart from the form in the dictionary, and what brings
# them back. Before stemming, adjectives that it knows by their ending alone; after it, the t of "studeert" and "voelt",
# the e of "grote" and "serieuze", the second vowel of "sociaal" and "mentoor", and the s of "adviezen" (it takes it
# off "advies"). What this brings together by mistake ("soort", "soor") is rarer than what it brings together rightly.
_SINGLE = re.compile("^[^aeiouy]*[aeiou]{1,2}(?:[nrt]|id)s$")
_BEFORE = ((re.compile("bare$"), "baar"), (re.compile("(?:(?<=[iu])|(?<=on|ur|rm))ele$"), "eel"))
_VERB = re.compile(
    "^.+(?:eer|[aeiou]l|(?:oo|aa)n|(?:ee|ie|ij|ei)s)(?=t$)|^eis(?=t$)"
    "|^.{2,}(?:[gmwd]|[kf]en|oei|aai|ts|..(?:aa|oo|uu)r)(?=t$)"
)
_OPEN = re.compile("^[^aeiouy]*[aeou][^aeiouwxy]$")
_LONG = re.compile("(?<=[aeiouy])(.*)(aa|ee|oo|uu)([^aeiouy])$")
_LAST_S = re.compile("(?:[^aeiousjy]|(?<=..[ic])e)(?=s$)")
_SHORTEST = 4
_COMPOUND = range(7, 46)
"""Letters a word has that may be a compound."""
_SHORT_PARTS = _listed("rol hbo mbo ict taal doel team vak dag")

_PIECE = "(?:[^\\W_][\u0300-\u036f\u00ad]*)+"
_WORD = re.compile(f"{_PIECE}(?:['’`´]{_PIECE})*(?:[-‐‑]{_PIECE}(?:['’]{_PIECE})*)*")
_HYPHEN = re.compile("[-‐‑]")
_GENITIVE = re.compile("['’`´](?:s|ers?)$")
_APOSTROPHES = str.maketrans("", "", "'’`´\u00ad")
_UNFOLDED = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "ŋ": "n", "þ": "th"}
)
_LONGEST = 60
"""A word longer than this is no word; its start is enough to find it by."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term, and the stretch of text it was made from; `part` when it is only a part of that, or joins several."""

    text: str
    start: int
    end: int
    part: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query: each of its `stems` may stand for it in a passage."""

    text: str
    """Folded, as typed."""
    stems: tuple[str, ...]
    stop: bool
    """Whether it only holds the sentence together."""
    start: int
    end: int
    joined: bool = False
    """Whether it is a hyphened word as a whole, beside its pieces."""


# ── terms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Lower case without accents, apostrophes and the endings behind them: `Coördinators`, `coordinators`; `hbo'ers`, `hbo`."""
    lowered = word.casefold()
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFKD", lowered.translate(_UNFOLDED))
        lowered = "".join(c for c in decomposed if not unicodedata.combining(c))
    if not lowered.isalnum():
        lowered = _GENITIVE.sub("", lowered).translate(_APOSTROPHES)
        lowered = "".join(c for c in lowered if c.isalnum())
    return lowered[:_LONGEST]


_per_thread = threading.local()


@lru_cache(maxsize=1 << 16)
def stem(word: str, language: Language) -> str:
    """The stem of a folded word."""
    if not word.isalpha():
        return word
    stemmed = _snowball(word, language)
    return _settled(stemmed) if language == "nl" and len(stemmed) > 2 else stemmed


def _snowball(word: str, language: Language) -> str:
    """What the stemmer makes of a folded word, of a Dutch one in a form that it knows."""
    # A stemmer keeps state while it works, so each thread has its own.
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
        return f"{word}en"  # kans, mens, toets: no plurals, though the stemmer takes them for some
    if len(word) > 6:
        for ending, known in _BEFORE:
            word = ending.sub(known, word)
    return word


def _settled(stemmed: str) -> str:
    """A Dutch stem without what the stemmer leaves of an inflection."""
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


def analyse(text: str, language: Language | None) -> list[Term]:
    """The terms of `text` in reading order, each with its span; a word's parts follow the word.

    Words come as stems in `language`. Parts are: a hyphened word as a whole (its pieces are the words), the halves of a
    Dutch compound, and the English stem where the language is not known.
    """
    found: list[Term] = []
    for start, end, pieces in _words(text):
        for piece_start, piece_end, word in pieces:
            found.append(Term(stem(word, language or "nl"), piece_start, piece_end))
            further = [stem(part, "nl") for part in parts(word)] if language != "en" else []
            if language is None:
                further.append(stem(word, "en"))
            seen = {found[-1].text}
            for term in further:
                if term not in seen:
                    seen.add(term)
                    found.append(Term(term, piece_start, piece_end, part=True))
        if len(pieces) > 1:
            joined = "".join(word for _, _, word in pieces)[:_LONGEST]
            found.append(Term(stem(joined, language or "nl"), start, end, part=True))
    return found


def terms(text: str, language: Language | None = None) -> list[str]:
    """What `text` is found by, words and parts together in reading order."""
    return [term.text for term in analyse(text, language)]


def index_terms(text: str, language: Language | None) -> tuple[str, str]:
    """What the catalogue files for `text`: its words and, apart, its parts; each joined by spaces.

    Apart, because a word weighs more than a part, and because a phrase is a row of words with nothing in between.
    """
    found = analyse(text, language)
    words = " ".join(term.text for term in found if not term.part)
    return words, " ".join(term.text for term in found if term.part)


def query_words(text: str) -> list[Word]:
    """The words of a query in reading order; a hyphened word gives its pieces and then itself as a whole."""
    shouting = text.isupper()
    found: list[Word] = []
    for start, end, pieces in _words(text):
        for piece_start, piece_end, word in pieces:
            acronym = text[piece_start:piece_end].isupper() and piece_end - piece_start > 1 and not shouting
            small = not acronym and (is_stop(word) or (len(pieces) > 1 and len(word) == 1))
            found.append(Word(word, stems(word), small, piece_start, piece_end))
        if len(pieces) > 1:
            joined = "".join(word for _, _, word in pieces)[:_LONGEST]
            found.append(Word(joined, stems(joined), False, start, end, joined=True))
    return found


def separated(words: Sequence[Word]) -> Iterator[tuple[Word, tuple[str, ...]]]:
    """The Dutch verbs that a query may have parted, each with its stems as a whole: "vallen … uit" is "uitvallen"."""
    for place, particle in enumerate(words):
        if particle.text in _PARTICLES:
            for verb in words[:place]:
                if not verb.stop and not verb.joined and verb.text.isalpha():
                    whole = stem(particle.text + verb.text, "nl"), particle.text + stem(verb.text, "nl")
                    yield verb, tuple(dict.fromkeys(whole))


def is_stop(word: str) -> bool:
    """Whether a folded word only holds a Dutch or English sentence together."""
    return word in _STOP["nl"] or word in _STOP["en"]


def stems_in(text: str) -> Iterator[str]:
    """The stems of all words of a text, in each language: what a short text of unknown language may be found by."""
    for _, _, pieces in _words(text):
        for _, _, word in pieces:
            yield from stems(word)


def matches(query: str, text: str, language: Language | None) -> tuple[Span, ...]:
    """The words of `query` as they stand in `text`, in reading order; overlapping spans are joined.

    A compound is marked when a word of the query opens or closes it, told by its letters and without the word list.
    """
    wanted = _wanted(query)
    plain = wanted.plain.setdefault(language, {})
    spans: list[Span] = []
    for match in _WORD.finditer(text):
        word = match.group()
        hit = plain.get(word)
        if hit is None:
            if not word.isalnum():
                spans.extend(wanted.hyphened(word, match.start(), language))
                continue
            hit = plain[word] = wanted.match(fold(word), language)
        if hit:
            spans.append(Span(match.start(), match.end()))
    return tuple(spans)


class _Wanted:
    """The words of one query, and which words of passages they were found to match: the same few recur on every page."""

    def __init__(self, query: str) -> None:
        words = query_words(query)
        content = [word for word in words if not word.stop] or words
        self.terms = frozenset(term for word in content for term in (*word.stems, word.text))
        self.inside = tuple(sorted((term for term in self.terms if len(term) >= _SHORTEST), key=len, reverse=True))
        self.plain: dict[Language | None, dict[str, bool]] = {}
        """For passages of each language: whether a word without hyphens or apostrophes, as written, is to be marked."""

    def hyphened(self, text: str, start: int, language: Language | None) -> list[Span]:
        """What is to be marked of a word that stands at `start` and may have hyphens: all of it, or some of its pieces."""
        ((_, end, pieces),) = list(_words(text)) or [(0, 0, [])]
        if len(pieces) > 1:
            joined = "".join(word for _, _, word in pieces)[:_LONGEST]
            if not self.terms.isdisjoint(stems(joined, language)):
                return [Span(start, start + end)]
        return [Span(start + s, start + e) for s, e, word in pieces if self.match(word, language)]

    def match(self, word: str, language: Language | None) -> bool:
        """Whether a folded word is one of the query's, or a compound that one of them opens or closes."""
        if not word:
            return False
        if not self.terms.isdisjoint(stems(word, language)):
            return True
        if language == "en":
            return False
        # Not settled: what is settled in a long word is not always so in the short one that closes it.
        stemmed = _snowball(word, "nl")
        if not word.startswith(self.inside) and not word.endswith(self.inside) and not stemmed.endswith(self.inside):
            return False
        for part in self.inside:
            rest = len(word) - len(part)
            if rest < 3 or (rest == 3 and len(part) < 5):
                continue
            if word.startswith(part) or word.endswith(part) or stemmed.endswith(part):
                return True
        return False


@lru_cache(maxsize=64)
def _wanted(query: str) -> _Wanted:
    return _Wanted(query)


def _words(text: str) -> Iterator[tuple[int, int, list[tuple[int, int, str]]]]:
    """Each word of `text` with its span, and its pieces between hyphens, each with its span and folded."""
    for match in _WORD.finditer(text):
        whole, start = match.group(), match.start()
        if whole.isalnum() and (folded := fold(whole)):
            yield start, match.end(), [(start, match.end(), folded)]
            continue
        pieces: list[tuple[int, int, str]] = []
        at = 0
        for hyphen in (*(m.start() for m in _HYPHEN.finditer(whole)), len(whole)):
            folded = fold(whole[at:hyphen])
            if folded:
                pieces.append((start + at, start + hyphen, folded))
            at = hyphen + 1
        if pieces:
            yield start, match.end(), pieces


# ── compounds ────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    """The fewest known parts that make up `word`; of equals the one with the longest last part. Empty when none do."""
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
    # A linking letter taken into the head makes a longer head, but seldom a real one: "student-en-welzijn".
    return len(tail[-1]) > len(best[-1])


def _known_first(start: str) -> str:
    """The word that `start` is, less its linking letters; empty when it is none."""
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
    return len(word) >= _SHORTEST and not is_stop(word) and _in_word_list(word)


@lru_cache(maxsize=1 << 17)
def _in_word_list(word: str) -> bool:
    import simplemma  # its Dutch list is a third of a second and 40 MB: only when something is taken in

    return bool(simplemma.is_known(word, "nl"))


def splits(word: str) -> Iterable[tuple[str, str]]:
    """Every way to see a folded word as a Dutch compound of two, as stems; the collection says which are real."""
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


# ── language ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def detect(text: str) -> Language | None:
    """Dutch, English, or None when the text does not tell.

    Each word speaks once: a small word of one language, or else its most telling spelling. Names, numbers and words of
    both languages say nothing.
    """
    pieces = [fold(piece) for piece in _sample(text)]
    votes = [_leaning(piece) for piece in pieces]
    said = [vote for vote in votes if vote]
    score = sum(said)
    if abs(score) < _SURE or sum(map(len, pieces)) < 4 or abs(score) < 0.25 * sum(map(abs, said)):
        return None
    return "nl" if score > 0 else "en"


def _sample(text: str) -> Iterator[str]:
    # Two hundred words tell as much as a book.
    for count, match in enumerate(re.finditer(_PIECE, text)):
        if count == 200:
            return
        yield match.group()


@lru_cache(maxsize=1 << 14)
def _leaning(word: str) -> float:
    """How much a folded word speaks for Dutch (above 0) or English (below 0), in log odds."""
    dutch, english = word in _STOP["nl"], word in _STOP["en"]
    if dutch or english:
        return _STOP_WORD * (dutch - english)
    if len(word) < 3 or not word.isalpha():
        return 0.0
    framed = f"^{word}$"
    strongest = {language: _strongest(framed, language) for language in _TELLING}
    return strongest["nl"] - strongest["en"]


_TELLING: dict[Language, tuple[tuple[float, re.Pattern[str]], ...]] = {
    language: tuple(
        (strength, re.compile("|".join(re.escape(spelling) for spelling in spellings.split())))
        for strength, spellings in reversed(list(zip(_STRENGTH, by_strength, strict=True)))
    )
    for language, by_strength in _SPELLING.items()
}


def _strongest(framed: str, language: Language) -> float:
    return next((strength for strength, spelling in _TELLING[language] if spelling.search(framed)), 0.0)
