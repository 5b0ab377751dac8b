"""From a file to shots: all problems are reported at once, and every guess is noted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.fingerprint import digest
from callsheet.domain.shots.shot import Shot
from callsheet.domain.timebase import Fps
from callsheet.domain.wording import listed
from callsheet.shotlist.columns.cells import CellError
from callsheet.shotlist.columns.dates import serials
from callsheet.shotlist.files.table import Row, index_of, letter, table_of
from callsheet.shotlist.header import Field, Header, match
from callsheet.shotlist.load import bytes_of, load
from callsheet.shotlist.mapping import announced, load_mapping, mapping_file
from callsheet.shotlist.merged_cells import merged_problems
from callsheet.shotlist.no_shot import no_shot
from callsheet.shotlist.row import ORDER, Source, counted_at, shot_of, shown

#: what Excel turns ids such as 1E5 into
_MANGLED = re.compile(r"\d+(\.\d+)?E\d+")

#: problems of a workbook's single cells, which matter only where the cell is read
_OF_CELLS = frozenset({"formula", "struck-text"})


@dataclass(frozen=True, slots=True)
class ShotList:
    """A shot list as read. `file` as the user named it, `sha256` of its bytes, `notes` on guesses and omissions."""

    name: str
    file: str
    shots: tuple[Shot, ...]
    notes: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A shot list as far as it can be read: its valid rows, the problems, and the other cells of faulty rows, each with its faulty columns."""

    list: ShotList
    problems: tuple[Problem, ...] = ()
    faulty: tuple[tuple[Shot, frozenset[str]], ...] = ()


def read(path: Path, shown_as: str, fps: Fps | None = None) -> ShotList:
    """Read a shot list, by its mapping if it has one; the file's name decides its format. `shown_as` is the file's name in messages, `fps`
    the project's frame rate, for lengths in frames. InputError with every problem of the file, each with row, line, column, value and
    fix.
    """
    found = read_all(path, shown_as, fps)
    if found.problems:
        raise InputError.of(found.problems)
    return found.list


def read_all(path: Path, shown_as: str, fps: Fps | None = None) -> Reading:
    """Like `read`, but returns the problems of rows and header together with the valid rows. InputError if the file isn't a readable table."""
    data = bytes_of(path, shown_as)
    mapping = load_mapping(path)
    grid = load(path, data, shown_as, mapping)
    table = table_of(grid, mapping.header_row, shown_as)
    header = match(table.header, table.rows, mapping, file=shown_as, semicolons=table.semicolons)
    source = Source(path.stem, shown_as, path.parent, header, table.addressed, fps)
    rows, left_out = _parted(table.rows, header, mapping.leave_out)
    read_rows = [shot_of(row, source, n) for n, row in enumerate(rows, start=1)]
    of_form = [problem for problem in table.problems if problem.code not in _OF_CELLS or _counts(problem, table.rows, rows, header)]
    problems = [*of_form, *header.problems, *_duplicates(rows, read_rows, source)]
    problems += merged_problems(grid, header, shown_as) if mapping.merged is None else []
    problems += _serials(rows, source) if mapping.dates is None else []
    if not rows and not table.problems:
        message, help = "there is a header but no shot", "add a row for each shot"
        problems.append(Problem(code="empty-list", message=message, help=help, row=table.header.number))
    unread = {(problem.row, problem.cell) for problem in of_form if problem.code == "formula"}  # such a cell is not empty
    problems.extend(one for _, wrong in read_rows for one in wrong if one.code != "missing-cell" or (one.row, one.cell) not in unread)
    placed = sorted((problem.at(file=shown_as) for problem in problems), key=lambda one: (one.row or 0, ORDER.get(one.column or "", -1)))
    faulty = tuple((shot, counted_at({one.column or "" for one in wrong})) for shot, wrong in read_rows if shot and wrong)
    shots = tuple(shot for shot, wrong in read_rows if shot and not wrong)
    said = announced(mapping, mapping_file(path).name)
    notes = (*([said] if said else []), *table.notes, *header.notes, *left_out, *_doubts(shots))
    return Reading(ShotList(path.stem, shown_as, shots, notes, digest(data)), tuple(placed), faulty)


