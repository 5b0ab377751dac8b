"""Short lists for these tests."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.errors import InputError, Problem
from callsheet.shotlist.read import ShotList, read


def put(folder: Path, text: str | bytes, name: str = "film.csv") -> Path:
    """A list's file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def shots(folder: Path, text: str | bytes, name: str = "film.csv") -> ShotList:
    """A list that is read."""
    return read(put(folder, text, name), name)


def faults(folder: Path, text: str | bytes, name: str = "film.csv") -> tuple[Problem, ...]:
    """What is wrong with a list that is refused."""
    try:
        found = shots(folder, text, name)
    except InputError as error:
        return error.problems
    raise AssertionError(f"it was read: {found}")


def places(problems: tuple[Problem, ...]) -> list[tuple[str, int | None, int | None, str | None]]:
    """Code, row, line and column of each problem."""
    return [(problem.code, problem.row, problem.line, problem.column) for problem in problems]
