"""Bids, caps and holds for tests of the ledger itself."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.budget.ledger import limits, write
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import Limit, Names
from callsheet.domain.attempt import Attempt, Kind
from callsheet.domain.take import TakeId

AT = "2026-11-21T09:00:00.000Z"


def bid(
    shot: str = "S1",
    take: int = 1,
    quote: int = 400_000,
    *,
    project: str = "p",
    list: str = "spot",
    day: str = "2026-11-21",
    model: str = "runware/ltx-2",
    rehearsal: bool = False,
) -> write.Bid:
    """What a take of a list would be held for, micro-USD."""
    return write.Bid(
        project=project,
        take=TakeId(list, shot, take),
        names=Names(run="r1", list=list, shot=shot, sequence="q", day=day, service="runware", model=model),
        account="runware https://api.example/v1",
        credential="c0ffee",
        rehearsal=rehearsal,
        author_print="a",
        request_print=f"r-{shot}",
        ordinal=0,
        quote=quote,
        price_ref="runware/ltx-2@2026-01-05",
    )


def cap(
    ledger: Ledger, amount: int, *, scope: str = "project", name: str = "", source: str = "command", project: str = "p"
) -> list[limits.Change]:
    """Put a limit in force, as a run does when it begins."""
    origin = "--cap" if source == "command" else "project.toml [[cap]] number 1"
    return write.limit(ledger, project, Limit(scope=scope, name=name, amount=amount, source=source, origin=origin), at=AT)


def hold(ledger: Ledger, made: write.Bid, wanted: Sequence[Limit] = ()) -> Attempt:
    """Ask for a hold."""
    return write.hold(ledger, made, lambda key: f"[{key}]".encode(), wanted, at=AT)


def accepted(ledger: Ledger, attempt: Attempt) -> Attempt:
    """The attempt, taken by its service."""
    attempt = write.move(ledger, attempt, Kind.INTENT, at=AT)
    return write.move(ledger, attempt, Kind.ACCEPTED, {"job": "j"}, at=AT)


def billed(ledger: Ledger, attempt: Attempt, cost: int | None) -> Attempt:
    """The attempt, billed."""
    return write.move(ledger, accepted(ledger, attempt), Kind.READY, {"url": "u"}, at=AT, cost=cost)
