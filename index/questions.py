"""Questions: the words that an answer has to cover, and the kind of answer that is asked for.

    "Wie gaf het webinar over campusontwikkeling?" ─► who; asked words: campusontwikkeling
    "what does Vygotsky say about scaffolding"     ─► named: Vygotsky, literally; asked words: scaffolding

Words that only ask (what, how, explain), that name the form of a source (slide, webinar) or that hold the sentence together
are left out; words that nearly every text could hold weigh less. Names, numbers and abbreviations are literal: no
similar word can stand for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kb import language
from kb.language import Word
from kb.language.glossary import Glossary
from kb.model import Span

Kind = Literal["definition", "list", "who", "when", "number", "citation", "other"]
Stems = tuple[str, ...]

# Weight of a word that is not in the lists below; of a generic one; of one that must be met literally.
ORDINARY, GENERIC_WEIGHT, LITERAL_WEIGHT = 1.0, 0.35, 1.5
# Of a word in all passages of the collection this share of its weight is left.
COMMONEST = 0.5
# A term has at most so many words beside those that hold it together.
LONGEST_TERM = 3
# Asked words beyond these are left out: what is so long is a text and not a question.
MOST_WORDS = 24

_FORMS = frozenset(
    """slide slides dia dias sheet sheets webinar webinars document documenten documents bron bronnen source sources artikel
    artikelen article articles paper papers presentatie presentaties presentation deck decks pagina page pages tekst text
    lezing spreker speaker""".split()
)
_ASKING = frozenset(
    """zeg zegt zeggen gezegd vertel vertelt vertellen noem noemt noemen uitleg uitleggen verklaar verklaart betekent betekenen
    betekenis definitie definities definieer gedefinieerd definieren beschrijf beschrijft beschreven beschrijving omschrijf
    omschrijving begrip versta verstaan verstaat bedoelt bedoeld bedoelen precies heet heten gaat geef noem
    say says said saying tell tells told explain explains explained mean means meaning meant define defines defined definition
    definitions describe describes described description call calls called understood exactly please give name named talk
    talks speak speaks according volgens laat onder graag misschien waarmee hierover erover anders ander andere tijdens sinds
    datum data date dates tijdstip tijdstippen
    itself themselves yourself something anything everyone someone during last into against without within between across
    """.split()
)
_GENERIC = frozenset(
    """twee drie vier vijf zes zeven acht negen tien eerste tweede derde belangrijk belangrijke belangrijkste belang manier
    manieren soort soorten vorm vormen voorbeeld voorbeelden informatie rol gebruik gebruiken gebruikt werk werken werkt maak
    maken maakt geven geeft krijgen krijgt helpen helpt hulp nodig houden houdt brengen leiden leidt zorgen zorgt lukt lukken
    gebeurt gebeuren bestaat bestaan bestaande blijkt blijken laat laten zien staat staan nemen neemt stellen stelt kiezen
    aannemen hebben verschil verschillende kenmerk kenmerken aspect aspecten punt punten stap stappen ding dingen goed goede
    beter beste groot grote grootste klein nieuw nieuwe mensen iemand tijd keer jaar dag deel kant plaats grond gevolg
    gevolgen invloed effect reden redenen oorzaak doel resultaat resultaten vraag vragen antwoord onderzoek onderzocht studie
    two three four five six seven eight nine ten first second third important main way ways kind kinds sort type types form
    forms example examples information role use used uses using work works make makes made give gives given get help helps
    need needs needed keep bring lead leads happen happens exist exists show shows find finds found take takes difference
    different feature features aspect aspects point points step steps thing things good better best big new people someone
    time times year day part place ground effect effects reason reasons cause causes goal result results question
    questions answer answers research study studies does long often
    woord woorden term termen begrippen concept concepten idee ideeën gedachte bedacht bedenken bedenker introduceerde
    introduceren noemde presenteert presenteerde presenteren gaf leidde begint beginnen start eindigt
    word words terms phrase phrases concepts idea ideas thought coined coin introduced introduces presents presented present
    gave led begin begins starts ends""".split()
)
_WHO = re.compile(r"\b(?:wie|who|whose|spreker|speaker|auteurs?|authors?)\b", re.IGNORECASE)
_WHEN = re.compile(
    r"\b(?:wanneer|hoe laat|welke (?:dag|datum)|op welke dag|when|what time|which day|what (?:date|day)|date of|datum)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"""\b(?:hoeveel|how\ (?:many|much|long|old|often)|hoe\ (?:lang|vaak|oud|groot|veel)|percentage|welk\ deel|kost
    |kosten\ van|prijs\ van|salaris|cost)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DEFINITION = re.compile(
    r"""^\s*(?:
          (?:wat|what)\s+(?:is|zijn|are|'s)\s+(?:(?:een|de|het|a|an|the)\s+)?(?P<short>[^?]{2,60}?)\s*\??\s*$
        | (?:wat|what)\s+(?:betekent|betekenen|does)\s+(?P<means>[^?]+?)(?:\s+mean)?\s*\??\s*$
        | .*\b(?:definiti[a-z]+|define[sd]?|defined|gedefinieerd|betekenis|meaning|verstaan|verstaat|omschrijving)\b.*
        )""",
    re.IGNORECASE | re.VERBOSE,
)
_LIST = re.compile(
    r"""^\W*(?:
          (?:welke|which)\s+(?:\w+\s+){0,2}\w+(?:en|s)\b
        | (?:wat\s+zijn\s+(?:de|het)|what\s+are\s+the)\b
        | (?:noem|noemen|geef|som|name|list|give|enumerate)\b
        | (?:wat|what)\s+(?:helpt|helps)\b
        | (?:.*\s)?(?:twee|drie|vier|vijf|zes|zeven|acht|two|three|four|five|six|seven|eight)\s+(?:\w+\s+)?\w+(?:en|s)\b
        )""",
    re.IGNORECASE | re.VERBOSE,
)
_ASKS = re.compile(
    r"\?|\b(?:hoe|wat|waar\w*|wie|welke?|wanneer|how|what|why|where|which|who|when|is|zijn|are|does?|kan|kunnen|can|moet|should)\b",
    re.IGNORECASE,
)
_SAYS = re.compile(r"\bdoes\b.*\b(?:say|find|argue|show|write|call|describe|think)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")
_CITED = re.compile(
    r"""^\W*(?:(?:van|de|den|der|von|la|le)\s+)*[A-ZÀ-Þ][\w'’-]+
        (?:(?:\s*,\s*|\s+(?:&|and|en|et|van|der|de|den)\s+|\s+)[A-ZÀ-Þ][\w'’.-]*|\s+(?:et\s+al\.?|e\.a\.|cs))*
        [\s,(]*(?:(?:1[89]|20)\d\d[a-z]?)?[\s).?]*$""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A word of the question that an answer has to cover."""

    text: str
    """Folded."""
    stems: Stems
    weight: float
    literal: bool = False
    """Whether only the word itself covers it: a name, a number, an abbreviation."""
    halves: Stems = ()
    """The stems of its two parts, where it may be a Dutch compound that the collection knows by its parts."""
    phrases: tuple[Stems, ...] = ()
    """Other ways to put it, each a row of stems side by side: a separable verb as one word, a translation of the glossary."""
    span: Span | None = None
    """In the question; None for a part of a word."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the answer needs it."""

    text: str
    kind: Kind
    asked: tuple[Asked, ...]
    years: tuple[str, ...] = ()

    @property
    def is_term(self) -> bool:
        """Whether it is a term and no sentence: "sense of belonging"; what is about the term answers it."""
        words = [word for word in language.query_words(self.text) if not word.stop and not word.joined]
        asks = self.kind != "other" or _ASKS.search(self.text) is not None
        return not asks and len(words) == len(self.asked) <= LONGEST_TERM

    @property
    def weight(self) -> float:
        """The sum of the weights of the asked words."""
        return sum(word.weight for word in self.asked)


def _rarity(word: Word, frequency: Mapping[str, float]) -> float:
    """The factor of a word's weight by how rare it is in the collection: COMMONEST to 1."""
    share = max((frequency.get(stem, 0.0) for stem in word.stems), default=0.0)
    return 1 - (1 - COMMONEST) * min(1.0, share)


def read_question(
    text: str,
    frequency: Mapping[str, float] | None = None,
    glossary: Glossary | None = None,
) -> Question:
    """Analyse a question.

    `frequency` gives the share of passages that hold a stem (0 to 1), for words that the collection holds; `glossary`
    other ways to say its words.
    """
    words = [word for word in language.query_words(text) if not word.joined]
    kind = _kind(text)
    separated = {verb.start: stems for verb, stems in language.separated(words)}
    frequency = frequency or {}
    same = glossary.others(words) if glossary else {}
    asked = []
    for position, word in enumerate(words):
        literal = _is_literal(text, word, position, kind)
        weight = _weight(word, literal=literal) * _rarity(word, frequency)
        if weight > 0.0:
            verbs: list[Stems] = [(stem,) for stem in separated.get(word.start, ())]
            phrases = tuple(dict.fromkeys([*verbs, *(() if literal else same.get(word.start, ()))]))
            halves = () if literal else _halves(word, frequency)
            span = Span(word.start, word.end)
            asked.append(Asked(word.text, word.stems, weight, literal, halves, phrases, span))
    return Question(text, kind, tuple(asked[:MOST_WORDS]), tuple(_YEAR.findall(text)))


def _kind(text: str) -> Kind:
    if _CITED.match(text) and not (len(text.split()) == 1 and not text.strip(" ()?.")[:1].isupper()):
        return "citation"
    for kind, pattern in (("when", _WHEN), ("who", _WHO), ("number", _NUMBER)):
        if pattern.search(text):
            return kind  # type: ignore[return-value]
    if _LIST.match(text):
        return "list"
    if _DEFINITION.match(text) and not _SAYS.search(text):
        return "definition"
    return "other"


def _weight(word: Word, *, literal: bool) -> float:
    if literal:
        return LITERAL_WEIGHT
    if word.stop or word.text in _FORMS or word.text in _ASKING or (len(word.text) < 2 and not word.text.isdigit()):
        return 0.0
    return GENERIC_WEIGHT if word.text in _GENERIC else ORDINARY


def _is_literal(text: str, word: Word, position: int, kind: Kind) -> bool:
    """Whether a word is a name, a number or an abbreviation."""
    written = text[word.start : word.end]
    if any(letter.isdigit() for letter in written):
        return True
    if len(written) < 2 or (word.stop and not written.isupper()):
        return False
    if text.isupper() or (text.istitle() and kind != "citation"):
        return False
    if written[1:].lower() != written[1:]:
        return not word.stop
    return written[0].isupper() and (position > 0 or kind == "citation")


def _halves(word: Word, frequency: Mapping[str, float]) -> Stems:
    """The parts of the likeliest split of a compound, both known to the collection: that with the longest short part."""
    known = [
        pair
        for pair in language.splits(word.text)
        if all(frequency.get(half, 0.0) > 0 and len(half) > 2 for half in pair)
    ]
    return max(known, key=lambda pair: min(map(len, pair)), default=())


def stems_to_look_up(text: str) -> list[str]:
    """The stems whose frequency in the collection `read_question` uses: of words and of possible parts of compounds."""
    wanted: dict[str, None] = {}
    for word in language.query_words(text)[: 2 * MOST_WORDS]:
        if word.stop:
            continue
        wanted.update(dict.fromkeys(word.stems))
        for pair in language.splits(word.text):
            wanted.update(dict.fromkeys(pair))
    return list(wanted)
