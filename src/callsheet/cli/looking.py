"""What `status`, `costs` and `report` look at: the project, its settings, and the list where one is named."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callsheet.cli.options import Common
from callsheet.engine.order import Order
from callsheet.engine.prepare import Prepared, prepare
from callsheet.engine.view import View, look
from callsheet.project import Project, house_root
from callsheet.report.standing import standing
from callsheet.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Looked:
    """A project and how it stands; `prepared` where a list was named."""

    project: Project
    settings: Settings
    view: View
    prepared: Prepared | None = None


def looked(common: Common, list: str | None) -> Looked:
    """Look at the project, and with a list at that list's takes only. Takes no lock and writes nothing."""
    project = common.project
    if list is None:
        settings = load(house_root(project.folder) / "configs" / "defaults.toml", project.settings_file)
        return Looked(project, settings, look(project, settings))
    return at_list(prepare(Order(folder=project.folder, list=list, buy=False)))


def at_list(prepared: Prepared) -> Looked:
    """A prepared list as it stands."""
    takes = standing(prepared.plan, prepared.view.takes, prepared.project)
    return Looked(prepared.project, prepared.settings, replace(prepared.view, takes=takes), prepared)
