"""`callsheet attach`."""

from __future__ import annotations

from callsheet.cli.following import until_it_ends
from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents import Attach
from callsheet.cli.output.outcome_text import money_line
from callsheet.cli.output.progress import show_progress
from callsheet.cli.project_state import all_takes
from callsheet.clock import Clock
from callsheet.domain.typed import typed
from callsheet.planning.plan import Action
from callsheet.report.documents import money
from callsheet.status.project_view import View, read_view
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
    state = all_takes(common)
    mine = {take.take.list for take in state.view.takes if any(attempt.run == run for attempt in take.attempts)}
    planned = [take for one in state.lists if one.plan.list in mine for take in one.plan.takes]
    done = sum(any(attempt.run == run and not attempt.state.live for attempt in take.attempts) for take in state.view.takes)
    due = done + sum(take.action in (Action.BUY, Action.WAIT) for take in planned)
    before = seen(read_view(project, settings).takes)
    with show_progress(due, lambda: read_view(project, settings).money) as tell:

        def look() -> None:
            nonlocal before
            takes = read_view(project, settings).takes
            for event in changes(before, takes, Clock().text()):
                tell(event)
            before = seen(takes)

        ended = until_it_ends(project, look)
    view = read_view(project, settings)
    how = "the run has ended" if ended else f"the run continues; {typed('attach')} follows it again"
    lines = [how, money_line(view.money), f"next: {typed('status')}"]
    return Answer(document=_document(run, view, ended=ended), lines=lines)


def _document(run: str | None, view: View, *, ended: bool) -> Attach:
    return {"schema": schema("attach"), "run": run, "ended": ended, "money": money(view.money)}
