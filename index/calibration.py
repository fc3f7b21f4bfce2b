"""Calibration: background texts that turn a cosine into a z-score.

A cosine means little by itself: an English encoder places any two Dutch texts close together, some encoders put every
cosine above 0.7, and some queries are near to everything. So a passage's cosine is compared with the query's cosines to
background texts in the same language, about many subjects and none of them education. The z-score is the number of
standard deviations above that background. The texts define the scale, so they stay as they are; other texts make another scale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.encoder import Encoder, Vector, Vectors
from kb.durable import replacing
from kb.model import LANGUAGES, Language

BACKGROUND: dict[Language, tuple[str, ...]] = {
    "nl": (
        "Snijd de appels in partjes, meng ze met kaneel en suiker en bak de taart veertig minuten in een hete oven.",
        "De thuisploeg won na een penalty in de laatste minuut met twee tegen een.",
        "Morgen trekt er vanuit het westen regen over het land, later op de dag klaart het op en wordt het elf graden.",
        "De rente op spaargeld daalde vorige maand, terwijl de hypotheekrente juist opliep.",
        "Het kabinet wil de accijns op diesel verlagen; de oppositie noemt dat plan onbetaalbaar.",
        "Een merel bouwt haar nest laag in een heg en legt daar vier of vijf blauwgroene eieren in.",
        "Draai de moeren los, til het wiel uit de vork en leg een nieuwe binnenband om de velg.",
        "De trein naar Groningen vertrekt van spoor zes en stopt onderweg in Amersfoort en Zwolle.",
        "Koorts en keelpijn gaan meestal na een week vanzelf over; drink genoeg en neem rust.",
        "De schilder gebruikte dunne lagen olieverf, waardoor het licht van binnenuit lijkt te komen.",
        "Na de dijkdoorbraak stond de polder weken onder water en verdronk het vee.",
        "Vulkanen ontstaan waar aardplaten uit elkaar drijven of onder elkaar schuiven.",
        "Voor een lening met onderpand vraagt de bank een taxatie van het huis.",
        "De processor wordt te heet; maak de ventilator schoon en breng nieuwe koelpasta aan.",
        "In de achttiende eeuw voeren schepen met specerijen en porselein om de Kaap.",
        "Zet tomaten pas na de ijsheiligen buiten en geef ze elke ochtend water.",
        "De rechtbank veroordeelde de inbreker tot acht maanden cel en een boete.",
        "Het orkest speelde een symfonie in vier delen, met een lang langzaam tweede deel.",
        "De veerboot vaart in de zomer elk uur; honden mogen aangelijnd mee aan boord.",
        "Een warmtepomp haalt warmte uit de buitenlucht en verwarmt daarmee het huis.",
        "De koning opende de nieuwe brug en sprak met omwonenden over de bouw.",
        "Boeren demonstreerden met trekkers tegen de regels voor mest en ammoniak.",
        "Op het strand spoelde een jonge potvis aan die aan land was gestorven.",
        "De jas is waterdicht, heeft een uitneembare voering en kan op dertig graden worden gewassen.",
        "Zwaartekracht houdt de planeten in hun baan om de zon.",
        "De fabriek ontslaat tweehonderd mensen omdat de vraag naar staal is ingestort.",
        "Aan het eind van de film blijkt de butler al die tijd de dochter van de graaf te zijn geweest.",
        "Kies bij het schaken een opening waarin je snel kunt rokeren.",
    ),
    "en": (
        "Fold the egg whites into the batter, pour it into a buttered tin and bake for half an hour.",
        "The visitors scored twice in extra time and knocked the champions out of the cup.",
        "Snow is expected in the hills tonight, with strong winds along the coast by morning.",
        "The central bank raised interest rates again, and shares in property companies fell.",
        "The senator promised to lower the tax on fuel if his party wins the election.",
        "Salmon return to the river where they hatched, leaping over weirs on the way.",
        "Remove the rear wheel, check the chain for rust and oil each link before you fit it again.",
        "The night train to Vienna leaves from platform nine and has a dining car.",
        "A rash on the arms can be a sign of an allergy; ask a doctor if it spreads.",
        "The sculptor cast the horse in bronze and left the marks of his tools on its flanks.",
        "The earthquake damaged bridges and cut the power in three provinces.",
        "Stars are born in clouds of gas that collapse under their own weight.",
        "The insurer refused to pay because the roof had not been repaired in time.",
        "If the laptop does not start, hold the power button and replace the battery.",
        "The treaty ended the war and moved the border to the river.",
        "Prune the roses in March and feed them with compost.",
        "The jury found the driver guilty of fraud and dangerous driving.",
        "The quartet recorded the late sonatas on instruments with gut strings.",
        "The hotel has a pool, a view of the harbour and free parking for guests.",
        "Solar panels on the barn produce more power than the farm can use.",
        "The queen received the ambassador and gave a dinner in his honour.",
        "Fishermen protested against the new limits on the catch of cod.",
        "An octopus can change its colour and squeeze through the neck of a bottle.",
        "The boots are made of leather, with a rubber sole and laces of waxed cotton.",
        "Electrons jump between levels and give off light of a fixed colour.",
        "The airline cancelled forty flights after its pilots went on strike.",
        "In the last chapter the detective shows that the letter was written after the murder.",
        "Shuffle the cards, deal five to each player and turn the top one over.",
    ),
}


@dataclass(frozen=True, slots=True)
class Calibration:
    """The background texts as one encoder places them."""

    vectors: Mapping[Language, Vectors]
    spread: Mapping[Language, float]
    """Standard deviation of the cosines between unrelated texts."""

    def level(self, vector: Vector) -> dict[Language | None, float]:
        """A query's mean cosine to the background texts, by language; None: over all of them."""
        means: dict[Language | None, float] = {
            language: float((vectors @ vector).mean()) for language, vectors in self.vectors.items()
        }
        means[None] = sum(means.values()) / len(means)
        return means

    def spreads(self) -> dict[Language | None, float]:
        """The standard deviations by language; None: the widest."""
        widest: dict[Language | None, float] = {None: max(self.spread.values())}
        return widest | dict(self.spread.items())


