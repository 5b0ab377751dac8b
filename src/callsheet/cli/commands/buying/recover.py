"""`callsheet recover`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.accounting.resolve_doubt import Word, record_word
from callsheet.cli.drive_run import drive, straight
from callsheet.cli.options import HERE, Common, Flag
from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.outcome_text import run_answer
from callsheet.domain.run_request import RunRequest
from callsheet.domain.selection import Candidate, Conditions, choose
from callsheet.planning.project_plan import prepare
from callsheet.report.documents import outcome_document


def recover(
    *takes: Annotated[str, Parameter(help="Takes to collect, such as S0010.t1. Default: all purchases that are still open.")],
    file: Annotated[
        Path | None,
        Parameter(
            help="The take's clip, if you downloaded it yourself. callsheet checks and stores the clip, and books the amount on hold as the clip's cost."
        ),
    ] = None,
    job: Annotated[
        str | None, Parameter(help="The take's job id, from the service's job list. callsheet polls the job and downloads its clip.")
    ] = None,
    write_off: Annotated[bool, Flag, Parameter(help="Give up the takes: callsheet counts their money in doubt as paid.")] = False,
    release: Annotated[
        bool, Flag, Parameter(help="Confirm that the service didn't charge for the takes: callsheet releases their money in doubt.")
    ] = False,
    common: Common = HERE,
) -> Answer:
    """Collect everything that is open: poll, fetch, settle; and show what is still in doubt."""
    project = common.project
    order = RunRequest(folder=project.folder, buy=False, takes=takes)
    prepared = prepare(order)
    known = [Candidate(take=take.take, sequence=take.sequence, model=take.model) for take in prepared.view.takes]
    takes = tuple(dict.fromkeys(one.word or one.take.full for one in choose(takes, Conditions(), known))) if takes else ()
    order = replace(order, takes=takes)
    prepared = replace(prepared, order=order)
    word = Word(file=file, job=job, write_off=write_off, release=release)
    if word.options:
        say(*record_word(prepared, takes, word))
        prepared = prepare(order)
    outcome = drive(prepared, straight(prepared))
    return run_answer(outcome_document("recover", outcome, project), outcome, prepared, ())
