"""`callsheet attach`."""

from __future__ import annotations

from callsheet.cli.following import until_it_ends
from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents import Attach
from callsheet.cli.output.keys import KeyAction
from callsheet.cli.output.outcome_text import money_line
from callsheet.cli.output.progress import show_progress
from callsheet.cli.output.tally import Due
from callsheet.cli.pausing import toggle_pause
from callsheet.cli.project_state import ProjectState, all_takes
from callsheet.clock import Clock
from callsheet.domain.attempt import State
from callsheet.domain.run_control import changes as changed_controls
from callsheet.domain.run_request import RunEvent
from callsheet.domain.typed import typed
from callsheet.planning.plan import Action
from callsheet.report.documents import money
from callsheet.status.project_view import View, read_view
from callsheet.status.run_controls import controls
from callsheet.status.run_mark import running
from callsheet.status.take_changes import changes, seen


def attach(common: Common = HERE) -> Answer:
    """Show a run of another process, event by event, until it ends."""
    project, settings = common.project, common.settings
    run = running(project)
    if run is None:
        view = read_view(project, settings)
        lines = ["no run is under way in this project", money_line(view.money), f"next: {typed('status')}"]
        return Answer(document=_document(None, view, ended=True), lines=lines)
    settled = [take for take in read_view(project, settings).takes if not (take.attempts and take.attempts[-1].state.live)]
    before, then = seen(settled), controls(project)  # what is under way now is told first
    pause = KeyAction("p", "pause or resume", lambda: toggle_pause(project))
    with show_progress(_due(all_takes(common), run), lambda: read_view(project, settings).money, (pause,)) as tell:
        if then.paused:
            tell(RunEvent(kind="pause", text=f"paused by {then.paused.who}; `{typed('resume')}` goes on", at=Clock().text()))

        def look() -> None:
            nonlocal before, then
            takes, now, at = read_view(project, settings).takes, controls(project), Clock().text()
            for kind, words in changed_controls(then, now):
                tell(RunEvent(kind=kind, text=words, at=at))
            for event in changes(before, takes, at):
                tell(event)
            before, then = seen(takes), now

        ended = until_it_ends(project, look)
    view = read_view(project, settings)
    how = "the run has ended" if ended else f"the run continues; {typed('attach')} follows it again"
    lines = [how, money_line(view.money), f"next: {typed('status')}"]
    return Answer(document=_document(run, view, ended=ended), lines=lines)


def _due(state: ProjectState, run: str) -> Due:
    """What the run has to do: what it has ended already, and what is left of its lists."""
    mine = {take.take.list for take in state.view.takes if any(attempt.run == run for attempt in take.attempts)}
    left = [take for one in state.lists if one.plan.list in mine for take in one.plan.takes if take.action in (Action.BUY, Action.WAIT)]
    done = [take for take in state.view.takes if any(attempt.run == run and not attempt.state.live for attempt in take.attempts)]
    models = {take.take: take.model for take in (*done, *left)}
    ended = {take.take: "received" if take.state == State.RECEIVED.value else "failed" for take in done}
    return Due(len(models), models, ended=ended)


def _document(run: str | None, view: View, *, ended: bool) -> Attach:
    return {"schema": schema("attach"), "run": run, "ended": ended, "money": money(view.money)}
