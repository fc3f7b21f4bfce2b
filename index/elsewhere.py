"""Texts about something else: how near a query lies to what has nothing to do with it.

A cosine says little by itself: an English encoder holds any two Dutch texts for alike, some encoders put everything above
0.7, and some queries lie near to everything. So a passage's cosine is compared with those of these texts in the same
language, which are about all sorts of things and not about education: a query that is no nearer to a passage than to
them is not about that passage. The texts are the measure, so they stay as they are; new ones make a new measure.
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

ELSEWHERE: dict[Language, tuple[str, ...]] = {
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
class Elsewhere:
    """The texts as one encoder sees them."""

    vectors: Mapping[Language, Vectors]
    spread: Mapping[Language, float]
    """Standard deviation of the cosines between texts that have nothing to do with each other."""

    def level(self, vector: Vector) -> dict[Language | None, float]:
        """How near a query's vector lies to texts about something else: their mean cosine by language; None: of all."""
        means: dict[Language | None, float] = {
            language: float((vectors @ vector).mean()) for language, vectors in self.vectors.items()
        }
        means[None] = sum(means.values()) / len(means)
        return means

    def spreads(self) -> dict[Language | None, float]:
        """The standard deviations by language; None: the widest."""
        widest: dict[Language | None, float] = {None: max(self.spread.values())}
        return widest | dict(self.spread.items())


def see(encoder: Encoder) -> Elsewhere:
    """Encode the texts: as long as fifty passages take."""
    return measured({language: encoder.encode_document(texts) for language, texts in ELSEWHERE.items()})


def measured(vectors: Mapping[Language, Vectors]) -> Elsewhere:
    """From vectors (n, d) of the texts of each language."""
    spread: dict[Language, float] = {}
    for language, of in vectors.items():
        between = (of @ of.T)[np.triu_indices(len(of), 1)]
        spread[language] = max(float(between.std()), 1e-3)
    return Elsewhere(vectors, spread)


def remembered(encoder: Encoder, folder: Path) -> Elsewhere:
    """The same, kept in a file of `folder` for the next process; a file that is not whole or not of these texts is made anew."""
    told = json.dumps([encoder.fingerprint, ELSEWHERE], ensure_ascii=False)
    file = folder / f"elsewhere-{hashlib.sha256(told.encode()).hexdigest()[:12]}.npy"
    counts = [len(ELSEWHERE[language]) for language in LANGUAGES]
    try:
        kept = np.load(file, allow_pickle=False)
        if kept.shape == (sum(counts), encoder.dimension) and kept.dtype == np.float32 and np.isfinite(kept).all():
            return measured(dict(zip(LANGUAGES, np.split(kept, np.cumsum(counts)[:-1]), strict=True)))
    except (OSError, ValueError, EOFError):
        pass
    seen = see(encoder)
    folder.mkdir(parents=True, exist_ok=True)
    # Opened by itself, for numpy would add a suffix to the name.
    with replacing(file) as out:
        np.save(out, np.concatenate([seen.vectors[language] for language in LANGUAGES]))
    return seen
