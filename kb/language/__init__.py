"""Dutch and English words: the language of a text, and the terms by which it is found.

    text ─► words ─► folded (case, accents) ─► stemmed in the text's language ─► terms
                └─► joined over hyphens, compounds split ─► further terms ("parts")

The same text gives the same terms at ingest and when matches are marked. A passage is analysed in its own language; a
query's language may be unknown, so a query asks for each word's Dutch and English stem (`query_words`).

Compounds are split by a Dutch word list (simplemma's, a third of a second to load), at ingest only. A query carries every
*possible* split instead (`splits`); the sparse retriever keeps those whose parts the collection knows, so that no search
waits for the list. For the same reason the language of a text is detected from its stop words and spelling: on short lines
that is as good as a dictionary, takes microseconds, and loads nothing.
"""

from kb.language.compounds import parts, splits
from kb.language.detection import detect
from kb.language.folding import fold, fold_text, plain_letters
from kb.language.marks import matches
from kb.language.sentences import sentences
from kb.language.stems import stem, stems
from kb.language.terms import (
    FINGERPRINT,
    Term,
    Word,
    analyse,
    index_terms,
    query_words,
    separated,
    stems_in,
    terms,
)
from kb.language.words import is_stop, word_counts

__all__ = [
    "FINGERPRINT", "Term", "Word", "analyse", "detect", "fold", "fold_text", "index_terms", "is_stop", "matches", "parts",
    "plain_letters", "query_words", "sentences", "separated", "splits", "stem", "stems", "stems_in", "terms",
    "word_counts",
]  # fmt: skip
