"""The real engine and the real ledger in a made-up world: network, disk, clock and death are simulated, seeded and replayable.

A world (tests/crash/world.py) is a project of a few shots, a service that really bills (tests/crash/vendor.py, in the words of tests/crash/speakers) and a
string of runs that everything befalls. The laws (tests/crash/laws.py, tests/crash/meaning.py) are checked after every event; at the end everything that was
bought must be in place and in the book.

    python -m tests.crash.simulation --wire keyed --seed 17          one world, told step by step
    python -m tests.crash.simulation --wire deapi --seeds 10000      many, silent unless a law breaks
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from callsheet.budget.ledger.store import open_ledger
from callsheet.store.project_folder import Project
from tests.crash.installing import installed
from tests.crash.kinds import EVERY, KINDS, WIRES
from tests.crash.laws import Broken
from tests.crash.world import World

__all__ = ["EVERY", "KINDS", "WIRES", "Broken", "World", "ground", "land", "try_out"]


def ground() -> Path:
    """Where worlds are made: in memory if the machine allows."""
    memory = Path("/dev/shm")  # a world's files are small and gone at once
    return Path(tempfile.mkdtemp(prefix="callsheet-worlds-", dir=memory if memory.is_dir() else None))


@contextlib.contextmanager
def land(place: Path, name: str) -> Generator[Path]:
    """A project folder with an empty ledger, gone afterwards."""
    model = place / "model"
    if not model.exists():
        project = Project(model)
        assert project.identity
        open_ledger(project.ledger_file).close()
        (model / "spot.csv").touch()
    folder = place / name
    shutil.copytree(model, folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def try_out(kind: str, seed: int, place: Path, **how: Any) -> World:
    """One world, lived to its end."""
    with land(place, f"{kind}-{seed}") as folder:
        return World(seed, kind, folder, install=installed, **how).run()


def main(argv: Sequence[str] | None = None) -> int:
    """Worlds from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash.simulation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wire", choices=EVERY, action="append", help="default: all")
    parser.add_argument("--seed", type=int, help="one world, told step by step")
    parser.add_argument("--seeds", type=int, default=200, help="how many worlds")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--drafts", action="store_true", help="all of them buy drafts first; default: some do")
    given = parser.parse_args(argv)
    place = ground()
    try:
        return sum(_many(kind, given, place) for kind in given.wire or EVERY)
    finally:
        shutil.rmtree(place)


def _many(kind: str, given: argparse.Namespace, place: Path) -> int:
    seeds = [given.seed] if given.seed is not None else range(given.first, given.first + given.seeds)
    broken, takes, jobs, ends = 0, 0, 0, Counter[str]()
    for seed in seeds:
        with land(place, f"{kind}-{seed}") as folder:
            world = World(seed, kind, folder, drafts=given.drafts or None, install=installed)
            try:
                world.run()
            except Broken as error:
                broken += 1
                print(f"{kind} {seed}: {error}", flush=True)
            if given.seed is not None:
                print("\n".join(world.log))
        takes, jobs = takes + world.shots, jobs + len(world.vendor.jobs)
        ends.update(attempt.state.value for attempt in world.ended)
    print(f"{kind}: {len(seeds)} worlds, {takes} takes, {jobs} jobs bought, {broken} broken; attempts ended {dict(ends)}", flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
