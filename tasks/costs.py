"""A project's costs by week, from its ledger."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prefect import State
from prefect.artifacts import acreate_markdown_artifact
from prefect.states import Completed

from callsheet.domain.money import text
from callsheet.report.spend_groups import Group, groups
from callsheet.report.takes_frame import attempts
from callsheet.settings.load import load
from callsheet.status.project_view import read_view
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from tasks.policy import slug


def weeks(folder: str) -> tuple[Group, ...]:
    """Every week with purchases, oldest first, by ISO 8601 in the project's time zone. Money on hold or in doubt counts in the week of its
    purchase.
    """
    project = Project(Path(folder))
    settings = load(house_root() / "configs" / "defaults.toml", project.settings_file)
    return groups(attempts(read_view(project, settings).takes, settings.timezone.value), "week")


async def published(folder: str, found: tuple[Group, ...]) -> State[dict[str, Any]]:
    """Publish the table; the flow run's last state gives the last week's total."""
    project = Project(Path(folder))
    name = load(house_root() / "configs" / "defaults.toml", project.settings_file).name
    await acreate_markdown_artifact(key=f"{slug(name)}-weeks", markdown=page(name, found), description="What this project cost by week")
    message = f"{found[-1].name}: {text(found[-1].settled)} USD" if found else "nothing has been bought yet"
    return Completed(message=message, data={week.name: text(week.settled) for week in found})


def page(name: str, found: Iterable[Group]) -> str:
    """The weeks as markdown."""
    rows = [
        f"| {week.name} | {week.attempts} | {week.received} | {text(week.settled)} | {text(week.held + week.in_doubt)} |" for week in found
    ]
    return (
        "\n".join([f"# {name}", "", "| week | attempts | received | spent, USD | held or in doubt |", "|---|---:|---:|---:|---:|", *rows])
        + "\n"
    )