def calibrate(encoder: Encoder) -> Calibration:
    """Encode the background texts; takes as long as fifty passages."""
    return from_vectors({language: encoder.encode_document(texts) for language, texts in BACKGROUND.items()})


def from_vectors(vectors: Mapping[Language, Vectors]) -> Calibration:
    """Calibrate from vectors (n, d) of the background texts of each language."""
    spread: dict[Language, float] = {}
    for language, rows in vectors.items():
        between = (rows @ rows.T)[np.triu_indices(len(rows), 1)]
        spread[language] = max(float(between.std()), 1e-3)
    return Calibration(vectors, spread)


def stored_calibration(encoder: Encoder, folder: Path) -> Calibration:
    """Calibrate once and store the vectors in a file of `folder`; a damaged file, or one of other texts, is replaced."""
    key = json.dumps([encoder.fingerprint, BACKGROUND], ensure_ascii=False)
    file = folder / f"calibration-{hashlib.sha256(key.encode()).hexdigest()[:12]}.npy"
    counts = [len(BACKGROUND[language]) for language in LANGUAGES]
    try:
        stored = np.load(file, allow_pickle=False)
        if (
            stored.shape == (sum(counts), encoder.dimension)
            and stored.dtype == np.float32
            and np.isfinite(stored).all()
        ):
            return from_vectors(dict(zip(LANGUAGES, np.split(stored, np.cumsum(counts)[:-1]), strict=True)))
    except (OSError, ValueError, EOFError):
        pass
    made = calibrate(encoder)
    folder.mkdir(parents=True, exist_ok=True)
    # Opened by itself, for numpy would add a suffix to the name.
    with replacing(file) as out:
        np.save(out, np.concatenate([made.vectors[language] for language in LANGUAGES]))
    return made
