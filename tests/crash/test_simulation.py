"""Random worlds for each kind of wire: four, in the nightly job thirty-two and ten thousand. Of each real wire fewer."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.domain.attempt import State
from callsheet.services.registry import SERVICES
from tests.crash.kinds import KNOWN
from tests.crash.simulation import KINDS, WIRES, ground, try_out
from tests.crash.world import World

#: worlds of a kind, and of a real wire
WORLDS = [4, pytest.param(32, marks=[pytest.mark.slow, pytest.mark.nightly])]
FEW = [1, pytest.param(6, marks=[pytest.mark.slow, pytest.mark.nightly])]
#: worlds of drafts, of each wire
DRAFTED = [1, pytest.param(12, marks=[pytest.mark.slow, pytest.mark.nightly])]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    made = ground()
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("worlds", WORLDS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_laws_hold_in_random_worlds(kind: str, worlds: int, place: Path, seed: int) -> None:
    """Crashes, lost and late answers, doubled processes, clock jumps, a full disk, a locked book, power cuts: no law breaks after any event."""
    lives = lived(kind, random.Random(seed).sample(range(10**9), worlds), place)
    received = sum(attempt.state is State.RECEIVED for world in lives for attempt in world.ended)
    assert received > worlds // 2, "hardly anything was bought: nothing was tried"
    # after a power cut nobody may know a key's age, and then it proves nothing
    doubts = sum(attempt.state is State.IN_DOUBT for world in lives if not world.cuts for attempt in world.ended)
    assert kind != "keyed" or received > 5 * doubts


@pytest.mark.parametrize("worlds", FEW)
@pytest.mark.parametrize("kind", WIRES)
def test_the_laws_hold_on_every_real_wire(kind: str, worlds: int, place: Path, seed: int) -> None:
    """The same in each service's own words, said in all the ways that are allowed: nothing that it says is taken for something else."""
    lived(kind, random.Random(seed).sample(range(10**9), worlds), place)


@pytest.mark.parametrize("worlds", DRAFTED)
def test_drafts_and_finals_are_bought_once_each(worlds: int, place: Path, seed: int) -> None:
    """A person picks between runs, which buy drafts or, with --final, what is picked: no take is paid for twice at one quality, none that nobody picked, and no
    cap is exceeded.
    """
    bought = Counter[str]()
    for kind in KNOWN:
        for one in random.Random(f"{kind} {seed}").sample(range(10**9), worlds):
            print(f"replay: python -m tests.crash.simulation --wire {kind} --drafts --seed {one}")
            world = try_out(kind, one, place, drafts=True)
            bought.update("draft" if attempt.draft else "final" for attempt in world.ended if attempt.state is State.RECEIVED)
    assert bought["draft"] >= bought["final"] > worlds, f"hardly anything was picked and bought: {bought}"


def test_every_service_that_is_bought_from_has_worlds() -> None:
    """A service that is registered and has no speaker would never have been tried."""
    assert SERVICES.keys() <= {kind.service for kind in KNOWN.values()}


def lived(kind: str, seeds: list[int], place: Path) -> list[World]:
    """Worlds of these seeds, lived to their end."""
    print(f"{kind}: seeds {seeds[0]} ... (replay one: python -m tests.crash.simulation --wire {kind} --seed N)")
    lives = [try_out(kind, one, place) for one in seeds]
    ends = Counter(attempt.state.value for world in lives for attempt in world.ended)
    print(dict(ends))
    assert ends.total() >= len(seeds), "hardly anything was asked for: nothing was tried"
    return lives
