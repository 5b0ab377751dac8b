"""`callsheet doctor`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.answer import Answer
from callsheet.cli.examine import Check, Mark, machine
from callsheet.cli.examine import project as examine_project
from callsheet.cli.options import HERE, Common, Flag
from callsheet.domain.errors import Exit, Problem

_GLYPHS = {Mark.FINE: "✓", Mark.NOTE: "-", Mark.WARN: "!", Mark.FAIL: "✕"}


def doctor(
    *,
    deep: Annotated[bool, Flag, Parameter(help="Read every clip again and compare it with its hash.")] = False,
    common: Common = HERE,
) -> Answer:
    """Look at everything and say what is not as it must be."""
    checks = [*machine(common.project), *examine_project(common.project, deep=deep)]
    bad = tuple(
        Problem(code="doctor", message=f"{check.name}: {check.says}", help=check.help) for check in checks if check.mark is Mark.FAIL
    )
    document = {
        "schema": "callsheet.doctor/1",
        "checks": [{"name": check.name, "mark": check.mark.value, "says": check.says, "help": check.help} for check in checks],
    }
    return Answer(document=document, lines=[_line(check) for check in checks], exit=Exit.PLACE if bad else Exit.DONE, problems=bad)


def _line(check: Check) -> str:
    return f" {_GLYPHS[check.mark]} {check.name:<10} {check.says}" + (f"  -> {check.help}" if check.help else "")
