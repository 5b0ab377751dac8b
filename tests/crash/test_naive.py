"""A guard that finds nothing wrong with a planted wrong is not a guard: each of the fourteen naive orderings must be found, and each wrong at the edges."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import careless, naive
from tests.crash.simulation import Broken, ground, try_out

SEEDS = 80


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    made = ground()
    yield made
    shutil.rmtree(made)


PLANTS = {**naive.PLANTS, **careless.PLANTS}
#: how a plant ends that calls or is called otherwise than the engine does by now: no law has found it
_MISFIT = re.compile(r"a defect: (TypeError|AttributeError|NameError)\(")
#: found after many worlds or long waits only
LONG = ("a balance read while something else is unsettled", "commits not synced", "nothing synced", "caps looked at only at the hold")


def _marks(name: str, *, quick: bool) -> list[pytest.MarkDecorator]:
    if quick:
        return [pytest.mark.slow, pytest.mark.nightly] if name in LONG else []
    return [pytest.mark.slow, pytest.mark.nightly]


#: each ordering on one kind of wire, the kinds in turn (some list first the one where it is found soonest); on the others at night
CASES = [
    pytest.param(name, kind, marks=_marks(name, quick=n % len(wrong.kinds) == at))
    for n, (name, wrong) in enumerate(PLANTS.items())
    for at, kind in enumerate(wrong.kinds)
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_simulation_finds_a_naive_ordering(name: str, kind: str, place: Path) -> None:
    """Planted in the real engine, it breaks a law within a few worlds."""
    wrong = PLANTS[name]
    for seed in range(SEEDS):
        try:
            try_out(kind, seed, place, fates=wrong.fates, blows=wrong.blows, doubles=wrong.doubles, plants=[wrong.plant])
        except Broken as found:
            print(f"{name} on {kind}, seed {seed}: {found}")
            assert not _MISFIT.search(str(found)), f"{name} no longer fits the engine that it is planted in: {found}"
            return
    pytest.fail(f"{name}: {SEEDS} worlds, and nothing was found: the simulation has gone blind")
