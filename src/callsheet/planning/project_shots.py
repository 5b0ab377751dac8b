"""Completes a list's shots from project.toml: further shapes, and the shorter cuts of its tables. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from callsheet.domain.errors import Problem
from callsheet.domain.shots.shot import InCut, Shape, Shot, Status
from callsheet.domain.wording import did_you_mean
from callsheet.settings.values import CutTable, Settings
from callsheet.shotlist.columns.cells import CellError
from callsheet.shotlist.columns.cuts_cell import in_cuts


def completed(shots: Sequence[Shot], settings: Settings, *, all_named: bool = True) -> tuple[tuple[Shot, ...], list[Problem]]:
    """The shots with the project's additions, and all problems with those. Without `all_named`, some rows' names can't be read, so a name
    that isn't found is no error.
    """
    problems: list[Problem] = []
    parts: dict[str, list[InCut]] = {}
    for table in settings.cuts:
        for shot, part in _parts(table, shots, problems, all_named=all_named):
            if part.cut.casefold() in {other.cut.casefold() for other in (*shot.cuts, *parts.get(shot.shot_id, ()))}:
                help = "name it in one place"
                problems.append(
                    _wrong(table, f"{shot.shot_id} is already in the cut {part.cut}, through its row's cuts or a second mention here", help)
                )
            else:
                parts.setdefault(shot.shot_id, []).append(part)
    return tuple(_whole(shot, _also(shot, settings), parts.get(shot.shot_id, [])) for shot in shots), problems


def _whole(shot: Shot, also: tuple[Shape, ...] | None, parts: Sequence[InCut]) -> Shot:
    """The shot with its shapes and parts; the same object if the project adds none, as for most rows of a long list."""
    return replace(shot, also=also, cuts=(*shot.cuts, *parts)) if parts or also != shot.also else shot


def cut_notes(shots: Sequence[Shot], settings: Settings) -> list[str]:
    """Tables for another list."""
    return [f"{table.origin} names no shot of this list" for table in settings.cuts if not _of(table, shots)]


def _also(shot: Shot, settings: Settings) -> tuple[Shape, ...] | None:
    if shot.also is not None or "also" in shot.cleared:
        return shot.also or ()
    project = settings.also.value if settings.also else None
    return settings.also_of.get(shot.sequence, project)


def _of(table: CutTable, shots: Sequence[Shot]) -> list[Shot]:
    """The shots that a table may name; none if it is for another list."""
    mine = [shot for shot in shots if table.sequence in (None, shot.sequence)]
    named = {_name(text) for text in table.shots}
    return mine if table.sequence is not None or any(shot.shot_id in named for shot in mine) else []


def _parts(table: CutTable, shots: Sequence[Shot], problems: list[Problem], *, all_named: bool) -> Iterator[tuple[Shot, InCut]]:
    """Each shot that a table names, with its part in the cut."""
    mine = _of(table, shots)
    rows = {shot.shot_id: (place, shot) for place, shot in enumerate(mine)}
    last = -1
    for text in table.shots if mine else ():
        name = _name(text)
        found = rows.get(name)
        if found is None and not all_named:
            continue
        if found is None or found[1].status is Status.OMIT:
            why = f"no shot {name!r}" if found is None else f"{name} has status = omit"
            where = f" in {table.sequence}" if table.sequence and found is None else ""
            problems.append(_wrong(table, why + where, did_you_mean(name, rows, "name shots of the list")))
            continue
        place, shot = found
        if place < last:
            help = "a shorter cut keeps the list's order; for another order, write another list, which reuses the clips"
            problems.append(_wrong(table, f"{name} comes after a shot that follows it in the list", help))
        last = max(last, place)
        try:
            [part] = in_cuts(table.name + text.strip().removeprefix(name))
        except (CellError, ValueError) as error:
            why = error.why if isinstance(error, CellError) else "is not a shot of a cut"
            problems.append(_wrong(table, f"{text!r} {why}", 'write "S0010", "S0010=1.5" or "S0010=1.5@0.5"'))
            continue
        yield shot, part


def _name(text: str) -> str:
    return text.partition("=")[0].partition("@")[0].strip()


def _wrong(table: CutTable, why: str, help: str) -> Problem:
    return Problem(code="cut-table", message=f"{table.origin}: {why}", help=help, file=table.origin.split()[0], column=f"cuts.{table.name}")
