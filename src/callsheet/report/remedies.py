"""What failed, grouped by cause, and the one thing to do about each. Shown by the command's ending and by the page."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.take import TakeId
from callsheet.domain.typed import typed
from callsheet.services.registry import WIRES
from callsheet.status.project_view import TakeView

#: what went wrong, and what to do about it; `{render}` is the command that renders the list again
REMEDIES: dict[Cause, tuple[str, str]] = {
    Cause.RETRY: ("the service's own trouble", "{render} tries these once more"),
    Cause.FIX_SHOT: ("the service refuses the request", "change the row as the message says, then {render}"),
    Cause.CONTENT: ("the service refuses the content", "change the prompt, then {render}"),
    Cause.STOP_LANE: ("the account: key, balance or permission", "put the account in order, then {render}"),
    Cause.UNAVAILABLE: ("the model is no longer available", "name another model in the row, then {render}"),
    Cause.UNKNOWN: ("a failure that callsheet doesn't know", "read the message; {render} tries again"),
}
_BY_REASON: dict[Reason | None, tuple[str, str]] = {
    Reason.DEFECTIVE: (
        "the service's file is not a film",
        "the files are kept for a complaint to the service; {render} tries again where the rules allow it",
    ),
    Reason.EXPIRED: ("the clip is no longer available", "{render} buys another"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Takes that failed for one cause: what it is, one remedy, the takes, and what was said of each."""

    cause: str
    remedy: str
    takes: tuple[TakeId, ...]
    messages: tuple[str, ...]


def failures(takes: Iterable[TakeView], file: str = "LIST", also: Collection[TakeId] = ()) -> tuple[Failure, ...]:
    """The takes without a clip, or with one that is stale or that a run wanted to replace (`also`), whose last attempt was closed against the author's will: by
    cause, most takes first. `file` is the list that is rendered again."""
    render = f"`{typed('render', file)}`"
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
            found.setdefault(cause, []).append((take.take, last.message or "no reason was given"))
    made = (
        Failure(cause, remedy.format(render=render), tuple(take for take, _ in told), tuple(dict.fromkeys(message for _, message in told)))
        for (cause, remedy), told in found.items()
    )
    return tuple(sorted(made, key=lambda failure: (-len(failure.takes), failure.cause)))


def doubts(takes: Iterable[TakeView]) -> tuple[tuple[TakeView, Attempt], ...]:
    """The attempts that may have been charged, with their takes."""
    return tuple((take, attempt) for take in takes for attempt in take.attempts if attempt.state is State.IN_DOUBT)


def remedy(take: TakeView, attempt: Attempt) -> str:
    """What resolves a doubt: the service's answer if it can be asked by our key, otherwise a person's."""
    if attempt.service in WIRES and WIRES[attempt.service].recovery != "keyed":
        ways = f"`{typed('recover', take.take)} --job ID`, `--file CLIP`, `--write-off` or `--release`"
        return f"look for it among the jobs that {attempt.service} shows you, then {ways}"
    return f"`{typed('recover', take.take)}` asks the service again, at no cost"
