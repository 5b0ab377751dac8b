"""What is known never to have left is never a doubt, whatever failed between the right to send and the sending."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from callsheet.budget.ledger import pen, read
from callsheet.budget.ledger.store import Ledger, open_ledger
from callsheet.buying.lanes.channels import Channels
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import Exit, LedgerError, ServiceError
from callsheet.store.project_folder import Project
from tests.project_stage import LIST, Stage
from tests.scripted_runware import Shop


def attempts(stage: Stage) -> list[Attempt]:
    ledger = open_ledger(Project(stage.folder).ledger_file)
    try:
        return read.attempts(ledger, Project(stage.folder).identity)
    finally:
        ledger.close()


async def test_a_key_that_can_not_be_read_any_more_is_no_doubt(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring that is locked after the intent was written: the run ends, and the money is free again."""

    async def locked(*_args: object) -> object:
        raise ServiceError("RUNWARE_API_KEY is not set", help="export it")

    monkeypatch.setattr(Channels, "buy", locked)
    outcome = await stage.render()
    [attempt] = attempts(stage)
    assert (outcome.exit, outcome.money.held, outcome.money.in_doubt, shop.bodies) == (Exit.SETUP, 0, 0, [])
    assert (attempt.state, attempt.reason) == (State.CLOSED, Reason.CANCELLED)
    assert [problem.message for problem in outcome.problems] == ["RUNWARE_API_KEY is not set"]


async def test_an_intent_whose_commit_was_lost_is_no_doubt(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection to the ledger is lost within the commit: the intent stands there, nobody was told so, and nothing was sent."""
    written = pen.written

    def cut_off(ledger: Ledger, lines: Sequence[pen.Line[Any]]) -> list[pen.Result]:
        results = written(ledger, lines)
        spends = [line.kind is Kind.INTENT for line in lines]
        return [(None, LedgerError("the connection was lost")) if spent else one for spent, one in zip(spends, results, strict=True)]

    monkeypatch.setattr(pen, "written", cut_off)
    outcome = await stage.render()
    [attempt] = attempts(stage)
    assert (outcome.exit, outcome.money.held, outcome.money.in_doubt, shop.bodies) == (Exit.SETUP, 0, 0, [])
    assert (attempt.state, attempt.reason, attempt.intent_at is not None) == (State.CLOSED, Reason.CANCELLED, True)


async def test_a_ledger_that_writes_no_hold_is_told(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, with what to do, whichever takes it stops: a disk that fails for a moment looks like a plan that was not carried out."""
    stage.write(LIST + "".join(f"S{n},a boat {n},runware/ltx-2,3,320x192,24\n" for n in range(2, 5)))
    written, holds = pen.written, 0

    def failing(ledger: Ledger, lines: Sequence[pen.Line[Any]]) -> list[pen.Result]:
        nonlocal holds
        if lines[0].kind is Kind.HOLD:
            holds += len(lines)
            if holds > 1:
                return [(None, LedgerError("the ledger can't be used: disk I/O error", help="free disk space")) for _ in lines]
        return written(ledger, lines)

    monkeypatch.setattr(pen, "written", failing)
    outcome = await stage.render()
    assert (outcome.exit, outcome.counts.bought, outcome.counts.not_bought, len(shop.bill)) == (Exit.SETUP, 1, 3, 1)
    assert [(problem.message, problem.help) for problem in outcome.problems] == [
        ("the ledger can't be used: disk I/O error", "free disk space")
    ]
    assert outcome.money.held == 0
