"""What `status`, `costs` and `report` look at: the project, its settings, and the lists in its folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from callsheet.cli.options import Common
from callsheet.domain.errors import CallsheetError
from callsheet.domain.run_request import Order
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.report.take_standing import standing
from callsheet.settings.load import load
from callsheet.settings.values import Settings
from callsheet.status.project_view import TakeView, View, look
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project


@dataclass(frozen=True, slots=True)
class Looked:
    """A project and how it stands; `prepared` where a list was named, `lists` all that were read, `notes` what is said of those that can't be."""

    project: Project
    settings: Settings
    view: View
    prepared: Prepared | None = None
    lists: tuple[Prepared, ...] = ()
    notes: tuple[str, ...] = ()


def looked(common: Common, list: str | None) -> Looked:
    """Look at the project, and with a list at that list's takes only. Takes no lock and writes nothing."""
    if list is not None:
        return at_list(prepare(Order(folder=common.project.folder, list=list, buy=False), _view(common.project, Path(list).stem)[1]))
    found = _read(common, of_ledger=True)
    known = {take.take for take in found.view.takes}
    takes = tuple(take for take in _stand(found) if take.take in known)
    return replace(found, view=replace(found.view, takes=takes))


def everything(common: Common) -> Looked:
    """As `looked`, with every take of every list in the folder: those that were never bought, and those that keep another shot's clip."""
    found = _read(common, of_ledger=False)
    return replace(found, view=replace(found.view, takes=_stand(found)))


def at_list(prepared: Prepared) -> Looked:
    """A prepared list as it stands."""
    takes = standing(prepared.plan, prepared.view.takes, prepared.project)
    return Looked(prepared.project, prepared.settings, replace(prepared.view, takes=takes), prepared, (prepared,))


def _read(common: Common, *, of_ledger: bool) -> Looked:
    """The project and its lists as they read today: those that something was bought for, or every file in the folder that is a list."""
    project = common.project
    settings, view = _view(project)
    known = {take.take.list for take in view.takes}
    lists: list[Prepared] = []
    notes: list[str] = []
    for file in _files(project):
        if of_ledger and file.rpartition(".")[0] not in known:
            continue
        try:
            lists.append(prepare(Order(folder=project.folder, list=file, buy=False), view))
        except CallsheetError as error:  # another table, or a list that has to be corrected first
            notes += (
                [f"{file} can't be read as a list ({error.message}): what its rows want today is not known"]
                if file.rpartition(".")[0] in known
                else []
            )
    return Looked(project, settings, view, lists=tuple(lists), notes=tuple(notes))


def _view(project: Project, list: str | None = None) -> tuple[Settings, View]:
    settings = load(house_root(project.folder) / "configs" / "defaults.toml", project.settings_file)
    return settings, look(project, settings, list=list)


def _files(project: Project) -> list[str]:
    return sorted(path.name for pattern in ("*.csv", "*.parquet") for path in project.folder.glob(pattern))


def _stand(found: Looked) -> tuple[TakeView, ...]:
    """Every take as the lists and the book have it; those of lists that aren't here as the book alone has them."""
    here = {take.take: take for prepared in found.lists for take in standing(prepared.plan, found.view.takes, found.project)}
    return tuple(here.get(take, view) for take, view in sorted({**{view.take: view for view in found.view.takes}, **here}.items()))
