"""From a file to shots: all that is wrong is reported at once, and nothing that was guessed is kept silent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.fingerprint import digest
from callsheet.domain.shot import Shot
from callsheet.shotlist import parquet, sheet
from callsheet.shotlist.header import Header, match
from callsheet.shotlist.mapping import encoding_of
from callsheet.shotlist.row import ORDER, Source, shot_of, shown
from callsheet.shotlist.table import Row, Table

#: what Excel makes of ids such as 1E5, Mar-01 and 3-4
_MANGLED = re.compile(r"\d+(\.\d+)?E\d+|[A-Z][a-z]{2}-\d{1,2}|\d{1,2}-[A-Z][a-z]{2}")


@dataclass(frozen=True, slots=True)
class ShotList:
    """A shot list as read. `file` as the user named it, `sha256` of its bytes, `notes` what was guessed or left out."""

    name: str
    file: str
    shots: tuple[Shot, ...]
    notes: tuple[str, ...]
    sha256: str


def read(path: Path, shown_as: str) -> ShotList:
    """Read a shot list: Parquet where the file is named .parquet, else CSV.

    `shown_as` is the file's name in messages. InputError with every problem of the file, each with row, line, column, what was read and the fix.
    """
    data = _bytes(path, shown_as)
    parted = path.suffix.lower() == ".parquet"
    table = parquet.load(data, shown_as) if parted else sheet.load(data, shown_as, encoding_of(path))
    header = match(table.header)
    rows = [shot_of(row, Source(path.stem, shown_as, path.parent, header)) for row in table.rows]
    problems = [*table.problems, *header.problems, *_duplicates(table, header)]
    if not table.rows and not table.problems:
        message, help = "there is a header and no shot", "add a row for each shot"
        problems.append(Problem(code="empty-list", message=message, help=help, row=table.header.number))
    problems.extend(problem for _, wrong in rows for problem in wrong)
    if problems:
        placed = (problem.at(file=shown_as) for problem in problems)
        raise InputError.of(sorted(placed, key=lambda problem: (problem.row or 0, ORDER.get(problem.column or "", -1))))
    shots = tuple(shot for shot, _ in rows if shot)
    notes = (*table.notes, *header.notes, *_doubts(shots))
    return ShotList(path.stem, shown_as, shots, notes, digest(data))


def _bytes(path: Path, shown_as: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{shown_as} can't be read: {error.strerror}", help="give the path of a .csv or .parquet file") from None


def _duplicates(table: Table, header: Header) -> list[Problem]:
    """Ids used twice, whatever the case; found in the raw cells, so that another fault in a row hides none."""
    index = next((index for index, column in enumerate(header.columns) if column and column.name == "shot_id"), None)
    if index is None:
        return []
    first: dict[str, Row] = {}
    found: list[Problem] = []
    for row in table.rows:
        text = row.cells[index]
        earlier = first.setdefault(text.casefold(), row)
        if not text or earlier is row:
            continue
        same = "" if earlier.cells[index] == text else f" as {earlier.cells[index]!r}, the same letters in another case"
        found.append(
            Problem(
                code="duplicate-id",
                message=f"{shown(text)} is already used in row {earlier.number}{same}",
                help="rename it; for another clip of the same shot set takes = 2 there",
                row=row.number,
                line=row.line_of(index),
                column="shot_id",
                shot=text,
            )
        )
    return found


def _doubts(shots: Sequence[Shot]) -> list[str]:
    """Ids that are legal and yet look like a spreadsheet's work, and sequences that only their case tells apart."""
    mangled = (shot for shot in shots if _MANGLED.fullmatch(shot.shot_id))
    notes = [f"row {shot.origin.row}: Excel may have changed the shot id {shot.shot_id}" for shot in mangled]
    first: dict[str, str] = {}
    pairs = {(first.setdefault(shot.sequence.casefold(), shot.sequence), shot.sequence) for shot in shots}
    return notes + [f"{one} and {other} differ only in case and are two sequences" for one, other in sorted(pairs) if one != other]
