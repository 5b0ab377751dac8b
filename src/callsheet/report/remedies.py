"""Failures grouped by cause, with one remedy each. Shown at the end of commands and on the page."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.take import TakeId
from callsheet.domain.typed import typed
from callsheet.services.registry import WIRES
from callsheet.status.project_view import TakeView

#: the cause and the remedy; `{render}` is the command that renders the list again
REMEDIES: dict[Cause, tuple[str, str]] = {
    Cause.RETRY: ("the service failed", "{render} tries again"),
    Cause.FIX_SHOT: ("the service refused the request", "change the row as the message says, then {render}"),
    Cause.CONTENT: ("the service refused the content", "change the prompt, then {render}"),
    Cause.STOP_LANE: ("the account's key, balance or permission", "correct the account, then {render}"),
    Cause.UNAVAILABLE: ("the model is no longer available", "name another model in the row, then {render}"),
    Cause.UNKNOWN: ("an unknown failure", "read the message; {render} tries again"),
}
_BY_REASON: dict[Reason | None, tuple[str, str]] = {
    Reason.DEFECTIVE: (
        "the service's file is not a valid film",
        "the files are kept as evidence for the service; {render} tries again if the rules allow it",
    ),
    Reason.EXPIRED: ("the clip is no longer available", "{render} buys another"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Takes that failed for one cause: the cause, its remedy, the takes, and the message for each."""

    cause: str
    remedy: str
    takes: tuple[TakeId, ...]
    messages: tuple[str, ...]


def failures(takes: Iterable[TakeView], file: str = "LIST", also: Collection[TakeId] = (), *, final: bool = False) -> tuple[Failure, ...]:
    """The takes without a clip, or with one that is stale or that a run wanted to replace (`also`), whose last attempt failed, by cause;
    the cause with the most takes first. `file` is the list to render again, `final` whether in full quality.
    """
    render = f"`{typed('render', file, '--final') if final else typed('render', file)}`"
    found: dict[tuple[str, str], list[tuple[TakeId, str]]] = {}
    for take in takes:
        last = take.attempts[-1] if take.attempts else None
        if (
            last is not None
            and last.state is State.CLOSED
            and (take.state == State.CLOSED.value or take.stale or take.take in also)
            and last.reason not in (Reason.CANCELLED, Reason.RELEASED_UNSENT, Reason.WRITTEN_OFF)
        ):
            cause = _BY_REASON.get(last.reason) or REMEDIES[last.cause or Cause.UNKNOWN]
            found.setdefault(cause, []).append((take.take, last.message or "no reason given"))
    made = (
        Failure(cause, remedy.format(render=render), tuple(take for take, _ in told), tuple(dict.fromkeys(message for _, message in told)))
        for (cause, remedy), told in found.items()
    )
    return tuple(sorted(made, key=lambda failure: (-len(failure.takes), failure.cause)))


def doubts(takes: Iterable[TakeView]) -> tuple[tuple[TakeView, Attempt], ...]:
    """The attempts that may have been charged, with their takes."""
    return tuple((take, attempt) for take in takes for attempt in take.attempts if attempt.state is State.IN_DOUBT)


def remedy(take: TakeView, attempt: Attempt) -> str:
    """How to resolve a doubt: by asking the service if it knows our key, otherwise by a person."""
    if attempt.service in WIRES and WIRES[attempt.service].recovery != "keyed":
        ways = f"`{typed('recover', take.take)} --job ID`, `--file CLIP`, `--write-off` or `--release`"
        return f"look for it in {attempt.service}'s list of jobs, then {ways}"
    return f"`{typed('recover', take.take)}` asks the service again, at no cost"
