"""Random worlds for each kind of wire: seventy where nobody says (WORLDS), ten thousand in the nightly job."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.simulation import KINDS, ground, try_out

WORLDS = int(os.environ.get("WORLDS", "70"))
PARTS = 2


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    made = ground()
    yield made
    shutil.rmtree(made)


@pytest.mark.timeout(max(180, WORLDS * 3))
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", KINDS)
def test_the_laws_hold_in_random_worlds(kind: str, part: int, place: Path, seed: int) -> None:
    """Crashes, lost and late answers, doubled processes, clock jumps, a full disk, a locked book, power cuts: no law breaks after any event."""
    seeds = random.Random(seed).sample(range(10**9), max(1, WORLDS // PARTS))
    print(f"{kind}: seeds {seeds[0]} ... (replay one: python -m tests.crash.simulation --wire {kind} --seed N)")
    told: Counter[str] = Counter()
    for one in seeds:
        world = try_out(kind, one, place)
        told.update(attempt.state.value for attempt in world.ended)
    print(dict(told))
    assert told["received"] > len(seeds), "hardly anything was bought: nothing was tried"
    assert kind != "keyed" or told["received"] > 5 * told["in_doubt"]
