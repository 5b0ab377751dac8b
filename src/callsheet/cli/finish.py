"""`callsheet finish`."""

from __future__ import annotations

from callsheet.cli.answer import Answer, say
from callsheet.cli.ending import ended
from callsheet.cli.options import HERE, Common, ListFile
from callsheet.cli.progress import event_line
from callsheet.engine.order import Order
from callsheet.engine.recut import recut
from callsheet.report.documents import finish_document


def finish(list: ListFile, /, *, common: Common = HERE) -> Answer:
    """Cut and stitch what is there."""
    order = Order(folder=common.project.folder, list=list, buy=False)
    outcome, prepared = recut(order, lambda told: say(event_line(told)))
    return ended(finish_document(outcome, common.project), outcome, prepared, ())
