"""`callsheet doctor`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from callsheet.budget import ledger_identity
from callsheet.cli.commands.begin.doctor_checks import Mark, machine_checks, project_checks
from callsheet.cli.options import HERE, Common, Flag
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.documents import Doctor
from callsheet.domain.errors import Exit, Problem, UsageError
from callsheet.store.project_folder import Project

_GLYPHS = {Mark.FINE: "✓", Mark.NOTE: "-", Mark.WARN: "!", Mark.FAIL: "✕"}


def doctor(
    *,
    deep: Annotated[bool, Flag, Parameter(help="Read every clip again and compare it with its hash.")] = False,
    notify: Annotated[bool, Flag, Parameter(help="Send a test message to each address for notifications.")] = False,
    accept_ledger: Annotated[
        bool,
        Flag,
        Parameter(
            help="Accept the ledger found here as this project's own. If there is none, the next run creates an empty one and doesn't know what was bought before."
        ),
    ] = False,
    accept_copy: Annotated[bool, Flag, Parameter(help="Turn this copied folder into a project of its own.")] = False,
    common: Common = HERE,
) -> Answer:
    """Check everything and report what is wrong. Only the --accept options change something: they record what only a person can know."""
    project = common.project
    accepted: list[str] = []
    if accept_ledger or accept_copy:
        settings = common.settings
        if not project.exists and (accept_copy or not ledger_identity.identity_problems(project, settings)):
            raise UsageError("nothing has been bought here yet, so there is nothing to accept", help="name the project folder with -C")
        if accept_copy:
            accepted.append(ledger_identity.adopt_folder(project, settings))
        if accept_ledger:
            accepted.append(ledger_identity.accept_ledger(Project(project.folder), settings))
    checks = [*machine_checks(common.project), *project_checks(common.project, deep=deep, send=notify)]
    bad = tuple(
        Problem(code="doctor", message=f"{check.name}: {check.says}", help=check.help) for check in checks if check.mark is Mark.FAIL
    )
    document: Doctor = {
        "schema": "callsheet.doctor/1",
        "accepted": accepted,
        "checks": [{"name": check.name, "mark": check.mark.value, "says": check.says, "help": check.help} for check in checks],
    }
    lines = [f" {_GLYPHS[check.mark]} {check.name:<10} {check.says}" + (f"  -> {check.help}" if check.help else "") for check in checks]
    return Answer(document=document, lines=[*accepted, *lines], exit=Exit.SETUP if bad else Exit.DONE, problems=bad)
