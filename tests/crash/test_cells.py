"""The whole table of crash points, cell by cell, in the real engine on the real ledger."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.domain.attempt import State
from tests.crash.boundaries import NAMES, PEN
from tests.crash.cells import Cell, cells
from tests.crash.simulation import KINDS, World, ground, try_out

#: of each boundary, and of each place of the pen: a row of the table
_FAULTS, _DEATHS = 6, 3


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    made = ground()
    yield made
    shutil.rmtree(made)


def ends(world: World) -> Counter[State]:
    """How each take came out: by its last attempt."""
    last = {attempt.take: attempt for attempt in world.ended}
    return Counter(attempt.state for attempt in last.values())


def wrong(cell: Cell, world: World) -> str | None:
    """What is not as the table says."""
    if not world.hits[cell.place]:
        return f"{cell}: never reached"
    got = ends(world)
    doubts = (0, 1) if cell.doubtful is None else (int(cell.doubtful),)
    if got[State.IN_DOUBT] in doubts and got[State.RECEIVED] == 2 - got[State.IN_DOUBT]:
        return None
    return f"{cell}: ended as {dict(got)}, due were {doubts} in doubt and the rest received\n" + "\n".join(world.log)


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_ends_as_the_table_says(kind: str, place: Path) -> None:
    """Boundaries x faults: each is reached and hit, no law breaks, and the take ends received or, where nothing else can be known, in doubt."""
    mine = [cell for cell in cells() if cell.kind == kind]
    assert wrongs(mine, place) == []
    assert len(mine) == 129


def test_some_of_the_cells_end_as_the_table_says(place: Path) -> None:
    """Each boundary with one of its faults, and each fault of an answer, a file or a write, on one kind of wire; all three kinds have their share."""
    columns = zip(*([cell for cell in cells() if cell.kind == kind] for kind in KINDS), strict=True)
    some = [column for n, column in enumerate(columns) if _is_tried(column[0].place, n)]
    mine = [column[n % len(KINDS)] for n, column in enumerate(some)]
    assert {cell.place for cell in mine} == {cell.place for cell in cells()}
    assert {cell.fault for cell in mine} == {cell.fault for cell in cells()}
    assert wrongs(mine, place) == []


def _is_tried(place: str, n: int) -> bool:
    """Whether the n-th cell is among the quick ones."""
    faults = _FAULTS if place in NAMES else _DEATHS if place in PEN else 1
    return (n + n // faults) % faults == 0


def wrongs(mine: list[Cell], place: Path) -> list[str]:
    """What is wrong in a world for each of these cells."""
    found = [wrong(cell, try_out(cell.kind, n, place, script={(cell.place, 0): cell.fault}, shots=2)) for n, cell in enumerate(mine)]
    return [one for one in found if one]
