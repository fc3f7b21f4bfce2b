"""Check that an encoder reads Dutch.

Ten sentences in Dutch and the same ten in English. An encoder that reads both finds for each its translation. With one that
does not, `kb` reports that Dutch is found by words alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.encoder import Encoder

# No two share a word or a name, so that letters alone do not lead to the twin.
PAIRS = (
    ("De docent luistert naar de klas.", "The teacher listens to the class."),
    ("Veel eerstejaars voelen zich eenzaam.", "Many first-year students feel lonely."),
    ("De bibliotheek sluit om acht uur.", "The library closes at eight o'clock."),
    ("Slecht slapen maakt leren moeilijker.", "Poor sleep makes learning harder."),
    ("Wie hulp zoekt, hoeft niet lang te wachten.", "Those who seek help need not wait long."),
    ("Het gebouw heeft te weinig stille plekken.", "The building has too few quiet places."),
    ("Vrienden maken kost tijd.", "Making friends takes time."),
    ("De gemeente bouwt nieuwe woningen.", "The municipality is building new houses."),
    ("Feedback geven is een vaardigheid.", "Giving feedback is a skill."),
    ("Geldzorgen gaan ten koste van de studie.", "Money worries come at the expense of study."),
)
# By chance one or two of ten would find their twin; an English model finds those that share a loan word.
ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class LanguageCheck:
    """How many of the pairs found each other, Dutch to English and English to Dutch."""

    pairs: int
    to_english: int
    to_dutch: int

    @property
    def reads_dutch(self) -> bool:
        return min(self.to_english, self.to_dutch) >= ENOUGH * self.pairs

    def __str__(self) -> str:
        found = f"{self.to_english} and {self.to_dutch} of {self.pairs} sentences found their twin"
        if self.reads_dutch:
            return f"this model reads Dutch and English ({found})"
        return (
            f"this model does not read Dutch ({found}): Dutch texts are found by their words alone; "
            "leave KB_MODEL unset for a model that does"
        )


def check_language(encoder: Encoder) -> LanguageCheck:
    """Encode the pairs and see which find each other."""
    dutch = encoder.encode_document([pair[0] for pair in PAIRS])
    english = encoder.encode_document([pair[1] for pair in PAIRS])
    cosines = dutch @ english.T
    own = range(len(PAIRS))
    return LanguageCheck(
        pairs=len(PAIRS),
        to_english=int((cosines.argmax(axis=1) == own).sum()),
        to_dutch=int((cosines.argmax(axis=0) == own).sum()),
    )
