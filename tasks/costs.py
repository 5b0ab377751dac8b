"""A project's costs by week, from its ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from prefect import State
from prefect.artifacts import acreate_markdown_artifact
from prefect.states import Completed

from callsheet.domain.money import Micros, text
from callsheet.report.spend_groups import Group, groups
from callsheet.settings.load import load
from callsheet.status.project_view import read_view
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from tasks.policy import slug


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a year by ISO 8601, in the project's time zone; sums in micro-USD."""

    name: str
    attempts: int
    received: int
    settled: Micros
    open: Micros


def weeks(folder: str) -> tuple[Week, ...]:
    """Every week in which something was bought, oldest first. What is held or in doubt still counts as open in the week of its purchase."""
    project = Project(Path(folder))
    settings = load(house_root() / "configs" / "defaults.toml", project.settings_file)
    days = groups(read_view(project, settings).takes, "day", settings.timezone.value)
    found: list[Week] = []
    for name, group in groupby(days, _name):
        week = tuple(group)
        found.append(
            Week(
                name=name,
                attempts=sum(day.attempts for day in week),
                received=sum(day.received for day in week),
                settled=sum(day.settled for day in week),
                open=sum(day.held + day.in_doubt for day in week),
            )
        )
    return tuple(found)


async def published(folder: str, found: tuple[Week, ...]) -> State[dict[str, Any]]:
    """Publish the table; the flow run's last state says the last week's sum."""
    project = Project(Path(folder))
    name = load(house_root() / "configs" / "defaults.toml", project.settings_file).name
    await acreate_markdown_artifact(key=f"{slug(name)}-weeks", markdown=page(name, found), description="What this project cost by week")
    message = f"{found[-1].name}: {text(found[-1].settled)} USD" if found else "nothing was bought yet"
    return Completed(message=message, data={week.name: text(week.settled) for week in found})


def page(name: str, found: Iterable[Week]) -> str:
    """The weeks as markdown."""
    rows = [f"| {week.name} | {week.attempts} | {week.received} | {text(week.settled)} | {text(week.open)} |" for week in found]
    return (
        "\n".join([f"# {name}", "", "| week | attempts | received | spent, USD | held or in doubt |", "|---|---:|---:|---:|---:|", *rows])
        + "\n"
    )


def _name(day: Group) -> str:
    year, week, _ = date.fromisoformat(day.name).isocalendar()
    return f"{year}-W{week:02}"
