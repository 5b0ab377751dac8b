"""`callsheet recover`."""

from __future__ import annotations

from callsheet.cli.answer import Answer
from callsheet.cli.options import HERE, Common
from callsheet.cli.running import drive, ended, straight
from callsheet.engine.order import Order
from callsheet.engine.prepare import prepare
from callsheet.report.documents import outcome_document


def recover(*takes: str, common: Common = HERE) -> Answer:
    """Look after what is open: poll, fetch, settle; and show what stays in doubt."""
    project = common.project
    prepared = prepare(Order(folder=project.folder, buy=False, takes=takes))
    outcome = drive(prepared, straight(prepared))
    return ended(outcome_document("recover", outcome, project), outcome, prepared, ())
