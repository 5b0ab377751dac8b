"""One take from end to end: hold, drive, and the decision whether another attempt is made."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.buying.attempt_machine import advance
from callsheet.buying.context import Tools
from callsheet.buying.receive import receive
from callsheet.buying.take_result import End, TakeResult
from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.errors import CallsheetError, ServiceError
from callsheet.qc.clip import Asked

_NOT_AGAIN = frozenset({Cause.CONTENT, Cause.FIX_SHOT, Cause.STOP_LANE, Cause.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from an attempt that is over, or that can't go on now."""

    again: bool
    end: End
    message: str


def decide(attempt: Attempt, *, tried: int, per_run: int, buy: bool) -> Decision:
    """Whether to try once more. `tried` attempts were made in this run. At most one may ever be billed without a clip."""
    match attempt.state:
        case State.RECEIVED:
            return Decision(again=False, end=End.RECEIVED, message="")
        case State.IN_DOUBT:
            return Decision(again=False, end=End.IN_DOUBT, message="perhaps paid: `callsheet recover` looks again")
        case State.CLOSED:
            return _after_close(attempt, tried=tried, per_run=per_run, buy=buy)
        case State.HELD:
            return Decision(again=False, end=End.NOT_BOUGHT, message="not sent")
        case _:
            return Decision(again=False, end=End.WAITING, message="still under way: the next run goes on with it")


def _after_close(attempt: Attempt, *, tried: int, per_run: int, buy: bool) -> Decision:
    said = attempt.message or (attempt.reason.value if attempt.reason else "closed")
    if attempt.reason is Reason.CANCELLED:
        return Decision(again=buy, end=End.NOT_BOUGHT, message="not sent")
    if attempt.cause is Cause.CONTENT:
        return Decision(again=False, end=End.REFUSED, message=said)
    if attempt.billed:
        return Decision(again=False, end=End.FAILED, message=f"{said} (billed without a clip)")
    if not buy or tried >= per_run or attempt.cause in _NOT_AGAIN:
        return Decision(again=False, end=End.FAILED, message=said)
    return Decision(again=True, end=End.FAILED, message=said)


async def drive(tools: Tools, attempt: Attempt, asked: Asked | None) -> Attempt:
    """One attempt to its end, or as far as it gets now, in its kind's turn."""
    async with tools.rails.turn(attempt) as may:
        if may:
            attempt = await advance(tools, attempt)
            attempt = await receive(tools, attempt, asked) if attempt.state is State.READY else attempt
            tools.rails.judge(attempt)
    return attempt


def unpriced(model: str) -> CallsheetError:
    """Why what was gone on with, and failed, is not bought again now: nothing was to be bought, so its price was not asked for."""
    return ServiceError(
        f"{model} has no list price, and what another attempt costs was not asked", help="run `callsheet render` again: it asks first"
    )


def result(attempt: Attempt, decision: Decision) -> TakeResult:
    """The take's end as a value."""
    return TakeResult(take=attempt.take, end=decision.end, message=decision.message, cost=attempt.settled, attempt=attempt)
