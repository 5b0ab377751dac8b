"""What `status`, `costs` and `report` show: the project, its settings, and the lists in its folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from callsheet.cli.options import Common
from callsheet.domain.errors import CallsheetError
from callsheet.domain.run_request import RunRequest
from callsheet.domain.shots.list_file import by_list
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.report.status_sheet import NAMES
from callsheet.report.take_standing import standing
from callsheet.settings.values import Settings
from callsheet.shotlist.columns.columns import OWN_PREFIX
from callsheet.status.project_view import View, read_view
from callsheet.store.project_folder import Project

Rows = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class ProjectState:
    """A project and its state; `prepared` if a list was named, `lists` all lists that were read, `notes` the ones that can't be."""

    project: Project
    settings: Settings
    view: View
    prepared: Prepared | None = None
    lists: tuple[Prepared, ...] = ()
    notes: tuple[str, ...] = ()


def bought_takes(common: Common, list: str | None) -> ProjectState:
    """The project with the takes for which something was bought; a named list with all its takes. Takes no lock and writes nothing."""
    return list_of(common, list) if list is not None else _read(common, bought_only=True)


def list_of(common: Common, list: str) -> ProjectState:
    """One list with all its takes. Takes no lock and writes nothing."""
    view = read_view(common.project, common.settings, list=Path(list).stem)
    return list_state(prepare(RunRequest(folder=common.project.folder, list=list, buy=False), view))


def all_takes(common: Common) -> ProjectState:
    """The project with every take of every list in the folder, including those that were never bought and those that use another shot's
    clip.
    """
    return _read(common, bought_only=False)


def list_state(prepared: Prepared) -> ProjectState:
    """The state of a prepared list."""
    takes = standing(prepared.plan, prepared.view.takes, prepared.project)
    return ProjectState(prepared.project, prepared.settings, replace(prepared.view, takes=takes), prepared, (prepared,))


def _read(common: Common, *, bought_only: bool) -> ProjectState:
    """The project and its lists as they read today, each take as list and ledger have it; takes of lists that aren't in the folder as only
    the ledger has them.
    """
    project, settings = common.project, common.settings
    view = read_view(project, settings)
    bought_lists = {take.take.list for take in view.takes}
    lists: list[Prepared] = []
    notes: list[str] = []
    read: dict[Rows, str] = {}
    found = by_list(project.tables())
    for name in sorted(found, key=lambda name: (name not in bought_lists, name)):
        files = found[name]
        if bought_only and name not in bought_lists:
            continue
        if len(files) > 1:
            notes.append(f"{' and '.join(files)} are both the list {name}: {files[0]} is used; rename or move the other")
        try:
            prepared = prepare(RunRequest(folder=project.folder, list=files[0], buy=False), view)
        except CallsheetError as error:  # another table, or a list with errors
            if name in bought_lists:
                notes.append(f"{files[0]} can't be read as a list ({error.message}), so its current rows are unknown")
            continue
        original = read.setdefault(_rows(prepared), files[0])
        if original != files[0] and name not in bought_lists and _carries_standing(prepared):
            notes.append(f"{files[0]} is a copy of {original} with status columns; it is left out")
        else:
            lists.append(prepared)
    takes = bought = {take.take: take for take in view.takes}
    for prepared in lists:
        takes = takes | {take.take: take for take in standing(prepared.plan, view.takes, project)}
    shown = tuple(take for name, take in sorted(takes.items()) if name in bought or not bought_only)
    return ProjectState(project, settings, replace(view, takes=shown), lists=tuple(lists), notes=tuple(notes))


def _rows(prepared: Prepared) -> Rows:
    """What the author filled in each row, without the columns that callsheet ignores."""
    shots = prepared.shots.shots if prepared.shots else ()
    return tuple(tuple(cell for cell in shot.cells if not cell[0].startswith(OWN_PREFIX)) for shot in shots)


def _carries_standing(prepared: Prepared) -> bool:
    """Whether each row has the columns that `report --sheet` writes into a copy."""
    shots = prepared.shots.shots if prepared.shots else ()
    return all(NAMES[0] in dict(shot.cells) for shot in shots)
