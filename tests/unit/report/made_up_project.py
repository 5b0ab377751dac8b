"""A project's standing, made up: attempts in every state."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from callsheet.budget.rules.caps import CapState
from callsheet.budget.rules.purse import Money
from callsheet.buying.take_result import End, TakeResult
from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.cut import Delivery, Finished, PlacedShot
from callsheet.domain.finding import Finding, Severity
from callsheet.domain.money import Micros
from callsheet.domain.shots.shot import Size
from callsheet.domain.take import TakeId
from callsheet.runs.outcome import Outcome
from callsheet.status.project_view import TakeView, View

FOLDER = Path("/film")


def attempt(shot: str = "S0010", n: int = 1, *, state: State = State.RECEIVED, quote: Micros = 90_000, **facts: object) -> Attempt:
    """An attempt at take 1 of a shot, that cost its quote where it was received."""
    made = Attempt(
        id=str(n),
        project="p",
        run="r1",
        take=TakeId("spot", shot, 1),
        n=n,
        sequence="one",
        service="runware",
        model="runware/ltx-2",
        account="runware https://api.runware.ai/v1",
        author_print="a",
        request_print="b",
        ordinal=0,
        key=f"key-{shot}-{n}",
        quote=quote,
        price_ref="runware/ltx-2@2026-03-05",
        request=b"[]",
        made_at="2026-11-21T23:30:00.000Z",
        state=state,
        intent_at="2026-11-21T23:30:01.000Z",
        accepted_at="2026-11-21T23:30:02.000Z",
        ended_at="2026-11-21T23:30:40.000Z",
        settled=quote if state is State.RECEIVED else 0,
        sha256="ab" * 32 if state is State.RECEIVED else None,
        size=4096 if state is State.RECEIVED else None,
        told={"seed": 9007199254740993},
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def take(*tried: Attempt, sequence: str = "one", **facts: object) -> TakeView:
    """The take of some attempts, in the state of its last one."""
    chosen = next((one for one in reversed(tried) if one.state is State.RECEIVED), None)
    made = TakeView(
        take=tried[0].take,
        sequence=sequence,
        service="runware",
        model=tried[0].model,
        state=(chosen or tried[-1]).state.value,
        attempts=tried,
        chosen=chosen,
        file=FOLDER / ".callsheet" / "clips" / "ab.mp4" if chosen else None,
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def failed(shot: str, cause: Cause, message: str, n: int = 1) -> Attempt:
    """An attempt that was closed without a clip."""
    return attempt(shot, n, state=State.CLOSED, reason=Reason.FAILED, cause=cause, message=message)


def doubtful(shot: str = "S0030") -> Attempt:
    """An attempt that may have been charged."""
    return attempt(shot, state=State.IN_DOUBT, doubt=120_000, ended_at=None)


def view(*takes: TakeView) -> View:
    """A view whose money is the takes' sum, under a cap of 2 USD."""
    settled, held = sum(one.settled for one in takes), sum(attempt.held for one in takes for attempt in one.attempts)
    doubt = sum(attempt.doubt for one in takes for attempt in one.attempts)
    cap = CapState(scope="project", name="", amount=2_000_000, used=settled + held + doubt)
    money = Money(cap=cap.amount, settled=settled, held=held, in_doubt=doubt, headroom=cap.headroom)
    return View(money=money, caps=(cap,), takes=takes, rehearsal=False)


def film(*, missing: tuple[str, ...] = ()) -> Finished:
    """A finished sequence at 23.976 frames per second."""
    delivery = Delivery(name="web", size=Size(1280, 720), fps=Fraction(24000, 1001))
    shots = (
        PlacedShot(shot="S0010", take=TakeId("spot", "S0010", 1), record_in=0, frames=48, padded_frames=0, stale=False),
        PlacedShot(shot="S0020", take=None, record_in=48, frames=24, padded_frames=2, stale=True),
    )
    finding = Finding(code="padded", severity=Severity.WARN, message="S0020: the clip is 2 frames short")
    return Finished(
        sequence="one",
        delivery=delivery,
        version=3,
        file=FOLDER / "out" / "one_web_v003.mp4",
        sha256="cd" * 32,
        frames=72,
        loudness_lufs=-14.02,
        true_peak_dbtp=-1.4,
        complete=not missing,
        missing=missing,
        removed=(),
        shots=shots,
        findings=(finding,),
    )


def outcome(seen: View, *results: TakeResult, films: tuple[Finished, ...] = (), **facts: object) -> Outcome:
    """A run's end over a view."""
    made = Outcome(money=seen.money, caps=seen.caps, takes=results, sequences=films)
    return replace(made, **facts)  # type: ignore[arg-type]


def result(shot: str, end: End, message: str = "") -> TakeResult:
    """One take's end."""
    return TakeResult(take=TakeId("spot", shot, 1), end=end, message=message)
