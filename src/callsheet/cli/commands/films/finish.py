"""`callsheet finish`."""

from __future__ import annotations

from pathlib import Path

from callsheet.cli.options import HERE, Common, ListFile
from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.outcome_text import run_answer
from callsheet.cli.output.progress import event_line
from callsheet.domain.attempt import State
from callsheet.domain.run_request import RunRequest
from callsheet.domain.typed import typed
from callsheet.planning.plan import Action
from callsheet.report.documents import finish_document
from callsheet.runs.recut import recut


def finish(list: ListFile = None, /, *, common: Common = HERE) -> Answer:
    """Cut and stitch the clips received so far."""
    order = RunRequest(folder=common.project.folder, list=common.the_list(list), buy=False)
    outcome, prepared = recut(order, lambda told: say(event_line(told)))
    missing = any(take.action is Action.WAIT and take.attempt and take.attempt.state is State.RECEIVED for take in prepared.plan.takes)
    where = [] if common.project.folder == Path.cwd() else ["-C", common.project.folder]
    following = (typed("recover", *where),) if missing else ()  # fetches again clips whose files are missing
    return run_answer(finish_document(outcome, common.project), outcome, prepared, following)
