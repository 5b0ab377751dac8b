"""A guard that finds nothing wrong with a planted wrong is not a guard: each of the fourteen naive orderings must be found."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.naive import PLANTS
from tests.crash.simulation import Broken, ground, try_out

SEEDS = 80


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    made = ground()
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, naive in PLANTS.items() for kind in naive.kinds])
def test_the_simulation_finds_a_naive_ordering(name: str, kind: str, place: Path) -> None:
    """Planted in the real engine, it breaks a law within a few worlds."""
    naive = PLANTS[name]
    for seed in range(SEEDS):
        try:
            try_out(kind, seed, place, fates=naive.fates, blows=naive.blows, doubles=naive.doubles, plants=[naive.plant])
        except Broken as found:
            print(f"{name} on {kind}, seed {seed}: {found}")
            return
    pytest.fail(f"{name}: {SEEDS} worlds, and nothing was found: the simulation has gone blind")
