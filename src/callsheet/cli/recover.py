"""`callsheet recover`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from callsheet.cli.answer import Answer
from callsheet.cli.options import HERE, Common
from callsheet.cli.running import drive, ended, straight
from callsheet.domain.errors import UsageError
from callsheet.domain.take import TakeId, TakeName
from callsheet.engine.order import Order
from callsheet.engine.prepare import prepare
from callsheet.report.documents import outcome_document


def recover(*takes: str, common: Common = HERE) -> Answer:
    """Look after what is open: poll, fetch, settle; and show what stays in doubt."""
    project = common.project
    prepared = prepare(Order(folder=project.folder, buy=False, takes=takes))
    meant([take.take for take in prepared.view.takes], takes)
    outcome = drive(prepared, straight(prepared))
    return ended(outcome_document("recover", outcome, project), outcome, prepared, ())


def meant(known: Sequence[TakeId], names: Iterable[str]) -> None:
    """UsageError where a name is none, means no take, or means takes of two lists."""
    for name in names:
        try:
            parsed = TakeName.parse(name)
        except ValueError as error:
            raise UsageError(str(error), help="write S0010.t2, or LIST:S0010.t2") from None
        lists = {take.list for take in known if parsed.matches(take)}
        if not lists:
            raise UsageError(f"nothing was bought as {name}", help="`callsheet status` shows every take")
        if len(lists) > 1:
            raise UsageError(f"{name} stands in {' and '.join(sorted(lists))}", help=f"write {min(lists)}:{name}")
