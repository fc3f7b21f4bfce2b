"""Vocabulary: the word pieces a language needs and the base tokenizer lacks.

    Dutch words with their weights ─► candidate pieces ─► kept: the most used ─► the base vocabulary, longer

Pieces keep their ids: new ones first take the slots the base marks `[unusedN]`, then follow at the end, so
everything the encoder knew stays where it was. The base normaliser (lower case, no accents) decides what a word is:
`patiënt` and `patient` are one word here, as they already were for the base.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

CONTINUED = "##"
# The tokenizer gives up on longer words; so do we.
LONGEST_WORD = 60

# The weight of an occurrence when pieces are chosen, by domain: how people write first, manuals last.
WORD_WEIGHTS: Mapping[str, float] = {
    "general": 2.0,
    "edu_wellbeing": 3.0,
    "edu_wellbeing_lexicon": 5.0,
    "it_docs": 0.35,
    "it_ui": 0.35,
    "web_privacy": 0.5,
    "medical_terms": 0.35,
    "lexicon": 0.5,
}

_UNUSED = re.compile(r"\[unused\d+\]")
_LETTERS = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A grown word-piece vocabulary: `ids` of all pieces, and which of them are `new`."""

    ids: Mapping[str, int]
    new: frozenset[str]

    @property
    def size(self) -> int:
        """Rows the embedding table needs."""
        return max(self.ids.values()) + 1

    def pieces(self, word: str) -> tuple[str, ...]:
        """Cut a normalised word into pieces, longest first, as the tokenizer does; () if it cannot be cut."""
        return cut(word, self.ids)


def cut(word: str, known: Mapping[str, object] | frozenset[str] | set[str]) -> tuple[str, ...]:
    """Greedy longest-match pieces of `word`; () when some part is not known."""
    pieces: list[str] = []
    start = 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = word[start:end] if start == 0 else CONTINUED + word[start:end]
            if piece in known:
                pieces.append(piece)
                start = end
                break
        else:
            return ()
    return tuple(pieces)


def split_words(tokenizer: Tokenizer, text: str) -> list[str]:
    """Normalise and split a text into words and marks, exactly as the tokenizer does before it cuts pieces."""
    normalised = tokenizer.normalizer.normalize_str(text)
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normalised)]


def base_pieces(tokenizer: Tokenizer) -> dict[str, int]:
    """Return the word pieces of a BERT tokenizer with their ids; ValueError for any other kind of tokenizer."""
    described = json.loads(tokenizer.to_str())["model"]
    if described.get("type", "WordPiece") != "WordPiece":
        raise ValueError(f"only word-piece tokenizers can be grown, not {described['type']}")
    return dict(described["vocab"])


def grow(
    base: Mapping[str, int],
    dutch: Mapping[str, float],
    english: Mapping[str, float],
    size: int = 20_000,
) -> Vocabulary:
    """Add the at most `size` pieces that Dutch words use most.

    `dutch` and `english` are weighted counts of normalised words. A piece that would cut English more often than
    Dutch is left out: the base already cuts English the way its encoder learnt to read it.
    """
    words = {word: weight for word, weight in dutch.items() if _LETTERS.fullmatch(word) and len(word) <= LONGEST_WORD}
    candidates = (_learnt_pieces(words, size + size // 2) | _compound_tails(words) | _frequent(words, size)) - set(base)
    known = set(base) | candidates
    # Usage is counted twice: leaving rare pieces out moves their words to other, perhaps also rare, pieces.
    for limit in (size + size // 4, size):
        used = _usage(words, known)
        abroad = _usage({word: weight for word, weight in english.items() if word not in base}, known)
        worth = {piece: used[piece] for piece in candidates if used[piece] > 2 * abroad[piece]}
        candidates = set(sorted(worth, key=lambda piece: (-worth[piece], piece))[:limit])
        known = set(base) | candidates
    return _number(base, sorted(candidates, key=lambda piece: (-worth[piece], piece)))


def with_vocabulary(tokenizer: Tokenizer, vocabulary: Vocabulary) -> Tokenizer:
    """Return a copy of the tokenizer that cuts with the grown vocabulary."""
    described = json.loads(tokenizer.to_str())
    described["model"]["vocab"] = dict(sorted(vocabulary.ids.items(), key=lambda item: item[1]))
    return Tokenizer.from_str(json.dumps(described))


def _learnt_pieces(words: Mapping[str, float], size: int) -> set[str]:
    """Let the usual word-piece trainer propose: it finds stems, endings and compound parts."""
    tokenizer = Tokenizer(models.WordPiece())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(vocab_size=size, show_progress=False, continuing_subword_prefix=CONTINUED)

    def lines() -> Iterable[str]:
        for word, weight in words.items():
            yield " ".join([word] * min(max(1, round(weight)), 500))

    tokenizer.train_from_iterator(lines(), trainer)
    return set(tokenizer.get_vocab())


def _frequent(words: Mapping[str, float], size: int) -> set[str]:
    return set(sorted(words, key=lambda word: (-words[word], word))[: size // 2])


def _compound_tails(words: Mapping[str, float], shortest: int = 4, heads: int = 3) -> set[str]:
    """Words that end at least `heads` other words: in studentenwelzijn, `##welzijn` carries the meaning."""
    endings: defaultdict[str, int] = defaultdict(int)
    for word in words:
        for start in range(3, len(word) - shortest + 1):
            endings[word[start:]] += 1
    return {CONTINUED + tail for tail, count in endings.items() if count >= heads and words.get(tail, 0.0) >= 2.0}


def _usage(words: Mapping[str, float], known: set[str]) -> Counter[str]:
    used: Counter[str] = Counter()
    for word, weight in words.items():
        for piece in cut(word, known):
            used[piece] += weight  # type: ignore[assignment]  # weights are fractions of occurrences
    return used


def _number(base: Mapping[str, int], pieces: list[str]) -> Vocabulary:
    ids = {piece: number for piece, number in base.items() if not _UNUSED.fullmatch(piece)}
    free = sorted(number for piece, number in base.items() if _UNUSED.fullmatch(piece))
    after = max(base.values()) + 1
    slots = [*free, *range(after, after + max(0, len(pieces) - len(free)))]
    ids.update(zip(pieces, slots, strict=False))
    return Vocabulary(ids, frozenset(pieces))
