"""`callsheet hold`, `cancel`, `pause` and `resume`: what may be bought now. A run that is under way notices within a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.choosing import candidates, some
from callsheet.cli.options import ANY, HERE, Choosing, ChosenTakes, Common, Flag
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents_decisions import HeldTakes, Paused
from callsheet.cli.output.next_render import cut_lines, of_shots, shots_in_cut, take_lines, take_parts
from callsheet.cli.pausing import record_control, set_paused
from callsheet.cli.project_state import all_takes
from callsheet.domain.errors import UsageError
from callsheet.domain.run_control import ControlKind, Controls
from callsheet.domain.take import TakeId
from callsheet.domain.typed import typed
from callsheet.status.run_controls import controls
from callsheet.status.run_mark import running

_MEANS = {
    ControlKind.HOLD: "is held back: it is not bought until you undo this; what is under way is still collected",
    ControlKind.CANCEL: "is cancelled: it is not bought until you undo this; its job is stopped if the service can, otherwise collected",
    ControlKind.RELEASE: "may be bought again",
}

_MayBeBought = Annotated[bool, Flag, Parameter(name="--undo", help="Allow callsheet to buy the takes again.")]


def hold(
    *takes: ChosenTakes,
    undo: _MayBeBought = False,
    choosing: Choosing = ANY,
    common: Common = HERE,
) -> Answer:
    """Don't buy takes for now."""
    return _control(common, "hold", takes, choosing, ControlKind.RELEASE if undo else ControlKind.HOLD)


def cancel(
    *takes: ChosenTakes,
    undo: _MayBeBought = False,
    choosing: Choosing = ANY,
    common: Common = HERE,
) -> Answer:
    """Call takes off."""
    return _control(common, "cancel", takes, choosing, ControlKind.RELEASE if undo else ControlKind.CANCEL)


def pause(common: Common = HERE) -> Answer:
    """Buy nothing new."""
    project = common.project
    new = set_paused(project, paused=True)
    run = running(project)
    lines = [
        "paused: nothing new is bought, what is under way is collected" if new else "was paused before",
        *([f"run {run} notices within a second"] if run and new else []),
        f"next: {typed('resume')}",
    ]
    return Answer(document=_paused("pause", controls(project), run, new=new), lines=lines)


def resume(common: Common = HERE) -> Answer:
    """Buy again."""
    project = common.project
    new = set_paused(project, paused=False)
    run = running(project)
    follow = f"next: {typed('attach')}" if run else "no run is under way; render the list to continue"
    lines = ["no longer paused: takes may be bought" if new else "was not paused", follow]
    return Answer(document=_paused("resume", controls(project), run, new=new), lines=lines)


def _control(common: Common, command: str, words: Sequence[str], choosing: Choosing, kind: ControlKind) -> Answer:
    conditions = choosing.conditions
    if not words and not conditions.given:
        raise UsageError(f"{command} what?", help=f"name takes, or write `{typed(command, '*')}` for all of them")
    before = all_takes(common)
    chosen = [one.take for one in some(words, conditions, candidates(before))]
    fresh = _fresh(before.view.marks.controls, chosen, kind)
    if kind is ControlKind.RELEASE and not fresh:
        raise UsageError(f"{chosen[0]} is not held back", help="nothing has to be undone; `callsheet status` shows every take")
    if fresh:
        record_control(common.project, kind, fresh)
    after, run = all_takes(common), running(common.project)
    shots = {(take.list, take.shot) for take in chosen}
    following, shown = [take for take in of_shots(after.lists, shots) if take.take in chosen], shots_in_cut(after.lists, shots)
    document: HeldTakes = {
        "schema": schema(command),
        "control": "release" if kind is ControlKind.RELEASE else "hold" if kind is ControlKind.HOLD else "cancel",
        "named": [take.full for take in chosen],
        "new": [take.full for take in fresh],
        "takes": take_parts(following),
        "cut": shown,
        "run": run,
    }
    lines = [
        *(f"{take} {_MEANS[kind]}" if take in fresh else f"{take} was so before" for take in chosen),
        *([f"run {run} notices within a second"] if run and fresh else []),
        *take_lines(following),
        *cut_lines(shown),
    ]
    return Answer(document=document, lines=lines)


def _fresh(now: Controls, chosen: Sequence[TakeId], kind: ControlKind) -> tuple[TakeId, ...]:
    """The chosen takes that it is new for."""
    if kind is ControlKind.RELEASE:
        return tuple(take for take in chosen if take in now.held_back)
    return tuple(take for take in chosen if take not in now.held_back or now.held_back[take].kind is not kind)


def _paused(command: str, now: Controls, run: str | None, *, new: bool) -> Paused:
    since, who = (now.paused.at, now.paused.who) if now.paused else (None, None)
    return {"schema": schema(command), "paused": now.paused is not None, "since": since, "who": who, "new": new, "run": run}
