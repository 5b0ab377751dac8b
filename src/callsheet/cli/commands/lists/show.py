"""`callsheet show`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents import Show, Value
from callsheet.cli.output.errors import problem_lines
from callsheet.cli.output.table import Column, table, width
from callsheet.domain.errors import CallsheetError, Exit, UsageError
from callsheet.domain.money import text
from callsheet.domain.run_request import RunRequest
from callsheet.domain.shots.list_file import by_list
from callsheet.domain.shots.shot import row_of
from callsheet.domain.take import TakeName
from callsheet.domain.typed import typed
from callsheet.domain.wording import did_you_mean
from callsheet.planning.plan import PlannedTake
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.pricing.priced import Priced
from callsheet.report.purchase_request import purchase_request
from callsheet.report.shot_values import ShotValue, shot_values
from callsheet.shotlist.cell_places import cell_places
from callsheet.shotlist.read import read_all
from callsheet.store.project_folder import Project

_COLUMNS = (Column("column"), Column("value", elastic=True), Column("from", elastic=True), Column("at the model", elastic=True))


def show(
    shot: Annotated[
        str,
        Parameter(
            name="SHOT",
            help="A shot (S0010), a shot in another shape (S0010@9x16), a shot of a certain list (LIST:S0010) or a take (S0010.t2).",
        ),
    ],
    /,
    *,
    common: Common = HERE,
) -> Answer:
    """Everything about one shot: each value and its origin, the prompt, and the request that would buy each take."""
    project = common.project
    name = _name(shot)
    prepared = prepare(RunRequest(folder=project.folder, list=_list_of(project, name, shot), buy=False))
    found = _shown(prepared, name, shot)
    document = _document(found)
    wrong = found.item.problems
    return Answer(
        document=document,
        lines=_lines(found, width()),
        exit=Exit.INPUT if wrong else Exit.DONE,
        problems=wrong,
        notes=problem_lines(wrong),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A shot with its values and its takes, each with the request that would buy it."""

    item: Priced
    values: tuple[ShotValue, ...]
    takes: tuple[tuple[PlannedTake, dict[str, object] | None], ...]


def _name(shot: str) -> TakeName:
    try:
        return TakeName.parse(shot)
    except ValueError as error:
        raise UsageError(str(error), help="write S0010, S0010@9x16, S0010.t2 or LIST:S0010") from None


def _list_of(project: Project, name: TakeName, typed_as: str) -> str:
    """The file of the one list that has the shot. UsageError if no list or several have it."""
    lists = by_list(project.tables())
    wanted = {list: files for list, files in lists.items() if name.list in (None, list, *files)}
    if not wanted:
        known = ", ".join(lists) or "none"
        raise UsageError(f"there is no list {name.list} in this folder", help=did_you_mean(name.list or "", lists, f"here are: {known}"))
    having: dict[str, str] = {}
    shots: list[str] = []
    for list, files in wanted.items():
        try:
            reading = read_all(project.folder / files[0], files[0])
        except CallsheetError:
            if name.list is not None:
                raise
            continue  # another table; a list with errors reports them when it is named
        ids = [shot.shot_id for shot in (*reading.list.shots, *(shot for shot, _ in reading.faulty))]
        shots += ids
        if row_of(name.shot) in ids:
            having[list] = files[0]
    if len(having) > 1:
        choices = " or ".join(f"{list}:{name.shot}" for list in having)
        raise UsageError(f"{typed_as} is in {' and '.join(having)}", help=f"write {choices}")
    if not having:
        raise UsageError(
            f"no shot {row_of(name.shot)} in {' or '.join(wanted)}",
            help=did_you_mean(name.shot, shots, "`callsheet check` reads a list"),
        )
    return next(iter(having.values()))


def _shown(prepared: Prepared, name: TakeName, typed_as: str) -> _Shown:
    """The shot and everything to show about it. UsageError if its row has no such shape or take."""
    rows = [item for row in prepared.priced if row.shot.shot_id == row_of(name.shot) for item in row.in_each_shape]
    item = next((item for item in rows if item.shot.shot_id == name.shot), None)
    if item is None:
        raise UsageError(
            f"{row_of(name.shot)} is not bought as {name.shot}", help=f"it has {', '.join(item.shot.shot_id for item in rows)}"
        )
    takes = [take for take in prepared.plan.takes if take.take.shot == name.shot]
    chosen = [take for take in takes if name.n in (None, take.take.n)]
    if not chosen and name.n is not None:
        raise UsageError(f"no take {typed_as}", help=f"it has {', '.join(str(take.take) for take in takes) or 'none'}")
    file = item.shot.origin.file
    places = cell_places(prepared.project.folder / file, file, item.shot.origin.row)
    values = shot_values(item, prepared, places)
    return _Shown(item, values, tuple((take, purchase_request(take.priced, prepared)) for take in chosen))


def _document(found: _Shown) -> Show:
    shot = found.item.shot
    return {
        "schema": schema("show"),
        "list": shot.list,
        "file": shot.origin.file,
        "row": shot.origin.row,
        "line": shot.origin.line,
        "shot": shot.shot_id,
        "model": found.item.model or None,
        "values": [_value(value) for value in found.values],
        "prompt": shot.prompt,
        "takes": [
            {
                "take": str(take.take),
                "model": take.model or None,
                "action": take.action.value,
                "reason": take.reason,
                "price": text(take.price),
                "price_anew": text(take.again),
                "request": request,
            }
            for take, request in found.takes
        ],
    }


def _value(value: ShotValue) -> Value:
    return {
        "column": value.column,
        "value": value.value,
        "from": {"layer": value.layer, "where": value.where, "written": value.written},
        "granted": value.granted,
        "why": value.why or None,
    }


def _lines(found: _Shown, within: int) -> list[str]:
    shot = found.item.shot
    rows = [
        [value.column, value.value or "", value.where, ": ".join(part for part in (value.granted, value.why) if part)]
        for value in found.values
        if value.value or value.granted
    ]
    empty = [value.column for value in found.values if not (value.value or value.granted)]
    return [
        f"{shot.shot_id}  {shot.origin.file} row {shot.origin.row}",
        "",
        *(f"  {line}" for line in table(_COLUMNS, rows, within - 2)),
        *([f"  empty: {', '.join(empty)}"] if empty else []),
        "",
        "  prompt:",
        *(f"    {line}" for line in shot.prompt.split("\n")),
        *_take_lines(found.takes),
        "",
        f"  All of it for scripts: {typed('show', f'{shot.list}:{shot.shot_id}', '--json')}",
    ]


def _take_lines(takes: Sequence[tuple[PlannedTake, dict[str, Any] | None]]) -> list[str]:
    """Each take with what the next render does; takes that are alike share the request below them."""
    lines: list[str] = []
    for place, (take, request) in enumerate(takes):
        before, following = (takes[at][1] if 0 <= at < len(takes) else None for at in (place - 1, place + 1))
        lines += [] if place and request == before else [""]
        lines.append(f"  {take.take}: {take.action.value}{f', {text(take.price)} USD' if take.price else ''}. {take.reason}")
        if request is None or request == following:
            continue
        body = request["body"]
        lines += [
            f"    {request['method']} {request['url']}",
            *(f"    {name}: {value}" for name, value in request["headers"].items()),
            "",
            *(f"    {line}" for line in (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2)).splitlines()),
        ]
    return lines