def _parted(rows: Sequence[Row], header: Header, kinds: frozenset[str]) -> tuple[list[Row], list[str]]:
    """The rows that may be shots, and a note on those that the mapping leaves out."""
    kept: list[Row] = []
    left_out: list[str] = []
    for row in rows:
        other = no_shot(row, header.names, header.texts) if kinds else None
        if other and other.kind in kinds:
            left_out.append(str(row.number))
        else:
            kept.append(row)
    return kept, [f"left out because not a shot: row{'s' if len(left_out) > 1 else ''} {listed(left_out, 20)}"] if left_out else []


def _counts(problem: Problem, every: Sequence[Row], kept: Sequence[Row], header: Header) -> bool:
    """Whether a workbook's doubtful cell is read, not in a row that is left out or an unread column."""
    row = next((row for row in every if row.number == problem.row), None)
    if row is None:
        return True
    index = index_of((problem.cell or "A").rstrip("0123456789"))
    return row in kept and any(index in field.indexes for field in header.fields)


def _duplicates(rows: Sequence[Row], shots: Sequence[tuple[Shot | None, list[Problem]]], source: Source) -> list[Problem]:
    """Ids that are used twice, regardless of case; for rows without a shot, the raw cells are compared, so that no fault hides another."""
    ids = source.header.field("shot_id")
    if ids is None:
        return []
    first: dict[str, tuple[Row, str]] = {}
    found: list[Problem] = []
    for n, (row, (shot, _)) in enumerate(zip(rows, shots, strict=True), start=1):
        text = (shot and shot.shot_id) or _id_of(row, ids, n)
        earlier, same_id = first.setdefault(text.casefold(), (row, text))
        if not text or earlier is row:
            continue
        same = "" if same_id == text else f" as {same_id!r}, which differs only in case"
        index = next(iter(ids.indexes), 0)
        found.append(
            Problem(
                code="duplicate-id",
                message=f"{shown(text)} is already used in row {earlier.number}{same}",
                help="rename it; for another clip of the same shot set takes = 2 there",
                row=row.number,
                line=row.line_of(index),
                column="shot_id",
                header=ids.header if ids.header != "shot_id" else None,
                cell=f"{letter(index)}{row.number}" if source.addressed else None,
                shot=text,
            )
        )
    return found


def _serials(rows: Sequence[Row], source: Source) -> list[Problem]:
    """Ids that are the bare number of a date, among others that are not."""
    ids = source.header.field("shot_id")
    if ids is None or len(ids.indexes) != 1:
        return []
    [index] = ids.indexes
    fix = "format the column as text and type the id again; `callsheet import` asks if it is meant that way"
    return [
        Problem(
            code="spreadsheet-date",
            message=f"{rows[at].cells[index]!r} is the number of a date, which spreadsheets make from ids such as 3-1",
            help=fix,
            row=rows[at].number,
            line=rows[at].line_of(index),
            column="shot_id",
            header=ids.header if ids.header != "shot_id" else None,
            cell=f"{letter(index)}{rows[at].number}" if source.addressed else None,
        )
        for at in serials([row.cells[index] for row in rows])
    ]


def _id_of(row: Row, ids: Field, n: int) -> str:
    """A row's id as written or composed; "" if there is none."""
    try:
        return ids.value(row.cells, n, None)
    except CellError:
        return row.cells[ids.indexes[0]] if len(ids.indexes) == 1 else ""


def _doubts(shots: Sequence[Shot]) -> list[str]:
    """Valid ids that look like a spreadsheet's work, and sequences that differ only in case."""
    mangled = (shot for shot in shots if _MANGLED.fullmatch(shot.shot_id))
    notes = [f"row {shot.origin.row}: Excel may have changed the shot id {shot.shot_id}" for shot in mangled]
    if len(shots) > 1 and all(re.fullmatch(r"\d+\.0", shot.shot_id) for shot in shots):
        notes.append("every shot id ends in .0: a program may have made decimals of whole numbers")
    first: dict[str, str] = {}
    pairs = {(first.setdefault(shot.sequence.casefold(), shot.sequence), shot.sequence) for shot in shots}
    return notes + [f"{one} and {other} differ only in case, and count as two sequences" for one, other in sorted(pairs) if one != other]
