"""`callsheet finish`."""

from __future__ import annotations

from callsheet.cli.options import HERE, Common, ListFile
from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.outcome_text import run_answer
from callsheet.cli.output.progress import event_line
from callsheet.domain.run_request import RunRequest
from callsheet.report.documents import finish_document
from callsheet.runs.recut import recut


def finish(list: ListFile = None, /, *, common: Common = HERE) -> Answer:
    """Cut and stitch the clips received so far."""
    order = RunRequest(folder=common.project.folder, list=common.the_list(list), buy=False)
    outcome, prepared = recut(order, lambda told: say(event_line(told)))
    return run_answer(finish_document(outcome, common.project), outcome, prepared, ())
