"""A toy language of few words, from which tests teach."""

from __future__ import annotations

import itertools

from index.teach import (
    Pair,
)

NOUNS = [
    ("cat", "kat"),
    ("dog", "hond"),
    ("house", "huis"),
    ("teacher", "docent"),
    ("student", "leerling"),
    ("bread", "brood"),
]


VERBS = [("sees", "ziet"), ("wants", "wil"), ("finds", "vindt"), ("eats", "eet")]


SENTENCES = [
    Pair(f"the {one} {verb} a {two}", f"de {een} {doet} een {twee}", "world")
    for (one, een), (verb, doet), (two, twee) in itertools.product(NOUNS, VERBS, NOUNS)
]


ENGLISH = ["the", "a", *(noun for noun, _ in NOUNS), *(verb for verb, _ in VERBS)]
