"""What fuzzing found stays mended, and the targets of `make fuzz` take their own seeds."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz import FINDS, TARGETS, seeds

FOUND = sorted(path for path in FINDS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("find", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_find_is_refused_or_read(find: Path) -> None:
    TARGETS[find.parent.name](find.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds(name: str) -> None:
    for seed in islice(seeds(name), 3):
        TARGETS[name](seed)
