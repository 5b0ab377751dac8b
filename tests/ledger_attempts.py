"""Attempts in any state, brought there by the ledger's own writer, without a network."""

from __future__ import annotations

import json

from callsheet.budget.ledger import write
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import Limit, Names
from callsheet.domain.attempt import Attempt, Kind, Reason
from callsheet.domain.money import Micros
from callsheet.domain.take import TakeId

AT = "2026-11-21T09:00:00.000Z"
ACCOUNT = "runware https://api.example/v1"
MODEL = "runware/ltx-2"


class Book:
    """A project's book, written move by move."""

    def __init__(self, ledger: Ledger, project: str = "p", list: str = "spot") -> None:
        self.ledger, self.project, self.list = ledger, project, list
        write.limit(ledger, project, Limit(scope="project", name="", amount=10**12, source="command", origin="--cap"), at=AT)

    def held(self, shot: str, *, take: int = 1, quote: Micros = 90_000, seconds: int = 3, account: str = ACCOUNT, at: str = AT) -> Attempt:
        """A hold for a clip of 320x192 at 24 fps."""
        names = Names(run="r1", list=self.list, shot=shot, sequence="one", day=at[:10], service="runware", model=MODEL)
        bid = write.Bid(
            project=self.project,
            take=TakeId(self.list, shot, take),
            names=names,
            account=account,
            credential="c0ffee",
            rehearsal=False,
            author_print=f"a-{shot}",
            request_print=f"r-{shot}",
            ordinal=0,
            quote=quote,
            price_ref=f"{MODEL}@2026-01-05",
        )
        return write.hold(self.ledger, bid, lambda key: _body(key, seconds), [], at=at)

    def doubtful(self, shot: str, *, at: str = AT, there: str | None = None, **how: object) -> Attempt:
        """One that may have been charged; it was sent at the time `there` by the service's own clock, if that was known."""
        attempt = write.move(self.ledger, self.held(shot, at=at, **how), Kind.INTENT, {"there": there} if there else {}, at=at)  # type: ignore[arg-type]
        return write.move(self.ledger, attempt, Kind.LOST, {"why": "no answer"}, at=at)

    def submitted(self, shot: str, **how: object) -> Attempt:
        """One that the service works on."""
        attempt = write.move(self.ledger, self.held(shot, **how), Kind.INTENT, at=AT)  # type: ignore[arg-type]
        return write.move(self.ledger, attempt, Kind.ACCEPTED, {"job": attempt.key}, at=AT)

    def received(self, shot: str, cost: Micros | None = None, **how: object) -> Attempt:
        """One with its clip, charged `cost` (its quote where none is given)."""
        attempt = self.submitted(shot, **how)
        attempt = write.move(self.ledger, attempt, Kind.READY, {"url": "u"}, at=AT, cost=attempt.quote if cost is None else cost)
        return write.move(self.ledger, attempt, Kind.RECEIVED, {"sha256": attempt.key, "size": 1}, at=AT)

    def failed(self, shot: str, cost: Micros = 0, **how: object) -> Attempt:
        """One without a clip."""
        return write.move(
            self.ledger, self.submitted(shot, **how), Kind.CLOSED, {"message": "it fell over"}, at=AT, cost=cost, reason=Reason.FAILED
        )


def _body(key: str, seconds: int) -> bytes:
    task = {
        "taskType": "videoInference",
        "taskUUID": key,
        "model": "lightricks:ltx@2",
        "width": 320,
        "height": 192,
        "fps": 24,
        "duration": seconds,
    }
    return json.dumps([task]).encode()
