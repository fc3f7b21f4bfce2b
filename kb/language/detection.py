"""Language detection: Dutch or English, by stop words and telling spellings.

Each word gives log odds: fixed for a stop word, else those of its most telling spelling in each language. Their sum decides.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from kb.language.folding import fold
from kb.language.words import PIECE, STOP_WORDS
from kb.model import Language

# Spellings that are 4, 9 and 25 times more frequent in one language than in the other, counted over the word lists of
# simplemma. `^` is the start of a word and `$` its end.
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
_LOG_ODDS = (1.4, 2.2, 3.2)
"""Natural log odds of the three groups of spellings."""
_STOP_WORD_LOG_ODDS = 3.0
_LEAST_LOG_ODDS = 1.6
"""Least sum of log odds for which a language is named."""
_LEAST_AGREEMENT = 0.25
"""Least share of the words' log odds that is left when those of the two languages cancel each other."""
_MOST_WORDS = 200
"""Words of a text that are looked at; more change nothing."""
_FEWEST_LETTERS = 4

_PATTERNS: dict[Language, tuple[tuple[float, re.Pattern[str]], ...]] = {
    language: tuple(
        (log_odds, re.compile("|".join(re.escape(spelling) for spelling in spellings.split())))
        for log_odds, spellings in reversed(list(zip(_LOG_ODDS, groups, strict=True)))
    )
    for language, groups in _SPELLING.items()
}
"""The spellings of each language, the most telling first."""


def detect(text: str) -> Language | None:
    """The language of a text: Dutch, English, or None when it is undecided.

    Names, numbers and words of both languages count for nothing.
    """
    words = [fold(match.group()) for match in islice(re.finditer(PIECE, text), _MOST_WORDS)]
    log_odds = [_dutch_log_odds(word) for word in words]
    total, strength = sum(log_odds), sum(map(abs, log_odds))
    undecided = abs(total) < _LEAST_LOG_ODDS or abs(total) < _LEAST_AGREEMENT * strength
    if undecided or sum(map(len, words)) < _FEWEST_LETTERS:
        return None
    return "nl" if total > 0 else "en"


@lru_cache(maxsize=1 << 14)
def _dutch_log_odds(word: str) -> float:
    """The natural log odds that a folded word is Dutch: above 0 Dutch, below 0 English."""
    dutch, english = word in STOP_WORDS["nl"], word in STOP_WORDS["en"]
    if dutch or english:
        return _STOP_WORD_LOG_ODDS * (dutch - english)
    if len(word) < 3 or not word.isalpha():
        return 0.0
    framed = f"^{word}$"
    return _most_telling(framed, "nl") - _most_telling(framed, "en")


def _most_telling(framed: str, language: Language) -> float:
    """The log odds of the most telling spelling of a language in a word between `^` and `$`; 0 for none."""
    return next((log_odds for log_odds, spelling in _PATTERNS[language] if spelling.search(framed)), 0.0)
