"""A plan with the cut length given on the command line. Pure."""

from __future__ import annotations

from dataclasses import replace

from callsheet.domain.errors import UsageError
from callsheet.planning.cut_lengths import frames_of, wanted_by
from callsheet.planning.plan import Plan


def with_length(plan: Plan, length: str | None) -> Plan:
    """The plan with the length given on the command line instead of project.toml's. UsageError if it isn't a length."""
    if length is None or not plan.cuts:
        return plan
    fps = plan.cuts[0].fps
    wanted = wanted_by(length, [cut.sequence for cut in plan.cuts])
    try:
        due = {name: frames_of(text, fps) for name, text in wanted.items()}
    except ValueError as error:
        raise UsageError(f"--length: {error}", help="write seconds, frames or timecode") from None
    return replace(plan, cuts=tuple(replace(cut, wanted=due.get(cut.sequence, cut.wanted)) for cut in plan.cuts))
