"""A list that lies in the folder of another project, which has bought its takes: whoever types a command in the wrong folder pays for none of them again.

A project doesn't know what another one bought. A list that is shared on purpose is copied, or its first takes are bought here before they are bought there.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path

from callsheet.budget import on_demand
from callsheet.budget.project_ledger import open_existing
from callsheet.domain.attempt import State
from callsheet.domain.errors import Problem
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted
from callsheet.settings.values import Settings
from callsheet.store.project_folder import Project

BOUGHT_ELSEWHERE = "bought_elsewhere"


def bought_elsewhere(project: Project, settings: Settings, file: Path, list: str, accounts: Collection[str]) -> Problem | None:
    """Why this project may not buy a list's takes; None if it may. `accounts` are those that it would buy from. Creates nothing."""
    homes = ((home, _bought(home, settings, list, accounts)) for home in _projects_above(project, file))
    home, count = next((found for found in homes if found[1]), (project, 0))
    if not count or _bought(project, settings, list, accounts):
        return None
    takes = counted(count, "take")
    command = typed("render", home.relative(file), "-C", home.folder)
    return Problem(
        code=BOUGHT_ELSEWHERE,
        message=f"{project.relative(file)} is a list of the project in {home.folder}, which has bought {takes} of it that this folder's project would buy again",
        help=f"work there: `{command}`; or copy the list into this folder to buy it here as well",
    )


def _projects_above(project: Project, file: Path) -> list[Project]:
    """The other projects in whose folders the list lies, the nearest first: none if this project is the nearest."""
    found: list[Project] = []
    for folder in file.parents:
        if folder == project.folder.resolve():
            break
        with suppress(PermissionError):  # a folder that this user may not look into is not where the list was rendered from
            if (other := Project(folder)).exists:
                found.append(other)
    return found


def _bought(project: Project, settings: Settings, list: str, accounts: Collection[str]) -> int:
    """How many takes of a list a project has, or has paid for and is waiting for."""
    ledger = open_existing(project, settings)
    if ledger is None:
        return 0
    with closing(ledger):
        attempts = on_demand.read.attempts(ledger, project.known_id, list=list)
    return len({attempt.take for attempt in attempts if attempt.account in accounts and attempt.state is not State.CLOSED})
