"""What happened to takes between two reads of the ledger, as a run reports it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from callsheet.domain.attempt import Attempt, Reason, State
from callsheet.domain.money import text
from callsheet.domain.run_request import RunEvent
from callsheet.domain.take import TakeId
from callsheet.status.project_view import TakeView

_WILLED = (Reason.CANCELLED, Reason.RELEASED_UNSENT, Reason.WRITTEN_OFF)

#: the newest attempt of each take and its state
Seen = Mapping[TakeId, tuple[str, State]]


def seen(takes: Iterable[TakeView]) -> Seen:
    """The state of each take."""
    return {take.take: (take.attempts[-1].name, take.attempts[-1].state) for take in takes if take.attempts}


def changes(before: Seen, takes: Iterable[TakeView], at: str) -> Iterator[RunEvent]:
    """An event for each take whose newest attempt is new or has changed; `at` is when it was seen."""
    for take in takes:
        last = take.attempts[-1] if take.attempts else None
        if last is not None and before.get(take.take) != (last.name, last.state):
            yield RunEvent(kind=_kind(last), text=_words(last), take=take.take, at=at)


def _kind(last: Attempt) -> str:
    if last.state is not State.CLOSED:
        return last.state.value
    return "released" if last.reason in _WILLED else "failed"


def _words(last: Attempt) -> str:
    job = f", job {last.job}" if last.job else ""
    match last.state:
        case State.RECEIVED | State.READY:
            return f"{last.model}: {text(last.settled)} USD spent"
        case State.CLOSED:
            return last.message or str(last.reason or "")
        case _:
            return f"{last.model}: {text(last.held + last.doubt)} USD on hold{job}"
