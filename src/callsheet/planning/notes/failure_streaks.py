"""Clips of a lane that fail their checks one after the other and that nobody has decided on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import Problem
from callsheet.domain.mark import Marks

#: the code of a lane that stopped because clip after clip failed its checks
FINDINGS = "findings"


#: the code of a lane that stopped because it was paid without delivering a clip, and of an implausible cost
PAID_FOR_NOTHING = "paid_for_nothing"
IMPLAUSIBLE = "implausible"

#: charges without a clip, in one run, after which a lane stops
PAID_FAILURES = 2
#: failing clips in a row after which a lane stops
IN_A_ROW = 3


#: an account and a model
Lane = tuple[str, str]


def streaks(attempts: Iterable[Attempt], marks: Marks) -> dict[Lane, list[Attempt]]:
    """By lane, the newest received attempts in a row that fail their checks and that nobody has decided on, oldest first."""
    found: dict[Lane, list[Attempt]] = {}
    over = set[Lane]()
    for attempt in sorted((a for a in attempts if a.state is State.RECEIVED), key=lambda a: -int(a.id)):
        lane = (attempt.account, attempt.model)
        decided = marks.rejected(attempt) or attempt.id in marks.picks.values() or marks.retaken(attempt, attempt.take)
        if not attempt.failing or decided:
            over.add(lane)
        if lane not in over:
            found.setdefault(lane, []).insert(0, attempt)
    return found


def notes(attempts: Iterable[Attempt], marks: Marks) -> Iterator[str]:
    """Notes on lanes that wait for a person."""
    for (_, model), row in streaks(attempts, marks).items():
        if len(row) >= IN_A_ROW:
            yield findings_problem(model, [str(a.take) for a in row]).message


def paid_failures_problem(model: str, takes: Sequence[str]) -> Problem:
    """The problem when a lane stops because of charges without a clip."""
    return Problem(
        code=PAID_FOR_NOTHING,
        message=f"{len(takes)} attempts at {model} were charged without delivering a clip ({', '.join(takes)}); nothing more is sent to it in this run",
        help="`callsheet status` shows why each was closed; ask the service for a refund, then render again",
    )


def findings_problem(model: str, takes: Sequence[str]) -> Problem:
    """The problem when a lane stops because of failing clips."""
    last = ", ".join(takes[-IN_A_ROW:])
    return Problem(
        code=FINDINGS,
        message=f"{len(takes)} clips in a row from {model} fail their checks ({last}); nothing more is sent to it",
        help="check them (`callsheet status`), pick, reject or retake them, and render again",
    )
