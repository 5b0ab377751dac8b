"""`callsheet recover`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.accounting.resolve_doubt import Word, say_of
from callsheet.cli.drive_run import drive, straight
from callsheet.cli.options import HERE, Common, Flag
from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.outcome_text import run_answer
from callsheet.domain.errors import UsageError
from callsheet.domain.run_request import RunRequest
from callsheet.domain.take import TakeId, TakeName
from callsheet.planning.project_plan import prepare
from callsheet.report.documents import outcome_document


def recover(
    *takes: str,
    file: Annotated[Path | None, Parameter(help="The take's clip, downloaded by hand: it is checked, kept and booked.")] = None,
    job: Annotated[str | None, Parameter(help="The take's job, from the service's own pages: it is polled and fetched.")] = None,
    write_off: Annotated[bool, Flag, Parameter(help="Give the takes up: what is in doubt is counted as paid.")] = False,
    release: Annotated[
        bool, Flag, Parameter(help="You have seen that the service did not charge: what is in doubt is given back.")
    ] = False,
    common: Common = HERE,
) -> Answer:
    """Look after what is open: poll, fetch, settle; and show what stays in doubt."""
    project = common.project
    order = RunRequest(folder=project.folder, buy=False, takes=takes)
    prepared = prepare(order)
    check_names([take.take for take in prepared.view.takes], takes)
    word = Word(file=file, job=job, write_off=write_off, release=release)
    if word.options:
        say(*say_of(prepared, takes, word))
        prepared = prepare(order)
    outcome = drive(prepared, straight(prepared))
    return run_answer(outcome_document("recover", outcome, project), outcome, prepared, ())


def check_names(known: Sequence[TakeId], names: Iterable[str]) -> None:
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
